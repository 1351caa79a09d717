"""The messages of people (api-reference/chats/messages/im-message-*.md)."""

from __future__ import annotations

from b24flow.sandbox.model import bots, chats, chats_messages, chats_share
from b24flow.sandbox.model.entities import Chat, Message
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.wire import Json, RestError, is_yes

DOC = "api-reference/chats/"
_MESSAGES = DOC + "messages/"


def dialog_chat(call: Call, *, reading: bool = False) -> Chat:
    """Return the chat of DIALOG_ID; without access it is refused as looking into it is."""
    dialog = call.text("DIALOG_ID")
    if not dialog or not _looks_like(dialog):
        raise RestError("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
    chat = chats.find_chat(call.portal, dialog, call.user.id)
    allowed = chats.may_read if reading else chats.may_write
    if chat is None or not allowed(call.portal, chat, call.user):
        raise RestError("ACCESS_ERROR", "You do not have access to the specified dialog", 403)
    return chat


def _looks_like(dialog: str) -> bool:
    return dialog.removeprefix("chat").removeprefix("sg").isdigit()


def _target(call: Call) -> Chat:
    """Return the chat to write into; the refusals differ from those of reading."""
    dialog = call.text("DIALOG_ID")
    if dialog.isdigit() and int(dialog) not in call.state.users:
        if not int(dialog):
            raise RestError("USER_ID_EMPTY", "User ID can't be empty")
        raise RestError("USER_NOT_FOUND", "User not found")
    if not dialog or not _looks_like(dialog):
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    chat = chats.find_chat(call.portal, dialog, call.user.id)
    if chat is None or not chats.may_write(call.portal, chat, call.user):
        raise RestError("ACCESS_ERROR", "Action unavailable")
    return chat


@method("im.message.add", scope="im", doc=_MESSAGES + "im-message-add.md", upper=True,
        params="DIALOG_ID MESSAGE ATTACH KEYBOARD MENU SYSTEM URL_PREVIEW REPLY_ID TEMPLATE_ID "
        "FROM_USER_ID TO_USER_ID",
        partial="предпросмотр ссылок (URL_PREVIEW) не строится")  # fmt: skip
def message_add(call: Call) -> Json:
    """Send a message as the caller; a repeated TEMPLATE_ID returns the first id."""
    chat = _target(call)
    text, attach = call.text("MESSAGE"), chats.check_attach(call.params.get("ATTACH"))
    if not text and not attach:
        raise RestError("MESSAGE_EMPTY", "Message can't be empty")
    reply = _reply(call, chat)
    known = len(call.state.messages)
    message = chats.send(
        call.portal,
        chat,
        call.user.id,
        text,
        uuid=call.text("TEMPLATE_ID"),
        system=is_yes(call.params.get("SYSTEM")),
        attach=attach,
        keyboard=chats.check_keyboard(call.params.get("KEYBOARD")),
        menu=chats.check_menu(call.params.get("MENU")),
        reply_to=reply,
    )
    if len(call.state.messages) > known:
        bots.announce(call.portal, call.user, chat, message)
    return message.id


def _reply(call: Call, chat: Chat) -> int:
    number = call.number("REPLY_ID")
    if not number:
        return 0
    row = chats.find_message(call.portal, number, call.user)
    if row is None:
        raise RestError("REPLY_ACCESS_ERROR", "Action unavailable")
    if row.chat_id != chat.id:
        raise RestError("REPLY_FROM_OTHER_CHAT_ERROR", "You can only reply to a message within the same chat")
    return row.id


def _message_id(call: Call) -> int:
    number = call.number("MESSAGE_ID")
    if number <= 0:
        raise RestError("MESSAGE_ID_ERROR", "Message ID can't be empty")
    return number


def _editable(call: Call, *, managed: bool = False) -> Message:
    row = chats.find_message(call.portal, _message_id(call), call.user)
    if row is not None and not row.system and row.author_id == call.user.id:
        return row
    if row is not None and managed and chats.leads(call.state.chats[row.chat_id], call.user.id):
        return row
    raise RestError("CANT_EDIT_MESSAGE", "Time has expired for modification or you don't have access", 403)


@method("im.message.update", scope="im", doc=_MESSAGES + "im-message-update.md", upper=True,
        params="MESSAGE_ID MESSAGE ATTACH KEYBOARD MENU URL_PREVIEW IS_EDITED")  # fmt: skip
def message_update(call: Call) -> Json:
    """Change an own message; an empty text deletes it."""
    row = _editable(call)
    names = {"MESSAGE": "text", "ATTACH": "attach", "KEYBOARD": "keyboard", "MENU": "menu"}
    changes = {ours: call.params[theirs] for theirs, ours in names.items() if theirs in call.params}
    chats_messages.change(call.portal, call.user, row, changes)
    if set(changes) == {"attach"} and call.text("IS_EDITED") == "N":
        row.updated = None
    return True


@method("im.message.delete", scope="im", doc=_MESSAGES + "im-message-delete.md", upper=True,
        params="MESSAGE_ID")  # fmt: skip
def message_delete(call: Call) -> Json:
    """Delete an own message, or any in a chat one leads."""
    chats_messages.delete(call.portal, call.user, _editable(call, managed=True))
    return True


@method("im.message.like", scope="im", doc=_MESSAGES + "im-message-like.md", upper=True,
        params="MESSAGE_ID ACTION")  # fmt: skip
def message_like(call: Call) -> Json:
    """Set or remove a like: `plus`, `minus`, or the opposite of what is."""
    row = chats.find_message(call.portal, _message_id(call), call.user)
    action = call.text("ACTION").lower() or "auto"
    put = action == "plus"
    if row is not None and action not in ("plus", "minus"):
        put = call.user.id not in row.reactions.get("like", [])
    if row is None or not chats_messages.react(call.portal, call.user, row, "like", put=put):
        raise RestError("WITHOUT_CHANGES", "Action completed without changes")
    return True


@method("im.message.command", scope="im", doc=_MESSAGES + "im-message-command.md", upper=True,
        params="MESSAGE_ID BOT_ID COMMAND COMMAND_PARAMS", reads=False)  # fmt: skip
def message_command(call: Call) -> Json:
    """Call a bot's command in the context of a message."""
    number, name = _message_id(call), call.text("COMMAND").lstrip("/")
    if call.number("BOT_ID") <= 0:
        raise RestError("BOT_ID_ERROR", "Bot ID can't be empty")
    if not name:
        raise RestError("COMMAND_ERROR", "Command can't be empty")
    row = chats.find_message(call.portal, number, call.user)
    given = (call.number("BOT_ID"), name, call.text("COMMAND_PARAMS"), "keyboard")
    if row is None or not bots.run_command(call.portal, call.user, row, *given):
        raise RestError("PARAMS_ERROR", "Incorrect params")
    return True


@method("im.message.share", scope="im", doc=_MESSAGES + "im-message-share.md", upper=True,
        params="MESSAGE_ID DIALOG_ID TYPE",
        partial="чат и задача; записи ленты (POST) и события календаря (CALEND) не создаются")  # fmt: skip
def message_share(call: Call) -> Json:
    """Make a chat or a task of a message."""
    number, chat = _message_id(call), dialog_chat(call)
    row = chats.find_message(call.portal, number, call.user)
    make = chats_share.MAKERS.get(call.text("TYPE").upper())
    if row is None or row.chat_id != chat.id or make is None:
        raise RestError("PARAMS_ERROR", "Incorrect params")
    make(call.portal, call.user, chat, row)
    return True
