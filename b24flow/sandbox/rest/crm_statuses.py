"""Directories of the CRM: stages, sources, types (api-reference/crm/status/*.md).

Refusals of these methods carry their reason in the description and an empty code, except where the
box's kernel refuses (a code already taken).
"""

from __future__ import annotations

import re
from typing import Any

from b24flow.sandbox.filters import sort_rows
from b24flow.sandbox.model import crm, crm_directories
from b24flow.sandbox.model.crm_directories import DIRECTORIES, Directory, rows_of, stage_prefix
from b24flow.sandbox.model.crm_kinds import DEAL, SYSTEM_KINDS
from b24flow.sandbox.model.entities import Category, Status
from b24flow.sandbox.registry import Call, Page, method
from b24flow.sandbox.rest.crm_columns import described
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, is_yes, yes_no

_DOC = "api-reference/crm/status/crm-status-"
_COLUMNS = {
    "ID": ("integer", "r", "ID"),
    "ENTITY_ID": ("string", "qi", "Тип справочника"),
    "STATUS_ID": ("string", "qi", "Код"),
    "SORT": ("integer", "", "Сортировка"),
    "NAME": ("string", "q", "Название"),
    "NAME_INIT": ("string", "r", "Название по умолчанию"),
    "SYSTEM": ("char", "r", "Системный"),
    "CATEGORY_ID": ("integer", "i", "CATEGORY_ID"),
    "COLOR": ("string", "", "COLOR"),
    "SEMANTICS": ("char", "i", "SEMANTICS"),
    "EXTRA": ("crm_status_extra", "", "Дополнительные поля"),
}
_LIMITS = {"STATUS": 21, "QUOTE_STATUS": 22, "DEAL_STAGE": 22}


def _place(call: Call, directory: str) -> tuple[int, int] | None:
    """Return entity type and pipeline of a directory of stages, None of any other or unknown one."""
    if directory in DIRECTORIES:
        number = DIRECTORIES[directory].stages_of
        return (number, 0) if number else None
    match = re.fullmatch(r"(?:DYNAMIC_(\d{1,9})|DEAL)_STAGE_(\d{1,9})", directory)
    if match is None:
        return None
    number, category = int(match[1] or DEAL), int(match[2])
    known = category and crm_directories.find_category(call.state, number, category)
    return (number, category) if known else None


def _show(row: Status) -> Params:
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
    }


def _show_whole(call: Call, row: Status) -> Params:
    if _place(call, row.entity_id) is None:
        return _show(row)
    kinds = {"S": "success", "F": "failure" if row.system else "apology"}
    extra = {"SEMANTICS": kinds.get(row.semantics, "process"), "COLOR": row.color}
    return _show(row) | {"EXTRA": extra}


@method("crm.status.list", scope="crm", doc=_DOC + "list.md", params="order filter start", upper=True)
def status_list(call: Call) -> Page:
    """List directory rows: not paged, equality filter on strings."""
    rows = [_show_whole(call, row) for row in _chosen(call)]
    for name, wanted in call.optional_map("FILTER").items():
        if name not in _COLUMNS:
            call.note("unknown_filter", name)
            continue
        allowed = {str(one) for one in as_list(wanted)}
        rows = [row for row in rows if str(row.get(name)) in allowed]
    order = call.optional_map("ORDER") or {"SORT": "ASC", "ID": "ASC"}
    return Page(result=sort_rows(rows, order, _order_key), total=len(rows))


def _chosen(call: Call) -> list[Status]:
    """Return the rows of the directory asked for, or all."""
    wanted = call.optional_map("FILTER").get("ENTITY_ID")
    return rows_of(call.state, wanted) if isinstance(wanted, str) else list(call.state.statuses.values())


def _order_key(row: Params, key: str) -> Any:
    return as_int(row.get(key)) if key in ("SORT", "ID") else row.get(key)


@method("crm.status.get", scope="crm", doc=_DOC + "get.md", params="id", upper=True)
def status_get(call: Call) -> Json:
    """Return one row."""
    return _show(_status(call))


