"""R23: what is asked beside the route — its term wherever it is seen, and what becomes of it unanswered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from b24flow.core.russian import date_short
from b24flow.services import people
from b24flow.services.views import document_view, my_work
from b24flow.store.queries import Filter
from b24flow.web.listing import registry_page
from tests.town import CHAIR, CLERK, HEAD, LAWYER, SPECIALIST, ZONE, Town

QUESTION, TASK = "Есть ли возражения?", "Собрать сведения"


@pytest.fixture
def letter(place: Town) -> str:
    """A letter with a question to the lawyer and a task for a specialist, both until a named day."""
    uuid = place.register(CHAIR).uuid
    place.press(uuid, CHAIR, "ask", to=str(LAWYER), text=QUESTION, answer_by=place.day(3))
    place.press(uuid, CHAIR, "set_task", to=str(SPECIALIST), text=TASK, answer_by=place.day(3))
    return uuid


def test_the_term_is_seen_everywhere(place: Town, letter: str) -> None:
    day = date.fromisoformat(place.day(3))
    place.settle()
    for user in (LAWYER, SPECIALIST):
        row, = my_work(place.office, user)
        assert (row.due, row.overdue) == (day, False)
    shown = document_view(place.office, letter, CHAIR)
    assert [(one.term, one.overdue, one.open) for one in shown.steps.requests] == [(day, False, True)] * 2
    details = [text for one in shown.history for text in one.details]
    assert sum(f"срок {date_short(day)}" in text for text in details) == 2
    assert {QUESTION, TASK} <= set(details)
    cards = [str(one["params"]) for one in place.calls() if one["method"] == "imbot.v2.chat.message.send"]
    for text in (QUESTION, TASK):
        card, = (one for one in cards if text in one)
        assert f"Срок: {date_short(day)}" in card
    task, = place.portal("tasks")
    ends = datetime.fromisoformat(task["deadline"]).astimezone(ZONE)
    assert ends.date() == day
    assert ends.hour >= 18


def test_who_is_asked_and_who_has_a_task_is_said_apart(place: Town, letter: str) -> None:
    parts = {user: [one.part for one in my_work(place.office, user)] for user in (LAWYER, SPECIALIST)}
    assert parts == {LAWYER: ["Отвечает на запрос"], SPECIALIST: ["Выполняет задачу"]}
    held = [one.part for one in document_view(place.office, letter, CHAIR).holders]
    listed, = registry_page(place.office, Filter(), None).rows
    for found in (held, [one.part for one in listed.holders]):
        assert {"Отвечает на запрос", "Выполняет задачу"} <= set(found)


def test_an_unanswered_one_is_overdue_from_the_next_day_of_the_portal(place: Town, letter: str) -> None:
    day = date.fromisoformat(place.day(3))
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZONE)
    place.clock.offset += midnight - place.clock.now() - timedelta(minutes=5)
    assert [one.overdue for one in my_work(place.office, LAWYER)] == [False]
    place.clock.offset += timedelta(minutes=10)
    assert [one.overdue for one in my_work(place.office, LAWYER)] == [True]
    assert all(one.overdue for one in document_view(place.office, letter, CHAIR).steps.requests)
    place.press(letter, LAWYER, "answer", answer="Возражений нет")
    question, task = document_view(place.office, letter, CHAIR).steps.requests
    assert (question.open, question.overdue, question.answer) == (False, True, "Возражений нет")
    assert task.open


def test_an_absent_person_is_stood_in_for(place: Town, letter: str) -> None:
    today = datetime.now(UTC).date()
    people.add_substitution(place.office, LAWYER, HEAD, today, today + timedelta(days=9), CLERK)
    row, = my_work(place.office, HEAD)
    assert row.acting_for == place_name(place, LAWYER)
    assert row.due == date.fromisoformat(place.day(3))
    place.press(letter, HEAD, "answer", answer="Возражений нет")
    assert my_work(place.office, LAWYER) == ()
    answered = document_view(place.office, letter, CHAIR).history[0]
    assert "(за: " in answered.actor
    assert "Возражений нет" in answered.details


def test_the_end_of_the_document_withdraws_what_is_open(place: Town, letter: str) -> None:
    place.settle()
    place.press(letter, CHAIR, "acknowledge")
    assert place.state(letter) == "ack"
    assert [one.state for one in place.document(letter).requests] == ["withdrawn", "withdrawn"]
    last = document_view(place.office, letter, CHAIR).history[0]
    assert last.details.count("Отозвано: документ завершён") == 2
    for user in (LAWYER, SPECIALIST):
        assert my_work(place.office, user) == ()
    place.settle()
    task, = place.portal("tasks")
    assert str(task["status"]) == "5"


def place_name(place: Town, user: int) -> str:
    with place.office.database.reading() as unit:
        return place.office.people.directory(unit).get(user).name
