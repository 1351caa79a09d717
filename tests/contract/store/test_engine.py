"""A unit of work commits whole or leaves nothing, and says what is certain when it fails."""

from __future__ import annotations

import contextlib
import fcntl
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from b24flow.errors import CommitUnknown, Conflict, SettingsError, StoreError
from b24flow.store import cursors, series
from b24flow.store.engine import Database, Unit, retrying
from b24flow.store.tables import cursor, employee
from tests.contract.store.world import NOW, together


def test_leaving_the_block_commits(database: Database) -> None:
    with database.transaction() as unit:
        cursors.put(unit, "k", {"a": ["ё", 1, None]}, NOW)
    with database.reading() as unit:
        assert cursors.get(unit, "k") == {"a": ["ё", 1, None]}
        assert cursors.get(unit, "other", 5) == 5


def test_an_error_rolls_back(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as unit:
            cursors.put(unit, "k", 1, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.reading() as unit:
        assert cursors.get(unit, "k") is None


def test_a_thread_knows_that_it_is_inside_a_transaction(database: Database) -> None:
    assert not database.in_transaction()
    with database.transaction():
        assert database.in_transaction()
        assert together(1, lambda _: database.in_transaction()) == [False]
    with database.reading():
        assert database.in_transaction()
    assert not database.in_transaction()


def test_a_transaction_inside_a_transaction_is_refused(database: Database) -> None:
    with database.transaction(), pytest.raises(StoreError), database.transaction():
        pass
    with database.transaction(), pytest.raises(StoreError), database.reading():
        pass
    with database.transaction() as unit:
        cursors.put(unit, "k", 1, NOW)


def test_a_unit_is_dead_after_its_block(database: Database) -> None:
    with database.transaction() as unit:
        pass
    with pytest.raises(StoreError):
        cursors.get(unit, "k")


def test_statements_are_counted(database: Database) -> None:
    with database.transaction() as unit:
        cursors.put(unit, "k", 1, NOW)
        cursors.get(unit, "k")
        assert unit.statements == 2


def test_a_reading_unit_cannot_write(database: Database) -> None:
    with database.reading() as unit, pytest.raises(StoreError):
        cursors.put(unit, "k", 1, NOW)


def test_a_taken_key_is_a_conflict(database: Database) -> None:
    with database.transaction() as unit:
        cursors.put(unit, "k", 1, NOW)
    with pytest.raises(Conflict), database.transaction() as unit:
        unit.execute(insert(cursor).values(key="k", value=2, updated_at=NOW))


def test_a_swallowed_error_is_not_committed(database: Database) -> None:
    """PostgreSQL answers COMMIT of a failed transaction with a silent rollback."""
    with database.transaction() as unit:
        cursors.put(unit, "k", 1, NOW)

    def swallow() -> None:
        with database.transaction() as unit:
            cursors.put(unit, "other", 1, NOW)
            with contextlib.suppress(Conflict):
                unit.execute(insert(cursor).values(key="k", value=2, updated_at=NOW))

    with pytest.raises(Conflict):
        swallow()
    with database.reading() as unit:
        assert cursors.get(unit, "other") is None


def test_errors_do_not_quote_what_is_stored(database: Database) -> None:
    values = {"id": 1, "last_name": "Тайнова", "first_name": None, "middle_name": "", "post": "",
              "email": "", "active": True}
    with pytest.raises(StoreError) as caught, database.transaction() as unit:
        unit.execute(insert(employee).values(**values))
    seen = f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert "first_name" in seen or "employee" in seen
    assert "Тайнова" not in seen


def test_retrying_repeats_on_conflict_and_gives_up(database: Database) -> None:
    tries: list[int] = []

    def third_time(unit: Unit) -> str:
        tries.append(series.take(unit, "in", "2026"))
        if len(tries) < 3:
            raise Conflict("занято")
        return "done"

    assert retrying(database, third_time) == "done"
    assert tries == [1, 1, 1]

    def never(unit: Unit) -> None:
        tries.append(0)
        raise Conflict("занято")

    tries.clear()
    with pytest.raises(Conflict):
        retrying(database, never, attempts=4)
    assert len(tries) == 4


def test_no_increment_is_lost(sqlite_url: str) -> None:
    """Read, then write: SQLAlchemy's default on SQLite loses most of these without any error."""
    databases = [Database(sqlite_url), Database(sqlite_url)]

    def increment(number: int) -> None:
        for _ in range(10):
            with databases[number % 2].transaction() as unit:
                cursors.put(unit, "n", cursors.get(unit, "n", 0) + 1, NOW)

    together(8, increment)
    with databases[0].reading() as unit:
        assert cursors.get(unit, "n") == 80
    for one in databases:
        one.close()


def test_a_unit_holds_sqlite_from_its_beginning(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """Before its first write nobody else may begin one: in the database and by the lock file."""
    path = tmp_path / "b24flow.db"
    stranger = sqlite3.connect(path, timeout=0, isolation_level=None)
    with path.with_name("b24flow.db.lock").open() as lock:
        with sqlite_database.transaction():
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                stranger.execute("BEGIN IMMEDIATE")
            with pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with sqlite_database.reading():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            stranger.execute("BEGIN IMMEDIATE")
    stranger.close()


def test_sqlite_is_durable_and_private(sqlite_database: Database, tmp_path: Path) -> None:
    with sqlite_database.transaction() as unit:
        assert unit.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert unit.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert unit.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
    fresh = Database(f"sqlite:///{tmp_path / 'new' / 'fresh.db'}")
    fresh.close()
    assert stat.S_IMODE((tmp_path / "new" / "fresh.db").stat().st_mode) == 0o600


def test_reading_does_not_wait_for_a_writer(database: Database) -> None:
    with database.transaction() as unit:
        cursors.put(unit, "k", 1, NOW)

        def read(_: int) -> object:
            with database.reading() as reader:
                return cursors.get(reader, "k", "nothing yet")

        assert together(1, read) == ["nothing yet"]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        Database(url)


def test_a_dropped_connection_is_a_conflict_before_commit(postgres_url: str) -> None:
    database = Database(postgres_url)

    def cut_off() -> None:
        with database.transaction() as unit:
            _kill_backend(postgres_url, unit)
            cursors.put(unit, "k", 1, NOW)

    with pytest.raises(Conflict):
        cut_off()
    with database.transaction() as unit:
        cursors.put(unit, "k", 2, NOW)
    database.close()


def test_an_absent_server_is_a_conflict_and_names_no_password() -> None:
    database = Database("postgresql+psycopg://clerk:Sekret@127.0.0.1:1/b24flow")

    def use() -> None:
        with database.transaction():
            pass

    with pytest.raises(Conflict) as caught:
        use()
    assert "Sekret" not in f"{caught.value} {caught.value.hint}"
    database.close()


def test_a_connection_dropped_at_commit_leaves_the_outcome_open(postgres_url: str) -> None:
    database = Database(postgres_url)

    def cut_off() -> None:
        with database.transaction() as unit:
            cursors.put(unit, "k", 1, NOW)
            _kill_backend(postgres_url, unit)

    with pytest.raises(CommitUnknown):
        cut_off()
    with database.reading() as unit:
        assert cursors.get(unit, "k") is None
    database.close()


def test_a_killed_process_leaves_neither_rows_nor_locks(database_url: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", _CHILD, database_url], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"1"
    child.kill()
    child.wait()
    child.stdout.close()
    database = Database(database_url)
    assert retrying(database, lambda unit: series.take(unit, "in", "2026")) == 1
    database.close()


_CHILD = """
import sys, threading
from b24flow.store import series
from b24flow.store.engine import Database
with Database(sys.argv[1]).transaction() as unit:
    print(series.take(unit, "in", "2026"), flush=True)
    threading.Event().wait()
"""


def _kill_backend(url: str, unit: Unit) -> None:
    pid = unit.execute(text("SELECT pg_backend_pid()")).scalar_one()
    other = Database(url)
    with other.transaction() as killer:
        # With a timeout the function returns only after the backend has gone.
        assert killer.execute(text(f"SELECT pg_terminate_backend({pid}, 5000)")).scalar_one()
    other.close()
