"""Verbs about more time: ask, set another date, send upward, refuse (R33–R36)."""

from __future__ import annotations

from b24flow.core import events as ev
from b24flow.core.calendar import fixed_term
from b24flow.core.document import Assignment
from b24flow.core.events import Event
from b24flow.core.extension import check_new_term, deciders, next_decider, raised_parents
from b24flow.core.forms import date_of, text_of
from b24flow.core.verbs import Case
from b24flow.errors import Refused


def request(case: Case) -> tuple[Event, ...]:
    """«Запросить продление»: goes to the nearest author above who is not the executor (R34)."""
    node = case.branch
    day = date_of(case.values, "desired_term")
    assert day is not None, "the form requires a date"
    check_new_term(node, day, case.context, "desired_term")
    chain = deciders(case.definition, case.document, node, case.context)
    if not chain:
        raise Refused("Над вами нет никого, кто решает о сроке: срок меняет новая резолюция.")
    late = node.current_term is not None and case.context.today > node.current_term
    asked = ev.ExtensionRequested(
        assignment=node.id, desired=day, reason=text_of(case.values, "reason"),
        decider=chain[0].user, why=chain[0].why, late=late,
        files=tuple(one.id for one in case.files()),
    )
    return (*case.files_added(), asked)


def grant(case: Case) -> tuple[Event, ...]:
    """«Установить другой срок»: any later date, not only the one asked for (R35)."""
    node = case.branch
    day = date_of(case.values, "new_term")
    assert day is not None, "the form requires a date"
    check_new_term(node, day, case.context, "new_term")
    decider = node.extension.decider if node.extension is not None else case.principal
    raised = raised_parents(
        case.definition, case.document, node, day, decider, case.context, "new_term"
    )
    reason = text_of(case.values, "comment") or (node.extension.reason if node.extension else "")
    term = fixed_term(day, case.context.calendar, "продлён")

    def moved(one: Assignment, why: str) -> ev.TermChanged:
        return ev.TermChanged(
            assignment=one.id, before=one.current_term, after=day, reason=why, kind="extension",
            note=term.explanation, calendar=term.calendar_version,
        )

    return (
        moved(node, reason),
        *(moved(one, "продлено вместе с нижестоящим поручением") for one in raised),
    )


def escalate(case: Case) -> tuple[Event, ...]:
    """«Направить вышестоящему»: the author of the next resolution up decides (R35)."""
    node = case.branch
    above = next_decider(case.definition, case.document, node, case.context)
    if above is None:
        raise Refused("Выше никого нет: установите срок или откажите.")
    return (
        ev.ExtensionRedirected(assignment=node.id, decider=above.user, why=above.why,
                               comment=text_of(case.values, "comment")),
    )


def refuse(case: Case) -> tuple[Event, ...]:
    """«Отказать в продлении»: the term stays, work goes on."""
    return (
        ev.ExtensionRefused(assignment=case.branch.id, reason=text_of(case.values, "reason")),
    )
