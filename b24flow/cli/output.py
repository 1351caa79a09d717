"""What a command says: data on standard output, talk on standard error, and how it ends."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum, IntEnum
from typing import Any


class Code(IntEnum):
    """Exit codes: the same for every command."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    FINDINGS = 3


def say(text: str) -> None:
    """Tell a person something: progress, results of writes, what went wrong."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def emit(text: str) -> None:
    """Write data."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def emit_json(value: object) -> None:
    """Write data as one JSON value: days as YYYY-MM-DD, moments in UTC."""
    emit(json.dumps(plain(value), ensure_ascii=False, indent=2))


def plain(value: object) -> Any:
    """Return the JSON form of a dataclass, a container or a scalar."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table with aligned columns; control characters of foreign texts are left out."""
    cells = [list(headings), *([cell(one) for one in row] for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(headings))]
    for row in cells:
        emit("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def cell(value: object) -> str:
    """Return one line of text that cannot move the cursor of a terminal."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%d.%m.%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    text = " ".join(str(value).split())
    return "".join(one for one in text if unicodedata.category(one) not in {"Cc", "Cf"})
