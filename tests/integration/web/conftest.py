"""The office with its pages, fresh for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from b24flow.store.engine import Database
from tests.integration.web.world import World, world


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> Iterator[World]:
    with world(sqlite_database, tmp_path) as opened:
        yield opened
