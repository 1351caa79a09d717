"""The rows the portal keeps. Plain mutable records: rules live in the modules beside this one.

People are here, the rest by subject in `*_rows`; all of them are imported from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from b24flow.sandbox.model.apps_rows import (
    App,
    AuthCode,
    EventBinding,
    OfflineEvent,
    PlacementBinding,
    Token,
)
from b24flow.sandbox.model.chat_rows import (
    Bot,
    BotCommand,
    BotEvent,
    Chat,
    Message,
    Notice,
)
from b24flow.sandbox.model.disk_rows import (
    AttachedObject,
    DiskObject,
    FileVersion,
    Storage,
    StoredFile,
)
from b24flow.sandbox.model.spa_rows import (
    Category,
    EnumValue,
    Item,
    SpaType,
    StageMove,
    Status,
    TimelineRecord,
    UserField,
)
from b24flow.sandbox.model.task_rows import (
    ChecklistItem,
    Task,
    TaskChange,
    TaskResult,
)


@dataclass(slots=True, kw_only=True)
class Employee:
    """A user of the portal; a bot is a user too, and so is a `system` one that keeps webhooks.

    `profile` keeps the fields that have no meaning here under their REST names. `invited` is true
    from the invitation until the first entrance; `registered`, `changed` and `last_login` are moments.
    """

    id: int
    name: str
    last_name: str
    second_name: str = ""
    email: str = ""
    position: str = ""
    gender: str = ""
    phone: str = ""
    departments: list[int] = field(default_factory=list)
    active: bool = True
    admin: bool = False
    is_bot: bool = False
    system: bool = False
    extranet: bool = False
    invited: bool = False
    registered: datetime | None = None
    changed: datetime | None = None
    last_login: datetime | None = None
    profile: dict[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """Given name and surname, as the portal shows a user."""
        return f"{self.name} {self.last_name}".strip()


@dataclass(slots=True, kw_only=True)
class Department:
    """A node of the company structure."""

    id: int
    name: str
    parent: int | None
    head: int | None = None
    sort: int = 500


@dataclass(slots=True, kw_only=True)
class Webhook:
    """An incoming webhook: acts with its owner's rights inside its scopes.

    The address has its owner's id; after his dismissal `system_user` may act in his place.
    """

    user_id: int
    code: str
    scopes: tuple[str, ...]
    id: int = 0
    title: str = ""
    system_user: int = 0


@dataclass(slots=True, kw_only=True)
class Absence:
    """A row of the absence chart."""

    id: int
    user_id: int
    first: date
    last: date
    name: str = "Отпуск"


__all__ = [
    "Absence",
    "App",
    "AttachedObject",
    "AuthCode",
    "Bot",
    "BotCommand",
    "BotEvent",
    "Category",
    "Chat",
    "ChecklistItem",
    "Department",
    "DiskObject",
    "Employee",
    "EnumValue",
    "EventBinding",
    "FileVersion",
    "Item",
    "Message",
    "Notice",
    "OfflineEvent",
    "PlacementBinding",
    "SpaType",
    "StageMove",
    "Status",
    "Storage",
    "StoredFile",
    "Task",
    "TaskChange",
    "TaskResult",
    "TimelineRecord",
    "Token",
    "UserField",
    "Webhook",
]
