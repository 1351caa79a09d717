"""Who may do what, now: the one place that pages, bot and `decide` ask, so they cannot disagree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from b24flow.core.commands import Context
from b24flow.core.definition import Action, ActionKind, ProcessDefinition
from b24flow.core.document import LIVE, Assignment, Document, Mark
from b24flow.core.extension import next_decider
from b24flow.core.parts import Delivery, Letter, Request
from b24flow.core.people import Matter
from b24flow.core.relations import Target, of_node, people_for
from b24flow.core.russian import datetime_short
from b24flow.core.steps import (
    asked_readers,
    asked_visas,
    letters_to,
    meeting_of,
    open_ballots,
    open_requests,
    open_round,
    point_of,
    waiting_deliveries,
)
from b24flow.core.tree import state_of
from b24flow.errors import AlreadyDone, NotAllowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An action that a person may do now, on which assignment and for whom.

    `blocked` says in Russian what the installation lacks for it; until then it is refused.
    """

    action: Action
    target: str | None
    acting_for: int | None
    blocked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Those who may do something as one role of its `who`, and what a substitute of theirs would act in."""

    role: str
    people: frozenset[int]
    matter: Matter


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """An action that makes sense now, on one target, with everybody who may do it."""

    action: Action
    node: Target | None
    parts: tuple[_Part, ...]


class Rights:
    """Who may do what with a document at one moment, worked out once for everybody.

    Asked about each person anew, a sheet of four hundred readers would cost the square of it.
    """

    def __init__(self, definition: ProcessDefinition, document: Document, context: Context) -> None:
        self._context = context
        self._followers = frozenset(document.followers)
        self._deputies = frozenset(one.substitute for one in context.directory.substitutions)
        self._principals = frozenset(one.principal for one in context.directory.substitutions)
        self._ways = tuple(_ways(definition, document, context))
        self._by_person: dict[int, list[int]] = {}
        for number, way in enumerate(self._ways):
            for person in frozenset[int]().union(*(one.people for one in way.parts)):
                self._by_person.setdefault(person, []).append(number)

    def of(self, user: int) -> tuple[Offer, ...]:
        """Return everything `user` may do with the document now, in the order of the definition."""
        found: list[Offer] = []
        for way in self._about(user):
            if not _of_interest(way.action, self._followers, user):
                continue
            allowed, acting_for = _granted(way.parts, way.node, self._context, user)
            if allowed:
                found.append(Offer(action=way.action, target=way.node.id if way.node else None,
                                   acting_for=acting_for, blocked=_blocked(way.action, self._context)))
        return tuple(found)

    def _about(self, user: int) -> Iterator[_Way]:
        """Every way that waits for the user or for somebody he might act for."""
        numbers = set(self._by_person.get(user, ()))
        if user in self._deputies:
            numbers.update(number for one in self._principals for number in self._by_person.get(one, ()))
        return (self._ways[number] for number in sorted(numbers))


def offers(
    definition: ProcessDefinition, document: Document, context: Context, user: int
) -> tuple[Offer, ...]:
    """Return everything `user` may do with the document now; for many people ask one `Rights`."""
    return Rights(definition, document, context).of(user)


def _ways(definition: ProcessDefinition, document: Document, context: Context) -> Iterator[_Way]:
    state = state_of(document)
    same: dict[str, frozenset[int]] = {}
    for action in definition.actions:
        if state not in action.states:
            continue
        for node in targets(action, document):
            if possible(definition, action, document, node, context):
                yield _Way(action=action, node=node,
                           parts=_parts(definition, action, document, node, context, same))


def _parts(
    definition: ProcessDefinition, action: Action, document: Document, node: Target | None,
    context: Context, same: dict[str, frozenset[int]],
) -> tuple[_Part, ...]:
    """Return who may do an action, role by role; `same` keeps who is the same whatever it is about."""
    found = []
    for role in action.who:
        alike = not of_node(role, node)
        people = same.get(role) if alike else None
        if people is None:
            people = frozenset(people_for(definition, role, document, node, context))
        if alike:
            same[role] = people
        found.append(_Part(role=role, people=people, matter=matter_of(document, role, action.kind)))
    return tuple(found)


NO_MAIL = ("Письма отсюда пока не отправляются: не настроен почтовый сервер. "
           "Обратитесь к администратору системы.")


def _blocked(action: Action, context: Context) -> str:
    mailing = action.kind in {ActionKind.LETTER, ActionKind.REPEAT_LETTER}
    return NO_MAIL if mailing and not context.mail else ""


def targets(action: Action, document: Document) -> tuple[Target | None, ...]:
    """Return what an action may be about: assignments, requests, addressees, or the whole document (None)."""
    if action.branch:
        return tuple(one for one in document.current() if one.state.value in action.branch)
    if action.kind in {ActionKind.ANSWER, ActionKind.WITHDRAW_REQUEST}:
        return open_requests(document)
    if action.kind is ActionKind.DISPATCH:
        return (None, *waiting_deliveries(document))
    if action.kind in {ActionKind.DELIVERY_FAILED, ActionKind.ANSWERED}:
        return tuple(one for one in document.deliveries if one.state == "sent")
    if action.kind is ActionKind.CONFIRM_LETTER:
        return letters_to(document, "doubt")
    if action.kind is ActionKind.REPEAT_LETTER:
        # While somebody is still being tried, a second sending could reach him twice.
        return tuple(one for one in letters_to(document, "doubt", "refused") if not one.to("waiting"))
    return (None,)


def target_of(document: Document, target: str | None) -> Target | None:
    """Return the part of a document with this id."""
    parts: tuple[Target, ...] = (
        *document.assignments, *document.requests, *document.deliveries, *document.letters,
    )
    return next((one for one in parts if one.id == target), None)


def _of_interest(action: Action, followers: Collection[int], user: int) -> bool:
    """Following is offered to whoever does not follow yet, and the other way round."""
    if action.kind is ActionKind.FOLLOW:
        return user not in followers
    if action.kind is ActionKind.UNFOLLOW:
        return user in followers
    return True


def matter_of(document: Document, role: str, kind: ActionKind | None = None) -> Matter:
    """Return what a substitute would act in; a signature stays one, whoever the definition lets sign."""
    return Matter(process=document.process, part="signer" if kind is ActionKind.SIGN else role)


def _granted(
    parts: Iterable[_Part], node: Target | None, context: Context, user: int
) -> tuple[bool, int | None]:
    """Tell whether somebody may act in one of the parts, and for whom: himself wherever he can."""
    best: tuple[bool, int | None] = (False, None)
    for one in parts:
        allowed, acting_for = context.directory.may_act(user, one.people, context.today, one.matter)
        if allowed and acting_for is None:
            return True, None
        if allowed and not judges_himself(one.role, node, user):
            best = (True, acting_for)
    return best


def judges_himself(role: str, node: Target | None, user: int) -> bool:
    """Tell whether a substitute would check, for the controller, what he executed himself."""
    return role in {"controller", "author"} and isinstance(node, Assignment) and node.executor == user


def possible(
    definition: ProcessDefinition, action: Action, document: Document,
    node: Target | None, context: Context,
) -> bool:
    """Tell whether an action makes sense apart from who asks: nobody above, nothing pending …"""
    kind = action.kind
    if kind in _NEEDS:
        return _NEEDS[kind](document)
    if isinstance(node, Assignment):
        return _branch_possible(definition, action, document, node, context)
    if kind is ActionKind.REOPEN and document.closure is not None:
        return context.now - document.closure.at <= timedelta(days=definition.policies.reopen_days)
    return True


def _branch_possible(
    definition: ProcessDefinition, action: Action, document: Document, node: Assignment, context: Context
) -> bool:
    kind = action.kind
    if kind is ActionKind.RETURN:
        return (node.parent is None) == action.code.endswith("_clerk")
    if kind is ActionKind.ESCALATE_EXTENSION:
        return next_decider(definition, document, node, context) is not None
    if kind is ActionKind.RECALL:
        return any(one.state in LIVE for one in document.subtree(node))
    if kind is ActionKind.RELEASE_POINT:
        point = point_of(document, node)
        return point is not None and point.released_at is None
    return True


_NEEDS: Mapping[ActionKind, Callable[[Document], bool]] = {
    ActionKind.ANNUL: lambda one: one.number is not None and one.annulment is None,
    ActionKind.CONFIRM_ANNUL: lambda one: one.annulment is not None,
    ActionKind.DENY_ANNUL: lambda one: one.annulment is not None,
    ActionKind.RESEND: lambda one: one.returned is not None,
    ActionKind.APPROVE: lambda one: bool(asked_visas(one)),
    ActionKind.APPROVE_WITH_REMARKS: lambda one: bool(asked_visas(one)),
    ActionKind.OBJECT: lambda one: bool(asked_visas(one)),
    ActionKind.PASS_VISA: lambda one: bool(asked_visas(one)),
    ActionKind.ADD_APPROVER: lambda one: open_round(one) is not None,
    ActionKind.REMOVE_APPROVER: lambda one: open_round(one) is not None,
    ActionKind.READ: lambda one: bool(asked_readers(one)),
    ActionKind.REFUSE_READING: lambda one: bool(asked_readers(one)),
    ActionKind.REPLACE_TEXT: lambda one: (
        one.number is not None and any(row.state in {"asked", "read"} for row in one.readers)
        and all(row.state in {"waiting", "failed"} for row in one.deliveries)
    ),
    ActionKind.DISPATCH: lambda one: bool(waiting_deliveries(one)),
    ActionKind.VOTE: lambda one: bool(open_ballots(one)),
    ActionKind.DECIDE: lambda one: meeting_of(one) is not None,
    ActionKind.CONTROL_POINTS: lambda one: any(not p.assignment and p.executor for p in one.points),
}
"""What a document must have for a kind of action to make sense."""


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
        raise NotAllowed(f"«{action.label}»: {_which(target_of(document, matching[0].target))}.")
    node = target_of(document, target)
    if _had_right(definition, action, document, node, context, user):
        early = _too_early(definition, action, document)
        raise AlreadyDone(
            not_now(definition, document, context) if early else already_done(document, node, context)
        )
    raise NotAllowed(f"«{action.label}»: {_whose(definition, action)}.")


def _which(target: Target | None) -> str:
    if isinstance(target, Delivery):
        return "адресатов несколько, выберите одного из них"
    if isinstance(target, Request):
        return "запросов по документу несколько, выберите один из них"
    if isinstance(target, Letter):
        return "писем несколько, выберите одно из них"
    return "у вас несколько поручений по документу, выберите одно из них"


def _had_right(
    definition: ProcessDefinition, action: Action, document: Document, node: Target | None,
    context: Context, user: int,
) -> bool:
    parts = _parts(definition, action, document, node, context, {})
    if _granted(parts, node, context, user)[0] or _did_it(action, document, user):
        return True
    touched = [node] if isinstance(node, Assignment) else list(document.assignments)
    roles = set(action.who)
    mine, matter = context.directory.may_act, matter_of(document, "executor")
    if roles & {"holder", "executor", "lead"}:
        return any(mine(user, (one.executor,), context.today, matter)[0] for one in touched)
    if "decider" in roles:
        return any(
            (one.mark is not None and one.mark.by == user) or one.author == user for one in touched
        )
    return False


def _did_it(action: Action, document: Document, user: int) -> bool:
    """Tell whether the user had his say in the same part before: a visa, a reading, an answer, a vote."""
    roles = set(action.who)
    done: list[int | None] = []
    if "approver" in roles:
        done += [one.by for current in document.rounds for one in current.visas]
    if "reader" in roles:
        done += [one.by for one in document.readers if one.state == "read"]
    if "requested" in roles:
        done += [one.by for one in document.requests if one.state == "answered"]
    if "signer" in roles:
        done += [one.by for one in document.signatures]
    if "voter" in roles:
        done += [one.user for meeting in document.meetings for one in meeting.ballots if one.choice]
    return user in done


def already_done(document: Document, node: Target | None, context: Context) -> str:
    """Return «Уже выполнено …»: what was done last, by whom and when."""
    mark = document.mark
    if document.closure is None and isinstance(node, Assignment) and node.mark is not None:
        mark = node.mark
    if mark is None:
        return "Уже выполнено: документ изменился, обновите страницу."
    return f"Уже выполнено: {mark_text(mark, context)}."


def _too_early(definition: ProcessDefinition, action: Action, document: Document) -> bool:
    """Tell whether the route comes to every step of an action only after the present one."""
    order, step = definition.route, document.step
    places = [order.index(one) for one in action.states if one in order]
    return step in order and bool(places) and min(places) > order.index(step)


def not_now(definition: ProcessDefinition, document: Document, context: Context) -> str:
    """Return where the document stands instead, and what was done last."""
    where = f"Сейчас недоступно: документ на шаге «{definition.state(document.step).label}»."
    if document.mark is None:
        return where
    return f"{where} Последнее действие: {mark_text(document.mark, context)}."


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
        "approver": "действие доступно согласующему, чья сейчас очередь",
        "signer": "действие доступно подписанту",
        "reader": "действие доступно тому, кого попросили ознакомиться",
        "requested": "ответить может тот, кого спросили",
        "requester": "отозвать может тот, кто запросил",
        "sender": "о письме решает тот, кто его написал",
        "voter": "голосуют члены органа",
        "participant": "действие доступно участникам работы с документом",
    }
    for role in action.who:
        if role in from_relations:
            return from_relations[role]
        if role in definition.roles:
            return f"действие доступно роли «{definition.roles[role]}»"
    return "у вас нет права на это действие"
