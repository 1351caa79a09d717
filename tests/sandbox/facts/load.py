"""The facts, the emulated methods and their examples, by one key: the method, ` v3` for REST 3.0."""

from __future__ import annotations

import importlib
import json
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx

from b24flow.sandbox import dispatch  # noqa: F401 - registers the methods
from b24flow.sandbox.registry import coverage
from tests.sandbox import examples
from tests.sandbox.conftest import AppCaller, Box
from tests.sandbox.examples import Example, Params
from tests.sandbox.facts.shapes import keys_of

HERE = Path(__file__).parent


def key_of(method: str, api: str) -> str:
    """Return the key of a method."""
    return method if api == "v2" else f"{method} {api}"


def _facts() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(HERE.glob("*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        area = _area(facts)
        found |= {name: fact | {"area": area} for name, fact in facts.items()}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """What the pages of one area say together: every key, the kinds of value it has, every code."""

    names: frozenset[str]
    codes: frozenset[str]
    kinds: dict[str, frozenset[str]]


def _area(facts: dict[str, dict[str, Any]]) -> Area:
    names: set[str] = set()
    kinds: dict[str, set[str]] = {}
    for fact in facts.values():
        names |= {*fact.get("described", ())}
        for key, child in keys_of(fact.get("success", [])):
            names.add(key)
            kinds.setdefault(key, set()).update(child.split("|") if isinstance(child, str) else ())
    codes = frozenset(code for fact in facts.values() for code in fact["codes"] if code)
    return Area(
        names=frozenset(names),
        codes=codes,
        kinds={key: frozenset(found) for key, found in kinds.items()},
    )


def _examples() -> dict[str, Example]:
    for module in pkgutil.iter_modules(examples.__path__):
        importlib.import_module(f"{examples.__name__}.{module.name}")
    return {key_of(one.method, one.api): one for one in examples.EXAMPLES.values()}


FACTS = _facts()
EXAMPLES = _examples()
EMULATED = [key_of(row["method"], row["api"]) for row in coverage()]


class Prepared:
    """An example whose preparations are made: who calls, and with which parameters."""

    def __init__(self, box: Box, example: Example, app: AppCaller | None = None) -> None:
        """`app` is an installed application for examples that need one; by default one is installed."""
        self.example = example
        self.caller = cast("Any", (app or box.install_app()) if example.app else box)
        self.params: Params = example.prepare(self.caller)

    def call(self, params: Params) -> httpx.Response:
        """Call the method with these parameters."""
        call = self.caller.raw if self.example.api == "v2" else self.caller.v3
        answer: httpx.Response = call(self.example.method, params)
        return answer
