"""What can happen to a document: registration, the assignment tree, control, closing.

The other half of the journal's words is in `core.events_steps`; `core.vocabulary` has them all.

An event is written once and read for ever, so fields are only ever added, with a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from b24flow.core.document import CardValue, FileRef, Number, Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events; when, by whom and for whom stand in the journal record around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentOpened(Event):
    """A draft was begun; the definition's digest is pinned from here on."""

    uuid: str
    process: str
    digest: str
    card: Mapping[str, CardValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered(Event):
    """The document received its number and its card."""

    number: Number
    card: Mapping[str, CardValue]
    term: date | None = None
    term_note: str = ""
    term_fixed: bool = False
    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCorrected(Event):
    """Fields of the card were corrected; old values stay in the journal."""

    before: Mapping[str, CardValue]
    after: Mapping[str, CardValue]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesAdded(Event):
    """File editions were added; `data` are the values a template was filled with, plain JSON.

    `reason` says why a text was replaced.
    """

    files: tuple[FileRef, ...]
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(Event):
    """A link to another document was made."""

    kind: str
    document: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupersessionAnnulled(Event):
    """The document that changed or repealed this one was annulled: it never did."""

    document: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepealerChanged(Event):
    """What repealed this document was itself repealed, or is in force again; this one stays repealed."""

    document: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignee:
    """One executor inside a resolution; `working`: he chose himself or took over a running task."""

    id: str
    executor: int
    part: Part
    working: bool
    setter: int
    task: str = ""
    term: date | None = None
    term_note: str = ""
    current_term: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(Event):
    """A resolution was issued below `parent` (None: by the clerk at registration)."""

    parent: str | None
    author: int
    text: str
    assignees: tuple[Assignee, ...]
    calendar: str = ""
    sets_document_term: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Event):
    """A branch ended by acknowledgement."""

    assignment: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchReturned(Event):
    """A branch was given back to its author (or to the clerk, when he was the author)."""

    assignment: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resent(Event):
    """The clerk dealt with a returned document and sent it on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegated(Event):
    """An assignment went to somebody else; the successor is in the following `Assigned`."""

    assignment: str
    to: int
    reason: str
    replaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled(Event):
    """An assignment and everything below it was recalled; `reopens` is the author's branch, if any."""

    assignments: tuple[str, ...]
    reason: str
    reopens: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRequested(Event):
    """More time was asked for; `why` says how the decider was found."""

    assignment: str
    desired: date
    reason: str
    decider: int
    why: str
    late: bool = False
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRedirected(Event):
    """A request went to another decider: up on purpose, or because the decider left."""

    assignment: str
    decider: int
    why: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRefused(Event):
    """A request was refused; the term stays."""

    assignment: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionWithdrawn(Event):
    """A request lost its object: the executor finished, was replaced or recalled."""

    assignment: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TermChanged(Event):
    """An assignment's term changed; the original stays. `kind`: extension, portal, calendar."""

    assignment: str
    before: date | None
    after: date
    reason: str
    kind: str
    note: str = ""
    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskClosed(Event):
    """The portal task of an assignment was closed by a person in the portal."""

    assignment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReceived(Event):
    """A result was added to the portal task; the text is copied here for good."""

    assignment: str
    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Event):
    """An executor reported that the assignment is done."""

    assignment: str
    summary: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyStarted(Event):
    """An outgoing document was opened as the answer."""

    document: str
    card: Mapping[str, CardValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySettled(Event):
    """The outgoing answer was sent or annulled."""

    state: str
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSet(Event):
    """The document was put on control."""

    controller: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAwaited(Event):
    """Execution is over and waits for the controller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlReleased(Event):
    """The controller took the document off control."""

    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReworkOrdered(Event):
    """The controller sent the leading assignment back to work."""

    assignment: str
    reason: str
    task: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OthersReleased(Event):
    """The lead finished and freed the co-executors who had not reported."""

    assignments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnulmentAsked(Event):
    """The clerk asked to annul the registration."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnulmentDenied(Event):
    """The head kept the registration."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentClosed(Event):
    """The document ended; every live assignment ended with it."""

    state: str
    reason: str = ""
    dated: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(Event):
    """A closed document was returned to work; the new assignment follows."""

    reason: str


TREE_EVENTS: tuple[type[Event], ...] = (
    DocumentOpened, Registered, CardCorrected, FilesAdded, Linked, Assigned, Acknowledged,
    BranchReturned, Resent, Delegated, Recalled, ExtensionRequested, ExtensionRedirected,
    ExtensionRefused, ExtensionWithdrawn, TermChanged, TaskClosed, ResultReceived, Reported,
    ReplyStarted, ReplySettled, ControlSet, ControlAwaited, ControlReleased, ReworkOrdered,
    OthersReleased, AnnulmentAsked, AnnulmentDenied, DocumentClosed, Reopened, SupersessionAnnulled,
    RepealerChanged,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of the journal, as `evolve` needs it."""

    event: Event
    actor: int
    acting_for: int | None
    label: str
    at: datetime


def event_name(event: Event) -> str:
    """Return the name under which an event stands in the journal."""
    return type(event).__name__
