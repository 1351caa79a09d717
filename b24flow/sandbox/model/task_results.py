"""Results of tasks: changed and withdrawn by their authors, made of messages of the chat.

Facts: api-reference/tasks/result/*.md. Adding one is in `tasks`, as completing a task asks for it.
"""

from __future__ import annotations

from b24flow.sandbox.model import disk, tasks
from b24flow.sandbox.model.entities import Employee, Message, Task, TaskResult
from b24flow.sandbox.model.portal import Portal


def task_of_message(portal: Portal, message: Message) -> Task | None:
    """Return the task in whose chat a message is, None for any other message."""
    chat = portal.state.chats.get(message.chat_id)
    if chat is None or chat.entity_type != "TASKS_TASK":
        return None
    task = portal.state.tasks.get(int(chat.entity_id))
    return None if task is None or task.deleted else task


def may_pin(portal: Portal, user: Employee, task: Task, message: Message) -> bool:
    """Say whether a user may make a result of a message: of his own one, an administrator of any."""
    return tasks.may_read(portal, user, task) and (user.admin or message.author_id == user.id)


def add_from_message(portal: Portal, task: Task, message: Message) -> TaskResult:
    """Make a result of a message of the task's chat; its author is the author of the result."""
    author = portal.state.users[message.author_id]
    result = tasks.add_result(portal, author, task, message.text)
    result.message_id = message.id
    rows = (portal.state.objects.get(one) for one in message.files)
    result.files = [disk.attach(portal, author, row, task.id).id for row in rows if row is not None]
    return result


def own(portal: Portal, user: Employee, result_id: int) -> TaskResult | None:
    """Return a result its author asks for, None for anybody else."""
    row = portal.state.task_results.get(result_id)
    return row if row is not None and row.author_id == user.id else None


def update(portal: Portal, row: TaskResult, text: str) -> None:
    """Change the text of a result."""
    row.text, row.updated = text, portal.clock.now()


def delete(portal: Portal, row: TaskResult) -> None:
    """Withdraw a result."""
    del portal.state.task_results[row.id]
