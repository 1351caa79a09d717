"""Verbs that build the assignment tree: register, resolve, acknowledge, return, pass on, recall."""

from __future__ import annotations

from datetime import date

from b24flow.core import events as ev
from b24flow.core.calendar import Term, compute_term, fixed_term
from b24flow.core.document import LIVE, WORKING, Assignment, BranchState, Part
from b24flow.core.events import Event
from b24flow.core.events_steps import Moved
from b24flow.core.forms import date_of, people_of, person_of, text_of
from b24flow.core.russian import date_short
from b24flow.core.steps import point_follows, point_of
from b24flow.core.tree import depth
from b24flow.core.verbs import Case, card_of, points_written, stored
from b24flow.errors import InvalidForm, Refused


def register(case: Case) -> tuple[Event, ...]:
    """Give the document its number and send it to the reviewers (R26), or on along its route.

    A number is given once: a document that comes again, reworked, only goes on with its card.
    """
    number = case.context.number
    reviewers = people_of(case.values, "reviewers")
    if case.document.number is not None:
        return _registered_again(case, reviewers)
    assert number is not None, "the use case takes a number before it registers"
    if not reviewers:
        onward = Moved(step=case.action.next[0])
        return (*stored(case), ev.Registered(number=number, card={}, term=case.document.term), onward)
    refuse_letter_from_the_future(case)
    term = _registration_term(case)
    codes = tuple(code for code in case.definition.card if code in case.values)
    events: list[Event] = [
        ev.Registered(
            number=number, card=card_of(case, codes), term=term.day if term else None,
            term_note=term.explanation if term else "",
            term_fixed=date_of(case.values, "term") is not None,
            calendar=term.calendar_version if term else "",
        ),
        *case.files_added(), *points_written(case),
    ]
    if case.values.get("control") or person_of(case.values, "controller") is not None:
        events.append(ev.ControlSet(controller=person_of(case.values, "controller")))
    events.append(_to_reviewers(case, reviewers, term))
    if case.document.step:
        events.append(Moved(step=""))
    return tuple(events)


def _registered_again(case: Case, reviewers: tuple[int, ...]) -> tuple[Event, ...]:
    if not reviewers:
        return (*stored(case), Moved(step=case.action.next[0]))
    return (*stored(case), _to_reviewers(case, reviewers, _registration_term(case)), Moved(step=""))


def refuse_letter_from_the_future(case: Case) -> None:
    """A letter does not arrive before it was written; raises InvalidForm."""
    received, written = (
        day.isoformat() if (day := date_of(case.values, code)) else case.document.text(code)
        for code in ("received_on", "foreign_date")
    )
    if received and written and received < written:
        label, day = case.definition.fields["received_on"].label, date.fromisoformat(written)
        raise InvalidForm({"received_on": f"«{label}»: раньше даты самого письма, {date_short(day)}"})


def _registration_term(case: Case) -> Term | None:
    day = date_of(case.values, "term")
    kind = case.definition.kind(text_of(case.values, "kind"))
    if day is not None:
        if day < case.context.today:
            raise InvalidForm({"term": f"«Срок исполнения»: дата {date_short(day)} уже прошла"})
        return fixed_term(day, case.context.calendar)
    if kind is None or (kind.term is None and not kind.typed_term):
        return None
    if kind.term is None:
        raise InvalidForm({
            "term": f"«Срок исполнения»: для вида «{kind.label}» срок указан в самом документе, "
            "впишите его"
        })
    return compute_term(kind.term, case.context.today, case.context.calendar)


def _to_reviewers(case: Case, reviewers: tuple[int, ...], term: Term | None) -> ev.Assigned:
    return ev.Assigned(
        parent=None, author=case.principal, text="",
        assignees=tuple(
            ev.Assignee(
                id=case.id("review", user), executor=user, working=False, setter=case.principal,
                part=Part.LEAD if index == 0 else Part.CO,
                term=term.day if term else None, term_note=term.explanation if term else "",
            )
            for index, user in enumerate(reviewers)
        ),
        calendar=case.context.calendar.version,
    )


def resend(case: Case) -> tuple[Event, ...]:
    """Send a returned document to reviewers again; the number stays (R39)."""
    document = case.document
    term = None
    if document.term is not None:
        term = Term(day=document.term, explanation=document.term_note,
                    calendar_version=case.context.calendar.version)
    return (*stored(case), ev.Resent(), _to_reviewers(case, people_of(case.values, "reviewers"), term))


def assign(case: Case) -> tuple[Event, ...]:
    """«На исполнение»: one assignment per chosen person; oneself gets a task at once (R29, R30)."""
    node, executors = case.branch, people_of(case.values, "executors")
    _check_depth(case, node)
    lead = person_of(case.values, "lead") or executors[0]
    if lead not in executors:
        raise InvalidForm({"lead": "«Ответственный исполнитель»: выберите его среди исполнителей"})
    _check_not_busy(case, node, executors)
    day = date_of(case.values, "term")
    assert day is not None, "the form requires a term"
    note = _assignment_term(case, node, day)
    ordered = (lead, *(one for one in executors if one != lead))
    assigned = ev.Assigned(
        parent=node.id, author=case.principal, text=text_of(case.values, "text"),
        assignees=tuple(_assignee(case, node, one, lead, day, note) for one in ordered),
        calendar=case.context.calendar.version, sets_document_term=node.parent is None,
    )
    control: tuple[Event, ...] = ()
    controller = person_of(case.values, "controller")
    if case.values.get("control") or controller is not None:
        control = (ev.ControlSet(controller=controller),)
    return (*case.files_added(), assigned, *control)


