"""What the bot is told, free of wire names: a pressed button or typed command, a message, a new chat.

Events come as `imbot.v2.Event.get` gives them (api-reference/chat-bots/chat-bots-v2/im.v2/events/index.md).
Types differ between ways of delivery (numbers or strings, `[]` for empty maps), and everything a person
typed is hostile until proven otherwise: what cannot be read is no event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_TEXT = 2_000
"""Longer texts are cut: nothing the bot understands is as long."""

_KINDS = {
    "ONIMBOTV2COMMANDADD": "command", "ONIMBOTV2MESSAGEADD": "message",
    "ONIMBOTV2JOINCHAT": "join",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BotEvent:
    """One event: `user` did it; `command` has no slash; a repeat has the same `event_id`."""

    event_id: str
    kind: str
    user: int
    command: str = ""
    params: str = ""
    text: str = ""
    message_id: int | None = None


def parse_event(raw: Mapping[str, Any]) -> BotEvent | None:
    """Return the event, None when it is of no interest or cannot be read; never raises."""
    kind = _KINDS.get(str(raw.get("type") or "").upper())
    event_id = _number(raw.get("eventId"))
    data = _map(raw.get("data"))
    person, message, command = (_map(data.get(name)) for name in ("user", "message", "command"))
    user = _number(person.get("id")) or _number(message.get("authorId"))
    if kind is None or event_id is None or not user or _is_true(person.get("bot")):
        return None
    return BotEvent(
        event_id=str(event_id), kind=kind, user=user,
        command=_text(command.get("command")).strip().removeprefix("/").casefold(),
        params=_text(command.get("params")).strip(), text=_text(message.get("text")).strip(),
        message_id=_number(message.get("id")),
    )


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 2**31 else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        return int(value)
    return None


def _is_true(value: object) -> bool:
    return value in (True, 1, "1", "Y")
