"""The vendor's own client on tasks of both versions, unchanged, over TLS."""

from __future__ import annotations

from typing import Any

import pytest
from b24pysdk import BitrixWebhook, Client
from b24pysdk.errors import BitrixAPIError
from b24pysdk.errors.v3 import BitrixAPIAccessDeniedException

FIELDS = {"TITLE": "Исполнить", "RESPONSIBLE_ID": 9, "CREATED_BY": 3}


@pytest.fixture
def task(client: Any) -> int:
    return int(client.tasks.task.add(fields=FIELDS).result["task"]["id"])


@pytest.fixture
def v3(token: BitrixWebhook) -> Any:
    return Client(token, prefer_version=3)


def test_statuses_and_control(client: Any, task: int) -> None:
    methods = client.tasks.task
    methods.update(task_id=task, fields={"TASK_CONTROL": "Y"}).call()
    seen = [
        getattr(methods, name)(task_id=task).result["task"]["status"] for name in ("start", "pause", "defer")
    ]
    assert seen == ["3", "2", "6"]
    assert methods.complete(task_id=task).result["task"]["status"] == "4"
    assert methods.disapprove(task_id=task).result["task"]["status"] == "2"
    methods.complete(task_id=task).call()
    assert methods.approve(task_id=task).result["task"]["status"] == "5"
    assert methods.renew(task_id=task).result["task"]["status"] == "2"
    assert methods.delegate(task_id=task, user_id=10).result["task"]["responsibleId"] == "10"
    with pytest.raises(BitrixAPIError) as refusal:
        methods.approve(task_id=task).call()
    assert refusal.value.error == "1048582"


def test_own_marks_access_and_counters(client: Any, task: int) -> None:
    methods = client.tasks.task
    assert methods.favorite.add(task_id=task).result is True
    assert methods.favorite.remove(task_id=task).result is True
    assert methods.pin(bitrix_id=task).result["task"]["isPinned"] == "Y"
    assert methods.unpin(bitrix_id=task).result["task"]["isPinned"] == "N"
    assert methods.mute(bitrix_id=task).result["task"]["isMuted"] == "Y"
    assert methods.unmute(bitrix_id=task).result["task"]["isMuted"] == "N"
    assert methods.startwatch(task_id=task).result["task"]["auditors"] == ["1"]
    assert methods.stopwatch(task_id=task).result["task"]["auditors"] == []
    allowed = methods.getaccess(task_id=task, users=[9, 17]).result["allowedActions"]
    assert (allowed["9"]["START"], allowed["17"]["START"]) == (True, False)
    assert methods.counters.get(user_id=9).result["expired"]["counter"] == 0
    assert methods.get_fields().result["fields"]["TITLE"]["required"] is True


def test_checklists_are_read_by_place(client: Any, task: int) -> None:
    items = client.task.checklistitem
    root = items.add(task_id=task, fields={"TITLE": "Шаги", "PARENT_ID": 0}).result
    first = items.add(task_id=task, fields={"TITLE": "Изучить", "PARENT_ID": root}).result
    second = items.add(task_id=task, fields={"TITLE": "Ответить", "PARENT_ID": root}).result
    items.moveafteritem(task_id=task, item_id=first, after_item_id=second).call()
    items.update(task_id=task, item_id=first, fields={"TITLE": "Перечитать"}).call()
    assert items.complete(task_id=task, item_id=first).result is True
    assert items.renew(task_id=task, item_id=second).result is True
    rows = items.getlist(task_id=task, order={"SORT_INDEX": "asc"}).result
    assert {row["TITLE"]: row["IS_COMPLETE"] for row in rows} == {
        "Шаги": "N", "Ответить": "N", "Перечитать": "Y"
    }  # fmt: skip
    assert items.get(task_id=task, item_id=first).result["PARENT_ID"] == str(root)
    assert items.isactionallowed(task_id=task, item_id=first, action_id=3).result is True
    assert items.delete(task_id=task, item_id=root).result is True
    assert items.getlist(task_id=task).result == []
    assert items.getmanifest().result["REST: shortname alias to class"] == "checklistitem"


def test_tasks_are_read_whole_in_all_three_ways(client: Any, token: BitrixWebhook) -> None:
    adding = {str(number): client.tasks.task.add(fields=FIELDS) for number in range(120)}
    made = {int(row["task"]["id"]) for row in client.call_batches(adding).result.result.values()}
    listing = client.tasks.task.list(select=["ID"])
    assert {int(row["id"]) for row in listing.as_list().result} == made
    assert {int(row["id"]) for row in listing.as_list_fast().result} == made
    raw = token.call_list("tasks.task.list", {"select": ["ID"]})["result"]
    assert {int(row["id"]) for row in raw} == made


def test_tasks_of_rest_3(v3: Any) -> None:
    methods = v3.tasks.task
    fields = {"title": "Подготовить ответ", "creatorId": 3, "responsibleId": 9}
    item = methods.add(fields=fields).result["item"]
    number = item["id"]
    assert methods.update(bitrix_id=number, fields={"priority": "high"}).result == {"result": True}
    assert methods.get(bitrix_id=number, select=["priority"]).result["item"] == {"priority": "high"}
    rows = methods.list(select=["id", "title"], filter=[["id", number]]).result["items"]
    assert rows == [{"id": number, "title": "Подготовить ответ"}]
    assert methods.access.get(bitrix_id=number).result["edit"] is True
    assert methods.chat.message.send(fields={"taskId": number, "text": "Прошу ускорить"}).result == {
        "result": True
    }  # fmt: skip
    assert methods.field.get(name="title").result["item"]["type"] == "string"
    assert methods.delete(bitrix_id=number).result == {"result": True}


def test_results_of_rest_3(v3: Any, task: int) -> None:
    methods = v3.tasks.task.result
    made = methods.add(fields={"taskId": task, "text": "Готово"}).result["item"]
    changed = methods.update(bitrix_id=made["id"], fields={"text": "Отправлено"}).result["item"]
    assert changed["text"] == "Отправлено"
    rows = methods.list(filter=[["taskId", task]]).result["items"]
    assert [row["text"] for row in rows] == ["Отправлено"]
    assert methods.delete(bitrix_id=made["id"]).result == {"result": True}
    with pytest.raises(BitrixAPIAccessDeniedException):
        methods.delete(bitrix_id=made["id"]).call()
