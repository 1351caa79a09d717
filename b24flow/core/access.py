"""Who may do what, now: the one place that pages, bot and `decide` ask, so they cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from b24flow.core.commands import Context
from b24flow.core.definition import Action, ActionKind, ProcessDefinition
from b24flow.core.document import LIVE, Assignment, Document, Mark
from b24flow.core.extension import next_decider
from b24flow.core.russian import datetime_short
from b24flow.core.tree import lead_leaf, state_of
from b24flow.core.work import WorkItem
from b24flow.errors import AlreadyDone, NotAllowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An action that a person may do now, on which assignment and for whom."""

    action: Action
    target: str | None
    acting_for: int | None


def people_for(
    role: str, document: Document, node: Assignment | None, context: Context
) -> tuple[int, ...]:
    """Return the people in a role: a relation to the document, or an organisational role."""
    if role in {"holder", "executor"}:
        return (node.executor,) if node is not None else ()
    if role == "author":
        # Whoever chose himself has nobody below him to recall or to replace.
        return (node.author,) if node is not None and node.author != node.executor else ()
    if role == "head":
        return _one(context.directory.head_of(node.executor)) if node is not None else ()
    if role == "decider":
        return (node.extension.decider,) if node is not None and node.extension else ()
    if role == "lead":
        lead = lead_leaf(document)
        return (lead.executor,) if lead is not None else ()
    if role == "controller":
        return _controllers(document)
    if role == "initiator":
        return (document.opened_by,)
    if role == "initiator_head":
        return _one(context.directory.head_of(document.opened_by))
    if role == "holders":
        return tuple(dict.fromkeys(one.executor for one in document.live()))
    return context.directory.role(role)


def _one(user: int | None) -> tuple[int, ...]:
    return () if user is None else (user,)


def _controllers(document: Document) -> tuple[int, ...]:
    """The named controller; without one, whoever put the document on control."""
    control = document.control
    if control.controller is not None:
        return (control.controller,)
    return _one(control.set_by)


def offers(
    definition: ProcessDefinition, document: Document, context: Context, user: int
) -> tuple[Offer, ...]:
    """Return everything `user` may do with the document now, in the order of the definition."""
    found: list[Offer] = []
    state = state_of(document)
    for action in definition.actions:
        if state not in action.states:
            continue
        nodes: tuple[Assignment | None, ...] = (None,)
        if action.branch:
            nodes = tuple(one for one in document.current() if one.state.value in action.branch)
        for node in nodes:
            if not possible(definition, action, document, node, context):
                continue
            allowed, acting_for = _allowed(action, document, node, context, user)
            if allowed:
                found.append(Offer(action=action, target=node.id if node else None,
                                   acting_for=acting_for))
    return tuple(found)


def _allowed(
    action: Action, document: Document, node: Assignment | None, context: Context, user: int
) -> tuple[bool, int | None]:
    best: tuple[bool, int | None] = (False, None)
    for role in action.who:
        people = people_for(role, document, node, context)
        allowed, acting_for = context.directory.may_act(user, people, context.today)
        if allowed and acting_for is None:
            return True, None
        if allowed:
            best = (True, acting_for)
    return best


def possible(
    definition: ProcessDefinition, action: Action, document: Document,
    node: Assignment | None, context: Context,
) -> bool:
    """Tell whether an action makes sense apart from who asks: nobody above, nothing pending …"""
    kind = action.kind
    if kind is ActionKind.RETURN and node is not None:
        return (node.parent is None) == action.code.endswith("_clerk")
    if kind is ActionKind.ESCALATE_EXTENSION and node is not None:
        return next_decider(definition, document, node, context) is not None
    if kind is ActionKind.RECALL and node is not None:
        return any(one.state in LIVE for one in document.subtree(node))
    if kind is ActionKind.ANNUL:
        return document.number is not None and document.annulment is None
    if kind in {ActionKind.CONFIRM_ANNUL, ActionKind.DENY_ANNUL}:
        return document.annulment is not None
    if kind is ActionKind.RESEND:
        return document.returned is not None
    if kind is ActionKind.REOPEN and document.closure is not None:
        return context.now - document.closure.at <= timedelta(days=definition.policies.reopen_days)
    return True


def authorise(
    definition: ProcessDefinition, action: Action, document: Document, target: str | None,
    context: Context, user: int,
) -> Offer:
    """Return the matching offer, or say why there is none.

    Raises AlreadyDone when the moment has passed for somebody who had the right, NotAllowed otherwise.
    """
    if not context.directory.active(user):
        raise NotAllowed("Ваша учётная запись закрыта: действие недоступно.")
    matching = [
        one for one in offers(definition, document, context, user) if one.action is action
    ]
    if target is None and len(matching) == 1:
        return matching[0]
    found = next((one for one in matching if one.target == target), None)
    if found is not None:
        return found
    if target is None and matching:
        raise NotAllowed(
            f"«{action.label}»: у вас несколько поручений по документу, выберите одно из них."
        )
    node = document.find(target)
    if _had_right(action, document, node, context, user):
        raise AlreadyDone(already_done(document, node, context))
    raise NotAllowed(f"«{action.label}»: {_whose(definition, action)}.")


