"""Rows of the messenger: chats, messages, notifications, bots."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class Chat:
    """A conversation: `private` of two users, `tasks`, `chat`, `open` or `lines`.

    `read` is the last message each member read, `since` the first one he may see, `marked` who
    marked the chat unread by hand, `pinned` and `hidden` how it stands in members' recent lists.
    """

    id: int
    kind: str
    title: str
    members: list[int]
    entity_type: str = ""
    entity_id: str = ""
    entity_data: list[str] = field(default_factory=lambda: ["", "", ""])
    description: str = ""
    color: str = "#ab7761"
    avatar: str = ""
    owner_id: int = 0
    created: datetime | None = None
    managers: list[int] = field(default_factory=list)
    muted: list[int] = field(default_factory=list)
    read: dict[int, int] = field(default_factory=dict)
    read_at: dict[int, datetime] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)
    marked: list[int] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    text_field: bool = True
    folder_id: int = 0


@dataclass(slots=True, kw_only=True)
class Message:
    """A message of a chat; author 0 is the system. `reactions` is who set which."""

    id: int
    chat_id: int
    author_id: int
    created: datetime
    text: str
    uuid: str = ""
    system: bool = False
    attach: Any = None
    keyboard: Any = None
    menu: Any = None
    reply_to: int = 0
    forward: dict[str, Any] | None = None
    params: dict[str, Any] = field(default_factory=dict)
    reactions: dict[str, list[int]] = field(default_factory=dict)
    files: list[int] = field(default_factory=list)
    updated: datetime | None = None
    deleted: bool = False
    pressed_by: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Notice:
    """A notification of the bell; `tag` and `sub_tag` are kept for applications only."""

    id: int
    to: int
    author_id: int
    created: datetime
    text: str
    tag: str = ""
    sub_tag: str = ""
    attach: Any = None
    module: str = "rest"
    event: str = "rest_notify"
    read: bool = False


@dataclass(slots=True, kw_only=True)
class Bot:
    """A chat bot; `id` is the id of its user. An application's bot has no token."""

    id: int
    code: str
    token: str
    kind: str
    event_mode: str
    flags: dict[str, bool]
    background_id: Any = None
    webhook_url: str = ""
    owner_id: int = 0
    app_id: int = 0


@dataclass(slots=True, kw_only=True)
class BotCommand:
    """A registered slash command; `name` is without the slash."""

    id: int
    bot_id: int
    name: str
    title: Any
    params: Any
    common: bool
    hidden: bool
    extranet: bool


@dataclass(slots=True, kw_only=True)
class BotEvent:
    """An event waiting for `imbot.v2.Event.get`."""

    id: int
    bot_id: int
    kind: str
    created: datetime
    data: dict[str, Any]
