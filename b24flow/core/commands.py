"""What is asked of a document, and everything that deciding about it may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from b24flow.core.calendar import Calendar
from b24flow.core.document import FileRef, Number
from b24flow.core.parts import Point, Stop
from b24flow.core.people import Directory

FormValue = (
    str | int | bool | date | tuple[int, ...] | tuple[FileRef, ...] | tuple[Stop, ...]
    | tuple[Point, ...] | tuple[str, ...] | None
)
"""A checked form value."""

SYSTEM = 0
"""The actor of what no person did: closing by a sent reply, replacing a dismissed decider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One request: who wants which action on which assignment, with the raw form as it came.

    A repeat with the same `id` has no second effect. `form` values are strings or lists of strings,
    files are content-store references.
    """

    id: str
    action: str
    actor: int
    target: str | None = None
    form: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    files: tuple[FileRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another document that a command names: found by the use case before the decision.

    `process` is the code of its process. `in_force`: it can be changed or repealed. `awaits_answer`: whoever
    commands may answer it now by a document of his process; `basis` is how the answer refers to it
    («на № … от …»).
    """

    uuid: str
    text: str
    process: str = ""
    process_label: str = ""
    in_force: bool = False
    awaits_answer: bool = False
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """A document made from a template before the decision: its content is stored already.

    `version` is the sha256 of the template's file, `data` what it was filled with.
    """

    template: str
    version: str
    name: str
    sha256: str
    size: int
    mime: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The world at the moment of a decision: time, calendar, people, and what the command needs besides.

    `number` for an action that registers, `related` for one that names another document, `rendition` for
    one that fills a template. `mail`: letters can be sent from here.
    """

    now: datetime
    zone: ZoneInfo
    calendar: Calendar
    directory: Directory
    number: Number | None = None
    related: Related | None = None
    rendition: Rendition | None = None
    mail: bool = False

    @property
    def today(self) -> date:
        """The day in the portal's time zone."""
        return self.now.astimezone(self.zone).date()
