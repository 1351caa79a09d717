"""Verbs of a collegial body: agenda, absentee vote, decision with its quorum, points (§3.6, E19)."""

from __future__ import annotations

from fractions import Fraction

from b24flow.core import events as tree_events
from b24flow.core import events_steps as ev
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import WORKING, Assignment, Document, Part
from b24flow.core.events import Event
from b24flow.core.forms import date_of, person_of, text_of
from b24flow.core.parts import Meeting, Point
from b24flow.core.russian import date_short
from b24flow.core.steps import meeting_of, open_points, point_of
from b24flow.core.verbs import Case, stored
from b24flow.errors import InvalidForm, Refused
from b24flow.ids import derived_id

NO_QUORUM, REJECTED, WITHDRAWN = "no_quorum", "rejected", "withdrawn"
ACCEPTING = frozenset({"accepted", "amended"})
"""Outcomes that need a majority of votes."""


def agenda(case: Case) -> tuple[Event, ...]:
    """«Включить в повестку», or «Начать опрос» when the action asks until when votes are taken."""
    day, until = date_of(case.values, "meeting_on"), date_of(case.values, "poll_until")
    text = {code: text_of(case.values, code) or case.document.text(code)
            for code in ("body", "session", "item")}
    if day is None:
        meeting = meeting_of(case.document)
        day = meeting.day if meeting is not None else case.context.today
    if until is not None and until < case.context.today:
        raise InvalidForm({"poll_until": f"«Срок опроса»: дата {date_short(until)} уже прошла"})
    poll = any(one.field.code == "poll_until" for one in case.action.form)
    members = case.context.directory.role(case.definition.policies.members) if poll else ()
    if poll and not members:
        raise Refused("В роли «Член органа» никого нет: опрос некому проводить.")
    return (
        *stored(case),
        ev.AgendaSet(day=day, poll=poll, until=until, members=members, body=text["body"],
                     session=text["session"], item=text["item"]),
        ev.Moved(step=case.action.next[0]),
    )


def vote(case: Case) -> tuple[Event, ...]:
    """A member's letter: for, against, abstained; one vote each, not after the poll's last day."""
    meeting = meeting_of(case.document)
    if meeting is not None and meeting.until is not None and case.context.today > meeting.until:
        raise Refused(f"Опрос шёл до {date_short(meeting.until)}: голос уже не учитывается.")
    return (ev.Voted(user=case.principal, choice=text_of(case.values, "vote")),)


def decide_question(case: Case) -> tuple[Event, ...]:
    """Record what the body decided; without a quorum the question goes back, whatever was asked for.

    The button itself says the decision, or its form does when the definition leaves several open.
    """
    meeting = meeting_of(case.document)
    assert meeting is not None, "the step has a meeting"
    outcome = text_of(case.values, "outcome") or _only(case)
    counts = _counts(case, meeting, voted=outcome != WITHDRAWN)
    if outcome != WITHDRAWN:
        if not has_quorum(case.definition, counts["present"], counts["elected"]):
            outcome = NO_QUORUM
        _check_majority(outcome, counts["votes_for"], counts["present"])
    target = case.action.outcomes.get(outcome)
    if target is None:
        raise InvalidForm({"outcome": "Выберите решение из списка"})
    notes = (text_of(case.values, code) for code in ("amendments", "comment", "reason"))
    note = "\n".join(one for one in notes if one)
    decided = ev.MeetingDecided(outcome=outcome, note=note, **counts)
    ends = case.definition.state(target).final
    onward: Event = tree_events.DocumentClosed(state=target, reason=note) if ends else ev.Moved(step=target)
    return (*case.files_added(), decided, onward)


def _only(case: Case) -> str:
    """Return the one decision that a button stands for, empty when it has several."""
    said = [one for one in case.action.outcomes if one != NO_QUORUM]
    return said[0] if len(said) == 1 else ""


def _check_majority(outcome: str, votes: int, present: int) -> None:
    """Refuse a decision that the votes contradict; raises InvalidForm."""
    said = f"«За» — {votes} из {present}"
    if outcome in ACCEPTING and votes * 2 <= present:
        raise InvalidForm({"outcome": f"{said}: большинства нет, решение не принято"})
    if outcome == REJECTED and votes * 2 > present:
        raise InvalidForm({"outcome": f"{said}: это большинство, проект не отклонён"})


