"""The installed program as its operator runs it: a process, its data folder, its HTTP API.

It speaks to the sandbox of the session over real HTTP and is killed and started again like a process of a
machine that loses power.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url

from b24flow.sandbox.server import SandboxServer
from b24flow.services.tickets import Tickets
from tests.databases import created

SECRET = "acceptance-signing-key-0123456789"
BOT_TOKEN = "acceptance-bot-token"
CLERK, CHAIR, DEPUTY, WAGES, HEAD, SPECIALIST = 6, 2, 3, 9, 11, 17
PATIENCE_S = 60.0
"""How long something may take that takes a second or two on an idle machine."""

Json = dict[str, Any]


def environment(webhook_url: str, data: Path, **more: str) -> dict[str, str]:
    """Return the environment of a process: the machine's, none of our variables but the given ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("B24FLOW_")}
    return kept | {
        "B24FLOW_WEBHOOK_URL": webhook_url, "B24FLOW_DATA_DIR": str(data), "B24FLOW_SECRET": SECRET,
        "B24FLOW_BOT_TOKEN": BOT_TOKEN, "B24FLOW_SETTLE_SECONDS": "0", "B24FLOW_POLL_SECONDS": "0.2",
        "PYTHONWARNINGS": "error", **more,
    }


def command(env: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "b24flow", *args], env=env, capture_output=True, text=True,
        timeout=PATIENCE_S, check=False, stdin=subprocess.DEVNULL,
    )


class Gone(Exception):
    """The process ended while it was being talked to."""


@dataclass
class Service:
    """A long-running command as a process; `lines` is everything it ever wrote to standard error."""

    sandbox: SandboxServer
    data: Path
    extra: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    port: int = 0

    def start(self) -> None:
        """Start the process and wait until it is ready; raises Gone when it died first."""
        self.launch()
        self.ready()

    def launch(self, failpoint: str = "", *, args: tuple[str, ...] = ("run",)) -> None:
        """Start the process."""
        self.port = free_port()
        env = environment(self.sandbox.webhook_url, self.data, B24FLOW_PORT=str(self.port), **self.extra)
        if failpoint:
            env["B24FLOW_FAILPOINT"] = failpoint
        self.process = subprocess.Popen(
            [sys.executable, "-m", "b24flow", *args], env=env, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self.process, self._ready))
        self._reader.start()

    def ready(self) -> None:
        """Wait until the process says that it is ready; raises Gone when it died first."""
        assert self._ready.wait(PATIENCE_S), self.lines
        if self.died():
            raise Gone

    def died(self) -> bool:
        """Tell whether the process has ended."""
        return self.process is None or self.process.poll() is not None

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait for the end and return the exit code."""
        assert self.process is not None
        if not self.died():
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return code

    def get(self, path: str, user: int) -> Json:
        """Read something as a person."""
        return self._ask("GET", path, user)

    def post(self, path: str, user: int, body: Json, *, file: str = "") -> Json:
        """Do something as a person; with the name of a field in `file` a letter goes along."""
        if not file:
            return self._ask("POST", path, user, json=body)
        parts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in body.items()}
        letter = {file: ("Письмо.pdf", b"%PDF-1.4 letter", "application/pdf")}
        return self._ask("POST", path, user, data=parts, files=letter)

    def settled(self) -> None:
        """Wait until nothing waits for the portal; raises Gone when the process ends meanwhile."""
        deadline = time.monotonic() + PATIENCE_S
        waiting: Json = {}
        while time.monotonic() < deadline:
            waiting = self._ask("GET", "/readyz", CLERK)["outbox"]
            if not {"available", "running", "in_doubt"} & waiting.keys():
                return
            threading.Event().wait(0.02)
        raise AssertionError(f"still waiting for the portal: {waiting} {self.lines[-5:]}")

    def passed(self) -> None:
        """Wait until the process has polled at least once more; raises Gone when it ends meanwhile."""
        seen = len(self.sandbox_calls())
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.died():
                raise Gone
            if len(self.sandbox_calls()) > seen:
                return
            threading.Event().wait(0.02)
        raise AssertionError("the service does not poll")

    def sandbox_calls(self) -> list[Json]:
        """Return the REST calls the sandbox received."""
        found: list[Json] = control(self.sandbox, "calls")
        return found

    def _ask(self, method: str, path: str, user: int, **more: Any) -> Json:
        until = datetime.now(UTC) + timedelta(hours=1)
        headers = {"Authorization": f"Bearer {Tickets(SECRET).issue('api', user, until)}"}
        try:
            answer = httpx.request(method, f"http://127.0.0.1:{self.port}{path}", headers=headers,
                                   timeout=PATIENCE_S, trust_env=False, **more)
        except httpx.TransportError:
            assert self.process is not None
            self.process.wait(PATIENCE_S)
            raise Gone from None
        assert answer.status_code < 400, answer.text
        found: Json = answer.json()
        return found

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stderr is not None
        with process.stderr as stream:
            for line in stream:
                self.lines.append(line)
                if line.startswith("Готово"):
                    ready.set()
        process.wait(PATIENCE_S)
        ready.set()


def control(sandbox: SandboxServer, path: str, body: Json | None = None) -> Any:
    """Ask the control interface of the sandbox."""
    url = f"{sandbox.url}/_sandbox/{path}"
    answer = httpx.get(url, trust_env=False) if body is None else httpx.post(url, json=body, trust_env=False)
    answer.raise_for_status()
    return answer.json()


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Prepared:
    """A portal that was set up, and the data folder that belongs to it; copied for every test."""

    sandbox: SandboxServer
    snapshot: str
    data: Path
    postgres: str = ""
    """The URL of the PostgreSQL database that was set up, when it is not in the data folder."""

    @contextmanager
    def service(self, folder: Path, **extra: str) -> Iterator[Service]:
        """Give a service that is not running yet on a fresh copy of everything."""
        control(self.sandbox, "restore", {"id": self.snapshot})
        shutil.copytree(self.data, folder / "data")
        with self._database() as url:
            database = {"B24FLOW_DATABASE_URL": url} if url else {}
            service = Service(self.sandbox, folder / "data", {**extra, **database})
            try:
                yield service
                assert control(self.sandbox, "unhandled") == []
            finally:
                if service.process is not None:
                    service.stop(signal.SIGKILL)

    def _database(self) -> AbstractContextManager[str]:
        if not self.postgres:
            return nullcontext("")
        url = make_url(self.postgres)
        server = url.set(database="postgres").render_as_string(hide_password=False)
        return created(server, str(url.database))


def prepare(sandbox: SandboxServer, data: Path, postgres: str = "") -> Prepared:
    """Set the portal up with the real command, on SQLite or on an empty PostgreSQL database."""
    control(sandbox, "reset", {})
    extra = {"B24FLOW_DATABASE_URL": postgres} if postgres else {}
    for said in ((("db", "upgrade"),) if postgres else ()) + (("portal", "apply"),):
        done = command(environment(sandbox.webhook_url, data, **extra), *said)
        assert done.returncode == 0, done.stderr
    return Prepared(sandbox, control(sandbox, "snapshot", {})["id"], data, postgres)


def step_id(name: str) -> str:
    """Return the same command id for the same step in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def registration(today: str) -> Json:
    """Return the clerk's request: a letter for the chair."""
    return {
        "process": "incoming", "action": "register", "command_id": step_id("register"),
        "form": {"correspondent": "Министерство здравоохранения области", "received_on": today,
                 "title": "О мерах поддержки", "kind": "ministry", "reviewers": [str(CHAIR)]},
    }


