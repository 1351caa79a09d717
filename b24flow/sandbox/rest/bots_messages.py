"""Messages of chat bots (chat-bots-v2/imbot.v2/messages/**)."""

from __future__ import annotations

from b24flow.sandbox.model import chats, chats_messages
from b24flow.sandbox.model.bots_show import message_for, user_for
from b24flow.sandbox.model.entities import Bot, Chat, Message
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.bots import BOT, DOC, bot_user, own_bot, own_chat
from b24flow.sandbox.wire import Json, Params, RestError, as_int, is_yes

_MESSAGES = DOC + "messages/"
_FIELDS = frozenset(
    ["message", "attach", "keyboard", "system", "urlPreview", "replyId", "templateId", "forwardIds"]
)
_ALL_EARS = ("personal", "supervisor")
_FORWARDS = 100
_WINDOW = 50


def put_message(call: Call, bot: Bot, chat: Chat, fields: Params | None = None) -> Message:
    """Send what `fields` say into a chat as a bot."""
    fields = call.optional_map("fields") if fields is None else fields
    call.note_unknown("unknown_field", fields, _FIELDS)
    text, attach = str(fields.get("message") or ""), chats.check_attach(fields.get("attach"))
    if not text and not attach:
        raise RestError("EMPTY_MESSAGE", "Message is empty")
    reply = call.state.messages.get(as_int(fields.get("replyId")))
    return chats.send(
        call.portal,
        chat,
        bot.id,
        text,
        uuid=str(fields.get("templateId") or ""),
        system=is_yes(fields.get("system")),
        attach=attach,
        keyboard=chats.check_keyboard(fields.get("keyboard")),
        reply_to=reply.id if reply is not None and reply.chat_id == chat.id else 0,
    )


@method("imbot.v2.Chat.Message.send", scope="imbot", doc=_MESSAGES + "chat-message-send.md",
        params=BOT + " dialogId* fields",
        partial="предпросмотр ссылок (urlPreview) не строится")  # fmt: skip
def message_send(call: Call) -> Json:
    """Send a message as a bot; a repeated `templateId` returns the first id.

    Messages to forward go after the text and may go without any.
    """
    bot = own_bot(call)
    chat, fields = own_chat(call, bot), call.optional_map("fields")
    sources = _sources(call, bot, fields)
    only_forwards = sources and not fields.get("message") and not fields.get("attach")
    first = None if only_forwards else put_message(call, bot, chat)
    made = {uuid: _forward(call, bot, chat, row).id for uuid, row in sources.items()}
    return {"id": first.id if first else max(made.values()), "uuidMap": made}


def _sources(call: Call, bot: Bot, fields: Params) -> dict[str, Message]:
    given = fields.get("forwardIds")
    pairs = given if isinstance(given, dict) else {}
    if len(pairs) > _FORWARDS:
        raise RestError("SENDING_FAILED", "Sending failed")
    found = {}
    for uuid, number in pairs.items():
        row = call.state.messages.get(as_int(number))
        if row is None or row.deleted or bot.id not in call.state.chats[row.chat_id].members:
            raise RestError("ACCESS_DENIED", "Access denied")
        found[str(uuid)] = row
    return found


def _forward(call: Call, bot: Bot, chat: Chat, row: Message) -> Message:
    origin = {"id": row.id, "userId": row.author_id, "chatId": row.chat_id, "date": row.created.isoformat()}
    return chats.send(
        call.portal,
        chat,
        bot.id,
        row.text,
        attach=row.attach,
        forward=origin,
        files=list(row.files),
    )


def _own_message(call: Call, bot: Bot, *, managed: bool = False) -> Message:
    """Return a message the bot may change; as the chat's administrator it may delete any."""
    row = call.state.messages.get(call.required_number("messageId"))
    if row is not None and not row.deleted:
        if row.author_id == bot.id and not row.system:
            return row
        chat = call.state.chats[row.chat_id]
        if managed and chats.leads(chat, bot.id):
            return row
    raise RestError("ACCESS_DENIED", "Access denied")


@method("imbot.v2.Chat.Message.update", scope="imbot", doc=_MESSAGES + "chat-message-update.md",
        params=BOT + " messageId* fields*")  # fmt: skip
def message_update(call: Call) -> Json:
    """Change an own message; an empty text deletes it, keyboard `N` removes the buttons."""
    bot = own_bot(call)
    row, fields = _own_message(call, bot), call.mapping("fields")
    call.note_unknown("unknown_field", fields, _FIELDS)
    changes: Params = {name: fields[name] for name in ("attach", "keyboard") if name in fields}
    if "message" in fields:
        changes["text"] = fields["message"]
    chats_messages.change(call.portal, bot_user(call, bot), row, changes)
    return {"result": True}


@method("imbot.v2.Chat.Message.delete", scope="imbot", doc=_MESSAGES + "chat-message-delete.md",
        params=BOT + " messageId* complete")  # fmt: skip
