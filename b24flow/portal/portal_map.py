"""Logical names ↔ the ids of one concrete box, as `portal apply` found or made them.

Ids differ between boxes even for the same set-up (reference bitrix24-rest-crm-events-auth.md §4.1, pitfall
33), so nothing else in the program holds one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMap:
    """One registry: smart-process ids, stage of every state, item field of every column, Disk folder."""

    entity_type_id: int
    type_id: int
    category_id: int
    stages: Mapping[str, str]
    fields: Mapping[str, str]
    folder_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalMap:
    """The whole box as we use it; `bot_token` is a secret."""

    processes: Mapping[str, ProcessMap] = field(default_factory=dict)
    bot_id: int = 0
    bot_token: str = field(default="", repr=False)
    commands: Mapping[str, int] = field(default_factory=dict)
    time_zone: str = "Europe/Moscow"
