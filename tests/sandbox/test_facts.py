"""Every emulated method against the facts of its documentation page (see `facts/extract.py`)."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import b24flow.sandbox
from b24flow.sandbox import coverage as honesty
from b24flow.sandbox.registry import METHODS, METHODS_V3
from tests.sandbox.conftest import Box
from tests.sandbox.facts import exceptions
from tests.sandbox.facts.load import EMULATED, EXAMPLES, FACTS, Area, Prepared, key_of
from tests.sandbox.facts.shapes import ABSENT, STRANGE, Problem, problems


def prepare(box: Box, method: str) -> Prepared:
    """Make the preparations of a method's example."""
    if method not in EXAMPLES:
        pytest.fail(f"write an example of {method} in tests/sandbox/examples", pytrace=False)
    return Prepared(box, EXAMPLES[method])


def refuse(method: str, wrong: list[str]) -> None:
    """Fail with all that is wrong about a method."""
    if wrong:
        pytest.fail("\n".join([f"{method} ({FACTS[method]['page']})", *wrong]), pytrace=False)


def excused(path: str, table: dict[str, str]) -> str:
    """Return the line of an exceptions table that covers a path."""
    for known in table:
        if path == known or (known.endswith("*") and path.startswith(known[:-1])):
            return known
    return ""


def mismatches(method: str, body: dict[str, Any]) -> list[Problem]:
    """Return how an answer differs from the documented ones, the nearest of them."""
    found = [list(problems(shape, body)) for shape in FACTS[method]["success"]]
    nearest = min(found, key=len, default=[])
    return [(path, what) for path, what in nearest if not told(method, body, path, what)]


def told(method: str, body: dict[str, Any], path: str, what: str) -> bool:
    """Say whether the page tells it in its tables, or the area's other pages where this one abridges.

    Examples show some fields of an entity and not others; a key of a wrapper is never abridged. A
    `false` in the place of a value stands for an absent one wherever the area's pages show it so.
    """
    fact, last = FACTS[method], path.rpartition(".")[2]
    area: Area = fact["area"]
    if what == STRANGE:
        wrapper = path.count(".") < 2 and isinstance(at(body, path), dict | list)
        return last in fact["described"] or (not wrapper and path != last and last in area.names)
    return what.endswith("answered bool") and "bool" in area.kinds.get(last, ())


def at(body: Any, path: str) -> Any:
    """Return the value at a path without rows, None where there is none."""
    for key in path.split("."):
        body = body.get(key) if isinstance(body, dict) else None
    return body


@pytest.mark.parametrize("method", EMULATED)
def test_the_answer_has_the_documented_shape(box: Box, method: str) -> None:
    prepared = prepare(box, method)
    answer = prepared.call(prepared.params)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body.pop("time")["date_start"]
    table = exceptions.SHAPE.get(method, {})
    found = mismatches(method, body)
    unused = table.keys() - {excused(path, table) for path, _ in found}
    assert not unused, f"these exceptions excuse nothing: {sorted(unused)}"
    left = [f"{path}: {what}" for path, what in found if not excused(path, table)]
    refuse(method, left)


def without(params: dict[str, Any], path: str) -> dict[str, Any] | None:
    """Return the parameters without one, None if they do not have it."""
    copied = copy.deepcopy(params)
    node: Any = copied
    *outer, last = path.split(".")
    for key in [*outer, last]:
        if not isinstance(node, dict):
            return None
        same = next((known for known in node if known.lower() == key.lower()), None)
        if same is None:
            return None
        if key is last:
            del node[same]
        else:
            node = node[same]
    return copied


def demands(method: str) -> Iterator[str]:
    """Yield the parameters that a page marks as required."""
    yield from (name for name in FACTS[method]["required"] if name not in exceptions.REQUIRED.get(method, {}))


@pytest.mark.parametrize("method", [name for name in EMULATED if FACTS[name]["required"]])
def test_a_required_parameter_is_required(box: Box, method: str) -> None:
    prepared, wrong = prepare(box, method), []
    known = {*FACTS[method]["codes"], *FACTS[method]["area"].codes, *FACTS["*"]["codes"], *exceptions.CODES}
    known |= exceptions.REFUSED.get(method, {}).keys()
    for name in demands(method):
        less = without(prepared.params, name)
        if less is None:
            wrong.append(f"{name}: the example does not have it")
            continue
        answer = prepared.call(less)
        body = answer.json()
        if not 400 <= answer.status_code < 500 or "error" not in body:
            wrong.append(f"{name}: {answer.status_code} {answer.text[:80]}")
            continue
        code = body["error"]["code"] if prepared.example.api == "v3" else body["error"]
        if code not in known:
            wrong.append(f"{name}: no page of the area names the code {code!r}")
    refuse(method, wrong)
    assert prepared.call(prepared.params).status_code == 200


