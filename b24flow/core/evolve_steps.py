"""How the events of `core.events_steps` change a document; `core.evolve` calls this table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from b24flow.core import events_steps as ev
from b24flow.core import supersession
from b24flow.core.document import Document, Link
from b24flow.core.events import Event, Record
from b24flow.core.parts import (
    Ballot,
    Delivery,
    Letter,
    Meeting,
    Reader,
    Recipient,
    Request,
    Round,
    Signature,
    Visa,
    VisaState,
)


def _moved(document: Document, event: ev.Moved, record: Record) -> Document:
    return replace(document, step=event.step)


def _filled(document: Document, event: ev.CardFilled, record: Record) -> Document:
    return replace(document, card={**document.card, **event.card})


def _points(document: Document, event: ev.PointsWritten, record: Record) -> Document:
    return replace(document, points=event.points)


def _visa(planned: ev.Planned) -> Visa:
    stop = planned.stop
    return Visa(id=planned.id, group=stop.group, user=stop.user, role=stop.role, mandatory=stop.mandatory)


def _round_opened(document: Document, event: ev.RoundOpened, record: Record) -> Document:
    made = Round(
        number=len(document.rounds) + 1, visas=tuple(_visa(one) for one in event.visas),
        opened_at=record.at, opened_by=record.actor, term=event.term, note=event.note,
    )
    return replace(document, rounds=(*document.rounds, made))


def _round(document: Document) -> Round:
    if not document.rounds or not document.rounds[-1].open:
        raise ValueError("no open round of approval")
    return document.rounds[-1]


def _with_round(document: Document, changed: Round) -> Document:
    return replace(document, rounds=(*document.rounds[:-1], changed))


def _with_visa(document: Document, visa: str, **changes: Any) -> Document:
    current = _round(document)
    if all(one.id != visa for one in current.visas):
        raise ValueError(f"no visa {visa}")
    visas = tuple(replace(one, **changes) if one.id == visa else one for one in current.visas)
    return _with_round(document, replace(current, visas=visas))


def _asked(document: Document, event: ev.VisasAsked, record: Record) -> Document:
    for one in event.visas:
        state = VisaState.SKIPPED if one.skipped else VisaState.ASKED
        document = _with_visa(document, one.id, user=one.user, state=state, asked_at=record.at)
    return document


def _given(document: Document, event: ev.VisaGiven, record: Record) -> Document:
    return _with_visa(
        document, event.id, state=VisaState(event.state), at=record.at, by=record.actor,
        acting_for=record.acting_for, remark=event.remark, sha256=event.sha256, files=event.files,
    )


def _passed(document: Document, event: ev.VisaPassed, record: Record) -> Document:
    return _with_visa(document, event.id, user=event.to, role="")


def _added(document: Document, event: ev.ApproverAdded, record: Record) -> Document:
    current = _round(document)
    return _with_round(document, replace(current, visas=(*current.visas, _visa(event.visa))))


def _removed(document: Document, event: ev.ApproverRemoved, record: Record) -> Document:
    return _with_visa(document, event.id, state=VisaState.DROPPED, at=record.at, by=record.actor,
                      remark=event.reason)


def _round_closed(document: Document, event: ev.RoundClosed, record: Record) -> Document:
    current = _round(document)
    visas = tuple(
        replace(one, state=VisaState.DROPPED)
        if one.state in {VisaState.ASKED, VisaState.WAITING} else one for one in current.visas
    )
    return _with_round(document, replace(current, visas=visas, outcome=event.outcome, closed_at=record.at))


def _signed(document: Document, event: ev.Signed, record: Record) -> Document:
    signer = event.by or record.actor
    made = Signature(
        by=signer, acting_for=record.acting_for if event.by is None else None, at=record.at,
        sha256=event.sha256, method=event.method, recorded_by=record.actor if event.by is not None else None,
    )
    return replace(document, signatures=(*document.signatures, made))


def _signer(document: Document, event: ev.SignerChanged, record: Record) -> Document:
    return replace(document, signer=event.to)


def _dispatch_planned(document: Document, event: ev.DispatchPlanned, record: Record) -> Document:
    made = tuple(Delivery(id=one.id, addressee=one.name) for one in event.addressees)
    return replace(document, deliveries=document.deliveries + made)


def _with_deliveries(document: Document, ids: tuple[str, ...], **changes: Any) -> Document:
    return replace(document, deliveries=tuple(
        replace(one, **changes) if one.id in ids else one for one in document.deliveries
    ))


def _dispatched(document: Document, event: ev.Dispatched, record: Record) -> Document:
    return _with_deliveries(document, event.ids, state="sent", method=event.method,
                            sent_on=event.sent_on, tracking=event.tracking, note="")


def _failed(document: Document, event: ev.DeliveryFailed, record: Record) -> Document:
    return _with_deliveries(document, (event.id,), state="failed", note=event.reason)


def _answered(document: Document, event: ev.AnswerReceived, record: Record) -> Document:
    return _with_deliveries(document, (event.id,), state="answered", note=event.text, answer=event.document)


def _readers(document: Document, event: ev.ReadersAsked, record: Record) -> Document:
    made = tuple(
        Reader(id=one.id, user=one.user, asked_by=record.actor, asked_at=record.at, term=event.term)
        for one in event.readers
    )
    return replace(document, readers=document.readers + made)


def _read(document: Document, event: ev.ReadingDone, record: Record) -> Document:
    return replace(document, readers=tuple(
        replace(one, state=event.state, at=record.at, by=record.actor, acting_for=record.acting_for,
                reason=event.reason, sha256=event.sha256) if one.id == event.id else one
        for one in document.readers
    ))


def _request(document: Document, event: ev.RequestMade, record: Record) -> Document:
    made = Request(id=event.id, kind=event.kind, to=event.to, text=event.text, term=event.term,
                    asked_by=event.asked_by or record.acting_for or record.actor, asked_at=record.at)
    return replace(document, requests=(*document.requests, made))


def _with_request(document: Document, request: str, **changes: Any) -> Document:
    return replace(document, requests=tuple(
        replace(one, **changes) if one.id == request else one for one in document.requests
    ))


def _request_answered(document: Document, event: ev.RequestAnswered, record: Record) -> Document:
    return _with_request(document, event.id, state="answered", answer=event.answer, files=event.files,
                          at=record.at, by=record.actor)


def _request_passed(document: Document, event: ev.RequestPassed, _: Record) -> Document:
    return _with_request(document, event.id, to=event.to)


def _request_withdrawn(document: Document, event: ev.RequestWithdrawn, record: Record) -> Document:
    return _with_request(document, event.id, state="withdrawn", answer=event.why, at=record.at,
                          by=record.actor)


def _with_point(document: Document, point: str, **changes: Any) -> Document:
    return replace(document, points=tuple(
        replace(one, **changes) if one.id == point else one for one in document.points
    ))


def _controlled(document: Document, event: ev.PointControlled, record: Record) -> Document:
    return _with_point(document, event.point, assignment=event.assignment)


def _released(document: Document, event: ev.PointReleased, record: Record) -> Document:
    return _with_point(document, event.point, released_at=record.at, released_by=record.actor)


def _term_moved(document: Document, event: ev.TermMoved, record: Record) -> Document:
    if event.part == "round":
        return _with_round(document, replace(_round(document), term=event.after))
    if event.part == "request":
        return _with_request(document, event.id, term=event.after)
    return replace(document, readers=tuple(
        replace(one, term=event.after) if one.id == event.id else one for one in document.readers
    ))


def _agenda(document: Document, event: ev.AgendaSet, record: Record) -> Document:
    made = Meeting(
        body=event.body, session=event.session, item=event.item, day=event.day, poll=event.poll,
        until=event.until, ballots=tuple(Ballot(user=one) for one in event.members),
    )
    kept = document.meetings
    if kept and not kept[-1].outcome:
        kept = kept[:-1]
    return replace(document, meetings=(*kept, made))


def _with_meeting(document: Document, **changes: Any) -> Document:
    if not document.meetings:
        raise ValueError("no meeting")
    return replace(document, meetings=(*document.meetings[:-1], replace(document.meetings[-1], **changes)))


def _voted(document: Document, event: ev.Voted, record: Record) -> Document:
    ballots = document.meetings[-1].ballots if document.meetings else ()
    return _with_meeting(document, ballots=tuple(
        replace(one, choice=event.choice, at=record.at) if one.user == event.user else one
        for one in ballots
    ))


def _decided(document: Document, event: ev.MeetingDecided, record: Record) -> Document:
    return _with_meeting(
        document, outcome=event.outcome, elected=event.elected, present=event.present,
        votes_for=event.votes_for, votes_against=event.votes_against, abstained=event.abstained,
        note=event.note,
    )


def _started(document: Document, event: ev.Started, record: Record) -> Document:
    made = Link(kind="started", document=event.document, text="Подготовлен документ")
    return replace(document, links=(*document.links, made))


def _followed(document: Document, event: ev.Followed, record: Record) -> Document:
    others = tuple(one for one in document.followers if one != record.actor)
    return replace(document, followers=(*others, record.actor) if event.on else others)


def _redefined(document: Document, event: ev.DefinitionChanged, record: Record) -> Document:
    card = {event.fields.get(code, code): value for code, value in document.card.items()}
    step = document.step if event.step is None else event.step
    return replace(document, digest=event.digest, step=step, card=card)


def _letter_written(document: Document, event: ev.LetterWritten, record: Record) -> Document:
    made = Letter(
        id=event.id, by=record.actor, acting_for=record.acting_for, at=record.at, subject=event.subject,
        text=event.text, recipients=tuple(Recipient(address=one) for one in event.to), files=event.files,
    )
    return replace(document, letters=(*document.letters, made))


def _with_letter(document: Document, letter: str, change: Callable[[Letter], Letter]) -> Document:
    return replace(document, letters=tuple(
        change(one) if one.id == letter else one for one in document.letters
    ))


def _letter_answered(document: Document, event: ev.LetterAnswered, record: Record) -> Document:
    said = {one.address: one for one in event.recipients}
    return _with_letter(document, event.id, lambda one: replace(
        one, recipients=tuple(said.get(each.address, each) for each in one.recipients), settled_at=record.at,
    ))


def _letter_confirmed(document: Document, event: ev.LetterConfirmed, record: Record) -> Document:
    return _with_letter(document, event.id, lambda one: replace(one, recipients=tuple(
        replace(each, state="accepted", note="считается отправленным") if each.state == "doubt" else each
        for each in one.recipients
    )))


def _letter_repeated(document: Document, event: ev.LetterRepeated, record: Record) -> Document:
    return _with_letter(document, event.id, lambda one: replace(
        one, sending=one.sending + 1, recipients=tuple(
            each if each.state == "accepted" else Recipient(address=each.address) for each in one.recipients
        ),
    ))


def left_open(document: Document, record: Record) -> Document:
    """Return a closing document with nothing open: requests withdrawn, readers excused, the round over."""
    requests = tuple(
        replace(one, state="withdrawn", answer="документ завершён", at=record.at)
        if one.state == "open" else one for one in document.requests
    )
    readers = tuple(
        replace(one, state="excused", reason="документ завершён", at=record.at)
        if one.state == "asked" else one for one in document.readers
    )
    document = replace(document, requests=requests, readers=readers)
    if document.rounds and document.rounds[-1].open:
        return _round_closed(document, ev.RoundClosed(outcome="withdrawn"), record)
    return document


APPLY_STEPS: Mapping[type[Event], Callable[[Document, Any, Record], Document]] = {
    ev.Moved: _moved, ev.CardFilled: _filled, ev.PointsWritten: _points,
    ev.RoundOpened: _round_opened, ev.VisasAsked: _asked, ev.VisaGiven: _given,
    ev.VisaPassed: _passed, ev.ApproverAdded: _added,
    ev.ApproverRemoved: _removed, ev.RoundClosed: _round_closed, ev.Signed: _signed,
    ev.SignerChanged: _signer, ev.DispatchPlanned: _dispatch_planned, ev.Dispatched: _dispatched,
    ev.DeliveryFailed: _failed, ev.AnswerReceived: _answered, ev.ReadersAsked: _readers,
    ev.ReadingDone: _read, ev.RequestMade: _request, ev.RequestAnswered: _request_answered,
    ev.RequestPassed: _request_passed, ev.RequestWithdrawn: _request_withdrawn,
    ev.PointControlled: _controlled, ev.PointReleased: _released, ev.AgendaSet: _agenda, ev.Voted: _voted,
    ev.MeetingDecided: _decided, ev.Started: _started, ev.Followed: _followed,
    ev.Superseded: supersession.superseded, ev.DefinitionChanged: _redefined, ev.TermMoved: _term_moved,
    ev.LetterWritten: _letter_written, ev.LetterAnswered: _letter_answered,
    ev.LetterConfirmed: _letter_confirmed, ev.LetterRepeated: _letter_repeated,
}
