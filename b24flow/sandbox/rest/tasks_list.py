"""The list of tasks: filters, order, pages (api-reference/tasks/tasks-task-list.md).

Filters a box knows beside the documented ones: XML_ID, GUID, MEMBER, DOER, FLOW_ID, IM_CHAT_CHAT_ID,
`UF_…` and `::LOGIC`. A key it does not know is ignored, so a typing error returns every task.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.filters import is_descending, matches, sort_rows, split_prefix
from b24flow.sandbox.listing import walk_page
from b24flow.sandbox.model import chats
from b24flow.sandbox.model import tasks as model
from b24flow.sandbox.model.entities import Task
from b24flow.sandbox.model.indexes import CHANGED, CODE, ID, plan
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.task_marks import is_late
from b24flow.sandbox.registry import Call, Page, method
from b24flow.sandbox.rest.task_show import more_about, show_task, sub_status
from b24flow.sandbox.rest.tasks import DOC
from b24flow.sandbox.wire import Params, RestError, as_int, as_list, as_map, is_yes

Condition = tuple[str, str, Any]

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
    "STATUS": sub_status,
    "MARK": lambda _, t: t.extra.get("MARK"),
    "SITE_ID": lambda _, t: "s1",
    "ADD_IN_REPORT": lambda _, t: t.extra.get("ADD_IN_REPORT", "N"),
    "DEPENDS_ON": lambda _, t: t.extra.get("DEPENDS_ON", []),
    "SPRINT_ID": lambda _, t: None,
    "BACKLOG_ID": lambda _, t: None,
    "FLOW_ID": lambda _, t: as_int(t.extra.get("FLOW_ID")),
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
_ORDER: dict[str, Callable[[Portal, Task], Any]] = {
    "ID": lambda _, t: t.id,
    "TITLE": lambda _, t: t.title,
    "DATE_START": lambda _, t: t.start,
    "CREATED_DATE": lambda _, t: t.created,
    "CHANGED_DATE": lambda _, t: t.changed,
    "CLOSED_DATE": lambda _, t: t.closed,
    "ACTIVITY_DATE": lambda _, t: t.activity,
    "DEADLINE": lambda _, t: t.deadline,
    "REAL_STATUS": lambda _, t: t.status,
    "STATUS_COMPLETE": lambda _, t: t.status == model.COMPLETED,
    "PRIORITY": lambda _, t: t.priority,
    "GROUP_ID": lambda _, t: t.group_id,
    "ALLOW_CHANGE_DEADLINE": lambda _, t: t.allow_deadline,
    "CREATED_BY_LAST_NAME": lambda p, t: _last_name(p, t.created_by),
    "RESPONSIBLE_LAST_NAME": lambda p, t: _last_name(p, t.responsible_id),
    "START_DATE_PLAN": lambda _, t: _planned(t, "START_DATE_PLAN"),
    "END_DATE_PLAN": lambda _, t: _planned(t, "END_DATE_PLAN"),
    "MARK": lambda _, t: t.extra.get("MARK"),
    "TIME_ESTIMATE": lambda _, t: as_int(t.extra.get("TIME_ESTIMATE")),
    "ALLOW_TIME_TRACKING": lambda _, t: t.extra.get("ALLOW_TIME_TRACKING", "N"),
    "MATCH_WORK_TIME": lambda _, t: t.extra.get("MATCH_WORK_TIME", "N"),
    **dict.fromkeys(("TIME_SPENT_IN_LOGS", "SORTING", "IS_PINNED_IN_GROUP"), lambda _, t: 0),
}
_OWN_ORDER: dict[str, Callable[[Task], list[int]]] = {
    "FAVORITE": lambda t: t.favorite,
    "IS_PINNED": lambda t: t.pinned,
}


def _last_name(portal: Portal, user_id: int) -> str:
    user = portal.user(user_id)
    return user.last_name if user else ""


def _planned(task: Task, name: str) -> datetime | None:
    kept = task.extra.get(name)
    return datetime.fromisoformat(kept) if kept else None


@method("tasks.task.list", scope="task", doc=DOC + "tasks-task-list.md",
        params="order filter select params start",
        partial="нет метастатусов -2 и -3; цвет счётчика всегда серый; учёта времени нет")  # fmt: skip
def task_list(call: Call) -> Page:
    """List tasks; unknown filter keys are ignored, so a typing error returns every task."""
    conditions = _conditions(call)
    order = call.optional_map("order") or {"ID": "desc"}
    for key in order:
        if key.upper() not in _ORDER and key.upper() not in _OWN_ORDER:
            raise RestError("0", "Invalid sorting key")
    page = _page(call, conditions, order)
    select = [str(name) for name in as_list(call.params.get("select"))]
    shown = [_show(call, task, select, order) for task in page.result]
    return Page(result={"tasks": shown}, total=page.total, next=page.next)


def _show(call: Call, task: Task, select: list[str], order: Params) -> Params:
    """Return a task with what a list alone adds: by `params`, by the order, by COUNTERS."""
    upper = [name.upper() for name in select]
    known = [name for name in select if name.upper() not in ("COUNTERS", "SUBSTATUS")]
    shown = show_task(call, task, known, with_action=False)
    if any(key.upper() == "DEADLINE" for key in order):
        shown["lengthDeadline"] = "1" if task.deadline else "0"
    shown |= more_about(call, task)
    if "COUNTERS" in upper:
        shown["counter"] = _counter(call, task)
    return shown


def _counter(call: Call, task: Task) -> Params:
    chat = call.state.chats.get(task.chat_id)
    mine = call.user.id in model.members(task)
    late = int(mine and is_late(call.portal, task))
    unread = len(chats.unread_of(call.portal, chat, call.user.id)) if mine and chat is not None else 0
    muted = call.user.id in task.muted
    values = {
        "expired": 0 if muted else late,
        "newComments": 0 if muted else unread,
        "projectExpired": 0,
        "projectNewComments": 0,
        "mutedExpired": late if muted else 0,
        "mutedNewComments": unread if muted else 0,
    }
    return {"counters": values, "color": "gray", "value": values["expired"] + values["newComments"]}


_INDEXED = {"ID": ID, "XML_ID": CODE, "CHANGED_DATE": CHANGED}


def _page(call: Call, conditions: list[Condition], order: Params) -> Page:
    either = str(call.optional_map("filter").get("::LOGIC", "")).upper() == "OR"

    def fits(task: Task) -> bool:
        return model.may_read(call.portal, call.user, task) and _fits(call, task, conditions, either=either)

    def sort(rows: list[Task]) -> list[Task]:
        return sort_rows(rows, order, lambda task, key: _sorted_by(call, task, key.upper()))

    narrowing = [(prefix, _INDEXED.get(name, name), value) for prefix, name, value in conditions]
    if either:
        narrowing = [("", "or", True)]
    if not call.user.admin:  # who sees what is a condition too, one no index knows
        narrowing.append(("", "access", call.user.id))
    directions = [(_INDEXED.get(k.upper(), k), is_descending(way)) for k, way in order.items()]
    walk = plan(call.state.task_index, narrowing, directions)
    return walk_page(call, walk, call.state.tasks, fits=fits, sort=sort)


def _sorted_by(call: Call, task: Task, key: str) -> Any:
    if key in _OWN_ORDER:
        return call.user.id in _OWN_ORDER[key](task)
    return _ORDER[key](call.portal, task)


def _conditions(call: Call) -> list[Condition]:
    conditions: list[Condition] = []
    for key, wanted in call.optional_map("filter").items():
        prefix, name = split_prefix(key)
        name = name.upper()
        if name == "::LOGIC":
            continue
        if name == "::SUBFILTER-PARAMS":
            conditions += [("", "FAVORITE", True)] if is_yes(as_map(wanted).get("FAVORITE")) else []
            continue
        if name == "ONLY_ROOT_TASKS":
            conditions += [("", name, True)] if is_yes(wanted) else []
            continue
        if name not in _FILTER and not name.startswith("UF_"):
            call.note("unknown_filter", key)
            continue
        value = as_list(wanted) if isinstance(wanted, list | dict) else wanted
        if name in _DATES and not isinstance(value, list):
            value = parse_moment(value, call.portal.clock.zone)
        elif prefix in (">", "<", ">=", "<="):
            value = as_int(value)
        elif name == "TITLE" and "%" in str(value):
            prefix += "=%"
        conditions.append((prefix, name, value))
    return conditions


def _fits(call: Call, task: Task, conditions: list[Condition], *, either: bool) -> bool:
    checks = (matches(prefix, _value(call, task, name), value) for prefix, name, value in conditions)
    return any(checks) if either and conditions else all(checks)


def _value(call: Call, task: Task, name: str) -> Any:
    if name == "FAVORITE":
        return call.user.id in task.favorite
    if name == "ONLY_ROOT_TASKS":
        above = call.state.tasks.get(task.parent_id or 0)
        return above is None or above.deleted or not model.may_read(call.portal, call.user, above)
    if name in _FILTER:
        return _FILTER[name](call.portal, task)
    return task.extra.get(name)
