"""The control of answers to our letters: whoever is silent after his term is reminded by a letter (§3.5).

Once the term is over, a draft of a reminder lies before the initiator, one for each term; nothing is sent by
itself. Which incoming letter answers which of ours is settled at its registration (`services.answers`).
"""

from __future__ import annotations

from b24flow.core import events_steps as steps
from b24flow.core.commands import Context
from b24flow.core.definition import ActionKind, ProcessDefinition
from b24flow.core.document import CardValue, Document
from b24flow.core.events import Event
from b24flow.core.relations import initiators
from b24flow.core.russian import date_short
from b24flow.core.steps import awaited_answer
from b24flow.ids import derived_id
from b24flow.services.act import apply_events
from b24flow.services.office import Office
from b24flow.store import documents, queries
from b24flow.store.queries import Filter

LABEL = "Подготовлено напоминание"
_PAGE = 500


def remind(office: Office) -> int:
    """Open a draft of a reminder for every letter whose term of answer is over; return how many."""
    made = 0
    for process in [one.code for one in office.definitions.processes().values() if answers(one)]:
        for uuid in _overdue(office, process):
            made += _remind(office, uuid, process)
    return made


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
