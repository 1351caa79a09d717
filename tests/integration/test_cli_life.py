"""A year of an administrator at the command line: the calendar, numbers, versions of a process."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from b24flow.bootstrap import build
from b24flow.core.commands import Command
from b24flow.core.document import FileRef
from b24flow.definitions.loader import load_process
from b24flow.services.act import act, start
from b24flow.settings import load
from tests.integration import test_cli
from tests.integration.cli import Terminal, own_log
from tests.scenario.test_life_of_processes import second_version

portal, prepared, terminal = test_cli.portal, test_cli.prepared, test_cli.terminal
ROOT = Path(__file__).resolve().parents[2]
CLERK, CHAIR, SPECIALIST = 6, 2, 17
LAST = f"31.12.{date.today().year}"  # noqa: DTZ011 - the command line itself works today


def database(terminal: Terminal) -> list[list[object]]:
    """Everything the installation knows."""
    tables = ("document", "journal", "number", "number_reserve", "outbox", "cursor", "number_series")
    with closing(sqlite3.connect(terminal.data / "b24flow.db")) as found:
        return [found.execute(f"select * from {one} order by 1, 2").fetchall() for one in tables]  # noqa: S608


def refused(terminal: Terminal, *args: str, code: int, said: str) -> None:
    """A command that ends with a code and a sentence, and changes nothing."""
    before = database(terminal)
    ended = terminal.run(*args)
    assert (ended.code, ended.out) == (code, ""), ended.err
    assert said in ended.err
    assert not re.search(r"[A-Z][a-z]+Error|None|\{|\[", ended.err), ended.err
    assert database(terminal) == before


# --- calendar -----------------------------------------------------------------------------------------------


def amend(terminal: Terminal, folder: Path, patch: pytest.MonkeyPatch) -> date:
    """Put a calendar into force in which the term of the letter is a day off; return that day."""
    day = date.fromisoformat(terminal.done("documents", "list", "--json").json[0]["term"])
    shutil.copytree(ROOT / "config" / "calendar", folder)
    path = folder / f"{day.year}.yaml"
    text = path.read_text("utf-8")
    text = re.sub(r"version: \S+", "version: ru-2099.1", text, count=1)
    text = text.replace("holidays:\n", f"holidays:\n  - {day.isoformat()}\n")
    text = re.sub(r"working_days: (\d+)", lambda found: f"working_days: {int(found[1]) - 1}", text)
    path.write_text(text, "utf-8")
    patch.setenv("B24FLOW_CALENDAR_DIR", str(folder))
    return day


def test_a_changed_calendar_is_proposed_then_applied_once(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = terminal.done("calendar", "propose")
    assert "Предлагается перенести сроков: 0, остаются: 0" in ended.err
    day = amend(terminal, tmp_path / "calendar", monkeypatch)
    ended = terminal.done("calendar", "propose")
    assert "Предлагается перенести сроков: 1, остаются: 0" in ended.err
    for said in ("Номер", "Что", "У кого", "Новый срок", "исполнение", "Вх-1/", f"{day:%d.%m.%Y}", "р.д. от"):
        assert said in ended.out
    row, = terminal.done("calendar", "propose", "--json").json
    assert (row["part"], row["before"], row["moves"]) == ("assignment", day.isoformat(), True)
    before = database(terminal)
    terminal.done("calendar", "propose")
    assert database(terminal) == before
    assert terminal.done("calendar", "apply", "--json").json == [row]
    ended = terminal.done("calendar", "apply")
    assert "Перенесено сроков: 0" in ended.err
    history = terminal.done("documents", "history", row["number"]).out
    assert "Система: Изменён срок: изменение календаря" in history
    shown = terminal.done("documents", "where", row["number"], "--json").json
    assert shown["changed_term"] == row["after"]


def test_a_calendar_with_a_mistake_changes_nothing(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    amend(terminal, tmp_path / "calendar", monkeypatch)
    broken = next((tmp_path / "calendar").glob("*.yaml"))
    broken.write_text(broken.read_text("utf-8").replace("working_days: ", "working_days: 1"), "utf-8")
    for verb in ("propose", "apply"):
        ended = terminal.run("calendar", verb)
        assert (ended.code, ended.out) == (1, "")
        assert broken.name in ended.err
    monkeypatch.setenv("B24FLOW_CALENDAR_DIR", str(tmp_path / "nowhere"))
    ended = terminal.run("calendar", "apply")
    assert ended.code == 1
    assert "nowhere" in ended.err
    refused_arguments = terminal.run("calendar", "apply", "2026")
    assert (refused_arguments.code, "Лишние аргументы: 2026" in refused_arguments.err) == (2, True)


# --- numbers ------------------------------------------------------------------------------------------------


def test_numbers_are_reserved_released_and_reported(terminal: Terminal) -> None:
    year = date.today().year  # noqa: DTZ011
    ended = terminal.done("numbers", "reserve", "directive", "--count", "3", "--purpose", "командировки",
                          "--until", LAST, "--for", str(CLERK))
    assert f"Зарезервировано: 1, 2, 3 до {LAST}" in ended.err
    assert "Номер 2 аннулирован." in terminal.done(
        "numbers", "release", "directive", "2", "--reason", "поездка отменена").err
    terminal.done("numbers", "reserve", "directive", "--purpose", "съезд", "--until", LAST, "--return")
    assert "Номер 4 возвращён в журнал: его получит следующий документ." in terminal.done(
        "numbers", "release", "directive", "4", "--reason", "съезд отложен").err
    rows = terminal.done("numbers", "list", "--json").json
    assert [(one["number"], one["state"]) for one in rows] == [
        ("1", "held"), ("2", "annulled"), ("3", "held"), ("4", "free")]
    text = terminal.done("numbers", "list").out
    assert "в резерве" in text
    assert "аннулирован" in text
    ended = terminal.run("numbers", "close", str(year), "--series", "directive")
    assert ended.code == 3
    assert f"ЗАВЕРИТЕЛЬНАЯ ЗАПИСЬ ЗА {year} ГОД" in ended.out
    assert "№ 2 — командировки; снят с резерва досрочно: поездка отменена" in ended.out
    assert "Год ещё идёт: запись предварительная." in ended.err
    ended = terminal.done("numbers", "literal", "incoming", "1", "--purpose", "забытое", "--until", LAST)
    assert "Литерный номер 1/1 до" in ended.err


def test_wrong_orders_about_numbers_change_nothing(terminal: Terminal) -> None:
    year = date.today().year  # noqa: DTZ011
    terminal.done("numbers", "reserve", "directive", "--purpose", "съезд", "--until", LAST)
    until, purpose = ("--until", LAST), ("--purpose", "съезд")
    reserve = ("numbers", "reserve", "directive")
    for args, code, said in (
        (("numbers", "reserve", "directives", *purpose, *until), 1, "Журнала «directives» нет; есть:"),
        ((*reserve, *purpose, "--until", "31.02.2026"), 2, "нужна дата вида 14.07.2026"),
        ((*reserve, *purpose, "--until", f"31.12.{year + 1}"), 1, "до конца года нумерации"),
        ((*reserve, *purpose, *until, "--period", str(year - 1)), 1, "только в текущем году"),
        ((*reserve, *purpose, *until, "--count", "0"), 2, "не меньше 1"),
        ((*reserve, *purpose, *until, "--for", "Никтов"), 1, "Никтов"),
        ((*reserve, *until), 2, "Не указан обязательный параметр --purpose"),
        (("numbers", "release", "directive", "7", "--reason", "не нужен"), 1, "в резерве журнала"),
        (("numbers", "release", "directive", "1", "--reason", " "), 1, "Укажите причину"),
        (("numbers", "release", "directive", "1"), 2, "Не указан обязательный параметр --reason"),
        (("numbers", "literal", "incoming", "99", *purpose, *until), 1, "Номера 99 в журнале"),
        (("numbers", "explain", "incoming", "1", "--reason", "сбой"), 1, "не пропущен"),
        (("numbers", "close", "1900"), 2, "не меньше 1990"),
        (("numbers", "carryover", "год"), 2, "нужно целое число"),
    ):
        refused(terminal, *args, code=code, said=said)


def test_open_documents_are_listed_for_the_next_year(terminal: Terminal) -> None:
    year = date.today().year  # noqa: DTZ011
    ended = terminal.done("numbers", "carryover", str(year))
    assert "Вх-1/" in ended.out
    assert "Переходящих документов: 1" in ended.err
    row, = terminal.done("numbers", "carryover", str(year), "--json").json
    assert row["number"].startswith("Вх-1/")
    assert "Переходящих документов: 0" in terminal.done("numbers", "carryover", str(year - 1)).err


# --- versions of a process ----------------------------------------------------------------------------------


@pytest.fixture
def versions(terminal: Terminal, tmp_path: Path) -> Path:
    """A directive in the step that a second version, lying beside, does not have any more."""
    with own_log(), build(load()) as container:
        office = container.office
        sha256, size = office.content.put(b"%PDF-1.4 draft")
        draft = FileRef(id="draft", name="проект.pdf", sha256=sha256, size=size, part="draft",
                        mime="application/pdf", added_by=SPECIALIST, added_at=office.clock.now())
        form = {"kind": "admin", "title": "О дежурстве", "basis": "записка", "signer": str(CHAIR),
                "readers": (str(SPECIALIST), "16")}
        uuid = start(office, "directive", Command(id="begin", action="straight_to_sign", actor=SPECIALIST,
                                                  form=form, files=(draft,))).uuid
        act(office, uuid, Command(id="sign", action="sign", actor=CHAIR))
        act(office, uuid, Command(id="register", action="register", actor=CLERK))
    folder = tmp_path / "processes"
    shutil.copytree(ROOT / "processes", folder)
    second = second_version(load_process(ROOT / "processes" / "directive.yaml"))
    (folder / "directive.yaml").write_text(second.source, "utf-8")
    return folder


def test_two_versions_are_compared(terminal: Terminal, versions: Path) -> None:
    new = str(versions / "directive.yaml")
    ended = terminal.run("process", "diff", "directive", new)
    assert ended.code == 3
    assert "Распоряжения: версия" in ended.out
    assert "Ознакомление" in ended.out
    assert "b24flow process migrate directive --to current --dry-run" in ended.err
    assert "Отличий нет." in terminal.done("process", "diff", "directive", "directive").err
    shown = terminal.run("process", "diff", "directive", new, "--json").json
    assert {one["about"] for one in shown["changes"]}
    for args, code, said in (
        (("directive", str(versions / "absent.yaml")), 1, "absent.yaml"),
        (("directive", "nonsense"), 1, "nonsense"), (("directive", "0123456789abcdef"), 1, "в архиве нет"),
        (("directive",), 2, "Не указан обязательный аргумент НОВАЯ"),
    ):
        refused(terminal, "process", "diff", *args, code=code, said=said)


def test_running_documents_are_migrated_with_a_preview(
    terminal: Terminal, versions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, mapped = str(versions / "directive.yaml"), ("--map", "inform=control", "--field", "basis=ground")
    migrate = ("process", "migrate", "directive")
    before = database(terminal)
    ended = terminal.run(*migrate, "--to", new, "--dry-run")
    assert ended.code == 3
    assert "НЕЛЬЗЯ: " in ended.out
    assert "Будет переведено документов: 0, нельзя перевести: 1" in ended.err
    ended = terminal.done(*migrate, "--to", new, *mapped, "--dry-run")
    assert "шаг: Ознакомление → На контроле" in ended.out
    assert "Будет переведено документов: 1" in ended.err
    assert database(terminal) == before
    for args, code, said in (
        ((*migrate, "--to", new, *mapped), 1, "Перевести можно только на действующую версию"),
        ((*migrate, "--map", "inform"), 2, "нужно СТАРОЕ=НОВОЕ"),
        ((*migrate, "--map", "inform=a", "--map", "inform=b"), 2, "указан дважды"),
        (("process", "migrate", "nonsense"), 1, "Процесса «nonsense» нет"),
        ((*migrate, "--to", str(versions / "incoming.yaml"), "--dry-run"), 1, "описывает другой процесс"),
        ((*migrate, "--to", str(versions / "absent.yaml"), "--dry-run"), 1, "absent.yaml"),
    ):
        refused(terminal, *args, code=code, said=said)
    monkeypatch.setenv("B24FLOW_PROCESSES_DIR", str(versions))
    terminal.done("portal", "apply")
    refused(terminal, *migrate, code=1, said="--map inform=")
    refused(terminal, *migrate, "--map", "informs=control", code=1, said="шага «informs» в прежних")
    ended = terminal.done(*migrate, *mapped)
    assert "Переведено документов: 1" in ended.err
    assert "Переведено документов: 0" in terminal.done(*migrate, *mapped).err
    number = next(one["number"] for one in terminal.done("documents", "list", "--json").json
                  if one["process"] == "directive")
    assert "На контроле" in terminal.done("documents", "where", number).out
    assert terminal.done("journal", "verify").code == 0


# --- templates ----------------------------------------------------------------------------------------------


def test_templates_are_listed_and_wrong_names_refused(terminal: Terminal, tmp_path: Path) -> None:
    text = terminal.done("template", "list").out
    for said in ("Код", "О чём", "Версия", "letter", "journal", "журнал"):
        assert said in text
    assert "points[].executor" in terminal.done("template", "names").out
    assert terminal.done("template", "names", "--subject", "registry").out
    refused(terminal, "template", "names", "--subject", "all", code=2, said="есть document и registry")
    ended = terminal.run("template", "check", str(tmp_path / "absent.docx"))
    assert ended.code == 3
    assert "absent.docx" in ended.out
