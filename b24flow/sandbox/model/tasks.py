"""Tasks: rights, transitions, history and results, the same for REST and for people.

Facts: api-reference/tasks/**. The text of a refusal is the box's; its code is 1048582 for an
action that is not allowed and 0 for a lack of access.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from b24flow.sandbox.model import chats
from b24flow.sandbox.model.entities import Chat, Employee, Task, TaskChange, TaskResult
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.task_fields import SKIPPED, WRITERS, read_passive, require_person, require_setter
from b24flow.sandbox.model.task_rights import (
    AWAITING,
    COMPLETED,
    DEFERRED,
    IN_PROGRESS,
    PENDING,
    allowed_actions,
    may_change,
    may_change_deadline,
    may_create_in,
    may_delete,
    may_edit,
    may_read,
    members,
)
from b24flow.sandbox.wire import Json, RestError, as_int

__all__ = ["AWAITING", "COMPLETED", "DEFERRED", "IN_PROGRESS", "PENDING", "allowed_actions",
           "may_change_deadline", "may_edit", "may_read", "members"]  # fmt: skip
RESULT_REQUIRED = 3
_CONTROL_CODE = "1048582"
_UNKNOWN = "undefined"
STATUS_NAMES = {
    PENDING: "Ждёт выполнения",
    IN_PROGRESS: "Выполняется",
    AWAITING: "Ждёт контроля",
    COMPLETED: "Завершена",
    DEFERRED: "Отложена",
}


def not_allowed(code: str = "0") -> RestError:
    """Build the refusal of an action; the control and the deletion of a task have a code of their own."""
    return RestError(code, "Действие над задачей не разрешено / Action on the task is not allowed")


def find(portal: Portal, user: Employee, task_id: int) -> Task | None:
    """Return a task the user may read, else None."""
    task = portal.state.tasks.get(task_id)
    if task is None or task.deleted or not may_read(portal, user, task):
        return None
    return task


def require(portal: Portal, user: Employee, task_id: int) -> Task:
    """Return a task the user may read, or refuse."""
    task = find(portal, user, task_id)
    if task is None:
        raise RestError("0", "Задача не найдена или доступ запрещен")
    return task


def _allow(portal: Portal, user: Employee, task: Task, action: str) -> None:
    if not allowed_actions(portal, user, task)[action]:
        raise not_allowed(_CONTROL_CODE if action in ("approve", "disapprove") else "0")


def log(portal: Portal, task: Task, user: Employee, name: str, *, old: Any = None, new: Any = None) -> None:
    """Write a line into a task's history."""
    change = TaskChange(
        id=portal.state.next_id("task-change", 16301),
        task_id=task.id,
        created=portal.clock.now(),
        field=name,
        old=None if old is None else str(old),
        new=None if new is None else str(new),
        user_id=user.id,
    )
    portal.state.task_changes.append(change)


def announce(
    portal: Portal, kind: str, user: Employee, *, before: Any, after: Any, access: tuple[str, str]
) -> None:
    """Raise an event of tasks; what a box does not tell is the word `undefined`."""
    data = {
        "FIELDS_BEFORE": before,
        "FIELDS_AFTER": after,
        "IS_ACCESSIBLE_BEFORE": access[0],
        "IS_ACCESSIBLE_AFTER": access[1],
    }
    raise_event(portal, kind, data, user_id=user.id)


def stamp(portal: Portal, task: Task, user: Employee) -> None:
    """Note who changed a task and when, and tell the applications."""
    task.changed = task.activity = portal.clock.now()
    task.changed_by = user.id
    index_task(portal, task)
    join_chat(portal, task)
    shown = {"ID": task.id}
    announce(portal, "ONTASKUPDATE", user, before=shown, after=shown, access=(_UNKNOWN, _UNKNOWN))


def index_task(portal: Portal, task: Task) -> None:
    """Note a task and its present values in the index; a deleted one leaves it."""
    if task.deleted:
        portal.state.task_index.drop(task.id)
    else:
        portal.state.task_index.put(task.id, task.xml_id, task.changed)


def join_chat(portal: Portal, task: Task) -> Chat | None:
    """Return the task's chat with everybody who takes part in the task in it."""
    chat = portal.state.chats.get(task.chat_id)
    if chat is not None:
        chat.members = list(dict.fromkeys([*chat.members, *members(task)]))
    return chat


