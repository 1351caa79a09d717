"""A changed calendar and the terms that were set under the old one: what to propose, and what must stay.

Nothing moves by itself (domain §4.2): an administrator looks at the proposal and accepts it. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from b24flow.core.calendar import Calendar, compute_term
from b24flow.core.commands import Context
from b24flow.core.definition import Kind, ProcessDefinition
from b24flow.core.document import Assignment, Document
from b24flow.core.events import TermChanged
from b24flow.core.russian import date_short

REASON = "изменение календаря"


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

    def event(self, assignment: str, calendar: Calendar) -> TermChanged:
        """Return the event that accepts the proposal."""
        return TermChanged(assignment=assignment, before=self.before, after=self.after, reason=REASON,
                           kind="calendar", note=self.why, calendar=calendar.version)


def shift(
    definition: ProcessDefinition, document: Document, node: Assignment, old: Calendar | None,
    context: Context,
) -> Shift | None:
    """Return what the present calendar means for the term of a live assignment, None when nothing.

    `old` is the calendar the term was set by, None when it is not known any more.
    """
    before, new = node.current_term, context.calendar
    if before is None or (old is not None and old.version == new.version):
        return None
    kind = definition.kind(document.text("kind"))
    limit = _by_rule(document, kind, context)
    if limit is not None and _counted(document, node):
        after, why = limit
        return Shift(before=before, after=after, why=why) if after != before else None
    if new.is_working(before) or (old is not None and not old.is_working(before)):
        return None
    return _named(node, kind, before, limit[0] if limit else None, context)


def _counted(document: Document, node: Assignment) -> bool:
    """Tell whether a term was counted by the rule of the kind, and not named by a person."""
    return not node.changes and not document.term_fixed and node.parent is None and node.term == document.term


def _by_rule(document: Document, kind: Kind | None, context: Context) -> tuple[date, str] | None:
    if kind is None or kind.term is None or document.registered_at is None:
        return None
    start = document.registered_at.astimezone(context.zone).date()
    term = compute_term(kind.term, start, context.calendar)
    return term.day, term.explanation


def _named(
    node: Assignment, kind: Kind | None, before: date, limit: date | None, context: Context
) -> Shift:
    """A term that a person named and that has become a day off: the next working day, within the law."""
    new = context.calendar
    off = f"{date_short(before)} — нерабочий день ({new.day_off_reason(before)})"
    if kind is not None and kind.typed_term and node.parent is None:
        why = f"{off}; срок назван в самом документе, не переносится"
        return Shift(before=before, after=before, why=why)
    earlier = kind is not None and kind.term is not None and kind.term.end_on_dayoff == "previous"
    after = new.next_working(before)
    if limit is not None and before <= limit < after:
        earlier, off = True, f"{off}; предельный срок по виду документа — {date_short(limit)}"
    if earlier:
        after = new.previous_working(before)
    if after < context.today:
        return Shift(before=before, after=before, why=f"{off}; рабочий день перед ним уже прошёл")
    return Shift(before=before, after=after, why=f"{off} → {date_short(after)}")
