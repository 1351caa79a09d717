"""Chat bots in open lines (imopenlines/openlines/chat-bots/**)."""

from __future__ import annotations

from b24flow.sandbox.model import chats, openlines
from b24flow.sandbox.model.entities import Bot
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.bots import owns
from b24flow.sandbox.rest.openlines import DOC
from b24flow.sandbox.rest.openlines_operators import Dialog, chat_id_empty, destination, dialog, line_of
from b24flow.sandbox.wire import Json, RestError, is_yes

_BOTS = DOC + "chat-bots/imopenlines-bot-session-"
_SCOPE = "imopenlines"


def _named(call: Call) -> Dialog:
    if call.number("CHAT_ID") <= 0:
        raise chat_id_empty()
    return dialog(call)


def _bot(call: Call) -> Bot:
    """Return the caller's bot: the application's, or the one whose token is CLIENT_ID."""
    token = call.text("CLIENT_ID")
    found = [bot for bot in call.state.bots.values() if owns(call, bot, token)]
    if not found or (call.caller.app is None and not token):
        raise RestError("BOT_ID_ERROR", "Bot not found")
    return found[0]


@method("imopenlines.bot.session.operator", scope=_SCOPE, doc=_BOTS + "operator.md", params="CHAT_ID",
        upper=True)  # fmt: skip
def bot_operator(call: Call) -> Json:
    """Switch a dialogue from the bot to the next operator."""
    chat, session = _named(call)
    if session.operator_id not in call.state.bots:
        raise RestError("WRONG_CHAT", "Operator is not a bot")
    openlines.queue_up(call.portal, line_of(call, session), chat, session)
    return True


@method("imopenlines.bot.session.transfer", scope=_SCOPE, doc=_BOTS + "transfer.md",
        params="CHAT_ID USER_ID QUEUE_ID TRANSFER_ID LEAVE CLIENT_ID", upper=True)  # fmt: skip
def bot_transfer(call: Call) -> Json:
    """Hand a dialogue to an operator or a line; the bot stays beside them unless LEAVE is Y."""
    chat, session = _named(call)
    bot, to = _bot(call), destination(call)
    stays = bot.id in chat.members and not is_yes(call.params.get("LEAVE"))
    openlines.transfer(call.portal, chat, session, to)
    if stays and bot.id not in chat.members:
        chat.members.append(bot.id)
    return True


@method("imopenlines.bot.session.finish", scope=_SCOPE, doc=_BOTS + "finish.md",
        params="CHAT_ID CLIENT_ID", upper=True)  # fmt: skip
def bot_finish(call: Call) -> Json:
    """Close a dialogue as a bot."""
    chat, session = _named(call)
    _bot(call)
    openlines.finish(call.portal, chat, session)
    return True


@method("imopenlines.bot.session.message.send", scope=_SCOPE, doc=_BOTS + "message-send.md",
        params="CHAT_ID NAME MESSAGE", upper=True)  # fmt: skip
def bot_message(call: Call) -> Json:
    """Say the line's greeting (WELCOME) or a text (DEFAULT) by itself."""
    chat, session = _named(call)
    greeting = line_of(call, session).settings["WELCOME_MESSAGE_TEXT"]
    text = greeting if call.text("NAME").upper() == "WELCOME" else call.text("MESSAGE")
    if text:
        chats.send(call.portal, chat, session.operator_id, text)
    return True
