"""Named leases: one holder at a time among all processes, told from its past self by the epoch."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, or_, select, update

from b24flow.store import upsert
from b24flow.store.engine import Unit
from b24flow.store.tables import lease


def acquire(unit: Unit, name: str, owner: str, now: datetime, seconds: float) -> int | None:
    """Take or prolong a lease and return its epoch; None while somebody else holds it.

    The epoch grows with every change of hands and whenever a lease had run out.
    """
    statement = upsert.insert(unit, lease).values(
        name=name, owner=owner, epoch=1, until=now + timedelta(seconds=seconds)
    )
    kept = and_(lease.c.owner == owner, lease.c.until >= now)
    taken = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"owner": owner, "until": statement.excluded.until,
              "epoch": case((kept, lease.c.epoch), else_=lease.c.epoch + 1)},
        where=or_(lease.c.owner == owner, lease.c.until < now),
    )
    return unit.execute(taken.returning(lease.c.epoch)).scalar_one_or_none()


def release(unit: Unit, name: str, owner: str, epoch: int, now: datetime) -> bool:
    """Give a lease back at once; False when it is not held under this epoch."""
    statement = update(lease).where(_held(name, owner, epoch), lease.c.until >= now)
    return unit.execute(statement.values(until=now - timedelta(microseconds=1))).rowcount == 1


def holds(unit: Unit, name: str, owner: str, epoch: int, now: datetime) -> bool:
    """Tell whether the lease is held under this epoch; ask in the unit that must depend on it."""
    query = select(lease.c.epoch).where(_held(name, owner, epoch), lease.c.until >= now)
    return unit.execute(query).scalar_one_or_none() is not None


def _held(name: str, owner: str, epoch: int) -> ColumnElement[bool]:
    return and_(lease.c.name == name, lease.c.owner == owner, lease.c.epoch == epoch)