def patterns_of(node: ast.expr) -> Iterator[str]:
    """Yield a regular expression for every code an expression may give."""
    if isinstance(node, ast.JoinedStr):
        fixed = [str(part.value) if isinstance(part, ast.Constant) else "" for part in node.values]
        yield "".join(re.escape(text) if text else r"\w+" for text in fixed)
    else:
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield re.escape(part.value)


def raised_codes() -> dict[str, str]:
    """Return the codes that stand in the sandbox's source, each with a file that raises it."""
    found: dict[str, str] = {}
    for path in sorted(Path(b24flow.sandbox.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
            if name in {"RestError", "RestV3Error"} and isinstance(node, ast.Call) and node.args:
                prefix = "BITRIX_REST_V3_EXCEPTION_" if name == "RestV3Error" else ""
                found |= {prefix + code: path.name for code in patterns_of(node.args[0])}
    return found


def test_the_sandbox_raises_no_code_of_its_own_invention() -> None:
    documented = {code for fact in FACTS.values() for code in fact["codes"]}
    known, raised = {*documented, *exceptions.CODES}, raised_codes()
    assert len(raised) > 100
    invented = {f"{code} ({where})" for code, where in raised.items()
                if not any(re.fullmatch(code, one) for one in known)}  # fmt: skip
    assert not invented, "\n".join(sorted(invented))
    assert exceptions.CODES.keys() - FACTS["*"]["codes"] == exceptions.CODES.keys()
    needless = {code for code in exceptions.CODES if not any(re.fullmatch(one, code) for one in raised)}
    assert not needless, "nothing raises these any more"


def test_every_fact_and_example_belongs_to_a_method_of_the_honesty_table() -> None:
    known = {key_of(row["method"], row["api"]) for row in honesty.table()}
    assert {key for key in FACTS.keys() - known if not key.startswith("*")} == set()
    assert set(EXAMPLES) <= set(EMULATED)
    table = METHODS | METHODS_V3
    assert len(table) <= len(EMULATED)


def test_every_page_is_the_one_the_sandbox_names() -> None:
    pages = {key: fact["page"] for key, fact in FACTS.items() if not key.startswith("*")}
    rows = {key_of(row["method"], row["api"]): row["doc"] for row in honesty.table()}
    assert rows == pages


PAGE = {
    "result": {"item": {"id": "number", "name?": "string", "rows": [{"a": "string|null"}], "*": "bool"}},
    "total": "number",
}
ANSWER = {"result": {"item": {"id": 1, "rows": [{"a": "x"}], "17": True}}, "total": 1}
WRONG = [
    (["result", "item", "id"], "1", "result.item.id", "documented number, answered string"),
    (["result", "item", "id"], True, "result.item.id", "documented number, answered bool"),
    (["result", "item", "id"], None, "", ""),
    (["result", "item", "id"], ..., "result.item.id", ABSENT),
    (["result", "item", "odd"], 1, "result.item.odd", STRANGE),
    (["result", "item", "18"], 1, "result.item.*", "documented bool, answered number"),
    (["result", "item", "rows"], {}, "result.item.rows", "documented list, answered dict"),
    (["result", "item", "rows"], [], "", ""),
    (
        ["result", "item", "rows", 0, "a"],
        1,
        "result.item.rows[].a",
        "documented string|null, answered number",
    ),
    (["result", "item", "rows", 0], {}, "result.item.rows[].a", ABSENT),
    (["result", "item"], [1], "result.item", "documented object, answered list"),
    (["total"], ..., "total", ABSENT),
    (["next"], 50, "next", STRANGE),
]


@pytest.mark.parametrize(("path", "value", "where", "what"), WRONG)
def test_a_wrong_answer_is_seen(path: list[Any], value: Any, where: str, what: str) -> None:
    assert list(problems(PAGE, ANSWER)) == []
    body: Any = copy.deepcopy(ANSWER)
    node = body
    for key in path[:-1]:
        node = node[key]
    if value is ...:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    assert list(problems(PAGE, body)) == ([(where, what)] if what else [])


def test_an_example_that_shows_no_row_is_seen() -> None:
    assert list(problems({"result": [{"ID": "string"}]}, {"result": []}))
    assert list(problems({"result": [{"ID": "string"}]}, {"result": [{}, {"ID": "1"}]})) == []
