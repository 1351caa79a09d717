"""Users and departments (api-reference/user/*.md, api-reference/departments/*.md)."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.filters import matches, sort_rows, split_prefix
from b24flow.sandbox.model.entities import Department, Employee
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, as_map, is_yes

_USER = "api-reference/user/"
_FIELDS = frozenset(
    [
        "ID",
        "ACTIVE",
        "NAME",
        "LAST_NAME",
        "SECOND_NAME",
        "EMAIL",
        "WORK_POSITION",
        "PERSONAL_GENDER",
        "PERSONAL_MOBILE",
        "UF_DEPARTMENT",
        "USER_TYPE",
        "XML_ID",
        "NAME_SEARCH",
        "IS_ONLINE",
        "TIMESTAMP_X",
        "PERSONAL_BIRTHDAY",
        "WORK_PHONE",
        "PERSONAL_CITY",
        "UF_PHONE_INNER",
        "ADMIN",
    ]
)
_GET = "sort order FILTER ADMIN_MODE select " + " ".join(sorted(_FIELDS))


def show_user(user: Employee) -> Params:
    """Return a user as `user.get` does."""
    return {
        "ID": str(user.id),
        "XML_ID": str(user.id),
        "ACTIVE": user.active,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "SECOND_NAME": user.second_name,
        "EMAIL": user.email,
        "IS_ONLINE": "N",
        "TIME_ZONE": "",
        "TIMESTAMP_X": {},
        "LAST_ACTIVITY_DATE": {},
        "PERSONAL_GENDER": user.gender,
        "PERSONAL_BIRTHDAY": "",
        "PERSONAL_MOBILE": user.phone,
        "WORK_PHONE": "",
        "WORK_POSITION": user.position,
        "UF_EMPLOYMENT_DATE": "",
        "UF_DEPARTMENT": list(user.departments),
        "USER_TYPE": "employee",
    }


def _people(call: Call) -> list[Employee]:
    return [user for user in call.state.users.values() if not user.is_bot]


def _fits(user: Employee, conditions: Params, call: Call) -> bool:
    shown = show_user(user)
    for key, wanted in conditions.items():
        prefix, name = split_prefix(key)
        name = name.upper()
        if name not in _FIELDS:
            continue
        if name in ("NAME_SEARCH", "FIND"):
            if not _found(user, str(wanted)):
                return False
            continue
        value = as_list(wanted) if isinstance(wanted, list | dict) else wanted
        if name == "ACTIVE":
            value = is_yes(wanted)
        if not matches(prefix, shown.get(name), value):
            return False
    return True


def _found(user: Employee, words: str) -> bool:
    text = f"{user.last_name} {user.name} {user.second_name} {user.position}".lower()
    return all(word in text for word in words.lower().split())


@method("user.get", scope="user", doc=_USER + "user-get.md", params=_GET, upper=True)
def user_get(call: Call) -> Page:
    """List employees; bots are never among them."""
    conditions = {key: val for key, val in call.params.items() if key.upper() in _FIELDS}
    conditions |= call.optional_map("FILTER")
    call.note_unknown("unknown_filter", _bare(conditions), _FIELDS)
    rows = [show_user(user) for user in _people(call) if _fits(user, conditions, call)]
    key = call.text("SORT").upper() or "ID"
    rows = sort_rows(rows, {key: call.text("ORDER") or "ASC"}, _read_row)
    return paginate(call, rows, by_page=False)


def _bare(conditions: Params) -> Params:
    return {split_prefix(key)[1].upper(): value for key, value in conditions.items()}


def _read_row(row: Params, key: str) -> Any:
    value = row.get(key)
    return as_int(value) if key == "ID" else value


@method("user.current", scope="user", doc=_USER + "user-current.md")
def user_current(call: Call) -> Json:
    """Return the caller."""
    return show_user(call.user)


@method(
    "user.search",
    scope="user",
    doc=_USER + "user-search.md",
    params="FILTER FIND NAME LAST_NAME WORK_POSITION UF_DEPARTMENT ACTIVE USER_TYPE SORT ORDER",
    upper=True,
)
def user_search(call: Call) -> Page:
    """Find active employees by parts of their names."""
    conditions = dict(call.params) | call.optional_map("FILTER")
    words = " ".join(str(conditions[key]) for key in ("FIND", "NAME", "LAST_NAME") if key in conditions)
    rows = [show_user(user) for user in _people(call) if user.active and _found(user, words)]
    return paginate(call, rows, by_page=False)


@method(
    "user.update",
    scope="user",
    doc=_USER + "user-update.md",
    params="ID ACTIVE NAME LAST_NAME SECOND_NAME EMAIL WORK_POSITION UF_DEPARTMENT",
    upper=True,
)
def user_update(call: Call) -> Json:
    """Change an employee; `ACTIVE` false dismisses. Administrators only."""
    user = call.state.users.get(call.number("ID"))
    if not call.user.admin or user is None:
        raise RestError("", "access_denied")
    for name, attribute in (
        ("NAME", "name"),
        ("LAST_NAME", "last_name"),
        ("SECOND_NAME", "second_name"),
        ("EMAIL", "email"),
        ("WORK_POSITION", "position"),
    ):
        if name in call.params:
            setattr(user, attribute, call.text(name))
    if "ACTIVE" in call.params:
        user.active = is_yes(call.params["ACTIVE"])
    if "UF_DEPARTMENT" in call.params:
        user.departments = [as_int(one) for one in call.values("UF_DEPARTMENT")]
    return True


@method(
    "department.get",
    scope="department",
    doc="api-reference/departments/department-get.md",
    params="ID NAME SORT PARENT UF_HEAD ORDER START",
    upper=True,
)
def department_get(call: Call) -> Page:
    """List departments; `UF_HEAD` is present only where a head is set."""
    rows = [_show_department(row) for row in call.state.departments.values()]
    for name in ("ID", "NAME", "PARENT", "UF_HEAD"):
        wanted = call.params.get(name)
        if wanted not in (None, ""):
            allowed = {str(one) for one in as_list(wanted)}
            rows = [row for row in rows if row.get(name) in allowed]
    return paginate(call, rows, by_page=False)


def _show_department(row: Department) -> Params:
    shown: Params = {"ID": str(row.id), "NAME": row.name, "SORT": row.sort}
    if row.parent is not None:
        shown["PARENT"] = str(row.parent)
    if row.head is not None:
        shown["UF_HEAD"] = str(row.head)
    return shown


def im_user(user: Employee, absent: Json = False) -> Params:
    """Return a user as the messenger's own methods do."""
    return as_map(
        {
            "id": user.id,
            "active": user.active,
            "name": user.full_name,
            "first_name": user.name,
            "last_name": user.last_name,
            "work_position": user.position,
            "color": "#048bd0",
            "avatar": "",
            "gender": user.gender or "M",
            "birthday": "",
            "extranet": False,
            "network": False,
            "bot": user.is_bot,
            "connector": False,
            "external_auth_id": "bot" if user.is_bot else "default",
            "status": "online",
            "idle": False,
            "last_activity_date": False,
            "mobile_last_date": False,
            "absent": absent,
            "departments": list(user.departments),
            "phones": False,
            "email": user.email,
            "type": "bot" if user.is_bot else "user",
        }
    )
