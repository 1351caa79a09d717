"""Links between contacts and companies, which both ends show, and the first of several links."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model.crm_kinds import COMPANY, CONTACT, DEAL, LEAD, Kind
from b24flow.sandbox.model.entities import Item
from b24flow.sandbox.model.portal import Portal


def join_links(kind: Kind, changes: dict[str, Any]) -> None:
    """Keep `contactId` the first of `contactIds` and, of a contact, `companyId` of `companyIds`."""
    number = kind.entity_type_id
    if number == COMPANY:
        return
    one, many = ("companyId", "companyIds") if number == CONTACT else ("contactId", "contactIds")
    nobody = 0 if number in (LEAD, DEAL, CONTACT) else None
    if many in changes:
        changes[one] = changes[many][0] if changes[many] else nobody
    elif one in changes:
        changes[many] = [changes[one]] if changes[one] else []


def mirror_links(portal: Portal, item: Item, before: dict[str, Any]) -> None:
    """Show a changed link between a contact and a company on its other end too."""
    pair = {COMPANY: ("contactIds", CONTACT, "companyIds"), CONTACT: ("companyIds", COMPANY, "contactIds")}
    if item.entity_type_id not in pair:
        return
    name, other_type, other_name = pair[item.entity_type_id]
    old, new = set(before.get(name) or ()), set(item.values.get(name) or ())
    others = portal.state.items.get(other_type, {})
    for number in sorted(old ^ new):
        other = others.get(number)
        if other is None:
            continue
        kept = [one for one in other.values.get(other_name) or [] if one != item.id]
        other.values[other_name] = [*kept, item.id] if number in new else kept
        if other_type == CONTACT:
            other.values["companyId"] = next(iter(other.values[other_name]), 0)
