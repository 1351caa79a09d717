"""Faults of the event queue, and the sameness of two equal runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from b24flow.sandbox.seed import demo_organisation
from tests.sandbox.conftest import SPA, Box, add_item
from tests.sandbox.handler import Listener, flush, listening, subscribe

ADD = "ONCRMDYNAMICITEMADD"
MOMENT = "2026-03-02T10:00:00+03:00"


@pytest.fixture
def heard(box: Box, spa: int) -> Iterator[Listener]:
    """A handler of new items on a portal whose clock stands."""
    assert spa
    box.control("clock", {"now": MOMENT})
    with listening() as listener:
        subscribe(box.install_app(), listener, ADD)
        yield listener


def order(box: Box, action: str, **given: Any) -> None:
    box.control("event-faults", {"action": action, **given})


def add(box: Box, count: int) -> None:
    for _ in range(count):
        add_item(box)
    flush(box)


def test_an_event_is_lost(box: Box, heard: Listener) -> None:
    order(box, "lose", nth=2)
    add(box, 3)
    assert heard.ids() == ["1", "3"]
    assert [(row["status"], row["fault"]) for row in box.look("events")] == [
        ("sent", None), ("lost", "lose"), ("sent", None),
    ]  # fmt: skip


def test_an_event_arrives_twice(box: Box, heard: Listener) -> None:
    order(box, "duplicate", event=ADD.lower())
    add(box, 2)
    assert heard.ids() == ["1", "1", "2"]
    assert heard.posted[0].body == heard.posted[1].body


def test_an_event_arrives_after_the_next_one(box: Box, heard: Listener) -> None:
    order(box, "reorder", nth=2)
    add_item(box)
    add_item(box)
    assert [row["status"] for row in box.look("events")][1] == "held"
    add(box, 2)
    assert heard.ids() == ["1", "3", "2", "4"]


def test_a_held_event_without_a_next_one_arrives_in_the_end(box: Box, heard: Listener) -> None:
    order(box, "reorder")
    add_item(box)
    flush(box)
    assert heard.ids() == ["1"]


def test_an_event_is_late_by_the_portals_clock(box: Box, heard: Listener) -> None:
    order(box, "delay", seconds=300)
    add(box, 2)
    assert heard.ids() == ["2"]
    assert box.control("events/flush")["waiting"] == 1
    box.control("clock", {"advance": 300})
    flush(box)
    assert heard.ids() == ["2", "1"]
    assert [row["sent"] for row in box.look("events")] == ["2026-03-02T10:05:00+03:00", MOMENT]


def test_other_events_are_left_alone(box: Box, heard: Listener) -> None:
    order(box, "lose", event="ONTASKADD", count=0)
    add(box, 2)
    assert heard.ids() == ["1", "2"]
    assert box.look("event-faults")[0]["seen"] == 0


def test_a_seeded_share_of_events_is_lost(box: Box, heard: Listener) -> None:
    shares = []
    for seed in (3, 3, 4):
        box.http.delete("/_sandbox/event-faults")
        order(box, "lose", rate=0.5, seed=seed)
        before = len(heard.posted)
        first = len(box.look("state/items"))
        add(box, 20)
        shares.append([int(one) - first for one in heard.ids()[before:]])
    assert shares[0] == shares[1] != shares[2]
    assert 4 <= len(shares[0]) <= 16


def test_the_offline_queue_loses_nothing(box: Box, heard: Listener) -> None:
    assert heard.posted == []
    app = box.install_app()
    app.ok("event.bind", {"event": ADD, "event_type": "offline", "auth_connector": "r"})
    order(box, "lose", count=0)
    add(box, 3)
    assert len(app.ok("event.offline.list", {"auth_connector": "r"})) == 3
    assert heard.posted == []


def test_wrong_orders(box: Box) -> None:
    for wrong in ({"action": "burn"}, {"action": "lose", "nht": 2}, {"action": "lose", "nth": "2"}):
        assert box.http.post("/_sandbox/event-faults", json=wrong).status_code == 400
    assert box.http.post("/_sandbox/events/flush", json={"timeout": "long"}).status_code == 400


def _without_time(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_time(one) for key, one in value.items() if key not in ("time", "result_time")}
    return [_without_time(one) for one in value] if isinstance(value, list) else value


def _story(box: Box, listener: Listener) -> list[str]:
    """Live the same day on a fresh portal: every answer and every delivery, without `time`."""
    box.control("reset", {"seed": demo_organisation()})
    box.control("clock", {"now": MOMENT})
    box.control("faults", {"method": "crm.item.add", "action": "error", "code": "OVERLOAD_LIMIT",
                           "rate": 0.4, "seed": 11})  # fmt: skip
    box.control("event-faults", {"action": "duplicate", "rate": 0.4, "seed": 12})
    app = box.install_app()
    subscribe(app, listener, ADD)
    said = [json.dumps(app.app), json.dumps(app.token)]

    def call(method: str, **given: Any) -> None:
        answers = [who.raw(method, given).json() for who in (box, app)]
        said.append(json.dumps(_without_time(answers)))

    call("crm.type.add", fields={"title": "Письма", "entityTypeId": SPA})
    call("event.bind", event=ADD, event_type="offline", auth_connector="r")
    for number in range(8):
        call("crm.item.add", entityTypeId=SPA, fields={"title": f"№ {number}"})
    call("crm.item.list", entityTypeId=SPA, order={"id": "DESC"})
    call(
        "batch", cmd={"a": "profile", "b": f"crm.item.add?entityTypeId={SPA}&fields[title]=$result[a][NAME]"}
    )
    call("event.offline.get", clear=0, auth_connector="r")
    call("disk.storage.uploadfile", id=1, data={"NAME": "а.txt"}, fileContent=["а.txt", "0L8="])
    call("tasks.task.add", fields={"TITLE": "Исполнить", "RESPONSIBLE_ID": 9})
    call("im.message.add", DIALOG_ID="5", MESSAGE="Здравствуйте")
    call("methods")
    flush(box)
    return [*said, *(one.body for one in listener.posted)]


def test_two_equal_runs_are_equal_to_the_byte(box: Box) -> None:
    with listening() as listener:
        first = _story(box, listener)
        listener.posted.clear()
        second = _story(box, listener)
    assert first == second
    assert sum("OVERLOAD_LIMIT" in line for line in first) > 2
    assert sum(line.startswith("event=") for line in first) > 5
