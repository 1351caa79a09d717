"""Faults that tests order: the n-th call of a method is lost, late, cut or refused.

A fault may name a method inside a batch: the HTTP request that carries it is the one hit, because
that is what breaks on a real network. Instead of the n-th call a share of the calls may be hit, by
a seeded draw that is the same from run to run.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any

ACTIONS = ("drop", "exec_then_lose", "delay", "late", "status", "error", "truncated", "ignore_filter",
           "revoke")  # fmt: skip
UNEXECUTED = frozenset({"drop", "late", "status", "error"})
LOST = frozenset({"drop", "exec_then_lose", "late"})
ERRORS: dict[str, tuple[int, str]] = {
    "QUERY_LIMIT_EXCEEDED": (503, "Too many requests"),
    "OVERLOAD_LIMIT": (503, "REST API is blocked due to overload."),
    "OPERATION_TIME_LIMIT": (429, "Method is blocked due to operation time limit."),
    "INTERNAL_SERVER_ERROR": (500, "Internal server error"),
    "ERROR_UNEXPECTED_ANSWER": (500, "Server returned an unexpected response"),
    "PORTAL_DELETED": (403, "Portal was deleted"),
    "CONNECTION_ERROR": (401, "Error connecting to authorization server"),
    "INVALID_CREDENTIALS": (401, "Invalid request credentials"),
    "expired_token": (401, "The access token provided has expired."),
    "user_access_error": (401, "The user does not have access to the application."),
    "insufficient_scope": (401, "The request requires higher privileges than provided by the webhook token"),
    "ACCESS_DENIED": (403, "Access denied!"),
    "ERROR_CORE": (400, "Internal error"),
}
_STATUSES = {503: "QUERY_LIMIT_EXCEEDED", 429: "OPERATION_TIME_LIMIT"}


def drawn(seed: int, number: int, rate: float) -> bool:
    """Draw a lot for the n-th occurrence; the same seed always draws the same."""
    digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < rate * 2**64


@dataclass(slots=True, kw_only=True)
class Fault:
    """An ordered fault. `count` 0 means until it is cleared; `seen` counts the occurrences.

    - `drop`: the connection is closed before anything is executed;
    - `exec_then_lose`: everything is executed, then the connection is closed without an answer;
    - `delay`: the request waits `seconds`, then is executed even if the client has gone;
    - `late`: the connection is closed at once, the request is executed when the portal's clock has
      passed `seconds`; with `body` `html` or `json` the client gets `status` (504) instead;
    - `status`: nothing is executed, the web server answers `status` with a JSON or HTML body;
    - `error`: nothing is executed, the portal refuses with the documented `code`;
    - `truncated`: everything is executed, the JSON of the answer breaks off in the middle;
    - `ignore_filter`: a list is executed as if it were given no filter;
    - `revoke`: from this call on the caller lacks the scope `what`; `admin` in place of a scope
      takes the administrator's rights away, `auth` the whole webhook or token.

    With `rate` every occurrence from the `nth` on is hit with that probability, drawn by `seed`.
    """

    id: int
    method: str
    action: str
    nth: int = 1
    count: int = 1
    status: int = 0
    body: str = ""
    code: str = ""
    what: str = ""
    seconds: float = 0.0
    rate: float = 0.0
    seed: int = 0
    seen: int = 0
    fired: int = 0
    callers: set[str] = field(default_factory=set)

    def note(self, methods: list[str]) -> bool:
        """Count the occurrences in one HTTP request and say whether the request is hit."""
        wanted = self.method.lower()
        occurrences = 1 if wanted == "*" else sum(name == wanted for name in methods)
        numbers = range(self.seen + 1, self.seen + occurrences + 1)
        self.seen += occurrences
        hit = any(self._is_hit(number) for number in numbers)
        self.fired += hit
        return hit

    def _is_hit(self, number: int) -> bool:
        if number < self.nth or (self.count and number >= self.nth + self.count):
            return False
        return not self.rate or drawn(self.seed, number, self.rate)

    def answer(self) -> tuple[int, dict[str, str]]:
        """Return the status and the JSON body of a fault that answers by itself."""
        if self.action == "error":
            status, text = ERRORS.get(self.code, (400, "Error"))
            return self.status or status, {"error": self.code, "error_description": text}
        code = _STATUSES.get(self.status, "INTERNAL_SERVER_ERROR")
        return self.status, {"error": code, "error_description": "Internal server error"}

    def row(self) -> dict[str, Any]:
        """Return the fault as it is shown."""
        shown = asdict(self)
        return shown | {"callers": len(shown.pop("callers"))}  # their names are secrets


_TEXTS = ("method", "event", "body", "code", "what")
_WHOLE = ("nth", "count", "status", "seed")
_LIMITS: dict[str, tuple[float, float]] = {
    "nth": (1, 10**9), "count": (0, 10**9), "status": (200, 599), "seed": (-(10**18), 10**18),
    "seconds": (0, 10**8), "rate": (0, 1),
}  # fmt: skip
_CALL_KEYS = frozenset({"method", "action", "body", "code", "what", *_LIMITS})
_EVENT_KEYS = frozenset({"event", "action", *_LIMITS} - {"status"})


def _check_keys(order: dict[str, Any], known: frozenset[str], actions: tuple[str, ...]) -> None:
    if order.keys() - known:
        raise ValueError(f"unknown keys: {sorted(order.keys() - known)}")
    if order.get("action") not in actions:
        raise ValueError(f"action must be one of {actions}")
    for key, value in order.items():
        if key in _TEXTS and not isinstance(value, str):
            raise ValueError(f"{key}: a text is expected")
        if key in _LIMITS:
            (low, high), given = _LIMITS[key], value
            number = isinstance(value, int if key in _WHOLE else (int, float)) and not isinstance(value, bool)
            if not number or not low <= given <= high:
                raise ValueError(f"{key}: a number from {low} to {high} is expected")


def _check(order: dict[str, Any]) -> None:
    _check_keys(order, _CALL_KEYS, ACTIONS)
    action = order["action"]
    if order.get("body", "json") not in ("json", "html"):
        raise ValueError("body must be json or html")
    if action == "error" and order.get("code") not in ERRORS and "status" not in order:
        raise ValueError(f"code must be one of {sorted(ERRORS)}, or have a status")
    if action == "revoke" and not order.get("what"):
        raise ValueError("what must be a scope, admin or auth")


class FaultPlan:
    """The ordered faults of a sandbox."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last_id = 0

    def add(self, order: dict[str, Any]) -> Fault:
        """Order a fault; ValueError says what is wrong with the order."""
        _check(order)
        self._last_id += 1
        given = {"method": "*", **order}
        if "rate" in order or order["action"] == "revoke":
            given.setdefault("count", 0)
        if order["action"] == "status":
            given.setdefault("status", 503)
        if order["action"] == "late" and "body" in order:
            given.setdefault("status", 504)
        fault = Fault(id=self._last_id, **given)
        self._faults.append(fault)
        return fault

    def hit(self, methods: list[str], caller: str = "") -> Fault | None:
        """Count one HTTP request and return the fault that hits it, the oldest first.

        `caller` names the webhook or the token; what is revoked is revoked for it alone.
        """
        hits = []
        for fault in self._faults:
            if not fault.note(methods):
                continue
            if fault.action == "revoke":
                fault.callers.add(caller)
            else:
                hits.append(fault)
        return hits[0] if hits else None

    def revoked(self, caller: str) -> set[str]:
        """Return what was taken from a caller: scopes, `admin`, `auth`."""
        return {fault.what for fault in self._faults if caller in fault.callers}

    def clear(self, fault_id: int | None = None) -> None:
        """Forget one fault, or all of them."""
        self._faults = [f for f in self._faults if fault_id is not None and f.id != fault_id]

    def rows(self) -> list[dict[str, Any]]:
        """Return the ordered faults with their counters."""
        return [fault.row() for fault in self._faults]


