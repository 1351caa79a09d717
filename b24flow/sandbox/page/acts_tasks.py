"""What people do with tasks."""

from __future__ import annotations

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.model import task_marks
from b24flow.sandbox.model import tasks as model
from b24flow.sandbox.model.entities import Employee, Task
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.task_rights import may_change
from b24flow.sandbox.page.acts import Act, Form, files_of, numbers_of, text_of, upload
from b24flow.sandbox.page.session import RefusedError
from b24flow.sandbox.wire import as_int


def _task(portal: Portal, user: Employee, form: Form) -> Task:
    task = model.find(portal, user, as_int(form.get("task_id")))
    if task is None:
        raise RefusedError("Задача не найдена или доступ закрыт", 404)
    return task


def _answer(task: Task) -> tuple[str, Form]:
    return f"/tasks/task/view/{task.id}/", {"task_id": task.id, "status": task.status}


def _moment(portal: Portal, form: Form, name: str) -> str:
    text = str(form.get(name, "")).strip()
    if text and parse_moment(text, portal.clock.zone) is None:
        raise RefusedError("Срок не похож на дату", 400)
    return text


def _new(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`title`, `responsible`, `description`, `deadline`, `control`, `accomplices[]`, `auditors[]`,
    `need_result`, `crm` (a code like `T416_5`), `file`."""
    fields: Form = {
        "TITLE": text_of(form, "title", "Напишите название задачи"),
        "RESPONSIBLE_ID": as_int(form.get("responsible")) or user.id,
        "DESCRIPTION": str(form.get("description", "")),
        "DEADLINE": _moment(portal, form, "deadline"),
        "TASK_CONTROL": "Y" if form.get("control") else "N",
        "ALLOW_CHANGE_DEADLINE": "Y" if form.get("allow_deadline") else "N",
        "ACCOMPLICES": numbers_of(form, "accomplices"),
        "AUDITORS": numbers_of(form, "auditors"),
    }
    if form.get("need_result"):
        fields["SE_PARAMETER"] = [{"CODE": model.RESULT_REQUIRED, "VALUE": "Y"}]
    if form.get("crm"):
        fields["UF_CRM_TASK"] = [str(form["crm"])]
    rows = [upload(portal, user, name, content) for name, content in files_of(form)]
    if rows:
        fields["UF_TASK_WEBDAV_FILES"] = [f"n{row.id}" for row in rows]
    return _answer(model.create(portal, user, fields, []))


def _edit(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`, `title`, `description`."""
    task = _task(portal, user, form)
    names = {"title": "TITLE", "description": "DESCRIPTION"}
    model.update(portal, user, task, {names[key]: str(form[key]) for key in names if key in form}, [])
    return _answer(task)


def _file(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`, `file`."""
    task = _task(portal, user, form)
    if not may_change(portal, user, task):
        raise RefusedError(
            "Прикладывать файлы к задаче может её постановщик; приложите файл к результату в чат"
        )
    posted = files_of(form)
    if not posted:
        raise RefusedError("Выберите файл", 400)
    new = [f"n{upload(portal, user, name, content).id}" for name, content in posted]
    model.update(portal, user, task, {"UF_TASK_WEBDAV_FILES": [*map(str, task.attachments), *new]}, [])
    return _answer(task)


def _result(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`, `text`."""
    task = _task(portal, user, form)
    result = model.add_result(portal, user, task, text_of(form, "text", "Напишите результат"))
    address, shown = _answer(task)
    return address, shown | {"result_id": result.id}


def _complete(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`; a required result must be there."""
    task = _task(portal, user, form)
    model.complete(portal, user, task, by_person=True)
    return _answer(task)


def _action(action: str) -> Act:
    def act(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
        task = _task(portal, user, form)
        model.act(portal, user, task, action)
        return _answer(task)

    return act


def _delegate(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`, `to`: the new executor."""
    task = _task(portal, user, form)
    model.delegate(portal, user, task, as_int(form.get("to")))
    return _answer(task)


def _deadline(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`, `deadline`: a moment in the portal's time zone, empty to remove it."""
    task = _task(portal, user, form)
    model.update(portal, user, task, {"DEADLINE": _moment(portal, form, "deadline")}, [])
    return _answer(task)


def _delete(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`."""
    task = _task(portal, user, form)
    model.delete(portal, user, task)
    return "/tasks/", {"task_id": task.id}


def _watch(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`, `off`: begin or stop to observe the task."""
    task = _task(portal, user, form)
    task_marks.watch(portal, user, task, put=not form.get("off"))
    return _answer(task)


ACTS: dict[str, Act] = {
    "task/new": _new,
    "task/edit": _edit,
    "task/file": _file,
    "task/result": _result,
    "task/complete": _complete,
    "task/delegate": _delegate,
    "task/deadline": _deadline,
    "task/delete": _delete,
    "task/watch": _watch,
    **{
        f"task/{name}": _action(name)
        for name in ("start", "pause", "defer", "renew", "approve", "disapprove")
    },
}
