"""Pipelines of smart processes, deals, contacts and companies (crm/universal/category/*.md)."""

from __future__ import annotations

from b24flow.sandbox.model import crm, crm_directories, crm_rights
from b24flow.sandbox.model.crm_kinds import COMPANY, CONTACT, DEAL, Kind, has_categories, not_supported
from b24flow.sandbox.model.crm_specs import upper_name
from b24flow.sandbox.model.entities import Category
from b24flow.sandbox.registry import Call, Page, method
from b24flow.sandbox.wire import Json, Params, RestError, as_int, is_yes, yes_no

_DOC = "api-reference/crm/universal/category/crm-category-"
_GIVEN = {"name", "sort", "isDefault", "originId", "originatorId"}


def _kind(call: Call) -> Kind:
    kind = crm.require_kind(call.portal, call.required_number("entityTypeId"))
    if not has_categories(kind):
        raise not_supported(kind.entity_type_id)
    return kind


def _show(row: Category) -> Params:
    shown: Params = {
        "id": row.id,
        "name": row.name,
        "sort": row.sort,
        "entityTypeId": row.entity_type_id,
        "isDefault": yes_no(row.is_default),
    }
    if row.entity_type_id == DEAL and row.id:
        shown |= {"originId": row.origin_id, "originatorId": row.originator_id}
    return shown


def _category(call: Call) -> Category:
    kind, wanted = _kind(call), call.required_number("id")
    row = crm_directories.find_category(call.state, kind.entity_type_id, wanted)
    if row is None:
        raise RestError("NOT_FOUND", "Элемент не найден")
    return row


def _name(value: Json) -> str:
    return str(value or "").strip()


@method("crm.category.list", scope="crm", doc=_DOC + "list.md", params="entityTypeId*")
def category_list(call: Call) -> Page:
    """List the pipelines of an entity the caller may read."""
    kind = _kind(call)
    seen = crm_rights.may(call.portal, call.user, "read", kind.entity_type_id)
    rows = crm.categories_of(call.portal, kind.entity_type_id) if seen else []
    return Page(result={"categories": [_show(row) for row in rows]}, total=len(rows))


@method("crm.category.add", scope="crm", doc=_DOC + "add.md", params="entityTypeId* fields*")
def category_add(call: Call) -> Json:
    """Create a pipeline; it gets the default stages."""
    call.portal.require_admin(call.user)
    kind, fields = _kind(call), call.mapping("fields")
    call.note_unknown("unknown_field", fields, _GIVEN)
    name, default = _name(fields.get("name")), is_yes(fields.get("isDefault"))
    if not name:
        raise RestError("0", "Field 'NAME' is required")
    if default and kind.entity_type_id in (CONTACT, COMPANY):
        raise RestError("0", "Default client category does not support updating default state")
    if kind.entity_type_id == DEAL:
        default = False  # in deals the mark cannot be changed
    sort = max(as_int(fields.get("sort"), 500), 0)
    row = crm_directories.add_category(call.state, kind.entity_type_id, name[:255], sort, default)
    _set_origin(row, fields)
    return {"category": _show(row)}


def _set_origin(row: Category, fields: Params) -> None:
    row.origin_id = str(fields.get("originId", row.origin_id) or "")
    row.originator_id = str(fields.get("originatorId", row.originator_id) or "")


@method("crm.category.update", scope="crm", doc=_DOC + "update.md", params="entityTypeId* id* fields*")
def category_update(call: Call) -> Json:
    """Rename, sort or make a pipeline the default one; the default one stays default."""
    call.portal.require_admin(call.user)
    row, fields = _category(call), call.mapping("fields")
    call.note_unknown("unknown_field", fields, _GIVEN)
    row.name = _name(fields.get("name"))[:255] or row.name
    row.sort = max(as_int(fields.get("sort", row.sort)), 0)
    _set_origin(row, fields)
    if is_yes(fields.get("isDefault")) and row.entity_type_id not in (DEAL, CONTACT, COMPANY):
        for other in crm.categories_of(call.portal, row.entity_type_id):
            other.is_default = other.id == row.id
    crm_directories.forget(call.state)
    return {"category": _show(row)}


@method("crm.category.get", scope="crm", doc=_DOC + "get.md", params="entityTypeId* id*")
def category_get(call: Call) -> Json:
    """Return a pipeline."""
    row = _category(call)
    crm_rights.require(call.portal, call.user, "read", row.entity_type_id)
    return {"category": _show(row)}


@method("crm.category.delete", scope="crm", doc=_DOC + "delete.md", params="entityTypeId* id*")
def category_delete(call: Call) -> Json:
    """Delete an empty pipeline that is not the default one."""
    call.portal.require_admin(call.user)
    row = _category(call)
    code = "0" if row.entity_type_id == DEAL else "BX_ERROR"
    if row.is_default:
        raise RestError(code, "Это воронка по умолчанию, её нельзя удалить")
    items = crm.items_of(call.portal, row.entity_type_id).values()
    if any(item.values.get("categoryId") == row.id for item in items):
        raise RestError(code, f"Найдены элементы, связанные с воронкой «{row.name}»")
    crm_directories.drop_category(call.state, row)
    return None


@method("crm.category.fields", scope="crm", doc=_DOC + "fields.md", params="entityTypeId*")
def category_fields(call: Call) -> Json:
    """Describe the fields of a pipeline: deals know where one came from, smart processes do not."""
    kind = _kind(call)
    kinds = {"id": "integer", "name": "string", "sort": "integer", "entityTypeId": "integer",
             "isDefault": "boolean"}  # fmt: skip
    if kind.entity_type_id == DEAL:
        kinds |= {"originId": "string", "originatorId": "string"}
    fields = {
        name: {
            "type": sort,
            "isRequired": name == "entityTypeId",
            "isReadOnly": name in ("id", "entityTypeId", "isDefault"),
            "isImmutable": False,
            "isMultiple": False,
            "isDynamic": False,
            "title": upper_name(name),
            "upperName": upper_name(name),
        }
        for name, sort in kinds.items()
    }
    return {"fields": fields}
