"""Group chats and their members (api-reference/chats/{chat-update,chat-users}/**)."""

from __future__ import annotations

import base64
import binascii

from b24flow.sandbox.model import bots, chats, chats_members
from b24flow.sandbox.model.entities import Chat, StoredFile
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.im import DOC
from b24flow.sandbox.wire import Json, RestError, as_int, is_yes

_UPDATE, _USERS = DOC + "chat-update/", DOC + "chat-users/"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
_SYSTEM = ("SONET_GROUP", "TASKS", "TASKS_TASK")


def _unavailable(text: str = "Action unavailable") -> RestError:
    return RestError("ACCESS_ERROR", text, 403)


def chat_id_empty() -> RestError:
    """Build the refusal of an absent CHAT_ID."""
    return RestError("CHAT_ID_EMPTY", "Chat ID can't be empty")


def named_chat(call: Call) -> Chat:
    """Return the chat of CHAT_ID, or of DIALOG_ID of a group chat; the caller must be in it."""
    number = call.number("CHAT_ID")
    dialog = call.text("DIALOG_ID")
    if "CHAT_ID" not in call.params and dialog:
        if not dialog.startswith(("chat", "sg")):
            raise RestError("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
        chat = chats.find_chat(call.portal, dialog, call.user.id)
    elif number <= 0:
        raise chat_id_empty()
    else:
        chat = call.state.chats.get(number)
    if chat is None or not chats.may_write(call.portal, chat, call.user):
        raise _unavailable()
    return chat


def _group(call: Call, refusal: str) -> Chat:
    """Return a group chat that is managed by hand: not a dialogue, not a task's or a group's."""
    chat = named_chat(call)
    if chat.kind not in chats.GROUP_KINDS or chat.entity_type in _SYSTEM:
        raise _unavailable(refusal)
    return chat


@method("im.chat.add", scope="im", doc=DOC + "im-chat-add.md", upper=True,
        params="TYPE TITLE DESCRIPTION COLOR USERS MESSAGE AVATAR ENTITY_TYPE ENTITY_ID COPILOT_MAIN_ROLE",
        partial="роли CoPilot и чаты видеоконференций — обычные чаты")  # fmt: skip
def chat_add(call: Call) -> Json:
    """Create a group chat; the caller owns it. A repeat creates another one."""
    named = [as_int(one) for one in call.values("USERS")]
    members = chats_members.present(call.portal, [call.user.id, *named])
    kind = "open" if call.text("TYPE").upper() == "OPEN" else "chat"
    entity = (call.text("ENTITY_TYPE"), call.text("ENTITY_ID"))
    chat = chats.add_chat(call.portal, kind, call.text("TITLE"), members, entity)
    chat.color = chats.color_of(call.text("COLOR")) or chat.color
    chat.description = call.text("DESCRIPTION")
    if not chat.title:
        people = ", ".join(map(call.portal.person_name, members[1:]))
        chat.title = f"Чат с {people}" if people else f"Чат №{chat.id}"
    if call.text("AVATAR"):
        chat.avatar = _avatar(call)
    if call.text("MESSAGE"):
        message = chats.send(call.portal, chat, call.user.id, call.text("MESSAGE"))
        bots.announce(call.portal, call.user, chat, message)
    bots.tell_joined(call.portal, chat, call.user, members)
    return chat.id


def _avatar(call: Call) -> str:
    """Keep a picture and return its address."""
    try:
        content = base64.b64decode(call.text("AVATAR"), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content.startswith(_PICTURES):
        raise RestError("AVATAR_ERROR", "Avatar incorrect type")
    file = StoredFile(id=call.state.next_id("file", 30000), name="avatar", content=content)
    call.state.files[file.id] = file
    return f"{call.base_url}/disk/downloadFile/{file.id}/"


@method("im.chat.get", scope="im", doc=DOC + "im-chat-get.md", upper=True,
        params="ENTITY_TYPE ENTITY_ID")  # fmt: skip
def chat_get(call: Call) -> Json:
    """Find the chat of an outer object; null without one."""
    chat = chats.by_entity(call.portal, call.text("ENTITY_TYPE"), call.text("ENTITY_ID"))
    return {"ID": chat.id} if chat is not None else None


@method("im.chat.updateTitle", scope="im", doc=_UPDATE + "im-chat-update-title.md", upper=True,
        params="CHAT_ID DIALOG_ID TITLE")  # fmt: skip
def update_title(call: Call) -> Json:
    """Rename a chat."""
    chat, title = _group(call, "This chat cannot be renamed"), call.text("TITLE").strip()
    if not title:
        raise RestError("TITLE_EMPTY", "Title can't be empty")
    chat.title = title
    return True


@method("im.chat.updateColor", scope="im", doc=_UPDATE + "im-chat-update-color.md", upper=True,
        params="CHAT_ID DIALOG_ID COLOR")  # fmt: skip
def update_color(call: Call) -> Json:
    """Change a chat's colour."""
    chat, color = named_chat(call), chats.COLORS.get(call.text("COLOR"))
    if color is None:
        raise RestError("WRONG_COLOR", "This color currently unavailable")
    if chat.color == color:
        raise RestError("WRONG_REQUEST", "This color currently set or chat isn't exists")
    chat.color = color
    return True


@method("im.chat.updateAvatar", scope="im", doc=_UPDATE + "im-chat-update-avatar.md", upper=True,
        params="CHAT_ID DIALOG_ID AVATAR",
        partial="размеры картинки не проверяются")  # fmt: skip
def update_avatar(call: Call) -> Json:
    """Change a chat's picture."""
    chat = _group(call, "The avatar of this chat cannot be changed")
    chat.avatar = _avatar(call)
    return True


@method("im.chat.setOwner", scope="im", doc=_UPDATE + "im-chat-set-owner.md", upper=True,
        params="CHAT_ID DIALOG_ID USER_ID")  # fmt: skip
def set_owner(call: Call) -> Json:
    """Hand a chat over to another member; only its owner may."""
    chat, heir = _group(call, "Action unavailable"), call.number("USER_ID")
    if heir <= 0:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    if chat.owner_id != call.user.id or heir not in chat.members:
        text = "Change owner can only owner and user must be member in chat"
        raise RestError("WRONG_REQUEST", text)
    chat.owner_id = heir
    return True


@method("im.chat.user.add", scope="im", doc=_USERS + "im-chat-user-add.md", upper=True,
        params="CHAT_ID USERS HIDE_HISTORY")  # fmt: skip
def user_add(call: Call) -> Json:
    """Invite users; by default they do not see what was before them."""
    chat = _group(call, "It is forbidden to add users to this chat")
    named = [as_int(one) for one in call.values("USERS")]
    if not chats_members.present(call.portal, named):
        raise RestError("WRONG_REQUEST", "You don't have access or user already member in chat")
    hide = call.text("HIDE_HISTORY").upper() != "N"
    chats_members.invite(call.portal, chat, call.user, named, hide_history=hide)
    return True


@method("im.chat.user.delete", scope="im", doc=_USERS + "im-chat-user-delete.md", upper=True,
        params="CHAT_ID USER_ID")  # fmt: skip
def user_delete(call: Call) -> Json:
    """Exclude a member; the owner and managers may, never the owner himself."""
    chat, number = _group(call, "It is forbidden to delete users of this chat"), call.number("USER_ID")
    if number <= 0:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    if number not in chat.members:
        raise RestError("USER_NOT_FOUND", "The specified user is not in the chat")
    own = number == call.user.id
    if not own and (not chats.leads(chat, call.user.id) or number == chat.owner_id):
        text = "Insufficient rights to exclude participants from the chat"
        raise RestError("ACCESS_DENIED_KICK", text, 403)
    chats_members.expel(call.portal, chat, call.user, number)
    return True


@method("im.chat.leave", scope="im", doc=_USERS + "im-chat-leave.md", upper=True,
        params="CHAT_ID")  # fmt: skip
def chat_leave(call: Call) -> Json:
    """Leave a chat."""
    number = call.number("CHAT_ID")
    if number <= 0:
        raise chat_id_empty()
    chat = call.state.chats.get(number)
    if chat is not None and chat.kind in chats.GROUP_KINDS and call.user.id not in chat.members:
        raise RestError("ACCESS_DENIED_KICK", "Access denied to kick user from chat", 403)
    chat = _group(call, "It is forbidden to delete users of this chat")
    chats_members.expel(call.portal, chat, call.user, call.user.id)
    return True


@method("im.chat.user.list", scope="im", doc=_USERS + "im-chat-user-list.md", upper=True,
        params="CHAT_ID")  # fmt: skip
def user_list(call: Call) -> Json:
    """List the members' ids; empty for whoever may not see them."""
    number = call.number("CHAT_ID")
    if number <= 0:
        raise chat_id_empty()
    chat = call.state.chats.get(number)
    if chat is None:
        raise _unavailable()
    return list(chat.members) if chats.may_read(call.portal, chat, call.user) else []


@method("im.chat.mute", scope="im", doc=DOC + "special-operations/im-chat-mute.md", upper=True,
        params="CHAT_ID DIALOG_ID MUTE", reads=False)  # fmt: skip
def chat_mute(call: Call) -> Json:
    """Switch the caller's notifications about a chat off or on."""
    dialog = call.text("DIALOG_ID")
    if "CHAT_ID" not in call.params and dialog:
        chat = chats.find_chat(call.portal, dialog, call.user.id)
    elif call.number("CHAT_ID") <= 0:
        raise chat_id_empty()
    else:
        chat = call.state.chats.get(call.number("CHAT_ID"))
    if chat is None or not chats.may_write(call.portal, chat, call.user):
        raise _unavailable("This chat cannot be muted")
    mute = is_yes(call.params.get("MUTE", "Y"))
    chat.muted = [one for one in chat.muted if one != call.user.id] + [call.user.id] * mute
    return True
