"""What people do in the messenger and with the bell."""

from __future__ import annotations

from b24flow.sandbox.model import bots, chats, chats_files, chats_members, chats_messages, openlines
from b24flow.sandbox.model.entities import Chat, Employee, Message
from b24flow.sandbox.model.openlines_rows import LineSession
from b24flow.sandbox.model.openlines_said import session_of
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.acts import Act, Form, files_of, numbers_of, text_of
from b24flow.sandbox.page.session import RefusedError
from b24flow.sandbox.wire import as_int

LIKE = "like"


def _address(chat: Chat, user: Employee) -> str:
    return f"/online/?IM_DIALOG={chats.dialog_of(chat, user.id)}#last"


def _chat(portal: Portal, user: Employee, form: Form) -> Chat:
    chat = chats.find_chat(portal, str(form.get("dialog_id", "")), user.id)
    if chat is None or not chats.may_write(portal, chat, user):
        raise RefusedError("Этот чат вам недоступен")
    return chat


def _message(portal: Portal, user: Employee, form: Form) -> tuple[Message, Chat]:
    message = portal.state.messages.get(as_int(form.get("message_id")))
    if message is None or message.deleted:
        raise RefusedError("Сообщение не найдено", 404)
    chat = portal.state.chats[message.chat_id]
    if not chats.may_write(portal, chat, user):
        raise RefusedError("Этот чат вам недоступен")
    return message, chat


def _press(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`message_id`, `button`: the index or the exact text of a command button."""
    message, chat = _message(portal, user, form)
    wanted = str(form.get("button", ""))
    for index, button in enumerate(chats.buttons_of(message)):
        if button.get("COMMAND") and wanted in (str(index), str(button.get("TEXT"))):
            if not bots.press(portal, user, message, button):
                raise RefusedError("Бот не знает этой команды", 400)
            return _address(chat, user), {"message_id": message.id}
    raise RefusedError("В сообщении нет такой кнопки", 404)


def _write(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`dialog_id` (a user's or bot's id, or `chat{id}`), `text`, `file`; one of the two is enough."""
    chat, posted = _chat(portal, user, form), files_of(form)
    text = str(form.get("text", "")).strip()
    if not text and not posted:
        raise RefusedError("Напишите сообщение", 400)
    rows = [chats_files.add_file(portal, chat, user, name, content) for name, content in posted]
    message = chats.send(portal, chat, user.id, text, files=[row.id for row in rows])
    bots.announce(portal, user, chat, message)
    return _address(chat, user), {"message_id": message.id}


def _edit(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`message_id`, `text`."""
    message, chat = _own(portal, user, form)
    chats_messages.change(portal, user, message, {"text": text_of(form, "text", "Напишите сообщение")})
    return _address(chat, user), {"message_id": message.id}


def _delete(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`message_id`."""
    message, chat = _own(portal, user, form)
    chats_messages.delete(portal, user, message)
    return _address(chat, user), {"message_id": message.id}


def _own(portal: Portal, user: Employee, form: Form) -> tuple[Message, Chat]:
    message, chat = _message(portal, user, form)
    if message.author_id != user.id:
        raise RefusedError("Изменить или удалить можно только своё сообщение")
    return message, chat


def _like(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`message_id`: puts a like, or takes one's own back."""
    message, chat = _message(portal, user, form)
    put = user.id not in message.reactions.get(LIKE, [])
    chats_messages.react(portal, user, message, LIKE, put=put)
    return _address(chat, user), {"liked": put}


def _read(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`dialog_id`: everything in it was seen."""
    chat = _chat(portal, user, form)
    return _address(chat, user), {"read": len(chats.read(portal, chat, user.id))}


def _new(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`title`, `users[]`: a new group chat."""
    title = text_of(form, "title", "Назовите чат")
    chat = chats.add_chat(portal, "chat", title, [user.id], owner=user.id)
    chats_members.invite(portal, chat, user, numbers_of(form, "users"), hide_history=False)
    return _address(chat, user), {"dialog_id": f"chat{chat.id}"}


def _line(portal: Portal, user: Employee, form: Form) -> tuple[Chat, LineSession]:
    chat = chats.find_chat(portal, str(form.get("dialog_id", "")), user.id)
    session = session_of(portal, chat.id) if chat is not None else None
    if chat is None or session is None:
        raise RefusedError("Это не обращение открытой линии", 404)
    if not openlines.may_lead(portal, chat, user):
        raise RefusedError("Вести этот диалог могут операторы линии")
    if session.status == "closed":
        raise RefusedError("Диалог уже завершён", 400)
    return chat, session


def _line_answer(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`dialog_id`: take a conversation of an open line."""
    chat, session = _line(portal, user, form)
    openlines.answer(portal, chat, session, user)
    return _address(chat, user), {"session_id": session.id}


def _line_finish(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`dialog_id`: end a conversation of an open line."""
    chat, session = _line(portal, user, form)
    openlines.finish(portal, chat, session)
    return _address(chat, user), {"session_id": session.id}


def _notices_read(portal: Portal, user: Employee, _: Form) -> tuple[str, Form]:
    """Everything in the bell was seen."""
    fresh = [row for row in portal.state.notices.values() if row.to == user.id and not row.read]
    for row in fresh:
        row.read = True
    return "/notifications/", {"read": len(fresh)}


ACTS: dict[str, Act] = {
    "press": _press,
    "write": _write,
    "chat/new": _new,
    "chat/read": _read,
    "line/answer": _line_answer,
    "line/finish": _line_finish,
    "message/edit": _edit,
    "message/delete": _delete,
    "message/like": _like,
    "notices/read": _notices_read,
}
