"""Checklists of tasks (api-reference/tasks/checklist-item/*.md)."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.filters import sort_rows
from b24flow.sandbox.model import task_checklist as model
from b24flow.sandbox.model import tasks
from b24flow.sandbox.model.entities import ChecklistItem
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.task_legacy import arguments, wrong
from b24flow.sandbox.rest.tasks import DOC
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_map, yes_no

_DOC = DOC + "checklist-item/task-checklist-item-"
_WRITABLE = ["PARENT_ID", "TITLE", "SORT_INDEX", "IS_COMPLETE", "IS_IMPORTANT", "MEMBERS"]
_SORTABLE = ["ID", "PARENT_ID", "CREATED_BY", "TITLE", "SORT_INDEX", "IS_COMPLETE", "IS_IMPORTANT",
             "TOGGLED_BY", "TOGGLED_DATE"]  # fmt: skip
_READABLE = ["ID", "TASK_ID", "PARENT_ID", "CREATED_BY", "TITLE", "SORT_INDEX", "IS_COMPLETE",
             "IS_IMPORTANT", "TOGGLED_BY", "TOGGLED_DATE", "MEMBERS", "ATTACHMENTS"]  # fmt: skip
_FILES = "без файлов в пунктах"


def _show(call: Call, row: ChecklistItem) -> Params:
    return {
        "ID": str(row.id),
        "TASK_ID": str(row.task_id),
        "PARENT_ID": str(row.parent_id) if row.parent_id else 0,
        "CREATED_BY": str(row.created_by),
        "TITLE": row.title,
        "SORT_INDEX": str(row.sort),
        "IS_COMPLETE": yes_no(row.complete),
        "IS_IMPORTANT": yes_no(row.important),
        "TOGGLED_BY": None if row.toggled_by is None else str(row.toggled_by),
        "TOGGLED_DATE": iso(row.toggled) or "",
        "MEMBERS": [_member(call, number, part) for number, part in row.members.items()],
        "ATTACHMENTS": [],
    }


def _member(call: Call, number: int, part: str) -> Params:
    user = call.state.users[number]
    return {
        "ID": str(number),
        "TYPE": part,
        "NAME": user.full_name,
        "PERSONAL_PHOTO": str(user.profile.get("PERSONAL_PHOTO") or ""),
        "PERSONAL_GENDER": user.gender,
        "IMAGE": "/bitrix/images/tasks/default_avatar.png",
        "IS_COLLABER": False,
    }


@method("task.checklistitem.add", scope="task", doc=_DOC + "add.md", params="TASKID FIELDS", upper=True,
        partial=_FILES)  # fmt: skip
def item_add(call: Call) -> Json:
    """Add an item or, with a parent of 0, a checklist."""
    given = arguments(call, "checklistitem::add", ["taskId", "*arFields"], 2)
    refusal = model.failed("Добавление пункта: действие недоступно")
    task = model.reachable(call.portal, call.user, as_int(given[0]), refusal)
    fields = as_map(given[1])
    call.note_unknown("unknown_field", fields, set(_WRITABLE))
    return model.add(call.portal, call.user, task, fields).id


@method("task.checklistitem.update", scope="task", doc=_DOC + "update.md", params="TASKID ITEMID FIELDS",
        upper=True, partial=_FILES)  # fmt: skip
def item_update(call: Call) -> Json:
    """Change an item; success is null."""
    given = arguments(call, "checklistitem::update", ["taskId", "itemId", "*arFields"], 3)
    refusal = RestError("ERROR_CORE", "TASKS_ERROR_EXCEPTION_#4; Нет доступа к редактированию задачи; "
                        "4/TE/ACTION_NOT_ALLOWED<br>")  # fmt: skip
    task = model.reachable(call.portal, call.user, as_int(given[0]), refusal)
    row = model.item_of(call.portal, task, as_int(given[1]), _absent())
    fields = as_map(given[2])
    call.note_unknown("unknown_field", fields, set(_WRITABLE))
    model.update(call.portal, call.user, task, row, fields)
    return None


def _absent() -> RestError:
    return RestError("ERROR_CORE", "TASKS_ERROR_EXCEPTION_#512; Пункт чек-листа не найден или недоступен; "
                     "512/TE/ITEM_NOT_FOUND_OR_NOT_ACCESSIBLE<br>")  # fmt: skip


@method("task.checklistitem.get", scope="task", doc=_DOC + "get.md", params="TASKID ITEMID", upper=True,
        partial=_FILES)  # fmt: skip
def item_get(call: Call) -> Json:
    """Return an item."""
    given = arguments(call, "checklistitem::get", ["taskId", "itemId"], 2)
    task = tasks.find(call.portal, call.user, as_int(given[0]))
    if task is None:
        raise _absent()
    return _show(call, model.item_of(call.portal, task, as_int(given[1]), _absent()))


@method("task.checklistitem.getlist", scope="task", doc=_DOC + "get-list.md", params="TASKID ORDER",
        upper=True, partial=_FILES)  # fmt: skip
def item_list(call: Call) -> Json:
    """List the items of a task, not paged, the latest first unless ordered otherwise."""
    given = arguments(call, "checklistitem::getlist", ["taskId", "*arOrder"], 1)
    order = as_map(given[1]) or {"ID": "desc"}
    for key in order:
        if key not in _SORTABLE:
            raise wrong("Param #1 (arOrder) for method ctaskchecklistitem::getlist() must not contain key "
                        f'"{key}".')  # fmt: skip
    task = tasks.find(call.portal, call.user, as_int(given[0]))
    if task is None:
        raise model.failed("Не удалось выполнить действие")

    def read(row: Params, key: str) -> Any:
        number = key in ("ID", "PARENT_ID", "CREATED_BY", "SORT_INDEX", "TOGGLED_BY")
        return as_int(row[key]) if number else row[key]

    return sort_rows([_show(call, row) for row in model.items_of(call.portal, task)], order, read)


@method("task.checklistitem.delete", scope="task", doc=_DOC + "delete.md", params="TASKID ITEMID", upper=True)
def item_delete(call: Call) -> Json:
    """Delete an item with what is below it."""
    given = arguments(call, "checklistitem::delete", ["taskId", "itemId"], 2)
    refusal = model.failed("Удаление пункта: действие недоступно")
    task = model.reachable(call.portal, call.user, as_int(given[0]), refusal)
    row = model.item_of(call.portal, task, as_int(given[1]), refusal)
    model.delete(call.portal, call.user, task, row)
    return True


def _toggle(call: Call, method_name: str, *, complete: bool) -> Json:
    """Mark an item found by its id alone; whether it is of the named task is not looked at."""
    given = arguments(call, f"checklistitem::{method_name}", ["taskId", "itemId"], 2)
    if as_int(given[0]) <= 0 or as_int(given[1]) <= 0:
        raise RestError("ERROR_CORE", "TASKS_ERROR_ASSERT_EXCEPTION<br>")
    row = call.state.checklist.get(as_int(given[1]))
    if row is None or not model.may_toggle(call.portal, call.user, row):
        return False
    model.toggle(call.portal, call.user, row, complete=complete)
    return True


@method("task.checklistitem.complete", scope="task", doc=_DOC + "complete.md", params="TASKID ITEMID",
        upper=True)  # fmt: skip
def item_complete(call: Call) -> Json:
    """Mark an item as done; a repeat is a success too."""
    return _toggle(call, "complete", complete=True)


@method("task.checklistitem.renew", scope="task", doc=_DOC + "renew.md", params="TASKID ITEMID", upper=True)
def item_renew(call: Call) -> Json:
    """Mark an item as not done; a repeat is a success too."""
    return _toggle(call, "renew", complete=False)


@method("task.checklistitem.moveafteritem", scope="task", doc=_DOC + "move-after-item.md",
        params="TASKID ITEMID AFTERITEMID", upper=True)  # fmt: skip
def item_move(call: Call) -> Json:
    """Put an item after another one of the same task; success is null."""
    given = arguments(call, "checklistitem::moveafteritem", ["taskId", "itemId", "afterItemId"], 3)
    refusal = model.failed("Перемещение пункта: действие недоступно")
    task = model.reachable(call.portal, call.user, as_int(given[0]), refusal)
    row = model.item_of(call.portal, task, as_int(given[1]), refusal)
    after = model.item_of(call.portal, task, as_int(given[2]), refusal)
    model.move_after(call.portal, row, after)
    return None


@method("task.checklistitem.isactionallowed", scope="task", doc=_DOC + "is-action-allowed.md",
        params="TASKID ITEMID ACTIONID", upper=True, reads=True)  # fmt: skip
def item_allowed(call: Call) -> Json:
    """Say whether an action on an item is allowed to the caller."""
    given = arguments(call, "checklistitem::isactionallowed", ["taskId", "itemId", "actionId"], 3)
    task = tasks.find(call.portal, call.user, as_int(given[0]))
    if task is None:
        return False
    row = call.state.checklist.get(as_int(given[1]))
    known = row is not None and row.task_id == task.id
    return known and model.allowed(call.portal, call.user, task, as_int(given[2]))


_Row = tuple[str, str, list[str]]


def _parameters(*rows: _Row) -> list[Params]:
    return [
        {"description": name, "type": kind} | ({"allowedKeys": keys} if keys else {})
        for name, kind, keys in rows
    ]


_TASK: _Row = ("taskId", "integer", [])
_ITEM: _Row = ("itemId", "integer", [])


def _described(count: int, *rows: _Row, static: bool = False) -> Params:
    return {"staticMethod": static, "mandatoryParamsCount": count, "params": _parameters(*rows)}


@method("task.checklistitem.getmanifest", scope="task", doc=_DOC + "get-manifest.md", reads=True)
def manifest(_: Call) -> Json:
    """Describe the methods of checklists."""
    order, fields = ("arOrder", "array", _SORTABLE), ("arFields", "array", _WRITABLE)
    get = _described(2, _TASK, _ITEM) | {"allowedKeysInReturnValue": _READABLE}
    del get["staticMethod"]
    listing = _described(1, _TASK, order, static=True)
    return {
        "Manifest version": "2.0",
        "Warning": "don't rely on format of this manifest, it can be changed without any notification",
        "REST: shortname alias to class": "checklistitem",
        "REST: writable checklistitem data fields": _WRITABLE,
        "REST: readable checklistitem data fields": _READABLE,
        "REST: sortable checklistitem data fields": _SORTABLE,
        "REST: date fields": ["TOGGLED_DATE"],
        "REST: available methods": {
            "getmanifest": {"staticMethod": True, "params": []},
            "get": get,
            "getlist": listing | {"allowedKeysInReturnValue": _READABLE, "collectionInReturnValue": True},
            "add": _described(2, _TASK, fields, static=True),
            "update": _described(3, _TASK, _ITEM, fields),
            "delete": _described(2, _TASK, _ITEM),
            "complete": _described(2, _TASK, _ITEM),
            "renew": _described(2, _TASK, _ITEM),
            "moveafteritem": _described(3, _TASK, _ITEM, ("afterItemId", "integer", [])),
            "isactionallowed": _described(3, _TASK, _ITEM, ("actionId", "integer", [])),
        },
    }
