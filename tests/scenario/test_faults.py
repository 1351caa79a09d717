"""Every scenario under faults of the portal ends with the portal of an undisturbed run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from b24flow.sandbox.server import SandboxServer
from b24flow.store.engine import Database
from tests.scenario.plays import PLAYS, differences, image
from tests.town import Town, town

WRITES = ("crm.item.add", "tasks.task.add", "imbot.v2.Chat.Message.send", "crm.item.update",
          "tasks.task.update", "tasks.task.complete", "imbot.v2.Chat.Message.update",
          "disk.folder.addSubFolder", "disk.folder.uploadFile")


def final(place: Town, play: str) -> dict[str, Any]:
    PLAYS[play](place, place.settle)
    place.settle()
    return image(place)


@pytest.fixture(scope="module")
def undisturbed(
    sandbox: SandboxServer, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """The image of each play without faults."""
    found = {}
    for play in PLAYS:
        with fresh(sandbox, sqlite_template, tmp_path_factory.mktemp(play)) as place:
            found[play] = final(place, play)
    return found


@contextmanager
def fresh(sandbox: SandboxServer, template: Path, folder: Path) -> Iterator[Town]:
    path = folder / "b24flow.db"
    path.write_bytes(template.read_bytes())
    database = Database(f"sqlite:///{path}")
    try:
        with town(sandbox, database, folder) as place:
            yield place
            assert place.unhandled() == []
    finally:
        database.close()


@pytest.mark.parametrize("play", PLAYS)
@pytest.mark.parametrize("method", WRITES)
def test_the_first_reply_to_each_kind_of_write_is_lost(
    sqlite_place: Town, undisturbed: dict[str, dict[str, Any]], play: str, method: str
) -> None:
    sqlite_place.fault(method=method, nth=1, action="exec_then_lose")
    assert differences(final(sqlite_place, play), undisturbed[play]) == []


@pytest.mark.slow
@pytest.mark.parametrize("play", PLAYS)
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("action", ["drop", "503 html", "503 json", "500 json"])
@pytest.mark.parametrize("method", WRITES)
def test_one_fault_of_each_kind_in_each_kind_of_write(
    sqlite_place: Town, undisturbed: dict[str, dict[str, Any]], play: str, method: str, action: str, nth: int
) -> None:
    status, _, body = action.partition(" ")
    fault = {"action": "status", "status": int(status), "body": body} if body else {"action": action}
    sqlite_place.fault(method=method, nth=nth, **fault)
    assert differences(final(sqlite_place, play), undisturbed[play]) == []


@pytest.mark.parametrize("action", ["drop", "503 html", "500 json"])
def test_the_golden_trace_under_other_faults(
    sqlite_place: Town, undisturbed: dict[str, dict[str, Any]], action: str
) -> None:
    status, _, body = action.partition(" ")
    fault = {"action": "status", "status": int(status), "body": body} if body else {"action": action}
    for method in WRITES:
        sqlite_place.fault(method=method, nth=1, **fault)
    assert differences(final(sqlite_place, "e03"), undisturbed["e03"]) == []


@pytest.mark.parametrize("play", PLAYS)
def test_portal_down_for_the_whole_scenario(
    place: Town, undisturbed: dict[str, dict[str, Any]], play: str
) -> None:
    place.fault(method="*", action="drop", count=0)
    uuid = PLAYS[play](place, place.drain)
    with pytest.raises(Exception, match="Портал"):
        place.poll()
    assert place.portal("items") == []
    expected = {"e01": "ack", "e02": "done", "e03": "done", "e04": "exec"}
    assert place.state(uuid) == expected[play]
    place.heal()
    place.settle()
    assert differences(image(place), undisturbed[play]) == []


@pytest.mark.parametrize("nth", range(1, 13))
def test_golden_trace_with_the_nth_request_lost(
    sqlite_place: Town, undisturbed: dict[str, dict[str, Any]], nth: int
) -> None:
    sqlite_place.fault(method="*", nth=nth, action="exec_then_lose")
    assert differences(final(sqlite_place, "e03"), undisturbed["e03"]) == []
