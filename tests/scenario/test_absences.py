"""Absences of the portal: read for everybody in one request, suggested, told once, never acted upon."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from b24flow.core.people import Absence
from b24flow.ops.absences import PEOPLE_PER_CALL, read_absences
from b24flow.services.absences import people_to_ask, remember, suggestions
from b24flow.services.people import add_substitution, substitutions
from tests.town import CHAIR, DEPUTY, HEAD, LAWYER, ZONE, Town

ADMINISTRATOR = 1


def away(place: Town, user: int, since: int, days: int) -> None:
    """Mark an absence in the portal's chart, `since` days from today."""
    first = today(place) + timedelta(days=since)
    last = first + timedelta(days=days - 1)
    answer = place.http.post("/as/absence/add", data={
        "as": str(ADMINISTRATOR), "user": str(user), "from": first.isoformat(), "to": last.isoformat(),
    })
    assert answer.status_code < 400, answer.text


def today(place: Town) -> date:
    return place.clock.now().astimezone(ZONE).date()


def read(place: Town) -> int:
    return remember(place.office, read_absences(place.client, *people_to_ask(place.office)))


def told(place: Town, user: int) -> list[str]:
    place.settle()
    return [one["text"] for one in place.portal("messages")
            if user in one["members"] and "Замещение" in one["text"]]


def test_an_absence_becomes_a_suggestion_and_nothing_else(place: Town) -> None:
    place.register(CHAIR)
    away(place, CHAIR, 3, 14)
    assert read(place) == 1
    (mine,) = suggestions(place.office, CHAIR)
    first = today(place) + timedelta(days=3)
    assert (mine.since, mine.until, mine.mine) == (first, first + timedelta(days=13), True)
    assert substitutions(place.office) == ()
    assert suggestions(place.office, LAWYER) == ()
    (text,) = told(place, CHAIR)
    assert f"вы отсутствуете с {first:%d.%m.%Y}" in text


def test_it_is_told_once_and_to_the_head_when_its_person_is_away(sqlite_place: Town) -> None:
    place = sqlite_place
    place.register(HEAD)
    away(place, HEAD, 2, 10)
    assert [read(place), read(place)] == [1, 0]
    place.clock.offset += timedelta(days=3)
    assert [read(place), read(place)] == [1, 0]
    (text,) = told(place, CHAIR)
    assert "отсутствует Дубравин М. Я. по" in text
    (row,) = suggestions(place.office, CHAIR)
    assert (row.since, row.substitute) == (today(place), CHAIR), "what is over needs nobody"
    assert len(told(place, HEAD)) == 1


def test_nobody_is_bothered_about_somebody_without_documents(sqlite_place: Town) -> None:
    place = sqlite_place
    away(place, HEAD, 1, 5)
    assert read(place) == 0
    assert suggestions(place.office, CHAIR) == ()
    assert len(suggestions(place.office, HEAD)) == 1, "he himself may want it all the same"


def test_days_that_somebody_has_already_are_not_suggested_again(sqlite_place: Town) -> None:
    place = sqlite_place
    place.register(CHAIR)
    away(place, CHAIR, 1, 14)
    first = today(place) + timedelta(days=1)
    add_substitution(place.office, CHAIR, DEPUTY, first, first + timedelta(days=4), CHAIR)
    read(place)
    (row,) = suggestions(place.office, CHAIR)
    assert (row.since, row.until, row.substitute) == (
        first + timedelta(days=5), first + timedelta(days=13), DEPUTY)
    add_substitution(place.office, CHAIR, LAWYER, row.since, row.until, CHAIR)
    assert suggestions(place.office, CHAIR) == ()


def test_everybody_is_read_in_one_request(sqlite_place: Town) -> None:
    place = sqlite_place
    away(place, DEPUTY, 1, 5)
    people = [*people_to_ask(place.office)[0], *range(1000, 1000 + 10 * PEOPLE_PER_CALL)]
    place.forget_calls()
    found = read_absences(place.client, people, today(place), today(place) + timedelta(days=30))
    assert [one.person for one in found] == [DEPUTY]
    assert place.requests() == 1


def test_rows_of_a_chart_and_of_calendars(sqlite_place: Town) -> None:
    """Calendar events come with moments, the chart with days; an hour away is no absence."""

    shown: dict[str, Any] = {
        "7": [
            {"FROM_HR": True, "DT_FROM": "01.12.2026", "DT_TO": "05.12.2026", "ACCESSIBILITY": "absent"},
            {"DATE_FROM": "04.12.2026 09:00:00", "DATE_TO": "08.12.2026 18:00:00",
             "DT_SKIP_TIME": "N", "ACCESSIBILITY": "absent"},
            {"DATE_FROM": "20.12.2026 09:00:00", "DATE_TO": "20.12.2026 11:00:00",
             "DT_SKIP_TIME": "N", "ACCESSIBILITY": "absent"},
            {"DATE_FROM": "21.12.2026", "DATE_TO": "21.12.2026", "DT_SKIP_TIME": "Y",
             "ACCESSIBILITY": "busy"},
            {"DT_FROM": "нет", "DT_TO": "", "FROM_HR": True, "ACCESSIBILITY": "absent"}, "x",
        ],
        "x": [], "8": {}, "99": [{"FROM_HR": True, "DT_FROM": "01.12.2026", "DT_TO": "02.12.2026",
                                  "ACCESSIBILITY": "absent"}],
    }

    class Portal:
        """The emulated portal knows only the chart; these rows are the documentation's own example."""

        def batch(self, calls: Any) -> Any:
            return {key: SimpleNamespace(result=shown) for key in calls}

    found = read_absences(Portal(), [7, 8], date(2026, 12, 1), date(2026, 12, 31))  # type: ignore[arg-type]
    assert found == (Absence(person=7, since=date(2026, 12, 1), until=date(2026, 12, 8)),)
