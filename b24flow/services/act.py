"""The use case behind every button: load, decide, append, update, mark for projection, commit.

One transaction, no network. Pages, bot, API, CLI and the portal's own changes all come through here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from b24flow.core.access import mark_text, offers
from b24flow.core.commands import Command, Context, Related, Rendition
from b24flow.core.decide import Decision, conclude, decide, opened
from b24flow.core.definition import ActionKind, ProcessDefinition
from b24flow.core.document import Document, Mark
from b24flow.core.events import Event
from b24flow.core.forms import prospective_card
from b24flow.core.registration import registration
from b24flow.core.supersession import in_force
from b24flow.core.verbs_closing import reference_to
from b24flow.errors import InvalidForm, NotFound
from b24flow.failpoints import failpoint
from b24flow.ids import derived_id
from b24flow.services import answers, duplicates
from b24flow.services.commit import commit, insert
from b24flow.services.echo import replacing, spread
from b24flow.services.numbers import asked_number, claim
from b24flow.services.office import Office
from b24flow.services.render import is_rendering, prepared
from b24flow.store import documents, journal, queries, series
from b24flow.store.engine import Unit, retrying


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
    rendition: Rendition | None = None

    def attempt(unit: Unit) -> Acted | None:
        stored = documents.load(unit, uuid, lock=True, command_id=command.id)
        repeated = _repeated(office, unit, command.id) if stored is None or stored.repeated else None
        if repeated is not None:
            return repeated
        if stored is None:
            raise NotFound("Такого документа нет.")
        definition = office.definition_of(stored.document)
        if rendition is None and is_rendering(definition, command):
            return None
        context = replace(office.context(unit), rendition=rendition)
        decision = _decided(office, unit, definition, stored.document, command, context)
        commit(office, unit, definition, stored, decision, context, command.id)
        spread(office, unit, definition, stored.document, decision, context, command.id)
        failpoint("action.before_commit")
        return _acted(decision, context)

    acted = retrying(office.database, attempt)
    if acted is None:  # a template is filled between two transactions, never inside one
        rendition = prepared(office, uuid, command)
        acted = retrying(office.database, attempt)
        assert acted is not None, "the rendition is there"
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
        first = _decided(office, unit, definition, draft.document, command, context)
        first = replacing(office, unit, definition, first, context, command.id)
        first = duplicates.linked(unit, definition, first, context)
        first = answers.linked(office, unit, definition, first, context, command.id)
        insert(office, unit, definition, [draft, first], context, command.id)
        spread(office, unit, definition, None, first, context, command.id)
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
        decision = conclude(definition, stored.document, events, context, label=label, actor=actor)
        commit(office, unit, definition, stored, decision, context, command_id)
        spread(office, unit, definition, stored.document, decision, context, command_id)
        return _acted(decision, context)

    return retrying(office.database, attempt)


def _decided(
    office: Office, unit: Unit, definition: ProcessDefinition, document: Document, command: Command,
    context: Context,
) -> Decision:
    """Decide a command, with the number or the other document that its action needs.

    The form is checked with a provisional number first, so that a refusal takes no counter's lock.
    """
    action = definition.action(command.action)
    if action is not None and action.kind is ActionKind.LINK:
        context = replace(context, related=_related(office, unit, definition, command, context))
    if action is None or not action.takes_number or document.number is not None:
        return decide(definition, document, command, context)
    card = prospective_card(definition, action, document, command, context)
    wanted = registration(definition, card, context.today)
    decide(definition, document, command, replace(context, number=wanted.number(1)))
    if reserved := asked_number(definition, action, command, context):
        number = claim(unit, wanted, reserved, command, context)
    else:
        counter = wanted.counter
        number = wanted.number(series.take(unit, counter.series, counter.period, counter.scope))
    return decide(definition, document, command, replace(context, number=number))


def _related(
    office: Office, unit: Unit, own: ProcessDefinition, command: Command, context: Context
) -> Related | None:
    """Return the document that a command names by its number; raises InvalidForm when it is not one."""
    asked = command.form.get("document", "")
    text = asked.strip() if isinstance(asked, str) else ""
    if not text:
        return None
    rows = queries.find(unit, text)
    if len(rows) != 1:
        said = f"номер «{text[:60]}» у нескольких документов" if rows else f"документа «{text[:60]}» нет"
        raise InvalidForm({"document": f"«Номер документа»: {said}"})
    stored = documents.load(unit, rows[0].uuid, lock=True)
    assert stored is not None, "the row was found in this transaction"
    other, document = office.definition_of(stored.document), stored.document
    awaits = any(one.action.kind is ActionKind.REPLY and one.action.starts == own.code
                 for one in offers(other, document, context, command.actor))
    return Related(uuid=document.uuid, text=rows[0].number or text, process=other.code,
                   process_label=other.label, in_force=in_force(other, document),
                   awaits_answer=awaits, basis=reference_to(document))


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
