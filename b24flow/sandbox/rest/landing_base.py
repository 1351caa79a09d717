"""How methods of sites read their parameters: by the signature of a PHP function.

Facts: api-reference/landing/types.md and the error tables of api-reference/landing/**. What is
missing is named all at once (`MISSING_PARAMS`), what does not fit its type is a `TYPE_ERROR`. A number
written as a string fits, as it does in PHP: a form or a batch has nothing else to give. The
internal scope, once given, lasts until the end of the request, for the other commands of a batch too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from b24flow.sandbox.filters import matches, sort_rows, split_prefix
from b24flow.sandbox.model.landing_sites import SPECIAL, refuse
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.wire import Json, Params, as_int, as_list, as_map

Args = dict[str, Any]
Handler = Callable[[Call, Args], Json]
DOC = "api-reference/landing/"
_NUMBER = re.compile(r"\s*-?\d+(\.0*)?\s*")
_GIVEN = {str: "string", list: "array", dict: "array", bool: "bool", float: "float", int: "int"}


def landing(
    name: str, *, doc: str, sign: str, partial: str = "", reads: bool | None = None
) -> Callable[[Handler], Handler]:
    """Register a method of sites by its signature: `lid:int* fields:array mark:bool`."""
    declared = [_declare(word) for word in sign.split()]

    def register(handler: Handler) -> Handler:
        names = " ".join(["scope", *(one for one, _, _ in declared)])

        @method(name, scope="landing", doc=DOC + doc, params=names, partial=partial, reads=reads)
        def run(call: Call) -> Json:
            absent = [one for one, _, needed in declared if needed and call.params.get(one) is None]
            if absent:
                raise refuse("MISSING_PARAMS", f"Not enough call parameters, missing: {', '.join(absent)}")
            args = {
                one: _cast(call, place, one, kind)
                for place, (one, kind, _) in enumerate(declared, 1)
                if call.params.get(one) is not None
            }
            return handler(call, args)

        return handler

    return register


def _declare(word: str) -> tuple[str, str, bool]:
    name, _, kind = word.partition(":")
    return name, kind.rstrip("*"), kind.endswith("*")


def _cast(call: Call, place: int, name: str, kind: str) -> Any:
    value = call.params[name]
    plain = not isinstance(value, dict | list)
    if kind == "any":
        return value
    if kind == "array" and not plain:
        return value
    if kind == "int" and plain and (not isinstance(value, str) or _NUMBER.fullmatch(value)):
        return as_int(value)
    if kind == "bool" and plain:
        return value not in (False, 0, "", "0")
    if kind == "string" and plain:
        return str(value)
    _, part, function = call.method.split(".", 2)
    raise refuse(
        "TYPE_ERROR",
        f"Bitrix\\Landing\\PublicAction\\{part.capitalize()}::{function}(): Argument #{place} (${name}) "
        f"must be of type {kind}, {_GIVEN.get(type(value), 'null')} given",
    )


def scope_of(call: Call) -> str:
    """Return the internal scope of a call: its own, or that of an earlier command of the request."""
    given = call.text("scope").upper()
    if given in SPECIAL:
        call.portal.hit.landing_scope = given
    return call.portal.hit.landing_scope


def moment(value: datetime | None) -> str | None:
    """Write a moment as the portal shows it."""
    return value.strftime("%d.%m.%Y %H:%M:%S") if value else None


def text_or_none(value: int | str | None) -> str | None:
    """Write a database value: a string or null."""
    return None if value is None else str(value)


def truthy(params: Params, name: str) -> bool:
    """Say whether an optional switch is on."""
    return params.get(name) not in (None, False, 0, "", "0")


def required(fields: Params, *names: str) -> None:
    """Refuse a row without its required fields."""
    for name in names:
        if fields.get(name) in (None, ""):
            raise refuse("BX_EMPTY_REQUIRED", f'Required field "{name}" is not filled')


def select_rows(
    params: Params, rows: list[Params], known: frozenset[str], always: tuple[str, ...]
) -> list[Params]:
    """Filter, sort, cut and narrow shown rows the way the box's tables do."""
    conditions = as_map(params.get("filter"))
    for key in conditions:
        _check(split_prefix(key)[1], known)
    found = [row for row in rows if all(_fits(row, key, one) for key, one in conditions.items())]
    order = as_map(params.get("order"))
    for key in order:
        _check(key, known)
    found = sort_rows(found, order, _rank)
    first, most = max(as_int(params.get("offset")), 0), as_int(params.get("limit"))
    found = found[first : first + most] if most > 0 else found[first:]
    return [_narrow(row, params.get("select"), known, always) for row in found]


def _check(name: str, known: frozenset[str]) -> None:
    if name not in known:
        raise refuse("SYSTEM_ERROR", f"Unknown field definition `{name}`.")


def _fits(row: Params, key: str, wanted: Json) -> bool:
    prefix, name = split_prefix(key)
    value = as_list(wanted) if isinstance(wanted, dict | list) else wanted
    if prefix in (">", ">=", "<", "<="):
        given = value.replace("T", " ")[:19] if isinstance(value, str) else str(value)
        return matches(prefix, _rank(row, name), _rank({name: given}, name))
    return matches(prefix, row.get(name), value)


def _is_number(value: Json) -> bool:
    return isinstance(value, str) and value.lstrip("-").isdigit()


def _rank(row: Params, name: str) -> Any:
    value = row.get(name)
    if _is_number(value):
        return as_int(value)
    if isinstance(value, str) and re.fullmatch(r"\d\d\.\d\d\.\d{4} [\d:]+", value):
        day, clock = value.split(" ")
        return "-".join(reversed(day.split("."))) + " " + clock
    return value


def _narrow(row: Params, select: Json, known: frozenset[str], always: tuple[str, ...]) -> Params:
    names = [str(one) for one in as_list(select)] if isinstance(select, list | dict) and select else ["*"]
    if "*" in names:
        computed = [name for name in names if name in row]
        return {key: row[key] for key in row if key in known or key in computed}
    return {name: row[name] for name in dict.fromkeys((*always, *names)) if name in row}
