"""Every play under faults of the portal ends with the portal of an undisturbed run, everything once.

The wide sweeps are nightly; of each a seeded part runs every time, another one with TEST_SEED.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from b24flow.errors import PortalUnavailable
from b24flow.sandbox.server import SandboxServer
from b24flow.services.dispatch import Pace
from b24flow.store.engine import Database
from tests.scenario.plays import ENDS, PLAYS, differences, image, proven
from tests.town import ZONE, Town, town

WRITES = ("crm.item.add", "tasks.task.add", "imbot.v2.Chat.Message.send", "crm.item.update",
          "tasks.task.update", "tasks.task.complete", "imbot.v2.Chat.Message.update",
          "disk.folder.addSubFolder", "disk.folder.uploadFile")
FAULTS: dict[str, dict[str, Any]] = {
    "reply lost": {"action": "exec_then_lose"},
    "not executed": {"action": "drop"},
    "executed late": {"action": "late", "seconds": 60},
    "504, executed late": {"action": "late", "seconds": 60, "status": 504, "body": "html"},
    "503 in HTML": {"action": "status", "status": 503, "body": "html"},
    "503 in JSON": {"action": "status", "status": 503, "body": "json"},
    "500 in JSON": {"action": "status", "status": 500, "body": "json"},
    "429": {"action": "status", "status": 429, "body": "json"},
    "truncated": {"action": "truncated"},
}
LATE = Pace(settle=timedelta(seconds=180))
"""How long a request that was given up may still be executed; the faults above are quicker."""
REQUESTS = {"e01": 3, "e02": 5, "e03": 17, "e04": 7, "outgoing": 13, "directive": 14, "decree": 17,
            "memo": 8, "approved memo": 8, "beside the route": 15}
"""How many HTTP requests each play costs the portal: one for an action, one more for each file."""

EVERY_REQUEST = [(play, nth, fault) for play, most in REQUESTS.items() for nth in range(1, most + 1)
                 for fault in FAULTS]
_CHOICE = random.Random(int(os.environ.get("TEST_SEED", "20261122")))  # noqa: S311 - no secret
SOME_REQUESTS = _CHOICE.sample(EVERY_REQUEST, 15)
MORNING = datetime.now(ZONE).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
"""When every play begins: waiting for a portal must not lead over midnight, where terms change."""

Images = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def undisturbed(
    sandbox: SandboxServer, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Images:
    """The image of each play without faults."""
    found = {}
    for play, most in REQUESTS.items():
        with fresh(sandbox, sqlite_template, tmp_path_factory.mktemp("play")) as place:
            begin(place)
            place.forget_calls()
            uuid = PLAYS[play](place, place.settle)
            assert (place.state(uuid), place.requests()) == (ENDS[play], most)
            found[play] = ended(place)
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


def begin(place: Town) -> None:
    place.later((MORNING - datetime.now(UTC)).total_seconds())


def ended(place: Town) -> dict[str, Any]:
    """Return the image after the portal was read once more: both sides agree, nothing is left to do."""
    place.settle()
    place.heal()
    assert place.poll().put_back == 0
    assert place.drain().rounds == 0
    proven(place)
    return image(place)


def final(place: Town, play: str, *faults: dict[str, Any]) -> dict[str, Any]:
    begin(place)
    for one in faults:
        place.fault(**one)
        if one["action"] == "late":
            place.pace = LATE
    uuid = PLAYS[play](place, place.settle)
    assert place.state(uuid) == ENDS[play]
    return ended(place)


@pytest.mark.parametrize("play", PLAYS)
def test_the_first_reply_to_each_kind_of_write_is_lost(
    sqlite_place: Town, undisturbed: Images, play: str
) -> None:
    lost = [{"method": method, "nth": 1, **FAULTS["reply lost"]} for method in WRITES]
    assert differences(final(sqlite_place, play, *lost), undisturbed[play]) == []


@pytest.mark.parametrize(("play", "nth", "fault"), SOME_REQUESTS)
def test_some_request_fails(
    sqlite_place: Town, undisturbed: Images, play: str, nth: int, fault: str
) -> None:
    one = {"method": "*", "nth": nth, **FAULTS[fault]}
    assert differences(final(sqlite_place, play, one), undisturbed[play]) == []


@pytest.mark.slow
@pytest.mark.parametrize(("play", "nth", "fault"), EVERY_REQUEST)
def test_any_request_fails(
    sqlite_place: Town, undisturbed: Images, play: str, nth: int, fault: str
) -> None:
    one = {"method": "*", "nth": nth, **FAULTS[fault]}
    assert differences(final(sqlite_place, play, one), undisturbed[play]) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fourth_request_fails(sqlite_place: Town, undisturbed: Images, fault: str) -> None:
    """Also those that look up what became of the one before."""
    play = _play_of(fault)
    many = {"method": "*", "rate": 0.25, "seed": 7, **FAULTS[fault]}
    assert differences(final(sqlite_place, play, many), undisturbed[play]) == []


def _play_of(fault: str) -> str:
    wide = ("e03", "outgoing", "directive", "decree", "beside the route")
    return wide[list(FAULTS).index(fault) % len(wide)]


@pytest.mark.slow
@pytest.mark.parametrize("play", PLAYS)
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_network(
    sqlite_place: Town, undisturbed: Images, play: str, fault: str, seed: int
) -> None:
    many = {"method": "*", "rate": 0.3, "seed": seed, **FAULTS[fault]}
    assert differences(final(sqlite_place, play, many), undisturbed[play]) == []


@pytest.mark.parametrize("play", PLAYS)
def test_portal_down_for_the_whole_play(place: Town, undisturbed: Images, play: str) -> None:
    begin(place)
    place.fault(method="*", action="drop", count=0)
    uuid = PLAYS[play](place, place.drain)
    with pytest.raises(PortalUnavailable):
        place.poll()
    assert (place.portal("items"), place.portal("messages")) == ([], [])
    assert place.state(uuid) == ENDS[play]
    place.heal()
    assert differences(ended(place), undisturbed[play]) == []
