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


def completed(definition: ProcessDefinition, document: Document, stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    """Return a route with the approvers that the process demands; raises InvalidForm when it is empty."""
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
    if not route:
        route = [Stop(group=1, role=role) for role in rules.default]
    if not route:
        raise InvalidForm({"route": "«Маршрут согласования»: выберите хотя бы одного согласующего"})
    return tuple(sorted(route, key=lambda one: one.group))


def opened_round(
    definition: ProcessDefinition, stops: tuple[Stop, ...], context: Context, *, key: str,
    term: date | None = None, note: str = "",
) -> ev.RoundOpened:
    """Return the event that opens a round; `key` makes the ids of its visas."""
    calendar = ""
    if term is None and definition.approval.term is not None:
        computed = compute_term(definition.approval.term, context.today, context.calendar)
        term, calendar = computed.day, computed.calendar_version
    planned = tuple(
        ev.Planned(id=f"{key}:{number}", stop=stop) for number, stop in enumerate(stops, 1)
    )
    return ev.RoundOpened(visas=planned, term=term, note=note, calendar=calendar)


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
        skipped = user is not None and (
            user in decided or user in waits or (visa.user is None and user == document.opened_by)
        )
        asked.append(ev.Asked(id=visa.id, user=user, skipped=skipped))
    return ev.VisasAsked(visas=tuple(asked))


def _person(role: str, document: Document, context: Context) -> int | None:
    """Return who is in a role now: a head follows from the initiator, other roles are configured."""
    if role == "initiator_head":
        return context.directory.head_of(document.opened_by)
    return next(iter(context.directory.role(role)), None)
