"""The stamp on a copy of a PDF: where it stands, what it says, and files that cannot be stamped."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from b24flow.rendering.package import BadDocument
from b24flow.rendering.stamp import stamped

LINES = ("Профсоюз работников", "№ Вх-1204/26 от 22.11.2026")
LINK = "http://office.example/documents/1"


def pdf(pages: int = 2, size: tuple[float, float] = (595, 842)) -> bytes:
    target = io.BytesIO()
    sheet = Canvas(target, pagesize=size)
    for number in range(pages):
        sheet.drawString(72, 700, f"page {number + 1}")
        sheet.showPage()
    sheet.save()
    return target.getvalue()


def placed(content: bytes) -> dict[str, tuple[float, float]]:
    """Return where each word of the first sheet stands, in points from its bottom left corner."""
    found: dict[str, tuple[float, float]] = {}

    def visit(text: str, matrix: list[float], position: list[float], *_: object) -> None:
        if text.strip():
            x = position[4] * matrix[0] + position[5] * matrix[2] + matrix[4]
            found[text.strip()] = (x, position[4] * matrix[1] + position[5] * matrix[3] + matrix[5])

    PdfReader(io.BytesIO(content)).pages[0].extract_text(visitor_text=visit)
    return found


def test_the_stamp_is_at_the_bottom_right_of_the_first_sheet_only() -> None:
    source = pdf()
    made = stamped(source, "письмо.pdf", lines=LINES, link=LINK)
    first, second = PdfReader(io.BytesIO(made)).pages
    assert "page 1" in first.extract_text()
    x, y = placed(made)[LINES[1]]
    assert x > 595 / 2
    assert y < 80
    assert len(first.images) == 1
    assert second.extract_text().strip() == "page 2"
    assert made == stamped(source, "письмо.pdf", lines=LINES, link=LINK), "the same copy every time"


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_scan_has_the_stamp_where_people_look(turn: int) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(1))))
    writer.pages[0].rotate(turn)
    target = io.BytesIO()
    writer.write(target)
    made = stamped(target.getvalue(), "скан.pdf", lines=LINES, link=LINK)
    page = PdfReader(io.BytesIO(made)).pages[0]
    x, y = placed(made)[LINES[1]]
    assert page.rotation == 0
    assert float(page.cropbox.left) + float(page.cropbox.width) / 2 < x < float(page.cropbox.right)
    assert float(page.cropbox.bottom) < y < float(page.cropbox.bottom) + 80


def test_what_a_later_document_did_is_said_across_the_top() -> None:
    made = stamped(pdf(1), "п.pdf", lines=("очень длинное название " * 9,), link="",
                   warning="Утратил силу: № 5-р")
    places = placed(made)
    assert places["Утратил силу: № 5-р"][1] > 800
    assert any(text.endswith("…") for text in places)


def protected() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(1))))
    writer.encrypt("secret")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 letter", b"\x00" * 2000, protected()],
                         ids=["empty", "torn", "zeros", "protected"])
def test_what_is_no_readable_pdf_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(BadDocument, match=r"«скан\.pdf»"):
        stamped(content, "скан.pdf", lines=LINES, link=LINK)


def test_a_slow_file_is_given_up() -> None:
    with pytest.raises(BadDocument, match="не удалось поставить за"):
        stamped(pdf(1), "скан.pdf", lines=LINES, link=LINK, timeout_s=0.001)
