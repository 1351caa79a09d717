"""The structure of the company and searches as the messenger shows them."""

from __future__ import annotations

from typing import Any

import pytest

from b24flow.sandbox.seed import demo_organisation
from tests.sandbox.conftest import Box

HEAD, CLERK = 5, 6
_HOOKS = {HEAD: "heads0hook", CLERK: "clerks0hook"}


@pytest.fixture
def box(box: Box) -> Box:
    """A portal where a head of a department and his subordinate have webhooks."""
    seed = demo_organisation()
    seed["webhooks"] += [{"user_id": who, "code": code} for who, code in _HOOKS.items()]
    box.control("reset", {"seed": seed})
    return box


def acting(box: Box, who: int, method: str, params: Any = None) -> Any:
    return box.http.post(f"/rest/{who}/{_HOOKS[who]}/{method}", json=params or {}).json()


def test_departments_with_their_people(box: Box) -> None:
    (row,) = box.ok("im.department.get", {"ID": "[2]"})
    assert (row["name"], row["manager_user_id"]) == ("Общий отдел", HEAD)
    assert row["full_name"].startswith("Общий отдел / Профсоюз")
    assert "manager_user_data" not in row
    assert box.ok("im.department.employees.get", {"ID": [2, 99]}) == {"2": [5, 6, 7]}
    people = box.ok("im.department.managers.get", {"ID": [2], "USER_DATA": "Y"})
    assert people["2"][0]["last_name"] == "Рябинина"
    assert box.refused("im.department.get", {"ID": "x"}) == (400, "INVALID_FORMAT")
    assert box.refused("im.department.employees.get") == (400, "ID_EMPTY")


def test_colleagues_of_a_clerk_and_of_a_head(box: Box) -> None:
    clerk = acting(box, CLERK, "im.department.colleagues.list")
    assert (clerk["result"], clerk["total"]) == ([5, 7], 2)
    head = acting(box, HEAD, "im.department.colleagues.list")
    assert head["result"] == [2, 6, 7]  # the subordinates and the head above
    page = acting(box, CLERK, "im.department.colleagues.list", {"LIMIT": 1})
    assert (page["result"], page["next"]) == ([5], 1)
    rest = acting(box, CLERK, "im.department.colleagues.list", {"LIMIT": 1, "OFFSET": 1})
    assert (rest["result"], "next" in rest) == ([7], False)


def test_searches(box: Box) -> None:
    assert set(box.ok("im.search.user.list", {"FIND": "осок"})) == {"6"}
    assert set(box.ok("im.search.user.list", {"FIND": "общий елена"})) == {"6"}
    assert box.refused("im.search.user.list", {"FIND": "о"}) == (400, "FIND_SHORT")
    found = box.ok("im.search.department.list", {"FIND": "прав"})
    assert [row["name"] for row in found] == ["Правовой отдел"]
    assert len(box.ok("im.search.department.list", {"FIND": "", "LIMIT": 50})) == 8
    assert box.refused("im.search.department.list") == (400, "FIND_SHORT")
    first = box.ok("im.chat.add", {"TITLE": "Малый совет", "USERS": [CLERK]})
    second = box.ok("im.chat.add", {"TITLE": "Большой совет"})
    found = box.ok("im.search.chat.list", {"FIND": "совет"})
    assert [row["id"] for row in found] == [second, first]
    assert [row["id"] for row in box.ok("im.search.chat.list", {"FIND": "осок"})] == [first]
    assert [row["id"] for row in acting(box, CLERK, "im.search.chat.list", {"FIND": "совет"})["result"]] == [
        first
    ]
    assert box.refused("im.search.chat.list") == (400, "FIND_SHORT")


def test_the_history_of_searches(box: Box) -> None:
    number = box.ok("im.chat.add", {"TITLE": "Совет"})
    for dialog in ("5", f"chat{number}", "6", "5"):
        box.ok("im.search.last.add", {"DIALOG_ID": dialog})
    assert [row["id"] for row in box.ok("im.search.last.get")] == [5, 6, f"chat{number}"]
    box.ok("im.search.last.delete", {"DIALOG_ID": "6"})
    assert [row["id"] for row in box.ok("im.search.last.get", {"SKIP_CHAT": "Y"})] == [5]
    assert box.refused("im.search.last.add", {"DIALOG_ID": "chat999"}) == (400, "DIALOG_ID_EMPTY")
    assert acting(box, CLERK, "im.search.last.get")["result"] == []
