"""Tasks: actions, history, results, files, chat comments.

api-reference/tasks/status/*.md, result/*.md, tasks-task-history-list.md, comment-item/*.md.
"""

from __future__ import annotations

from b24flow.sandbox.clock import iso
from b24flow.sandbox.filters import sort_rows
from b24flow.sandbox.model import chats, disk
from b24flow.sandbox.model import tasks as model
from b24flow.sandbox.model.entities import TaskChange
from b24flow.sandbox.model.task_rights import may_change
from b24flow.sandbox.registry import Call, Handler, method
from b24flow.sandbox.rest.task_legacy import arguments
from b24flow.sandbox.rest.task_show import task_number, task_of, whole
from b24flow.sandbox.rest.tasks import DOC
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, as_map

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
        task = task_of(call)
        model.act(call.portal, call.user, task, action)
        return whole(call, task)

    registered: Handler = handler
    method(f"tasks.task.{action}", scope="task", doc=DOC + page, params="taskId* params")(registered)


for _action, _page in _PAGES.items():
    _register(_action, _page)


@method("tasks.task.complete", scope="task", doc=DOC + "status/tasks-task-complete.md",
        params="taskId* params")  # fmt: skip
def task_complete(call: Call) -> Json:
    """Complete a task; a required result is enforced only for the web and mobile platforms."""
    task = task_of(call)
    platform = call.optional_map("params").get("PLATFORM")
    model.complete(call.portal, call.user, task, by_person=platform in ("web", "mobile"))
    return whole(call, task)


@method("tasks.task.delegate", scope="task", doc=DOC + "tasks-task-delegate.md",
        params="taskId* userId* params")  # fmt: skip
def task_delegate(call: Call) -> Json:
    """Hand a task over."""
    task = task_of(call)
    model.delegate(call.portal, call.user, task, call.number("userId"))
    return whole(call, task)


@method("tasks.task.history.list", scope="task", doc=DOC + "tasks-task-history-list.md",
        params="taskId* filter order")  # fmt: skip
def history_list(call: Call) -> Json:
    """List the changes of a task, the latest first unless ordered otherwise, not paged."""
    task = model.find(call.portal, call.user, task_number(call))
    if task is None:
        raise RestError("0", "Access denied. (internal error)")
    conditions = call.optional_map("filter")
    call.note_unknown("unknown_filter", conditions, {"FIELD"})
    rows = [row for row in call.state.task_changes if row.task_id == task.id]
    if "FIELD" in conditions:
        wanted = {str(one) for one in as_list(conditions["FIELD"])}
        rows = [row for row in rows if row.field in wanted]
    order = call.optional_map("order") or {"ID": "desc"}
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
    task = task_of(call)
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


@method("tasks.task.files.attach", scope="task", doc=DOC + "tasks-task-files-attach.md",
        params="taskId* fileId* params")  # fmt: skip
def files_attach(call: Call) -> Json:
    """Attach a file of a drive; a repeat attaches it again."""
    task = task_of(call)
    if not may_change(call.portal, call.user, task):
        raise RestError("0", "Access denied")
    if not str(call.params["fileId"]).strip().isdigit():
        raise RestError("100", "Invalid value to match with parameter {fileId}. Should be value of type int.")
    try:
        row = disk.require_object(call.portal, call.user, call.number("fileId"), "file")
    except RestError as error:
        raise RestError("ERROR_CORE", "Недостаточно прав.<br>") from error
    before = list(task.attachments)
    fields: Params = {"UF_TASK_WEBDAV_FILES": [*before, f"n{row.id}"]}
    model.update(call.portal, call.user, task, fields, [])
    return {"attachmentId": task.attachments[-1]}


@method("task.commentitem.add", scope="task", doc=DOC + "comment-item/task-comment-item-add.md",
        params="TASKID FIELDS", upper=True,
        partial="как на коробке с чатом задачи: POST_DATE и файлы не учитываются")  # fmt: skip
def comment_add(call: Call) -> Json:
    """Post into the task's chat; parameters are read by position, not by name."""
    given = arguments(call, "commentitem::add", ["taskId", "*arFields"], 2)
    fields = as_map(given[1])
    call.note_unknown("unknown_field", fields, {"AUTHOR_ID", "POST_MESSAGE"})
    task = model.find(call.portal, call.user, as_int(given[0]))
    if task is None:
        raise RestError("ERROR_CORE", "Недостаточно прав для добавления комментария.<br>")
    author = as_int(fields.get("AUTHOR_ID")) or call.user.id
    text = str(fields.get("POST_MESSAGE") or "")
    if not text:
        raise RestError("ERROR_CORE", "Не указан текст комментария<br>")
    if call.portal.user(author) is None:
        return 0
    chat = call.state.chats[task.chat_id]
    return chats.send(call.portal, chat, author, text).id
