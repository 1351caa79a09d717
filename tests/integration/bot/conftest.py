"""The world of the bot's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from b24flow.store.engine import Database
from tests.integration.bot.world import World


@pytest.fixture
def world(sqlite_database: Database, tmp_path: Path) -> World:
    return World.open(sqlite_database, tmp_path)


@pytest.fixture
def either(database: Database, tmp_path: Path) -> World:
    """The same on each engine."""
    return World.open(database, tmp_path)
