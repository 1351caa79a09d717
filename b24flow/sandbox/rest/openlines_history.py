"""What was said in open lines (imopenlines/openlines/sessions/{dialog-get,session-history-get}.md)."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model import chats, openlines
from b24flow.sandbox.model.bots_show import show_chat
from b24flow.sandbox.model.chats_show import dialog_for, params_of, user_for
from b24flow.sandbox.model.entities import Chat, Employee, Message
from b24flow.sandbox.model.openlines_rows import LineSession
from b24flow.sandbox.model.openlines_said import session_of
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.im_dialogs import files_of
from b24flow.sandbox.rest.openlines import DOC
from b24flow.sandbox.wire import Json, Params, RestError

_SESSIONS = DOC + "sessions/imopenlines-"
_SCOPE = "imopenlines"


def _found(call: Call) -> Chat | None:
    """Return the line's chat that any one of the four parameters names."""
    dialog = call.text("DIALOG_ID").removeprefix("chat")
    if call.number("CHAT_ID"):
        return call.state.chats.get(call.number("CHAT_ID"))
    if dialog.isdigit():
        return call.state.chats.get(int(dialog))
    session = call.state.line_sessions.get(call.number("SESSION_ID"))
    if session is not None:
        return call.state.chats.get(session.chat_id)
    return openlines.chat_by_code(call.portal, call.text("USER_CODE"))


@method("imopenlines.dialog.get", scope=_SCOPE, doc=_SESSIONS + "dialog-get.md",
        params="CHAT_ID DIALOG_ID SESSION_ID USER_CODE", upper=True)  # fmt: skip
def dialog_get(call: Call) -> Json:
    """Return a line's chat; the session's id is the sixth part of `entity_data_1`."""
    chat = _found(call)
    if chat is None or chat.kind != "lines" or not openlines.may_lead(call.portal, chat, call.user):
        raise RestError("ACCESS_ERROR", "You do not have access to the specified dialog")
    return dialog_for(call.portal, chat, call.user.id)


def _session(call: Call) -> LineSession:
    if not call.number("SESSION_ID") and not call.number("CHAT_ID"):
        raise RestError("MISSING_REQUIRED_PARAM", "Session ID or Chat ID must be provided")
    if call.number("SESSION_ID"):
        session = call.state.line_sessions.get(call.number("SESSION_ID"))
    else:
        session = session_of(call.portal, call.number("CHAT_ID"))
        if session is None:
            text = "Unable to determine session ID from provided parameters"
            raise RestError("INVALID_SESSION_ID", text)
    chat = call.state.chats.get(session.chat_id) if session else None
    if session is None or chat is None or not openlines.may_lead(call.portal, chat, call.user):
        text = "You cannot open this conversation as you do not have sufficient rights"
        raise RestError("ACCESS_DENIED", text)
    return session


@method("imopenlines.session.history.get", scope=_SCOPE, doc=_SESSIONS + "session-history-get.md",
        params="SESSION_ID CHAT_ID", upper=True)  # fmt: skip
def history_get(call: Call) -> Json:
    """Return the messages of one session by their ids, in lower-case keys."""
    session = _session(call)
    chat = call.state.chats[session.chat_id]
    rows = _messages(call, chat, session)[::-1]
    numbers = dict.fromkeys([*chat.members, *(row.author_id for row in rows if not row.system)])
    people = chats.people(call.portal, list(numbers))
    staff = [one for one in people if one.departments]
    groups = dict.fromkeys(number for one in staff for number in one.departments)
    key, line = str(chat.id), str(session.line_id)
    blocked = {str(one): False for one in chat.members}
    files = files_of(call, chat, rows)
    return {
        "chatId": chat.id,
        "canJoin": "N" if call.user.id in chat.members or session.status == "closed" else "Y",
        "canVoteHead": "Y" if call.user.admin else "N",
        "sessionId": session.id,
        "sessionVoteHead": session.vote,
        "sessionCommentHead": session.comment,
        "userId": f"chat{key}",
        "message": {str(row.id): _message(chat, row) for row in rows},
        "usersMessage": {f"chat{key}": [str(row.id) for row in rows]},
        "users": {str(one.id): _user(call, one) for one in people},
        "openlines": {"canvoteashead": {line: call.user.admin}},
        "userInGroup": {
            str(number): {"id": number, "users": [str(one.id) for one in staff if number in one.departments]}
            for number in groups
        },
        "woUserInGroup": [],
        "chat": {key: _chat(call, chat)},
        "userBlockChat": {key: blocked},
        "userInChat": {key: list(chat.members)},
        "files": {str(row["id"]): {name.lower(): value for name, value in row.items()} for row in files},
    }


def _messages(call: Call, chat: Chat, session: LineSession) -> list[Message]:
    """Return what was said in one session: from its first message to the next session's."""
    later = [row for row in call.state.line_sessions.values()
             if row.chat_id == chat.id and row.id > session.id and row.first]  # fmt: skip
    end = min((row.first for row in later), default=None)
    rows = chats.messages_of(call.portal, chat)
    return [row for row in rows if row.id >= session.first and (end is None or row.id < end)]


def _message(chat: Chat, row: Message) -> Params:
    params: dict[str, Any] = {_lower(name): value for name, value in params_of(row).items()}
    return {
        "id": str(row.id),
        "chatid": str(chat.id),
        "senderid": "0" if row.system else str(row.author_id),
        "recipientid": f"chat{chat.id}",
        "date": iso(row.created),
        "text": row.text,
        "textlegacy": row.text.replace("\n", "<br />"),
        "params": params,
    }


def _lower(name: str) -> str:
    head, *tail = name.lower().split("_")
    return head + "".join(part.title() for part in tail)


def _user(call: Call, user: Employee) -> Params:
    outer = user.id in call.state.line_clients
    shown = {_lower(name): value for name, value in user_for(call.portal, user).items()}
    for name in ("avatarHr", "website", "email"):
        del shown[name]
    return shown | {
        "id": str(user.id),
        "avatarId": None,
        "phoneDevice": False,
        "connector": outer,
        "profile": f"/company/personal/user/{user.id}/",
        "workPosition": user.position or None,
        "services": None,
    }


def _chat(call: Call, chat: Chat) -> Params:
    shown = show_chat(call.portal, chat, call.user.id)
    for name in ("dialogId", "containsCollaber", "diskFolderId", "description"):
        del shown[name]
    return shown | {
        "id": str(chat.id),
        "owner": str(chat.owner_id),
        "parentChatId": 0,
        "parentMessageId": 0,
        "call": "0",
        "callNumber": "",
        "messageCount": len(chats.messages_of(call.portal, chat)),
        "public": "",
        "muteList": {str(one): one in chat.muted for one in chat.members},
        "managerList": [chat.owner_id] if chat.owner_id else [],
        "dateCreate": iso(chat.created),
        "textFieldEnabled": chat.text_field,
    }
