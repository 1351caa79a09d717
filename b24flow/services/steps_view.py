"""What people see of a document's steps beside the tree: sheets, signatures, dispatch, points, requests.

Plain values and Russian words, part of `services.views.DocumentView`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from b24flow.core.commands import Context
from b24flow.core.definition import ActionKind, ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.parts import Meeting, Reader, Recipient, Request, Round, Visa, VisaState
from b24flow.core.registry_steps import DELIVERY_WORDS, READER_WORDS, VISA_WORDS, who_visa
from b24flow.core.steps import asked_visas, draft_of, point_of

OUTCOMES = {
    "approved": "согласовано", "objected": "возвращено на доработку", "withdrawn": "отозвано",
    "replaced": "проект заменён",
}
METHODS = {"simple": "простая электронная подпись", "paper": "подписано на бумаге"}
REQUESTS = {
    "information": {"open": "ждём ответа", "answered": "получен ответ", "withdrawn": "отозван"},
    "task": {"open": "в работе", "answered": "выполнена", "withdrawn": "снята"},
}
CHOICES = {"for": "за", "against": "против", "abstained": "воздержался", "": "не голосовал"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaView:
    """A line of the approval sheet."""

    group: int
    name: str
    post: str
    behalf: str
    state: str
    waits: bool
    against: bool
    remark: str
    edition: str
    compare: str
    asked_at: datetime | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundView:
    """A round of the approval sheet, its lines in the order of the route."""

    number: int
    outcome: str
    note: str
    term: date | None
    opened_at: datetime
    visas: tuple[VisaView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureView:
    """Who signed which edition, how and when; `recorded`: who entered a signature made on paper."""

    name: str
    post: str
    behalf: str
    recorded: str
    method: str
    at: datetime
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A line of the dispatch list."""

    id: str
    addressee: str
    state: str
    method: str
    sent_on: date | None
    tracking: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderView:
    """A line of the acknowledgement sheet; `edition` is what was read."""

    name: str
    post: str
    behalf: str
    state: str
    edition: str
    waits: bool
    at: datetime | None
    term: date | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """Something asked beside the route, and what came back."""

    id: str
    what: str
    author: str
    to: str
    text: str
    term: date | None
    overdue: bool
    state: str
    open: bool
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterView:
    """A letter that was sent by e-mail; `to` are its recipients with what became of it, `bad`: not well."""

    id: str
    author: str
    behalf: str
    at: datetime
    subject: str
    text: str
    to: tuple[tuple[str, str, bool], ...]
    files: tuple[tuple[str, str], ...]
    waits: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointView:
    """A point with its execution."""

    number: str
    text: str
    executor: str
    term: date | None
    changed: bool
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingView:
    """One consideration of the question by the body."""

    title: str
    votes: str
    ballots: tuple[tuple[str, str], ...]
    outcome: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepsView:
    """All of it; what a document does not have is empty."""

    rounds: tuple[RoundView, ...]
    signatures: tuple[SignatureView, ...]
    deliveries: tuple[DeliveryView, ...]
    readers: tuple[ReaderView, ...]
    requests: tuple[RequestView, ...]
    letters: tuple[LetterView, ...]
    points: tuple[PointView, ...]
    meetings: tuple[MeetingView, ...]
    vacant: tuple[str, ...]
    status: str
    draft: str
    draft_file: str
    following: bool


def steps_view(
    definition: ProcessDefinition, document: Document, context: Context, user: int,
    waits: Mapping[str, str] | None = None,
) -> StepsView:
    """Return the steps of a document as people read them; `waits`: why letters have not gone out yet."""
    draft = draft_of(document)
    return StepsView(
        rounds=tuple(_round(definition, document, one, context) for one in document.rounds),
        signatures=_signatures(document, context), deliveries=_deliveries(definition, document),
        readers=tuple(_reader(document, one, context) for one in document.readers),
        requests=_requests(document, context), letters=_letters(document, context, waits or {}),
        points=_points(definition, document, context),
        meetings=tuple(_meeting(definition, one, context) for one in document.meetings),
        vacant=tuple(definition.roles.get(one.role, one.role) for one in asked_visas(document)
                     if one.user is None and one.role in definition.roles
                     and not context.directory.role(one.role)),
        status=document.status, draft=draft.sha256 if draft is not None else "",
        draft_file=draft.id if draft is not None else "",
        following=user in document.followers,
    )


def _behalf(acting_for: int | None, context: Context) -> str:
    return context.directory.get(acting_for).name if acting_for is not None else ""


def _edition(document: Document, sha256: str) -> str:
    found = next((one for one in document.files if one.sha256 == sha256), None)
    if not sha256:
        return ""
    return f"редакция {found.edition}, {sha256[:8]}" if found is not None else sha256[:8]


def _older(document: Document, sha256: str) -> str:
    """Return the file that a visa was given to, when the draft is another one by now."""
    draft = draft_of(document)
    if draft is None or not sha256 or draft.sha256 == sha256:
        return ""
    return next((one.id for one in document.files if one.sha256 == sha256), "")


def _round(
    definition: ProcessDefinition, document: Document, current: Round, context: Context
) -> RoundView:
    visas = []
    for one in current.visas:
        who = one.by if one.by is not None and one.state is not VisaState.DROPPED else one.user
        visas.append(VisaView(
            group=one.group,
            name=context.directory.get(who).name if who is not None else who_visa(definition, one, context),
            post=context.directory.get(who).post if who is not None else "",
            behalf=_behalf(one.acting_for, context) or _vacant(definition, one, context),
            state=VISA_WORDS[one.state],
            waits=one.state is VisaState.ASKED, against=one.state is VisaState.OBJECTED,
            remark=one.remark, edition=_edition(document, one.sha256),
            compare=_older(document, one.sha256), asked_at=one.asked_at, at=one.at,
        ))
    return RoundView(
        number=current.number, outcome=OUTCOMES.get(current.outcome, ""), note=current.note,
        term=current.term, opened_at=current.opened_at, visas=tuple(visas),
    )


