"""Pages of tasks, conversations, drives and employees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from b24flow.sandbox.model import chats
from b24flow.sandbox.model import disk as drives
from b24flow.sandbox.model import tasks as model
from b24flow.sandbox.model.entities import Chat, DiskObject, Employee, Message, Task, TaskChange
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.session import RefusedError, employee_of, render, show_moment
from b24flow.sandbox.wire import as_list, as_map

_COLORS = {
    "primary": "primary",
    "secondary": "secondary",
    "alert": "alert",
    "base": "base",
}


def start(portal: Portal) -> Callable[[Request], Response]:
    """Show the choice of an employee."""

    def endpoint(request: Request) -> Response:
        with portal.lock:
            me = employee_of(portal, request)
            return render(portal, request, "choose.html", back="/online/" if me is None else "/")

    return endpoint


def tasks(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the employee's tasks: to do, set by him, watched, closed."""
    rows = [t for t in portal.state.tasks.values() if not t.deleted and me.id in model.members(t)]
    role = request.query_params.get("role", "doing")
    opened = [t for t in rows if t.status not in (model.COMPLETED,)]
    groups = {
        "doing": [t for t in opened if me.id in (t.responsible_id, *t.accomplices)],
        "set": [t for t in opened if t.created_by == me.id],
        "watch": [t for t in opened if me.id in t.auditors],
        "closed": [t for t in rows if t.status == model.COMPLETED],
    }
    shown = sorted(
        groups.get(role, groups["doing"]),
        key=lambda t: (t.deadline is None, t.deadline or t.created, t.id),
    )
    return render(
        portal,
        request,
        "tasks.html",
        rows=shown,
        role=role,
        counts={name: len(group) for name, group in groups.items()},
        statuses=model.STATUS_NAMES,
        late=lambda t: is_late(portal, t),
    )


def is_late(portal: Portal, task: Task) -> bool:
    """Say whether an open task is past its deadline."""
    opened = task.status in (model.PENDING, model.IN_PROGRESS, model.DEFERRED)
    return opened and task.deadline is not None and task.deadline < portal.clock.now()


def task(portal: Portal, request: Request, me: Employee) -> Response:
    """Show one task with what the employee may do about it."""
    row = model.find(portal, me, int(request.path_params["task"]))
    if row is None:
        raise RefusedError("Задача не найдена или доступ закрыт", 404)
    attached = [portal.state.attached[one] for one in row.attachments]
    chat_row = portal.state.chats.get(row.chat_id)
    return render(
        portal,
        request,
        "task.html",
        task=row,
        statuses=model.STATUS_NAMES,
        actions=model.allowed_actions(portal, me, row),
        late=is_late(portal, row),
        results=model.results_of(portal, row),
        needs_result=row.parameters.get(model.RESULT_REQUIRED) == "Y",
        attached=[(one, portal.state.objects[one.object_id]) for one in attached],
        bound=_bound(portal, row),
        history=_history(portal, row),
        messages=chats.messages_of(portal, chat_row) if chat_row else [],
    )


_CHANGES = {
    "NEW": "Задача поставлена",
    "STATUS": "Статус",
    "DEADLINE": "Крайний срок",
    "RESPONSIBLE_ID": "Исполнитель",
    "CREATED_BY": "Постановщик",
    "TITLE": "Название",
    "DESCRIPTION": "Описание",
    "FILES": "Файлы",
    "ACCOMPLICES": "Соисполнители",
    "AUDITORS": "Наблюдатели",
}


def _history(portal: Portal, row: Task) -> list[dict[str, Any]]:
    changes = [c for c in portal.state.task_changes if c.task_id == row.id]
    return [
        {"at": c.created, "who": portal.person_name(c.user_id), "text": _change_text(portal, c)}
        for c in reversed(changes)
    ]


def _change_text(portal: Portal, change: TaskChange) -> str:
    name = _CHANGES.get(change.field, change.field)
    if change.field in ("NEW", "DESCRIPTION", "FILES") or (change.old or change.new) is None:
        return name
    old, new = (_change_value(portal, change.field, value) for value in (change.old, change.new))
    return f"{name}: {old} → {new}"


def _change_value(portal: Portal, name: str, value: str | None) -> str:
    if not value:
        return "—"
    if name == "STATUS":
        return model.STATUS_NAMES.get(int(value), value)
    if name == "DEADLINE":
        return show_moment(datetime.fromtimestamp(int(value), portal.clock.zone))
    if name in ("RESPONSIBLE_ID", "CREATED_BY", "ACCOMPLICES", "AUDITORS"):
        return ", ".join(portal.person_name(int(one)) for one in value.split(","))
    return value


def _bound(portal: Portal, row: Task) -> list[tuple[str, str]]:
    found = []
    for code in row.crm:
        head, _, number = code.partition("_")
        if head.startswith("T") and number.isdigit():
            entity = int(head[1:], 16)
            item = portal.state.items.get(entity, {}).get(int(number))
            if item is not None:
                found.append((f"/crm/type/{entity}/details/{number}/", item.values["title"]))
    return found


