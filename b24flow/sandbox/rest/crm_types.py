"""Smart-process types, pipelines and stages.

api-reference/crm/universal/user-defined-object-types, universal/category and crm/status.
"""

from __future__ import annotations

import re
from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.filters import check_crm_filter, crm_match, sort_rows
from b24flow.sandbox.model import crm
from b24flow.sandbox.model.entities import Category, SpaType, Status
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.wire import (
    Json,
    Params,
    RestError,
    as_int,
    as_list,
    as_map,
    is_yes,
    yes_no,
)

_TYPES = "api-reference/crm/universal/user-defined-object-types/"
_CATEGORIES = "api-reference/crm/universal/category/"
_STATUS = "api-reference/crm/status/"
_TYPE_FIELDS = frozenset(
    {"title", "entityTypeId", "linkedUserFields", "relations", "customSections",
     "customSectionId", "isExternal", *crm.TYPE_FLAGS}
)  # fmt: skip


def show_type(spa: SpaType) -> Params:
    """Return a smart process as JSON."""
    return {
        "id": spa.id,
        "createdBy": spa.created_by,
        "entityTypeId": spa.entity_type_id,
        "title": spa.title,
        **{name: yes_no(value) for name, value in spa.flags.items()},
        "isPaymentsEnabled": "N",
        "isCountersEnabled": "N",
        "createdTime": iso(spa.created),
        "updatedTime": iso(spa.updated),
        "updatedBy": spa.updated_by,
        "relations": spa.relations,
        "linkedUserFields": {name: yes_no(value) for name, value in spa.linked.items()},
    }


def _apply(call: Call, spa: SpaType, fields: Params) -> None:
    call.note_unknown("unknown_field", fields, _TYPE_FIELDS)
    if "title" in fields:
        spa.title = str(fields["title"])
    for name in crm.TYPE_FLAGS:
        if name in fields:
            spa.flags[name] = fields[name] in ("Y", True)
    for name, value in as_map(fields.get("linkedUserFields")).items():
        if name not in crm.LINKED_FIELDS:
            call.note("unknown_field", f"linkedUserFields.{name}")
            continue
        if value not in ("true", "false"):
            call.note("ignored_value", f"linkedUserFields.{name}")
        spa.linked[name] = value == "true"  # the box compares with this very string
    if "relations" in fields:
        given = as_map(fields["relations"])
        spa.relations = {side: _relations(given.get(side)) for side in ("parent", "child")}


def _relations(rows: Json) -> list[Params]:
    return [
        {
            "entityTypeId": as_int(row.get("entityTypeId")),
            "isChildrenListEnabled": yes_no(row.get("isChildrenListEnabled") == "true"),
            "isPredefined": "N",
        }
        for row in map(as_map, as_list(rows))
    ]


@method("crm.type.add", scope="crm", doc=_TYPES + "crm-type-add.md", params="fields*")
def type_add(call: Call) -> Json:
    """Create a smart process with its default pipeline."""
    call.portal.require_admin(call.user)
    fields = call.mapping("fields")
    if not str(fields.get("title", "")).strip():
        raise RestError("CRM_FIELD_ERROR_REQUIRED", "Не заполнено поле «Название»")
    now = call.portal.clock.now()
    spa = SpaType(
        id=0,
        entity_type_id=_entity_type_id(call, fields),
        title="",
        flags=dict.fromkeys(crm.TYPE_FLAGS, False) | {"isSetOpenPermissions": True},
        linked=dict.fromkeys(crm.LINKED_FIELDS, False),
        relations={"parent": [], "child": []},
        created_by=call.user.id,
        created=now,
        updated_by=call.user.id,
        updated=now,
    )
    _apply(call, spa, fields)
    spa.id = call.state.next_id("type", 7)
    call.state.types[spa.id] = spa
    crm.add_category(call.portal, spa.entity_type_id, "Общая", 100, True)
    return {"type": show_type(spa)}


