"""How a task is written by the v2 methods: which fields come by themselves and which on demand.

Facts: api-reference/tasks/{fields,tasks-task-get,tasks-task-add}.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model import chats, task_checklist, task_marks
from b24flow.sandbox.model import tasks as model
from b24flow.sandbox.model.entities import ChecklistItem, Task
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.bbcode import render
from b24flow.sandbox.registry import Call
from b24flow.sandbox.wire import Json, Params, RestError, as_int, is_yes, missing, yes_no

NULLS = [
    "SPRINT_ID",
    "BACKLOG_ID",
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
CONSTANTS: dict[str, str] = {
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
    "IS_PINNED_IN_GROUP": "N",
    "DESCRIPTION_IN_BBCODE": "Y",
    "DURATION_TYPE": "days",
}


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


READERS: dict[str, Callable[[Task], Json]] = {
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
    "CHAT_ID": lambda t: t.chat_id,
}
ON_DEMAND: dict[str, Callable[[Task], Json]] = {
    "UF_CRM_TASK": lambda t: list(t.crm),
    "UF_TASK_WEBDAV_FILES": lambda t: list(t.attachments),
    "UF_MAIL_MESSAGE": lambda t: None,
    "TAGS": lambda t: {str(n): {"id": n, "title": tag} for n, tag in enumerate(t.tags, start=1)},
    "SE_PARAMETER": lambda t: [{"code": c, "value": v} for c, v in t.parameters.items()],
}
MARKS: dict[str, Callable[[Task], list[int]]] = {
    "FAVORITE": lambda t: t.favorite,
    "IS_PINNED": lambda t: t.pinned,
    "IS_MUTED": lambda t: t.muted,
}
SELECTABLE = {*READERS, *ON_DEMAND, *NULLS, *CONSTANTS, *MARKS, "CHECKLIST", "NEW_COMMENTS_COUNT",
              "REAL_STATUS", "*"}  # fmt: skip


@cache
def camel(name: str) -> str:
    """Return the camelCase name of an UPPER_SNAKE one."""
    head, *rest = name.lower().split("_")
    return head + "".join(word.capitalize() for word in rest)


def task_of(call: Call, name: str = "taskId") -> Task:
    """Return the task a call names and the caller may read, or refuse."""
    return model.require(call.portal, call.user, task_number(call, name))


def task_number(call: Call, name: str = "taskId") -> int:
    """Return the id of the task a call names; what is not a number is a wrong id."""
    value = call.params.get(name)
    if value is None:
        raise missing(name)
    if isinstance(value, dict | list) or not str(value).strip().lstrip("-").isdigit():
        raise RestError("0", "wrong task id")
    return as_int(value)


def show_task(call: Call, task: Task, select: list[str], *, with_action: bool) -> Params:
    """Return a task; an empty select means every field except those given on demand."""
    wanted = {name.upper() for name in select}
    for name in select:
        if name.upper() not in SELECTABLE and not name.upper().startswith("UF_"):
            call.note("unknown_select", name)
    usual = _usual()
    chosen = set(usual) | wanted if not wanted or "*" in wanted else wanted | {"ID"}
    if with_action:
        chosen.add("FAVORITE")
    if "DESCRIPTION" in chosen:
        chosen.add("DESCRIPTION_IN_BBCODE")
    shown: Params = {camel(name): read(call, task) for name, read in usual.items() if name in chosen}
    for name in sorted(chosen - set(usual)):
        if name in ON_DEMAND:
            shown[camel(name)] = ON_DEMAND[name](task)
        elif name.startswith("UF_"):
            shown[camel(name)] = task.extra.get(name)
    _add_people(call.portal, task, shown)
    if "status" in shown and not with_action:
        shown["subStatus"] = str(sub_status(call.portal, task))
    if with_action:
        shown["action"] = model.allowed_actions(call.portal, call.user, task)
    return shown


def more_about(call: Call, task: Task) -> Params:
    """Return what `params` ask for beside the fields: results, time, the description as HTML."""
    asked = call.optional_map("params")
    shown: Params = {}
    if is_yes(asked.get("WITH_RESULT_INFO")):
        results = model.results_of(call.portal, task)
        shown["taskRequireResult"] = task.parameters.get(model.RESULT_REQUIRED, "N")
        shown["taskHasOpenResult"] = yes_no(any(not row.closed for row in results))
        shown["taskHasResult"] = yes_no(bool(results))
    if is_yes(asked.get("WITH_TIMER_INFO")):
        shown |= {"timeElapsed": None, "timerIsRunningForCurrentUser": "N"}
    if is_yes(asked.get("WITH_PARSED_DESCRIPTION")):
        shown["parsedDescription"] = str(render(task.description))
    return shown


Reader = Callable[[Call, Task], Json]


@cache
def _usual() -> dict[str, Reader]:
    """Return readers of the fields that come unasked."""
    return {
        **{name: _simple(read) for name, read in READERS.items()},
        **{name: _kept(name) for name in (*NULLS, *CONSTANTS)},
        **{name: _marked(people) for name, people in MARKS.items()},
        "CHECKLIST": _checklist,
        "NEW_COMMENTS_COUNT": _unread,
    }


def _simple(read: Callable[[Task], Json]) -> Reader:
    return lambda _, task: read(task)


def _kept(name: str) -> Reader:
    return lambda _, task: task.extra.get(name, CONSTANTS.get(name))


def _marked(people: Callable[[Task], list[int]]) -> Reader:
    return lambda call, task: yes_no(call.user.id in people(task))


def whole(call: Call, task: Task) -> Json:
    """Return the answer of a method that changed a task: everything, its checklists as a tree too."""
    shown = show_task(call, task, [], with_action=True)
    shown["checkListTree"] = _node(call, task, None)
    shown["checkListCanAdd"] = task_checklist.may_work(call.portal, call.user, task)
    return {"task": shown}


def _unread(call: Call, task: Task) -> int:
    chat = call.state.chats.get(task.chat_id)
    return len(chats.unread_of(call.portal, chat, call.user.id)) if chat is not None else 0


def _checklist(call: Call, task: Task) -> Params:
    changes = task_checklist.may_work(call.portal, call.user, task)
    return {
        str(row.id): {
            "id": str(row.id),
            "taskId": str(task.id),
            "createdBy": str(row.created_by),
            "parentId": str(row.parent_id) if row.parent_id else 0,
            "title": row.title,
            "sortIndex": str(row.sort),
            "isComplete": yes_no(row.complete),
            "isImportant": yes_no(row.important),
            "toggledBy": _text(row.toggled_by),
            "toggledDate": iso(row.toggled),
            "ufChecklistFiles": False,
            "members": _members(call.portal, row),
            "attachments": [],
            "entityId": str(task.id),
            "action": _item_actions(changes=changes),
        }
        for row in task_checklist.items_of(call.portal, task)
    }


def _item_actions(*, changes: bool) -> Params:
    return {
        "modify": changes,
        "remove": changes,
        "toggle": True,
        "add": changes,
        "addAccomplice": changes,
    }


def _members(portal: Portal, row: ChecklistItem) -> Params:
    return {
        str(number): {"id": str(number), "type": part, "name": portal.person_name(number)}
        for number, part in row.members.items()
    }


def _node(call: Call, task: Task, row: ChecklistItem | None) -> Params:
    """Return a node of the tree of checklists, the root for no item."""
    rows = task_checklist.items_of(call.portal, task)
    inside = sorted(
        (one for one in rows if one.parent_id == (row.id if row else 0)), key=lambda one: (one.sort, one.id)
    )
    return {
        "nodeId": row.id if row else 0,
        "fields": {
            "id": row.id if row else None,
            "copiedId": None,
            "entityId": task.id if row else None,
            "userId": call.user.id,
            "createdBy": row.created_by if row else None,
            "parentId": row.parent_id if row else None,
            "title": row.title if row else "",
            "sortIndex": row.sort if row else None,
            "displaySortIndex": "",
            "isComplete": row.complete if row else False,
            "isImportant": row.important if row else False,
            "completedCount": sum(one.complete for one in inside),
            "members": _members(call.portal, row) if row else {},
            "attachments": [],
            "nodeId": None,
        },
        "action": _item_actions(changes=task_checklist.may_work(call.portal, call.user, task)) if row else {},
        "descendants": [_node(call, task, one) for one in inside],
    }


def _add_people(portal: Portal, task: Task, shown: Params) -> None:
    shown["group"] = _group(portal, task) if "groupId" in shown else {}
    if "createdBy" in shown:
        shown["creator"] = _person(portal, task.created_by)
    if "responsibleId" in shown:
        shown["responsible"] = _person(portal, task.responsible_id)
    if "auditors" in shown:
        shown["auditorsData"] = {str(one): _person(portal, one) for one in task.auditors}
    if "accomplices" in shown:
        shown["accomplicesData"] = {str(one): _person(portal, one) for one in task.accomplices}


def _group(portal: Portal, task: Task) -> Params:
    group = portal.state.groups.get(task.group_id)
    if group is None:
        return {}
    return {
        "id": str(group.id),
        "name": group.name,
        "opened": group.opened,
        "membersCount": len(group.members),
        "image": "/bitrix/images/socialnetwork/workgroup/folder.png",
        "additionalData": [],
    }


def _person(portal: Portal, user_id: int) -> Params:
    user = portal.user(user_id)
    return {
        "id": str(user_id),
        "name": user.full_name if user else "",
        "link": f"/company/personal/user/{user_id}/",
        "icon": "/bitrix/images/tasks/default_avatar.png",
        "workPosition": (user.position or None) if user else None,
    }


def sub_status(portal: Portal, task: Task) -> int:
    """Return the status with the overdue one (-1) among them."""
    return -1 if task_marks.is_late(portal, task) else task.status