def chat(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the conversations, the chosen one open, and the notifications."""
    dialog = request.query_params.get("IM_DIALOG", "")
    opened = _opened(portal, me, dialog) if dialog else None
    messages = chats.messages_of(portal, opened) if opened else []
    notices = [n for n in portal.state.notices.values() if n.to == me.id]
    return render(
        portal,
        request,
        "chat.html",
        dialogs=_dialogs(portal, me),
        dialog=dialog,
        opened=opened,
        title=_title(portal, opened, me) if opened else "",
        messages=[_shown(portal, row, me) for row in messages[-100:]],
        notices=notices[::-1],
    )


def _opened(portal: Portal, me: Employee, dialog: str) -> Chat:
    with portal.deed("dialog", {"dialog": dialog, "user": me.id}, reading=True):
        found = chats.find_chat(portal, dialog, me.id)
    if found is None or not chats.may_write(portal, found, me):
        raise RefusedError("Этот чат вам недоступен")
    return found


def _title(portal: Portal, row: Chat, me: Employee) -> str:
    if row.kind != "private":
        return row.title
    return portal.person_name(int(chats.dialog_of(row, me.id)))


def _dialogs(portal: Portal, me: Employee) -> list[dict[str, Any]]:
    rows = []
    known = set()
    for row in portal.state.chats.values():
        if me.id not in row.members:
            continue
        dialog = chats.dialog_of(row, me.id)
        known.add(dialog)
        messages = chats.messages_of(portal, row)
        if messages:
            last = messages[-1]
            rows.append(_dialog(dialog, _title(portal, row, me), row.kind, last))
    rows.sort(key=lambda entry: -entry["order"])
    silent = [bot for bot in portal.state.bots if str(bot) not in {r["dialog"] for r in rows}]
    return [
        *rows,
        *(_dialog(str(bot), portal.person_name(bot), "private", None) for bot in silent),
    ]


def _dialog(dialog: str, title: str, kind: str, last: Message | None) -> dict[str, Any]:
    return {
        "dialog": dialog,
        "title": title,
        "kind": kind,
        "last": last.text if last else "",
        "at": last.created if last else None,
        "order": last.id if last else 0,
    }


def _shown(portal: Portal, row: Message, me: Employee) -> dict[str, Any]:
    buttons = [
        {
            "index": index,
            "text": str(button.get("TEXT", "")),
            "newline": button.get("TYPE") == "NEWLINE",
            "link": _safe_link(button.get("LINK")),
            "command": button.get("COMMAND"),
            "color": _COLORS.get(str(button.get("BG_COLOR_TOKEN", "base")), "base"),
            "wide": button.get("DISPLAY") == "BLOCK",
        }
        for index, button in enumerate(chats.buttons_of(row))
    ]
    blocks = any(b.get("BLOCK") == "Y" for b in chats.buttons_of(row))
    return {
        "row": row,
        "mine": row.author_id == me.id,
        "system": row.system,
        "buttons": buttons,
        "blocked": blocks and me.id in row.pressed_by,
        "attach": _attach(row.attach),
    }


def _safe_link(link: Any) -> str:
    text = str(link or "")
    return text if text.startswith(("http://", "https://", "/")) else ""


def _attach(attach: Any) -> list[dict[str, Any]]:
    """Return the blocks of an attachment in either of its forms, grids as pairs."""
    source = attach.get("BLOCKS") if isinstance(attach, dict) and "BLOCKS" in attach else attach
    blocks = []
    for block in map(as_map, as_list(source)):
        grid = [
            (str(cell.get("NAME", "")), str(cell.get("VALUE", "")))
            for cell in map(as_map, as_list(block.get("GRID")))
        ]
        link = as_map(block.get("LINK"))
        blocks.append(
            {
                "message": str(block.get("MESSAGE", "")),
                "grid": grid,
                "link": _safe_link(link.get("LINK")),
                "link_name": str(link.get("NAME") or link.get("LINK") or ""),
                "line": "DELIMITER" in block,
            }
        )
    return blocks


def disk(portal: Portal, request: Request, me: Employee) -> Response:
    """Show a folder, or the common drive's root."""
    number = request.path_params.get("object")
    common = next(s for s in portal.state.storages.values() if s.entity_type == "common")
    row = portal.state.objects.get(int(number) if number is not None else common.root_id)
    if row is None or row.deleted:
        raise RefusedError("Папка или файл не найдены", 404)
    if not drives.may_see(portal, me, drives.storage_of(portal, row)):
        raise RefusedError("Доступ закрыт")
    try:
        folder = row if row.kind == "folder" else portal.state.objects[row.parent_id or 0]
    except KeyError as error:
        raise RefusedError("Папка не найдена", 404) from error
    own = [s for s in portal.state.storages.values() if s.entity_id == str(me.id)]
    return render(
        portal,
        request,
        "disk.html",
        folder=folder,
        chosen=row if row.kind == "file" else None,
        crumbs=_crumbs(portal, folder),
        rows=drives.children_of(portal, folder),
        storages=[common, *own],
    )


def _crumbs(portal: Portal, row: DiskObject) -> list[DiskObject]:
    crumbs = [row]
    while crumbs[0].parent_id is not None:
        crumbs.insert(0, portal.state.objects[crumbs[0].parent_id])
    return crumbs


def employees(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the company structure."""
    people = [u for u in portal.state.users.values() if not u.is_bot]
    today = portal.clock.now().date()
    away = {a.user_id for a in portal.state.absences if a.first <= today <= a.last}
    structure = [
        (row, [u for u in people if row.id in u.departments]) for row in portal.state.departments.values()
    ]
    return render(portal, request, "employees.html", structure=structure, away=away)
