"""The vendor's own client works with the CRM of the sandbox unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from b24pysdk import BitrixWebhook
from b24pysdk.errors import BitrixAPIError

from tests.sandbox.conftest import SPA

COMPANY, CONTACT, DEAL = 4, 3, 2
PHONE = {"typeId": "PHONE", "valueType": "WORK", "value": "+7 495 000-00-01"}


@pytest.fixture
def crm(client: Any) -> Any:
    return client.crm


@pytest.fixture
def type_id(crm: Any) -> int:
    fields = {"title": "Входящие", "entityTypeId": SPA, "isStagesEnabled": "Y", "isCategoriesEnabled": "Y"}
    return int(crm.type.add(fields=fields).result["type"]["id"])


def test_companies_and_contacts(crm: Any) -> None:
    company = crm.item.add(entity_type_id=COMPANY, fields={"title": "Контора", "fm": [PHONE]}).result["item"]
    assert company["phone"] == PHONE["value"]
    contact = crm.item.add(
        entity_type_id=CONTACT, fields={"name": "Пётр", "companyId": company["id"]}
    ).result["item"]
    shown = crm.item.get(entity_type_id=COMPANY, bitrix_id=company["id"]).result["item"]
    assert shown["contactIds"] == [contact["id"]]
    fields = crm.item.fields(entity_type_id=COMPANY).result["fields"]
    assert fields["industry"]["statusType"] == "INDUSTRY"
    crm.item.update(entity_type_id=CONTACT, bitrix_id=contact["id"], fields={"lastName": "Ивин"}).call()
    found = crm.item.list(entity_type_id=CONTACT, filter={"%lastName": "ив"}, select=["id", "name"]).result
    assert found["items"] == [{"id": contact["id"], "name": "Пётр"}]
    crm.item.delete(entity_type_id=CONTACT, bitrix_id=contact["id"]).call()
    with pytest.raises(BitrixAPIError):
        crm.item.get(entity_type_id=CONTACT, bitrix_id=contact["id"]).call()


def test_pages_of_companies_by_both_helpers(client: Any, crm: Any) -> None:
    adding = {
        str(number): crm.item.add(entity_type_id=COMPANY, fields={"title": f"№ {number}"})
        for number in range(120)
    }
    ids = sorted(one["item"]["id"] for one in client.call_batches(adding).result.result.values())
    listing = crm.item.list(entity_type_id=COMPANY, select=["id"])
    assert sorted(row["id"] for row in listing.as_list().result) == ids
    assert sorted(row["id"] for row in listing.as_list_fast().result) == ids


def test_import(crm: Any) -> None:
    made = crm.item.import_(entity_type_id=DEAL, fields={"title": "Поставка"}).result["item"]["id"]
    rows = crm.item.batch_import(entity_type_id=DEAL, data=[{"title": "А"}, {"stageId": "NO"}]).result[
        "items"
    ]
    assert rows[0]["item"]["id"] == made + 1
    assert rows[1]["error"] == "CRM_FIELD_ERROR_VALUE_NOT_VALID"


def test_pipelines_stages_and_their_history(crm: Any, type_id: int) -> None:
    made = crm.category.add(entity_type_id=SPA, fields={"name": "Срочные"}).result["category"]
    assert type_id
    directory = f"DYNAMIC_{SPA}_STAGE_{made['id']}"
    stage = crm.status.add(
        fields={"ENTITY_ID": directory, "STATUS_ID": "REVIEW", "NAME": "На рассмотрении", "SORT": 15}
    ).result
    code = crm.status.get(bitrix_id=stage).result["STATUS_ID"]
    assert code == f"DT{SPA}_{made['id']}:REVIEW"
    crm.status.update(bitrix_id=stage, fields={"NAME": "Рассматривается"}).call()
    names = {row["STATUS_ID"]: row["NAME"] for row in crm.status.entity.items(entity_id=directory).result}
    assert names[code] == "Рассматривается"
    fields = {"categoryId": made["id"], "stageId": code}
    item = crm.item.add(entity_type_id=SPA, fields=fields).result["item"]
    rows = crm.stagehistory.list(entity_type_id=SPA, filter={"OWNER_ID": item["id"]}).result["items"]
    assert [row["STAGE_ID"] for row in rows] == [code]
    crm.category.update(entity_type_id=SPA, bitrix_id=made["id"], fields={"name": "Очень срочные"}).call()
    shown = crm.category.get(entity_type_id=SPA, bitrix_id=made["id"]).result["category"]
    assert shown["name"] == "Очень срочные"
    crm.item.delete(entity_type_id=SPA, bitrix_id=item["id"]).call()
    crm.category.delete(entity_type_id=SPA, bitrix_id=made["id"]).call()
    assert len(crm.category.list(entity_type_id=SPA).result["categories"]) == 1
    assert crm.status.fields().result["ENTITY_ID"]["isImmutable"] is True
    assert "DEAL_STAGE" in {row["ID"] for row in crm.status.entity.types().result}


def test_workplaces(crm: Any, type_id: int) -> None:
    fields = {"title": "Документооборот", "typeIds": [type_id]}
    made = crm.automatedsolution.add(fields=fields).result["automatedSolution"]
    assert made["typeIds"] == [type_id]
    crm.automatedsolution.update(bitrix_id=made["id"], fields={"typeIds": []}).call()
    assert crm.automatedsolution.list().result["automatedSolutions"] == [made | {"typeIds": []}]
    crm.automatedsolution.delete(bitrix_id=made["id"]).call()


def test_user_fields_of_both_sorts_of_entities(client: Any, type_id: int) -> None:
    for entity in (f"CRM_{type_id}", "CRM_COMPANY"):
        field = {"entityId": entity, "fieldName": f"UF_{entity}_KIND", "userTypeId": "enumeration",
                 "enum": [{"value": "А"}, {"value": "Б"}]}  # fmt: skip
        made = client.userfieldconfig.add(module_id="crm", field=field).result["field"]
        assert [row["value"] for row in made["enum"]] == ["А", "Б"]
    rows = client.userfieldconfig.list(module_id="crm").result["fields"]
    assert [row["entityId"] for row in rows] == [f"CRM_{type_id}", "CRM_COMPANY"]


def test_a_timeline(crm: Any, token: BitrixWebhook) -> None:
    deal = crm.item.add(entity_type_id=DEAL, fields={"title": "Поставка"}).result["item"]["id"]
    owner = {"ENTITY_TYPE": "deal", "ENTITY_ID": deal}
    made = crm.timeline.comment.add(fields=owner | {"COMMENT": "Принято"}).result
    crm.timeline.comment.update(bitrix_id=made, fields={"COMMENT": "Отклонено"}).call()
    assert [row["COMMENT"] for row in crm.timeline.comment.list(filter=owner).result] == ["Отклонено"]
    crm.timeline.comment.delete(bitrix_id=made).call()
    fields = {"entityTypeId": DEAL, "entityId": deal, "title": "Т", "text": "т", "iconCode": "info"}
    log = crm.timeline.logmessage.add(fields=fields).result["logMessage"]
    assert crm.timeline.logmessage.get(bitrix_id=log["id"]).result["logMessage"] == log
    # the client's own method takes a datetime, which it then cannot write as JSON
    given = {"ownerTypeId": DEAL, "ownerId": deal, "deadline": "2026-09-01T15:00:00", "title": "Дело"}
    todo = token.call_method("crm.activity.todo.add", given)["result"]["id"]
    shown = crm.activity.get(bitrix_id=todo).result
    assert shown["DEADLINE"] == "2026-09-01T15:00:00+03:00"
    found = crm.activity.list(filter={"OWNER_TYPE_ID": DEAL, "OWNER_ID": deal}, select=["ID", "SUBJECT"])
    assert found.result == [{"ID": str(todo), "SUBJECT": "Дело"}]
    crm.activity.delete(bitrix_id=todo).call()
