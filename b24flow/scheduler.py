"""A table of ticks and their times; which process runs them is settled by a lease. No business words here.

Ticks are idempotent and carry no state: one that was missed is made up for by the next one. One process
at a time holds the lease, the others look whether it became free.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from b24flow.clock import Clock
from b24flow.errors import B24FlowError, PortalError, StoreError
from b24flow.log import get_logger
from b24flow.store import leases
from b24flow.store.engine import Database, retrying

log = get_logger(__name__)

LEASE = "scheduler"
LEASE_S = 90.0
_RENEW_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One tick: every `every`, or daily at `at` (hour, minute) of the zone; `first`: at the start too."""

    name: str
    run: Callable[[], None]
    every: timedelta | None = None
    at: tuple[int, int] = (0, 0)
    first: bool = False


class Scheduler:
    """Runs a table of jobs in threads of its own while it holds the lease."""

    def __init__(
        self, database: Database, jobs: Sequence[Job], *, zone: ZoneInfo, clock: Clock, owner: str
    ) -> None:
        self._database = database
        self.jobs = tuple(jobs)
        self._zone = zone
        self._clock = clock
        self._owner = owner
        self._epoch: int | None = None
        self._scheduler = BackgroundScheduler(
            timezone=zone, executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin; returns at once."""
        self._scheduler.add_job(self._keep, IntervalTrigger(seconds=_RENEW_S, timezone=UTC))
        for job in self.jobs:
            first = {"next_run_time": datetime.now(UTC)} if job.first else {}
            self._scheduler.add_job(self.run_job, self._trigger(job), args=[job], id=job.name, **first)
        self._scheduler.start()

    def stop(self) -> None:
        """Begin nothing more, wait for what runs, give the lease back."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        if self._epoch is not None:
            epoch, now = self._epoch, self._clock.now()
            retrying(self._database,
                     lambda unit: leases.release(unit, LEASE, self._owner, epoch, now))
            self._epoch = None

    def run_job(self, job: Job) -> bool:
        """Run a job now if the lease is ours; tell whether it ran to its end. Never raises."""
        try:
            if not self._renew():
                return False
            job.run()
        except PortalError as error:
            log.warning("tick_portal_failed", tick=job.name, code=error.code, method=error.method)
        except B24FlowError as error:
            # Texts for people may name people; the log has the code.
            log.warning("tick_failed", tick=job.name, code=error.code)
        except Exception:
            # A tick must not end the scheduler: the next one tries again.
            log.exception("tick_failed", tick=job.name)
        else:
            log.info("tick_done", tick=job.name)
            return True
        return False

    def _keep(self) -> None:
        try:
            self._renew()
        except StoreError as error:
            log.warning("scheduler_lease_failed", code=error.code)

    def _renew(self) -> bool:
        self._epoch = retrying(self._database, lambda unit: leases.acquire(
            unit, LEASE, self._owner, self._clock.now(), LEASE_S))
        return self._epoch is not None

    def _trigger(self, job: Job) -> CronTrigger | IntervalTrigger:
        if job.every is not None:
            return IntervalTrigger(seconds=int(job.every.total_seconds()), timezone=UTC)
        hour, minute = job.at
        return CronTrigger(hour=hour, minute=minute, timezone=self._zone)
