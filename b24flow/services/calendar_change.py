"""A changed working calendar: every calendar is remembered, affected terms are proposed, then moved (E27).

Each stored term names the calendar it was set by (in the journal), so what was chosen knowing that a day was
off is told from what became a day off later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from b24flow.core.calendar import Calendar
from b24flow.core.commands import SYSTEM, Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.events import Event
from b24flow.core.recalendar import Shift, shift
from b24flow.ids import derived_id
from b24flow.services.act import apply_events
from b24flow.services.office import Office
from b24flow.store import cursors, documents, journal, queries
from b24flow.store.engine import Unit, retrying
from b24flow.store.journal import HistoryLine

LABEL = "Изменён срок: изменение календаря"
_PAGE = 500
_KEY = "calendar:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """One term that a changed calendar touches; `moves` False: it stays, `why` says why."""

    uuid: str
    number: str
    title: str
    assignment: str
    executor: str
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
        for stored in _running(unit):
            definition = office.definition_of(stored)
            lines = journal.history(unit, stored.uuid)
            found += [
                _affected(definition, stored, node, version, made, context)
                for node, version, made in _shifts(definition, stored, list(lines), calendars, context)
            ]
    return tuple(found)


def apply(office: Office) -> tuple[Affected, ...]:
    """Move every term that is proposed to move; return those that moved. A repeat moves nothing more."""
    return tuple(one for one in propose(office) if one.moves and _move(office, one))


def _move(office: Office, wanted: Affected) -> bool:
    with office.database.reading() as unit:
        version = _version_of(list(journal.history(unit, wanted.uuid)), wanted.assignment)
        old = _Calendars(unit).get(version)

    def produce(definition: ProcessDefinition, document: Document, context: Context) -> tuple[Event, ...]:
        node = next((one for one in document.live() if one.id == wanted.assignment), None)
        made = shift(definition, document, node, old, context) if node is not None else None
        if made is None or not made.moves:
            return ()
        return (made.event(wanted.assignment, context.calendar),)

    command = derived_id("calendar", office.install, wanted.uuid, wanted.assignment, office.calendar.version)
    done = apply_events(office, wanted.uuid, command, LABEL, SYSTEM, produce)
    return done is not None and not done.repeated


class _Calendars:
    """The calendars that were ever in force here."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._known: dict[str, Calendar | None] = {}

    def get(self, version: str) -> Calendar | None:
        """Return a calendar by version, None for one that was not remembered."""
        if version not in self._known:
            kept = cursors.get(self._unit, _KEY + version)
            self._known[version] = None if kept is None else Calendar(
                version=version, names={}, days_off=frozenset(map(date.fromisoformat, kept["days_off"])),
                working=frozenset(map(date.fromisoformat, kept["working"])),
                years=frozenset(kept["years"]), provisional=frozenset(kept["provisional"]),
            )
        return self._known[version]


def _running(unit: Unit) -> Iterator[Document]:
    last = 0
    while rows := queries.after(unit, last, _PAGE):
        last = rows[-1].id
        for row in rows:
            stored = documents.load(unit, row.uuid, lock=False) if row.closed_at is None else None
            if stored is not None and stored.document.live():
                yield stored.document


def _shifts(
    definition: ProcessDefinition, document: Document, lines: list[HistoryLine], calendars: _Calendars,
    context: Context,
) -> Iterator[tuple[str, str, Shift]]:
    for node in document.live():
        version = _version_of(lines, node.id)
        if version == context.calendar.version:
            continue
        made = shift(definition, document, node, calendars.get(version), context)
        if made is not None:
            yield node.id, version, made


def _version_of(lines: list[HistoryLine], assignment: str) -> str:
    """Return the version of the calendar that an assignment's present term was set by."""
    found: dict[int, str] = {}
    for line in lines:
        said = str(line.payload.get("calendar") or "")
        mine = line.type == "TermChanged" and line.payload["assignment"] == assignment
        if line.type == "Assigned":
            mine = any(one["id"] == assignment for one in line.payload["assignees"])
        if said and mine:
            found[line.seq] = said
    return found[max(found)] if found else ""


def _affected(
    definition: ProcessDefinition, document: Document, assignment: str, version: str, made: Shift,
    context: Context,
) -> Affected:
    node = document.find(assignment)
    assert node is not None, "the assignment is of this document"
    return Affected(
        uuid=document.uuid, number=document.number.text if document.number is not None else "без номера",
        title=document.text(definition.title_field), assignment=assignment,
        executor=context.directory.get(node.executor).name, before=made.before, after=made.after,
        why=made.why, calendar=version, moves=made.moves,
    )
