"""Incoming webhooks: whose rights, which scopes, and what ends them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Box


def _call(box: Box, hook: dict[str, Any], method: str = "profile") -> Any:
    answer = box.http.post(hook["url"] + method).json()
    return answer.get("error") or answer["result"]


def test_a_webhook_has_its_owners_rights_and_its_own_scopes(box: Box) -> None:
    hook = box.control("webhooks", {"user": 6, "scopes": ["user"], "title": "Выгрузка"})
    assert _call(box, hook)["ID"] == "6"
    assert _call(box, hook, "user.admin") is False
    assert _call(box, hook, "crm.type.list") == "insufficient_scope"
    assert len(hook["code"]) == 16
    assert [row["title"] for row in box.look("webhooks")] == ["", "Выгрузка"]


def test_a_removed_webhook_is_refused(box: Box) -> None:
    hook = box.control("webhooks", {"user": 6, "code": "known0code"})
    assert _call(box, hook)["ID"] == "6"
    box.http.delete("/_sandbox/webhooks", params={"id": hook["id"]}).raise_for_status()
    assert _call(box, hook) == "INVALID_CREDENTIALS"


def test_its_owner_edits_a_webhook_and_anybody_else_takes_it_over(box: Box) -> None:
    hook = box.control("webhooks", {"user": 6, "scopes": ["user"]})
    same = box.http.patch("/_sandbox/webhooks", json={"id": hook["id"], "scopes": ["department"]}).json()
    assert (same["code"], same["user_id"]) == (hook["code"], 6)
    assert _call(box, same, "department.get")
    refused = box.http.patch("/_sandbox/webhooks", json={"id": hook["id"], "by": 7})
    assert refused.status_code == 403
    taken = box.http.patch("/_sandbox/webhooks", json={"id": hook["id"], "by": 1}).json()
    assert taken["user_id"] == 1
    assert taken["code"] != hook["code"]
    assert _call(box, hook) == "INVALID_CREDENTIALS"
    assert _call(box, taken)["ID"] == "1"


def test_a_dismissed_owner_takes_his_webhooks_with_him(box: Box) -> None:
    hook = box.control("webhooks", {"user": 6})
    box.control("dismiss", {"user": 6})
    assert _call(box, hook) == "INVALID_CREDENTIALS"


def test_integrations_of_the_dismissed_may_be_preserved(box: Box) -> None:
    hook = box.control("webhooks", {"user": 6})
    before = {row["ID"] for row in box.ok("user.get")}
    box.control("dismiss", {"user": 6, "preserve": True})
    acting = _call(box, hook)
    assert acting["ID"] not in before | {"6"}
    assert acting["NAME"] == "Елена"
    assert {row["ID"] for row in box.ok("user.get")} == before
    assert box.ok("user.search", {"FILTER": {"NAME": "Елена", "ACTIVE": True}}) == []
    taken = box.http.patch("/_sandbox/webhooks", json={"id": hook["id"], "by": 7}).json()
    assert (taken["user_id"], taken["system_user"]) == (7, 0)
    assert _call(box, hook) == "INVALID_CREDENTIALS"


@pytest.mark.parametrize("body", [{"user": 999}, {"user": "x"}])
def test_a_webhook_needs_an_active_owner(box: Box, body: dict[str, Any]) -> None:
    assert box.http.post("/_sandbox/webhooks", json=body).status_code == 400


@pytest.mark.parametrize("method", ["event.bind", "placement.list", "placement.bind", "event.offline.get"])
def test_an_application_only_method_refuses_a_webhook(box: Box, method: str) -> None:
    assert box.refused(method) == (403, "WRONG_AUTH_TYPE")


@pytest.mark.parametrize("path", ["webhooks", "apps"])
def test_a_scope_that_there_is_not_is_a_mistake_of_the_test(box: Box, path: str) -> None:
    answer = box.http.post(f"/_sandbox/{path}", json={"scopes": ["crm", "tasksk"]})
    assert (answer.status_code, "tasksk" in answer.json()["error"]) == (400, True)
    assert box.control(path, {"scopes": "crm,task"})["scopes"] == ["crm", "task"]
