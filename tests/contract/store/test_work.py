"""Work items: a stay is one interval, whatever happens to its buttons and its term."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from b24flow.core.work import WorkItem
from b24flow.store import work
from b24flow.store.engine import Database
from tests.contract.store.world import NOW, insert, later

CLERK = WorkItem(user=1, role="clerk", actions=("register",))
LEAD = WorkItem(user=2, role="executor", target="a1", actions=("report",), due=date(2026, 12, 1))


def test_who_stays_keeps_his_interval(database: Database) -> None:
    prolonged = replace(LEAD, actions=("report", "extend"), due=date(2026, 12, 9))
    with database.transaction() as unit:
        stored = insert(unit)
        work.replace(unit, stored, [CLERK, LEAD], NOW)
    with database.transaction() as unit:
        work.replace(unit, stored, [prolonged, replace(CLERK, user=3)], later(10))
        assert unit.statements == 3
    with database.reading() as unit:
        assert [(row.item, row.opened_at, row.closed_at) for row in work.ledger(unit, stored)] == [
            (CLERK, NOW, later(10)), (prolonged, NOW, None),
            (replace(CLERK, user=3), later(10), None),
        ]
        assert [row.item.user for row in work.holders(unit, stored)] == [2, 3]


def test_nothing_new_is_one_statement(database: Database) -> None:
    with database.transaction() as unit:
        stored = insert(unit)
        work.replace(unit, stored, [CLERK, LEAD], NOW)
    with database.transaction() as unit:
        work.replace(unit, stored, [LEAD, CLERK], later(5))
        assert unit.statements == 1


def test_who_comes_back_begins_a_new_interval(database: Database) -> None:
    with database.transaction() as unit:
        stored = insert(unit)
        work.replace(unit, stored, [CLERK], NOW)
        work.replace(unit, stored, [], later(10))
        work.replace(unit, stored, [CLERK], later(20))
        assert [(row.opened_at, row.closed_at) for row in work.ledger(unit, stored)] == [
            (NOW, later(10)), (later(20), None),
        ]


def test_my_work_has_the_nearest_term_first(database: Database) -> None:
    with database.transaction() as unit:
        one, two = insert(unit, "u-1", number="Вх-1"), insert(unit, "u-2", title="Второе")
        work.replace(unit, one, [replace(LEAD, due=None), CLERK], NOW)
        work.replace(unit, two, [LEAD, replace(LEAD, user=4, role="head")], NOW)
        mine = work.mine(unit, [2])
        assert [(row.uuid, row.number, row.title) for row in mine] == [
            ("u-2", None, "Второе"), ("u-1", "Вх-1", "Письмо"),
        ]
        assert mine[0].item == LEAD
        assert len(work.mine(unit, [1, 2, 4])) == 4
        assert [row.item.user for row in work.mine(unit, [1, 2, 4], roles=["head"])] == [4]
        assert len(work.mine(unit, [1, 2, 4], limit=2)) == 2
        work.replace(unit, two, [], later(1))
        assert [row.uuid for row in work.mine(unit, [2])] == ["u-1"]
        held = work.holders_of(unit, [one, two])
        assert [len(held[one]), held[two]] == [2, []]
