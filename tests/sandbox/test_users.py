"""Users, their custom fields and the company structure by REST."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.sandbox.conftest import Box

NEW = {"EMAIL": "lunina@profsoyuz.example", "NAME": "Алла", "LAST_NAME": "Лунина", "UF_DEPARTMENT": [2]}


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [int(row["ID"]) for row in rows]


def stranger(box: Box, method: str, params: Any) -> tuple[int, str]:
    """Call as an employee who is no administrator."""
    made = box.install_app(who=9)
    return made.refused(method, params)


def test_an_invited_user_may_be_given_a_task_and_has_a_drive(box: Box) -> None:
    number = box.ok("user.add", NEW)
    row = box.ok("user.get", {"ID": number})[0]
    assert (row["NAME"], row["UF_DEPARTMENT"], row["ACTIVE"]) == ("Алла", [2], True)
    drives = box.ok("disk.storage.getList", {"filter": {"ENTITY_TYPE": "user", "ENTITY_ID": str(number)}})
    assert len(drives) == 1
    fields = {"TITLE": "Познакомиться", "RESPONSIBLE_ID": number}
    assert box.ok("tasks.task.add", {"fields": fields})["task"]["responsibleId"] == str(number)


@pytest.mark.parametrize(("change", "text"), [
    ({"EMAIL": ""}, "wrong_email"),
    ({"EMAIL": "lunina"}, "wrong_email"),
    ({"EMAIL": "OSOKINA@profsoyuz.example"}, "user with this email exists"),
    ({"UF_DEPARTMENT": []}, "no_extranet_field"),
    ({"EXTRANET": "Y"}, "no_sonet_group_for_extranet"),
])  # fmt: skip
def test_invitations_that_are_refused(box: Box, change: dict[str, Any], text: str) -> None:
    before = len(box.ok("user.get"))
    answer = box.raw("user.add", NEW | change)
    assert (answer.status_code, answer.json()["error"]) == (400, "ERROR_ARGUMENT")
    assert answer.json()["error_description"] == text
    assert len(box.ok("user.get")) == before


def test_only_an_administrator_invites_and_changes(box: Box) -> None:
    assert stranger(box, "user.add", NEW) == (400, "ERROR_CORE")
    assert stranger(box, "user.update", {"ID": 9, "NAME": "Иной"}) == (400, "ERROR_CORE")
    assert stranger(box, "department.add", {"NAME": "Архив", "PARENT": 1}) == (400, "ERROR_CORE")
    assert stranger(box, "user.userfield.list", {}) == (400, "")


def test_an_outsider_is_invited_into_a_group(box: Box) -> None:
    group = box.ok("sonet_group.create", {"NAME": "Подрядчики"})
    given = {"EMAIL": "gost@podryad.example", "EXTRANET": "Y", "SONET_GROUP_ID": [group]}
    number = box.ok("user.add", given)
    assert ids(box.ok("user.get", {"FILTER": {"USER_TYPE": "extranet"}})) == [number]
    assert number not in ids(box.ok("user.get", {"FILTER": {"USER_TYPE": "employee"}}))


def test_a_dismissed_user_stays_in_lists_and_may_come_back(box: Box) -> None:
    box.ok("user.update", {"ID": 9, "ACTIVE": "N"})
    assert 9 in ids(box.ok("user.get"))
    assert 9 not in ids(box.ok("user.get", {"FILTER": {"ACTIVE": True}}))
    assert ids(box.ok("user.get", {"FILTER": {"ACTIVE": False}})) == [9]
    assert box.ok("user.search", {"FILTER": {"LAST_NAME": "Тополев"}}) == []
    box.ok("user.update", {"ID": 9, "ACTIVE": "Y"})
    assert ids(box.ok("user.search", {"FILTER": {"LAST_NAME": "Тополев"}})) == [9]


def test_changes_are_found_by_their_moment(box: Box) -> None:
    box.control("clock", {"now": "2031-05-12T12:00:00"})
    box.ok("user.update", {"ID": 9, "PERSONAL_CITY": "Озёрск"})
    since = {"FILTER": {">=TIMESTAMP_X": "2031-05-12T12:00:00+03:00"}}
    assert ids(box.ok("user.get", since)) == [9]
    later = {"FILTER": {">TIMESTAMP_X": "2031-05-12T12:00:00+03:00"}}
    assert box.ok("user.get", later) == []
    assert box.ok("user.get", {"FILTER": {">TIMESTAMP_X": "вчера"}}) == []


@pytest.mark.parametrize(("given", "expected"), [
    ({"UF_DEPARTMENT": 2}, [5, 6, 7]),
    ({"FILTER": {"@ID": [5, 9]}}, [5, 9]),
    ({"FILTER": {"%LAST_NAME": "ин"}, "select": ["ID"]}, [1, 5, 6, 10, 11, 14, 16]),
    ({"FILTER": {"=%LAST_NAME": "Ряб%"}}, [5]),
    ({"FILTER": {"!WORK_POSITION": "Делопроизводитель", "UF_DEPARTMENT": [2]}}, [5]),
    ({"FILTER": {"NAME_SEARCH": "осокина елена"}}, [6]),
    ({"FILTER": {"ID": [9, 5]}, "sort": "LAST_NAME", "order": "DESC"}, [9, 5]),
])  # fmt: skip
def test_filters_and_order(box: Box, given: dict[str, Any], expected: list[int]) -> None:
    assert ids(box.ok("user.get", given)) == expected


def test_select_and_its_masks(box: Box) -> None:
    assert list(box.ok("user.get", {"ID": 5, "select": ["NAME", "NOTHING"]})[0]) == ["NAME"]
    assert set(box.ok("user.get", {"ID": 5, "select": ["UF_*"]})[0]) >= {"UF_DEPARTMENT"}
    assert "NAME" not in box.ok("user.get", {"ID": 5, "select": ["UF_*"]})[0]


def test_search_by_beginnings_departments_and_words(box: Box) -> None:
    assert ids(box.ok("user.search", {"FILTER": {"NAME": "Ел"}})) == [6]
    assert box.ok("user.search", {"FILTER": {"NAME": "ена"}}) == []
    assert ids(box.ok("user.search", {"FILTER": {"UF_DEPARTMENT_NAME": "Общий"}})) == [5, 6, 7]
    assert ids(box.ok("user.search", {"FIND": "общий делопроизводитель"})) == [6, 7]


def test_a_picture_is_kept_and_downloaded(box: Box) -> None:
    picture = ["я.png", base64.b64encode(b"png").decode()]
    box.ok("user.update", {"ID": 9, "PERSONAL_PHOTO": picture})
    shown = box.ok("user.get", {"ID": 9})[0]["PERSONAL_PHOTO"]
    assert box.http.get(shown).content == b"png"


def test_custom_fields_from_birth_to_death(box: Box) -> None:
    fields = {"FIELD_NAME": "UF_SKILL", "USER_TYPE_ID": "integer", "MULTIPLE": "Y", "LABEL": "Навык"}
    number = box.ok("user.userfield.add", {"fields": fields})
    assert box.refused("user.userfield.add", {"fields": fields}) == (400, "ERROR_CORE")
    assert box.refused("user.userfield.add", {"fields": {"FIELD_NAME": "A"}}) == (400, "")
    box.ok("user.update", {"ID": 9, "UF_USR_SKILL": ["7", 8]})
    assert box.ok("user.get", {"ID": 9})[0]["UF_USR_SKILL"] == [7, 8]
    assert ids(box.ok("user.get", {"FILTER": {"UF_USR_SKILL": 8}})) == [9]
    box.ok("user.userfield.update", {"id": number, "fields": {"SORT": 700, "USER_TYPE_ID": "string"}})
    row = box.ok("user.userfield.list", {"filter": {">SORT": 500}})[0]
    assert (row["FIELD_NAME"], row["SORT"], row["USER_TYPE_ID"]) == ("UF_USR_SKILL", "700", "integer")
    box.ok("user.userfield.delete", {"id": number})
    assert "UF_USR_SKILL" not in box.ok("user.get", {"ID": 9})[0]
    assert box.refused("user.userfield.delete", {"id": number}) == (400, "")


def test_the_structure_is_a_tree_with_one_root(box: Box) -> None:
    number = box.ok("department.add", {"NAME": "Архив", "PARENT": 2, "UF_HEAD": 6})
    assert box.ok("department.get", {"ID": number}) == [
        {"ID": str(number), "NAME": "Архив", "SORT": 500, "PARENT": "2", "UF_HEAD": "6"}
    ]
    assert box.refused("department.add", {"NAME": "Вторая вершина"}) == (400, "ERROR_CORE")
    assert box.refused("department.add", {"PARENT": 1}) == (400, "ERROR_CORE")
    loop = {"ID": 2, "PARENT": number}
    assert box.refused("department.update", loop) == (400, "ERROR_CORE")
    assert box.refused("department.update", {"ID": 999, "NAME": "Нет"}) == (400, "ERROR_CORE")


def test_a_deleted_department_gives_its_people_up(box: Box) -> None:
    box.ok("department.delete", {"ID": 2})
    assert box.ok("user.get", {"ID": 6})[0]["UF_DEPARTMENT"] == [1]
    assert box.refused("department.delete", {"ID": 1}) == (400, "ERROR_CORE")


def test_departments_are_sorted_by_a_field_and_filtered_by_a_number(box: Box) -> None:
    rows = box.ok("department.get", {"sort": "NAME", "order": "DESC", "PARENT": 1})
    assert [row["NAME"] for row in rows] == sorted((row["NAME"] for row in rows), reverse=True)
    assert ids(box.ok("department.get", {"SORT": 300})) == [3]


def test_narrow_scopes_show_less_and_change_nothing(box: Box) -> None:
    brief, basic = (box.install_app(scopes=[scope]) for scope in ("user_brief", "user_basic"))
    names = [set(app.ok("user.get", {"ID": 5})[0]) for app in (brief, basic)]
    assert [{"NAME", "UF_DEPARTMENT"} <= shown for shown in names] == [True, True]
    assert ["EMAIL" in shown for shown in names] == [False, True]
    assert "PERSONAL_MOBILE" not in brief.ok("user.fields")
    assert brief.refused("user.update", {"ID": 5, "NAME": "Иная"})[1] == "insufficient_scope"
    assert brief.ok("method.get", {"name": "user.search"})["isAvailable"] is True
    assert brief.ok("method.get", {"name": "user.add"})["isAvailable"] is False
    box.ok("user.userfield.add", {"fields": {"FIELD_NAME": "SKILL", "USER_TYPE_ID": "string"}})
    box.ok("user.update", {"ID": 5, "UF_USR_SKILL": "архив"})
    assert "UF_USR_SKILL" not in basic.ok("user.get", {"ID": 5})[0]
    both = box.install_app(scopes=["user_basic", "user.userfield"])
    assert both.ok("user.get", {"ID": 5})[0]["UF_USR_SKILL"] == "архив"
