"""Conversations as chat bots lead them (chat-bots-v2/imbot.v2/{chats,ui}/**)."""

from __future__ import annotations

from b24flow.sandbox.model import bots, chats, chats_members
from b24flow.sandbox.model.bots_show import chat_for, user_for
from b24flow.sandbox.model.entities import Bot, Chat
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.bots import BOT, DOC, bot_user, own_bot, own_chat
from b24flow.sandbox.wire import Json, RestError, as_int, as_list, is_yes, missing

_CHATS, _UI = DOC + "chats/", DOC + "ui/"
_FIELDS = frozenset(["title", "description", "color", "avatar", "userIds", "ownerId", "message"])
_DIALOG = BOT + " dialogId*"
_DONE = {"result": True}


def _denied() -> RestError:
    return RestError("ACCESS_DENIED", "Access denied")


def _group(call: Call, bot: Bot, role: str = "") -> Chat:
    """Return a group chat of the bot in which it has a role: `owner`, or `manager` and above."""
    chat = own_chat(call, bot)
    if chat.kind not in chats.GROUP_KINDS:
        raise _denied()
    if role == "owner" and chat.owner_id != bot.id:
        raise _denied()
    if role == "manager" and not chats.leads(chat, bot.id):
        raise _denied()
    return chat


@method("imbot.v2.Chat.add", scope="imbot", doc=_CHATS + "chat-add.md", params=BOT + " fields",
        partial="картинка чата не хранится")  # fmt: skip
def chat_add(call: Call) -> Json:
    """Create a group chat; the bot owns it unless another owner is named."""
    bot, fields = own_bot(call), call.optional_map("fields")
    call.note_unknown("unknown_field", fields, _FIELDS)
    owner = as_int(fields.get("ownerId")) or bot.id
    people = chats_members.present(call.portal, [as_int(one) for one in as_list(fields.get("userIds"))])
    members = chats_members.present(call.portal, [owner, bot.id, *people])
    if owner not in members:
        raise _denied()
    title = str(fields.get("title") or "") or ", ".join(map(call.portal.person_name, members))
    chat = chats.add_chat(call.portal, "chat", title, members, owner=owner)
    chat.description = str(fields.get("description") or "")
    chat.color = chats.color_of(str(fields.get("color") or "")) or chat.color
    if fields.get("message"):
        chats.send(call.portal, chat, bot.id, str(fields["message"]))
    others = [one for one in members if one != bot.id]
    bots.tell_joined(call.portal, chat, bot_user(call, bot), others)
    users = [user_for(call.portal, call.state.users[one]) for one in chat.members]
    return {"chat": chat_for(call.portal, chat, bot.id, new=True), "users": users}


@method("imbot.v2.Chat.get", scope="imbot", doc=_CHATS + "chat-get.md", params=_DIALOG)
def chat_get(call: Call) -> Json:
    """Return a chat the bot is in."""
    bot = own_bot(call)
    return {"chat": chat_for(call.portal, own_chat(call, bot), bot.id)}


@method("imbot.v2.Chat.update", scope="imbot", doc=_CHATS + "chat-update.md",
        params=_DIALOG + " fields*", partial="картинка чата не хранится")  # fmt: skip
def chat_update(call: Call) -> Json:
    """Change a chat's title, description and colour."""
    bot = own_bot(call)
    chat, fields = own_chat(call, bot), call.mapping("fields")
    call.note_unknown("unknown_field", fields, _FIELDS)
    chat.title = str(fields.get("title") or chat.title)
    chat.description = str(fields.get("description", chat.description) or "")
    chat.color = chats.color_of(str(fields.get("color") or "")) or chat.color
    return _DONE


@method("imbot.v2.Chat.leave", scope="imbot", doc=_CHATS + "chat-leave.md", params=_DIALOG)
def chat_leave(call: Call) -> Json:
    """Take the bot out of a group chat."""
    bot = own_bot(call)
    chats_members.expel(call.portal, _group(call, bot), bot_user(call, bot), bot.id)
    return _DONE


@method("imbot.v2.Chat.setOwner", scope="imbot", doc=_CHATS + "chat-set-owner.md",
        params=_DIALOG + " userId*")  # fmt: skip
def chat_set_owner(call: Call) -> Json:
    """Hand the chat over to another member; only its owner may."""
    bot = own_bot(call)
    chat, heir = _group(call, bot, "owner"), call.required_number("userId")
    if heir not in chat.members:
        raise _denied()
    chat.owner_id = heir
    return _DONE


