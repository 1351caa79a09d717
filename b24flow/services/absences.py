"""Absences from the portal become suggestions of a substitution, never substitutions (domain §2.6).

The newest reading is kept whole. What it suggests is worked out each time it is shown: days that are over,
that a substitution covers already or on which nobody works suggest nothing. Whoever would leave documents
behind is told in the chat, once per absence; once he is away already, his head is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from b24flow.core import codec
from b24flow.core.commands import Context
from b24flow.core.people import Absence, Directory
from b24flow.core.russian import date_short
from b24flow.services.cards import link_to
from b24flow.services.office import Office
from b24flow.services.substitutes import may_arrange
from b24flow.store import cursors, outbox, work
from b24flow.store.engine import Unit, retrying

AHEAD = timedelta(days=60)
"""How far ahead absences are read."""
NOTICE = timedelta(days=7)
"""How long before an absence its person is reminded of it."""

_KEY = "absences"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A period in which somebody is away and nobody acts for him; `substitute` is who might, 0: unknown."""

    person: int
    name: str
    since: date
    until: date
    substitute: int
    mine: bool


def people_to_ask(office: Office) -> tuple[tuple[int, ...], date, date]:
    """Return whose absences are to be read, and the period: from today on."""
    with office.database.reading() as unit:
        context = office.context(unit)
    people = tuple(sorted(one.id for one in context.directory.employees.values() if one.active))
    return people, context.today, context.today + AHEAD


def remember(office: Office, found: Iterable[Absence]) -> int:
    """Keep a new reading instead of the former one and tell whom it concerns; return how many were told."""
    absences = [codec.dump(one) for one in found]

    def attempt(unit: Unit) -> int:
        context = office.context(unit)
        cursors.put(unit, _KEY, absences, context.now)
        return sum(_tell(office, unit, one, context) for one in _open(unit, context))

    return retrying(office.database, attempt)


def suggestions(office: Office, user: int) -> tuple[Suggestion, ...]:
    """Return what is suggested to a person: for himself, and for those of his people who hold documents."""
    with office.database.reading() as unit:
        context = office.context(unit)
        found = [
            one for one in _open(unit, context)
            if one.person == user or (may_arrange(context.directory, user, one.person)
                                      and _needed(unit, one.person, context.directory))
        ]
        away = {one.person for one in _known(unit)
                if any(one.since <= mine.until and mine.since <= one.until for mine in found)}
    made = (_suggestion(one, user, away, context) for one in found)
    return tuple(sorted(made, key=lambda one: (not one.mine, one.since, one.name)))


def _known(unit: Unit) -> list[Absence]:
    return [codec.load(Absence, row) for row in cursors.get(unit, _KEY, [])]


def _open(unit: Unit, context: Context) -> Iterator[Absence]:
    """Yield of each absence the days, from today on, for which nobody was named."""
    directory = context.directory
    for one in _known(unit):
        named = [each for each in directory.substitutions if each.principal == one.person]
        since = max(one.since, context.today)
        days = [since + timedelta(days=number) for number in range((one.until - since).days + 1)]
        bare = [day for day in days if not any(each.active(day) for each in named)]
        if directory.active(one.person) and any(map(context.calendar.is_working, bare)):
            yield Absence(person=one.person, since=bare[0], until=bare[-1])


def _needed(unit: Unit, person: int, directory: Directory) -> bool:
    """Tell whether documents would wait: he holds some now, or has a role that gets them."""
    return any(person in people for people in directory.roles.values()) or bool(
        work.mine(unit, [person], limit=1))


def _suggestion(one: Absence, user: int, away: set[int], context: Context) -> Suggestion:
    directory = context.directory
    earlier = [each.substitute for each in directory.substitutions if each.principal == one.person]
    head = directory.head_of(one.person)
    candidates = [*reversed(earlier), *([head] if head is not None else [])]
    fit = (each for each in candidates if directory.active(each) and each not in away)
    return Suggestion(
        person=one.person, name=directory.get(one.person).name, since=one.since, until=one.until,
        substitute=next(fit, 0), mine=one.person == user,
    )


def _tell(office: Office, unit: Unit, one: Absence, context: Context) -> bool:
    directory, begun = context.directory, one.since <= context.today
    head = directory.head_of(one.person)
    recipient = head if begun and head is not None else one.person
    if one.since > context.today + NOTICE or not _needed(unit, one.person, directory):
        return False
    who = "вы отсутствуете" if recipient == one.person else f"отсутствует {directory.get(one.person).name}"
    since = "" if begun else f"с {date_short(one.since)} "
    period = f"{since}по {date_short(one.until)}"
    payload = {
        "recipient": recipient, "title": "Замещение",
        "lines": [f"По графику портала {who} {period}. Кто будет работать с документами?"],
        "buttons": [{"label": "Назначить замещение",
                     "link": link_to(office, "/substitutes", recipient, context.now)}],
    }
    # The end names an absence best: its beginning moves on with every day that has passed.
    key = f"absence:{one.person}:{one.until.isoformat()}:{recipient}"
    return outbox.enqueue(unit, key, "message", payload, context.now, recipient=recipient)
