"""Absences as the portal's chart and calendars show them; they only ever become suggestions.

`calendar.accessibility.get` (api-reference/calendar/calendar-event/calendar-accessibility-get.md) takes many
people at once: a hundred per call, fifty calls per request, so an organisation of 5,000 is one HTTP request,
asked once a day. The box adds the absence chart to what that page describes: `FROM_HR` rows with days
(`DT_FROM`, `DT_TO`) instead of moments. A person without rows is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from b24flow.core.people import Absence
from b24flow.core.russian import parse_date
from b24flow.errors import PortalError
from b24flow.portal.classify import Answer
from b24flow.portal.client import PortalClient
from b24flow.portal.methods import Call
from b24flow.portal.wire import BATCH_LIMIT, chunk

PEOPLE_PER_CALL = 100


def read_absences(
    client: PortalClient, people: Sequence[int], first: date, last: date
) -> tuple[Absence, ...]:
    """Return the absences of `people` that touch the period, whole days, neighbouring ones joined.

    Hours away within one day are no absence. Raises PortalError; then nothing is known of anybody.
    """
    period = {"from": first.isoformat(), "to": last.isoformat()}
    calls = {
        f"p{start}": Call("calendar.accessibility.get",
                          {"users": list(people[start:start + PEOPLE_PER_CALL]), **period})
        for start in range(0, len(people), PEOPLE_PER_CALL)
    }
    asked, found = set(people), []
    for group in chunk(calls, BATCH_LIMIT):
        for outcome in client.batch(group).values():
            found += [one for one in _absences(outcome) if one.person in asked]
    return tuple(_joined(found))


def _absences(outcome: Answer | PortalError) -> Iterator[Absence]:
    if isinstance(outcome, PortalError):
        raise outcome
    # A map without entries comes as a list from PHP.
    shown = outcome.result if isinstance(outcome.result, Mapping) else {}
    for person, rows in shown.items():
        if not (str(person).isascii() and str(person).isdigit()):
            continue
        for row in rows if isinstance(rows, list) else ():
            one = _absence(int(person), row) if isinstance(row, Mapping) else None
            if one is not None:
                yield one


def _absence(person: int, row: Mapping[str, Any]) -> Absence | None:
    if row.get("ACCESSIBILITY") != "absent":
        return None
    charted = bool(row.get("FROM_HR"))
    names = ("DT_FROM", "DT_TO") if charted else ("DATE_FROM", "DATE_TO")
    since, until = (parse_date(str(row.get(name) or "").partition(" ")[0]) for name in names)
    if since is None or until is None or until < since:
        return None
    if not charted and since == until and row.get("DT_SKIP_TIME") != "Y":
        return None
    return Absence(person=person, since=since, until=until)


def _joined(found: Iterable[Absence]) -> Iterator[Absence]:
    """Join what overlaps or follows: a leave is often both in the chart and in the calendar."""
    last: Absence | None = None
    for one in sorted(found, key=lambda one: (one.person, one.since, one.until)):
        if last is not None and last.person == one.person and one.since <= last.until + timedelta(days=1):
            last = Absence(person=one.person, since=last.since, until=max(last.until, one.until))
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last
