"""The text of a file for comparison: Word, PDF, plain; whatever else is refused with a sentence."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from pypdf import PdfWriter
from reportlab.pdfgen.canvas import Canvas

from b24flow.rendering.package import BadDocument
from b24flow.rendering.reading import MAX_FILE, MAX_LINES, lines_of


def word(*lines: str, table: tuple[str, ...] = ()) -> bytes:
    made = Document()
    for line in lines:
        made.add_paragraph(line)
    if table:
        cells = made.add_table(rows=1, cols=len(table)).rows[0].cells
        for cell, text in zip(cells, table, strict=True):
            cell.text = text
        made.add_paragraph("после таблицы")
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def pdf(*lines: str) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target)
    for number, line in enumerate(lines):
        canvas.drawString(72, 800 - 20 * number, line)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def test_word_paragraphs_and_tables_in_their_order() -> None:
    made = word("О  мерах\tподдержки", "", "R&D <Alpha> «ё»", table=("1", "Подготовить отчёт"))
    assert lines_of(made, "Проект.DOCX") == (
        "О мерах поддержки", "R&D <Alpha> «ё»", "1 | Подготовить отчёт", "после таблицы",
    )


def test_pdf_lines() -> None:
    assert lines_of(pdf("first line", "second line"), "a.pdf") == ("first line", "second line")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1251"])
def test_plain_text_in_both_codings(codec: str) -> None:
    assert lines_of("Ёлка\r\nдва".encode(codec), "a.txt") == ("Ёлка", "два")


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"\0" * (110 * 1024 * 1024))
    return target.getvalue()


def locked() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


@pytest.mark.parametrize(("content", "name", "says"), [
    (b"%PDF-1.4 letter", "a.pdf", "повреждён"), (b"", "a.pdf", "повреждён"), (b"PK", "a.docx", "повреждён"),
    (b"x", "a.xlsx", "сравнить можно"), (b"x", "", "сравнить можно"), (b"a\0b", "a.txt", "не текстовый"),
    (b"x" * (MAX_FILE + 1), "a.txt", "больше 20 МБ"), (b"a\n" * (MAX_LINES + 1), "a.txt", "слишком велик"),
    (pdf(), "scan.pdf", "похоже на скан"),
])
def test_what_cannot_be_read_is_said(content: bytes, name: str, says: str) -> None:
    with pytest.raises(BadDocument, match=says):
        lines_of(content, name)


def test_a_bomb_and_a_locked_file_are_refused() -> None:
    with pytest.raises(BadDocument, match="распакованном"):
        lines_of(bomb(), "a.docx")
    with pytest.raises(BadDocument, match="паролем"):
        lines_of(locked(), "a.pdf")


def test_a_reader_that_does_not_end_is_stopped() -> None:
    with pytest.raises(BadDocument, match="не удалось прочитать за"):
        lines_of(pdf("text"), "a.pdf", timeout_s=0.01)
