"""Slash commands of chat bots (chat-bots-v2/imbot.v2/commands/**)."""

from __future__ import annotations

from b24flow.sandbox.model import chats
from b24flow.sandbox.model.bots_show import list_command, show_command
from b24flow.sandbox.model.entities import Bot, BotCommand
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.bots import BOT, DOC, own_bot
from b24flow.sandbox.rest.bots_messages import put_message
from b24flow.sandbox.wire import Json, Params, RestError, as_map, is_yes, missing

_FIELDS = frozenset(["command", "title", "params", "common", "hidden", "extranetSupport"])


@method("imbot.v2.Command.register", scope="imbot", doc=DOC + "commands/command-register.md",
        params=BOT + " fields command title params common hidden extranetSupport")  # fmt: skip
def command_register(call: Call) -> Json:
    """Register a slash command; the same command of the same bot is registered once."""
    bot, fields = own_bot(call), _given(call)
    name = _name(fields.get("command"))
    if not name:
        raise RestError("COMMAND_REQUIRED", "Command is required")
    for row in call.state.commands.values():
        if row.bot_id == bot.id and row.name == name:
            return {"command": show_command(row)}
    hidden = is_yes(fields.get("hidden"))
    if not hidden and not fields.get("title"):
        raise RestError("COMMAND_TITLE_REQUIRED", "Command title is required")
    row = BotCommand(
        id=call.state.next_id("command", 42),
        bot_id=bot.id,
        name=name,
        title=as_map(fields.get("title")) or fields.get("title"),
        params=as_map(fields.get("params")) or fields.get("params"),
        common=is_yes(fields.get("common")),
        hidden=hidden,
        extranet=is_yes(fields.get("extranetSupport")),
    )
    call.state.commands[row.id] = row
    return {"command": show_command(row)}


def _given(call: Call) -> Params:
    """Return the fields; the flat form of them lives until 30.09.2026."""
    if "fields" not in call.params:
        flat = {key: value for key, value in call.params.items() if key in _FIELDS}
        if not flat:
            raise missing("fields")
        return flat
    fields = call.mapping("fields")
    call.note_unknown("unknown_field", fields, _FIELDS)
    return fields


def _name(given: Json) -> str:
    if given is not None and not isinstance(given, str):
        raise RestError("COMMAND_NAME_INVALID", "Command name is invalid")
    return (given or "").lstrip("/")


def _command(call: Call, bot: Bot) -> BotCommand:
    row = call.state.commands.get(call.required_number("commandId"))
    if row is None or row.bot_id != bot.id:
        raise RestError("COMMAND_NOT_FOUND", "Command not found")
    return row


@method("imbot.v2.Command.list", scope="imbot", doc=DOC + "commands/command-list.md", params=BOT)
def command_list(call: Call) -> Json:
    """List the commands of a bot."""
    bot = own_bot(call)
    rows = [row for row in call.state.commands.values() if row.bot_id == bot.id]
    return {"commands": [list_command(call.portal, row) for row in rows]}


@method("imbot.v2.Command.update", scope="imbot", doc=DOC + "commands/command-update.md",
        params=BOT + " commandId* fields*")  # fmt: skip
def command_update(call: Call) -> Json:
    """Change a command; in its texts null removes a language, what is not named stays."""
    bot = own_bot(call)
    row, fields = _command(call, bot), call.mapping("fields")
    call.note_unknown("unknown_field", fields, _FIELDS)
    if "command" in fields:
        row.name = _new_name(call, row, fields["command"])
    if "title" in fields:
        row.title = _texts(row.title, fields["title"])
    if "params" in fields:
        row.params = _texts(row.params, fields["params"])
    row.common = is_yes(fields.get("common", row.common))
    row.hidden = is_yes(fields.get("hidden", row.hidden))
    row.extranet = is_yes(fields.get("extranetSupport", row.extranet))
    return {"command": show_command(row)}


def _new_name(call: Call, row: BotCommand, given: Json) -> str:
    name = _name(given)
    if not name:
        raise RestError("COMMAND_NAME_EMPTY", "Command name is empty")
    others = (one for one in call.state.commands.values() if one.bot_id == row.bot_id and one.id != row.id)
    if any(one.name == name for one in others):
        raise RestError("COMMAND_ALREADY_EXISTS", "Command already exists")
    return name


def _texts(known: Json, given: Json) -> Json:
    if not isinstance(given, dict):
        return given
    merged = (known if isinstance(known, dict) else {}) | given
    return {language: text for language, text in merged.items() if text is not None}


@method("imbot.v2.Command.unregister", scope="imbot", doc=DOC + "commands/command-unregister.md",
        params=BOT + " commandId*")  # fmt: skip
def command_unregister(call: Call) -> Json:
    """Remove a command."""
    row = _command(call, own_bot(call))
    del call.state.commands[row.id]
    return {"result": True}


@method("imbot.v2.Command.answer", scope="imbot", doc=DOC + "commands/command-answer.md",
        params=BOT + " commandId* messageId* dialogId* fields")  # fmt: skip
def command_answer(call: Call) -> Json:
    """Answer a command where it was called; the id of the answer is not given.

    A bot that is not in the chat answers as the system, under its own name.
    """
    bot = own_bot(call)
    _command(call, bot)
    asked = call.state.messages.get(call.required_number("messageId"))
    chat = chats.find_chat(call.portal, call.text("dialogId"), bot.id)
    if chat is None or asked is None or asked.chat_id != chat.id:
        raise RestError("COMMAND_ANSWER_FAILED", "Command answer failed")
    if bot.id in chat.members:
        put_message(call, bot, chat)
    else:
        fields = call.optional_map("fields")
        name = call.portal.person_name(bot.id)
        text = f"[B]{name}[/B]: {fields.get('message') or ''}"
        put_message(call, bot, chat, fields | {"message": text, "system": True})
    return {"result": True}
