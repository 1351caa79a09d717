"""What the parts of the set-up share: their findings, and readings that trust no shape.

A part reads its piece of the portal, remembers the ids in `Found` and says what differs; it never
writes. Its steps stand in the order in which they must be done. Read again after them, it finds
nothing more to do: that makes `apply` repeatable and decides whether a write whose reply was lost
has happened. Every object has a name the portal itself keeps unique (number of a smart process,
name of a field, code of a stage, name in a folder, code of the bot), so none can be made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from b24flow.errors import PortalUnavailable
from b24flow.portal.client import PortalClient
from b24flow.portal.methods import Call, rows

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of the portal: `what` in Russian; no call while ids it needs do not exist yet.

    `key` names the change, the same whenever it is found again. The call is not shown: it may carry
    the secret of the bot.
    """

    kind: str
    key: str
    what: str
    call: Call | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something a person has to do, in Russian; `kind` as in `Step`, or what was probed."""

    kind: str
    text: str
    hint: str = ""


@dataclass(slots=True)
class Differences:
    """What one part found."""

    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Place:
    """What is known of the registry of one process on this box; zero: not there yet."""

    type_id: int = 0
    category_id: int = 0
    stages: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    folder_id: int = 0


@dataclass(slots=True)
class Found:
    """The ids of this box, filled in by the parts as they read."""

    places: dict[str, Place] = field(default_factory=dict)
    root_folder: int = 0
    bot: int = 0
    commands: dict[str, int] = field(default_factory=dict)

    def place(self, process: str) -> Place:
        """Return what is known of a process, empty at first."""
        return self.places.setdefault(process, Place())


Part = Callable[[PortalClient, Found], Differences]


def read_rows(client: PortalClient, call: Call) -> list[Row]:
    """Return all rows of a list, page after page; raises PortalError."""
    found: list[Row] = []
    offset = "START" if "START" in call.fact.params else "start"
    start: int | None = 0
    while start is not None:
        page = call if not start else Call(call.method, {**call.params, offset: start})
        answer = client.call(page)
        try:
            found += rows(call.method, answer.result)
        except ValueError:
            raise odd(call.method) from None
        # a portal that repeats an offset must not keep us for ever
        start = answer.next if answer.next is not None and answer.next > start else None
    return found


def read_map(client: PortalClient, call: Call, key: str = "") -> Row:
    """Return the result, or what stands in it under the key; raises PortalError."""
    result = client.call(call).result
    value = result.get(key) if key and isinstance(result, Mapping) else result
    if not isinstance(value, Mapping):
        raise odd(call.method)
    return value


def inner_rows(result: Row, key: str) -> list[Row]:
    """Return the rows that stand in a result under the key."""
    found = result.get(key)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def first(found: Iterator[Row]) -> Row | None:
    """Return the first row, if there is one."""
    return next(found, None)


def whole(row: Row, key: str) -> int:
    """Return an id: the portal writes some as text and some as numbers."""
    try:
        return int(row[key])
    except (KeyError, TypeError, ValueError):
        raise odd(key, f"в строке нет числа {key}") from None


def odd(method: str, reason: str = "ответ не по форме") -> PortalUnavailable:
    """Return the failure of an answer nobody can use."""
    text = f"Портал ответил на вызов {method} неожиданно: {reason}"
    return PortalUnavailable(text, method=method)
