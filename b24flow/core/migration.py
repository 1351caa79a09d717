"""A running document and another version of its process: what would change for it, and what forbids it (R44).

Pure, so that the preview a person agrees to and the change made afterwards are one and the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from b24flow.core.access import Rights
from b24flow.core.commands import SYSTEM, Context
from b24flow.core.decide import Decision, conclude
from b24flow.core.definition import ActionKind, ProcessDefinition, StepKind
from b24flow.core.document import Document
from b24flow.core.events import Event
from b24flow.core.events_steps import DefinitionChanged, RoundClosed
from b24flow.core.forms import choices_of
from b24flow.core.holding import work_items
from b24flow.core.steps import open_round
from b24flow.core.tree import state_of

LABEL = "Переведён на новую версию процесса"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """What the new version calls otherwise: steps and card fields, old code → new code."""

    states: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a document stands: its step, who must act (active people, not substitutes), their buttons."""

    state: str
    holders: tuple[int, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One document on its way to another version: before, after, what is lost, what forbids it."""

    before: Standing
    after: Standing
    lost: tuple[str, ...]
    problems: tuple[str, ...]
    decision: Decision | None


def passage(
    old: ProcessDefinition, new: ProcessDefinition, document: Document, renamed: Renamed, context: Context
) -> Passage:
    """Return what happens to a document that goes over to `new`; `decision` is None when it must not."""
    before = _standing(old, document, context)
    code = state_of(document)
    target = renamed.states.get(code, code)
    problem = _unfit(old, new, document, code, target)
    if problem:
        return Passage(before=before, after=before, lost=(), problems=(problem,), decision=None)
    decision = conclude(new, document, _events(old, new, document, target, renamed), context, label=LABEL,
                        actor=SYSTEM)
    after = _standing(new, decision.document, context)
    problems = _held(old, new, decision.document, before, after)
    return Passage(before=before, after=after, lost=_lost(new, decision.document), problems=problems,
                   decision=None if problems else decision)


def _events(
    old: ProcessDefinition, new: ProcessDefinition, document: Document, target: str, renamed: Renamed
) -> tuple[Event, ...]:
    code = state_of(document)
    step = None if target == code else _step(document, target)
    reason = f"версия {old.digest[:12]} → {new.digest[:12]}"
    if target != code:
        reason += f"; шаг «{old.state(code).label}» → «{new.state(target).label}»"
    changed = DefinitionChanged(digest=new.digest, step=step, fields=dict(renamed.fields), reason=reason)
    leaves = new.state(target).kind is not StepKind.APPROVAL and open_round(document) is not None
    return (RoundClosed(outcome="withdrawn"), changed) if leaves else (changed,)


def _step(document: Document, target: str) -> str:
    """Return the step to be written: none where the assignment tree says the same by itself."""
    return "" if state_of(replace(document, step="")) == target else target


def _unfit(
    old: ProcessDefinition, new: ProcessDefinition, document: Document, code: str, target: str
) -> str:
    found = next((one for one in new.states if one.code == target), None)
    label = old.state(code).label
    if found is None and target == code:
        return f"шага «{label}» ({code}) в новой версии нет: укажите, куда перевести, --map {code}=…"
    if found is None:
        return f"шага «{target}» в новой версии нет (--map {code}={target})"
    if found.final:
        return f"«{found.label}» — конечный шаг: перевод на новую версию не завершает документы"
    if not document.step and target != code and document.live():
        return f"шаг «{label}» следует из поручений, они ещё исполняются: перевести его нельзя"
    if target != code and found.kind is StepKind.APPROVAL and open_round(document) is None:
        # A migration asks nobody for a visa: it would be a decision about the document.
        return f"на шаге «{found.label}» никто из тех, у кого документ, не сможет его продолжить"
    return ""


def _standing(definition: ProcessDefinition, document: Document, context: Context) -> Standing:
    items = work_items(definition, document, context)
    mine = {one.user for one in items if one.acting_for is None}
    users = sorted(one for one in mine if context.directory.active(one))
    rights = Rights(definition, document, context)
    labels = {one.action.label: None for user in users for one in rights.of(user) if one.acting_for is None}
    return Standing(state=state_of(document), holders=tuple(users), actions=tuple(labels))


def _held(
    old: ProcessDefinition, new: ProcessDefinition, document: Document, before: Standing, after: Standing
) -> tuple[str, ...]:
    """An open document has a living person who can move it, unless it had none before either."""
    label = new.state(after.state).label
    if document.closure is not None:
        return (f"документ сразу завершился бы на шаге «{label}»",)
    if not after.holders and before.holders:
        return (f"на шаге «{label}» документ ни у кого не окажется",)
    if _goes_on(old, before) and not _goes_on(new, after):
        return (f"на шаге «{label}» никто из тех, у кого документ, не сможет его продолжить",)
    return ()


def _goes_on(definition: ProcessDefinition, standing: Standing) -> bool:
    """Tell whether a holder can move the document: reading or answering beside the route does not."""
    read = definition.state(standing.state).kind in {StepKind.ACKNOWLEDGEMENT, StepKind.POINTS}
    beside = {ActionKind.ANSWER} if read else {ActionKind.ANSWER, ActionKind.READ}
    works = {one.label for one in definition.actions
             if one.work and standing.state in one.states and one.kind not in beside}
    return bool(works & set(standing.actions))


def _lost(new: ProcessDefinition, document: Document) -> tuple[str, ...]:
    """Name the filled values that the new version does not know: they stay in the card, unseen."""
    found: list[str] = []
    for code, value in document.card.items():
        declared = new.fields.get(code)
        if value is None or value in ("", ()):
            continue
        if declared is None or code not in new.card:
            found.append(f"поле «{declared.label if declared else code}» ({code})")
            continue
        allowed = {one.value for one in choices_of(declared, new)}
        if allowed and isinstance(value, str) and value not in allowed:
            found.append(f"значение «{value}» поля «{declared.label}»")
    return tuple(found)
