"""Compare an answer of the sandbox with the shape the documentation shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.sandbox.facts.extract import Shape, shape

Problem = tuple[str, str]
ABSENT, STRANGE = "documented, not answered", "answered, not documented"
LIMIT = {"next"}  # stands in an answer only when there are more rows


def problems(fact: Shape, answer: Any, path: str = "") -> Iterator[Problem]:
    """Yield (path, what is wrong); a path names keys, `[]` is a row of a list and `*` of a map.

    An answer may hold `null` where the documentation shows a value, and anything where it shows
    `null` or an empty list or object: these depend on data. PHP writes an empty map as `[]`.
    """
    if fact in ("null", [], {}) or answer is None:
        return
    if isinstance(fact, dict) and "|" in fact:
        yield from _any_of(fact["|"], answer, path)
    elif isinstance(fact, dict):
        yield from _object(fact, answer, path)
    elif isinstance(fact, list):
        yield from _rows(fact[0], answer, path)
    else:
        kind = shape(answer)
        if not isinstance(kind, str) or (kind not in fact.split("|")):
            yield (
                path,
                f"documented {fact}, answered {kind if isinstance(kind, str) else type(answer).__name__}",
            )


def _any_of(kinds: list[Shape], answer: Any, path: str) -> Iterator[Problem]:
    found = [list(problems(kind, answer, path)) for kind in kinds if kind not in ("null", [], {})]
    yield from min(found, key=len, default=[])


def _object(fact: dict[str, Shape], answer: Any, path: str) -> Iterator[Problem]:
    if answer == []:
        return
    if not isinstance(answer, dict):
        yield path, f"documented object, answered {type(answer).__name__}"
        return
    known = {key.rstrip("?"): child for key, child in fact.items()}
    must = {key for key in fact if not key.endswith("?")} - {"*", "…"} - (LIMIT if not path else set())
    for key in sorted(must - answer.keys()):
        yield join(path, key), ABSENT
    for key, value in answer.items():
        made = "*" if known.keys() == {"*"} else key if key in known else _made(key)
        if made in known:
            yield from problems(known[made], value, join(path, made))
        elif "…" not in known and made != "*":
            yield join(path, key), STRANGE


def _made(key: str) -> str:
    return next(iter(shape({key: None})), key)  # `*` for a key that data made


def _rows(fact: Shape, answer: Any, path: str) -> Iterator[Problem]:
    if not isinstance(answer, list):
        yield path, f"documented list, answered {type(answer).__name__}"
        return
    if not answer and path.count(".") < 2:
        yield path, "an empty list shows nothing"
    counts = Counter(problem for row in answer for problem in set(problems(fact, row, f"{path}[]")))
    for problem, times in sorted(counts.items()):
        if problem[1] != ABSENT or times == len(answer):  # a key may stand in some rows only
            yield problem


def join(path: str, key: str) -> str:
    """Return the path of a key."""
    return f"{path}.{key}" if path else key


def keys_of(fact: Shape) -> Iterator[tuple[str, Shape]]:
    """Yield every key of a shape, at any depth, with the shape of its value."""
    if isinstance(fact, dict):
        for key, child in fact.items():
            if key != "|":
                yield key.rstrip("?"), child
            for inner in child if key == "|" else [child]:
                yield from keys_of(inner)
    elif isinstance(fact, list):
        for inner in fact:
            yield from keys_of(inner)
