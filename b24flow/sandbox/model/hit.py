"""One request to the portal: who makes it and what happened in it."""

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


@dataclass(slots=True, kw_only=True)
class Hit:
    """A request: the application that makes it, its connector, and the events it raised."""

    app_id: int | None = None
    connector: str = ""
    raised: list[Raised] = field(default_factory=list)
