"""Rows of the CRM: smart processes, their settings, items and timelines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class SpaType:
    """A smart process."""

    id: int
    entity_type_id: int
    title: str
    flags: dict[str, bool]
    linked: dict[str, bool]
    relations: dict[str, Any]
    created_by: int
    created: datetime
    updated_by: int
    updated: datetime
    solution_id: int = 0


@dataclass(slots=True, kw_only=True)
class Category:
    """A pipeline of a smart process, of deals, contacts or companies."""

    id: int
    entity_type_id: int
    name: str
    sort: int
    is_default: bool
    origin_id: str = ""
    originator_id: str = ""


@dataclass(slots=True, kw_only=True)
class Status:
    """A row of a directory; a stage when the directory is `DYNAMIC_…_STAGE_…`."""

    id: int
    entity_id: str
    status_id: str
    name: str
    name_init: str
    sort: int
    system: bool
    color: str
    semantics: str
    category_id: int | None


@dataclass(slots=True, kw_only=True)
class UserField:
    """A user field of a smart process; `name` is `UF_CRM_{type id}_{CODE}`."""

    id: int
    entity_id: str
    name: str
    kind: str
    multiple: bool
    mandatory: bool
    sort: int
    xml_id: str | None
    labels: dict[str, str]
    help: dict[str, str]
    settings: dict[str, Any]
    flags: dict[str, str]
    enum: list[EnumValue] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class EnumValue:
    """A value of a list field."""

    id: int
    value: str
    default: bool
    sort: int
    xml_id: str


@dataclass(slots=True, kw_only=True)
class Item:
    """An element of a smart process. `values` is keyed by camelCase name or upper UF name."""

    id: int
    entity_type_id: int
    values: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class StageMove:
    """A row of the stage history."""

    id: int
    kind: int
    entity_type_id: int
    item_id: int
    created: datetime
    category_id: int
    semantics: str
    stage_id: str
    user_id: int


@dataclass(slots=True, kw_only=True)
class TimelineRecord:
    """A comment (`comment`), a log message (`log`) or a change of a field (`change`)."""

    id: int
    kind: str
    entity_type: str
    entity_id: int
    author_id: int
    created: datetime
    text: str
    title: str = ""
    icon: str = ""
    files: list[int] = field(default_factory=list)
    app_id: int = 0
