"""Plain dumps of the portal's state for assertions (`GET /_sandbox/state/{what}`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from b24flow.sandbox.model.crm import require_kind
from b24flow.sandbox.model.crm_fields import specs_of
from b24flow.sandbox.model.portal import Portal

Dump = list[dict[str, Any]]


def _items(portal: Portal) -> Dump:
    rows = []
    for entity_type_id, items in portal.state.items.items():
        names = {
            key: spec.name for key, spec in specs_of(portal, require_kind(portal, entity_type_id)).items()
        }
        rows += [
            {"entityTypeId": entity_type_id} | {names[key]: value for key, value in item.values.items()}
            for item in items.values()
        ]
    return rows


def _tasks(portal: Portal) -> Dump:
    results = portal.state.task_results.values()
    return [
        asdict(task) | {"results": [asdict(r) for r in results if r.task_id == task.id]}
        for task in portal.state.tasks.values()
    ]


def _messages(portal: Portal) -> Dump:
    chats = portal.state.chats
    return [
        asdict(row) | {"chat_kind": chats[row.chat_id].kind, "members": chats[row.chat_id].members}
        for row in portal.state.messages.values()
    ]


def _files(portal: Portal) -> Dump:
    rows = []
    for row in portal.state.objects.values():
        shown = asdict(row)
        shown["path"] = "/".join(_path(portal, row.id))
        shown["size"] = len(row.versions[-1].content) if row.versions else 0
        rows.append(shown)
    return rows


def _path(portal: Portal, object_id: int) -> list[str]:
    names: list[str] = []
    current: int | None = object_id
    while current is not None:
        row = portal.state.objects[current]
        names.append(row.name)
        current = row.parent_id
    return names[::-1]


def _timeline(kinds: tuple[str, ...]) -> Callable[[Portal], Dump]:
    def dump(portal: Portal) -> Dump:
        return [asdict(row) for row in portal.state.timeline.values() if row.kind in kinds]

    return dump


def _table(name: str) -> Callable[[Portal], Dump]:
    def dump(portal: Portal) -> Dump:
        rows = getattr(portal.state, name)
        return [asdict(row) for row in (rows.values() if isinstance(rows, dict) else rows)]

    return dump


DUMPS: dict[str, Callable[[Portal], Dump]] = {
    "items": _items,
    "tasks": _tasks,
    "messages": _messages,
    "files": _files,
    "comments": _timeline(("comment",)),
    "timeline": _timeline(("comment", "log", "change")),
    "history": _table("task_changes"),
    "notices": _table("notices"),
    "users": _table("users"),
    "departments": _table("departments"),
    "activities": _table("activities"),
    "mail": _table("mail"),
    "types": _table("types"),
    "categories": _table("categories"),
    "statuses": _table("statuses"),
    "fields": _table("user_fields"),
    "bots": _table("bots"),
    "commands": _table("commands"),
    "events": _table("bot_events"),
    "chats": _table("chats"),
    "lines": _table("lines"),
    "line_clients": _table("line_clients"),
    "line_sessions": _table("line_sessions"),
    "handlers": _table("event_bindings"),
    "placements": _table("placements"),
    "groups": _table("groups"),
    "posts": _table("posts"),
    "sites": _table("landing_sites"),
    "folders": _table("landing_folders"),
    "pages": _table("landing_pages"),
    "blocks": _table("landing_blocks"),
}
