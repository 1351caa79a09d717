"""Things that are added, looked at, counted and deleted, each in its methods' own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.sandbox.conftest import SPA, Box

Caller = Any  # a Box or an AppCaller


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """`add` takes a number to tell things apart; `shows` says whether one is there; `count` all of them."""

    name: str
    add: Callable[[Caller, int], int]
    shows: Callable[[Caller, int], bool]
    drop: Callable[[Caller, int], object]
    count: Callable[[Caller], int]


def begin(box: Box) -> None:
    """Make what the families stand on: a smart process, a first item, a task with a check list."""
    box.ok("crm.type.add", {"fields": {"title": "Входящие", "entityTypeId": SPA, "isStagesEnabled": "Y"}})
    box.ok("crm.item.add", {"entityTypeId": SPA, "fields": {"title": "Первый"}})
    box.ok("tasks.task.add", {"fields": {"TITLE": "Первая", "RESPONSIBLE_ID": 1}})
    box.ok("task.checklistitem.add", {"TASKID": task(box), "FIELDS": {"TITLE": "Первый"}})


def answers(caller: Caller, method: str, params: dict[str, Any]) -> bool:
    """Say whether a method finds what it is asked for."""
    body = caller.raw(method, params).json()
    return "error" not in body and body["result"] not in (None, [], False)


def total(caller: Caller, method: str, params: dict[str, Any]) -> int:
    """Return the total of a list."""
    return int(caller.raw(method, params).json()["total"])


def root(caller: Caller) -> int:
    """Return the root folder of the common drive."""
    rows = caller.ok("disk.storage.getlist", {"filter": {"ENTITY_TYPE": "common"}})
    return int(rows[0]["ROOT_OBJECT_ID"])


def task(caller: Caller) -> int:
    """Return the first task."""
    found = caller.ok("tasks.task.list", {"order": {"ID": "asc"}, "select": ["ID"]})["tasks"]
    return int(found[0]["id"])


_ITEM = {"entityTypeId": SPA}
_KB = {"scope": "KNOWLEDGE"}
_NOTE = {"ENTITY_TYPE": f"DYNAMIC_{SPA}", "ENTITY_ID": 1}


def _site(number: int) -> dict[str, str]:
    return {"TITLE": f"№ {number}", "CODE": f"kb{number}", "TYPE": "KNOWLEDGE"}


FAMILIES = [
    Family(
        name="item",
        add=lambda c, n: c.ok("crm.item.add", {**_ITEM, "fields": {"title": f"№ {n}"}})["item"]["id"],
        shows=lambda c, i: answers(c, "crm.item.get", {**_ITEM, "id": i}),
        drop=lambda c, i: c.ok("crm.item.delete", {**_ITEM, "id": i}),
        count=lambda c: total(c, "crm.item.list", _ITEM),
    ),
    Family(
        name="company",
        add=lambda c, n: c.ok("crm.item.add", {"entityTypeId": 4, "fields": {"title": f"№ {n}"}})["item"][
            "id"
        ],
        shows=lambda c, i: answers(c, "crm.item.get", {"entityTypeId": 4, "id": i}),
        drop=lambda c, i: c.ok("crm.item.delete", {"entityTypeId": 4, "id": i}),
        count=lambda c: total(c, "crm.item.list", {"entityTypeId": 4}),
    ),
    Family(
        name="pipeline",
        add=lambda c, n: c.ok("crm.category.add", {**_ITEM, "fields": {"name": f"№ {n}"}})["category"]["id"],
        shows=lambda c, i: answers(c, "crm.category.get", {**_ITEM, "id": i}),
        drop=lambda c, i: c.ok("crm.category.delete", {**_ITEM, "id": i}),
        count=lambda c: len(c.ok("crm.category.list", _ITEM)["categories"]),
    ),
    Family(
        name="comment",
        add=lambda c, n: c.ok("crm.timeline.comment.add", {"fields": {**_NOTE, "COMMENT": f"№ {n}"}}),
        shows=lambda c, i: answers(c, "crm.timeline.comment.get", {"id": i}),
        drop=lambda c, i: c.ok("crm.timeline.comment.delete", {"id": i}),
        count=lambda c: total(c, "crm.timeline.comment.list", {"filter": _NOTE}),
    ),
    Family(
        name="task",
        add=lambda c, n: int(
            c.ok("tasks.task.add", {"fields": {"TITLE": f"№ {n}", "RESPONSIBLE_ID": 1}})["task"]["id"]
        ),
        shows=lambda c, i: answers(c, "tasks.task.get", {"taskId": i}),
        drop=lambda c, i: c.ok("tasks.task.delete", {"taskId": i}),
        count=lambda c: total(c, "tasks.task.list", {}),
    ),
    Family(
        name="check list item",
        add=lambda c, n: int(
            c.ok("task.checklistitem.add", {"TASKID": task(c), "FIELDS": {"TITLE": f"№ {n}"}})
        ),
        shows=lambda c, i: answers(c, "task.checklistitem.get", {"TASKID": task(c), "ITEMID": i}),
        drop=lambda c, i: c.ok("task.checklistitem.delete", {"TASKID": task(c), "ITEMID": i}),
        count=lambda c: len(c.ok("task.checklistitem.getlist", {"TASKID": task(c)})),
    ),
    Family(
        name="folder",
        add=lambda c, n: int(
            c.ok("disk.folder.addsubfolder", {"id": root(c), "data": {"NAME": f"№ {n}"}})["ID"]
        ),
        shows=lambda c, i: answers(c, "disk.folder.get", {"id": i}),
        drop=lambda c, i: c.ok("disk.folder.deletetree", {"id": i}),
        count=lambda c: total(c, "disk.folder.getchildren", {"id": root(c)}),
    ),
    Family(
        name="department",
        add=lambda c, n: int(c.ok("department.add", {"NAME": f"№ {n}", "PARENT": 1})),
        shows=lambda c, i: answers(c, "department.get", {"ID": i}),
        drop=lambda c, i: c.ok("department.delete", {"ID": i}),
        count=lambda c: total(c, "department.get", {}),
    ),
    Family(
        name="group",
        add=lambda c, n: int(c.ok("sonet_group.create", {"NAME": f"№ {n}", "VISIBLE": "Y"})),
        shows=lambda c, i: answers(c, "sonet_group.get", {"FILTER": {"ID": i}}),
        drop=lambda c, i: c.ok("sonet_group.delete", {"GROUP_ID": i}),
        count=lambda c: total(c, "sonet_group.get", {}),
    ),
    Family(
        name="post",
        add=lambda c, n: int(c.ok("log.blogpost.add", {"POST_TITLE": f"№ {n}", "POST_MESSAGE": "Текст"})),
        shows=lambda c, i: answers(c, "log.blogpost.get", {"POST_ID": i}),
        drop=lambda c, i: c.ok("log.blogpost.delete", {"POST_ID": i}),
        count=lambda c: len(c.ok("log.blogpost.get", {})),
    ),
    Family(
        name="knowledge base",
        add=lambda c, n: int(c.ok("landing.site.add", {**_KB, "fields": _site(n)})),
        shows=lambda c, i: answers(c, "landing.site.getList", {**_KB, "params": {"filter": {"ID": i}}}),
        drop=lambda c, i: c.ok("landing.site.delete", {**_KB, "id": i}),
        count=lambda c: len(c.ok("landing.site.getList", {**_KB, "params": {"select": ["ID"]}})),
    ),
]
