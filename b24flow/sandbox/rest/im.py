"""The messenger of people (api-reference/chats/**)."""

from __future__ import annotations

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model import chats
from b24flow.sandbox.model.entities import Chat, Message, Notice
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.users import im_user
from b24flow.sandbox.wire import Json, Params, RestError, is_yes

_DOC = "api-reference/chats/"


def _chat(call: Call) -> Chat:
    dialog = call.text("DIALOG_ID")
    if not dialog:
        raise RestError("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
    chat = chats.find_chat(call.portal, dialog, call.user.id)
    if chat is None or not chats.may_write(call.portal, chat, call.user):
        raise RestError("ACCESS_ERROR", "Action unavailable")
    return chat


@method("im.message.add", scope="im", doc=_DOC + "messages/im-message-add.md", upper=True,
        params="DIALOG_ID MESSAGE ATTACH KEYBOARD MENU SYSTEM URL_PREVIEW REPLY_ID TEMPLATE_ID "
        "FROM_USER_ID TO_USER_ID")  # fmt: skip
def message_add(call: Call) -> Json:
    """Send a message as the webhook's owner; a repeated TEMPLATE_ID returns the first id."""
    chat = _chat(call)
    text, attach = call.text("MESSAGE"), call.params.get("ATTACH")
    if not text and not attach:
        raise RestError("MESSAGE_EMPTY", "Message can't be empty")
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
    )
    if len(call.state.messages) > known and not message.system:
        chats.announce(call.portal, call.user, chat, message)
    return message.id


@method("im.dialog.messages.get", scope="im", doc=_DOC + "messages/im-dialog-messages-get.md",
        upper=True, params="DIALOG_ID LAST_ID FIRST_ID LIMIT")  # fmt: skip
def dialog_messages(call: Call) -> Json:
    """Return messages newest first; with FIRST_ID those after it, oldest first."""
    chat = _chat(call)
    rows = chats.messages_of(call.portal, chat)
    limit = min(call.number("LIMIT", 20) or 20, 50)
    if call.params.get("FIRST_ID") not in (None, ""):
        rows = [row for row in rows if row.id > call.number("FIRST_ID")][:limit]
    else:
        last = call.number("LAST_ID")
        rows = [row for row in rows if not last or row.id < last][::-1][:limit]
    authors = {row.author_id for row in rows if row.author_id}
    users = [im_user(call.state.users[number]) for number in sorted(authors)]
    return {
        "chat_id": chat.id,
        "messages": [_show(row) for row in rows],
        "users": users,
        "files": [],
    }


def _show(row: Message) -> Params:
    params: Params = {}
    if row.keyboard is not None:
        params["KEYBOARD"] = row.keyboard
    if row.attach is not None:
        params["ATTACH"] = row.attach
    return {
        "id": row.id,
        "chat_id": row.chat_id,
        "author_id": 0 if row.system else row.author_id,
        "date": iso(row.created),
        "text": row.text,
        "unread": False,
        "uuid": row.uuid or None,
        "replaces": [],
        "params": params,
        "disappearing_date": None,
    }


@method("im.user.get", scope="im", doc=_DOC + "users/im-user-get.md", upper=True,
        params="ID AVATAR_HR")  # fmt: skip
def user_get(call: Call) -> Json:
    """Return a user with the end of his present absence."""
    user = call.portal.user(call.number("ID") or call.user.id)
    if user is None:
        raise RestError("USER_NOT_EXISTS", "User does not exist or access denied")
    today = call.portal.clock.now().date()
    away = [
        row.last for row in call.state.absences if row.user_id == user.id and row.first <= today <= row.last
    ]
    return im_user(user, f"{max(away).isoformat()}T23:59:59+03:00" if away else False)


_NOTIFY = "USER_ID MESSAGE MESSAGE_OUT TAG SUB_TAG ATTACH CLIENT_ID"


def _notify(call: Call, author: int) -> Json:
    if call.portal.user(call.number("USER_ID")) is None:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    if not call.text("MESSAGE"):
        raise RestError("MESSAGE_EMPTY", "Message can't be empty")
    for name in ("TAG", "SUB_TAG"):
        if name in call.params:
            call.note("ignored_value", name)  # the box keeps tags for applications only
    notice = Notice(
        id=call.state.next_id("notice", 101),
        to=call.number("USER_ID"),
        author_id=author,
        created=call.portal.clock.now(),
        text=call.text("MESSAGE"),
    )
    call.state.notices[notice.id] = notice
    return notice.id


@method("im.notify.personal.add", scope="im", doc=_DOC + "notifications/im-notify-personal-add.md",
        upper=True, params=_NOTIFY)  # fmt: skip
def notify_personal(call: Call) -> Json:
    """Notify from the webhook's owner."""
    return _notify(call, call.user.id)


@method("im.notify.system.add", scope="im", doc=_DOC + "notifications/im-notify-system-add.md",
        upper=True, params=_NOTIFY)  # fmt: skip
def notify_system(call: Call) -> Json:
    """Notify from the system."""
    return _notify(call, 0)
