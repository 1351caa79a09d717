"""What a later document does to an earlier one: it changes or repeals it, unless it is annulled.

A repeal ends what is still executed. When the repealing document turns out to be annulled, it never repealed
anything: the earlier document stands where it stood, its points and its unread lines are open again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from b24flow.core import events as ev
from b24flow.core import events_steps as steps_ev
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import LIVE, BranchState, Closure, Document, Supersession
from b24flow.core.events import Event, Record
from b24flow.core.parts import Reader
from b24flow.core.steps import asked_readers

SUPERSEDING = {"amends": "amended", "repeals": "repealed"}
"""What a registered document does to the one it is linked to, by the kind of the link."""

REPEALED = "repealed"
"""Where a document ends up that a later one repealed."""

_WAYS_BACK = frozenset({"amended_by", "repealed_by"})
_HELD = LIVE | {BranchState.REPORTED}


def can_be_repealed(definition: ProcessDefinition) -> bool:
    """Tell whether documents of a process are in force until a later one repeals them."""
    return any(one.code == REPEALED for one in definition.states)


def in_force(definition: ProcessDefinition, document: Document) -> bool:
    """Tell whether a document can be changed or repealed: it has a number and no bad end or repeal."""
    ended = document.closure
    return can_be_repealed(definition) and document.number is not None and (
        ended is None or definition.state(ended.state).success
    )


def repealed_by(document: Document, other: str) -> bool:
    """Tell whether a document was repealed by this very one."""
    return any(one.kind == REPEALED and one.document == other for one in document.superseded)


def given_up(document: Document, other: str, number: str) -> tuple[Event, ...]:
    """Return what the annulment of `other` does to a document that it had changed or repealed."""
    kinds = {one.kind for one in document.superseded if one.document == other}
    if not kinds:
        return ()
    note = f"Изменения не действуют: регистрация документа № {number} аннулирована"
    if REPEALED in kinds:
        note = f"Снова действует: регистрация документа № {number} аннулирована"
        if document.closure is not None and document.closure.state != REPEALED:
            note = f"Отмена не действует: регистрация документа № {number} аннулирована"
    return (ev.SupersessionAnnulled(document=other, note=note),)


def repealer_note(number: str, *, repealed: bool) -> str:
    """Return what a repealed document says of its repealer: repealed in its turn, or in force again."""
    said = "сам утратил силу" if repealed else "снова действует"
    return f"Документ № {number}, который отменил этот, {said}; этот документ остаётся отменённым"


def superseded(document: Document, event: steps_ev.Superseded, record: Record) -> Document:
    """Apply a change or a repeal, keeping where the document stood."""
    made = Supersession(kind=event.kind, document=event.document, text=event.text)
    if event.kind == REPEALED:
        made = replace(
            made, step=document.step, closure=document.closure,
            branches={one.id: _held(one.state) for one in document.assignments if one.state in _HELD},
            readers=tuple(one.id for one in asked_readers(document)),
        )
    document = replace(document, status=event.text, superseded=(*document.superseded, made))
    if event.kind != REPEALED or document.closure is None:
        return document
    return replace(document, closure=Closure(
        state=REPEALED, at=record.at, by=record.actor, acting_for=record.acting_for, reason=event.text,
    ))


def _held(state: BranchState) -> str:
    """A wish for another term ends with the repeal: whoever had it is simply at work again."""
    return (BranchState.WORK if state is BranchState.EXT else state).value


def annulled(document: Document, event: ev.SupersessionAnnulled, record: Record) -> Document:
    """Apply the annulment of a superseding document: what others did to this one stays."""
    left = tuple(one for one in document.superseded if one.document != event.document)
    repeal = next((one for one in document.superseded
                   if one.document == event.document and one.kind == REPEALED), None)
    links = tuple(one for one in document.links
                  if one.document != event.document or one.kind not in _WAYS_BACK)
    document = replace(document, superseded=left, status=left[-1].text if left else "", links=links)
    if repeal is None or document.closure is None or document.closure.state != REPEALED:
        return document
    document = replace(document, closure=repeal.closure, step=repeal.step)
    return document if repeal.closure is not None else _reopened(document, repeal)


def _reopened(document: Document, repeal: Supersession) -> Document:
    """What the repeal had ended is held again; a point that was reported is reported, not in work."""
    assignments = tuple(
        replace(one, state=BranchState(repeal.branches[one.id]), task_closed=False,
                closed_at=one.closed_at if repeal.branches[one.id] == BranchState.REPORTED else None)
        if one.id in repeal.branches else one
        for one in document.assignments
    )
    return replace(document, assignments=assignments, readers=_asked(document, repeal.readers))


def _asked(document: Document, readers: Collection[str]) -> tuple[Reader, ...]:
    return tuple(
        replace(one, state="asked", reason="", at=None) if one.id in readers else one
        for one in document.readers
    )


def noted(document: Document, event: ev.RepealerChanged, record: Record) -> Document:
    """Apply nothing: the event is for the history alone."""
    return document
