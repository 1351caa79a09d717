"""The company structure and searches of the messenger (api-reference/chats/{departments,search}/**)."""

from __future__ import annotations

import json

from b24flow.sandbox.model import chats
from b24flow.sandbox.model.chats_show import dialog_for, user_for
from b24flow.sandbox.model.entities import Chat, Department, Employee
from b24flow.sandbox.registry import Call, Page, method
from b24flow.sandbox.rest.im import DOC
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, is_yes

_DEPARTMENTS, _SEARCH = DOC + "departments/", DOC + "search/"
_SHORTEST = 2
_USER_FIELDS = (
    "id name first_name last_name work_position color avatar gender birthday extranet network bot connector "
    "external_auth_id status idle last_activity_date mobile_last_date departments absent phones"
)


def _ids(call: Call, refusal: RestError) -> list[int]:
    """Return the ids of ID: a list, or a JSON text of one."""
    given = call.params.get("ID")
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            given = None
    numbers = [as_int(one) for one in as_list(given)]
    if not numbers:
        raise refusal
    return list(dict.fromkeys(numbers))


def _departments(call: Call, refusal: RestError) -> list[Department]:
    rows = call.state.departments
    return [rows[number] for number in _ids(call, refusal) if number in rows]


def _id_empty() -> RestError:
    return RestError("ID_EMPTY", "Department ID can't be empty")


def _above(call: Call, row: Department) -> list[Department]:
    """Return a department and those it lies in, up to the company."""
    found, node = [row], row
    while node.parent is not None and node.parent in call.state.departments:
        node = call.state.departments[node.parent]
        if node in found:
            break
        found.append(node)
    return found


def _show(call: Call, row: Department) -> Params:
    chain = _above(call, row)
    names = [chain[0].name, *([chain[-1].name] if len(chain) > 1 else [])]
    shown: Params = {
        "id": row.id,
        "name": row.name,
        "full_name": " / ".join(names),
        "manager_user_id": row.head or 0,
    }
    if is_yes(call.params.get("USER_DATA")):
        head = call.portal.user(row.head or 0)
        shown["manager_user_data"] = user_for(call.portal, head) if head else None
    return shown


def _people(call: Call, users: list[Employee]) -> list[Json]:
    if is_yes(call.params.get("USER_DATA")):
        return [user_for(call.portal, user) for user in users]
    return [user.id for user in users]


def _staff(call: Call) -> list[Employee]:
    return [user for user in call.state.users.values() if user.active and not user.is_bot]


def _page(call: Call, rows: list[Json], *, by_id: bool = False) -> Page:
    limit = min(max(call.number("LIMIT", 10) or 10, 1), 50)
    offset = max(call.number("OFFSET"), 0)
    shown: Json = rows[offset : offset + limit]
    if by_id:
        shown = {str(row["id"]): row for row in shown}
    following = offset + limit
    return Page(result=shown, total=len(rows), next=following if following < len(rows) else None)


@method("im.department.get", scope="im", doc=_DEPARTMENTS + "im-department-get.md", upper=True,
        params="ID USER_DATA")  # fmt: skip
def department_get(call: Call) -> Json:
    """Return departments by their ids."""
    wrong = RestError("INVALID_FORMAT", "A wrong format for the ID field is passed")
    return [_show(call, row) for row in _departments(call, wrong)]


@method("im.department.employees.get", scope="im", doc=_DEPARTMENTS + "im-department-employees-get.md",
        upper=True, params="ID USER_DATA")  # fmt: skip
def employees_get(call: Call) -> Json:
    """Return the employees of departments, without those below."""
    rows = _departments(call, _id_empty())
    return {
        str(row.id): _people(call, [user for user in _staff(call) if row.id in user.departments])
        for row in rows
    }


@method("im.department.managers.get", scope="im", doc=_DEPARTMENTS + "im-department-managers-get.md",
        upper=True, params="ID USER_DATA")  # fmt: skip
