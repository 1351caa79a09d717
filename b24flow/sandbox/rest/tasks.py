"""Tasks: reading, creating, changing (api-reference/tasks/tasks-task-*.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from b24flow.sandbox.clock import iso, parse_moment
from b24flow.sandbox.filters import is_descending, matches, sort_rows, split_prefix
from b24flow.sandbox.listing import walk_page
from b24flow.sandbox.model import tasks as model
from b24flow.sandbox.model.entities import Task
from b24flow.sandbox.model.indexes import CHANGED, CODE, ID, plan
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.task_fields import PASSIVE, WRITERS
from b24flow.sandbox.registry import Call, Page, method
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, as_map, yes_no

DOC = "api-reference/tasks/"
_NULLS = [
    "TIME_SPENT_IN_LOGS",
    "COMMENTS_COUNT",
    "SERVICE_COMMENTS_COUNT",
    "FORKED_BY_TEMPLATE_ID",
    "FORUM_TOPIC_ID",
    "FORUM_ID",
    "EXCHANGE_MODIFIED",
    "EXCHANGE_ID",
    "VIEWED_DATE",
    "SORTING",
    "DURATION_FACT",
    "FLOW_ID",
    "START_DATE_PLAN",
    "END_DATE_PLAN",
    "DURATION_PLAN",
    "MARK",
]
_CONSTANTS: dict[str, str] = {
    "MULTITASK": "N",
    "NOT_VIEWED": "N",
    "REPLICATE": "N",
    "STAGE_ID": "0",
    "ALLOW_TIME_TRACKING": "N",
    "ADD_IN_REPORT": "N",
    "TIME_ESTIMATE": "0",
    "MATCH_WORK_TIME": "N",
    "SITE_ID": "s1",
    "SUBORDINATE": "N",
    "OUTLOOK_VERSION": "1",
    "IS_MUTED": "N",
    "IS_PINNED": "N",
    "IS_PINNED_IN_GROUP": "N",
    "DESCRIPTION_IN_BBCODE": "Y",
    "DURATION_TYPE": "days",
    "FAVORITE": "N",
}


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


_READERS: dict[str, Callable[[Task], Json]] = {
    "ID": lambda t: str(t.id),
    "PARENT_ID": lambda t: _text(t.parent_id),
    "TITLE": lambda t: t.title,
    "DESCRIPTION": lambda t: t.description,
    "PRIORITY": lambda t: str(t.priority),
    "CREATED_BY": lambda t: str(t.created_by),
    "CREATED_DATE": lambda t: iso(t.created),
    "RESPONSIBLE_ID": lambda t: str(t.responsible_id),
    "CHANGED_BY": lambda t: str(t.changed_by),
    "CHANGED_DATE": lambda t: iso(t.changed),
    "STATUS_CHANGED_BY": lambda t: _text(t.status_changed_by),
    "STATUS_CHANGED_DATE": lambda t: iso(t.status_changed),
    "CLOSED_BY": lambda t: _text(t.closed_by),
    "CLOSED_DATE": lambda t: iso(t.closed),
    "ACTIVITY_DATE": lambda t: iso(t.activity),
    "DATE_START": lambda t: iso(t.start),
    "DEADLINE": lambda t: iso(t.deadline),
    "GUID": lambda t: t.guid,
    "XML_ID": lambda t: t.xml_id,
    "ALLOW_CHANGE_DEADLINE": lambda t: yes_no(t.allow_deadline),
    "TASK_CONTROL": lambda t: yes_no(t.control),
    "STATUS": lambda t: str(t.status),
    "GROUP_ID": lambda t: str(t.group_id),
    "AUDITORS": lambda t: [str(one) for one in t.auditors],
    "ACCOMPLICES": lambda t: [str(one) for one in t.accomplices],
    "CHECKLIST": lambda t: [],
    "CHAT_ID": lambda t: t.chat_id,
}
_ON_DEMAND: dict[str, Callable[[Task], Json]] = {
    "UF_CRM_TASK": lambda t: list(t.crm),
    "UF_TASK_WEBDAV_FILES": lambda t: list(t.attachments),
    "UF_MAIL_MESSAGE": lambda t: None,
    "TAGS": lambda t: {str(n): {"id": n, "title": tag} for n, tag in enumerate(t.tags, start=1)},
    "SE_PARAMETER": lambda t: [{"code": c, "value": v} for c, v in t.parameters.items()],
}
_SELECTABLE = {*_READERS, *_ON_DEMAND, *_NULLS, *_CONSTANTS, "REAL_STATUS", "*"}


def camel(name: str) -> str:
    """Return the camelCase name of an UPPER_SNAKE one."""
    head, *rest = name.lower().split("_")
    return head + "".join(word.capitalize() for word in rest)


def show_task(call: Call, task: Task, select: list[str], *, with_action: bool) -> Params:
    """Return a task; an empty select means every field except those given on demand."""
    wanted = {name.upper() for name in select}
    for name in select:
        if name.upper() not in _SELECTABLE and not name.upper().startswith("UF_"):
            call.note("unknown_select", name)
    everything = not wanted or "*" in wanted
    shown: Params = {"id": str(task.id)}
    for name, read in _READERS.items():
        if everything or name in wanted:
            shown[camel(name)] = read(task)
    for name in (*_NULLS, *_CONSTANTS):
        if everything or name in wanted:
            shown[camel(name)] = task.extra.get(name, _CONSTANTS.get(name))
    for name, demanded in _ON_DEMAND.items():
        if name in wanted:
            shown[camel(name)] = demanded(task)
    for name in wanted:
        if name.startswith("UF_") and name not in _ON_DEMAND:
            shown[camel(name)] = task.extra.get(name)
    _add_people(call.portal, task, shown)
    if "status" in shown:
        shown["subStatus"] = str(_sub_status(call.portal, task))
    if with_action:
        shown["favorite"] = "N"
        shown["action"] = model.allowed_actions(call.portal, call.user, task)
    return shown


def _add_people(portal: Portal, task: Task, shown: Params) -> None:
    shown["group"] = []
    if "createdBy" in shown:
        shown["creator"] = _person(portal, task.created_by)
    if "responsibleId" in shown:
        shown["responsible"] = _person(portal, task.responsible_id)
    if "auditors" in shown:
        shown["auditorsData"] = {str(one): _person(portal, one) for one in task.auditors}
    if "accomplices" in shown:
        shown["accomplicesData"] = {str(one): _person(portal, one) for one in task.accomplices}


def _person(portal: Portal, user_id: int) -> Params:
    user = portal.user(user_id)
    return {
        "id": str(user_id),
        "name": user.full_name if user else "",
        "link": f"/company/personal/user/{user_id}/",
        "icon": "/bitrix/images/tasks/default_avatar.png",
        "workPosition": user.position if user else "",
    }


def _sub_status(portal: Portal, task: Task) -> int:
    opened = task.status in (model.PENDING, model.IN_PROGRESS)
    late = task.deadline is not None and task.deadline < portal.clock.now()
    return -1 if opened and late else task.status


def _note(call: Call, ignored: list[str]) -> None:
    for name in ignored:
        call.note("unknown_field", name)


@method("tasks.task.add", scope="task", doc=DOC + "tasks-task-add.md", params="fields* params")
def task_add(call: Call) -> Json:
    """Create a task; field names are upper case, others are ignored."""
    ignored: list[str] = []
    task = model.create(call.portal, call.user, call.mapping("fields"), ignored)
    _note(call, ignored)
    return {"task": show_task(call, task, [], with_action=True)}


@method("tasks.task.get", scope="task", doc=DOC + "tasks-task-get.md",
        params="taskId* select params")  # fmt: skip
def task_get(call: Call) -> Json:
    """Return a task, or an empty list when it is absent or closed to the caller."""
    task = model.find(call.portal, call.user, call.number("taskId"))
    if task is None:
        return []
    return {"task": show_task(call, task, _selected(call), with_action=True)}


def _selected(call: Call) -> list[str]:
    return [str(name) for name in as_list(call.params.get("select"))]


@method("tasks.task.update", scope="task", doc=DOC + "tasks-task-update.md",
        params="taskId* fields* params")  # fmt: skip
def task_update(call: Call) -> Json:
    """Change a task."""
    task = model.require(call.portal, call.user, call.number("taskId"))
    ignored: list[str] = []
    model.update(call.portal, call.user, task, call.mapping("fields"), ignored)
    _note(call, ignored)
    return {"task": show_task(call, task, [], with_action=True)}


@method("tasks.task.delete", scope="task", doc=DOC + "tasks-task-delete.md", params="taskId*")
def task_delete(call: Call) -> Json:
    """Delete a task."""
    model.delete(call.portal, call.user, model.require(call.portal, call.user, call.number("taskId")))
    return {"task": True}


_FILTER: dict[str, Callable[[Portal, Task], Any]] = {
    "ID": lambda _, t: t.id,
    "PARENT_ID": lambda _, t: t.parent_id,
    "GROUP_ID": lambda _, t: t.group_id,
    "CREATED_BY": lambda _, t: t.created_by,
    "STATUS_CHANGED_BY": lambda _, t: t.status_changed_by,
    "PRIORITY": lambda _, t: t.priority,
    "FORUM_TOPIC_ID": lambda _, t: None,
    "RESPONSIBLE_ID": lambda _, t: t.responsible_id,
    "TITLE": lambda _, t: t.title,
    "TAG": lambda _, t: t.tags,
    "REAL_STATUS": lambda _, t: t.status,
    "STATUS": _sub_status,
    "MARK": lambda _, t: t.extra.get("MARK"),
    "SITE_ID": lambda _, t: "s1",
    "ADD_IN_REPORT": lambda _, t: "N",
    "DATE_START": lambda _, t: t.start,
    "DEADLINE": lambda _, t: t.deadline,
    "CREATED_DATE": lambda _, t: t.created,
    "CLOSED_DATE": lambda _, t: t.closed,
    "CHANGED_DATE": lambda _, t: t.changed,
    "ACCOMPLICE": lambda _, t: t.accomplices,
    "AUDITOR": lambda _, t: t.auditors,
    "STAGE_ID": lambda _, t: as_int(t.extra.get("STAGE_ID")),
    "UF_CRM_TASK": lambda _, t: t.crm,
    "XML_ID": lambda _, t: t.xml_id,
    "GUID": lambda _, t: t.guid,
    "MEMBER": lambda _, t: model.members(t),
    "DOER": lambda _, t: [t.responsible_id, *t.accomplices],
    "IM_CHAT_CHAT_ID": lambda _, t: t.chat_id,
}
_DATES = {"DATE_START", "DEADLINE", "CREATED_DATE", "CLOSED_DATE", "CHANGED_DATE"}
_ORDER: dict[str, Callable[[Task], Any]] = {
    "ID": lambda t: t.id,
    "TITLE": lambda t: t.title,
    "DATE_START": lambda t: t.start,
    "CREATED_DATE": lambda t: t.created,
    "CHANGED_DATE": lambda t: t.changed,
    "CLOSED_DATE": lambda t: t.closed,
    "ACTIVITY_DATE": lambda t: t.activity,
    "DEADLINE": lambda t: t.deadline,
    "REAL_STATUS": lambda t: t.status,
    "STATUS_COMPLETE": lambda t: t.status == model.COMPLETED,
    "PRIORITY": lambda t: t.priority,
    "GROUP_ID": lambda t: t.group_id,
    "ALLOW_CHANGE_DEADLINE": lambda t: t.allow_deadline,
    **dict.fromkeys(
        ("TIME_SPENT_IN_LOGS", "START_DATE_PLAN", "END_DATE_PLAN", "MARK", "FAVORITE", "SORTING",
         "CREATED_BY_LAST_NAME", "RESPONSIBLE_LAST_NAME", "TIME_ESTIMATE", "ALLOW_TIME_TRACKING",
         "MATCH_WORK_TIME", "IS_PINNED", "IS_PINNED_IN_GROUP"),
        lambda t: 0,
    ),
}  # fmt: skip


@method("tasks.task.list", scope="task", doc=DOC + "tasks-task-list.md",
        params="order filter select params start")  # fmt: skip
def task_list(call: Call) -> Page:
    """List tasks; unknown filter keys are ignored, so a typing error returns every task."""
    conditions = _conditions(call)
    order = call.optional_map("order") or {"ID": "desc"}
    for key in order:
        if key.upper() not in _ORDER:
            raise RestError("0", "Invalid sorting key")
    page = _page(call, conditions, order)
    select = _selected(call)
    shown = [show_task(call, task, select, with_action=False) for task in page.result]
    return Page(result={"tasks": shown}, total=page.total, next=page.next)


_INDEXED = {"ID": ID, "XML_ID": CODE, "CHANGED_DATE": CHANGED}


def _page(call: Call, conditions: list[tuple[str, str, Any]], order: Params) -> Page:
    def fits(task: Task) -> bool:
        return model.may_read(call.portal, call.user, task) and _fits(call, task, conditions)

    def sort(rows: list[Task]) -> list[Task]:
        return sort_rows(rows, order, lambda task, key: _ORDER[key.upper()](task))

    narrowing = [(prefix, _INDEXED.get(name, name), value) for prefix, name, value in conditions]
    if not call.user.admin:  # who sees what is a condition too, one no index knows
        narrowing.append(("", "access", call.user.id))
    directions = [(_INDEXED.get(k.upper(), k), is_descending(way)) for k, way in order.items()]
    walk = plan(call.state.task_index, narrowing, directions)
    return walk_page(call, walk, call.state.tasks, fits=fits, sort=sort)


def _conditions(call: Call) -> list[tuple[str, str, Any]]:
    conditions = []
    for key, wanted in call.optional_map("filter").items():
        prefix, name = split_prefix(key)
        name = name.upper()
        if name not in _FILTER:
            call.note("unknown_filter", key)
            continue
        value = as_list(wanted) if isinstance(wanted, list | dict) else wanted
        if name in _DATES and not isinstance(value, list):
            value = parse_moment(value, call.portal.clock.zone)
        elif prefix in (">", "<", ">=", "<="):
            value = as_int(value)
        conditions.append((prefix, name, value))
    return conditions


def _fits(call: Call, task: Task, conditions: list[tuple[str, str, Any]]) -> bool:
    return all(matches(prefix, _FILTER[name](call.portal, task), value) for prefix, name, value in conditions)


@method("tasks.task.getFields", scope="task", doc=DOC + "tasks-task-get-fields.md")
def task_fields(call: Call) -> Json:
    """Describe the fields of a task."""
    names = [*WRITERS, *sorted(PASSIVE), *_READERS]
    fields = {
        name: {
            "title": name,
            "type": "string",
            "required": name in ("TITLE", "RESPONSIBLE_ID"),
        }
        for name in dict.fromkeys(names)
    }
    return {"fields": as_map(fields)}
