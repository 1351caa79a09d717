"""`batch` of REST 3.0: a JSON array of calls, each of which may use the answers before it.

Facts: api-reference/rest-v3.md. The page shows the array and the answer in the same order; that an
answer gets a name by `as`, is used by `{"$ref": "name.item.id"}` and `{"$refArray":
"name.items.id"}`, and that the first refusal is the answer to the whole batch is the box's code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from b24flow.sandbox.wire import Json, Params, RestError, RestV3Error, as_map


class Step(NamedTuple):
    """One call of a batch; `name` is what later calls know its answer by."""

    method: str
    query: Params
    name: str


def steps_of(params: Params) -> list[Step]:
    """Return the calls of a batch; what is no call in an array is a call of a nameless method."""
    rows = [row if isinstance(row, dict) else {} for row in params.values()]
    return [
        Step(str(row.get("method", "")).lower(), as_map(row.get("query")), str(row.get("as", "")))
        for row in rows
    ]


def run_batch_v3(params: Params, run: Callable[[str, Params], Json]) -> list[Json]:
    """Run the calls one after another; raises the first refusal, what was done stays done."""
    if any(key != str(index) for index, key in enumerate(params)):
        raise RestV3Error("INVALIDSELECTEXCEPTION", "The body of a batch is an array of calls")
    answers: list[Json] = []
    named: dict[str, Json] = {}
    for step in steps_of(params):
        if step.method == "batch":
            raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
        answer = run(step.method, {key: _filled(value, named) for key, value in step.query.items()})
        answers.append(answer)
        if step.name:
            named[step.name] = answer
    return answers


def _filled(value: Json, named: dict[str, Json]) -> Json:
    """Put the answers in the places of the references to them."""
    if isinstance(value, list):
        return [_filled(item, named) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (kind, path), *_ = value.items()
        if kind == "$ref":
            return _at(named, str(path).split("."))
        if kind == "$refArray":
            return _column(named, str(path).split("."))
    return {key: _filled(item, named) for key, item in value.items()}


def _at(node: Any, path: list[str]) -> Json:
    for part in path:
        node = as_map(node).get(part)
    return node


def _column(named: dict[str, Json], path: list[str]) -> list[Json]:
    """Return what every row of a list has at the last step of a path."""
    rows = _at(named, path[:-1])
    return [_at(row, path[-1:]) for row in (rows if isinstance(rows, list) else [])]
