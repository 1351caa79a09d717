"""What a user may do with a task, by his part in it, by its group and by its state.

Facts: api-reference/tasks/{tasks-task-get-access,tasks-task-access-get,status/*}.md.
"""

from __future__ import annotations

from b24flow.sandbox.model import groups
from b24flow.sandbox.model.entities import Employee, Task
from b24flow.sandbox.model.portal import Portal

PENDING, IN_PROGRESS, AWAITING, COMPLETED, DEFERRED = 2, 3, 4, 5, 6


def members(task: Task) -> list[int]:
    """Return everybody who takes part in a task."""
    return [task.created_by, task.responsible_id, *task.accomplices, *task.auditors]


def _group_allows(portal: Portal, user: Employee, task: Task, operation: str) -> bool:
    group = portal.state.groups.get(task.group_id)
    return group is not None and groups.may_do(group, user, "tasks", operation)


def may_read(portal: Portal, user: Employee, task: Task) -> bool:
    """Say whether a user sees a task.

    He takes part, heads a participant, belongs to the task's group, or is administrator.
    """
    if user.admin or user.id in members(task):
        return True
    if task.group_id and _group_allows(portal, user, task, "view_all"):
        return True
    headed = {row.id for row in portal.state.departments.values() if row.head == user.id}
    if not headed:
        return False
    people = (portal.user(member) for member in members(task))
    return any(person and headed & set(person.departments) for person in people)


def may_edit(user: Employee, task: Task) -> bool:
    """Say whether a user may edit a task by himself: the setter and administrators."""
    return user.admin or user.id == task.created_by


def may_change(portal: Portal, user: Employee, task: Task) -> bool:
    """Say whether a user may edit a task, also as a moderator of its group."""
    return may_edit(user, task) or _group_allows(portal, user, task, "edit_tasks")


def may_delete(portal: Portal, user: Employee, task: Task) -> bool:
    """Say whether a user may delete a task: the setter, administrators, moderators of its group."""
    return may_edit(user, task) or _group_allows(portal, user, task, "delete_tasks")


def may_create_in(portal: Portal, user: Employee, group_id: int) -> bool:
    """Say whether a user may put tasks into a group; 0 is no group."""
    group = portal.state.groups.get(group_id)
    return not group_id or (group is not None and groups.may_do(group, user, "tasks", "create_tasks"))


def may_change_deadline(user: Employee, task: Task) -> bool:
    """Say whether a user may move the deadline; the executor only where it was allowed."""
    return may_edit(user, task) or (user.id == task.responsible_id and task.allow_deadline)


def performs(user: Employee, task: Task) -> bool:
    """Say whether a user may work on a task: its setter, executor, accomplices, administrators."""
    return user.admin or user.id in (task.created_by, task.responsible_id, *task.accomplices)


def allowed_actions(portal: Portal, user: Employee, task: Task) -> dict[str, bool]:
    """Return the actions a user may take now, under the names REST gives them."""
    works, edits = performs(user, task), may_change(portal, user, task)
    opened = task.status in (PENDING, IN_PROGRESS, DEFERRED)
    delegates = user.admin or user.id in (task.responsible_id, task.created_by)
    liked = user.id in task.favorite
    return {
        "accept": False,
        "decline": False,
        "complete": (works and opened) or (edits and task.status == AWAITING),
        "approve": edits and task.status == AWAITING,
        "disapprove": edits and task.status == AWAITING,
        "start": works and task.status in (PENDING, DEFERRED),
        "pause": works and task.status == IN_PROGRESS,
        "delegate": delegates and opened,
        "remove": may_delete(portal, user, task),
        "edit": edits,
        "defer": works and task.status in (PENDING, IN_PROGRESS),
        "renew": works and task.status in (AWAITING, COMPLETED, DEFERRED),
        "create": True,
        "changeDeadline": edits or may_change_deadline(user, task),
        "checklistAddItems": works or edits,
        "addFavorite": not liked,
        "deleteFavorite": liked,
        "rate": edits,
        "take": False,
        "edit.originator": user.admin,
        "checklist.reorder": works or edits,
        "elapsedtime.add": works,
        "dayplan.timer.toggle": works and task.extra.get("ALLOW_TIME_TRACKING") == "Y",
        "edit.plan": edits,
        "checklist.add": works or edits,
        "favorite.add": not liked,
        "favorite.delete": liked,
    }


# How REST 3.0 calls the actions, and what each of them asks for.
_V3 = {
    "read": "reads", "watch": "reads", "mute": "reads", "createSubtask": "reads", "createResult": "works",
    "edit": "edits", "remove": "remove", "complete": "complete", "approve": "approve",
    "disapprove": "disapprove", "start": "start", "take": "take", "delegate": "delegate",
    "defer": "defer", "renew": "renew", "deadline": "changeDeadline", "datePlan": "edits",
    "changeDirector": "directs", "changeResponsible": "edits", "changeAccomplices": "edits",
    "pause": "pause", "timeTracking": "dayplan.timer.toggle", "mark": "edits", "changeStatus": "works",
    "reminder": "reads", "addAuditors": "reads", "elapsedTime": "works", "favorite": "reads",
    "checklistAdd": "checklist.add", "checklistEdit": "checklist.add", "checklistSave": "checklist.add",
    "checklistToggle": "checklist.add", "automate": "edits", "resultEdit": "", "completeResult": "works",
    "removeResult": "", "resultRead": "", "admin": "admin", "copy": "reads", "saveAsTemplate": "reads",
    "attachFile": "edits", "detachFile": "edits", "detachParent": "edits",
    "createGanttDependence": "edits", "sort": "",
}  # fmt: skip


def access_v3(portal: Portal, user: Employee, task: Task) -> dict[str, bool]:
    """Return the actions a user may take now, under the names REST 3.0 gives them."""
    asked = allowed_actions(portal, user, task) | {
        "": False,
        "reads": may_read(portal, user, task),
        "works": performs(user, task),
        "edits": may_change(portal, user, task),
        "directs": user.admin and user.id != task.created_by,
        "admin": user.admin,
    }
    return {name: asked[word] for name, word in _V3.items()}
