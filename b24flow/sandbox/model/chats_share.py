"""What is made of a message: a chat or a task (api-reference/chats/messages/im-message-share.md)."""

from __future__ import annotations

from collections.abc import Callable

from b24flow.sandbox.model import chats, tasks
from b24flow.sandbox.model.entities import Chat, Employee, Message
from b24flow.sandbox.model.portal import Portal

Maker = Callable[[Portal, Employee, Chat, Message], None]
_TITLE = 100  # characters


def _title(message: Message) -> str:
    first = message.text.strip().splitlines()
    return first[0][:_TITLE] if first else f"Сообщение {message.id}"


def _chat(portal: Portal, user: Employee, chat: Chat, message: Message) -> None:
    people = [user.id, *(one for one in chat.members if one != user.id)]
    made = chats.add_chat(portal, "chat", _title(message), people, owner=user.id)
    chats.send(portal, made, user.id, message.text, attach=message.attach)
    _tell(portal, user, chat, f"Создан чат «{made.title}»: [CHAT={made.id}]{made.title}[/CHAT]")


def _task(portal: Portal, user: Employee, chat: Chat, message: Message) -> None:
    others = [one for one in chat.members if one != user.id and portal.active_user(one)]
    fields = {
        "TITLE": _title(message),
        "DESCRIPTION": message.text,
        "CREATED_BY": user.id,
        "RESPONSIBLE_ID": user.id,
        "AUDITORS": others,
    }
    task = tasks.create(portal, user, fields, [])
    address = f"/company/personal/user/{user.id}/tasks/task/view/{task.id}/"
    _tell(portal, user, chat, f"Создана задача [URL={address}]{task.title}[/URL]")


def _tell(portal: Portal, user: Employee, chat: Chat, text: str) -> None:
    chats.send(portal, chat, user.id, text, system=True)


MAKERS: dict[str, Maker] = {"CHAT": _chat, "TASK": _task}
