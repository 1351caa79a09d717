"""What bots get to know: which events reach which bot, and how they are delivered.

Facts: api-reference/chat-bots/chat-bots-v2/imbot.v2/events/**. A bot of type `bot` hears a group
chat only when it is mentioned; `personal` and `supervisor` bots hear everything. In fetch mode an
event waits in the queue for a day, in webhook mode it is posted once to the bot's address.
"""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.delivery import enqueue
from b24flow.sandbox.model import chats, secrets, tokens
from b24flow.sandbox.model.bots_show import show_bot, show_chat, show_message, show_user
from b24flow.sandbox.model.entities import Bot, BotCommand, BotEvent, Chat, Employee, Message
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import as_int

EVENT_LIFE = timedelta(hours=24)
_ALL_EARS = ("personal", "supervisor")
_MENTION = re.compile(r"\[USER=(\d+)[^\]]*\](?:.*?\[/USER\])?", re.DOTALL)


def members(portal: Portal, chat: Chat) -> list[Bot]:
    """Return the bots of a conversation."""
    return [portal.state.bots[one] for one in chat.members if one in portal.state.bots]


def _hears(bot: Bot, chat: Chat, message: Message) -> bool:
    if chat.kind in ("private", "lines") or bot.kind in _ALL_EARS:
        return True
    return str(bot.id) in _MENTION.findall(message.text) or message.author_id == bot.id


def announce(portal: Portal, user: Employee, chat: Chat, message: Message) -> None:
    """Tell bots about a user's message: as commands if it has theirs, else as a message."""
    if user.is_bot or message.system:
        return
    called = set()
    for row, params in _typed_commands(portal, chat, message.text):
        bot = portal.state.bots[row.bot_id]
        called.add(bot.id)
        shown = _show_call(row, params, "textarea")
        _event(portal, bot, "ONIMBOTV2COMMANDADD", message, user, command=shown)
    for bot in members(portal, chat):
        if bot.id not in called and _hears(bot, chat, message):
            _event(portal, bot, "ONIMBOTV2MESSAGEADD", message, user)


def tell_changed(portal: Portal, user: Employee, message: Message) -> None:
    """Tell bots that a person's message was changed."""
    _tell(portal, user, message, "ONIMBOTV2MESSAGEUPDATE")


def tell_deleted(portal: Portal, user: Employee, message: Message) -> None:
    """Tell bots that a person's message was deleted."""
    _tell(portal, user, message, "ONIMBOTV2MESSAGEDELETE")


def _tell(portal: Portal, user: Employee, message: Message, kind: str) -> None:
    chat = portal.state.chats[message.chat_id]
    if user.is_bot:
        return
    for bot in members(portal, chat):
        if message.author_id == bot.id or not _hears(bot, chat, message):
            continue
        about = {"messageId": message.id} if kind.endswith("DELETE") else {"message": show_message(message)}
        tell(portal, bot, kind, _frame(portal, bot, chat, user, **about))


def tell_reaction(portal: Portal, user: Employee, message: Message, reaction: str, action: str) -> None:
    """Tell a bot that somebody changed his reaction to its message."""
    bot = portal.state.bots.get(message.author_id)
    if bot is None or user.is_bot or not bot.flags.get("isReactionsEnabled", True):
        return
    chat = portal.state.chats[message.chat_id]
    data = _frame(portal, bot, chat, user, reaction=reaction, action=action, message=show_message(message))
    tell(portal, bot, "ONIMBOTV2REACTIONCHANGE", data)


def tell_joined(portal: Portal, chat: Chat, user: Employee, added: list[int]) -> None:
    """Tell the bots among the new members that they are in a chat."""
    for bot in [portal.state.bots[one] for one in added if one in portal.state.bots]:
        dialog = chats.dialog_of(chat, bot.id)
        tell(portal, bot, "ONIMBOTV2JOINCHAT", _frame(portal, bot, chat, user, dialogId=dialog))


def tell_context(portal: Portal, user: Employee, chat: Chat, context: dict[str, Any]) -> None:
    """Tell the bots of a chat with which context a person opened it."""
    for bot in members(portal, chat):
        dialog = chats.dialog_of(chat, bot.id)
        data = _frame(portal, bot, chat, user, dialogId=dialog, context=context)
        tell(portal, bot, "ONIMBOTV2CONTEXTGET", data)


def press(portal: Portal, user: Employee, message: Message, button: dict[str, Any]) -> bool:
    """Press a command button as an employee; False when no bot has such a command.

    The event carries the message the keyboard belongs to, with the pressed command as its text.
    Blocking after a press is the messenger's business, so the portal accepts a second press.
    """
    keyboard = message.keyboard if isinstance(message.keyboard, dict) else {}
    bot_id = as_int(keyboard.get("BOT_ID")) or message.author_id
    name = str(button.get("COMMAND", "")).lstrip("/")
    params = str(button.get("COMMAND_PARAMS", ""))
    done = run_command(portal, user, message, bot_id, name, params, "keyboard")
    if done and user.id not in message.pressed_by:
        message.pressed_by.append(user.id)
    return done