def _assignee(
    case: Case, node: Assignment, user: int, lead: int, day: date, note: str
) -> ev.Assignee:
    himself = user == case.principal
    return ev.Assignee(
        id=case.id("executor", user), executor=user, working=himself,
        part=Part.LEAD if user == lead else Part.CO,
        setter=node.author if himself else case.principal, term=day, term_note=note,
    )


def _check_depth(case: Case, node: Assignment) -> None:
    limit = case.definition.policies.max_depth
    if depth(case.document, node) >= limit:
        raise Refused(
            f"Документ передан вниз уже {limit} раз: примите его к исполнению сами "
            "или верните автору."
        )


def _check_not_busy(case: Case, node: Assignment, executors: tuple[int, ...]) -> None:
    busy = {
        one.executor for one in case.document.children(node.id) if one.state in LIVE
    }
    both = [case.context.directory.get(one).name for one in executors if one in busy]
    if both:
        raise InvalidForm({"executors": "Поручение по этой резолюции уже есть: " + ", ".join(both)})


def _assignment_term(case: Case, node: Assignment, day: date) -> str:
    """Check a term against today and the term above; return its explanation."""
    if day < case.context.today:
        raise InvalidForm({"term": f"«Срок исполнения»: дата {date_short(day)} уже прошла"})
    note = fixed_term(day, case.context.calendar, "назначен резолюцией").explanation
    above = node.current_term
    if above is not None and day > above:
        text = f"позже срока вышестоящего поручения ({date_short(above)})"
        if case.definition.policies.child_term == "deny":
            raise InvalidForm({"term": f"«Срок исполнения»: {date_short(day)} — {text}"})
        note += f"; {text}"
    return note


def acknowledge(case: Case) -> tuple[Event, ...]:
    """«Ознакомиться и завершить»: this branch ends; the document ends with its last branch (R28)."""
    comment = text_of(case.values, "comment")
    if case.document.control.on and not comment:
        policy = case.definition.policies.acknowledge_controlled
        if policy == "deny":
            raise Refused("Документ на контроле: его нельзя закрыть ознакомлением.")
        if policy == "reason":
            raise InvalidForm({
                "comment": "Документ на контроле: напишите, почему достаточно ознакомления"
            })
    return (ev.Acknowledged(assignment=case.branch.id, comment=comment),)


def give_back(case: Case) -> tuple[Event, ...]:
    """«Вернуть автору» / «Вернуть делопроизводителю» with a reason (R38, R39)."""
    return (ev.BranchReturned(assignment=case.branch.id, reason=text_of(case.values, "reason")),)


def delegate(case: Case) -> tuple[Event, ...]:
    """«Передать другому» / «Заменить исполнителя»: the successor stands where the executor stood."""
    node = case.branch
    to = person_of(case.values, "to")
    assert to is not None, "the form requires a person"
    if to == node.executor:
        raise InvalidForm({"to": "Поручение и сейчас у этого сотрудника: выберите другого"})
    replaced = case.principal != node.executor
    return hand_over(case, node, to, text_of(case.values, "reason"), replaced=replaced)


def hand_over(
    case: Case, node: Assignment, to: int, reason: str, *, replaced: bool
) -> tuple[Event, ...]:
    """Return the events that put `to` in the place of a node's executor."""
    withdrawn: tuple[Event, ...] = ()
    if node.extension is not None:
        withdrawn = (ev.ExtensionWithdrawn(assignment=node.id, why="исполнитель заменён"),)
    successor = ev.Assignee(
        id=case.id("successor", node.id), executor=to, part=node.part,
        working=point_of(case.document, node) is not None,
        setter=node.author if replaced else node.executor, term=node.term,
        term_note=node.term_note, current_term=node.current_term,
    )
    return (
        *withdrawn,
        ev.Delegated(assignment=node.id, to=to, reason=reason, replaced=replaced),
        ev.Assigned(parent=node.parent, author=node.author, text=node.text,
                    assignees=(successor,), calendar=case.context.calendar.version),
        *point_follows(case.document, node, successor.id),
    )


def recall(case: Case) -> tuple[Event, ...]:
    """«Отозвать поручение»: the assignment and everything below it ends; the author decides anew."""
    node, document = case.branch, case.document
    gone = {
        one.id for one in document.subtree(node)
        if one.state in LIVE or one.state in {BranchState.PASSED, BranchState.REPORTED}
    }
    left = [
        one for one in document.children(node.parent)
        if one.id != node.id and (one.state in LIVE or one.state is BranchState.REPORTED)
    ]
    reopens = node.parent if not left else None
    pending = [
        ev.ExtensionWithdrawn(assignment=one.id, why="поручение отозвано")
        for one in document.subtree(node)
        if one.state in WORKING and one.extension is not None
    ]
    return (
        *pending,
        ev.Recalled(assignments=tuple(one.id for one in document.subtree(node) if one.id in gone),
                    reason=text_of(case.values, "reason"), reopens=reopens),
    )
