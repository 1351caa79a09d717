"""Requests about the steps beside the tree: the open round, whose turn it is, what is still to be done.

Everything here is a pure function of the document, so what a page shows and what `decide` believes
cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from b24flow.core.definition import ActionKind
from b24flow.core.document import Assignment, BranchState, Document, FileRef
from b24flow.core.events import Event
from b24flow.core.events_steps import PointControlled
from b24flow.core.parts import (
    GIVEN_VISAS,
    Delivery,
    Letter,
    Meeting,
    Point,
    Reader,
    Request,
    Round,
    Visa,
    VisaState,
)
from b24flow.errors import Refused

DRAFT_PART = "draft"
"""The form field whose newest file is the text that people approve and sign."""


def draft_of(document: Document, added: Iterable[FileRef] = ()) -> FileRef | None:
    """Return the newest edition of the draft, `added` being newer than what the document has."""
    found = [one for one in (*document.files, *added) if one.part == DRAFT_PART]
    return found[-1] if found else None


def current_files(document: Document) -> tuple[FileRef, ...]:
    """Return the newest edition of every file, in the order in which the files came.

    Editions of the draft follow one another, other files do when they have one name.
    """
    newest: dict[str, FileRef] = {}
    for one in document.files:
        newest[DRAFT_PART if one.part == DRAFT_PART else f"name:{one.name.casefold()}"] = one
    return tuple(newest.values())


def draft_hash(document: Document) -> str:
    """Return the sha256 of the newest edition of the draft, empty when there is none."""
    draft = draft_of(document)
    return draft.sha256 if draft is not None else ""


BINDING = frozenset({
    ActionKind.APPROVE, ActionKind.APPROVE_WITH_REMARKS, ActionKind.OBJECT, ActionKind.SIGN, ActionKind.READ,
})
"""Actions that are about one edition of the draft: whoever does them says which one he was shown."""


def seen_edition(document: Document, form: Mapping[str, object]) -> str:
    """Return the edition an answer is bound to; raises Refused when the actor looked at an older one."""
    present, seen = draft_hash(document), form.get("seen", "")
    if all(one in ("", present) for one in (seen if isinstance(seen, tuple) else (seen,))):
        return present
    if document.number is not None:
        raise Refused("Текст документа изменился, пока вы его читали. Откройте новую редакцию.")
    raise Refused("Проект изменился, пока вы его читали. Откройте новую редакцию и решите заново.")


def open_round(document: Document) -> Round | None:
    """Return the round in which visas are being given."""
    last = document.rounds[-1] if document.rounds else None
    return last if last is not None and last.open else None


def asked_visas(document: Document) -> tuple[Visa, ...]:
    """Return the visas that are waited for now."""
    last = open_round(document)
    return last.in_state(VisaState.ASKED) if last is not None else ()


def next_group(current: Round) -> tuple[Visa, ...]:
    """Return the visas of the first group that was not asked yet."""
    waiting = current.in_state(VisaState.WAITING)
    first = min((one.group for one in waiting), default=0)
    return tuple(one for one in waiting if one.group == first)


def last_objectors(document: Document) -> tuple[Visa, ...]:
    """Return the objections of the last closed round: whom the rework answers."""
    last = document.rounds[-1] if document.rounds else None
    return last.in_state(VisaState.OBJECTED) if last is not None and not last.open else ()


def given(current: Round) -> tuple[Visa, ...]:
    """Return the visas that were decided in a round."""
    return tuple(one for one in current.visas if one.state in GIVEN_VISAS)


def asked_readers(document: Document) -> tuple[Reader, ...]:
    """Return the lines of the sheet that are still open."""
    return tuple(one for one in document.readers if one.state == "asked")


def on_the_sheet(document: Document) -> frozenset[int]:
    """Return who was asked to read what is in force: a draft read before it had its number is not."""
    since = document.registered_at
    return frozenset(
        one.user for one in document.readers
        if one.state == "asked" or since is None or one.at is None or one.at >= since
    )


def waiting_deliveries(document: Document) -> tuple[Delivery, ...]:
    """Return the addressees to whom the document is still to be sent."""
    return tuple(one for one in document.deliveries if one.state in {"waiting", "failed"})


def awaited_answer(document: Document) -> date | None:
    """Return until when answers to a sent document are waited for; None when everybody answered."""
    said = document.card.get("answer_term")
    silent = any(one.state == "sent" for one in document.deliveries)
    if document.closure is not None or not silent or not isinstance(said, str) or not said:
        return None
    return date.fromisoformat(said)


def letters_to(document: Document, *states: str) -> tuple[Letter, ...]:
    """Return the letters of which a recipient is in any of these states."""
    return tuple(one for one in document.letters if one.to(*states))


def open_requests(document: Document) -> tuple[Request, ...]:
    """Return what was asked for beside the route and did not come yet."""
    return tuple(one for one in document.requests if one.state == "open")


def open_points(document: Document) -> tuple[Point, ...]:
    """Return the points that were not released from control."""
    return tuple(one for one in document.points if one.released_at is None)


def reported_points(document: Document) -> tuple[Assignment, ...]:
    """Return the executed points that wait for their controller."""
    nodes = (document.find(one.assignment) for one in open_points(document))
    return tuple(one for one in nodes if one is not None and one.state is BranchState.REPORTED)


def meeting_of(document: Document) -> Meeting | None:
    """Return the meeting before which the question stands now."""
    last = document.meetings[-1] if document.meetings else None
    return last if last is not None and not last.outcome else None


def open_ballots(document: Document) -> tuple[int, ...]:
    """Return the members who have not voted in the absentee poll."""
    meeting = meeting_of(document)
    if meeting is None or not meeting.poll:
        return ()
    return tuple(one.user for one in meeting.ballots if not one.choice)


def lines_of(text: str) -> tuple[str, ...]:
    """Return the addressees written one per line, without repeats."""
    return tuple(dict.fromkeys(line for line in (" ".join(one.split()) for one in text.splitlines()) if line))


def point_of(document: Document, node: Assignment) -> Point | None:
    """Return the point that an assignment executes."""
    return next((one for one in document.points if one.assignment == node.id), None)


def point_follows(document: Document, node: Assignment, successor: str) -> tuple[Event, ...]:
    """Return the event that ties a point to whoever took its assignment over."""
    point = point_of(document, node)
    return (PointControlled(point=point.id, assignment=successor),) if point is not None else ()
