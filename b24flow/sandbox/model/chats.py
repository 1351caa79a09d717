"""Conversations, messages, notifications and what bots get to know about them.

Facts: api-reference/chats/**, api-reference/chat-bots/chat-bots-v2/**. A repeated message with the
same lower-case UUID version 4 is not created again: its first id is returned.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model.entities import Bot, BotCommand, BotEvent, Chat, Employee, Message
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Json, RestError, as_list, as_map

TEXT_LIMIT = 20_000
EVENT_LIFE = timedelta(hours=24)
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def private_chat(portal: Portal, first: int, second: int) -> Chat:
    """Return the dialogue of two users, creating it when needed."""
    pair = sorted((first, second))
    for chat in portal.state.chats.values():
        if chat.kind == "private" and sorted(chat.members) == pair:
            return chat
    return add_chat(portal, "private", "", [first, second])


def add_chat(
    portal: Portal, kind: str, title: str, members: list[int], entity: tuple[str, str] = ("", "")
) -> Chat:
    """Create a conversation."""
    chat = Chat(
        id=portal.state.next_id("chat", 5),
        kind=kind,
        title=title,
        members=list(dict.fromkeys(members)),
        entity_type=entity[0],
        entity_id=entity[1],
    )
    portal.state.chats[chat.id] = chat
    return chat


def find_chat(portal: Portal, dialog: str, user_id: int) -> Chat | None:
    """Return the chat behind `chat{id}` or `{user id}` as `user_id` sees it."""
    if dialog.startswith("chat") and dialog[4:].isdigit():
        return portal.state.chats.get(int(dialog[4:]))
    if dialog.isdigit() and int(dialog) in portal.state.users:
        return private_chat(portal, user_id, int(dialog))
    return None


def dialog_of(chat: Chat, user_id: int) -> str:
    """Return the dialogue id by which `user_id` knows a chat."""
    if chat.kind != "private":
        return f"chat{chat.id}"
    others = [member for member in chat.members if member != user_id]
    return str(others[0] if others else user_id)


def may_write(portal: Portal, chat: Chat, user: Employee) -> bool:
    """Say whether a user may read and write a chat; task chats follow the task's own access."""
    if chat.kind == "tasks":
        return user.admin or user.id in chat.members
    return user.id in chat.members


def send(
    portal: Portal,
    chat: Chat,
    author_id: int,
    text: str,
    *,
    uuid: str = "",
    system: bool = False,
    attach: Json = None,
    keyboard: Json = None,
) -> Message:
    """Put a message into a chat; a known UUID returns the message that has it already."""
    unique = uuid if _UUID4.fullmatch(uuid) and not system else ""
    if unique in portal.state.message_uuids:
        return portal.state.messages[portal.state.message_uuids[unique]]
    if len(text) > TEXT_LIMIT:
        text = text[:TEXT_LIMIT] + " (...)"
    message = Message(
        id=portal.state.next_id("message", 789),
        chat_id=chat.id,
        author_id=author_id,
        created=portal.clock.now(),
        text=text,
        uuid=unique,
        system=system,
        attach=attach,
        keyboard=keyboard,
    )
    portal.state.messages[message.id] = message
    if unique:
        portal.state.message_uuids[unique] = message.id
    return message


def messages_of(portal: Portal, chat: Chat) -> list[Message]:
    """Return the visible messages of a chat, oldest first."""
    rows = portal.state.messages.values()
    return [row for row in rows if row.chat_id == chat.id and not row.deleted]


def buttons_of(message: Message) -> list[dict[str, Any]]:
    """Return the buttons of a message, line breaks included, whatever the form of the keyboard."""
    keyboard = message.keyboard
    rows = keyboard.get("BUTTONS") if isinstance(keyboard, dict) else keyboard
    return [as_map(row) for row in as_list(rows) if isinstance(row, dict)]


def check_keyboard(keyboard: Json) -> Json:
    """Return a keyboard as it is stored; `N` removes it, a wrong one is refused."""
    if keyboard in (None, "", "N", [], {}):
        return None
    rows = keyboard.get("BUTTONS") if isinstance(keyboard, dict) else keyboard
    buttons = as_list(rows)
    for row in map(as_map, buttons):
        if row.get("TYPE") == "NEWLINE":
            continue
        targets = [name for name in ("LINK", "COMMAND", "ACTION", "APP_ID") if row.get(name)]
        if not row.get("TEXT") or len(targets) != 1:
            raise RestError("KEYBOARD_ERROR", "Incorrect keyboard params")
    if not buttons:
        raise RestError("KEYBOARD_ERROR", "Incorrect keyboard params")
    return keyboard


def write_as_person(portal: Portal, user: Employee, chat: Chat, text: str) -> Message:
    """Send a message as an employee; bots of the conversation learn about it."""
    message = send(portal, chat, user.id, text)
    announce(portal, user, chat, message)
    return message


def announce(portal: Portal, user: Employee, chat: Chat, message: Message) -> None:
    """Tell the bots of a conversation about a user's message."""
    for bot in [portal.state.bots[m] for m in chat.members if m in portal.state.bots]:
        command = _typed_command(portal, bot, message.text)
        if command is not None:
            row, params = command
            shown = _show_command(row, params, "textarea")
            _event(portal, bot, "ONIMBOTV2COMMANDADD", message, user, command=shown)
        else:
            _event(portal, bot, "ONIMBOTV2MESSAGEADD", message, user)


