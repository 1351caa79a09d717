"""Online events: what a handler gets, from whom, and what is never sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from b24flow.sandbox.server import SandboxServer
from tests.sandbox.conftest import SPA, AppCaller, Box, add_item
from tests.sandbox.handler import Listener, Posted, flush, listening, subscribe

ADD, UPDATE = "ONCRMDYNAMICITEMADD", "ONCRMDYNAMICITEMUPDATE"
MOMENT = "2026-03-02T10:00:00+03:00"
SECOND = 1772434800


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as made:
        yield made


@pytest.fixture
def app(box: Box, spa: int) -> AppCaller:
    assert spa
    box.control("clock", {"now": MOMENT})
    return box.install_app()


def test_what_the_handler_gets(box: Box, app: AppCaller, listener: Listener) -> None:
    subscribe(app, listener, "onAppTest", path="/hook?k=7")
    assert app.ok("event.test", {"any": "да & нет", "list": [1, True, None, []], "empty": {}}) == 1
    flush(box)
    (one,) = listener.posted
    assert (one.path, one.kind) == ("/hook?k=7", "application/x-www-form-urlencoded")
    assert list(one.form) == ["event", "event_handler_id", "data", "ts", "auth"]
    assert (one.event, one.form["event_handler_id"], one.form["ts"]) == ("ONAPPTEST", "1", str(SECOND))
    assert one.form["data"] == {"QUERY": {"any": "да & нет", "list": ["1", "1"]}}
    assert "data%5BQUERY%5D%5Bany%5D=%D0%B4%D0%B0+%26+%D0%BD%D0%B5%D1%82" in one.body
    auth = one.form["auth"]
    assert auth["application_token"] == app.app["application_token"]
    assert auth["member_id"] == app.token["member_id"]
    assert auth["domain"] == box.server.url.removeprefix("http://")
    assert auth["client_endpoint"] == f"{box.server.url}/rest/"
    assert (auth["status"], auth["expires_in"], auth["user_id"]) == ("L", "3600", "1")
    assert auth["refresh_token"]


def test_the_token_of_an_event_is_its_users(box: Box, app: AppCaller, listener: Listener) -> None:
    subscribe(app, listener, ADD)
    subscribe(app, listener, UPDATE, auth_type=7)
    made = app.as_user(5).ok("crm.item.add", {"entityTypeId": SPA, "fields": {"title": "Письмо"}})["item"]
    box.ok("crm.item.update", {"entityTypeId": SPA, "id": made["id"], "fields": {"title": "Иначе"}})
    flush(box)
    for one, who in zip(listener.posted, ("5", "7"), strict=True):
        auth = one.form["auth"]
        assert "refresh_token" not in auth
        answer = box.http.post("/rest/user.current", json={"auth": auth["access_token"]}).json()
        assert (auth["user_id"], answer["result"]["ID"]) == (who, who)


def test_an_event_without_a_user_carries_no_tokens(box: Box, app: AppCaller, listener: Listener) -> None:
    item = {"ownerTypeId": SPA, "ownerId": add_item(box)["id"]}
    box.ok("crm.activity.todo.add", {**item, "deadline": "2030-01-09T10:00:00+03:00", "title": "Звонок"})
    subscribe(app, listener, "ONCRMACTIVITYDELETE")
    subscribe(app, listener, "ONCRMACTIVITYDELETE", auth_type=7)
    box.ok("crm.item.delete", {"entityTypeId": SPA, "id": item["ownerId"]})
    flush(box)
    nobody, deputy = (one.form["auth"] for one in listener.posted)
    assert sorted(nobody) == [
        "application_token", "client_endpoint", "domain", "member_id", "server_endpoint", "status",
    ]  # fmt: skip
    assert deputy["user_id"] == "7"


def test_both_events_of_a_smart_process_arrive(box: Box, app: AppCaller, listener: Listener) -> None:
    subscribe(app, listener, "ONCRMDYNAMICITEMADD", f"ONCRMDYNAMICITEMADD_{SPA}")
    made = add_item(box, title="Письмо")
    flush(box)
    assert listener.events() == ["ONCRMDYNAMICITEMADD", f"ONCRMDYNAMICITEMADD_{SPA}"]
    for one in listener.posted:
        assert one.form["data"] == {"FIELDS": {"ID": str(made["id"]), "ENTITY_TYPE_ID": str(SPA)}}


def test_events_of_one_second_share_a_token(box: Box, app: AppCaller, listener: Listener) -> None:
    subscribe(app, listener, ADD)
    add_item(box)
    add_item(box)
    box.control("clock", {"advance": 1})
    add_item(box)
    flush(box)
    one, two, three = (posted.form["auth"]["access_token"] for posted in listener.posted)
    assert one == two
    assert two != three


def test_the_same_event_twice_in_one_hit_is_one(box: Box, app: AppCaller, listener: Listener) -> None:
    subscribe(app, listener, UPDATE)
    item = add_item(box, title="Письмо")["id"]
    command = f"crm.item.update?entityTypeId={SPA}&id={item}&fields[title]=Вариант "
    box.batch([command + str(number) for number in range(3)])
    flush(box)
    assert listener.events() == [UPDATE]
    box.ok("crm.item.update", {"entityTypeId": SPA, "id": item, "fields": {"title": "Другое"}})
    flush(box)
    assert listener.events() == [UPDATE, UPDATE]


def test_an_unfinished_installation_gets_nothing(box: Box, spa: int, listener: Listener) -> None:
    assert spa
    app = box.install_app(install="https://app.example/install/", finish=False)
    token = box.control("tokens", {"id": app.app["id"], "user": 1})
    subscribe(AppCaller(box, app.app, token), listener, ADD)
    add_item(box)
    flush(box)
    assert listener.posted == []
    box.person(1, "app/install_finish", app=app.app["id"])
    add_item(box)
    flush(box)
    assert listener.events() == [ADD]


def test_a_removed_application_gets_nothing(box: Box, app: AppCaller, listener: Listener) -> None:
    subscribe(app, listener, ADD)
    box.person(1, "dev/app/delete", app=app.app["id"])
    add_item(box)
    flush(box)
    assert listener.posted == []


def test_a_failed_call_tells_nothing(box: Box, app: AppCaller, listener: Listener) -> None:
    subscribe(app, listener, ADD, UPDATE)
    assert box.refused("crm.item.update", {"entityTypeId": SPA, "id": 10**9, "fields": {"title": "Нет"}})
    flush(box)
    assert listener.posted == []


def test_refusals_and_silence_are_not_repeated(box: Box, app: AppCaller, listener: Listener) -> None:
    listener.reply = lambda _: 500
    subscribe(app, listener, ADD)
    with listening() as closed:
        subscribe(app, closed, ADD)
    add_item(box)
    flush(box)
    rows = {row["url"]: row for row in box.look("events")}
    assert (rows[f"{listener.url}/"]["status"], rows[f"{listener.url}/"]["http_status"]) == ("sent", 500)
    assert rows[f"{closed.url}/"]["status"] == "failed"
    assert "ConnectionRefusedError" in rows[f"{closed.url}/"]["error"]
    assert listener.events() == [ADD]


def test_a_slow_handler_holds_nobody_up(box: Box, app: AppCaller, listener: Listener) -> None:
    free = threading.Event()
    listener.reply = lambda _: 200 if free.wait(10) else 500
    with listening() as quick:
        subscribe(app, listener, ADD)
        subscribe(app, quick, ADD)
        done = threading.Event()
        quick.reply = lambda _: done.set() or 200  # type: ignore[func-returns-value]
        add_item(box)
        assert done.wait(10)
        assert not box.control("events/flush", {"timeout": 0})["empty"]
        free.set()
        flush(box)
    assert {row["http_status"] for row in box.look("events")} == {200}


def test_a_handler_may_call_the_portal_back(box: Box, app: AppCaller, listener: Listener) -> None:
    seen: list[Any] = []

    def reply(one: Posted) -> int:
        given = {"entityTypeId": SPA, "id": one.form["data"]["FIELDS"]["ID"]}
        given["auth"] = one.form["auth"]["access_token"]
        seen.append(box.http.post("/rest/crm.item.get", json=given).json()["result"]["item"]["title"])
        return 200

    listener.reply = reply
    subscribe(app, listener, ADD)
    add_item(box, title="Перезвонить")
    flush(box)
    assert seen == ["Перезвонить"]


def test_a_handler_that_changes_what_it_hears_of_is_stopped(
    box: Box, app: AppCaller, listener: Listener
) -> None:
    def reply(one: Posted) -> int:
        given = {"entityTypeId": SPA, "fields": {"title": f"Ещё {len(listener.posted)}"}}
        given["auth"] = one.form["auth"]["access_token"]
        assert "result" in box.http.post("/rest/crm.item.add", json=given).json()
        return 200

    listener.reply = reply
    subscribe(app, listener, ADD)
    add_item(box)
    flush(box)
    assert len(listener.posted) == 7
    add_item(box)
    flush(box)
    assert len(listener.posted) == 14


def test_deliveries_are_shown_and_forgotten(box: Box, app: AppCaller, listener: Listener) -> None:
    subscribe(app, listener, ADD)
    item = add_item(box)["id"]
    flush(box)
    (row,) = box.look("events")
    assert (row["event"], row["url"], row["handler_id"], row["fault"]) == (
        ADD, f"{listener.url}/", "1", None,
    )  # fmt: skip
    assert row["queued"] == row["sent"] == MOMENT
    assert str(row["data"]["FIELDS"]["ID"]) == str(item)
    assert box.http.delete("/_sandbox/events").json() == {"ok": True}
    assert box.look("events") == []


def test_what_was_told_is_not_told_again_after_a_restart(tmp_path: Path, listener: Listener) -> None:
    data = tmp_path / "portal.b24"
    with SandboxServer(data=data) as first:
        box = Box(first)
        box.ok("crm.type.add", {"fields": {"title": "Письма", "entityTypeId": SPA}})
        app = box.install_app()
        subscribe(app, listener, ADD)
        assert app.ok("event.bind", {"event": ADD, "event_type": "offline", "auth_connector": "r"})
        add_item(box)
        flush(box)
        waiting = app.ok("event.offline.list", {"auth_connector": "r"})
        box.http.close()
    assert (len(listener.posted), len(waiting)) == (1, 1)
    with SandboxServer(data=data) as second:
        box = Box(second)
        flush(box)
        assert len(listener.posted) == 1
        again = AppCaller(box, app.app, app.token)
        assert again.ok("event.offline.list", {"auth_connector": "r"}) == waiting
        add_item(box)
        flush(box)
        box.http.close()
    assert listener.events() == [ADD, ADD]
