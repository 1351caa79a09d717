"""«Ответ получен» by itself: an incoming letter «на наш № …» finds ours and marks its addressee (§3.5).

The clerk types our number at registration; when it names exactly one of our letters, both are linked and the
addressee who wrote is told from the others by his name. Anything unclear is left to the clerk's own button.
"""

from __future__ import annotations

from dataclasses import replace

from b24flow.core import events as ev
from b24flow.core import events_steps as steps
from b24flow.core.commands import Context
from b24flow.core.decide import Decision, conclude
from b24flow.core.definition import ActionKind, ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.events import Event
from b24flow.core.parts import Delivery
from b24flow.core.russian import date_short
from b24flow.ids import derived_id
from b24flow.services.commit import commit
from b24flow.services.office import Office
from b24flow.store import documents, fulltext, queries
from b24flow.store.documents import StoredDocument
from b24flow.store.engine import Unit


def linked(
    office: Office, unit: Unit, definition: ProcessDefinition, first: Decision, context: Context,
    command_id: str,
) -> Decision:
    """Link a registered letter to ours that it answers, both ways, and mark who answered."""
    letter = first.document
    ours = _asked_of_us(office, unit, letter)
    if ours is None or letter.number is None or ours.document.number is None:
        return first
    _received(office, unit, ours, letter, context, command_id, first)
    event = ev.Linked(kind="reply_to", document=ours.document.uuid, text=ours.document.number.text)
    forth = conclude(definition, letter, [event], context, label=first.label, actor=first.actor,
                     acting_for=first.acting_for, action=first.action, target=first.target)
    return replace(forth, events=first.events + forth.events)


def _asked_of_us(office: Office, unit: Unit, letter: Document) -> StoredDocument | None:
    said = letter.text("in_reply_to")
    rows = [row for row in queries.find(unit, said) if row.uuid != letter.uuid] if said else []
    if len(rows) != 1:
        return None
    stored = documents.load(unit, rows[0].uuid, lock=True)
    if stored is None or office.definition_of(stored.document).action_of(ActionKind.ANSWERED) is None:
        return None
    return stored


def _received(
    office: Office, unit: Unit, ours: StoredDocument, letter: Document, context: Context, command_id: str,
    first: Decision,
) -> None:
    assert letter.number is not None, "only a registered letter answers"
    said = f"{letter.number.text} от {date_short(letter.number.dated)}"
    events: list[Event] = [ev.Linked(kind="reply", document=letter.uuid, text=letter.number.text)]
    wrote = _whose(ours.document, letter.text("correspondent"))
    if wrote is not None:
        events.insert(0, steps.AnswerReceived(id=wrote.id, text=said, document=letter.uuid))
    definition = office.definition_of(ours.document)
    action = definition.action_of(ActionKind.ANSWERED)
    assert action is not None, "our letter waits for answers"
    decision = conclude(
        definition, ours.document, events, context, label=action.label, actor=first.actor,
        acting_for=first.acting_for, action=action, target=wrote.id if wrote is not None else None,
    )
    commit(office, unit, definition, ours, decision, context, derived_id("answer", command_id))


def _whose(ours: Document, correspondent: str) -> Delivery | None:
    """Return the addressee who wrote: by his name, or because there is only one."""
    waiting = [one for one in ours.deliveries if one.state == "sent"]
    name = fulltext.searchable(correspondent)
    same = [one for one in waiting if name and fulltext.searchable(one.addressee) == name]
    if len(same) == 1:
        return same[0]
    return waiting[0] if waiting and len(ours.deliveries) == 1 else None
