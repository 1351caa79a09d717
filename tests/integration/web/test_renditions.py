"""Templates on the pages: a draft by a button, print forms as downloads, refusals as sentences."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from pypdf import PdfReader

from b24flow.services.render import printed
from b24flow.store.engine import Database
from tests.integration.web.browser import File
from tests.integration.web.world import CHAIR, CLERK, HEAD, LAWYER, World, uuid_of, world
from tests.libreoffice import needs_libreoffice
from tests.unit.rendering.test_stamp import pdf
from tests.unit.rendering.test_templates import docx, engine, everything

MAKE = "Сформировать по шаблону"
CARD = {"addressees": "Министерство", "title": "О мерах R&D <Alpha>", "signer": CHAIR}


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Iterator[World]:
    (tmp_path / "templates").mkdir()
    with world(sqlite_database, tmp_path, renderer=engine(tmp_path / "templates")) as opened:
        yield opened


def drafted(place: World) -> str:
    """Save an outgoing draft on the pages; return its address."""
    browser = place.person(HEAD)
    browser.open("/documents/new/outgoing?action=save")
    page = browser.press("Сохранить проект", **CARD)
    assert page.status == 200, page.text
    return page.url.removeprefix(place.url)


def test_a_draft_is_made_by_a_button_and_downloaded(office: World) -> None:
    address = drafted(office)
    head = office.person(HEAD)
    head.open(address)
    page = head.press(MAKE, template="letter", draft_text="Первый абзац\nВторой", **CARD)
    assert "Выполнено: «Сформировать по шаблону»" in page.text
    (file,) = office.document(address).files
    answer = head.open(f"{address}/files/{file.id}")
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    text = everything(office.office.content.path(file.sha256).read_bytes())
    assert "О мерах R&D <Alpha>" in text
    head.open(address)
    assert f"Письмо.docx (по шаблону letter, версия {file.template_version[:8]})" in head.page.text


def test_a_broken_template_is_a_sentence_beside_the_kept_form(office: World, tmp_path: Path) -> None:
    address = drafted(office)
    (tmp_path / "templates" / "letter.docx").write_bytes(docx("{{ titel }}"))
    head = office.person(HEAD)
    head.open(address)
    page = head.press(MAKE, template="letter", draft_text="Не потерять", **CARD)
    assert page.status == 422
    assert "нет значения «titel»" in page.text
    assert "Не потерять" in page.html
    assert office.document(address).files == ()


def test_print_forms_are_offered_when_there_is_something_to_print(office: World) -> None:
    address = drafted(office)
    head, lawyer = office.person(HEAD), office.person(LAWYER)
    head.open(address)
    assert "Печатные формы" not in head.page.text
    head.press(MAKE, template="letter", draft_text="", **CARD)
    head.press("Направить на согласование", **CARD)
    lawyer.open(address)
    assert "Скачать «Лист согласования»" in lawyer.page.text
    answer = lawyer.open(f"{address}/print/approval_sheet")
    assert answer.status == 200
    name = unquote(answer.headers["content-disposition"].partition("''")[2])
    assert name == "Лист согласования проект.docx"
    assert lawyer.open(f"{address}/print/statement").status == 404
    assert lawyer.open(f"{address}/print/approval_sheet?format=exe").status == 404


def test_a_stranger_prints_nothing(office: World) -> None:
    address = drafted(office)
    guest = office.guest()
    assert guest.open(f"{address}/print/card").url.startswith(f"{office.url}/login")
    assert guest.open("/registry/journal?process=incoming").url.startswith(f"{office.url}/login")


def test_the_journal_and_the_control_list_are_downloaded(office: World) -> None:
    office.register(CHAIR)
    clerk = office.person(CLERK)
    clerk.open("/registry")
    assert "Скачать журнал .docx" in clerk.page.buttons
    answer = clerk.open("/registry/journal?process=incoming&since=2026-01-01&until=2026-12-31")
    assert unquote(answer.headers["content-disposition"]).endswith(".docx")
    assert clerk.open("/registry/control").status == 200
    page = clerk.open("/registry/journal?process=incoming&since=2026-13-01")
    assert page.status == 422
    assert "С даты" in page.text


def test_the_page_says_when_there_is_no_pdf(office: World, monkeypatch: pytest.MonkeyPatch) -> None:
    address = office.register(CHAIR)
    clerk = office.person(CLERK)
    monkeypatch.setenv("PATH", "")
    clerk.open(address)
    assert "Скачать «РКК»" in clerk.page.text
    assert "PDF не предлагается: на сервере не установлен LibreOffice" in clerk.page.text
    answer = clerk.open(f"{address}/print/card?format=pdf")
    assert unquote(answer.headers["content-disposition"]).endswith(".docx")


@needs_libreoffice
def test_a_pdf_is_a_pdf(office: World) -> None:
    address = office.register(CHAIR)
    answer = office.person(CLERK).open(f"{address}/print/card?format=pdf")
    assert answer.headers["content-type"] == "application/pdf"


def test_a_registered_scan_has_a_copy_with_the_stamp_and_stays_as_it_came(office: World) -> None:
    scan = pdf(1)
    address = office.register(CHAIR, files=File("скан.pdf", scan, "application/pdf"))
    chair = office.person(CHAIR)
    chair.open(address)
    assert "Скачать «Копия со штампом и QR-кодом»" in chair.page.text
    answer = chair.open(f"{address}/print/stamped?format=pdf")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    copy = printed(office.office, uuid_of(address), "stamped", "pdf").content
    assert "№ Вх-1/26 от 23.11.2026" in PdfReader(io.BytesIO(copy)).pages[0].extract_text()
    (file,) = office.document(address).files
    assert office.office.content.path(file.sha256).read_bytes() == scan


def test_a_scan_that_is_no_pdf_is_told_in_words(office: World) -> None:
    address = office.register(CHAIR)
    clerk = office.person(CLERK)
    clerk.open(address)
    page = clerk.open(f"{address}/print/stamped?format=pdf")
    assert page.status == 422
    assert "повреждён или защищён паролем" in page.text
