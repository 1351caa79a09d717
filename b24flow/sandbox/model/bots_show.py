"""How bots see the messenger: the objects of imbot.v2 answers and events.

Facts: api-reference/chat-bots/chat-bots-v2/entities.md. The same objects are in answers and in
events; what depends on the viewer (`role`, `muteList`) and what only answers have is added apart.
"""

from __future__ import annotations

import json
import struct
from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model import chats
from b24flow.sandbox.model.entities import Bot, BotCommand, Chat, DiskObject, Employee, Message
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Json, as_map

TYPES = {"tasks": "tasksTask"}
_PNG_HEADER, _GIF_HEADER = 24, 10  # bytes up to the end of the sizes
_LETTERS = {"private": "P", "tasks": "X", "open": "O", "lines": "L"}
RIGHTS = {
    "manage_users_add": "member",
    "manage_users_delete": "manager",
    "manage_ui": "member",
    "manage_settings": "owner",
    "manage_messages": "member",
    "can_post": "member",
}


def type_of(chat: Chat) -> str:
    """Return the chat's type as answers write it."""
    if chat.kind == "chat" and chat.entity_type == "CRM":
        return "crm"
    return TYPES.get(chat.kind, chat.kind)


def letter_of(chat: Chat) -> str:
    """Return the chat's internal type letter."""
    return _LETTERS.get(chat.kind, "C")


def name_of(portal: Portal, chat: Chat, viewer: int) -> str:
    """Return the chat's name as `viewer` sees it: the other person's name in a dialogue."""
    if chat.kind != "private":
        return chat.title
    return portal.person_name(int(chats.dialog_of(chat, viewer)))


def link_of(chat: Chat) -> dict[str, Any]:
    """Return the link to the outer object of a chat, empty without one."""
    owner = chat.owner_id
    if chat.kind == "tasks":
        url = f"/company/personal/user/{owner}/tasks/task/view/{chat.entity_id}/"
        return {"type": "TASKS", "url": url, "id": chat.entity_id}
    if chat.entity_type == "CRM":
        kind, _, number = chat.entity_id.partition("|")
        spa = kind.removeprefix("DYNAMIC_")
        base = f"/crm/type/{spa}" if spa != kind else f"/crm/{kind.lower()}"
        return {"type": kind, "url": f"{base}/details/{number}/", "id": chat.entity_id}
    return {}


def show_bot(portal: Portal, bot: Bot) -> dict[str, Any]:
    """Return a bot as its owner sees it."""
    commands = [row for row in portal.state.commands.values() if row.bot_id == bot.id]
    member = [chat for chat in portal.state.chats.values() if bot.id in chat.members]
    mine = [row for row in portal.state.messages.values() if row.author_id == bot.id]
    return show_bot_briefly(bot) | {
        "moduleId": "rest",
        "eventMode": bot.event_mode,
        "countMessage": len(mine),
        "countCommand": len(commands),
        "countChat": sum(chat.kind != "private" for chat in member),
        "countUser": sum(chat.kind == "private" for chat in member),
    }


def show_bot_briefly(bot: Bot) -> dict[str, Any]:
    """Return a bot as anybody sees it."""
    return {
        "id": bot.id,
        "code": bot.code,
        "type": bot.kind,
        "isHidden": bot.flags.get("isHidden", False),
        "isSupportOpenline": bot.flags.get("isSupportOpenline", False),
        "isReactionsEnabled": bot.flags.get("isReactionsEnabled", True),
        "backgroundId": bot.background_id,
        "language": "ru",
    }


def show_message(message: Message) -> dict[str, Any]:
    """Return a message as an event carries it."""
    params: dict[str, Any] = dict(message.params)
    if message.keyboard is not None:
        params["KEYBOARD"] = message.keyboard
    if message.menu is not None:
        params["MENU"] = message.menu
    if message.attach is not None:
        params["ATTACH"] = message.attach
    if message.files:
        params["FILE_ID"] = list(message.files)
    if message.reply_to:
        params["REPLY_ID"] = message.reply_to
    return {
        "id": message.id,
        "chatId": message.chat_id,
        "authorId": 0 if message.system else message.author_id,
        "date": iso(message.created),
        "text": message.text,
        "isSystem": message.system,
        "uuid": message.uuid,
        "forward": message.forward,
        "params": params,
        "viewedByOthers": False,
    }


def message_for(portal: Portal, message: Message, viewer: int) -> dict[str, Any]:
    """Return a message as an answer carries it to `viewer`."""
    chat = portal.state.chats[message.chat_id]
    unread = message.id > chat.read.get(viewer, 0)
    readers = [one for one, last in chat.read.items() if last >= message.id and one != message.author_id]
    return show_message(message) | {
        "viewedByOthers": bool(readers),
        "unread": unread,
        "viewed": not unread,
    }


