"""Operators and sessions of open lines (imopenlines/openlines/{operators,sessions,messages}/**)."""

from __future__ import annotations

import re

from b24flow.sandbox.model import chats, openlines
from b24flow.sandbox.model.entities import Chat, Message
from b24flow.sandbox.model.openlines_rows import Line, LineSession, QuickAnswer
from b24flow.sandbox.model.openlines_said import session_of
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.openlines import DOC
from b24flow.sandbox.wire import Json, Params, RestError, as_int, is_yes

_OPERATORS, _SESSIONS = DOC + "operators/imopenlines-operator-", DOC + "sessions/imopenlines-"
_SCOPE = "imopenlines"
_BEST_VOTE = 5
Dialog = tuple[Chat, LineSession]


def _denied() -> RestError:
    text = "You cannot open this conversation as you do not have sufficient permissions"
    return RestError("ACCESS_DENIED", text)


def chat_id_empty() -> RestError:
    """Build the refusal of an absent CHAT_ID."""
    return RestError("CHAT_ID_EMPTY", "Chat ID can't be empty")


def dialog(call: Call) -> Dialog:
    """Return the line's chat of CHAT_ID and its session, or refuse as operators' methods do."""
    chat = call.state.chats.get(call.number("CHAT_ID"))
    if chat is None:
        raise RestError("CHAT_ID", "The specified chat identifier is incorrect")
    session = session_of(call.portal, chat.id)
    if chat.kind != "lines" or session is None:
        raise RestError("CHAT_TYPE", "The specified chat is not an open line")
    if not openlines.may_lead(call.portal, chat, call.user):
        raise _denied()
    return chat, session


def line_of(call: Call, session: LineSession) -> Line:
    """Return a session's line; a removed one leads nothing any more."""
    line = call.state.lines.get(session.line_id)
    if line is None:
        raise _denied()
    return line


def _open_dialog(call: Call) -> Dialog:
    """Return a dialogue that is still open."""
    chat, session = dialog(call)
    if session.status == "closed":
        raise _denied()
    return chat, session


@method("imopenlines.operator.answer", scope=_SCOPE, doc=_OPERATORS + "answer.md", params="CHAT_ID",
        upper=True)  # fmt: skip
def operator_answer(call: Call) -> Json:
    """Take a dialogue."""
    chat, session = _open_dialog(call)
    openlines.answer(call.portal, chat, session, call.user)
    return True


@method("imopenlines.operator.finish", scope=_SCOPE, doc=_OPERATORS + "finish.md", params="CHAT_ID",
        upper=True)  # fmt: skip
def operator_finish(call: Call) -> Json:
    """Close one's own dialogue."""
    chat, session = dialog(call)
    if session.operator_id and session.operator_id != call.user.id:
        raise _denied()
    openlines.finish(call.portal, chat, session)
    return True


@method("imopenlines.operator.another.finish", scope=_SCOPE, doc=_OPERATORS + "another-finish.md",
        params="CHAT_ID", upper=True)  # fmt: skip
def another_finish(call: Call) -> Json:
    """Close a dialogue whoever leads it."""
    openlines.finish(call.portal, *dialog(call))
    return True


@method("imopenlines.operator.spam", scope=_SCOPE, doc=_OPERATORS + "spam.md", params="CHAT_ID",
        upper=True)  # fmt: skip
def operator_spam(call: Call) -> Json:
    """Close a dialogue as spam."""
    chat, session = dialog(call)
    openlines.finish(call.portal, chat, session, spam=True)
    return True


@method("imopenlines.operator.skip", scope=_SCOPE, doc=_OPERATORS + "skip.md", params="CHAT_ID",
        upper=True)  # fmt: skip
def operator_skip(call: Call) -> Json:
    """Give a dialogue to the next operator of the queue."""
    chat, session = dialog(call)
    if session.status == "closed":
        text = "Insufficient permissions to remove participants from the chat"
        raise RestError("ACCESS_DENIED_KICK", text)
    openlines.queue_up(call.portal, line_of(call, session), chat, session)
    return True


