"""The shipped templates as a program: `python templates/build.py` writes templates/*.docx again.

A .docx cannot be reviewed line by line, this can. Requisites follow ГОСТ Р 7.0.97-2025 (organisation, kind of
document, date, number, heading, text, mark of annexes, signature, mark of the electronic signature, executor,
QR code at the bottom right of the first sheet; page numbers from the second sheet, top centre). What a template
may use is told by `b24flow template names`; an organisation edits copies of these files in Word and puts them
into data/templates.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from b24flow.rendering.package import settled

HERE = Path(__file__).parent
FONT = "Times New Roman"
TEXT, TABLE, SMALL = 13, 10, 9
BLANK = "______________"
REGISTERED = (
    "{% if number %}{{ date|day_words }} № {{ number }}{% else %}" + f"{BLANK} № {BLANK}" + "{% endif %}"
)


class Page:
    """A document under construction; text goes where the cursor is: the body or a cell."""

    def __init__(self, title: str, *, landscape: bool = False, qr: bool = True, left: int = 30) -> None:
        self.document = Document()
        self.document.core_properties.title = title
        self.document.core_properties.author = ""
        self.document.core_properties.comments = ""
        self._style()
        section = self.document.sections[0]
        width, height = (297, 210) if landscape else (210, 297)
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(width), Mm(height)
        left, right = (20, 10) if landscape else (left, 15)
        section.left_margin, section.right_margin = Mm(left), Mm(right)
        section.top_margin, section.bottom_margin = Mm(20), Mm(15)
        section.header_distance = section.footer_distance = Mm(8)
        self.width = width - left - right
        section.different_first_page_header_footer = True
        _page_number(section.header.paragraphs[0])
        self._first_footer(section.first_page_footer, qr)
        self.at: Any = self.document

    def _style(self) -> None:
        normal = self.document.styles["Normal"]
        normal.font.name, normal.font.size = FONT, Pt(TEXT)
        fonts = normal.element.rPr.rFonts
        for one in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(one), FONT)
        normal.paragraph_format.space_after = Pt(0)
        normal.paragraph_format.widow_control = True

    def _first_footer(self, footer: Any, qr: bool) -> None:
        self.at = footer
        if not qr:
            return
        left, right = self.cells(footer.add_table(1, 2, Mm(self.width)), (self.width - 30, 30))
        footer.paragraphs[0]._p.getparent().remove(footer.paragraphs[0]._p)
        self.at = left
        self.text("{% if initiator %}Исполнитель: {{ initiator|initials }}{% endif %}", size=SMALL)
        self.text("Сформировано {{ printed_at }}", size=SMALL)
        self.at = right
        self.text("{{ link|qr }}", align=ALIGN.RIGHT)
        footer.add_paragraph().paragraph_format.line_spacing = Pt(1)

    def text(
        self, text: str, *, size: float = 0, bold: bool = False, align: Any = None, indent: float = 0,
        before: float = 0, after: float = 0, keep: bool = False, page: bool = False,
    ) -> Any:
        """Add a paragraph; the first one of a cell is the one it has."""
        made = self.at.add_paragraph()
        first = self.at.paragraphs[0] if hasattr(self.at, "paragraphs") else None
        if hasattr(self.at, "_tc") and len(self.at.paragraphs) == 2 and first is not None and not first.text \
                and not first.runs:
            first._p.getparent().remove(first._p)
        run = made.add_run(text)
        run.bold = bold
        if size:
            run.font.size = Pt(size)
        form = made.paragraph_format
        form.alignment, form.first_line_indent = align, Mm(indent) if indent else None
        form.space_before, form.space_after = Pt(before), Pt(after)
        form.keep_with_next, form.page_break_before = keep, page
        return made

    def spacer(self) -> None:
        """Add a paragraph that stays: a cell without one is no cell, and optional blocks leave nothing."""
        self.text("", size=1).paragraph_format.line_spacing = Pt(1)

    def tag(self, text: str) -> None:
        """Add a paragraph that holds only markup and disappears."""
        self.text("{%p " + text + " %}")

    def body(self, text: str, *, keep: bool = False) -> None:
        """Add a paragraph of the main text, `keep` on one page with the next one."""
        made = self.text(text, align=ALIGN.JUSTIFY, indent=12.5, keep=keep)
        made.paragraph_format.line_spacing = 1.15

    def cells(self, table: Any, widths: Sequence[float]) -> Sequence[Any]:
        """Fix the widths of a table's columns; return the cells of its first row."""
        table.autofit = False
        table.alignment = WD_TABLE_ALIGNMENT.LEFT
        for place, width in enumerate(widths):
            table.columns[place].width = Mm(width)
            for cell in table.columns[place].cells:
                cell.width = Mm(width)
        return table.rows[0].cells

    def columns(self, *widths: float) -> Sequence[Any]:
        """Add a row of cells without borders, on one page as long as it fits."""
        table = self.document.add_table(1, len(widths))
        _row(table.rows[0])
        return self.cells(table, widths)

    def grid(self, rows: str, heads: Sequence[tuple[str, float, str]], *, size: float = TABLE) -> None:
        """Add a table with a line for each of `rows` («one in points»): heading, width, content."""
        table = self.document.add_table(4, len(heads))
        table.style = "Table Grid"
        self.cells(table, [width for _, width, _ in heads])
        for place, (head, _, content) in enumerate(heads):
            _fill(table.cell(0, place), head, size, bold=True, align=ALIGN.CENTER)
            _fill(table.cell(2, place), content, size)
        _fill(table.cell(1, 0), "{%tr for " + rows + " %}", size)
        _fill(table.cell(3, 0), "{%tr endfor %}", size)
        _row(table.rows[0], header=True)
        _row(table.rows[2])

    def facts(self, label: str, value: str, size: float = 11) -> None:
        """Add one line «label: value» that is left out when the value is empty."""
        made = self.text(f"{label}: ", size=size, after=2)
        made.runs[0].bold = True
        run = made.add_run(value)
        run.font.size = Pt(size)

    def bytes(self) -> bytes:
        """Return the file."""
        target = io.BytesIO()
        self.document.save(target)
        return settled(target.getvalue())


