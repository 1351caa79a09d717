"""The letters of the demonstration, made here: .docx and .pdf files from invented correspondents.

Real files, so that opening one from the registry shows a letter. The .pdf ones are written by ReportLab:
BSD licence and one dependency of its own (Pillow), where fpdf2 (LGPL) brings three. Its own fonts have no
Cyrillic, so the font is Open Sans (Apache 2.0) from a package that holds nothing else. Both are the extra
`demo`: an installation that never shows the demonstration carries neither.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape

_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)
_ADDRESSEE = ("Председателю Профсоюза работников здравоохранения «Забота»", "А. Л. Берёзову")
_OTHERS_ADDRESS = ("Благотворительному фонду «Тёплый дом»",)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter: who writes, about what; `age` is how many days ago; `kind` is a code of the process."""

    code: str
    sender: str
    place: str
    number: str
    age: int
    title: str
    body: tuple[str, ...]
    post: str
    signer: str
    kind: str
    delivery: str
    form: str
    addressee: tuple[str, ...] = _ADDRESSEE

    def dated(self, today: date) -> date:
        """Return the date written on the letter."""
        return today - timedelta(days=self.age)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFile:
    """A letter as a file; `field` is the field of a form that it is put into."""

    name: str
    mime: str
    content: bytes
    field: str = "files"


LETTERS = MappingProxyType({one.code: one for one in (
    Letter(
        code="ministry", sender="Министерство охраны здоровья Лесного края", place="г. Лесогорск",
        number="07-11/2184", age=4, kind="ministry", delivery="edo", form="docx",
        title="О проекте отраслевого соглашения на следующий трёхлетний период",
        body=(
            "Министерство подготовило проект отраслевого соглашения на следующий трёхлетний период и "
            "направляет его для рассмотрения.",
            "Просим сообщить позицию Профсоюза по разделам «Оплата труда» и «Охрана труда», а также "
            "предложить кандидатуры в состав рабочей группы (не более трёх человек).",
            "Отсутствие ответа в установленный срок будет расценено как отсутствие замечаний.",
        ),
        post="Заместитель министра", signer="П. Н. Сосновский",
    ),
    Letter(
        code="federation", sender="Федерация независимых союзов Поволжья", place="г. Ольховск",
        number="214/ф", age=2, kind="for_information", delivery="email", form="pdf",
        title="О проведении месячника охраны труда",
        body=(
            "Исполком Федерации объявил месячник охраны труда. Тема этого года — безопасность "
            "медицинских работников на выезде.",
            "Направляем план мероприятий для сведения. Сводный отчёт Федерация составит сама, "
            "отдельный ответ на это письмо не требуется.",
        ),
        post="Секретарь исполкома", signer="Е. В. Луговая",
    ),
    Letter(
        code="north", sender="Северогорская областная организация Профсоюза", place="г. Северогорск",
        number="63", age=3, kind="organisation", delivery="email", form="docx",
        title="О разъяснении порядка доплат за совмещение",
        body=(
            "В организацию обращаются работники станций скорой помощи: при совмещении должностей "
            "размер доплаты не указывают в приказе, а сообщают устно.",
            "Просим разъяснить, обязателен ли письменный размер доплаты и кто отвечает за его "
            "согласование с профсоюзным комитетом, и направить образец дополнительного соглашения.",
        ),
        post="Председатель организации", signer="Т. А. Морошкина",
    ),
    Letter(
        code="south", sender="Южноморская краевая организация Профсоюза", place="г. Южноморск",
        number="118-к", age=5, kind="organisation", delivery="post", form="pdf",
        title="О проверке условий труда в отделениях лучевой диагностики",
        body=(
            "В трёх больницах края персонал отделений лучевой диагностики работает без индивидуальных "
            "дозиметров: срок поверки истёк, новые не закуплены.",
            "Просим направить технического инспектора труда и подготовить правовое заключение о праве "
            "работников отказаться от выполнения работ.",
        ),
        post="Председатель организации", signer="Б. К. Приморский",
    ),
    Letter(
        code="clinic", sender="Поликлиника № 17 города Ивановки", place="г. Ивановка",
        number="01-09/77", age=1, kind="opinion_act", delivery="courier", form="docx",
        title="О мотивированном мнении по проекту графика сменности",
        body=(
            "Направляем проект графика сменности на следующее полугодие и просим выразить "
            "мотивированное мнение выборного органа в порядке статьи 372 Трудового кодекса.",
            "Проект рассмотрен комиссией поликлиники, обоснование прилагается на одном листе.",
        ),
        post="Главный врач", signer="Р. Ф. Аистова",
    ),
    Letter(
        code="stranger", sender="Поликлиника № 17 города Ивановки", place="г. Ивановка",
        number="01-09/78", age=1, kind="for_information", delivery="post", form="pdf",
        title="О приёме тёплых вещей",
        body=("Сообщаем, что поликлиника готова передать фонду собранные сотрудниками тёплые вещи.",),
        post="Главный врач", signer="Р. Ф. Аистова", addressee=_OTHERS_ADDRESS,
    ),
)})


