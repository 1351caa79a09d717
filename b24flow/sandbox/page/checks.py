"""Checklists of a task: as its page shows them and what people do with them."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model import task_checklist as model
from b24flow.sandbox.model import tasks
from b24flow.sandbox.model.entities import ChecklistItem, Employee, Task
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.acts import Act, Form, text_of
from b24flow.sandbox.page.session import RefusedError
from b24flow.sandbox.wire import as_int


def checklists_of(portal: Portal, me: Employee, task: Task) -> list[dict[str, Any]]:
    """Return the checklists of a task, each with its items in the order of the tree."""
    rows = sorted(model.items_of(portal, task), key=lambda row: (row.sort, row.id))
    works = model.may_work(portal, me, task)
    return [_list(portal, me, row, rows, works) for row in rows if not row.parent_id]


def _list(
    portal: Portal, me: Employee, root: ChecklistItem, rows: list[ChecklistItem], works: bool
) -> dict[str, Any]:
    steps = _below(rows, root.id, 0)
    return {
        "id": root.id,
        "title": root.title,
        "all": len(steps),
        "done": sum(row.complete for row, _ in steps),
        "may_add": works,
        "steps": [
            {"row": row, "depth": depth, "may": model.may_toggle(portal, me, row)} for row, depth in steps
        ],
    }


def _below(rows: list[ChecklistItem], parent: int, depth: int) -> list[tuple[ChecklistItem, int]]:
    found = []
    for row in rows:
        if row.parent_id == parent:
            found += [(row, depth), *_below(rows, row.id, depth + 1)]
    return found


def _task(portal: Portal, user: Employee, form: Form) -> Task:
    task = tasks.find(portal, user, as_int(form.get("task_id")))
    if task is None:
        raise RefusedError("Задача не найдена или доступ закрыт", 404)
    return task


def _step(portal: Portal, user: Employee, form: Form) -> tuple[Task, ChecklistItem]:
    task = _task(portal, user, form)
    row = portal.state.checklist.get(as_int(form.get("check_id")))
    if row is None or row.task_id != task.id:
        raise RefusedError("Такого пункта в чек-листе нет: возможно, его удалили", 404)
    return task, row


def _answer(task: Task, row: ChecklistItem) -> tuple[str, Form]:
    return f"/tasks/task/view/{task.id}/", {"check_id": row.id, "done": row.complete}


def _works(portal: Portal, user: Employee, task: Task) -> None:
    if not model.may_work(portal, user, task):
        raise RefusedError("Чек-лист меняют постановщик и исполнители задачи")


def _add(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`, `title`, `parent_id` (0 for a new checklist, absent for the first one)."""
    task = _task(portal, user, form)
    _works(portal, user, task)
    given = {"TITLE": text_of(form, "title", "Напишите пункт чек-листа")}
    if form.get("parent_id"):
        given["PARENT_ID"] = str(form["parent_id"])
    return _answer(task, model.add(portal, user, task, given))


def _delete(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`, `check_id`."""
    task, row = _step(portal, user, form)
    _works(portal, user, task)
    model.delete(portal, user, task, row)
    return _answer(task, row)


def _toggle(complete: bool) -> Act:
    def act(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
        task, row = _step(portal, user, form)
        model.toggle(portal, user, row, complete=complete)
        return _answer(task, row)

    return act


ACTS: dict[str, Act] = {
    "check/add": _add,
    "check/delete": _delete,
    "check/complete": _toggle(complete=True),
    "check/renew": _toggle(complete=False),
}