def _counts(case: Case, meeting: Meeting, *, voted: bool) -> dict[str, int]:
    """Return the votes: counted from the ballots of a poll, typed from the minutes of a meeting."""
    if meeting.poll:
        chosen = [one.choice for one in meeting.ballots]
        return {
            "elected": len(chosen), "present": sum(1 for one in chosen if one),
            "votes_for": chosen.count("for"), "votes_against": chosen.count("against"),
            "abstained": chosen.count("abstained"),
        }
    counts = {code: _count(case, code)
              for code in ("elected", "present", "votes_for", "votes_against", "abstained")}
    cast = counts["votes_for"] + counts["votes_against"] + counts["abstained"]
    errors = {}
    if voted and counts["elected"] < 1:
        errors["elected"] = "«Избрано»: укажите, сколько членов избрано"
    if counts["present"] > counts["elected"]:
        errors["present"] = "«Присутствует»: больше, чем избрано"
    if cast > counts["present"]:
        errors["votes_for"] = f"Голосов {cast}, а присутствует {counts['present']}"
    if errors:
        raise InvalidForm(errors)
    return counts


def _count(case: Case, code: str) -> int:
    value = case.values.get(code)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def has_quorum(definition: ProcessDefinition, present: int, elected: int) -> bool:
    """Tell whether more than the demanded part of the elected members takes part."""
    return present > elected * Fraction(definition.policies.quorum)


def control_points(case: Case) -> tuple[Event, ...]:
    """«Поставить пункты на контроль»: one assignment for each point that has an executor."""
    named = case.document.card.get("controller")
    if not isinstance(named, int) or not case.context.directory.active(named):
        named = case.document.control.controller
    controller = person_of(case.values, "controller") or named
    if controller is None:
        raise InvalidForm({"controller": "«Контролёр»: выберите, кто проверит пункты и снимет их с контроля"})
    events = points_on_control(case.document, case.principal, controller)
    moved = (ev.Moved(step=case.action.next[0]),) if case.action.next else ()
    if not events:
        raise Refused("Нет пунктов с исполнителями, которые ещё не на контроле.")
    return (*events, *moved)


def points_on_control(
    document: Document, author: int, controller: int | None
) -> tuple[Event, ...]:
    """Return the events that give every free point its assignment; the author is who checks it."""
    free = [one for one in document.points if one.executor is not None and not one.assignment]
    if not free:
        return ()
    checker = controller or document.control.controller or author
    events: list[Event] = []
    if not document.control.on:
        events.append(tree_events.ControlSet(controller=checker))
    for point in free:
        events += _on_control(document, point, checker)
    return tuple(events)


def _on_control(document: Document, point: Point, author: int) -> tuple[Event, ...]:
    assert point.executor is not None, "only points with an executor are controlled"
    assignee = tree_events.Assignee(
        id=derived_id("point", document.uuid, point.id), executor=point.executor, part=Part.CO,
        working=True, setter=author, term=point.term,
    )
    return (
        tree_events.Assigned(parent=None, author=author, text=f"п. {point.id}. {point.text}"[:2000],
                             assignees=(assignee,)),
        ev.PointControlled(point=point.id, assignment=assignee.id),
    )


def release_point(case: Case) -> tuple[Event, ...]:
    """«Снять с контроля» one point, reported or not: its assignment ends with it."""
    node = case.branch
    point = point_of(case.document, node)
    if point is None:
        raise Refused("Это поручение — не пункт документа.")
    return _off_control(node, point, text_of(case.values, "comment"))


def _off_control(node: Assignment, point: Point, comment: str) -> tuple[Event, ...]:
    withdrawn: tuple[Event, ...] = ()
    if node.state in WORKING and node.extension is not None:
        withdrawn = (tree_events.ExtensionWithdrawn(assignment=node.id, why="пункт снят с контроля"),)
    return (
        *withdrawn, tree_events.OthersReleased(assignments=(node.id,)),
        ev.PointReleased(point=point.id, comment=comment),
    )


def release_rest(document: Document, comment: str) -> tuple[Event, ...]:
    """Return the events that release every point still on control, reported or not."""
    events: list[Event] = []
    for point in open_points(document):
        node = document.find(point.assignment)
        if node is not None:
            events += _off_control(node, point, comment)
    return tuple(events)
