"""REST 3.0: the fields of a task, how each is shown and into which field of v2 it is written.

Facts: api-reference/tasks/{fields-rest-v3,tasks-task-add-rest-v3,tasks-task-get-rest-v3}.md. On a box
`accomplices`, `auditors`, `tags` and custom fields are not open for writing, though the page of the
fields offers the first two; real values are words and booleans, not `Y` and `N`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.links import sign
from b24flow.sandbox.model import task_checklist
from b24flow.sandbox.model import tasks as model
from b24flow.sandbox.model.entities import Task
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.task_rights import access_v3
from b24flow.sandbox.registry import Call
from b24flow.sandbox.rest.tasks_v3_dto import Field, dto
from b24flow.sandbox.wire import Json, Params, as_int

PRIORITIES = {0: "low", 1: "average", 2: "high"}
STATUSES = {2: "pending", 3: "in_progress", 4: "supposedly_completed", 5: "completed", 6: "deferred"}
MARKS = {None: "none", "P": "positive", "N": "negative"}
# Into which parameter of a task (SE_PARAMETER) a flag of REST 3.0 goes.
PARAMETERS = {
    "matchesSubTasksTime": 1,
    "autocompleteSubTasks": 2,
    "requireResult": 3,
    "allowsChangeDatePlan": 4,
    "maxDeadlineChangeDate": 5,
    "maxDeadlineChanges": 6,
    "requireDeadlineChangeReason": 7,
}
TO_V2 = {
    "title": "TITLE",
    "description": "DESCRIPTION",
    "creatorId": "CREATED_BY",
    "responsibleId": "RESPONSIBLE_ID",
    "deadline": "DEADLINE",
    "needsControl": "TASK_CONTROL",
    "startPlan": "START_DATE_PLAN",
    "endPlan": "END_DATE_PLAN",
    "groupId": "GROUP_ID",
    "stageId": "STAGE_ID",
    "flowId": "FLOW_ID",
    "priority": "PRIORITY",
    "status": "STATUS",
    "parentId": "PARENT_ID",
    "plannedDuration": "DURATION_PLAN",
    "durationType": "DURATION_TYPE",
    "estimatedTime": "TIME_ESTIMATE",
    "xmlId": "XML_ID",
    "mark": "MARK",
    "allowsChangeDeadline": "ALLOW_CHANGE_DEADLINE",
    "allowsTimeTracking": "ALLOW_TIME_TRACKING",
    "matchesWorkTime": "MATCH_WORK_TIME",
    "addInReport": "ADD_IN_REPORT",
    "siteId": "SITE_ID",
    "crmItemIds": "UF_CRM_TASK",
    "dependsOn": "DEPENDS_ON",
}
_WORDS: dict[str, dict[str, Any]] = {
    "priority": {word: number for number, word in PRIORITIES.items()},
    "status": {word: number for number, word in STATUSES.items()},
    "mark": {word: letter for letter, word in MARKS.items()},
}
_KINDS = {
    "int": "id creatorId responsibleId groupId stageId epicId storyPoints flowId parentId numberOfReminders "
    "chatId plannedDuration actualDuration estimatedTime changedById statusChangedById closedById "
    "outlookVersion deadlineCount forumTopicId forkedByTemplateId maxDeadlineChanges emailId",
    "DateTime": "created deadline startPlan endPlan statusChanged started changed closed activity "
    "maxDeadlineChangeDate",
    "bool": "needsControl containsChecklist containsSubTasks containsRelatedTasks containsGanttLinks "
    "containsPlacements containsResults replicate allowsChangeDeadline allowsTimeTracking "
    "matchesWorkTime addInReport isMultitask requireResult matchesSubTasksTime autocompleteSubTasks "
    "allowsChangeDatePlan requireDeadlineChangeReason",
    "array": "fileIds checklist accomplices auditors crmItemIds inFavorite inPin inGroupPin inMute dependsOn "
    "scenarios rights",
    "object": "creator responsible group stage flow parent chat changedBy statusChangedBy closedBy "
    "forkedByTemplate email elapsedTime source",
    "string": "title description priority status durationType guid xmlId exchangeId exchangeModified mark "
    "siteId declineReason link archiveLink",
}
_KIND = {name: kind for kind, names in _KINDS.items() for name in names.split()}
_SORTABLE = frozenset(
    ["id", "title", "creatorId", "created", "responsibleId", "deadline", "startPlan", "endPlan", "groupId",
     "priority", "status", "started", "estimatedTime", "changed", "closed", "activity", "mark",
     "allowsChangeDeadline", "allowsTimeTracking"]
)  # fmt: skip
_NAMES = (
    ["id", "title", "description", "creatorId", "creator", "created", "responsibleId", "responsible",
     "deadline", "needsControl", "startPlan", "endPlan", "fileIds", "checklist", "groupId", "group",
     "stageId", "stage", "epicId", "storyPoints", "flowId", "flow", "priority", "status", "statusChanged",
     "accomplices", "auditors", "parentId", "parent", "containsChecklist", "containsSubTasks",
     "containsRelatedTasks", "containsGanttLinks", "containsPlacements", "containsResults",
     "numberOfReminders", "chatId", "chat", "plannedDuration", "actualDuration", "durationType",
     "started", "estimatedTime", "replicate", "changed", "changedById", "changedBy", "statusChangedById",
     "statusChangedBy", "closedById", "closedBy", "closed", "activity", "guid", "xmlId", "exchangeId",
     "exchangeModified", "outlookVersion", "mark", "allowsChangeDeadline", "allowsTimeTracking",
     "matchesWorkTime", "addInReport", "isMultitask", "siteId", "forkedByTemplateId",
     "forkedByTemplate", "deadlineCount", "declineReason", "forumTopicId", "link", "rights",
     "archiveLink", "crmItemIds", "emailId", "email", "elapsedTime", "requireResult",
     "matchesSubTasksTime", "autocompleteSubTasks", "allowsChangeDatePlan", "maxDeadlineChangeDate",
     "maxDeadlineChanges", "requireDeadlineChangeReason", "inFavorite", "inPin", "inGroupPin",
     "inMute", "source", "dependsOn", "scenarios"]
)  # fmt: skip
# What a basic set leaves out: people, groups and everything that is an object.
HIDDEN = frozenset(
    ["creatorId", "created", "responsibleId", "groupId", "stageId", "flowId", "accomplices", "auditors",
     "changedById", "statusChangedById", "closedById", "forkedByTemplateId", "emailId"]
)  # fmt: skip
TASK = dto(
    "TaskDto",
    *(
        Field(
            name=name,
            kind=_KIND[name],
            filterable=name == "id",
            sortable=name in _SORTABLE,
            editable=name != "creatorId" and (name in TO_V2 or name in PARAMETERS),
            settable=name == "creatorId",
            required=name in ("title", "creatorId", "responsibleId"),
            multiple=False,
        )
        for name in _NAMES
    ),
)


def to_v2(fields: Params) -> Params:
    """Return the fields of v2 that mean the same."""
    written: Params = {}
    parameters = []
    for name, value in fields.items():
        if name in PARAMETERS:
            flag = "Y" if value is True else "N" if value is False else value
            parameters.append({"CODE": PARAMETERS[name], "VALUE": flag})
        elif name in _WORDS and value is not None:
            written[TO_V2[name]] = _WORDS[name].get(str(value), value)
        else:
            written[TO_V2[name]] = ("Y" if value else "N") if isinstance(value, bool) else value
    return written | ({"SE_PARAMETER": parameters} if parameters else {})


def known_word(name: str, value: Json) -> bool:
    """Say whether a value of a field of words is one of the words."""
    return name not in _WORDS or value is None or value in _WORDS[name]


def _flag(task: Task, name: str) -> bool:
    return task.extra.get(name) == "Y"


def _number(task: Task, name: str) -> int:
    return as_int(task.extra.get(name))


def _parameter(task: Task, name: str) -> bool:
    return task.parameters.get(PARAMETERS[name]) == "Y"


def _asked(task: Task, name: str) -> str | None:
    value = task.parameters.get(PARAMETERS[name])
    return None if value in (None, "None", "N") else value


_PLAIN: dict[str, Callable[[Task], Json]] = {
    "id": lambda t: t.id,
    "title": lambda t: t.title,
    "description": lambda t: t.description,
    "creatorId": lambda t: t.created_by,
    "created": lambda t: iso(t.created),
    "responsibleId": lambda t: t.responsible_id,
    "deadline": lambda t: iso(t.deadline),
    "needsControl": lambda t: t.control,
    "startPlan": lambda t: t.extra.get("START_DATE_PLAN"),
    "endPlan": lambda t: t.extra.get("END_DATE_PLAN"),
    "fileIds": lambda t: list(t.attachments) or None,
    "groupId": lambda t: t.group_id or None,
    "stageId": lambda t: _number(t, "STAGE_ID") or None,
    "flowId": lambda t: _number(t, "FLOW_ID") or None,
    "priority": lambda t: PRIORITIES.get(t.priority, "average"),
    "status": lambda t: STATUSES[t.status],
    "statusChanged": lambda t: iso(t.status_changed),
    "accomplices": lambda t: list(t.accomplices),
    "auditors": lambda t: list(t.auditors),
    "parentId": lambda t: t.parent_id,
    "chatId": lambda t: t.chat_id,
    "plannedDuration": lambda t: _number(t, "DURATION_PLAN"),
    "durationType": lambda t: t.extra.get("DURATION_TYPE", "days"),
    "started": lambda t: iso(t.start),
    "estimatedTime": lambda t: _number(t, "TIME_ESTIMATE"),
    "changed": lambda t: iso(t.changed),
    "changedById": lambda t: t.changed_by,
    "statusChangedById": lambda t: t.status_changed_by,
    "closedById": lambda t: t.closed_by,
    "closed": lambda t: iso(t.closed),
    "activity": lambda t: iso(t.activity),
    "guid": lambda t: t.guid,
    "xmlId": lambda t: t.xml_id,
    "mark": lambda t: MARKS[t.extra.get("MARK")],
    "allowsChangeDeadline": lambda t: t.allow_deadline,
    "allowsTimeTracking": lambda t: _flag(t, "ALLOW_TIME_TRACKING"),
    "matchesWorkTime": lambda t: _flag(t, "MATCH_WORK_TIME"),
    "addInReport": lambda t: _flag(t, "ADD_IN_REPORT") if "ADD_IN_REPORT" in t.extra else None,
    "siteId": lambda t: t.extra.get("SITE_ID", "s1"),
    "crmItemIds": lambda t: list(t.crm),
    "requireResult": lambda t: _parameter(t, "requireResult"),
    "matchesSubTasksTime": lambda t: _parameter(t, "matchesSubTasksTime"),
    "autocompleteSubTasks": lambda t: _parameter(t, "autocompleteSubTasks"),
    "allowsChangeDatePlan": lambda t: _parameter(t, "allowsChangeDatePlan"),
    "requireDeadlineChangeReason": lambda t: _parameter(t, "requireDeadlineChangeReason"),
    "maxDeadlineChangeDate": lambda t: _asked(t, "maxDeadlineChangeDate"),
    "maxDeadlineChanges": lambda t: as_int(_asked(t, "maxDeadlineChanges")) or None,
    "dependsOn": lambda t: list(t.extra.get("DEPENDS_ON", [])),
}
_FIXED: dict[str, Json] = {
    "epicId": None,
    "storyPoints": None,
    "containsRelatedTasks": False,
    "containsGanttLinks": False,
    "containsPlacements": True,
    "numberOfReminders": 0,
    "actualDuration": 0,
    "replicate": False,
    "exchangeId": None,
    "exchangeModified": None,
    "outlookVersion": 1,
    "isMultitask": False,
    "forkedByTemplateId": None,
    "deadlineCount": None,
    "declineReason": None,
    "forumTopicId": None,
    "emailId": None,
    "inGroupPin": [],
    "scenarios": ["default"],
}


def read_plain(task: Task, name: str) -> Json:
    """Return a field that needs nothing but the task itself."""
    return _PLAIN[name](task)


def _user(portal: Portal, user_id: int | None) -> Params | None:
    user = portal.user(user_id or 0)
    if user is None:
        return None
    return {
        "id": user.id,
        "name": user.full_name,
        "role": "admin" if user.admin else "user",
        "image": None,
        "gender": user.gender,
        "email": user.email,
        "externalAuthId": "bot" if user.is_bot else "",
        "rights": [],
    }


def _group(portal: Portal, group_id: int) -> Params | None:
    group = portal.state.groups.get(group_id)
    if group is None:
        return None
    return {
        "id": group.id,
        "name": group.name,
        "image": None,
        "type": "project" if group.project else "group",
        "isVisible": group.visible,
    }


def related(call: Call, task: Task, name: str) -> Json:
    """Return an object a task is related to, null for none."""
    people = {
        "creator": task.created_by,
        "responsible": task.responsible_id,
        "changedBy": task.changed_by,
        "statusChangedBy": task.status_changed_by,
        "closedBy": task.closed_by,
    }
    if name in people:
        return _user(call.portal, people[name])
    if name == "group":
        return _group(call.portal, task.group_id)
    if name == "parent":
        above = model.find(call.portal, call.user, task.parent_id or 0)
        return above and {plain: read(above) for plain, read in _PLAIN.items()}
    if name == "chat":
        return {"id": task.chat_id, "entityId": task.id, "entityType": "TASKS_TASK"}
    return None


def _computed(call: Call, task: Task, name: str) -> Json:
    state, user = call.state, call.user
    if name == "checklist":
        return [row.id for row in task_checklist.items_of(call.portal, task)]
    if name == "containsChecklist":
        return bool(task_checklist.items_of(call.portal, task))
    if name == "containsSubTasks":
        return any(one.parent_id == task.id and not one.deleted for one in state.tasks.values())
    if name == "containsResults":
        return bool(model.results_of(call.portal, task))
    if name == "link":
        return f"/company/personal/user/{user.id}/tasks/task/view/{task.id}/"
    if name == "rights":
        return access_v3(call.portal, user, task)
    if name == "archiveLink":
        signature = sign("archive", {"task": task.id}).rpartition("|")[2]
        field = f"entityId={task.id}&entity=TASKS_TASK&fieldName=UF_TASK_WEBDAV_FILES"
        tail = f"signature={signature}&action=downloadArchiveByEntity&ncc=1"
        return f"/bitrix/tools/disk/uf.php?{field}&{tail}"
    people = {"inFavorite": task.favorite, "inPin": task.pinned, "inMute": task.muted}[name]
    return [user.id] if user.id in people else []


def read(call: Call, task: Task, name: str) -> Json:
    """Return any field of a task."""
    if name in _PLAIN:
        return _PLAIN[name](task)
    if name in _FIXED:
        return _FIXED[name]
    if TASK.fields[name].kind == "object":
        return related(call, task, name)
    return _computed(call, task, name)
