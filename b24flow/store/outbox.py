"""The outbox: what must still reach the portal, written in the transaction of the decision.

A row is claimed with a lease and an epoch, and settled only by whoever holds that epoch: a worker that
slept through its lease changes nothing any more. A claim of a row whose outcome is not known (expired
lease, in doubt) says so in `recovered`: look in the portal before sending anything.

States: available → running → completed | available (again later) | in_doubt (look up later) |
discarded (needs a person); cancelled by us before it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal_column, or_, select, update

from b24flow.store import upsert
from b24flow.store.engine import Unit
from b24flow.store.tables import outbox

PROJECTION = "projection"
LETTER = "letter"
"""An e-mail: it goes another way than all the rest, so neither ever waits for the other."""
Message = tuple[str, str, Mapping[str, Any]]
"""A one-shot message: key, kind, payload."""

_LIVE = ("available", "running", "in_doubt")
# Any number, the same in every process: claims of all workers follow one another.
_CLAIM_LOCK = 8_240_001


class Outcome(StrEnum):
    """How an attempt ended; see the module for what follows."""

    COMPLETED = "completed"
    RETRY = "retry"
    IN_DOUBT = "in_doubt"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One effect to bring about; `wanted_version` is the document version as of the claim."""

    id: int
    key: str
    kind: str
    document_id: int | None
    recipient: int | None
    payload: Mapping[str, Any]
    state: str
    wanted_version: int
    done_version: int
    attempts: int
    epoch: int
    recovered: bool
    leased_by: str | None
    leased_until: datetime | None
    available_at: datetime
    created_at: datetime
    settled_at: datetime | None
    error: str


def want_projection(
    unit: Unit, document_id: int, version: int, now: datetime, messages: Sequence[Message] = ()
) -> None:
    """Ask for a document to be projected at `version` or newer; one row per document, coalesced.

    A row that is running or in doubt stays so and becomes available again when it is settled; a row
    that waits for its next attempt keeps waiting. `messages` about the document go in the same statement,
    those whose key is known are ignored.
    """
    statement = upsert.insert(unit, outbox).values([*_messages(messages, now, document_id), _new(
        f"{PROJECTION}:{document_id}", PROJECTION, {}, now,
        document_id=document_id, recipient=None, wanted_version=version,
    )])
    # A message that is there already has the same version, none, and is never woken.
    wanted = statement.excluded.wanted_version
    higher = case((outbox.c.wanted_version < wanted, wanted), else_=outbox.c.wanted_version)
    asleep = and_(outbox.c.kind == PROJECTION, outbox.c.state.not_in(_LIVE))
    unit.execute(statement.on_conflict_do_update(index_elements=["key"], set_={
        "wanted_version": higher,
        "state": case((asleep, "available"), else_=outbox.c.state),
        "available_at": case((asleep, statement.excluded.available_at),
                             else_=outbox.c.available_at),
        "attempts": case((asleep, 0), else_=outbox.c.attempts),
    }))


def enqueue(
    unit: Unit,
    key: str,
    kind: str,
    payload: Mapping[str, Any],
    now: datetime,
    *,
    document_id: int | None = None,
    recipient: int | None = None,
) -> bool:
    """Add a one-shot message; False when `key` was enqueued before, whatever became of it."""
    statement = upsert.insert(unit, outbox).values(_new(
        key, kind, payload, now, document_id=document_id, recipient=recipient, wanted_version=0,
    ))
    return upsert.added(unit, statement, outbox.c.key)


def enqueue_many(
    unit: Unit,
    messages: Sequence[Message],
    now: datetime,
    *,
    document_id: int | None = None,
) -> None:
    """Add messages in one statement; known keys are ignored."""
    if not messages:
        return
    statement = upsert.insert(unit, outbox).values(_messages(messages, now, document_id))
    unit.execute(statement.on_conflict_do_nothing(index_elements=["key"]))


def _messages(
    messages: Sequence[Message], now: datetime, document_id: int | None
) -> list[dict[str, Any]]:
    return [
        _new(key, kind, payload, now, document_id=document_id,
             recipient=payload.get("recipient"), wanted_version=0)
        for key, kind, payload in messages
    ]


def due(unit: Unit, now: datetime) -> bool:
    """Tell whether `claim` would look at any row: a reading unit is enough for an idle tick."""
    waits = exists().where(_claimable(now), outbox.c.kind != LETTER)
    return bool(unit.execute(select(waits)).scalar_one())