def _user_ids(call: Call) -> list[int]:
    return [one for one in map(as_int, call.values("userIds")) if one > 0]


@method("imbot.v2.Chat.User.add", scope="imbot", doc=_CHATS + "chat-user-add.md",
        params=_DIALOG + " userIds*")  # fmt: skip
def chat_user_add(call: Call) -> Json:
    """Bring users into a chat; whoever does not exist or does not work is skipped."""
    bot = own_bot(call)
    chat = _group(call, bot, "manager")
    chats_members.invite(call.portal, chat, bot_user(call, bot), _user_ids(call))
    return _DONE


@method("imbot.v2.Chat.User.delete", scope="imbot", doc=_CHATS + "chat-user-delete.md",
        params=_DIALOG + " userId*")  # fmt: skip
def chat_user_delete(call: Call) -> Json:
    """Take a user out of a chat; who is not in it is no error."""
    bot = own_bot(call)
    chat, number = _group(call, bot, "manager"), call.required_number("userId")
    if number in chat.members:
        chats_members.expel(call.portal, chat, bot_user(call, bot), number)
    return _DONE


@method("imbot.v2.Chat.User.list", scope="imbot", doc=_CHATS + "chat-user-list.md",
        params=_DIALOG + " order limit",
        partial="сортировка по lastSendMessageId — по номеру пользователя")  # fmt: skip
def chat_user_list(call: Call) -> Json:
    """List the members of a chat."""
    bot = own_bot(call)
    chat, order = own_chat(call, bot), call.optional_map("order")
    down = any(str(way).upper() == "DESC" for way in order.values())
    limit = min(max(call.number("limit", 50) or 50, 1), 200)
    shown = sorted(chat.members, reverse=down) if order else list(chat.members)
    return [user_for(call.portal, user) for user in chats.people(call.portal, shown[:limit])]


@method("imbot.v2.Chat.Manager.add", scope="imbot", doc=_CHATS + "chat-manager-add.md",
        params=_DIALOG + " userIds")  # fmt: skip
def chat_manager_add(call: Call) -> Json:
    """Make members managers; whoever is not a member is skipped."""
    chat, named = _managing(call)
    chat.managers += [one for one in named if one in chat.members and one not in chat.managers]
    return _DONE


@method("imbot.v2.Chat.Manager.delete", scope="imbot", doc=_CHATS + "chat-manager-delete.md",
        params=_DIALOG + " userIds")  # fmt: skip
def chat_manager_delete(call: Call) -> Json:
    """Let managers be members again."""
    chat, named = _managing(call)
    chat.managers = [one for one in chat.managers if one not in named]
    return _DONE


def _managing(call: Call) -> tuple[Chat, list[int]]:
    bot = own_bot(call)
    named = _user_ids(call)
    if not named:
        raise RestError("EMPTY_USER_IDS", "Empty user IDs")
    return _group(call, bot, "owner"), named


@method("imbot.v2.Chat.InputAction.notify", scope="imbot", doc=_UI + "chat-input-action-notify.md",
        params=_DIALOG + " statusMessageCode duration", reads=True,
        partial="надпись «печатает» на странице портала не показывается")  # fmt: skip
def input_action(call: Call) -> Json:
    """Show that the bot is busy."""
    own_chat(call, own_bot(call))
    return _DONE


@method("imbot.v2.Chat.TextField.enabled", scope="imbot", doc=_UI + "chat-text-field-enabled.md",
        params=_DIALOG + " enabled")  # fmt: skip
def text_field(call: Call) -> Json:
    """Allow or forbid typing in a chat."""
    bot = own_bot(call)
    own_chat(call, bot).text_field = is_yes(call.params.get("enabled", True))
    return _DONE


@method("im.v2.Chat.Bot.sendContext", scope="im", doc=DOC + "bot-context.md",
        params="dialogId* context*")  # fmt: skip
def send_context(call: Call) -> Json:
    """Tell the bots of a dialogue what a person opened it with."""
    if not call.text("dialogId"):
        raise missing("dialogId")
    chat = chats.find_chat(call.portal, call.text("dialogId"), call.user.id)
    if chat is None or not chats.may_write(call.portal, chat, call.user):
        raise _denied()
    bots.tell_context(call.portal, call.user, chat, call.mapping("context"))
    return _DONE
