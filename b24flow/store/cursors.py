"""Where a reading of the portal stopped, and other small facts that must survive a restart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from b24flow.store import upsert
from b24flow.store.engine import Unit
from b24flow.store.tables import cursor


def get(unit: Unit, key: str, default: Any = None) -> Any:
    """Return the JSON value of a key, or the default."""
    row = unit.execute(select(cursor.c.value).where(cursor.c.key == key)).one_or_none()
    return default if row is None else row.value


def put(unit: Unit, key: str, value: Any, now: datetime) -> None:
    """Set the JSON value of a key."""
    statement = upsert.insert(unit, cursor).values(key=key, value=value, updated_at=now)
    unit.execute(statement.on_conflict_do_update(
        index_elements=["key"],
        set_={"value": statement.excluded.value, "updated_at": statement.excluded.updated_at},
    ))
