from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from b24flow.sandbox.server import SandboxServer
from b24flow.store.engine import Database
from tests.town import Town, town


@pytest.fixture
def place(sandbox: SandboxServer, database: Database, tmp_path: Path) -> Iterator[Town]:
    """A town on each engine; nothing the portal does not know may have been sent to it."""
    with town(sandbox, database, tmp_path) as found:
        yield found
        assert found.unhandled() == []


@pytest.fixture
def sqlite_place(sandbox: SandboxServer, sqlite_database: Database, tmp_path: Path) -> Iterator[Town]:
    """A town on SQLite, for sweeps that are not about the engine."""
    with town(sandbox, sqlite_database, tmp_path) as found:
        yield found
        assert found.unhandled() == []
