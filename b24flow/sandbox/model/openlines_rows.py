"""The rows of open lines: the line, the outside client and the session between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class Line:
    """An open line; `queue` are the named users and departments, `turn` who answered last."""

    id: int
    settings: dict[str, Any]
    created: datetime
    modified: datetime
    modified_by: int
    queue: list[dict[str, str]] = field(default_factory=list)
    turn: int = 0


@dataclass(slots=True, kw_only=True)
class LineClient:
    """An outside person; `id` is drawn from the users' numbers, `outer_chat` is his side's chat."""

    id: int
    code: str
    connector: str
    name: str
    outer_chat: int


@dataclass(slots=True, kw_only=True)
class LineSession:
    """One conversation of a client: `new`, `answered` or `closed`; operator 0 is nobody yet.

    `first` and `last` are the ids of its messages; `crm` are its objects by kind.
    """

    id: int
    line_id: int
    chat_id: int
    client_id: int
    opened: datetime
    operator_id: int = 0
    status: str = "new"
    first: int = 0
    last: int = 0
    closed: datetime | None = None
    parent_id: int = 0
    spam: bool = False
    pinned: bool = False
    silent: bool = False
    vote: int = 0
    comment: str | None = None
    crm: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class QuickAnswer:
    """A message kept for repeated use."""

    id: int
    line_id: int
    message_id: int
    text: str
    author_id: int
