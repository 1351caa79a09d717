"""Every command as an operator types it, against the sandbox and a real database."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from b24flow.bootstrap import build
from b24flow.cli.app import app
from b24flow.core.commands import Command
from b24flow.core.document import FileRef
from b24flow.definitions.loader import load_processes
from b24flow.ids import new_id
from b24flow.sandbox.server import SandboxServer
from b24flow.services.act import act, start
from b24flow.serving import delivering
from b24flow.settings import load
from b24flow.store import incidents
from tests.integration.cli import Terminal, own_log, set_environment
from tests.mail_server import mail_box

CLERK, CHAIR = 6, 2
TITLE = "О мерах\x1b[31m поддержки"


@pytest.fixture(scope="module")
def portal() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture(scope="module")
def prepared(portal: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after `portal apply` with one registered letter."""
    data = tmp_path_factory.mktemp("cli") / "data"
    with pytest.MonkeyPatch.context() as patch, own_log():
        set_environment(patch, data, portal.webhook_url)
        with build(load()) as container:
            container.apply_portal(lambda _: None)
            container.sync_people()
            office = container.office
            sha256, size = office.content.put(b"%PDF-1.4 letter")
            now = office.clock.now()
            scan = FileRef(id=new_id(), name="Письмо.pdf", sha256=sha256, size=size, part="files",
                           mime="application/pdf", added_by=CLERK, added_at=now)
            form: dict[str, Any] = {
                "correspondent": "Министерство", "title": "О мерах поддержки", "kind": "ministry",
                "received_on": now.date().isoformat(), "reviewers": (str(CHAIR),),
            }
            asked = Command(id=new_id(), action="register", actor=CLERK, form=form, files=(scan,))
            start(office, "incoming", asked)
    return data


@pytest.fixture
def terminal(
    prepared: Path, portal: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Terminal]:
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    set_environment(monkeypatch, data, portal.webhook_url)
    with own_log():
        yield Terminal(capsys, data)


@pytest.fixture
def empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    set_environment(monkeypatch, tmp_path / "data")
    with own_log():
        yield Terminal(capsys, tmp_path / "data")


def verbs() -> list[tuple[str, ...]]:
    """Return the path of every command there is."""
    found: list[tuple[str, ...]] = []

    def walk(command: Any, path: tuple[str, ...]) -> None:
        below = getattr(command, "commands", {})
        if not below:
            found.append(path)
        for name, one in below.items():
            walk(one, (*path, name))

    walk(typer.main.get_command(app), ())
    return found


def number_of(terminal: Terminal) -> str:
    return str(terminal.done("documents", "list", "--json").json[0]["number"])


# --- help and usage -----------------------------------------------------------------------------------------


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from b24flow.cli.app import execute\n"
        "for args in (['--help'], ['documents', 'list', '--help']): assert execute(args) == 0\n"
        "heavy = {'sqlalchemy', 'fastapi', 'docxtpl', 'fast_bitrix24', 'httpx', 'uvicorn'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", verbs(), ids=" ".join)
def test_the_help_of_every_command_is_russian_and_has_an_example(
    empty: Terminal, path: tuple[str, ...]
) -> None:
    text = empty.done(*path, "--help").out
    assert f"Вызов: b24flow {' '.join(path)}" in text
    assert re.search(rf"Пример:\n.*b24flow {' '.join(path)}", text)
    assert not re.search(r"Usage|Options|Arguments|Commands|required|default|Show this", text)


