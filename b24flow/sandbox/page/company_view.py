"""Pages of people: the structure, a profile, the absence chart, the search over the portal."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from b24flow.sandbox.model import groups as groups_model
from b24flow.sandbox.model.crm_kinds import SYSTEM_KINDS, Kind
from b24flow.sandbox.model.entities import Absence, Department, Employee
from b24flow.sandbox.model.placements import title_of
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.task_marks import is_late
from b24flow.sandbox.model.task_rights import may_read
from b24flow.sandbox.model.tasks import STATUS_NAMES
from b24flow.sandbox.page import crm_words
from b24flow.sandbox.page.menu import bindings
from b24flow.sandbox.page.registry import visible
from b24flow.sandbox.page.session import RefusedError, render
from b24flow.sandbox.wire import as_int

MONTHS = (
    "Январь", "Февраль", "Март", "Апрель", "Май", "Июнь",
    "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь",
)  # fmt: skip
_FOUND = 20
ROLES = {"A": "владелец", "E": "модератор", "K": "участник"}


def away_today(portal: Portal) -> set[int]:
    """Return the employees who are absent today."""
    today = portal.clock.now().date()
    return {row.user_id for row in portal.state.absences if row.first <= today <= row.last}


def employees(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the company structure as a tree of departments with their people."""
    people = [u for u in portal.state.users.values() if not u.is_bot]
    known = portal.state.departments
    roots = [row for row in known.values() if row.parent not in known]
    nobody = [u for u in people if not any(one in known for one in u.departments)]
    return render(
        portal,
        request,
        "employees.html",
        tree=[_branch(portal, row, people, 0) for row in _sorted(roots)],
        nobody=nobody,
        away=away_today(portal),
    )


def _sorted(rows: list[Department]) -> list[Department]:
    return sorted(rows, key=lambda row: (row.sort, row.id))


def _branch(portal: Portal, row: Department, people: list[Employee], depth: int) -> dict[str, Any]:
    inside = [one for one in portal.state.departments.values() if one.parent == row.id] if depth < 12 else []
    members = [u for u in people if row.id in u.departments]
    members.sort(key=lambda u: (u.id != row.head, not u.active, u.last_name, u.id))
    branches = [_branch(portal, one, people, depth + 1) for one in _sorted(inside)]
    return {"row": row, "members": members, "inside": branches}


def profile(portal: Portal, request: Request, me: Employee) -> Response:
    """Show an employee: contacts, departments, absences."""
    user = portal.user(int(request.path_params["user"]))
    if user is None:
        raise RefusedError("Такого сотрудника нет", 404)
    departments = [
        portal.state.departments[one] for one in user.departments if one in portal.state.departments
    ]
    heads = [row.head for row in departments if row.head not in (None, user.id)]
    return render(
        portal,
        request,
        "profile.html",
        user=user,
        departments=departments,
        heads=heads,
        away=user.id in away_today(portal),
        absences=[row for row in portal.state.absences if row.user_id == user.id][::-1],
        places=bindings(portal, me, "USER_PROFILE_MENU", "USER_PROFILE_TOOLBAR"),
        place_title=lambda row: title_of(portal, row),
    )


def absences(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the absence chart of a month: employees down, days across."""
    month = _month(portal, request.query_params.get("month", ""))
    last = calendar.monthrange(month.year, month.month)[1]
    days = [month.replace(day=number) for number in range(1, last + 1)]
    rows = [row for row in portal.state.absences if row.first <= days[-1] and row.last >= days[0]]
    people = [u for u in portal.state.users.values() if u.active and not u.is_bot]
    people.sort(key=lambda u: (u.last_name, u.name, u.id))
    return render(
        portal,
        request,
        "absences.html",
        heading=f"{MONTHS[month.month - 1]} {month.year}",
        month=month,
        before=_shift(month, -1),
        after=_shift(month, 1),
        days=days,
        today=portal.clock.now().date(),
        chart=[(user, [_at(rows, user, day) for day in days]) for user in people],
        rows=sorted(rows, key=lambda row: (row.first, row.id)),
    )


def _month(portal: Portal, text: str) -> date:
    year, _, number = text.partition("-")
    try:
        return date(int(year), int(number), 1)
    except ValueError:
        return portal.clock.now().date().replace(day=1)


def _shift(month: date, by: int) -> str:
    number = month.year * 12 + month.month - 1 + by
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _at(rows: list[Absence], user: Employee, day: date) -> Absence | None:
    return next((row for row in rows if row.user_id == user.id and row.first <= day <= row.last), None)


def groups(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the workgroups an employee may see."""
    rows = sorted(groups_model.visible_groups(portal, me), key=lambda row: (row.closed, row.name, row.id))
    return render(portal, request, "groups.html", rows=rows)


def group(portal: Portal, request: Request, me: Employee) -> Response:
    """Show a workgroup: its people and those of its tasks that the employee may read."""
    row = portal.state.groups.get(int(request.path_params["group"]))
    if row is None or not (me.admin or groups_model.may_see(row, me)):
        raise RefusedError("Такой группы нет, или она вам не видна", 404)
    members = [(portal.state.users[one], ROLES.get(role, "")) for one, role in sorted(row.members.items())]
    tasks = [task for task in portal.state.tasks.values() if task.group_id == row.id and not task.deleted]
    shown = [task for task in tasks if may_read(portal, me, task)]
    return render(
        portal, request, "group.html", group=row, members=members, tasks=shown[::-1], statuses=STATUS_NAMES,
        late=lambda task: is_late(portal, task),
    )  # fmt: skip


def search(portal: Portal, request: Request, me: Employee) -> Response:
    """Find employees, tasks and items of the CRM by words."""
    words = request.query_params.get("q", "").strip()
    asked = words.lower()
    people = [
        u
        for u in portal.state.users.values()
        if u.active and asked in f"{u.full_name} {u.position} {u.email}".lower()
    ]
    mine = [
        task
        for task in portal.state.tasks.values()
        if not task.deleted and asked in f"{task.id} {task.title}".lower() and may_read(portal, me, task)
    ]
    items: list[tuple[str, str, str]] = []
    kinds: list[Kind] = [*SYSTEM_KINDS.values(), *portal.state.types.values()]
    for kind in kinds:
        for item in visible(portal, me, kind):
            if asked in f"{item.id} {crm_words.title_of(item)}".lower():
                items.append(
                    (crm_words.name_of_kind(kind), crm_words.address_of(item), crm_words.title_of(item))
                )
            if len(items) >= _FOUND:
                break
    found = bool(words)
    return render(
        portal,
        request,
        "search.html",
        words=words,
        users=people[:_FOUND] if found else [],
        tasks=sorted(mine, key=lambda task: -task.id)[:_FOUND] if found else [],
        items=items if found else [],
    )


def mail(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the letters that the CRM sent: nobody delivers them, the sandbox keeps them to look at."""
    if not me.admin:
        raise RefusedError("Исходящие письма видит администратор портала")
    rows = sorted(portal.state.mail.values(), key=lambda row: -row.id)
    first = min(max(as_int(request.query_params.get("start")), 0), len(rows))
    return render(
        portal, request, "mail.html", rows=rows[first : first + 50], total=len(rows), start=first,
        files=portal.state.files,
    )  # fmt: skip
