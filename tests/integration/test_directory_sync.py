"""The snapshot of people read from a portal, and the odd shapes a portal gives it in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from b24flow.core.people import Department, Directory, Employee
from b24flow.errors import PortalUnavailable
from b24flow.ops.directory import ListReader, read_people
from b24flow.portal.client import PortalClient
from b24flow.portal.reader import BulkReader
from b24flow.sandbox.seed import demo_organisation
from b24flow.sandbox.server import SandboxServer

Read = Callable[[], tuple[list[Department], list[Employee]]]


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def portal(server: SandboxServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as client:
        client.post("/_sandbox/reset", json={"seed": demo_organisation()})
        yield client
        assert client.get("/_sandbox/unhandled").json() == []


@pytest.fixture(params=["reader", "client"])
def read(request: pytest.FixtureRequest, portal: httpx.Client, server: SandboxServer) -> Iterator[Read]:
    if request.param == "reader":
        yield lambda: read_people(BulkReader(server.webhook_url))
    else:
        with PortalClient(server.webhook_url) as client:
            yield lambda: read_people(client)


def test_everybody_comes_with_department_and_head(read: Read) -> None:
    seed = demo_organisation()
    departments, people = read()
    assert [one.id for one in people] == [row["id"] for row in seed["users"]]
    assert {one.id: one.head for one in departments} == {
        row["id"]: row["head"] for row in seed["departments"]
    }
    lawyer = next(one for one in people if one.id == 16)
    assert (lawyer.name, lawyer.post) == ("Мятина Т. Е.", "Юрист")
    directory = Directory(
        employees={one.id: one for one in people}, departments={one.id: one for one in departments}
    )
    assert directory.head_of(16) == 10
    assert directory.head_of(10) == 2
    assert directory.head_of(2) is None


def test_dismissed_people_stay_and_bots_do_not_come(
    read: Read, portal: httpx.Client, server: SandboxServer
) -> None:
    portal.post(f"{server.webhook_url}user.update", json={"ID": 16, "ACTIVE": False})
    bot = {"code": "b", "botToken": "t", "properties": {"name": "Бот"}}
    portal.post(f"{server.webhook_url}imbot.v2.Bot.register", json={"fields": bot})
    people = read()[1]
    assert [one.id for one in people if not one.active] == [16]
    assert len(people) == len(demo_organisation()["users"])


def test_many_people_and_departments_come_page_after_page(read: Read, portal: httpx.Client) -> None:
    seed = demo_organisation()
    seed["departments"] += [
        {"id": number, "name": f"Отдел {number}", "parent": 1, "head": None, "sort": number}
        for number in range(100, 220)
    ]
    seed["users"] += [
        {"id": number, "name": "Имя", "last_name": f"Фамилия{number}", "departments": [number]}
        for number in range(100, 220)
    ]
    portal.post("/_sandbox/reset", json={"seed": seed}).raise_for_status()
    departments, people = read()
    assert len(departments) == len(seed["departments"])
    assert len(people) == len(seed["users"])
    assert {one.id: one.department for one in people}[219] == 219


class Shapes:
    """A list reader that returns rows as some box was seen or is documented to write them."""

    def __init__(self, users: list[dict[str, Any]], departments: list[dict[str, Any]]) -> None:
        self._rows = {"user.get": users, "department.get": departments}

    def small(self, method: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        return self._rows[method]


def _shapes(*users: dict[str, Any], departments: list[dict[str, Any]] | None = None) -> ListReader:
    units = [{"ID": "7", "NAME": "Отдел"}] if departments is None else departments
    return Shapes([{"ACTIVE": True, **one} for one in users], units)


@pytest.mark.parametrize(
    ("given", "department"),
    [
        (["7"], 7), ([7], 7), (7, 7), ("7", 7), ([3, 7], 7), ([], None), (False, None),
        (None, None), ("", None), ([False], None), ([404], None), ({}, None),
    ],
)  # fmt: skip
def test_department_of_a_person_in_any_shape(given: object, department: int | None) -> None:
    person = {"ID": "5", "LAST_NAME": "Иванов", "UF_DEPARTMENT": given}
    assert read_people(_shapes(person))[1][0].department == department


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"ID": "2", "NAME": "А", "PARENT": "1", "UF_HEAD": "9"}, (1, 9)),
        ({"ID": 2, "NAME": "А", "PARENT": 1, "UF_HEAD": 9}, (1, 9)),
        ({"ID": "2", "NAME": "А"}, (None, None)),
        ({"ID": "2", "NAME": "А", "PARENT": "", "UF_HEAD": "0"}, (None, None)),
        ({"ID": "2", "NAME": "А", "PARENT": "404", "UF_HEAD": False}, (None, None)),
        ({"ID": "2", "NAME": "А", "PARENT": "2", "UF_HEAD": None}, (None, None)),
    ],
)
def test_parent_and_head_in_any_shape(row: dict[str, Any], expected: tuple[int | None, int | None]) -> None:
    units = [{"ID": "1", "NAME": "Аппарат"}, row]
    found = read_people(_shapes({"ID": "5", "LAST_NAME": "И"}, departments=units))[0]
    assert (found[1].parent, found[1].head) == expected


@pytest.mark.parametrize(
    ("given", "active"),
    [(True, True), ("Y", True), ("1", True), (1, True), (False, False), ("N", False), ("0", False)],
)
def test_dismissal_in_any_shape(given: object, active: bool) -> None:
    other = {"ID": "6", "LAST_NAME": "Петров"}
    found = read_people(_shapes({"ID": "5", "LAST_NAME": "Иванов", "ACTIVE": given}, other))[1]
    assert found[0].active is active


def test_nameless_and_guests_and_broken_rows() -> None:
    found = read_people(
        _shapes(
            {"ID": "9", "LAST_NAME": "", "NAME": "Служба поддержки"},
            {"ID": "8", "LAST_NAME": None, "NAME": None},
            {"ID": "7", "LAST_NAME": " Де  Ла ", "NAME": "Анна", "SECOND_NAME": None},
            {"ID": "6", "LAST_NAME": "Гость", "USER_TYPE": "extranet"},
            {"LAST_NAME": "Без номера"},
        )
    )[1]
    assert [(one.id, one.name) for one in found] == [
        (7, "Де Ла А."),
        (8, "Сотрудник № 8"),
        (9, "Служба поддержки"),
    ]


@pytest.mark.parametrize("active", [False, None])
def test_a_list_without_one_working_person_is_no_answer(active: bool | None) -> None:
    people = [] if active is None else [{"ID": "5", "LAST_NAME": "Иванов", "ACTIVE": active}]
    with pytest.raises(PortalUnavailable):
        read_people(_shapes(*people))
