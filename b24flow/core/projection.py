"""The words of the projection: what is known of a portal object, what is to be sent, how it ended.

A write has three ends — done, surely not done, unknown — and the type says which (architecture §5). What a
step carries on the wire is opaque here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from b24flow.core.picture import Card, Picture


class Ending(StrEnum):
    """How a step or a look-up ended; RECHECK: refused because the wanted state may be there already."""

    DONE = "done"
    ABSENT = "absent"
    GONE = "gone"
    UNAVAILABLE = "unavailable"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    RECHECK = "recheck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What we know of one portal object: `settled` is False after an intent without an answer."""

    key: str
    kind: str
    portal_id: str | None
    settled: bool
    lost: bool
    fields: Mapping[str, Any]
    intent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One object to be written; `wanted` is its whole state afterwards, `calls` the wire.

    A file is not called but uploaded: `upload` is the sha256 of its content, `folder` where to.
    """

    key: str
    kind: str
    portal_id: str | None
    wanted: Mapping[str, Any]
    calls: tuple[Any, ...]
    upload: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """One object to be looked for by its key before anything is repeated.

    With `portal_id` it was surely there once: not to be found means that somebody deleted it.
    """

    key: str
    kind: str
    calls: tuple[Any, ...]
    wanted: Mapping[str, Any] = field(default_factory=dict)
    portal_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one document needs now; `more`: a further round follows when these steps are done."""

    steps: tuple[Step, ...] = ()
    lookups: tuple[LookUp, ...] = ()
    more: bool = False
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a step or look-up ended, with the object's id and state as the portal told them."""

    ending: Ending
    portal_id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    duplicates: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenItem:
    """A registry item that changed: our key and its present state."""

    process: str
    xml_id: str
    portal_id: str
    fields: Mapping[str, Any]
    stamp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTask:
    """A task that changed: our key, its present state and who closed it."""

    xml_id: str
    portal_id: str
    fields: Mapping[str, Any]
    closed_by: int
    stamp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHistory:
    """Who changed what in a task last, and its results."""

    deadline_by: int | None
    responsible_by: int | None
    results: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Everything one poll brought; `since` and `offset` are where the next one begins.

    `now` is the portal's time when it answered, ISO with an offset, whole seconds.
    """

    items: Sequence[SeenItem]
    tasks: Sequence[SeenTask]
    bot_events: Sequence[Mapping[str, Any]]
    since: str | None
    offset: int | None
    now: str = ""


class Portal(Protocol):
    """The portal as use cases see it. Every method that speaks to it is one HTTP request or a few."""

    def plan(self, picture: Picture, known: Mapping[str, Known]) -> Plan:
        """Compare what should be with what is known; pure."""
        ...

    def message(self, key: str, card: Card) -> Step:
        """Return the step that sends a one-shot message; a repeat sends nothing more."""
        ...

    def comment(self, key: str, item_id: str, process: str, text: str) -> tuple[Step, LookUp]:
        """Return the step that adds a timeline comment, and how to find it again."""
        ...

    def send(self, steps: Sequence[Step], contents: Mapping[str, bytes]) -> list[Outcome]:
        """Send steps in order: uploads one by one, the rest in batches."""
        ...

    def look_up(self, lookups: Sequence[LookUp]) -> list[Outcome]:
        """Look objects up by their keys in one batch."""
        ...

    def poll(self, since: str | None, offset: int | None) -> Seen:
        """Read what changed since the last poll: one HTTP request when nothing did."""
        ...

    def histories(self, tasks: Sequence[str]) -> Mapping[str, TaskHistory]:
        """Read who changed the given tasks and what results they have; unreadable ones are absent."""
        ...
