"""The queue of bots' events and bots' files (chat-bots-v2/imbot.v2/{events,files}/**)."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.links import download
from b24flow.sandbox.model import bots, chats, chats_files
from b24flow.sandbox.model.bots_show import show_file
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.bots import BOT, DOC, bot_user, own_bot, own_chat
from b24flow.sandbox.wire import Json, RestError, is_yes

_FILE_FIELDS = frozenset(["name", "content", "message"])


@method("imbot.v2.Event.get", scope="imbot", doc=DOC + "events/event-get.md",
        params=BOT + " offset limit withUserEvents",
        partial="без событий самого пользователя (withUserEvents)")  # fmt: skip
def event_get(call: Call) -> Json:
    """Return waiting events; `offset` deletes everything before it, a day deletes the rest."""
    bot = own_bot(call)
    if is_yes(call.params.get("withUserEvents")):
        raise RestError("USER_NOT_SUBSCRIBED", "User not subscribed")
    bots.drop_expired_events(call.portal)
    state = call.state
    offset = call.number("offset")
    if call.params.get("offset") not in (None, ""):
        state.bot_events = [
            event for event in state.bot_events if event.bot_id != bot.id or event.id >= offset
        ]
    limit = min(max(call.number("limit", 100) or 100, 1), 1000)
    waiting = [event for event in state.bot_events if event.bot_id == bot.id]
    shown = waiting[:limit]
    following: Any = shown[-1].id + 1 if shown else offset
    return {
        "events": [
            {"eventId": event.id, "type": event.kind, "date": iso(event.created), "data": event.data}
            for event in shown
        ],
        "nextOffset": following,
        "hasMore": len(waiting) > limit,
    }


@method("imbot.v2.File.upload", scope="imbot", doc=DOC + "files/file-upload.md",
        params=BOT + " dialogId* fields*")  # fmt: skip
def file_upload(call: Call) -> Json:
    """Put a file into a chat with a message."""
    bot = own_bot(call)
    chat, fields = own_chat(call, bot), call.mapping("fields")
    call.note_unknown("unknown_field", fields, _FILE_FIELDS)
    name, text = str(fields.get("name") or ""), str(fields.get("content") or "")
    if not name or not text:
        raise RestError("FILE_EMPTY", "File name or content is empty")
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RestError("FILE_INVALID_CONTENT", "Invalid base64 content") from error
    if len(content) > chats_files.LIMIT:
        raise RestError("FILE_TOO_LARGE", "File is too large")
    row = chats_files.add_file(call.portal, chat, bot_user(call, bot), name, content)
    said = str(fields.get("message") or "")
    message = chats.send(call.portal, chat, bot.id, said, files=[row.id])
    return {
        "file": show_file(call.portal, chat, row),
        "messageId": message.id,
        "chatId": chat.id,
        "dialogId": call.text("dialogId"),
    }


@method("imbot.v2.File.download", scope="imbot", doc=DOC + "files/file-download.md",
        params=BOT + " fileId*", reads=True)  # fmt: skip
def file_download(call: Call) -> Json:
    """Return a signed address of a file in one of the bot's chats."""
    bot = own_bot(call)
    row = chats_files.find_file(call.portal, call.required_number("fileId"))
    if row is None:
        raise RestError("FILE_NOT_FOUND", "File not found")
    chat = chats_files.chat_of(call.portal, row)
    if chat is None or bot.id not in chat.members:
        raise RestError("FILE_ACCESS_ERROR", "File access error")
    return {"downloadUrl": download(call, "imbot", {"object": row.id})}
