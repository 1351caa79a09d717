"""Tasks by REST: bindings, statuses, history, results, files."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.sandbox.conftest import SPA, Box, add_item, add_task


def test_ids_are_texts_and_empty_maps_are_lists(box: Box) -> None:
    task = add_task(box, DEADLINE="2026-12-01T18:00:00+03:00", AUDITORS=[4])
    assert (task["id"], task["createdBy"], task["responsibleId"]) == ("3701", "3", "9")
    assert task["status"] == "2"
    assert task["deadline"] == "2026-12-01T18:00:00+03:00"
    assert isinstance(task["chatId"], int)
    assert task["accomplicesData"] == [] == task["group"]
    assert list(task["auditorsData"]) == ["4"]
    assert task["action"]["complete"] is True


def test_camel_case_keys_are_ignored_and_recorded(box: Box) -> None:
    task = add_task(box, title="другое", xmlId="k")
    assert task["xmlId"] is None
    assert {("unknown_field", "title"), ("unknown_field", "xmlId")} <= set(box.notes())


@pytest.mark.parametrize(("fields", "code"), [
    ({"RESPONSIBLE_ID": 9}, "ERROR_CORE"),
    ({"TITLE": "t"}, "ERROR_CORE"),
    ({"TITLE": "t", "RESPONSIBLE_ID": 999}, "ERROR_CORE"),
])  # fmt: skip
def test_required_fields(box: Box, fields: dict[str, Any], code: str) -> None:
    assert box.refused("tasks.task.add", {"fields": fields}) == (400, code)


def test_a_dismissed_employee_cannot_be_an_executor(box: Box) -> None:
    box.ok("user.update", {"ID": 9, "ACTIVE": "N"})
    fields = {"TITLE": "t", "RESPONSIBLE_ID": 9}
    assert box.refused("tasks.task.add", {"fields": fields}) == (400, "ERROR_CORE")
    task = add_task(box, RESPONSIBLE_ID=10)
    change = {"taskId": task["id"], "fields": {"TITLE": "новое", "RESPONSIBLE_ID": 9}}
    assert box.refused("tasks.task.update", change) == (400, "ERROR_CORE")
    assert box.look("state/tasks")[0]["title"] == "Исполнить"


def test_only_an_administrator_sets_another_setter(box: Box) -> None:
    seed = {
        "users": [{"id": n, "name": "Имя", "last_name": str(n)} for n in (1, 2, 3)],
        "webhooks": [{"user_id": 1, "code": "c"}],
    }
    box.control("reset", {"seed": seed})
    address = f"{box.server.url}/rest/1/c/tasks.task.add"
    fields = {"TITLE": "t", "RESPONSIBLE_ID": 2, "CREATED_BY": 3}
    answer = box.http.post(address, json={"fields": fields})
    assert answer.json()["error"] == "ERROR_TASK_CREATE_ACCESS_DENIED"
    assert box.http.post(address, json={"fields": fields | {"RESPONSIBLE_ID": 1}}).status_code == 200


def test_the_binding_needs_both_switches_of_the_type(box: Box, spa: int) -> None:
    code = f"T{SPA:x}_{add_item(box)['id']}"
    task = add_task(box, UF_CRM_TASK=[code])
    select = {"taskId": task["id"], "select": ["ID", "UF_CRM_TASK"]}
    assert box.ok("tasks.task.get", select)["task"]["ufCrmTask"] == [code]
    found = box.ok("tasks.task.list", {"filter": {"UF_CRM_TASK": code}, "select": ["ID"]})
    assert [row["id"] for row in found["tasks"]] == [task["id"]]
    unlinked = {"linkedUserFields": {"TASKS_TASK|UF_CRM_TASK": "false"}}
    unused = {"isUseInUserfieldEnabled": "N", "linkedUserFields": {"TASKS_TASK|UF_CRM_TASK": "true"}}
    for fields in (unlinked, unused):
        box.ok("crm.type.update", {"id": spa, "fields": fields})
        select["taskId"] = add_task(box, UF_CRM_TASK=[code])["id"]
        assert box.ok("tasks.task.get", select)["task"]["ufCrmTask"] == []


def test_an_absent_task_is_an_empty_list(box: Box) -> None:
    assert box.ok("tasks.task.get", {"taskId": 404}) == []


def test_xml_id_is_not_unique_and_unknown_filters_return_everything(box: Box) -> None:
    first, second = add_task(box, XML_ID="k")["id"], add_task(box, XML_ID="k")["id"]
    add_task(box, XML_ID="other")
    listed = box.ok("tasks.task.list", {"filter": {"XML_ID": "k"}, "order": {"ID": "asc"}})
    assert [row["id"] for row in listed["tasks"]] == [first, second]
    assert len(box.ok("tasks.task.list", {"filter": {"XMLID": "k"}})["tasks"]) == 3
    assert box.refused("tasks.task.list", {"order": {"NOTHING": "asc"}}) == (400, "0")


def test_completion_and_its_repeat(box: Box) -> None:
    number = {"taskId": add_task(box)["id"]}
    assert box.ok("tasks.task.complete", number)["task"]["status"] == "5"
    assert box.refused("tasks.task.complete", number) == (400, "0")
    assert box.refused("tasks.task.approve", number) == (400, "1048582")
    assert box.ok("tasks.task.renew", number)["task"]["status"] == "2"


def test_a_controlled_task_waits_for_its_setter(box: Box) -> None:
    number = {"taskId": add_task(box, TASK_CONTROL="Y")["id"]}
    assert box.ok("tasks.task.complete", number)["task"]["status"] == "4"
    assert box.ok("tasks.task.complete", number)["task"]["status"] == "5"
    own = {"taskId": add_task(box, TASK_CONTROL="Y", CREATED_BY=1)["id"]}
    assert box.ok("tasks.task.complete", own)["task"]["status"] == "5"


def test_a_required_result_stops_the_platforms_only(box: Box) -> None:
    task = add_task(box, SE_PARAMETER=[{"CODE": 3, "VALUE": "Y"}])
    web = {"taskId": task["id"], "params": {"PLATFORM": "web"}}
    assert box.refused("tasks.task.complete", web)[0] == 400
    assert box.ok("tasks.task.complete", {"taskId": task["id"]})["task"]["status"] == "5"


def test_history_says_who_changed_what(box: Box) -> None:
    task = add_task(box, DEADLINE="2026-12-01T18:00:00+03:00")
    change = {"DEADLINE": "2026-12-02T18:00:00+03:00", "RESPONSIBLE_ID": 10}
    box.ok("tasks.task.update", {"taskId": task["id"], "fields": change})
    box.ok("tasks.task.start", {"taskId": task["id"]})
    latest = box.ok("tasks.task.history.list", {"taskId": task["id"]})["list"]
    rows = box.ok("tasks.task.history.list", {"taskId": task["id"], "order": {"ID": "asc"}})["list"]
    assert latest == rows[::-1]
    assert [row["field"] for row in rows] == ["NEW", "DEADLINE", "RESPONSIBLE_ID", "STATUS"]
    assert rows[1]["value"] == {"from": "1796137200", "to": "1796223600"}
    assert rows[2]["value"] == {"from": "9", "to": "10"}
    assert {row["user"]["id"] for row in rows} == {1}
    only = {"taskId": task["id"], "filter": {"FIELD": "DEADLINE"}}
    assert len(box.ok("tasks.task.history.list", only)["list"]) == 1


def test_changes_are_polled_by_the_second(box: Box) -> None:
    box.control("clock", {"now": "2026-05-12T12:00:00"})
    first, second = add_task(box), add_task(box)
    box.control("clock", {"advance": 1})
    box.ok("tasks.task.update", {"taskId": second["id"], "fields": {"TITLE": "иное"}})
    since = {"filter": {">=CHANGED_DATE": "2026-05-12T12:00:01+03:00"}, "start": -1}
    assert [row["id"] for row in box.ok("tasks.task.list", since)["tasks"]] == [second["id"]]
    since["filter"] = {">=CHANGED_DATE": "2026-05-12T12:00:00+03:00"}
    listed = box.ok("tasks.task.list", since | {"order": {"CHANGED_DATE": "asc"}})["tasks"]
    assert [row["id"] for row in listed] == [first["id"], second["id"]]


def test_delegation_keeps_the_former_executor_as_observer(box: Box) -> None:
    task = add_task(box)
    changed = box.ok("tasks.task.delegate", {"taskId": task["id"], "userId": 10})["task"]
    assert (changed["responsibleId"], changed["auditors"]) == ("10", ["9"])


def test_results_in_both_versions(box: Box) -> None:
    number = int(add_task(box)["id"])
    added = box.v3("tasks.task.result.add", {"fields": {"taskId": number, "text": "Исполнено"}})
    item = added.json()["result"]["item"]
    assert (item["taskId"], item["authorId"], item["status"]) == (number, 1, "open")
    listed = box.v3("tasks.task.result.list", {"filter": [["taskId", number]]}).json()
    assert [row["id"] for row in listed["result"]["items"]] == [item["id"]]
    box.ok("tasks.task.complete", {"taskId": number})
    old = box.ok("tasks.task.result.list", {"taskId": number})
    assert [(row["status"], row["commentId"], row["text"]) for row in old] == [(1, 0, "Исполнено")]
    wrong = box.v3("tasks.task.result.add", {"fields": {"taskId": number, "fileIds": [1]}})
    assert wrong.status_code == 400
    assert wrong.json()["error"]["code"].endswith("VALIDATION_DTOVALIDATIONEXCEPTION")
    assert box.v3("tasks.task.result.list", {"filter": [["taskId", 1]]}).status_code == 403


def test_files_of_a_task(box: Box) -> None:
    root = box.ok("disk.storage.getList", {"filter": {"ENTITY_TYPE": "common"}})[0]
    pair = ["a.txt", base64.b64encode(b"one").decode()]
    upload = {"id": root["ROOT_OBJECT_ID"], "data": {"NAME": "a.txt"}, "fileContent": pair}
    file = box.ok("disk.folder.uploadFile", upload)
    task = add_task(box, UF_TASK_WEBDAV_FILES=[f"n{file['ID']}", "n999"])
    select = {"taskId": task["id"], "select": ["UF_TASK_WEBDAV_FILES"]}
    attached = box.ok("tasks.task.get", select)["task"]["ufTaskWebdavFiles"]
    shown = box.ok("disk.attachedObject.get", {"id": attached[0]})
    assert (shown["OBJECT_ID"], shown["NAME"]) == (str(file["ID"]), "a.txt")
    assert box.http.get(shown["DOWNLOAD_URL"]).content == b"one"
    again = {"taskId": task["id"], "fileId": file["ID"]}
    assert box.ok("tasks.task.files.attach", again)["attachmentId"] != attached[0]
    empty = {"taskId": task["id"], "fields": {"UF_TASK_WEBDAV_FILES": []}}
    box.ok("tasks.task.update", empty)
    assert box.ok("tasks.task.get", select)["task"]["ufTaskWebdavFiles"] == []


def test_a_comment_goes_into_the_chat_of_the_task(box: Box) -> None:
    task = add_task(box)
    number = box.ok("task.commentitem.add", [task["id"], {"POST_MESSAGE": "Вопрос", "AUTHOR_ID": 9}])
    dialog = {"DIALOG_ID": f"chat{task['chatId']}"}
    rows = box.ok("im.dialog.messages.get", dialog)["messages"]
    assert [(row["id"], row["author_id"], row["text"]) for row in rows] == [(number, 9, "Вопрос")]
