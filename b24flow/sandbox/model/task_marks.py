"""What a user notes about a task for himself: favourites, pins, silence, watching, counters.

Facts: api-reference/tasks/user-actions/*.md, tasks-task-counters-get.md.
"""

from __future__ import annotations

from b24flow.sandbox.model import chats, tasks
from b24flow.sandbox.model.entities import Employee, Task
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.task_rights import IN_PROGRESS, PENDING

ROLES = (
    "view_all",
    "view_role_responsible",
    "view_role_accomplice",
    "view_role_auditor",
    "view_role_originator",
)


def mark(people: list[int], user: Employee, *, put: bool) -> None:
    """Put a user on a list of those who marked a task, or take him off."""
    if put and user.id not in people:
        people.append(user.id)
    if not put and user.id in people:
        people.remove(user.id)


def watch(portal: Portal, user: Employee, task: Task, *, put: bool) -> None:
    """Make a user an observer of a task, or let him go; anybody who sees the task may."""
    old = ",".join(map(str, task.auditors))
    if (user.id in task.auditors) == put:
        return
    mark(task.auditors, user, put=put)
    tasks.log(portal, task, user, "AUDITORS", old=old, new=",".join(map(str, task.auditors)))
    tasks.stamp(portal, task, user)


def is_late(portal: Portal, task: Task) -> bool:
    """Say whether a task that is being worked on is past its deadline."""
    opened = task.status in (PENDING, IN_PROGRESS)
    return opened and task.deadline is not None and task.deadline < portal.clock.now()


def counters(portal: Portal, user: Employee, role: str, group_id: int) -> tuple[int, int]:
    """Return how many tasks of a user are late and how many chat messages of his tasks are unread."""
    late = unread = 0
    for task in portal.state.tasks.values():
        if task.deleted or not _plays(user, task, role) or (group_id and task.group_id != group_id):
            continue
        late += is_late(portal, task) and user.id not in task.muted
        chat = portal.state.chats.get(task.chat_id)
        if chat is not None and user.id not in task.muted:
            unread += len(chats.unread_of(portal, chat, user.id))
    return late, unread


def _plays(user: Employee, task: Task, role: str) -> bool:
    parts = {
        "view_role_responsible": [task.responsible_id],
        "view_role_accomplice": task.accomplices,
        "view_role_auditor": task.auditors,
        "view_role_originator": [task.created_by],
    }
    return user.id in parts.get(role, tasks.members(task))
