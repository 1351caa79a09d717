"""Roles of the CRM: what somebody who is no administrator may see and change."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Box
from tests.sandbox.crm_help import COMPANY, DEAL, make, people, read

DENIED = (400, "ACCESS_DENIED")


def test_a_role_says_what_may_be_done(box: Box) -> None:
    (clerk,) = people(box, 5, edit=[4], delete=[], add="all", **{"import": []})
    deal = clerk.ok("crm.item.add", {"entityTypeId": DEAL, "fields": {"title": "Поставка"}})["item"]
    one = {"entityTypeId": DEAL, "id": deal["id"]}
    assert clerk.refused("crm.item.update", one | {"fields": {"title": "Иное"}}) == DENIED
    assert clerk.refused("crm.item.delete", one) == DENIED
    assert clerk.refused("crm.item.import", {"entityTypeId": DEAL, "fields": {"title": "Х"}}) == DENIED
    assert read(box, DEAL, deal["id"])["title"] == "Поставка"
    owner = {"ENTITY_TYPE": "deal", "ENTITY_ID": deal["id"]}
    assert clerk.refused("crm.timeline.comment.add", {"fields": {**owner, "COMMENT": "Нет"}}) == DENIED
    todo = {"ownerTypeId": DEAL, "ownerId": deal["id"], "deadline": "2026-09-01"}
    assert clerk.refused("crm.activity.todo.add", todo) == DENIED
    assert clerk.refused("crm.item.get", {"entityTypeId": COMPANY, "id": 1}) == (400, "NOT_FOUND")


def test_one_sees_only_what_one_is_responsible_for(box: Box) -> None:
    (clerk,) = people(box, 5, read="own", edit="own")
    for number in range(60):
        make(box, DEAL, title=f"№ {number}", assignedById=5 if number % 2 else 4)
    body = clerk.raw("crm.item.list", {"entityTypeId": DEAL, "order": {"id": "ASC"}}).json()
    assert [row["id"] for row in body["result"]["items"]] == list(range(2, 61, 2))
    assert body["total"] == 30
    assert clerk.refused("crm.item.get", {"entityTypeId": DEAL, "id": 1}) == DENIED
    assert clerk.ok("crm.item.get", {"entityTypeId": DEAL, "id": 2})["item"]["title"] == "№ 1"
    mine = {"entityTypeId": DEAL, "id": 2, "fields": {"assignedById": 4}}
    clerk.ok("crm.item.update", mine)
    assert clerk.refused("crm.item.update", mine) == DENIED


def test_a_type_may_have_rights_of_its_own(box: Box) -> None:
    (clerk,) = people(box, 5, add="all", types={str(COMPANY): {"add": []}})
    assert clerk.refused("crm.item.add", {"entityTypeId": COMPANY, "fields": {"title": "К"}}) == DENIED
    clerk.ok("crm.item.add", {"entityTypeId": DEAL, "fields": {"title": "С"}})


@pytest.mark.parametrize(("method", "params", "code"), [
    ("crm.type.add", {"fields": {"title": "Т"}}, "ACCESS_DENIED"),
    ("crm.type.list", {}, "ACCESS_DENIED"),
    ("crm.automatedsolution.list", {}, "ACCESS_DENIED"),
    ("crm.category.add", {"entityTypeId": 2, "fields": {"name": "В"}}, "ACCESS_DENIED"),
    ("crm.status.add", {"fields": {"ENTITY_ID": "SOURCE", "STATUS_ID": "X", "NAME": "Х"}}, ""),
    ("crm.status.delete", {"id": 101}, ""),
    ("userfieldconfig.getTypes", {"moduleId": "crm"}, "ACCESS_DENIED"),
    ("crm.item.details.configuration.set", {"entityTypeId": 2, "scope": "C", "data": []}, ""),
    ("crm.item.details.configuration.get", {"entityTypeId": 2, "userId": 4}, ""),
    ("crm.item.details.configuration.forceCommonScopeForAll", {"entityTypeId": 2}, ""),
])  # fmt: skip
def test_settings_are_for_administrators(box: Box, method: str, params: dict[str, object], code: str) -> None:
    (clerk,) = people(box, 5)
    assert clerk.refused(method, params) == (400, code)


def test_directories_are_for_everybody(box: Box) -> None:
    (clerk,) = people(box, 5)
    assert clerk.ok("crm.status.list", {"filter": {"ENTITY_ID": "STATUS"}})[0]["STATUS_ID"] == "NEW"
    assert clerk.ok("crm.category.list", {"entityTypeId": DEAL})["categories"][0]["id"] == 0
