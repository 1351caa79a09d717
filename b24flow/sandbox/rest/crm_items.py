"""Items of smart processes, their stage history and the layout of their card.

api-reference/crm/universal/crm-item-*.md, item-details-configuration, crm-stage-history-list.md.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.clock import iso, parse_moment
from b24flow.sandbox.filters import check_crm_filter, is_descending, read_crm_filter, sort_rows
from b24flow.sandbox.links import crm_file
from b24flow.sandbox.listing import walk_page
from b24flow.sandbox.model import crm
from b24flow.sandbox.model.crm_fields import FieldSpec, show_value, specs_of, write_item
from b24flow.sandbox.model.entities import Item, SpaType, StageMove
from b24flow.sandbox.model.indexes import CHANGED, CODE, ID, plan
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, is_yes

_DOC = "api-reference/crm/universal/"
_ALL = "useOriginalUfNames"


def _spa(call: Call) -> SpaType:
    return crm.require_type(call.portal, call.required_number("entityTypeId"))


def _specs(call: Call, spa: SpaType) -> dict[str, FieldSpec]:
    return specs_of(call.portal, spa)


def _show(call: Call, spa: SpaType, item: Item) -> Params:
    shown: Params = write_item(call.portal, _specs(call, spa), item, crm_file(call))
    shown["entityTypeId"] = spa.entity_type_id
    return _original_names(call, spa, shown)


def _original_names(call: Call, spa: SpaType, shown: Params) -> Params:
    if not is_yes(call.params.get(_ALL)):
        return shown
    names = {spec.name: spec.upper for spec in _specs(call, spa).values() if spec.dynamic}
    return {names.get(name, name): value for name, value in shown.items()}


def _note_ignored(call: Call, ignored: list[str]) -> None:
    for name in ignored:
        call.note("unknown_field", name)


@method("crm.item.add", scope="crm", doc=_DOC + "crm-item-add.md",
        params="entityTypeId* fields* useOriginalUfNames")  # fmt: skip
def item_add(call: Call) -> Json:
    """Create an item; unknown fields and unreadable values are silently left out."""
    spa, ignored = _spa(call), list[str]()
    item = crm.add_item(call.portal, spa, call.user, call.mapping("fields"), ignored)
    _note_ignored(call, ignored)
    return {"item": _show(call, spa, item)}


@method("crm.item.update", scope="crm", doc=_DOC + "crm-item-update.md",
        params="entityTypeId* id* fields* useOriginalUfNames")  # fmt: skip
def item_update(call: Call) -> Json:
    """Change an item and return it whole."""
    spa, ignored = _spa(call), list[str]()
    item = crm.require_item(call.portal, spa.entity_type_id, call.required_number("id"))
    crm.update_item(call.portal, spa, call.user, item, call.mapping("fields"), ignored=ignored)
    _note_ignored(call, ignored)
    return {"item": _show(call, spa, item)}


@method("crm.item.get", scope="crm", doc=_DOC + "crm-item-get.md",
        params="entityTypeId* id* useOriginalUfNames")  # fmt: skip
def item_get(call: Call) -> Json:
    """Return an item."""
    spa = _spa(call)
    item = crm.require_item(call.portal, spa.entity_type_id, call.required_number("id"))
    return {"item": _show(call, spa, item)}


@method("crm.item.delete", scope="crm", doc=_DOC + "crm-item-delete.md",
        params="entityTypeId* id*")  # fmt: skip
def item_delete(call: Call) -> Json:
    """Delete an item; the answer is an empty list."""
    spa = _spa(call)
    item = crm.require_item(call.portal, spa.entity_type_id, call.required_number("id"))
    crm.delete_item(call.portal, item)
    return []


@method("crm.item.list", scope="crm", doc=_DOC + "crm-item-list.md",
        params="entityTypeId* select filter order start useOriginalUfNames")  # fmt: skip
def item_list(call: Call) -> Page:
    """List items; an unknown field in filter or order is refused, in select dropped."""
    spa = _spa(call)
    specs = _specs(call, spa)
    names = {spec.name: spec for spec in specs.values()}
    names |= {spec.upper: spec for spec in specs.values() if spec.dynamic}
    names["ID"] = specs["id"]  # no page says so, but the vendor's SDK pages through items by `>ID`
    order = call.optional_map("order")
    check_crm_filter(call.params.get("filter"), names.__contains__)
    for name in order:
        if name not in names:
            raise RestError("INVALID_ARG_VALUE", f"Invalid order: field '{name}' is unknown")
    page = _page(call, spa, names, order)
    shown = _select(call, names, specs)
    link = crm_file(call)
    items = [
        _original_names(call, spa, {spec.name: show_value(spec, item, link) for spec in shown})
        for item in page.result
    ]
    return Page(result={"items": items}, total=page.total, next=page.next)


_INDEXED = {"id": ID, "ID": ID, "xmlId": CODE, "updatedTime": CHANGED}


def _page(call: Call, spa: SpaType, names: dict[str, FieldSpec], order: Params) -> Page:
    chosen = read_crm_filter(call.params.get("filter"), lambda name, value: _wanted(call, names[name], value))

    def fits(item: Item) -> bool:
        return chosen.fits(lambda name: _comparable(names[name], item.values.get(names[name].key)))

    def sort(rows: list[Item]) -> list[Item]:
        return sort_rows(rows, order, lambda item, name: item.values.get(names[name].key))

    conditions = [(prefix, _INDEXED.get(name, name), value) for prefix, name, value in chosen.conditions]
    if chosen.groups or chosen.any_of:  # a column no index knows: narrows nothing, is never exact
        conditions = [*([] if chosen.any_of else conditions), ("", "logic", None)]
    directions = [(_INDEXED.get(name, name), is_descending(way)) for name, way in order.items()]
    walk = plan(crm.index_of(call.portal, spa.entity_type_id), conditions, directions)
    return walk_page(call, walk, crm.items_of(call.portal, spa.entity_type_id), fits=fits, sort=sort)


def _comparable(spec: FieldSpec, value: Any) -> Any:
    if spec.kind == "boolean" and spec.dynamic:
        return int(bool(value))
    if spec.kind == "boolean":
        return "Y" if value else "N"
    return value


def _wanted(call: Call, spec: FieldSpec, value: Json) -> Any:
    if value in (None, ""):
        return value
    if spec.kind == "datetime":
        return parse_moment(value, call.portal.clock.zone)
    if spec.kind == "date":
        moment = parse_moment(value, call.portal.clock.zone)
        return moment.date() if moment else None
    if spec.kind in ("integer", "enumeration", "employee", "user", "crm_category"):
        return as_int(value, -1)
    if spec.kind == "boolean" and spec.dynamic:
        return as_int(value, -1)
    return value


def _select(call: Call, names: dict[str, FieldSpec], specs: dict[str, FieldSpec]) -> list[FieldSpec]:
    wanted = [str(name) for name in as_list(call.params.get("select"))]
    known = [names[name] for name in dict.fromkeys(wanted) if name in names]
    for name in wanted:
        if name not in names and name != "*":
            call.note("unknown_select", name)
    if "*" in wanted or not known:
        return list(specs.values())
    return known if any(spec.key == "id" for spec in known) else [specs["id"], *known]


@method("crm.item.fields", scope="crm", doc=_DOC + "crm-item-fields.md",
        params="entityTypeId* useOriginalUfNames")  # fmt: skip
def item_fields(call: Call) -> Json:
    """Describe the fields of a smart process."""
    spa = _spa(call)
    specs = _specs(call, spa).values()
    shown = {spec.name: _describe(spec) for spec in specs if _enabled(spa, spec)}
    return {"fields": _original_names(call, spa, shown)}


def _enabled(spa: SpaType, spec: FieldSpec) -> bool:
    return not spec.feature or spa.flags[spec.feature]


def _describe(spec: FieldSpec) -> Params:
    shown: Params = {
        "type": spec.kind,
        "isRequired": False,
        "isReadOnly": spec.read_only,
        "isImmutable": False,
        "isMultiple": spec.multiple,
        "isDynamic": spec.dynamic,
        "title": spec.title,
        "upperName": spec.upper,
    }
    if spec.dynamic:
        shown |= {"listLabel": spec.title, "formLabel": spec.title, "filterLabel": spec.title}
        shown["settings"] = spec.settings
    if spec.kind == "enumeration":
        shown["items"] = [{"ID": str(key), "VALUE": text} for key, text in spec.enum.items()]
    return shown


@method("crm.stagehistory.list", scope="crm", doc="api-reference/crm/crm-stage-history-list.md",
        params="entityTypeId* order filter select start")  # fmt: skip
def stage_history(call: Call) -> Page:
    """List stage transitions; field names are in upper case."""
    spa = _spa(call)
    moves = [m for m in call.state.stage_moves if m.entity_type_id == spa.entity_type_id]
    rows = [_show_move(move) for move in moves]
    known = frozenset(
        [
            "ID",
            "TYPE_ID",
            "OWNER_ID",
            "CREATED_TIME",
            "CATEGORY_ID",
            "STAGE_SEMANTIC_ID",
            "STAGE_ID",
        ]
    )
    check_crm_filter(call.params.get("filter"), known.__contains__)
    conditions = call.optional_map("filter")

    def convert(name: str, value: Json) -> Any:
        numeric = name in ("ID", "TYPE_ID", "OWNER_ID", "CATEGORY_ID")
        return as_int(value, -1) if numeric else value

    chosen = read_crm_filter(conditions, convert)
    rows = [r for r in rows if chosen.fits(r.get)]
    rows = sort_rows(rows, call.params.get("order"), lambda row, key: row.get(key))
    return paginate(call, rows, wrap="items")


def _show_move(move: StageMove) -> Params:
    return {
        "ID": move.id,
        "TYPE_ID": move.kind,
        "OWNER_ID": move.item_id,
        "CREATED_TIME": iso(move.created),
        "CATEGORY_ID": move.category_id,
        "STAGE_SEMANTIC_ID": move.semantics,
        "STAGE_ID": move.stage_id,
    }


_LAYOUT = _DOC + "item-details-configuration/crm-item-details-configuration-"


def _layout_key(call: Call) -> str:
    if not call.text("entityTypeId"):
        raise RestError("", "Parameter 'entityTypeId' is not defined")
    scope = call.text("scope") or "P"
    owner = "all" if scope == "C" else str(call.number("userId") or call.user.id)
    extras = call.optional_map("extras")
    category = as_int(extras.get("categoryId"))
    return f"{call.number('entityTypeId')}:{scope}:{owner}:{category}"


@method("crm.item.details.configuration.get", scope="crm", doc=_LAYOUT + "get.md",
        params="entityTypeId userId scope extras")  # fmt: skip
def layout_get(call: Call) -> Json:
    """Return the layout of the card, null when it was never set."""
    return call.state.card_layouts.get(_layout_key(call))


@method("crm.item.details.configuration.set", scope="crm", doc=_LAYOUT + "set.md",
        params="entityTypeId userId scope extras data")  # fmt: skip
def layout_set(call: Call) -> Json:
    """Replace the layout of the card; the common one may be set by an administrator only."""
    key = _layout_key(call)
    if call.text("scope") == "C" and not call.user.admin:
        raise RestError("", "Доступ запрещен")
    sections = call.values("data")
    if not sections:
        raise RestError("", "Parameter 'data' must be array")
    for section in sections:
        if not isinstance(section, dict) or not section.get("name"):
            raise RestError("", "Section at index 0 have type `string`. The expected type is array")
    call.state.card_layouts[key] = sections
    return True
