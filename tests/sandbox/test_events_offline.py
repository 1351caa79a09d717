"""Queues of offline events: what gets into them, how workers share them, what is left out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from b24flow.sandbox.server import SandboxServer
from tests.sandbox.conftest import SPA, AppCaller, Box, add_item
from tests.sandbox.handler import flush, listening, subscribe

ADD, UPDATE = "ONCRMDYNAMICITEMADD", "ONCRMDYNAMICITEMUPDATE"
MOMENT = "2026-03-02T10:00:00+03:00"
READER = {"auth_connector": "reader"}


@pytest.fixture
def app(box: Box, spa: int) -> AppCaller:
    assert spa
    box.control("clock", {"now": MOMENT})
    made = box.install_app()
    for event in (ADD, UPDATE):
        assert made.ok("event.bind", {"event": event, "event_type": "offline", **READER}) is True
    return made


def take(app: AppCaller, **given: Any) -> dict[str, Any]:
    taken: dict[str, Any] = app.ok("event.offline.get", {**READER, **given})
    return taken


def look(app: AppCaller, **given: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = app.ok("event.offline.list", {**READER, **given})
    return rows


def change(box: Box, item: dict[str, Any], title: str) -> None:
    box.ok("crm.item.update", {"entityTypeId": SPA, "id": item["id"], "fields": {"title": title}})


def test_a_row_is_as_documented(box: Box, app: AppCaller) -> None:
    item = add_item(box)
    (row,) = look(app)
    assert re.fullmatch(r"[0-9a-f]{32}", row["MESSAGE_ID"])
    assert row == {
        "ID": "1",
        "TIMESTAMP_X": MOMENT,
        "EVENT_NAME": ADD,
        "EVENT_DATA": {"FIELDS": {"ID": item["id"], "ENTITY_TYPE_ID": SPA}},
        "EVENT_ADDITIONAL": {"user_id": 1},
        "MESSAGE_ID": row["MESSAGE_ID"],
        "PROCESS_ID": "",
        "ERROR": "0",
    }
    taken = take(app)
    assert taken["process_id"] is None
    assert taken["events"] == [{name: row[name] for name in row if name not in ("PROCESS_ID", "ERROR")}]
    assert look(app) == []


def test_repeated_changes_of_one_item_are_one_row(box: Box, app: AppCaller) -> None:
    one, two = add_item(box), add_item(box)
    take(app)
    change(box, one, "а")
    first = look(app)[0]
    box.control("clock", {"advance": 60})
    change(box, one, "б")
    change(box, two, "в")
    rows = look(app)
    assert [row["EVENT_DATA"]["FIELDS"]["ID"] for row in rows] == [one["id"], two["id"]]
    assert (rows[0]["ID"], rows[0]["MESSAGE_ID"]) == (first["ID"], first["MESSAGE_ID"])
    assert rows[0]["TIMESTAMP_X"] == "2026-03-02T10:01:00+03:00" != first["TIMESTAMP_X"]


def test_reserved_rows_are_acknowledged_or_come_again(box: Box, app: AppCaller) -> None:
    items = [add_item(box) for _ in range(5)]
    first = take(app, clear=0, limit=2)
    second = take(app, clear=0, limit=2)
    assert first["process_id"] != second["process_id"]
    ids = [row["ID"] for part in (first, second) for row in part["events"]]
    assert len(set(ids)) == 4
    assert take(app, clear=0, process_id=first["process_id"]) == first
    assert [row["PROCESS_ID"] != "" for row in look(app)] == [True] * 4 + [False]
    done = first["events"][0]
    app.ok("event.offline.clear", {"process_id": first["process_id"], "message_id": [done["MESSAGE_ID"]]})
    assert take(app, clear=0, process_id=first["process_id"])["events"] == first["events"][1:]
    assert app.ok("event.offline.clear", {"process_id": second["process_id"]}) is True
    assert len(look(app)) == 2
    found = look(app, filter={"!PROCESS_ID": ""})
    assert [row["ID"] for row in found] == [first["events"][1]["ID"]]
    assert len(items) == 5


def test_a_change_after_the_reading_is_a_new_row(box: Box, app: AppCaller) -> None:
    item = add_item(box)
    take(app)
    change(box, item, "а")
    held = take(app, clear=0)
    change(box, item, "б")
    rows = look(app)
    assert [row["PROCESS_ID"] for row in rows] == [held["process_id"], ""]
    assert rows[0]["MESSAGE_ID"] == rows[1]["MESSAGE_ID"]
    app.ok("event.offline.clear", {"process_id": held["process_id"]})
    assert len(take(app)["events"]) == 1


def test_failed_rows_are_set_aside(box: Box, app: AppCaller) -> None:
    for _ in range(2):
        add_item(box)
    held = take(app, clear=0)
    bad, good = held["events"]
    given = {"process_id": held["process_id"], "message_id": [bad["MESSAGE_ID"]]}
    assert app.ok("event.offline.error", given) is True
    assert [row["ERROR"] for row in look(app)] == ["1", "0"]
    assert look(app, filter={"ERROR": 1})[0]["ID"] == bad["ID"]
    assert take(app, clear=0, process_id=held["process_id"])["events"] == [good]
    assert take(app, clear=0)["events"] == []
    assert take(app, clear=0, error=1, process_id=held["process_id"])["events"] == [bad, good]
    assert take(app, error=1)["events"] == [bad]
    assert [row["ID"] for row in look(app)] == [good["ID"]]


def test_message_ids_win_over_ids(box: Box, app: AppCaller) -> None:
    for _ in range(2):
        add_item(box)
    held = take(app, clear=0)
    one, two = held["events"]
    both = {"process_id": held["process_id"], "id": [one["ID"]], "message_id": [two["MESSAGE_ID"]]}
    app.ok("event.offline.clear", both)
    assert [row["ID"] for row in look(app)] == [one["ID"]]
    app.ok("event.offline.clear", {"process_id": held["process_id"], "id": [one["ID"]]})
    assert look(app) == []


def test_an_application_does_not_hear_itself(box: Box, app: AppCaller) -> None:
    assert app.ok("event.bind", {"event": ADD, "event_type": "offline"}) is True
    new = {"entityTypeId": SPA, "fields": {"title": "Письмо"}}

    def heard() -> tuple[int, int]:
        return len(take(app)["events"]), len(take(app, auth_connector="")["events"])

    app.ok("crm.item.add", new)
    assert heard() == (1, 0)
    app.ok("crm.item.add", {**new, **READER})
    assert heard() == (0, 1)
    app.ok("crm.item.add", {**new, "auth_connector": "writer"})
    assert heard() == (1, 1)
    box.ok("crm.item.add", {**new, **READER})
    assert heard() == (1, 1)
    box.install_app().ok("crm.item.add", new)
    assert heard() == (1, 1)


def test_filter_order_and_pages(box: Box, app: AppCaller) -> None:
    for number in range(60):
        if number == 30:
            box.control("clock", {"advance": 1})
        add_item(box)
    answer = app.raw("event.offline.list", READER).json()
    assert (len(answer["result"]), answer["total"], answer["next"]) == (50, 60, 50)
    assert [row["ID"] for row in look(app, start=50)] == [str(number) for number in range(51, 61)]
    assert [row["ID"] for row in look(app, order={"ID": "DESC"})][:2] == ["60", "59"]
    assert [row["ID"] for row in look(app, filter={">ID": 58})] == ["59", "60"]
    assert len(look(app, filter={">TIMESTAMP_X": MOMENT})) == 30
    assert len(look(app, filter={"EVENT_NAME": UPDATE})) == 0
    assert len(take(app, clear=0)["events"]) == 50
    newest = take(app, order={"TIMESTAMP_X": "DESC", "ID": "DESC"}, limit=3)["events"]
    assert [row["ID"] for row in newest] == ["60", "59", "58"]
    assert [row["ID"] for row in take(app, filter={"@ID": [51, 55]})["events"]] == ["51", "55"]


def test_only_an_administrator_reads_the_queue(app: AppCaller) -> None:
    other = app.as_user(5)
    for method, given in (
        ("get", {}),
        ("list", {}),
        ("clear", {"process_id": "a"}),
        ("error", {"process_id": "a"}),
    ):
        assert other.refused(f"event.offline.{method}", given) == (403, "ACCESS_DENIED")


@pytest.mark.parametrize("method", ["clear", "error"])
def test_a_process_is_required(app: AppCaller, method: str) -> None:
    assert app.refused(f"event.offline.{method}") == (400, "ERROR_ARGUMENT")
    assert app.ok(f"event.offline.{method}", {"process_id": "unknown", "message_id": ["1"]}) is True


def test_a_limit_is_positive(app: AppCaller) -> None:
    assert app.refused("event.offline.get", {"limit": 0}) == (400, "ERROR_ARGUMENT")


def test_rows_do_not_live_for_ever(box: Box, app: AppCaller) -> None:
    def waiting() -> int:  # the hour of an access token is over every time
        token = box.control("tokens", {"id": app.app["id"], "user": 1})
        return len(look(AppCaller(box, app.app, token)))

    add_item(box)
    box.control("clock", {"advance": 2_952_000})
    assert waiting() == 1
    box.control("clock", {"advance": 1})
    assert waiting() == 0


def test_a_signal_instead_of_polling(box: Box, app: AppCaller) -> None:
    with listening() as listener:
        subscribe(app, listener, "onOfflineEvent", options={"minTimeout": 10})
        for _ in range(3):
            add_item(box)
        flush(box)
        (one,) = listener.posted
        assert (one.event, "data" in one.form) == ("ONOFFLINEEVENT", False)
        assert one.form["auth"]["refresh_token"]
        box.control("clock", {"advance": 9})
        add_item(box)
        flush(box)
        assert len(listener.posted) == 1
        box.control("clock", {"advance": 1})
        add_item(box)
        flush(box)
        assert len(listener.posted) == 2


def test_a_signal_without_a_pause_comes_once_in_a_hit(box: Box, app: AppCaller) -> None:
    with listening() as listener:
        subscribe(app, listener, "ONOFFLINEEVENT", options={"minTimeout": 0})
        box.batch([f"crm.item.add?entityTypeId={SPA}&fields[title]={number}" for number in range(3)])
        flush(box)
        assert len(listener.posted) == 1
        add_item(box)
        flush(box)
        assert len(listener.posted) == 2


def test_a_restored_snapshot_gives_the_same_numbers_again(box: Box, app: AppCaller) -> None:
    held = take(app, clear=0)
    assert held["events"] == []
    key = box.control("snapshot")["id"]
    add_item(box)
    change(box, add_item(box), "а")
    before = look(app)
    box.control("restore", {"id": key})
    assert look(app) == []
    add_item(box)
    change(box, add_item(box), "а")
    assert look(app) == before


def test_a_reservation_outlives_the_process(tmp_path: Path) -> None:
    data, made = tmp_path / "portal.b24", {"fields": {"title": "Письма", "entityTypeId": SPA}}
    with SandboxServer(data=data) as first:
        box = Box(first)
        app = box.install_app()
        for event in (ADD, "ONCRMTYPEADD"):
            app.ok("event.bind", {"event": event, "event_type": "offline", **READER})
        box.ok("crm.type.add", made)
        for _ in range(2):
            add_item(box)
        held, gone = take(app, clear=0, limit=1), take(app, limit=1)
        left = look(app)
        box.http.close()
    assert (len(held["events"]), len(gone["events"]), len(left)) == (1, 1, 2)
    with SandboxServer(data=data) as second:
        box = Box(second)
        again = AppCaller(box, app.app, app.token)
        assert look(again) == left
        assert take(again, clear=0, process_id=held["process_id"]) == held
        assert again.ok("event.offline.clear", {"process_id": held["process_id"]}) is True
        assert look(again) == left[1:]
        box.http.close()
