"""Configurable activities: cards an application draws (crm/timeline/activities/configurable/*.md).

Adding and changing needs an application; a webhook is refused by the method itself, with its own
code. Reading works in any context, as in the box's code. Both parts of an update are optional, as
there.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model import activities
from b24flow.sandbox.model.activity_layout import check_layout
from b24flow.sandbox.model.crm_rows import Activity
from b24flow.sandbox.model.entities import App
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.crm_activity_common import DENIED, allowed, offsets, read_deadline, require_owner
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, is_yes

_DOC = "api-reference/crm/timeline/activities/configurable/crm-activity-configurable-"
_FIELDS = ("typeId", "completed", "deadline", "pingOffsets", "isIncomingChannel", "responsibleId",
           "badgeCode", "originatorId", "originId")  # fmt: skip
_TYPE = "CONFIGURABLE"
_LIMITS = "без своих типов дел и значков канбана; коды значков и логотипов не проверяются"


def _app(call: Call) -> App:
    if call.caller.app is None:
        raise RestError("ERROR_WRONG_CONTEXT", "Метод доступен только приложению")
    return call.caller.app


def _values(call: Call, fields: Params) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in fields:
        if name not in _FIELDS:
            raise RestError("FIELD_IS_REDUNDANT", f"Поле {name} не предусмотрено")
    if str(fields.get("typeId") or _TYPE) != _TYPE:
        raise RestError("WRONG_FIELD_VALUE", "Неверное значение поля typeId")
    if "deadline" in fields:
        given = fields["deadline"]
        values["DEADLINE"] = read_deadline(call, given) if given not in (None, "") else None
    for name, field in (("completed", "COMPLETED"), ("isIncomingChannel", "IS_INCOMING_CHANNEL")):
        if name in fields:
            values[field] = is_yes(fields[name])
    if as_int(fields.get("responsibleId")):
        values["RESPONSIBLE_ID"] = as_int(fields["responsibleId"])
    for name, field in (("originatorId", "ORIGINATOR_ID"), ("originId", "ORIGIN_ID")):
        if name in fields:
            values[field] = None if fields[name] is None else str(fields[name])
    return values


def _check_channel(values: dict[str, Any]) -> None:
    if values.get("IS_INCOMING_CHANNEL") and values.get("DEADLINE"):
        text = "У входящего дела не может быть срока"
        raise RestError("INCOMING_ACTIVITY_CAN_NOT_BE_WITH_DEADLINE", text)


def _options(fields: Params) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if "pingOffsets" in fields:
        options["pingOffsets"] = offsets(as_list(fields["pingOffsets"]))
    if "badgeCode" in fields:
        options["badgeCode"] = str(fields["badgeCode"] or "")
    return options


@method("crm.activity.configurable.add", scope="crm", doc=_DOC + "add.md",
        params="ownerTypeId* ownerId* fields* layout*", partial=_LIMITS)  # fmt: skip
def configurable_add(call: Call) -> Json:
    """Create a card; only an application may."""
    app, owner = _app(call), require_owner(call, "edit")
    fields = call.mapping("fields")
    values, layout = _values(call, fields), check_layout(call.params["layout"])
    _check_channel(values)
    values |= {"PROVIDER_ID": activities.CONFIGURABLE, "PROVIDER_TYPE_ID": _TYPE}
    row = activities.add_activity(call.portal, call.user, owner, values, app_id=app.id)
    row.layout = layout
    row.options = {"pingOffsets": [], "badgeCode": ""} | _options(fields)
    return {"activity": {"id": row.id}}


def _card(call: Call, right: str) -> Activity:
    row = call.state.activities.get(call.required_number("id"))
    if row is None or row.values["PROVIDER_ID"] != activities.CONFIGURABLE:
        raise RestError("NOT_FOUND", "Not found.")
    if not allowed(call, row, right):
        raise RestError("ACCESS_DENIED", DENIED)
    return row


@method("crm.activity.configurable.update", scope="crm", doc=_DOC + "update.md",
        params="id* fields layout", partial=_LIMITS)  # fmt: skip
def configurable_update(call: Call) -> Json:
    """Change a card: only the application that made it; a layout is replaced whole."""
    app, row = _app(call), _card(call, "edit")
    if row.app_id != app.id:
        raise RestError("ERROR_WRONG_APPLICATION", "Дело создано другим приложением")
    fields = call.optional_map("fields")
    values = _values(call, fields)
    _check_channel(row.values | values)
    layout = check_layout(call.params["layout"]) if "layout" in call.params else row.layout
    options = row.options | _options(fields)
    activities.change_activity(call.portal, call.user, row, values, layout=layout, options=options)
    return {"activity": {"id": row.id}}


@method("crm.activity.configurable.get", scope="crm", doc=_DOC + "get.md", params="id*", partial=_LIMITS)
def configurable_get(call: Call) -> Json:
    """Return a card with its fields and its layout."""
    row = _card(call, "read")
    values = row.values
    fields = {
        "typeId": values["PROVIDER_TYPE_ID"],
        "completed": values["COMPLETED"],
        "deadline": iso(values["DEADLINE"]) if values["DEADLINE"] else None,
        "pingOffsets": row.options["pingOffsets"],
        "isIncomingChannel": values["IS_INCOMING_CHANNEL"],
        "responsibleId": values["RESPONSIBLE_ID"],
        "badgeCode": row.options["badgeCode"],
        "originatorId": values["ORIGINATOR_ID"],
        "originId": values["ORIGIN_ID"],
    }
    owner_type_id, owner_id = row.bindings[0]
    shown = {"id": row.id, "ownerTypeId": owner_type_id, "ownerId": owner_id}
    return {"activity": shown | {"fields": fields, "layout": row.layout}}
