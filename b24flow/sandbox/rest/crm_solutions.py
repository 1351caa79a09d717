"""Digital workplaces (api-reference/crm/automated-solution/*.md)."""

from __future__ import annotations

from b24flow.sandbox.filters import check_crm_filter, check_order, crm_match, sort_rows
from b24flow.sandbox.model import crm_solutions as model
from b24flow.sandbox.model.crm_rows import AutomatedSolution
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list

_DOC = "api-reference/crm/automated-solution/crm-automated-solution-"
_COLUMNS = ("id", "title")


def _show(call: Call, row: AutomatedSolution) -> Params:
    return {"id": row.id, "title": row.title, "typeIds": model.types_of(call.portal, row)}


def _solution(call: Call) -> AutomatedSolution:
    row = call.state.automated_solutions.get(call.required_number("id"))
    if row is None:
        raise RestError("NOT_FOUND", "Цифровое рабочее место не найдено")
    return row


def _title(fields: Params) -> str:
    title = str(fields.get("title") or "").strip()
    if not title:
        raise RestError("BX_EMPTY_REQUIRED", "Не заполнено обязательное поле «Название»")
    return title


@method("crm.automatedsolution.add", scope="crm", doc=_DOC + "add.md", params="fields*")
def solution_add(call: Call) -> Json:
    """Create a workplace and move smart processes into it."""
    call.portal.require_admin(call.user)
    fields = call.mapping("fields")
    call.note_unknown("unknown_field", fields, {"title", "typeIds"})
    row = model.add_solution(call.portal, _title(fields))
    model.set_types(call.portal, row, _types(fields))
    return {"automatedSolution": _show(call, row)}


def _types(fields: Params) -> list[int]:
    return [as_int(one) for one in as_list(fields.get("typeIds"))]


@method("crm.automatedsolution.update", scope="crm", doc=_DOC + "update.md", params="id* fields*")
def solution_update(call: Call) -> Json:
    """Rename a workplace; a passed set of smart processes replaces the old one."""
    call.portal.require_admin(call.user)
    row, fields = _solution(call), call.mapping("fields")
    call.note_unknown("unknown_field", fields, {"title", "typeIds"})
    if "title" in fields:
        row.title = _title(fields)
    if "typeIds" in fields:
        model.set_types(call.portal, row, _types(fields))
    return {"automatedSolution": _show(call, row)}


@method("crm.automatedsolution.get", scope="crm", doc=_DOC + "get.md", params="id*")
def solution_get(call: Call) -> Json:
    """Return a workplace."""
    call.portal.require_admin(call.user)
    return {"automatedSolution": _show(call, _solution(call))}


@method("crm.automatedsolution.list", scope="crm", doc=_DOC + "list.md", params="order filter start")
def solution_list(call: Call) -> Page:
    """List workplaces."""
    call.portal.require_admin(call.user)
    check_crm_filter(call.params.get("filter"), _COLUMNS.__contains__)
    order = check_order(call.params.get("order"), _COLUMNS.__contains__)
    conditions = call.optional_map("filter")
    rows = [_show(call, row) for row in call.state.automated_solutions.values()]
    rows = [row for row in rows if crm_match(conditions, row.get, _number)]
    rows = sort_rows(rows, order, lambda row, key: row[key])
    return paginate(call, rows, wrap="automatedSolutions")


def _number(name: str, value: Json) -> Json:
    return as_int(value, -1) if name == "id" else value


@method("crm.automatedsolution.delete", scope="crm", doc=_DOC + "delete.md", params="id*")
def solution_delete(call: Call) -> Json:
    """Delete a workplace no smart process stands in."""
    call.portal.require_admin(call.user)
    row = _solution(call)
    if model.types_of(call.portal, row):
        raise RestError("HAS_BOUND_TYPES", "Нельзя удалить рабочее место, в котором есть смарт-процессы")
    del call.state.automated_solutions[row.id]
    return None


@method("crm.automatedsolution.fields", scope="crm", doc=_DOC + "fields.md")
def solution_fields(call: Call) -> Json:
    """Describe the fields of a workplace."""
    call.portal.require_admin(call.user)
    kinds = {"id": "integer", "title": "string", "typeIds": "crm_dynamic_type"}
    upper = {"id": "ID", "title": "TITLE", "typeIds": "TYPE_IDS"}
    return {
        name: {
            "type": kind,
            "isRequired": name == "title",
            "isReadOnly": name == "id",
            "isImmutable": False,
            "isMultiple": name == "typeIds",
            "isDynamic": False,
            "title": upper[name],
            "upperName": upper[name],
        }
        for name, kind in kinds.items()
    }
