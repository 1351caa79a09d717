"""Carrying letters to the mail server: claim one, hand it over, write down what is certain.

The outcome goes into the document's journal in the transaction that settles the row. A process that died
with a letter in its hands may have sent it, so such a letter is in doubt: a person decides, the system
never sends it again by itself. The mail server's state never touches the exchange with the portal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from b24flow.core.addresses import AddressError, read_address
from b24flow.core.commands import SYSTEM, Context
from b24flow.core.decide import conclude
from b24flow.core.document import Document
from b24flow.core.events_steps import LetterAnswered
from b24flow.core.parts import Letter, Recipient
from b24flow.core.ports import Enclosure, Mail, MailEnding, Mailer, MailOutcome
from b24flow.errors import NotFound
from b24flow.failpoints import failpoint
from b24flow.ids import derived_id
from b24flow.log import get_logger
from b24flow.services.commit import commit, letter_incident
from b24flow.services.dispatch import BACKOFF_S
from b24flow.services.office import Office
from b24flow.store import documents, incidents, outbox
from b24flow.store.documents import StoredDocument
from b24flow.store.engine import Unit, retrying
from b24flow.store.outbox import OutboxRow, Outcome

log = get_logger(__name__)

LEASE_S = 1800.0
"""A letter to twenty people at a slow server takes minutes; a lease that ends too early makes doubts."""
PATIENCE = timedelta(days=5)
"""How long a letter is tried (RFC 5321 §4.5.4.1: four to five days)."""
MAIL_INCIDENT = "mail.unavailable"
_ALARM_AFTER = 5
_BLOCKED_PAUSE_S = BACKOFF_S[-2]

LOST = "служба остановилась во время отправки"
GIVEN_UP = "Письмо снято с отправки администратором"
UNREADABLE = "файл письма не читается из хранилища"
LABELS = {
    "accepted": "Письмо принято почтовым сервером", "refused": "Почтовый сервер отказал в приёме письма",
    "doubt": "Исход отправки письма неизвестен", "partly": "Письмо принято не для всех получателей",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """A claimed letter with the document it was written in."""

    row: OutboxRow
    uuid: str
    letter: Letter


class _LeaseLostError(Exception):
    """Another process has the row by now: nothing of this attempt may be written down."""


def deliver_one(office: Office, mailer: Mailer, *, owner: str) -> bool:
    """Take the letter that is due and see it through one attempt; False when none is due."""
    with office.database.reading() as unit:
        if not outbox.letter_due(unit, office.clock.now()):
            return False
    claimed: list[_Errand] = []

    def claim(unit: Unit) -> bool:
        claimed.clear()
        row = outbox.claim_letter(unit, owner, office.clock.now(), LEASE_S)
        if row is None:
            return False
        errand = _errand(unit, row)
        if errand is None:
            outbox.settle(unit, row, Outcome.COMPLETED, office.clock.now())
        else:
            claimed.append(errand)
        return True

    found = retrying(office.database, claim)
    for errand in claimed:
        _see_through(office, mailer, errand)
    return found


def give_up(office: Office, row_id: int, reason: str) -> bool:
    """Take a waiting row off the outbox for good; False when it is being sent or has ended.

    Whoever wrote a letter that was taken off is told, and may send it again: it waits for nothing any more.
    """
    def write(unit: Unit) -> bool:
        row = outbox.get(unit, row_id)
        if row is None or not outbox.discard(unit, row_id, reason, office.clock.now()):
            return False
        errand = _errand(unit, row) if row.kind == "letter" else None
        if errand is not None:
            given_up = _all(errand, f"снято с отправки: {reason}")
            said = _recipients(MailOutcome(ending=MailEnding.ANSWERED, refused=given_up))
            _record(office, unit, errand, said, GIVEN_UP, f"{row.key}:given_up")
        return True

    return retrying(office.database, write)


def _errand(unit: Unit, row: OutboxRow) -> _Errand | None:
    """Return what a row asks for; None when the letter is settled, or a later sending took its place."""
    assert row.document_id is not None, "a letter belongs to a document"
    document = documents.by_id(unit, row.document_id).document
    letter = next((one for one in document.letters if one.id == row.payload["letter"]), None)
    if letter is None or letter.sending != row.payload["sending"] or not letter.to("waiting"):
        return None
    return _Errand(row=row, uuid=document.uuid, letter=letter)


def _see_through(office: Office, mailer: Mailer, errand: _Errand) -> None:
    failpoint("outbox.after_intent")
    if errand.row.recovered:
        outcome = MailOutcome(ending=MailEnding.ANSWERED, doubtful=_all(errand, LOST))
    else:
        outcome = _handed_over(office, mailer, errand)
        failpoint("outbox.after_send")

    def write(unit: Unit) -> None:
        _settle(office, unit, errand, outcome)
        failpoint("outbox.before_settle")

    try:
        retrying(office.database, write)
    except _LeaseLostError:
        log.warning("outbox_lease_lost", outbox_id=errand.row.id)
    failpoint("outbox.after_settle")


def _all(errand: _Errand, text: str) -> dict[str, str]:
    return {one.address: text for one in errand.letter.to("waiting")}


def _handed_over(office: Office, mailer: Mailer, errand: _Errand) -> MailOutcome:
    try:
        mail = _mail(office, errand.letter)
    except (OSError, NotFound) as error:
        log.warning("content_unreadable", letter=errand.letter.id, error=type(error).__name__)
        return MailOutcome(ending=MailEnding.ANSWERED, refused=_all(errand, UNREADABLE))
    return mailer.send(mail)


def _mail(office: Office, letter: Letter) -> Mail:
    with office.database.reading() as unit:
        sender = office.context(unit).directory.get(letter.by)
    return Mail(
        id=letter.id, at=letter.at.astimezone(office.zone), subject=letter.subject, text=letter.text,
        to=tuple(one.address for one in letter.recipients),
        recipients=tuple(one.address for one in letter.to("waiting")), reply_to=_own_address(sender.email),
        files=tuple(
            Enclosure(name=one.name, mime=one.mime, content=office.content.path(one.sha256).read_bytes())
            for one in letter.files
        ),
    )


def _own_address(text: str) -> str:
    """Return an employee's address as the portal has it, empty when it is none."""
    try:
        return read_address(text)
    except AddressError:
        return ""


