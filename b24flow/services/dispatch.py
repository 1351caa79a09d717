"""Bringing the portal to the truth: claim what waits, plan, note the intent, send, write down the outcome.

Each round is a transaction, an exchange with the portal, a transaction. Nothing is sent that was not noted
before, nothing is repeated that was not looked up, and what the portal refuses becomes an incident.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from b24flow.core.commands import Context
from b24flow.core.projection import Ending, Known, LookUp, Outcome, Plan, Portal, Step
from b24flow.errors import NotFound
from b24flow.failpoints import failpoint
from b24flow.log import get_logger
from b24flow.services.cards import message_card
from b24flow.services.office import Office
from b24flow.services.picture import picture_of
from b24flow.store import documents, incidents, journal, objects, outbox, work
from b24flow.store.engine import Unit, retrying
from b24flow.store.objects import Confirmation, Intent, PortalObject
from b24flow.store.outbox import OutboxRow
from b24flow.store.outbox import Outcome as Settlement

log = get_logger(__name__)

CLAIM = 10
COMMENT = "comment"
LEASE_S = 120.0
MAX_RECHECKS = 5
UNREADABLE = "содержимое файла не читается из хранилища"
BLOCKED = "portal.blocked"
BACKOFF_S = (1, 2, 5, 15, 30, 60, 120, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patient the dispatcher is; `settle`: how long a request may still run after we gave up."""

    settle: timedelta = timedelta(seconds=180)


@dataclass(slots=True)
class _Job:
    """One claimed row with what it needs from the portal."""

    row: OutboxRow
    plan: Plan
    held: datetime | None = None
    uuid: str = ""
    present: Mapping[str, PortalObject] = field(default_factory=dict)
    outcomes: list[tuple[Step | LookUp, Outcome]] = field(default_factory=list)

    def newly_refused(self) -> list[str]:
        """Keys of files the portal refused now and had not refused before: the rest goes on."""
        return [
            one.key for one, outcome in self.outcomes
            if isinstance(one, Step) and one.upload and outcome.ending is Ending.REJECTED
            and not (one.key in self.present and self.present[one.key].fields.get("refused"))
        ]


@dataclass(slots=True, kw_only=True)
class Report:
    """What a drain did."""

    rounds: int = 0
    completed: int = 0
    refused: int = 0
    waiting: int = 0


def drain(office: Office, portal: Portal, *, owner: str, pace: Pace, rounds: int = 1000) -> Report:
    """Run rounds until nothing is due now; what waits for its time stays for a later drain."""
    report = Report()
    while report.rounds < rounds and one_round(office, portal, owner=owner, pace=pace,
                                               report=report):
        report.rounds += 1
    return report


def one_round(
    office: Office, portal: Portal, *, owner: str, pace: Pace, report: Report
) -> bool:
    """Run one round; False when nothing was due."""
    with office.database.reading() as unit:
        if not outbox.due(unit, office.clock.now()):
            return False
    jobs = retrying(office.database, lambda unit: _prepare(office, portal, unit, owner, pace))
    if not jobs:
        return False
    failpoint("outbox.after_intent")
    _exchange(office, portal, jobs)
    failpoint("outbox.after_send")
    for job in jobs:
        _settle(office, job, pace, report)
    failpoint("outbox.after_settle")
    return True


def _prepare(
    office: Office, portal: Portal, unit: Unit, owner: str, pace: Pace
) -> list[_Job]:
    now = office.clock.now()
    rows = outbox.claim(unit, owner, now, LEASE_S, CLAIM)
    rows += outbox.claim_messages(unit, rows, owner, now, LEASE_S)
    context = office.context(unit)
    ids = {row.document_id for row in rows if row.document_id is not None}
    known = objects.of_documents(unit, ids)
    jobs: list[_Job] = []
    for row in rows:
        present = known.get(row.document_id or 0, [])
        if row.kind == outbox.PROJECTION:
            jobs.append(_projection(office, portal, unit, row, present, context, pace))
        elif row.kind == "message":
            card = message_card(office, row.key, row.payload, row.created_at)
            step = portal.message(row.key, card)
            jobs.append(_Job(row=row, plan=Plan(steps=(step,))))
        else:
            jobs.append(_comment(portal, row, present))
    intents = [
        Intent(document_id=job.row.document_id, key=step.key, kind=step.kind, wanted=step.wanted,
               epoch=job.row.epoch)
        for job in jobs if job.row.kind == outbox.PROJECTION and job.held is None
        for step in job.plan.steps if job.row.document_id is not None
    ]
    objects.put_intents(unit, intents, now)
    return jobs