@method("crm.status.fields", scope="crm", doc=_DOC + "fields.md")
def status_fields(call: Call) -> Json:
    """Describe the columns of a directory."""
    return described(_COLUMNS)


@method("crm.status.entity.items", scope="crm", doc=_DOC + "entity-items.md", params="entityId",
        reads=True)  # fmt: skip
def entity_items(call: Call) -> Json:
    """List one directory: names, order, codes."""
    directory = call.text("entityId")
    if directory not in DIRECTORIES and _place(call, directory) is None:
        raise RestError("", "The parameter entityId is not defined or invalid.")
    rows = rows_of(call.state, directory)
    return [{"NAME": row.name, "SORT": row.sort, "STATUS_ID": row.status_id} for row in rows]


@method("crm.status.entity.types", scope="crm", doc=_DOC + "entity-types.md", reads=True,
        partial="без справочников счетов и документов")  # fmt: skip
def entity_types(call: Call) -> Json:
    """List the directories: those of every CRM, then those of the pipelines."""
    shown = [_show_directory(code, row) for code, row in DIRECTORIES.items()]
    categories = [row for row in call.state.categories.values() if row.id]
    return [*shown, *(_show_pipeline(call, row) for row in categories if row.entity_type_id not in (3, 4))]


def _show_directory(code: str, row: Directory) -> Params:
    shown: Params = {"ID": code, "NAME": row.name}
    if row.stages_of:
        shown |= {"SEMANTIC_INFO": _semantics("", row.final), "ENTITY_TYPE_ID": row.stages_of}
    if row.stages_of == DEAL:
        shown |= {"FIELD_ATTRIBUTE_SCOPE": "", "CATEGORY_ID": 0}
    return shown


def _semantics(prefix: str, final: tuple[str, str, str]) -> Params:
    names = ("START_FIELD", "FINAL_SUCCESS_FIELD", "FINAL_UNSUCCESS_FIELD")
    return {name: prefix + code for name, code in zip(names, final, strict=True)} | {"FINAL_SORT": 0}


def _show_pipeline(call: Call, row: Category) -> Params:
    number = row.entity_type_id
    prefix = stage_prefix(number, row.id)
    shown: Params = {
        "ID": crm_directories.stage_directory(number, row.id),
        "PREFIX": prefix.rstrip(":"),
        "FIELD_ATTRIBUTE_SCOPE": f"category_{row.id}",
        "ENTITY_TYPE_ID": number,
    }
    if number in SYSTEM_KINDS:
        final = _semantics(prefix, DIRECTORIES["DEAL_STAGE"].final)
        return shown | {"NAME": f"Стадии сделки «{row.name}»", "PARENT_ID": "DEAL_STAGE",
                        "SEMANTIC_INFO": final, "CATEGORY_ID": str(row.id)}  # fmt: skip
    spa = crm.require_type(call.portal, number)
    return shown | {
        "NAME": f"{spa.title} ({row.name})",
        "SEMANTIC_INFO": [],
        "IS_ENABLED": spa.flags["isStagesEnabled"],
        "CATEGORY_ID": row.id,
        "CATEGORY_NAME": row.name,
        "CATEGORY_SORT": row.sort,
        "IS_DEFAULT_CATEGORY": row.is_default,
    }


def _fields(call: Call) -> Params:
    fields = call.params.get("FIELDS")
    if not isinstance(fields, dict):
        raise RestError("", "Parameter 'fields' must be array.")
    return fields


def _require_admin(call: Call) -> None:
    if not call.user.admin:
        raise RestError("", "Access denied.")


