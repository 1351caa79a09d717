"""From a picture to portal objects: which exist, under which key, with which fields.

Field values are kept in a normal form (`normal_*`) so that what we want, what we confirmed and what a
poll reads can be compared; the wire form is made from them in `plan`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from b24flow.core.picture import Card, Picture, TaskPicture
from b24flow.portal.bbcode import bold, escape
from b24flow.portal.portal_map import PortalMap, ProcessMap

END_OF_DAY = time(18, 0)
"""A term is a day; a task needs an hour: the end of the working day in the portal's zone."""

TITLE_LIMIT = 100
"""Longer item titles broke the creation of items (domain.md C16, V37)."""

MESSAGE_LIMIT = 20_000
_STYLES = {"primary": "primary", "danger": "alert", "success": "primary"}
BOT_COMMAND = "b24flow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One object that should be in the portal; `fields` in normal form."""

    key: str
    kind: str
    fields: Mapping[str, Any]


def item_key(install: str, uuid: str) -> str:
    """Return the `xmlId` of a document's registry item."""
    return f"b24flow:{install}:{uuid}"


def task_key(install: str, task: str) -> str:
    """Return the `XML_ID` of an assignment's task."""
    return f"b24flow:{install}:{task}"


def item(picture: Picture, process: ProcessMap) -> Wanted:
    """Return the registry item of a document."""
    fields: dict[str, Any] = {
        "title": shorten(picture.title, TITLE_LIMIT), "assignedById": picture.responsible,
    }
    if picture.state in process.stages:
        # A document pinned to an older definition may be in a state the board no longer has.
        fields["stageId"] = process.stages[picture.state]
    for code, name in process.fields.items():
        value = picture.row.get(code)
        fields[name] = normal_cell(picture.url if value == picture.uuid else value)
    return Wanted(key="item", kind="item", fields=fields)


def normal_cell(value: object) -> Any:
    """Return a registry value in normal form: dates as YYYY-MM-DD, nothing as an empty string."""
    if value is None or value == [] or value is False:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value


def normal_read(value: object) -> Any:
    """Return a value read from an item in normal form.

    A `date` field comes back as midnight of the server's zone with an offset: only its first ten
    characters mean anything (reference bitrix24-rest-crm-events-auth.md §4.8, pitfall 14).
    """
    if value is None or value == []:
        return ""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", value):
        return value[:10]
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    return value


def folder(picture: Picture) -> Wanted:
    """Return the document's folder on Disk; its name is its key."""
    return Wanted(key="folder", kind="folder", fields={"name": disk_name(picture.folder)})


def disk_name(name: str) -> str:
    """Return a name Disk keeps as it is: signs that it would replace are replaced by us."""
    cleaned = re.sub(r'[\\/:*?"<>|\x00-\x1f%#]', "-", name).strip(" .")
    return cleaned[:120].rstrip(" .") or "без имени"


def file_name(name: str, sha256: str) -> str:
    """Return a file's name in its folder: unique by content, so that it is its own key."""
    stem, dot, suffix = disk_name(name).rpartition(".")
    if not dot:
        stem, suffix = suffix, ""
    return f"{stem[:90]}_{sha256[:8]}{dot}{suffix}"


def task(one: TaskPicture, zone: ZoneInfo) -> Wanted:
    """Return the task of an assignment."""
    return Wanted(key=f"task:{one.key}", kind="task", fields={
        "title": shorten(one.title, 250), "responsible": one.executor, "creator": one.setter,
        "deadline": deadline(one.deadline, zone), "open": one.open,
    })


def deadline(day: date | None, zone: ZoneInfo) -> str:
    """Return a term as an instant in the portal's zone, empty when there is none."""
    if day is None:
        return ""
    return datetime.combine(day, END_OF_DAY, zone).isoformat(timespec="seconds")


def task_description(one: TaskPicture, url: str) -> str:
    """Return the BB-code of a task's description."""
    lines = [escape(line) for line in one.lines]
    return "\n".join([*lines, f"[URL={url}]Открыть документ[/URL]"])


def card(one: Card) -> Wanted:
    """Return a chat card."""
    return Wanted(key=one.key, kind="card", fields={
        "recipient": one.recipient, "text": card_text(one),
        "buttons": [
            {"label": button.label, "style": _STYLES.get(button.style, ""),
             "command": button.command, "link": button.link}
            for button in one.buttons
        ],
    })


def card_text(one: Card) -> str:
    """Return the BB-code text of a card."""
    text = "\n".join([bold(one.title), *(escape(line) for line in one.lines)])
    return shorten(text, MESSAGE_LIMIT)


def shorten(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters, with an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def process_of(portal: PortalMap, picture: Picture) -> ProcessMap:
    """Return the registry of a document's process; raises KeyError when it was never applied."""
    return portal.processes[picture.process]