def press(portal: Portal, user: Employee, message: Message, button: dict[str, Any]) -> bool:
    """Press a command button as an employee; False when no bot has such a command.

    The event carries the message the keyboard belongs to, with the pressed command as its text.
    Blocking after a press is the messenger's business, so the portal accepts a second press.
    """
    chat = portal.state.chats[message.chat_id]
    name = str(button.get("COMMAND", "")).lstrip("/")
    params = str(button.get("COMMAND_PARAMS", ""))
    keyboard = message.keyboard if isinstance(message.keyboard, dict) else {}
    bot = portal.state.bots.get(int(keyboard.get("BOT_ID") or message.author_id))
    row = _command(portal, bot, name) if bot else None
    if bot is None or row is None:
        return False
    if user.id not in message.pressed_by:
        message.pressed_by.append(user.id)
    pressed = Message(
        id=message.id,
        chat_id=chat.id,
        author_id=user.id,
        created=portal.clock.now(),
        text=f"/{name} {params}".strip(),
    )
    shown = _show_command(row, params, "keyboard")
    _event(portal, bot, "ONIMBOTV2COMMANDADD", pressed, user, command=shown)
    return True


def _typed_command(portal: Portal, bot: Bot, text: str) -> tuple[BotCommand, str] | None:
    match = re.match(r"/(\S+)\s*(.*)", text, re.DOTALL)
    row = _command(portal, bot, match[1]) if match else None
    return (row, match[2].strip()) if row and match else None


def _command(portal: Portal, bot: Bot, name: str) -> BotCommand | None:
    for row in portal.state.commands.values():
        if row.name == name and row.bot_id == bot.id:
            return row
    return None


def _show_command(row: BotCommand, params: str, context: str) -> dict[str, Any]:
    return {"id": row.id, "command": f"/{row.name}", "params": params, "context": context}


def _event(portal: Portal, bot: Bot, kind: str, message: Message, user: Employee, **extra: Any) -> None:
    chat = portal.state.chats[message.chat_id]
    data = {
        "bot": show_bot(portal, bot),
        **extra,
        "message": show_message(message),
        "chat": show_chat(portal, chat, bot.id),
        "user": show_user(user),
        "language": "ru",
    }
    raise_event(portal, bot, kind, data)


def raise_event(portal: Portal, bot: Bot, kind: str, data: dict[str, Any]) -> None:
    """Put an event into a bot's queue; only bots in fetch mode have one."""
    if bot.event_mode != "fetch":
        return
    event = BotEvent(
        id=portal.state.next_id("bot-event", 1001),
        bot_id=bot.id,
        kind=kind,
        created=portal.clock.now(),
        data=data,
    )
    portal.state.bot_events.append(event)


def drop_expired_events(portal: Portal) -> None:
    """Forget the events older than a day."""
    oldest = portal.clock.now() - EVENT_LIFE
    events = portal.state.bot_events
    portal.state.bot_events = [event for event in events if event.created >= oldest]


def show_bot(portal: Portal, bot: Bot) -> dict[str, Any]:
    """Return a bot as its owner sees it."""
    commands = [row for row in portal.state.commands.values() if row.bot_id == bot.id]
    chats = [chat for chat in portal.state.chats.values() if bot.id in chat.members]
    mine = [row for row in portal.state.messages.values() if row.author_id == bot.id]
    return {
        "id": bot.id,
        "code": bot.code,
        "type": bot.kind,
        "isHidden": bot.flags.get("isHidden", False),
        "isSupportOpenline": bot.flags.get("isSupportOpenline", False),
        "isReactionsEnabled": bot.flags.get("isReactionsEnabled", True),
        "backgroundId": bot.background_id,
        "language": "ru",
        "moduleId": "rest",
        "eventMode": bot.event_mode,
        "countMessage": len(mine),
        "countCommand": len(commands),
        "countChat": sum(chat.kind != "private" for chat in chats),
        "countUser": sum(chat.kind == "private" for chat in chats),
    }


def show_message(message: Message) -> dict[str, Any]:
    """Return a message as an event carries it."""
    params = {}
    if message.keyboard is not None:
        params["KEYBOARD"] = message.keyboard
    return {
        "id": message.id,
        "chatId": message.chat_id,
        "authorId": message.author_id,
        "date": iso(message.created),
        "text": message.text,
        "isSystem": message.system,
        "uuid": message.uuid,
        "forward": None,
        "params": params,
        "viewedByOthers": False,
    }


def show_chat(portal: Portal, chat: Chat, viewer: int) -> dict[str, Any]:
    """Return a chat as an event carries it."""
    dialog = dialog_of(chat, viewer)
    name = chat.title
    if chat.kind == "private":
        name = portal.person_name(int(dialog))
    return {
        "id": chat.id,
        "dialogId": dialog,
        "type": chat.kind,
        "name": name,
        "entityType": chat.entity_type,
        "entityId": chat.entity_id,
        "owner": chat.members[0] if chat.members else 0,
        "avatar": "",
        "color": "#ab7761",
    }


def show_user(user: Employee) -> dict[str, Any]:
    """Return a user as bots and their events see one."""
    return {
        "id": user.id,
        "active": user.active,
        "name": user.full_name,
        "firstName": user.name,
        "lastName": user.last_name,
        "workPosition": user.position,
        "color": "#df532d",
        "avatar": "",
        "gender": user.gender or "M",
        "birthday": "",
        "extranet": False,
        "bot": user.is_bot,
        "connector": False,
        "externalAuthId": "bot" if user.is_bot else "default",
        "status": "online",
        "idle": False,
        "lastActivityDate": False,
        "absent": False,
        "departments": list(user.departments),
        "phones": False,
        "type": "bot" if user.is_bot else "user",
    }
