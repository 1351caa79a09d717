"""Tasks of REST 3.0: typed answers, strict requests, filters and pages."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.sandbox.conftest import Box, add_task

_ACCESS = (403, "ACCESSDENIEDEXCEPTION")
_REQUEST = (400, "VALIDATION_REQUESTVALIDATIONEXCEPTION")
_FIELD = (400, "VALIDATION_DTOVALIDATIONEXCEPTION")
_UNKNOWN = (400, "UNKNOWNDTOPROPERTYEXCEPTION")


def ok(caller: Any, method: str, params: Any) -> Any:
    answer = caller.v3(method, params)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def refused(caller: Any, method: str, params: Any) -> tuple[int, str]:
    answer = caller.v3(method, params)
    code: str = answer.json()["error"]["code"]
    return answer.status_code, code.removeprefix("BITRIX_REST_V3_EXCEPTION_")


def number_of(box: Box, **fields: Any) -> int:
    return int(add_task(box, **fields)["id"])


NEW = {"title": "Подготовить ответ", "creatorId": 3, "responsibleId": 9}


def test_what_is_added_by_one_version_is_read_by_the_other(box: Box) -> None:
    fields = NEW | {
        "deadline": "2031-05-12T18:00:00+03:00", "needsControl": True, "priority": "high",
        "requireResult": True, "crmItemIds": ["L_1"], "xmlId": "key",
    }  # fmt: skip
    item = ok(box, "tasks.task.add", {"fields": fields})["item"]
    assert (item["status"], item["priority"], item["needsControl"]) == ("pending", "high", True)
    assert (item["deadline"], item["crmItemIds"]) == ("2031-05-12T18:00:00+03:00", ["L_1"])
    assert "creatorId" not in item
    old = box.ok("tasks.task.get", {"taskId": item["id"], "select": ["*", "SE_PARAMETER"]})["task"]
    assert (old["createdBy"], old["taskControl"], old["priority"], old["xmlId"]) == ("3", "Y", "2", "key")
    assert old["seParameter"] == [{"code": 3, "value": "Y"}]
    change = {"id": item["id"], "fields": {"status": "in_progress", "title": "Ответить", "mark": "positive"}}
    assert ok(box, "tasks.task.update", change) == {"result": True}
    old = box.ok("tasks.task.get", {"taskId": item["id"]})["task"]
    assert (old["status"], old["title"], old["mark"]) == ("3", "Ответить", "P")


@pytest.mark.parametrize(("fields", "expected"), [
    ({"title": None}, _REQUEST),
    ({"creatorId": None}, _REQUEST),
    ({"responsibleId": "9"}, _REQUEST),
    ({"responsibleId": 999}, _REQUEST),
    ({"needsControl": "Y"}, _REQUEST),
    ({"deadline": "когда-нибудь"}, _REQUEST),
    ({"priority": "urgent"}, _REQUEST),
    ({"parentId": 999}, _REQUEST),
    ({"auditors": [4]}, _REQUEST),
    ({"id": 5}, _REQUEST),
    ({"TITLE": "x"}, _UNKNOWN),
])  # fmt: skip
def test_requests_are_strict(box: Box, fields: dict[str, Any], expected: tuple[int, str]) -> None:
    assert refused(box, "tasks.task.add", {"fields": NEW | fields}) == expected
    assert ok(box, "tasks.task.list", {}) == {"items": []}


def test_the_setter_is_given_once(box: Box) -> None:
    task = number_of(box)
    assert refused(box, "tasks.task.update", {"id": task, "fields": {"creatorId": 4}}) == _REQUEST
    assert refused(box, "tasks.task.update", {"id": str(task), "fields": {"title": "t"}}) == _REQUEST
    assert refused(box, "tasks.task.update", {"id": task}) == _REQUEST


def test_select_asks_for_fields_and_parts_of_related_objects(box: Box) -> None:
    task = number_of(box, AUDITORS=[4])
    item = ok(box, "tasks.task.get", {"id": task, "select": ["responsible.name", "nothing"]})["item"]
    assert item["responsible"] == {"name": "Кирилл Тополев"}
    assert item["id"] == task
    named = ok(box, "tasks.task.get", {"id": task, "select": ["id", "creatorId", "auditors", "parent"]})[
        "item"
    ]
    assert named == {"id": task, "creatorId": 3, "auditors": [4], "parent": None}
    assert refused(box, "tasks.task.get", {"id": task, "select": ["nobody.name"]}) == _UNKNOWN
    assert refused(box, "tasks.task.get", {"id": task, "select": ["creator.salary"]}) == _UNKNOWN
    assert refused(box, "tasks.task.get", {"id": task, "select": "id"})[1] == "INVALIDSELECTEXCEPTION"


def test_an_absent_task_and_a_closed_one(box: Box) -> None:
    task = number_of(box)
    assert refused(box, "tasks.task.get", {"id": 404}) == (400, "ENTITYNOTFOUNDEXCEPTION")
    stranger = box.install_app(who=17)
    for method, given in (
        ("get", {}), ("delete", {}), ("access.get", {}), ("update", {"fields": {"title": "t"}}),
    ):  # fmt: skip
        assert refused(stranger, f"tasks.task.{method}", {"id": task, **given}) == _ACCESS
    executor = box.install_app(who=9)
    assert refused(executor, "tasks.task.delete", {"id": task}) == _ACCESS
    assert ok(executor, "tasks.task.access.get", {"id": task})["remove"] is False
    assert ok(box, "tasks.task.delete", {"id": task}) == {"result": True}
    assert box.ok("tasks.task.get", {"taskId": task}) == []


def test_lists_are_filtered_by_the_id_alone(box: Box) -> None:
    first, second, third = (number_of(box, TITLE=name) for name in ("в", "б", "а"))

    def ids(**given: Any) -> list[int]:
        return [row["id"] for row in ok(box, "tasks.task.list", given)["items"]]

    assert ids() == [first, second, third]
    assert ids(filter=[["id", ">", first]]) == [second, third]
    assert ids(filter=[["id", "in", [first, third]]]) == [first, third]
    assert ids(filter=[["id", "between", [first, second]], ["id", "!=", first]]) == [second]
    either = {"logic": "or", "conditions": [["id", first], ["id", third]]}
    assert ids(filter=[either]) == [first, third]
    assert ids(order={"title": "ASC"}) == [third, second, first]
    assert ids(pagination={"limit": 2, "page": 2}) == [third]
    assert ids(pagination={"limit": 1, "offset": 1}) == [second]
    assert list(ok(box, "tasks.task.list", {})["items"][0]) == ["id"]
    for wrong, code in (
        ({"filter": [["title", "а"]]}, "VALIDATION_REQUESTVALIDATIONEXCEPTION"),
        ({"filter": [["id", "~", 1]]}, "UNKNOWNFILTEROPERATOREXCEPTION"),
        ({"filter": [["id", "1"]]}, "VALIDATION_REQUESTVALIDATIONEXCEPTION"),
        ({"filter": "id"}, "INVALIDFILTEREXCEPTION"),
        ({"order": {"guid": "ASC"}}, "INVALIDORDEREXCEPTION"),
        ({"order": {"id": "up"}}, "INVALIDORDEREXCEPTION"),
        ({"pagination": {"limit": 0}}, "INVALIDPAGINATIONEXCEPTION"),
        ({"pagination": {"limit": "abc"}}, "INVALIDPAGINATIONEXCEPTION"),
    ):
        assert refused(box, "tasks.task.list", wrong) == (400, code), wrong


def test_descriptions_of_fields(box: Box) -> None:
    rows = ok(box, "tasks.task.field.list", {"select": ["name", "filterable"]})["items"]
    assert [row["name"] for row in rows if row["filterable"]] == ["id"]
    one = ok(box, "tasks.task.field.get", {"name": "creatorId"})["item"]
    assert (one["editable"], one["requiredGroups"], one["type"]) == (False, ["add"], "int")
    answer = box.v3("tasks.task.field.get", {"name": "nothing"}).json()
    assert answer["error"]["code"] == "BITRIX_REST_V3_REALISATION_EXCEPTION_FIELDNOTFOUNDEXCEPTION"
    assert refused(box, "tasks.task.field.list", {"select": ["nothing"]}) == _UNKNOWN


def test_files_are_attached_all_or_none(box: Box) -> None:
    root = box.ok("disk.storage.getList", {"filter": {"ENTITY_TYPE": "common"}})[0]["ROOT_OBJECT_ID"]
    pair = ["a.txt", base64.b64encode(b"1").decode()]
    given = {"id": root, "data": {"NAME": "a.txt"}, "fileContent": pair}
    file, task = box.ok("disk.folder.uploadFile", given)["ID"], number_of(box)
    assert refused(box, "tasks.task.file.attach", {"taskId": task, "fileIds": [file, 999]}) == _REQUEST
    assert ok(box, "tasks.task.get", {"id": task})["item"]["fileIds"] is None
    assert ok(box, "tasks.task.file.attach", {"taskId": task, "fileIds": [file]}) == {"result": True}
    assert len(ok(box, "tasks.task.get", {"id": task})["item"]["fileIds"]) == 1
    executor = box.install_app(who=9)
    assert refused(executor, "tasks.task.file.attach", {"taskId": task, "fileIds": [file]}) == _REQUEST


def test_a_message_of_the_chat_becomes_a_result(box: Box) -> None:
    task = number_of(box)
    sent = {"fields": {"taskId": task, "text": "Ответ готов"}}
    executor = box.install_app(who=9)
    assert ok(executor, "tasks.task.chat.message.send", sent) == {"result": True}
    chat = box.ok("tasks.task.get", {"taskId": task})["task"]["chatId"]
    (message,) = [
        row for row in box.ok("im.dialog.messages.get", {"DIALOG_ID": f"chat{chat}"})["messages"]
        if row["text"] == "Ответ готов"
    ]  # fmt: skip
    pin = {"fields": {"messageId": message["id"]}}
    setter = box.install_app(who=3)
    assert refused(setter, "tasks.task.result.addfromchatmessage", pin) == _ACCESS
    item = ok(executor, "tasks.task.result.addfromchatmessage", pin)["item"]
    assert (item["authorId"], item["messageId"], item["text"]) == (9, message["id"], "Ответ готов")
    private = box.ok("im.message.add", {"DIALOG_ID": "9", "MESSAGE": "Здравствуйте"})
    other = {"fields": {"messageId": private}}
    assert refused(box, "tasks.task.result.addfromchatmessage", other) == _REQUEST


def test_only_its_author_changes_a_result(box: Box) -> None:
    task = number_of(box)
    executor = box.install_app(who=9)
    made = ok(executor, "tasks.task.result.add", {"fields": {"taskId": task, "text": "Готово"}})["item"]
    change = {"id": made["id"], "fields": {"text": "Отправлено"}}
    assert refused(box, "tasks.task.result.update", change) == _ACCESS
    assert refused(box, "tasks.task.result.delete", {"id": made["id"]}) == _ACCESS
    item = ok(executor, "tasks.task.result.update", change)["item"]
    assert item["text"] == "Отправлено"
    assert item["updatedAt"] is not None
    assert refused(executor, "tasks.task.result.update", {"id": made["id"], "fields": {"text": ""}}) == _FIELD
    assert refused(executor, "tasks.task.result.delete", {}) == _REQUEST
    assert ok(executor, "tasks.task.result.delete", {"id": made["id"]}) == {"result": True}
    assert ok(box, "tasks.task.result.list", {"filter": [["taskId", task]]}) == {"items": []}


def test_results_are_listed_with_conditions(box: Box) -> None:
    task = number_of(box)
    first, second = (
        ok(box, "tasks.task.result.add", {"fields": {"taskId": task, "text": text}})["item"]["id"]
        for text in ("первый", "второй")
    )

    def ids(*conditions: Any, **given: Any) -> list[int]:
        asked = {"filter": [["taskId", task], *conditions], **given}
        return [row["id"] for row in ok(box, "tasks.task.result.list", asked)["items"]]

    assert ids() == [first, second]
    assert ids(["id", ">", first]) == [second]
    assert ids(["status", "closed"]) == []
    assert ids(order={"createdAt": "DESC", "id": "DESC"}) == [second, first]
    shown = ok(box, "tasks.task.result.list", {"filter": [["taskId", task]], "select": ["id", "author"]})
    assert shown["items"][0]["author"]["name"] == "Технический Администратор"
    assert refused(box, "tasks.task.result.list", {"filter": [["id", first]]})[1] == (
        "VALIDATION_REQUESTFILTERVALIDATIONEXCEPTION"
    )
    assert refused(box, "tasks.task.result.list", {"filter": [["taskId", task]], "select": ["x"]}) == _UNKNOWN
    assert refused(box, "tasks.task.result.list", {}) == _REQUEST
