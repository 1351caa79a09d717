"""The company structure.

Facts: api-reference/departments/*.md. There is one department at the top. What becomes of the people
and the departments of a deleted one is not documented: here they pass to the one above it.
"""

from __future__ import annotations

from b24flow.sandbox.model.entities import Department, Employee
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Params, RestError, as_int


def refuse(text: str) -> RestError:
    """Build a refusal of the structure."""
    return RestError("ERROR_CORE", text)


def require(portal: Portal, user: Employee, number: int) -> Department:
    """Return a department the user may change; administrators change the structure."""
    if not user.admin:
        raise refuse("Access denied")
    row = portal.state.departments.get(number)
    if row is None:
        raise refuse("Department not found")
    return row


def add(portal: Portal, user: Employee, given: Params) -> Department:
    """Create a department under another one."""
    if not user.admin:
        raise refuse("Access denied")
    if not str(given.get("NAME") or "").strip():
        raise refuse("Не указано название подразделения.<br>")
    parent = _parent(portal, given.get("PARENT"), None)
    number = portal.state.next_id("department")
    row = Department(id=number, name="", parent=parent)
    _write(portal, row, given | {"PARENT": parent})
    portal.state.departments[row.id] = row
    return row


def update(portal: Portal, row: Department, given: Params) -> None:
    """Change a department; it cannot be put under itself."""
    if "PARENT" in given and row.parent is None:
        given = {key: value for key, value in given.items() if key != "PARENT"}
    if "PARENT" in given:
        given = given | {"PARENT": _parent(portal, given["PARENT"], row)}
    _write(portal, row, given)


def _parent(portal: Portal, value: object, row: Department | None) -> int | None:
    """Return the department above; only the very first one has none."""
    number = as_int(value)
    rows = portal.state.departments
    if not rows and not number:
        return None
    above: int | None = number
    while above in rows and (row is None or above != row.id):
        above = rows[above].parent
    if number not in rows or above is not None:
        raise refuse("В структуре компании может быть только одно подразделение верхнего уровня")
    return number


def _write(portal: Portal, row: Department, given: Params) -> None:
    if str(given.get("NAME") or "").strip():
        row.name = str(given["NAME"]).strip()
    if "SORT" in given:
        row.sort = as_int(given["SORT"], row.sort)
    if "PARENT" in given:
        row.parent = given["PARENT"]
    if "UF_HEAD" in given:
        head = as_int(given["UF_HEAD"])
        row.head = head if portal.user(head) else None


def delete(portal: Portal, row: Department) -> None:
    """Delete a department; its people and departments pass to the one above."""
    inside = [one for one in portal.state.departments.values() if one.parent == row.id]
    if row.parent is None and inside:
        raise refuse("В структуре компании может быть только одно подразделение верхнего уровня")
    for one in inside:
        one.parent = row.parent
    for user in portal.state.users.values():
        if row.id in user.departments:
            places = [row.parent if one == row.id else one for one in user.departments]
            user.departments = [one for one in dict.fromkeys(places) if one is not None]
    del portal.state.departments[row.id]
