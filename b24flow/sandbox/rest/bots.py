"""Chat bots of the second version (api-reference/chat-bots/chat-bots-v2/imbot.v2/**)."""

from __future__ import annotations

import hmac
from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model import chats
from b24flow.sandbox.model.entities import Bot, BotCommand, Chat, Employee, Message
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.wire import Json, Params, RestError, as_map, is_yes, missing

_DOC = "api-reference/chat-bots/chat-bots-v2/imbot.v2/"
_BOT = "botId* botToken"
_BOT_FIELDS = frozenset(
    [
        "code",
        "botToken",
        "properties",
        "type",
        "eventMode",
        "webhookUrl",
        "isHidden",
        "isReactionsEnabled",
        "isSupportOpenline",
        "backgroundId",
    ]
)
_PROPERTIES = {"name", "lastName", "workPosition", "color", "gender", "avatar"}
_MESSAGE_FIELDS = frozenset(
    ["message", "attach", "keyboard", "system", "urlPreview", "replyId", "templateId", "forwardIds"]
)
_COMMAND_FIELDS = {"command", "title", "params", "common", "hidden", "extranetSupport"}
_FLAGS = ("isHidden", "isReactionsEnabled", "isSupportOpenline")


@method("imbot.v2.Revision.get", scope="imbot", doc=_DOC + "revision-get.md")
def revision_get(call: Call) -> Json:
    """Return the interface revisions of the box this emulator follows."""
    return {"rest": 33, "web": 130, "mobile": 20, "desktop": 6}


def _token(call: Call, given: Json) -> str:
    token = str(given or "")
    if not token:
        raise RestError("BOT_TOKEN_NOT_SPECIFIED", "Bot token is not specified")
    if len(token) > 40:
        raise RestError("BOT_TOKEN_INVALID_LENGTH", "Bot token is too long")
    return token


def _bot(call: Call) -> Bot:
    token = _token(call, call.params.get("botToken"))
    bot = call.state.bots.get(call.number("botId"))
    if bot is None:
        raise RestError("BOT_NOT_FOUND", "Bot not found")
    if not hmac.compare_digest(bot.token.encode(), token.encode()):
        raise RestError("BOT_OWNERSHIP_ERROR", "Bot belongs to another application")
    return bot


def _described(call: Call, bot: Bot) -> Params:
    user = call.state.users[bot.id]
    return {"bot": chats.show_bot(call.portal, bot), "users": [chats.show_user(user)]}


@method("imbot.v2.Bot.register", scope="imbot", doc=_DOC + "bots/bot-register.md",
        params="fields*")  # fmt: skip
def bot_register(call: Call) -> Json:
    """Register a bot; a repeat by the same owner returns the same bot unchanged."""
    fields = call.mapping("fields")
    call.note_unknown("unknown_field", fields, _BOT_FIELDS)
    token = _token(call, fields.get("botToken"))
    code = str(fields.get("code") or "")
    properties = as_map(fields.get("properties"))
    call.note_unknown("unknown_field", properties, _PROPERTIES)
    if not code:
        raise RestError("BOT_CODE_REQUIRED", "Bot code is required")
    for bot in call.state.bots.values():
        if bot.code == code:
            if bot.token != token:
                raise RestError("BOT_CODE_ALREADY_TAKEN", "Bot code is already taken")
            return _described(call, bot)
    if not properties.get("name"):
        raise RestError("BOT_NAME_REQUIRED", "Bot name is required")
    user = Employee(id=call.state.next_id("user"), name="", last_name="", is_bot=True, departments=[1])
    bot = Bot(
        id=user.id,
        code=code,
        token=token,
        kind=str(fields.get("type") or "bot"),
        event_mode=str(fields.get("eventMode") or "fetch"),
        flags={"isHidden": False, "isReactionsEnabled": True, "isSupportOpenline": False},
        owner_id=call.user.id,
    )
    _apply(bot, user, fields)
    call.state.users[user.id], call.state.bots[bot.id] = user, bot
    return _described(call, bot)


def _apply(bot: Bot, user: Employee, fields: Params) -> None:
    properties = as_map(fields.get("properties"))
    user.name = str(properties.get("name", user.name))
    user.last_name = str(properties.get("lastName", user.last_name))
    user.position = str(properties.get("workPosition", user.position))
    bot.flags |= {name: is_yes(fields[name]) for name in _FLAGS if name in fields}
    bot.event_mode = str(fields.get("eventMode") or bot.event_mode)
    bot.webhook_url = str(fields.get("webhookUrl") or bot.webhook_url)
    bot.background_id = fields.get("backgroundId", bot.background_id)


