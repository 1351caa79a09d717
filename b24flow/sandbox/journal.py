"""The list of REST calls the sandbox received, for assertions and for counting calls.

It is a ring: only the last `SIZE` calls are kept, and fewer when their parameters are large, so a
sandbox that is driven for days does not grow.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from b24flow.sandbox.wire import Json

SIZE = 20_000  # calls
CAPACITY = 16_000_000  # characters of parameters in all kept calls together
_LONG = 4_000


class CallJournal:
    """Calls in the order of arrival; `seq` never repeats, `http_seq` numbers HTTP requests."""

    def __init__(self, size: int = SIZE, capacity: int = CAPACITY) -> None:
        self._rows: deque[tuple[int, dict[str, Any]]] = deque()
        self._size = size
        self._capacity = capacity
        self._weight = 0
        self._seq = 0
        self._http_seq = 0

    def next_http(self) -> int:
        """Number one more HTTP request."""
        self._http_seq += 1
        return self._http_seq

    def add(self, **row: Any) -> dict[str, Any]:
        """Append a row; long texts (file contents) are kept shortened, the oldest rows leave."""
        self._seq += 1
        params = _shorten(row.get("params"))
        row = {"seq": self._seq, **row, "params": params}
        weight = _weigh(params)
        self._rows.append((weight, row))
        self._weight += weight
        while len(self._rows) > self._size or (self._weight > self._capacity and len(self._rows) > 1):
            self._weight -= self._rows.popleft()[0]
        return row

    def rows(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the kept rows with `seq` above `since`."""
        return [row for _, row in self._rows if row["seq"] > since]

    def clear(self) -> None:
        """Forget the rows; the numbering goes on."""
        self._rows.clear()
        self._weight = 0


def _shorten(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _shorten(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shorten(item) for item in value]
    if isinstance(value, str) and len(value) > _LONG:
        return f"{value[:100]}… ({len(value)} characters)"
    return value if isinstance(value, str | int | float | bool | None) else repr(value)


def _weigh(value: Json) -> int:
    if isinstance(value, dict):
        return sum(len(key) + _weigh(item) for key, item in value.items())
    if isinstance(value, list):
        return sum(map(_weigh, value))
    return len(value) if isinstance(value, str) else 8
