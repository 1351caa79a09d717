"""What a new item is filled with before its own fields (api-reference/crm/universal/crm-item-add.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from b24flow.sandbox.model import crm_directories as directories
from b24flow.sandbox.model.crm_fields import fields_of
from b24flow.sandbox.model.crm_kinds import COMPANY, LEAD, Kind
from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.portal import Portal

_WEEK = timedelta(days=7)
_CONSTANT: dict[str, Any] = {
    "currencyId": "RUB",
    "isManualOpportunity": False,
    "isReturnCustomer": False,
    "isRepeatedApproach": False,
    "isRecurring": False,
    "isMyCompany": False,
    "export": True,
    "revenue": 0.0,
    "companyId": 0,
    "contactId": 0,
}


def beginning(portal: Portal, kind: Kind, user: Employee) -> dict[str, Any]:
    """Return the values of an item nobody has said anything about yet."""
    now = portal.clock.now()
    values: dict[str, Any] = {
        "id": 0,
        "title": "",
        "createdTime": now,
        "updatedTime": now,
        "createdBy": user.id,
        "updatedBy": user.id,
        "assignedById": user.id,
        "opened": True,
        "lastActivityTime": now,
        "lastActivityBy": user.id,
    }
    for key in fields_of(portal, kind).defaults:
        values[key] = _default(portal, kind, key)
    if kind.entity_type_id != LEAD:
        rows = directories.categories(portal.state, kind.entity_type_id)
        values["categoryId"] = next(row.id for row in rows if row.is_default)
    return values


def _default(portal: Portal, kind: Kind, key: str) -> Any:
    if key in _CONSTANT:
        return _CONSTANT[key]
    if key in ("begindate", "closedate"):
        today = portal.clock.now().date()
        return today if key == "begindate" else today + _WEEK
    if key == "mycompanyId":
        companies = portal.state.items.get(COMPANY, {}).values()
        return next((item.id for item in companies if item.values.get("isMyCompany")), None)
    rows = directories.rows_of(portal.state, fields_of(portal, kind).specs[key].status)
    return rows[0].status_id if rows else None