def _patient(errand: _Errand, outcome: MailOutcome, now: datetime) -> MailOutcome:
    """Return the outcome, a refusal of whoever was tried for too long."""
    if now - errand.row.created_at < PATIENCE:
        return outcome
    said = {**outcome.accepted, **outcome.refused, **outcome.doubtful}
    given_up = {
        address: text for address, text in _all(errand, f"не удалось за 5 суток: {outcome.text}").items()
        if address not in said
    }
    return replace(outcome, refused={**outcome.refused, **given_up})


def _settle(office: Office, unit: Unit, errand: _Errand, outcome: MailOutcome) -> None:
    """Write the outcome into journal, chat, incidents and row: all of it, or nothing."""
    now, row = office.clock.now(), errand.row
    _health(unit, outcome, row, now)
    answered = _recipients(_patient(errand, outcome, now))
    known = {one.address for one in answered}
    waiting = any(one.address not in known for one in errand.letter.to("waiting"))
    if answered:
        # One answer per attempt: a claim has its own epoch.
        _record(office, unit, errand, answered, LABELS[_word(answered)], f"{row.key}:{row.epoch}")
    ending, again = Outcome.COMPLETED, None
    if waiting:
        ending, again = Outcome.RETRY, now + timedelta(seconds=_pause(outcome, row))
    elif any(one.state != "accepted" for one in answered):
        ending = Outcome.DISCARDED
    if not outbox.settle(unit, row, ending, now, available_at=again, error=outcome.text[:500]):
        raise _LeaseLostError
    log.info("letter_attempted", letter=errand.letter.id, ending=str(outcome.ending),
             accepted=len(outcome.accepted), refused=len(outcome.refused), doubtful=len(outcome.doubtful))


def _recipients(outcome: MailOutcome) -> tuple[Recipient, ...]:
    said = (("accepted", outcome.accepted), ("refused", outcome.refused), ("doubt", outcome.doubtful))
    return tuple(
        Recipient(address=address, state=state, note=text)
        for state, found in said for address, text in found.items()
    )


def _pause(outcome: MailOutcome, row: OutboxRow) -> float:
    if outcome.ending is MailEnding.BLOCKED:
        return _BLOCKED_PAUSE_S
    return BACKOFF_S[min(row.attempts, len(BACKOFF_S)) - 1]


def _health(unit: Unit, outcome: MailOutcome, row: OutboxRow, now: datetime) -> None:
    """One incident for the mail server itself, closed by the first letter it answers about."""
    if outcome.ending is MailEnding.ANSWERED:
        if not row.recovered:
            incidents.close(unit, MAIL_INCIDENT, now, resolution="Почтовый сервер снова принимает письма")
    elif outcome.ending is MailEnding.BLOCKED or row.attempts >= _ALARM_AFTER:
        incidents.open(unit, MAIL_INCIDENT, "mail", f"Письма не уходят: {outcome.text}", now)


def _record(
    office: Office, unit: Unit, errand: _Errand, answered: tuple[Recipient, ...], label: str, key: str
) -> None:
    stored = documents.load(unit, errand.uuid, lock=True)
    assert stored is not None, "documents are never deleted"
    definition = office.definition_of(stored.document)
    context = office.context(unit)
    event = LetterAnswered(id=errand.letter.id, recipients=answered)
    decision = conclude(definition, stored.document, [event], context, label=label, actor=SYSTEM)
    commit(office, unit, definition, stored, decision, context, derived_id("letter", key))
    bad = [one for one in answered if one.state != "accepted"]
    if bad:
        _alarm(unit, stored, errand.letter, label, bad, context, key)


def _word(answered: Iterable[Recipient]) -> str:
    states = {one.state for one in answered}
    if "doubt" in states:
        return "doubt"
    return states.pop() if len(states) == 1 else "partly"


def _alarm(
    unit: Unit, stored: StoredDocument, letter: Letter, label: str, bad: list[Recipient], context: Context,
    key: str,
) -> None:
    """Tell whoever wrote the letter in the chat, and everybody who minds the installation."""
    document = stored.document
    reasons = "; ".join(f"{one.address}: {one.note}" for one in bad)
    incidents.open(
        unit, letter_incident(letter.id), "letter",
        f"{_name(document)}. {label} «{letter.subject[:80]}»: {reasons}"[:2000], context.now,
        document_id=stored.id, details={"letter": letter.id, "uuid": document.uuid},
    )
    if not context.directory.active(letter.by):
        return
    advice = "Откройте документ и выберите «Отправить ещё раз»"
    if any(one.state == "doubt" for one in bad):
        advice += " или «Считать отправленным»"
    said = [f"{one.address}: {one.note}" for one in bad[:3]]
    lines = [f"{label}: «{letter.subject}».", *said, f"{advice}."]
    outbox.enqueue(
        unit, f"{key}:told", "message",
        {"recipient": letter.by, "title": _name(document), "lines": lines, "uuid": document.uuid},
        context.now, document_id=stored.id, recipient=letter.by,
    )


def _name(document: Document) -> str:
    return document.number.text if document.number is not None else "Документ"
