"""Activities by the older methods, letters among them (activities/activity-base/*.md).

Refusals carry their reason in the description and an empty code. A letter leaves when the activity
is an e-mail, outgoing and completed; a refusal to send leaves the activity behind, as on a box.
"""

from __future__ import annotations

import re
from typing import Any

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.filters import matches, sort_rows, split_prefix
from b24flow.sandbox.model import activities, crm_rights
from b24flow.sandbox.model.crm_kinds import find_kind, type_code
from b24flow.sandbox.model.crm_rows import Activity
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.rest import crm_activity_fields as fields_of
from b24flow.sandbox.rest.crm_activity_common import DENIED, allowed, find_owner
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, as_map, is_yes

_DOC = "api-reference/crm/timeline/activities/activity-base/crm-activity-"
_MEETING, _CALL, _EMAIL, _OTHER = "1", "2", "4", "6"
_CHANNEL = {_CALL: "PHONE", _EMAIL: "EMAIL"}
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_OUTGOING = "2"


def _given(call: Call) -> Params:
    if not isinstance(call.params.get("fields"), dict):
        raise RestError("", "Parameter 'fields' must be array.")
    return as_map(call.params["fields"])


@method("crm.activity.add", scope="crm", doc=_DOC + "add.md", params="fields",
        partial="письмо остаётся в исходящих портала (/_sandbox/state/mail) и никуда не уходит")  # fmt: skip
def activity_add(call: Call) -> Json:
    """Create a meeting, a call or an e-mail; a completed outgoing e-mail is sent."""
    given = _given(call)
    values = fields_of.read_fields(call, given)
    kind = str(values.get("TYPE_ID") or "")
    _check_given(values, kind)
    _check_provider(call, values, kind, "add")
    owner = _owner(call, given)
    talks = _communications(call, kind, given)
    bindings = [[row["ENTITY_TYPE_ID"], row["ENTITY_ID"]] for row in talks if row["ENTITY_ID"]]
    app_id = call.caller.app.id if call.caller.app else 0
    row = activities.add_activity(call.portal, call.user, owner, values, bindings=bindings, app_id=app_id)
    row.communications = [_texts(talk) for talk in talks]
    row.files = fields_of.read_files(call, given.get("FILES"))
    if kind == _EMAIL and values.get("DIRECTION") == _OUTGOING and row.values["COMPLETED"]:
        _send(call, row)
    return row.id


def _check_given(values: dict[str, Any], kind: str) -> None:
    if not str(values.get("SUBJECT") or "").strip():
        raise RestError("", "The field SUBJECT is not defined or empty.")
    if not values.get("RESPONSIBLE_ID"):
        raise RestError("", "The field RESPONSIBLE_ID is not defined or invalid.")
    if kind not in (_MEETING, _CALL, _EMAIL, _OTHER):
        raise RestError("", "The field TYPE_ID is not defined or invalid.")


def _check_provider(call: Call, values: dict[str, Any], kind: str, verb: str) -> None:
    provider = values.get("PROVIDER_ID") or ""
    if provider == activities.CONFIGURABLE:
        raise RestError("", f"Use crm.activity.configurable.{verb} for this activity provider")
    if kind == _OTHER and not provider:
        raise RestError("", "The custom activity without provider is not supported in current context")
    if provider == "REST_APP" and call.caller.app is None:
        raise RestError("", "Application context required.")


def _owner(call: Call, given: Params) -> tuple[int, int]:
    number, item_id = as_int(given.get("OWNER_TYPE_ID")), as_int(given.get("OWNER_ID"))
    found = find_owner(call, number, item_id)
    if found is None:
        kind = find_kind(call.portal, number)
        if kind is None:
            text = "Could not build binding. Please ensure that owner info and communications are defined"
            raise RestError("", f"{text} correctly.")
        raise RestError("", f"Could not find '{type_code(kind)}' with ID: {item_id}")
    if not crm_rights.may(call.portal, call.user, "edit", number, found[1]):
        raise RestError("", DENIED)
    return number, item_id


def _communications(call: Call, kind: str, given: Params) -> list[dict[str, Any]]:
    """Read who is talked to: another channel than the activity's, or no address, is nobody."""
    rows = []
    for one in map(as_map, as_list(given.get("COMMUNICATIONS"))):
        channel = str(one.get("TYPE") or _CHANNEL.get(kind, ""))
        value = str(one.get("VALUE") or "").strip()
        if channel != _CHANNEL.get(kind, channel) or (kind in _CHANNEL and not value):
            continue
        row = {
            "ID": call.state.next_id("communication", 4401),
            "TYPE": channel,
            "VALUE": value,
            "ENTITY_ID": as_int(one.get("ENTITY_ID")),
            "ENTITY_TYPE_ID": as_int(one.get("ENTITY_TYPE_ID")),
        }
        rows.append(row)
    if not rows and kind != _OTHER:
        raise RestError("", "The field COMMUNICATIONS is not defined or invalid.")
    if kind == _CALL and len(rows) > 1:
        raise RestError("", "The only one communication is allowed for activity of specified type")
    return rows


