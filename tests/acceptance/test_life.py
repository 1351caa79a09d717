"""The service as a process: it starts, says so, and ends when it is told to."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.acceptance.service import CHAIR, Prepared, command, environment


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