def tell(portal: Portal, task: Task, text: str) -> None:
    """Write a line of the system into the task's chat."""
    chat = join_chat(portal, task)
    if chat is not None:
        chats.send(portal, chat, 0, text, system=True)


def set_status(portal: Portal, task: Task, user: Employee, status: int) -> None:
    """Move a task to a status, close or reopen its results, write the history."""
    now = portal.clock.now()
    log(portal, task, user, "STATUS", old=task.status, new=status)
    task.status, task.status_changed, task.status_changed_by = status, now, user.id
    if status == IN_PROGRESS and task.start is None:
        task.start = now
    done = status in (AWAITING, COMPLETED)
    task.closed, task.closed_by = (now, user.id) if done else (None, None)
    if status == COMPLETED:
        for result in results_of(portal, task):
            result.closed = True
    stamp(portal, task, user)
    tell(portal, task, f"{user.full_name}: статус «{STATUS_NAMES.get(status, status)}»")


def complete(portal: Portal, user: Employee, task: Task, *, by_person: bool = False) -> None:
    """Complete a task.

    The setter's word closes it; with control anybody else's gives "awaiting control", and an
    administrator closes it only from there. A required result stops people, not REST.
    """
    _allow(portal, user, task, "complete")
    needs_result = task.parameters.get(RESULT_REQUIRED) == "Y"
    if by_person and needs_result and not any(not r.closed for r in results_of(portal, task)):
        raise RestError("0", "Для завершения задачи нужно добавить результат")
    final = not task.control or user.id == task.created_by
    final = final or (user.admin and task.status == AWAITING)
    set_status(portal, task, user, COMPLETED if final else AWAITING)


_TARGETS = {
    "start": IN_PROGRESS,
    "pause": PENDING,
    "defer": DEFERRED,
    "renew": PENDING,
    "approve": COMPLETED,
    "disapprove": PENDING,
}


def act(portal: Portal, user: Employee, task: Task, action: str) -> None:
    """Take one of the plain actions: start, pause, defer, renew, approve, disapprove."""
    _allow(portal, user, task, action)
    set_status(portal, task, user, _TARGETS[action])


def delegate(portal: Portal, user: Employee, task: Task, to: int) -> None:
    """Hand a task over; the former executor stays as an observer."""
    _allow(portal, user, task, "delegate")
    require_person(portal, to)
    former = task.responsible_id
    log(portal, task, user, "RESPONSIBLE_ID", old=former, new=to)
    task.responsible_id = to
    if former not in (to, task.created_by) and former not in task.auditors:
        task.auditors.append(former)
    if task.status != PENDING:
        set_status(portal, task, user, PENDING)
    stamp(portal, task, user)
    tell(portal, task, f"{user.full_name}: исполнитель — {portal.person_name(to)}")


def delete(portal: Portal, user: Employee, task: Task) -> None:
    """Delete a task: the setter, administrators and moderators of its group."""
    if not may_delete(portal, user, task):
        raise RestError(_CONTROL_CODE, "Нет доступа для удаления задачи")
    log(portal, task, user, "DELETE")
    task.deleted = True
    index_task(portal, task)
    announce(portal, "ONTASKDELETE", user, before={"ID": task.id}, after=_UNKNOWN, access=(_UNKNOWN, "N"))


def results_of(portal: Portal, task: Task) -> list[TaskResult]:
    """Return the results of a task, oldest first."""
    return [row for row in portal.state.task_results.values() if row.task_id == task.id]


def add_result(portal: Portal, user: Employee, task: Task, text: str) -> TaskResult:
    """Add a result as `user`."""
    result = TaskResult(
        id=portal.state.next_id("task-result", 17),
        task_id=task.id,
        text=text,
        author_id=user.id,
        created=portal.clock.now(),
    )
    portal.state.task_results[result.id] = result
    task.activity = portal.clock.now()
    tell(portal, task, f"{user.full_name}: добавлен результат")
    return result


