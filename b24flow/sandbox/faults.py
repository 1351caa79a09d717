"""Faults that tests order: the n-th call of a method is lost, delayed or answered by the server.

A fault may name a method inside a batch: the HTTP request that carries it is the one hit, because
that is what breaks on a real network.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

ACTIONS = ("drop", "exec_then_lose", "delay", "status")


@dataclass(slots=True, kw_only=True)
class Fault:
    """An ordered fault. `count` 0 means until it is cleared; `seen` counts the occurrences.

    - `drop`: the connection is closed before anything is executed;
    - `exec_then_lose`: everything is executed, then the connection is closed without an answer;
    - `delay`: the request waits `seconds`, then is executed even if the client has gone;
    - `status`: nothing is executed, the web server answers `status` with a JSON or HTML body.
    """

    id: int
    method: str
    action: str
    nth: int = 1
    count: int = 1
    status: int = 503
    body: str = "json"
    seconds: float = 0.0
    seen: int = 0
    fired: int = 0

    def note(self, methods: list[str]) -> bool:
        """Count the occurrences in one HTTP request and say whether the request is hit."""
        wanted = self.method.lower()
        occurrences = 1 if wanted == "*" else sum(name == wanted for name in methods)
        first, last = self.seen + 1, self.seen + occurrences
        self.seen = last
        if not occurrences or last < self.nth:
            return False
        hit = self.count == 0 or first < self.nth + self.count
        self.fired += hit
        return hit


class FaultPlan:
    """The ordered faults of a sandbox."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last_id = 0

    def add(self, order: dict[str, Any]) -> Fault:
        """Order a fault; ValueError says what is wrong with the order."""
        known = {"method", "action", "nth", "count", "status", "body", "seconds"}
        if set(order) - known:
            raise ValueError(f"unknown keys: {sorted(set(order) - known)}")
        if order.get("action") not in ACTIONS:
            raise ValueError(f"action must be one of {ACTIONS}")
        self._last_id += 1
        fault = Fault(id=self._last_id, **{"method": "*", **order})
        self._faults.append(fault)
        return fault

    def hit(self, methods: list[str]) -> Fault | None:
        """Count one HTTP request and return the fault that hits it, the oldest first."""
        hits = [fault for fault in self._faults if fault.note(methods)]
        return hits[0] if hits else None

    def clear(self, fault_id: int | None = None) -> None:
        """Forget one fault, or all of them."""
        self._faults = [f for f in self._faults if fault_id is not None and f.id != fault_id]

    def rows(self) -> list[dict[str, Any]]:
        """Return the ordered faults with their counters."""
        return [asdict(fault) for fault in self._faults]