def _fill(cell: Any, text: str, size: float, *, bold: bool = False, align: Any = None) -> None:
    paragraph = cell.paragraphs[0]
    for number, line in enumerate(text.split("\n")):
        made = paragraph if number == 0 else cell.add_paragraph()
        run = made.add_run(line)
        run.font.size, run.bold = Pt(size), bold
        made.alignment = align


def _row(row: Any, *, header: bool = False) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if header:
        properties.append(OxmlElement("w:tblHeader"))


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = ALIGN.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run = OxmlElement("w:r")
    run.append(OxmlElement("w:t"))
    run[0].text = "2"
    field.append(run)
    paragraph._p.append(field)


# --- parts that several documents have ------------------------------------------------------------------------


def head(page: Page, kind: str, *, body: str = "", date: str = "date", number: str = "number") -> None:
    """Add the centred head: organisation, body, kind of document, date, place and number."""
    page.tag("if status")
    page.text("{{ status }}", bold=True, align=ALIGN.RIGHT, after=8)
    page.tag("endif")
    page.text("{{ organisation.name|upper }}", bold=True, align=ALIGN.CENTER)
    if body:
        page.tag(f"if {body}")
        page.text("{{ " + body + "|upper }}", bold=True, align=ALIGN.CENTER, before=6)
        page.tag("endif")
    page.text(kind, bold=True, size=16, align=ALIGN.CENTER, before=14, after=10)
    third = page.width / 3
    left, middle, right = page.columns(third, third, third)
    page.at = left
    page.text("{% if " + date + " %}{{ " + date + "|day_words }}{% else %}" + BLANK + "{% endif %}")
    page.at = middle
    page.text("{{ organisation.place }}", align=ALIGN.CENTER)
    page.at = right
    page.text("№ {% if " + number + " %}{{ " + number + " }}{% else %}________{% endif %}", align=ALIGN.RIGHT)
    page.at = page.document


