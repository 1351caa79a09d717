"""The office with its pages: fresh for every test, or shared by those that change nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from b24flow.store.engine import Database
from tests.integration.web.world import World, world


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> Iterator[World]:
    with world(sqlite_database, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def quiet(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An office without documents that all readers share; whoever changes anything takes `place`."""
    folder = tmp_path_factory.mktemp("quiet")
    shutil.copyfile(sqlite_template, folder / "b24flow.db")
    database = Database(f"sqlite:///{folder / 'b24flow.db'}")
    try:
        with world(database, folder) as opened:
            yield opened
    finally:
        database.close()
