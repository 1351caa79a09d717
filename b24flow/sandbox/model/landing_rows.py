"""Rows of sites and knowledge bases: apart from their rules so that the portal's memory may know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class _Entry:
    """What sites, folders and pages have in common."""

    id: int
    title: str
    code: str
    created: datetime
    modified: datetime
    created_by: int
    modified_by: int
    active: bool = False
    deleted: bool = False


@dataclass(slots=True, kw_only=True)
class LandingSite(_Entry):
    """A site; `kind` is `KNOWLEDGE` for a knowledge base. `code` is kept without slashes."""

    kind: str
    description: str | None = None
    xml_id: str | None = None
    index_id: int | None = None
    page_404: int | None = None
    page_503: int | None = None
    additional: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class LandingFolder(_Entry):
    """A folder of a site; `index_id` is the page that opens by the folder's own address."""

    site_id: int
    parent_id: int | None
    index_id: int | None = None


@dataclass(slots=True, kw_only=True)
class LandingPage(_Entry):
    """A page: its draft is always there, its published copy is shown while `public`.

    `active` is the page's own switch, `public` goes off with the whole site too.
    """

    site_id: int
    folder_id: int | None = None
    description: str | None = None
    xml_id: str | None = None
    sitemap: bool = False
    folder: bool = False
    tpl_id: int | None = None
    public: bool = False
    date_public: datetime | None = None
    additional: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class LandingBlock:
    """A block of a page, of its draft or of its published copy.

    A published block has an id of its own and knows its draft by `draft_id`. A block kept as a
    template belongs to no page: its `page_id` is 0 and `favourite` says how it is shown.
    """

    id: int
    page_id: int
    code: str
    content: str
    sort: int
    created: datetime
    modified: datetime
    created_by: int
    modified_by: int
    active: bool = True
    deleted: bool = False
    public: bool = False
    designed: bool = False
    draft_id: int = 0
    anchor: str = ""
    files: list[int] = field(default_factory=list)
    favourite: dict[str, Any] | None = None


@dataclass(slots=True, kw_only=True)
class LandingBinding:
    """A knowledge base shown in a menu (`M`, by its code) or in a workgroup (`G`, by its id)."""

    id: int
    site_id: int
    kind: str
    place: str
