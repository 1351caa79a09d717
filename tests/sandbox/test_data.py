"""`--data`: a portal that outlives its process, however the process ended."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from b24flow.sandbox import datafile
from b24flow.sandbox.codec import dumps, loads, pack_state
from b24flow.sandbox.datafile import DataFile, DataFileError
from b24flow.sandbox.dispatch import Gateway
from b24flow.sandbox.dumps import DUMPS
from b24flow.sandbox.durable import Keeper, attach
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.seed import demo_organisation
from b24flow.sandbox.server import SandboxServer
from tests.sandbox.conftest import SPA, Box, add_item, add_task
from tests.sandbox.facts.load import EXAMPLES, Prepared

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from pathlib import Path
from b24flow.sandbox.server import SandboxServer
with SandboxServer(data=Path(sys.argv[1])) as server:
    print(server.webhook_url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def living(path: Path) -> Iterator[Box]:
    with SandboxServer(data=path) as server:
        box = Box(server)
        yield box
        box.http.close()


def look_at_all(box: Box) -> dict[str, Any]:
    return {what: box.look(f"state/{what}") for what in sorted(DUMPS)}


def do_something_of_everything(box: Box) -> None:
    fields = {"title": "Входящие", "entityTypeId": SPA, "isStagesEnabled": "Y"}
    box.ok("crm.type.add", {"fields": fields})
    for number in range(4):
        add_item(box, title=f"Документ {number}", xmlId=f"x{number}")
    box.ok("crm.item.update", {"entityTypeId": SPA, "id": 2, "fields": {"title": "Иной"}})
    box.ok("crm.item.delete", {"entityTypeId": SPA, "id": 3})
    assert box.refused("crm.item.add", {"entityTypeId": 9, "fields": {}})[0] == 400
    box.batch({"a": f"crm.item.add?entityTypeId={SPA}&fields[title]=п", "b": "nothing.here"})
    task = add_task(box, SE_PARAMETER=[{"CODE": 3, "VALUE": "Y"}])
    box.person(9, "task/result", task_id=task["id"], text="готово")
    box.person(9, "task/complete", task_id=task["id"])
    box.person(2, "item/comment", entity_type_id=SPA, item_id=1, text="Согласен")
    form = {"file": ("скан.pdf", b"\x00\xff%PDF", "application/pdf")}
    folder = box.ok("disk.storage.getlist")[0]["ROOT_OBJECT_ID"]
    upload = box.ok("disk.folder.uploadfile", {"id": folder})["uploadUrl"]
    assert box.http.post(upload, files=form).status_code == 200
    box.page(3, "/online/?IM_DIALOG=4")  # the first look into a conversation makes it
    box.ok("im.dialog.messages.get", {"DIALOG_ID": "7"})
    bot = {"code": "b", "botToken": "t", "eventMode": "fetch", "properties": {"name": "Бот"}}
    bot_id = box.ok("imbot.v2.Bot.register", {"fields": bot})["bot"]["id"]
    box.person(5, "write", dialog_id=bot_id, text="привет")
    box.person(5, "write", dialog_id=bot_id, text="ещё")
    known = {"botId": bot_id, "botToken": "t"}
    events = box.ok("imbot.v2.Event.get", known)["events"]
    box.ok("imbot.v2.Event.get", known | {"offset": events[-1]["eventId"]})


@pytest.mark.parametrize("compact_after", [1, 7, 50_000])
def test_nothing_is_different_after_a_restart(
    tmp_path: Path, compact_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DataFile.__init__, "__defaults__", (compact_after,))
    with living(tmp_path / "portal") as box:
        box.control("clock", {"now": "2026-05-12T09:00:00+03:00"})
        do_something_of_everything(box)
        before = look_at_all(box)
    with living(tmp_path / "portal") as box:
        assert look_at_all(box) == before
        assert box.look("clock") == {"now": "2026-05-12T09:00:00+03:00", "mode": "frozen"}
        assert box.notes() == []
        assert add_item(box)["id"] == 6
        assert [row["id"] for row in box.ok("crm.item.list", {
            "entityTypeId": SPA, "filter": {"=xmlId": "x1"}})["items"]] == [2]  # fmt: skip
    with living(tmp_path / "portal") as box:
        assert len(box.look("state/items")) == 5


def test_a_reset_and_a_restored_snapshot_are_kept(tmp_path: Path) -> None:
    with living(tmp_path / "portal") as box:
        do_something_of_everything(box)
        kept = box.control("snapshot")["id"]
        add_item(box, title="лишний")
        box.control("restore", {"id": kept})
    with living(tmp_path / "portal") as box:
        assert "лишний" not in [row["title"] for row in box.look("state/items")]
        assert len(box.look("state/items")) == 4
        box.control("reset")
    with living(tmp_path / "portal") as box:
        assert box.look("state/types") == []


class Unhurried(sqlite3.Connection):
    """A connection that does not wait for the disk: what is asked here is what was written, not when."""

    def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
        return super().execute(sql.replace("synchronous = FULL", "synchronous = OFF"), *given)


def unhurried(path: Path, **given: Any) -> sqlite3.Connection:
    return Unhurried(path, **given)


AREAS = sorted({one.prepare.__module__ for one in EXAMPLES.values()})


@contextmanager
def kept(box: Box, path: Path) -> Iterator[Portal]:
    """Keep a running portal in a file from now on: a server of its own for every method takes minutes."""
    portal: Portal = box.server._app._portal
    file = DataFile(path)
    with portal.lock:
        portal.keeper = Keeper(portal, file)
        portal.keeper.compact()
    yield portal
    with portal.lock:
        portal.keeper = None
    file.close()


@pytest.mark.parametrize("area", AREAS, ids=[name.rpartition(".")[2] for name in AREAS])
def test_no_method_does_what_a_restart_would_not_bring_back(
    box: Box, tmp_path: Path, area: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart repeats the calls that were kept; what only reads is not kept."""
    monkeypatch.setattr(sqlite3, "connect", unhurried)
    for number, example in enumerate(one for one in EXAMPLES.values() if one.prepare.__module__ == area):
        box.control("reset", {"seed": demo_organisation()})
        box.control("clock", {"now": "2026-05-12T09:00:00+03:00"})
        with kept(box, tmp_path / str(number)) as portal:
            prepared = Prepared(box, example)
            assert prepared.call(prepared.params).status_code == 200
            before = pack_state(portal.state)
        again = Gateway(portal=Portal(demo_organisation()))
        attach(again, tmp_path / str(number)).close()
        after = pack_state(again.portal.state)
        assert {table: text for table, text in after.items() if before[table] != text} == {}, example.method


