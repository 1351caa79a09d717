"""Which days are working days, and when a term ends.

Every deadline in b24flow is computed here and nowhere else, so one answer holds for the card, the
task in the portal and the printed sheet, and each answer comes with an explanation a person can
check by hand. The calendar itself is data (`config/calendar/*.yaml`) with a version: a stored
deadline keeps the version it was computed with, and a changed calendar never moves it silently.

Rules and their sources:
- the day after the event is day 1 (ГК РФ ст. 191);
- holidays and the transfer of a weekend that coincides with one (ТК РФ ст. 112);
- the end of a term on a day off moves to the next working day (ГК РФ ст. 193) or, for appeals, to
  the preceding one; `TermRule.end_on_dayoff` says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, get_args

Unit = Literal["working", "calendar"]
EndOnDayOff = Literal["next", "previous", "keep"]

HOLIDAY = "праздник"
WEEKEND = "выходной"

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5
_JANUARY = 1
# ТК РФ ст. 112: month and day of every non-working holiday.
_BASE_HOLIDAYS = (
    *((1, day) for day in range(1, 9)),
    (2, 23),
    (3, 8),
    (5, 1),
    (5, 9),
    (6, 12),
    (11, 4),
)
_UNIT_NAMES: Mapping[Unit, str] = {"working": "р.д.", "calendar": "к.д."}


def transfer_reason(from_day: date) -> str:
    """Return the reason of a day off that was moved from `from_day`: «перенос с 03.01»."""
    return f"перенос с {from_day:%d.%m}"


@lru_cache(maxsize=512)
def base_days_off(year: int) -> Mapping[date, str]:
    """Return the days off of a year by law alone, without any decree, each with its reason.

    A weekend that coincides with a holiday moves to the next working day, except in January: those
    days are moved by a yearly decree (ТК РФ ст. 112), and what it will say cannot be computed.
    """
    days = {date(year, month, day): HOLIDAY for month, day in _BASE_HOLIDAYS}
    for holiday in sorted(days):
        if holiday.month == _JANUARY or holiday.weekday() < _SATURDAY:
            continue
        moved = holiday
        while moved in days or moved.weekday() >= _SATURDAY:
            moved += _ONE_DAY
        days[moved] = transfer_reason(holiday)
    return MappingProxyType(days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The working calendar of an organisation's region.

    `days_off` are the days off beyond ordinary weekends, `working` the weekend days that are
    worked, `names` the reason of a day off («праздник», «перенос с 03.01»). `years` are the years
    the calendar has data for, `provisional` those of them that no decree has confirmed yet.
    A year outside `years` is answered from weekends and the base law and counts as not confirmed.
    """

    version: str
    days_off: frozenset[date]
    working: frozenset[date]
    names: Mapping[date, str] = field(hash=False)
    years: frozenset[int]
    provisional: frozenset[int]

    def __post_init__(self) -> None:
        if not self.version.strip():
            raise ValueError("у календаря нет версии")
        if both := self.days_off & self.working:
            raise ValueError(f"{min(both):%d.%m.%Y} — и рабочий день, и выходной")
        if weekdays := [day for day in self.working if day.weekday() < _SATURDAY]:
            raise ValueError(f"{min(weekdays):%d.%m.%Y} — рабочий день и без переноса")

    def covers(self, day: date) -> bool:
        """Tell whether the calendar has data for the year of `day`."""
        return day.year in self.years

    def confirmed(self, year: int) -> bool:
        """Tell whether the year's days off are final: covered and confirmed by a decree."""
        return year in self.years and year not in self.provisional

    def is_working(self, day: date) -> bool:
        """Tell whether `day` is a working day.

        Raises TypeError for a moment: its day depends on a time zone that only the caller knows.
        """
        if isinstance(day, datetime):
            raise TypeError("a date is needed, not a moment")
        if day in self.working:
            return True
        return day.weekday() < _SATURDAY and not self._is_off_by_rule(day)

    def day_off_reason(self, day: date) -> str:
        """Return why `day` is off («праздник», «перенос с 03.01», «выходной»), "" if it is not."""
        if self.is_working(day):
            return ""
        if day in self.names:
            return self.names[day]
        if self.covers(day):
            return WEEKEND
        return base_days_off(day.year).get(day, WEEKEND)

    def next_working(self, day: date) -> date:
        """Return `day` itself if it is working, else the first working day after it."""
        while not self.is_working(day):
            day = _shift(day, 1)
        return day

    def previous_working(self, day: date) -> date:
        """Return `day` itself if it is working, else the last working day before it."""
        while not self.is_working(day):
            day = _shift(day, -1)
        return day

    def add_working(self, start: date, count: int) -> date:
        """Return the working day number `count` after `start`; `start` itself is not counted.

        With `count` 0 it is `start`, working or not. Whole years are skipped at once, so the cost
        does not grow with days. Raises ValueError for a negative count or an end after year 9999.
        """
        if count < 0:
            raise ValueError("число рабочих дней не может быть отрицательным")
        day, year_end = start, date(start.year, 12, 31)
        while (rest := self._working_after(day, year_end)) < count:
            if year_end.year == MAXYEAR:
                raise ValueError("срок уходит за 9999 год")
            count -= rest
            day, year_end = year_end, date(year_end.year + 1, 12, 31)
        while count:
            day = _shift(day, 1)
            count -= self.is_working(day)
        return day

    def working_days_between(self, a: date, b: date) -> int:
        """Return how many working days lie after `a` up to and including `b`.

        The inverse of `add_working`: if `add_working(a, n)` is `b`, this is `n`. Negative when `b`
        is before `a`, so one call answers «осталось» and «просрочено на».
        """
        if b < a:
            return -self.working_days_between(b, a)
        total, day = 0, a
        for year in range(a.year, b.year + 1):
            until = min(b, date(year, 12, 31))
            total += self._working_after(day, until)
            day = until
        return total

    def _is_off_by_rule(self, day: date) -> bool:
        if day in self.days_off:
            return True
        return not self.covers(day) and day in base_days_off(day.year)

    def _working_after(self, a: date, b: date) -> int:
        """Count the working days of (a, b] without walking; all of them are in the year of `b`."""
        off = self.days_off
        if not self.covers(b):
            off = off | base_days_off(b.year).keys()
        weekdays_off = sum(1 for day in off if a < day <= b and day.weekday() < _SATURDAY)
        weekends_on = sum(1 for day in self.working if a < day <= b)
        return _weekdays_until(b) - _weekdays_until(a) - weekdays_off + weekends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRule:
    """How long a term is: `count` working or calendar days, and what an end on a day off does.

    `end_on_dayoff` is "next" (ГК РФ ст. 193, ordinary documents), "previous" (appeals: safe under
    both readings of the law) or "keep". Raises ValueError with a Russian text when it is wrong.
    """

    count: int
    unit: Unit
    end_on_dayoff: EndOnDayOff = "next"

    def __post_init__(self) -> None:
        if isinstance(self.count, bool) or not isinstance(self.count, int):
            raise ValueError("число дней срока должно быть целым")  # noqa: TRY004 - one error kind
        if self.count < 0:
            raise ValueError("число дней срока не может быть отрицательным")
        if self.unit not in get_args(Unit):
            raise ValueError(f"неизвестная единица срока «{self.unit}»: нужна working или calendar")
        if self.end_on_dayoff not in get_args(EndOnDayOff):
            raise ValueError(
                f"неизвестное правило выходного дня «{self.end_on_dayoff}»:"
                " нужно next, previous или keep"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """The last day of a term, how it was found (Russian) and by which version of the calendar.

    `provisional` says that the answer leans on a year no decree has confirmed, and may change.
    """

    day: date
    explanation: str
    calendar_version: str
    provisional: bool = False


def compute_term(rule: TermRule, start: date, calendar: Calendar) -> Term:
    """Return the term that begins with the event of `start` (ГК РФ ст. 191: the next day is day 1).

    The explanation reads «30 к.д. от 13.05, 12.06 праздник → 11.06»; years are written where they
    differ from the year of `start`. A term never ends before its first day: when the preceding
    working day would not be after `start`, the next one is taken. Raises ValueError when the end
    is beyond year 9999, TypeError for a moment instead of a date.
    """
    if isinstance(start, datetime):
        raise TypeError("a date is needed, not a moment")
    working = rule.unit == "working"
    reached = calendar.add_working(start, rule.count) if working else _shift(start, rule.count)
    day = _settle(rule, start, reached, calendar)
    unsure = _unconfirmed(rule, start, reached, day, calendar)
    return Term(
        day=day,
        explanation=_explain(rule, start, reached, day, calendar) + unsure,
        calendar_version=calendar.version,
        provisional=bool(unsure),
    )


def fixed_term(day: date, calendar: Calendar, source: str = "указан в документе") -> Term:
    """Return a term named as a date: never moved, a day off is only mentioned.

    `source` says in Russian who or what named it.
    """
    reason = calendar.day_off_reason(day)
    text = f"{source}: {_short(day, day)}"
    if reason:
        text += f" — нерабочий день ({reason})"
    return Term(day=day, explanation=text, calendar_version=calendar.version)


def _settle(rule: TermRule, start: date, reached: date, calendar: Calendar) -> date:
    """Apply the rule of a term that ends on a day off."""
    if rule.end_on_dayoff == "keep":
        return reached
    if rule.end_on_dayoff == "previous":
        day = calendar.previous_working(reached)
        if day > start or day == reached:
            return day
    return calendar.next_working(reached)


def _explain(rule: TermRule, start: date, reached: date, day: date, calendar: Calendar) -> str:
    """Write the way from `start` over the day the count `reached` to the term's `day`."""
    text = f"{rule.count} {_UNIT_NAMES[rule.unit]} от {_short(start, start)}"
    reason = calendar.day_off_reason(reached)
    if day != reached:
        return f"{text}, {_short(reached, start)} {reason} → {_short(day, start)}"
    text += f" → {_short(day, start)}"
    return f"{text} — нерабочий день ({reason})" if reason else text


def _unconfirmed(rule: TermRule, start: date, reached: date, day: date, calendar: Calendar) -> str:
    """Warn of the years without a confirmed calendar that the result depends on, "" for none."""
    if rule.unit == "calendar" and rule.end_on_dayoff == "keep":
        return ""
    # Calendar days meet the calendar only where they end, working days all the way.
    first = start if rule.unit == "working" else min(reached, day)
    last = max(reached, day)
    years = [year for year in range(first.year, last.year + 1) if not calendar.confirmed(year)]
    if not years:
        return ""
    named = f"{years[0]} год" if len(years) == 1 else f"{years[0]}–{years[-1]} годы"
    return f" (предварительно: нет утверждённого календаря на {named})"


def _short(day: date, beside: date) -> str:
    """Write a day as dd.mm, with the year when it is not the year of `beside`."""
    text = f"{day.day:02}.{day.month:02}"
    return text if day.year == beside.year else f"{text}.{day.year:04}"


def _shift(day: date, count: int) -> date:
    try:
        return day + timedelta(days=count)
    except OverflowError:
        raise ValueError(f"срок уходит за пределы {MINYEAR}–{MAXYEAR} годов") from None


def _weekdays_until(day: date) -> int:
    """Count Mondays to Fridays from 1 January of year 1, a Monday, up to and including `day`."""
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5)
