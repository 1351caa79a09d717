"""Kill −9 between commit, call and acknowledgement: afterwards everything is there, exactly once.

Every named failpoint is passed many times while a letter is registered, taken by the chair for himself,
reported and closed, and while a directive is signed, numbered, read, its point executed and released, with a
task beside the route. The run that was killed and started again must end like one that never was.
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
    DEPUTY,
    HEAD,
    SPECIALIST,
    WAGES,
    Gone,
    Json,
    Prepared,
    Service,
    picture,
    registration,
    step_id,
)

Step = tuple[int, str, Json]
LETTER: tuple[Step, ...] = (
    (CHAIR, "execute", {"executors": [str(CHAIR)], "term": "31.12.2030"}),
    (CHAIR, "report", {"summary": "Меры приняты"}), (CHAIR, "finish", {}),
)
DIRECTIVE: tuple[Step, ...] = (
    (CHAIR, "sign", {}), (CLERK, "register", {}), (HEAD, "acknowledged", {}),
    (SPECIALIST, "set_task", {"to": str(DEPUTY), "text": "Разослать копии"}),
    (DEPUTY, "answer", {"answer": "Разосланы"}), (WAGES, "report", {"summary": "Заявки собраны"}),
    (DEPUTY, "release_point", {"comment": "Проверено"}),
)
PLAYS: dict[str, tuple[tuple[Step, ...], str]] = {
    "letter": (LETTER, "done"), "directive": (DIRECTIVE, "closed"),
}
"""The steps after the beginning, and the state they lead to."""
PASSAGES = {
    "letter": {
        "action.before_commit": 4, "action.after_commit": 4, "outbox.after_intent": 5,
        "outbox.after_send": 5, "outbox.before_settle": 6, "outbox.after_settle": 5,
        "poll.after_read": 3, "poll.before_commit": 3, "poll.after_commit": 3,
    },
    "directive": {
        "action.before_commit": 8, "action.after_commit": 8, "outbox.after_intent": 9,
        "outbox.after_send": 9, "outbox.before_settle": 9, "outbox.after_settle": 9,
        "poll.after_read": 3, "poll.before_commit": 3, "poll.after_commit": 3,
    },
}
"""How often each is surely passed by a play."""

EVERY = [(play, f"{name}@{nth}") for play, passed in PASSAGES.items() for name, most in passed.items()
         for nth in range(1, most + 1)]
SEED = int(os.environ.get("ACCEPTANCE_SEED", "20261122"))
_CHOICE = random.Random(SEED)  # noqa: S311 - which part of a sweep is run is no secret
SOME = [_CHOICE.choice([one for one in EVERY if one[0] == play and one[1].startswith(part)])
        for play, part in (("letter", "action"), ("letter", "poll"), ("directive", "outbox"))]
"""The part of the sweep that is run every time; another one with ACCEPTANCE_SEED."""


def test_the_sweep_knows_every_failpoint() -> None:
    assert {tuple(one) for one in PASSAGES.values()} == {NAMES}


@pytest.fixture(scope="session")
def undisturbed(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """What each play leads to when nobody is killed."""
    found = {}
    for name, (_, state) in PLAYS.items():
        with prepared.service(tmp_path_factory.mktemp("undisturbed")) as service:
            uuid = play(service, name)
            assert service.stop() == 0
            service.start()
            found[name] = picture(service, uuid)
        assert found[name]["document"]["state"] == state
        assert len(found[name]["items"]) == 1
        assert found[name]["tasks"]
        assert found[name]["messages"]
    return found


@pytest.mark.parametrize(("name", "failpoint"), sorted(set(SOME)))
def test_a_killed_service_ends_like_an_undisturbed_one(
    prepared: Prepared, undisturbed: dict[str, Json], tmp_path: Path, name: str, failpoint: str
) -> None:
    check(prepared, undisturbed[name], tmp_path, name, failpoint)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "failpoint"), [one for one in EVERY if one not in SOME])
def test_wherever_it_is_killed(
    prepared: Prepared, undisturbed: dict[str, Json], tmp_path: Path, name: str, failpoint: str
) -> None:
    check(prepared, undisturbed[name], tmp_path, name, failpoint)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "failpoint"), EVERY)
def test_wherever_it_is_killed_beside_a_database_server(
    prepared_on_postgres: Prepared, undisturbed: dict[str, Json], tmp_path: Path, name: str, failpoint: str
) -> None:
    check(prepared_on_postgres, undisturbed[name], tmp_path, name, failpoint)


def check(prepared: Prepared, undisturbed: Json, folder: Path, name: str, failpoint: str) -> None:
    with prepared.service(folder) as service:
        deaths: list[int] = []
        uuid = play(service, name, failpoint, deaths)
        assert deaths == [-signal.SIGKILL], "the failpoint was not passed"
        assert picture(service, uuid) == undisturbed


def begin(service: Service, name: str) -> Json:
    """Register the letter, or send the directive to be signed."""
    if name == "letter":
        today = datetime.now(ZoneInfo("Europe/Moscow")).date().isoformat()
        return service.post("/api/documents", CLERK, registration(today), file="files")
    point = {"text": "Собрать заявки", "executor": str(WAGES), "term": "2030-12-30"}
    return service.post("/api/documents", SPECIALIST, {
        "process": "directive", "action": "straight_to_sign", "command_id": step_id("directive"),
        "form": {"kind": "admin", "title": "О графике", "signer": str(CHAIR), "readers": [str(HEAD)],
                 "controller": str(DEPUTY), "points": [point]},
    }, file="draft")


def play(service: Service, name: str, failpoint: str = "", deaths: list[int] | None = None) -> str:
    """Play a document's life; a service that dies is started again and the request is repeated."""
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

    uuid = str(alive(partial(begin, service, name))["uuid"])
    for user, action, form in PLAYS[name][0]:
        # The page was open before the power went: its form is sent again as it was.
        view = alive(partial(service.get, f"/api/documents/{uuid}", user), change=False)
        target = next(one["target"] for one in view["actions"] if one["code"] == action)
        body = {"form": form, "command_id": step_id(action), **({"target": target} if target else {})}
        alive(partial(service.post, f"/api/documents/{uuid}/actions/{action}", user, body))
    for _ in range(50 if failpoint.startswith("poll") else 0):
        # A quick run has few polls: let more of them happen until it is killed.
        if not died:
            alive(lambda: service.get("/readyz", CHAIR))
    return uuid
