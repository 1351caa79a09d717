"""The inbox: every fact from outside is stored once, before anything is done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from b24flow.store import upsert
from b24flow.store.engine import Unit
from b24flow.store.tables import inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """A fact that waits to be dealt with."""

    id: int
    key: str
    source: str
    payload: Mapping[str, Any]
    received_at: datetime


def accept(
    unit: Unit, key: str, source: str, payload: Mapping[str, Any], now: datetime
) -> bool:
    """Store a fact; False when its key has been seen before, and then nothing changes."""
    statement = upsert.insert(unit, inbox).values(
        key=key, source=source, payload=dict(payload), received_at=now
    )
    return upsert.added(unit, statement, inbox.c.key)


def pending(unit: Unit, limit: int = 100) -> list[InboxRow]:
    """Return facts nothing was done about yet, in the order of arrival."""
    query = (
        select(inbox.c.id, inbox.c.key, inbox.c.source, inbox.c.payload, inbox.c.received_at)
        .where(inbox.c.finished_at.is_(None)).order_by(inbox.c.id).limit(limit)
    )
    return [InboxRow(**row._mapping) for row in unit.execute(query)]


def finish(unit: Unit, row_id: int, result: str, now: datetime) -> bool:
    """Note what was done about a fact; False when that is already known."""
    statement = update(inbox).where(inbox.c.id == row_id, inbox.c.finished_at.is_(None))
    return unit.execute(statement.values(finished_at=now, result=result)).rowcount == 1


def prune(unit: Unit, before: datetime) -> int:
    """Delete facts dealt with before an instant and return how many; their keys may then come again."""
    return unit.execute(delete(inbox).where(inbox.c.finished_at < before)).rowcount
