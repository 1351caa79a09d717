"""Records of timelines: comments, log messages and the portal's own notes of changes.

Facts: api-reference/crm/timeline/comments/*.md, logmessage/*.md. Of the two spellings of a comment
event's data the box's own is used: `FIELDS` around the `ID`.
"""

from __future__ import annotations

import re
from datetime import datetime

from b24flow.sandbox.model.entities import Employee, TimelineRecord
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.notices import notify
from b24flow.sandbox.model.portal import Portal

_MENTION = re.compile(r"\[USER=(\d{1,9})\]")


def add_record(
    portal: Portal,
    kind: str,
    entity_type: str,
    entity_id: int,
    author_id: int,
    *,
    text: str,
    title: str = "",
    icon: str = "",
    app_id: int = 0,
    created: datetime | None = None,
) -> TimelineRecord:
    """Put a record into a timeline, of the present moment unless told; a comment raises its event."""
    state = portal.state
    record = TimelineRecord(
        id=state.next_id("timeline"),
        kind=kind,
        entity_type=entity_type,
        entity_id=entity_id,
        author_id=author_id,
        created=created or portal.clock.now(),
        text=text,
        title=title,
        icon=icon,
        app_id=app_id,
    )
    state.timeline[record.id] = record
    state.timeline_index.setdefault((entity_type, entity_id), []).append(record.id)
    if kind == "comment":
        _mention(portal, record, "")
        _raise(portal, record, "ADD", author_id)
    return record


def _mention(portal: Portal, record: TimelineRecord, before: str) -> None:
    """Notify the employees a comment names and its former text did not."""
    known = {record.author_id, *map(int, _MENTION.findall(before))}
    for user_id in dict.fromkeys(map(int, _MENTION.findall(record.text))):
        if user_id not in known and portal.active_user(user_id) is not None:
            notify(portal, user_id, record.author_id, f"Вас упомянули в комментарии: {record.text}")


def records_of(portal: Portal, entity_type: str, entity_id: int, kind: str = "") -> list[TimelineRecord]:
    """Return the records of one timeline in the order of their ids."""
    ids = portal.state.timeline_index.get((entity_type, entity_id), ())
    rows = (portal.state.timeline[one] for one in ids)
    return [row for row in rows if kind in ("", row.kind)]


def change_comment(
    portal: Portal, user: Employee, row: TimelineRecord, *, text: str, files: list[int]
) -> None:
    """Change a comment; nothing happens when nothing is different."""
    if (row.text, row.files) == (text, files):
        return
    before, row.text, row.files = row.text, text, files
    _mention(portal, row, before)
    _raise(portal, row, "UPDATE", user.id)


def drop_record(portal: Portal, user: Employee, row: TimelineRecord) -> None:
    """Delete a record."""
    portal.state.timeline_index[row.entity_type, row.entity_id].remove(row.id)
    del portal.state.timeline[row.id]
    if row.kind == "comment":
        _raise(portal, row, "DELETE", user.id)


def drop_timeline(portal: Portal, entity_type: str, entity_id: int) -> None:
    """Delete a whole timeline, as happens when its item is deleted."""
    for number in portal.state.timeline_index.pop((entity_type, entity_id), ()):
        del portal.state.timeline[number]


def _raise(portal: Portal, row: TimelineRecord, what: str, user_id: int) -> None:
    raise_event(portal, f"ONCRMTIMELINECOMMENT{what}", {"FIELDS": {"ID": row.id}}, user_id=user_id)
