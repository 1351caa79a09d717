"""Rows of tasks: the task, its checklist, history and results."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class Task:
    """A task; `extra` holds the documented fields that have no behaviour here.

    `favorite`, `pinned` and `muted` are the users who marked the task so for themselves.
    """

    id: int
    title: str
    description: str
    created_by: int
    responsible_id: int
    created: datetime
    changed: datetime
    changed_by: int
    activity: datetime
    status: int = 2
    status_changed: datetime | None = None
    status_changed_by: int | None = None
    deadline: datetime | None = None
    start: datetime | None = None
    closed: datetime | None = None
    closed_by: int | None = None
    control: bool = False
    allow_deadline: bool = False
    priority: int = 1
    xml_id: str | None = None
    guid: str = ""
    parent_id: int | None = None
    group_id: int = 0
    accomplices: list[int] = field(default_factory=list)
    auditors: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    crm: list[str] = field(default_factory=list)
    attachments: list[int] = field(default_factory=list)
    parameters: dict[int, str] = field(default_factory=dict)
    chat_id: int = 0
    deleted: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    favorite: list[int] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    muted: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class ChecklistItem:
    """A step of a task's checklist; a checklist itself is an item without a parent (0).

    `members` maps a user to a role: `A` takes part, `U` watches.
    """

    id: int
    task_id: int
    parent_id: int
    created_by: int
    title: str
    sort: int = 0
    complete: bool = False
    important: bool = False
    toggled_by: int | None = None
    toggled: datetime | None = None
    members: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class TaskChange:
    """A line of a task's history."""

    id: int
    task_id: int
    created: datetime
    field: str
    old: str | None
    new: str | None
    user_id: int


@dataclass(slots=True, kw_only=True)
class TaskResult:
    """A result of a task; closed when the task is completed.

    `message_id` is the message of the task's chat it was made of.
    """

    id: int
    task_id: int
    text: str
    author_id: int
    created: datetime
    updated: datetime | None = None
    closed: bool = False
    files: list[int] = field(default_factory=list)
    message_id: int | None = None
