"""Kill −9 between commit, call and acknowledgement: afterwards everything is there, exactly once.

Every named failpoint is passed many times while a letter is registered, taken by the chair for himself,
reported and closed. The run that was killed and started again must end like one that never was.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from b24flow.failpoints import NAMES
from tests.acceptance.service import (
    CHAIR,
    CLERK,
    Gone,
    Json,
    Prepared,
    Service,
    picture,
    registration,
    step_id,
)

STEPS: tuple[tuple[str, Json], ...] = (
    ("execute", {"executors": [str(CHAIR)], "term": "31.12.2030"}),
    ("report", {"summary": "Меры приняты"}), ("finish", {}),
)
PASSAGES = {
    "action.before_commit": 4, "action.after_commit": 4, "outbox.after_intent": 5,
    "outbox.after_send": 5, "outbox.before_settle": 6, "outbox.after_settle": 5,
    "poll.after_read": 3, "poll.before_commit": 3, "poll.after_commit": 3,
}
"""How often each is surely passed by the scenario."""

EVERY = [f"{name}@{nth}" for name, most in PASSAGES.items() for nth in range(1, most + 1)]
SEED = int(os.environ.get("ACCEPTANCE_SEED", "20261122"))
_CHOICE = random.Random(SEED)  # noqa: S311 - which part of a sweep is run is no secret
SOME = [_CHOICE.choice([one for one in EVERY if one.startswith(part)])
        for part in ("action", "outbox", "poll")]
"""The part of the sweep that is run every time; another one with ACCEPTANCE_SEED."""


def test_the_sweep_knows_every_failpoint() -> None:
    assert tuple(PASSAGES) == NAMES


@pytest.fixture(scope="session")
def undisturbed(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Json:
    with prepared.service(tmp_path_factory.mktemp("undisturbed")) as service:
        uuid = play(service)
        assert service.stop() == 0
        service.start()
        found = picture(service, uuid)
    assert found["document"]["state"] == "done"
    assert len(found["items"]) == len(found["tasks"]) == 1
    assert found["messages"]
    return found


@pytest.mark.parametrize("failpoint", sorted(set(SOME)))
def test_a_killed_service_ends_like_an_undisturbed_one(
    prepared: Prepared, undisturbed: Json, tmp_path: Path, failpoint: str
) -> None:
    check(prepared, undisturbed, tmp_path, failpoint)


@pytest.mark.slow
@pytest.mark.parametrize("failpoint", [one for one in EVERY if one not in SOME])
def test_wherever_it_is_killed(
    prepared: Prepared, undisturbed: Json, tmp_path: Path, failpoint: str
) -> None:
    check(prepared, undisturbed, tmp_path, failpoint)


def check(prepared: Prepared, undisturbed: Json, folder: Path, failpoint: str) -> None:
    with prepared.service(folder) as service:
        deaths: list[int] = []
        uuid = play(service, failpoint, deaths)
        assert deaths == [-signal.SIGKILL], "the failpoint was not passed"
        assert picture(service, uuid) == undisturbed


def play(service: Service, failpoint: str = "", deaths: list[int] | None = None) -> str:
    """Play the letter's life; a service that dies is started again and the request is repeated."""
    died = deaths if deaths is not None else []

    def alive(ask: Callable[[], Json], *, change: bool = True) -> Json:
        while True:
            if service.died():
                if service.process is not None:
                    died.append(service.stop())
                assert len(died) < 3, service.lines
                service.launch("" if died else failpoint)
            try:
                service.ready()
                answer = ask()
                if change:
                    service.settled()
                    service.passed()
            except Gone:
                continue
            return answer

    today = datetime.now(ZoneInfo("Europe/Moscow")).date().isoformat()
    uuid = str(alive(lambda: service.post("/api/documents", CLERK, registration(today), file=True))["uuid"])
    for action, form in STEPS:
        # The page was open before the power went: its form is sent again as it was.
        view = alive(lambda: service.get(f"/api/documents/{uuid}", CHAIR), change=False)
        target = next(one["target"] for one in view["actions"] if one["code"] == action)
        body = {"form": form, "command_id": step_id(action), **({"target": target} if target else {})}
        alive(partial(service.post, f"/api/documents/{uuid}/actions/{action}", CHAIR, body))
    for _ in range(50 if failpoint.startswith("poll") else 0):
        # A quick run has few polls: let more of them happen until it is killed.
        if not died:
            alive(lambda: service.get("/readyz", CHAIR))
    return uuid