def heading(page: Page, width: float = 0) -> None:
    """Add the heading of the text, at most as wide as the rule says."""
    made = page.text("{{ title }}", bold=True, before=12, after=12, keep=True)
    made.paragraph_format.right_indent = Mm(width or page.width - 95)


def signature(page: Page) -> None:
    """Add post, name, and between them the mark of an electronic signature, when there is one."""
    page.text("", before=18, keep=True)
    left, middle, right = page.columns(page.width - 107, 57, 50)
    page.at = left
    page.text("{{ signer|post }}")
    page.at = middle
    mark(page)
    page.at = right
    page.text("{{ signer|initials_first }}", align=ALIGN.RIGHT)
    page.at = page.document


def mark(page: Page) -> None:
    """Add «Документ подписан электронной подписью» with who, when and which edition."""
    page.tag("if signature and signature.electronic")
    for text, bold in (
        ("Документ подписан электронной подписью", True), ("{{ signature.method|sentence }}", False),
        ("Подписал: {{ signature.person|full_name }}"
         "{% if signature.behalf %} (за: {{ signature.behalf|initials }}){% endif %}", False),
        ("{{ signature.at }}", False), ("SHA-256 {{ signature.sha256 }}", False),
    ):
        made = page.text(text, size=7.5, bold=bold, align=ALIGN.CENTER)
        _frame(made)
    page.tag("endif")
    page.spacer()


def _frame(paragraph: Any) -> None:
    """Draw one border around neighbouring paragraphs that have it."""
    borders = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "6"), ("space", "2"), ("color", "auto")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Mm(2)


def points(page: Page) -> None:
    """Add numbered points with executor and term."""
    page.tag("for one in points")
    page.tag("if one.executor or one.term")
    page.body("{{ one.number }}. {{ one.text }}", keep=True)
    made = page.text(
        "{% if one.executor %}Исполнитель: {{ one.executor|initials }}{% endif %}"
        "{% if one.executor and one.term %}, срок{% elif one.term %}Срок{% endif %}"
        "{% if one.term %} — до\u00a0{{ one.term|day_words }}{% endif %}", indent=12.5, after=4)
    made.runs[0].italic = True
    page.tag("else")
    page.body("{{ one.number }}. {{ one.text }}")
    page.tag("endif")
    page.tag("endfor")


def control(page: Page, what: str, otherwise: str = "") -> None:
    """Add who controls the execution; a signature never stands on a page without a line of the text."""
    page.tag("if controller")
    page.body(f"Контроль за выполнением настоящего {what} возложить на "
              "{{ controller|accusative|post|lower_first }} {{ controller|accusative|initials }}", keep=True)
    if otherwise:
        page.tag("else")
        page.body(otherwise, keep=True)
    page.tag("endif")


def annexes(page: Page, what: str) -> None:
    """Add a sheet for every annex, each with its mark."""
    page.tag("for one in annexes")
    page.text("Приложение № {{ one.number }}", align=ALIGN.RIGHT, page=True)
    page.text(f"к {what} от " + "{% if date %}{{ date|day_words }}{% else %}" + BLANK + "{% endif %}"
              " № {% if number %}{{ number }}{% else %}________{% endif %}", align=ALIGN.RIGHT, after=12)
    page.text("{{ one.name }}", bold=True, align=ALIGN.CENTER)
    page.tag("endfor")


