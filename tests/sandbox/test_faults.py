"""Faults of calls beyond a lost one: late, cut, refused, unfiltered, with rights taken away."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from b24flow.sandbox.seed import demo_organisation
from b24flow.sandbox.server import SandboxServer
from tests.sandbox.conftest import SPA, Box, add_item
from tests.sandbox.handler import flush, listening, subscribe

MOMENT = "2026-03-02T10:00:00+03:00"


def order(box: Box, action: str, method: str = "crm.item.add", **given: Any) -> int:
    return int(box.control("faults", {"method": method, "action": action, **given})["id"])


def titles(box: Box) -> list[str]:
    return [row["title"] for row in box.look("state/items")]


@pytest.mark.usefixtures("spa")
def test_a_late_call_is_executed_when_the_clock_passes(box: Box) -> None:
    box.control("clock", {"now": MOMENT})
    order(box, "late", seconds=90)
    with pytest.raises(httpx.RemoteProtocolError):
        add_item(box, title="первое")
    add_item(box, title="второе")
    box.control("clock", {"advance": 89})
    assert titles(box) == ["второе"]
    box.control("clock", {"advance": 1})
    assert titles(box) == ["второе", "первое"]
    created = [row["createdTime"] for row in box.look("state/items")]
    assert created == [MOMENT, "2026-03-02T10:01:30+03:00"]
    rows = [row for row in box.look("calls") if row["method"] == "crm.item.add"]
    assert [(row["executed"], row["fault"]) for row in rows] == [
        (False, "late"),
        (True, None),
        (True, "late"),
    ]
    assert rows[0]["http_seq"] == rows[2]["http_seq"]


@pytest.mark.usefixtures("spa")
def test_a_late_call_is_executed_by_itself_in_real_time(box: Box) -> None:
    order(box, "late", seconds=0.02)
    with pytest.raises(httpx.RemoteProtocolError):
        add_item(box, title="поздно")
    deadline = time.monotonic() + 10
    while not titles(box):
        assert time.monotonic() < deadline
    assert titles(box) == ["поздно"]


@pytest.mark.usefixtures("spa")
def test_a_late_call_may_be_answered_by_the_web_server(box: Box) -> None:
    box.control("clock", {"now": MOMENT})
    order(box, "late", seconds=60, body="html")
    answer = box.raw("crm.item.add", {"entityTypeId": SPA, "fields": {"title": "поздно"}})
    assert (answer.status_code, answer.text[:6]) == (504, "<html>")
    assert titles(box) == []
    box.control("clock", {"advance": 60})
    assert titles(box) == ["поздно"]


@pytest.mark.usefixtures("spa")
def test_a_reset_forgets_late_calls(box: Box) -> None:
    box.control("clock", {"now": MOMENT})
    order(box, "late", seconds=60)
    with pytest.raises(httpx.RemoteProtocolError):
        add_item(box)
    box.control("reset", {"seed": demo_organisation()})
    box.control("clock", {"now": "2026-03-02T11:00:00+03:00"})
    assert [row["method"] for row in box.look("calls")] == []


@pytest.mark.usefixtures("spa")
def test_a_late_call_raises_its_event_late(box: Box) -> None:
    box.control("clock", {"now": MOMENT})
    app = box.install_app()
    with listening() as listener:
        subscribe(app, listener, "ONCRMDYNAMICITEMADD")
        order(box, "late", seconds=60)
        with pytest.raises(httpx.RemoteProtocolError):
            add_item(box)
        flush(box)
        assert listener.posted == []
        box.control("clock", {"advance": 60})
        flush(box)
        assert listener.events() == ["ONCRMDYNAMICITEMADD"]


@pytest.mark.usefixtures("spa")
def test_a_cut_answer_was_executed(box: Box) -> None:
    order(box, "truncated")
    answer = box.raw("crm.item.add", {"entityTypeId": SPA, "fields": {"title": "обрыв"}})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert answer.text.startswith('{"result":{"item"')
    assert titles(box) == ["обрыв"]


@pytest.mark.usefixtures("spa")
def test_a_list_may_lose_its_filter(box: Box) -> None:
    for title in ("а", "б"):
        add_item(box, title=title)
    asked = {"entityTypeId": SPA, "filter": {"title": "а"}}
    order(box, "ignore_filter", "crm.item.list", nth=2)
    found = [len(box.ok("crm.item.list", asked)["items"]) for _ in range(3)]
    assert found == [1, 2, 1]
    order(box, "ignore_filter", "crm.item.list")
    commands = {
        "items": f"crm.item.list?entityTypeId={SPA}&filter[title]=а",
        "users": "user.get?FILTER[LAST_NAME]=Осокина",
    }
    inner = box.batch(commands)["result"]
    assert (len(inner["items"]["items"]), len(inner["users"])) == (2, 1)
    order(box, "ignore_filter", "user.get")
    assert len(box.ok("user.get", {"FILTER": {"LAST_NAME": "Осокина"}})) > 1


def test_a_scope_is_taken_away_from_a_call_on(box: Box) -> None:
    fault = order(box, "revoke", "department.get", what="department", nth=2)
    box.ok("department.get")
    assert box.refused("department.get") == (401, "insufficient_scope")
    assert box.refused("department.fields") == (401, "insufficient_scope")
    box.ok("user.get")
    app = box.install_app()
    app.ok("department.fields")
    box.http.delete(f"/_sandbox/faults?id={fault}")
    box.ok("department.get")


def test_the_rights_of_an_administrator_are_taken_away(box: Box) -> None:
    order(box, "revoke", "profile", what="admin")
    assert box.ok("profile")["ADMIN"] is False
    code = box.refused("crm.type.add", {"fields": {"title": "Письма", "entityTypeId": SPA}})
    assert code == (400, "ACCESS_DENIED")
    assert box.look("state/users")[0]["admin"] is True


def test_a_webhook_is_revoked(box: Box) -> None:
    order(box, "revoke", "*", what="auth", nth=3)
    for _ in range(2):
        box.ok("profile")
    for _ in range(2):
        assert box.refused("profile") == (401, "INVALID_CREDENTIALS")
    assert box.look("faults")[0]["callers"] == 1


def test_what_was_refused_stays_refused_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "portal.b24"
    with SandboxServer(data=data) as first:
        box = Box(first)
        box.ok("crm.type.add", {"fields": {"title": "Письма", "entityTypeId": SPA}})
        order(box, "revoke", what="crm", nth=2)
        add_item(box, title="можно")
        assert box.raw("crm.item.add", {"entityTypeId": SPA, "fields": {"title": "нельзя"}}).is_error
        box.http.close()
    with SandboxServer(data=data) as second:
        box = Box(second)
        assert titles(box) == ["можно"]
        box.http.close()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("QUERY_LIMIT_EXCEEDED", 503),
        ("OVERLOAD_LIMIT", 503),
        ("OPERATION_TIME_LIMIT", 429),
        ("INTERNAL_SERVER_ERROR", 500),
        ("PORTAL_DELETED", 403),
        ("expired_token", 401),
    ],
)
def test_documented_refusals(box: Box, code: str, status: int) -> None:
    order(box, "error", "profile", code=code)
    answer = box.raw("profile")
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.json()["error_description"]
    assert (box.look("calls")[-1]["status"], box.look("calls")[-1]["executed"]) == (status, False)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", ["json", "html"])
def test_answers_of_the_web_server(box: Box, status: int, body: str) -> None:
    order(box, "status", "profile", status=status, body=body)
    answer = box.raw("profile")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/json" if body == "json" else "text/html")
    box.ok("profile")


def draw(box: Box, seed: int) -> list[int]:
    box.http.delete("/_sandbox/faults")
    order(box, "status", "profile", rate=0.3, seed=seed)
    return [box.raw("profile").status_code for _ in range(60)]


def test_a_seeded_share_of_calls_is_hit(box: Box) -> None:
    first, again, other = draw(box, 7), draw(box, 7), draw(box, 8)
    assert first == again != other
    assert 8 <= first.count(503) <= 30
    assert set(first) == {200, 503}


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "error", "code": "NO_SUCH"},
        {"action": "revoke"},
        {"action": "drop", "nth": "2"},
        {"action": "drop", "rate": 2},
        {"action": "status", "body": "xml"},
        {"action": "status", "status": 99999},
        {"action": "late", "seconds": 1e30},
        {"action": "late", "seconds": 10**400},
        {"action": "drop", "method": 5},
        {"action": "drop", "nth": 0},
    ],
)
def test_wrong_orders(box: Box, wrong: dict[str, Any]) -> None:
    answer = box.http.post("/_sandbox/faults", json=wrong)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert box.look("faults") == []
