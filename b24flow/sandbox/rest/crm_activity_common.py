"""What the methods of activities share: the owner, the activity, the rights to them."""

from __future__ import annotations

from datetime import datetime

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.model import crm_rights
from b24flow.sandbox.model.crm_kinds import Kind, find_kind
from b24flow.sandbox.model.crm_rows import Activity
from b24flow.sandbox.model.entities import Item
from b24flow.sandbox.registry import Call
from b24flow.sandbox.wire import Json, RestError

DENIED = "Доступ запрещен."


def find_owner(call: Call, entity_type_id: int, item_id: int) -> tuple[Kind, Item] | None:
    """Return an item and what it is, None when there is none."""
    kind = find_kind(call.portal, entity_type_id)
    item = call.state.items.get(entity_type_id, {}).get(item_id)
    return (kind, item) if kind is not None and item is not None else None


def require_owner(call: Call, right: str) -> tuple[int, int]:
    """Return the item a call names by `ownerTypeId` and `ownerId` if the caller has the right to it."""
    number, item_id = call.required_number("ownerTypeId"), call.required_number("ownerId")
    found = find_owner(call, number, item_id)
    if found is None:
        raise RestError("OWNER_NOT_FOUND", "Элемент CRM не найден")
    crm_rights.require(call.portal, call.user, right, number, found[1])
    return number, item_id


def allowed(call: Call, row: Activity, right: str) -> bool:
    """Say whether the caller has a right to an activity: that to any item it is bound to."""
    for number, item_id in row.bindings:
        found = find_owner(call, number, item_id)
        if found and crm_rights.may(call.portal, call.user, right, number, found[1]):
            return True
    return False


def read_deadline(call: Call, value: Json) -> datetime:
    """Read a deadline or refuse."""
    moment = parse_moment(value, call.portal.clock.zone)
    if moment is None:
        raise RestError("WRONG_DATETIME_FORMAT", "Неверный формат даты")
    return moment


def offsets(value: list[Json]) -> list[int]:
    """Read minutes before a deadline; what is no number is left out."""
    return [int(str(one)) for one in value if str(one).isdecimal()]