def run_command(
    portal: Portal, user: Employee, message: Message, bot_id: int, name: str, params: str, context: str
) -> bool:
    """Call a bot's command in the context of a message; False when the bot has no such command."""
    bot = portal.state.bots.get(bot_id)
    row = _command(portal, bot, name) if bot else None
    if bot is None or row is None:
        return False
    called = Message(
        id=message.id,
        chat_id=message.chat_id,
        author_id=user.id,
        created=portal.clock.now(),
        text=f"/{name} {params}".strip(),
    )
    shown = _show_call(row, params, context)
    _event(portal, bot, "ONIMBOTV2COMMANDADD", called, user, command=shown)
    return True


def _typed_commands(portal: Portal, chat: Chat, text: str) -> list[tuple[BotCommand, str]]:
    """Return the commands typed at the beginnings of lines, with what follows each."""
    found: list[tuple[BotCommand, str]] = []
    for part in re.split(r"\n(?=/)", _MENTION.sub("", text).strip()):
        match = re.match(r"/(\S+)\s*(.*)", part, re.DOTALL)
        if match:
            rows = [row for row in portal.state.commands.values() if row.name == match[1]]
            heard = [row for row in rows if row.common or row.bot_id in chat.members]
            found += [(row, match[2].strip()) for row in heard]
    return found


def _command(portal: Portal, bot: Bot, name: str) -> BotCommand | None:
    for row in portal.state.commands.values():
        if row.name == name and row.bot_id == bot.id:
            return row
    return None


def _show_call(row: BotCommand, params: str, context: str) -> dict[str, Any]:
    return {"id": row.id, "command": f"/{row.name}", "params": params, "context": context}


def _event(portal: Portal, bot: Bot, kind: str, message: Message, user: Employee, **extra: Any) -> None:
    chat = portal.state.chats[message.chat_id]
    data = _frame(portal, bot, chat, user, **extra, message=show_message(message))
    tell(portal, bot, kind, data)


def _frame(portal: Portal, bot: Bot, chat: Chat, user: Employee, **about: Any) -> dict[str, Any]:
    return {
        "bot": show_bot(portal, bot),
        **about,
        "chat": show_chat(portal, chat, bot.id),
        "user": show_user(user),
        "language": "ru",
    }


def tell(portal: Portal, bot: Bot, kind: str, data: dict[str, Any]) -> None:
    """Deliver an event to a bot in its own mode."""
    if bot.event_mode == "webhook":
        enqueue(portal, bot.webhook_url, _letter(portal, bot, kind, data))
        return
    event = BotEvent(
        id=portal.state.next_id("bot-event", 1001),
        bot_id=bot.id,
        kind=kind,
        created=portal.clock.now(),
        data=data,
    )
    portal.state.bot_events.append(event)


def show_event(event: BotEvent) -> dict[str, Any]:
    """Return an event as it is fetched."""
    return {"eventId": event.id, "type": event.kind, "date": iso(event.created), "data": event.data}


def application_token(portal: Portal, bot: Bot) -> str:
    """Return what a bot's webhook handler checks: the application's token, or one of its own."""
    app = portal.state.apps.get(bot.app_id)
    if app is not None:
        return app.application_token
    text = f"{secrets.member_id(portal.state)}:{bot.token}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _letter(portal: Portal, bot: Bot, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    token = application_token(portal, bot)
    app = portal.state.apps.get(bot.app_id)
    # A bot of an incoming webhook has no application, so there are no tokens to give it.
    auth: dict[str, Any] = tokens.auth_block(portal, app, bot.owner_id) if app else {}
    whole = {
        "domain": tokens.domain(portal.address),
        "client_endpoint": f"{portal.address}/rest/",
        "member_id": secrets.member_id(portal.state),
        "application_token": token,
    }
    own = {"id": bot.id, "code": bot.code, "auth": whole | auth}
    return {
        "event": kind,
        "data": _plain(data | {"bot": own}),
        "ts": int(portal.clock.now().timestamp()),
        "auth": whole,
    }


def _plain(value: Any) -> Any:
    """Write nulls as empty texts: bots get them so, while a form would leave them out."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return "" if value is None else value


def drop_expired_events(portal: Portal) -> None:
    """Forget the events older than a day."""
    oldest = portal.clock.now() - EVENT_LIFE
    events = portal.state.bot_events
    portal.state.bot_events = [event for event in events if event.created >= oldest]