def show_chat(portal: Portal, chat: Chat, viewer: int) -> dict[str, Any]:
    """Return a chat as an event carries it."""
    return {
        "id": chat.id,
        "dialogId": chats.dialog_of(chat, viewer),
        "type": type_of(chat),
        "name": name_of(portal, chat, viewer),
        "description": chat.description,
        "messageType": letter_of(chat),
        "owner": chat.owner_id,
        "color": chat.color,
        "avatar": chat.avatar,
        "extranet": False,
        "containsCollaber": False,
        "entityType": chat.entity_type,
        "entityId": chat.entity_id,
        "entityData1": chat.entity_data[0],
        "entityData2": chat.entity_data[1],
        "entityData3": chat.entity_data[2],
        "entityLink": link_of(chat),
        "diskFolderId": chat.folder_id or None,
        "permissions": {_camel(name): who for name, who in RIGHTS.items()},
        "parentChatId": None,
        "parentMessageId": None,
        "isNew": False,
        "textFieldEnabled": "Y" if chat.text_field else "N",
        "backgroundId": None,
    }


def chat_for(portal: Portal, chat: Chat, viewer: int, *, new: bool = False) -> dict[str, Any]:
    """Return a chat as an answer carries it to `viewer`."""
    rows = chats.messages_of(portal, chat)
    last = rows[-1].id if rows else None
    unread = chats.unread_of(portal, chat, viewer)
    viewers = [one for one, seen in chat.read.items() if last and seen >= last]
    return show_chat(portal, chat, viewer) | {
        "role": chats.role_of(chat, viewer),
        "muteList": list(chat.muted),
        "isNew": new,
        "dateCreate": iso(chat.created),
        "lastMessageId": last,
        "lastMessageViews": json.dumps({"messageId": last, "countOfViewers": len(viewers)}),
        "lastId": chat.read.get(viewer),
        "managerList": list(chat.managers),
        "markedId": None,
        "messageCount": len(rows),
        "public": "",
        "unreadId": unread[0].id if unread else None,
        "userCounter": len(chat.members),
    }


def show_user(user: Employee) -> dict[str, Any]:
    """Return a user as bots and their events see one."""
    outer = "CONNECTOR" in user.profile
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
        "connector": outer,
        "externalAuthId": "imconnector" if outer else "bot" if user.is_bot else "default",
        "status": "online",
        "idle": False,
        "lastActivityDate": False,
        "absent": False,
        "departments": list(user.departments),
        "phones": {"personalMobile": user.phone} if user.phone else False,
        "type": "bot" if user.is_bot else "employee",
        "website": "",
        "email": user.email,
    }


def user_for(portal: Portal, user: Employee) -> dict[str, Any]:
    """Return a user as answers carry one; events do not tell when he was active."""
    return show_user(user) | {"lastActivityDate": iso(portal.state.user_active.get(user.id)) or False}


def show_command(row: BotCommand) -> dict[str, Any]:
    """Return a command as registering and changing it answer."""
    return {
        "id": row.id,
        "botId": row.bot_id,
        "command": f"/{row.name}",
        "common": row.common,
        "hidden": row.hidden,
        "extranetSupport": row.extranet,
    }


def list_command(portal: Portal, row: BotCommand) -> dict[str, Any]:
    """Return a command as the list does: texts in the portal's language, else in the first one."""
    return show_command(row) | {
        "title": _text(row.title),
        "params": _text(row.params),
        "category": portal.person_name(row.bot_id),
        "context": "",
    }


def _text(texts: Json) -> str:
    if isinstance(texts, dict | list):
        given = as_map(texts)
        found = given.get("ru") or given.get("en") or next(iter(given.values()), "")
        return str(found)
    return str(texts or "")


def show_file(portal: Portal, chat: Chat, row: DiskObject) -> dict[str, Any]:
    """Return a file of a chat."""
    return {
        "id": row.id,
        "chatId": chat.id,
        "date": iso(row.created),
        "type": file_type(row.name),
        "name": row.name,
        "extension": extension_of(row.name),
        "size": len(row.versions[-1].content),
        "image": picture_size(row),
        "authorId": row.created_by,
        "authorName": portal.person_name(row.created_by),
        "isTranscribable": False,
        "isVideoNote": False,
        "isVoiceNote": False,
    }


def picture_size(row: DiskObject) -> dict[str, int] | bool:
    """Return the height and width of a PNG or GIF file, False for whatever else."""
    content = row.versions[-1].content
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= _PNG_HEADER:
        width, height = struct.unpack(">II", content[16:_PNG_HEADER])
    elif content.startswith(b"GIF8") and len(content) >= _GIF_HEADER:
        width, height = struct.unpack("<HH", content[6:_GIF_HEADER])
    else:
        return False
    return {"height": height, "width": width}


def extension_of(name: str) -> str:
    """Return the extension in lower case, empty without one."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def file_type(name: str) -> str:
    """Return `image`, `video`, `audio` or `file` by the extension."""
    kinds = {
        "image": ("png", "jpg", "jpeg", "gif", "webp", "bmp"),
        "video": ("mp4", "webm", "mov", "avi"),
        "audio": ("mp3", "wav", "ogg", "m4a"),
    }
    extension = extension_of(name)
    return next((kind for kind, known in kinds.items() if extension in known), "file")


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)
