"""Pages of tasks: the list by role, one task, the form of a new one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from b24flow.sandbox.model import chats
from b24flow.sandbox.model import tasks as model
from b24flow.sandbox.model.entities import Employee, Task, TaskChange
from b24flow.sandbox.model.placements import title_of
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.task_marks import is_late
from b24flow.sandbox.model.task_rights import allowed_actions, members
from b24flow.sandbox.page import crm_words
from b24flow.sandbox.page.checks import checklists_of
from b24flow.sandbox.page.menu import bindings
from b24flow.sandbox.page.session import RefusedError, render, show_moment
from b24flow.sandbox.wire import as_int

PAGE = 50
ROLES = {
    "all": "Все",
    "doing": "Делаю",
    "help": "Помогаю",
    "set": "Поручил",
    "watch": "Наблюдаю",
    "closed": "Завершённые",
}
_PLACES = ("TASK_VIEW_TAB", "TASK_VIEW_SIDEBAR", "TASK_VIEW_TOP_PANEL")


def tasks(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the employee's tasks by his role in them, overdue ones first among those with a deadline."""
    rows = [t for t in portal.state.tasks.values() if not t.deleted and me.id in members(t)]
    words = request.query_params.get("q", "").strip()
    groups = _groups(me, rows)
    role = request.query_params.get("role", "doing")
    role = role if role in groups else "doing"
    found = [t for t in groups[role] if words.lower() in f"{t.id} {t.title}".lower()]
    if role == "closed":
        found.sort(key=lambda t: (t.closed or t.changed, t.id), reverse=True)
    else:
        found.sort(key=lambda t: (t.deadline is None, t.deadline or t.created, t.id))
    first = min(max(as_int(request.query_params.get("start")), 0), len(found))
    return render(
        portal,
        request,
        "tasks.html",
        rows=found[first : first + PAGE],
        total=len(found),
        start=first,
        size=PAGE,
        role=role,
        roles=ROLES,
        words=words,
        counts={name: len(group) for name, group in groups.items()},
        statuses=model.STATUS_NAMES,
        late=lambda t: is_late(portal, t),
        results={r.task_id for r in portal.state.task_results.values() if not r.closed},
        toolbar=bindings(portal, me, "TASK_USER_LIST_TOOLBAR"),
        row_menu=bindings(portal, me, "TASK_LIST_CONTEXT_MENU"),
        place_title=lambda row: title_of(portal, row),
    )


def _groups(me: Employee, rows: list[Task]) -> dict[str, list[Task]]:
    opened = [t for t in rows if t.status != model.COMPLETED]
    return {
        "all": opened,
        "doing": [t for t in opened if t.responsible_id == me.id],
        "help": [t for t in opened if me.id in t.accomplices],
        "set": [t for t in opened if t.created_by == me.id],
        "watch": [t for t in opened if me.id in t.auditors],
        "closed": [t for t in rows if t.status == model.COMPLETED],
    }


def task(portal: Portal, request: Request, me: Employee) -> Response:
    """Show one task with what the employee may do about it."""
    row = model.find(portal, me, int(request.path_params["task"]))
    if row is None:
        raise RefusedError("Задача не найдена или доступ закрыт", 404)
    attached = [portal.state.attached[one] for one in row.attachments if one in portal.state.attached]
    chat = portal.state.chats.get(row.chat_id)
    found = [crm_words.by_code(portal, code) for code in row.crm]
    group = portal.state.groups.get(row.group_id)
    return render(
        portal,
        request,
        "task.html",
        task=row,
        statuses=model.STATUS_NAMES,
        actions=allowed_actions(portal, me, row),
        late=is_late(portal, row),
        results=model.results_of(portal, row),
        needs_result=row.parameters.get(model.RESULT_REQUIRED) == "Y",
        attached=[(one, portal.state.objects[one.object_id]) for one in attached],
        bound=[(crm_words.address_of(item), crm_words.title_of(item)) for item in found if item],
        history=_history(portal, row),
        messages=chats.messages_of(portal, chat) if chat else [],
        may_talk=chat is not None and chats.may_write(portal, chat, me),
        checklists=checklists_of(portal, me, row),
        group=group.name if group else "",
        places=bindings(portal, me, *_PLACES),
        place_title=lambda one: title_of(portal, one),
        tab=request.query_params.get("tab", "chat"),
    )


def new(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the form of a new task; `crm` is the code of the item it belongs to."""
    code = request.query_params.get("crm", "")
    item = crm_words.by_code(portal, code) if code else None
    bound = crm_words.title_of(item) if item else ""
    return render(portal, request, "task_new.html", code=code if item else "", bound=bound)


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
    "PRIORITY": "Важность",
    "TAGS": "Теги",
    "UF_CRM_TASK": "Элементы CRM",
    "RESULT": "Результат",
    "COMMENT": "Комментарий",
    "CHECKLIST_ITEM_CREATE": "Добавлен пункт чек-листа",
    "CHECKLIST_ITEM_CHECK": "Отмечен пункт чек-листа",
    "CHECKLIST_ITEM_UNCHECK": "Снята отметка пункта чек-листа",
    "CHECKLIST_ITEM_REMOVE": "Удалён пункт чек-листа",
    "CHECKLIST_ITEM_RENAME": "Переименован пункт чек-листа",
}
_PEOPLE = ("RESPONSIBLE_ID", "CREATED_BY", "ACCOMPLICES", "AUDITORS")


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
    if change.field.startswith("CHECKLIST_ITEM") and None in (change.old, change.new):
        return f"{name}: {change.new or change.old}"
    old, new = (_change_value(portal, change.field, value) for value in (change.old, change.new))
    return f"{name}: {old} → {new}"


def _change_value(portal: Portal, name: str, value: str | None) -> str:
    if not value:
        return "—"
    if name == "STATUS":
        return model.STATUS_NAMES.get(as_int(value), value)
    if name == "DEADLINE":
        return show_moment(datetime.fromtimestamp(int(value), portal.clock.zone))
    if name in _PEOPLE:
        return ", ".join(portal.person_name(as_int(one)) for one in value.split(","))
    return value
