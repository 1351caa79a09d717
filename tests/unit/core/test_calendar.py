"""The working calendar and terms: the vectors of the law's practice and the laws of arithmetic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24flow.core.calendar import (
    Calendar,
    EndOnDayOff,
    TermRule,
    base_days_off,
    compute_term,
    fixed_term,
)
from b24flow.definitions.calendar import load_calendar

RUSSIA = load_calendar(Path(__file__).parents[3] / "config" / "calendar")
# No data at all: weekends and the base law only.
BARE = Calendar(
    version="xx-2026.1",
    days_off=frozenset(),
    working=frozenset(),
    names={},
    years=frozenset(),
    provisional=frozenset(),
)

calendars = st.sampled_from([RUSSIA, BARE])
days = st.dates(date(2023, 1, 1), date(2029, 12, 31))
counts = st.integers(0, 900)
rules = st.builds(
    TermRule,
    count=counts | st.integers(0, 12),
    unit=st.sampled_from(["working", "calendar"]),
    end_on_dayoff=st.sampled_from(["next", "previous", "keep"]),
)


def day(text: str) -> date:
    return datetime.strptime(text, "%d.%m.%Y").replace(tzinfo=UTC).date()


def working_by_walking(calendar: Calendar, a: date, b: date) -> int:
    span = (b - a).days
    return sum(calendar.is_working(a + timedelta(days=step)) for step in range(1, span + 1))


def appeal(end: EndOnDayOff) -> TermRule:
    return TermRule(count=30, unit="calendar", end_on_dayoff=end)


# --- the calendar of Russia -------------------------------------------------------------------


@pytest.mark.parametrize(("year", "working"), [(2025, 247), (2026, 247), (2027, 249)])
def test_year_has_the_published_number_of_working_days(year: int, working: int) -> None:
    assert RUSSIA.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == working


def test_days_off_of_2026_are_those_of_the_decree() -> None:
    long_rests = [
        ("31.12.2025", "11.01.2026"),
        ("21.02.2026", "23.02.2026"),
        ("07.03.2026", "09.03.2026"),
        ("01.05.2026", "03.05.2026"),
        ("09.05.2026", "11.05.2026"),
        ("12.06.2026", "14.06.2026"),
        ("04.11.2026", "04.11.2026"),
        ("31.12.2026", "31.12.2026"),
    ]
    named = {
        day(first) + timedelta(days=step)
        for first, last in long_rests
        for step in range((day(last) - day(first)).days + 1)
    }
    every_day = [date(2025, 12, 31) + timedelta(days=step) for step in range(366)]
    off = {one for one in every_day if not RUSSIA.is_working(one)}
    assert off == named | {one for one in every_day if one.weekday() >= 5}


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("09.01.2026", "перенос с 03.01"),
        ("31.12.2026", "перенос с 04.01"),
        ("09.05.2026", "праздник"),
        ("11.05.2026", "перенос с 09.05"),
        ("10.05.2026", "выходной"),
        ("12.05.2026", ""),
        ("01.11.2025", ""),  # a Saturday that is worked
        ("03.11.2025", "перенос с 01.11"),
        ("12.06.2030", "праздник"),  # not covered: by law
        ("11.05.2032", ""),
        ("10.05.2032", "перенос с 09.05"),
    ],
)
def test_a_day_off_has_its_reason(when: str, reason: str) -> None:
    assert RUSSIA.day_off_reason(day(when)) == reason
    assert RUSSIA.is_working(day(when)) == (reason == "")


def test_base_law_moves_weekends_that_coincide_with_holidays_but_not_january_ones() -> None:
    assert date(2027, 1, 11) not in base_days_off(2027)
    assert base_days_off(2027)[date(2027, 5, 10)] == "перенос с 09.05"
    assert date(2022, 5, 3) not in base_days_off(2022)
    assert base_days_off(2022)[date(2022, 5, 2)] == "перенос с 01.05"


def test_what_is_covered_and_what_is_confirmed() -> None:
    assert RUSSIA.covers(date(2027, 5, 5))
    assert not RUSSIA.covers(date(2028, 5, 5))
    assert RUSSIA.confirmed(2026)
    assert not RUSSIA.confirmed(2027)
    assert not RUSSIA.confirmed(2028)


# --- vectors of domain §4.2 -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("30.04.2026", 1, "04.05.2026"),
        ("05.05.2026", 5, "13.05.2026"),
        ("08.06.2026", 5, "16.06.2026"),
        ("29.12.2025", 3, "13.01.2026"),
        ("30.10.2026", 3, "05.11.2026"),
        ("31.10.2025", 1, "01.11.2025"),
        ("31.10.2025", 2, "05.11.2025"),
        ("31.12.2026", 1, "11.01.2027"),
        ("10.05.2026", 0, "10.05.2026"),
    ],
)
def test_working_days_are_counted_from_the_day_after(start: str, count: int, end: str) -> None:
    assert RUSSIA.add_working(day(start), count) == day(end)


@pytest.mark.parametrize(
    ("start", "previous", "following"),
    [
        ("01.04.2026", "30.04.2026", "04.05.2026"),
        ("13.05.2026", "11.06.2026", "15.06.2026"),
        ("08.12.2025", "30.12.2025", "12.01.2026"),
        ("05.10.2026", "03.11.2026", "05.11.2026"),
        ("01.06.2026", "01.07.2026", "01.07.2026"),
        ("02.12.2026", "30.12.2026", "11.01.2027"),
    ],
)
def test_thirty_days_of_an_appeal(start: str, previous: str, following: str) -> None:
    assert compute_term(appeal("previous"), day(start), RUSSIA).day == day(previous)
    assert compute_term(appeal("next"), day(start), RUSSIA).day == day(following)
    kept = compute_term(appeal("keep"), day(start), RUSSIA).day
    assert kept == day(start) + timedelta(days=30)


@pytest.mark.parametrize(
    ("rule", "start", "text"),
    [
        (appeal("previous"), "13.05.2026", "30 к.д. от 13.05, 12.06 праздник → 11.06"),
        (appeal("next"), "13.05.2026", "30 к.д. от 13.05, 12.06 праздник → 15.06"),
        (appeal("keep"), "13.05.2026", "30 к.д. от 13.05 → 12.06 — нерабочий день (праздник)"),
        (appeal("previous"), "01.06.2026", "30 к.д. от 01.06 → 01.07"),
        (appeal("previous"), "08.12.2025", "30 к.д. от 08.12, 07.01.2026 праздник → 30.12"),
        (appeal("next"), "08.12.2025", "30 к.д. от 08.12, 07.01.2026 праздник → 12.01.2026"),
        (appeal("next"), "11.04.2026", "30 к.д. от 11.04, 11.05 перенос с 09.05 → 12.05"),
        (appeal("next"), "18.06.2026", "30 к.д. от 18.06, 18.07 выходной → 20.07"),
        (TermRule(count=5, unit="working"), "05.05.2026", "5 р.д. от 05.05 → 13.05"),
        (TermRule(count=3, unit="working"), "29.12.2025", "3 р.д. от 29.12 → 13.01.2026"),
        (
            appeal("previous"),
            "02.12.2026",
            "30 к.д. от 02.12, 01.01.2027 праздник → 30.12"
            " (предварительно: нет утверждённого календаря на 2027 год)",
        ),
        (
            TermRule(count=300, unit="working"),
            "01.12.2026",
            "300 р.д. от 01.12 → 18.02.2028"
            " (предварительно: нет утверждённого календаря на 2027–2028 годы)",
        ),
    ],
)
def test_the_explanation_can_be_checked_by_hand(rule: TermRule, start: str, text: str) -> None:
    term = compute_term(rule, day(start), RUSSIA)
    assert term.explanation == text
    assert term.provisional == ("предварительно" in text)
    assert term.calendar_version == "ru-2026.1"


def test_a_kept_end_in_calendar_days_does_not_depend_on_the_calendar() -> None:
    assert not compute_term(appeal("keep"), day("10.12.2026"), RUSSIA).provisional


def test_calendar_days_depend_only_on_the_year_where_they_end() -> None:
    # 2024 is not covered, 30.01.2025 is: days are only counted through the former.
    assert not compute_term(appeal("next"), day("31.12.2024"), RUSSIA).provisional
    worked = compute_term(TermRule(count=15, unit="working"), day("31.12.2024"), RUSSIA)
    assert worked.provisional
    assert "на 2024 год)" in worked.explanation


def test_a_term_does_not_end_before_it_began() -> None:
    # Saturday of the New Year rest plus one day: the preceding working day is 30.12.2025.
    rule = TermRule(count=1, unit="calendar", end_on_dayoff="previous")
    assert compute_term(rule, day("10.01.2026"), RUSSIA).day == day("12.01.2026")
    # Friday plus one day: the preceding working day is the Friday itself, which is not counted.
    assert compute_term(rule, day("17.07.2026"), RUSSIA).day == day("20.07.2026")


def test_a_term_of_no_days_is_the_day_itself() -> None:
    rule = TermRule(count=0, unit="calendar", end_on_dayoff="previous")
    assert compute_term(rule, day("15.07.2026"), RUSSIA).day == day("15.07.2026")


def test_a_term_stated_in_the_document_is_never_moved() -> None:
    term = fixed_term(day("15.06.2026"), RUSSIA)
    assert (term.day, term.explanation) == (day("15.06.2026"), "указан в документе: 15.06")
    off = fixed_term(day("12.06.2026"), RUSSIA)
    assert off.day == day("12.06.2026")
    assert off.explanation == "указан в документе: 12.06 — нерабочий день (праздник)"
    assert off.calendar_version == "ru-2026.1"


# --- limits -----------------------------------------------------------------------------------


def test_a_million_working_days_are_counted() -> None:
    start = date(2026, 1, 12)
    end = RUSSIA.add_working(start, 10**6)
    assert end.year > 6000
    assert RUSSIA.working_days_between(start, end) == 10**6


@pytest.mark.parametrize("unit", ["working", "calendar"])
def test_an_end_beyond_the_last_year_is_refused(unit: str) -> None:
    for count in (10**7, 10**12):
        with pytest.raises(ValueError, match="срок уходит за"):
            compute_term(TermRule(count=count, unit=unit), date(2026, 5, 5), RUSSIA)  # type: ignore[arg-type]


def test_the_edges_of_time_are_refused_and_not_an_endless_walk() -> None:
    assert RUSSIA.add_working(date(9999, 12, 30), 1) == date(9999, 12, 31)
    with pytest.raises(ValueError, match="срок уходит за"):
        RUSSIA.add_working(date(9999, 12, 31), 1)
    with pytest.raises(ValueError, match="срок уходит за"):
        RUSSIA.previous_working(date(1, 1, 1))


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="отрицательн"):
        RUSSIA.add_working(date(2026, 5, 5), -1)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"count": -1}, "отрицательн"),
        ({"count": True}, "целым"),
        ({"count": 1.5}, "целым"),
        ({"unit": "hours"}, "«hours»"),
        ({"end_on_dayoff": "before"}, "«before»"),
    ],
)
def test_a_wrong_rule_is_refused(values: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        TermRule(**{"count": 5, "unit": "working"} | values)  # type: ignore[arg-type]


def test_a_moment_is_not_a_day() -> None:
    moment = datetime(2026, 5, 5, 23, 59, tzinfo=UTC)
    with pytest.raises(TypeError):
        RUSSIA.is_working(moment)
    with pytest.raises(TypeError):
        compute_term(appeal("keep"), moment, RUSSIA)


@pytest.mark.parametrize(
    ("version", "days_off", "working", "text"),
    [
        (" ", [], [], "версии"),
        ("xx-1.1", ["07.03.2026"], ["07.03.2026"], r"07\.03\.2026"),
        ("xx-1.1", [], ["10.03.2026"], r"10\.03\.2026"),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(
    version: str, days_off: list[str], working: list[str], text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        Calendar(
            version=version,
            days_off=frozenset(map(day, days_off)),
            working=frozenset(map(day, working)),
            names={},
            years=frozenset({2026}),
            provisional=frozenset(),
        )


# --- laws -------------------------------------------------------------------------------------


@given(calendars, days, counts)
def test_counting_back_gives_the_count(calendar: Calendar, start: date, count: int) -> None:
    end = calendar.add_working(start, count)
    assert calendar.working_days_between(start, end) == count
    assert calendar.working_days_between(end, start) == -count
    assert count == 0 or calendar.is_working(end)


@given(calendars, days, st.integers(0, 800))
def test_the_shortcut_counts_as_walking_does(calendar: Calendar, a: date, span: int) -> None:
    b = a + timedelta(days=span)
    assert calendar.working_days_between(a, b) == working_by_walking(calendar, a, b)


@given(calendars, days)
def test_neighbours_surround_the_day(calendar: Calendar, one: date) -> None:
    previous, following = calendar.previous_working(one), calendar.next_working(one)
    assert previous <= one <= following
    assert calendar.is_working(previous)
    assert calendar.is_working(following)
    assert (previous == one == following) == calendar.is_working(one)
    assert working_by_walking(calendar, previous, following) == (previous != following)


@given(calendars, days, st.integers(0, 60), rules)
def test_a_later_start_or_a_longer_rule_never_ends_earlier(
    calendar: Calendar, start: date, later: int, rule: TermRule
) -> None:
    term = compute_term(rule, start, calendar)
    longer = replace(rule, count=rule.count + 1)
    assert start <= term.day
    assert term.day <= compute_term(rule, start + timedelta(days=later), calendar).day
    assert term.day <= compute_term(longer, start, calendar).day


@given(calendars, days, counts, st.sampled_from(["next", "previous"]))
def test_a_moved_end_is_a_working_day(
    calendar: Calendar, start: date, count: int, end: EndOnDayOff
) -> None:
    rule = TermRule(count=count, unit="calendar", end_on_dayoff=end)
    assert calendar.is_working(compute_term(rule, start, calendar).day)
