"""One request to the portal: who makes it, what happened in it and what it sends out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """One event of one hit; `only_app` limits it to the handlers of one application."""

    name: str
    data: Any
    user_id: int | None
    only_app: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A form to be posted to an address outside the portal."""

    url: str
    fields: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Hit:
    """A request: the application that makes it, its connector, and the events it raised.

    `hops` counts the events and handlers' calls that led to it one after another.
    """

    app_id: int | None = None
    connector: str = ""
    landing_scope: str = ""
    hops: int = 0
    raised: list[Raised] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
