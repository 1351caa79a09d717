"""What a message means for the open line it is said in: the session moves, handlers hear of it.

Facts: api-reference/imopenlines/openlines/events/**. The conversations call this for every message
of a line's chat, whoever sends it, so this module knows nothing of them.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model.entities import Chat, Message
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.openlines_rows import LineSession
from b24flow.sandbox.model.portal import Portal


def session_of(portal: Portal, chat_id: int) -> LineSession | None:
    """Return the latest session of a line's chat."""
    found = [row for row in portal.state.line_sessions.values() if row.chat_id == chat_id]
    return max(found, key=lambda row: row.id) if found else None


def connector_of(portal: Portal, session: LineSession) -> dict[str, Any]:
    """Return the client's side of a session as events tell it."""
    client = portal.state.line_clients[session.client_id]
    return {
        "connector_id": client.connector,
        "line_id": session.line_id,
        "chat_id": client.outer_chat,
        "user_id": client.id,
    }


def said(portal: Portal, chat: Chat, message: Message) -> None:
    """Note a message of a line's chat; an operator's word answers a new session."""
    session = session_of(portal, chat.id)
    if session is None or session.status == "closed":
        return
    session.last = message.id
    if message.system:
        return
    if message.author_id == session.operator_id and session.status == "new":
        session.status = "answered"
    shown = {
        "connector": connector_of(portal, session),
        "chat": {"id": chat.id},
        "message": {
            "id": message.id,
            "date": iso(message.created),
            "text": message.text,
            "files": [],
            "attach": "",
            "system": "N",
            "user_id": message.author_id,
        },
        "ref": [],
        "extra": {"EXTRA_URL": ""},
    }
    raise_event(portal, "ONOPENLINEMESSAGEADD", {"DATA": [shown]}, user_id=_who(portal, message.author_id))


def changed(portal: Portal, chat: Chat, message: Message, event: str) -> None:
    """Raise the event of a changed (`…UPDATE`) or deleted (`…DELETE`) message of a line's chat."""
    session = session_of(portal, chat.id)
    if session is None:
        return
    client = portal.state.line_clients[session.client_id]
    shown = {
        "im": {"chat_id": chat.id, "message_id": message.id},
        "message": {"id": message.id},
        "chat": {"id": client.outer_chat},
    }
    data = {"CONNECTOR": client.connector, "LINE": session.line_id, "DATA": [shown]}
    raise_event(portal, event, data, user_id=_who(portal, message.author_id))


def tell_session(portal: Portal, session: LineSession, event: str, close_term: int) -> None:
    """Raise the event of a session that began or ended; the term is in minutes."""
    shown = {
        "connector": connector_of(portal, session),
        "session": {
            "id": session.id,
            "closed": "Y" if session.status == "closed" else "N",
            "parent_id": session.parent_id,
            "close_term": close_term,
        },
        "chat": {"id": session.chat_id},
        "user": {"id": session.client_id},
    }
    raise_event(portal, event, {"DATA": [shown]}, user_id=_who(portal, session.operator_id))


def _who(portal: Portal, user_id: int) -> int | None:
    return user_id if portal.active_user(user_id) else None
