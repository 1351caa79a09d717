"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from b24flow.sandbox.server import SandboxServer
from tests.databases import (
    database,
    database_url,
    empty_database,
    postgres_migrated,
    postgres_server,
    postgres_url,
    sqlite_database,
    sqlite_template,
    sqlite_url,
)

__all__ = [
    "database",
    "database_url",
    "empty_database",
    "postgres_migrated",
    "postgres_server",
    "postgres_url",
    "sqlite_database",
    "sqlite_template",
    "sqlite_url",
]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxServer]:
    """One sandbox for the session; whoever uses it resets it first."""
    with SandboxServer() as server:
        yield server
