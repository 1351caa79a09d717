"""Events of the steps beside the assignment tree: approval, signing, dispatch, reading, points, meetings.

The same promise as in `core.events`: fields are only ever added, with a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from b24flow.core.document import CardValue
from b24flow.core.events import Event
from b24flow.core.parts import Attached, Point, Recipient, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Event):
    """The document came to a step of its route; an empty `step` leaves the word to the tree."""

    step: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFilled(Event):
    """A draft's card was written; it is not a correction, nothing was registered yet."""

    card: Mapping[str, CardValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsWritten(Event):
    """The points of a draft, all of them, in order; `calendar`: what the working days were then."""

    points: tuple[Point, ...]
    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(Event):
    """A place in a new round: the chosen stop under its own id."""

    id: str
    stop: Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundOpened(Event):
    """A round of approval began; whoever is not in it keeps the visa of an earlier round.

    `named`: a person chose the term; without a `calendar` it is the term of the round before.
    """

    visas: tuple[Planned, ...]
    term: date | None = None
    note: str = ""
    calendar: str = ""
    named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Event):
    """One approver's turn; `user` is None while his role is vacant, `skipped`: he approved already."""

    id: str
    user: int | None
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisasAsked(Event):
    """The next group's turn came; roles became people."""

    visas: tuple[Asked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaGiven(Event):
    """An approver decided on an edition of the draft; `state`: approved, remarks, objected."""

    id: str
    state: str
    sha256: str
    remark: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaPassed(Event):
    """An approver's place went to somebody else."""

    id: str
    to: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproverAdded(Event):
    """Somebody was put into the open round."""

    visa: Planned
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproverRemoved(Event):
    """A place was taken out of the open round before its visa was given."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundClosed(Event):
    """A round ended; `outcome`: approved, objected, withdrawn, replaced."""

    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed(Event):
    """The signer signed an edition; `method`: simple, paper.

    `by` is set when somebody else recorded it: who signed on paper.
    """

    sha256: str
    method: str = "simple"
    by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerChanged(Event):
    """Somebody else signs."""

    to: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee(Event):
    """One addressee of a planned dispatch."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchPlanned(Event):
    """To whom the document goes."""

    addressees: tuple[Addressee, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched(Event):
    """The document went to some addressees."""

    ids: tuple[str, ...]
    method: str
    sent_on: date
    tracking: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(Event):
    """The document did not reach an addressee; it is to be sent again."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReceived(Event):
    """An addressee answered; `document` is the incoming document, if it is registered here."""

    id: str
    text: str
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Event):
    """One person's line in the acknowledgement sheet."""

    id: str
    user: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadersAsked(Event):
    """People were asked to acquaint themselves with the document."""

    readers: tuple[Reading, ...]
    term: date | None = None
    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingDone(Event):
    """A line of the sheet is closed; `state`: read, refused (by an act), excused (dismissed)."""

    id: str
    state: str
    sha256: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMade(Event):
    """Information or work was asked for beside the route; `kind`: information, task.

    `asked_by` is kept when a request goes on to somebody else: the answer is for whoever asked first.
    Without a `calendar` the term is that of the request it follows.
    """

    id: str
    to: int
    text: str
    term: date | None = None
    kind: str = "information"
    asked_by: int | None = None
    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswered(Event):
    """The information came, the work is done."""

    id: str
    answer: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPassed(Event):
    """The same request goes on with another person; what the portal has for it stays."""

    id: str
    to: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWithdrawn(Event):
    """What was asked for is not needed any more."""

    id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointControlled(Event):
    """A point was put on control as an assignment."""

    point: str
    assignment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointReleased(Event):
    """A point was released from control; its assignment is closed."""

    point: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermMoved(Event):
    """A term beside the tree changed; `part`: round (`id` is its number), reader, request."""

    part: str
    id: str
    before: date | None
    after: date
    reason: str
    note: str = ""
    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaSet(Event):
    """The question stands on the agenda of a meeting, or before the members by letters (`poll`)."""

    body: str
    session: str
    item: str
    day: date
    poll: bool = False
    until: date | None = None
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Voted(Event):
    """A member voted by letter; `choice`: for, against, abstained."""

    user: int
    choice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingDecided(Event):
    """The body decided, or could not: `outcome` is a word of the process (accepted, no_quorum …)."""

    outcome: str
    elected: int
    present: int
    votes_for: int
    votes_against: int
    abstained: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Event):
    """A draft of another process was opened on the basis of this document."""

    document: str
    process: str
    card: Mapping[str, CardValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed(Event):
    """Somebody wants to be told of every change, or does not any more."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded(Event):
    """A later document changed or repealed this one; `kind`: amended, repealed."""

    kind: str
    document: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionChanged(Event):
    """The document goes on by another version of its process; `step` None: it stands where it stood.

    `fields` are the card's fields that the new version calls otherwise: old code → new code.
    """

    digest: str
    step: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWritten(Event):
    """A letter is to go out by e-mail."""

    id: str
    to: tuple[str, ...]
    subject: str
    text: str
    files: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterAnswered(Event):
    """What the mail server said of a letter, recipient by recipient; the system's word."""

    id: str
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterConfirmed(Event):
    """A person takes a letter in doubt for sent."""

    id: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRepeated(Event):
    """A letter goes once more to whoever has not surely got it."""

    id: str
    comment: str = ""


STEP_EVENTS: tuple[type[Event], ...] = (
    Moved, CardFilled, PointsWritten, RoundOpened, VisasAsked, VisaGiven, VisaPassed,
    ApproverAdded, ApproverRemoved, RoundClosed, Signed, SignerChanged, DispatchPlanned, Dispatched,
    DeliveryFailed, AnswerReceived, ReadersAsked, ReadingDone, RequestMade, RequestAnswered,
    RequestPassed, RequestWithdrawn, PointControlled, PointReleased, AgendaSet, Voted, MeetingDecided,
    Started, Followed, Superseded, DefinitionChanged, TermMoved,
    LetterWritten, LetterAnswered, LetterConfirmed, LetterRepeated,
)
