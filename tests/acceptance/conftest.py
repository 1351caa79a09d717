from __future__ import annotations

from collections.abc import Iterator

import pytest

from b24flow.sandbox.server import SandboxServer
from tests.acceptance.service import Prepared, prepare
from tests.databases import created


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """A sandbox of its own: the shared one is reset by others, and the snapshot would be lost."""
    with SandboxServer() as sandbox:
        yield prepare(sandbox, tmp_path_factory.mktemp("prepared") / "data")


@pytest.fixture(scope="session")
def prepared_on_postgres(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    """The same with its database on a server."""
    with SandboxServer() as sandbox, created(postgres_server) as url:
        yield prepare(sandbox, tmp_path_factory.mktemp("prepared") / "data", url)
