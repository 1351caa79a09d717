"""The journal replays to the document, and whoever touches a line of it is found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from b24flow.core.evolve import replay
from b24flow.errors import Conflict
from b24flow.store import documents, journal
from b24flow.store.engine import Database
from b24flow.store.tables import document
from b24flow.store.tables import journal as table
from tests.contract.store.world import (
    NOW,
    corrected,
    insert_with_journal,
    later,
    line,
    opened,
    together,
)
from tests.contract.store.world import insert as insert_document


def test_records_replay_to_the_document(database: Database) -> None:
    with database.transaction() as unit:
        stored_id = insert_with_journal(unit)
    with database.reading() as unit:
        stored = documents.load(unit, "u-1", lock=False)
        assert stored is not None
        assert replay(journal.records(unit, stored_id)) == stored.document
        assert stored.document.card["title"] == "Письмо 2"


def test_history_is_in_order_and_complete(database: Database) -> None:
    with database.transaction() as unit:
        insert_with_journal(unit)
        insert_with_journal(unit, "u-2")
    with database.reading() as unit:
        lines = journal.history(unit, "u-1")
    assert [(one.seq, one.label, one.type) for one in lines] == [
        (1, "Открыть", "DocumentOpened"), (2, "Исправить", "CardCorrected"),
        (3, "Исправить", "CardCorrected"),
    ]
    assert (lines[0].at, lines[0].actor, lines[0].acting_for) == (NOW, 7, 8)
    assert lines[1].payload["reason"] == "опечатка"


def test_a_command_is_remembered_with_what_it_did(database: Database) -> None:
    with database.transaction() as unit:
        stored_id = insert_document(unit)
        lines = [line(opened(), "c-1"), line(corrected("а"), "c-2"), line(corrected("б"), "c-2")]
        journal.append(unit, stored_id, lines, after_seq=0, prev_hash=journal.genesis("u-1"))
    with database.reading() as unit:
        first = journal.command_result(unit, "c-1")
        second = journal.command_result(unit, "c-2")
        assert journal.command_result(unit, "c-3") is None
    assert first is not None
    assert second is not None
    assert (first.uuid, first.version, first.action, first.label) == ("u-1", 1, "open", "Открыть")
    assert (second.version, second.at, second.actor, second.acting_for) == (3, NOW, 7, 8)


def test_a_command_that_comes_twice_at_once_is_executed_once(database: Database) -> None:
    with database.transaction() as unit:
        ids = [insert_document(unit, f"u-{n}") for n in range(8)]

    def act(number: int) -> str:
        try:
            with database.transaction() as unit:
                journal.append(unit, ids[number], [line(opened())], after_seq=0,
                               prev_hash=journal.genesis(f"u-{number}"))
        except Conflict:
            return "second"
        return "first"

    assert sorted(together(8, act)) == ["first"] + ["second"] * 7


def test_a_line_number_is_given_once(database: Database) -> None:
    with database.transaction() as unit:
        stored_id = insert_with_journal(unit)
    with pytest.raises(Conflict), database.transaction() as unit:
        journal.append(unit, stored_id, [line(corrected("а"), "c-7")], after_seq=2, prev_hash="x")


def test_whole_chains_hold(database: Database) -> None:
    with database.transaction() as unit:
        for number in range(5):
            insert_with_journal(unit, f"u-{number}", lines=number + 1)
        insert_document(unit, "without-events")
    with database.reading() as unit:
        assert journal.verify(unit) == []
        assert journal.verify(unit, "u-3") == []
        assert unit.statements == 2


_TAMPERED: dict[str, Any] = {
    "document_id": None, "seq": 9, "at": later(0) + timedelta(microseconds=1), "actor": 70,
    "acting_for": None, "command_id": "other", "command_part": 1, "action": "close",
    "label": "Закрыть", "type": "Linked", "payload": "{}", "digest": "d2", "prev_hash": "0" * 64,
    "hash": "0" * 64,
}


def test_every_column_is_tampered_with_below() -> None:
    assert set(_TAMPERED) == {column.name for column in table.c} - {"id"}


@pytest.mark.parametrize("column", sorted(_TAMPERED))
def test_a_changed_column_is_found(database: Database, column: str) -> None:
    with database.transaction() as unit:
        stored_id = insert_with_journal(unit)
        other = insert_with_journal(unit, "u-2", lines=1)
        value = other if column == "document_id" else _TAMPERED[column]
        unit.execute(
            update(table).where(table.c.document_id == stored_id, table.c.seq == 2)
            .values({column: value})
        )
    with database.reading() as unit:
        breaks = journal.verify(unit)
    assert breaks
    mine = [one for one in breaks if one.uuid == "u-1"]
    assert mine[0].number == "Вх-1/26"
    assert mine[0].at is not None
    if column not in {"seq", "document_id"}:
        assert mine[0].seq == 2
        assert mine[0].reason


def test_a_line_with_a_recomputed_hash_is_found_by_the_next(database: Database) -> None:
    with database.transaction() as unit:
        stored_id = insert_with_journal(unit)
        forged = journal.seal([line(corrected("подлог"), "u-1-1", "Исправить")], after_seq=1,
                              prev_hash=_hash_of(unit, stored_id, 1)).rows[0]
        unit.execute(
            update(table).where(table.c.document_id == stored_id, table.c.seq == 2)
            .values(**forged)
        )
        breaks = journal.verify(unit)
    assert [(one.seq, one.reason) for one in breaks] == [(3, "запись не продолжает предыдущую")]


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_missing_line_is_found(database: Database, cut: int) -> None:
    with database.transaction() as unit:
        stored_id = insert_with_journal(unit)
        unit.execute(delete(table).where(table.c.document_id == stored_id, table.c.seq == cut))
        assert journal.verify(unit)


def test_a_missing_journal_is_found(database: Database) -> None:
    with database.transaction() as unit:
        stored_id = insert_with_journal(unit)
        unit.execute(delete(table).where(table.c.document_id == stored_id))
        breaks = journal.verify(unit)
    assert [(one.uuid, one.seq) for one in breaks] == [("u-1", 1)]


def test_an_added_line_is_found(database: Database) -> None:
    with database.transaction() as unit:
        stored_id = insert_with_journal(unit)
        journal.append(unit, stored_id, [line(corrected("а"), "c-7")], after_seq=3,
                       prev_hash=_hash_of(unit, stored_id, 3))
        breaks = journal.verify(unit)
    assert len(breaks) == 1
    assert "записей 4, в карточке 3" in breaks[0].reason


def test_swapped_journals_are_found(database: Database) -> None:
    """Whole journals exchanged between two documents: each chain holds in itself."""
    with database.transaction() as unit:
        one, two = insert_with_journal(unit), insert_with_journal(unit, "u-2")
        unit.execute(text("UPDATE journal SET seq = seq + 100 WHERE document_id = :id"), {"id": one})
        unit.execute(update(table).where(table.c.document_id == two).values(document_id=one))
        unit.execute(text("UPDATE journal SET document_id = :two, seq = seq - 100 WHERE seq > 100"),
                     {"two": two})
        for target, source in ((one, "u-2"), (two, "u-1")):
            tail = journal.seal([], after_seq=0, prev_hash=_hash_of(unit, target, 3)).hash
            unit.execute(update(document).where(document.c.id == target)
                         .values(journal_hash=tail, title=source))
        breaks = journal.verify(unit)
    assert {(one.uuid, one.seq) for one in breaks} == {("u-1", 1), ("u-2", 1)}


def test_events_of_an_unknown_document_cannot_be_written(database: Database) -> None:
    row = {"document_id": 999, **journal.seal([line(opened())], after_seq=0, prev_hash="").rows[0]}
    with pytest.raises(Exception, match="не приняла"), database.transaction() as unit:
        unit.execute(insert(table).values(row))


def _hash_of(unit: Any, stored_id: int, seq: int) -> str:
    query = select(table.c.hash).where(table.c.document_id == stored_id, table.c.seq == seq)
    return str(unit.execute(query).scalar_one())
