"""Applications of the portal: their cards, tokens, subscriptions and places."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class App:
    """A local application: registered by an administrator, installed by its installation page.

    `installed` turns true when `installFinish` is called (at once for `api_only`); until then its
    placements are hidden and its events are not sent. `users` is who may open it; empty means all.
    """

    id: int
    client_id: str
    client_secret: str
    title: str
    scopes: tuple[str, ...]
    handler_url: str = ""
    install_url: str = ""
    api_only: bool = False
    installed: bool = False
    application_token: str = ""
    created_by: int = 0
    users: list[int] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    user_options: dict[int, dict[str, Any]] = field(default_factory=dict)
    version: int = 1


@dataclass(slots=True, kw_only=True)
class Token:
    """A pair of OAuth tokens of one user in one application."""

    access: str
    refresh: str
    app_id: int
    user_id: int
    scopes: tuple[str, ...]
    expires: datetime
    refresh_expires: datetime
    hops: int = 0  # handlers called one out of another before this token was given out


@dataclass(slots=True, kw_only=True)
class AuthCode:
    """A one-time authorisation code on its way from the portal to the application."""

    code: str
    app_id: int
    user_id: int
    expires: datetime


@dataclass(slots=True, kw_only=True)
class EventBinding:
    """A handler of an event: online (`handler` is an address) or offline (`connector`)."""

    id: int
    app_id: int
    event: str
    handler: str = ""
    user_id: int = 0
    offline: bool = False
    connector: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    pinged: datetime | None = None  # when ONOFFLINEEVENT was sent last


@dataclass(slots=True, kw_only=True)
class OfflineEvent:
    """A row of the offline queue; a repeated event with the same data moves `moment` only."""

    id: int
    app_id: int
    connector: str
    event: str
    data: Any
    additional: Any
    message_id: str
    moment: datetime
    process_id: str = ""
    error: bool = False


@dataclass(slots=True, kw_only=True)
class PlacementBinding:
    """A handler of a place in the portal's pages; `user_id` 0 means everybody."""

    id: int
    app_id: int
    placement: str
    handler: str
    user_id: int = 0
    title: str = ""
    description: str = ""
    group_name: str = ""
    langs: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