def letterhead(page: Page) -> None:
    """Add the corner head of a letter: the organisation on the left, addressees on the right."""
    half = page.width / 2
    left, right = page.columns(half, half)
    page.at = left
    page.text("{{ organisation.name }}", bold=True, size=11, align=ALIGN.CENTER)
    page.tag("for line in organisation.address")
    page.text("{{ line }}", size=SMALL, align=ALIGN.CENTER)
    page.tag("endfor")
    page.text(REGISTERED, size=11, before=8)
    page.tag("if card.basis")
    page.text("{{ card.basis|sentence }}", size=11)
    page.tag("endif")
    page.at = right
    page.tag("if addressees|count > 4")
    page.text("Адресатам по списку", indent=0)
    page.tag("else")
    page.tag("for one in addressees")
    page.text("{{ one }}", after=6)
    page.tag("endfor")
    page.tag("endif")
    page.spacer()
    for one in right.paragraphs:
        one.paragraph_format.left_indent = Mm(8)
    page.at = page.document


def annex_list(page: Page) -> None:
    """Name what goes with the text."""
    page.tag("if annexes")
    page.text("Приложение:", before=12, keep=True)
    page.tag("for one in annexes")
    page.text("{{ one.number }}. {{ one.name }}", keep=True)
    page.tag("endfor")
    page.tag("endif")


def letter_end(page: Page) -> None:
    """Add annexes, signature and, for many addressees, the list of dispatch."""
    annex_list(page)
    signature(page)
    page.tag("if addressees|count > 4")
    page.text("Лист рассылки", bold=True, align=ALIGN.CENTER, page=True)
    page.text("{{ title }}", size=11, align=ALIGN.CENTER, after=8)
    page.grid("one in addressees", (
        ("№", 12, "{{ loop.index }}"), ("Адресат", page.width - 12, "{{ one }}")), size=11)
    page.tag("endif")


def main_text(page: Page, name: str, empty: str) -> None:
    """Add the paragraphs of a text, or a place for it."""
    page.tag(f"for line in {name}|lines")
    page.body("{{ line }}")
    page.tag("endfor")
    page.tag(f"if not {name}")
    page.body(empty)
    page.tag("endif")


def sheet_head(page: Page, kind: str) -> None:
    """Add the head of a print form about a document."""
    page.text("{{ organisation.short }}", size=11, align=ALIGN.CENTER)
    page.text(kind, bold=True, size=14, align=ALIGN.CENTER, before=8, after=4)
    page.text("{{ process }}{% if kind %}: {{ kind|lower_first }}{% endif %}"
              "{% if number %}, № {{ number }} от {{ date|day_words }}{% else %} (проект){% endif %}",
              align=ALIGN.CENTER, size=12)
    page.text("{{ title }}", bold=True, align=ALIGN.CENTER, size=12, after=8)


# --- the documents ---------------------------------------------------------------------------------------------


def letter() -> Page:
    """A letter."""
    page = Page("Письмо")
    letterhead(page)
    heading(page)
    main_text(page, "text", "[Текст письма]")
    letter_end(page)
    return page


def reply() -> Page:
    """An answer to a letter."""
    page = Page("Ответ на обращение")
    letterhead(page)
    heading(page)
    page.tag("if card.basis")
    page.body("В ответ на Ваше обращение ({{ card.basis|lower_first }}) сообщаем следующее.")
    page.tag("endif")
    main_text(page, "text", "[Текст ответа]")
    letter_end(page)
    return page


def decree() -> Page:
    """A decree with points and annexes."""
    page = Page("Постановление")
    head(page, "ПОСТАНОВЛЕНИЕ", body="card.body")
    heading(page)
    page.tag("for line in card.preamble|lines")
    page.body("{{ line }}")
    page.tag("endfor")
    page.body("{% if card.body %}{{ card.body }} {% endif %}ПОСТАНОВЛЯЕТ:")
    points(page)
    control(page, "постановления")
    signature(page)
    annexes(page, "постановлению")
    return page


def directive() -> Page:
    """A directive with points."""
    page = Page("Распоряжение")
    head(page, "РАСПОРЯЖЕНИЕ")
    heading(page)
    page.tag("if card.basis")
    page.body("Основание: {{ card.basis }}.")
    page.tag("endif")
    page.tag("for line in text|lines")
    page.body("{{ line }}")
    page.tag("endfor")
    page.tag("if points")
    page.body("ОБЯЗЫВАЮ:")
    page.tag("endif")
    points(page)
    control(page, "распоряжения", "Контроль за выполнением настоящего распоряжения оставляю за собой.")
    signature(page)
    annexes(page, "распоряжению")
    return page