def picture(service: Service, uuid_: str) -> Json:
    """Return everything that two equal runs must agree on: the document and the portal's objects."""
    view = service.get(f"/api/documents/{uuid_}", CHAIR)
    document = {key: view[key] for key in ("number", "title", "version", "term", "changed_term", "card")}
    document["state"] = view["state"]["code"]
    document["labels"] = [one["label"] for one in view["history"]]
    document["branches"] = [(one["executor"], one["state"], one["term"]) for one in view["branches"]]
    kinds = ("items", "tasks", "messages", "files")
    state = {what: control(service.sandbox, f"state/{what}") for what in kinds}
    own = [one for one in state["items"] if one.get("xmlId")]
    return {
        "document": document,
        "items": [(one["xmlId"], one["title"], one["stageId"], one["assignedById"]) for one in own],
        "tasks": [(one["xml_id"], one["title"], one["status"], one["responsible_id"], one["created_by"],
                   one["deadline"]) for one in state["tasks"]],
        "messages": sorted((str(one["members"]), _steady(one["text"]), _labels(one["keyboard"]))
                           for one in state["messages"] if not one["deleted"]),
        "files": sorted(one["path"] for one in state["files"]),
    }


def _steady(text: str) -> str:
    """Leave out what depends on the minute: personal tickets and times of day."""
    return re.sub(r"\d\d:\d\d", "", re.sub(r"([?&]k=)[\w.-]+", r"\1", text))


def _labels(keyboard: Any) -> str:
    return ", ".join(re.findall(r"'text': '([^']*)'", str(keyboard), re.IGNORECASE))
