"""REST 3.0: tasks, their access, files and chat (api-reference/tasks/*-rest-v3.md and beside them)."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model import chats, disk
from b24flow.sandbox.model import tasks as model
from b24flow.sandbox.model.entities import Task
from b24flow.sandbox.model.task_rights import access_v3, may_change
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest import tasks_v3_dto as v3
from b24flow.sandbox.rest import tasks_v3_fields as fields
from b24flow.sandbox.rest.tasks import DOC
from b24flow.sandbox.wire import Json, Params, RestError, RestV3Error

_SCOPE = "tasks"
_IDLE = (
    "учёт времени, повторение, потоки, Scrum и письма: поля принимаются и отдаются без действия; "
    "архив файлов по archiveLink не скачивается"
)
ACCESS = v3.dto(
    "AccessDto", v3.Field(name="id", kind="int", filterable=True, sortable=True, title="ID"), whole=True
)
MESSAGE = v3.dto(
    "MessageDto",
    v3.Field(name="id", kind="int", filterable=True, sortable=True),
    v3.Field(name="taskId", kind="int", settable=True),
    v3.Field(name="text", settable=True),
)
FILES = v3.dto("FileDto", v3.Field(name="taskId", kind="int"), v3.Field(name="fileIds", kind="array"))
_FIELD = v3.dto("TaskDto", *fields.TASK.fields.values(), whole=True)

for _entity, _path, _page in (
    (fields.TASK, "", "field"),
    (ACCESS, "access.", "access-field"),
    (MESSAGE, "chat.message.", "chat-message-field"),
    (FILES, "file.", "file-field"),
):

    def _list_handler(call: Call, entity: v3.Dto = _entity) -> Json:
        return v3.describe(call, entity)

    def _get_handler(call: Call, entity: v3.Dto = _FIELD if _path == "" else _entity) -> Json:
        return v3.describe_one(call, entity)

    method(f"tasks.task.{_path}field.list", scope=_SCOPE, doc=f"{DOC}tasks-task-{_page}-list.md",
           params="select", api="v3")(_list_handler)  # fmt: skip
    method(f"tasks.task.{_path}field.get", scope=_SCOPE, doc=f"{DOC}tasks-task-{_page}-get.md",
           params="name* select", api="v3")(_get_handler)  # fmt: skip


def readable(call: Call, task_id: int) -> Task:
    """Return a task the caller may read, or refuse without saying whether it exists."""
    task = model.find(call.portal, call.user, task_id)
    if task is None:
        raise v3.denied()
    return task


def _show(call: Call, task: Task, names: list[str]) -> Params:
    """Return the fields asked for; a dotted name asks for a part of a related object."""
    dotted = [name.partition(".") for name in names if "." in name]
    plain = [name for name in names if "." not in name]
    if not plain and (dotted or not names):
        shown = [one.name for one in fields.TASK.fields.values() if one.kind != "object"]
        plain = [name for name in shown if name not in fields.HIDDEN]
    item = {name: fields.read(call, task, name) for name in plain}
    for own, _, inner in dotted:
        whole = fields.related(call, task, own)
        part = item.setdefault(own, {} if whole is not None else None)
        if isinstance(whole, dict) and isinstance(part, dict):
            if inner not in whole:
                raise RestV3Error(
                    "UNKNOWNDTOPROPERTYEXCEPTION", f"Unknown field `{inner}` for entity `{own}`"
                )
            part[inner] = whole[inner]
    return item


@method("tasks.task.get", scope=_SCOPE, doc=DOC + "tasks-task-get-rest-v3.md", params="id* select", api="v3",
        partial=_IDLE)  # fmt: skip
def task_get(call: Call) -> Json:
    """Return a task: the basic fields, or those asked for."""
    number = v3.given(call, "id", "int")
    names = v3.read_select(call, fields.TASK, strict=False)
    task = call.state.tasks.get(number)
    if task is None or task.deleted:
        raise RestV3Error("ENTITYNOTFOUNDEXCEPTION", f"Запись с ID = `{number}` не найдена")
    return {"item": _show(call, readable(call, number), names)}


@method("tasks.task.list", scope=_SCOPE, doc=DOC + "tasks-task-list-rest-v3.md",
        params="select filter order pagination", api="v3", partial=_IDLE)  # fmt: skip
def task_list(call: Call) -> Json:
    """List tasks: the ids, or the fields asked for; only the id may be filtered by."""
    names = v3.read_select(call, fields.TASK, strict=False) or ["id"]

    def read(task: Task, name: str) -> Any:
        return {"priority": task.priority, "status": task.status}.get(name) or fields.read_plain(task, name)

    rows = [task for task in call.state.tasks.values() if not task.deleted]
    rows = v3.read_filter(call, fields.TASK, rows, read)
    rows = [task for task in rows if model.may_read(call.portal, call.user, task)]
    rows = v3.read_page(call, v3.read_order(call, fields.TASK, rows, read))
    return {"items": [_show(call, task, names) for task in rows]}


def _checked(call: Call, required: tuple[str, ...], *, adding: bool) -> Params:
    given = v3.read_fields(call, fields.TASK, (), adding=adding)
    for name in required:
        if given.get(name) in (None, ""):
            raise v3.invalid(name, f"Обязательное поле `{name}` не указано")
    for name, value in given.items():
        if not fields.known_word(name, value):
            raise v3.invalid(name, f"Поле `{name}` требует одного из своих значений")
    for name in ("responsibleId", "creatorId"):
        if name in given and call.portal.active_user(given[name]) is None:
            raise v3.invalid(name, "Пользователь не найден")
    return fields.to_v2(given)


def _refused(error: RestError) -> RestV3Error:
    """Translate a refusal of the model: access or a wrong value."""
    if error.code in ("0", "1048582", "ERROR_TASK_CREATE_ACCESS_DENIED"):
        return v3.denied()
    named = (
        ("Базовая", "parentId"),
        ("себе", "parentId"),
        ("циклические", "parentId"),
        ("планировани", "endPlan"),
    )
    field = next((name for word, name in named if word in error.text), "fields")
    return v3.invalid(field, error.text.removesuffix("<br>"))


@method("tasks.task.add", scope=_SCOPE, doc=DOC + "tasks-task-add-rest-v3.md", params="fields*", api="v3",
        partial=_IDLE)  # fmt: skip
def task_add(call: Call) -> Json:
    """Create a task."""
    given = _checked(call, ("title", "creatorId", "responsibleId"), adding=True)
    try:
        task = model.create(call.portal, call.user, given, [])
    except RestError as error:
        raise _refused(error) from error
    return {"item": _show(call, task, []) | {"statusChanged": None}}


@method("tasks.task.update", scope=_SCOPE, doc=DOC + "tasks-task-update-rest-v3.md", params="id* fields*",
        api="v3", partial=_IDLE)  # fmt: skip
def task_update(call: Call) -> Json:
    """Change a task."""
    number = v3.given(call, "id", "int")
    given = _checked(call, (), adding=False)
    try:
        model.update(call.portal, call.user, readable(call, number), given, [])
    except RestV3Error:
        raise
    except RestError as error:
        raise _refused(error) from error
    return {"result": True}


@method("tasks.task.delete", scope=_SCOPE, doc=DOC + "tasks-task-delete-rest-v3.md", params="id*", api="v3")
def task_delete(call: Call) -> Json:
    """Delete a task."""
    task = readable(call, v3.given(call, "id", "int"))
    try:
        model.delete(call.portal, call.user, task)
    except RestError as error:
        raise _refused(error) from error
    return {"result": True}


@method("tasks.task.access.get", scope=_SCOPE, doc=DOC + "tasks-task-access-get.md", params="id*", api="v3")
def access_get(call: Call) -> Json:
    """Say what the caller may do with a task."""
    task = readable(call, v3.given(call, "id", "int"))
    return access_v3(call.portal, call.user, task)


@method("tasks.task.file.attach", scope=_SCOPE, doc=DOC + "tasks-task-file-attach.md",
        params="taskId* fileIds*", api="v3")  # fmt: skip
def file_attach(call: Call) -> Json:
    """Attach files of drives, all of them or none."""
    task = model.find(call.portal, call.user, v3.given(call, "taskId", "int"))
    numbers = v3.given(call, "fileIds", "array")
    if task is None or not may_change(call.portal, call.user, task):
        raise v3.invalid("taskId", "Недостаточно прав")
    for number in numbers:
        v3.check_type("fileIds", number, "int")
        try:
            disk.require_object(call.portal, call.user, number, "file")
        except RestError as error:
            raise v3.invalid("fileIds", "Недостаточно прав") from error
    given: Params = {"UF_TASK_WEBDAV_FILES": [*task.attachments, *(f"n{number}" for number in numbers)]}
    model.update(call.portal, call.user, task, given, [])
    return {"result": True}


@method("tasks.task.chat.message.send", scope=_SCOPE, doc=DOC + "tasks-task-chat-message-send.md",
        params="fields*", api="v3")  # fmt: skip
def message_send(call: Call) -> Json:
    """Post into a task's chat as the caller; the message's id is not told."""
    given = v3.read_fields(call, MESSAGE, ("taskId", "text"), adding=True)
    task = readable(call, given["taskId"])
    chats.send(call.portal, call.state.chats[task.chat_id], call.user.id, given["text"])
    return {"result": True}
