"""Parameters nobody thought of, and the eye that every answer passes."""

from __future__ import annotations

import copy
import json
from collections import deque
from typing import Any

import httpx
from hypothesis import strategies as st

from tests.sandbox.conftest import Box

ODD = [
    "", "0", "-1", "Y", "N", "now", "2026-13-45", "2026-05-12T09:00:00+03:00", "%", "$result[a]", "<b>жир",
    "[]", "chat1", "n1", "TASK_2", "T416", "ID", ">id", "!=@", "\x00", "a\x01b", "\u2028", "9" * 400,
    "-" + "9" * 30, "²", "٣", "1e999", "0x1F", "NaN", "true", "null", " 7 ", "😀", "../../etc/passwd",
    "A" * 5000, "2026-02-30", "SG1", "DT1046_1", "CRM_1", "user", "tmp", "UA", "DR1", "@#$%",
]  # fmt: skip
_NUMBERS = [0, 1, -1, 2, 1046, 2**31, -(2**31), 2**53, 2**63, -(2**63), 10**30, 0.5, -0.0, 1e300]
odd: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.sampled_from(_NUMBERS) | st.sampled_from(ODD) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(ODD) | st.text(max_size=4), inner)
    ),
    max_leaves=5,
)


class BadAnswerError(Exception):
    """An answer without the documented envelope; no test expects it as a refusal."""


def watch(box: Box) -> deque[Any]:
    """Look at every answer of a box from now on; returns the ids it has named, the last ones."""
    seen: deque[Any] = deque(maxlen=60)

    def look(answer: httpx.Response) -> None:
        path = answer.request.url.path
        if path.startswith("/rest/") and "download" not in path and "upload" not in path:
            answer.read()
            _harvest(check(answer, v3=path.startswith("/rest/api/")), seen)

    box.http.event_hooks = {"response": [look]}
    return seen


def check(answer: httpx.Response, *, v3: bool = False) -> Any:
    """Return the body of an answer that has the documented envelope."""
    try:
        body = json.loads(answer.text, parse_constant=_refuse)
        good = _succeeded(answer, body) if "result" in body else _failed(answer, body["error"], body, v3=v3)
    except (ValueError, KeyError, TypeError) as error:
        raise BadAnswerError(f"{answer.request.url} {answer.status_code} {answer.text[:500]}") from error
    if not good:
        raise BadAnswerError(f"{answer.request.url} {answer.status_code} {answer.text[:500]}")
    return body


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _succeeded(answer: httpx.Response, body: dict[str, Any]) -> bool:
    known = {"result", "time", "total", "next"}
    timed = body["time"].keys() >= {"start", "finish", "duration", "processing", "date_start", "date_finish"}
    return answer.status_code == 200 and body.keys() <= known and timed


def _failed(answer: httpx.Response, error: Any, body: dict[str, Any], *, v3: bool) -> bool:
    told = isinstance(error, str) and isinstance(body["error_description"], str)
    if v3 and isinstance(error, dict):
        told = error["code"].startswith("BITRIX_REST_V3_") and isinstance(error["message"], str)
    return 400 <= answer.status_code < 500 and told


def _harvest(value: Any, seen: deque[Any], *, depth: int = 4) -> None:
    if isinstance(value, dict) and depth:
        for key, child in value.items():
            if key.lower().endswith("id") and isinstance(child, int | str) and child not in seen:
                seen.append(child)
            _harvest(child, seen, depth=depth - 1)
    elif isinstance(value, list):
        for child in value[:3]:
            _harvest(child, seen, depth=depth - 1)


def places(params: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside parameters."""
    found = [path] if path else []
    rows = (
        params.items() if isinstance(params, dict) else enumerate(params) if isinstance(params, list) else ()
    )
    for key, child in rows:
        found += places(child, (*path, key))
    return found


def changed(params: dict[str, Any], path: tuple[Any, ...], how: str, value: Any) -> dict[str, Any]:
    """Return parameters with one value dropped, replaced, wrapped or joined by another."""
    made = copy.deepcopy(params)
    node: Any = made
    for key in path[:-1]:
        node = node[key]
    last = path[-1]
    if how == "drop":
        del node[last]
    elif how == "list":
        node[last] = [node[last], value]
    elif how == "map":
        node[last] = {"x": node[last], "0": value}
    elif how == "text":
        node[last] = str(node[last])
    else:
        node[last] = value
    return made