def _blank(portal: Portal, user: Employee, fields: dict[str, Json]) -> Task:
    """Return a new task with what every task has, or refuse; it is nowhere yet."""
    title = str(fields.get("TITLE") or "").strip()
    if not title:
        raise RestError("ERROR_CORE", "Не указано название задачи<br>")
    responsible = as_int(fields.get("RESPONSIBLE_ID"))
    if not responsible:
        raise RestError("ERROR_CORE", "Не указан исполнитель<br>")
    require_person(portal, responsible)
    setter = as_int(fields.get("CREATED_BY")) or user.id
    foreign = setter != user.id and not user.admin and user.id != responsible
    if foreign or not may_create_in(portal, user, as_int(fields.get("GROUP_ID"))):
        raise RestError("ERROR_TASK_CREATE_ACCESS_DENIED", "Нет доступа для создания задачи")
    require_setter(portal, setter)
    now = portal.clock.now()
    task_id = portal.state.next_id("task", 3701)
    return Task(
        id=task_id,
        title=title,
        description="",
        created_by=setter,
        responsible_id=responsible,
        created=now,
        changed=now,
        changed_by=user.id,
        activity=now,
        status_changed=now,
        guid=f"{{{uuid.uuid5(uuid.NAMESPACE_OID, f'task {task_id}')}}}",
    )


def create(portal: Portal, user: Employee, fields: dict[str, Json], ignored: list[str]) -> Task:
    """Create a task; unknown field names and unreadable values are appended to `ignored`."""
    task = _blank(portal, user, fields)
    rest = {k: v for k, v in fields.items() if k not in ("TITLE", "RESPONSIBLE_ID", "CREATED_BY")}
    values = _read(portal, user, task, rest, ignored)  # may refuse: nothing is there yet
    portal.state.tasks[task.id] = task
    index_task(portal, task)
    log(portal, task, user, "NEW")
    for name, new in values.items():
        _write(portal, user, task, name, new)
    chat = chats.add_chat(portal, "tasks", task.title, members(task), ("TASKS_TASK", str(task.id)))
    task.chat_id = chat.id
    index_task(portal, task)
    announce(portal, "ONTASKADD", user, before=_UNKNOWN, after={"ID": task.id}, access=("N", _UNKNOWN))
    return task


def update(portal: Portal, user: Employee, task: Task, fields: dict[str, Json], ignored: list[str]) -> bool:
    """Change a task field by field with history; False when nothing is different."""
    allowed = may_change(portal, user, task)
    if set(fields) == {"DEADLINE"}:
        allowed = allowed or may_change_deadline(user, task)
    group_id = as_int(fields.get("GROUP_ID"))
    if not allowed or (group_id != task.group_id and not may_create_in(portal, user, group_id)):
        raise not_allowed()
    before = len(portal.state.task_changes)
    changed = False
    for name, new in _read(portal, user, task, fields, ignored).items():
        changed = _write(portal, user, task, name, new) or changed
    if changed:
        stamp(portal, task, user)
    for change in portal.state.task_changes[before:]:
        if change.field in ("DEADLINE", "RESPONSIBLE_ID"):
            tell(portal, task, f"{user.full_name}: изменено поле {change.field}")
    return changed


def _read(
    portal: Portal, user: Employee, task: Task, fields: dict[str, Json], ignored: list[str]
) -> dict[str, Any]:
    """Read every field before any is written, so a refusal changes nothing."""
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name in WRITERS:
            new = WRITERS[name][1](portal, user, task, value)
        else:
            new = read_passive(portal, name, value)
        if new is SKIPPED:
            ignored.append(name)
        else:
            values[name] = new
    _check_plan(task, values)
    return values


def _check_plan(task: Task, values: dict[str, Any]) -> None:
    first, last = (
        values.get(f"{name}_DATE_PLAN", task.extra.get(f"{name}_DATE_PLAN")) for name in ("START", "END")
    )
    if first and last and datetime.fromisoformat(last) < datetime.fromisoformat(first):
        raise RestError("ERROR_CORE", "Дата завершения в планировании указана раньше даты начала<br>")


def _write(portal: Portal, user: Employee, task: Task, name: str, new: Any) -> bool:
    if name not in WRITERS:
        changed = bool(task.extra.get(name) != new)
        task.extra[name] = new
        return changed
    attribute = WRITERS[name][0]
    old = getattr(task, attribute)
    if new == old:
        return False
    if name == "STATUS":
        set_status(portal, task, user, new)
        return True
    setattr(task, attribute, new)
    if task.chat_id:  # a task that is being created has no chat yet, and no history of fields
        shown = "FILES" if name == "UF_TASK_WEBDAV_FILES" else name
        log(
            portal,
            task,
            user,
            shown,
            old=_logged(old),
            new=_logged(new),
        )
    return True


def _logged(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, list):
        return ",".join(str(one) for one in value)
    return ("Y" if value else "N") if isinstance(value, bool) else value