def in_words(day: date) -> str:
    """Return a date as letters write it.

    >>> in_words(date(2026, 11, 2))
    '2 ноября 2026 г.'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year} г."


def make(letter: Letter, today: date) -> LetterFile:
    """Return a letter as a file."""
    write = _WRITERS[letter.form]
    mime = DOCX if letter.form == "docx" else PDF
    return LetterFile(name=f"Письмо {letter.number.replace('/', '-')}.{letter.form}", mime=mime,
                      content=write(letter, today))


def draft_reply(letter: Letter, today: date) -> LetterFile:
    """Return the draft of an answer to a letter, for the field of drafts."""
    said = f"На № {letter.number} от {in_words(letter.dated(today))} сообщаем: замечания Профсоюза готовы."
    return draft("Проект ответа", f"Ответ: {letter.title}", (said,), today, addressee=(letter.sender,))


def draft(
    name: str, title: str, body: tuple[str, ...], today: date, *, addressee: tuple[str, ...] = ()
) -> LetterFile:
    """Return the draft of the organisation's own document, for the field of drafts."""
    own = Letter(
        code="draft", sender="Профсоюз работников здравоохранения «Забота»", place="г. Москва",
        number="б/н", age=0, title=title, body=body, post="Председатель",
        signer="А. Л. Берёзов", kind="letter", delivery="email", form="docx", addressee=addressee,
    )
    return LetterFile(name=f"{name}.docx", mime=DOCX, content=_docx(own, today), field="draft")


def _docx(letter: Letter, today: date) -> bytes:
    from docx import Document  # noqa: PLC0415 - heavy, and needed by the demonstration alone
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN  # noqa: PLC0415
    from docx.shared import Cm, Pt  # noqa: PLC0415

    made = Document()
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(3), Cm(1.5)
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(13)
    normal.paragraph_format.space_after = Pt(6)

    def line(text: str, align: Any, *, bold: bool = False, indent: float = 0, first: float = 0) -> None:
        paragraph = made.add_paragraph()
        paragraph.alignment = align
        paragraph.paragraph_format.left_indent = Cm(indent)
        paragraph.paragraph_format.first_line_indent = Cm(first)
        paragraph.add_run(text).bold = bold

    line(letter.sender.upper(), ALIGN.CENTER, bold=True)
    line(letter.place, ALIGN.CENTER)
    line(f"{in_words(letter.dated(today))}   № {letter.number}", ALIGN.LEFT)
    for text in letter.addressee:
        line(text, ALIGN.LEFT, indent=8.5)
    line(letter.title, ALIGN.CENTER, bold=True)
    for text in letter.body:
        line(text, ALIGN.JUSTIFY, first=1.25)
    line("", ALIGN.LEFT)
    line(f"{letter.post}\t\t\t{letter.signer}", ALIGN.LEFT)
    made.core_properties.author, made.core_properties.title = letter.sender, letter.title
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def _pdf(letter: Letter, today: date) -> bytes:
    from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY  # noqa: PLC0415
    from reportlab.lib.pagesizes import A4  # noqa: PLC0415
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415
    from reportlab.lib.units import cm  # noqa: PLC0415
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer  # noqa: PLC0415

    _fonts()
    plain = ParagraphStyle("plain", fontName="b24flow-demo", fontSize=11, leading=16, spaceAfter=6)
    centre = ParagraphStyle("centre", plain, alignment=TA_CENTER)
    head = ParagraphStyle("head", centre, fontName="b24flow-demo-bold", spaceAfter=10)
    right = ParagraphStyle("right", plain, leftIndent=8.5 * cm)
    text = ParagraphStyle("text", plain, alignment=TA_JUSTIFY, firstLineIndent=1.25 * cm)
    story = [
        Paragraph(escape(letter.sender.upper()), head), Paragraph(escape(letter.place), centre),
        Paragraph(f"{in_words(letter.dated(today))} &nbsp; № {escape(letter.number)}", plain),
        *(Paragraph(escape(one), right) for one in letter.addressee), Spacer(1, 0.6 * cm),
        Paragraph(escape(letter.title), head), *(Paragraph(escape(one), text) for one in letter.body),
        Spacer(1, 1 * cm), Paragraph(f"{escape(letter.post)} ____________ {escape(letter.signer)}", plain),
    ]
    target = io.BytesIO()
    SimpleDocTemplate(
        target, pagesize=A4, leftMargin=3 * cm, rightMargin=1.5 * cm, topMargin=2 * cm, bottomMargin=2 * cm,
        title=letter.title, author=letter.sender,
    ).build(story)
    return target.getvalue()


def _fonts() -> None:
    """Make the two faces known; registering them again is harmless."""
    import ttf_opensans  # noqa: PLC0415
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415

    faces = {"b24flow-demo": ttf_opensans.OPENSANS_REGULAR, "b24flow-demo-bold": ttf_opensans.OPENSANS_BOLD}
    for name, face in faces.items():
        pdfmetrics.registerFont(TTFont(name, str(face.path)))


_WRITERS: dict[str, Callable[[Letter, date], bytes]] = {"docx": _docx, "pdf": _pdf}
