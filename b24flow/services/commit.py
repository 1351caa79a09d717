"""Writing a decision: journal, document, number, work items, messages, the wish to be projected.

Always inside the caller's transaction; nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from b24flow.core import events as ev
from b24flow.core import events_steps as steps
from b24flow.core.commands import Context
from b24flow.core.decide import Decision
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document, Number
from b24flow.core.holding import work_items
from b24flow.core.notices import Note, notes
from b24flow.core.registry import card_cell
from b24flow.core.steps import awaited_answer
from b24flow.core.tree import changed_term, state_of
from b24flow.errors import InvalidForm
from b24flow.services.office import Office
from b24flow.store import documents, incidents, journal, outbox, series, work
from b24flow.store.documents import DocumentRow, StoredDocument
from b24flow.store.engine import Unit
from b24flow.store.journal import JournalLine


def commit(
    office: Office, unit: Unit, definition: ProcessDefinition, stored: StoredDocument,
    decision: Decision, context: Context, command_id: str,
) -> None:
    """Write one decision on a loaded document and everything that follows from it."""
    before, after = stored.document, decision.document
    lines = _lines(decision, context, command_id)
    tail = journal.append(unit, stored.id, lines, after_seq=before.version,
                          prev_hash=stored.journal_hash)
    documents.save(unit, stored.id, after, expected_version=before.version,
                   row=row_of(definition, after, context), journal_hash=tail)
    _follow(office, unit, definition, stored.id, before, decision, context)


def insert(
    office: Office, unit: Unit, definition: ProcessDefinition, decisions: Sequence[Decision],
    context: Context, command_id: str,
) -> int:
    """Write a new document with the decisions that made it."""
    document = decisions[-1].document
    lines = [line for one in decisions for line in _lines(one, context, command_id)]
    sealed = journal.seal(lines, after_seq=0, prev_hash=journal.genesis(document.uuid))
    row = row_of(definition, document, context)
    document_id = documents.insert(
        unit, document, state=row.state, title=row.title, journal_hash=sealed.hash,
        summary={"number": row.number, "correspondent": row.correspondent, "kind": row.kind,
                 "registered_on": row.registered_on, "term": row.term,
                 "changed_term": row.changed_term, "closed_at": row.closed_at,
                 "search": row.search},
    )
    journal.write(unit, document_id, sealed)
    _follow(office, unit, definition, document_id, None, decisions[-1], context)
    return document_id


def _follow(
    office: Office, unit: Unit, definition: ProcessDefinition, document_id: int,
    before: Document | None, decision: Decision, context: Context,
) -> None:
    """Read models, messages and the wish to be projected: the same for new and old documents."""
    document = decision.document
    if document.number is not None and (before is None or before.number is None):
        _record(unit, document.number, document_id)
    work.replace(unit, document_id, work_items(definition, document, context), context.now)
    for event in decision.events:
        if isinstance(event, ev.DocumentClosed) and event.state == "annulled":
            _annul_number(unit, document, event, decision, context.now)
    messages = _messages(document, notes(definition, before, decision, context))
    messages += _letters(unit, document, decision, context.now)
    if definition.registry is not None:
        outbox.want_projection(unit, document_id, document.version, context.now, messages)
    else:
        outbox.enqueue_many(unit, messages, context.now, document_id=document_id)


def _record(unit: Unit, number: Number, document_id: int) -> None:
    """Enter a number into the book; the refusal undoes the transaction, so the counter gets it back."""
    if not series.record(unit, number, document_id):
        raise InvalidForm({
            "": f"Номер {number.text} уже у другого документа: исправьте то, из чего он складывается"
        })


def _annul_number(
    unit: Unit, document: Document, event: ev.DocumentClosed, decision: Decision, now: datetime
) -> None:
    if document.number is not None:
        series.annul(unit, document.number, reason=event.reason,
                     author=decision.acting_for or decision.actor, now=now)


def _letters(
    unit: Unit, document: Document, decision: Decision, now: datetime
) -> list[outbox.Message]:
    """Return the letters that a decision sends on their way; whoever decided has dealt with the incident."""
    going: list[outbox.Message] = []
    for event in decision.events:
        if isinstance(event, steps.LetterConfirmed | steps.LetterRepeated):
            incidents.close(unit, letter_incident(event.id), now, by=decision.actor,
                            resolution=decision.label)
        if isinstance(event, steps.LetterWritten | steps.LetterRepeated):
            sending = next(one.sending for one in document.letters if one.id == event.id)
            going.append((letter_key(event.id, sending), outbox.LETTER,
                          {"uuid": document.uuid, "letter": event.id, "sending": sending}))
    return going


def letter_key(letter: str, sending: int) -> str:
    """Return the key of a letter in the outbox: another one each time a person asks for it to go out."""
    return f"letter:{letter}:{sending}"


def letter_incident(letter: str) -> str:
    """Return the key of the incident about a letter."""
    return f"letter:{letter}"


def _messages(document: Document, made: Iterable[Note]) -> list[outbox.Message]:
    number = document.number.text if document.number is not None else "Документ"
    return [
        (note.key, "message", {"recipient": note.recipient, "title": number, "lines": [note.text],
                               "uuid": document.uuid})
        for note in made
    ]


def _lines(decision: Decision, context: Context, command_id: str) -> list[JournalLine]:
    return [
        JournalLine(
            event=event, at=context.now, actor=decision.actor, acting_for=decision.acting_for,
            command_id=command_id, action=decision.action.code if decision.action else "",
            label=decision.label, digest=decision.document.digest,
        )
        for event in decision.events
    ]


def row_of(definition: ProcessDefinition, document: Document, context: Context) -> DocumentRow:
    """Return the searchable columns of a document."""
    parts = [
        str(card_cell(code, definition, document, context) or "") for code in definition.card
    ]
    number = document.number
    return DocumentRow(
        process=document.process, state=state_of(document),
        title=document.text(definition.title_field),
        number=number.text if number is not None else None,
        correspondent=document.text("correspondent") or document.text("addressee"),
        kind=document.text("kind"), opened_at=document.opened_at,
        registered_on=number.dated if number is not None else None,
        term=document.term or awaited_answer(document),
        changed_term=changed_term(document),
        closed_at=document.closure.at if document.closure is not None else None,
        search=" ".join(part for part in parts if part),
    )
