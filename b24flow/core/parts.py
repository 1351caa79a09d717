"""What a document gains on its way besides the assignment tree: visas, signature, deliveries, readers …

Plain immutable rows; which of them is active is asked in `core.steps`, `core.evolve_steps` changes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class VisaState(StrEnum):
    """State of one place in an approval round; `skipped` says that the person had approved already."""

    WAITING = "waiting"
    ASKED = "asked"
    APPROVED = "approved"
    REMARKS = "remarks"
    OBJECTED = "objected"
    SKIPPED = "skipped"
    DROPPED = "dropped"


GIVEN_VISAS = frozenset({VisaState.APPROVED, VisaState.REMARKS, VisaState.OBJECTED})
OPEN_VISAS = frozenset({VisaState.WAITING, VisaState.ASKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A place in a route as the initiator chose it: a person, or a role resolved when its turn comes.

    Stops of one `group` are asked together, groups one after another. A `mandatory` stop comes from the
    process and cannot be taken out.
    """

    group: int
    user: int | None = None
    role: str = ""
    mandatory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visa:
    """One approver's place in a round; `sha256` is the edition of the draft that he decided on."""

    id: str
    group: int
    user: int | None
    role: str = ""
    mandatory: bool = False
    state: VisaState = VisaState.WAITING
    asked_at: datetime | None = None
    at: datetime | None = None
    by: int | None = None
    acting_for: int | None = None
    remark: str = ""
    sha256: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of approval; `outcome` is empty while it is open, then approved, objected, withdrawn
    or replaced (by a round about another edition)."""

    number: int
    visas: tuple[Visa, ...]
    opened_at: datetime
    opened_by: int
    term: date | None = None
    note: str = ""
    outcome: str = ""
    closed_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Tell whether visas are still being given."""
        return self.closed_at is None

    def in_state(self, *states: VisaState) -> tuple[Visa, ...]:
        """Return the visas in any of these states, in the order of the route."""
        return tuple(one for one in self.visas if one.state in states)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A simple electronic signature (63-ФЗ, ПЭП): who, when, and the edition that was signed.

    `method`: `simple` in the system, `paper` for a document signed by hand and scanned; `recorded_by` is
    who entered a paper signature instead of the signer, `at` when he did.
    """

    by: int
    acting_for: int | None
    at: datetime
    sha256: str
    method: str = "simple"
    recorded_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One addressee of an outgoing document; `state`: waiting, sent, failed, answered."""

    id: str
    addressee: str
    state: str = "waiting"
    method: str = ""
    sent_on: date | None = None
    tracking: str = ""
    note: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One line of the acknowledgement sheet; `state`: asked, read, refused, excused."""

    id: str
    user: int
    asked_by: int
    asked_at: datetime
    term: date | None = None
    state: str = "asked"
    at: datetime | None = None
    by: int | None = None
    acting_for: int | None = None
    reason: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something asked of a person beside the route; `state`: open, answered, withdrawn.

    `kind`: `information` (an answer is wanted) or `task` (work is; it has a task in the portal).
    """

    id: str
    kind: str = "information"
    to: int
    text: str
    asked_by: int
    asked_at: datetime
    term: date | None = None
    state: str = "open"
    answer: str = ""
    files: tuple[str, ...] = ()
    at: datetime | None = None
    by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file edition that went with a letter."""

    id: str
    name: str
    sha256: str
    size: int
    mime: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One address of a letter; `state`: waiting, accepted (by the mail server), refused, doubt."""

    address: str
    state: str = "waiting"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An e-mail written beside the route; `sending` counts how often a person asked for it to go out.

    Its id gives its Message-ID: the same letter sent again is the same letter to a mail program.
    """

    id: str
    by: int
    acting_for: int | None
    at: datetime
    recipients: tuple[Recipient, ...]
    subject: str
    text: str
    files: tuple[Attached, ...] = ()
    sending: int = 1
    settled_at: datetime | None = None

    def to(self, *states: str) -> tuple[Recipient, ...]:
        """Return the recipients in any of these states."""
        return tuple(one for one in self.recipients if one.state in states)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point of a decree or a directive; on control it has an assignment of its own."""

    id: str
    text: str
    executor: int | None = None
    term: date | None = None
    assignment: str = ""
    released_at: datetime | None = None
    released_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """A member's vote in an absentee poll; `choice`: for, against, abstained, empty before he voted."""

    user: int
    choice: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A question before a collegial body; `outcome` is empty until it was decided.

    `poll` says that it is decided by letters of members (`ballots`), not at a table.
    """

    body: str
    session: str
    item: str
    day: date
    poll: bool = False
    until: date | None = None
    ballots: tuple[Ballot, ...] = ()
    elected: int = 0
    present: int = 0
    votes_for: int = 0
    votes_against: int = 0
    abstained: int = 0
    outcome: str = ""
    note: str = ""
