"""Subscriptions: who may subscribe to what, and how a subscription is found and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.conftest import APP_SCOPES, SPA, AppCaller, Box

URL = "https://app.example/events/"
DEPUTY = 5


@pytest.fixture
def app(box: Box) -> Iterator[AppCaller]:
    return box.install_app()


@pytest.fixture
def ordinary(app: AppCaller) -> AppCaller:
    return app.as_user(DEPUTY)


def bind(app: AppCaller, event: str = "ONTASKADD", **given: Any) -> dict[str, Any]:
    return app.raw("event.bind", {"event": event, "handler": URL, **given}).json()


def test_a_webhook_may_not_subscribe(box: Box) -> None:
    for method in ("bind", "unbind", "get", "test", "offline.get", "offline.list", "offline.clear",
                   "offline.error"):  # fmt: skip
        assert box.refused(f"event.{method}", {"event": "ONTASKADD"}) == (403, "WRONG_AUTH_TYPE")


def test_a_subscription_is_listed_as_documented(app: AppCaller) -> None:
    assert bind(app, "onTaskAdd")["result"] is True
    assert bind(app, auth_type=DEPUTY)["result"] is True
    assert bind(app, event_type="offline", auth_connector="reader")["result"] is True
    assert app.ok("event.get") == [
        {"event": "ONTASKADD", "handler": URL, "auth_type": "0", "offline": 0},
        {"event": "ONTASKADD", "handler": URL, "auth_type": str(DEPUTY), "offline": 0},
        {"event": "ONTASKADD", "connector_id": "reader", "offline": 1},
    ]


def test_the_same_subscription_twice_is_refused(app: AppCaller) -> None:
    bind(app)
    again = bind(app, "OnTaskAdd")
    assert again["error"] == "ERROR_CORE"
    assert again["error_description"].endswith("Handler already binded")
    assert bind(app, handler=URL + "?k=2")["result"] is True
    assert bind(app, event_type="offline")["result"] is True
    assert bind(app, event_type="offline", handler="")["error"] == "ERROR_CORE"
    assert len(app.ok("event.get")) == 3


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"event": "ONNOTHING"}, "ERROR_EVENT_NOT_FOUND"),
        ({"event": ""}, "ERROR_ARGUMENT"),
        ({"handler": ""}, "ERROR_ARGUMENT"),
        ({"handler": "ftp://app.example/"}, "ERROR_UNSUPPORTED_PROTOCOL"),
        ({"handler": "app.example/events"}, "ERROR_UNSUPPORTED_PROTOCOL"),
        ({"handler": "http://localhost:8080/"}, "ERROR_WRONG_HANDLER_URL"),
        ({"handler": "http://[/"}, "ERROR_WRONG_HANDLER_URL"),
        ({"event_type": "sometimes"}, "ERROR_ARGUMENT"),
    ],
)
def test_wrong_subscriptions(app: AppCaller, given: dict[str, str], code: str) -> None:
    assert app.refused("event.bind", {"event": "ONTASKADD", "handler": URL, **given}) == (400, code)
    assert app.ok("event.get") == []


def test_an_address_needs_a_dot_in_its_host_only(app: AppCaller) -> None:
    assert bind(app, handler="http://127.0.0.1:8080/?k=1")["result"] is True


def test_an_absent_argument_is_named(app: AppCaller) -> None:
    body = app.raw("event.bind", {"event": "ONTASKADD"}).json()
    assert (body["argument"], body["error_description"]) == ("HANDLER", "Argument 'HANDLER' is null or empty")


def test_events_are_those_of_the_scopes(box: Box) -> None:
    narrow = box.install_app(scopes=["task"])
    assert (
        narrow.refused("event.bind", {"event": "ONCRMTYPEADD", "handler": URL})[1] == "ERROR_EVENT_NOT_FOUND"
    )
    assert bind(narrow)["result"] is True
    assert bind(narrow, "ONAPPTEST")["result"] is True
    names = narrow.ok("events")
    assert {"ONTASKADD", "ONAPPINSTALL"} <= set(names)
    assert "ONCRMTYPEADD" not in names
    assert "ONCRMTYPEADD" in narrow.ok("events", {"FULL": True})
    assert narrow.ok("events", {"SCOPE": "user"}) == ["ONUSERADD"]


def test_events_of_a_smart_process_exist_with_it(box: Box, app: AppCaller) -> None:
    name = f"ONCRMDYNAMICITEMADD_{SPA}"
    assert bind(app, name)["error"] == "ERROR_EVENT_NOT_FOUND"
    made = box.ok("crm.type.add", {"fields": {"title": "Письма", "entityTypeId": SPA}})["type"]
    assert name in app.ok("events")
    assert bind(app, name)["result"] is True
    assert bind(app, "ONCRMDYNAMICITEMADD")["result"] is True
    box.ok("crm.type.delete", {"id": made["id"]})
    assert [row["event"] for row in app.ok("event.get")] == ["ONCRMDYNAMICITEMADD"]


def test_an_ordinary_user_subscribes_for_himself(app: AppCaller, ordinary: AppCaller) -> None:
    bind(app)
    assert bind(ordinary)["result"] is True
    assert ordinary.ok("event.get") == [
        {"event": "ONTASKADD", "handler": URL, "auth_type": str(DEPUTY), "offline": 0}
    ]
    assert len(app.ok("event.get")) == 2
    for given in ({"auth_type": 1}, {"event_type": "offline"}):
        assert ordinary.refused("event.bind", {"event": "ONTASKUPDATE", "handler": URL, **given}) == (
            403,
            "ACCESS_DENIED",
        )
        assert ordinary.refused("event.unbind", {"event": "ONTASKADD", "handler": URL, **given}) == (
            403,
            "ACCESS_DENIED",
        )
    assert ordinary.ok("event.unbind", {"event": "ONTASKADD", "handler": URL}) == {"count": 1}
    assert [row["auth_type"] for row in app.ok("event.get")] == ["0"]


def test_unsubscribing_drops_what_fits(app: AppCaller) -> None:
    bind(app)
    bind(app, auth_type=DEPUTY)
    bind(app, handler=URL + "2")
    bind(app, event_type="offline", auth_connector="a")
    bind(app, event_type="offline", auth_connector="b")
    gone = {"event": "ONTASKADD", "handler": URL}
    assert app.ok("event.unbind", {**gone, "auth_type": 0}) == {"count": 1}
    bind(app)
    assert app.ok("event.unbind", gone) == {"count": 2}
    assert app.ok("event.unbind", gone) == {"count": 0}
    offline = {"event": "ONTASKADD", "event_type": "offline"}
    assert app.ok("event.unbind", {**offline, "auth_connector": "a"}) == {"count": 1}
    assert [row.get("handler", row.get("connector_id")) for row in app.ok("event.get")] == [URL + "2", "b"]


@pytest.mark.parametrize("given", [{}, {"event": "ONTASKADD"}])
def test_unsubscribing_from_nothing_in_particular_is_refused(app: AppCaller, given: dict[str, str]) -> None:
    bind(app)
    assert app.refused("event.unbind", given) == (400, "ERROR_ARGUMENT")
    assert len(app.ok("event.get")) == 1


def test_applications_do_not_see_each_other(box: Box, app: AppCaller) -> None:
    bind(app)
    other = box.install_app(scopes=APP_SCOPES)
    assert other.ok("event.get") == []
    assert bind(other)["result"] is True
    assert other.ok("event.unbind", {"event": "ONTASKADD", "handler": URL}) == {"count": 1}
    assert len(app.ok("event.get")) == 1


def test_a_restored_snapshot_gives_the_same_numbers_again(box: Box, app: AppCaller) -> None:
    bind(app)
    key = box.control("snapshot")["id"]

    def register() -> tuple[Any, Any]:
        assert bind(app, "ONTASKUPDATE")["result"] is True
        place = {"PLACEMENT": "LEFT_MENU", "HANDLER": URL}
        assert app.ok("placement.bind", place) is True
        return box.look("state/handlers"), box.look("state/placements")

    first = register()
    box.control("restore", {"id": key})
    assert [row["event"] for row in app.ok("event.get")] == ["ONTASKADD"]
    assert app.ok("placement.get") == []
    assert register() == first
