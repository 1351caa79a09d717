"""Numbers set aside: held for somebody until a day, free to be taken first, used, annulled, skipped.

A held number comes from the counter like any other, so it can be given to nobody else; what becomes of it is
one conditional UPDATE, so of two rivals one finds it gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update

from b24flow.core.registration import Counter
from b24flow.store.engine import Unit
from b24flow.store.tables import number_reserve as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """One number set aside; `returns`: it goes back to the series when its day has passed."""

    id: int
    series: str
    period: str
    scope: str
    value: int
    state: str
    purpose: str
    holder: int | None
    until: date
    returns: bool
    author: int
    added_at: datetime
    reason: str
    changed_at: datetime | None


def hold(
    unit: Unit, counter: Counter, values: Sequence[int], *, purpose: str, holder: int | None, until: date,
    returns: bool, author: int, now: datetime,
) -> list[Reserve]:
    """Set values of a counter aside; raises Conflict when one was set aside before."""
    return [_add(unit, counter, value, state="held", purpose=purpose, holder=holder, until=until,
                 returns=returns, author=author, added_at=now, reason="") for value in values]


def skip(unit: Unit, counter: Counter, value: int, *, reason: str, author: int, now: datetime) -> Reserve:
    """Enter a number that was never given, with the reason; raises Conflict when it is entered already."""
    return _add(unit, counter, value, state="skipped", purpose="", holder=None, until=now.date(),
                returns=False, author=author, added_at=now, reason=reason)


def change(unit: Unit, row_id: int, before: str, after: str, *, reason: str, now: datetime) -> bool:
    """Bring a number from one state to another; False when it is not in the first one any more."""
    statement = update(table).where(table.c.id == row_id, table.c.state == before)
    return unit.execute(statement.values(state=after, reason=reason, changed_at=now)).rowcount == 1


def listing(
    unit: Unit, series: str | None = None, period: str | None = None, *states: str
) -> list[Reserve]:
    """Return what was set aside, in the order of the numbers."""
    wanted: list[ColumnElement[bool]] = []
    if series is not None:
        wanted.append(table.c.series == series)
    if period is not None:
        wanted.append(table.c.period == period)
    if states:
        wanted.append(table.c.state.in_(states))
    order = (table.c.series, table.c.period, table.c.scope, table.c.value)
    query = select(table).where(*wanted).order_by(*order)
    return [Reserve(**row._mapping) for row in unit.execute(query)]


def _add(unit: Unit, counter: Counter, value: int, **rest: Any) -> Reserve:
    statement = insert(table).values(
        series=counter.series, period=counter.period, scope=counter.scope, value=value, **rest)
    return Reserve(**unit.execute(statement.returning(*table.c)).one()._mapping)
