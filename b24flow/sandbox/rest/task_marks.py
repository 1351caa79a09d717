"""Tasks: what a user notes for himself, what he may do, what he has not seen yet.

api-reference/tasks/user-actions/*.md, tasks-task-{get-access,counters-get}.md.
"""

from __future__ import annotations

from collections.abc import Callable

from b24flow.sandbox.model import task_marks as model
from b24flow.sandbox.model import tasks
from b24flow.sandbox.model.entities import Task
from b24flow.sandbox.registry import Call, Handler, Page, method
from b24flow.sandbox.rest.task_show import task_number, task_of, whole
from b24flow.sandbox.rest.tasks import DOC
from b24flow.sandbox.wire import Json, RestError, as_int, as_list

_DOC = DOC + "user-actions/tasks-task-"
_EXPIRED, _COMMENTS = 6291456, 12582912


def _marking(people: Callable[[Task], list[int]], *, put: bool) -> Handler:
    def handler(call: Call) -> Json:
        task = task_of(call, "id")
        model.mark(people(task), call.user, put=put)
        return whole(call, task)

    return handler


for _name, _people, _put in (
    ("pin", lambda task: task.pinned, True),
    ("unpin", lambda task: task.pinned, False),
    ("mute", lambda task: task.muted, True),
    ("unmute", lambda task: task.muted, False),
):
    method(f"tasks.task.{_name}", scope="task", doc=f"{_DOC}{_name}.md", params="id*")(
        _marking(_people, put=_put)
    )


def _favorite(*, put: bool) -> Handler:
    def handler(call: Call) -> Json:
        task = tasks.find(call.portal, call.user, task_number(call))
        if task is None:
            raise RestError("1", "Task not found or not accessible")
        model.mark(task.favorite, call.user, put=put)
        return True

    return handler


method("tasks.task.favorite.add", scope="task", doc=_DOC + "favorite-add.md", params="taskId*")(
    _favorite(put=True)
)
method("tasks.task.favorite.remove", scope="task", doc=_DOC + "favorite-remove.md", params="taskId*")(
    _favorite(put=False)
)


def _watching(*, put: bool) -> Handler:
    def handler(call: Call) -> Json:
        task = tasks.find(call.portal, call.user, task_number(call))
        if task is None:
            raise RestError("1048584", "a:0:{}")
        model.watch(call.portal, call.user, task, put=put)
        return whole(call, task)

    return handler


method("tasks.task.startwatch", scope="task", doc=_DOC + "start-watch.md", params="taskId*")(
    _watching(put=True)
)
method("tasks.task.stopwatch", scope="task", doc=_DOC + "stop-watch.md", params="taskId*")(
    _watching(put=False)
)


@method("tasks.task.getaccess", scope="task", doc=DOC + "tasks-task-get-access.md", params="taskId* users",
        reads=True)  # fmt: skip
def get_access(call: Call) -> Json:
    """Say what each of the users may do with a task; strangers are left out."""
    task = task_of(call)
    if "users" in call.params and not isinstance(call.params["users"], list | dict):
        raise RestError(
            "100", "Invalid value {} to match with parameter {users}. Should be value of type array."
        )
    users = [as_int(one) for one in as_list(call.params.get("users"))] or [call.user.id]
    allowed = {}
    for number in users:
        user = call.portal.user(number)
        if user is not None:
            actions = tasks.allowed_actions(call.portal, user, task)
            allowed[str(number)] = {_upper(name): may for name, may in actions.items()}
    return {"allowedActions": allowed}


def _upper(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name)


@method("tasks.task.counters.get", scope="task", doc=DOC + "tasks-task-counters-get.md",
        params="userId groupId type", partial="внутренний код счётчика один для всех ролей")  # fmt: skip
def counters_get(call: Call) -> Page:
    """Count a user's late tasks and unread comments; nothing about others but to an administrator."""
    given = call.params.get("userId")
    if given is not None and not str(given).strip().isdigit():
        text = f"Invalid value {{{given}}} to match with parameter {{userId}}. Should be value of type int."
        raise RestError("0", text)
    group_id = call.number("groupId")
    if group_id and group_id not in call.state.groups:
        raise RestError("0", "Group not found or access denied. (internal error)")
    user = call.portal.user(call.number("userId") or call.user.id)
    role = call.text("type") or model.ROLES[0]
    if user is None or role not in model.ROLES or (user is not call.user and not call.user.admin):
        return Page(result=[], total=1)
    late, unread = model.counters(call.portal, user, role, group_id)
    shown = {
        "expired": {"counter": late, "code": _EXPIRED},
        "new_comments": {"counter": unread, "code": _COMMENTS},
    }
    return Page(result=shown, total=1)
