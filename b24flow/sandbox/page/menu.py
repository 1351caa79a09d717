"""The left menu: what an employee sees of the portal, with counters of what waits for him."""

from __future__ import annotations

from dataclasses import dataclass

from b24flow.sandbox.model import apps, placements
from b24flow.sandbox.model.entities import Employee, PlacementBinding
from b24flow.sandbox.model.openlines_rows import Line
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.task_marks import is_late


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the menu; a line without an address is a heading."""

    title: str
    address: str = ""
    count: int = 0
    on: bool = False


def menu_of(portal: Portal, me: Employee, here: str) -> list[Entry]:
    """Return the menu of an employee; `on` is the section of `here`, a path with its query."""
    rows = [
        ("Лента", "/stream/", 0),
        ("Мессенджер", "/online/", unread(portal, me)),
        ("Задачи", "/tasks/", late(portal, me)),
        ("Диск", "/docs/", 0),
        ("База знаний", "/knowledge/", 0),
        ("Группы", "/workgroups/", 0),
        ("Сотрудники", "/company/", 0),
        ("График отсутствий", "/timeman/", 0),
        ("CRM", "", 0),
        *((spa.title, f"/crm/type/{spa.entity_type_id}/list/", 0) for spa in portal.state.types.values()),
        ("Компании", "/crm/company/list/", 0),
        ("Контакты", "/crm/contact/list/", 0),
    ]
    rows += _applications(portal, me)
    rows += [("Ещё", "", 0), ("Разработчикам", "/devops/list/", 0)]  # webhooks are everybody's
    if me.admin:
        rows += [
            ("Администратору", "", 0),
            ("Исходящие письма", "/crm/mail/", 0),
            *(
                (f"Линия: {_line(row)}", f"/contact_center/{row.id}/", 0)
                for row in portal.state.lines.values()
            ),
        ]
    return [
        Entry(title=title, address=address, count=count, on=_is_on(address, here))
        for title, address, count in rows
    ]


def _line(row: Line) -> str:
    return str(row.settings.get("LINE_NAME") or row.id)


def _is_on(address: str, here: str) -> bool:
    path = here.partition("?")[0]
    if not address:
        return False
    if address.startswith("/marketplace/"):
        return address == here
    section = address.removesuffix("list/") if address.startswith("/crm/") else address
    return path.startswith(section) or (address == "/tasks/" and "/tasks/" in path)


def _applications(portal: Portal, me: Employee) -> list[tuple[str, str, int]]:
    opened = [app for app in portal.state.apps.values() if apps.may_open(app, me) and not app.api_only]
    rows = [
        (app.title or app.client_id, f"/marketplace/app/{app.id}/", 0)
        for app in opened
        if app.installed or me.admin
    ]
    rows += [
        (placements.title_of(portal, row), f"/marketplace/app/{row.app_id}/?placement={row.id}", 0)
        for row in bindings(portal, me, "LEFT_MENU")
    ]
    return [("Приложения", "", 0), *rows] if rows else []


def bindings(portal: Portal, me: Employee, *places: str) -> list[PlacementBinding]:
    """Return what applications have put into some places for an employee, in the places' order."""
    return [row for place in places for row in placements.shown(portal, me, place)]


def unread(portal: Portal, me: Employee) -> int:
    """Return how many messages an employee has not read."""
    return sum(unread_by_chat(portal, me).values())


def unread_by_chat(portal: Portal, me: Employee) -> dict[int, int]:
    """Return how many messages an employee has not read, by chat."""
    rows = {chat.id: chat.read.get(me.id, 0) for chat in portal.state.chats.values() if me.id in chat.members}
    found = dict.fromkeys(rows, 0)
    for message in portal.state.messages.values():
        last = rows.get(message.chat_id)
        if last is None or message.id <= last or message.deleted:
            continue
        found[message.chat_id] += message.system or message.author_id != me.id
    return found


def late(portal: Portal, me: Employee) -> int:
    """Return how many of an employee's own open tasks are past their deadline."""
    return sum(
        is_late(portal, task)
        for task in portal.state.tasks.values()
        if not task.deleted and me.id in (task.responsible_id, *task.accomplices)
    )