def _entity_type_id(call: Call, fields: Params) -> int:
    taken = {spa.entity_type_id for spa in call.state.types.values()}
    if fields.get("entityTypeId") in (None, ""):
        return max((n for n in taken if n >= 1030), default=1028) + 2
    wanted = as_int(fields["entityTypeId"])
    allowed = 128 <= wanted <= 192 or (wanted >= 1030 and wanted % 2 == 0)
    if not allowed or wanted in taken:
        raise RestError("INVALID_ARG_VALUE", "entityTypeId is out of allowed range")
    return wanted


def _type(call: Call) -> SpaType:
    spa = call.state.types.get(call.required_number("id"))
    if spa is None:
        raise RestError("NOT_FOUND", "Смарт-процесс не найден")
    return spa


@method("crm.type.update", scope="crm", doc=_TYPES + "crm-type-update.md", params="id* fields*")
def type_update(call: Call) -> Json:
    """Change a smart process."""
    call.portal.require_admin(call.user)
    spa = _type(call)
    fields = call.mapping("fields")
    if "entityTypeId" in fields:
        call.note("ignored_value", "entityTypeId")
    _apply(call, spa, fields)
    spa.updated, spa.updated_by = call.portal.clock.now(), call.user.id
    return {"type": show_type(spa)}


@method("crm.type.get", scope="crm", doc=_TYPES + "crm-type-get.md", params="id*")
def type_get(call: Call) -> Json:
    """Return a smart process by its own id."""
    return {"type": show_type(_type(call))}


@method(
    "crm.type.getByEntityTypeId",
    scope="crm",
    doc=_TYPES + "crm-type-get-by-entity-type-id.md",
    params="entityTypeId*",
)
def type_get_by_entity(call: Call) -> Json:
    """Return a smart process by entityTypeId."""
    return {"type": show_type(crm.require_type(call.portal, call.number("entityTypeId")))}


@method("crm.type.list", scope="crm", doc=_TYPES + "crm-type-list.md", params="order filter start")
def type_list(call: Call) -> Page:
    """List smart processes."""
    rows = [show_type(spa) for spa in call.state.types.values()]
    known = set(rows[0]) if rows else _TYPE_FIELDS | {"id"}
    check_crm_filter(call.params.get("filter"), known.__contains__)
    conditions = call.optional_map("filter")
    rows = [row for row in rows if _row_fits(row, conditions, known)]
    rows = sort_rows(rows, call.params.get("order"), lambda row, key: row.get(key))
    return paginate(call, rows, wrap="types")


def _row_fits(row: Params, conditions: Params, known: set[str] | frozenset[str]) -> bool:
    return crm_match(conditions, row.get, lambda _, value: value)


@method("crm.type.delete", scope="crm", doc=_TYPES + "crm-type-delete.md", params="id*")
def type_delete(call: Call) -> Json:
    """Delete an empty smart process."""
    call.portal.require_admin(call.user)
    spa = _type(call)
    if crm.items_of(call.portal, spa.entity_type_id):
        raise RestError("0", "Нельзя удалить смарт-процесс, в котором есть элементы")
    for category in crm.categories_of(call.portal, spa.entity_type_id):
        for stage in crm.stages_of(call.portal, spa.entity_type_id, category.id):
            del call.state.statuses[stage.id]
        del call.state.categories[category.id]
    del call.state.types[spa.id]
    return None


@method("crm.type.fields", scope="crm", doc=_TYPES + "crm-type-fields.md")
def type_fields(call: Call) -> Json:
    """Describe the fields of a smart process type."""
    kinds = {"title": "string", "entityTypeId": "integer", "linkedUserFields": "array",
             "relations": "array"}  # fmt: skip
    kinds |= dict.fromkeys(crm.TYPE_FLAGS, "boolean")
    fields = {
        name: {
            "type": kind,
            "isRequired": name == "title",
            "isReadOnly": False,
            "isImmutable": name == "entityTypeId",
            "isMultiple": False,
            "isDynamic": False,
            "title": name,
        }
        for name, kind in kinds.items()
    }
    return {"fields": fields}