def extract() -> Page:
    """An extract from the minutes: one question."""
    page = Page("Выписка из протокола")
    head(page, "ВЫПИСКА ИЗ ПРОТОКОЛА", body="meeting.body", date="meeting.day",
         number="meeting.session")
    page.text("{% if meeting.poll %}Заочный опрос{% else %}Заседание{% endif %}", before=10)
    page.text("Избрано: {{ meeting.elected }}, участвовало: {{ meeting.present }}.", after=8)
    page.body("{% if meeting.item %}{{ meeting.item }}. {% endif %}СЛУШАЛИ: {{ title }}"
              "{% if card.speaker %}. Докладчик: {{ card.speaker|initials }}{% endif %}")
    page.body("РЕШИЛИ: {{ meeting.outcome|sentence }}.")
    page.tag("if points")
    page.body("ПОСТАНОВИЛИ:")
    page.tag("endif")
    points(page)
    page.body("ГОЛОСОВАЛИ: за — {{ meeting.votes_for }}, против — {{ meeting.votes_against }},"
              " воздержались — {{ meeting.abstained }}.")
    page.tag("if number")
    page.body("Постановление № {{ number }} от {{ date|day_words }}")
    page.tag("endif")
    page.text("Верно", before=18, keep=True)
    left, right = page.columns(page.width / 2, page.width / 2)
    page.at = left
    page.text("____________________")
    page.text("(должность, подпись, И. О. Фамилия)", size=SMALL)
    page.at = right
    page.text("{{ today|day_words }}", align=ALIGN.RIGHT)
    page.at = page.document
    return page


def memo() -> Page:
    """A memo: to whom, from whom, kind, text."""
    page = Page("Записка")
    _, right = page.columns(page.width / 2, page.width / 2)
    page.at = right
    page.tag("for one in recipients")
    page.text("{{ one|dative|post|sentence }}")
    page.text("{{ one|dative|initials }}", after=6)
    page.tag("endfor")
    page.text("от {{ initiator|genitive|post|lower_first }}")
    page.text("{{ initiator|genitive|initials }}")
    page.at = page.document
    page.text("{% if kind %}{{ kind|upper }}{% else %}СЛУЖЕБНАЯ ЗАПИСКА{% endif %}", bold=True,
              align=ALIGN.CENTER, before=18, after=8)
    page.text(REGISTERED)
    heading(page)
    main_text(page, "card.summary_text", "[Текст]")
    annex_list(page)
    page.text("", before=18, keep=True)
    left, right = page.columns(page.width - 60, 60)
    page.at = left
    page.text("{{ initiator|post }}")
    page.at = right
    page.text("{{ initiator|initials_first }}", align=ALIGN.RIGHT)
    page.at = page.document
    return page


def approval_sheet() -> Page:
    """All rounds of approval with the edition that every visa belongs to."""
    page = Page("Лист согласования", left=20)
    sheet_head(page, "ЛИСТ СОГЛАСОВАНИЯ")
    page.tag("for round in rounds")
    page.text("Круг {{ round.number }}, начат {{ round.opened_at }}: {{ round.outcome }}", bold=True, size=11,
              before=8, after=4, keep=True)
    page.tag("if round.note")
    page.text("Ответ на замечания: {{ round.note }}", size=TABLE, after=4)
    page.tag("endif")
    person = ("{% if one.person %}{{ one.person|initials }}{% if one.who %} (за роль: {{ one.who }}){% endif %}"
              "{% else %}{{ one.who }}{% endif %}{% if one.behalf %} (за: {{ one.behalf|initials }}){% endif %}")
    page.grid("one in round.visas", (
        ("№", 8, "{{ one.number }}"), ("Должность", 37, "{{ one.person|post }}"), ("Фамилия, И. О.", 38, person),
        ("Решение", 24, "{{ one.state|sentence }}"), ("Замечания", 31, "{{ one.remark }}"),
        ("Ред.", 16, "{{ one.edition }}"),
        ("Получено,\nрешено", 21, "{{ one.asked_at }}\n{{ one.at }}")), size=SMALL)
    page.tag("endfor")
    page.text("{% if not rounds %}Согласование не проводилось.{% endif %}", size=11, before=6)
    signed_line(page)
    return page


