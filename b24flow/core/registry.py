"""The registry row of a document: every value a column can show, by the names definitions use.

A pure function of the document, so the portal's row can always be computed again and compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from b24flow.core.commands import Context
from b24flow.core.definition import FieldType, ProcessDefinition
from b24flow.core.document import DONE, LIVE, Document
from b24flow.core.forms import choices_of
from b24flow.core.holding import work_items
from b24flow.core.registry_steps import STEP_SOURCES
from b24flow.core.russian import date_short, datetime_short
from b24flow.core.tree import changed_term, lead_leaf, state_of

Cell = str | int | date | None


def row(definition: ProcessDefinition, document: Document, context: Context) -> dict[str, Cell]:
    """Return the values of all registry columns of the definition, by column code."""
    if definition.registry is None:
        return {}
    return {
        column.code: value_of(column.source, definition, document, context)
        for column in definition.registry.fields
    }


def value_of(
    source: str, definition: ProcessDefinition, document: Document, context: Context
) -> Cell:
    """Return one value: `card.<field>` as people read it, or a computed one."""
    if source.startswith("card."):
        return card_cell(source.removeprefix("card."), definition, document, context)
    return SOURCES[source](definition, document, context)


def card_cell(
    code: str, definition: ProcessDefinition, document: Document, context: Context
) -> Cell:
    """Return a card value as people read it: labels instead of codes, names instead of ids."""
    value = document.card.get(code)
    field = definition.fields.get(code)
    if value is None or field is None:
        return None if value is None else str(value)
    if field.type is FieldType.DATE:
        return date.fromisoformat(str(value))
    if field.type is FieldType.CHOICE:
        choices = choices_of(field, definition)
        return next((one.label for one in choices if one.value == value), str(value))
    if field.type is FieldType.PERSON:
        return context.directory.get(int(str(value))).name
    if field.type is FieldType.ROUTE:
        return _planned_route(str(value), definition, context)
    if isinstance(value, tuple):
        return ", ".join(context.directory.get(one).name for one in value)
    if isinstance(value, bool):
        return "да" if value else "нет"
    return value


def _planned_route(rows: str, definition: ProcessDefinition, context: Context) -> str:
    """Return «1. Орлов П. А.; 2. Юрист» of the rows in which a route is kept before it is frozen."""
    said = []
    for row in rows.splitlines():
        group, _, who = row.partition(":")
        name = context.directory.get(int(who)).name if who.isdigit() else definition.roles.get(who, who)
        said.append(f"{group}. {name}")
    return "; ".join(said)


def _names(users: Mapping[int, None], context: Context) -> str:
    return ", ".join(context.directory.get(one).name for one in users)


def _number(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    return document.number.text if document.number else None


def _registered_on(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    return document.number.dated if document.number else None


def _state(definition: ProcessDefinition, document: Document, context: Context) -> Cell:
    label = definition.state(state_of(document)).label
    return f"{label}. {document.status}" if document.status else label


def _executors(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    people = {
        one.executor: None for one in document.current()
        if one.parent is not None and (one.state in LIVE or one.state in DONE)
    }
    return _names(people, context)


def _holders(definition: ProcessDefinition, document: Document, context: Context) -> Cell:
    items = work_items(definition, document, context)
    return _names({one.user: None for one in items if one.acting_for is None}, context)


def _term(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    return document.term


def _changed_term(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    return changed_term(document)


def _term_history(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    lines = [
        f"{context.directory.get(node.executor).name}: "
        f"{date_short(change.before) if change.before else 'без срока'} → "
        f"{date_short(change.after)}, {context.directory.get(change.by).name if change.by else 'система'}, "
        f"{datetime_short(change.at, context.zone)}: {change.reason}"
        for node in document.assignments for change in node.changes
    ]
    return "\n".join(lines)


def _control(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    control = document.control
    if not control.on:
        return ""
    if control.released_at is not None:
        return f"снят {date_short(control.released_at.astimezone(context.zone).date())}"
    person = control.controller or control.set_by
    return f"на контроле: {context.directory.get(person).name}" if person else "на контроле"


def _result(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    lead = lead_leaf(document)
    return lead.report.summary if lead is not None and lead.report is not None else ""


def _finished_on(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    lead = lead_leaf(document)
    if document.closure is None or lead is None or lead.report is None:
        return None
    return lead.report.at.astimezone(context.zone).date()


def _reply(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    reply = document.reply
    if reply is None:
        return ""
    words = {"draft": "проект", "sent": "отправлен", "annulled": "аннулирован"}
    return " ".join(part for part in (reply.number, words.get(reply.state, reply.state)) if part)


def _acknowledged(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    return _names(
        {one.executor: None for one in document.assignments if one.state.value == "acked"}, context
    )


def _released(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    control = document.control
    if control.released_at is None or control.released_by is None:
        return ""
    return (f"{context.directory.get(control.released_by).name}, "
            f"{datetime_short(control.released_at, context.zone)}")


SOURCES: Mapping[str, Callable[[ProcessDefinition, Document, Context], Cell]] = {
    "number": _number, "registered_on": _registered_on, "state": _state,
    "executors": _executors, "holders": _holders, "term": _term,
    "changed_term": _changed_term, "term_history": _term_history, "control": _control,
    "result": _result, "finished_on": _finished_on, "reply": _reply,
    "acknowledged": _acknowledged, "released": _released,
    "url": lambda _d, document, _c: document.uuid, **STEP_SOURCES,
}
"""Computed columns; `url` gives the document's uuid, the projection makes the address of it."""
