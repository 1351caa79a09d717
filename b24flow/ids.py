"""Identifiers: random ones, and deterministic ones derived from a key so that a repeat finds the first."""

from __future__ import annotations

import hashlib
import secrets
import uuid


def new_id() -> str:
    """Return a fresh random UUID in its canonical lower-case form."""
    return str(uuid.uuid4())


def derived_id(*parts: object) -> str:
    """Return the same UUIDv4-shaped id for the same parts, on every machine and in every run.

    The version and variant bits are forced, because the portal deduplicates chat messages only by
    ids of the form of a lower-case UUIDv4 (reference bitrix24-rest-tasks-bot-disk.md §2.5).
    """
    digest = bytearray(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()[:16])
    digest[6] = (digest[6] & 0x0F) | 0x40
    digest[8] = (digest[8] & 0x3F) | 0x80
    return str(uuid.UUID(bytes=bytes(digest)))


def new_secret(nbytes: int = 24) -> str:
    """Return a URL-safe random secret of `nbytes` bytes of entropy."""
    return secrets.token_urlsafe(nbytes)
