"""The shipped templates: as their program makes them, with declared names only, whole with hard values."""

from __future__ import annotations

import importlib.util
import io
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from docx import Document

from b24flow.core.rendition import DOCUMENT_NAMES, NAMES, Name, subject_of
from b24flow.core.rendition_values import values_of
from b24flow.errors import NotFound
from b24flow.rendering.engine import Templates
from b24flow.rendering.package import MAX_FILE, BadDocument
from b24flow.rendering.qr import png
from b24flow.rendering.template import BadTemplate
from b24flow.rendering.words import Words
from tests.desk import ROOT, process
from tests.libreoffice import needs_libreoffice
from tests.unit.rendering import samples

CODES = samples.templates().codes()


def everything(content: bytes) -> str:
    """All text of a document: body, tables, headers, footers."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [archive.read(name).decode() for name in archive.namelist()
                 if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", name)]
    text = re.sub(r"</w:p>", "\n", "\n".join(parts))
    text = re.sub(r"<[^>]+>", "", text).replace("\u00a0", " ")
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def docx(*lines: str) -> bytes:
    made = Document()
    for line in lines:
        made.add_paragraph(line)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def engine(folder: Path) -> Templates:
    return Templates(ROOT / "templates", Words(samples.load_overrides(ROOT / "config" / "declension.yaml")),
                     own=folder)


def test_the_files_are_what_the_program_makes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("templates_build", ROOT / "templates" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    program.build(tmp_path)
    assert {one.stem for one in tmp_path.iterdir()} == set(CODES)
    for one in tmp_path.iterdir():
        assert one.read_bytes() == (ROOT / "templates" / one.name).read_bytes(), one.name


@pytest.mark.parametrize("code", CODES)
def test_shipped_templates_use_declared_names_only(code: str) -> None:
    assert samples.templates().describe(code).problems == ()


@pytest.mark.parametrize("size", [1, 60])
@pytest.mark.parametrize("code", CODES)
def test_hard_values_are_shown_as_they_are(code: str, size: int) -> None:
    content = samples.templates().make(code, samples.values(code, size=size)).content
    text = everything(content)
    Document(io.BytesIO(content))
    if code != "acknowledgement_sheet" or size:
        assert samples.NASTY in text
    assert "{%" not in text
    assert "None" not in text


@pytest.mark.parametrize("code", [one for one in CODES if subject_of(one) == "document" and one != "extract"])
def test_a_bare_draft_fills_every_template(code: str) -> None:
    values = samples.values(code, samples.bare(samples.PROCESS.get(code, "directive")))
    text = everything(samples.templates().make(code, values).content)
    assert "О мерах поддержки" in text
    assert "None" not in text


def test_requisites_of_a_signed_decree() -> None:
    text = everything(samples.templates().make("decree", samples.values("decree")).content)
    for wanted in ("ПРЕЗИДИУМ", "ПОСТАНОВЛЕНИЕ", "22 ноября 2026 г.", "№ 01-09/356", "г. Москва",
                   "Президиум ПОСТАНОВЛЯЕТ:", "1. Обеспечить",
                   "Исполнитель: Журавлёв С. Ф., срок — до 1 декабря",
                   "возложить на заместителя Председателя – заведующего отделом охраны труда, правовой",
                   "Константинопольскую-Рождественскую А. В.", "Приложение № 1",
                   "Документ подписан электронной подписью", "ab" * 32, "А. В. Константинопольская-Рожд"):
        assert wanted in text, wanted


def test_the_code_of_the_first_sheet_is_a_picture_of_the_link() -> None:
    values = samples.values("letter")
    with zipfile.ZipFile(io.BytesIO(samples.templates().make("letter", values).content)) as archive:
        pictures = [archive.read(one) for one in archive.namelist() if one.startswith("word/media/")]
        footers = "".join(archive.read(one).decode() for one in archive.namelist() if "footer" in one)
    assert pictures == [png(values["link"])]
    assert "<w:drawing>" in footers
    again = samples.templates().make("letter", values).content
    assert again == samples.templates().make("letter", values).content


def test_many_addressees_become_a_list() -> None:
    four, five = samples.values("letter", size=4), samples.values("letter", size=5)
    assert "по списку" not in everything(samples.templates().make("letter", four).content)
    text = everything(samples.templates().make("letter", five).content)
    assert "Адресатам по списку" in text
    assert "Лист рассылки" in text


def test_the_tree_of_values_is_the_declared_one() -> None:
    values = values_of(process("decree"), samples.full("decree"), samples.context(),
                       organisation=samples.organisation(), link="x")
    _same(values, DOCUMENT_NAMES, "")
    _same(samples.journal(1), NAMES["registry"], "")


def _same(values: object, declared: tuple[Name, ...], path: str) -> None:
    assert isinstance(values, dict)
    assert set(values) == {one.code for one in declared}, path
    for one in declared:
        found = values[one.code]
        if one.kind == "list" and one.of:
            assert isinstance(found, list)
            for row in found:
                _same(row, one.of, f"{path}.{one.code}")
        elif one.of and found is not None:
            _same(found, one.of, f"{path}.{one.code}")


@pytest.mark.parametrize(("lines", "said"), [
    (["{{ titel }}"], "неизвестное имя «titel»; возможно, «title»"),
    (["{% for one in points %}{{ one.txt }}{% endfor %}"], "неизвестное имя «one.txt»; возможно, «text»"),
    (["{% for a in rounds %}{% for b in a.visas %}{{ b.person.pst }}{% endfor %}{% endfor %}"],
     "«b.person.pst»"),
    (["{{ points.text }}"], "«points» — список, нужен цикл for"),
    (["{% for one in title %}{{ one }}{% endfor %}"], "«title» — не список"),
    (["{{ signer|shout }}"], "неизвестное преобразование «shout»"),
    (["{{ title.__class__ }}"], "закрытое имя «__class__»"),
    (["{{ range(9) }}"], "код, а не поля: вызов функции"),
    (["{% if title %}"], "ошибка в разметке"),
])
def test_a_wrong_template_is_told_what_is_wrong(lines: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "letter.docx").write_bytes(docx(*lines))
    found = engine(tmp_path).describe("letter")
    assert any(said in one for one in found.problems), found.problems


def test_a_field_that_the_process_does_not_have_is_found(tmp_path: Path) -> None:
    (tmp_path / "letter.docx").write_bytes(docx("{{ card.basis }} {{ card.adressees }}"))
    found = engine(tmp_path).describe("letter", process("outgoing").fields)
    assert found.problems == ("нет поля карточки «card.adressees»; возможно, «card.addressees»",)


def test_files_that_are_no_templates_are_refused_before_they_are_read(tmp_path: Path) -> None:
    huge, bomb = tmp_path / "letter.docx", tmp_path / "reply.docx"
    with huge.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", b"\0" * (110 * 1024 * 1024))
    with pytest.raises(BadDocument, match=f"больше {MAX_FILE // 1024 // 1024} МБ"):
        engine(tmp_path).make("letter", {})
    with pytest.raises(BadDocument, match="в распакованном виде больше"):
        engine(tmp_path).make("reply", {})
    with pytest.raises(NotFound, match="etc/passwd» нет"):
        engine(tmp_path).make("../etc/passwd", {})


def test_a_template_of_the_organisation_wins_and_breaks_only_itself(tmp_path: Path) -> None:
    (tmp_path / "memo.docx").write_bytes(docx("Наша записка: {{ title }}"))
    (tmp_path / "letter.docx").write_bytes(docx("{{ title|genitive(1) }}"))
    ours = engine(tmp_path)
    assert "Наша записка: О мерах" in everything(ours.make("memo", {"title": "О мерах"}).content)
    with pytest.raises(BadTemplate, match="не заполняется"):
        ours.make("letter", {"title": "О мерах"})


@needs_libreoffice
def test_libreoffice_opens_every_document_whole(tmp_path: Path) -> None:
    """The layout is looked at by people; that nothing is lost or empty is checked here."""
    made = samples.write_all(tmp_path)
    subprocess.run(
        ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{tmp_path}/profile",
         "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, made)],
        check=True, capture_output=True, timeout=300)
    for one in made:
        pdf = one.with_suffix(".pdf")
        text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True,
                              timeout=60).stdout.decode()
        assert text.strip(), one.name
        if one.stem == "letter-60":
            assert "Лист рассылки" in text
            assert re.search(r"^\s*60\s", text, re.MULTILINE)