EVENT_ACTIONS = ("lose", "duplicate", "reorder", "delay")


@dataclass(slots=True, kw_only=True)
class EventFault:
    """A fault of the queue between the portal and a handler.

    - `lose`: the letter disappears; `duplicate`: it arrives twice;
    - `reorder`: it arrives after the next one; `delay`: after `seconds` of the portal's clock.

    `event` is a name or `*`; `nth`, `count`, `rate` and `seed` are as of a fault of calls.
    """

    id: int
    event: str = "*"
    action: str
    nth: int = 1
    count: int = 1
    seconds: float = 0.0
    rate: float = 0.0
    seed: int = 0
    seen: int = 0
    fired: int = 0

    def note(self, event: str) -> bool:
        """Count a letter and say whether it is hit."""
        if self.event not in ("*", event):
            return False
        self.seen += 1
        hit = self.seen >= self.nth and (not self.count or self.seen < self.nth + self.count)
        hit = hit and (not self.rate or drawn(self.seed, self.seen, self.rate))
        self.fired += hit
        return hit


class EventFaultPlan:
    """The ordered faults of the event queue."""

    def __init__(self) -> None:
        self._faults: list[EventFault] = []
        self._last_id = 0

    def add(self, order: dict[str, Any]) -> EventFault:
        """Order a fault; ValueError says what is wrong with the order."""
        _check_keys(order, _EVENT_KEYS, EVENT_ACTIONS)
        self._last_id += 1
        given = {"count": 0, **order} if "rate" in order else order
        given = {**given, "event": str(given.get("event", "*")).upper()}
        fault = EventFault(id=self._last_id, **given)
        self._faults.append(fault)
        return fault

    def hit(self, event: str) -> EventFault | None:
        """Count one letter and return the fault that hits it, the oldest first."""
        hits = [fault for fault in self._faults if fault.note(event)]
        return hits[0] if hits else None

    def clear(self, fault_id: int | None = None) -> None:
        """Forget one fault, or all of them."""
        self._faults = [f for f in self._faults if fault_id is not None and f.id != fault_id]

    def rows(self) -> list[dict[str, Any]]:
        """Return the ordered faults with their counters."""
        return [asdict(fault) for fault in self._faults]
