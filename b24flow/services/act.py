"""The use case behind every button: load, decide, append, update, mark for projection, commit.

One transaction, no network. Pages, bot, API, CLI and the portal's own changes all come through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from b24flow.core import events as ev
from b24flow.core.access import mark_text, work_items
from b24flow.core.commands import SYSTEM, Command, Context
from b24flow.core.decide import Decision, conclude, decide, opened
from b24flow.core.definition import ActionKind, ProcessDefinition
from b24flow.core.document import Document, Mark, Number
from b24flow.core.events import Event
from b24flow.core.notices import Note, notes
from b24flow.core.numbering import period_key
from b24flow.core.registry import card_cell
from b24flow.core.tree import changed_term, state_of
from b24flow.core.verbs_closing import settle_reply
from b24flow.errors import InvalidForm, NotFound
from b24flow.failpoints import failpoint
from b24flow.ids import derived_id
from b24flow.services.office import Office
from b24flow.store import documents, journal, outbox, queries, series, work
from b24flow.store.documents import DocumentRow, StoredDocument
from b24flow.store.engine import Unit, retrying
from b24flow.store.journal import JournalLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What a command did; `repeated`: it had been executed before, `text` says so to people."""

    uuid: str
    version: int
    label: str
    text: str
    repeated: bool = False


def act(office: Office, uuid: str, command: Command) -> Acted:
    """Execute a command on a document and commit everything that follows from it.

    Raises NotFound, NotAllowed, AlreadyDone, InvalidForm (nothing changed) and Conflict when the
    database stayed contended. A repeat with the same command id changes nothing and says so.
    """

    def attempt(unit: Unit) -> Acted:
        stored = documents.load(unit, uuid, lock=True, command_id=command.id)
        repeated = _repeated(office, unit, command.id) if stored is None or stored.repeated else None
        if repeated is not None:
            return repeated
        if stored is None:
            raise NotFound("Такого документа нет.")
        definition = office.definition_of(stored.document)
        context = office.context(unit)
        decision = decide(definition, stored.document, command, context)
        _commit(office, unit, definition, stored, decision, context, command.id)
        failpoint("action.before_commit")
        return _acted(decision, context)

    acted = retrying(office.database, attempt)
    failpoint("action.after_commit")
    return acted


def start(office: Office, process: str, command: Command) -> Acted:
    """Begin a document with its first action (registration takes the number in this transaction).

    Raises the same errors as `act`; a refused form takes no number.
    """
    definition = office.process(process)

    def attempt(unit: Unit) -> Acted:
        repeated = _repeated(office, unit, command.id)
        if repeated is not None:
            return repeated
        uuid = derived_id("document", office.install, command.id)
        context = office.context(unit)
        draft = opened(definition, uuid=uuid, actor=command.actor, context=context)
        first = _first_decision(unit, definition, draft.document, command, context)
        first = _replacing(office, unit, definition, first, context, command.id)
        _insert(office, unit, definition, [draft, first], context, command.id)
        failpoint("action.before_commit")
        return _acted(first, context)

    acted = retrying(office.database, attempt)
    failpoint("action.after_commit")
    return acted


def apply_events(
    office: Office, uuid: str, command_id: str, label: str, actor: int,
    produce: Callable[[ProcessDefinition, Document, Context], Sequence[Event]],
) -> Acted | None:
    """Record what no button did (a portal fact, a dismissed holder); None when nothing follows."""

    def attempt(unit: Unit) -> Acted | None:
        repeated = _repeated(office, unit, command_id)
        if repeated is not None:
            return repeated
        stored = documents.load(unit, uuid, lock=True)
        if stored is None:
            return None
        definition = office.definition_of(stored.document)
        context = office.context(unit)
        events = produce(definition, stored.document, context)
        if not events:
            return None
        decision = conclude(stored.document, events, context, label=label, actor=actor)
        _commit(office, unit, definition, stored, decision, context, command_id)
        return _acted(decision, context)

    return retrying(office.database, attempt)


def _first_decision(
    unit: Unit, definition: ProcessDefinition, draft: Document, command: Command, context: Context
) -> Decision:
    action = definition.action(command.action)
    if action is not None and action.kind is ActionKind.REGISTER:
        # The form is checked with a provisional number first, so that a refusal takes no lock.
        trial = replace(context, number=_number(definition, context, 1))
        decide(definition, draft, command, trial)
        context = replace(context, number=_take_number(unit, definition, context))
    return decide(definition, draft, command, context)


def _replacing(
    office: Office, unit: Unit, definition: ProcessDefinition, first: Decision, context: Context,
    command_id: str,
) -> Decision:
    """Link a document registered instead of an annulled one, both ways (E15)."""
    asked = first.document.text("replaces")
    if not asked or first.document.number is None:
        return first
    rows = [row for row in queries.find(unit, asked) if row.process == definition.code]
    annulled = [row for row in rows if row.state == "annulled"]
    if len(annulled) != 1:
        text = f"«{asked}» не аннулирован" if rows else f"документа «{asked}» нет"
        raise InvalidForm({"replaces": f"«{definition.fields['replaces'].label}»: {text}"})
    stored = documents.load(unit, annulled[0].uuid, lock=True)
    assert stored is not None, "the row was found in this transaction"
    back = conclude(
        stored.document, [ev.Linked(kind="replaced_by", document=first.document.uuid,
                                    text=first.document.number.text)],
        context, label="Зарегистрирован взамен", actor=first.actor, acting_for=first.acting_for,
    )
    _commit(office, unit, office.definition_of(stored.document), stored, back, context,
            derived_id("replaced", command_id))
    old = stored.document.number.text if stored.document.number is not None else asked
    forth = conclude(
        first.document, [ev.Linked(kind="replaces", document=stored.document.uuid, text=old)],
        context, label=first.label, actor=first.actor, acting_for=first.acting_for,
        action=first.action, target=first.target,
    )
    return replace(forth, events=first.events + forth.events)


