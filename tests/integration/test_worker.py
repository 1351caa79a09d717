"""The loops of the service: nothing stops them, nothing is lost, one scheduler at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from b24flow.bot.router import receive
from b24flow.errors import Conflict, PortalUnavailable, StoreError
from b24flow.sandbox.server import SandboxServer
from b24flow.scheduler import LEASE, LEASE_S, Job, Scheduler
from b24flow.services.dispatch import LEASE_S as ROW_LEASE_S
from b24flow.services.office import Office
from b24flow.store import inbox, incidents, leases, outbox
from b24flow.store.engine import Database
from b24flow.worker import Wake, Worker, guarded
from tests.town import CHAIR, ZONE, Town, town

PATIENCE_S = 30.0
NEVER_S = 3600.0


@pytest.fixture
def place(sandbox: SandboxServer, sqlite_database: Database, tmp_path: Path) -> Iterator[Town]:
    with town(sandbox, sqlite_database, tmp_path) as found:
        yield found
        assert found.unhandled() == []


def worker(place: Town, **more: Any) -> Worker:
    known: dict[str, Any] = {"pace": place.pace, "poll_seconds": NEVER_S, "owner": "test", **more}
    handle = known.pop("handle", receive)
    return Worker(place.office, known.pop("portal", place.session), handle, **known)


@contextmanager
def running(one: Worker, wake: Wake) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=one.run, args=(stop,))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        wake.ring()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, "it never happened"
        threading.Event().wait(0.01)


def items(place: Town) -> list[str]:
    return [one["xmlId"] for one in place.portal("items") if one.get("xmlId")]


def test_it_works_until_nothing_is_left_and_then_asks_once(place: Town) -> None:
    uuid = place.register(CHAIR).uuid
    one = worker(place)
    one.run_until_idle()
    assert items(place) == [f"b24flow:town:{uuid}"]
    one.run_until_idle()
    place.forget_calls()
    one.run_until_idle()
    assert place.requests() == 1


def test_a_ring_is_heard_at_once(place: Town) -> None:
    wake = Wake()
    with running(worker(place, wake=wake), wake):
        until(lambda: place.requests() > 0)
        place.register(CHAIR)
        wake.ring()
        until(lambda: bool(items(place)))


def test_it_goes_on_when_the_portal_comes_back(place: Town) -> None:
    wake = Wake()
    place.register(CHAIR)
    place.fault(action="status", status=502, body="html", count=0)
    with running(worker(place, wake=wake, poll_seconds=0.01), wake) as thread:
        place.forget_calls()
        until(lambda: place.requests() > 0)
        assert thread.is_alive()
        assert items(place) == []
        place.heal()
        place.clock.offset += timedelta(hours=1)
        wake.ring()
        until(lambda: bool(items(place)))


class Moody:
    """A session whose first polls fail in a way nobody foresaw."""

    def __init__(self, session: Any, *failures: Exception) -> None:
        self._session = session
        self.failures = list(failures)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def poll(self, since: str | None, offset: int | None) -> Any:
        if self.failures:
            raise self.failures.pop(0)
        return self._session.poll(since, offset)


def test_no_error_ends_the_loop(place: Town) -> None:
    wake = Wake()
    portal = Moody(place.session, KeyError("who knows"), PortalUnavailable("away"), Conflict("busy"))
    ticks = iter(range(0, 10**9, 10_000))  # every pause is over when somebody rings
    one = worker(place, wake=wake, portal=portal, monotonic=lambda: float(next(ticks)))
    with running(one, wake):
        place.register(CHAIR)

        def rung() -> bool:
            wake.ring()
            return not portal.failures and bool(items(place))

        until(rung)


def test_until_idle_tells_when_reading_keeps_failing(place: Town) -> None:
    place.fault(action="status", status=502, body="html", count=0)
    with pytest.raises(PortalUnavailable):
        worker(place).run_until_idle()


@pytest.mark.parametrize("alone", [True, False])
def test_what_a_dead_process_of_the_same_name_held_is_taken_over(place: Town, *, alone: bool) -> None:
    place.register(CHAIR)
    now = place.clock.now()
    with place.office.database.transaction() as unit:
        held = outbox.claim(unit, "run", now, ROW_LEASE_S, 10)
    assert held
    worker(place, owner="run", alone=alone).run_until_idle()
    assert bool(items(place)) is alone


def test_rows_of_others_are_left_to_them(place: Town) -> None:
    place.register(CHAIR)
    with place.office.database.transaction() as unit:
        outbox.claim(unit, "another", place.clock.now(), ROW_LEASE_S, 10)
    worker(place, owner="run", alone=True).run_until_idle()
    assert items(place) == []


def test_an_event_nobody_can_handle_becomes_an_incident(place: Town) -> None:
    seen: list[str] = []

    def handle(_: Office, raw: Mapping[str, Any]) -> None:
        seen.append(str(raw["eventId"]))
        if len(seen) == 1:
            raise TypeError("unforeseen")

    accept(place, "1", "2")
    worker(place, handle=handle).run_until_idle()
    assert seen == ["1", "2"]
    with place.office.database.reading() as unit:
        assert inbox.pending(unit) == []
        assert [one.key for one in incidents.listing(unit)] == ["bot:1"]


def test_an_event_waits_while_the_database_cannot_be_used(place: Town) -> None:
    def handle(_: Office, __: Mapping[str, Any]) -> None:
        raise StoreError("away")

    with pytest.raises(StoreError):
        guarded(handle)(place.office, {"eventId": 1})
    with place.office.database.reading() as unit:
        assert incidents.listing(unit) == []


def accept(place: Town, *ids: str) -> None:
    with place.office.database.transaction() as unit:
        for one in ids:
            inbox.accept(unit, f"bot:town:{one}", "bot", {"eventId": one}, place.clock.now())


# --- scheduler ----------------------------------------------------------------------------------------------


def scheduler(place: Town, owner: str, *jobs: Job) -> Scheduler:
    return Scheduler(place.office.database, jobs, zone=ZONE, clock=place.clock, owner=owner)


def test_a_tick_due_at_the_start_runs_and_the_lease_is_given_back(place: Town) -> None:
    ran = threading.Event()
    one = scheduler(place, "a", Job(name="first", run=ran.set, every=timedelta(hours=1), first=True))
    one.start()
    assert ran.wait(PATIENCE_S)
    one.stop()
    with place.office.database.transaction() as unit:
        assert leases.acquire(unit, LEASE, "b", place.clock.now(), LEASE_S) is not None


def test_one_scheduler_at_a_time(place: Town) -> None:
    ran: list[str] = []
    first = scheduler(place, "a")
    second = scheduler(place, "b")
    assert first.run_job(Job(name="x", run=lambda: ran.append("a")))
    assert not second.run_job(Job(name="x", run=lambda: ran.append("b")))
    place.clock.offset += timedelta(seconds=LEASE_S + 1)
    assert second.run_job(Job(name="x", run=lambda: ran.append("b")))
    assert not first.run_job(Job(name="x", run=lambda: ran.append("a")))
    assert ran == ["a", "b"]


@pytest.mark.parametrize("error", [PortalUnavailable("away"), StoreError("broken"), KeyError("unforeseen")])
def test_a_tick_that_fails_does_not_stop_the_next_one(place: Town, error: Exception) -> None:
    def fail() -> None:
        raise error

    one = scheduler(place, "a")
    assert not one.run_job(Job(name="bad", run=fail))
    assert one.run_job(Job(name="good", run=lambda: None))
