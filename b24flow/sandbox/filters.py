"""The filter dialects of list methods: prefixes, comparison and ordering.

Facts: api-reference/crm/universal/crm-item-list.md, settings/how-to-call-rest-api/
list-methods-pecularities.md. An array is allowed only where a prefix means a set.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

from b24flow.sandbox.wire import Json, RestError, as_list, as_map

_PREFIXES = ("!=%", "!%=", "!><", "=%", "%=", "!%", "!=", "!@", ">=", "<=", "><", ">", "<", "@",
             "%", "=", "!")  # fmt: skip
_SETS = {"", "=", "!=", "@", "!@"}

Reader = Callable[[str], Any]
Convert = Callable[[str, Json], Any]


def split_prefix(key: str) -> tuple[str, str]:
    """Split a filter key into its prefix and the name of the field."""
    for prefix in _PREFIXES:
        if key.startswith(prefix):
            return prefix, key[len(prefix) :]
    return "", key


def matches(prefix: str, value: Any, wanted: Any) -> bool:
    """Compare a stored value with an already converted filter value.

    A list on either side means "any of"; nothing compares as less or greater with an absent value.
    """
    if prefix.startswith("!"):
        return not matches(prefix[1:], value, wanted)
    values = value if isinstance(value, list) else [value]
    if prefix in ("", "=", "@"):
        wants = wanted if isinstance(wanted, list) else [wanted]
        return any(_same(one, want) for one in (values or [None]) for want in wants)
    if "%" in prefix:
        return any(_like(prefix, one, wanted) for one in values)
    return any(_ordered(prefix, one, wanted) for one in values)


def _same(value: Any, wanted: Any) -> bool:
    if value in (None, "") or wanted in (None, ""):
        return value in (None, "") and wanted in (None, "")
    if type(value) is type(wanted):
        return bool(value == wanted)
    return str(value) == str(wanted)


def _like(prefix: str, value: Any, wanted: Any) -> bool:
    text = "" if value is None else str(value).lower()
    pattern = str(wanted).lower()
    if prefix == "%":
        return pattern in text
    parts = (re.escape(part) for part in pattern.split("%"))
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None


def _ordered(prefix: str, value: Any, wanted: Any) -> bool:
    if value is None or wanted is None:
        return False
    left, right = _comparable(value, wanted)
    if prefix == ">":
        return bool(left > right)
    if prefix == ">=":
        return bool(left >= right)
    return bool(left < right) if prefix == "<" else bool(left <= right)


def _comparable(value: Any, wanted: Any) -> tuple[Any, Any]:
    kinds = (int, float, datetime)
    if isinstance(value, kinds) and isinstance(wanted, kinds):
        same_side = isinstance(value, datetime) == isinstance(wanted, datetime)
        if same_side:
            return value, wanted
    if isinstance(value, date) and isinstance(wanted, date) and type(value) is type(wanted):
        return value, wanted
    return str(value), str(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmFilter:
    """A CRM filter with its values converted once: conditions and nested groups."""

    any_of: bool
    conditions: list[tuple[str, str, Any]]
    groups: list[CrmFilter]

    def fits(self, read: Reader) -> bool:
        """Check one row, given as a reader of its fields; an empty filter fits every row."""
        if not self.conditions and not self.groups:
            return True
        single = (matches(prefix, read(name), wanted) for prefix, name, wanted in self.conditions)
        outcomes = chain(single, (group.fits(read) for group in self.groups))
        return any(outcomes) if self.any_of else all(outcomes)


def read_crm_filter(conditions: Json, conv: Convert) -> CrmFilter:
    """Read a filter that `check_crm_filter` has let through."""
    made = CrmFilter(any_of=_is_or(conditions), conditions=[], groups=[])
    for key, wanted in as_map(conditions).items():
        if key == "logic":
            continue
        if key.isdigit():
            made.groups.append(read_crm_filter(wanted, conv))
            continue
        prefix, name = split_prefix(key)
        many = as_list(wanted) if isinstance(wanted, list | dict) else None
        value = conv(name, wanted) if many is None else [conv(name, one) for one in many]
        made.conditions.append((prefix, name, value))
    return made


def _is_or(conditions: Json) -> bool:
    return str(as_map(conditions).get("logic", "AND")).upper() == "OR"


def crm_match(conditions: Json, read: Reader, conv: Convert) -> bool:
    """Check one row against a CRM filter."""
    return read_crm_filter(conditions, conv).fits(read)


def check_crm_filter(conditions: Json, known: Callable[[str], bool]) -> None:
    """Refuse unknown fields and arrays where the prefix does not mean a set."""
    for key, wanted in as_map(conditions).items():
        if key == "logic":
            continue
        if key.isdigit():
            check_crm_filter(wanted, known)
            continue
        prefix, name = split_prefix(key)
        is_array = isinstance(wanted, list | dict)
        if not known(name):
            raise RestError("INVALID_ARG_VALUE", f"Invalid filter: field '{key}' is not allowed in filter")
        if is_array and prefix not in _SETS:
            raise RestError("INVALID_ARG_VALUE", f"Invalid filter: field '{key}' has invalid value")


def check_order(order: Json, known: Callable[[str], bool]) -> dict[str, Json]:
    """Return an order; refuse unknown fields and directions other than `ASC` and `DESC`."""
    given = as_map(order)
    for name, way in given.items():
        if not known(name):
            raise RestError("INVALID_ARG_VALUE", f"Invalid order: field '{name}' is not allowed in order")
        if str(way).upper() not in ("ASC", "DESC"):
            text = f"allowed sort directions are `ASC, DESC`. But got '{way}' for field '{name}'"
            raise RestError("INVALID_ARG_VALUE", f"Invalid order: {text}")
    return given


def sort_rows(rows: list[Any], order: Json, read: Callable[[Any, str], Any]) -> list[Any]:
    """Sort rows by several keys, absent values first, the last key applied first."""
    for key, direction in reversed(list(as_map(order).items())):
        rows = sorted(rows, key=lambda row: _rank(read(row, key)), reverse=is_descending(direction))
    return rows


def is_descending(direction: Json) -> bool:
    """Read a direction of sorting; whatever is not descending is ascending."""
    return str(direction).lower().startswith("desc")


def _rank(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    if isinstance(value, bool | int | float):
        return (1, value)
    return (2, value.isoformat() if isinstance(value, date) else str(value))
