"""A changed calendar and the terms that were set under the old one: what to propose, and what must stay.

Nothing moves by itself (domain §4.2): an administrator looks at the proposal and accepts it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from b24flow.core.calendar import Calendar, compute_term
from b24flow.core.commands import Context
from b24flow.core.definition import Kind, ProcessDefinition
from b24flow.core.document import Assignment, Document
from b24flow.core.events import Event, TermChanged
from b24flow.core.events_steps import TermMoved
from b24flow.core.relations import people_for
from b24flow.core.russian import date_short
from b24flow.core.steps import asked_readers, open_points, open_requests, open_round

REASON = "изменение календаря"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A term that somebody has now; `part`: assignment, round, reader, request, point; `what` in words."""

    part: str
    id: str
    day: date
    what: str
    people: tuple[int, ...]
    node: Assignment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How a term was set: by which calendar (None: not known any more), counted by a rule since when."""

    calendar: Calendar | None = None
    counted_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What a changed calendar means for one term; `after` equal to `before`: it stays, `why` says so."""

    before: date
    after: date
    why: str

    @property
    def moves(self) -> bool:
        """Tell whether the term is proposed to move."""
        return self.after != self.before

    def event(self, term: Running, calendar: Calendar) -> Event:
        """Return the event that accepts the proposal."""
        if term.part == "assignment":
            return TermChanged(assignment=term.id, before=self.before, after=self.after, reason=REASON,
                               kind="calendar", note=self.why, calendar=calendar.version)
        return TermMoved(part=term.part, id=term.id, before=self.before, after=self.after, reason=REASON,
                         note=self.why, calendar=calendar.version)


def running(
    definition: ProcessDefinition, document: Document, context: Context
) -> Iterator[Running]:
    """Yield every term of an open document that somebody has to keep."""
    for node in document.live():
        if node.current_term is not None:
            yield Running(part="assignment", id=node.id, day=node.current_term, what="исполнение",
                          people=(node.executor,), node=node)
    current = open_round(document)
    if current is not None and current.term is not None:
        yield Running(part="round", id=str(current.number), day=current.term, what="согласование",
                      people=people_for(definition, "approver", document, None, context))
    for reader in asked_readers(document):
        if reader.term is not None:
            yield Running(part="reader", id=reader.id, day=reader.term, what="ознакомление",
                          people=(reader.user,))
    for one in open_requests(document):
        if one.term is not None:
            what = "задача" if one.kind == "task" else "ответ на запрос"
            yield Running(part="request", id=one.id, day=one.term, what=what, people=(one.to,))
    for point in open_points(document):
        if point.term is not None and not point.assignment:
            people = [point.executor] if point.executor is not None else []
            yield Running(part="point", id=point.id, day=point.term, what=f"пункт {point.id}",
                          people=tuple(people))


def shift(
    definition: ProcessDefinition, document: Document, term: Running, source: Source, context: Context
) -> Shift | None:
    """Return what the present calendar means for a running term, None when nothing."""
    before, old, new = term.day, source.calendar, context.calendar
    if old is not None and old.version == new.version:
        return None
    kind = definition.kind(document.text("kind"))
    limit = _by_rule(document, kind, context)
    if term.node is not None and limit is not None and _counted(document, term.node):
        after, why = limit
        return Shift(before=before, after=after, why=why) if after != before else None
    ceiling = limit[0] if limit is not None else None
    if kind is not None and kind.typed_term:
        ceiling = document.term
    recounted = _recounted(definition, term, source, context)
    if recounted is not None and not (ceiling is not None and before <= ceiling < recounted.after):
        return recounted if recounted.why else None
    if new.is_working(before) or (old is not None and not old.is_working(before)):
        return None
    return _named(term, kind, ceiling, context)


def _counted(document: Document, node: Assignment) -> bool:
    """Tell whether a term was counted by the rule of the kind, and not named by a person."""
    return not node.changes and not document.term_fixed and node.parent is None and node.term == document.term


def _by_rule(document: Document, kind: Kind | None, context: Context) -> tuple[date, str] | None:
    if kind is None or kind.term is None or document.registered_at is None:
        return None
    start = document.registered_at.astimezone(context.zone).date()
    term = compute_term(kind.term, start, context.calendar)
    return term.day, term.explanation


def _recounted(
    definition: ProcessDefinition, term: Running, source: Source, context: Context
) -> Shift | None:
    """A round's term that the process counted, counted again, never into the past; no `why`: the same."""
    rule = definition.approval.term
    if term.part != "round" or source.counted_since is None or rule is None:
        return None
    start = source.counted_since.astimezone(context.zone).date()
    counted = compute_term(rule, start, context.calendar)
    if counted.day == term.day:
        return Shift(before=term.day, after=term.day, why="")
    if counted.day < min(context.today, term.day):
        return Shift(before=term.day, after=term.day, why=f"{counted.explanation}; этот день уже прошёл")
    return Shift(before=term.day, after=counted.day, why=counted.explanation)


def _named(term: Running, kind: Kind | None, ceiling: date | None, context: Context) -> Shift:
    """A term that a person named and that has become a day off: the next working day, within the law."""
    before, new = term.day, context.calendar
    off = f"{date_short(before)} — нерабочий день ({new.day_off_reason(before)})"
    if term.part == "point":
        why = f"{off}; срок записан в тексте документа: поправьте его там, пока он не подписан"
        return Shift(before=before, after=before, why=why)
    if kind is not None and kind.typed_term and term.node is not None and term.node.parent is None:
        why = f"{off}; срок назван в самом документе, не переносится"
        return Shift(before=before, after=before, why=why)
    earlier = kind is not None and kind.term is not None and kind.term.end_on_dayoff == "previous"
    after = new.next_working(before)
    if ceiling is not None and before <= ceiling < after:
        earlier, off = True, f"{off}; предельный срок документа — {date_short(ceiling)}"
    if earlier:
        after = new.previous_working(before)
    if after < context.today:
        return Shift(before=before, after=before, why=f"{off}; рабочий день перед ним уже прошёл")
    return Shift(before=before, after=after, why=f"{off} → {date_short(after)}")