def destination(call: Call) -> Params:
    """Return where a dialogue goes: `user` or `line`."""
    for name, key, text in (
        ("USER_ID", "user", "User ID can't be empty"),
        ("QUEUE_ID", "line", "QUEUE ID can't be empty"),
    ):
        if name in call.params:
            if call.number(name) <= 0:
                raise RestError(f"{name}_EMPTY", text)
            return {key: call.number(name)}
    match = re.fullmatch(r"(queue)?(\d+)", call.text("TRANSFER_ID"))
    if match is None:
        raise RestError("TRANSFER_ID_EMPTY", "Queue ID or User ID can't be empty")
    return {"line" if match[1] else "user": as_int(match[2])}


@method("imopenlines.operator.transfer", scope=_SCOPE, doc=_OPERATORS + "transfer.md",
        params="CHAT_ID TRANSFER_ID USER_ID QUEUE_ID", upper=True)  # fmt: skip
def operator_transfer(call: Call) -> Json:
    """Hand a dialogue to another operator or line."""
    if call.number("CHAT_ID") <= 0:
        raise chat_id_empty()
    to = destination(call)
    openlines.transfer(call.portal, *dialog(call), to)
    return True


@method("imopenlines.session.intercept", scope=_SCOPE, doc=_SESSIONS + "session-intercept.md",
        params="CHAT_ID", upper=True)  # fmt: skip
def session_intercept(call: Call) -> Json:
    """Take a dialogue over from its operator."""
    if call.number("CHAT_ID") <= 0:
        raise chat_id_empty()
    chat, session = dialog(call)
    if session.status == "closed" or session.operator_id == call.user.id:
        raise RestError("OPERATOR_WRONG", "You can not redirect to this operator")
    openlines.answer(call.portal, chat, session, call.user)
    return True


@method("imopenlines.session.join", scope=_SCOPE, doc=_SESSIONS + "session-join.md", params="CHAT_ID",
        upper=True)  # fmt: skip
def session_join(call: Call) -> Json:
    """Come into a dialogue beside its operator."""
    chat, _ = dialog(call)
    if call.user.id not in chat.members:
        chat.members.append(call.user.id)
    return True


def _restart(call: Call, chat: Chat, session: LineSession) -> LineSession:
    openlines.finish(call.portal, chat, session)
    client = call.state.line_clients[session.client_id]
    return openlines.begin(call.portal, line_of(call, session), client, chat, operator=call.user.id)


@method("imopenlines.session.start", scope=_SCOPE, doc=_SESSIONS + "session-start.md", params="CHAT_ID",
        upper=True)  # fmt: skip
def session_start(call: Call) -> Json:
    """Begin a new session in a chat, led by the caller."""
    _restart(call, *dialog(call))
    return True


@method("imopenlines.message.session.start", scope=_SCOPE, doc=_SESSIONS + "message-session-start.md",
        params="CHAT_ID MESSAGE_ID", upper=True)  # fmt: skip
def message_session_start(call: Call) -> Json:
    """Begin a new session with a message of the former ones."""
    chat, session = dialog(call)
    message = _message(call, chat)
    if message is None:
        raise _denied()
    fresh = _restart(call, chat, session)
    origin = {"id": message.id, "userId": message.author_id, "chatId": chat.id,
              "date": message.created.isoformat()}  # fmt: skip
    moved = chats.send(call.portal, chat, message.author_id, message.text, forward=origin)
    fresh.first = moved.id
    return True


def _message(call: Call, chat: Chat) -> Message | None:
    row = call.state.messages.get(call.number("MESSAGE_ID"))
    return None if row is None or row.deleted or row.chat_id != chat.id else row


@method("imopenlines.session.open", scope=_SCOPE, doc=_SESSIONS + "session-open.md", params="USER_CODE",
        upper=True, reads=True)  # fmt: skip
def session_open(call: Call) -> Json:
    """Return the chat of a user code."""
    chat = openlines.chat_by_code(call.portal, call.text("USER_CODE"))
    if chat is None or not openlines.may_lead(call.portal, chat, call.user):
        raise _denied()
    return {"chatId": str(chat.id)}


@method("imopenlines.session.mode.pin", scope=_SCOPE, doc=_SESSIONS + "session-mode-pin.md",
        params="CHAT_ID ACTIVATE", upper=True)  # fmt: skip
