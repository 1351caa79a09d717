"""The company structure (api-reference/departments/department-*.md)."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.filters import sort_rows
from b24flow.sandbox.model import departments as model
from b24flow.sandbox.model.entities import Department
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.wire import Json, Params, as_int, as_list

_DOC = "api-reference/departments/department-"
_FIELDS = {
    "ID": "ID",
    "NAME": "Название подразделения",
    "SORT": "Сортировка",
    "PARENT": "Вышестоящее подразделение",
    "UF_HEAD": "Руководитель",
}


@method("department.fields", scope="department", doc=_DOC + "fields.md")
def department_fields(_: Call) -> Json:
    """Name the fields of a department."""
    return dict(_FIELDS)


@method("department.get", scope="department", doc=_DOC + "get.md",
        params="ID NAME SORT PARENT UF_HEAD ORDER START", upper=True)  # fmt: skip
def department_get(call: Call) -> Page:
    """List departments; `UF_HEAD` is present only where a head is set.

    `sort` (a field to sort by) and `SORT` (a number to filter by) are one parameter to a box that
    reads names in any case: a field's name sorts, anything else filters.
    """
    rows = [_show(row) for row in call.state.departments.values()]
    sort = call.text("SORT").upper()
    for name in _FIELDS:
        wanted = call.params.get(name)
        if wanted not in (None, "") and not (name == "SORT" and sort in _FIELDS):
            allowed = {str(one) for one in as_list(wanted)}
            rows = [row for row in rows if str(row.get(name)) in allowed]
    if sort in _FIELDS:
        rows = sort_rows(rows, {sort: call.text("ORDER") or "ASC"}, _read)
    return paginate(call, rows, by_page=False)


def _read(row: Params, name: str) -> Any:
    return row.get(name) if name == "NAME" else as_int(row.get(name))


def _show(row: Department) -> Params:
    shown: Params = {"ID": str(row.id), "NAME": row.name, "SORT": row.sort}
    if row.parent is not None:
        shown["PARENT"] = str(row.parent)
    if row.head is not None:
        shown["UF_HEAD"] = str(row.head)
    return shown


def _given(call: Call) -> Params:
    return {name: call.params[name] for name in _FIELDS if name in call.params and name != "ID"}


@method("department.add", scope="department", doc=_DOC + "add.md", params="NAME SORT PARENT UF_HEAD",
        upper=True)  # fmt: skip
def department_add(call: Call) -> Json:
    """Create a department; administrators only."""
    return model.add(call.portal, call.user, _given(call)).id


@method("department.update", scope="department", doc=_DOC + "update.md",
        params="ID NAME SORT PARENT UF_HEAD", upper=True)  # fmt: skip
def department_update(call: Call) -> Json:
    """Change a department; administrators only."""
    model.update(call.portal, model.require(call.portal, call.user, call.number("ID")), _given(call))
    return True


@method("department.delete", scope="department", doc=_DOC + "delete.md", params="ID", upper=True,
        partial="куда попадают люди и подотделы, не описано: здесь в вышестоящее подразделение")  # fmt: skip
def department_delete(call: Call) -> Json:
    """Delete a department; administrators only."""
    model.delete(call.portal, model.require(call.portal, call.user, call.number("ID")))
    return True
