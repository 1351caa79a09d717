"""Log messages of a timeline, which people cannot edit (crm/timeline/logmessage/*.md).

Of the two spellings of a list the box's is answered: `logMessages` by tens, read from `offset`; the
documented `start` works too.
"""

from __future__ import annotations

from b24flow.sandbox.clock import iso
from b24flow.sandbox.filters import sort_rows
from b24flow.sandbox.model import crm, crm_rights, crm_timeline
from b24flow.sandbox.model.crm_kinds import Kind, find_kind, kind_of_owner, owner_code
from b24flow.sandbox.model.entities import Item, TimelineRecord
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.wire import Json, Params, RestError, as_int, missing

_DOC = "api-reference/crm/timeline/logmessage/crm-timeline-logmessage-"
_FIELDS = ("entityTypeId", "entityId", "title", "text", "iconCode")
_PAGE = 10


def _show(row: TimelineRecord) -> Params:
    return {
        "id": row.id,
        "created": iso(row.created),
        "authorId": row.author_id,
        "title": row.title,
        "text": row.text,
        "iconCode": row.icon,
    }


def _owner(call: Call, number: Json, item_id: Json, right: str) -> tuple[Kind, Item]:
    kind = find_kind(call.portal, as_int(number))
    item = call.state.items.get(kind.entity_type_id, {}).get(as_int(item_id)) if kind else None
    if kind is None or item is None:
        raise RestError("OWNER_NOT_FOUND", "Элемент CRM не найден")
    crm_rights.require(call.portal, call.user, right, kind.entity_type_id, item)
    return kind, item


def _message(call: Call, right: str) -> TimelineRecord:
    number = call.required_number("id")
    row = call.state.timeline.get(number)
    if row is None or row.kind != "log":
        raise RestError("NOT_FOUND", f"Timeline logmessage not found for id {number}")
    kind = kind_of_owner(call.portal, row.entity_type)
    if kind is not None:
        _owner(call, kind.entity_type_id, row.entity_id, right)
    return row


@method("crm.timeline.logmessage.add", scope="crm", doc=_DOC + "add.md", params="fields*",
        partial="код значка не проверяется по crm.timeline.icon.list")  # fmt: skip
def log_add(call: Call) -> Json:
    """Add a record in the caller's name."""
    fields = call.mapping("fields")
    call.note_unknown("unknown_field", fields, set(_FIELDS))
    for name in _FIELDS:
        if fields.get(name) in (None, ""):
            raise missing(name)
    kind, item = _owner(call, fields["entityTypeId"], fields["entityId"], "edit")
    row = crm.add_record(
        call.portal,
        "log",
        owner_code(kind),
        item.id,
        call.user.id,
        text=str(fields["text"]),
        title=str(fields["title"]),
        icon=str(fields["iconCode"]),
        app_id=call.caller.app.id if call.caller.app else 0,
    )
    return {"logMessage": _show(row)}


@method("crm.timeline.logmessage.get", scope="crm", doc=_DOC + "get.md", params="id*")
def log_get(call: Call) -> Json:
    """Return a record."""
    return {"logMessage": _show(_message(call, "read"))}


@method("crm.timeline.logmessage.list", scope="crm", doc=_DOC + "list.md",
        params="entityTypeId* entityId* order start offset",
        partial="как в коде коробки: ключ logMessages вместо массива, без total")  # fmt: skip
def log_list(call: Call) -> Json:
    """List the records of one item, the newest first unless asked otherwise."""
    kind, item = _owner(call, call.number("entityTypeId"), call.number("entityId"), "read")
    rows = crm_timeline.records_of(call.portal, owner_code(kind), item.id, "log")
    order = {key: way for key, way in call.optional_map("order").items() if key in ("id", "created")}
    shown = sort_rows([_show(row) for row in rows], order or {"id": "desc"}, lambda row, key: row[key])
    offset = max(call.number("offset") or call.start, 0)
    return {"logMessages": shown[offset : offset + _PAGE]}


@method("crm.timeline.logmessage.delete", scope="crm", doc=_DOC + "delete.md", params="id*")
def log_delete(call: Call) -> Json:
    """Delete a record: only the application that added it may, a webhook those of webhooks."""
    row = _message(call, "edit")
    if row.app_id != (call.caller.app.id if call.caller.app else 0):
        raise RestError("REMOVING_DISABLED", "Запись создана другим приложением")
    crm_timeline.drop_record(call.portal, call.user, row)
    return True
