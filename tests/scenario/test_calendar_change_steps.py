"""E27 beside the assignments: visas, readings, requests, points; one message per person, once."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from b24flow.services.calendar_change import TITLE, apply, propose, remember
from b24flow.services.history import history_view
from b24flow.store import documents, outbox
from tests.scenario.test_calendar_change import amended
from tests.scenario.test_life import sync_without
from tests.town import CHAIR, CLERK, HEAD, LAWYER, SPECIALIST, Town


def directive(place: Town, action: str, **form: Any) -> str:
    made = place.begin("directive", SPECIALIST, action, place.draft(SPECIALIST), kind="admin",
                       title="О дежурстве", signer=str(CHAIR), **form)
    return made.uuid


def in_force(place: Town, **form: Any) -> str:
    uuid = directive(place, "straight_to_sign", **form)
    place.press(uuid, CHAIR, "sign")
    place.press(uuid, CLERK, "register")
    return uuid


def point(executor: int, term: str) -> tuple[str, ...]:
    return (json.dumps({"text": "Составить график", "executor": str(executor), "term": term}),)


@dataclass(frozen=True)
class World:
    """Documents with a term of every kind; afterwards the day they all end on is off."""

    day: date
    visas: str
    named: str
    letter: str
    order: str
    draft: str


@pytest.fixture
def world(place: Town) -> World:
    remember(place.office)
    tenth = place.day(10)
    letter = place.register(HEAD, kind="ministry").uuid
    place.press(letter, HEAD, "ask", to=str(LAWYER), text="Есть ли возражения?", answer_by=tenth)
    place.press(letter, HEAD, "set_task", to=str(SPECIALIST), text="Собрать сведения", answer_by=tenth)
    order = in_force(place, points=point(HEAD, tenth), controller=str(CLERK))
    place.press(order, CLERK, "ask_readers", readers=(str(SPECIALIST), str(LAWYER)), read_by=tenth)
    found = World(
        day=date.fromisoformat(tenth),
        visas=directive(place, "submit", route=(f"1:{HEAD}",)),
        named=directive(place, "submit", route=(f"1:{HEAD}",), visa_term=tenth),
        letter=letter, order=order,
        draft=directive(place, "save", points=point(HEAD, tenth)),
    )
    place.settle()
    change(place, found.day, date.fromisoformat(place.day(1)))
    return found


def change(place: Town, *days: date) -> None:
    place.office = replace(place.office, calendar=amended(place.office.calendar, *days))
    remember(place.office)


def told(place: Town) -> dict[int, list[list[str]]]:
    with place.office.database.reading() as unit:
        sent = [row for row in outbox.listing(unit, limit=1000) if row.kind == "message"]
    found: dict[int, list[list[str]]] = {}
    for row in sent:
        if row.payload["title"] == TITLE:
            found.setdefault(row.payload["recipient"], []).append(list(row.payload["lines"]))
    return found


def test_terms_beside_the_assignments_are_proposed(place: Town, world: World) -> None:
    found = propose(place.office)
    calendar = place.office.calendar
    after = calendar.next_working(world.day)
    kinds = {uuid: sorted((one.part, one.moves) for one in found if one.uuid == uuid)
             for uuid in (world.visas, world.named, world.letter, world.order, world.draft)}
    assert kinds == {
        world.visas: [("round", True)], world.named: [("round", True)],
        world.letter: [("assignment", True), ("request", True), ("request", True)],
        world.order: [("assignment", True), ("reader", True), ("reader", True)],
        world.draft: [("point", False)],
    }
    counted, = (one for one in found if one.uuid == world.visas)
    assert counted.after == calendar.add_working(date.fromisoformat(place.today()), 2) > counted.before
    letter, = (one for one in found if one.uuid == world.letter and one.part == "assignment")
    assert letter.after == calendar.add_working(date.fromisoformat(place.today()), 10)
    recounted = (counted, letter)
    assert {one.after for one in found if one.moves and one not in recounted} == {after}
    draft, = (one for one in found if one.uuid == world.draft)
    assert "срок записан в тексте документа" in draft.why


def test_accepted_they_move_with_history_tasks_and_one_message_each(place: Town, world: World) -> None:
    wanted = [one for one in propose(place.office) if one.moves]
    assert list(apply(place.office)) == wanted
    after = place.office.calendar.next_working(world.day)
    letter, order = place.document(world.letter), place.document(world.order)
    assert {one.term for one in letter.requests} == {after}
    assert {one.term for one in order.readers} == {after}
    assert [one.current_term for one in order.live()] == [after]
    assert place.document(world.named).rounds[-1].term == after
    with place.office.database.reading() as unit:
        stored = documents.load(unit, world.letter, lock=False)
        assert stored is not None
        context = place.office.context(unit)
        said = history_view(unit, place.office.definition_of(stored.document), stored.document, context)
    assert any("изменение календаря" in one.label and "Срок запроса" in " ".join(one.details)
               for one in said)
    messages = told(place)
    assert sorted(messages) == sorted({HEAD, LAWYER, SPECIALIST})
    assert all(len(one) == 1 for one in messages.values())
    head, = messages[HEAD]
    assert head[0] == "Изменён рабочий календарь, ваших сроков перенесено: 4."
    assert len(head) == 5
    assert apply(place.office) == ()
    assert told(place) == messages
    place.settle()
    tasks = {one["title"]: one["deadline"][:10] for one in place.portal("tasks")}
    assert set(tasks.values()) == {after.isoformat()}


def test_nobody_who_left_is_told_and_a_chosen_day_off_stays(place: Town) -> None:
    remember(place.office)
    today = date.fromisoformat(place.today())
    sunday = today + timedelta(days=13 - today.weekday())
    letter = place.register(HEAD, kind="ministry").uuid
    place.press(letter, HEAD, "ask", to=str(LAWYER), text="Есть ли возражения?", answer_by=sunday.isoformat())
    place.press(letter, HEAD, "ask", to=str(SPECIALIST), text="А у вас?", answer_by=place.day(10))
    change(place, date.fromisoformat(place.day(10)), sunday)
    assert [one.part for one in propose(place.office)] == ["assignment", "request"]
    sync_without(place, SPECIALIST)
    apply(place.office)
    assert HEAD in told(place)
    assert SPECIALIST not in told(place)


def test_a_request_does_not_pass_the_term_of_an_appeal(place: Town) -> None:
    remember(place.office)
    letter = place.register(HEAD, kind="appeal").uuid
    limit = place.document(letter).term
    assert limit is not None
    place.press(letter, HEAD, "ask", to=str(LAWYER), text="Что ответить?", answer_by=limit.isoformat())
    change(place, limit)
    request, = (one for one in propose(place.office) if one.part == "request")
    assert request.after == place.office.calendar.previous_working(limit) < limit


def test_a_term_that_goes_on_with_its_bearer_keeps_its_calendar(place: Town) -> None:
    remember(place.office)
    tenth = place.day(10)
    letter = place.register(CHAIR, kind="ministry").uuid
    place.press(letter, CHAIR, "execute", executors=(str(HEAD),), term=tenth)
    place.press(letter, HEAD, "execute", executors=(str(HEAD),), term=tenth)
    place.press(letter, HEAD, "ask", to=str(SPECIALIST), text="Что готово?", answer_by=tenth)
    visas = directive(place, "submit", route=(f"1:{HEAD}",), visa_term=tenth)
    place.press(visas, HEAD, "approve")
    change(place, date.fromisoformat(tenth))
    place.press(letter, HEAD, "delegate", to=str(LAWYER), reason="по его части")
    sync_without(place, SPECIALIST)
    found = [(one.part, one.before.isoformat(), one.moves) for one in propose(place.office)]
    assert sorted(found) == [("assignment", tenth, True), ("request", tenth, True), ("round", tenth, True)]


class Dying:
    """A clock at which the program is killed on its n-th look."""

    def __init__(self, inner: Any, looks: int) -> None:
        self.inner, self.left = inner, looks

    def now(self) -> datetime:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        moment: datetime = self.inner.now()
        return moment


@pytest.mark.parametrize("looks", [2, 8, 10])
def test_interrupted_and_repeated_it_moves_everything_and_tells_everybody_once(
    place: Town, world: World, looks: int
) -> None:
    wanted = {(one.uuid, one.target): one.after for one in propose(place.office) if one.moves}
    whole = place.office
    place.office = replace(whole, clock=Dying(whole.clock, looks))
    with pytest.raises(KeyboardInterrupt):
        apply(place.office)
    place.office = whole
    apply(whole)
    assert not [one for one in propose(whole) if one.moves]
    assert wanted
    messages = told(place)
    assert sum(len(one) for one in messages.values()) == len(messages) == 3
    lines = [line for found in messages.values() for one in found for line in one[1:]]
    assert len(lines) == len(wanted) + 2, "each of the two rounds asks two people"
    apply(whole)
    assert told(place) == messages