def mode_pin(call: Call) -> Json:
    """Pin a dialogue to the caller, or let it go."""
    if "CHAT_ID" not in call.params:
        raise chat_id_empty()
    chat, session = _open_dialog(call)
    put = is_yes(call.params.get("ACTIVATE", "Y"))
    if put and session.operator_id != call.user.id:
        openlines.answer(call.portal, chat, session, call.user)
    session.pinned = put
    openlines.describe(call.portal, chat, session)
    return True


def _pin_all(call: Call, *, put: bool) -> list[int]:
    found = [
        row
        for row in call.state.line_sessions.values()
        if row.operator_id == call.user.id and row.status != "closed" and row.pinned != put
    ]
    for row in found:
        row.pinned = put
        openlines.describe(call.portal, call.state.chats[row.chat_id], row)
    return sorted((row.id for row in found), reverse=True)


@method("imopenlines.session.mode.pinAll", scope=_SCOPE, doc=_SESSIONS + "session-mode-pin-all.md")
def mode_pin_all(call: Call) -> Json:
    """Pin the caller's open dialogues; return the sessions that were not pinned before."""
    return _pin_all(call, put=True)


@method("imopenlines.session.mode.unpinAll", scope=_SCOPE, doc=_SESSIONS + "session-mode-unpin-all.md")
def mode_unpin_all(call: Call) -> Json:
    """Let the caller's pinned dialogues go; return their sessions."""
    return _pin_all(call, put=False)


@method("imopenlines.session.mode.silent", scope=_SCOPE, doc=_SESSIONS + "session-mode-silent.md",
        params="CHAT_ID ACTIVATE", upper=True,
        partial="режим хранится; клиент видит и скрытые сообщения")  # fmt: skip
def mode_silent(call: Call) -> Json:
    """Switch the silent mode of a dialogue."""
    chat, session = dialog(call)
    session.silent = call.text("ACTIVATE").upper() == "Y"
    openlines.describe(call.portal, chat, session)
    return True


@method("imopenlines.session.head.vote", scope=_SCOPE, doc=_SESSIONS + "session-head-vote.md",
        params="SESSION_ID RATING COMMENT", upper=True)  # fmt: skip
def head_vote(call: Call) -> Json:
    """Rate an operator's work; administrators here are the managers who may."""
    if call.number("SESSION_ID") <= 0:
        raise RestError("EMPTY_SESSION_ID", "Session ID can't be empty")
    if not call.text("RATING") and not call.text("COMMENT"):
        text = "At least one of the parameters RATING or COMMENT must be specified"
        raise RestError("EMPTY_VOTE_PARAMS", text)
    session = call.state.line_sessions.get(call.number("SESSION_ID"))
    if session is None or not call.user.admin:
        raise _denied()
    if call.text("RATING"):
        session.vote = min(max(call.number("RATING"), 1), _BEST_VOTE)
    if call.text("COMMENT"):
        session.comment = call.text("COMMENT")
    return True


@method("imopenlines.message.quick.save", scope=_SCOPE,
        doc=DOC + "messages/imopenlines-message-quick-save.md", params="CHAT_ID MESSAGE_ID",
        upper=True)  # fmt: skip
def quick_save(call: Call) -> Json:
    """Keep a message as a quick answer."""
    chat, session = dialog(call)
    message = _message(call, chat)
    if message is None or not message.text:
        raise RestError("CANT_SAVE_QUICK_ANSWER", "Error saving quick answer")
    row = QuickAnswer(
        id=call.state.next_id("quick-answer"),
        line_id=session.line_id,
        message_id=message.id,
        text=message.text,
        author_id=call.user.id,
    )
    call.state.quick_answers[row.id] = row
    return True


@method("imopenlines.crm.lead.create", scope=_SCOPE, doc=_SESSIONS + "crm-lead-create.md",
        params="CHAT_ID", upper=True)  # fmt: skip
def lead_create(call: Call) -> Json:
    """Make a lead of a dialogue; only its operator may."""
    chat, session = dialog(call)
    if session.operator_id != call.user.id:
        text = "Attempt to save a CRM object by a user who is not an operator"
        raise RestError("ERROR_USER_NOT_OPERATOR", text)
    if not session.crm.get("LEAD"):
        line, client = line_of(call, session), call.state.line_clients[session.client_id]
        session.crm["LEAD"] = openlines.make_lead(call.portal, line, client, call.user)
    openlines.describe(call.portal, chat, session)
    return True
