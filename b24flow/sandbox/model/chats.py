"""Conversations and messages: who is in them, who may write, what is read.

Facts: api-reference/chats/**, api-reference/chat-bots/chat-bots-v2/**. A repeated message with the
same lower-case UUID version 4 is not created again: its first id is returned. What bots get to
know about conversations is in `bots`, joining and leaving in `chats_members`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from b24flow.sandbox.model.entities import Chat, Employee, Message
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.openlines_said import said
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Json, RestError, as_int, as_list, as_map

TEXT_LIMIT = 20_000
ATTACH_LIMIT = 60_000
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
COLORS = {
    "RED": "#df532d",
    "GREEN": "#64a513",
    "MINT": "#4ba984",
    "LIGHT_BLUE": "#4ba5c3",
    "DARK_BLUE": "#3e99ce",
    "PURPLE": "#8474c8",
    "AQUA": "#1eb4aa",
    "PINK": "#f76187",
    "LIME": "#58cc47",
    "BROWN": "#ab7761",
    "AZURE": "#29619b",
    "KHAKI": "#728f7a",
    "SAND": "#ba9c7b",
    "MARENGO": "#556574",
    "GRAY": "#909090",
    "GRAPHITE": "#5e5f5e",
}
GROUP_KINDS = ("chat", "open")
ON_SENT: list[Callable[[Portal, Chat, Message], None]] = []
"""Who hears of every message; they know of conversations, conversations do not know of them."""


def private_chat(portal: Portal, first: int, second: int) -> Chat:
    """Return the dialogue of two users, creating it when needed."""
    pair = sorted({first, second})
    for chat in portal.state.chats.values():
        if chat.kind == "private" and sorted(chat.members) == pair:
            return chat
    return add_chat(portal, "private", "", [first, second])


def add_chat(
    portal: Portal,
    kind: str,
    title: str,
    members: list[int],
    entity: tuple[str, str] = ("", ""),
    *,
    owner: int | None = None,
) -> Chat:
    """Create a conversation; its first member owns it if nobody else is named."""
    number = portal.state.next_id("chat", 5)
    first = members[0] if members else 0
    chat = Chat(
        id=number,
        kind=kind,
        title=title,
        members=list(dict.fromkeys(members)),
        entity_type=entity[0],
        entity_id=entity[1],
        color=list(COLORS.values())[number % len(COLORS)],
        owner_id=first if owner is None else owner,
        created=portal.clock.now(),
    )
    portal.state.chats[chat.id] = chat
    return chat


def find_chat(portal: Portal, dialog: str, user_id: int) -> Chat | None:
    """Return the chat behind `chat{id}`, `sg{group id}` or `{user id}` as `user_id` sees it."""
    if dialog.startswith("chat") and dialog[4:].isdigit():
        return portal.state.chats.get(as_int(dialog[4:]))
    if dialog.startswith("sg") and dialog[2:].isdigit():
        return by_entity(portal, "SONET_GROUP", dialog[2:])
    if dialog.isdigit() and as_int(dialog) in portal.state.users:
        return private_chat(portal, user_id, as_int(dialog))
    return None


def by_entity(portal: Portal, entity_type: str, entity_id: str) -> Chat | None:
    """Return the chat of an outer object."""
    for chat in portal.state.chats.values():
        if entity_id and (chat.entity_type, chat.entity_id) == (entity_type, entity_id):
            return chat
    return None


def person(portal: Portal, user_id: int) -> Employee | None:
    """Return a user, a bot or an outside client of an open line."""
    client = portal.state.line_clients.get(user_id)
    if client is not None:
        return Employee(id=client.id, name=client.name, last_name="", profile={"CONNECTOR": client.connector})
    return portal.state.users.get(user_id)


def people(portal: Portal, user_ids: list[int]) -> list[Employee]:
    """Return those of the ids who are somebody, in the given order."""
    return [found for one in user_ids if (found := person(portal, one)) is not None]


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


def may_read(portal: Portal, chat: Chat, user: Employee) -> bool:
    """Say whether a user may look into a chat: an open one is open to every employee."""
    return chat.kind == "open" or may_write(portal, chat, user)


def role_of(chat: Chat, user_id: int) -> str:
    """Return `owner`, `manager`, `member`, or `guest` for whoever is not in the chat."""
    if chat.kind != "private" and chat.owner_id == user_id:
        return "owner"
    if user_id in chat.managers:
        return "manager"
    return "member" if user_id in chat.members else "guest"


def leads(chat: Chat, user_id: int) -> bool:
    """Say whether a user is the owner or a manager of a group chat."""
    return role_of(chat, user_id) in ("owner", "manager")


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
    **extra: Any,
) -> Message:
    """Put a message into a chat; a known UUID returns the message that has it already.

    `extra` are further fields of the row. Whoever writes has read the chat up to his message, and
    the chat comes back into the recent lists it was hidden from.
    """
    unique = uuid if _UUID4.fullmatch(uuid) and not system else ""
    if unique in portal.state.message_uuids:
        return portal.state.messages[portal.state.message_uuids[unique]]
    message = Message(
        id=portal.state.next_id("message", 789),
        chat_id=chat.id,
        author_id=author_id,
        created=portal.clock.now(),
        text=cut(text),
        uuid=unique,
        system=system,
        attach=attach,
        keyboard=keyboard,
        **extra,
    )
    portal.state.messages[message.id] = message
    portal.state.user_active[author_id] = message.created
    if unique:
        portal.state.message_uuids[unique] = message.id
    if author_id in chat.members and not system:
        chat.read[author_id], chat.read_at[author_id] = message.id, message.created
        if author_id in chat.marked:
            chat.marked.remove(author_id)
    chat.hidden.clear()
    if chat.kind == "lines":
        said(portal, chat, message)
    if chat.entity_type == "TASKS_TASK" and author_id and not system:
        _tell_comment(portal, chat, message)
    for hear in ON_SENT:
        hear(portal, chat, message)
    return message


def _tell_comment(portal: Portal, chat: Chat, message: Message) -> None:
    """Tell applications about a comment of a task: since tasks have chats it is a message of one."""
    data = {
        "FIELDS_BEFORE": "undefined",
        "FIELDS_AFTER": {"ID": 0, "TASK_ID": int(chat.entity_id), "MESSAGE_ID": message.id},
        "IS_ACCESSIBLE_BEFORE": "undefined",
        "IS_ACCESSIBLE_AFTER": "undefined",
    }
    raise_event(portal, "ONTASKCOMMENTADD", data, user_id=message.author_id)


def cut(text: str) -> str:
    """Return a text within the limit of a message."""
    return text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + " (...)"


def messages_of(portal: Portal, chat: Chat, viewer: int | None = None) -> list[Message]:
    """Return the visible messages of a chat, oldest first; of `viewer`, what he may see."""
    first = chat.since.get(viewer, 0) if viewer is not None else 0
    rows = portal.state.messages.values()
    return [row for row in rows if row.chat_id == chat.id and not row.deleted and row.id >= first]


def find_message(portal: Portal, message_id: int, user: Employee) -> Message | None:
    """Return a live message of a chat the user may look into."""
    row = portal.state.messages.get(message_id)
    if row is None or row.deleted:
        return None
    chat = portal.state.chats[row.chat_id]
    hidden = row.id < chat.since.get(user.id, 0)
    return None if hidden or not may_read(portal, chat, user) else row


def unread_of(portal: Portal, chat: Chat, user_id: int) -> list[Message]:
    """Return the messages of others a member has not read."""
    last = chat.read.get(user_id, 0)
    rows = messages_of(portal, chat, user_id)
    return [row for row in rows if row.id > last and (row.system or row.author_id != user_id)]


def read(portal: Portal, chat: Chat, user_id: int, up_to: int | None = None) -> list[int]:
    """Mark messages as read, all or up to one; return the ids that were unread."""
    fresh = [row.id for row in unread_of(portal, chat, user_id) if up_to is None or row.id <= up_to]
    newest = max((row.id for row in messages_of(portal, chat, user_id)), default=0)
    goal = newest if up_to is None else min(up_to, newest)
    chat.read[user_id] = max(chat.read.get(user_id, 0), goal)
    chat.read_at[user_id] = portal.clock.now()
    if user_id in chat.marked:
        chat.marked.remove(user_id)
    return fresh


def buttons_of(message: Message) -> list[dict[str, Any]]:
    """Return the buttons of a message, line breaks included, whatever the form of the keyboard."""
    keyboard = message.keyboard
    rows = keyboard.get("BUTTONS") if isinstance(keyboard, dict) else keyboard
    return [as_map(row) for row in as_list(rows) if isinstance(row, dict)]


def check_keyboard(keyboard: Json) -> Json:
    """Return a keyboard as it is stored; `N` removes it, a wrong one is refused."""
    keyboard = _parsed(keyboard)
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


def check_menu(menu: Json) -> Json:
    """Return a context menu as it is stored; `N` removes it, a wrong one is refused."""
    menu = _parsed(menu)
    if menu in (None, "", "N", [], {}):
        return None
    rows = menu.get("ITEMS") if isinstance(menu, dict) else menu
    items = as_list(rows)
    if not items or not all(as_map(row).get("TEXT") for row in items):
        raise RestError("MENU_ERROR", "Incorrect menu params")
    return menu


def check_attach(attach: Json) -> Json:
    """Return an attachment as it is stored: blocks, or a map with `BLOCKS`; `N` removes it."""
    attach = _parsed(attach)
    if attach in (None, "", "N", [], {}):
        return None
    if not isinstance(attach, dict | list):
        raise RestError("ATTACH_ERROR", "Incorrect attach params")
    blocks = attach.get("BLOCKS", attach) if isinstance(attach, dict) else attach
    if not all(isinstance(row, dict | list) for row in as_list(blocks)):
        raise RestError("ATTACH_ERROR", "Incorrect attach params")
    if len(json.dumps(attach, ensure_ascii=False)) > ATTACH_LIMIT:
        raise RestError("ATTACH_OVERSIZE", "You have exceeded the maximum allowable size of attach")
    return attach


def _parsed(value: Json) -> Json:
    """Read a block given as a JSON text, as the messenger accepts all its blocks."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def color_of(name: str) -> str | None:
    """Return the colour called `LIGHT_BLUE` or `lightBlue`."""
    return COLORS.get(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper())
