"""What an answer of the portal says about our objects, in the same normal form as `desired`.

Answers are read tolerantly (string ids, `[]` for an empty map, unknown keys) and believed narrowly: an
object found by a look-up must carry our key, whatever the filter was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from b24flow.core.projection import Ending, LookUp, Outcome, Step
from b24flow.portal.classify import Answer
from b24flow.portal.desired import normal_read

CLOSED_STATUSES = frozenset({"4", "5"})
"""Supposedly completed and completed (reference bitrix24-rest-tasks-bot-disk.md §1.3)."""


def confirmed(step: Step, answers: Sequence[Answer]) -> Outcome:
    """Return what the answers to a step confirm; an answer of another shape leaves it unknown."""
    last = answers[-1].result
    portal_id, fields = step.portal_id, dict(step.wanted)
    if step.kind == "item":
        item = _map(_map(last).get("item"))
        portal_id = _id(item.get("id"))
        fields = {name: normal_read(item.get(name)) for name in step.wanted}
    elif step.kind == "task" and portal_id is None:
        portal_id = _id(_map(_map(last).get("task")).get("id"))
    elif step.kind in {"folder", "file"}:
        portal_id = _id(_map(last).get("ID"))
    elif step.kind == "card" and portal_id is None:
        portal_id = _id(_map(last).get("id"))
    elif step.kind == "comment":
        portal_id = _id(last)
    if portal_id is None:
        return Outcome(ending=Ending.UNKNOWN, text="Портал ответил без номера объекта")
    return Outcome(ending=Ending.DONE, portal_id=portal_id, fields=fields)


def found(one: LookUp, answers: Sequence[Answer]) -> Outcome:
    """Return what a look-up found: our object with its present state, or surely nothing (any more)."""
    rows = _rows(one, answers)
    if not rows:
        return Outcome(ending=Ending.ABSENT if one.portal_id is None else Ending.GONE)
    portal_id, fields = min(rows, key=lambda row: int(row[0]))
    return Outcome(ending=Ending.DONE, portal_id=portal_id, fields=fields,
                   duplicates=len(rows) - 1)


def _rows(one: LookUp, answers: Sequence[Answer]) -> list[tuple[str, dict[str, Any]]]:
    result = answers[0].result
    if one.kind == "item":
        xml_id = one.calls[0].params["filter"]["=xmlId"]
        items = [_map(row) for row in _list(_map(result).get("items"))]
        return [
            (str(row["id"]), {name: normal_read(row.get(name)) for name in one.wanted})
            for row in items if row.get("xmlId") == xml_id
        ]
    if one.kind == "task":
        xml_id = one.calls[0].params["filter"]["XML_ID"]
        tasks = [_map(row) for row in _list(_map(result).get("tasks"))]
        return [(str(row["id"]), task_fields(row)) for row in tasks if row.get("xmlId") == xml_id]
    if one.kind == "comment":
        mark = str(one.wanted["mark"])
        return [
            (str(row["ID"]), dict(one.wanted)) for row in map(_map, _list(result))
            if mark in str(row.get("COMMENT", ""))
        ]
    return [
        (str(row["ID"]), dict(one.wanted)) for row in map(_map, _list(result))
        if row.get("NAME") == one.wanted["name"] and _same_size(row, one)
    ]


def _same_size(row: Mapping[str, Any], one: LookUp) -> bool:
    """A file of our name but of another size is not ours: names hold the beginning of the hash."""
    if one.kind != "file":
        return str(row.get("TYPE", "folder")) == "folder"
    return str(row.get("SIZE", "")) == str(one.wanted["size"])


def task_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task as read, in normal form."""
    return {
        "title": str(row.get("title") or ""),
        "responsible": int(row.get("responsibleId") or 0),
        "creator": int(row.get("createdBy") or 0),
        "deadline": instant(row.get("deadline")),
        "open": str(row.get("status")) not in CLOSED_STATUSES,
    }


def instant(value: object) -> str:
    """Return an instant in one spelling, empty when there is none."""
    if not value:
        return ""
    return datetime.fromisoformat(str(value)).isoformat(timespec="seconds")


def _id(value: object) -> str | None:
    return str(value) if isinstance(value, (int, str)) and str(value).isdigit() else None


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
