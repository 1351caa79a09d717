"""REST 3.0: results of tasks (api-reference/tasks/result/*.md)."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model import task_results as model
from b24flow.sandbox.model import tasks
from b24flow.sandbox.model.entities import TaskResult
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest import tasks_v3_dto as v3
from b24flow.sandbox.rest.tasks import DOC
from b24flow.sandbox.wire import Json, Params, RestV3Error, as_list

_DOC = DOC + "result/tasks-task-result-"
_SCOPE = "tasks"
RESULT = v3.dto(
    "ResultDto",
    v3.Field(name="id", kind="int", filterable=True, sortable=True),
    v3.Field(name="taskId", kind="int", filterable=True, settable=True),
    v3.Field(name="text", editable=True),
    v3.Field(name="authorId", kind="int", filterable=True, sortable=True),
    v3.Field(name="author", kind="object"),
    v3.Field(name="createdAt", kind="DateTime", sortable=True),
    v3.Field(name="updatedAt", kind="DateTime", sortable=True),
    v3.Field(name="status", filterable=True, sortable=True),
    v3.Field(name="fileIds", kind="array"),
    v3.Field(name="rights", kind="object"),
    v3.Field(name="messageId", kind="int", filterable=True, sortable=True),
)
_FROM_MESSAGE = v3.dto("ResultDto", v3.Field(name="messageId", kind="int", settable=True))


def _show(call: Call, row: TaskResult) -> Params:
    own = row.author_id == call.user.id
    return {
        "id": row.id,
        "taskId": row.task_id,
        "text": row.text,
        "authorId": row.author_id,
        "createdAt": iso(row.created),
        "updatedAt": iso(row.updated),
        "status": "closed" if row.closed else "open",
        "fileIds": list(row.files),
        "rights": {"edit": own, "remove": own},
        "messageId": row.message_id,
    }


def _author(call: Call, row: TaskResult) -> Params:
    user = call.state.users[row.author_id]
    return {"id": user.id, "name": user.full_name, "gender": user.gender, "email": user.email}


def _not_fillable(call: Call) -> None:
    """Refuse files: they cannot be given by REST."""
    given = call.params.get("fields")
    if isinstance(given, dict) and "fileIds" in given:
        raise v3.invalid("fileIds", "Поле `fileIds` недоступно для заполнения", "DTO")


@method("tasks.task.result.add", scope=_SCOPE, doc=_DOC + "add.md", params="fields*", api="v3")
def result_add(call: Call) -> Json:
    """Add a result as the caller."""
    _not_fillable(call)
    given = v3.read_fields(call, RESULT, ("taskId", "text"), adding=True)
    if given["taskId"] <= 0:
        raise v3.invalid("taskId", "Task id must be positive")
    task = tasks.find(call.portal, call.user, given["taskId"])
    if task is None:
        raise v3.denied()
    return {"item": _show(call, tasks.add_result(call.portal, call.user, task, given["text"]))}


@method("tasks.task.result.addfromchatmessage", scope=_SCOPE, doc=_DOC + "addfromchatmessage.md",
        params="fields*", api="v3")  # fmt: skip
def result_add_from_message(call: Call) -> Json:
    """Make a result of a message of a task's chat."""
    _not_fillable(call)
    given = v3.read_fields(call, _FROM_MESSAGE, ("messageId",), adding=True)
    message = call.state.messages.get(given["messageId"])
    task = model.task_of_message(call.portal, message) if message is not None else None
    if message is None or message.deleted or message.author_id == 0 or task is None:
        raise v3.invalid("messageId", "Message is not from task chat")
    if not model.may_pin(call.portal, call.user, task, message):
        raise v3.denied()
    return {"item": _show(call, model.add_from_message(call.portal, task, message))}


def _own(call: Call) -> TaskResult:
    if call.params.get("id") is None:
        raise v3.invalid("id", "Должно быть заполнено хотя бы одно обязательное поле: id, filter")
    if call.params.get("filter") is not None:
        raise v3.invalid("id", "Должно быть передано только одно из значений: id, filter")
    v3.check_type("id", call.params["id"], "int")
    row = model.own(call.portal, call.user, call.params["id"])
    if row is None:
        raise v3.denied()
    return row


@method("tasks.task.result.update", scope=_SCOPE, doc=_DOC + "update.md", params="id fields*", api="v3",
        partial="только по id: изменение по filter на странице не описано")  # fmt: skip
def result_update(call: Call) -> Json:
    """Change the text of one's own result."""
    _not_fillable(call)
    given = v3.read_fields(call, RESULT, ("text",), adding=False)
    row = _own(call)
    model.update(call.portal, row, given["text"])
    return {"item": _show(call, row)}


@method("tasks.task.result.delete", scope=_SCOPE, doc=_DOC + "delete.md", params="id", api="v3",
        partial="только по id: удаление по filter на странице не описано")  # fmt: skip
def result_delete(call: Call) -> Json:
    """Withdraw one's own result."""
    model.delete(call.portal, _own(call))
    return {"result": True}


@method("tasks.task.result.list", scope=_SCOPE, doc=_DOC + "list-rest-v3.md",
        params="filter* select order pagination", api="v3")  # fmt: skip
def result_list(call: Call) -> Json:
    """List results; the filter must name the task."""
    conditions = call.params["filter"]
    if not conditions:
        raise v3.invalid("filter", "Значение поля не может быть пустым")
    named = [one for one in as_list(conditions) if isinstance(one, list) and one[:1] == ["taskId"]]
    if not named:
        detail = [{"field": "filter.taskId", "message": "Нужно задать фильтр по обязательному полю `taskId`"}]
        code = "VALIDATION_REQUESTFILTERVALIDATIONEXCEPTION"
        raise RestV3Error(code, "Ошибка при проверке объекта запроса", validation=detail)
    v3.check_type("taskId", named[0][-1], "int")
    task = tasks.find(call.portal, call.user, named[0][-1])
    if task is None:
        raise v3.denied()
    names = v3.read_select(call, RESULT, strict=True) or [one for one in RESULT.fields if one != "author"]
    shown = [_show(call, row) | {"author": _author(call, row)} for row in tasks.results_of(call.portal, task)]

    def read(row: Params, name: str) -> Any:
        return row[name]

    rows = v3.read_order(call, RESULT, v3.read_filter(call, RESULT, shown, read), read)
    return {"items": [{name: row[name] for name in names} for row in v3.read_page(call, rows)]}
