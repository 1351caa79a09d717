"""Items of the CRM, their import and the history of their stages."""

from __future__ import annotations

import base64
from typing import Any

from tests.sandbox.conftest import SPA, Box
from tests.sandbox.examples import Params, example
from tests.sandbox.examples.crm_settings import a_type

CONTENT = base64.b64encode("Скан".encode()).decode()
PHONE = {"typeId": "PHONE", "valueType": "WORK", "value": "+7 495 000-00-01"}
EMAIL = {"typeId": "EMAIL", "valueType": "WORK", "value": "kontora@example.ru"}


def an_item(box: Box, entity_type_id: int, **fields: Any) -> dict[str, Any]:
    """An item of any entity."""
    given = {"entityTypeId": entity_type_id, "fields": fields}
    made: dict[str, Any] = box.ok("crm.item.add", given)["item"]
    return made


@example("crm.item.add")
def _(box: Box) -> Params:
    company, contact = an_item(box, 4, title="Контора"), an_item(box, 3, name="Пётр")
    fields = {
        "title": "Поставка бумаги",
        "companyId": company["id"],
        "contactIds": [contact["id"]],
        "observers": [2, 3],
        "opportunity": 999.99,
        "isManualOpportunity": "Y",
        "taxValue": 0,
        "probability": 50,
        "comments": "По договору",
        "leadId": an_item(box, 1, title="Обращение")["id"],
        "quoteId": 7,
        "additionalInfo": "Срочно",
        "sourceDescription": "Письмо",
        "utmSource": "mail",
        "utmMedium": "CPC",
    }
    return {"entityTypeId": 2, "fields": fields}


@example("crm.item.update")
def _(box: Box) -> Params:
    deal = an_item(box, 2, title="Поставка бумаги", opportunity=10, probability=1, taxValue=0,
                   leadId=1, quoteId=7, additionalInfo="Срочно", comments="-", utmSource="mail",
                   sourceDescription="Письмо")  # fmt: skip
    return {"entityTypeId": 2, "id": deal["id"], "fields": {"title": "Поставка картона"}}


@example("crm.item.get")
def _(box: Box) -> Params:
    lead = an_item(box, 1, name="Пётр", lastName="Ивин", secondName="Ильич", post="Бухгалтер",
                   companyTitle="Контора", birthdate="1990-01-01", honorific="HNR_RU_1",
                   comments="Просит счёт", sourceDescription="Выставка", opportunity=5.5, webformId=0,
                   fm=[PHONE, EMAIL])  # fmt: skip
    return {"entityTypeId": 1, "id": lead["id"]}


@example("crm.item.delete")
def _(box: Box) -> Params:
    return {"entityTypeId": 4, "id": an_item(box, 4, title="Контора")["id"]}


@example("crm.item.list")
def _(box: Box) -> Params:
    an_item(box, 1, name="Пётр", opportunity=19000)
    an_item(box, 1, name="Илья", lastName="Ивин", opportunity=12000)
    select = ["id", "title", "name", "lastName", "stageId", "sourceId", "assignedById", "opportunity",
              "isManualOpportunity"]  # fmt: skip
    conditions = {"0": {"logic": "OR", "0": {"!=name": ""}, "1": {"!=lastName": ""}}, "@stageId": ["NEW"],
                  ">opportunity": 5000}  # fmt: skip
    order = {"lastName": "ASC", "name": "ASC"}
    return {"entityTypeId": 1, "select": select, "filter": conditions, "order": order}


@example("crm.item.fields")
def _(box: Box) -> Params:
    return {"entityTypeId": a_type(box)["entityTypeId"]}


@example("crm.item.import")
def _(_: Box) -> Params:
    fields = {"title": "Поставка", "createdTime": "2020-05-12T10:00:00+03:00", "createdBy": 3}
    return {"entityTypeId": 2, "fields": fields}


@example("crm.item.batchImport")
def _(_: Box) -> Params:
    return {"entityTypeId": 2, "data": [{"title": "Поставка"}, {"title": "Услуга", "stageId": "NOWHERE"}]}


@example("crm.stagehistory.list")
def _(box: Box) -> Params:
    deal = an_item(box, 2, title="Поставка")
    return {"entityTypeId": 2, "filter": {"OWNER_ID": deal["id"]}, "order": {"ID": "ASC"}}


def a_card(box: Box) -> dict[str, Any]:
    """An item of a smart process."""
    a_type(box)
    return an_item(box, SPA, title="Письмо")