@method("imbot.v2.Bot.list", scope="imbot", doc=_DOC + "bots/bot-list.md",
        params="botToken filter limit offset")  # fmt: skip
def bot_list(call: Call) -> Json:
    """List the bots of this owner."""
    token = _token(call, call.params.get("botToken"))
    bots = [bot for bot in call.state.bots.values() if bot.token == token]
    limit, offset = call.number("limit", 50) or 50, call.number("offset")
    shown = bots[offset : offset + limit]
    return {
        "bots": [chats.show_bot(call.portal, bot) for bot in shown],
        "users": [chats.show_user(call.state.users[bot.id]) for bot in shown],
        "hasNextPage": offset + limit < len(bots),
    }


@method("imbot.v2.Bot.get", scope="imbot", doc=_DOC + "bots/bot-get.md",
        params="botId code botToken")  # fmt: skip
def bot_get(call: Call) -> Json:
    """Return a bot by id or by code."""
    if call.params.get("botId") in (None, "") and call.text("code"):
        found = [b.id for b in call.state.bots.values() if b.code == call.text("code")]
        call.params["botId"] = found[0] if found else 0
    return _described(call, _bot(call))


@method("imbot.v2.Bot.update", scope="imbot", doc=_DOC + "bots/bot-update.md",
        params=_BOT + " fields*")  # fmt: skip
def bot_update(call: Call) -> Json:
    """Change a bot."""
    bot, fields = _bot(call), call.mapping("fields")
    call.note_unknown("unknown_field", fields, _BOT_FIELDS)
    _apply(bot, call.state.users[bot.id], fields)
    return _described(call, bot)


@method("imbot.v2.Bot.unregister", scope="imbot", doc=_DOC + "bots/bot-unregister.md", params=_BOT)
def bot_unregister(call: Call) -> Json:
    """Remove a bot with its commands and waiting events."""
    bot = _bot(call)
    state = call.state
    state.commands = {key: row for key, row in state.commands.items() if row.bot_id != bot.id}
    state.bot_events = [event for event in state.bot_events if event.bot_id != bot.id]
    state.users[bot.id].active = False
    del state.bots[bot.id]
    return {"result": True}


def _show_command(row: BotCommand) -> Params:
    return {
        "id": row.id,
        "botId": row.bot_id,
        "command": f"/{row.name}",
        "title": row.title,
        "params": row.params,
        "common": row.common,
        "hidden": row.hidden,
        "extranetSupport": row.extranet,
    }


@method("imbot.v2.Command.register", scope="imbot", doc=_DOC + "commands/command-register.md",
        params=_BOT + " fields*")  # fmt: skip
def command_register(call: Call) -> Json:
    """Register a slash command; the same command of the same bot is registered once."""
    bot, fields = _bot(call), call.mapping("fields")
    call.note_unknown("unknown_field", fields, _COMMAND_FIELDS)
    name = str(fields.get("command") or "").lstrip("/")
    if not name:
        raise RestError("COMMAND_REQUIRED", "Command is required")
    for row in call.state.commands.values():
        if row.bot_id == bot.id and row.name == name:
            return {"command": _show_command(row)}
    hidden = is_yes(fields.get("hidden"))
    if not hidden and not fields.get("title"):
        raise RestError("COMMAND_TITLE_REQUIRED", "Command title is required")
    row = BotCommand(
        id=call.state.next_id("command", 42),
        bot_id=bot.id,
        name=name,
        title=fields.get("title"),
        params=fields.get("params"),
        common=is_yes(fields.get("common")),
        hidden=hidden,
        extranet=is_yes(fields.get("extranetSupport")),
    )
    call.state.commands[row.id] = row
    return {"command": _show_command(row)}


def _command(call: Call, bot: Bot) -> BotCommand:
    row = call.state.commands.get(call.required_number("commandId"))
    if row is None or row.bot_id != bot.id:
        raise RestError("COMMAND_NOT_FOUND", "Command not found")
    return row


@method("imbot.v2.Command.list", scope="imbot", doc=_DOC + "commands/command-list.md", params=_BOT)
def command_list(call: Call) -> Json:
    """List the commands of a bot."""
    bot = _bot(call)
    rows = call.state.commands.values()
    return {"commands": [_show_command(row) for row in rows if row.bot_id == bot.id]}


@method("imbot.v2.Command.update", scope="imbot", doc=_DOC + "commands/command-update.md",
        params=_BOT + " commandId* fields*")  # fmt: skip