def signed_line(page: Page) -> None:
    """Say under a sheet who signed, and who recorded a signature made on paper."""
    page.tag("if signature")
    page.text("Подписано: {{ signature.person|post }} {{ signature.person|initials }}, {{ signature.method }}"
              "{% if signature.recorded %} (записано: {{ signature.recorded|initials }}){% endif %}, "
              "{{ signature.at }}", size=11, before=10)
    page.text("SHA-256 подписанной редакции: {{ signature.sha256 }}", size=8)
    page.tag("endif")


def acknowledgement_sheet() -> Page:
    """Who was asked to read, who did, when."""
    page = Page("Лист ознакомления", left=20)
    sheet_head(page, "ЛИСТ ОЗНАКОМЛЕНИЯ")
    page.text("{% if not readers %}Ознакомление не назначалось.{% endif %}", size=11, after=6)
    page.tag("if readers")
    page.grid("one in readers", (
        ("№", 12, "{{ one.number }}"), ("Фамилия, имя, отчество", 55, "{{ one.person|full_name }}"),
        ("Должность", 50, "{{ one.person|post }}"),
        ("Отметка", 33, "{{ one.state|sentence }}{% if one.behalf %} ({{ one.behalf|initials }}){% endif %}"
         "{% if one.edition %}, {{ one.edition }}{% endif %}{% if one.reason %}: {{ one.reason }}{% endif %}"),
        ("Дата и время", 25, "{{ one.at }}")))
    page.tag("endif")
    signed_line(page)
    return page


def registration_card() -> Page:
    """The registration and control card (РКК)."""
    page = Page("РКК", left=20)
    page.text("{{ organisation.short }}", size=11, align=ALIGN.CENTER)
    page.text("РЕГИСТРАЦИОННО-КОНТРОЛЬНАЯ КАРТОЧКА", bold=True, size=14, align=ALIGN.CENTER, before=6, after=2)
    page.text("{{ process }}{% if number %}, № {{ number }} от {{ date|day_words }}{% else %} (проект){% endif %}",
              align=ALIGN.CENTER, after=8)
    width = page.width
    page.grid("row in card_rows", (
        ("Поле", 50, "{{ row.label }}"),
        ("Значение", width - 50, "{{ row.value }}{% if row.note %} [{{ row.note }}]{% endif %}")))
    page.text("", size=6)
    for label, value, when in (
        ("Состояние", "{{ state }}{% if status %}. {{ status }}{% endif %}", ""),
        ("Срок исполнения", "{{ term|day }}", "term"),
        ("Измененный срок исполнения", "{{ changed_term|day }}", "changed_term"),
        ("Контроль", "{{ control }}", "control"), ("Результат", "{{ result }}", "result"),
        ("Подписано", "{{ signature.person|initials }}, {{ signature.method }}, {{ signature.at }}", "signature"),
    ):
        if when:
            page.tag(f"if {when}")
        page.facts(label, value)
        if when:
            page.tag("endif")
    _section(page, "assignments", "Резолюции и поручения", "one in assignments", (
        ("№", 12, "{{ one.level }}"), ("Автор → исполнитель", 48,
         "{{ one.author|initials }} → {{ one.executor|initials }}\n{{ one.part }}"),
        ("Текст", 50, "{{ one.text }}"),
        ("Срок", 25, "{{ one.term|day }}{% if one.changed_term %} изменён: {{ one.changed_term|day }}{% endif %}"),
        ("Исполнение", width - 135,
         "{{ one.state }}{% if one.report %}: {{ one.report }}{% endif %} {{ one.done_on|day }}")))
    _section(page, "term_changes", "Изменения сроков", "one in term_changes", (
        ("Исполнитель", 38, "{{ one.executor|initials }}"),
        ("Было → стало", 45, "{{ one.before|day }} → {{ one.after|day }}"),
        ("Кто решил, когда", 45, "{{ one.by|initials }}, {{ one.at }}"), ("Причина", width - 128, "{{ one.reason }}")))
    _section(page, "deliveries", "Отправка", "one in deliveries", (
        ("Адресат", width - 105, "{{ one.addressee }}"), ("Состояние", 30, "{{ one.state }}"),
        ("Способ", 35, "{{ one.method }} {{ one.sent_on|day }}"), ("Номер отправления", 40, "{{ one.tracking }}")))
    _section(page, "links", "Связанные документы", "one in links", (
        ("Вид связи", 60, "{{ one.kind }}"), ("Документ", width - 60, "{{ one.text }}")))
    _section(page, "annexes", "Файлы", "one in annexes", (
        ("№", 12, "{{ one.number }}"), ("Имя файла", width - 12, "{{ one.name }}")))
    return page


