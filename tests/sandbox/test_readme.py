"""What the README tells a newcomer to type works as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Box

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("\n## The emulated portal\n")[2].partition("\n## ")[0]
ADDRESS = "http://127.0.0.1:8090"
CURLS = [
    re.sub(r"\s+#[^'\n]*$", "", text)
    for block in re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
    for text in re.findall(r"^curl .*?(?:'[^']*'.*?)?$", block, re.DOTALL | re.MULTILINE)
]


@pytest.mark.parametrize("command", CURLS)
def test_a_command_of_the_readme_is_answered(box: Box, command: str) -> None:
    _, address, flag, body = shlex.split(command, comments=True)
    assert flag == "-d"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = box.http.post(address.replace(ADDRESS, box.server.url), content=body.encode(), headers=kind)
    assert answer.status_code == 200, answer.text
    assert "error" not in answer.json()


def test_the_program_of_the_readme_runs(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    code = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
    assert len(code) == 1
    names: dict[str, Any] = {}
    exec(code[0].replace(ADDRESS, box.server.url), names)  # noqa: S102 - the page's own program
    assert box.ok("crm.item.get", {"entityTypeId": 1046, "id": names["item"]["id"]})["item"] == names["item"]


def test_the_limits_stand_first() -> None:
    assert SECTION.index("### What it is not") < SECTION.index("### Try it")
    assert len(CURLS) == 4
