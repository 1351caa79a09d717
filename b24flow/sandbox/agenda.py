"""What is to happen later by the portal's clock: delayed deliveries and late executions.

The clock may be frozen, so a moment comes in two ways: real time passes, or somebody moves the
clock and says so (`run_due`), which makes tests of delays run without waiting.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from b24flow.sandbox.clock import VirtualClock

Action = Callable[[], object]


class Agenda:
    """Actions by their moments; a thread of its own exists only while something is planned."""

    def __init__(self, clock: Callable[[], VirtualClock]) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._plans: list[tuple[datetime, int, Action]] = []
        self._number = 0
        self._thread: threading.Thread | None = None

    def after(self, seconds: float, action: Action) -> None:
        """Run `action` when the portal's clock has passed `seconds` more."""
        clock = self._clock()
        with self._changed:
            self._number += 1
            heapq.heappush(self._plans, (clock.exact() + timedelta(seconds=seconds), self._number, action))
            if self._thread is None:
                self._thread = threading.Thread(target=self._wait, name="b24flow-sandbox-agenda", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def run_due(self) -> None:
        """Run what the clock has passed, in the order of the moments; returns when it is done."""
        while (action := self._take()) is not None:
            action()

    def clock_moved(self) -> None:
        """Run what became due with a moved clock and measure the waiting anew."""
        self.run_due()
        with self._changed:
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget what is planned."""
        with self._changed:
            self._plans.clear()
            self._changed.notify_all()

    def __len__(self) -> int:
        """Return how much is planned."""
        with self._changed:
            return len(self._plans)

    def _take(self) -> Action | None:
        with self._changed:
            if not self._plans or self._plans[0][0] > self._clock().exact():
                return None
            return heapq.heappop(self._plans)[2]

    def _wait(self) -> None:
        try:
            self._serve()
        finally:
            with self._changed:
                if self._thread is threading.current_thread():  # an action failed
                    self._thread = None

    def _serve(self) -> None:
        while True:
            self.run_due()
            with self._changed:
                if not self._plans:
                    self._thread = None
                    return
                clock = self._clock()
                left = (self._plans[0][0] - clock.exact()).total_seconds()
                if left > 0:
                    # A frozen clock passes nothing by itself: whoever moves it runs what is due.
                    self._changed.wait(None if clock.mode == "frozen" else left)
