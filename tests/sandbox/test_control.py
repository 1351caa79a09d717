"""Faults, the clock, snapshots: the emulator's own interface."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from b24flow.sandbox.app import ConnectionLostError, create_app
from tests.sandbox.conftest import SPA, Box, add_item, add_task


def test_a_dropped_call_is_not_executed(box: Box, spa: int) -> None:
    box.control("faults", {"method": "crm.item.add", "action": "drop"})
    with pytest.raises(httpx.RemoteProtocolError):
        add_item(box)
    assert box.look("state/items") == []
    last = box.look("calls")[-1]
    assert (last["method"], last["status"], last["fault"], last["executed"]) == (
        "crm.item.add", None, "drop", False,
    )  # fmt: skip
    assert add_item(box)["id"] == 1


def test_a_lost_reply_is_executed_once(box: Box, spa: int) -> None:
    box.control("faults", {"method": "crm.item.add", "action": "exec_then_lose"})
    with pytest.raises(httpx.RemoteProtocolError):
        add_item(box, xmlId="k")
    assert [row["xmlId"] for row in box.look("state/items")] == ["k"]
    assert box.look("calls")[-1]["executed"] is True


def test_an_inner_command_breaks_the_request_that_carries_it(box: Box, spa: int) -> None:
    box.control("faults", {"method": "tasks.task.add", "action": "exec_then_lose", "nth": 2})
    task = "tasks.task.add?fields[TITLE]=t&fields[RESPONSIBLE_ID]=9"
    box.batch({"a": task})
    with pytest.raises(httpx.RemoteProtocolError):
        box.batch({"p": "profile", "b": task, "c": task})
    assert len(box.look("state/tasks")) == 3


def test_the_portal_is_down_until_the_fault_is_cleared(box: Box) -> None:
    box.control("faults", {"method": "*", "action": "drop", "count": 0})
    for _ in range(3):
        with pytest.raises(httpx.RemoteProtocolError):
            box.raw("server.time")
    assert box.look("faults")[0]["fired"] == 3
    box.http.delete("/_sandbox/faults")
    box.ok("server.time")


def test_the_web_server_answers_instead_of_the_portal(box: Box) -> None:
    box.control("faults", {"method": "profile", "action": "status", "status": 503})
    box.control("faults", {"method": "profile", "action": "status", "status": 500, "body": "html",
                           "nth": 2})  # fmt: skip
    first, second, third = (box.raw("profile") for _ in range(3))
    assert (first.status_code, first.json()["error"]) == (503, "QUERY_LIMIT_EXCEEDED")
    assert (second.status_code, second.text[:6]) == (500, "<html>")
    assert third.status_code == 200


def test_a_delayed_call_blocks_nobody(box: Box, spa: int) -> None:
    box.control("faults", {"method": "crm.item.add", "action": "delay", "seconds": 0.6})
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(add_item, box, title="медленно")
        while not box.look("faults")[0]["fired"]:
            pass
        assert box.look("state/items") == []
        assert slow.result()["id"] == 1


def test_a_delayed_call_is_executed_even_if_the_client_has_gone(box: Box, spa: int) -> None:
    box.control("faults", {"method": "crm.item.add", "action": "delay", "seconds": 0.1})
    with pytest.raises(httpx.ReadTimeout):
        box.raw("crm.item.add", {"entityTypeId": SPA, "fields": {"title": "поздно"}}, timeout=0.02)
    deadline = time.monotonic() + 10
    while not box.look("state/items"):
        assert time.monotonic() < deadline


def test_a_wrong_order_is_refused(box: Box) -> None:
    for order in ({"action": "explode"}, {"action": "drop", "metod": "x"}):
        assert box.http.post("/_sandbox/faults", json=order).status_code == 400
    assert box.http.post("/_sandbox/clock", json={"now": "soon"}).status_code == 400
    assert box.http.post("/_sandbox/restore", json={"id": "nothing"}).status_code == 404


def test_the_clock_moves_in_the_portal_zone(box: Box) -> None:
    assert box.control("clock", {"now": "2026-05-12T09:00:00+00:00"})["mode"] == "frozen"
    assert box.ok("server.time") == "2026-05-12T12:00:00+03:00"
    box.control("clock", {"advance": 90})
    assert box.ok("server.time") == "2026-05-12T12:01:30+03:00"
    assert box.control("clock", {"real": True})["mode"] == "real"


def test_a_restored_portal_gives_the_same_numbers_again(box: Box, spa: int) -> None:
    add_item(box, title="до")
    kept = box.control("snapshot")["id"]
    lost_item, lost_task = add_item(box, title="потеря")["id"], add_task(box)["id"]
    box.control("restore", {"id": kept})
    assert [row["title"] for row in box.look("state/items")] == ["до"]
    assert add_item(box, title="другое")["id"] == lost_item
    assert add_task(box)["id"] == lost_task
    box.control("restore", {"id": kept})
    assert [row["title"] for row in box.look("state/items")] == ["до"]


def test_a_restored_portal_gives_no_secret_twice(box: Box) -> None:
    app = box.control("apps", {"title": "Своё", "scopes": ["crm"], "users_authorised": [1]})
    kept = box.control("snapshot")["id"]
    lost = box.control("tokens", {"id": app["id"], "user": 1})
    box.control("restore", {"id": kept})
    given = box.control("tokens", {"id": app["id"], "user": 1})
    assert all(given[name] != lost[name] for name in ("access_token", "refresh_token"))


def test_the_control_interface_is_for_loopback_only() -> None:
    async def ask(address: str) -> int:
        transport = httpx.ASGITransport(create_app(), client=(address, 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://box") as http:
            return (await http.get("/_sandbox/calls")).status_code

    assert asyncio.run(ask("203.0.113.9")) == 403
    assert asyncio.run(ask("127.0.0.1")) == 200


def test_a_bridge_without_a_socket_fails_like_a_closed_one() -> None:
    async def ask() -> None:
        transport = httpx.ASGITransport(create_app(), client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://box") as http:
            await http.post("/_sandbox/faults", json={"action": "drop"})
            await http.get("/rest/1/x/profile")

    with pytest.raises(ConnectionLostError):
        asyncio.run(ask())