def message_delete(call: Call) -> Json:
    """Delete an own message, or any where the bot administers the chat."""
    bot = own_bot(call)
    row = _own_message(call, bot, managed=True)
    chats_messages.delete(call.portal, bot_user(call, bot), row)
    if is_yes(call.params.get("complete")):
        del call.state.messages[row.id]
        call.state.message_uuids.pop(row.uuid, None)
    return {"result": True}


@method("imbot.v2.Chat.Message.read", scope="imbot", doc=_MESSAGES + "chat-message-read.md",
        params=BOT + " dialogId* messageId", reads=False)  # fmt: skip
def message_read(call: Call) -> Json:
    """Mark messages as read up to one, or all."""
    bot = own_bot(call)
    chat, up_to = own_chat(call, bot), call.number("messageId") or None
    if up_to is not None:
        row = call.state.messages.get(up_to)
        if row is None or row.deleted or row.chat_id != chat.id:
            raise RestError("MESSAGE_NOT_FOUND", "Message not found")
    viewed = chats.read(call.portal, chat, bot.id, up_to)
    left = len(chats.unread_of(call.portal, chat, bot.id))
    return {"chatId": chat.id, "lastId": chat.read[bot.id], "counter": left, "viewedMessages": viewed}


def _heard(call: Call, bot: Bot) -> Message:
    if bot.kind not in _ALL_EARS:
        raise RestError("BOT_TYPE_NOT_ALLOWED", "Bot type not allowed")
    row = call.state.messages.get(call.required_number("messageId"))
    if row is None or row.deleted:
        raise RestError("MESSAGE_NOT_FOUND", "Message not found")
    chat = call.state.chats[row.chat_id]
    if bot.id not in chat.members or row.id < chat.since.get(bot.id, 0):
        raise RestError("MESSAGE_ACCESS_DENIED", "Message access denied")
    return row


@method("imbot.v2.Chat.Message.get", scope="imbot", doc=_MESSAGES + "chat-message-get.md",
        params=BOT + " messageId*")  # fmt: skip
def message_get(call: Call) -> Json:
    """Return a message and its author; for personal and supervisor bots only."""
    bot = own_bot(call)
    row = _heard(call, bot)
    author = chats.person(call.portal, row.author_id)
    shown = user_for(call.portal, author) if author else None
    return {"message": message_for(call.portal, row, bot.id), "user": shown}


@method("imbot.v2.Chat.Message.getContext", scope="imbot",
        doc=_MESSAGES + "chat-message-get-context.md", params=BOT + " messageId* range",
        reads=True)  # fmt: skip
def message_context(call: Call) -> Json:
    """Return the messages around one, oldest first."""
    bot = own_bot(call)
    centre = _heard(call, bot)
    span = min(max(call.number("range", _WINDOW) or _WINDOW, 1), _WINDOW)
    rows = chats.messages_of(call.portal, call.state.chats[centre.chat_id], bot.id)
    place = next(index for index, row in enumerate(rows) if row.id == centre.id)
    first, last = max(place - span, 0), place + span + 1
    shown = rows[first:last]
    authors = chats.people(call.portal, sorted({row.author_id for row in shown}))
    return {
        "messages": [message_for(call.portal, row, bot.id) for row in shown],
        "users": [user_for(call.portal, user) for user in authors],
        "hasPrevPage": first > 0,
        "hasNextPage": last < len(rows),
    }


def _reacting(call: Call, bot: Bot) -> tuple[Message, str]:
    row = call.state.messages.get(call.required_number("messageId"))
    if "reaction" not in call.params:
        raise RestError("100", "Could not find value for parameter {reaction}")
    if row is None or row.deleted or bot.id not in call.state.chats[row.chat_id].members:
        raise RestError("ACCESS_DENIED", "Access denied")
    reaction = call.text("reaction")
    if reaction not in chats_messages.REACTIONS:
        raise RestError("REACTION_NOT_FOUND", "Reaction not found")
    return row, reaction


@method("imbot.v2.Chat.Message.Reaction.add", scope="imbot",
        doc=_MESSAGES + "chat-message-reaction-add.md", params=BOT + " messageId* reaction*")  # fmt: skip
def reaction_add(call: Call) -> Json:
    """Set a bot's reaction."""
    bot = own_bot(call)
    row, reaction = _reacting(call, bot)
    if not chats_messages.react(call.portal, bot_user(call, bot), row, reaction, put=True):
        raise RestError("REACTION_ALREADY_SET", "Reaction already set")
    return {"result": True}


@method("imbot.v2.Chat.Message.Reaction.delete", scope="imbot",
        doc=_MESSAGES + "chat-message-reaction-delete.md", params=BOT + " messageId* reaction*")  # fmt: skip
def reaction_delete(call: Call) -> Json:
    """Remove a bot's reaction."""
    bot = own_bot(call)
    row, reaction = _reacting(call, bot)
    chats_messages.react(call.portal, bot_user(call, bot), row, reaction, put=False)
    return {"result": True}
