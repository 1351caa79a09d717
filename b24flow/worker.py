"""The loops between us and the portal, and from us to the mail server. No business words here.

It wakes at once when something was done in this process, otherwise by the poll's rhythm. What goes wrong is
logged and tried again later, longer each time; nothing is lost, because everything waits in the database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from b24flow.core.ports import Mailer
from b24flow.core.projection import Portal
from b24flow.errors import PortalError, StoreError
from b24flow.log import get_logger
from b24flow.services.dispatch import Pace, Report, drain
from b24flow.services.inbound import BotHandler, Tick, tick
from b24flow.services.office import Office
from b24flow.services.post import deliver_one
from b24flow.store import incidents, outbox
from b24flow.store.engine import retrying

log = get_logger(__name__)

BACKOFF_S = (1.0, 2.0, 5.0, 15.0, 30.0)
"""Pauses after 1, 2, … failed turns in a row; the last one holds."""

_MOST_TURNS = 200


class Wake:
    """A door bell between the threads of a process: whoever did something rings, the loop looks."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._others: list[Wake] = []

    def another(self) -> Wake:
        """Return the bell of another loop, which is heard whenever this one rings."""
        made = Wake()
        self._others.append(made)
        return made

    def ring(self) -> None:
        """Make the loop look at once."""
        self._event.set()
        for one in self._others:
            one.ring()

    def wait(self, seconds: float) -> None:
        """Wait for a ring, `seconds` at most; rings before the call count too."""
        self._event.wait(max(0.0, seconds))
        self._event.clear()


@dataclass(slots=True, kw_only=True)
class Turn:
    """What one turn of the loop did."""

    sent: Report
    seen: Tick | None

    @property
    def idle(self) -> bool:
        """Whether nothing at all happened."""
        seen = self.seen
        return not self.sent.rounds and (seen is None or not (
            seen.events or seen.facts or seen.put_back or seen.ignored))


class Worker:
    """Sends what waits and reads what came, until told to stop.

    `owner` names the holder of leases. `alone` promises that no other live process uses this name: rows
    that a dead predecessor held are then taken over at once instead of when their lease runs out.
    """

    def __init__(
        self, office: Office, portal: Portal, handle_bot: Callable[[Office, Mapping[str, Any]], None],
        *, pace: Pace, poll_seconds: float, owner: str, alone: bool = False, wake: Wake | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._office = office
        self._portal = portal
        self._handle: BotHandler = guarded(handle_bot)
        self._pace = pace
        self._poll_s = poll_seconds
        self._owner = owner
        self._alone = alone
        self._wake = wake or Wake()
        self._monotonic = monotonic
        self._next_poll = 0.0
        self._failures = 0

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set (ring the wake too, to be heard at once); never raises."""
        log.info("worker_started", owner=self._owner)
        while not stop.is_set():
            pause = self._guarded_turn()
            if not stop.is_set():
                self._wake.wait(pause)
        log.info("worker_stopped", owner=self._owner)

    def run_until_idle(self) -> None:
        """Send and read until nothing more happens; what waits for its time stays.

        Raises PortalError when reading fails several times in a row, StoreError when the turns
        never end.
        """
        self._take_over()
        for _ in range(_MOST_TURNS):
            try:
                turn = self._turn(poll=True)
            except PortalError:
                self._failures += 1
                if self._failures > len(BACKOFF_S):
                    raise
                continue
            self._failures = 0
            if turn.idle:
                return
        raise StoreError(f"Обмен с порталом не успокоился за {_MOST_TURNS} оборотов")

    def _guarded_turn(self) -> float:
        """Do one turn and return how long to wait for the next one."""
        try:
            self._take_over()
            self._report(self._turn(poll=self._monotonic() >= self._next_poll))
        except PortalError as error:
            log.warning("worker_portal_failed", code=error.code, method=error.method,
                        failures=self._failures + 1)
        except Exception:
            # The loop outlives any error: whatever failed is still in the database.
            log.exception("worker_turn_failed", failures=self._failures + 1)
        else:
            self._failures = 0
            return max(0.0, self._next_poll - self._monotonic())
        pause = max(self._poll_s, BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)])
        self._failures += 1
        # Sending goes on when somebody rings; only reading waits for the whole pause.
        self._next_poll = self._monotonic() + pause
        return pause

    def _turn(self, *, poll: bool) -> Turn:
        sent = self._drain()
        seen = None
        if poll:
            seen = tick(self._office, self._portal, self._handle)
            self._next_poll = self._monotonic() + self._poll_s
            more = self._drain()
            sent = Report(
                rounds=sent.rounds + more.rounds, completed=sent.completed + more.completed,
                refused=sent.refused + more.refused, waiting=sent.waiting + more.waiting,
            )
        return Turn(sent=sent, seen=seen)

    def _drain(self) -> Report:
        return drain(self._office, self._portal, owner=self._owner, pace=self._pace)

    def _take_over(self) -> None:
        """End the leases that a dead process of this name left behind; once."""
        if not self._alone:
            return
        take_over(self._office, self._owner)
        self._alone = False

    def _report(self, turn: Turn) -> None:
        seen = turn.seen or Tick()
        write = log.debug if turn.idle else log.info
        write("worker_turned", rounds=turn.sent.rounds, completed=turn.sent.completed,
              refused=turn.sent.refused, waiting=turn.sent.waiting, polled=turn.seen is not None,
              events=seen.events, facts=seen.facts, put_back=seen.put_back)


class Postman:
    """Carries letters to the mail server, until told to stop: a loop of its own, so that neither a slow mail
    server nor a slow portal is ever waited for by the other.

    `owner` and `alone` mean the same as for the worker, under another name.
    """

    def __init__(
        self, office: Office, mailer: Mailer, *, owner: str, poll_seconds: float, wake: Wake,
        alone: bool = False,
    ) -> None:
        self._office = office
        self._mailer = mailer
        self._owner = owner
        self._poll_s = poll_seconds
        self._wake = wake
        self._alone = alone

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set (ring the wake too, to be heard at once); never raises."""
        while not stop.is_set():
            try:
                if self._alone:
                    take_over(self._office, self._owner)
                    self._alone = False
                while not stop.is_set() and deliver_one(self._office, self._mailer, owner=self._owner):
                    pass
            except Exception:
                # The loop outlives any error: whatever failed is still in the database.
                log.exception("postman_failed")
            if not stop.is_set():
                self._wake.wait(self._poll_s)


def take_over(office: Office, owner: str) -> None:
    """End the leases that a dead process of this name left behind."""
    with office.database.reading() as unit:
        left = [
            row for row in outbox.listing(unit, states=("running",), limit=10_000) if row.leased_by == owner
        ]
    if left:
        now = office.clock.now()
        with office.database.transaction() as unit:
            for row in left:
                outbox.renew(unit, row, now, 0)
        log.info("worker_took_over", rows=len(left))


def guarded(handle: Callable[[Office, Mapping[str, Any]], None]) -> BotHandler:
    """Return a handler whose programming errors become an incident instead of blocking all events.

    A database that cannot be used still raises: the event is then handled again later.
    """

    def receive(office: Office, raw: Mapping[str, Any]) -> None:
        try:
            handle(office, raw)
        except StoreError:
            raise
        except Exception:
            # One event nobody can handle must not stop the events of everybody else.
            event = str(raw.get("eventId") or "")[:40]
            log.exception("bot_event_failed", event_id=event)
            retrying(office.database, lambda unit: incidents.open(
                unit, f"bot:{event}", "bot", f"Событие бота № {event} не обработано: ошибка программы",
                office.clock.now()))

    return receive
