"""Rows of the live feed: apart from their rules so that the portal's memory may know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True, kw_only=True)
class FeedPost:
    """A post of the live feed.

    `dest` is who may see it, by access codes; `attached` are ids of attached files; `read_by` is who
    pressed that an important post is read, in the order of pressing, with the moments.
    """

    id: int
    author_id: int
    text: str
    title: str
    created: datetime
    dest: list[str]
    micro: bool = False
    important: bool = False
    important_until: datetime | None = None
    tags: list[int] = field(default_factory=list)
    background: str = ""
    attached: list[int] = field(default_factory=list)
    read_by: dict[int, datetime] = field(default_factory=dict)
