"""Indexes over items and tasks, so that a page of a long registry costs the same anywhere.

The three columns a synchronising client walks by: the id, the external code and the moment of the
last change. An index holds nothing that the rows do not, so it is rebuilt rather than stored.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ID, CODE, CHANGED = "id", "code", "changed"
Condition = tuple[str, str, Any]
_EQUAL = ("", "=", "@")
_LIMIT = 2**63


@dataclass(slots=True)
class RowIndex:
    """Ids of the live rows of one table, in order of id and in order of (changed, id)."""

    ids: list[int] = field(default_factory=list)
    changed: list[tuple[datetime, int]] = field(default_factory=list)
    codes: dict[str, list[int]] = field(default_factory=dict)
    _kept: dict[int, tuple[str, datetime]] = field(default_factory=dict)

    def put(self, row_id: int, code: Any, changed: datetime) -> None:
        """Add a row, or note what became of its code and its moment of change."""
        code = str(code) if code else ""
        kept = self._kept.get(row_id)
        if kept == (code, changed):
            return
        if kept is None:
            insort(self.ids, row_id)
        else:
            self._forget(row_id, *kept)
        insort(self.changed, (changed, row_id))
        if code:
            insort(self.codes.setdefault(code, []), row_id)
        self._kept[row_id] = (code, changed)

    def drop(self, row_id: int) -> None:
        """Remove a row; an unknown one is nothing to remove."""
        kept = self._kept.pop(row_id, None)
        if kept is not None:
            self._forget(row_id, *kept)
            del self.ids[bisect_left(self.ids, row_id)]

    def _forget(self, row_id: int, code: str, changed: datetime) -> None:
        del self.changed[bisect_left(self.changed, (changed, row_id))]
        if code:
            self.codes[code].remove(row_id)
            if not self.codes[code]:
                del self.codes[code]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Ids that may fit, a superset of those that do.

    `ordered`: they come in the order asked for. `exact`: every one of them fits, so `len(ids)` is
    the total and a page is a slice.
    """

    ids: list[int] | Slice
    ordered: bool
    exact: bool


class Slice:
    """A part of an index without a copy of it: cheap at any place and of any length."""

    def __init__(self, rows: list[Any], first: int, last: int, *, back: bool) -> None:
        self._rows, self._first, self._last, self._back = rows, first, max(first, last), back

    def __len__(self) -> int:
        return self._last - self._first

    def __iter__(self) -> Iterator[int]:
        return iter(self[0 : len(self)])

    def __getitem__(self, wanted: slice) -> Iterable[int]:
        """Yield the ids at the wanted places."""
        places = range(self._first, self._last)
        for place in (places[::-1] if self._back else places)[wanted]:
            row = self._rows[place]
            yield row if isinstance(row, int) else row[1]


def plan(index: RowIndex, conditions: list[Condition], order: list[tuple[str, bool]]) -> Walk:
    """Choose how to reach the rows that fulfil all of `conditions` (prefix, column, value).

    Columns other than the three are allowed and narrow nothing; so do values of another type.
    `order` is a list of (column, descending).
    """
    few = _by_value(index, conditions)
    if few is not None:
        return Walk(ids=few, ordered=False, exact=False)
    column, bounded = order[0][0] if order else ID, _ranged(conditions)
    if bounded and column not in bounded:
        column = bounded[0]
    if column in (ID, CHANGED):
        return _by_range(index, column, conditions, order)
    return Walk(ids=index.ids, ordered=False, exact=False)


def _by_value(index: RowIndex, conditions: list[Condition]) -> list[int] | None:
    for prefix, column, wanted in conditions:
        values = wanted if isinstance(wanted, list) else [wanted]
        if prefix not in _EQUAL or not all(_is_code(one) for one in values):
            continue
        if column == CODE:
            return sorted({row for one in values for row in index.codes.get(str(one), ())})
        if column == ID and all(str(one).isdecimal() for one in values):
            return sorted({int(one) for one in values} & index._kept.keys())
    return None


def _is_code(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def _ranged(conditions: list[Condition]) -> list[str]:
    return [column for prefix, column, value in conditions if _is_bound(prefix, column, value)]


def _is_bound(prefix: str, column: str, value: Any) -> bool:
    kind = {ID: int, CHANGED: datetime}.get(column)
    return prefix in (">", ">=", "<", "<=") and kind is not None and type(value) is kind


def _by_range(
    index: RowIndex, column: str, conditions: list[Condition], order: list[tuple[str, bool]]
) -> Walk:
    rows: list[Any] = index.ids if column == ID else index.changed
    first, last, used = 0, len(rows), 0
    for prefix, name, value in conditions:
        if name != column or not _is_bound(prefix, name, value):
            continue
        used += 1
        at_least = prefix in (">=", "<")  # the edge lies before the equal rows
        edge = value if column == ID else (value, -_LIMIT if at_least else _LIMIT)
        place = (bisect_left if at_least else bisect_right)(rows, edge)
        first, last = (max(first, place), last) if ">" in prefix else (first, min(last, place))
    directions = [descending for _, descending in order]
    names = [name for name, _ in order]
    tidy = names in ([], [ID]) if column == ID else names in ([CHANGED], [CHANGED, ID])
    # rows changed in the same second follow each other by id upwards unless the order says otherwise
    same_way = len(set(directions)) < 2 and not (names == [CHANGED] and directions[0])
    back = bool(directions and directions[0])
    ids = Slice(rows, first, last, back=back and tidy and same_way)
    return Walk(ids=ids, ordered=tidy and same_way, exact=used == len(conditions))
