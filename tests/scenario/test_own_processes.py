"""Six processes that an administrator could write: checked, prepared, played to every end, described.

One service runs all of them; people use its pages, the worker brings everything to the portal.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from b24flow import log
from b24flow.demo.box import Box
from b24flow.demo.office import staff
from b24flow.demo.person import Person
from b24flow.demo.stage import Stage
from b24flow.sandbox.server import SandboxServer
from tests.integration.cli import Terminal, own_log, set_environment
from tests.scenario.own_processes import DRAFT, OWN, Step

SHIPPED = Path(__file__).resolve().parents[2] / "processes"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("own") / "processes"
    place.mkdir()
    shutil.copytree(SHIPPED / "shared", place / "shared")
    for code, one in OWN.items():
        (place / f"{code}.yaml").write_text(one.text, "utf-8")
    return place


@pytest.fixture(scope="module")
def stage(folder: Path) -> Iterator[Stage]:
    with SandboxServer() as server:
        box = Box(server.url)
        try:
            with Stage(box, server.webhook_url, folder.parent / "data", processes=folder) as running:
                assert running.applied_again() == 0
                yield running
                assert box.unhandled() == []
                assert running.incidents() == 0
        finally:
            box.close()


@pytest.fixture(scope="module")
def people(stage: Stage) -> Iterator[dict[str, Person]]:
    found = staff(stage)
    yield found
    for one in found.values():
        one.close()


@pytest.fixture
def terminal(
    capsys: pytest.CaptureFixture[str], stage: Stage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    set_environment(monkeypatch, stage.settings.data_dir)
    monkeypatch.setenv("B24FLOW_PROCESSES_DIR", str(folder))
    with own_log():
        # The service runs in this process; unconfigured, its log would go to stdout.
        log.configure(json=False, level="ERROR")
        yield Terminal(capsys, stage.settings.data_dir)


def play(people: dict[str, Person], code: str, steps: tuple[Step, ...]) -> str:
    """Take a new document along a way and return its uuid."""
    first = steps[0]
    files = (DRAFT,) if code in {"contract", "certificate"} else ()
    uuid = people[first.who].begin(code, first.label, files=files, **first.values)
    for one in steps[1:]:
        people[one.who].press(uuid, one.label, **one.values)
    return uuid


@pytest.mark.parametrize(("code", "end"), [(code, end) for code, one in OWN.items() for end in one.ways])
def test_a_document_comes_to_every_end(
    stage: Stage, people: dict[str, Person], code: str, end: str
) -> None:
    steps = OWN[code].ways[end]
    uuid = play(people, code, steps)
    stage.settle(touched=True)
    assert people[steps[0].who].document(uuid)["state"]["label"] == end
    assert stage.box.items()[uuid]["Состояние"] == end


@pytest.mark.parametrize("code", OWN)
def test_it_is_checked_described_compared_and_its_documents_could_be_moved(
    stage: Stage, people: dict[str, Person], terminal: Terminal, folder: Path, tmp_path: Path, code: str
) -> None:
    assert terminal.done("process", "check", code, "--json").json == []
    papers = tmp_path / "papers.html"
    terminal.done("process", "doc", code, "--out", str(papers))
    assert OWN[code].change[0].removeprefix("label: ") in papers.read_text("utf-8")
    first = next(iter(OWN[code].ways.values()))[:2]
    uuid = play(people, code, first)
    before, after = OWN[code].change
    newer = folder.parent / "newer"
    shutil.copytree(folder / "shared", newer / "shared", dirs_exist_ok=True)
    path = newer / f"{code}.yaml"
    assert OWN[code].text.count(before) >= 1
    second = OWN[code].text
    for sign in (",", "}"):
        second = second.replace(before + sign, after + sign)
    path.write_text(second, "utf-8")
    changed = terminal.run("process", "diff", str(folder / f"{code}.yaml"), str(path), "--json")
    assert (changed.code, len(changed.json["changes"])) == (3, 1), changed.out
    moved = terminal.done("process", "migrate", code, "--to", str(path), "--dry-run", "--json").json
    (row,) = [one for one in moved["documents"] if one["uuid"] == uuid]
    assert row["problems"] == []
    assert row["holders"] == row["holders_after"] != []