def _had_right(
    action: Action, document: Document, node: Assignment | None, context: Context, user: int
) -> bool:
    if _allowed(action, document, node, context, user)[0]:
        return True
    touched = [node] if node is not None else list(document.assignments)
    roles = set(action.who)
    mine = context.directory.may_act
    if roles & {"holder", "executor", "lead"}:
        return any(mine(user, (one.executor,), context.today)[0] for one in touched)
    if "decider" in roles:
        return any(
            (one.mark is not None and one.mark.by == user) or one.author == user for one in touched
        )
    return False


def already_done(document: Document, node: Assignment | None, context: Context) -> str:
    """Return «Уже выполнено …»: what was done last, by whom and when."""
    mark = document.mark
    if document.closure is None and node is not None and node.mark is not None:
        mark = node.mark
    if mark is None:
        return "Уже выполнено: документ изменился, обновите страницу."
    return f"Уже выполнено: {mark_text(mark, context)}."


def mark_text(mark: Mark, context: Context) -> str:
    """Return «„Документ исполнен“ — Иванов И. И. за Петрова П. П., 22.11.2026 10:30»."""
    who = "система" if mark.by == 0 else context.directory.get(mark.by).name
    if mark.acting_for is not None:
        who += f" (за: {context.directory.get(mark.acting_for).name})"
    return f"«{mark.label}» — {who}, {datetime_short(mark.at, context.zone)}"


def _whose(definition: ProcessDefinition, action: Action) -> str:
    from_relations = {
        "holder": "действие доступно тому, у кого документ",
        "executor": "действие доступно исполнителю поручения",
        "author": "действие доступно автору резолюции",
        "decider": "решает автор вышестоящей резолюции",
        "lead": "действие доступно ответственному исполнителю",
        "controller": "действие доступно контролёру",
        "initiator": "действие доступно тому, кто завёл документ",
    }
    for role in action.who:
        if role in from_relations:
            return from_relations[role]
        if role in definition.roles:
            return f"действие доступно роли «{definition.roles[role]}»"
    return "у вас нет права на это действие"


def work_items(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[WorkItem, ...]:
    """Return who must act now; an open document always has somebody (domain §3.9.1)."""
    if document.closure is not None:
        return ()
    items: list[WorkItem] = []
    cache: dict[int, tuple[Offer, ...]] = {}
    for user, role, node in _holders(definition, document, context):
        target = node.id if node is not None else None
        due = (node.current_term if node is not None else None) or document.term
        for person, acting_for in _with_substitutes(user, context):
            if person not in cache:
                cache[person] = offers(definition, document, context, person)
            actions = tuple(
                one.action.code for one in cache[person]
                if one.target == target and one.action.work
                and _fits(role, one.action)
            )
            items.append(WorkItem(user=person, role=role, target=target, actions=actions,
                                  due=due, acting_for=acting_for))
    return tuple({one.key: one for one in items}.values())


def _fits(role: str, action: Action) -> bool:
    decisions = {"decider", "confirmer"}
    asks_decider = "decider" in action.who
    confirms = action.kind in {ActionKind.CONFIRM_ANNUL, ActionKind.DENY_ANNUL}
    if role in decisions:
        return asks_decider if role == "decider" else confirms
    return not asks_decider and not confirms


def _with_substitutes(user: int, context: Context) -> list[tuple[int, int | None]]:
    people: list[tuple[int, int | None]] = [(user, None)]
    people += [(one, user) for one in context.directory.substitutes(user, context.today)]
    return people


def _holders(
    definition: ProcessDefinition, document: Document, context: Context
) -> list[tuple[int, str, Assignment | None]]:
    found: list[tuple[int, str, Assignment | None]] = []
    state = state_of(document)
    for node in document.live():
        found.append((node.executor, "executor", node))
        if node.extension is not None:
            found.append((node.extension.decider, "decider", node))
    if state == "draft":
        found.append((document.opened_by, "initiator", None))
    if state in {"choice", "reply"}:
        lead = lead_leaf(document)
        if lead is not None:
            found.append((lead.executor, "lead", None))
    if state == "control":
        found += [(one, "controller", None) for one in _controllers(document)]
    if document.returned is not None:
        found.append((_clerk(document, context), "clerk", None))
    if document.annulment is not None:
        confirm = definition.action_of(ActionKind.CONFIRM_ANNUL)
        people = [
            one for role in (confirm.who if confirm else ())
            for one in people_for(role, document, None, context)
        ]
        found += [(one, "confirmer", None) for one in dict.fromkeys(people)]
    return found


def _clerk(document: Document, context: Context) -> int:
    if context.directory.active(document.opened_by):
        return document.opened_by
    return next(iter(context.directory.role("clerk")), document.opened_by)
