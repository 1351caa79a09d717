"""The route of an approval: what the initiator chose, what the process adds, whose turn comes next (R24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from b24flow.core import events_steps as ev
from b24flow.core.calendar import compute_term
from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.parts import GIVEN_VISAS, Round, Stop
from b24flow.core.steps import next_group
from b24flow.errors import InvalidForm


def completed(
    definition: ProcessDefinition, document: Document, stops: tuple[Stop, ...], context: Context
) -> tuple[Stop, ...]:
    """Return a route with the approvers that the process demands; raises InvalidForm when it is empty.

    A route on which the initiator alone would stand is no approval: the usual approver is asked too.
    """
    rules = definition.approval
    wanted = [
        Stop(group=one.group, role=one.role, mandatory=True) for one in rules.mandatory
        if not one.when or document.card.get(one.when)
    ]
    kept = [one for one in stops if all(one.role != must.role or not one.role for must in wanted)]
    moved = [
        next((replace(must, group=one.group) for one in stops if one.role == must.role), must)
        for must in wanted
    ]
    route = [*kept, *moved]
    if all(one.user is None and own_role(one.role, document, context) for one in route):
        last = max((one.group for one in route), default=1)
        there = {one.role for one in route}
        route += [Stop(group=last, role=role) for role in rules.default if role not in there]
    if not route:
        raise InvalidForm({"route": "«Маршрут согласования»: выберите хотя бы одного согласующего"})
    return tuple(sorted(route, key=lambda one: one.group))


def opened_round(
    definition: ProcessDefinition, stops: tuple[Stop, ...], context: Context, *, key: str,
    term: date | None = None, note: str = "", carried: bool = False,
) -> ev.RoundOpened:
    """Return the event that opens a round; `key` makes the ids of its visas.

    `carried`: the term is an earlier round's, not a newly named one.
    """
    named = term is not None and not carried
    calendar = context.calendar.version if named else ""
    if term is None and definition.approval.term is not None:
        computed = compute_term(definition.approval.term, context.today, context.calendar)
        term, calendar = computed.day, computed.calendar_version
    planned = tuple(
        ev.Planned(id=f"{key}:{number}", stop=stop) for number, stop in enumerate(stops, 1)
    )
    return ev.RoundOpened(visas=planned, term=term, note=note, calendar=calendar, named=named)


def asked_next(document: Document, current: Round, context: Context) -> ev.VisasAsked:
    """Return whose turn comes: roles become people at this moment, whoever approved is not asked twice.

    The initiator does not approve his own paper: a role that is his is passed over as well.
    """
    decided = {
        one.by if one.acting_for is None else one.acting_for
        for one in current.visas if one.state in GIVEN_VISAS
    }
    asked: list[ev.Asked] = []
    for visa in next_group(current):
        user = visa.user
        if user is None:
            user = _person(visa.role, document, context)
        waits = {one.user for one in asked if not one.skipped}
        skipped = (visa.user is None and own_role(visa.role, document, context)) or (
            user is not None and (user in decided or user in waits)
        )
        asked.append(ev.Asked(id=visa.id, user=user, skipped=skipped))
    return ev.VisasAsked(visas=tuple(asked))


def _person(role: str, document: Document, context: Context) -> int | None:
    """Return who is in a role now: a head follows from the initiator, other roles are configured.

    The initiator's colleague in the role comes before himself: nobody approves his own paper.
    """
    if role == "initiator_head":
        return context.directory.head_of(document.opened_by)
    people = context.directory.role(role)
    return next((one for one in people if one != document.opened_by), next(iter(people), None))


def own_role(role: str, document: Document, context: Context) -> bool:
    """Tell whether a role has nobody but the initiator: it is his alone, or nobody is above him."""
    if role == "initiator_head":
        return context.directory.head_of(document.opened_by) is None
    return context.directory.role(role) == (document.opened_by,)
