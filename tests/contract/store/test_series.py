"""Numbers are unique and without gaps, whoever takes them at once and whatever fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from b24flow.core.document import Number
from b24flow.errors import Conflict
from b24flow.store import series
from b24flow.store.engine import Database, retrying
from tests.contract.store.world import DAY, NOW, insert, together

NUMBER = Number(series="in", period="2026", value=1, text="Вх-1/26", dated=DAY)


def test_64_threads_take_64_consecutive_numbers(database: Database) -> None:
    taken = together(
        64, lambda _: retrying(database, lambda unit: series.take(unit, "in", "2026"))
    )
    assert sorted(taken) == list(range(1, 65))


def test_64_registrations_with_failures_leave_no_gap(database: Database) -> None:
    """Every third thread fails after it took its number."""
    def register(number: int) -> int | None:
        try:
            with database.transaction() as unit:
                value = series.take(unit, "in", "2026")
                stored = insert(unit, f"u-{number}")
                assert 1 // (number % 3) >= 0
                series.record(unit, replace(NUMBER, value=value, text=f"Вх-{value}"), stored)
        except ZeroDivisionError:
            return None
        return value

    taken = [value for value in together(64, register) if value is not None]
    assert sorted(taken) == list(range(1, 43))
    with database.reading() as unit:
        assert [row.number.value for row in series.book(unit, "in", "2026")] == sorted(taken)


def test_series_periods_and_scopes_count_apart(database: Database) -> None:
    with database.transaction() as unit:
        assert series.take(unit, "in", "2026") == 1
        assert series.take(unit, "in", "2027") == 1
        assert series.take(unit, "out", "2026") == 1
        assert series.take(unit, "in", "2026", "02-15") == 1
        before = unit.statements
        assert series.take(unit, "in", "2026") == 2
        assert unit.statements - before == 1


def test_lift_raises_and_never_lowers(database: Database) -> None:
    with database.transaction() as unit:
        assert series.lift(unit, "in", "2026", 100) == 100
        assert series.lift(unit, "in", "2026", 50) == 100
        assert series.take(unit, "in", "2026") == 101


def test_value_and_text_are_given_once(database: Database) -> None:
    with database.transaction() as unit:
        first, second = insert(unit), insert(unit, "u-2")
        assert series.record(unit, NUMBER, first)
    with database.transaction() as unit:
        assert not series.record(unit, replace(NUMBER, value=2), second)
    with pytest.raises(Conflict), database.transaction() as unit:
        series.record(unit, replace(NUMBER, text="Вх-другой"), second)
    with database.reading() as unit:
        assert [(one.number, one.document_id) for one in series.book(unit, "in", "2026")] == [(NUMBER, first)]


def test_the_next_year_may_repeat_a_text(database: Database) -> None:
    with database.transaction() as unit:
        stored = insert(unit)
        series.record(unit, replace(NUMBER, text="45-р"), stored)
        series.record(unit, replace(NUMBER, text="45-р", period="2027"), stored)


def test_an_annulled_number_stays_in_the_book(database: Database) -> None:
    with database.transaction() as unit:
        series.record(unit, NUMBER, insert(unit))
        series.annul(unit, NUMBER, reason="ошибка", author=7, now=NOW)
        row, = series.book(unit, "in", "2026")
        assert (row.number, row.state, row.reason) == (NUMBER, "annulled", "ошибка")
    with pytest.raises(Conflict), database.transaction() as unit:
        series.annul(unit, NUMBER, reason="ещё раз", author=7, now=NOW)
    with database.transaction() as unit:
        assert not series.record(unit, NUMBER, 1)
