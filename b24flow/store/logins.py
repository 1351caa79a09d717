"""One-time logins and nonces: each may be used once, and the database never holds a usable secret."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from b24flow.store import upsert
from b24flow.store.engine import Unit
from b24flow.store.tables import login_request, used_nonce


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRequest:
    """A request to be let in as `user_id`; `details` is what the person is shown (device, place)."""

    id: int
    user_id: int
    details: Mapping[str, Any]
    created_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None
    used_at: datetime | None


def ask(
    unit: Unit,
    token: str,
    user_id: int,
    now: datetime,
    seconds: float,
    *,
    details: Mapping[str, Any] | None = None,
    confirmed: bool = False,
) -> int:
    """Store a request under the hash of its secret token and return the id to confirm it by.

    `confirmed` is for personal links, which reach only their person.
    """
    statement = insert(login_request).values(
        token_hash=_hash(token), user_id=user_id, details=dict(details or {}), created_at=now,
        expires_at=now + timedelta(seconds=seconds), confirmed_at=now if confirmed else None,
    )
    return int(unit.execute(statement.returning(login_request.c.id)).scalar_one())


def confirm(unit: Unit, request_id: int, user_id: int, now: datetime) -> bool:
    """Confirm a request on behalf of its own person; False when it is not his, used or out of date."""
    statement = update(login_request).where(
        login_request.c.id == request_id, login_request.c.user_id == user_id,
        login_request.c.confirmed_at.is_(None), login_request.c.used_at.is_(None),
        login_request.c.expires_at > now,
    )
    return unit.execute(statement.values(confirmed_at=now)).rowcount == 1


def deny(unit: Unit, request_id: int, user_id: int, now: datetime) -> bool:
    """Use a request up without letting anybody in; False when it is not his, used or out of date."""
    statement = update(login_request).where(
        login_request.c.id == request_id, login_request.c.user_id == user_id,
        login_request.c.used_at.is_(None), login_request.c.expires_at > now,
    )
    return unit.execute(statement.values(used_at=now)).rowcount == 1


def find(unit: Unit, token: str) -> LoginRequest | None:
    """Return the request of a token."""
    columns = [column for column in login_request.c if column.name != "token_hash"]
    query = select(*columns).where(login_request.c.token_hash == _hash(token))
    row = unit.execute(query).one_or_none()
    return None if row is None else LoginRequest(**row._mapping)


def redeem(unit: Unit, token: str, now: datetime) -> int | None:
    """Use up a confirmed token and return whose it is; None when it is unconfirmed, used or too old."""
    statement = (
        update(login_request)
        .where(
            login_request.c.token_hash == _hash(token), login_request.c.used_at.is_(None),
            login_request.c.confirmed_at.is_not(None), login_request.c.expires_at > now,
        )
        .values(used_at=now).returning(login_request.c.user_id)
    )
    return unit.execute(statement).scalar_one_or_none()


def asked_since(unit: Unit, user_id: int, since: datetime) -> int:
    """Return how many requests were made for a person since an instant, to hold floods back."""
    query = select(func.count()).select_from(login_request).where(
        login_request.c.user_id == user_id, login_request.c.created_at >= since
    )
    return int(unit.execute(query).scalar_one())


def spend_nonce(unit: Unit, nonce: str, now: datetime, expires_at: datetime) -> bool:
    """Use a nonce up; False when it was used before. It may be forgotten after `expires_at`."""
    statement = upsert.insert(unit, used_nonce).values(
        nonce=_hash(nonce), used_at=now, expires_at=expires_at
    )
    return upsert.added(unit, statement, used_nonce.c.nonce)


def prune(unit: Unit, now: datetime) -> int:
    """Delete requests and nonces that are out of date; return how many."""
    old = unit.execute(delete(login_request).where(login_request.c.expires_at < now)).rowcount
    spent = unit.execute(delete(used_nonce).where(used_nonce.c.expires_at < now)).rowcount
    return old + spent


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
