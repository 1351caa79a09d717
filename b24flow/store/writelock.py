"""One writer to a SQLite file at a time, over all threads and processes of the machine.

SQLite alone keeps two writers apart, but not a writer from a checkpoint of another connection, which
corrupts the WAL in releases 3.7.0–3.51.2 (https://www.sqlite.org/wal.html, "The WAL-reset bug").
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from b24flow.errors import Conflict

_POLL_SECONDS = 0.005


class WriteLock:
    """A lock beside the database file; it belongs to the process and dies with it."""

    def __init__(self, database: Path) -> None:
        database.parent.mkdir(parents=True, exist_ok=True)
        # Journals hold personal data: the file is the service's alone, WAL and SHM inherit the mode.
        os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))
        self._thread = threading.Lock()
        self._file = os.open(database.with_name(database.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)

    @contextmanager
    def hold(self, seconds: float) -> Iterator[None]:
        """Hold the lock; raises Conflict when it is not free within `seconds`."""
        deadline = time.monotonic() + seconds
        if not self._thread.acquire(timeout=seconds):
            raise Conflict("База данных занята, повторите действие")
        try:
            self._lock_file(deadline)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._thread.release()

    def close(self) -> None:
        """Give the file back to the system."""
        os.close(self._file)

    def _lock_file(self, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Conflict("В базу данных пишет другой процесс, повторите действие") from None
                time.sleep(_POLL_SECONDS)
            else:
                return