def command_update(call: Call) -> Json:
    """Change a command."""
    row, fields = _command(call, _bot(call)), call.mapping("fields")
    call.note_unknown("unknown_field", fields, _COMMAND_FIELDS)
    row.title = fields.get("title", row.title)
    row.params = fields.get("params", row.params)
    row.common = is_yes(fields.get("common", row.common))
    row.hidden = is_yes(fields.get("hidden", row.hidden))
    row.extranet = is_yes(fields.get("extranetSupport", row.extranet))
    return {"command": _show_command(row)}


@method("imbot.v2.Command.unregister", scope="imbot", doc=_DOC + "commands/command-unregister.md",
        params=_BOT + " commandId*")  # fmt: skip
def command_unregister(call: Call) -> Json:
    """Remove a command."""
    row = _command(call, _bot(call))
    del call.state.commands[row.id]
    return {"result": True}


def _dialog(call: Call, bot: Bot) -> Chat:
    dialog = str(call.params.get("dialogId") or "")
    if not dialog:
        raise missing("dialogId")
    chat = chats.find_chat(call.portal, dialog, bot.id)
    if chat is None or bot.id not in chat.members:
        raise RestError("ACCESS_DENIED", "Access denied")
    return chat


def _send(call: Call, bot: Bot, chat: Chat) -> Message:
    fields = call.optional_map("fields")
    call.note_unknown("unknown_field", fields, _MESSAGE_FIELDS)
    text, attach = str(fields.get("message") or ""), fields.get("attach")
    if not text and not attach:
        raise RestError("EMPTY_MESSAGE", "Message is empty")
    return chats.send(
        call.portal,
        chat,
        bot.id,
        text,
        uuid=str(fields.get("templateId") or ""),
        system=is_yes(fields.get("system")),
        attach=attach,
        keyboard=chats.check_keyboard(fields.get("keyboard")),
    )


@method("imbot.v2.Chat.Message.send", scope="imbot", doc=_DOC + "messages/chat-message-send.md",
        params=_BOT + " dialogId* fields*")  # fmt: skip
def message_send(call: Call) -> Json:
    """Send a message as a bot; a repeated `templateId` returns the first id."""
    bot = _bot(call)
    return {"id": _send(call, bot, _dialog(call, bot)).id, "uuidMap": {}}


@method("imbot.v2.Command.answer", scope="imbot", doc=_DOC + "commands/command-answer.md",
        params=_BOT + " commandId* messageId* dialogId* fields")  # fmt: skip
def command_answer(call: Call) -> Json:
    """Answer a command; the id of the answer is not given."""
    bot = _bot(call)
    _command(call, bot)
    _send(call, bot, _dialog(call, bot))
    return {"result": True}


def _own_message(call: Call, bot: Bot) -> Message:
    row = call.state.messages.get(call.required_number("messageId"))
    if row is None or row.deleted:
        raise RestError("MESSAGE_NOT_FOUND", "Message not found")
    if row.author_id != bot.id or row.system:
        raise RestError("ACCESS_DENIED", "Access denied")
    return row


@method("imbot.v2.Chat.Message.update", scope="imbot",
        doc=_DOC + "messages/chat-message-update.md",
        params=_BOT + " messageId* fields*")  # fmt: skip
def message_update(call: Call) -> Json:
    """Change an own message; an empty text deletes it, keyboard `N` removes the buttons."""
    row = _own_message(call, _bot(call))
    fields = call.mapping("fields")
    call.note_unknown("unknown_field", fields, _MESSAGE_FIELDS)
    if "message" in fields and not fields["message"]:
        row.deleted = True
        return {"result": True}
    row.text = str(fields.get("message", row.text))
    row.attach = fields.get("attach", row.attach)
    if "keyboard" in fields:
        row.keyboard = chats.check_keyboard(fields["keyboard"])
        row.pressed_by.clear()
    row.updated = call.portal.clock.now()
    return {"result": True}


@method("imbot.v2.Chat.Message.delete", scope="imbot",
        doc=_DOC + "messages/chat-message-delete.md",
        params=_BOT + " messageId* complete")  # fmt: skip
def message_delete(call: Call) -> Json:
    """Delete an own message."""
    _own_message(call, _bot(call)).deleted = True
    return {"result": True}


@method("imbot.v2.Event.get", scope="imbot", doc=_DOC + "events/event-get.md",
        params=_BOT + " offset limit withUserEvents")  # fmt: skip
def event_get(call: Call) -> Json:
    """Return waiting events; `offset` deletes everything before it, a day deletes the rest."""
    bot = _bot(call)
    chats.drop_expired_events(call.portal)
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
            {"eventId": event.id, "type": event.kind, "date": iso(event.created),
             "data": event.data}
            for event in shown
        ],
        "nextOffset": following,
        "hasMore": len(waiting) > limit,
    }  # fmt: skip
