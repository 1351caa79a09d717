"""What every verb needs: one decided case and the ids that follow from its command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from b24flow.core.commands import Command, Context, FormValue
from b24flow.core.definition import Action, FieldType, ProcessDefinition
from b24flow.core.document import Assignment, CardValue, Document, FileRef
from b24flow.core.events import Event, FilesAdded
from b24flow.core.events_steps import CardFilled, PointsWritten
from b24flow.core.forms import points_of
from b24flow.core.relations import Target
from b24flow.core.steps import DRAFT_PART
from b24flow.ids import derived_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An authorised command with checked values; `node` is what it is about, None: the document."""

    definition: ProcessDefinition
    document: Document
    action: Action
    node: Target | None
    values: Mapping[str, FormValue]
    command: Command
    context: Context
    acting_for: int | None

    @property
    def principal(self) -> int:
        """In whose right the actor acts: himself, or the one he substitutes."""
        return self.acting_for or self.command.actor

    @property
    def branch(self) -> Assignment:
        """The assignment of an action that always has one."""
        assert isinstance(self.node, Assignment), f"{self.action.code} needs an assignment"
        return self.node

    def id(self, *parts: object) -> str:
        """Return an id that a repeat of the same command gives again."""
        return derived_id(self.command.id, *parts)

    def files(self, code: str = "files") -> tuple[FileRef, ...]:
        """Return the files that came in one field of the form."""
        value = self.values.get(code)
        if not isinstance(value, tuple):
            return ()
        files = tuple(one for one in value if isinstance(one, FileRef))
        if code != DRAFT_PART:
            return files
        before = sum(1 for one in self.document.files if one.part == DRAFT_PART)
        return tuple(replace(one, edition=before + number) for number, one in enumerate(files, 1))

    def files_added(self, code: str = "files") -> tuple[Event, ...]:
        """Return the event for the files of one field, if there are any."""
        files = self.files(code)
        return (FilesAdded(files=files),) if files else ()


def card_of(case: Case, codes: tuple[str, ...]) -> dict[str, CardValue]:
    """Return the card values among a form's values, in the form in which a card keeps them."""
    card: dict[str, CardValue] = {}
    for code in codes:
        value = case.values.get(code)
        if value is None or case.definition.fields[code].type is FieldType.FILES:
            continue
        if isinstance(value, date):
            card[code] = value.isoformat()
        elif isinstance(value, tuple):
            card[code] = tuple(one for one in value if isinstance(one, int))
        else:
            card[code] = value
    return card


def stored(case: Case) -> tuple[Event, ...]:
    """Return the events that keep a form: card fields, points, files; what is as before is left out."""
    events: list[Event] = []
    for asked in case.action.form:
        events += case.files_added(asked.field.code)
    codes = tuple(code for code in case.definition.card if code in case.values)
    card = {
        code: value for code, value in card_of(case, codes).items()
        if value != case.document.card.get(code)
    }
    for code in codes:
        emptied = code in case.command.form and case.values.get(code) is None
        if emptied and case.document.card.get(code) is not None:
            card[code] = None
    if card:
        events.append(CardFilled(card=card))
    return (*events, *points_written(case))


def points_written(case: Case) -> tuple[Event, ...]:
    """Return the event for the points of a form that differ from the document's; sent empty, all go."""
    points = points_of(case.values, "points")
    if points == case.document.points or not (points or "points" in case.command.form):
        return ()
    return (PointsWritten(points=points, calendar=case.context.calendar.version),)
