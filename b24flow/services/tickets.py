"""Short signed strings: personal links, form tokens, button nonces. HMAC-SHA256, no state, no cookies.

A ticket proves only what is written in it (purpose, person, subject, expiry); rights are checked again at
every action.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

_FORM = re.compile(r"^([a-z]{1,12})\.(\d{1,9})\.(\d{1,12})\.([A-Za-z0-9_-]{22})$")


@dataclass(frozen=True, slots=True)
class Tickets:
    """Issues and checks tickets with one secret of the installation."""

    secret: str = field(repr=False)

    def issue(self, purpose: str, user: int, expires: datetime, subject: str = "") -> str:
        """Return a ticket; the same arguments give the same ticket."""
        until = int(expires.timestamp())
        return f"{purpose}.{user}.{until}.{self._sign(purpose, user, until, subject)}"

    def check(self, ticket: str, purpose: str, now: datetime, subject: str = "") -> int | None:
        """Return the person a ticket was issued to, None when it is forged, foreign or expired."""
        found = _FORM.match(ticket)
        if found is None or found[1] != purpose:
            return None
        user, until = int(found[2]), int(found[3])
        expected = self._sign(purpose, user, until, subject)
        if not hmac.compare_digest(expected, found[4]):
            return None
        if now.astimezone(UTC).timestamp() >= until:
            return None
        return user

    def nonce(self, *parts: object) -> str:
        """Return the proof of a button: 22 characters that only we can compute."""
        return self._digest("nonce", *parts)

    def _sign(self, purpose: str, user: int, until: int, subject: str) -> str:
        return self._digest("ticket", purpose, user, until, subject)

    def _digest(self, *parts: object) -> str:
        message = "\x1f".join(map(str, parts)).encode()
        digest = hmac.new(self.secret.encode(), message, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest)[:22].decode()
