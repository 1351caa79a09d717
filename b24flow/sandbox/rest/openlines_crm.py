"""Conversations of open lines by their CRM objects (imopenlines/openlines/{chats,messages}/**)."""

from __future__ import annotations

from b24flow.sandbox.model import bots, chats, openlines
from b24flow.sandbox.model.crm import items_of
from b24flow.sandbox.model.entities import Chat
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.openlines import DOC
from b24flow.sandbox.wire import Json, RestError

_CHATS = DOC + "chats/imopenlines-crm-chat-"
_SCOPE = "imopenlines"
_OWNER = "CRM_ENTITY_TYPE CRM_ENTITY"


def _argument(text: str) -> RestError:
    return RestError("ERROR_ARGUMENT", text)


def _need(call: Call, *names: str) -> None:
    for name in names:
        if not call.text(name):
            raise _argument(f"Argument '{name}' is null or empty")
    if not call.text("CRM_ENTITY").strip().isdigit():
        raise _argument("The value of an argument 'CRM_ENTITY' has an invalid type")


def _owner(call: Call) -> tuple[str, int]:
    return call.text("CRM_ENTITY_TYPE").upper(), call.number("CRM_ENTITY")


def _exists(call: Call) -> bool:
    kind, number = _owner(call)
    return kind in openlines.KINDS and number in items_of(call.portal, openlines.KINDS[kind])


def _denied(text: str) -> RestError:
    return RestError("ACCESS_DENIED", f"Access denied! {text}", 403)


@method("imopenlines.crm.chat.get", scope=_SCOPE, doc=_CHATS + "get.md",
        params=_OWNER + " ACTIVE_ONLY", upper=True)  # fmt: skip
def crm_chats(call: Call) -> Json:
    """List the chats of a CRM object, by default those that are open."""
    _need(call, "CRM_ENTITY_TYPE", "CRM_ENTITY")
    active = call.text("ACTIVE_ONLY").upper() != "N"
    found = [
        call.state.chats[one] for one in openlines.chats_of_crm(call.portal, *_owner(call), active=active)
    ]
    return [
        {
            "CHAT_ID": str(chat.id),
            "CONNECTOR_ID": _connector(chat),
            "CONNECTOR_TITLE": openlines.CONNECTORS.get(_connector(chat), _connector(chat)),
        }
        for chat in found
    ]


def _connector(chat: Chat) -> str:
    return chat.entity_id.partition("|")[0]


@method("imopenlines.crm.chat.getLastId", scope=_SCOPE, doc=_CHATS + "get-last-id.md", params=_OWNER,
        upper=True, reads=True)  # fmt: skip
def crm_last_chat(call: Call) -> Json:
    """Return the last chat of a CRM object."""
    if not call.text("CRM_ENTITY_TYPE") or not call.text("CRM_ENTITY"):
        raise RestError("CRM_CHAT_EMPTY_CRM_DATA", "Empty CRM data")
    _need(call)
    found = openlines.chats_of_crm(call.portal, *_owner(call))
    if not found:
        raise RestError("CRM_CHAT_EMPTY_CRM_DATA", "Could not find CRM object")
    return found[-1]


def _chat(call: Call) -> Chat | None:
    """Return the chat of CHAT_ID, which must be the object's, or the object's last one."""
    found = openlines.chats_of_crm(call.portal, *_owner(call))
    number = call.number("CHAT_ID")
    if number and number not in found:
        raise RestError("CHAT_NOT_IN_CRM", "Chat does not belong to the CRM object being checked")
    chosen = number or (found[-1] if found else 0)
    return call.state.chats.get(chosen)


def _active(call: Call) -> int:
    user = call.state.users.get(call.number("USER_ID"))
    if user is None or not user.active:
        raise RestError("CRM_CHAT_USER_NOT_ACTIVE", "User not active")
    return user.id


@method("imopenlines.crm.chat.user.add", scope=_SCOPE, doc=_CHATS + "user-add.md",
        params=_OWNER + " USER_ID CHAT_ID", upper=True)  # fmt: skip
def crm_user_add(call: Call) -> Json:
    """Bring a user into the chat of a CRM object; 0 when it has none."""
    _need(call, "CRM_ENTITY_TYPE", "CRM_ENTITY")
    if not call.text("USER_ID"):
        raise _argument("Argument 'Empty USER_ID' is null or empty")
    if not _exists(call):
        raise _denied("You don't have access to join user to chat")
    chat, user_id = _chat(call), _active(call)
    if chat is None:
        return 0
    if user_id in chat.members:
        raise RestError("WRONG_REQUEST", "You don't have access or user already member in chat")
    chat.members.append(user_id)
    bots.tell_joined(call.portal, chat, call.user, [user_id])
    return chat.id


@method("imopenlines.crm.chat.user.delete", scope=_SCOPE, doc=_CHATS + "user-delete.md",
        params=_OWNER + " USER_ID CHAT_ID", upper=True)  # fmt: skip
def crm_user_delete(call: Call) -> Json:
    """Take a user out of the chat of a CRM object; 0 when it has none."""
    if not call.text("CRM_ENTITY_TYPE") or not call.text("CRM_ENTITY"):
        raise RestError("CRM_CHAT_EMPTY_CRM_DATA", "Empty CRM data")
    if not call.text("USER_ID"):
        raise RestError("CRM_CHAT_EMPTY_USER", "Empty User ID")
    _need(call)
    if not _exists(call):
        raise _denied("You don't have access to join user to chat")
    chat, user_id = _chat(call), _active(call)
    if chat is None:
        return 0
    if user_id not in chat.members:
        raise RestError("WRONG_REQUEST", "You don't have access or user already not in chat")
    chat.members.remove(user_id)
    return chat.id


@method("imopenlines.crm.message.add", scope=_SCOPE,
        doc=DOC + "messages/imopenlines-crm-message-add.md",
        params=_OWNER + " USER_ID CHAT_ID MESSAGE", upper=True)  # fmt: skip
def crm_message_add(call: Call) -> Json:
    """Say something to a client as a member of his chat."""
    _need(call, "CRM_ENTITY_TYPE", "CRM_ENTITY", "USER_ID", "CHAT_ID", "MESSAGE")
    if not _exists(call):
        raise _denied("User don't have access to this entity")
    chat = _chat(call)
    if chat is None or call.number("USER_ID") not in chat.members:
        raise RestError("CANCELED", "You cannot send messages to the specified chat")
    return chats.send(call.portal, chat, call.number("USER_ID"), call.text("MESSAGE")).id