def _projection(
    office: Office, portal: Portal, unit: Unit, row: OutboxRow, present: Sequence[PortalObject],
    context: Context, pace: Pace,
) -> _Job:
    assert row.document_id is not None
    stored = documents.by_id(unit, row.document_id)
    definition = office.definition_of(stored.document)
    picture = picture_of(
        office, definition, stored.document, work.ledger(unit, stored.id),
        journal.history(unit, stored.document.uuid), context,
    )
    plan = portal.plan(picture, {one.key: _known(one) for one in present})
    job = _Job(row=row, plan=plan, uuid=stored.document.uuid,
               present={one.key: one for one in present})
    looked_for = {one.key for one in plan.lookups}
    waits = [
        one.intent_at + pace.settle for one in present
        if one.key in looked_for and one.intent_at is not None and one.state == "intent"
    ]
    if waits and max(waits) > context.now:
        job.held = max(waits)
    return job


def _known(one: PortalObject) -> Known:
    return Known(
        key=one.key, kind=one.kind, portal_id=one.portal_id,
        settled=one.state not in {"intent", "in_doubt"}, lost=one.state == "lost",
        fields=one.fields, intent_at=one.intent_at,
    )


def _comment(portal: Portal, row: OutboxRow, present: Sequence[PortalObject]) -> _Job:
    item = next((one.portal_id for one in present if one.kind == "item"), None)
    if item is None:
        return _Job(row=row, plan=Plan())
    step, lookup = portal.comment(row.key, item, row.payload["process"], row.payload["text"])
    if row.recovered:
        return _Job(row=row, plan=Plan(lookups=(lookup,), more=True))
    return _Job(row=row, plan=Plan(steps=(step,)))


def _exchange(office: Office, portal: Portal, jobs: Sequence[_Job]) -> None:
    """Send everything of all jobs together: look-ups in one batch, steps in as few as possible."""
    active = [job for job in jobs if job.held is None]
    lookups = [(job, one) for job in active for one in job.plan.lookups]
    if lookups:
        found = portal.look_up([one for _, one in lookups])
        for (job, one), outcome in zip(lookups, found, strict=True):
            job.outcomes.append((one, outcome))
    steps = [(job, step) for job in active if not job.plan.lookups for step in job.plan.steps]
    contents = _contents(office, {step.upload for _, step in steps if step.upload})
    for job, step in steps:
        if step.upload and step.upload not in contents:
            job.outcomes.append((step, Outcome(ending=Ending.REJECTED, text=UNREADABLE)))
    steps = [(job, step) for job, step in steps if not step.upload or step.upload in contents]
    if steps:
        sent = portal.send([step for _, step in steps], contents)
        for (job, step), outcome in zip(steps, sent, strict=True):
            job.outcomes.append((step, outcome))


def _contents(office: Office, wanted: Iterable[str]) -> dict[str, bytes]:
    """Read files; one that cannot be read must not keep everybody's documents from the portal."""
    found: dict[str, bytes] = {}
    for sha256 in wanted:
        try:
            found[sha256] = office.content.path(sha256).read_bytes()
        except (OSError, NotFound) as error:
            log.warning("content_unreadable", sha256=sha256[:12], error=type(error).__name__)
    return found


class _LeaseLostError(Exception):
    """Another worker has the row by now: nothing of this attempt may be written down."""


