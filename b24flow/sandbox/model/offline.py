"""Queues of offline events: rows that coalesce, are reserved by a worker, acknowledged or failed.

Facts: api-reference/events/offline-events.md, event-offline-*.md. Contradictions between the pages
and a box's code are resolved to the box:

- what the handler's own application did with the handler's own connector is left out, both empty
  included, also where the pages speak of a given connector only;
- `MESSAGE_ID` is a hash of the event and its data, so a repeated change of one object is one row;
- rows live 2 952 000 seconds, read or not.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from b24flow.sandbox.model.entities import EventBinding, OfflineEvent
from b24flow.sandbox.model.hit import Raised
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.secrets import secret
from b24flow.sandbox.wire import Json

RETENTION = timedelta(seconds=2_952_000)


def keep(portal: Portal, row: EventBinding, event: Raised) -> bool:
    """Put an event into the queue of a handler; says whether it is there now.

    `state.offline_open` finds the row a repeated event falls into. A row that a worker holds is not
    in it: the change came after the worker had read it.
    """
    if portal.hit.app_id == row.app_id and portal.hit.connector == row.connector:
        return False
    state, now = portal.state, portal.clock.now()
    message_id = _message_id(event.name, event.data)
    additional: Any = {"user_id": event.user_id} if event.user_id else False
    key = _key(row.app_id, row.connector, message_id)
    old = state.offline_events.get(state.offline_open.get(key, 0))
    if old is not None:
        old.moment, old.additional, old.error = now, additional, False
        return True
    made = OfflineEvent(
        id=state.next_id("offline_event"),
        app_id=row.app_id,
        connector=row.connector,
        event=event.name,
        data=event.data,
        additional=additional,
        message_id=message_id,
        moment=now,
    )
    state.offline_events[made.id], state.offline_open[key] = made, made.id
    return True


def queue(portal: Portal, app_id: int, connector: str) -> list[OfflineEvent]:
    """Return the rows of one source of an application, the oldest id first."""
    _drop_old(portal)
    rows = portal.state.offline_events.values()
    return [row for row in rows if row.app_id == app_id and row.connector == connector]


def reserve(portal: Portal, rows: list[OfflineEvent]) -> str:
    """Give rows to a worker and return the identifier of its process."""
    process_id = secret(portal.state, "process", 32)
    for row in rows:
        _close(portal, row)
        row.process_id = process_id
    return process_id


def delete(portal: Portal, rows: list[OfflineEvent]) -> None:
    """Take rows out of their queue."""
    for row in rows:
        _close(portal, row)
        del portal.state.offline_events[row.id]


def _close(portal: Portal, row: OfflineEvent) -> None:
    key = _key(row.app_id, row.connector, row.message_id)
    if portal.state.offline_open.get(key) == row.id:
        del portal.state.offline_open[key]


def _drop_old(portal: Portal) -> None:
    limit = portal.clock.now() - RETENTION
    delete(portal, [row for row in portal.state.offline_events.values() if row.moment < limit])


def _key(app_id: int, connector: str, message_id: str) -> str:
    return f"{app_id}:{connector}:{message_id}"


def _message_id(name: str, data: Json) -> str:
    text = name + json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
