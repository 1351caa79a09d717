"""A changed working calendar: every calendar is remembered, affected terms are proposed, then moved (E27).

Each stored term names the calendar it was set by (in the journal), so what was chosen knowing that a day was
off is told from what became a day off later. Whoever has moved terms is told once, of all of them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from b24flow.core.calendar import Calendar
from b24flow.core.commands import SYSTEM, Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.events import Event
from b24flow.core.holding import work_items
from b24flow.core.recalendar import Running, Shift, Source, running, shift
from b24flow.core.russian import date_short
from b24flow.ids import derived_id
from b24flow.services.act import apply_events
from b24flow.services.cards import LINE_LIMIT, fit, number_of
from b24flow.services.office import Office
from b24flow.services.term_origin import Origin, Origins
from b24flow.store import cursors, documents, journal, outbox, queries
from b24flow.store.engine import Unit, retrying

LABEL = "Изменён срок: изменение календаря"
TITLE = "Перенос сроков"
_PAGE = 500
_KEY = "calendar:"
_TOLD = "calendar-moves-told"
_LISTED = 20
_ROLES = {"assignment": "executor", "round": "approver", "reader": "reader", "request": "requested"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """One term that a changed calendar touches; `moves` False: it stays, `why` says why.

    `part` says what the term is of, `what` the same in words, `target` which one inside the document.
    """

    uuid: str
    number: str
    title: str
    part: str
    what: str
    target: str
    people: tuple[str, ...]
    before: date
    after: date
    why: str
    calendar: str
    moves: bool


def remember(office: Office) -> bool:
    """Keep the present calendar under its version; False when it is kept already."""
    calendar = office.calendar
    key = _KEY + calendar.version

    def attempt(unit: Unit) -> bool:
        if cursors.get(unit, key) is not None:
            return False
        kept = {"days_off": sorted(one.isoformat() for one in calendar.days_off),
                "working": sorted(one.isoformat() for one in calendar.working),
                "years": sorted(calendar.years), "provisional": sorted(calendar.provisional)}
        cursors.put(unit, key, kept, office.clock.now())
        return True

    with office.database.reading() as unit:
        if cursors.get(unit, key) is not None:
            return False
    return retrying(office.database, attempt)


def propose(office: Office) -> tuple[Affected, ...]:
    """Return every running term that the present calendar touches; nothing is changed."""
    found: list[Affected] = []
    with office.database.reading() as unit:
        context, calendars = office.context(unit), _Calendars(unit)
        for document in _open_documents(unit):
            definition = office.definition_of(document)
            for term, origin in _terms(unit, definition, document, context):
                made = shift(definition, document, term, calendars.source(origin), context)
                if made is not None:
                    found.append(_affected(definition, document, term, origin, made, context))
    return tuple(found)


def apply(office: Office) -> tuple[Affected, ...]:
    """Move every term that is proposed to move and tell whoever has one; return those that moved.

    A repeat, also after an interruption, moves and tells only what is left.
    """
    moved = tuple(one for one in propose(office) if one.moves and _move(office, one))
    _tell(office)
    return moved


def _move(office: Office, wanted: Affected) -> bool:
    with office.database.reading() as unit:
        origin = Origins(list(journal.history(unit, wanted.uuid))).of(wanted.part, wanted.target)
        source = _Calendars(unit).source(origin)

    def produce(definition: ProcessDefinition, document: Document, context: Context) -> tuple[Event, ...]:
        term = next((one for one in running(definition, document, context)
                     if (one.part, one.id) == (wanted.part, wanted.target)), None)
        if term is None or term.day != wanted.before:
            return ()
        made = shift(definition, document, term, source, context)
        return (made.event(term, context.calendar),) if made is not None and made.moves else ()

    command = derived_id("calendar", office.install, wanted.uuid, wanted.part, wanted.target, origin.seq,
                         office.calendar.version)
    done = apply_events(office, wanted.uuid, command, LABEL, SYSTEM, produce)
    return done is not None and not done.repeated


def _tell(office: Office) -> None:
    """Send everybody one message about his moved terms that he was not told of yet.

    Which moves were told is kept in the transaction of the messages, so nobody hears of one twice.
    """
    def attempt(unit: Unit) -> None:
        now = office.clock.now()
        cursors.put(unit, f"{_TOLD}:lock", {}, now)  # whoever does the same at this moment waits here
        told = set(cursors.get(unit, _TOLD, ()))
        context = office.context(unit)
        lines: dict[int, dict[str, str]] = {}
        present: set[str] = set()
        for document in _open_documents(unit):
            running_terms = _terms(unit, office.definition_of(document), document, context)
            moved = [one for one in running_terms if one[1].moved]
            keys = {f"{document.uuid}:{origin.seq}": term for term, origin in moved}
            present.update(keys)
            for key, term in keys.items():
                for user in _people(office, document, term, context) if key not in told else ():
                    lines.setdefault(user, {})[key] = _line(office, document, term)
        messages = [_message(office, user, found) for user, found in sorted(lines.items())]
        outbox.enqueue_many(unit, messages, now)
        cursors.put(unit, _TOLD, sorted(present), now)

    retrying(office.database, attempt)


def _people(office: Office, document: Document, term: Running, context: Context) -> tuple[int, ...]:
    """Return who has to keep a term, with those who stand in for him; nobody who left."""
    found = []
    for item in work_items(office.definition_of(document), document, context):
        mine = item.user if item.acting_for is None else item.acting_for
        about = item.target == term.id if term.part in {"assignment", "request"} else mine in term.people
        if item.role == _ROLES.get(term.part) and about:
            found.append(item.user)
    return tuple(user for user in dict.fromkeys(found or term.people) if context.directory.active(user))


def _line(office: Office, document: Document, term: Running) -> str:
    title = document.text(office.definition_of(document).title_field)
    text = f"{number_of(document)} «{fit(title, 120)}», {term.what}: до {date_short(term.day)}"
    return fit(text, LINE_LIMIT)


def _message(
    office: Office, user: int, found: Mapping[str, str]
) -> tuple[str, str, Mapping[str, Any]]:
    lines = list(found.values())
    said = [f"Изменён рабочий календарь, ваших сроков перенесено: {len(lines)}.", *lines[:_LISTED]]
    if len(lines) > _LISTED:
        said.append(f"И ещё {len(lines) - _LISTED}: все — на странице «Мои документы».")
    payload: dict[str, Any] = {"recipient": user, "title": TITLE, "lines": said}
    if len({key.partition(":")[0] for key in found}) == 1:
        payload["uuid"] = next(iter(found)).partition(":")[0]
    return f"calendar:{derived_id('told', office.install, user, *found)}", "message", payload


class _Calendars:
    """The calendars that were ever in force here."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._known: dict[str, Calendar | None] = {}

    def source(self, origin: Origin) -> Source:
        """Return how a term was set; a calendar that was not remembered is not known any more."""
        return Source(calendar=self._get(origin.calendar),
                      counted_since=origin.since if origin.counted else None)

    def _get(self, version: str) -> Calendar | None:
        if version not in self._known:
            kept = cursors.get(self._unit, _KEY + version)
            self._known[version] = None if kept is None else Calendar(
                version=version, names={}, days_off=frozenset(map(date.fromisoformat, kept["days_off"])),
                working=frozenset(map(date.fromisoformat, kept["working"])),
                years=frozenset(kept["years"]), provisional=frozenset(kept["provisional"]),
            )
        return self._known[version]


def _open_documents(unit: Unit) -> Iterator[Document]:
    last = 0
    while rows := queries.after(unit, last, _PAGE):
        last = rows[-1].id
        for row in rows:
            stored = documents.load(unit, row.uuid, lock=False) if row.closed_at is None else None
            if stored is not None:
                yield stored.document


def _terms(
    unit: Unit, definition: ProcessDefinition, document: Document, context: Context
) -> Iterator[tuple[Running, Origin]]:
    """Yield the running terms of a document with their origins; without one its journal is not read."""
    found = list(running(definition, document, context))
    if not found:
        return
    origins = Origins(list(journal.history(unit, document.uuid)))
    for one in found:
        yield one, origins.of(one.part, one.id)


def _affected(
    definition: ProcessDefinition, document: Document, term: Running, origin: Origin, made: Shift,
    context: Context,
) -> Affected:
    return Affected(
        uuid=document.uuid, number=document.number.text if document.number is not None else "без номера",
        title=document.text(definition.title_field), part=term.part, what=term.what, target=term.id,
        people=tuple(context.directory.get(one).name for one in term.people), before=made.before,
        after=made.after, why=made.why, calendar=origin.calendar, moves=made.moves,
    )