def _section(page: Page, name: str, title: str, rows: str, heads: Sequence[tuple[str, float, str]]) -> None:
    page.tag(f"if {name}")
    page.text(title, bold=True, size=11, before=8, after=3, keep=True)
    page.grid(rows, heads, size=SMALL)
    page.tag("endif")


def registration_journal() -> Page:
    """The registration journal of a period."""
    page = Page("Журнал регистрации", landscape=True, qr=False)
    page.text("{{ organisation.short }}", size=11, align=ALIGN.CENTER)
    page.text("ЖУРНАЛ РЕГИСТРАЦИИ", bold=True, size=14, align=ALIGN.CENTER, before=4)
    page.text("{{ process }}, с {{ since|day }} по {{ until|day }}, записей: {{ rows|count }}",
              align=ALIGN.CENTER, size=11, after=6)
    page.grid("row in rows", (
        ("№", 11, "{{ row.place }}"), ("Номер", 25, "{{ row.number }}"), ("Дата", 20, "{{ row.date|day }}"),
        ("Корреспондент, адресат", 52, "{{ row.correspondent }}"), ("№ и дата корр.", 30, "{{ row.foreign }}"),
        ("Заголовок", 62, "{{ row.title }}{% if row.annulled %} [{{ row.annulled }}]{% endif %}"),
        ("Исполнители", 32, "{{ row.executors }}"),
        ("Срок", 35, "{{ row.term|day }}{% if row.changed_term %}, изменён: {{ row.changed_term|day }}{% endif %}"
         "\n{{ row.state }}")), size=8.5)
    page.text("{% if not rows %}За период ничего не зарегистрировано.{% endif %}", size=11, before=6)
    page.text("Делопроизводитель ____________________        Сформирован {{ printed_at }}", size=11, before=10)
    return page


def control_list() -> Page:
    """Open documents with a term, the nearest first."""
    page = Page("Контрольный перечень", landscape=True, qr=False)
    page.text("{{ organisation.short }}", size=11, align=ALIGN.CENTER)
    page.text("КОНТРОЛЬНЫЙ ПЕРЕЧЕНЬ", bold=True, size=14, align=ALIGN.CENTER, before=4)
    page.text("{{ process }}, на {{ until|day_words }}, документов: {{ rows|count }}", align=ALIGN.CENTER,
              size=11, after=6)
    page.grid("row in rows", (
        ("№", 11, "{{ row.place }}"), ("Документ", 38, "{{ row.number }} от {{ row.date|day }}"),
        ("Корреспондент, адресат", 50, "{{ row.correspondent }}"), ("Заголовок", 66, "{{ row.title }}"),
        ("У кого", 40, "{{ row.holders }}"),
        ("Срок", 34, "{% if row.changed_term %}{{ row.changed_term|day }} (был\u00a0{{ row.term|day }})"
         "{% else %}{{ row.term|day }}{% endif %}{% if row.overdue %} ПРОСРОЧЕН{% endif %}"),
        ("Состояние", 28, "{{ row.state }}")), size=SMALL)
    page.text("{% if not rows %}Документов со сроком нет.{% endif %}", size=11, before=6)
    return page


