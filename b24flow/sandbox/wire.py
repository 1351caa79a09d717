"""What travels: PHP's way of reading a request and of writing an answer.

Facts: settings/how-to-call-rest-api/{general-principles,data-encoding,batch}.md, error-codes.md.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

Json = Any
Params = dict[str, Any]

_BRACKETS = re.compile(r"\[([^\]]*)\]")
_INDEXES = re.compile(r"(?:\[[^\]]*\])*")
_VARIABLE = re.compile(r"[ .]")
_FORM_DEPTH = 64  # PHP's max_input_nesting_level: a deeper variable is dropped
# PHP reads JSON down to 512 levels. Nothing documented nests deeper than a dozen, and this many keeps
# every walk over a kept value (snapshots, the data file, answers) far from Python's own limit.
_JSON_DEPTH = 100
_INT_MAX = 2**63 - 1
_WHOLE = re.compile(r"[ \t\n\r\v\f]*([+-]?)0*([0-9]+)")


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
    following: dict[int, int] = {}  # of a map (by its id): the index that the next `[]` gets
    for name, value in pairs:
        head, bracket, tail = name.lstrip(" ").partition("[")
        if not head:
            continue
        indexes = _INDEXES.match(bracket + tail)
        path = [_VARIABLE.sub("_", head), *_BRACKETS.findall(indexes.group() if indexes else "")]
        if len(path) <= _FORM_DEPTH:
            _put(root, path, value, following)
    return {key: _listify(value) for key, value in root.items()}


def parse_query(query: str) -> Params:
    """Parse a query string in PHP notation."""
    return parse_form(parse_qsl(query, keep_blank_values=True))


def _put(root: Params, path: list[str], value: Json, following: dict[int, int]) -> None:
    node = root
    for part in path[:-1]:
        key = _key(node, part, following)
        child = node.get(key)
        if not isinstance(child, dict):
            child = node[key] = {}
        node = child
    node[_key(node, path[-1], following)] = value


def _key(node: Params, part: str, following: dict[int, int]) -> str:
    """Return the key of a map that `[part]` means, and remember where `[]` goes on after it."""
    key = part if part != "" else str(following.get(id(node), 0))
    if key.isdecimal() and key.isascii() and len(key) < 19:
        following[id(node)] = max(following.get(id(node), 0), int(key) + 1)
    return key


def _listify(value: Json) -> Json:
    """Turn maps with keys 0..n-1 into lists: a PHP array does not tell them apart."""
    if not isinstance(value, dict):
        return value
    items = {key: _listify(child) for key, child in value.items()}
    if items and list(items) == [str(index) for index in range(len(items))]:
        return list(items.values())
    return items


def parse_json(body: bytes) -> Params:
    """Parse a JSON body; a malformed or non-object one gives no parameters, as on the box.

    Malformed is also what PHP does not take: not UTF-8, `NaN`, half of a surrogate pair, too deep.
    """
    try:
        value = json.loads(body.decode("utf-8"), **_NUMBERS)
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return {}
    if body.count(b"[") + body.count(b"{") > _JSON_DEPTH and not modest(value):
        return {}
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return value if isinstance(value, dict) else {}


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _whole(text: str) -> Json:
    """Read a whole number; PHP makes a float of what does not fit into 64 bits."""
    if len(text) < 19:
        return int(text)
    return _real(text) if len(text) > 20 or abs(int(text)) > _INT_MAX else int(text)


def _real(text: str) -> float:
    """Read a number; one beyond a double's range becomes its end, so that it can be answered again."""
    return max(-sys.float_info.max, min(float(text), sys.float_info.max))


_NUMBERS: dict[str, Any] = {"parse_constant": _no_constant, "parse_int": _whole, "parse_float": _real}


def modest(value: Json, most: int = 1_000_000) -> bool:
    """Say whether a value is neither too deep to be walked nor holds more than `most` values."""
    level, size = [value], 1
    for _ in range(_JSON_DEPTH + 1):
        level = [child for node in level if isinstance(node, dict | list)
                 for child in (node.values() if isinstance(node, dict) else node)]  # fmt: skip
        size += len(level)
        if not level:
            return True
        if size > most:
            return False
    return False


_PLAIN = frozenset([str, int, float, bool, type(None)])


class PhpObject(dict[str, Json]):
    """An object on PHP's side: it stays a JSON object even when nothing of it is seen."""


def php(value: Json) -> Json:
    """Write a value as PHP would: an empty map is `[]`, a map with keys 0..n-1 is a list."""
    if type(value) in _PLAIN or isinstance(value, PhpObject):
        return value
    if isinstance(value, dict):
        # the first key tells most maps from lists without a look at the others
        numbered = str(next(iter(value), 0)) == "0"
        if numbered and all(str(key) == str(index) for index, key in enumerate(value)):
            return [php(item) for item in value.values()]
        return {str(key): item if type(item) in _PLAIN else php(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [php(item) for item in value]
    return value


def as_int(value: Json, default: int = 0) -> int:
    """Cast like PHP's `(int)` for the values that come over the wire; always fits into 64 bits."""
    if isinstance(value, float):
        return int(value) if abs(value) <= _INT_MAX else 0  # also for INF and NAN
    if isinstance(value, bool | int):
        return int(value)
    match = _WHOLE.match(value) if isinstance(value, str) else None
    if not match:
        return default
    whole = int(match[2]) if len(match[2]) < 20 else _INT_MAX
    return min(whole, _INT_MAX) if match[1] != "-" else -min(whole, _INT_MAX)


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
