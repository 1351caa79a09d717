"""Templates and print forms as an operator types them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from b24flow.bootstrap import build
from b24flow.core.commands import Command
from b24flow.core.document import FileRef
from b24flow.core.people import Employee
from b24flow.services.act import act, start
from b24flow.settings import load
from b24flow.store import people
from tests.integration.cli import Terminal, own_log, set_environment
from tests.unit.rendering.test_templates import docx, everything


@pytest.fixture
def terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    """A data folder with one registered letter."""
    set_environment(monkeypatch, tmp_path / "data", "http://127.0.0.1:9/rest/1/key/")
    with own_log(), build(load()) as container:
        office = container.office
        with office.database.transaction() as unit:
            people.save_employees(unit, [
                Employee(id=6, last_name="Осокина", email="osokina@profsoyuz.example"),
                Employee(id=2, last_name="Березов", email="berezov@profsoyuz.example")])
        now = office.clock.now()
        scan = FileRef(id="scan", name="Письмо.pdf", sha256="0" * 64, size=1, part="files", mime="x",
                       added_by=6, added_at=now)
        form = {"correspondent": "R&D <Alpha>", "title": "О мерах поддержки", "kind": "ministry",
                "received_on": now.date().isoformat(), "reviewers": ("2",)}
        start(office, "incoming", Command(id="one", action="register", actor=6, form=form, files=(scan,)))
    with own_log():
        yield Terminal(capsys, tmp_path / "data")


def test_shipped_templates_are_without_remarks(terminal: Terminal) -> None:
    ended = terminal.run("template", "check")
    assert (ended.code, ended.out) == (0, "")
    listed = terminal.run("template", "list", "--json").json
    assert {one["code"] for one in listed} >= {"letter", "decree", "memo"}
    names = terminal.run("template", "names", "--json").json
    assert {"name": "points[].executor", "kind": "person", "text": "исполнитель"} in names


def test_everything_wrong_is_named_with_its_file(terminal: Terminal, tmp_path: Path) -> None:
    own = tmp_path / "data" / "templates"
    own.mkdir()
    (own / "letter.docx").write_bytes(docx("{{ titel }} {{ card.adressees }} {{ signer.pst }}"))
    (own / "reply.docx").write_bytes(docx("{{ title.upper() }}"))
    (own / "memo.docx").write_bytes(b"not a document")
    ended = terminal.run("template", "check")
    assert ended.code == 3
    for file, text in (("letter.docx", "неизвестное имя «titel»; возможно, «title»"),
                       ("letter.docx", "неизвестное имя «signer.pst»; возможно, «post»"),
                       ("процесс outgoing, documents.letter", "возможно, «card.addressees»"),
                       ("reply.docx", "код, а не поля: вызов функции"),
                       ("memo.docx", "файл повреждён или это не документ Word")):
        assert any(file in line and text in line for line in ended.out.splitlines()), ended.out
    one = terminal.run("template", "check", str(own / "reply.docx"), "--json")
    assert one.code == 3
    assert [row["file"] for row in one.json] == [str(own / "reply.docx")]


def test_print_forms_become_files(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.run("documents", "forms", "Вх-1/26", "--json").json[0]["code"] == "card"
    out = tmp_path / "РКК.docx"
    ended = terminal.run("documents", "render", "Вх-1/26", "card", "--out", str(out))
    assert (ended.code, ended.out.strip()) == (0, str(out))
    assert "R&D <Alpha>" in everything(out.read_bytes())
    folder = tmp_path / "out"
    folder.mkdir()
    assert terminal.run("documents", "journal", "incoming", "--out", str(folder)).code == 0
    assert terminal.run("documents", "control", "--process", "incoming", "--out", str(folder)).code == 0
    assert len(list(folder.glob("*.docx"))) == 2


def test_what_cannot_be_made_is_said(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for args, said in (
        (("documents", "render", "Вх-1/26", "approval_sheet"), "нет печатной формы"),
        (("documents", "render", "Вх-9/26", "card"), "Документа «Вх-9/26» нет"),
        (("documents", "render", "Вх-1/26", "card", "--out", "x.txt"), "нужен файл .docx или .pdf"),
        (("documents", "journal", "incoming", "--since", "вчера"), "укажите дату"),
    ):
        ended = terminal.run(*args)
        assert ended.code in {1, 2}
        assert said in ended.err
    monkeypatch.setenv("PATH", "")
    ended = terminal.run("documents", "render", "Вх-1/26", "card", "--out", str(tmp_path / "a.pdf"))
    assert "не установлен LibreOffice" in ended.err
    assert ended.out.strip() == str(tmp_path / "a.docx")


def test_what_was_made_from_each_version_of_a_template_is_listed(
    terminal: Terminal, tmp_path: Path
) -> None:
    assert "Редакций: 0" in terminal.done("template", "history", "letter").err
    form = {"addressees": "ФНПР", "title": "О мерах", "signer": "2"}
    with own_log(), build(load()) as container:
        uuid = start(container.office, "outgoing",
                     Command(id="begin", action="save", actor=6, form=form)).uuid
    own = tmp_path / "data" / "templates"
    own.mkdir()
    for number in (1, 2):
        (own / "letter.docx").write_bytes(docx(f"{{{{ title }}}} {number}"))
        with own_log(), build(load()) as container:
            act(container.office, uuid, Command(
                id=f"render-{number}", action="render", actor=6, form={**form, "template": "letter"}))
    first, second = terminal.done("template", "history", "letter", "--json").json
    assert (first["present"], second["present"]) == (False, True)
    assert first["version"] != second["version"]
    assert (first["uuid"], first["edition"], second["edition"]) == (uuid, 1, 2)
    ended = terminal.done("template", "history", "letter")
    assert "проект «О мерах»" in ended.out
    assert "Осокина" in ended.out
    assert "Редакций: 2, версий шаблона: 2" in ended.err
    (own / "letter.docx").unlink()
    assert not any(one["present"] for one in terminal.done("template", "history", "letter", "--json").json)
    ended = terminal.run("template", "history", "nonsense")
    assert (ended.code, "Шаблона «nonsense» нет, и по нему ничего не сделано." in ended.err) == (1, True)
