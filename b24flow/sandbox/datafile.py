"""The file behind `--data`: the portal as it was, and every change since, each synced to the disk.

One SQLite file. A change is added and synced before its answer leaves, so a killed sandbox loses
nothing that a client was told; a torn last record is SQLite's to discard. Now and then the whole
memory is written anew and the changes in it are dropped, both in one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

COMPACT_AFTER = 50_000  # changes
_APPLICATION = 0x42323453  # "B24S"
_TABLES = """
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS change (
    number INTEGER PRIMARY KEY, moment TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
"""


class DataFileError(Exception):
    """The file cannot be used; the text says why."""


class DataFile:
    """An open data file; nobody else may open it meanwhile."""

    def __init__(self, path: Path, compact_after: int = COMPACT_AFTER) -> None:
        """Open or create; raises DataFileError for another program's file or one in use."""
        self.compact_after = compact_after
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
        except sqlite3.Error as error:
            raise DataFileError(str(error)) from error
        try:
            self._prepare()
        except (sqlite3.Error, DataFileError) as error:
            self._db.close()
            raise DataFileError(str(error)) from error
        self._pending: int = self._db.execute("SELECT count(*) FROM change").fetchone()[0]

    def _prepare(self) -> None:
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        tables = self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if tables and self._db.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            raise DataFileError("not a file of the sandbox")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # a commit returns when it is on the disk
        self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
        self._db.executescript(_TABLES)

    @property
    def is_full(self) -> bool:
        """Say whether there are enough changes to write the memory anew."""
        return self._pending >= self.compact_after

    def add(self, moment: str, kind: str, body: str) -> None:
        """Add a change; it is on the disk when this returns."""
        self._db.execute("INSERT INTO change (moment, kind, body) VALUES (?, ?, ?)", (moment, kind, body))
        self._pending += 1

    def memory(self) -> dict[str, str]:
        """Return the tables written last; empty in a new file."""
        return dict(self._db.execute("SELECT name, body FROM memory"))

    def changes(self) -> Iterator[tuple[str, str, str]]:
        """Yield moment, kind and body of the changes since the memory was written."""
        yield from self._db.execute("SELECT moment, kind, body FROM change ORDER BY number")

    def replace(self, tables: dict[str, str]) -> None:
        """Write the memory anew and drop the changes, wholly or not at all."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute("DELETE FROM memory")
            self._db.executemany("INSERT INTO memory VALUES (?, ?)", tables.items())
            self._db.execute("DELETE FROM change")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._pending = 0

    def close(self) -> None:
        """Close the file."""
        self._db.close()
