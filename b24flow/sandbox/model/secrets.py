"""Secrets of the portal: computed from its seed and a counter, so equal histories give equal ones."""

from __future__ import annotations

import hashlib
import hmac

from b24flow.sandbox.model.state import State


def secret(state: State, kind: str, length: int) -> str:
    """Return a new hexadecimal secret; `kind` keeps the counters of different secrets apart."""
    number = state.next_id(f"secret:{kind}")
    return digest(state, f"{kind}:{number}")[:length]


def given(state: State) -> dict[str, int]:
    """Return the counters of all secrets that were ever given out."""
    return {name: last for name, last in state.counters.items() if name.startswith("secret:")}


def digest(state: State, text: str) -> str:
    """Return 128 hexadecimal digits that only this portal gives for `text`."""
    return hashlib.sha512(f"{state.salt}:{text}".encode()).hexdigest()


def member_id(state: State) -> str:
    """Return the portal's unique identifier; it does not change with the address."""
    return digest(state, "member")[:32]


def same(one: str, other: str) -> bool:
    """Compare two secrets in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
