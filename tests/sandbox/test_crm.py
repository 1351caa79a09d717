"""Smart processes: types, fields, stages, items, timeline."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.sandbox.conftest import SPA, Box, add_item


def _list(box: Box, **params: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = box.ok("crm.item.list", {"entityTypeId": SPA, **params})["items"]
    return rows


def test_the_default_pipeline_has_an_id_and_the_usual_stages(box: Box, spa: int) -> None:
    category = box.ok("crm.category.list", {"entityTypeId": SPA})["categories"][0]
    assert category["id"] != 0
    assert category["isDefault"] == "Y"
    directory = f"DYNAMIC_{SPA}_STAGE_{category['id']}"
    rows = box.ok("crm.status.list", {"filter": {"ENTITY_ID": directory}})
    codes = [row["STATUS_ID"].partition(":")[2] for row in rows]
    assert codes == ["NEW", "PREPARATION", "CLIENT", "SUCCESS", "FAIL"]
    assert all(isinstance(row["ID"], str) and isinstance(row["SORT"], str) for row in rows)
    assert add_item(box)["stageId"] == f"DT{SPA}_{category['id']}:NEW"


def test_a_stage_gets_the_prefix_of_its_pipeline(box: Box, spa: int) -> None:
    directory = f"DYNAMIC_{SPA}_STAGE_10"
    fields = {"ENTITY_ID": directory, "STATUS_ID": "WRONG:REVIEW", "NAME": "На рассмотрении"}
    number = box.ok("crm.status.add", {"fields": fields})
    assert isinstance(number, int)
    assert box.refused("crm.status.add", {"fields": fields}) == (400, "ERROR_CORE")
    found = box.ok("crm.status.list", {"filter": {"ID": number}})
    assert found[0]["STATUS_ID"] == f"DT{SPA}_10:REVIEW"
    item = add_item(box, stageId=f"DT{SPA}_10:REVIEW")
    assert box.refused("crm.status.delete", {"id": number})[0] == 400
    box.ok("crm.item.delete", {"entityTypeId": SPA, "id": item["id"]})
    assert box.ok("crm.status.delete", {"id": number}) is True


@pytest.mark.parametrize(("given", "status"), [(129, 200), (1050, 200), (1051, 400), (7, 400)])
def test_entity_type_ids_have_ranges(box: Box, given: int, status: int) -> None:
    answer = box.raw("crm.type.add", {"fields": {"title": "Т", "entityTypeId": given}})
    assert answer.status_code == status


def test_flags_of_linked_fields_are_compared_with_a_text(box: Box, spa: int) -> None:
    wrong = {"TASKS_TASK|UF_CRM_TASK": True}
    shown = box.ok("crm.type.update", {"id": spa, "fields": {"linkedUserFields": wrong}})["type"]
    assert shown["linkedUserFields"]["TASKS_TASK|UF_CRM_TASK"] == "N"


def test_user_field_names_follow_the_box(box: Box, spa: int) -> None:
    for code in ("1721", "DOC2"):
        name = f"UF_CRM_{spa}_{code}"
        field = {"entityId": f"CRM_{spa}", "fieldName": name, "userTypeId": "string"}
        box.ok("userfieldconfig.add", {"moduleId": "crm", "field": field})
    names = box.ok("crm.item.fields", {"entityTypeId": SPA})["fields"]
    assert {f"ufCrm{spa}DocNumber", f"ufCrm{spa}_1721", f"ufCrm_{spa}_DOC2"} <= set(names)
    assert names[f"ufCrm{spa}DocNumber"]["upperName"] == f"UF_CRM_{spa}_DOC_NUMBER"


def test_an_enumeration_is_replaced_whole(box: Box, spa: int) -> None:
    field = {"entityId": f"CRM_{spa}", "fieldName": f"UF_CRM_{spa}_KIND",
             "userTypeId": "enumeration", "enum": [{"value": "А"}, {"value": "Б"}]}  # fmt: skip
    made = box.ok("userfieldconfig.add", {"moduleId": "crm", "field": field})["field"]
    first, second = (int(row["id"]) for row in made["enum"])
    item = add_item(box, **{f"ufCrm{spa}Kind": second})
    change = {"userTypeId": "enumeration", "enum": [{"id": first, "value": "А"}]}
    box.ok("userfieldconfig.update", {"moduleId": "crm", "id": made["id"], "field": change})
    again = box.ok("crm.item.get", {"entityTypeId": SPA, "id": item["id"]})["item"]
    assert again[f"ufCrm{spa}Kind"] is None


def test_labels_come_only_with_a_language(box: Box, spa: int) -> None:
    params = {"moduleId": "crm", "filter": {"entityId": f"CRM_{spa}"}}
    assert "editFormLabel" not in box.ok("userfieldconfig.list", params)["fields"][0]
    params["select"] = {"0": "*", "language": "ru"}
    assert "editFormLabel" in box.ok("userfieldconfig.list", params)["fields"][0]


def test_types_of_an_item_travel_as_documented(box: Box, spa: int) -> None:
    item = add_item(box, **{f"ufCrm{spa}Term": "2026-08-20", f"ufCrm{spa}Urgent": "Y",
                            f"ufCrm{spa}SentAt": "2026-08-20T10:00:00+05:00"})  # fmt: skip
    assert isinstance(item["id"], int)
    assert item[f"ufCrm{spa}Term"][:10] == "2026-08-20"
    assert item[f"ufCrm{spa}Term"].endswith("+03:00")
    assert item[f"ufCrm{spa}SentAt"] == "2026-08-20T08:00:00+03:00"
    assert item[f"ufCrm{spa}Urgent"] == "Y"
    assert _list(box, filter={f"ufCrm{spa}Urgent": 1}) != []
    assert _list(box, filter={f"ufCrm{spa}Urgent": 0}) == []


def test_an_unreadable_date_leaves_the_field_as_it_was(box: Box, spa: int) -> None:
    item = add_item(box, **{f"ufCrm{spa}Term": "2026-08-20"})
    fields = {f"ufCrm{spa}Term": "скоро"}
    changed = box.ok("crm.item.update", {"entityTypeId": SPA, "id": item["id"], "fields": fields})
    assert changed["item"][f"ufCrm{spa}Term"][:10] == "2026-08-20"


def test_filters_and_order(box: Box, spa: int) -> None:
    for title in ("Приказ", "Письмо", "Запрос"):
        add_item(box, title=title, xmlId="same")

    def titles(**params: Any) -> list[str]:
        return [row["title"] for row in _list(box, order={"id": "ASC"}, **params)]

    assert titles(filter={"=xmlId": "same"}) == ["Приказ", "Письмо", "Запрос"]
    assert titles(filter={"%title": "пис"}) == ["Письмо"]
    assert titles(filter={"=%title": "П%"}) == ["Приказ", "Письмо"]
    assert titles(filter={"!%title": "П"}) == []
    assert titles(filter={">id": 1, "<=id": 2}) == ["Письмо"]
    assert titles(filter={"@id": [1, 3]}) == ["Приказ", "Запрос"]
    assert titles(filter={"!=id": 2}) == ["Приказ", "Запрос"]
    either = {"0": {"logic": "OR", "0": {"id": 1}, "1": {"title": "Запрос"}}}
    assert titles(filter=either) == ["Приказ", "Запрос"]
    rows = _list(box, order={"title": "DESC"}, select=["title"])
    assert rows[0] == {"id": 1, "title": "Приказ"}


@pytest.mark.parametrize("part", [{"filter": {"=nothing": 1}}, {"order": {"nothing": "ASC"}},
                                  {"filter": {">id": [1]}}])  # fmt: skip
def test_unknown_filter_fields_are_refused(box: Box, spa: int, part: dict[str, Any]) -> None:
    answer = box.refused("crm.item.list", {"entityTypeId": SPA, **part})
    assert answer == (400, "INVALID_ARG_VALUE")


def test_pages_of_fifty(box: Box, spa: int) -> None:
    for first in (0, 30):
        box.batch({f"c{n}": f"crm.item.add?entityTypeId={SPA}" for n in range(first, first + 30)})
    assert box.look("state/items") == []  # fields are required
    for first in (0, 30):
        one = f"crm.item.add?entityTypeId={SPA}&fields[title]=x"
        box.batch({f"c{n}": one for n in range(first, first + 30)})
    body = box.raw("crm.item.list", {"entityTypeId": SPA, "order": {"id": "ASC"}}).json()
    assert (len(body["result"]["items"]), body["total"], body["next"]) == (50, 60, 50)
    rounded = box.raw("crm.item.list", {"entityTypeId": SPA, "start": 70}).json()
    assert (len(rounded["result"]["items"]), "next" in rounded) == (10, False)
    uncounted = box.raw("crm.item.list", {"entityTypeId": SPA, "start": -1}).json()
    assert "total" not in uncounted
    assert "next" not in uncounted


def test_a_change_moves_the_time_and_no_change_does_not(box: Box, spa: int) -> None:
    box.control("clock", {"now": "2026-05-12T12:00:00"})
    item = add_item(box, title="Письмо")
    update = {"entityTypeId": SPA, "id": item["id"]}
    box.control("clock", {"advance": 60})
    same = box.ok("crm.item.update", update | {"fields": {"title": "Письмо"}})["item"]
    assert same["updatedTime"] == "2026-05-12T12:00:00+03:00"
    moved = box.ok("crm.item.update", update | {"fields": {"stageId": f"DT{SPA}_10:SUCCESS"}})
    assert moved["item"]["updatedTime"] == "2026-05-12T12:01:00+03:00"
    assert moved["item"]["previousStageId"] == f"DT{SPA}_10:NEW"
    history = box.ok("crm.stagehistory.list", {"entityTypeId": SPA})["items"]
    assert [(row["TYPE_ID"], row["STAGE_SEMANTIC_ID"]) for row in history] == [(1, "P"), (3, "S")]
    found = _list(box, filter={">=updatedTime": "2026-05-12T12:01:00+03:00"})
    assert len(found) == 1
    assert _list(box, filter={">updatedTime": "2026-05-12T12:01:00+03:00"}) == []


def test_a_foreign_stage_is_refused_and_nothing_changes(box: Box, spa: int) -> None:
    item = add_item(box, title="Письмо")
    fields = {"title": "Иное", "stageId": "DT1046_99:NEW"}
    params = {"entityTypeId": SPA, "id": item["id"], "fields": fields}
    assert box.refused("crm.item.update", params) == (400, "CRM_FIELD_ERROR_VALUE_NOT_VALID")
    assert _list(box)[0]["title"] == "Письмо"


def test_a_file_field_is_written_and_downloaded(box: Box, spa: int) -> None:
    content = "Скан".encode()
    pair = ["скан.pdf", base64.b64encode(content).decode()]
    file = add_item(box, **{f"ufCrm{spa}Scan": pair})[f"ufCrm{spa}Scan"]
    assert box.http.get(file["urlMachine"]).content == content
    assert box.http.get(file["urlMachine"][:-3] + "abc").status_code == 403


def test_delete_answers_with_an_empty_list(box: Box, spa: int) -> None:
    item = add_item(box)
    params = {"entityTypeId": SPA, "id": item["id"]}
    assert box.ok("crm.item.delete", params) == []
    assert box.refused("crm.item.get", params) == (400, "NOT_FOUND")


def test_comments_and_log_messages(box: Box, spa: int) -> None:
    item = add_item(box)
    owner = {"ENTITY_TYPE": f"dynamic_{SPA}", "ENTITY_ID": item["id"]}
    number = box.ok("crm.timeline.comment.add", {"fields": {**owner, "COMMENT": "Принято"}})
    rows = box.ok("crm.timeline.comment.list", {"filter": owner})
    assert [(row["ID"], row["COMMENT"], row["FILES"]) for row in rows] == [(str(number), "Принято", [])]
    assert box.ok("crm.timeline.comment.delete", {"id": number}) is None
    fields = {"entityTypeId": SPA, "entityId": item["id"], "title": "Т", "text": "т",
              "iconCode": "info"}  # fmt: skip
    assert box.ok("crm.timeline.logmessage.add", {"fields": fields})["logMessage"]["authorId"] == 1
    listed = box.ok("crm.timeline.logmessage.list", {"entityTypeId": SPA, "entityId": item["id"]})
    assert len(listed["logMessages"]) == 1


def test_the_layout_of_the_card_is_kept(box: Box, spa: int) -> None:
    where = {"entityTypeId": SPA, "scope": "C", "extras": {"categoryId": 10}}
    assert box.ok("crm.item.details.configuration.get", where) is None
    section = {"name": "main", "title": "Главное", "type": "section", "elements": []}
    assert box.ok("crm.item.details.configuration.set", {**where, "data": [section]}) is True
    assert box.ok("crm.item.details.configuration.get", where) == [section]
