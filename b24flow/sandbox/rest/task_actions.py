"""Tasks: actions, history, results, files, chat comments, and the REST 3.0 results.

api-reference/tasks/status/*.md, result/*.md, tasks-task-history-list.md, comment-item/*.md.
"""

from __future__ import annotations

from b24flow.sandbox.clock import iso
from b24flow.sandbox.filters import sort_rows
from b24flow.sandbox.model import chats, disk
from b24flow.sandbox.model import tasks as model
from b24flow.sandbox.model.entities import TaskChange, TaskResult
from b24flow.sandbox.registry import Call, Handler, method
from b24flow.sandbox.rest.tasks import DOC, show_task
from b24flow.sandbox.wire import Json, Params, RestError, RestV3Error, as_int, as_list, as_map

_PAGES = {
    "start": "status/tasks-task-start.md",
    "pause": "status/tasks-task-pause.md",
    "defer": "status/tasks-task-defer.md",
    "renew": "status/tasks-task-renew.md",
    "approve": "tasks-task-approve.md",
    "disapprove": "tasks-task-disapprove.md",
}


def _register(action: str, page: str) -> None:
    def handler(call: Call) -> Json:
        task = model.require(call.portal, call.user, call.number("taskId"))
        model.act(call.portal, call.user, task, action)
        return {"task": show_task(call, task, [], with_action=True)}

    registered: Handler = handler
    method(f"tasks.task.{action}", scope="task", doc=DOC + page, params="taskId* params")(registered)


for _action, _page in _PAGES.items():
    _register(_action, _page)


@method("tasks.task.complete", scope="task", doc=DOC + "status/tasks-task-complete.md",
        params="taskId* params")  # fmt: skip
def task_complete(call: Call) -> Json:
    """Complete a task; a required result is enforced only for the web and mobile platforms."""
    task = model.require(call.portal, call.user, call.number("taskId"))
    platform = call.optional_map("params").get("PLATFORM")
    model.complete(call.portal, call.user, task, by_person=platform in ("web", "mobile"))
    return {"task": show_task(call, task, [], with_action=True)}


@method("tasks.task.delegate", scope="task", doc=DOC + "tasks-task-delegate.md",
        params="taskId* userId* params")  # fmt: skip
def task_delegate(call: Call) -> Json:
    """Hand a task over."""
    task = model.require(call.portal, call.user, call.number("taskId"))
    model.delegate(call.portal, call.user, task, call.number("userId"))
    return {"task": show_task(call, task, [], with_action=True)}


@method("tasks.task.history.list", scope="task", doc=DOC + "tasks-task-history-list.md",
        params="taskId* filter order")  # fmt: skip
def history_list(call: Call) -> Json:
    """List the changes of a task, not paged."""
    task = model.find(call.portal, call.user, call.number("taskId"))
    if task is None:
        raise RestError("0", "Access denied. (internal error)")
    conditions = call.optional_map("filter")
    call.note_unknown("unknown_filter", conditions, {"FIELD", "USER_ID", "CREATED_DATE"})
    rows = [row for row in call.state.task_changes if row.task_id == task.id]
    if "FIELD" in conditions:
        wanted = {str(one) for one in as_list(conditions["FIELD"])}
        rows = [row for row in rows if row.field in wanted]
    order = call.optional_map("order") or {"ID": "asc"}
    rows = sort_rows(rows, order, lambda row, key: row.id)
    return {"list": [_show_change(call, row) for row in rows]}


def _show_change(call: Call, row: TaskChange) -> Params:
    user = call.state.users[row.user_id]
    return {
        "id": row.id,
        "createdDate": iso(row.created),
        "field": row.field,
        "value": {"from": row.old, "to": row.new},
        "user": {
            "id": user.id,
            "name": user.name,
            "lastName": user.last_name,
            "secondName": user.second_name,
            "login": user.email,
        },
    }


@method("tasks.task.result.list", scope="task", doc=DOC + "result/tasks-task-result-list.md",
        params="taskId*")  # fmt: skip
def result_list(call: Call) -> Json:
    """List the results of a task, newest first."""
    task = model.require(call.portal, call.user, call.number("taskId"))
    return [
        {
            "id": row.id,
            "taskId": row.task_id,
            "commentId": 0,
            "createdBy": row.author_id,
            "createdAt": iso(row.created),
            "updatedAt": iso(row.updated or row.created),
            "status": int(row.closed),
            "text": row.text,
            "formattedText": row.text,
            "files": list(row.files),
        }
        for row in reversed(model.results_of(call.portal, task))
    ]


