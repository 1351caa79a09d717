"""`batch`: commands, references between them and the shape of the answer.

Facts: settings/how-to-call-rest-api/batch.md. The box substitutes references in any text of a
command, user text included; a pattern runs up to the next white space.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from b24flow.sandbox.wire import Json, Params, RestError, as_map, modest, parse_query

LIMIT = 50
_PILE = 20_000  # values that one parameter of a command may hold; a page of items has some 4 000
FORBIDDEN = frozenset({"batch", "upload", "download"})
_REFERENCE = re.compile(r"\$(result|error|total|next|time)\[(\S+)\]")

Outcome = tuple[Json, dict[str, Json]]
Run = Callable[[str, Params], Outcome]


class Command(NamedTuple):
    """A line of a batch; `late` says that it stands behind the limit."""

    key: str
    method: str
    query: str
    late: bool


def commands_of(params: Params) -> list[Command]:
    """Return the commands of a batch; items that are not text are skipped, but they count."""
    commands = []
    for index, (key, text) in enumerate(as_map(_named(params, "cmd")).items()):
        late = index >= LIMIT
        if isinstance(text, str) or late:
            name, _, query = str(text).partition("?")
            commands.append(Command(key, name.strip("/").lower(), query, late))
    return commands


def _named(params: Params, name: str) -> Json:
    """Return a parameter whose name may be written in any case."""
    return next((value for key, value in params.items() if key.lower() == name), None)


def run_batch(params: Params, run: Run) -> Json:
    """Run the commands one after another and return the five maps of the answer."""
    maps: dict[str, dict[str, Json]] = {name: {} for name in ("result", "error", "total", "next", "time")}
    halt = _named(params, "halt") not in (None, False, 0, "", "0", [], {})  # as PHP takes it
    for command in commands_of(params):
        key = command.key
        try:
            _check(command)
            answer = run(command.method, _sane(resolve(parse_query(command.query), maps)))
        except RestError as error:
            maps["error"][key] = error.body()
            if halt:
                break
            continue
        result, beside = answer
        maps["result"][key] = result
        for word, value in beside.items():
            maps[word][key] = value
    return {
        "result": maps["result"],
        "result_error": maps["error"],
        "result_total": maps["total"],
        "result_next": maps["next"],
        "result_time": maps["time"],
    }


def _check(command: Command) -> None:
    if command.late:
        raise RestError("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
    if command.method in FORBIDDEN:
        raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")


def _sane(params: Params) -> Params:
    """Drop what references have piled up: a box runs out of memory there, and takes nothing."""
    return {key: value if modest(value, _PILE) else None for key, value in params.items()}


def resolve(value: Json, maps: dict[str, dict[str, Json]]) -> Json:
    """Replace the references in every text of a command's parameters."""
    if isinstance(value, dict):
        return {key: resolve(item, maps) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, maps) for item in value]
    if not isinstance(value, str):
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _follow(maps, whole)
    return _REFERENCE.sub(lambda match: _as_text(_follow(maps, match)), value)


def _follow(maps: dict[str, dict[str, Json]], match: re.Match[str]) -> Json:
    """Walk the path as far as it goes; the deepest value found is the answer."""
    node: Any = maps[match[1]]
    for part in match[2].split("]["):
        child = {str(key): value for key, value in as_map(node).items()}
        if part not in child:
            break
        node = child[part]
    return node


def _as_text(value: Json) -> str:
    if isinstance(value, dict | list):
        return "Array"
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)
