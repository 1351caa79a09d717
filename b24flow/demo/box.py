"""The portal from outside: what people see and do on its page, and the book of calls it keeps.

The address is given; what stands behind it is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from b24flow.demo.pages import PageError

Found = tuple[dict[str, Any], dict[str, Any]]
_ZONE = ZoneInfo("Europe/Moscow")
POLL = "imbot.v2.event.get"
"""Part of every poll and of nothing else; the book of calls has names in small letters."""


class Box:
    """A portal page's address, and the people who act on it."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=self.url, headers={"Accept": "application/json"}, timeout=30)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def state(self, what: str) -> list[dict[str, Any]]:
        """Return a table of the portal as it is now."""
        return list(self._json("GET", f"/_sandbox/state/{what}"))

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the calls received after number `since`."""
        return list(self._json("GET", f"/_sandbox/calls?since={since}"))

    def unhandled(self) -> list[dict[str, Any]]:
        """Return the calls that the documentation does not know."""
        return list(self._json("GET", "/_sandbox/unhandled"))

    def act(self, person: int, what: str, **form: Any) -> Mapping[str, Any]:
        """Do something on the portal page as a person; raises PageError with the portal's refusal."""
        posted = {"as": str(person)} | {name: str(value) for name, value in form.items()}
        answer = self._http.post(f"/as/{what}", data=posted)
        body: Mapping[str, Any] = answer.json()
        if not body.get("ok"):
            raise PageError(f"Портал отказал: {body.get('error')}")
        return body

    def messages(self, person: int) -> list[dict[str, Any]]:
        """Return what the bot wrote to a person, the newest first."""
        bots = {int(one["id"]) for one in self.state("bots")}
        return [
            one for one in reversed(self.state("messages"))
            if one["chat_kind"] == "private" and person in one["members"] and one["author_id"] in bots
            and not one["deleted"]
        ]

    def button(self, person: int, label: str, about: str = "") -> Found | None:
        """Return the newest message with this button (and `about` in its text), and the button."""
        for message in self.messages(person):
            for one in buttons_of(message):
                if one.get("TEXT") == label and about in message["text"]:
                    return message, one
        return None

    def press(self, person: int, label: str, about: str = "") -> None:
        """Press a button of the bot in a person's chat; raises PageError when it is not there."""
        found = self.button(person, label, about)
        if found is None:
            raise PageError(f"В чате нет кнопки «{label}»")
        self.act(person, "press", message_id=found[0]["id"], button=label)

    def items(self) -> dict[str, dict[str, Any]]:
        """Return the registry by document uuid: every column under its Russian label."""
        labels = {_bare(one["name"]): one["labels"].get("ru", "") for one in self.state("fields")}
        rows: dict[str, dict[str, Any]] = {}
        for one in self.state("items"):
            shown = {labels.get(_bare(name), name): value for name, value in one.items()}
            rows[str(one["xmlId"]).rpartition(":")[2]] = shown
        return rows

    def tasks(self, item: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the tasks bound to an item of the registry."""
        code = f"T{int(item['entityTypeId']):x}_{item['id']}"
        return [one for one in self.state("tasks") if code in one["crm"] and not one["deleted"]]

    def _json(self, verb: str, path: str) -> Any:
        answer = self._http.request(verb, path)
        answer.raise_for_status()
        return answer.json()


def buttons_of(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the buttons of a message."""
    keyboard = message.get("keyboard") or []
    rows = keyboard.get("BUTTONS") if isinstance(keyboard, dict) else keyboard
    return [one for one in rows or [] if isinstance(one, dict)]


def present_day() -> date:
    """Return the day in the portal's time zone; this machine's may have another one."""
    return datetime.now(_ZONE).date()


def day_of(value: object) -> str:
    """Return the day of a moment as YYYY-MM-DD, empty for nothing."""
    return datetime.fromisoformat(str(value)).date().isoformat() if value else ""


def _bare(name: str) -> str:
    return "".join(one for one in name if one.isalnum()).lower()