def _show_result(call: Call, row: TaskResult) -> Params:
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
        "messageId": None,
    }


@method("tasks.task.result.add", scope="tasks", doc=DOC + "result/tasks-task-result-add.md",
        params="fields*", api="v3")  # fmt: skip
def result_add_v3(call: Call) -> Json:
    """Add a result as the webhook's owner."""
    fields = call.mapping("fields")
    unknown = sorted(set(fields) - {"taskId", "text"})
    if unknown:
        raise RestV3Error("UNKNOWNDTOPROPERTYEXCEPTION", f"Unknown or unavailable field `{unknown[0]}`")
    for name in ("taskId", "text"):
        if fields.get(name) in (None, ""):
            detail = [{"field": name, "message": f"Required field `{name}` is not specified"}]
            raise RestV3Error("VALIDATION_DTOVALIDATIONEXCEPTION", "Validation error",
                              validation=detail)  # fmt: skip
    task = model.find(call.portal, call.user, as_int(fields["taskId"]))
    if task is None:
        raise RestV3Error("ACCESSDENIEDEXCEPTION", "Доступ запрещен", 403)
    row = model.add_result(call.portal, call.user, task, str(fields["text"]))
    return {"item": _show_result(call, row)}


@method("tasks.task.result.list", scope="tasks",
        doc=DOC + "result/tasks-task-result-list-rest-v3.md",
        params="filter* select order pagination", api="v3")  # fmt: skip
def result_list_v3(call: Call) -> Json:
    """List results; the filter must name the task."""
    task_id = 0
    for condition in call.values("filter"):
        parts = as_list(condition)
        if parts and parts[0] == "taskId":
            task_id = as_int(parts[-1])
    if not task_id:
        raise RestV3Error("VALIDATION_REQUESTVALIDATIONEXCEPTION", "Filter by taskId is required")
    task = model.find(call.portal, call.user, task_id)
    if task is None:
        raise RestV3Error("ACCESSDENIEDEXCEPTION", "Доступ запрещен", 403)
    pages = call.optional_map("pagination")
    limit = min(as_int(pages.get("limit"), 50) or 50, 1000)
    first = as_int(pages.get("offset")) or (max(as_int(pages.get("page"), 1), 1) - 1) * limit
    rows = model.results_of(call.portal, task)[first : first + limit]
    return {"items": [_show_result(call, row) for row in rows]}


@method("tasks.task.files.attach", scope="task", doc=DOC + "tasks-task-files-attach.md",
        params="taskId* fileId* params")  # fmt: skip
def files_attach(call: Call) -> Json:
    """Attach a file of a drive; a repeat attaches it again."""
    task = model.require(call.portal, call.user, call.number("taskId"))
    if not model.may_edit(call.user, task):
        raise RestError("0", "Access denied")
    row = disk.require_object(call.portal, call.user, call.number("fileId"), "file")
    before = list(task.attachments)
    fields: Params = {"UF_TASK_WEBDAV_FILES": [*before, f"n{row.id}"]}
    model.update(call.portal, call.user, task, fields, [])
    return {"attachmentId": task.attachments[-1]}


@method("task.commentitem.add", scope="task", doc=DOC + "comment-item/task-comment-item-add.md",
        params="TASKID FIELDS 0 1", upper=True)  # fmt: skip
def comment_add(call: Call) -> Json:
    """Post into the task's chat; parameters are read by position, not by name."""
    values = list(call.params.values())
    if len(values) < 2:
        raise RestError("ERROR_CORE", "TASKS_ERROR_EXCEPTION_#256; Param #1 is missing<br>")
    fields = as_map(values[1])
    call.note_unknown("unknown_field", fields, {"AUTHOR_ID", "POST_MESSAGE"})
    task = model.require(call.portal, call.user, as_int(values[0]))
    author = as_int(fields.get("AUTHOR_ID")) or call.user.id
    text = str(fields.get("POST_MESSAGE", ""))
    if not text or call.portal.user(author) is None:
        return 0
    chat = call.state.chats[task.chat_id]
    return chats.send(call.portal, chat, author, text).id
