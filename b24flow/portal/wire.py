"""Commands of a batch: a query string in the bracket notation of PHP, and what must not travel so.

A command of a batch is a string `method?query` that the portal takes apart with `parse_str`
(settings/how-to-call-rest-api/batch.md, data-encoding.md). That notation cannot carry everything a
JSON body can: no booleans, no empty arrays, no brackets in keys, no more than `max_input_vars`
variables. And after taking it apart the portal replaces `$result[...]` and its four sisters in
every key and value, whoever wrote them: a subject typed by a person must never be where that
happens. Both kinds of calls are told by `travels_alone` and go out alone, in JSON.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from b24flow.portal.methods import METHODS, Call

BATCH_LIMIT = 50
"""Commands the portal takes in one batch."""

CHUNK = 20
"""Commands we put into one batch of writes: nearly as quick as 50, a third of the loss."""

MAX_VARIABLES = 1000
"""Default of PHP's `max_input_vars`; what is beyond it is dropped without an error."""

MAX_DEPTH = 60
"""Below PHP's `max_input_nesting_level` of 64; what is deeper is dropped without an error."""

_SUBSTITUTED = re.compile(r"\$(?:result|total|next|time|error)\[", re.IGNORECASE)
_REFERENCE = re.compile(r"\$result(?:\[[A-Za-z0-9_]+\])+")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TOP_KEY_BREAKS = re.compile(r"[\x00\[\]. ]")
_KEY_BREAKS = re.compile(r"[\x00\[\]]|^\s")


class Reference(str):
    """The place of a result of an earlier command of the same batch, filled in by the portal.

    >>> Reference.to("c0", "item", "id")
    '$result[c0][item][id]'
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Reference:
        """Take a reference and nothing around it; raise ValueError for any other text."""
        if not _REFERENCE.fullmatch(text):
            raise ValueError("a reference is $result[key][field]... and nothing else")
        return super().__new__(cls, text)

    @classmethod
    def to(cls, key: str, *path: str | int) -> Reference:
        """Refer to a field of the result of the command `key`."""
        return cls("$result" + "".join(f"[{part}]" for part in (key, *path)))


def encode(call: Call) -> str:
    """Return the command of a batch for the call; None becomes an empty value.

    Raises:
        TypeError: a value has no form in a query string: a boolean, bytes, any object.
        ValueError: an empty array, a key PHP would bend, too deep or too many variables.
    """
    pairs = list(_pairs("", call.params, 0))
    if len(pairs) > MAX_VARIABLES:
        raise ValueError(f"{call.method}: {len(pairs)} variables, PHP takes {MAX_VARIABLES}")
    query = "&".join(f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in pairs)
    return f"{call.method}?{query}" if query else call.method


def _pairs(name: str, value: object, depth: int) -> Iterator[tuple[str, str]]:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deep for PHP")
    if isinstance(value, Mapping):
        children = [(_checked(key, top=not depth), item) for key, item in value.items()]
    elif isinstance(value, list | tuple):
        children = [(str(index), item) for index, item in enumerate(value)]
    else:
        yield name, _scalar(value)
        return
    if depth and not children:
        raise ValueError("an empty array cannot be told in a query string")
    for key, item in children:
        yield from _pairs(f"{name}[{key}]" if depth else key, item, depth + 1)


def _checked(key: object, *, top: bool) -> str:
    """Return a key `parse_str` keeps as it is.

    PHP turns dots and blanks of a top-level name into underscores, ends a name at a bracket
    wherever it stands, appends for an empty key and skips blanks before one.
    """
    text = str(key) if isinstance(key, str | int) and not isinstance(key, bool) else ""
    if not text or (_TOP_KEY_BREAKS if top else _KEY_BREAKS).search(text):
        raise ValueError("PHP would change this key")
    return text


def _scalar(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        value.encode()  # a lone surrogate is refused here, not half-way to the portal
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    raise TypeError(f"no form in a query string: {type(value).__name__}")


def travels_alone(call: Call) -> bool:
    """Return whether the call must be a request of its own.

    True for methods a batch refuses, for text the portal would substitute (unless it is a
    `Reference`) and for values a query string cannot carry.
    """
    if not METHODS[call.method].batchable or _substitutable(call.params):
        return True
    try:
        encode(call)
    except (TypeError, ValueError):
        return True
    return False


def _substitutable(value: object) -> bool:
    if isinstance(value, Reference):
        return False
    if isinstance(value, str):
        return _SUBSTITUTED.search(value) is not None
    if isinstance(value, Mapping):
        return any(_substitutable(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple):
        return any(_substitutable(part) for part in value)
    return False


def batch_params(calls: Mapping[str, Call], *, halt: bool) -> dict[str, object]:
    """Return the parameters of the method `batch` for the calls, in their order.

    Raises:
        ValueError: none or more than 50 calls, a key that PHP would take for a number, or a call
            that travels alone.
    """
    if not 1 <= len(calls) <= BATCH_LIMIT:
        raise ValueError(f"a batch carries 1 to {BATCH_LIMIT} calls, not {len(calls)}")
    for key, call in calls.items():
        if not _KEY.fullmatch(key):
            raise ValueError(f"a key of a batch is a Latin word, not {key!r}")
        if travels_alone(call):
            raise ValueError(f"{call.method} with these values cannot travel in a batch")
    return {"halt": int(halt), "cmd": {key: encode(call) for key, call in calls.items()}}


def chunk(calls: Mapping[str, Call], size: int = CHUNK) -> Iterator[dict[str, Call]]:
    """Split calls into groups that keep the order; one that travels alone is a group of its own.

    A group of one is to be sent by `PortalClient.call`, a larger one by `PortalClient.batch`.

    Raises:
        ValueError: `size` is not between 1 and 50.
    """
    if not 1 <= size <= BATCH_LIMIT:
        raise ValueError(f"a group holds 1 to {BATCH_LIMIT} calls")
    group: dict[str, Call] = {}
    for key, call in calls.items():
        alone = travels_alone(call)
        if group and (alone or len(group) == size):
            yield group
            group = {}
        group[key] = call
        if alone:
            yield group
            group = {}
    if group:
        yield group
