"""Rows of the CRM beyond its items: digital workplaces, activities and the letters they send."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class AutomatedSolution:
    """A digital workplace; `section_id` is its other number, the one smart processes show."""

    id: int
    title: str
    section_id: int


@dataclass(slots=True, kw_only=True)
class Activity:
    """An activity of a timeline.

    `values` holds the documented fields by their upper-case names; `bindings` are pairs of entity
    type and item, the first of them the owner. A configurable activity has a `layout` and the
    application that made it; `options` holds what only one sort of activity has.
    """

    id: int
    values: dict[str, Any]
    bindings: list[list[int]]
    communications: list[dict[str, Any]] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    app_id: int = 0
    layout: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Mail:
    """A letter an activity has sent: the outbox nobody delivers, for people to look into."""

    id: int
    activity_id: int
    sender: str
    to: list[str]
    subject: str
    text: str
    created: datetime
    files: list[int] = field(default_factory=list)