def _show_category(row: Category) -> Params:
    return {
        "id": row.id,
        "name": row.name,
        "sort": row.sort,
        "entityTypeId": row.entity_type_id,
        "isDefault": yes_no(row.is_default),
    }


def _category(call: Call) -> Category:
    row = call.state.categories.get(call.required_number("id"))
    if row is None or row.entity_type_id != call.number("entityTypeId"):
        raise RestError("NOT_FOUND", "Воронка не найдена")
    return row


@method(
    "crm.category.list",
    scope="crm",
    doc=_CATEGORIES + "crm-category-list.md",
    params="entityTypeId*",
)
def category_list(call: Call) -> Page:
    """List the pipelines of a smart process."""
    spa = crm.require_type(call.portal, call.number("entityTypeId"))
    rows = [_show_category(row) for row in crm.categories_of(call.portal, spa.entity_type_id)]
    return Page(result={"categories": rows}, total=len(rows))


@method(
    "crm.category.add",
    scope="crm",
    doc=_CATEGORIES + "crm-category-add.md",
    params="entityTypeId* fields*",
)
def category_add(call: Call) -> Json:
    """Create a pipeline; it gets the default stages."""
    call.portal.require_admin(call.user)
    spa = crm.require_type(call.portal, call.number("entityTypeId"))
    fields = call.mapping("fields")
    call.note_unknown("unknown_field", fields, {"name", "sort", "isDefault"})
    name = str(fields.get("name", "")).strip()
    if not name:
        raise RestError("CRM_FIELD_ERROR_REQUIRED", "Не заполнено поле «Название»")
    sort = as_int(fields.get("sort"), 500)
    row = crm.add_category(call.portal, spa.entity_type_id, name[:255], sort, is_yes(fields.get("isDefault")))
    return {"category": _show_category(row)}


@method(
    "crm.category.update",
    scope="crm",
    doc=_CATEGORIES + "crm-category-update.md",
    params="entityTypeId* id* fields*",
)
def category_update(call: Call) -> Json:
    """Rename, sort or make a pipeline the default one."""
    call.portal.require_admin(call.user)
    row, fields = _category(call), call.mapping("fields")
    call.note_unknown("unknown_field", fields, {"name", "sort", "isDefault"})
    row.name = str(fields.get("name", row.name))
    row.sort = as_int(fields.get("sort", row.sort))
    if is_yes(fields.get("isDefault")):
        for other in crm.categories_of(call.portal, row.entity_type_id):
            other.is_default = other.id == row.id
    return {"category": _show_category(row)}


@method(
    "crm.category.get",
    scope="crm",
    doc=_CATEGORIES + "crm-category-get.md",
    params="entityTypeId* id*",
)
def category_get(call: Call) -> Json:
    """Return a pipeline."""
    return {"category": _show_category(_category(call))}


def _show_status(row: Status) -> Params:
    kinds = {"S": "success", "F": "failure"}
    extra = {"SEMANTICS": kinds.get(row.semantics, "process"), "COLOR": row.color}
    return {
        "ID": str(row.id),
        "ENTITY_ID": row.entity_id,
        "STATUS_ID": row.status_id,
        "NAME": row.name,
        "NAME_INIT": row.name_init,
        "SORT": str(row.sort),
        "SYSTEM": yes_no(row.system),
        "CATEGORY_ID": None if row.category_id is None else str(row.category_id),
        "COLOR": row.color,
        "SEMANTICS": row.semantics or None,
        "EXTRA": extra,
    }


@method(
    "crm.status.list",
    scope="crm",
    doc=_STATUS + "crm-status-list.md",
    params="order filter start",
    upper=True,
)
def status_list(call: Call) -> Page:
    """List directory rows: not paged, equality filter on strings."""
    rows = [_show_status(row) for row in call.state.statuses.values()]
    for name, wanted in call.optional_map("FILTER").items():
        if rows and name not in rows[0]:
            call.note("unknown_filter", name)
            continue
        allowed = {str(one) for one in as_list(wanted)}
        rows = [row for row in rows if str(row[name]) in allowed]
    order = call.optional_map("ORDER") or {"SORT": "ASC", "ID": "ASC"}
    rows = sort_rows(rows, order, _status_key)
    return Page(result=rows, total=len(rows))


