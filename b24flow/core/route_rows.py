"""What people write as a route or as points, read strictly: one text per row, errors in Russian."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from b24flow.core.parts import Point, Stop
from b24flow.core.people import Directory
from b24flow.core.russian import clean_text, forbidden_characters, parse_date

MAX_STOPS = 60
MAX_GROUP = 30
MAX_POINTS = 100


class RouteError(Exception):
    """A route or a list of points cannot be read; the text says why, in Russian."""


def read_stops(rows: tuple[str, ...], roles: Mapping[str, str], directory: Directory) -> tuple[Stop, ...]:
    """Return the stops written as `group:who`; `who` is a user id, `dN` (a head) or a role of the process.

    A person named twice in one group is one stop. Raises RouteError for anything else, also for a route
    that comes back to somebody it passed: he would wait for himself.
    """
    found: list[Stop] = []
    for row in rows:
        if not row.strip():
            continue
        stop = _stop(row, roles, directory)
        if stop in found:
            continue
        _refuse_loop(stop, found, roles, directory)
        found.append(stop)
    if len(found) > MAX_STOPS:
        raise RouteError(f"не больше {MAX_STOPS} согласующих")
    return tuple(sorted(found, key=lambda one: one.group))


def _stop(row: str, roles: Mapping[str, str], directory: Directory) -> Stop:
    order, colon, who = row.strip().partition(":")
    who = who.strip()
    number = order.isascii() and order.isdigit() and len(order) < 4
    if not colon or not number or not 1 <= int(order) <= MAX_GROUP:
        raise RouteError(f"очередь — число от 1 до {MAX_GROUP}, а здесь «{row.strip()[:40]}»")
    group = int(order)
    if who in roles:
        return Stop(group=group, role=who)
    user: int | None = None
    if who.startswith("d") and who.isascii() and who[1:].isdigit() and len(who) < 10:
        unit = directory.departments.get(int(who[1:]))
        user = unit.head if unit is not None else None
    elif who.isascii() and who.isdigit() and len(who) < 10:
        user = int(who)
    if user is None or user not in directory.employees:
        raise RouteError(f"неизвестный согласующий «{who[:40]}»: выберите сотрудника или роль из списка")
    if not directory.active(user):
        raise RouteError(f"{directory.get(user).name} больше не работает")
    return Stop(group=group, user=user)


def _refuse_loop(
    stop: Stop, found: list[Stop], roles: Mapping[str, str], directory: Directory
) -> None:
    for one in found:
        if (one.user, one.role) == (stop.user, stop.role):
            name = roles[stop.role] if stop.role else directory.get(stop.user or 0).name
            raise RouteError(
                f"маршрут возвращается к тому, кто в нём уже был: {name} — очередь {one.group} и очередь "
                f"{stop.group}. Оставьте одну"
            )


def read_points(rows: tuple[str, ...], directory: Directory) -> tuple[Point, ...]:
    """Return points written as JSON objects `{"text", "executor", "term"}`; raises RouteError."""
    found: list[Point] = []
    for number, row in enumerate((one for one in rows if one.strip()), 1):
        try:
            given = json.loads(row)
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict) or any(isinstance(one, list | dict) for one in given.values()):
            raise RouteError(f"пункт {number} не читается")
        point = _point(number, given, directory)
        if point is not None:
            found.append(point)
    if len(found) > MAX_POINTS:
        raise RouteError(f"не больше {MAX_POINTS} пунктов")
    return tuple(found)


def _point(number: int, given: Mapping[str, object], directory: Directory) -> Point | None:
    said = {key: str(given.get(key) or "").strip() for key in ("text", "executor", "term")}
    if not any(said.values()):
        return None
    text = clean_text(said["text"])
    hidden = forbidden_characters(said["text"])
    if hidden:
        raise RouteError(f"пункт {number}: {hidden}")
    if not 3 <= len(text) <= 4000:
        raise RouteError(f"пункт {number}: текст от 3 до 4000 знаков")
    return Point(id=str(number), text=text, executor=_executor(number, said["executor"], directory),
                 term=_point_term(number, said["term"]))


def _executor(number: int, said: str, directory: Directory) -> int | None:
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) < 10) or int(said) not in directory.employees:
        raise RouteError(f"пункт {number}: такого сотрудника нет")
    if not directory.active(int(said)):
        raise RouteError(f"пункт {number}: {directory.get(int(said)).name} больше не работает")
    return int(said)


def _point_term(number: int, said: str) -> date | None:
    if not said:
        return None
    day = parse_date(said)
    if day is None or not 1990 <= day.year < 2100:
        raise RouteError(f"пункт {number}: срок — дата, например 15.06.2026")
    return day
