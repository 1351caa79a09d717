"""Checklists of tasks by the positional methods."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Box, add_task


@pytest.fixture
def task(box: Box) -> int:
    return int(add_task(box)["id"])


def add(box: Box, task: int, title: str, **fields: Any) -> int:
    return int(box.ok("task.checklistitem.add", {"TASKID": task, "FIELDS": {"TITLE": title, **fields}}))


def get(box: Box, task: int, item: int) -> dict[str, Any]:
    row: dict[str, Any] = box.ok("task.checklistitem.get", {"TASKID": task, "ITEMID": item})
    return row


def tree(box: Box, task: int) -> list[tuple[str, int]]:
    order = {"PARENT_ID": "asc", "SORT_INDEX": "asc"}
    rows = box.ok("task.checklistitem.getlist", {"TASKID": task, "ORDER": order})
    return [(row["TITLE"], int(row["PARENT_ID"])) for row in rows]


def test_an_item_without_a_parent_goes_to_the_first_checklist(box: Box, task: int) -> None:
    first = add(box, task, "Изучить")
    root = int(get(box, task, first)["PARENT_ID"])
    assert get(box, task, root)["PARENT_ID"] == 0
    second = add(box, task, "Ответить")
    assert int(get(box, task, second)["PARENT_ID"]) == root
    own = add(box, task, "Отдельный", PARENT_ID=0)
    lost = add(box, task, "Ничей", PARENT_ID=999)
    assert [get(box, task, one)["PARENT_ID"] for one in (own, lost)] == [0, 0]
    shown = box.ok("tasks.task.get", {"taskId": task})["task"]["checklist"]
    assert {row["title"] for row in shown.values()} >= {"Изучить", "Ответить", "Отдельный", "Ничей"}


def test_parameters_are_read_by_place(box: Box, task: int) -> None:
    item = add(box, task, "Изучить")
    assert box.ok("task.checklistitem.get", {"a": task, "b": item})["ID"] == str(item)
    swapped = {"ITEMID": item, "TASKID": task}
    assert box.refused("task.checklistitem.get", swapped) == (400, "ERROR_CORE")
    assert box.ok("task.checklistitem.complete", {"ITEMID": item, "TASKID": task}) is False
    lettered = box.raw("task.checklistitem.get", {"TASKID": "три", "ITEMID": item}).json()
    assert 'expected to be of type "integer"' in lettered["error_description"]
    short = box.raw("task.checklistitem.delete", {"TASKID": task}).json()
    assert "#1 (itemId) expected by method ctaskchecklistitem::delete()" in short["error_description"]
    wrong = {"TASKID": task, "ORDER": {"IS_COMPLETED": "asc"}}
    assert box.refused("task.checklistitem.getlist", wrong) == (400, "ERROR_CORE")


def test_marking_is_repeatable_and_looks_at_the_item_alone(box: Box, task: int) -> None:
    item = add(box, task, "Изучить")
    other = int(add_task(box)["id"])
    assert box.ok("task.checklistitem.complete", {"TASKID": other, "ITEMID": item}) is True
    first = get(box, task, item)
    assert (first["IS_COMPLETE"], first["TOGGLED_BY"]) == ("Y", "1")
    box.control("clock", {"advance": 60})
    assert box.ok("task.checklistitem.complete", {"TASKID": task, "ITEMID": item}) is True
    assert get(box, task, item)["TOGGLED_DATE"] == first["TOGGLED_DATE"]
    assert box.ok("task.checklistitem.renew", {"TASKID": task, "ITEMID": item}) is True
    assert get(box, task, item)["IS_COMPLETE"] == "N"
    assert box.refused("task.checklistitem.complete", {"TASKID": 0, "ITEMID": item}) == (400, "ERROR_CORE")


def test_people_of_an_item_take_part_in_the_task(box: Box, task: int) -> None:
    item = add(box, task, "Изучить", MEMBERS={"15": {"TYPE": "A"}, "16": {"TYPE": "U"}, "999": {"TYPE": "A"}})
    assert [(row["ID"], row["TYPE"]) for row in get(box, task, item)["MEMBERS"]] == [("15", "A"), ("16", "U")]
    shown = box.ok("tasks.task.get", {"taskId": task})["task"]
    assert (shown["accomplices"], shown["auditors"]) == (["15"], ["16"])
    chat = box.ok("im.chat.user.list", {"CHAT_ID": shown["chatId"]})
    assert {15, 16} <= {int(one) for one in chat}
    change = {"TASKID": task, "ITEMID": item, "FIELDS": {"MEMBERS": {"10": {"TYPE": "U"}}}}
    assert box.ok("task.checklistitem.update", change) is None
    assert [row["ID"] for row in get(box, task, item)["MEMBERS"]] == ["10"]


def test_items_move_with_what_is_below_them(box: Box, task: int) -> None:
    root = add(box, task, "Первый", PARENT_ID=0)
    upper = add(box, task, "верхний", PARENT_ID=root)
    lower = add(box, task, "нижний", PARENT_ID=upper)
    last = add(box, task, "последний", PARENT_ID=root)
    move = {"TASKID": task, "ITEMID": lower, "AFTERITEMID": upper}
    assert box.ok("task.checklistitem.moveafteritem", move) is None
    assert tree(box, task) == [("Первый", 0), ("верхний", root), ("нижний", root), ("последний", root)]
    other = add(box, task, "Второй", PARENT_ID=0)
    under = {"TASKID": task, "ITEMID": root, "FIELDS": {"PARENT_ID": other}}
    box.ok("task.checklistitem.update", under)
    assert int(get(box, task, root)["PARENT_ID"]) == other
    into_itself = {"TASKID": task, "ITEMID": other, "FIELDS": {"PARENT_ID": last}}
    box.ok("task.checklistitem.update", into_itself)
    assert get(box, task, other)["PARENT_ID"] == 0
    assert box.ok("task.checklistitem.delete", {"TASKID": task, "ITEMID": other}) is True
    assert tree(box, task) == []


def test_strangers_neither_see_nor_change(box: Box, task: int) -> None:
    item = add(box, task, "Изучить")
    stranger = box.install_app(who=17)
    assert stranger.refused("task.checklistitem.get", {"TASKID": task, "ITEMID": item}) == (400, "ERROR_CORE")
    adding = {"TASKID": task, "FIELDS": {"TITLE": "лишний"}}
    assert stranger.refused("task.checklistitem.add", adding) == (400, "ERROR_CORE")
    assert stranger.ok("task.checklistitem.complete", {"TASKID": task, "ITEMID": item}) is False
    asking = {"TASKID": task, "ITEMID": item, "ACTIONID": 2}
    assert stranger.ok("task.checklistitem.isactionallowed", asking) is False
    assert box.ok("task.checklistitem.isactionallowed", asking) is True
    watcher = box.install_app(who=17)
    box.ok("tasks.task.update", {"taskId": task, "fields": {"AUDITORS": [17]}})
    assert watcher.ok("task.checklistitem.isactionallowed", asking) is False
    assert watcher.ok("task.checklistitem.isactionallowed", asking | {"ACTIONID": 4}) is True


def test_history_of_a_checklist(box: Box, task: int) -> None:
    item = add(box, task, "Изучить", PARENT_ID=0)
    box.ok("task.checklistitem.update", {"TASKID": task, "ITEMID": item, "FIELDS": {"TITLE": "Прочитать"}})
    box.ok("task.checklistitem.complete", {"TASKID": task, "ITEMID": item})
    box.ok("task.checklistitem.delete", {"TASKID": task, "ITEMID": item})
    rows = box.ok("tasks.task.history.list", {"taskId": task, "order": {"ID": "asc"}})["list"]
    assert [row["field"].removeprefix("CHECKLIST_ITEM_") for row in rows] == [
        "NEW", "CREATE", "RENAME", "CHECK", "REMOVE"
    ]  # fmt: skip
    assert rows[2]["value"] == {"from": "Изучить", "to": "Прочитать"}
