from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest

from tests.acceptance.service import PATIENCE_S

DEMO = [sys.executable, "-m", "b24flow", "demo"]


def environment(temporary: Path) -> dict[str, str]:
    """The environment of somebody who has a real installation configured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("B24FLOW_")}
    return kept | {
        "PYTHONWARNINGS": "error", "TMPDIR": str(temporary),
        "B24FLOW_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/real", "B24FLOW_INSTALL": "real",
    }


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    place = tmp_path_factory.mktemp("demo")
    (place / "tmp").mkdir()
    done = subprocess.run(
        [*DEMO, "--headless", "--json", "--calls", str(place / "calls.json")], timeout=4 * PATIENCE_S,
        env=environment(place / "tmp"), capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list((place / "tmp").glob("b24flow-demo-*"))
    return json.loads(done.stdout), json.loads((place / "calls.json").read_text("utf-8"))


def test_every_check_of_the_scenarios_holds(played: tuple[dict[str, Any], list[Any]]) -> None:
    report, _ = played
    assert report["ok"] is True
    assert {one["scenario"] for one in report["checks"]} == {
        "E01", "E02", "E03", "E04", "E17", "E19", "E20", "Записка", "итог",
    }
    assert [one for one in report["checks"] if not one["held"]] == []
    states = {one["scenario"]: one["state"] for one in report["documents"]}
    assert states == {
        "E01": "Завершён (ознакомление)", "E02": "Завершён (исполнен)", "E03": "Завершён (исполнен)",
        "E03, ответ": "Отправлен", "E04": "На исполнении", "E17": "Отправлен",
        "E19": "Снято с контроля", "E20": "Исполнено", "Записка": "Завершён",
        "Записка, распоряжение": "Исполнено",
    }
    numbers = {one["scenario"]: one["number"] for one in report["documents"]}
    year = f"{datetime.now(ZoneInfo('Europe/Moscow')):%y}"
    assert numbers == {
        **{f"E0{nth}": f"Вх-{nth}/{year}" for nth in range(1, 5)}, "E03, ответ": "01-12/1",
        "E17": "01-09/1", "E19": "12-5", "E20": "1-ах", "Записка": "СЗ-1", "Записка, распоряжение": "1-км",
    }


def test_an_action_costs_one_request_and_one_per_file(played: tuple[dict[str, Any], list[Any]]) -> None:
    report, _ = played
    costs = {(one["action"], one["requests"], one["files"]) for one in report["actions"]
             if one["where"] in {"страница", "чат"}}
    assert ("Зарегистрировать и направить", 2, 1) in costs
    after_files = {(one["scenario"], one["action"]) for one in report["actions"] if one["attached"]
                   and one["files"]}
    assert after_files == {("E20", "Зарегистрировать")}
    each = [one for one in report["actions"]
            if one["where"] in {"страница", "чат"} and one["scenario"] != "E20"]
    assert {one["requests"] - one["files"] for one in each
            if one["action"] != "Подписаться на изменения"} == {1}, "following shows nowhere in the portal"
    crowd = [one for one in report["actions"] if one["scenario"] == "E20"]
    assert max(one["requests"] for one in crowd) <= 6, "forty cards, twenty writes a request"
    in_chat = {one["action"] for one in report["actions"] if one["where"] == "чат"}
    assert {"Согласовать", "Подписать", "Ознакомлен", "Утвердить"} <= in_chat
    in_portal = [one for one in report["actions"] if one["where"] == "задача"]
    assert [one["action"] for one in in_portal] == ["Завершить задачу", "Завершить задачу"]
    assert in_portal[0]["requests"] <= 1 <= in_portal[0]["reads"]


def test_calls_are_written_as_they_came(played: tuple[dict[str, Any], list[Any]]) -> None:
    report, calls = played
    assert all(set(one) == {"method", "params"} for one in calls)
    methods = Counter(one["method"] for one in calls)
    assert methods["disk.folder.uploadFile"] == sum(one["files"] for one in report["actions"]) == 11
    inside = [text for one in calls if one["method"] == "batch" for text in one["params"]["cmd"].values()]
    assert sum(text.startswith("crm.item.add?") for text in inside) == len(report["documents"]) == 10
    tasks = sum(text.startswith("tasks.task.add?") for text in inside) + methods["tasks.task.add"]
    assert tasks == sum(one["tasks"] for one in report["documents"]) == 11


def test_for_people_it_says_what_to_open_and_ends_on_a_signal(tmp_path: Path) -> None:
    process = subprocess.Popen(
        DEMO, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if "Ctrl-C" in line:
                break
        addresses = [word for line in told for word in line.split() if word.startswith("http://127.0.0.1:")]
        assert len(addresses) == 2, "".join(told)
        for address in addresses:
            with urlopen(address) as page:  # noqa: S310 - an address of this machine
                assert page.status == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Остановлено." in errors
    assert "Traceback" not in errors
    assert not list(tmp_path.glob("b24flow-demo-*"))
