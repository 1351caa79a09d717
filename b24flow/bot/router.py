"""The one door of the bot: every event ends in an answer to the person, never in an error of ours.

Only the database being unreachable is an error here: the event then stays in the inbox for another time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from b24flow.bot import words
from b24flow.bot.answers import Answer, say
from b24flow.bot.buttons import press
from b24flow.bot.events import BotEvent, parse_event
from b24flow.services.login import NO, YES, confirm_login
from b24flow.services.office import Office
from b24flow.texts import NO_ACCOUNT

BUTTON_COMMAND = "b24flow"
"""The command that buttons of cards send."""


def receive(office: Office, raw: Mapping[str, Any]) -> None:
    """Deal with an event as it came from the portal; what is not for us is passed over."""
    event = parse_event(raw)
    if event is not None:
        handle(office, event)


def handle(office: Office, event: BotEvent) -> None:
    """Do what an event asks for and queue the answer; a repeated event changes and says nothing more.

    Raises StoreError when the database cannot be used; the event may then be handled again.
    """
    say(office, event, _answer(office, event))


def _answer(office: Office, event: BotEvent) -> Answer:
    with office.database.reading() as unit:
        known = office.context(unit).directory.active(event.user)
    if not known:
        return Answer(lines=(NO_ACCOUNT,))
    if event.kind == "join":
        return words.welcome()
    if event.kind == "command" and event.command == BUTTON_COMMAND:
        return _button(office, event)
    if event.kind == "command":
        return words.reply(office, event, f"{event.command} {event.params}")
    return words.reply(office, event, event.text)


def _button(office: Office, event: BotEvent) -> Answer:
    first = event.params.partition(" ")[0]
    if first in {YES, NO}:
        text = confirm_login(office, event.user, event.params, yes=first == YES)
        return Answer(title="Вход в документооборот", lines=(text,))
    return press(office, event)


__all__ = ["BotEvent", "handle", "parse_event", "receive"]
