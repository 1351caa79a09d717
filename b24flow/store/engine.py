"""One unit of work over SQLite or PostgreSQL: a transaction that commits whole or leaves nothing.

SQLite runs in WAL with `synchronous=FULL` (with NORMAL acknowledged rows are lost on power failure) and
`BEGIN IMMEDIATE` (SQLAlchemy's default loses updates silently). Exactly one connection writes and
checkpoints at a time, over all threads and processes: releases before 3.51.3 can corrupt the WAL
otherwise. PostgreSQL runs READ COMMITTED; correctness rests on row versions and unique keys.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql import Executable

from b24flow.errors import Conflict, SettingsError, StoreError
from b24flow.store.failures import translated
from b24flow.store.writelock import WriteLock

T = TypeVar("T")

_LOCK_SECONDS = 10
_STATEMENT_SECONDS = 30
_open = threading.local()


class Unit:
    """A running transaction: one connection, counted statements; unusable after its block ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection | None = connection
        self._failure: Exception | None = None
        self.statements = 0

    @property
    def connection(self) -> Connection:
        """The connection; raises StoreError after the transaction has ended."""
        if self._connection is None:
            raise StoreError("Транзакция уже завершена")
        return self._connection

    @property
    def postgres(self) -> bool:
        """Whether the engine is PostgreSQL."""
        return self.connection.dialect.name == "postgresql"

    def execute(
        self,
        statement: Executable,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run one statement; database errors arrive as `failures.translated` says.

        After an error the unit is lost: every further statement and the commit raise it again.
        """
        self.check()
        self.statements += 1
        try:
            return self.connection.execute(statement, parameters)
        except DBAPIError as exc:
            self._failure = translated(exc)
            raise self._failure from None

    def check(self) -> None:
        """Raise the error of the statement that failed, if any: COMMIT would silently roll back."""
        if self._failure is not None:
            raise self._failure

    def stream(self, statement: Executable, batch: int = 500) -> Iterator[Any]:
        """Yield the rows of a query while holding at most `batch` of them in memory."""
        yield from self.execute(statement.execution_options(yield_per=batch))

    def end(self) -> None:
        """Make the unit unusable."""
        self._connection = None


class Database:
    """A database by its URL: `sqlite:////path/file.db` or `postgresql+psycopg://…`.

    Raises SettingsError for any other scheme and for SQLite in memory, which cannot be shared.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        parsed = make_url(url)
        self.postgres = parsed.get_backend_name() == "postgresql"
        self._guard: WriteLock | None = None
        if self.postgres:
            self._writer = _postgres_engine(parsed, pool_size)
            self._reader: Engine = self._writer.execution_options(postgresql_readonly=True)
        elif parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
            path = Path(parsed.database or "")
            self._guard = WriteLock(path)
            self._writer = _sqlite_engine(path, writes=True, pool_size=1)
            self._reader = _sqlite_engine(path, writes=False, pool_size=pool_size)
            self._open_writer()
        else:
            raise SettingsError(
                "База данных задаётся адресом sqlite:////путь/файл.db или postgresql+psycopg://…"
            )

    @contextmanager
    def transaction(self) -> Iterator[Unit]:
        """Open a write transaction: committed on leaving, rolled back on any error.

        Raises Conflict when somebody else was faster (nothing is changed), CommitUnknown when the
        connection went during COMMIT.
        """
        guard: AbstractContextManager[None] = nullcontext()
        if self._guard is not None:
            guard = self._guard.hold(_LOCK_SECONDS)
        with self._entered(), guard, _connected(self._writer) as connection:
            unit = Unit(connection)
            try:
                yield unit
                unit.check()
                _commit(connection)
            finally:
                unit.end()

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """Open a read-only transaction; it sees only what was committed."""
        with self._entered(), _connected(self._reader) as connection:
            unit = Unit(connection)
            try:
                yield unit
            finally:
                unit.end()

    @staticmethod
    def in_transaction() -> bool:
        """Tell whether this thread is inside a unit of work; no HTTP call may be made then."""
        return bool(getattr(_open, "databases", None))

    def close(self) -> None:
        """Close all connections; the last writer's checkpoint happens under the write lock."""
        if self._guard is None:
            self._writer.dispose()
            return
        with self._guard.hold(_LOCK_SECONDS):
            self._reader.dispose()
            self._writer.dispose()
        self._guard.close()

    def _open_writer(self) -> None:
        """Connect the writer first: a reader that closes last would checkpoint without the lock."""
        assert self._guard is not None
        with self._guard.hold(_LOCK_SECONDS), _connected(self._writer) as connection:
            _commit(connection)

    @contextmanager
    def _entered(self) -> Iterator[None]:
        databases: list[int] = _open.__dict__.setdefault("databases", [])
        if id(self) in databases:
            raise StoreError("Транзакция внутри транзакции: передайте открытую дальше")
        databases.append(id(self))
        try:
            yield
        finally:
            databases.remove(id(self))


def retrying(database: Database, function: Callable[[Unit], T], attempts: int = 5) -> T:
    """Run `function` in a write transaction of its own, again on Conflict, and return its result.

    It must have no effect outside the transaction. The last Conflict is raised when attempts end.
    """
    for attempt in range(attempts):
        try:
            with database.transaction() as unit:
                return function(unit)
        except Conflict:
            if attempt + 1 == attempts:
                raise
            # Spread the rivals out, or they would meet again.
            time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311
    raise AssertionError("attempts must be at least 1")


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except PoolTimeout:
        raise Conflict("База данных занята, повторите действие") from None
    except DBAPIError as exc:
        raise translated(exc) from None
    try:
        _begin(connection)
        yield connection
    finally:
        # Closing rolls back whatever was not committed.
        connection.close()


def _begin(connection: Connection) -> None:
    try:
        connection.begin()
    except DBAPIError as exc:
        raise translated(exc) from None


def _commit(connection: Connection) -> None:
    try:
        connection.commit()
    except DBAPIError as exc:
        raise translated(exc, committing=True) from None


def _postgres_engine(url: URL, pool_size: int) -> Engine:
    options = (
        f"-c lock_timeout={_LOCK_SECONDS}s -c statement_timeout={_STATEMENT_SECONDS}s"
        " -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
    )
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True, isolation_level="READ COMMITTED", pool_pre_ping=True,
        pool_size=pool_size, max_overflow=pool_size, pool_timeout=_STATEMENT_SECONDS,
        connect_args={"options": options, "connect_timeout": _LOCK_SECONDS},
    )


def _sqlite_engine(path: Path, *, writes: bool, pool_size: int) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        hide_parameters=True, pool_size=pool_size, max_overflow=0 if writes else pool_size,
        pool_timeout=_STATEMENT_SECONDS,
        connect_args={"check_same_thread": False, "timeout": _LOCK_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        # The driver's own transactions begin too late; ours begin on SQLAlchemy's event.
        raw.isolation_level = None
        pragmas = ["journal_mode=WAL", "synchronous=FULL"] if writes else ["query_only=ON"]
        for pragma in (*pragmas, "foreign_keys=ON", f"busy_timeout={_LOCK_SECONDS * 1000}"):
            raw.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