@pytest.mark.parametrize(("args", "words"), [
    (("nonsense",), "Нет такой команды: nonsense"),
    (("process", "chek"), "возможно, check"),
    (("documents", "where"), "Не указан обязательный аргумент ДОКУМЕНТ"),
    (("documents", "list", "--limit", "0"), "не меньше 1"),
    (("documents", "list", "--limit", "many"), "нужно целое число"),
    (("documents", "list", "--colour"), "Нет такого параметра: --colour"),
    (("documents", "show", "1", "2"), "Лишние аргументы: 2"),
    (("outbox", "list", "--state", "lost"), "available"),
    (("outbox", "discard", "1"), "Не указан обязательный параметр --reason"),
    (("outbox", "retry", "one"), "нужно целое число"),
    (("process", "graph", "incoming", "--format", "png"), "mermaid и svg"),
    (("people", "substitute", "2", "3", "--since", "31.02.2026", "--until", "1"), "нужна дата"),
    (("sandbox", "run", "--port", "99999"), "не больше 65535"),
    (("documents",), "Команды:"),
    ((), "Команды:"),
])
def test_a_wrong_command_is_explained(empty: Terminal, args: tuple[str, ...], words: str) -> None:
    ended = empty.run(*args)
    assert ended.code == 2
    assert words in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(("args", "words"), [
    (("documents", "where", "Вх-99/26"), "Документа «Вх-99/26» нет"),
    (("documents", "show", "x" * 500), "нет"),
    (("documents", "list", "--process", "none"), "Процесса «none» нет"),
    (("process", "show", "none"), "есть: decree, directive, incoming, internal, outgoing"),
    (("process", "show", "../incoming.yaml"), "не читается"),
    (("outbox", "retry", "424242"), "нет"),
    (("outbox", "discard", "424242", "--reason", "x"), "нет"),
    (("incidents", "close", "424242", "--resolution", "x"), "нет"),
    (("journal", "verify", "Вх-99/26"), "нет"),
    (("people", "substitutes", "--remove", "424242"), "Такого замещения нет"),
    (("people", "substitute", "2", "3", "--since", "01.07.2030", "--until", "02.07.2030",
      "--process", "secret"), "secret"),
    (("people", "substitute", "2", "Никто", "--since", "01.07.2030", "--until", "02.07.2030"), "нет"),
    (("people", "substitute", "2", "2", "--since", "01.07.2030", "--until", "02.07.2030"), "Ошибка"),
])
def test_what_is_not_there_is_said(terminal: Terminal, args: tuple[str, ...], words: str) -> None:
    ended = terminal.run(*args)
    assert ended.code == 1
    assert words in ended.err
    assert ended.out == ""


