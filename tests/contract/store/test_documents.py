"""Documents come back as they were stored, one UPDATE per save, and nobody overwrites anybody."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text

from b24flow.core.document import FileRef
from b24flow.core.evolve import evolve, replay
from b24flow.core.work import WorkItem
from b24flow.errors import Conflict
from b24flow.store import documents, journal, outbox, work
from b24flow.store.engine import Database
from b24flow.store.tables import document as table
from tests.contract.store.world import (
    NOW,
    corrected,
    draft,
    insert,
    insert_with_journal,
    line,
    row,
    together,
)


def test_round_trip(database: Database) -> None:
    document = draft(card={"title": "Ёлки — «№ 5»", "people": (1, 2), "copy": True, "no": None})
    with database.transaction() as unit:
        stored_id = documents.insert(unit, document, state="toreg", title="Ёлки", summary={})
    with database.reading() as unit:
        stored = documents.load(unit, "u-1", lock=False)
        assert stored is not None
        assert (stored.id, stored.state, stored.document) == (stored_id, "toreg", document)
        assert stored.journal_hash == journal.genesis("u-1")
        assert documents.load(unit, "u-2", lock=False) is None


def test_save_replaces_snapshot_and_columns_in_one_statement(database: Database) -> None:
    with database.transaction() as unit:
        stored_id = insert(unit)
    changed = draft(version=2, card={"title": "новое"})
    columns = row(state="work", number="Вх-1204/26", title="Новое", correspondent="Завод «Ёж»",
                  registered_on=date(2026, 11, 22), term=date(2026, 12, 1),
                  changed_term=date(2026, 12, 5), closed_at=NOW, search="Ещё слова")
    with database.transaction() as unit:
        documents.save(unit, stored_id, changed, expected_version=0, row=columns,
                       journal_hash="h")
        assert unit.statements == 1
    with database.reading() as unit:
        stored = documents.load(unit, "u-1", lock=False)
        found = unit.execute(select(table)).one()
    assert stored is not None
    assert (stored.document, stored.state, stored.journal_hash) == (changed, "work", "h")
    assert found.due == date(2026, 12, 5)
    assert found.closed_at == NOW
    assert found.search == "вх 1204 26 новое завод еж еще слова"


def test_only_what_was_made_from_a_template_is_loaded(database: Database) -> None:
    def edition(template: str, number: int) -> FileRef:
        return FileRef(id=f"f-{number}", name="Письмо.docx", sha256="0" * 64, size=1, mime="", part="draft",
                       added_by=1, added_at=NOW, template=template)

    kept = [draft("u-1", files=(edition("letter", 1),)), draft("u-2", files=(edition("letter_2", 2),)),
            draft("u-3", card={"title": 'Шаблон "template":"letter"'}), draft("u-4")]
    with database.transaction() as unit:
        for one in kept:
            documents.insert(unit, one, state="toreg", title="Письмо", summary={})
    with database.reading() as unit:
        assert list(documents.made_from(unit, "letter")) == kept[:1]
        assert list(documents.made_from(unit, "letter_2")) == kept[1:2]
        assert list(documents.made_from(unit, 'l%"r\\')) == []
        assert unit.statements == 3
        assert documents.several(unit, ["u-4", "u-2", "нет"]) == [kept[1], kept[3]]


def test_the_second_writer_of_a_version_is_refused(database: Database) -> None:
    with database.transaction() as unit:
        stored_id = insert(unit)

    def save(number: int) -> str:
        try:
            with database.transaction() as unit:
                documents.save(unit, stored_id, draft(version=1, opened_by=number),
                               expected_version=0, row=row(), journal_hash="h")
        except Conflict:
            return "refused"
        return "saved"

    assert sorted(together(8, save)) == ["refused"] * 7 + ["saved"]


def test_a_locked_document_cannot_be_locked_again(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.transaction() as unit:
        insert(unit)

    def lock(_: int) -> None:
        def second() -> None:
            with database.transaction() as other:
                other.execute(text("SET LOCAL lock_timeout = '20ms'"))
                documents.load(other, "u-1", lock=True)

        with pytest.raises(Conflict):
            second()

    with database.transaction() as unit:
        documents.load(unit, "u-1", lock=True)
        together(1, lock)
    database.close()


def test_an_action_stays_within_its_budget(database: Database) -> None:
    """Architecture §8: at most eight statements, whatever the number of events and people."""
    with database.transaction() as unit:
        stored_id = insert_with_journal(unit)
        work.replace(unit, stored_id, [WorkItem(user=1, role="clerk")], NOW)
        outbox.want_projection(unit, stored_id, 3, NOW)
    events = [line(corrected("а"), "c-9"), line(corrected("б"), "c-9")]
    with database.transaction() as unit:
        assert journal.command_result(unit, "c-9") is None
        stored = documents.load(unit, "u-1", lock=True)
        assert stored is not None
        document = stored.document
        for one in events:
            document = evolve(document, journal.Record(
                event=one.event, actor=one.actor, acting_for=one.acting_for, label=one.label,
                at=one.at,
            ))
        tail = journal.append(unit, stored.id, events, after_seq=stored.document.version,
                              prev_hash=stored.journal_hash)
        documents.save(unit, stored.id, document, expected_version=stored.document.version,
                       row=row(), journal_hash=tail)
        work.replace(unit, stored.id, [WorkItem(user=2, role="lead"),
                                       WorkItem(user=3, role="co")], NOW)
        outbox.want_projection(unit, stored.id, document.version, NOW)
        assert unit.statements <= 8
    with database.reading() as unit:
        assert journal.verify(unit) == []
        stored = documents.load(unit, "u-1", lock=False)
        assert stored is not None
        assert replay(journal.records(unit, stored_id)) == stored.document


def test_the_summary_may_carry_every_searchable_column(database: Database) -> None:
    with database.transaction() as unit:
        insert(unit, number="№ 02-15/1204", correspondent="Завод", kind="letter",
               registered_on=date(2026, 1, 9), term=date(2026, 2, 9))
        found = unit.execute(select(table)).one()
    assert (found.number, found.kind, found.due) == ("№ 02-15/1204", "letter", date(2026, 2, 9))