def _settle(office: Office, job: _Job, pace: Pace, report: Report) -> None:
    def write(unit: Unit) -> None:
        now = office.clock.now()
        settlement = _outcome_of(unit, job, now, pace, report)
        if not outbox.settle(unit, job.row, settlement.ending, now, error=settlement.text,
                             available_at=settlement.again_at):
            raise _LeaseLostError
        failpoint("outbox.before_settle")

    try:
        retrying(office.database, write)
    except _LeaseLostError:
        log.warning("outbox_lease_lost", outbox_id=job.row.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settled:
    ending: Settlement
    again_at: datetime | None = None
    text: str = ""


def _outcome_of(
    unit: Unit, job: _Job, now: datetime, pace: Pace, report: Report
) -> _Settled:
    """Write down what became known of each object and say how the row ends."""
    row = job.row
    if job.held is not None:
        report.waiting += 1
        return _Settled(ending=Settlement.IN_DOUBT, again_at=job.held)
    endings = [outcome.ending for _, outcome in job.outcomes]
    if row.kind == outbox.PROJECTION and row.document_id is not None:
        _note_objects(unit, row, job, now)
    if row.error and Ending.DONE in endings:
        incidents.close(unit, BLOCKED, now, resolution="Портал снова принимает вызовы")
    problems = [
        (subject, outcome) for subject, outcome in job.outcomes
        if outcome.ending in {Ending.REJECTED, Ending.GONE}
        # Attempts of an outage (the last one left its error) are no attempts at this conflict.
        or (outcome.ending is Ending.RECHECK and row.attempts > MAX_RECHECKS and not row.error)
    ]
    for subject, outcome in problems:
        _incident(unit, job, subject, outcome, now)
    for key in job.plan.lost:
        _lost(unit, job, key, now)
    for subject, outcome in job.outcomes:
        if outcome.duplicates:
            _doubled(unit, job, subject, outcome, now)
    text = "; ".join(dict.fromkeys(one.text for _, one in job.outcomes if one.text))[:500]
    if Ending.UNKNOWN in endings:
        report.waiting += 1
        return _Settled(ending=Settlement.IN_DOUBT, again_at=now + pace.settle, text=text)
    if Ending.UNAVAILABLE in endings or Ending.BLOCKED in endings:
        report.waiting += 1
        return _later(unit, row, now, text, blocked=Ending.BLOCKED in endings)
    refused = [one for one in problems if one[1].ending is not Ending.GONE]
    if refused and not (job.newly_refused() or (job.plan.more and len(problems) < len(endings))):
        report.refused += 1
        return _Settled(ending=Settlement.DISCARDED, text=text)
    found = row.kind == COMMENT and Ending.DONE in endings
    if not found and (job.plan.more or Ending.RECHECK in endings):
        return _Settled(ending=Settlement.RETRY, again_at=now)
    report.completed += 1
    return _Settled(ending=Settlement.COMPLETED)


def _later(unit: Unit, row: OutboxRow, now: datetime, text: str, *, blocked: bool) -> _Settled:
    """The portal is away or closed to us: the row waits, longer each time, without a limit."""
    pause = BACKOFF_S[min(row.attempts, len(BACKOFF_S)) - 1]
    if blocked:
        incidents.open(unit, BLOCKED, "portal",
                       f"Портал не принимает наши вызовы: {text}", now)
        pause = BACKOFF_S[-2]
    return _Settled(ending=Settlement.RETRY, again_at=now + timedelta(seconds=pause), text=text)


def _note_objects(unit: Unit, row: OutboxRow, job: _Job, now: datetime) -> None:
    """Write down what is now known of each object; what has no answer stays an intent."""
    assert row.document_id is not None
    confirmed: list[Confirmation] = []
    absent: list[tuple[int, str]] = []
    gone: list[tuple[int, str]] = []
    doubtful: list[tuple[int, str]] = []
    for subject, outcome in job.outcomes:
        key = (row.document_id, subject.key)
        if outcome.ending is Ending.DONE and outcome.portal_id is not None:
            fields = outcome.fields
            if isinstance(subject, LookUp) and subject.kind == "task":
                fields = _ours(job.present[subject.key], fields)
            confirmed.append(Confirmation(document_id=key[0], key=key[1],
                                          portal_id=outcome.portal_id, fields=fields))
        elif outcome.ending is Ending.GONE:
            gone.append(key)
        elif outcome.ending is Ending.RECHECK:
            doubtful.append(key)
        elif outcome.ending is Ending.ABSENT or (
            # A look-up that was refused or did not go out says nothing of the object.
            isinstance(subject, Step)
            and outcome.ending in {Ending.UNAVAILABLE, Ending.BLOCKED, Ending.REJECTED}
        ):
            absent.append(key)
    objects.confirm(unit, confirmed, now)
    objects.mark(unit, absent, "confirmed")
    objects.refuse(unit, [(row.document_id, key) for key in job.newly_refused()])
    objects.mark(unit, gone, "lost")
    objects.mark(unit, doubtful, "in_doubt")


def _ours(present: PortalObject, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the found state of a task without what neither we sent nor knew: that was a person, and
    the poll, which sees it differ, turns it into facts."""
    sent = present.wanted or {}
    return {
        name: value if value == present.fields.get(name) else sent.get(name, value)
        for name, value in found.items()
    }


def _incident(
    unit: Unit, job: _Job, subject: Step | LookUp, outcome: Outcome, now: datetime
) -> None:
    key = f"portal:{job.row.key}:{subject.key}"
    if outcome.ending is Ending.GONE:
        _lost(unit, job, subject.key, now)
        return
    incidents.open(
        unit, key, "refused", f"Портал отказал: {outcome.text}", now,
        document_id=job.row.document_id, details={"object": subject.kind, "key": subject.key},
    )
    log.warning("portal_write_refused", object=subject.kind, outbox_id=job.row.id)


def _doubled(
    unit: Unit, job: _Job, subject: Step | LookUp, outcome: Outcome, now: datetime
) -> None:
    """The portal executed a request after we had given it up: the oldest object stays ours."""
    incidents.open(
        unit, f"doubled:{job.row.document_id}:{subject.key}", "doubled",
        f"В портале лишние копии ({outcome.duplicates}): оставлен объект {outcome.portal_id}, "
        "остальные удалите вручную", now, document_id=job.row.document_id,
        details={"key": subject.key, "kept": outcome.portal_id},
    )


def _lost(unit: Unit, job: _Job, key: str, now: datetime) -> None:
    """A thing of ours was deleted by hand: a person decides, it is never made again silently."""
    words = {"item": "Карточка реестра удалена", "task": "Задача удалена", "card": "Сообщение удалено",
             "folder": "Папка удалена", "file": "Файл удалён"}
    kind = key.partition(":")[0]
    incidents.open(
        unit, f"lost:{job.row.document_id}:{key}", "lost",
        f"{words.get(kind, 'Объект удалён')} в портале вручную", now,
        document_id=job.row.document_id, details={"key": key},
    )