def _points_table(page: Page) -> None:
    page.grid("one in points", (
        ("№", 10, "{{ one.number }}"), ("Пункт", 56, "{{ one.text }}"),
        ("Исполнитель", 38, "{{ one.executor|initials }}"),
        ("Срок", 24, "{{ one.term|day }}{% if one.changed_term %} изменён: {{ one.changed_term|day }}{% endif %}"),
        ("Исполнение", page.width - 128, "{{ one.state }}{% if one.report %}. {{ one.report }}{% endif %}"
         "{% if one.done_on %} ({{ one.done_on|day }}){% endif %}"
         "{% if one.released_on %}, снят {{ one.released_on|day }}{% endif %}")))


def control_points() -> Page:
    """The points of a document with their terms."""
    page = Page("Контрольный перечень пунктов", left=20)
    sheet_head(page, "КОНТРОЛЬНЫЙ ПЕРЕЧЕНЬ")
    page.text("На {{ today|day_words }}{% if controller %} Контролёр: {{ controller|initials }}{% endif %}",
              size=11, after=4)
    page.tag("if points")
    _points_table(page)
    page.tag("else")
    page.text("Пунктов с исполнением нет.", size=11)
    page.tag("endif")
    return page


def statement() -> Page:
    """What was done: the statement of execution for a controller or the next meeting."""
    page = Page("Справка об исполнении", left=20)
    sheet_head(page, "СПРАВКА ОБ ИСПОЛНЕНИИ")
    page.text("На {{ today|day_words }} Состояние документа: {{ state|lower_first }}."
              "{% if term %} Срок: {{ term|day }}{% if changed_term %}, измененный: {{ changed_term|day }}"
              "{% endif %}.{% endif %}", size=12, after=6)
    page.tag("if points")
    _points_table(page)
    page.tag("elif assignments")
    page.grid("one in assignments", (
        ("№", 12, "{{ one.level }}"), ("Исполнитель", 36, "{{ one.executor|initials }}\n{{ one.part }}"),
        ("Поручение", 50, "{{ one.text }}"),
        ("Срок", 24, "{{ one.term|day }}{% if one.changed_term %} изменён: {{ one.changed_term|day }}{% endif %}"),
        ("Исполнение", page.width - 122, "{{ one.state }}{% if one.report %}. {{ one.report }}{% endif %}"
         "{% if one.done_on %} ({{ one.done_on|day }}){% endif %}")))
    page.tag("else")
    page.text("Поручений нет.", size=11)
    page.tag("endif")
    page.tag("if result")
    page.text("Результат: {{ result }}", size=12, before=8)
    page.tag("endif")
    page.text("{% if controller %}Контролёр{% endif %}", before=16, keep=True)
    left, right = page.columns(page.width - 60, 60)
    page.at = left
    page.text("{{ controller|post }}")
    page.at = right
    page.text("{{ controller|initials_first }}", align=ALIGN.RIGHT)
    page.at = page.document
    return page


TEMPLATES: dict[str, Callable[[], Page]] = {
    one.__name__: one for one in (
        letter, reply, decree, directive, extract, memo, approval_sheet, acknowledgement_sheet,
        registration_card, registration_journal, control_list, control_points, statement)
}


def build(folder: Path) -> None:
    """Write every template into a folder."""
    for code, make in TEMPLATES.items():
        (folder / f"{code}.docx").write_bytes(make().bytes())


if __name__ == "__main__":
    build(HERE)
