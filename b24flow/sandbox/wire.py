"""What travels: PHP's way of reading a request and of writing an answer.

Facts: settings/how-to-call-rest-api/{general-principles,data-encoding,batch}.md, error-codes.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

Json = Any
Params = dict[str, Any]

_BRACKETS = re.compile(r"\[([^\]]*)\]")


class RestError(Exception):
    """A refusal of the box: `code` becomes `error`, `text` becomes `error_description`."""

    def __init__(self, code: str, text: str, status: int = 400, **extra: Json) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.status = status
        self.extra = extra

    def body(self) -> dict[str, Json]:
        """Return the v1/v2 error object."""
        return {"error": self.code, "error_description": self.text, **self.extra}


class RestV3Error(RestError):
    """A refusal of REST 3.0, where `error` is an object (api-reference/rest-v3.md)."""

    def body(self) -> dict[str, Json]:
        """Return the v3 error object; `code` is given without its long prefix."""
        error = {"code": f"BITRIX_REST_V3_EXCEPTION_{self.code}", "message": self.text}
        return {"error": error | self.extra}


def missing(name: str) -> RestError:
    """Build the controllers' answer to an absent required parameter."""
    return RestError("100", f"Could not find value for parameter {{{name}}}")


def parse_form(pairs: Iterable[tuple[str, Json]]) -> Params:
    """Build a nested map from `a[b][]=c` pairs as PHP's parse_str does."""
    root: Params = {}
    for name, value in pairs:
        head, _, _ = name.partition("[")
        if not head:
            continue
        path = [head, *_BRACKETS.findall(name[len(head) :])]
        _put(root, path, value)
    return {key: _listify(value) for key, value in root.items()}


def parse_query(query: str) -> Params:
    """Parse a query string in PHP notation."""
    return parse_form(parse_qsl(query, keep_blank_values=True))


def _put(root: Params, path: list[str], value: Json) -> None:
    node = root
    for part, following in zip(path, [*path[1:], None], strict=True):
        key = part if part != "" else str(_next_index(node))
        if following is None:
            node[key] = value
            return
        child = node.get(key)
        if not isinstance(child, dict):
            child = {}
            node[key] = child
        node = child


def _next_index(node: Params) -> int:
    numbers = [int(key) for key in node if key.isdigit()]
    return max(numbers, default=-1) + 1


def _listify(value: Json) -> Json:
    """Turn maps with keys 0..n-1 into lists: a PHP array does not tell them apart."""
    if not isinstance(value, dict):
        return value
    items = {key: _listify(child) for key, child in value.items()}
    if items and list(items) == [str(index) for index in range(len(items))]:
        return list(items.values())
    return items


def parse_json(body: bytes) -> Params:
    """Parse a JSON body; a malformed or non-object one gives no parameters, as on the box."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return value if isinstance(value, dict) else {}


class PhpObject(dict[str, Json]):
    """An object on PHP's side: it stays a JSON object even when nothing of it is seen."""


def php(value: Json) -> Json:
    """Write a value as PHP would: an empty map is `[]`, a map with keys 0..n-1 is a list."""
    if isinstance(value, PhpObject):
        return value
    if isinstance(value, dict):
        if all(str(key) == str(index) for index, key in enumerate(value)):
            return [php(item) for item in value.values()]
        return {str(key): php(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [php(item) for item in value]
    return value


def as_int(value: Json, default: int = 0) -> int:
    """Cast like PHP's `(int)` for the values that come over the wire."""
    if isinstance(value, bool | int | float):
        return int(value)
    match = re.match(r"\s*-?\d+", value) if isinstance(value, str) else None
    return int(match.group()) if match else default


def as_map(value: Json) -> dict[str, Json]:
    """Return a map; a list becomes a map with string indexes, anything else an empty map."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}


def as_list(value: Json) -> list[Json]:
    """Return a list: the values of a map, a list itself, a scalar as one element, else empty."""
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list):
        return value
    return [] if value in (None, "") else [value]


def is_yes(value: Json) -> bool:
    """Say whether a value means yes in any of the box's spellings."""
    return value is True or str(value).lower() in {"y", "1", "true"}


def yes_no(value: bool) -> str:
    """Write a flag as `Y` or `N`."""
    return "Y" if value else "N"
