"""Which CRM entities are parents of which: relations of smart processes, seen from either side.

Facts: api-reference/crm/universal/user-defined-object-types/crm-type-add.md (relations). A relation
is kept by the smart process that was told of it and counts for both of its ends.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model.crm_kinds import COMPANY, CONTACT
from b24flow.sandbox.model.entities import SpaType
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Json, as_int, as_list, as_map, yes_no

_OPPOSITE = {"parent": "child", "child": "parent"}


def read_relations(given: Json) -> dict[str, Any]:
    """Read relations; the flag of a children list is compared with the text `true`."""
    sides = as_map(given)
    return {side: _rows(sides.get(side)) for side in ("parent", "child")}


def _rows(rows: Json) -> list[dict[str, Any]]:
    return [
        _row(as_int(row.get("entityTypeId")), row.get("isChildrenListEnabled") == "true")
        for row in map(as_map, as_list(rows))
    ]


def _row(entity_type_id: int, listed: bool, predefined: bool = False) -> dict[str, Any]:
    return {
        "entityTypeId": entity_type_id,
        "isChildrenListEnabled": yes_no(listed),
        "isPredefined": yes_no(predefined),
    }


def relations_of(portal: Portal, spa: SpaType) -> dict[str, list[dict[str, Any]]]:
    """Return the relations of a smart process: predefined, its own and those other types gave it."""
    shown = {side: _side(portal, spa, side) for side in ("parent", "child")}
    if spa.flags["isClientEnabled"]:
        clients = [_row(number, True, True) for number in (CONTACT, COMPANY)]
        shown["parent"] = clients + shown["parent"]
    return shown


def _side(portal: Portal, spa: SpaType, side: str) -> list[dict[str, Any]]:
    rows = list(spa.relations[side])
    known = {row["entityTypeId"] for row in rows}
    return rows + [
        row | {"entityTypeId": other.entity_type_id}
        for other in portal.state.types.values()
        for row in other.relations[_OPPOSITE[side]]
        if row["entityTypeId"] == spa.entity_type_id and other.entity_type_id not in known
    ]


def parents_of(portal: Portal, entity_type_id: int) -> list[int]:
    """Return the entity types whose items can be parents of this entity's items."""
    found = set()
    for spa in portal.state.types.values():
        if spa.entity_type_id == entity_type_id:
            found |= {row["entityTypeId"] for row in spa.relations["parent"]}
        if any(row["entityTypeId"] == entity_type_id for row in spa.relations["child"]):
            found.add(spa.entity_type_id)
    return sorted(found - {0})


def replace_relations(portal: Portal, spa: SpaType, given: Json) -> None:
    """Set the relations of a smart process: the passed set replaces all, given from either end.

    A type that is only being made keeps what others have said of its number.
    """
    spa.relations = read_relations(given)
    if not spa.id:
        return
    for other in portal.state.types.values():
        if other is not spa:
            for side, rows in other.relations.items():
                kept = [row for row in rows if row["entityTypeId"] != spa.entity_type_id]
                other.relations[side] = kept
