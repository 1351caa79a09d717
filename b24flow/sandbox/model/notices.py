"""Notifications of the bell.

Facts: api-reference/chats/notifications/**. A new notification of an application takes the place
of those with the same tag; a webhook's notification has no tag, whatever it gives (the box keeps
tags for applications only, contrary to the documentation).
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model.entities import Notice
from b24flow.sandbox.model.portal import Portal

TYPE_FROM, TYPE_SYSTEM = 2, 4
SCHEMA: dict[str, tuple[str, dict[str, str]]] = {
    "im": ("Чат и звонки", {"message": "Личное сообщение", "chat": "Сообщение в чате"}),
    "rest": ("Приложения", {"rest_notify": "Уведомления приложений"}),
    "tasks": ("Задачи", {"task_update": "Изменение задачи", "task_assigned": "Назначение задачи"}),
}


def notify(portal: Portal, to: int, author_id: int, text: str, **extra: Any) -> Notice:
    """Put a notification into a user's bell; `extra` are further fields of the row."""
    if to not in portal.state.notice_chats:
        portal.state.notice_chats[to] = portal.state.next_id("chat", 5)
    tag = extra.get("tag", "")
    if tag:
        same = [row.id for row in portal.state.notices.values() if (row.to, row.tag) == (to, tag)]
        for number in same:
            del portal.state.notices[number]
    notice = Notice(
        id=portal.state.next_id("notice", 101),
        to=to,
        author_id=author_id,
        created=portal.clock.now(),
        text=text,
        **extra,
    )
    portal.state.notices[notice.id] = notice
    return notice


def of_user(portal: Portal, user_id: int) -> list[Notice]:
    """Return a user's notifications, newest first."""
    rows = [row for row in portal.state.notices.values() if row.to == user_id]
    return sorted(rows, key=lambda row: (row.created, row.id), reverse=True)


def unread(portal: Portal, user_id: int) -> int:
    """Return how many notifications a user has not read."""
    return sum(not row.read for row in of_user(portal, user_id))


def drop_tagged(portal: Portal, *, tag: str = "", sub_tag: str = "") -> None:
    """Remove the notifications with a tag or a further tag."""
    rows = portal.state.notices
    for row in list(rows.values()):
        if (tag and row.tag == tag) or (sub_tag and row.sub_tag == sub_tag):
            del rows[row.id]


def show(portal: Portal, row: Notice) -> dict[str, Any]:
    """Return a notification as the lists do."""
    return {
        "id": row.id,
        "chat_id": portal.state.notice_chats.get(row.to, 0),
        "author_id": row.author_id,
        "date": iso(row.created),
        "notify_type": TYPE_FROM if row.author_id else TYPE_SYSTEM,
        "notify_module": row.module,
        "notify_event": row.event,
        "notify_tag": row.tag,
        "notify_sub_tag": row.sub_tag,
        "notify_title": "",
        "setting_name": f"{row.module}|{row.event}",
        "text": row.text,
        "notify_read": "Y" if row.read else "N",
        "params": {"ATTACH": row.attach} if row.attach else None,
    }
