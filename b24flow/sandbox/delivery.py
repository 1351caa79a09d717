"""The way out: events, bot messages and installations posted to their handlers.

A box hands its events to a queue after the answer has left, and the queue calls the handler once:
there are no retries (api-reference/events/index.md). Here a background thread per handler's host
does that, so a slow handler holds up neither the portal nor other handlers. Every letter leaves a
row that tests can read.
"""

from __future__ import annotations

import threading
from collections import deque
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote_plus, urlsplit

from b24flow.sandbox.agenda import Agenda
from b24flow.sandbox.clock import iso
from b24flow.sandbox.faults import EventFault, EventFaultPlan
from b24flow.sandbox.model.hit import Letter
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Json

TIMEOUT = 10.0  # seconds
KEPT = 10_000  # rows
_QUEUED, _DELAYED, _HELD, _LOST, _SENT, _FAILED = "queued", "delayed", "held", "lost", "sent", "failed"


def enqueue(portal: Portal, url: str, fields: dict[str, Any]) -> None:
    """Post a form to a handler after this hit has ended and was kept; PHP notation, no retries.

    Nothing is sent while a data file is read back.
    """
    portal.hit.letters.append(Letter(url=url, fields=fields))


def encode(fields: dict[str, Any]) -> str:
    """Write a nested map as PHP's http_build_query does: nulls and empty arrays vanish."""
    pairs = (pair for name, value in fields.items() for pair in _pairs(str(name), value))
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)


def _pairs(name: str, value: Json) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key, item in value.items() for pair in _pairs(f"{name}[{key}]", item)]
    if isinstance(value, list | tuple):
        return [pair for key, item in enumerate(value) for pair in _pairs(f"{name}[{key}]", item)]
    if value is None:
        return []
    return [(name, str(int(value)) if isinstance(value, bool) else str(value))]


_Posted = tuple[Letter, dict[str, Any]]


class Courier:
    """Sends one portal's letters; letters to one host go one after another."""

    def __init__(self, portal: Portal, agenda: Agenda, faults: EventFaultPlan) -> None:
        self._portal = portal
        self._agenda = agenda
        self._faults = faults
        self._held: list[_Posted] = []
        self._changed = threading.Condition()
        self._waiting: dict[str, deque[_Posted]] = {}
        self._rows: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._number = 0
        self._closed = False

    def take(self, letters: list[Letter]) -> None:
        """Take letters over; returns at once."""
        for letter in letters:
            row = self._note(letter)
            held, self._held = self._held, []
            self._dispatch(letter, row, self._faults.hit(row["event"]))
            for one, its in held:  # what was to arrive later than the next one
                self._queue(one, its)

    def _dispatch(self, letter: Letter, row: dict[str, Any], fault: EventFault | None) -> None:
        action = row["fault"] = fault.action if fault is not None else None
        if action == "lose":
            row["status"] = _LOST
        elif action == "reorder":
            row["status"] = _HELD
            self._held.append((letter, row))
        elif fault is not None and action == "delay":
            row["status"] = _DELAYED
            self._agenda.after(fault.seconds, partial(self._queue, letter, row))
        else:
            self._queue(letter, row)
        if action == "duplicate":
            second = self._note(letter)
            second["fault"] = action
            self._queue(letter, second)

    def rows(self) -> list[dict[str, Any]]:
        """Return what was sent or waits, the oldest first."""
        with self._changed:
            return [dict(row) for row in self._rows]

    def flush(self, timeout: float) -> bool:
        """Wait until nothing waits to be sent; False in vain.

        What is delayed does not count; what waits for a next letter that did not come is sent.
        """
        held, self._held = self._held, []
        for letter, row in held:
            self._queue(letter, row)
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, timeout)

    def forget(self) -> None:
        """Drop what waits and the rows about the past; a letter on its way arrives."""
        with self._changed:
            for queue in self._waiting.values():
                queue.clear()
            self._held.clear()
            self._rows.clear()

    def close(self) -> None:
        """Send nothing more."""
        self.forget()
        with self._changed:
            self._closed = True

    def _note(self, letter: Letter) -> dict[str, Any]:
        with self._changed:
            self._number += 1
            row = {
                "id": self._number,
                "event": str(letter.fields.get("event", "")),
                "handler_id": str(letter.fields.get("event_handler_id", "")),
                "url": letter.url,
                "status": _QUEUED,
                "http_status": None,
                "error": None,
                "fault": None,
                "queued": iso(self._portal.clock.now()),
                "sent": None,
                "data": letter.fields.get("data"),
            }
            self._rows.append(row)
            return row

    def _queue(self, letter: Letter, row: dict[str, Any]) -> None:
        host = "{0.scheme}://{0.netloc}".format(urlsplit(letter.url))
        with self._changed:
            if self._closed:
                return
            row["status"] = _QUEUED
            if host in self._waiting:
                self._waiting[host].append((letter, row))
                return
            self._waiting[host] = deque([(letter, row)])
        threading.Thread(
            target=self._drain, args=(host,), name="b24flow-sandbox-courier", daemon=True
        ).start()

    def _drain(self, host: str) -> None:
        while True:
            with self._changed:
                queue = self._waiting[host]
                if not queue:
                    del self._waiting[host]
                    self._changed.notify_all()
                    return
                letter, row = queue.popleft()
            self._send(letter, row)

    def _send(self, letter: Letter, row: dict[str, Any]) -> None:
        outcome: dict[str, Any]
        try:
            outcome = {"status": _SENT, "http_status": _post(letter.url, encode(letter.fields))}
        except (OSError, HTTPException, ValueError) as error:
            outcome = {"status": _FAILED, "error": f"{type(error).__name__}: {error}"}
        with self._changed:
            row.update(outcome, sent=iso(self._portal.clock.now()))


def _post(url: str, body: str) -> int:
    """Post a form and return the status; a redirection is an answer, no proxy is asked.

    Raises OSError, HTTPException, and ValueError for an address that is none.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"no address of a handler: {url}")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=TIMEOUT)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
        connection.request("POST", path, body.encode(), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
