"""Who must act now: the work items of a document, with the buttons of each.

In the tree a holder is whoever has an assignment or a decision; in a step of a route it is whoever an
action of the step waits for. An open document always has somebody (domain §3.9.1): what nobody can
take goes to the process's owner.
"""

from __future__ import annotations

from datetime import date

from b24flow.core.access import Offer, Rights, judges_himself, matter_of
from b24flow.core.commands import Context
from b24flow.core.definition import ActionKind, ProcessDefinition
from b24flow.core.document import Assignment, Document
from b24flow.core.parts import Request
from b24flow.core.people import Matter
from b24flow.core.relations import Target, checkers, controllers, initiators, people_for
from b24flow.core.steps import (
    asked_readers,
    awaited_answer,
    meeting_of,
    open_requests,
    open_round,
    reported_points,
)
from b24flow.core.tree import lead_leaf, state_of
from b24flow.core.work import WorkItem

Holder = tuple[int, str, Target | None]


def work_items(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[WorkItem, ...]:
    """Return who must act now, each with the actions open to him.

    Nobody once the document is closed, but for whoever confirms that its registration was a mistake.
    """
    if document.closure is not None and document.annulment is None:
        return ()
    items: list[WorkItem] = []
    rights = Rights(definition, document, context)
    readings = {one.user: one.term for one in reversed(asked_readers(document)) if one.term}
    cache: dict[int, tuple[Offer, ...]] = {}
    for user, role, node in holders(definition, document, context):
        target = node.id if node is not None else None
        for person, acting_for in _with_substitutes(user, matter_of(document, role), context):
            if acting_for is not None and judges_himself(role, node, person):
                continue
            if person not in cache:
                cache[person] = rights.of(person)
            actions = tuple(
                one.action.code for one in cache[person]
                if one.target == target and one.action.work and _fits(role, one)
            )
            items.append(WorkItem(user=person, role=role, target=target, actions=actions,
                                  due=_due(document, readings.get(user), node), acting_for=acting_for))
    return tuple({one.key: one for one in items}.values())


def _due(document: Document, reading: date | None, node: Target | None) -> date | None:
    if isinstance(node, Assignment):
        return node.current_term or document.term
    if isinstance(node, Request):
        return node.term
    if reading is not None:
        return reading
    meeting = meeting_of(document)
    if meeting is not None and meeting.until is not None:
        return meeting.until
    current = open_round(document)
    return (current.term if current is not None else None) or document.term or awaited_answer(document)


def _fits(role: str, offer: Offer) -> bool:
    """Tell whether an action belongs to the part a person has here: a decider has his own buttons."""
    action = offer.action
    if role in _PARTS:
        return role in action.who
    asks_decider = "decider" in action.who
    confirms = action.kind in {ActionKind.CONFIRM_ANNUL, ActionKind.DENY_ANNUL}
    if role == "decider":
        return asks_decider
    if role == "confirmer":
        return confirms
    return not asks_decider and not confirms and not _PARTS & set(action.who)


_PARTS = frozenset({"approver", "reader", "voter", "requested"})
"""Parts that have buttons of their own, whatever else the same person does with the document."""


def _with_substitutes(user: int, matter: Matter, context: Context) -> list[tuple[int, int | None]]:
    people: list[tuple[int, int | None]] = [(user, None)]
    people += [(one, user) for one in context.directory.substitutes(user, context.today, matter)]
    return people


def holders(definition: ProcessDefinition, document: Document, context: Context) -> list[Holder]:
    """Return who must act, in which part, on what; at least one for an open document."""
    if document.closure is not None:
        return _confirmers(definition, document, context) or [_owner(definition, document, context)]
    found: list[Holder] = []
    for node in document.live():
        found.append((node.executor, "executor", node))
        if node.extension is not None:
            found.append((node.extension.decider, "decider", node))
    releases = definition.action_of(ActionKind.RELEASE_POINT) is not None
    checked = reported_points(document) if releases else ()
    found += [(one, "controller", node) for node in checked
              for one in checkers(definition, document, node, context)]
    found += [(one.to, "requested", one) for one in open_requests(document)]
    found += _in_step(definition, document, context) if document.step else _in_tree(document, context)
    if document.annulment is not None:
        found += _confirmers(definition, document, context)
    active = context.directory.active
    if not any(role != "requested" and active(user) for user, role, _ in found):
        found.append(_owner(definition, document, context))
    return found


def _in_tree(document: Document, context: Context) -> list[Holder]:
    state = state_of(document)
    found: list[Holder] = []
    if state == "draft":
        found += [(one, "initiator", None) for one in initiators(document, context)]
    if state in {"choice", "reply"}:
        lead = lead_leaf(document)
        if lead is not None:
            found.append((lead.executor, "lead", None))
    if state == "control":
        found += [(one, "controller", None) for one in controllers(document)]
    if document.returned is not None:
        found.append((_clerk(document, context), "clerk", None))
    return found


def _in_step(definition: ProcessDefinition, document: Document, context: Context) -> list[Holder]:
    """Everybody an action of this step waits for; one part per person and role."""
    found: dict[tuple[int, str], None] = {}
    for action in definition.actions:
        waits = action.work and document.step in action.states and not action.branch
        if not waits or action.kind in {ActionKind.CONFIRM_ANNUL, ActionKind.DENY_ANNUL}:
            continue
        for role in action.who:
            for user in people_for(definition, role, document, None, context):
                found.setdefault((user, role))
    return [(user, role, None) for user, role in found]


def _confirmers(definition: ProcessDefinition, document: Document, context: Context) -> list[Holder]:
    confirm = definition.action_of(ActionKind.CONFIRM_ANNUL)
    people = [
        one for role in (confirm.who if confirm else ())
        for one in people_for(definition, role, document, None, context)
    ]
    return [(one, "confirmer", None) for one in dict.fromkeys(people)]


def _clerk(document: Document, context: Context) -> int:
    if context.directory.active(document.opened_by):
        return document.opened_by
    return next(iter(context.directory.role("clerk")), document.opened_by)


def _owner(definition: ProcessDefinition, document: Document, context: Context) -> Holder:
    """Return who looks after a document that waits for a role nobody has."""
    owners = context.directory.role(definition.policies.owner)
    if owners:
        return (owners[0], "owner", None)
    if context.directory.active(document.opened_by):
        return (document.opened_by, "owner", None)
    head = context.directory.head_of(document.opened_by)
    return (head if head is not None else document.opened_by, "owner", None)
