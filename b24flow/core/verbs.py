"""What every verb needs: one decided case and the ids that follow from its command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from b24flow.core.commands import Command, Context, FormValue
from b24flow.core.definition import Action, FieldType, ProcessDefinition
from b24flow.core.document import Assignment, CardValue, Document, FileRef
from b24flow.core.events import Event, FilesAdded
from b24flow.ids import derived_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An authorised command with checked values; `node` is its assignment, if it has one."""

    definition: ProcessDefinition
    document: Document
    action: Action
    node: Assignment | None
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
        assert self.node is not None, f"{self.action.code} needs an assignment"
        return self.node

    def id(self, *parts: object) -> str:
        """Return an id that a repeat of the same command gives again."""
        return derived_id(self.command.id, *parts)

    def files(self, code: str = "files") -> tuple[FileRef, ...]:
        """Return the files that came in one field of the form."""
        value = self.values.get(code)
        if not isinstance(value, tuple):
            return ()
        return tuple(one for one in value if isinstance(one, FileRef))

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
