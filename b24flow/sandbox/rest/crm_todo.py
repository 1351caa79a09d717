"""Universal activities: something to be done about an item (crm/timeline/activities/todo/*.md)."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model import activities
from b24flow.sandbox.model.crm_rows import Activity
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.crm_activity_common import offsets, read_deadline, require_owner
from b24flow.sandbox.wire import Json, RestError, as_int, missing

_DOC = "api-reference/crm/timeline/activities/todo/crm-activity-todo-"
_GIVEN = "title description responsibleId parentActivityId pingOffsets colorId"
_COLOURS = ("1", "2", "3", "4", "5", "6", "7")
_SILENT = "напоминания хранятся, но не рассылаются"


@method("crm.activity.todo.add", scope="crm", doc=_DOC + "add.md",
        params="ownerTypeId* ownerId* deadline* " + _GIVEN, partial=_SILENT)  # fmt: skip
def todo_add(call: Call) -> Json:
    """Create a universal activity."""
    owner = require_owner(call, "edit")
    values = {"PROVIDER_ID": activities.TODO, "PROVIDER_TYPE_ID": "TODO"} | _values(call)
    options = _options(call)
    row = activities.add_activity(call.portal, call.user, owner, values)
    row.options = {"pingOffsets": [], "colorId": "default", "parentActivityId": 0} | options
    return {"id": row.id}


def _values(call: Call) -> dict[str, Any]:
    """Read the fields a call gives; others stay as they are."""
    values: dict[str, Any] = {}
    if "deadline" in call.params:
        moment = read_deadline(call, call.params["deadline"])
        values |= {"DEADLINE": moment, "START_TIME": moment, "END_TIME": moment}
    for name, field in (("title", "SUBJECT"), ("description", "DESCRIPTION")):
        if name in call.params:
            values[field] = call.text(name)
    if call.number("responsibleId"):
        values["RESPONSIBLE_ID"] = call.number("responsibleId")
    return values


def _options(call: Call) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if "pingOffsets" in call.params:
        options["pingOffsets"] = offsets(call.values("pingOffsets"))
    if call.text("colorId") in _COLOURS:
        options["colorId"] = call.text("colorId")
    parent_id = call.number("parentActivityId")
    if parent_id:
        parent = call.state.activities.get(parent_id)
        if parent is not None and parent.values["COMPLETED"]:
            raise RestError("ERROR_PARENT_ACTIVITY_RESTRICT", "Нельзя запланировать дело к закрытому делу")
        options["parentActivityId"] = parent_id
    return options


def _todo(call: Call, refusal: str = "CAN_NOT_UPDATE_COMPLETED_TODO") -> Activity:
    """Return an open universal activity of the named item."""
    owner = require_owner(call, "edit")
    row = call.state.activities.get(call.required_number("id"))
    if row is None or row.values["PROVIDER_ID"] != activities.TODO or list(owner) not in row.bindings:
        raise RestError("NOT_FOUND", "Not found.")
    if row.values["COMPLETED"]:
        raise RestError(refusal, "Закрытое дело нельзя изменить")
    return row


def _changed(call: Call, row: Activity, values: dict[str, Any], **other: Any) -> Json:
    activities.change_activity(call.portal, call.user, row, values, **other)
    return {"id": row.id}


@method("crm.activity.todo.update", scope="crm", doc=_DOC + "update.md",
        params="id* ownerTypeId* ownerId* deadline* " + _GIVEN, partial=_SILENT)  # fmt: skip
def todo_update(call: Call) -> Json:
    """Change a universal activity."""
    row = _todo(call)
    return _changed(call, row, _values(call), options=row.options | _options(call))


@method("crm.activity.todo.updateDeadline", scope="crm", doc=_DOC + "update-deadline.md",
        params="id* ownerTypeId* ownerId* value*")  # fmt: skip
def todo_deadline(call: Call) -> Json:
    """Change the deadline."""
    row, moment = _todo(call), read_deadline(call, call.params["value"])
    return _changed(call, row, {"DEADLINE": moment, "START_TIME": moment, "END_TIME": moment})


@method("crm.activity.todo.updateDescription", scope="crm", doc=_DOC + "update-description.md",
        params="id* ownerTypeId* ownerId* value*")  # fmt: skip
def todo_description(call: Call) -> Json:
    """Change the description."""
    return _changed(call, _todo(call), {"DESCRIPTION": call.text("value")})


@method("crm.activity.todo.updateColor", scope="crm", doc=_DOC + "update-color.md",
        params="id* ownerTypeId* ownerId* colorId*")  # fmt: skip
def todo_colour(call: Call) -> Json:
    """Change the colour."""
    row, colour = _todo(call, "CAN_NOT_UPDATE_COLOR_COMPLETED_TODO"), call.text("colorId")
    if colour not in (*_COLOURS, "default"):
        raise RestError("CAN_NOT_UPDATE_WRONG_COLOR_TODO", "Неверное значение цвета")
    return _changed(call, row, {}, options=row.options | {"colorId": colour})


@method("crm.activity.todo.updateResponsibleUser", scope="crm",
        doc=_DOC + "update-responsible-user.md",
        params="id* ownerTypeId* ownerId* responsibleId*")  # fmt: skip
def todo_responsible(call: Call) -> Json:
    """Give the activity to somebody else."""
    row = _todo(call, "CAN_NOT_UPDATE_RESPONSIBLE_USER_COMPLETED_TODO")
    if call.params["responsibleId"] == "":
        raise missing("responsibleId")
    user_id = as_int(call.params["responsibleId"])
    if user_id <= 0:
        raise RestError("INVALID_ARG_VALUE", 'Parameter "responsibleId" must be greater than 0')
    return _changed(call, row, {"RESPONSIBLE_ID": user_id})