def _take_number(unit: Unit, definition: ProcessDefinition, context: Context) -> Number:
    numbering = definition.numbering
    assert numbering is not None, "a process that registers has a numbering"
    value = series.take(unit, numbering.series, period_key(numbering.period, context.today))
    return _number(definition, context, value)


def _number(definition: ProcessDefinition, context: Context, value: int) -> Number:
    numbering = definition.numbering
    assert numbering is not None, "a process that registers has a numbering"
    return Number(
        series=numbering.series, period=period_key(numbering.period, context.today), value=value,
        text=numbering.format.render(value, context.today), dated=context.today,
    )


def _repeated(office: Office, unit: Unit, command_id: str) -> Acted | None:
    found = journal.command_result(unit, command_id)
    if found is None:
        return None
    context = office.context(unit)
    mark = Mark(label=found.label, by=found.actor, acting_for=found.acting_for, at=found.at)
    return Acted(uuid=found.uuid, version=found.version, label=found.label,
                 text=f"Уже выполнено: {mark_text(mark, context)}.", repeated=True)


def _acted(decision: Decision, context: Context) -> Acted:
    document = decision.document
    number = f" {document.number.text}" if document.number is not None else ""
    return Acted(uuid=document.uuid, version=document.version, label=decision.label,
                 text=f"Выполнено: «{decision.label}»{number}.")


def _commit(
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
    _settle_basis(office, unit, before, decision, context, command_id)


def _insert(
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
    if document.number is not None:
        series.record(unit, document.number, document_id)
    _follow(office, unit, definition, document_id, None, decisions[-1], context)
    return document_id


def _follow(
    office: Office, unit: Unit, definition: ProcessDefinition, document_id: int,
    before: Document | None, decision: Decision, context: Context,
) -> None:
    """Read models, messages and the wish to be projected: the same for new and old documents."""
    document = decision.document
    work.replace(unit, document_id, work_items(definition, document, context), context.now)
    for event in decision.events:
        if isinstance(event, ev.ReplyStarted):
            _open_reply(office, unit, document, event, decision, context)
        if isinstance(event, ev.DocumentClosed) and event.state == "annulled":
            _annul_number(unit, document, event, decision, context.now)
    _send_notes(unit, document, document_id, notes(definition, before, decision, context),
                context.now)
    if definition.registry is not None:
        outbox.want_projection(unit, document_id, document.version, now=context.now)


def _annul_number(
    unit: Unit, document: Document, event: ev.DocumentClosed, decision: Decision, now: datetime
) -> None:
    if document.number is not None:
        series.annul(unit, document.number, reason=event.reason,
                     author=decision.acting_for or decision.actor, now=now)


def _send_notes(
    unit: Unit, document: Document, document_id: int, made: Iterable[Note], now: datetime
) -> None:
    number = document.number.text if document.number is not None else "Документ"
    messages = [
        (note.key, "message", {"recipient": note.recipient, "title": number, "lines": [note.text],
                               "uuid": document.uuid})
        for note in made
    ]
    outbox.enqueue_many(unit, messages, now, document_id=document_id)


def _open_reply(
    office: Office, unit: Unit, basis: Document, event: ev.ReplyStarted, decision: Decision,
    context: Context,
) -> None:
    """Open the outgoing draft that a reply starts, linked both ways, in the same transaction."""
    action = decision.action
    definition = office.process(action.starts if action is not None else "")
    known = {code: value for code, value in event.card.items() if code in definition.fields}
    draft = opened(definition, uuid=event.document, actor=decision.actor, context=context,
                   card=known)
    text = basis.number.text if basis.number is not None else "документ"
    linked = conclude(
        draft.document, [ev.Linked(kind="reply_to", document=basis.uuid, text=text)], context,
        label="Подготовлен ответ", actor=decision.actor,
    )
    command = derived_id("reply", basis.uuid, basis.version)
    _insert(office, unit, definition, [draft, linked], context, command)


def _settle_basis(
    office: Office, unit: Unit, before: Document, decision: Decision, context: Context,
    command_id: str,
) -> None:
    """When an outgoing answer is sent or annulled, tell the document it answers (R37)."""
    closure = decision.document.closure
    if closure is None or before.closure is not None or closure.state not in {"sent", "annulled"}:
        return
    for link in decision.document.links:
        if link.kind != "reply_to":
            continue
        stored = documents.load(unit, link.document, lock=True)
        reply = stored.document.reply if stored is not None else None
        if stored is None or reply is None or reply.document != decision.document.uuid:
            continue
        number = decision.document.text("outgoing_number")
        settled = conclude(
            stored.document, settle_reply(stored.document, closure.state, number), context,
            label="Ответ отправлен" if closure.state == "sent" else "Проект ответа аннулирован",
            actor=SYSTEM,
        )
        _commit(office, unit, office.definition_of(stored.document), stored, settled, context,
                derived_id("settle", command_id, stored.document.uuid))


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
        registered_on=number.dated if number is not None else None, term=document.term,
        changed_term=changed_term(document),
        closed_at=document.closure.at if document.closure is not None else None,
        search=" ".join(part for part in parts if part),
    )
