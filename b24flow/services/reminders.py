"""Reminders: to addressees silent after the term of an answer (§3.5), to readers who have not read (§3.7).

An addressee gets a letter: a draft of it lies before the initiator once the term is over, one for each term;
nothing is sent by itself. Which incoming letter answers which of ours is settled at its registration
(`services.answers`). A reader gets a message on the first and on the third working day after he was asked.
"""

from __future__ import annotations

from functools import partial

from b24flow.core import events_steps as steps
from b24flow.core.commands import Context
from b24flow.core.definition import ActionKind, ProcessDefinition
from b24flow.core.document import CardValue, Document
from b24flow.core.events import Event
from b24flow.core.relations import initiators
from b24flow.core.russian import date_short
from b24flow.core.steps import asked_readers, awaited_answer
from b24flow.ids import derived_id
from b24flow.services.act import apply_events
from b24flow.services.office import Office
from b24flow.store import documents, outbox, queries, work
from b24flow.store.engine import Unit, retrying
from b24flow.store.outbox import Message
from b24flow.store.queries import Filter

LABEL = "Подготовлено напоминание"
READING_DAYS = (1, 3)
"""Working days after the request on which a reader is reminded."""
_PAGE = 500


def remind(office: Office) -> int:
    """Open a draft of a reminder for every letter whose term of answer is over; return how many."""
    made = 0
    for process in [one.code for one in office.definitions.processes().values() if answers(one)]:
        for uuid in _overdue(office, process):
            made += _remind(office, uuid, process)
    return made


def remind_readers(office: Office) -> int:
    """Write to whoever was asked to read one or three working days ago and has not; return to how many."""
    with office.database.reading() as unit:
        waiting = work.waiting(unit, "reader")
    return sum(retrying(office.database, partial(_ask_again, office, uuid)) for uuid in waiting)


def _ask_again(office: Office, uuid: str, unit: Unit) -> int:
    stored = documents.load(unit, uuid, lock=False)
    if stored is None or stored.document.closure is not None:
        return 0
    document, context = stored.document, office.context(unit)
    definition = office.definition_of(document)
    number = document.number.text if document.number is not None else definition.label
    title = document.text(definition.title_field)
    messages: list[Message] = []
    for reader in asked_readers(document):
        asked = reader.asked_at.astimezone(context.zone).date()
        days = [one for one in READING_DAYS if context.calendar.add_working(asked, one) == context.today]
        if days and context.directory.active(reader.user):
            text = f"Вас просят ознакомиться с документом {number} «{title}»: запрос от {date_short(asked)}."
            messages.append((f"reading:{reader.id}:{days[0]}", "message", {
                "recipient": reader.user, "title": number, "lines": [text], "uuid": uuid}))
    outbox.enqueue_many(unit, messages, context.now, document_id=stored.id)
    return len(messages)


def answers(definition: ProcessDefinition) -> bool:
    """Tell whether documents of a process wait for answers with a term."""
    return definition.action_of(ActionKind.ANSWERED) is not None and "answer_term" in definition.card


def _overdue(office: Office, process: str) -> list[str]:
    today = office.clock.now().astimezone(office.zone).date()
    found: list[str] = []
    before = None
    while True:
        with office.database.reading() as unit:
            page = queries.registry(unit, Filter(process=process, overdue_on=today), before=before,
                                    limit=_PAGE)
        found += [one.uuid for one in page]
        if len(page) < _PAGE:
            return found
        before = page[-1].id


def _remind(office: Office, uuid: str, process: str) -> int:
    with office.database.reading() as unit:
        stored = documents.load(unit, uuid, lock=False)
        context = office.context(unit)
    term = awaited_answer(stored.document) if stored is not None else None
    if stored is None or term is None or term >= context.today:
        return 0
    command = derived_id("reminder", uuid, term)
    actor = next(iter(initiators(stored.document, context)))

    def produce(_: ProcessDefinition, document: Document, __: Context) -> tuple[Event, ...]:
        if awaited_answer(document) != term:
            return ()
        return (steps.Started(document=command, process=process, card=_reminder(document)),)

    done = apply_events(office, uuid, command, LABEL, actor, produce)
    return int(done is not None and not done.repeated)


def _reminder(document: Document) -> dict[str, CardValue]:
    number = document.number
    basis = f"наш № {number.text} от {date_short(number.dated)}" if number is not None else ""
    silent = [one.addressee for one in document.deliveries if one.state == "sent"]
    return {
        "title": f"Напоминание: {document.text('title')}"[:250], "basis": basis,
        "addressees": "\n".join(silent), "signer": document.card.get("signer"),
    }
