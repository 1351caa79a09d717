"""What comes after a button, for the one who is about to press it: the next step and who gets it there.

Roles are resolved as they stand now: a role that nobody has is said plainly, with whoever gets the document
instead of it. What only the form itself decides (a signer, a route) is named as a choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from b24flow.core.commands import Context
from b24flow.core.definition import Action, ActionKind, ProcessDefinition, State, StepKind
from b24flow.core.document import Document
from b24flow.core.parts import Visa
from b24flow.core.registry_steps import who_visa
from b24flow.core.relations import controllers, initiators, signers, visa_people
from b24flow.core.steps import asked_visas, last_objectors, next_group, open_round

_VISAS = frozenset({ActionKind.APPROVE, ActionKind.APPROVE_WITH_REMARKS})
_ASIDE = frozenset({ActionKind.CONFIRM_ANNUL, ActionKind.DENY_ANNUL})
_CHOSEN = {
    "signer": "подписант, которого вы выберете", "reader": "кого нужно ознакомить",
    "controller": "контролёр", "voter": "члены органа", "holder": "исполнители",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A step that may follow: its label, what happens there, and who gets the document, in words."""

    label: str
    hint: str
    who: str


def next_steps(
    definition: ProcessDefinition, action: Action, document: Document | None, context: Context, user: int
) -> tuple[NextStep, ...]:
    """Return where a document goes by an action, `user` being whoever presses it."""
    if action.kind in _VISAS and document is not None:
        return _after_visa(definition, document, context, user)
    return tuple(
        NextStep(label=state.label, hint=state.hint,
                 who=", ".join(_people(definition, state, action, document, context, user)))
        for state in map(definition.state, action.next)
    )


def _after_visa(
    definition: ProcessDefinition, document: Document, context: Context, user: int
) -> tuple[NextStep, ...]:
    """The others of the group first, then the next group, then the step after the approval."""
    current = open_round(document)
    if current is None:
        return ()
    others = [one for one in asked_visas(document)
              if user not in visa_people(definition, document, one, context)]
    here = definition.state(document.step)
    waited = others or list(next_group(current))
    if waited:
        return (NextStep(label=here.label, hint="", who=", ".join(
            _visa(definition, one, context) for one in waited)),)
    after = definition.state(here.then)
    return (NextStep(label=after.label, hint=after.hint, who=", ".join(
        _in_step(definition, after, document, context, user))),)


def _visa(definition: ProcessDefinition, visa: Visa, context: Context) -> str:
    if visa.user is None and visa.role in definition.roles:
        return _role(definition, visa.role, context)
    return who_visa(definition, visa, context)


def _people(
    definition: ProcessDefinition, state: State, action: Action, document: Document | None,
    context: Context, user: int,
) -> Iterable[str]:
    if state.final:
        return ()
    if state.kind is not StepKind.APPROVAL:
        return _in_step(definition, state, document, context, user)
    if action.kind is ActionKind.SUBMIT:
        return _route(definition, context, user)
    asked = last_objectors(document) if document is not None else ()
    return [_visa(definition, one, context) for one in asked]


def _route(definition: ProcessDefinition, context: Context, user: int) -> Iterator[str]:
    """Whoever approves whatever the initiator chooses, and whoever does when he chooses nobody."""
    rules = definition.approval
    for one in rules.mandatory:
        flag = definition.fields.get(one.when)
        condition = f" — если отмечено «{flag.label}»" if flag is not None else ""
        yield _role(definition, one.role, context) + condition
    yield "те, кого вы укажете в маршруте"
    head = context.directory.head_of(user)
    if "initiator_head" in rules.default and head is not None:
        yield f"если никого — {context.directory.get(head).name}, ваш руководитель"


def _in_step(
    definition: ProcessDefinition, state: State, document: Document | None, context: Context, user: int
) -> list[str]:
    """Everybody an action of the step waits for, as `core.holding` finds them once it is there."""
    roles = dict.fromkeys(
        role for action in definition.actions
        if action.work and state.code in action.states and not action.branch and action.kind not in _ASIDE
        for role in action.who
    )
    return list(dict.fromkeys(
        text for role in roles for text in _named(definition, role, document, context, user)))


def _named(
    definition: ProcessDefinition, role: str, document: Document | None, context: Context, user: int
) -> list[str]:
    if role in definition.roles:
        return [_role(definition, role, context)]
    known: tuple[int, ...] = ()
    if role == "initiator":
        known = initiators(document, context) if document is not None else (user,)
    elif role == "voter":
        known = context.directory.role(definition.policies.members)
    elif document is not None and role in {"signer", "controller"}:
        known = signers(document) if role == "signer" else controllers(document)
    if known:
        return [context.directory.get(one).name for one in known]
    return [_CHOSEN[role]] if role in _CHOSEN else []


def _role(definition: ProcessDefinition, role: str, context: Context) -> str:
    """Name the people of a role, or say that nobody has it and who gets the document instead."""
    directory, label = context.directory, definition.roles.get(role, role)
    people = directory.role(role)
    if people:
        return f"{', '.join(directory.get(one).name for one in people)} ({label.lower()})"
    owner = next(iter(directory.role(definition.policies.owner)), None)
    instead = f", за документ отвечает {directory.get(owner).name}" if owner is not None else ""
    return f"роль «{label}» сейчас никто не занимает{instead}"
