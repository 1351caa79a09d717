"""Smart-process types, pipelines, directories, user fields, workplaces, layouts of cards."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import SPA, Box
from tests.sandbox.examples import Params, example

FLAGS = dict.fromkeys(
    ["isStagesEnabled", "isCategoriesEnabled", "isClientEnabled", "isSourceEnabled", "isObserversEnabled",
     "isMycompanyEnabled", "isBeginCloseDatesEnabled", "isLinkWithProductsEnabled",
     "isUseInUserfieldEnabled"],
    "Y",
)  # fmt: skip
RELATIONS = {
    "parent": [{"entityTypeId": 1, "isChildrenListEnabled": "true"}],
    "child": [{"entityTypeId": 3, "isChildrenListEnabled": "true"}],
}


def a_type(box: Box, entity_type_id: int = SPA) -> dict[str, Any]:
    """A smart process with everything switched on."""
    fields = {"title": "Входящие", "entityTypeId": entity_type_id, "relations": RELATIONS, **FLAGS}
    made: dict[str, Any] = box.ok("crm.type.add", {"fields": fields})["type"]
    return made


def a_stage(box: Box) -> int:
    """A stage nobody stands on."""
    fields = {"ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "REVIEW", "NAME": "На рассмотрении", "SORT": 15}
    return int(box.ok("crm.status.add", {"fields": fields}))


def a_pipeline(box: Box, entity_type_id: int = 2) -> int:
    """A pipeline that is not the default one."""
    given = {"entityTypeId": entity_type_id, "fields": {"name": "Закупки", "sort": 200}}
    return int(box.ok("crm.category.add", given)["category"]["id"])


def a_field(box: Box) -> dict[str, Any]:
    """A list field of a smart process."""
    type_id = a_type(box)["id"]
    field = {
        "entityId": f"CRM_{type_id}",
        "fieldName": f"UF_CRM_{type_id}_KIND",
        "userTypeId": "enumeration",
        "editFormLabel": {"ru": "Вид", "en": "Kind"},
        "enum": [{"value": "Письмо"}, {"value": "Запрос"}],
    }
    made: dict[str, Any] = box.ok("userfieldconfig.add", {"moduleId": "crm", "field": field})["field"]
    return made


@example("crm.type.add")
def _(_: Box) -> Params:
    return {"fields": {"title": "Входящие", "entityTypeId": SPA, "relations": RELATIONS, **FLAGS}}


@example("crm.type.update")
def _(box: Box) -> Params:
    return {"id": a_type(box)["id"], "fields": {"title": "Исходящие"}}


@example("crm.type.get")
@example("crm.type.delete")
def _(box: Box) -> Params:
    return {"id": a_type(box)["id"]}


@example("crm.type.getByEntityTypeId")
@example("crm.category.list")
def _(box: Box) -> Params:
    return {"entityTypeId": a_type(box)["entityTypeId"]}


@example("crm.type.list")
def _(box: Box) -> Params:
    a_type(box)
    return {"filter": {"%title": "вход"}, "order": {"id": "DESC"}}


@example("crm.type.fields")
@example("crm.automatedsolution.fields")
@example("crm.status.fields")
@example("crm.status.entity.types")
def _(_: Box) -> Params:
    return {}


@example("crm.category.add")
def _(box: Box) -> Params:
    fields = {"name": "Закупки", "sort": 50, "isDefault": "Y"}
    return {"entityTypeId": a_type(box)["entityTypeId"], "fields": fields}


@example("crm.category.update")
def _(box: Box) -> Params:
    number = a_type(box)["entityTypeId"]
    fields = {"name": "Закупки по договорам", "sort": 1000}
    return {"entityTypeId": number, "id": a_pipeline(box, number), "fields": fields}


@example("crm.category.get")
@example("crm.category.delete")
def _(box: Box) -> Params:
    return {"entityTypeId": 2, "id": a_pipeline(box)}


@example("crm.category.fields")
def _(_: Box) -> Params:
    return {"entityTypeId": 2}


@example("crm.status.list")
def _(_: Box) -> Params:
    return {"order": {"SORT": "ASC"}, "filter": {"ENTITY_ID": "DEAL_STAGE"}}


@example("crm.status.entity.items")
def _(_: Box) -> Params:
    return {"entityId": "DEAL_STAGE"}


@example("crm.status.add")
def _(_: Box) -> Params:
    fields = {"ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "REVIEW", "NAME": "На рассмотрении", "SORT": 15}
    return {"fields": fields}


@example("crm.status.update")
def _(box: Box) -> Params:
    return {"id": a_stage(box), "fields": {"NAME": "Рассматривается", "COLOR": "#39A8EF"}}


@example("crm.status.get")
def _(box: Box) -> Params:
    category = box.ok("crm.category.list", {"entityTypeId": a_type(box)["entityTypeId"]})["categories"][0]
    directory = f"DYNAMIC_{SPA}_STAGE_{category['id']}"
    rows = box.ok("crm.status.list", {"filter": {"ENTITY_ID": directory, "SEMANTICS": "S"}})
    return {"id": rows[0]["ID"]}


@example("crm.status.delete")
def _(box: Box) -> Params:
    return {"id": a_stage(box)}


@example("userfieldconfig.add")
def _(box: Box) -> Params:
    type_id = a_type(box)["id"]
    field = {
        "entityId": f"CRM_{type_id}",
        "fieldName": f"UF_CRM_{type_id}_KIND",
        "userTypeId": "enumeration",
        "multiple": "Y",
        "editFormLabel": {"ru": "Вид", "en": "Kind"},
        "enum": [{"value": "Письмо"}, {"value": "Запрос", "def": "Y"}],
    }
    return {"moduleId": "crm", "field": field}


@example("userfieldconfig.update")
def _(box: Box) -> Params:
    made = a_field(box)
    return {"moduleId": "crm", "id": made["id"], "field": {"mandatory": "Y"}}


@example("userfieldconfig.get")
@example("userfieldconfig.delete")
def _(box: Box) -> Params:
    return {"moduleId": "crm", "id": a_field(box)["id"]}


@example("userfieldconfig.list")
def _(box: Box) -> Params:
    a_field(box)
    return {"moduleId": "crm", "select": {"0": "*", "language": "ru"}}


@example("userfieldconfig.getTypes")
def _(_: Box) -> Params:
    return {"moduleId": "crm"}


@example("crm.automatedsolution.add")
def _(box: Box) -> Params:
    return {"fields": {"title": "Документооборот", "typeIds": [a_type(box)["id"]]}}


def a_workplace(box: Box, **fields: Any) -> int:
    """A digital workplace."""
    given = {"fields": {"title": "Документооборот", **fields}}
    return int(box.ok("crm.automatedsolution.add", given)["automatedSolution"]["id"])


@example("crm.automatedsolution.update")
def _(box: Box) -> Params:
    return {"id": a_workplace(box), "fields": {"typeIds": [a_type(box)["id"]]}}


@example("crm.automatedsolution.get")
def _(box: Box) -> Params:
    return {"id": a_workplace(box, typeIds=[a_type(box)["id"]])}


@example("crm.automatedsolution.list")
def _(box: Box) -> Params:
    a_workplace(box, typeIds=[a_type(box)["id"]])
    return {"order": {"id": "DESC"}}


@example("crm.automatedsolution.delete")
def _(box: Box) -> Params:
    return {"id": a_workplace(box)}


SECTION = {
    "name": "main",
    "title": "Главное",
    "type": "section",
    "elements": [{"name": "CLIENT", "optionFlags": 1, "options": {"defaultCountry": "RU"}}],
}


@example("crm.item.details.configuration.set")
def _(_: Box) -> Params:
    return {"entityTypeId": 2, "userId": 1, "scope": "C", "data": [SECTION]}


@example("crm.item.details.configuration.get")
def _(box: Box) -> Params:
    where = {"entityTypeId": 2, "scope": "C", "extras": {"dealCategoryId": 0}}
    box.ok("crm.item.details.configuration.set", {**where, "data": [SECTION]})
    return where


@example("crm.item.details.configuration.reset")
@example("crm.item.details.configuration.forceCommonScopeForAll")
def _(_: Box) -> Params:
    return {"entityTypeId": 2}
