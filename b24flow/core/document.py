"""The document: an aggregate of its card, number, assignment tree, terms, control, files and links.

What else it gains on its way (visas, deliveries, readers …) is in `core.parts`. All of it is immutable;
`core.evolve` is the only place that makes a changed copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from b24flow.core.parts import Delivery, Letter, Meeting, Point, Reader, Request, Round, Signature

CardValue = str | int | bool | tuple[int, ...] | None
"""What a card field may hold; dates are ISO strings, people are portal user ids."""


class BranchState(StrEnum):
    """State of one assignment (domain §3.4)."""

    GIVEN = "given"
    WORK = "work"
    EXT = "ext"
    REPORTED = "reported"
    CLOSED = "closed"
    PASSED = "passed"
    ACKED = "acked"
    RECALLED = "recalled"
    RETURNED = "returned"


LIVE = frozenset({BranchState.GIVEN, BranchState.WORK, BranchState.EXT})
WORKING = frozenset({BranchState.WORK, BranchState.EXT})
DONE = frozenset({BranchState.REPORTED, BranchState.CLOSED})


class Part(StrEnum):
    """The part of an executor in a resolution."""

    LEAD = "lead"
    CO = "co"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A registration number: never changed, never reused; `text` is what people read.

    `scope` is the part of the series inside which it was counted: a case file, a department.
    """

    series: str
    period: str
    value: int
    text: str
    dated: date
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRef:
    """An immutable file edition, found in the content store by its sha256.

    `template` and the sha256 of its file are known when the edition was made from one.
    """

    id: str
    name: str
    sha256: str
    size: int
    mime: str
    part: str
    added_by: int
    added_at: datetime
    edition: int = 1
    template: str = ""
    template_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermChange:
    """One change of an assignment's term; `kind`: extension, portal, calendar."""

    at: datetime
    by: int
    acting_for: int | None
    before: date | None
    after: date
    reason: str
    kind: str = "extension"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A pending request for more time; `asked` lists everybody it was put before."""

    desired: date
    reason: str
    requested_at: datetime
    decider: int
    why: str
    late: bool = False
    asked: tuple[int, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an executor reported."""

    summary: str
    at: datetime
    by: int
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The last thing done to an assignment or a document: shown to whoever comes second."""

    label: str
    by: int
    acting_for: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A node of the tree: `author` told `executor` to deal with the document until `term`.

    `setter` is who the branch came from and becomes the setter of the portal task (R30);
    `task` is the key of that task: a re-delegated assignment inherits it. `round` is how many times the
    document had been returned to work when the assignment was issued: earlier rounds are history.
    `worked`: it was in work at some time, so it has a portal task, perhaps a finished one.
    """

    id: str
    parent: str | None
    author: int
    executor: int
    setter: int
    part: Part
    state: BranchState
    text: str = ""
    term: date | None = None
    term_note: str = ""
    current_term: date | None = None
    changes: tuple[TermChange, ...] = ()
    extension: Extension | None = None
    report: Report | None = None
    task: str = ""
    task_closed: bool = False
    results: tuple[str, ...] = ()
    opened_at: datetime
    closed_at: datetime | None = None
    mark: Mark | None = None
    reason: str = ""
    round: int = 0
    worked: bool = False

    @property
    def changed_term(self) -> date | None:
        """The term after changes, None while it is the original one."""
        return self.current_term if self.current_term != self.term else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Whether somebody checks the execution before the document closes."""

    on: bool = False
    controller: int | None = None
    set_by: int | None = None
    awaiting: bool = False
    released_at: datetime | None = None
    released_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The outgoing document that answers this one; `state`: draft, sent, annulled."""

    document: str
    state: str
    at: datetime
    by: int
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A typed link to another document: reply_to, reply, replaces, replaced_by."""

    kind: str
    document: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A thing that waits for a clerk or a head: a returned card, an asked annulment."""

    reason: str
    by: int
    at: datetime
    branch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """How and when the document ended; `state` is the final state's code."""

    state: str
    at: datetime
    by: int
    acting_for: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supersession:
    """A later document that changed or repealed this one; `kind`: amended, repealed.

    A repeal keeps where this document stood (`step`, `closure`), its held branches (id → state) and the
    lines of the sheet that were not read, so that they come back when the repeal falls.
    """

    kind: str
    document: str
    text: str
    step: str = ""
    closure: Closure | None = None
    branches: Mapping[str, str] = field(default_factory=dict)
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One corrected field of the card, old value kept."""

    field: str
    before: CardValue
    after: CardValue
    reason: str
    by: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The aggregate root; `version` counts its journal events.

    `step` is where the document stands on its route; empty while the assignment tree alone says it
    (`core.tree.state_of`). `signer` is who signs instead of the one named on the card.
    """

    uuid: str
    process: str
    digest: str
    opened_by: int
    opened_at: datetime
    version: int = 0
    card: Mapping[str, CardValue] = field(default_factory=dict)
    number: Number | None = None
    registered_at: datetime | None = None
    term: date | None = None
    term_note: str = ""
    term_fixed: bool = False
    assignments: tuple[Assignment, ...] = ()
    control: Control = field(default_factory=Control)
    reply: Reply | None = None
    returned: Pending | None = None
    annulment: Pending | None = None
    files: tuple[FileRef, ...] = ()
    links: tuple[Link, ...] = ()
    corrections: tuple[Correction, ...] = ()
    closure: Closure | None = None
    reopened: int = 0
    mark: Mark | None = None
    step: str = ""
    rounds: tuple[Round, ...] = ()
    signer: int | None = None
    signatures: tuple[Signature, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    readers: tuple[Reader, ...] = ()
    requests: tuple[Request, ...] = ()
    points: tuple[Point, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    followers: tuple[int, ...] = ()
    letters: tuple[Letter, ...] = ()
    status: str = ""
    superseded: tuple[Supersession, ...] = ()

    def find(self, assignment: str | None) -> Assignment | None:
        """Return an assignment by id."""
        return next((one for one in self.assignments if one.id == assignment), None)

    def children(self, parent: str | None) -> tuple[Assignment, ...]:
        """Return the assignments issued below one (None: by the clerk), in order of issue."""
        return tuple(one for one in self.assignments if one.parent == parent)

    def ancestors(self, node: Assignment) -> Iterator[Assignment]:
        """Yield the assignments above a node, nearest first."""
        above = self.find(node.parent)
        while above is not None:
            yield above
            above = self.find(above.parent)

    def subtree(self, node: Assignment) -> Iterator[Assignment]:
        """Yield a node and everything below it."""
        yield node
        for child in self.children(node.id):
            yield from self.subtree(child)

    def current(self) -> tuple[Assignment, ...]:
        """Return the assignments of the present round."""
        return tuple(one for one in self.assignments if one.round == self.reopened)

    def live(self) -> tuple[Assignment, ...]:
        """Return the assignments somebody still has to deal with."""
        return tuple(one for one in self.assignments if one.state in LIVE)

    def text(self, code: str) -> str:
        """Return a card value as text, empty when absent."""
        value = self.card.get(code)
        return "" if value is None else str(value)
