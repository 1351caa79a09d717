"""The writable fields of a task: how each value from the wire is read.

Facts: api-reference/tasks/fields.md, tasks-task-add.md, api-reference/files/how-to-update-files.md
and the page about connecting tasks to a smart process (a binding vanishes without an error).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from b24flow.sandbox.clock import iso, parse_moment
from b24flow.sandbox.model import disk
from b24flow.sandbox.model.crm import type_by_entity
from b24flow.sandbox.model.entities import Employee, Task
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Json, RestError, as_int, as_list, as_map, is_yes, yes_no

STATUSES = frozenset({2, 3, 4, 5, 6})
SKIPPED = object()


def require_person(portal: Portal, user_id: int) -> None:
    """Refuse an executor who is absent, dismissed or a bot."""
    if portal.active_user(user_id) is None:
        raise RestError("ERROR_CORE", "Пользователь, указанный в поле «Исполнитель», не найден<br>")


def require_setter(portal: Portal, user_id: int) -> None:
    """Refuse a setter the portal does not know."""
    if portal.user(user_id) is None:
        raise RestError("ERROR_CORE", "Пользователь, указанный в поле «Постановщик», не найден<br>")


Reader = Callable[[Portal, Employee, Task, Json], Any]


def _text(_: Portal, __: Employee, task: Task, value: Json) -> Any:
    return "" if value is None else str(value)


def _title(_: Portal, __: Employee, task: Task, value: Json) -> Any:
    title = str(value or "").strip()
    if not title:
        raise RestError("ERROR_CORE", "Не указано название задачи<br>")
    return title


def _number(_: Portal, __: Employee, task: Task, value: Json) -> Any:
    return as_int(value)


def _person(portal: Portal, _: Employee, task: Task, value: Json) -> Any:
    require_person(portal, as_int(value))
    return as_int(value)


def _setter(portal: Portal, user: Employee, task: Task, value: Json) -> Any:
    require_setter(portal, as_int(value))
    if as_int(value) != task.created_by and not user.admin:
        raise RestError("0", "Access denied")
    return as_int(value)


def _people(portal: Portal, _: Employee, task: Task, value: Json) -> Any:
    known = (as_int(one) for one in as_list(value))
    return list(dict.fromkeys(one for one in known if portal.user(one)))


def _moment(portal: Portal, _: Employee, task: Task, value: Json) -> Any:
    if value in (None, ""):
        return None
    moment = parse_moment(value, portal.clock.zone)
    return SKIPPED if moment is None else moment


def _flag(_: Portal, __: Employee, task: Task, value: Json) -> Any:
    return is_yes(value)


def _status(_: Portal, __: Employee, task: Task, value: Json) -> Any:
    if as_int(value) not in STATUSES:
        raise RestError("ERROR_CORE", "Неверный статус<br>")
    return as_int(value)


def _parent(portal: Portal, _: Employee, task: Task, value: Json) -> Any:
    """Read the task above; it must exist and must not be below."""
    number = as_int(value)
    if not number:
        return None
    above = portal.state.tasks.get(number)
    if above is None or above.deleted:
        raise RestError("ERROR_CORE", "Задача, указанная в поле «Базовая задача», не найдена<br>")
    if number == task.id:
        raise RestError("ERROR_CORE", "Нельзя привязать узел к самому себе<br>")
    while above is not None and above.parent_id is not None:
        if above.parent_id == task.id:
            raise RestError("ERROR_CORE", "Запрещено создавать циклические связи в задачах<br>")
        above = portal.state.tasks.get(above.parent_id)
    return number


def _strings(_: Portal, __: Employee, task: Task, value: Json) -> Any:
    return [str(one) for one in as_list(value)]


def _nullable(_: Portal, __: Employee, task: Task, value: Json) -> Any:
    return None if value in (None, "") else str(value)


def _parameters(_: Portal, __: Employee, task: Task, value: Json) -> Any:
    rows = map(as_map, as_list(value))
    return task.parameters | {as_int(row.get("CODE")): str(row.get("VALUE")) for row in rows}


def _bindings(portal: Portal, _: Employee, task: Task, value: Json) -> Any:
    """Keep the bindings the portal accepts; the rest vanish without an error."""
    return [code for code in map(str, as_list(value)) if _is_bindable(portal, code)]


def _is_bindable(portal: Portal, code: str) -> bool:
    match = re.fullmatch(r"T([0-9a-f]+)_(\d+)", code)
    if match is None:
        return re.fullmatch(r"(L|D|C|CO|O|SI)_\d+", code) is not None
    spa = type_by_entity(portal, int(match[1], 16))
    if spa is None or not spa.flags["isUseInUserfieldEnabled"]:
        return False
    return spa.linked["TASKS_TASK|UF_CRM_TASK"]


def _attachments(portal: Portal, user: Employee, task: Task, value: Json) -> Any:
    """Read the full desired list: `n{disk id}` attaches, a number keeps an attachment."""
    kept: list[int] = []
    for one in as_list(value):
        text = str(one)
        if text.startswith("n") and text[1:].isdigit():
            row = portal.state.objects.get(as_int(text[1:]))
            if row is None or row.kind != "file" or row.deleted:
                continue
            kept.append(disk.attach(portal, user, row, task.id).id)
        elif as_int(one) in task.attachments:
            kept.append(as_int(one))
    return kept


WRITERS: dict[str, tuple[str, Reader]] = {
    "TITLE": ("title", _title),
    "DESCRIPTION": ("description", _text),
    "RESPONSIBLE_ID": ("responsible_id", _person),
    "CREATED_BY": ("created_by", _setter),
    "ACCOMPLICES": ("accomplices", _people),
    "AUDITORS": ("auditors", _people),
    "DEADLINE": ("deadline", _moment),
    "PRIORITY": ("priority", _number),
    "GROUP_ID": ("group_id", _number),
    "PARENT_ID": ("parent_id", _parent),
    "TAGS": ("tags", _strings),
    "XML_ID": ("xml_id", _nullable),
    "TASK_CONTROL": ("control", _flag),
    "ALLOW_CHANGE_DEADLINE": ("allow_deadline", _flag),
    "STATUS": ("status", _status),
    "UF_CRM_TASK": ("crm", _bindings),
    "UF_TASK_WEBDAV_FILES": ("attachments", _attachments),
    "SE_PARAMETER": ("parameters", _parameters),
}
PASSIVE: dict[str, str] = {
    "START_DATE_PLAN": "moment",
    "END_DATE_PLAN": "moment",
    "STAGE_ID": "number",
    "GUID": "text",
    "ALLOW_TIME_TRACKING": "flag",
    "MATCH_WORK_TIME": "flag",
    "TIME_ESTIMATE": "number",
    "FLOW_ID": "number",
    "SITE_ID": "text",
    "DESCRIPTION_IN_BBCODE": "flag",
    "MARK": "mark",
    "ADD_IN_REPORT": "flag",
    "DEPENDS_ON": "numbers",
    "DURATION_PLAN": "number",
    "DURATION_TYPE": "text",
    "SUBORDINATE": "flag",
}


def read_passive(portal: Portal, name: str, value: Json) -> Any:
    """Read a field that is kept and shown without any behaviour; SKIPPED for an unknown name."""
    if name.startswith("UF_"):
        return value
    kind = PASSIVE.get(name)
    if kind is None:
        return SKIPPED
    if kind == "moment":
        moment = parse_moment(value, portal.clock.zone)
        return SKIPPED if moment is None and value not in (None, "") else iso(moment)
    if kind == "number":
        return str(as_int(value))
    if kind == "flag":
        return yes_no(is_yes(value))
    if kind == "numbers":
        return [as_int(one) for one in as_list(value)]
    if kind == "mark":
        return str(value) if value in ("N", "P") else None
    return str(value)
