"""What the bot says: a title, lines and buttons for the person who asked."""

from __future__ import annotations

from dataclasses import dataclass

from b24flow.bot.events import BotEvent
from b24flow.ids import derived_id
from b24flow.services.office import Office
from b24flow.store import outbox
from b24flow.store.engine import retrying
from b24flow.texts import BOT_TITLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One message to one person; `links` are label and address."""

    lines: tuple[str, ...]
    title: str = BOT_TITLE
    links: tuple[tuple[str, str], ...] = ()


def say(office: Office, event: BotEvent, answer: Answer) -> None:
    """Queue an answer; a repeated event is answered once.

    It is bound to no document, so it does not wait behind the projection of one.
    """
    # A portal restored from a backup counts its events anew: the contents belong to the identity.
    # In ASCII, because half of a surrogate pair, which anybody can type, has no bytes.
    contents = ascii((event.kind, event.user, event.message_id, event.command, event.params,
                      event.text))
    key = derived_id("bot", office.install, ascii(event.event_id), contents)
    payload = {
        "recipient": event.user, "title": answer.title, "lines": list(answer.lines),
        "buttons": [{"label": label, "link": link} for label, link in answer.links],
    }
    retrying(office.database, lambda unit: outbox.enqueue(
        unit, f"answer:{key}", "message", payload, office.clock.now(), recipient=event.user,
    ))
