"""Dataclasses ↔ plain JSON values, by their type hints: one rule for snapshots and journal payloads.

Dates are ISO strings, instants ISO strings in UTC, tuples lists, enums their values. Unknown keys of a
newer version are refused, so that an old program never drops what it does not understand.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any

Json = dict[str, Any] | list[Any] | str | int | float | bool | None


def dump(value: object) -> Any:
    """Return the JSON form of a dataclass, a container or a scalar."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: dump(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): dump(item) for key, item in value.items()}
    if isinstance(value, (tuple, list, frozenset, set)):
        return [dump(item) for item in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"cannot store {type(value).__name__}")


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


T = typing.TypeVar("T")


def load(cls: type[T], data: object) -> T:
    """Rebuild a value of type `cls` from its JSON form; raises ValueError on unknown keys."""
    return typing.cast(T, _load(cls, data))


def _load(hint: Any, data: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _load_union(typing.get_args(hint), data)
    if origin is tuple:
        inner = typing.get_args(hint)[0]
        return tuple(_load(inner, item) for item in data)
    if origin is not None and issubclass(origin, Mapping):
        inner = typing.get_args(hint)[1]
        return {key: _load(inner, item) for key, item in data.items()}
    if dataclasses.is_dataclass(hint):
        return _load_dataclass(typing.cast(type, hint), data)
    if hint is datetime:
        return datetime.fromisoformat(data)
    if hint is date:
        return date.fromisoformat(data)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(data)
    return data


def _load_union(options: tuple[Any, ...], data: Any) -> Any:
    if data is None:
        return None
    if isinstance(data, list):
        inner = next((one for one in options if typing.get_origin(one) is tuple), None)
        return tuple(data) if inner is None else _load(inner, data)
    rest = [one for one in options if one is not type(None) and typing.get_origin(one) is not tuple]
    return _load(rest[0], data) if len(rest) == 1 else data


def _load_dataclass(cls: type, data: Mapping[str, Any]) -> Any:
    hints = _hints(cls)
    names = {one.name for one in dataclasses.fields(cls)}
    unknown = set(data) - names
    if unknown:
        raise ValueError(f"{cls.__name__}: unknown {', '.join(sorted(unknown))}")
    return cls(**{name: _load(hints[name], item) for name, item in data.items()})