def letter_due(unit: Unit, now: datetime) -> bool:
    """Tell whether `claim_letter` would find a row."""
    waits = exists().where(_claimable(now), outbox.c.kind == LETTER)
    return bool(unit.execute(select(waits)).scalar_one())


def claim(
    unit: Unit, owner: str, now: datetime, lease_seconds: float, limit: int
) -> list[OutboxRow]:
    """Lease up to `limit` due rows for the portal to `owner`, oldest first, at most one per document.

    The rows of a document go in order: a later one waits until the earlier ones are settled for good.
    """
    if unit.postgres:
        # Two claims at once could each miss the other's row of the same document.
        unit.execute(select(func.pg_advisory_xact_lock(_CLAIM_LOCK)))
    rival = outbox.alias("rival")
    in_order = ~exists().where(
        _live(rival.name), rival.c.document_id == outbox.c.document_id, rival.c.id != outbox.c.id,
        rival.c.kind != LETTER,
        # A dead worker's rows stand for nobody: two of them would wait for each other for ever.
        or_(rival.c.id < outbox.c.id, and_(rival.c.state == "running", rival.c.leased_until >= now)),
    )
    query = (
        select(outbox.c.id).where(_claimable(now), outbox.c.kind != LETTER, in_order)
        .order_by(outbox.c.id).limit(limit).with_for_update(skip_locked=True)
    )
    return _lease(unit, unit.execute(query).scalars().all(), owner, now, lease_seconds)


def claim_letter(unit: Unit, owner: str, now: datetime, lease_seconds: float) -> OutboxRow | None:
    """Lease the letter that has been due longest; letters have no order among themselves."""
    query = (
        select(outbox.c.id).where(_claimable(now), outbox.c.kind == LETTER)
        .order_by(outbox.c.available_at, outbox.c.id).limit(1).with_for_update(skip_locked=True)
    )
    rows = _lease(unit, unit.execute(query).scalars().all(), owner, now, lease_seconds)
    return rows[0] if rows else None


def _lease(
    unit: Unit, ids: Sequence[int], owner: str, now: datetime, lease_seconds: float
) -> list[OutboxRow]:
    if not ids:
        return []
    statement = update(outbox).where(outbox.c.id.in_(ids)).values(
        state="running", epoch=outbox.c.epoch + 1, attempts=outbox.c.attempts + 1,
        recovered=outbox.c.state != "available", leased_by=owner,
        leased_until=now + timedelta(seconds=lease_seconds),
    )
    rows = [_row(row) for row in unit.execute(statement.returning(*outbox.c))]
    return sorted(rows, key=lambda row: row.id)


def renew(unit: Unit, row: OutboxRow, now: datetime, lease_seconds: float) -> bool:
    """Prolong a lease; False when the row belongs to somebody else by now."""
    until = now + timedelta(seconds=lease_seconds)
    statement = update(outbox).where(_held(row)).values(leased_until=until)
    return unit.execute(statement).rowcount == 1


def settle(
    unit: Unit,
    row: OutboxRow,
    outcome: Outcome,
    now: datetime,
    *,
    available_at: datetime | None = None,
    error: str = "",
) -> bool:
    """Write down how an attempt of a claimed row ended; False when the claim is not valid any more.

    On False roll the unit back: whatever else it holds belongs to a lost lease. `available_at` is the
    earliest next attempt (retry) or look-up (in_doubt). A projection wanted anew meanwhile becomes
    available again instead of ending.
    """
    newer = and_(outbox.c.kind == PROJECTION, outbox.c.wanted_version > row.wanted_version)
    values: dict[str, Any] = {"leased_by": None, "leased_until": None, "settled_at": now,
                              "error": error, "recovered": False}
    if outcome is Outcome.RETRY:
        values |= {"state": "available", "available_at": available_at or now}
    elif outcome is Outcome.IN_DOUBT:
        values |= {"state": "in_doubt", "available_at": available_at or now}
    else:
        values |= {"state": case((newer, "available"), else_=str(outcome)), "attempts": 0,
                   "available_at": now}
    if outcome is Outcome.COMPLETED:
        values["done_version"] = row.wanted_version
    return unit.execute(update(outbox).where(_held(row)).values(**values)).rowcount == 1


