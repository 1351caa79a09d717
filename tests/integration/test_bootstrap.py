"""How the parts fit together: definitions and their archive, the map of the portal, the nightly ticks."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from b24flow.bootstrap import PORTAL_MAP, Container, build
from b24flow.core.commands import Command
from b24flow.core.document import FileRef
from b24flow.errors import SettingsError, StoreError
from b24flow.ids import new_id
from b24flow.sandbox.server import SandboxServer
from b24flow.services.act import start
from b24flow.services.views import document_view
from b24flow.serving import only_one
from b24flow.settings import Settings, load, share
from b24flow.store import cursors, incidents, migrations
from tests.integration.cli import BOT_TOKEN, set_environment

CLERK, CHAIR = 6, 2


@pytest.fixture
def data(sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    httpx.post(f"{sandbox.url}/_sandbox/reset", json={}, trust_env=False).raise_for_status()
    shutil.copytree(share() / "processes", tmp_path / "processes")
    set_environment(monkeypatch, tmp_path / "data", sandbox.webhook_url)
    monkeypatch.setenv("B24FLOW_PROCESSES_DIR", str(tmp_path / "processes"))
    return tmp_path


@pytest.fixture
def container(data: Path) -> Iterator[Container]:
    with build(load()) as made:
        made.apply_portal(lambda _: None)
        made.sync_people()
        yield made


def letter(container: Container) -> str:
    office = container.office
    now = office.clock.now()
    sha256, size = office.content.put(b"%PDF-1.4 letter")
    scan = FileRef(id=new_id(), name="Письмо.pdf", sha256=sha256, size=size, part="files",
                   mime="application/pdf", added_by=CLERK, added_at=now)
    form: dict[str, Any] = {
        "correspondent": "Министерство", "title": "О мерах поддержки", "kind": "ministry",
        "received_on": now.astimezone(office.zone).date().isoformat(), "reviewers": (str(CHAIR),),
    }
    asked = Command(id=new_id(), action="register", actor=CLERK, form=form, files=(scan,))
    return start(office, "incoming", asked).uuid


def edit(data: Path, before: str, after: str) -> None:
    file = data / "processes" / "incoming.yaml"
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")


def test_a_running_document_keeps_the_definition_it_began_with(container: Container, data: Path) -> None:
    uuid = letter(container)
    edit(data, "label: На исполнение\n", "label: В работу\n")
    with build(load()) as later:
        old = document_view(later.office, uuid, CHAIR)
        assert "На исполнение" in {one.action.label for one in old.offers}
        fresh = document_view(later.office, letter(later), CHAIR)
        assert "В работу" in {one.action.label for one in fresh.offers}
    with build(load()) as again:
        assert document_view(again.office, uuid, CHAIR).definition.source != fresh.definition.source


def test_a_lost_definition_is_an_error_not_another_one(container: Container) -> None:
    with pytest.raises(StoreError, match="В архиве нет"):
        container.office.definitions.get("0" * 64)


def test_processes_that_outgrew_the_portal_are_not_sent_there(container: Container, data: Path) -> None:
    edit(data, "    - {code: REGISTERED_ON, label: Дата регистрации,",
         "    - {code: REGISTERED_TWICE, label: Ещё дата, type: date, source: registered_on}\n"
         "    - {code: REGISTERED_ON, label: Дата регистрации,")
    with build(load()) as later:
        with pytest.raises(SettingsError, match="portal apply"):
            later.portal()
        later.apply_portal(lambda _: None)
        later.portal()


def test_the_database_does_not_hold_the_key_of_the_bot(container: Container) -> None:
    with container.database.reading() as unit:
        assert BOT_TOKEN not in str(cursors.get(unit, PORTAL_MAP))
    client = container.client()
    assert container.portal_map(client.origin).bot_token == BOT_TOKEN


def test_the_nightly_ticks_find_and_prune(container: Container) -> None:
    letter(container)
    jobs = {one.name: one for one in container.scheduler("test").jobs}
    with sqlite3.connect(container.settings.data_dir / "b24flow.db") as raw:
        for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            if "journal" in trigger:
                raw.execute(f"DROP TRIGGER {trigger}")
        raw.execute("UPDATE journal SET actor = 3 WHERE seq = 1")
    raw.close()
    for _ in range(2):
        for job in jobs.values():
            job.run()
    with container.database.reading() as unit:
        (found,) = incidents.listing(unit)
    assert "запись изменена" in found.text
    assert found.times == 2
    assert set(jobs) == {"people_sync", "substitutions", "absences", "number_reserves", "reminders",
                         "inbox_prune", "journal_verify"}


def test_postgresql_is_not_migrated_behind_running_processes(
    postgres_server: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("B24FLOW_DATABASE_URL", postgres_server)
    with pytest.raises(StoreError, match="b24flow db upgrade"):
        build(load())


def test_a_container_lives_on_postgresql_too(
    postgres_url: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("B24FLOW_DATABASE_URL", postgres_url)
    with build(load()) as container:
        assert migrations.check(container.database) == []
        container.apply_portal(lambda _: None)
        container.sync_people()
        uuid = letter(container)
        container.worker("test").run_until_idle()
        assert document_view(container.office, uuid, CHAIR).number
        assert BOT_TOKEN in container.portal_map(container.client().origin).bot_token


def test_one_process_per_data_folder(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with only_one(settings), pytest.raises(SettingsError, match="уже работает"), only_one(settings):
        pass
    with only_one(settings):
        pass
