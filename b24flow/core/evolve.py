"""Events applied to a document: the only place where a document changes.

`replay` over the whole journal gives the present row (domain §3.9.8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from b24flow.core import events as ev
from b24flow.core import supersession
from b24flow.core.document import (
    LIVE,
    Assignment,
    BranchState,
    Closure,
    Control,
    Correction,
    Document,
    Extension,
    Link,
    Mark,
    Pending,
    Reply,
    Report,
    TermChange,
)
from b24flow.core.events import Record
from b24flow.core.evolve_steps import APPLY_STEPS, left_open

State = BranchState


def evolve(document: Document | None, record: Record) -> Document:
    """Return the document after one journal record.

    Raises ValueError for an event that cannot follow: such a journal is not one of ours.
    """
    event = record.event
    if isinstance(event, ev.DocumentOpened):
        opened = Document(
            uuid=event.uuid, process=event.process, digest=event.digest, card=dict(event.card),
            opened_by=record.actor, opened_at=record.at,
        )
        return _stamped(opened, record)
    if document is None:
        raise ValueError(f"{ev.event_name(event)} without a document")
    return _stamped(_APPLY[type(event)](document, event, record), record)


def replay(records: Iterable[Record]) -> Document:
    """Rebuild a document from its journal, oldest record first."""
    document: Document | None = None
    for record in records:
        document = evolve(document, record)
    if document is None:
        raise ValueError("an empty journal has no document")
    return document


def _stamped(document: Document, record: Record) -> Document:
    return replace(document, version=document.version + 1, mark=_mark(record))


def _mark(record: Record) -> Mark:
    return Mark(label=record.label, by=record.actor, acting_for=record.acting_for, at=record.at)


def _changed(document: Document, ids: Iterable[str], record: Record, **changes: Any) -> Document:
    wanted = set(ids)
    return replace(document, assignments=tuple(
        replace(one, mark=_mark(record), **changes) if one.id in wanted else one
        for one in document.assignments
    ))


def _found(document: Document, assignment: str) -> Assignment:
    node = document.find(assignment)
    if node is None:
        raise ValueError(f"no assignment {assignment}")
    return node


def _registered(document: Document, event: ev.Registered, record: Record) -> Document:
    return replace(
        document, number=event.number, card={**document.card, **event.card},
        registered_at=record.at, term=event.term, term_note=event.term_note,
        term_fixed=event.term_fixed,
    )


def _corrected(document: Document, event: ev.CardCorrected, record: Record) -> Document:
    made = tuple(
        Correction(field=code, before=event.before.get(code), after=after, reason=event.reason,
                   by=record.actor, at=record.at)
        for code, after in sorted(event.after.items())  # the journal keeps no order of fields
    )
    return replace(document, card={**document.card, **event.after},
                   corrections=document.corrections + made)


def _files(document: Document, event: ev.FilesAdded, record: Record) -> Document:
    return replace(document, files=document.files + event.files)


def _linked(document: Document, event: ev.Linked, record: Record) -> Document:
    link = Link(kind=event.kind, document=event.document, text=event.text)
    return replace(document, links=(*document.links, link))


def _assigned(document: Document, event: ev.Assigned, record: Record) -> Document:
    made = tuple(
        _new_assignment(event, one, record, document.reopened) for one in event.assignees
    )
    if event.parent is not None:
        parent = _found(document, event.parent)
        if parent.state is State.GIVEN:
            document = _changed(document, [parent.id], record, state=State.PASSED,
                                closed_at=record.at)
    document = replace(document, assignments=document.assignments + made)
    lead = event.assignees[0]
    if event.sets_document_term and not document.term_fixed and lead.term is not None:
        document = replace(document, term=lead.term, term_note=lead.term_note, term_fixed=True)
    return document


def _new_assignment(
    event: ev.Assigned, one: ev.Assignee, record: Record, number: int
) -> Assignment:
    return Assignment(
        id=one.id, parent=event.parent, author=event.author, executor=one.executor,
        setter=one.setter, part=one.part, state=State.WORK if one.working else State.GIVEN,
        text=event.text, term=one.term, term_note=one.term_note,
        current_term=one.current_term or one.term, task=one.task or one.id, opened_at=record.at, round=number,
        worked=one.working,
    )


def _acknowledged(document: Document, event: ev.Acknowledged, record: Record) -> Document:
    node = _found(document, event.assignment)
    busy = any(one.state in LIVE for one in document.subtree(node) if one.id != node.id)
    return _changed(document, [node.id], record, state=State.PASSED if busy else State.ACKED,
                    closed_at=record.at, reason=event.comment)


def _returned(document: Document, event: ev.BranchReturned, record: Record) -> Document:
    node = _found(document, event.assignment)
    document = _changed(document, [node.id], record, state=State.RETURNED, closed_at=record.at,
                        reason=event.reason)
    if node.parent is None:
        pending = Pending(reason=event.reason, by=record.actor, at=record.at, branch=node.id)
        return replace(document, returned=pending)
    return _reopen(document, node.parent, event.reason)


def _reopen(document: Document, assignment: str, reason: str) -> Document:
    return replace(document, assignments=tuple(
        replace(one, state=State.GIVEN, closed_at=None, reason=reason)
        if one.id == assignment and one.state is State.PASSED else one
        for one in document.assignments
    ))


def _resent(document: Document, event: ev.Resent, record: Record) -> Document:
    return replace(document, returned=None)


def _delegated(document: Document, event: ev.Delegated, record: Record) -> Document:
    return _changed(document, [event.assignment], record, state=State.PASSED, extension=None,
                    closed_at=record.at, reason=event.reason)


def _recalled(document: Document, event: ev.Recalled, record: Record) -> Document:
    document = _changed(document, event.assignments, record, state=State.RECALLED, extension=None,
                        closed_at=record.at, reason=event.reason)
    if event.reopens is not None:
        return _reopen(document, event.reopens, event.reason)
    if not document.live() and document.closure is None:
        pending = Pending(reason=event.reason, by=record.actor, at=record.at)
        return replace(document, returned=pending)
    return document


def _ext_requested(document: Document, event: ev.ExtensionRequested, record: Record) -> Document:
    request = Extension(
        desired=event.desired, reason=event.reason, requested_at=record.at, decider=event.decider,
        why=event.why, late=event.late, asked=(event.decider,), files=event.files,
    )
    return _changed(document, [event.assignment], record, state=State.EXT, extension=request)


def _ext_redirected(document: Document, event: ev.ExtensionRedirected, record: Record) -> Document:
    pending = _found(document, event.assignment).extension
    if pending is None:
        raise ValueError("no pending extension")
    moved = replace(pending, decider=event.decider, why=event.why,
                    asked=(*pending.asked, event.decider))
    return _changed(document, [event.assignment], record, extension=moved)


def _ext_over(
    document: Document, event: ev.ExtensionRefused | ev.ExtensionWithdrawn, record: Record
) -> Document:
    node = _found(document, event.assignment)
    state = State.WORK if node.state is State.EXT else node.state
    return _changed(document, [node.id], record, state=state, extension=None)


def _term_changed(document: Document, event: ev.TermChanged, record: Record) -> Document:
    node = _found(document, event.assignment)
    change = TermChange(at=record.at, by=record.actor, acting_for=record.acting_for,
                        before=event.before, after=event.after, reason=event.reason,
                        kind=event.kind)
    decided = node.state is State.EXT and event.kind == "extension"
    return _changed(
        document, [node.id], record, current_term=event.after, changes=(*node.changes, change),
        state=State.WORK if decided else node.state,
        extension=None if decided else node.extension,
    )


def _task_closed(document: Document, event: ev.TaskClosed, record: Record) -> Document:
    return _changed(document, [event.assignment], record, task_closed=True)


def _result(document: Document, event: ev.ResultReceived, record: Record) -> Document:
    node = _found(document, event.assignment)
    return _changed(document, [node.id], record, results=(*node.results, event.text))


def _reported(document: Document, event: ev.Reported, record: Record) -> Document:
    report = Report(summary=event.summary, at=record.at, by=record.actor, files=event.files)
    return _changed(document, [event.assignment], record, state=State.REPORTED, report=report,
                    extension=None, closed_at=record.at)


def _reply_started(document: Document, event: ev.ReplyStarted, record: Record) -> Document:
    reply = Reply(document=event.document, state="draft", at=record.at, by=record.actor)
    link = Link(kind="reply", document=event.document, text="Ответ")
    return replace(document, reply=reply, links=(*document.links, link))


def _reply_settled(document: Document, event: ev.ReplySettled, record: Record) -> Document:
    if document.reply is None:
        raise ValueError("no reply")
    settled = replace(document.reply, state=event.state, number=event.number, at=record.at)
    return replace(document, reply=settled)


def _control_set(document: Document, event: ev.ControlSet, record: Record) -> Document:
    return replace(document, control=Control(on=True, controller=event.controller,
                                             set_by=record.acting_for or record.actor))


def _control_awaited(document: Document, event: ev.ControlAwaited, record: Record) -> Document:
    return replace(document, control=replace(document.control, awaiting=True))


def _control_released(document: Document, event: ev.ControlReleased, record: Record) -> Document:
    released = replace(document.control, awaiting=False, released_at=record.at,
                       released_by=record.actor)
    return replace(document, control=released)


def _rework(document: Document, event: ev.ReworkOrdered, record: Record) -> Document:
    control = replace(document.control, awaiting=False)
    return _changed(replace(document, control=control, reply=None), [event.assignment], record,
                    state=State.WORK, closed_at=None, report=None, reason=event.reason,
                    task_closed=False)


def _others(document: Document, event: ev.OthersReleased, record: Record) -> Document:
    return _changed(document, event.assignments, record, state=State.CLOSED, extension=None,
                    closed_at=record.at)


def _annul_asked(document: Document, event: ev.AnnulmentAsked, record: Record) -> Document:
    return replace(document, annulment=Pending(reason=event.reason, by=record.actor, at=record.at))


def _annul_denied(document: Document, event: ev.AnnulmentDenied, record: Record) -> Document:
    return replace(document, annulment=None)


def _closed(document: Document, event: ev.DocumentClosed, record: Record) -> Document:
    live = [one.id for one in document.live()]
    final = State.RECALLED if event.state == "annulled" else State.CLOSED
    document = _changed(document, live, record, state=final, extension=None, closed_at=record.at)
    reported = [one.id for one in document.assignments if one.state is State.REPORTED]
    document = _changed(document, reported, record, state=State.CLOSED)
    closure = Closure(state=event.state, at=record.at, by=record.actor,
                      acting_for=record.acting_for, reason=event.reason)
    document = left_open(document, record)
    return replace(document, closure=closure, annulment=None, returned=None, step="",
                   control=replace(document.control, awaiting=False))


def _reopened(document: Document, event: ev.Reopened, record: Record) -> Document:
    return replace(
        document, closure=None, reply=None, reopened=document.reopened + 1,
        control=replace(document.control, released_at=None, released_by=None),
    )


_APPLY: Mapping[type[ev.Event], Callable[[Document, Any, Record], Document]] = {
    ev.Registered: _registered, ev.CardCorrected: _corrected, ev.FilesAdded: _files,
    ev.Linked: _linked, ev.Assigned: _assigned, ev.Acknowledged: _acknowledged,
    ev.BranchReturned: _returned, ev.Resent: _resent, ev.Delegated: _delegated,
    ev.Recalled: _recalled, ev.ExtensionRequested: _ext_requested,
    ev.ExtensionRedirected: _ext_redirected, ev.ExtensionRefused: _ext_over,
    ev.ExtensionWithdrawn: _ext_over, ev.TermChanged: _term_changed,
    ev.TaskClosed: _task_closed, ev.ResultReceived: _result, ev.Reported: _reported,
    ev.ReplyStarted: _reply_started, ev.ReplySettled: _reply_settled,
    ev.ControlSet: _control_set, ev.ControlAwaited: _control_awaited,
    ev.ControlReleased: _control_released, ev.ReworkOrdered: _rework,
    ev.OthersReleased: _others, ev.AnnulmentAsked: _annul_asked,
    ev.AnnulmentDenied: _annul_denied, ev.DocumentClosed: _closed, ev.Reopened: _reopened,
    ev.SupersessionAnnulled: supersession.annulled, ev.RepealerChanged: supersession.noted, **APPLY_STEPS,
}
