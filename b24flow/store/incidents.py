"""Incidents: what needs a person. One open incident per key, however often its cause repeats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select, text, update

from b24flow.store import upsert
from b24flow.store.engine import Unit
from b24flow.store.tables import incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`text` is Russian, for the clerk or the administrator; `times` counts its repeats."""

    id: int
    key: str
    kind: str
    document_id: int | None
    text: str
    details: Mapping[str, Any]
    opened_at: datetime
    seen_at: datetime
    times: int
    closed_at: datetime | None
    closed_by: int | None
    resolution: str


def open(
    unit: Unit,
    key: str,
    kind: str,
    message: str,
    now: datetime,
    *,
    document_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Open an incident; False when one with this key is open already, it is then counted up."""
    statement = upsert.insert(unit, incident).values(
        key=key, kind=kind, document_id=document_id, text=message, details=dict(details or {}),
        opened_at=now, seen_at=now, times=1, resolution="",
    )
    counted = statement.on_conflict_do_update(
        index_elements=["key"], index_where=text("closed_at IS NULL"),
        set_={"times": incident.c.times + 1, "seen_at": now, "text": statement.excluded.text,
              "details": statement.excluded.details},
    )
    return int(unit.execute(counted.returning(incident.c.times)).scalar_one()) == 1


def close(
    unit: Unit, key: str, now: datetime, *, by: int | None = None, resolution: str = ""
) -> bool:
    """Close the open incident with a key; False when there is none."""
    statement = update(incident).where(incident.c.key == key, incident.c.closed_at.is_(None))
    values = {"closed_at": now, "closed_by": by, "resolution": resolution}
    return unit.execute(statement.values(**values)).rowcount == 1


def is_open(unit: Unit, key: str) -> bool:
    """Tell whether an incident with a key waits for a person."""
    query = select(exists().where(incident.c.key == key, incident.c.closed_at.is_(None)))
    return bool(unit.execute(query).scalar_one())


def listing(
    unit: Unit, *, document_id: int | None = None, with_closed: bool = False, limit: int = 200
) -> list[Incident]:
    """Return incidents, the newest first."""
    query = select(incident).order_by(incident.c.id.desc()).limit(limit)
    if not with_closed:
        query = query.where(incident.c.closed_at.is_(None))
    if document_id is not None:
        query = query.where(incident.c.document_id == document_id)
    return [Incident(**row._mapping) for row in unit.execute(query)]


def count(unit: Unit) -> int:
    """Return how many incidents are open."""
    query = select(func.count()).select_from(incident).where(incident.c.closed_at.is_(None))
    return int(unit.execute(query).scalar_one())
