"""Every emulated method against the facts of its documentation page (see `facts/extract.py`)."""

from __future__ import annotations

import ast
import copy
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import b24flow.sandbox
from b24flow.sandbox import coverage as honesty
from b24flow.sandbox.registry import METHODS, METHODS_V3, coverage
from tests.sandbox import examples
from tests.sandbox.conftest import AppCaller, Box
from tests.sandbox.facts import exceptions
from tests.sandbox.facts.shapes import STRANGE, Problem, problems

HERE = Path(__file__).parent
FACTS: dict[str, dict[str, Any]] = {}
for _file in sorted((HERE / "facts").glob("*.json")):
    FACTS |= json.loads(_file.read_text(encoding="utf-8"))
for _module in pkgutil.iter_modules([str(HERE / "examples")]):
    importlib.import_module(f"tests.sandbox.examples.{_module.name}")

EMULATED = [row["method"] if row["api"] == "v2" else f"{row['method']} v3" for row in coverage()]


def key_of(example: examples.Example) -> str:
    return example.method if example.api == "v2" else f"{example.method} {example.api}"


EXAMPLES = {key_of(one): one for one in examples.EXAMPLES.values()}


class Prepared:
    """An example whose preparations are made: a caller and the parameters."""

    def __init__(self, box: Box, method: str) -> None:
        if method not in EXAMPLES:
            pytest.fail(f"write an example of {method} in tests/sandbox/examples", pytrace=False)
        self.example = EXAMPLES[method]
        self.caller: Box | AppCaller = box.install_app() if self.example.app else box
        self.params = self.example.prepare(self.caller)  # type: ignore[arg-type]

    def call(self, params: dict[str, Any]) -> httpx.Response:
        call = self.caller.raw if self.example.api == "v2" else self.caller.v3
        return call(self.example.method, params)


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
    fact = FACTS[method]
    told = set(fact["described"])
    found = [list(problems(shape, body)) for shape in fact["success"]]
    nearest = min(found, key=len, default=[])
    return [
        (path, what) for path, what in nearest if not (what == STRANGE and path.rpartition(".")[2] in told)
    ]


@pytest.mark.parametrize("method", EMULATED)
def test_the_answer_has_the_documented_shape(box: Box, method: str) -> None:
    prepared = Prepared(box, method)
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
    prepared, wrong = Prepared(box, method), []
    known = {*FACTS[method]["codes"], *FACTS["*"]["codes"], *exceptions.CODES}
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
            wrong.append(f"{name}: the page does not name the code {code!r}")
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
    assert not documented & exceptions.CODES.keys() - {"100"}, "these need no exception: tables name them"


def test_every_fact_and_example_belongs_to_a_method_of_the_honesty_table() -> None:
    known = {row["method"] if row["api"] == "v2" else f"{row['method']} v3" for row in honesty.table()}
    assert FACTS.keys() - known == {"*"}
    assert set(EXAMPLES) <= set(EMULATED)
    table = METHODS | METHODS_V3
    assert len(table) <= len(EMULATED)


def test_every_page_is_the_one_the_sandbox_names() -> None:
    pages = {key: fact["page"] for key, fact in FACTS.items() if key != "*"}
    rows = {
        row["method"] if row["api"] == "v2" else f"{row['method']} v3": row["doc"] for row in honesty.table()
    }
    assert rows == pages
