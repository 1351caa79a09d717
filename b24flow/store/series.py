"""Number series: counters without gaps and repeats, and the book of every number ever given.

The counter is raised in the transaction of the registration: a rollback gives the number back, and on
PostgreSQL the counter's row lock makes rivals wait for the outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    and_,
    case,
    exists,
    false,
    literal,
    not_,
    or_,
    select,
    update,
)

from b24flow.core.document import Number
from b24flow.errors import Conflict
from b24flow.store import upsert
from b24flow.store.engine import Unit
from b24flow.store.failures import CHANGED
from b24flow.store.tables import document, number_reserve, number_series
from b24flow.store.tables import number as numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    """A number in the book; `state` is issued or annulled, `reason` says why it was annulled."""

    number: Number
    scope: str
    state: str
    document_id: int | None
    reason: str


def take(unit: Unit, series: str, period: str, scope: str = "") -> int:
    """Return the next value of a counter, 1 for a new one; given back if the unit rolls back.

    A number that was reserved and came back goes first (domain §2.2).
    """
    drawn = _raise(unit, series, period, scope, unless=exists().where(*_is_free(series, period, scope)))
    if drawn is not None:
        return drawn
    freed = _freed(unit, series, period, scope)
    return freed if freed is not None else draw(unit, series, period, scope)


def draw(unit: Unit, series: str, period: str, scope: str = "") -> int:
    """Raise a counter by one and return its value, whatever came back before."""
    value = _raise(unit, series, period, scope, unless=false())
    assert value is not None, "nothing stood against it"
    return value


def _raise(unit: Unit, series: str, period: str, scope: str, *, unless: ColumnElement[bool]) -> int | None:
    """Raise a counter by one and return its value, None when `unless` holds: one statement for both."""
    first = select(*(literal(one, Text) for one in (series, period, scope)), literal(1, Integer))
    statement = upsert.insert(unit, number_series).from_select(
        ["series", "period", "scope", "value"], first.where(not_(unless)))
    raised = statement.on_conflict_do_update(
        index_elements=["series", "period", "scope"], set_={"value": number_series.c.value + 1}
    )
    row = unit.execute(raised.returning(number_series.c.value)).one_or_none()
    return None if row is None else int(row.value)


def _is_free(series: str, period: str, scope: str) -> tuple[ColumnElement[bool], ...]:
    return (number_reserve.c.series == series, number_reserve.c.period == period,
            number_reserve.c.scope == scope, number_reserve.c.state == "free")


def _freed(unit: Unit, series: str, period: str, scope: str) -> int | None:
    """Take the lowest number that came back; rivals on PostgreSQL pass over one that is being taken."""
    lowest = (
        select(number_reserve.c.id)
        .where(*_is_free(series, period, scope))
        .order_by(number_reserve.c.value).limit(1).with_for_update(skip_locked=True)
    )
    taken = update(number_reserve).where(
        number_reserve.c.id == lowest.scalar_subquery(), number_reserve.c.state == "free"
    ).values(state="used", reason="выдан снова")
    row = unit.execute(taken.returning(number_reserve.c.value)).one_or_none()
    return None if row is None else int(row.value)


def counters(unit: Unit, series: str, period: str) -> dict[str, int]:
    """Return how far each scope of a series has counted in a period."""
    query = select(number_series.c.scope, number_series.c.value).where(
        number_series.c.series == series, number_series.c.period == period)
    return {row.scope: int(row.value) for row in unit.execute(query.order_by(number_series.c.scope))}


def carried(unit: Unit, year: int, since: datetime, zone_day: date) -> list[str]:
    """Return the documents that were open at the end of a year, by uuid.

    First those numbered in it, in the order of the books, then those that had no number by then: `since` is
    the end as a moment, `zone_day` the first day of the next year.
    """
    numbered = and_(numbers.c.state == "issued", numbers.c.dated >= date(year, 1, 1),
                    numbers.c.dated < zone_day)
    later = or_(numbers.c.value.is_(None), numbers.c.dated >= zone_day)
    query = (
        select(document.c.uuid).outerjoin(numbers, document.c.id == numbers.c.document_id)
        .where(or_(document.c.closed_at.is_(None), document.c.closed_at >= since),
               document.c.opened_at < since, or_(numbered, later))
        .order_by(case((numbered, 0), else_=1), numbers.c.series, numbers.c.scope, numbers.c.value,
                  document.c.id)
    )
    return [row.uuid for row in unit.execute(query)]


def lift(unit: Unit, series: str, period: str, at_least: int, scope: str = "") -> int:
    """Raise a counter so that the next value is above `at_least`; never lowers it. Return its value."""
    statement = upsert.insert(unit, number_series).values(
        series=series, period=period, scope=scope, value=at_least
    )
    lifted = statement.on_conflict_do_update(
        index_elements=["series", "period", "scope"], set_={"value": at_least},
        where=number_series.c.value < at_least,
    )
    unit.execute(lifted)
    query = select(number_series.c.value).where(
        number_series.c.series == series, number_series.c.period == period,
        number_series.c.scope == scope,
    )
    return int(unit.execute(query).scalar_one())


def record(unit: Unit, number: Number, document_id: int) -> bool:
    """Enter an issued number into the book; False when this very text was given in its period before.

    Raises Conflict when the value was given before under another text.
    """
    statement = upsert.insert(unit, numbers).values(
        series=number.series, period=number.period, scope=number.scope, value=number.value,
        text=number.text, dated=number.dated, state="issued", document_id=document_id, reason="",
    ).on_conflict_do_nothing(index_elements=["series", "period", "text"])
    return unit.execute(statement.returning(numbers.c.id)).first() is not None


def annul(
    unit: Unit, number: Number, *, reason: str, author: int, now: datetime
) -> None:
    """Mark an issued number as annulled; it stays in the book and is never given again.

    Raises Conflict when the number is not in the book or was annulled before.
    """
    statement = (
        update(numbers)
        .where(
            numbers.c.series == number.series, numbers.c.period == number.period,
            numbers.c.scope == number.scope, numbers.c.value == number.value,
            numbers.c.state == "issued",
        )
        .values(state="annulled", reason=reason, author=author, changed_at=now)
    )
    if unit.execute(statement).rowcount != 1:
        raise Conflict(CHANGED)


def book(unit: Unit, series: str, period: str) -> list[NumberRow]:
    """Return all numbers of a series in a period, in order."""
    query = (
        select(numbers).where(numbers.c.series == series, numbers.c.period == period)
        .order_by(numbers.c.scope, numbers.c.value)
    )
    return [
        NumberRow(
            number=Number(series=row.series, period=row.period, value=row.value, text=row.text,
                          dated=row.dated, scope=row.scope),
            scope=row.scope, state=row.state, document_id=row.document_id, reason=row.reason,
        )
        for row in unit.execute(query)
    ]


