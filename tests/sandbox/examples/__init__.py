"""One successful call of every emulated method, for the checks against the documentation's facts.

An example prepares what it needs through REST (never through the state) and returns the parameters
of the call; whoever checks makes the call, compares the answer with the documented shape and makes
it again without each required parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.sandbox.conftest import Box

Params = dict[str, Any]
Prepare = Callable[[Box], Params]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A prepared call; `app` says that an installed application's administrator makes it."""

    method: str
    api: str
    app: bool
    prepare: Prepare


EXAMPLES: dict[tuple[str, str], Example] = {}


def example(method: str, *, api: str = "v2", app: bool = False) -> Callable[[Prepare], Prepare]:
    """Register the example of a method."""

    def register(prepare: Prepare) -> Prepare:
        assert (method, api) not in EXAMPLES, f"two examples of {method}"
        EXAMPLES[method, api] = Example(method=method, api=api, app=app, prepare=prepare)
        return prepare

    return register