def _vacant(definition: ProcessDefinition, visa: Visa, context: Context) -> str:
    """Return the role for which somebody decided while nobody had it."""
    return f"роль «{who_visa(definition, visa, context)}»" if visa.user is None and visa.by else ""


def _signatures(document: Document, context: Context) -> tuple[SignatureView, ...]:
    return tuple(
        SignatureView(
            name=context.directory.get(one.by).name, post=context.directory.get(one.by).post,
            behalf=_behalf(one.acting_for, context), recorded=_behalf(one.recorded_by, context),
            method=METHODS.get(one.method, one.method),
            at=one.at, sha256=one.sha256,
        )
        for one in document.signatures
    )


def _deliveries(definition: ProcessDefinition, document: Document) -> tuple[DeliveryView, ...]:
    methods = definition.fields.get("method")
    return tuple(
        DeliveryView(
            id=one.id, addressee=one.addressee, state=DELIVERY_WORDS[one.state],
            method=methods.label_of(one.method) if methods is not None else one.method,
            sent_on=one.sent_on, tracking=one.tracking, note=one.note,
        )
        for one in document.deliveries
    )


def _reader(document: Document, one: Reader, context: Context) -> ReaderView:
    person = context.directory.get(one.user)
    return ReaderView(
        name=person.name, post=person.post, behalf=_behalf(one.acting_for, context),
        state=READER_WORDS[one.state], waits=one.state == "asked", at=one.at, term=one.term,
        reason=one.reason, edition=_edition(document, one.sha256),
    )


def _requests(document: Document, context: Context) -> tuple[RequestView, ...]:
    return tuple(
        RequestView(
            id=one.id, what="Задача" if one.kind == "task" else "Запрос информации",
            author=context.directory.get(one.asked_by).name, to=context.directory.get(one.to).name,
            text=one.text, term=one.term, state=REQUESTS[one.kind][one.state], open=one.state == "open",
            overdue=one.term is not None and _kept_on(one, context) > one.term, answer=one.answer,
        )
        for one in document.requests
    )


def _kept_on(one: Request, context: Context) -> date:
    """Return the day on which a request was answered or withdrawn, today while it is open."""
    return one.at.astimezone(context.zone).date() if one.at is not None else context.today


LETTER_WORDS = {
    "waiting": "ждёт отправки", "accepted": "принято почтовым сервером", "refused": "отказано",
    "doubt": "исход неизвестен",
}


def _letters(document: Document, context: Context, waits: Mapping[str, str]) -> tuple[LetterView, ...]:
    return tuple(
        LetterView(
            id=one.id, author=context.directory.get(one.by).name, behalf=_behalf(one.acting_for, context),
            at=one.at, subject=one.subject, text=one.text, to=tuple(map(_recipient, one.recipients)),
            files=tuple((each.id, each.name) for each in one.files), waits=waits.get(one.id, ""),
        )
        for one in document.letters
    )


def _recipient(one: Recipient) -> tuple[str, str, bool]:
    """Return an address, what became of the letter to it, and whether somebody should look at that."""
    bad = one.state in {"refused", "doubt"}
    # What a mail server says when all is well is a number for its administrator.
    said = one.note if bad or not one.note[:1].isdigit() else ""
    return one.address, LETTER_WORDS[one.state] + (f": {said}" if said else ""), bad


def _points(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[PointView, ...]:
    rows = []
    for one in document.points:
        node = next((n for n in document.assignments if point_of(document, n) is one), None)
        who = node.executor if node is not None else one.executor
        state = ""
        if one.released_at is not None:
            state = "снят с контроля"
        elif node is not None:
            state = definition.branch_states.get(node.state.value, node.state.value)
        rows.append(PointView(
            number=one.id, text=one.text, state=state,
            executor=context.directory.get(who).name if who is not None else "",
            term=(node.current_term if node is not None else None) or one.term,
            changed=node is not None and node.changed_term is not None,
        ))
    return tuple(rows)


def _meeting(definition: ProcessDefinition, one: Meeting, context: Context) -> MeetingView:
    day = ".".join(reversed(one.day.isoformat().split("-")))
    what = "Опрос" if one.poll else "Заседание"
    body, outcomes = definition.fields.get("body"), definition.fields.get("outcome")
    who = body.label_of(one.body) if body is not None else one.body
    parts = [f"{what} № {one.session}" if one.session else what, who, day]
    votes = ""
    if one.outcome:
        votes = (f"избрано {one.elected}, участвовало {one.present}: за {one.votes_for}, "
                 f"против {one.votes_against}, воздержались {one.abstained}")
    button = next((each for each in definition.actions
                   if each.kind is ActionKind.DECIDE and next(iter(each.outcomes), "") == one.outcome), None)
    outcome = outcomes.label_of(one.outcome) if outcomes is not None else one.outcome
    if button is not None and outcomes is None:
        outcome = button.label
    if one.outcome == "no_quorum":
        outcome = "нет кворума"
    return MeetingView(
        title=", ".join(part for part in parts if part) + (f", вопрос {one.item}" if one.item else ""),
        votes=votes, outcome=outcome, note=one.note,
        ballots=tuple((context.directory.get(b.user).name, CHOICES[b.choice]) for b in one.ballots),
    )
