"""Numbers set aside: given to nobody else, taken once, and first in line when they came back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from b24flow.core.registration import Counter
from b24flow.errors import Conflict
from b24flow.store import reserves, series
from b24flow.store.engine import Database, Unit, retrying
from tests.contract.store.world import DAY, NOW, together

BOOK = Counter(series="in", period="2026")


def hold(unit: Unit, count: int) -> list[reserves.Reserve]:
    values = [series.draw(unit, "in", "2026") for _ in range(count)]
    return reserves.hold(unit, BOOK, values, purpose="съезд", holder=7, until=DAY, returns=True, author=1,
                         now=NOW)


def test_a_reserved_number_is_given_to_nobody_else(database: Database) -> None:
    def anybody(number: int) -> list[int]:
        if number % 4:
            return [retrying(database, lambda unit: series.take(unit, "in", "2026"))]
        return [one.value for one in retrying(database, lambda unit: hold(unit, 3))]

    taken = [value for values in together(32, anybody) for value in values]
    assert sorted(taken) == list(range(1, 49))


def test_numbers_that_came_back_go_first_and_once(database: Database) -> None:
    """Sixteen came back; of forty-eight rivals every third fails: no number is left out, none is twice."""
    held = retrying(database, lambda unit: hold(unit, 16))
    with database.transaction() as unit:
        assert all(reserves.change(unit, one.id, "held", "free", reason="", now=NOW) for one in held)

    def register(number: int) -> int | None:
        try:
            with database.transaction() as unit:
                value = series.take(unit, "in", "2026")
                assert 1 // (number % 3) >= 0
        except ZeroDivisionError:
            return None
        return value

    taken = [value for value in together(48, register) if value is not None]
    assert len(taken) == len(set(taken)) == 32
    rest = []
    with database.transaction() as unit:
        while reserves.listing(unit, "in", "2026", "free"):
            rest.append(series.take(unit, "in", "2026"))
        reached = series.counters(unit, "in", "2026")[""]
    assert sorted([*taken, *rest]) == list(range(1, reached + 1))


def test_one_reserved_number_is_used_once(database: Database) -> None:
    one, = retrying(database, lambda unit: hold(unit, 1))
    used = together(8, lambda _: retrying(
        database, lambda unit: reserves.change(unit, one.id, "held", "used", reason="", now=NOW)))
    assert sorted(used) == [False] * 7 + [True]


def test_a_number_that_fails_to_register_stays_in_reserve(database: Database) -> None:
    one, = retrying(database, lambda unit: hold(unit, 1))

    def failing() -> None:
        with database.transaction() as unit:
            assert reserves.change(unit, one.id, "held", "used", reason="", now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    with database.reading() as unit:
        assert reserves.listing(unit, "in") == [one]


def test_a_number_is_set_aside_once(database: Database) -> None:
    with database.transaction() as unit:
        reserves.skip(unit, BOOK, 101, reason="сбой", author=1, now=NOW)
        reserves.skip(unit, replace(BOOK, scope="02-15"), 101, reason="сбой", author=1, now=NOW)
    with pytest.raises(Conflict), database.transaction() as unit:
        reserves.skip(unit, BOOK, 101, reason="ещё раз", author=1, now=NOW)
