"""The same letter twice: found at registration by correspondent, their number and its date (R15).

A warning, never a block: whoever registers says why and goes on, and both documents name each other as
«Дубликат». Words are compared as the search does, numbers as registration numbers are: «№ 15-1/200» and
«15-1 / 200» are one, «Ё» is «Е».
"""

from __future__ import annotations

from dataclasses import replace

from b24flow.core import events as ev
from b24flow.core.commands import Context
from b24flow.core.decide import Decision, conclude
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.numbering import normalise
from b24flow.core.russian import date_short
from b24flow.errors import LooksRepeated
from b24flow.store import documents, fulltext, queries
from b24flow.store.engine import Unit

REASON = "duplicate_reason"
"""The form field of a registration in which is said why the letter is registered once more."""

_OVER = frozenset({"annulled", "forwarded"})
_MOST = 50


def similar(unit: Unit, letter: Document) -> list[Document]:
    """Return the registered documents of the same process that look like the same letter, newest first."""
    number, day = letter.text("foreign_number"), letter.text("foreign_date")
    if not number or not day or not letter.text("correspondent"):
        return []
    found = []
    for row in queries.with_words(unit, letter.process, f"{number} {day}", limit=_MOST):
        if row.uuid == letter.uuid or row.number is None or row.state in _OVER:
            continue
        stored = documents.load(unit, row.uuid, lock=False)
        if stored is not None and _key(stored.document) == _key(letter):
            found.append(stored.document)
    return found


def _key(letter: Document) -> tuple[str, str, str]:
    return (fulltext.searchable(letter.text("correspondent")), normalise(letter.text("foreign_number")),
            letter.text("foreign_date"))


def linked(unit: Unit, definition: ProcessDefinition, first: Decision, context: Context) -> Decision:
    """Link a registration to the letters it repeats; raises LooksRepeated when nobody said why it repeats."""
    action = first.action
    if action is None or not any(one.field.code == REASON for one in action.form):
        return first
    found = similar(unit, first.document)
    if not found:
        return first
    if not first.document.text(REASON):
        raise LooksRepeated({REASON: warning(definition, found)}, {
            one.uuid: one.number.text for one in found if one.number is not None
        })
    events = [
        ev.Linked(kind="duplicate", document=one.uuid, text=one.number.text if one.number else "")
        for one in found
    ]
    forth = conclude(definition, first.document, events, context, label=first.label, actor=first.actor,
                     acting_for=first.acting_for, action=action, target=first.target)
    return replace(forth, events=first.events + forth.events)


def warning(definition: ProcessDefinition, found: list[Document]) -> str:
    """Return «Похоже на Вх-12/26 от 20.11.2026 „О мерах“ …»."""
    said = "; ".join(
        f"{one.number.text} от {date_short(one.number.dated)} «{one.text(definition.title_field)}»"
        for one in found[:3] if one.number is not None
    )
    return (f"Похоже на {said}: тот же корреспондент, номер и дата. Если письмо нужно зарегистрировать"
            " ещё раз, напишите почему — документы будут связаны как дубликаты")
