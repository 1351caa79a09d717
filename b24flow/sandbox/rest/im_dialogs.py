"""Dialogues: what is in them, what is read (api-reference/chats/messages/im-dialog-*.md)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.links import download
from b24flow.sandbox.model import bots_show, chats
from b24flow.sandbox.model.chats_show import dialog_for, file_for, message_for, params_of, user_for
from b24flow.sandbox.model.entities import Chat, Message
from b24flow.sandbox.registry import Call, Page, method
from b24flow.sandbox.rest.im import DOC, dialog_chat
from b24flow.sandbox.rest.im_chats import chat_id_empty
from b24flow.sandbox.wire import Json, Params, RestError

_MESSAGES = DOC + "messages/"
_SHORTEST = 3


@method("im.dialog.get", scope="im", doc=DOC + "im-dialog-get.md", upper=True, params="DIALOG_ID")
def dialog_get(call: Call) -> Json:
    """Return a chat."""
    chat = dialog_chat(call, reading=True)
    return dialog_for(call.portal, chat, call.user.id) | {"dialog_id": call.text("DIALOG_ID")}


def whole_number(call: Call, name: str, title: str) -> int:
    """Return a cursor; a text in its place is refused."""
    given = call.params.get(name)
    if given in (None, ""):
        return 0
    if not str(given).lstrip("-").isdigit():
        raise RestError(f"{name}_STRING", f"{title} can't be string")
    return call.number(name)


@method("im.dialog.messages.get", scope="im", doc=_MESSAGES + "im-dialog-messages-get.md",
        upper=True, params="DIALOG_ID LAST_ID FIRST_ID LIMIT")  # fmt: skip
def dialog_messages(call: Call) -> Json:
    """Return messages newest first; with FIRST_ID those after it, oldest first."""
    first = whole_number(call, "FIRST_ID", "First ID")
    last = whole_number(call, "LAST_ID", "Last ID")
    chat = dialog_chat(call, reading=True)
    rows = chats.messages_of(call.portal, chat, call.user.id)
    limit = min(max(call.number("LIMIT", 20) or 20, 1), 50)
    if call.params.get("FIRST_ID") not in (None, ""):
        rows = [row for row in rows if row.id > first][:limit]
    else:
        rows = [row for row in rows if not last or row.id < last][::-1][:limit]
    return {
        "chat_id": chat.id,
        "messages": [message_for(call.portal, row, call.user.id) for row in rows],
        "users": _authors(call, rows),
        "files": files_of(call, chat, rows),
    }


def _authors(call: Call, rows: list[Message]) -> list[Params]:
    numbers = sorted({row.author_id for row in rows if not row.system})
    return [user_for(call.portal, user) for user in chats.people(call.portal, numbers)]


def files_of(call: Call, chat: Chat, rows: list[Message]) -> list[Params]:
    """Return the files of messages."""
    objects = [call.state.objects.get(number) for row in rows for number in row.files]
    return [
        file_for(call.portal, chat, row, download(call, "im", {"object": row.id}))
        for row in objects
        if row is not None and not row.deleted
    ]


@method("im.dialog.messages.search", scope="im", doc=_MESSAGES + "im-dialog-messages-search.md",
        upper=True, params="CHAT_ID SEARCH_MESSAGE DATE_FROM DATE_TO DATE ORDER LIMIT LAST_ID")  # fmt: skip
def messages_search(call: Call) -> Json:
    """Find messages of a chat by words and by time."""
    if call.number("CHAT_ID") <= 0:
        raise chat_id_empty()
    chat = call.state.chats.get(call.number("CHAT_ID"))
    if chat is None or not chats.may_read(call.portal, chat, call.user):
        raise RestError("ACCESS_ERROR", "You do not have access to this chat", 403)
    rows = [row for row in chats.messages_of(call.portal, chat, call.user.id) if _found(call, row)]
    order = {str(key).upper(): str(way).upper() for key, way in call.optional_map("ORDER").items()}
    down = order.get("ID", "DESC") != "ASC"
    last = call.number("LAST_ID")
    if last:
        rows = [row for row in rows if (row.id < last if down else row.id > last)]
    rows.sort(key=lambda row: row.id, reverse=down)
    rows = rows[: min(max(call.number("LIMIT", 50) or 50, 1), 200)]
    users = _authors(call, rows)
    return {
        "users": [{_camel(key): value for key, value in user.items()} for user in users],
        "files": files_of(call, chat, rows),
        "additionalMessages": [],
        "copilot": None,
        "stickers": [],
        "reactions": [_reactions(row, call.user.id) for row in rows if row.reactions],
        "tariffRestrictions": {"isHistoryLimitExceeded": False},
        "usersShort": [],
        "messages": [_found_message(call, chat, row) for row in rows],
    }


def _found(call: Call, row: Message) -> bool:
    words = call.text("SEARCH_MESSAGE").lower()
    if len(words) >= _SHORTEST and words not in row.text.lower():
        return False
    day = _moment(call, "DATE")
    if day is not None:
        return timedelta() <= row.created - day <= timedelta(days=1)
    first, last = _moment(call, "DATE_FROM"), _moment(call, "DATE_TO")
    return (first is None or row.created >= first) and (last is None or row.created <= last)


def _moment(call: Call, name: str) -> datetime | None:
    return parse_moment(call.text(name), call.portal.clock.zone)


def _found_message(call: Call, chat: Chat, row: Message) -> Params:
    readers = [one for one, last in chat.read.items() if last >= row.id and one != row.author_id]
    shown = bots_show.message_for(call.portal, row, call.user.id)
    return shown | {
        "chat_id": row.chat_id,
        "author_id": shown["authorId"],
        "uuid": row.uuid or None,
        "params": params_of(row),
        "block": None,
        "viewedCount": len(readers),
    }


def _reactions(row: Message, viewer: int) -> Params:
    return {
        "messageId": row.id,
        "reactionCounters": {name: len(users) for name, users in row.reactions.items()},
        "reactionUsers": {name: list(users) for name, users in row.reactions.items()},
        "ownReactions": [name for name, users in row.reactions.items() if viewer in users],
    }


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


@method("im.dialog.read", scope="im", doc=_MESSAGES + "im-dialog-read.md", upper=True,
        params="DIALOG_ID MESSAGE_ID", reads=False)  # fmt: skip
def dialog_read(call: Call) -> Json:
    """Mark messages as read up to one, or all; false without access."""
    chat = _reached(call)
    if chat is None:
        return False
    chats.read(call.portal, chat, call.user.id, call.number("MESSAGE_ID") or None)
    return {
        "dialogId": call.text("DIALOG_ID"),
        "chatId": chat.id,
        "lastId": chat.read[call.user.id],
        "counter": len(chats.unread_of(call.portal, chat, call.user.id)),
    }


def _reached(call: Call) -> Chat | None:
    try:
        return dialog_chat(call)
    except RestError as error:
        if error.code == "ACCESS_ERROR":
            return None
        raise


@method("im.dialog.unread", scope="im", doc=_MESSAGES + "im-dialog-unread.md", upper=True,
        params="DIALOG_ID MESSAGE_ID", reads=False)  # fmt: skip
def dialog_unread(call: Call) -> Json:
    """Mark a message and those after it as unread; false without access."""
    if call.number("MESSAGE_ID") <= 0:
        raise RestError("MESSAGE_ID_ERROR", "First unread message id can't be empty")
    chat = _reached(call)
    if chat is None:
        return False
    known = chat.read.get(call.user.id, 0)
    chat.read[call.user.id] = min(known, call.number("MESSAGE_ID") - 1)
    return True


@method("im.dialog.read.all", scope="im", doc=DOC + "special-operations/im-dialog-read-all.md",
        upper=True, reads=False)  # fmt: skip
def read_all(call: Call) -> Json:
    """Mark everything as read."""
    for chat in call.state.chats.values():
        if call.user.id in chat.members:
            chats.read(call.portal, chat, call.user.id)
    return True


@method("im.dialog.users.list", scope="im", doc=DOC + "chat-users/im-dialog-users-list.md", upper=True,
        params="DIALOG_ID SKIP_EXTERNAL SKIP_EXTERNAL_EXCEPT_TYPES LIMIT LAST_ID OFFSET")  # fmt: skip
def users_list(call: Call) -> Page:
    """List the members of a chat; bots are the only external users here."""
    chat = dialog_chat(call, reading=True)
    users = chats.people(call.portal, chat.members)
    kept = call.text("SKIP_EXTERNAL_EXCEPT_TYPES").replace(" ", "").split(",")
    if call.text("SKIP_EXTERNAL").upper() == "Y" and "bot" not in kept:
        users = [user for user in users if not user.is_bot]
    total = len(users)
    limit = min(max(call.number("LIMIT", 50) or 50, 1), 200)
    offset = max(call.number("OFFSET"), 0)
    ids = [user.id for user in users]
    if call.number("LAST_ID") in ids:
        offset = ids.index(call.number("LAST_ID")) + 1
    shown = [user_for(call.portal, user) for user in users[offset : offset + limit]]
    following = offset + limit
    return Page(result=shown, total=total, next=following if following < total else None)


@method("im.dialog.writing", scope="im", doc=_MESSAGES + "im-dialog-writing.md", upper=True,
        params="DIALOG_ID", reads=True,
        partial="надпись «печатает» на странице портала не показывается")  # fmt: skip
def dialog_writing(call: Call) -> Json:
    """Show that the caller is typing."""
    dialog_chat(call)
    return True