def managers_get(call: Call) -> Json:
    """Return the heads of departments."""
    rows = _departments(call, _id_empty())
    return {
        str(row.id): _people(call, [user for user in _staff(call) if user.id == row.head]) for row in rows
    }


@method("im.department.colleagues.list", scope="im",
        doc=_DEPARTMENTS + "im-department-colleagues-list.md", upper=True,
        params="USER_DATA OFFSET LIMIT")  # fmt: skip
def colleagues_list(call: Call) -> Page:
    """List the caller's colleagues; of a head, also everybody below and the heads above him."""
    me, known = call.user, call.state.departments
    own = [known[number] for number in me.departments if number in known]
    led = [row for row in known.values() if any(node.head == me.id for node in _above(call, row))]
    near = {row.id for row in [*own, *led]}
    heads = {node.head for row in own for node in _above(call, row)} if led else set()
    found = [
        user
        for user in _staff(call)
        if user.id != me.id and (near & set(user.departments) or user.id in heads)
    ]
    return _page(call, _people(call, found))


def _phrase(call: Call, name: str = "FIND") -> str:
    words = call.text(name).strip().lower()
    if len(words) < _SHORTEST:
        raise RestError("FIND_SHORT", "Too short a search phrase.")
    return words


@method("im.search.department.list", scope="im", doc=_SEARCH + "im-search-department-list.md", upper=True,
        params="FIND USER_DATA OFFSET LIMIT", reads=True)  # fmt: skip
def search_departments(call: Call) -> Page:
    """Find departments by the beginnings of words; a very short phrase finds all."""
    if "FIND" not in call.params:
        raise RestError("FIND_SHORT", "Too short a search phrase.")
    phrase = call.text("FIND").strip().lower()
    rows = [_show(call, row) for row in call.state.departments.values()]
    if len(phrase) >= _SHORTEST:
        rows = [row for row in rows if _begins(row["full_name"], phrase)]
    return _page(call, rows)


def _begins(text: str, phrase: str) -> bool:
    words = [word.strip("«»(),.") for word in text.lower().split()]
    return all(any(word.startswith(part) for word in words) for part in phrase.split())


@method("im.search.user.list", scope="im", doc=_SEARCH + "im-search-user-list.md", upper=True,
        params="FIND BUSINESS OFFSET LIMIT", reads=True,
        partial="BUSINESS не различает пользователей бизнес-инструментов")  # fmt: skip
def search_users(call: Call) -> Page:
    """Find employees by names, positions and departments; the answer is a map by id."""
    phrase = _phrase(call)
    found = [user for user in _staff(call) if _begins(_described(call, user), phrase)]
    shown = [user_for(call.portal, user) for user in found]
    return _page(call, [{name: row[name] for name in _USER_FIELDS.split()} for row in shown], by_id=True)


def _described(call: Call, user: Employee) -> str:
    rows = call.state.departments
    names = " ".join(rows[number].name for number in user.departments if number in rows)
    return f"{user.full_name} {user.position} {names}"


@method("im.search.chat.list", scope="im", doc=_SEARCH + "im-search-chat-list.md", upper=True,
        params="FIND FIND_LINES OFFSET LIMIT", reads=True)  # fmt: skip
def search_chats(call: Call) -> Page:
    """Find group chats by titles and members, the newest first; FIND_LINES looks in open lines."""
    lines = not call.text("FIND")
    phrase = _phrase(call, "FIND_LINES" if lines else "FIND")
    rows = [
        chat
        for chat in call.state.chats.values()
        if chat.kind != "private"
        and (chat.kind == "lines") == lines
        and chats.may_read(call.portal, chat, call.user)
        and _begins(_named(call, chat), phrase)
    ]
    rows.sort(key=lambda chat: chat.id, reverse=True)
    return _page(call, [dialog_for(call.portal, chat, call.user.id) for chat in rows])


def _named(call: Call, chat: Chat) -> str:
    members = " ".join(user.full_name for user in chats.people(call.portal, chat.members))
    return f"{chat.title} {members}"