def test_wrong_settings_are_all_named(empty: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("B24FLOW_PORTT", "1")
    monkeypatch.setenv("B24FLOW_POLL_SECONDS", "-1")
    ended = empty.run("documents", "list")
    assert ended.code == 1
    assert "B24FLOW_PORTT" in ended.err
    assert "B24FLOW_POLL_SECONDS" in ended.err


def test_without_a_webhook_the_portal_cannot_be_asked(empty: Terminal) -> None:
    ended = empty.run("portal", "plan")
    assert ended.code == 1
    assert "B24FLOW_WEBHOOK_URL" in ended.err


def test_a_portal_that_is_away_is_an_error_without_its_secret(
    empty: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("B24FLOW_WEBHOOK_URL", "http://127.0.0.1:9/rest/1/marker-of-the-hook/")
    ended = empty.run("portal", "apply")
    assert ended.code == 1
    assert "marker" not in ended.err
    assert re.search("[а-я]", ended.err)


def test_a_folder_that_cannot_be_written_is_an_error(
    empty: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("B24FLOW_DATA_DIR", str(tmp_path / "file" / "data"))
    ended = empty.run("documents", "list")
    assert ended.code == 1
    assert ended.err.startswith("Ошибка: ")


def test_a_bug_of_ours_is_a_sentence(empty: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("Фамилия")

    monkeypatch.setattr("b24flow.settings.load", broken)
    ended = empty.run("documents", "list")
    assert ended.code == 1
    assert "ZeroDivisionError (test_cli.py:" in ended.err
    assert "Фамилия" not in ended.err


def test_ctrl_c_ends_a_command(empty: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("b24flow.settings.load", interrupted)
    ended = empty.run("documents", "list")
    assert (ended.code, ended.err) == (130, "Прервано.\n")


def test_a_reader_that_goes_away_is_no_disaster() -> None:
    command = [sys.executable, "-m", "b24flow", "process", "show", "incoming"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(60) == 1
    assert said == b""


# --- processes ----------------------------------------------------------------------------------------------


def test_a_process_is_checked(empty: Terminal, tmp_path: Path) -> None:
    assert "«Входящие документы»" in empty.done("process", "check").err
    broken = tmp_path / "broken.yaml"
    broken.write_text("process: x\nlabel: [\n", "utf-8")
    ended = empty.run("process", "check", str(broken))
    assert ended.code == 3
    assert ended.out.startswith(f"{broken}:")
    findings = empty.run("process", "check", str(broken), "--json")
    assert findings.code == 3
    assert {"file", "line", "path", "text"} == set(findings.json[0])
    assert empty.done("process", "check", "incoming", "--json").json == []


def test_broken_processes_stop_every_command(
    empty: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.yaml").write_text("process: x\n\tlabel: y\n", "utf-8")
    monkeypatch.setenv("B24FLOW_PROCESSES_DIR", str(tmp_path / "p"))
    ended = empty.run("documents", "list")
    assert ended.code == 1
    assert "a.yaml:2" in ended.err


def test_a_route_is_drawn(empty: Terminal, tmp_path: Path) -> None:
    assert empty.done("process", "graph", "incoming").out.startswith("flowchart TD\n")
    place = tmp_path / "route.svg"
    ended = empty.done("process", "graph", "incoming", "--format", "svg", "--out", str(place))
    assert ended.out == ""
    assert place.read_text("utf-8").startswith("<svg")


def test_a_process_is_shown(empty: Terminal) -> None:
    assert "«На исполнение» — у кого документ" in empty.done("process", "show", "incoming").out
    assert empty.done("process", "show", "incoming", "--json").json["process"] == "incoming"


# --- documents ----------------------------------------------------------------------------------------------


def test_where_a_document_is(terminal: Terminal) -> None:
    number = number_of(terminal)
    text = terminal.done("documents", "where", number).out
    assert number in text
    assert "Входящие документы: На рассмотрении" in text
    assert re.search(r"У кого: Берёзов А\. Л\., .*, с \d\d\.\d\d\.\d{4} \d\d:\d\d", text)
    assert "Дальше: «На исполнение», «Ознакомиться и завершить»" in text
    shown = terminal.done("documents", "where", number.lower(), "--json").json
    assert shown["state"] == {"code": "review", "label": "На рассмотрении", "final": False}
    assert [one["user"] for one in shown["holders"]] == [CHAIR]
    assert "На исполнение" in shown["next"]


def test_a_document_is_listed_shown_and_remembered(terminal: Terminal) -> None:
    number = number_of(terminal)
    assert number in terminal.done("documents", "list", "--open", "--text", "поддержки").out
    assert terminal.done("documents", "list", "--overdue", "--json").json == []
    text = terminal.done("documents", "show", number).out
    assert "Корреспондент: Министерство" in text
    assert "Файл: Письмо.pdf, редакция 1" in text
    shown = terminal.done("documents", "show", number, "--json").json
    assert terminal.done("documents", "show", shown["uuid"], "--json").json == shown
    assert "Осокина Е. Р.: Зарегистрировать и направить" in terminal.done("documents", "history", number).out
    lines = terminal.done("documents", "history", number, "--json").json
    assert {one["actor"] for one in lines} == {"Осокина Е. Р."}
    assert any(f"Присвоен номер {number}" in one["details"] for one in lines)


def test_what_people_wrote_cannot_move_the_cursor(terminal: Terminal) -> None:
    with sqlite3.connect(terminal.data / "b24flow.db") as raw:
        raw.execute("UPDATE document SET title = ?", (TITLE,))
    raw.close()
    text = terminal.done("documents", "list").out
    assert "О мерах" in text
    assert "\x1b" not in text


# --- people -------------------------------------------------------------------------------------------------


def test_people_and_their_roles(terminal: Terminal) -> None:
    ended = terminal.done("people", "list", "--json").json
    assert ended["empty_roles"] == []
    roles = {one["id"]: one["roles"] for one in ended["people"]}
    assert roles[CHAIR] == ["chair", "member"]
    assert "Сотрудников: 17" in terminal.done("people", "sync").err


def test_a_role_without_people_is_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "roles.yaml").write_text("clerk: nobody@profsoyuz.example\n", "utf-8")
    monkeypatch.setenv("B24FLOW_ROLES_FILE", str(tmp_path / "roles.yaml"))
    ended = terminal.done("people", "list", "--json")
    processes = load_processes(Path(__file__).parents[2] / "processes")
    needed = {role for one in processes.values() for role in one.roles}
    assert {"chair", "clerk", "lawyer", "member"} < needed
    assert ended.json["empty_roles"] == sorted(needed)
    assert "clerk" in ended.err


def test_a_substitution_begins_and_ends(terminal: Terminal) -> None:
    days = ("--since", "22.11.2026", "--until", "31.12.2035")
    added = terminal.done("people", "substitute", "Берёзов", "klenova@profsoyuz.example", *days)
    assert "Клёнова В. И. за Берёзов А. Л." in added.err
    (row,) = terminal.done("people", "substitutes", "--json").json
    assert (row["principal"], row["substitute"], row["until"]) == (2, 3, "2035-12-31")
    assert "Клёнова" in terminal.done("people", "substitutes").out
    assert "за:" in terminal.done("documents", "where", number_of(terminal)).out
    terminal.done("people", "substitutes", "--remove", str(row["id"]))
    assert terminal.done("people", "substitutes", "--json").json == []
    assert "за:" not in terminal.done("documents", "where", number_of(terminal)).out


def test_a_substitution_of_one_process_without_signing(terminal: Terminal) -> None:
    days = ("--since", "22.11.2026", "--until", "31.12.2035")
    narrow = ("--process", "outgoing", "--scope", "no_signing")
    added = terminal.done("people", "substitute", "2", "3", *days, *narrow)
    assert "всё, кроме подписания, процесс outgoing" in added.err
    (row,) = terminal.done("people", "substitutes", "--json").json
    assert (row["process"], row["scope"]) == ("outgoing", "no_signing")
    assert "всё, кроме подписания" in terminal.done("people", "substitutes").out
    assert "за:" not in terminal.done("documents", "where", number_of(terminal)).out


# --- outbox, incidents, journal, database -------------------------------------------------------------------


def test_the_outbox_is_handled(terminal: Terminal) -> None:
    rows = terminal.done("outbox", "list", "--json").json
    assert "projection" in {one["kind"] for one in rows}
    first = str(rows[0]["id"])
    assert "projection" in terminal.done("outbox", "list").out
    terminal.done("outbox", "discard", first, "--reason", "проверка")
    assert terminal.run("outbox", "discard", first, "--reason", "ещё раз").code == 1
    (gone,) = terminal.done("outbox", "list", "--state", "discarded", "--json").json
    assert (str(gone["id"]), gone["error"]) == (first, "проверка")
    terminal.done("outbox", "retry", first)
    assert first in {str(one["id"]) for one in terminal.done("outbox", "list", "--json").json}


def test_incidents_are_findings_until_they_are_closed(terminal: Terminal) -> None:
    assert terminal.done("incidents", "list", "--json").json == []
    with build(load()) as container, container.database.transaction() as unit:
        incidents.open(unit, "k", "lost", "Задача удалена", container.office.clock.now())
    found = terminal.run("incidents", "list", "--json")
    assert found.code == 3
    number = str(found.json[0]["id"])
    assert "Задача удалена" in terminal.run("incidents", "list").out
    terminal.done("incidents", "close", number, "--resolution", "возвращена")
    assert terminal.run("incidents", "close", number, "--resolution", "x").code == 1
    assert terminal.done("incidents", "list").out.count("Задача") == 0
    assert "Задача" in terminal.done("incidents", "list", "--all").out


def test_a_changed_journal_is_found(terminal: Terminal) -> None:
    number = number_of(terminal)
    assert terminal.done("journal", "verify").err == "Журнал цел.\n"
    assert terminal.done("journal", "verify", number, "--json").json == []
    with sqlite3.connect(terminal.data / "b24flow.db") as raw:
        for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            if "journal" in trigger:
                raw.execute(f"DROP TRIGGER {trigger}")
        raw.execute("UPDATE journal SET actor = 3 WHERE seq = 1")
    raw.close()
    broken = terminal.run("journal", "verify", "--json")
    assert broken.code == 3
    assert broken.json[0]["reason"] == "запись изменена"
    assert number in terminal.run("journal", "verify").out


def test_the_schema_is_checked_and_made(empty: Terminal) -> None:
    before = empty.run("db", "check", "--json")
    assert before.code == 3
    assert before.json
    assert "пусто →" in empty.done("db", "upgrade").err
    assert empty.done("db", "check", "--json").json == []
    assert "соответствует" in empty.done("db", "check").err


# --- portal -------------------------------------------------------------------------------------------------


def test_a_fresh_portal_is_planned_applied_and_checked(
    empty: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SandboxServer() as fresh:
        monkeypatch.setenv("B24FLOW_WEBHOOK_URL", fresh.webhook_url)
        planned = empty.run("portal", "plan", "--json")
        assert planned.code == 3
        assert planned.json["steps"]
        assert planned.json["problems"] == []
        assert empty.run("portal", "check", "--json").code == 3
        assert httpx.get(f"{fresh.url}/_sandbox/state/types", trust_env=False).json() == []
        first = empty.done("portal", "apply")
        assert "Сотрудников: 17" in first.err
        assert "изменений: 0" in empty.done("portal", "apply").err
        assert empty.done("portal", "plan", "--json").json == {"steps": [], "problems": []}
        assert empty.done("portal", "check", "--json").json == []


def test_the_check_tries_the_mail_server_and_says_when_there_is_none(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Почта не настроена" in terminal.done("portal", "check").err
    with mail_box() as box:
        monkeypatch.setenv("B24FLOW_SMTP_URL", box.url)
        wrong = terminal.run("portal", "check")
        assert (wrong.code, "B24FLOW_MAIL_FROM: нужен адрес отправителя" in wrong.err) == (1, True)
        monkeypatch.setenv("B24FLOW_MAIL_FROM", "office@union.example")
        assert "Почта" not in terminal.done("portal", "check").err
        box.answers["greeting"] = "554 go away"
        found = terminal.run("portal", "check", "--json")
        assert (found.code, [one["kind"] for one in found.json]) == (3, ["mail"])
        assert "554 go away" in found.json[0]["text"]
        assert box.letters == []


def test_letters_go_out_while_the_service_runs(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_box() as box:
        monkeypatch.setenv("B24FLOW_SMTP_URL", box.url)
        monkeypatch.setenv("B24FLOW_MAIL_FROM", "office@union.example")
        uuid = terminal.done("documents", "list", "--json").json[0]["uuid"]
        form = {"recipients": "one@first.example", "subject": "О плане", "text": "Просим сообщить."}
        with build(load()) as container, delivering(container, "test"):
            act(container.office, uuid, Command(id=new_id(), action="send_letter", actor=CLERK, form=form))
            container.wake.ring()
            assert box.reached.wait(30)
        assert "Профсоюз" in box.letters[0].message["From"]
        label = terminal.done("documents", "history", uuid, "--json").json[0]["label"]
        assert label == "Письмо принято почтовым сервером"


READS = [
    (("process", "show", "incoming"), ()), (("people", "list"), ()), (("people", "substitutes"), ()),
    (("documents", "list"), ()), (("documents", "show"), ("number",)), (("documents", "where"), ("number",)),
    (("documents", "history"), ("number",)), (("outbox", "list"), ()), (("portal", "plan"), ()),
    (("incidents", "list"), ()), (("journal", "verify"), ()), (("portal", "check"), ()),
    (("db", "check"), ()),
]


@pytest.mark.parametrize(("path", "more"), READS, ids=" ".join)
def test_the_shape_of_json_is_the_documented_one(
    terminal: Terminal, path: tuple[str, ...], more: tuple[str, ...]
) -> None:
    args = [number_of(terminal)] if more else []
    shown = terminal.run(*path, *args, "--json").json
    text = terminal.done(*path[:2], "--help").out
    documented = re.search(r"JSON: (\{.*?\}|\[.*?\])( — .*)?\n\n", text, re.DOTALL)
    assert documented is not None
    names = set(re.findall(r"[a-z_0-9]+", documented[1]))
    top = shown if isinstance(shown, dict) else (shown[0] if shown else {})
    assert (set(top) if isinstance(top, dict) else set()) <= names
    assert isinstance(shown, dict) == documented[1].startswith("{")
