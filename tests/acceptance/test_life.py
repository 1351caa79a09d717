"""The service as a process: it starts, says so, and ends when it is told to."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.acceptance.service import (
    CHAIR,
    CLERK,
    Prepared,
    Service,
    command,
    control,
    environment,
    free_port,
    registration,
)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_and_ends_cleanly(prepared: Prepared, tmp_path: Path, number: int) -> None:
    with prepared.service(tmp_path) as service:
        service.start()
        assert service.get("/readyz", CHAIR)["ok"] is True
        began = time.monotonic()
        assert service.stop(number) == 0
        assert time.monotonic() - began < 10
        text = "".join(service.lines)
        assert "Traceback" not in text
        assert service.lines[-1] == "Остановлено.\n"


def test_a_second_one_on_the_same_folder_is_refused(prepared: Prepared, tmp_path: Path) -> None:
    with prepared.service(tmp_path) as service:
        service.start()
        env = environment(prepared.sandbox.webhook_url, service.data, B24FLOW_PORT=str(service.port))
        second = command(env, "run")
        assert second.returncode == 1
        assert "уже работает" in second.stderr
        assert service.get("/readyz", CHAIR)["ok"] is True


def test_an_unprepared_portal_is_said_at_once(prepared: Prepared, tmp_path: Path) -> None:
    done = command(environment(prepared.sandbox.webhook_url, tmp_path / "data"), "run")
    assert done.returncode == 1
    assert "portal apply" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_portal_is_not_written_to(prepared: Prepared, tmp_path: Path) -> None:
    with prepared.service(tmp_path) as service:
        elsewhere = prepared.sandbox.webhook_url.replace("127.0.0.1", "localhost")
        done = command(environment(elsewhere, service.data), "run")
        assert done.returncode == 1
        assert "portal apply" in done.stderr


def test_one_command_prepares_everything(prepared: Prepared, tmp_path: Path) -> None:
    with prepared.service(tmp_path) as service:
        shutil.rmtree(service.data)
        service.launch(args=("run", "--apply"))
        service.ready()
        assert service.get("/api/work", CHAIR) == {"work": []}
        assert service.stop() == 0


@pytest.mark.parametrize("role", ["serve", "worker", "scheduler"])
def test_every_role_runs_alone(prepared: Prepared, tmp_path: Path, role: str) -> None:
    with prepared.service(tmp_path) as service:
        service.launch(args=(role,))
        service.ready()
        if role == "worker":
            service.passed()
        if role == "serve":
            assert service.get("/api/work", CHAIR) == {"work": []}
        assert service.stop() == 0
        assert service.lines[-1] == "Остановлено.\n"


def test_roles_of_one_installation_work_together(prepared: Prepared, tmp_path: Path) -> None:
    """A letter registered by one process reaches the portal through another one."""
    with prepared.service(tmp_path) as pages:
        pages.launch(args=("serve",))
        pages.ready()
        worker = Service(prepared.sandbox, pages.data)
        worker.launch(args=("worker",))
        try:
            worker.ready()
            asked = registration(datetime.now(ZoneInfo("Europe/Moscow")).date().isoformat())
            said = pages.post("/api/documents", CLERK, asked, file="files")["text"]
            pages.settled()
            items = control(prepared.sandbox, "state/items")
            (number,) = [one["title"].split()[0] for one in items if one.get("xmlId")]
            assert number in said
        finally:
            assert worker.stop() == 0
        assert pages.stop() == 0


def test_a_taken_port_is_said(prepared: Prepared, tmp_path: Path) -> None:
    with prepared.service(tmp_path) as service, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = command(environment(prepared.sandbox.webhook_url, service.data, B24FLOW_PORT=port), "run")
        assert done.returncode == 1
        assert "B24FLOW_PORT" in done.stderr


def test_the_sandbox_answers_where_it_says() -> None:
    port = free_port()
    args = [sys.executable, "-m", "b24flow", "sandbox", "run", "--port", str(port)]
    with subprocess.Popen(args, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if "B24FLOW_WEBHOOK_URL=" in line)
        hook = said.partition("B24FLOW_WEBHOOK_URL=")[2].strip()
        assert answered(f"{hook}profile")["ID"] == "1"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in {0, 130}
        assert "Traceback" not in process.stderr.read()


def answered(url: str) -> dict[str, str]:
    deadline = time.monotonic() + 30
    while True:
        try:
            found: dict[str, str] = httpx.post(url, json={}, trust_env=False).json()["result"]
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            threading.Event().wait(0.02)
        else:
            return found
