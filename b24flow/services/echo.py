"""What a decision on one document does to others: drafts it opens, answers it settles, links' ways back.

Called inside the transaction of the decision, after it was written: both sides are saved, or neither.
"""

from __future__ import annotations

from dataclasses import replace

from b24flow.core import events as ev
from b24flow.core import events_steps as steps
from b24flow.core.commands import SYSTEM, Context
from b24flow.core.decide import Decision, conclude, opened
from b24flow.core.definition import ActionKind, ProcessDefinition
from b24flow.core.document import CardValue, Document
from b24flow.core.events import Event
from b24flow.core.supersession import REPEALED, SUPERSEDING, given_up, in_force, repealed_by, repealer_note
from b24flow.core.verbs_closing import answer_state, settle_reply
from b24flow.core.verbs_side import LINKS, REPLY_TO
from b24flow.errors import InvalidForm
from b24flow.ids import derived_id
from b24flow.services.commit import commit, insert
from b24flow.services.office import Office
from b24flow.store import documents, queries
from b24flow.store.engine import Unit


def spread(
    office: Office, unit: Unit, definition: ProcessDefinition, before: Document | None,
    decision: Decision, context: Context, command_id: str,
) -> None:
    """Carry a written decision over to the other documents that it concerns."""
    document = decision.document
    for event in decision.events:
        if isinstance(event, ev.ReplyStarted):
            process = decision.action.starts if decision.action is not None else ""
            _open_draft(office, unit, document, event.document, process, dict(event.card), "reply_to",
                        decision, context)
        if isinstance(event, steps.Started):
            _open_draft(office, unit, document, event.document, event.process, dict(event.card), "basis",
                        decision, context)
        if isinstance(event, ev.Linked) and decision.action is not None:
            _way_back(office, unit, document, event, definition, context, command_id, decision)
    if document.number is not None and (before is None or before.number is None):
        _supersede(office, unit, document, context, command_id, decision)
    if any(isinstance(one, ev.DocumentClosed) and one.state == "annulled" for one in decision.events):
        _give_up(office, unit, document, context, command_id, decision)
    if before is not None:
        _settle_basis(office, unit, definition, before, decision, context, command_id)


def _tell(
    office: Office, unit: Unit, uuid: str, events: list[Event], label: str, context: Context,
    command_id: str, decision: Decision,
) -> None:
    """Write events on another document, in the name of whoever decided."""
    stored = documents.load(unit, uuid, lock=True)
    if stored is None:
        return
    definition = office.definition_of(stored.document)
    told = conclude(definition, stored.document, events, context, label=label, actor=decision.actor,
                    acting_for=decision.acting_for)
    commit(office, unit, definition, stored, told, context, derived_id("echo", command_id, uuid))


def _name(definition: ProcessDefinition, document: Document) -> str:
    if document.number is not None:
        return document.number.text
    return f"проект «{document.text(definition.title_field)[:60]}»"


def _way_back(
    office: Office, unit: Unit, document: Document, made: ev.Linked, definition: ProcessDefinition,
    context: Context, command_id: str, decision: Decision,
) -> None:
    """Links are two-way: the other document names this one."""
    action = decision.action
    if made.kind == REPLY_TO and action is not None and action.kind is ActionKind.LINK:
        # What arrives as an answer to our letter is no draft of ours: `services.answers` links it both ways.
        started = ev.ReplyStarted(document=document.uuid)
        _tell(office, unit, made.document, [started], "Готовится ответ", context, command_id, decision)
    if made.kind not in LINKS:
        return
    label, back, _ = LINKS[made.kind]
    event = ev.Linked(kind=back, document=document.uuid, text=_name(definition, document))
    _tell(office, unit, made.document, [event], f"Связь: {label.lower()}", context, command_id, decision)


def _supersede(
    office: Office, unit: Unit, document: Document, context: Context, command_id: str,
    decision: Decision,
) -> None:
    """A document that comes into force changes or repeals those it was made against (§3.6, §3.7)."""
    assert document.number is not None, "only a registered document supersedes"
    for link in document.links:
        kind = SUPERSEDING.get(link.kind)
        if kind is None:
            continue
        stored = documents.load(unit, link.document, lock=True)
        if stored is None or not in_force(office.definition_of(stored.document), stored.document):
            continue
        word = "Утратил силу" if kind == "repealed" else "Действует с изменениями"
        text = f"{word}: № {document.number.text}"
        events: list[Event] = [steps.Superseded(kind=kind, document=document.uuid, text=text)]
        if kind == REPEALED and stored.document.closure is None:
            events.append(ev.DocumentClosed(state=kind, reason=text))
        _tell(office, unit, link.document, events, word, context, derived_id(kind, command_id), decision)
        if kind == REPEALED:
            _tell_repealed(office, unit, stored.document, context, command_id, decision, repealed=True)