@method("crm.status.add", scope="crm", doc=_DOC + "add.md", params="fields", upper=True)
def status_add(call: Call) -> Json:
    """Add a row; of a stage the pipeline's prefix replaces whatever prefix was given."""
    _require_admin(call)
    fields = _fields(call)
    call.note_unknown(
        "unknown_field", fields, {"ENTITY_ID", "STATUS_ID", "NAME", "SORT", "COLOR", "SEMANTICS"}
    )
    absent = [name for name in ("ENTITY_ID", "STATUS_ID") if not str(fields.get(name) or "").strip()]
    if absent:
        raise RestError("", " ".join(f"The field {name} is required." for name in absent))
    directory, code = str(fields["ENTITY_ID"]), str(fields["STATUS_ID"])
    place = _place(call, directory)
    if place is None and directory not in DIRECTORIES:
        raise RestError("", "Specified entity type is not supported.")
    if not str(fields.get("NAME") or "").strip():
        raise RestError("", "The field Title is required.")
    if place is not None:
        code = stage_prefix(*place) + code.rpartition(":")[2]
    sort, semantics = as_int(fields.get("SORT"), 10), str(fields.get("SEMANTICS") or "")
    _check_new(call, directory, code, sort=sort, semantics=semantics)
    row = crm_directories.add_status(
        call.state,
        directory,
        code,
        name=str(fields["NAME"]),
        sort=sort,
        color=str(fields.get("COLOR") or ""),
        semantics=semantics,
        system=False,
        category_id=place[1] if place and place[1] else None,
    )
    return row.id


def _check_new(call: Call, directory: str, code: str, *, sort: int, semantics: str) -> None:
    rows = rows_of(call.state, directory)
    if any(row.status_id == code for row in rows):
        raise RestError("ERROR_CORE", "The specified status ID already exists.")
    limit = _LIMITS.get(directory, 50)
    old_stage = directory in _LIMITS or directory.startswith("DEAL_STAGE_")
    bare = code.rpartition(":")[2]
    if len(code) > limit or (old_stage and not re.fullmatch(r"[A-Za-z0-9_-]+", bare)):
        raise RestError("", "Error on creating status.")
    final = next((row for row in rows if row.semantics == "S"), None)
    if final is None:
        return
    if semantics == "S":
        raise RestError("", "Cannot create more stages after the final stage because the final "
                        "successful stage already exists.")  # fmt: skip
    if directory.startswith("DEAL_STAGE") and semantics != "F" and sort > final.sort:
        raise RestError("", "Cannot create more stages after the final stage because the final successful "
                        "stage already exists. Try using sort order values less than that of the final "
                        "stage.")  # fmt: skip


def _status(call: Call) -> Status:
    number = call.number("ID")
    if number <= 0:
        raise RestError("", "Invalid identifier.")
    row = call.state.statuses.get(number)
    if row is None:
        raise RestError("", "Status is not found.")
    return row


@method("crm.status.update", scope="crm", doc=_DOC + "update.md", params="id fields", upper=True)
def status_update(call: Call) -> Json:
    """Change the name, the order or the colour of a row; nothing else can be changed."""
    _require_admin(call)
    row, fields = _status(call), _fields(call)
    call.note_unknown("unknown_field", fields, {"NAME", "SORT", "COLOR"})
    row.name = str(fields.get("NAME", row.name))
    row.sort = as_int(fields.get("SORT", row.sort))
    row.color = str(fields.get("COLOR", row.color))
    crm_directories.forget(call.state)
    return True


@method("crm.status.delete", scope="crm", doc=_DOC + "delete.md", params="id params", upper=True)
def status_delete(call: Call) -> Json:
    """Delete a row nothing stands on; a system one needs FORCED."""
    _require_admin(call)
    row = _status(call)
    if row.system and not is_yes(call.optional_map("PARAMS").get("FORCED")):
        raise RestError("", "CRM System Status can be deleted only if parameter FORCED is specified and "
                        'equal to "Y".')  # fmt: skip
    place = _place(call, row.entity_id)
    items = call.state.items.get(place[0], {}).values() if place else ()
    if any(item.values.get("stageId") == row.status_id for item in items):
        raise RestError("", "There are active items in this status.")
    del call.state.statuses[row.id]
    crm_directories.forget(call.state)
    return True
