"""What people do with the absence chart, and their coming to the portal."""

from __future__ import annotations

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.model import users
from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.portal import Portal, add_absence
from b24flow.sandbox.page.acts import Act, Form
from b24flow.sandbox.page.session import RefusedError
from b24flow.sandbox.wire import as_int


def _may(portal: Portal, user: Employee, whose: int) -> bool:
    """Say whether a user may write another's absences: his own, his department's head's, administrator."""
    target = portal.state.users.get(whose)
    headed = {row.id for row in portal.state.departments.values() if row.head == user.id}
    return user.admin or user.id == whose or bool(target and headed & set(target.departments))


def _add(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`user`, `from`, `to` (days), `name`."""
    whose = portal.active_user(as_int(form.get("user")))
    if whose is None:
        raise RefusedError("Такого сотрудника нет", 404)
    if not _may(portal, user, whose.id):
        raise RefusedError("Отсутствие сотрудника отмечает он сам, его руководитель или администратор")
    first, last = (parse_moment(form.get(name, ""), portal.clock.zone) for name in ("from", "to"))
    if first is None or last is None:
        raise RefusedError("Укажите первый и последний день отсутствия", 400)
    if last < first:
        raise RefusedError("Последний день раньше первого", 400)
    row = {
        "user": whose.id,
        "from": str(form["from"]),
        "to": str(form["to"]),
        "name": str(form.get("name") or "Отпуск"),
    }
    add_absence(portal.state, portal.clock, row)
    return f"/timeman/?month={first:%Y-%m}", {"absence_id": portal.state.absences[-1].id}


def _delete(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`absence_id`."""
    wanted = as_int(form.get("absence_id"))
    row = next((one for one in portal.state.absences if one.id == wanted), None)
    if row is None:
        raise RefusedError("Такой записи нет: возможно, её уже удалили", 404)
    if not _may(portal, user, row.user_id):
        raise RefusedError("Отсутствие сотрудника отмечает он сам, его руководитель или администратор")
    portal.state.absences.remove(row)
    return f"/timeman/?month={row.first:%Y-%m}", {"absence_id": row.id}


def _enter(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """Nothing: he comes to the portal; for an invited one it is the first time."""
    users.enter(portal, user)
    return "/", {"user": user.id}


ACTS: dict[str, Act] = {"enter": _enter, "absence/add": _add, "absence/delete": _delete}