def _give_up(
    office: Office, unit: Unit, document: Document, context: Context, command_id: str,
    decision: Decision,
) -> None:
    """What an annulled document had changed or repealed is as if it never had (§3.6, §3.7)."""
    if document.number is None:
        return
    for uuid in dict.fromkeys(one.document for one in document.links if one.kind in SUPERSEDING):
        stored = documents.load(unit, uuid, lock=True)
        events = given_up(stored.document, document.uuid, document.number.text) if stored is not None else ()
        if stored is None or not events:
            continue
        _tell(office, unit, uuid, list(events), "Отменяющий документ аннулирован", context,
              derived_id("given up", command_id), decision)
        if repealed_by(stored.document, document.uuid):
            _tell_repealed(office, unit, stored.document, context, command_id, decision, repealed=False)


def _tell_repealed(
    office: Office, unit: Unit, repealer: Document, context: Context, command_id: str,
    decision: Decision, *, repealed: bool,
) -> None:
    """A repealer that falls itself revives nothing: what it repealed says so in its history."""
    if repealer.number is None or (repealer.closure is not None and repealer.closure.state == "annulled"):
        return
    note = repealer_note(repealer.number.text, repealed=repealed)
    event = ev.RepealerChanged(document=repealer.uuid, note=note)
    for link in repealer.links:
        stored = documents.load(unit, link.document, lock=True) if link.kind == "repeals" else None
        if stored is not None and repealed_by(stored.document, repealer.uuid):
            _tell(office, unit, link.document, [event], "Изменилось состояние отменившего документа", context,
                  derived_id("repealer", command_id), decision)


def _open_draft(
    office: Office, unit: Unit, basis: Document, uuid: str, process: str,
    card: dict[str, CardValue], link: str, decision: Decision, context: Context,
) -> None:
    """Open a draft of another process, linked both ways, in the same transaction (R37)."""
    definition = office.process(process)
    known = {code: value for code, value in card.items() if code in definition.fields}
    draft = opened(definition, uuid=uuid, actor=decision.actor, context=context, card=known)
    text = basis.number.text if basis.number is not None else "документ"
    label = "Подготовлен ответ" if link == "reply_to" else "Подготовлен документ"
    linked = conclude(
        definition, draft.document, [ev.Linked(kind=link, document=basis.uuid, text=text)], context,
        label=label, actor=decision.actor,
    )
    insert(office, unit, definition, [draft, linked], context, derived_id(link, basis.uuid, basis.version))


def replacing(
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
        definition, stored.document,
        [ev.Linked(kind="replaced_by", document=first.document.uuid, text=first.document.number.text)],
        context, label="Зарегистрирован взамен", actor=first.actor, acting_for=first.acting_for,
    )
    commit(office, unit, office.definition_of(stored.document), stored, back, context,
            derived_id("replaced", command_id))
    old = stored.document.number.text if stored.document.number is not None else asked
    forth = conclude(
        definition, first.document, [ev.Linked(kind="replaces", document=stored.document.uuid, text=old)],
        context, label=first.label, actor=first.actor, acting_for=first.acting_for,
        action=first.action, target=first.target,
    )
    return replace(forth, events=first.events + forth.events)


def _settle_basis(
    office: Office, unit: Unit, definition: ProcessDefinition, before: Document, decision: Decision,
    context: Context, command_id: str,
) -> None:
    """When an outgoing answer is given or falls through, tell the document it answers (R37)."""
    state = answer_state(definition, decision.document)
    if not state or state == answer_state(definition, before):
        return
    for link in decision.document.links:
        if link.kind != "reply_to":
            continue
        stored = documents.load(unit, link.document, lock=True)
        reply = stored.document.reply if stored is not None else None
        if stored is None or reply is None or reply.document != decision.document.uuid:
            continue
        if stored.document.closure is not None:  # answered before: what comes later does not reopen it
            continue
        if state == "sent" and reply.state != "draft":  # sent once more after a failed delivery
            continue
        number = decision.document.number.text if decision.document.number is not None else ""
        basis = office.definition_of(stored.document)
        settled = conclude(
            basis, stored.document, settle_reply(stored.document, state, number), context,
            label="Ответ отправлен" if state == "sent" else "Проект ответа аннулирован", actor=SYSTEM,
        )
        commit(office, unit, basis, stored, settled, context,
                derived_id("settle", command_id, stored.document.uuid))