def _status_key(row: Params, key: str) -> Any:
    return as_int(row.get(key)) if key in ("SORT", "ID") else row.get(key)


@method("crm.status.add", scope="crm", doc=_STATUS + "crm-status-add.md", params="fields",
        upper=True)  # fmt: skip
def status_add(call: Call) -> Json:
    """Add a stage; the pipeline's prefix replaces whatever prefix was given."""
    call.portal.require_admin(call.user)
    fields = call.optional_map("FIELDS")
    call.note_unknown(
        "unknown_field", fields, {"ENTITY_ID", "STATUS_ID", "NAME", "SORT", "COLOR", "SEMANTICS"}
    )
    for name in ("ENTITY_ID", "STATUS_ID", "NAME"):
        if not str(fields.get(name, "")).strip():
            raise RestError("", f"The field {name} is required.")
    directory = str(fields["ENTITY_ID"])
    match = re.fullmatch(r"DYNAMIC_(\d+)_STAGE_(\d+)", directory)
    if match is None or int(match[2]) not in call.state.categories:
        raise RestError("", "Entity ID is not found.")
    code = str(fields["STATUS_ID"]).rpartition(":")[2]
    status_id = f"DT{match[1]}_{match[2]}:{code}"
    _check_new_stage(call, directory, status_id, str(fields.get("SEMANTICS") or ""))
    row = crm.add_status(
        call.portal,
        directory,
        status_id,
        name=str(fields["NAME"]),
        sort=as_int(fields.get("SORT"), 10),
        color=str(fields.get("COLOR") or ""),
        semantics=str(fields.get("SEMANTICS") or ""),
        system=False,
        category_id=int(match[2]),
    )
    return row.id


def _check_new_stage(call: Call, directory: str, status_id: str, semantics: str) -> None:
    rows = [row for row in call.state.statuses.values() if row.entity_id == directory]
    if any(row.status_id == status_id for row in rows):
        raise RestError("", "The specified status ID already exists.")
    if len(status_id) > 50:
        raise RestError("", "The status ID is too long.")
    if semantics == "S" and any(row.semantics == "S" for row in rows):
        raise RestError("", "A successful stage already exists.")


def _status(call: Call) -> Status:
    row = call.state.statuses.get(call.number("ID"))
    if row is None:
        raise RestError("", "CRM status is not found.")
    return row


@method("crm.status.update", scope="crm", doc=_STATUS + "crm-status-update.md",
        params="id fields", upper=True)  # fmt: skip
def status_update(call: Call) -> Json:
    """Change the name, the order or the colour of a stage; nothing else can be changed."""
    call.portal.require_admin(call.user)
    row, fields = _status(call), call.optional_map("FIELDS")
    call.note_unknown("unknown_field", fields, {"NAME", "SORT", "COLOR"})
    row.name = str(fields.get("NAME", row.name))
    row.sort = as_int(fields.get("SORT", row.sort))
    row.color = str(fields.get("COLOR", row.color))
    return True


@method("crm.status.delete", scope="crm", doc=_STATUS + "crm-status-delete.md",
        params="id params", upper=True)  # fmt: skip
def status_delete(call: Call) -> Json:
    """Delete a stage nobody stands on; a system one needs FORCED."""
    call.portal.require_admin(call.user)
    row = _status(call)
    if row.system and not is_yes(call.optional_map("PARAMS").get("FORCED")):
        raise RestError("", "CRM System Status can't be deleted.")
    items = (item for rows in call.state.items.values() for item in rows.values())
    if any(item.values.get("stageId") == row.status_id for item in items):
        raise RestError("", "There are active items in this status.")
    del call.state.statuses[row.id]
    return True