class Writer(threading.Thread):
    """Adds items until the line breaks and remembers the answers it got."""

    def __init__(self, webhook: str, name: str, enough: threading.Semaphore) -> None:
        super().__init__()
        self.title = name
        self.known: dict[int, str] = {}
        self._webhook, self._enough = webhook, enough

    def run(self) -> None:
        with httpx.Client(timeout=10) as http:
            for number in range(100_000):
                title = f"{self.title} {number}"
                params = {"entityTypeId": SPA, "fields": {"title": title}}
                try:
                    answer = http.post(self._webhook + "crm.item.add", json=params)
                except httpx.TransportError:
                    return
                self.known[answer.json()["result"]["item"]["id"]] = title
                self._enough.release()


def test_kill_9_loses_no_acknowledged_write(tmp_path: Path) -> None:
    path = tmp_path / "portal"
    acknowledged: dict[int, str] = {}
    for attempt in range(3):
        command = [sys.executable, "-c", PROGRAM, str(path)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
            webhook = process.stdout.readline().strip()
            if attempt == 0:
                fields = {"title": "Входящие", "entityTypeId": SPA}
                httpx.post(webhook + "crm.type.add", json={"fields": fields}).raise_for_status()
            enough = threading.Semaphore(0)
            writers = [Writer(webhook, f"{attempt}-{n}", enough) for n in range(3)]
            for writer in writers:
                writer.start()
            for _ in range(40):
                assert enough.acquire(timeout=30)
            os.kill(process.pid, signal.SIGKILL)
            for writer in writers:
                writer.join()
                assert not acknowledged.keys() & writer.known.keys(), "a number was given twice"
                acknowledged |= writer.known
    with living(path) as box:
        stored = {row["id"]: row["title"] for row in box.look("state/items")}
    assert acknowledged.items() <= stored.items()
    assert len(stored) <= len(acknowledged) + 3 * 3  # each writer had one call on its way


def test_a_torn_tail_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "portal"
    command = [sys.executable, "-c", PROGRAM, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        webhook = process.stdout.readline().strip()
        fields = {"title": "Входящие", "entityTypeId": SPA}
        httpx.post(webhook + "crm.type.add", json={"fields": fields}).raise_for_status()
        for number in range(5):
            params = {"entityTypeId": SPA, "fields": {"title": str(number)}}
            httpx.post(webhook + "crm.item.add", json=params).raise_for_status()
        os.kill(process.pid, signal.SIGKILL)
    tail = path.with_name("portal-wal")
    tail.write_bytes(tail.read_bytes()[:-100])
    with living(path) as box:
        assert [row["title"] for row in box.look("state/items")] == ["0", "1", "2", "3"]
        assert add_item(box)["id"] == 5


def test_a_file_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    text, base = tmp_path / "letter.txt", tmp_path / "other.db"
    text.write_text("Это не портал, а письмо. " * 50)
    db = sqlite3.connect(base)
    db.execute("CREATE TABLE mine (id INTEGER)")
    db.close()
    for path in (text, base):
        before = path.read_bytes()
        with pytest.raises(DataFileError):
            SandboxServer(data=path)
        assert path.read_bytes() == before


def test_a_file_serves_one_sandbox_at_a_time(tmp_path: Path) -> None:
    with living(tmp_path / "portal"), pytest.raises(DataFileError):
        SandboxServer(data=tmp_path / "portal")
    with living(tmp_path / "portal") as box:
        assert box.ok("profile")["ID"] == "1"


def test_values_travel_unchanged() -> None:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Moscow")
    value = {
        "moment": datetime(2026, 5, 12, 9, 30, tzinfo=zone), "day": date(2026, 5, 12), "raw": b"\x00\xff",
        "map": {1: "a", 2: {"~row": "trick"}}, "pair": (1, "x"), "text": "ё", "none": None, "yes": True,
    }  # fmt: skip
    assert loads(dumps(value), zone) == value
    assert json.loads(dumps({"a": 1})) == {"a": 1}
    assert datafile.COMPACT_AFTER == 50_000
