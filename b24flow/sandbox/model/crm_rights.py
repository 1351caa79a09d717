"""Rights of CRM roles: who may read, add, edit, delete and import items.

The seed's `crm_rights` says for each of `read`, `add`, `edit`, `delete`, `import` either `all`, `own`
(items one is responsible for) or a list of users; under `types` the same for one entity type. An
administrator may do everything.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model.entities import Employee, Item
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import RestError


def _allowed(portal: Portal, right: str, entity_type_id: int) -> Any:
    rights = portal.state.crm_rights
    of_type = rights.get("types", {}).get(str(entity_type_id), {})
    return of_type.get(right, rights.get(right, "all"))


def may(portal: Portal, user: Employee, right: str, entity_type_id: int, item: Item | None = None) -> bool:
    """Say whether an employee has a right to an item, or to any item of the type when none is given."""
    allowed = "all" if user.admin else _allowed(portal, right, entity_type_id)
    if allowed == "own":
        return item is None or item.values.get("assignedById") == user.id
    return allowed == "all" or user.id in allowed


def sees_all(portal: Portal, user: Employee, entity_type_id: int) -> bool:
    """Say whether an employee may read every item of the type."""
    return user.admin or _allowed(portal, "read", entity_type_id) == "all"


def require(
    portal: Portal, user: Employee, right: str, entity_type_id: int, item: Item | None = None
) -> None:
    """Refuse an employee whose role does not give the right."""
    if not may(portal, user, right, entity_type_id, item):
        raise RestError("ACCESS_DENIED", "Доступ запрещен.")