def listing(
    unit: Unit, *, states: Sequence[str] = _LIVE, after: int = 0, limit: int = 100
) -> list[OutboxRow]:
    """Return rows in the given states with ids above `after`, oldest first."""
    query = (
        select(outbox).where(outbox.c.state.in_(states), outbox.c.id > after)
        .order_by(outbox.c.id).limit(limit)
    )
    return [_row(row) for row in unit.execute(query)]


def by_keys(unit: Unit, keys: Sequence[str]) -> dict[str, OutboxRow]:
    """Return the rows with these keys."""
    query = select(outbox).where(outbox.c.key.in_(keys))
    return {row.key: _row(row) for row in unit.execute(query)} if keys else {}


def get(unit: Unit, row_id: int) -> OutboxRow | None:
    """Return a row by id."""
    row = unit.execute(select(outbox).where(outbox.c.id == row_id)).one_or_none()
    return None if row is None else _row(row)


def retry(unit: Unit, row_id: int, now: datetime) -> bool:
    """Make a waiting, discarded or cancelled row due now; False when there is none.

    A row in doubt stays in doubt: its next claim still looks before it sends.
    """
    doubt = outbox.c.state == "in_doubt"
    statement = update(outbox).where(
        outbox.c.id == row_id,
        outbox.c.state.in_(("available", "in_doubt", "discarded", "cancelled")),
    ).values(state=case((doubt, "in_doubt"), else_="available"), available_at=now, attempts=0)
    return unit.execute(statement).rowcount == 1


def discard(unit: Unit, row_id: int, reason: str, now: datetime) -> bool:
    """Give a row up for good, for a reason; False when it is running or has ended."""
    return _stop(unit, row_id, "discarded", reason, now)


def cancel(unit: Unit, row_id: int, reason: str, now: datetime) -> bool:
    """Withdraw a row that lost its object; False when it is running or has ended."""
    return _stop(unit, row_id, "cancelled", reason, now)


def counts(unit: Unit) -> dict[str, int]:
    """Return the number of rows by state."""
    query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return {row[0]: int(row[1]) for row in unit.execute(query)}


def _stop(unit: Unit, row_id: int, state: str, reason: str, now: datetime) -> bool:
    statement = update(outbox).where(
        outbox.c.id == row_id, outbox.c.state.in_(("available", "in_doubt")),
    ).values(state=state, error=reason, settled_at=now)
    return unit.execute(statement).rowcount == 1


def _claimable(now: datetime) -> ColumnElement[bool]:
    return and_(_live(outbox.name), or_(
        and_(outbox.c.state != "running", outbox.c.available_at <= now),
        and_(outbox.c.state == "running", outbox.c.leased_until < now),
    ))


def _live(table: str) -> ColumnElement[bool]:
    """Literals, not parameters: only so do both engines see that the index of live rows serves."""
    state: ColumnElement[str] = literal_column(f"{table}.state")
    return state.in_([literal_column(f"'{one}'") for one in _LIVE])


def _held(row: OutboxRow) -> ColumnElement[bool]:
    return and_(
        outbox.c.id == row.id, outbox.c.epoch == row.epoch, outbox.c.leased_by == row.leased_by,
        outbox.c.state == "running",
    )


def _new(
    key: str,
    kind: str,
    payload: Mapping[str, Any],
    now: datetime,
    *,
    document_id: int | None,
    recipient: int | None,
    wanted_version: int,
) -> dict[str, Any]:
    return {
        "key": key, "kind": kind, "payload": dict(payload), "document_id": document_id,
        "recipient": recipient, "state": "available", "wanted_version": wanted_version,
        "done_version": 0, "attempts": 0, "epoch": 0, "recovered": False, "available_at": now,
        "created_at": now, "error": "",
    }


def _row(row: Any) -> OutboxRow:
    return OutboxRow(**row._mapping)


def claim_messages(
    unit: Unit, rows: Sequence[OutboxRow], owner: str, now: datetime, lease_seconds: float
) -> list[OutboxRow]:
    """Lease the due messages of documents just claimed, so that they share the request.

    Messages have no order among themselves and against the projection: each stands for itself.
    """
    ids = [row.document_id for row in rows if row.document_id is not None]
    if not ids:
        return []
    query = (
        select(outbox.c.id)
        .where(outbox.c.document_id.in_(ids), outbox.c.kind == "message",
               outbox.c.state != "running", _claimable(now))
        .order_by(outbox.c.id).with_for_update(skip_locked=True)
    )
    return _lease(unit, unit.execute(query).scalars().all(), owner, now, lease_seconds)
