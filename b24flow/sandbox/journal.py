"""The list of REST calls the sandbox received, for assertions and for counting calls."""

from __future__ import annotations

from collections import deque
from typing import Any

from b24flow.sandbox.wire import Json

_LONG = 4_000


class CallJournal:
    """Calls in the order of arrival; `seq` never repeats, `http_seq` numbers HTTP requests."""

    def __init__(self, size: int = 200_000) -> None:
        self._rows: deque[dict[str, Any]] = deque(maxlen=size)
        self._seq = 0
        self._http_seq = 0

    def next_http(self) -> int:
        """Number one more HTTP request."""
        self._http_seq += 1
        return self._http_seq

    def add(self, **row: Any) -> dict[str, Any]:
        """Append a row; long texts (file contents) are kept shortened."""
        self._seq += 1
        row = {"seq": self._seq, **row, "params": _shorten(row.get("params"))}
        self._rows.append(row)
        return row

    def rows(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the rows with `seq` above `since`."""
        return [row for row in self._rows if row["seq"] > since]

    def clear(self) -> None:
        """Forget the rows; the numbering goes on."""
        self._rows.clear()


def _shorten(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _shorten(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shorten(item) for item in value]
    if isinstance(value, str) and len(value) > _LONG:
        return f"{value[:100]}… ({len(value)} characters)"
    return value if isinstance(value, str | int | float | bool | None) else repr(value)
