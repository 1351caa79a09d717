"""Types and their relations, workplaces, pipelines, directories, layouts of cards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import SPA, Box, add_item
from tests.sandbox.crm_help import COMPANY, CONTACT, DEAL, LEAD, make

OTHER = 1048


def add_type(box: Box, entity_type_id: int = SPA, **fields: Any) -> dict[str, Any]:
    given = {"title": "Тип", "entityTypeId": entity_type_id, **fields}
    made: dict[str, Any] = box.ok("crm.type.add", {"fields": given})["type"]
    return made


def parent(number: int, listed: Any = "true") -> dict[str, Any]:
    return {"entityTypeId": number, "isChildrenListEnabled": listed}


def test_relations_are_seen_from_both_ends(box: Box) -> None:
    first = add_type(box, relations={"parent": [parent(LEAD)], "child": [parent(OTHER), parent(DEAL, True)]})
    assert [row["isChildrenListEnabled"] for row in first["relations"]["child"]] == ["Y", "N"]
    second = add_type(box, OTHER, relations={"parent": [parent(LEAD)]})
    assert [row["entityTypeId"] for row in second["relations"]["parent"]] == [LEAD, SPA]
    assert "parentId1" in box.ok("crm.item.fields", {"entityTypeId": SPA})["fields"]
    deal = make(box, DEAL, **{f"parentId{SPA}": 7})
    assert deal[f"parentId{SPA}"] == 7
    found = {"entityTypeId": DEAL, "filter": {f"parentId{SPA}": 7}}
    assert len(box.ok("crm.item.list", found)["items"]) == 1
    fields = {"relations": {"parent": [], "child": []}}
    box.ok("crm.type.update", {"id": second["id"], "fields": fields})
    assert box.ok("crm.type.get", {"id": first["id"]})["type"]["relations"]["child"] == [
        {"entityTypeId": DEAL, "isChildrenListEnabled": "N", "isPredefined": "N"}
    ]
    assert "parentId1046" not in box.ok("crm.item.fields", {"entityTypeId": OTHER})["fields"]


def test_the_client_field_brings_predefined_parents(box: Box) -> None:
    rows = add_type(box, isClientEnabled="Y")["relations"]["parent"]
    assert [(row["entityTypeId"], row["isPredefined"]) for row in rows] == [(CONTACT, "Y"), (COMPANY, "Y")]


def test_fields_follow_the_settings_of_a_type(box: Box) -> None:
    box.control("clock", {"now": "2026-05-12T12:00:00+03:00"})
    made = add_type(box)
    assert add_item(box, observers=[2], begindate="2026-01-01")["observers"] is None
    assert "observers" not in box.ok("crm.item.fields", {"entityTypeId": SPA})["fields"]
    flags = {"isObserversEnabled": "Y", "isBeginCloseDatesEnabled": "Y", "isSourceEnabled": "Y"}
    box.ok("crm.type.update", {"id": made["id"], "fields": flags})
    item = add_item(box, observers=[2])
    assert (item["observers"], item["sourceId"]) == ([2], "CALL")
    assert (item["begindate"][:10], item["closedate"][:10]) == ("2026-05-12", "2026-05-19")
    assert item["stageId"] is None


def test_a_type_is_deleted_only_when_it_is_empty(box: Box, spa: int) -> None:
    item = add_item(box)
    assert box.refused("crm.type.delete", {"id": spa}) == (400, "BX_ERROR")
    box.ok("crm.item.delete", {"entityTypeId": SPA, "id": item["id"]})
    assert box.ok("crm.type.delete", {"id": spa}) == []
    assert box.refused("crm.type.get", {"id": spa}) == (400, "0")
    assert box.ok("userfieldconfig.list", {"moduleId": "crm"})["fields"] == []
    assert box.refused("crm.item.list", {"entityTypeId": SPA}) == (400, "NOT_FOUND")


def test_a_list_of_types_leaves_their_links_out(box: Box, spa: int) -> None:
    row = box.ok("crm.type.list", {"filter": {"title": "Входящие", "isStagesEnabled": "Y"}})["types"][0]
    assert row["id"] == spa
    assert not {"relations", "linkedUserFields", "customSections"} & set(row)
    assert box.refused("crm.type.list", {"filter": {"no": 1}}) == (400, "INVALID_ARG_VALUE")


def test_a_smart_process_stands_in_one_workplace(box: Box, spa: int) -> None:
    def workplace(title: str) -> int:
        fields = {"title": title, "typeIds": [spa]}
        return int(box.ok("crm.automatedsolution.add", {"fields": fields})["automatedSolution"]["id"])

    first, second = workplace("Канцелярия"), workplace("Документооборот")
    rows = box.ok("crm.automatedsolution.list", {"order": {"id": "ASC"}})["automatedSolutions"]
    assert [(row["id"], row["typeIds"]) for row in rows] == [(first, []), (second, [spa])]
    shown = box.ok("crm.type.get", {"id": spa})["type"]
    chosen = [row for row in shown["customSections"] if row["isSelected"]]
    assert [(row["id"], row["title"]) for row in chosen] == [(shown["customSectionId"], "Документооборот")]
    assert shown["customSectionId"] != second
    assert box.refused("crm.automatedsolution.delete", {"id": second}) == (400, "HAS_BOUND_TYPES")
    box.ok("crm.automatedsolution.update", {"id": second, "fields": {"typeIds": []}})
    assert box.ok("crm.type.get", {"id": spa})["type"]["customSectionId"] is None
    assert box.ok("crm.automatedsolution.delete", {"id": second}) is None
    assert box.refused("crm.automatedsolution.get", {"id": second}) == (400, "NOT_FOUND")
    assert box.refused("crm.automatedsolution.add", {"fields": {"title": " "}}) == (400, "BX_EMPTY_REQUIRED")


def test_a_type_that_leaves_the_crm_says_where_to(box: Box, spa: int) -> None:
    fields = {"isExternal": "true"}
    assert box.refused("crm.type.update", {"id": spa, "fields": fields}) == (400, "0")
    made = box.ok("crm.automatedsolution.add", {"fields": {"title": "Канцелярия", "typeIds": [spa]}})
    section = box.ok("crm.type.get", {"id": spa})["type"]["customSectionId"]
    box.ok("crm.type.update", {"id": spa, "fields": {"isExternal": "false"}})
    fields |= {"customSectionId": section}
    assert box.ok("crm.type.update", {"id": spa, "fields": fields})["type"]["customSectionId"] == section
    number = made["automatedSolution"]["id"]
    assert box.ok("crm.automatedsolution.get", {"id": number})["automatedSolution"]["typeIds"] == [spa]


def test_pipelines_of_deals(box: Box) -> None:
    listed = box.ok("crm.category.list", {"entityTypeId": DEAL})["categories"]
    assert [(row["id"], row["isDefault"], "originId" in row) for row in listed] == [(0, "Y", False)]
    fields = {"name": "  Закупки ", "sort": -5, "isDefault": "Y", "originId": "1c"}
    made = box.ok("crm.category.add", {"entityTypeId": DEAL, "fields": fields})["category"]
    assert (made["name"], made["sort"], made["isDefault"], made["originId"]) == ("Закупки", 0, "N", "1c")
    codes = box.ok("crm.status.entity.items", {"entityId": f"DEAL_STAGE_{made['id']}"})
    assert codes[0] == {"NAME": "Новая", "SORT": 10, "STATUS_ID": f"C{made['id']}:NEW"}
    one = {"entityTypeId": DEAL, "id": made["id"]}
    deal = make(box, DEAL, categoryId=made["id"])
    assert box.refused("crm.category.delete", one) == (400, "0")
    box.ok("crm.item.delete", {"entityTypeId": DEAL, "id": deal["id"]})
    assert box.ok("crm.category.delete", one) is None
    assert box.refused("crm.category.get", one) == (400, "NOT_FOUND")
    assert box.refused("crm.category.delete", {"entityTypeId": DEAL, "id": 0}) == (400, "0")
    assert box.refused("crm.status.entity.items", {"entityId": f"DEAL_STAGE_{made['id']}"}) == (400, "")


def test_contacts_have_categories_without_stages(box: Box) -> None:
    assert len(box.ok("crm.category.list", {"entityTypeId": CONTACT})["categories"]) == 1
    made = box.ok("crm.category.add", {"entityTypeId": CONTACT, "fields": {"name": "Подрядчики"}})["category"]
    listed = box.ok("crm.category.list", {"entityTypeId": CONTACT})["categories"]
    assert [row["id"] for row in listed] == [0, made["id"]]
    assert make(box, CONTACT, name="Пётр", categoryId=made["id"])["categoryId"] == made["id"]


def test_a_new_default_pipeline_takes_the_mark(box: Box, spa: int) -> None:
    fields = {"name": "Срочные", "isDefault": "Y"}
    made = box.ok("crm.category.add", {"entityTypeId": SPA, "fields": fields})["category"]
    assert add_item(box)["categoryId"] == made["id"]
    listed = box.ok("crm.category.list", {"entityTypeId": SPA})["categories"]
    assert sorted(row["isDefault"] for row in listed) == ["N", "Y"]
    delete = {"entityTypeId": SPA, "id": made["id"]}
    assert box.refused("crm.category.delete", delete) == (400, "BX_ERROR")


@pytest.mark.parametrize(("number", "fields", "code"), [
    (LEAD, {"name": "Н"}, "ENTITY_TYPE_NOT_SUPPORTED"),
    (4242, {"name": "Н"}, "NOT_FOUND"),
    (DEAL, {"name": "  "}, "0"),
    (CONTACT, {"name": "Н", "isDefault": "Y"}, "0"),
])  # fmt: skip
def test_refused_pipelines(box: Box, number: int, fields: dict[str, Any], code: str) -> None:
    assert box.refused("crm.category.add", {"entityTypeId": number, "fields": fields}) == (400, code)


def test_directories_that_are_not_stages(box: Box) -> None:
    fields = {"ENTITY_ID": "SOURCE", "STATUS_ID": "FAIR: 2026", "NAME": "Ярмарка", "SORT": 5}
    number = box.ok("crm.status.add", {"fields": fields})
    rows = box.ok("crm.status.list", {"filter": {"ENTITY_ID": "SOURCE"}})
    assert (rows[0]["STATUS_ID"], rows[0]["ID"]) == ("FAIR: 2026", str(number))
    assert "EXTRA" not in rows[0]
    assert make(box, LEAD)["sourceId"] == "FAIR: 2026"
    assert box.ok("crm.status.update", {"id": number, "fields": {"NAME": "Ярмарка-2026"}}) is True
    shown = box.ok("crm.status.get", {"id": number})
    assert (shown["NAME"], shown["NAME_INIT"], shown["SYSTEM"]) == ("Ярмарка-2026", "", "N")
    assert box.ok("crm.status.delete", {"id": number}) is True
    assert box.refused("crm.status.get", {"id": number}) == (400, "")


def test_the_types_of_directories(box: Box, spa: int) -> None:
    category = box.ok("crm.category.add", {"entityTypeId": DEAL, "fields": {"name": "Закупки"}})["category"]
    rows = {row["ID"]: row for row in box.ok("crm.status.entity.types")}
    assert rows["STATUS"]["SEMANTIC_INFO"]["FINAL_UNSUCCESS_FIELD"] == "JUNK"
    assert rows["SOURCE"] == {"ID": "SOURCE", "NAME": "Источники"}
    deals = rows[f"DEAL_STAGE_{category['id']}"]
    assert (deals["PREFIX"], deals["PARENT_ID"]) == (f"C{category['id']}", "DEAL_STAGE")
    assert deals["SEMANTIC_INFO"]["START_FIELD"] == f"C{category['id']}:NEW"
    ours = rows[f"DYNAMIC_{SPA}_STAGE_10"]
    assert (ours["PREFIX"], ours["IS_DEFAULT_CATEGORY"]) == (f"DT{SPA}_10", True)


@pytest.mark.parametrize(("fields", "text"), [
    ({}, "The field ENTITY_ID is required. The field STATUS_ID is required."),
    ({"ENTITY_ID": "NOWHERE", "STATUS_ID": "A", "NAME": "А"}, "Specified entity type is not supported."),
    ({"ENTITY_ID": "SOURCE", "STATUS_ID": "A"}, "The field Title is required."),
    ({"ENTITY_ID": "STATUS", "STATUS_ID": "ПЛОХОЙ", "NAME": "А"}, "Error on creating status."),
    ({"ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "LATE", "NAME": "А", "SORT": 65}, "Cannot create more stages"),
    ({"ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "WON2", "NAME": "А", "SEMANTICS": "S"}, "Cannot create more"),
])  # fmt: skip
def test_refused_rows_of_directories(box: Box, fields: dict[str, Any], text: str) -> None:
    body = box.raw("crm.status.add", {"fields": fields or {"SORT": 1}}).json()
    assert body["error"] == ""
    assert body["error_description"].startswith(text)


def test_a_stage_of_deals_gets_its_group(box: Box) -> None:
    fields = {
        "ENTITY_ID": "DEAL_STAGE",
        "STATUS_ID": "LOST_TO_RIVAL",
        "NAME": "Ушёл",
        "SEMANTICS": "F",
        "SORT": 90,
    }
    box.ok("crm.status.add", {"fields": fields})
    rows = box.ok("crm.status.list", {"filter": {"ENTITY_ID": "DEAL_STAGE"}})
    groups = {row["STATUS_ID"]: row["EXTRA"]["SEMANTICS"] for row in rows}
    assert groups["NEW"] == "process"
    assert groups["WON"] == "success"
    assert groups["LOSE"] == "failure"
    assert groups["APOLOGY"] == groups["LOST_TO_RIVAL"] == "apology"
    system = next(row["ID"] for row in rows if row["STATUS_ID"] == "LOSE")
    assert box.refused("crm.status.delete", {"id": system}) == (400, "")
    assert box.ok("crm.status.delete", {"id": system, "params": {"FORCED": "Y"}}) is True


def test_personal_and_common_layouts(box: Box) -> None:
    section = {
        "name": "main",
        "title": "Главное",
        "type": "section",
        "elements": [{"name": "TITLE", "optionFlags": 1}],
    }
    where: dict[str, Any] = {"entityTypeId": DEAL}
    place = "crm.item.details.configuration."
    assert box.ok(place + "set", {**where, "data": [section]}) is True
    assert box.ok(place + "get", where)[0]["elements"] == [{"name": "TITLE", "optionFlags": "1"}]
    assert box.ok(place + "get", where | {"userId": 5}) is None
    assert box.ok(place + "get", where | {"scope": "C"}) is None
    assert box.ok(place + "get", where | {"extras": {"dealCategoryId": 4}}) is None
    box.ok(place + "set", {**where, "userId": 5, "data": [section]})
    box.ok(place + "set", {**where, "scope": "C", "data": [section]})
    assert box.ok(place + "forceCommonScopeForAll", where) is True
    assert box.ok(place + "get", where | {"userId": 5}) is None
    assert box.ok(place + "get", where | {"scope": "C"}) is not None
    assert box.ok(place + "reset", where | {"scope": "C"}) is True
    assert box.ok(place + "get", where | {"scope": "C"}) is None


@pytest.mark.parametrize(("given", "text"), [
    ({"data": [{}]}, "Parameter 'entityTypeId' is not defined"),
    ({"entityTypeId": 77, "data": [{}]}, "The entity type '77' is not supported in current context."),
    ({"entityTypeId": 2, "data": "x"}, "Parameter 'data' must be array."),
    ({"entityTypeId": 2, "data": {"a": {}}}, "The data must be indexed array."),
    ({"entityTypeId": 2, "data": []}, "There are no data to write."),
    ({"entityTypeId": 2, "data": [{"type": "x"}]}, "Section at index 0 have type `x`."),
    ({"entityTypeId": 2, "data": [{"type": "section", "name": "a"}]},
     "Section at index 0 does not have title."),
    ({"entityTypeId": 2, "data": [{"type": "section", "name": "a", "title": "A", "elements": [{}]}]},
     "Element at index 0 in section at index 0 does not have name."),
])  # fmt: skip
def test_refused_layouts(box: Box, given: dict[str, Any], text: str) -> None:
    body = box.raw("crm.item.details.configuration.set", given).json()
    assert (body["error"], body["error_description"].startswith(text)) == ("", True), body


def test_settings_of_a_field_are_completed(box: Box, spa: int) -> None:
    field = {"entityId": f"CRM_{spa}", "fieldName": f"UF_CRM_{spa}_NOTE", "userTypeId": "string",
             "editFormLabel": "Заметка", "settings": {"ROWS": 3}}  # fmt: skip
    made = box.ok("userfieldconfig.add", {"moduleId": "crm", "field": field})["field"]
    assert (made["settings"]["ROWS"], made["settings"]["SIZE"]) == (3, 20)
    assert made["editFormLabel"] == {"en": "Заметка", "ru": "Заметка"}
    ask = {"moduleId": "crm", "filter": {"fieldName": made["fieldName"]}, "select": {"0": "fieldName"}}
    assert box.ok("userfieldconfig.list", ask)["fields"] == [{"fieldName": made["fieldName"]}]
