"""A handler of events on a real port, which remembers what was posted to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from b24flow.sandbox.wire import parse_query
from tests.sandbox.conftest import AppCaller, Box


@dataclass(slots=True, kw_only=True)
class Posted:
    """One request: where, which content type, the body as it came and as PHP reads it."""

    path: str
    kind: str
    body: str
    form: dict[str, Any]

    @property
    def event(self) -> str:
        return str(self.form["event"])


@dataclass(slots=True, kw_only=True)
class Listener:
    """What a handler heard; `reply` may do something before the answer and gives its status."""

    url: str
    posted: list[Posted] = field(default_factory=list)
    reply: Callable[[Posted], int] = lambda _: 200

    def events(self) -> list[str]:
        return [one.event for one in self.posted]

    def ids(self) -> list[str]:
        return [one.form["data"]["FIELDS"]["ID"] for one in self.posted]


@contextmanager
def listening() -> Iterator[Listener]:
    """Serve a handler until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            kind = self.headers["Content-Type"]
            one = Posted(path=self.path, kind=kind, body=body, form=parse_query(body))
            listener.posted.append(one)
            self.send_response(listener.reply(one))
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    listener = Listener(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def subscribe(app: AppCaller, listener: Listener, *events: str, path: str = "/", **given: Any) -> None:
    """Bind the listener to events."""
    for event in events:
        assert app.ok("event.bind", {"event": event, "handler": listener.url + path, **given}) is True


def flush(box: Box) -> None:
    """Wait until every letter has arrived."""
    assert box.control("events/flush", {"timeout": 10})["empty"]
