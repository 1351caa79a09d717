"""The queue of bots' events and bots' files (chat-bots-v2/imbot.v2/{events,files}/**)."""

from __future__ import annotations

from b24flow.sandbox.links import download
from b24flow.sandbox.model import chats, chats_files
from b24flow.sandbox.model.bots_show import show_file
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.bots import BOT, DOC, bot_user, own_bot, own_chat
from b24flow.sandbox.rest.im_events import waiting_events
from b24flow.sandbox.rest.im_files import read_upload
from b24flow.sandbox.wire import Json, RestError, is_yes

_FILE_FIELDS = frozenset(["name", "content", "message"])


@method("imbot.v2.Event.get", scope="imbot", doc=DOC + "events/event-get.md",
        params=BOT + " offset limit withUserEvents")  # fmt: skip
def event_get(call: Call) -> Json:
    """Return waiting events, on wish with the caller's own; `offset` deletes everything before it."""
    bot = own_bot(call)
    if not is_yes(call.params.get("withUserEvents")):
        return waiting_events(call, {bot.id})
    if not call.allows(("im",)):
        raise RestError("SCOPE_ERROR", "Scope error")
    if call.user.id not in call.state.im_subscribers:
        raise RestError("USER_NOT_SUBSCRIBED", "User not subscribed")
    return waiting_events(call, {bot.id, call.user.id})


@method("imbot.v2.File.upload", scope="imbot", doc=DOC + "files/file-upload.md",
        params=BOT + " dialogId* fields*")  # fmt: skip
def file_upload(call: Call) -> Json:
    """Put a file into a chat with a message."""
    bot = own_bot(call)
    chat, fields = own_chat(call, bot), call.mapping("fields")
    call.note_unknown("unknown_field", fields, _FILE_FIELDS)
    row = chats_files.add_file(call.portal, chat, bot_user(call, bot), *read_upload(call, fields))
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
