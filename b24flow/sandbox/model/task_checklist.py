"""Checklists of tasks: trees of steps, each of which is done separately.

Facts: api-reference/tasks/checklist-item/*.md. A checklist itself is an item without a parent.
"""

from __future__ import annotations

from b24flow.sandbox.model import tasks
from b24flow.sandbox.model.entities import ChecklistItem, Employee, Task
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.task_rights import may_change, may_read, performs
from b24flow.sandbox.wire import Params, RestError, as_int, as_map, is_yes

FIRST_NAME = "Чек-лист 1"


def failed(text: str) -> RestError:
    """Build the refusal of an action on a checklist."""
    return RestError(
        "ERROR_CORE", f"TASKS_ERROR_EXCEPTION_#8; {text}; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>"
    )


def items_of(portal: Portal, task: Task) -> list[ChecklistItem]:
    """Return the items of a task, oldest first."""
    return [row for row in portal.state.checklist.values() if row.task_id == task.id]


def may_work(portal: Portal, user: Employee, task: Task) -> bool:
    """Say whether a user may add, change and delete items: whoever edits the task or works on it."""
    return may_change(portal, user, task) or performs(user, task)


def reachable(portal: Portal, user: Employee, task_id: int, refusal: RestError) -> Task:
    """Return a task whose checklists the user may change, or refuse."""
    task = portal.state.tasks.get(task_id)
    if task is None or task.deleted or not may_work(portal, user, task):
        raise refusal
    return task


def item_of(portal: Portal, task: Task, item_id: int, refusal: RestError) -> ChecklistItem:
    """Return an item of a task, or refuse."""
    row = portal.state.checklist.get(item_id)
    if row is None or row.task_id != task.id:
        raise refusal
    return row


def add(portal: Portal, user: Employee, task: Task, given: Params) -> ChecklistItem:
    """Add an item; without a parent it goes to the first checklist, which is made when there is none."""
    title = str(given.get("TITLE") or "").strip()
    if not title:
        raise failed("Не указано название пункта")
    if "PARENT_ID" in given:
        parent = _parent(portal, task, given)
    else:
        roots = [row.id for row in items_of(portal, task) if not row.parent_id]
        parent = roots[0] if roots else _new(portal, user, task, FIRST_NAME, 0).id
    row = _new(portal, user, task, title, parent)
    _write(portal, user, task, row, {key: given[key] for key in given if key not in ("TITLE", "PARENT_ID")})
    tasks.log(portal, task, user, "CHECKLIST_ITEM_CREATE", new=row.title)
    return row


def _parent(portal: Portal, task: Task, given: Params) -> int:
    """Return the item above; an unknown one means a new checklist."""
    number = as_int(given["PARENT_ID"])
    return number if any(row.id == number for row in items_of(portal, task)) else 0


def _new(portal: Portal, user: Employee, task: Task, title: str, parent: int) -> ChecklistItem:
    beside = sum(row.parent_id == parent for row in items_of(portal, task))
    number = portal.state.next_id("checklist-item", 431)
    row = ChecklistItem(
        id=number, task_id=task.id, parent_id=parent, created_by=user.id, title=title, sort=beside
    )
    portal.state.checklist[row.id] = row
    return row


def update(portal: Portal, user: Employee, task: Task, row: ChecklistItem, given: Params) -> None:
    """Change an item; put under another one it takes along what is below it."""
    if "PARENT_ID" in given:
        parent = _parent(portal, task, given)
        if parent not in {one.id for one in [row, *below(portal, row)]}:
            row.parent_id = parent
    _write(portal, user, task, row, given)


def _write(portal: Portal, user: Employee, task: Task, row: ChecklistItem, given: Params) -> None:
    title = str(given.get("TITLE") or "").strip()
    if title and title != row.title:
        tasks.log(portal, task, user, "CHECKLIST_ITEM_RENAME", old=row.title, new=title)
        row.title = title
    if "SORT_INDEX" in given:
        row.sort = as_int(given["SORT_INDEX"])
    if "IS_IMPORTANT" in given:
        row.important = is_yes(given["IS_IMPORTANT"])
    if "IS_COMPLETE" in given:
        toggle(portal, user, row, complete=is_yes(given["IS_COMPLETE"]))
    if "MEMBERS" in given:
        _set_members(portal, user, task, row, as_map(given["MEMBERS"]))


def _set_members(portal: Portal, user: Employee, task: Task, row: ChecklistItem, given: Params) -> None:
    """Replace the people of an item; they take the same parts in the task."""
    row.members = {}
    before = tasks.members(task)
    for key, value in given.items():
        number, part = as_int(key), str(as_map(value).get("TYPE", ""))
        if part not in ("A", "U") or portal.user(number) is None:
            continue
        row.members[number] = part
        people = task.accomplices if part == "A" else task.auditors
        if number not in people:
            people.append(number)
    if tasks.members(task) != before:
        tasks.stamp(portal, task, user)


def toggle(portal: Portal, user: Employee, row: ChecklistItem, *, complete: bool) -> None:
    """Mark an item as done or not; a repeat changes nothing."""
    if row.complete == complete:
        return
    row.complete, row.toggled_by, row.toggled = complete, user.id, portal.clock.now()
    task = portal.state.tasks[row.task_id]
    name = "CHECKLIST_ITEM_CHECK" if complete else "CHECKLIST_ITEM_UNCHECK"
    tasks.log(portal, task, user, name, new=row.title)


def may_toggle(portal: Portal, user: Employee, row: ChecklistItem) -> bool:
    """Say whether a user may mark an item: whoever sees its task."""
    task = portal.state.tasks.get(row.task_id)
    return task is not None and not task.deleted and may_read(portal, user, task)


def below(portal: Portal, row: ChecklistItem) -> list[ChecklistItem]:
    """Return everything below an item."""
    found = [row]
    for one in found:  # grows while it is walked
        found.extend(child for child in portal.state.checklist.values() if child.parent_id == one.id)
    return found[1:]


def delete(portal: Portal, user: Employee, task: Task, row: ChecklistItem) -> None:
    """Delete an item with everything below it."""
    for one in [*below(portal, row), row]:
        del portal.state.checklist[one.id]
    tasks.log(portal, task, user, "CHECKLIST_ITEM_REMOVE", old=row.title)


def move_after(portal: Portal, row: ChecklistItem, after: ChecklistItem) -> None:
    """Put an item right after another one, into the same list."""
    if after in [row, *below(portal, row)]:
        return
    row.parent_id = after.parent_id
    beside = [
        one
        for one in portal.state.checklist.values()
        if one.task_id == row.task_id and one.parent_id == after.parent_id and one is not row
    ]
    beside.sort(key=lambda one: (one.sort, one.id))
    beside.insert(beside.index(after) + 1, row)
    for place, one in enumerate(beside):
        one.sort = place


def allowed(portal: Portal, user: Employee, task: Task, action: int) -> bool:
    """Say whether a user may add (1), change (2), delete (3), mark (4) or reorder (5) items."""
    if action == 4:
        return may_read(portal, user, task)
    return action in (1, 2, 3, 5) and may_work(portal, user, task)
