"""Registry pages and search show the same on both engines."""

from __future__ import annotations

from datetime import date

import pytest

from b24flow.core.work import WorkItem
from b24flow.store import documents, queries, work
from b24flow.store.engine import Database, Unit
from b24flow.store.queries import Filter
from tests.contract.store.world import DAY, NOW, draft, insert, later, row


@pytest.fixture
def filled(database: Database) -> Database:
    with database.transaction() as unit:
        one = insert(unit, "u-1", state="work", title="О ремонте кровли", number="Вх-1204/26",
                     correspondent="ООО «Ёлочка»", term=date(2026, 11, 20))
        two = insert(unit, "u-2", state="work", title="О премировании", number="Вх-1205/26",
                     term=date(2026, 11, 20), changed_term=date(2026, 12, 20))
        insert(unit, "u-3", state="done", title="О ремонте лифта", number="12-5",
               term=date(2026, 11, 1), closed_at=NOW)
        insert(unit, "u-4", title="Обращение <script>%_\"'", search="Петрова А. Б.")
        work.replace(unit, one, [WorkItem(user=5, role="executor")], NOW)
        work.replace(unit, two, [WorkItem(user=5, role="executor")], NOW)
        work.replace(unit, two, [WorkItem(user=6, role="executor")], later(1))
    return database


def found(database: Database, **wanted: object) -> list[str]:
    with database.reading() as unit:
        rows = queries.registry(unit, Filter(**wanted))  # type: ignore[arg-type]
        assert unit.statements <= 2
    return [one.uuid for one in rows]


@pytest.mark.parametrize(("wanted", "uuids"), [
    ({}, ["u-4", "u-3", "u-2", "u-1"]),
    ({"process": "outgoing"}, []),
    ({"process": "incoming", "states": ("work", "draft")}, ["u-4", "u-2", "u-1"]),
    ({"open_only": True}, ["u-4", "u-2", "u-1"]),
    ({"overdue_on": date(2026, 11, 20)}, []),
    ({"overdue_on": date(2026, 11, 21)}, ["u-1"]),
    ({"executor": 5}, ["u-2", "u-1"]),
    ({"holder": 5}, ["u-1"]),
    ({"text": "ремонт"}, ["u-3", "u-1"]),
    ({"text": "РЕМОНТ крыши"}, []),
    ({"text": "кровли елочка"}, ["u-1"]),
    ({"text": "Ёлоч"}, ["u-1"]),
    ({"text": "петрова"}, ["u-4"]),
    ({"text": "вх 1204"}, ["u-1"]),
    ({"text": "№ BX-1204/26"}, ["u-1"]),
    ({"text": "12-5"}, ["u-3"]),
    ({"text": "script"}, ["u-4"]),
    ({"text": "\"' OR 1=1 --"}, []),
    ({"text": "%"}, []),
    ({"text": "* NEAR("}, []),
    ({"text": "о" * 5000}, []),
    ({"text": "  "}, ["u-4", "u-3", "u-2", "u-1"]),
])
def test_filters(filled: Database, wanted: dict[str, object], uuids: list[str]) -> None:
    assert found(filled, **wanted) == uuids


def test_search_follows_a_change(filled: Database) -> None:
    with filled.transaction() as unit:
        stored = documents.load(unit, "u-1", lock=True)
        assert stored is not None
        documents.save(unit, stored.id, draft("u-1", version=1), expected_version=0,
                       row=row(title="О покраске"), journal_hash="h")
    assert found(filled, text="кровли") == []
    assert found(filled, text="покраск") == ["u-1"]


def test_pages_by_keyset(database: Database) -> None:
    with database.transaction() as unit:
        for number in range(7):
            insert(unit, f"u-{number}", title=f"Ремонт {number}")
    with database.reading() as unit:
        assert _pages(unit, Filter()) == _pages(unit, Filter(text="ремонт")) == [
            ["u-6", "u-5", "u-4"], ["u-3", "u-2", "u-1"], ["u-0"],
        ]
        rows = queries.after(unit, 0, limit=2)
        assert [one.uuid for one in rows] == ["u-0", "u-1"]
        assert queries.after(unit, rows[-1].id, limit=2)[0].uuid == "u-2"


@pytest.mark.parametrize(("text", "uuids"), [
    ("Вх-1204/26", ["u-1"]), ("вх 1204/26", ["u-1"]), ("BX1204/26", ["u-1"]), ("12–5", ["u-3"]),
    ("125", []), ("u-2", ["u-2"]), (" U-2 ", ["u-2"]), ("", []), ("№", []), ("x" * 10000, []),
])
def test_find_by_number_or_uuid(filled: Database, text: str, uuids: list[str]) -> None:
    with filled.reading() as unit:
        assert [one.uuid for one in queries.find(unit, text)] == uuids


def test_a_row_says_what_was_stored(filled: Database) -> None:
    with filled.reading() as unit:
        one = queries.by_uuid(unit, ["u-2", "none"])["u-2"]
        assert queries.by_id(unit, [one.id, 999]) == {one.id: one}
        assert queries.counts(unit) == {"work": 2, "done": 1, "draft": 1}
        assert queries.counts(unit, Filter(overdue_on=DAY)) == {"work": 1}
    assert (one.title, one.term, one.changed_term, one.opened_at, one.closed_at) == (
        "О премировании", date(2026, 11, 20), date(2026, 12, 20), NOW, None,
    )


def _pages(unit: Unit, wanted: Filter) -> list[list[str]]:
    pages: list[list[str]] = []
    before = None
    while rows := queries.registry(unit, wanted, before=before, limit=3):
        pages.append([one.uuid for one in rows])
        before = rows[-1].id
    return pages
