"""Lists of items: nested filters, order, the chosen fields (crm/universal/crm-item-list.md).

A condition on the id, on the external code or on the moment of change goes through an index.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.filters import (
    check_crm_filter,
    check_order,
    is_descending,
    read_crm_filter,
    sort_rows,
)
from b24flow.sandbox.links import crm_file
from b24flow.sandbox.listing import walk_page
from b24flow.sandbox.model import crm, crm_multifields, crm_rights
from b24flow.sandbox.model.crm_fields import FieldSet, FieldSpec, column_of, fields_of, write_item
from b24flow.sandbox.model.crm_kinds import Kind, code_field
from b24flow.sandbox.model.entities import Item
from b24flow.sandbox.model.indexes import CHANGED, CODE, ID, plan
from b24flow.sandbox.registry import Call, Page, method
from b24flow.sandbox.rest.crm_items import DOC, kind_of, original_names
from b24flow.sandbox.wire import Json, Params, as_int, as_list, yes_no

_NUMBERS = {"integer", "enumeration", "employee", "user", "crm_category", "crm_entity", "crm_company",
            "crm_contact", "crm_lead", "crm_quote"}  # fmt: skip


@method("crm.item.list", scope="crm", doc=DOC + "crm-item-list.md",
        params="entityTypeId* select filter order start useOriginalUfNames",
        partial="нет предложений и счетов")  # fmt: skip
def item_list(call: Call) -> Page:
    """List items; an unknown field in filter or order is refused, in select dropped."""
    kind = kind_of(call)
    fields = fields_of(call.portal, kind)
    names = {name: spec for name, spec in fields.names.items() if not spec.hidden}
    names["ID"] = fields.specs["id"]  # no page says so, but the vendor's SDK pages items by `>ID`
    check_crm_filter(call.params.get("filter"), names.__contains__)
    order = check_order(call.params.get("order"), names.__contains__)
    page = _page(call, kind, names, order)
    shown, link = _select(call, names, fields), crm_file(call)
    columns = [column_of(spec) for spec in shown]
    items = [original_names(call, fields, write_item(columns, item, link)) for item in page.result]
    return Page(result={"items": items}, total=page.total, next=page.next)


def _indexed(kind: Kind) -> dict[str, str]:
    return {"id": ID, "ID": ID, code_field(kind.entity_type_id): CODE, "updatedTime": CHANGED}


def _page(call: Call, kind: Kind, names: dict[str, FieldSpec], order: Params) -> Page:
    number, portal = kind.entity_type_id, call.portal
    chosen = read_crm_filter(call.params.get("filter"), lambda name, value: _wanted(call, names[name], value))
    free = crm_rights.sees_all(portal, call.user, number)

    def fits(item: Item) -> bool:
        seen = free or crm_rights.may(portal, call.user, "read", number, item)
        return seen and chosen.fits(lambda name: _stored(names[name], item))

    def sort(rows: list[Item]) -> list[Item]:
        return sort_rows(rows, order, lambda item, name: item.values.get(names[name].key))

    indexed = _indexed(kind)
    conditions = [(prefix, indexed.get(name, name), value) for prefix, name, value in chosen.conditions]
    if chosen.groups or chosen.any_of or not free:
        # a column no index knows: it narrows nothing, and the walk is never exact
        conditions = [*([] if chosen.any_of else conditions), ("", "logic", None)]
    directions = [(indexed.get(name, name), is_descending(way)) for name, way in order.items()]
    walk = plan(crm.index_of(portal, number), conditions, directions)
    return walk_page(call, walk, crm.items_of(portal, number), fits=fits, sort=sort)


def _stored(spec: FieldSpec, item: Item) -> Any:
    value = item.values.get(spec.key)
    if spec.computed:
        value = crm_multifields.alias(spec.key, item.values.get("fm") or [])
    if spec.kind == "boolean":
        return int(bool(value)) if spec.dynamic else yes_no(bool(value))
    return value


def _wanted(call: Call, spec: FieldSpec, value: Json) -> Any:
    if value in (None, ""):
        return value
    if spec.kind == "datetime":
        return parse_moment(value, call.portal.clock.zone)
    if spec.kind == "date":
        moment = parse_moment(value, call.portal.clock.zone)
        return moment.date() if moment else None
    if spec.kind in _NUMBERS or (spec.kind == "boolean" and spec.dynamic):
        return as_int(value, -1)
    return value


def _select(call: Call, names: dict[str, FieldSpec], fields: FieldSet) -> list[FieldSpec]:
    wanted = [str(name) for name in as_list(call.params.get("select"))]
    known = [names[name] for name in dict.fromkeys(wanted) if name in names]
    for name in wanted:
        if name not in names and name != "*":
            call.note("unknown_select", name)
    if "*" in wanted or not known:
        return list(fields.specs.values())
    return known if any(spec.key == "id" for spec in known) else [fields.specs["id"], *known]