def _texts(row: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) for name, value in row.items()}


def _send(call: Call, row: Activity) -> None:
    settings = row.values["SETTINGS"]
    sender = str(settings.get("MESSAGE_FROM") or "").strip()
    if not sender:
        raise RestError("", 'Email send error. "From" is not found')
    bracketed = re.search(r"<([^<>]*)>", sender)
    address = bracketed[1] if bracketed else sender
    to = [talk["VALUE"] for talk in row.communications]
    if not all(_ADDRESS.fullmatch(one) for one in (address, *to)):
        raise RestError("", "Email send error. Invalid email is specified")
    activities.send_mail(call.portal, row, sender, to)
    if not is_yes(settings.get("DISABLE_SENDING_MESSAGE_COPY")):
        activities.send_mail(call.portal, row, sender, [address])


def _activity(call: Call, right: str) -> Activity:
    row = call.state.activities.get(call.number("id"))
    if row is None:
        raise RestError("", "Activity is not found.")
    if not allowed(call, row, right):
        raise RestError("", DENIED)
    return row


@method("crm.activity.update", scope="crm", doc=_DOC + "update.md", params="id fields")
def activity_update(call: Call) -> Json:
    """Change an activity; what is not given stays as it was."""
    row, given = _activity(call, "edit"), _given(call)
    values = fields_of.read_fields(call, given)
    kind = row.values["TYPE_ID"]
    if "SUBJECT" in values and not values["SUBJECT"]:
        raise RestError("", "The field SUBJECT is not defined or empty.")
    if "RESPONSIBLE_ID" in values and not values["RESPONSIBLE_ID"]:
        raise RestError("", "The field RESPONSIBLE_ID is not defined or invalid.")
    _check_provider(call, row.values, kind, "update")
    values.pop("TYPE_ID", None)
    other: dict[str, Any] = {}
    if "COMMUNICATIONS" in given:
        other["communications"] = [_texts(talk) for talk in _communications(call, kind, given)]
    if "FILES" in given:
        other["files"] = fields_of.read_files(call, given["FILES"])
    activities.change_activity(call.portal, call.user, row, values, **other)
    return True


@method("crm.activity.get", scope="crm", doc=_DOC + "get.md", params="id")
def activity_get(call: Call) -> Json:
    """Return an activity; communications and files come with the list only."""
    return fields_of.show(call, _activity(call, "read"))


@method("crm.activity.delete", scope="crm", doc=_DOC + "delete.md", params="id")
def activity_delete(call: Call) -> Json:
    """Delete an activity of any sort."""
    activities.drop_activity(call.portal, call.user, _activity(call, "edit"))
    return True


@method("crm.activity.fields", scope="crm", doc=_DOC + "fields.md")
def activity_fields(_: Call) -> Json:
    """Describe the fields of an activity."""
    return fields_of.describe()


@method("crm.activity.list", scope="crm", doc=_DOC + "list.md", params="select filter order start")
def activity_list(call: Call) -> Page:
    """List activities the caller may read, by their beginning unless asked otherwise."""
    conditions = call.optional_map("filter")
    rows = [row for row in call.state.activities.values() if _fits(call, row, conditions)]
    rows = [row for row in rows if allowed(call, row, "read")]
    order = {name: way for name, way in call.optional_map("order").items() if name in fields_of.FIELDS}
    rows = sort_rows(rows, order or {"START_TIME": "ASC"}, _order_key)
    page = paginate(call, rows, by_page=False)
    names = fields_of.select(call)
    shown = [fields_of.show(call, row, names) for row in page.result]
    return Page(result=shown, total=page.total, next=page.next)


def _order_key(row: Activity, name: str) -> Any:
    value = fields_of.value_of(row, name)
    return as_int(value) if fields_of.FIELDS[name][0] == "integer" else value


def _fits(call: Call, row: Activity, conditions: Params) -> bool:
    for key, wanted in conditions.items():
        prefix, name = split_prefix(key)
        if name == "BINDINGS":
            if not any(_bound(row, as_map(one)) for one in as_list(wanted)):
                return False
            continue
        if name not in fields_of.FIELDS:
            call.note("unknown_filter", name)
            continue
        many = as_list(wanted) if isinstance(wanted, list | dict) else None
        value = _wanted(call, name, wanted) if many is None else [_wanted(call, name, one) for one in many]
        if not matches(prefix, fields_of.value_of(row, name), value):
            return False
    return True


def _wanted(call: Call, name: str, value: Json) -> Any:
    if fields_of.FIELDS[name][0] == "datetime":
        return parse_moment(value, call.portal.clock.zone)
    return as_int(value, -1) if name in ("ID", "OWNER_ID", "OWNER_TYPE_ID", "RESPONSIBLE_ID") else value


def _bound(row: Activity, wanted: Params) -> bool:
    names = ("OWNER_TYPE_ID", "OWNER_ID")
    return any(
        all(name not in wanted or as_int(wanted[name]) == one for name, one in zip(names, pair, strict=True))
        for pair in row.bindings
    )
