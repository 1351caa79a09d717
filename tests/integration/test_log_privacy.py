"""Nothing that the service writes to its log names a person or shows a secret, whatever happens to it."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from b24flow.sandbox.seed import demo_organisation
from b24flow.sandbox.server import SandboxServer
from tests.acceptance.service import CHAIR, CLERK, Service, command, environment, registration

HOOK = "markerhook0secret"
SURNAME, LETTER = "Маркеров", "Марьямово"
ROLES = "clerk: 6\nchair: 2\ndeputy: 3\noffice_head: 5\n"


def organisation() -> dict[str, Any]:
    """Everybody bears the marker surname, and the webhook the marker secret."""
    seed = demo_organisation()
    for user in seed["users"]:
        user["last_name"] = SURNAME
    seed["webhooks"][0]["code"] = HOOK
    return seed


def lines_of(service: Service) -> str:
    return "".join(service.lines)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("privacy")
    (folder / "roles.yaml").write_text(ROLES, "utf-8")
    with SandboxServer(seed=organisation()) as sandbox:
        env = environment(sandbox.webhook_url, folder / "data",
                          B24FLOW_ROLES_FILE=str(folder / "roles.yaml"))
        applied = command(env, "portal", "apply")
        assert applied.returncode == 0, applied.stderr
        assert HOOK not in applied.stderr
        yield sandbox, folder


@pytest.mark.parametrize("log_json", ["true", pytest.param("false", marks=pytest.mark.slow)])
def test_a_whole_scenario_leaves_no_name_and_no_secret(
    prepared: tuple[SandboxServer, Path], tmp_path: Path, log_json: str
) -> None:
    sandbox, folder = prepared
    shutil.copytree(folder / "data", tmp_path / "data")
    service = Service(sandbox, tmp_path / "data", {
        "B24FLOW_ROLES_FILE": str(folder / "roles.yaml"), "B24FLOW_LOG_JSON": log_json,
        "B24FLOW_INSTALL": f"log-{log_json}"})
    try:
        service.start()
        letter_lives(service)
        portal_fails(service)
        assert service.stop() == 0
    finally:
        if not service.died():
            service.stop(9)
    text = lines_of(service)
    for event in ("worker_turned", "worker_portal_failed", "tick_done"):
        assert event in text, "the log was not looked at while anything happened"
    for marker in (HOOK, SURNAME, LETTER, "acceptance-bot-token", "acceptance-signing-key"):
        assert marker not in text


def letter_lives(service: Service) -> None:
    today = datetime.now(ZoneInfo("Europe/Moscow")).date().isoformat()
    asked = registration(today)
    asked["form"] |= {"title": f"Письмо про {LETTER}", "correspondent": f"{SURNAME} и сыновья"}
    uuid = service.post("/api/documents", CLERK, asked, file="files")["uuid"]
    service.settled()
    for action, form in (
        ("execute", {"executors": [str(CHAIR)], "term": "31.12.2030", "text": f"Поезжайте в {LETTER}"}),
        ("report", {"summary": f"{LETTER}: сделано"}), ("finish", {}),
    ):
        view = service.get(f"/api/documents/{uuid}", CHAIR)
        target = next(one["target"] for one in view["actions"] if one["code"] == action)
        body = {"form": form, "command_id": f"{uuid}:{action}", **({"target": target} if target else {})}
        service.post(f"/api/documents/{uuid}/actions/{action}", CHAIR, body)
        service.settled()
    refused = httpx.post(f"http://127.0.0.1:{service.port}/api/documents/{uuid}/actions/finish",
                         json={"form": {"title": SURNAME}}, trust_env=False)
    assert refused.status_code >= 400


def portal_fails(service: Service) -> None:
    """Every way in which the portal may fail happens at least once to a poll."""
    faults = f"{service.sandbox.url}/_sandbox/faults"
    for order in ({"action": "exec_then_lose"}, {"action": "drop"}, {"action": "status", "status": 500},
                  {"action": "status", "status": 502, "body": "html"}):
        httpx.post(faults, json={"method": "*", **order}, trust_env=False).raise_for_status()
        failed = lines_of(service).count("worker_portal_failed")
        for _ in range(200):
            service.passed()
            if lines_of(service).count("worker_portal_failed") > failed:
                break
        httpx.delete(faults, trust_env=False).raise_for_status()
