"""Drafts from templates and print forms through the use cases, on both engines."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document as Docx
from pypdf import PdfReader

from b24flow.core.commands import Command
from b24flow.core.document import Document, FileRef
from b24flow.core.evolve import replay
from b24flow.core.people import Department, Employee
from b24flow.definitions.calendar import load_calendar
from b24flow.definitions.loader import load_processes
from b24flow.errors import InvalidForm, NotAllowed, NotFound, Refused
from b24flow.services import journals
from b24flow.services.act import Acted, act, start
from b24flow.services.office import Office, People
from b24flow.services.render import print_forms, printed, used_template
from b24flow.services.tickets import Tickets
from b24flow.store import documents, journal, people
from b24flow.store.engine import Database
from b24flow.store.files import ContentStore
from tests.town import ROLES, ROOT, ZONE, Catalogue, MovingClock
from tests.unit.rendering.samples import organisation
from tests.unit.rendering.test_stamp import pdf
from tests.unit.rendering.test_templates import docx, engine, everything

CHAIR, DEPUTY, OFFICE_HEAD, CLERK, HEAD, LAWYER, SPECIALIST = 2, 3, 5, 6, 11, 16, 17
LETTER = {"addressees": "Министерство здравоохранения\nООО «R&D <Alpha>»", "title": "О мерах поддержки",
          "signer": str(CHAIR), "basis": "на № 15-07/3312 от 21.09.2026"}
Press = Callable[..., Acted]


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    clock = MovingClock()
    with database.transaction() as unit:
        people.save_departments(unit, [Department(id=1, name="Аппарат", head=CHAIR)])
        people.save_employees(unit, [
            Employee(id=user, last_name=f"Журавлёв{chr(1072 + user)}", first_name="Семён",
                     middle_name="Фёдорович", post="Заведующий отделом", department=1,
                     email=f"u{user}@union.example") for user in range(2, 18)
        ])
    own = tmp_path / "templates"
    own.mkdir()
    return Office(
        database=database, clock=clock, zone=ZONE, calendar=load_calendar(ROOT / "config" / "calendar"),
        definitions=Catalogue(load_processes(ROOT / "processes")), people=People(ROLES, clock),
        content=ContentStore(tmp_path / "files"), tickets=Tickets("secret"), install="renditions",
        base_url="https://office.example", renderer=engine(own), organisation=organisation(),
    )


def document_of(office: Office, uuid: str) -> Document:
    with office.database.reading() as unit:
        stored = documents.load(unit, uuid, lock=False)
        assert stored is not None
        assert replay(journal.records(unit, stored.id)) == stored.document
    return stored.document


def press(office: Office, uuid: str, user: int, action: str, *files: FileRef, command: str = "",
          **form: str | tuple[str, ...]) -> Acted:
    once = command or f"{action}-{uuid[:8]}-{document_of(office, uuid).version}"
    asked = Command(id=once, action=action, actor=user, form=form, files=files)
    return act(office, uuid, asked)


def begun(office: Office, process: str = "outgoing", **form: str) -> str:
    asked = Command(id=f"begin-{process}", action="save", actor=HEAD, form=form or LETTER)
    return start(office, process, asked).uuid


def content(office: Office, file: FileRef) -> str:
    return everything(office.content.path(file.sha256).read_bytes())


def test_a_rendering_is_a_new_edition_with_its_template_and_data(office: Office) -> None:
    uuid = begun(office)
    form = {**LETTER, "template": "letter", "draft_text": "Первый абзац.\nВторой, ёмкий."}
    done = press(office, uuid, HEAD, "render", command="once", **form)
    again = press(office, uuid, HEAD, "render", command="once", **form)
    assert (done.label, again.repeated) == ("Сформировать по шаблону", True)
    (file,) = document_of(office, uuid).files
    assert (file.part, file.edition, file.template, file.name) == ("draft", 1, "letter", "Письмо.docx")
    assert file.template_version == hashlib.sha256((ROOT / "templates/letter.docx").read_bytes()).hexdigest()
    text = content(office, file)
    for wanted in ("ООО «R&D <Alpha>»", "Второй, ёмкий.", "На № 15-07/3312", "С. Ф. Журавлёвв"):
        assert wanted in text
    with office.database.reading() as unit:
        kept = [one.payload["data"] for one in journal.history(unit, uuid) if one.type == "FilesAdded"]
    assert kept[0]["addressees"] == LETTER["addressees"].split("\n")
    press(office, uuid, HEAD, "render", **{**form, "title": "Новый заголовок"})
    first, second = document_of(office, uuid).files
    assert (first, second.edition) == (file, 2)
    assert "Новый заголовок" in content(office, second)
    assert document_of(office, uuid).card["title"] == "Новый заголовок"


def test_people_who_render_at_once_lose_nothing(office: Office) -> None:
    uuid = begun(office)
    commands = [Command(id=f"at-once-{number}", action="render", actor=HEAD, form={
        **LETTER, "template": "letter", "draft_text": f"Вариант {number}"}) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: act(office, uuid, one), commands))
    files = document_of(office, uuid).files
    assert [one.edition for one in files] == [1, 2, 3, 4, 5, 6]
    texts = [content(office, one) for one in files]
    assert all(any(f"Вариант {number}" in text for text in texts) for number in range(6))


def test_a_draft_keeps_the_version_of_its_template(office: Office, tmp_path: Path) -> None:
    uuid = begun(office)
    form = {**LETTER, "template": "letter"}
    press(office, uuid, HEAD, "render", **form)
    (tmp_path / "templates" / "letter.docx").write_bytes(docx("Новый бланк: {{ title }}"))
    press(office, uuid, HEAD, "render", **form)
    first, second = document_of(office, uuid).files
    assert first.template_version != second.template_version
    assert "Новый бланк" in content(office, second)
    assert "Новый бланк" not in content(office, first)
    name, source = used_template(office, uuid, first.id)
    assert (name, source) == ("letter", (ROOT / "templates" / "letter.docx").read_bytes())


@pytest.mark.parametrize(("line", "said"), [
    ("{{ unknown_name }}", "нет значения «unknown_name»"), ("{{ title.upper() }}", "код, а не поля"),
    ("{{ card.no_such }}", "нет значения"), ("{% for x in points %}", "ошибка в разметке"),
])
def test_a_wrong_template_changes_nothing(office: Office, tmp_path: Path, line: str, said: str) -> None:
    uuid = begun(office)
    before = document_of(office, uuid)
    (tmp_path / "templates" / "letter.docx").write_bytes(docx(line))
    with pytest.raises(Refused, match=said):
        press(office, uuid, HEAD, "render", **{**LETTER, "template": "letter", "title": "Другой"})
    assert document_of(office, uuid) == before


def test_a_huge_file_and_a_bomb_in_place_of_a_template_change_nothing(office: Office, tmp_path: Path) -> None:
    uuid = begun(office)
    before = document_of(office, uuid)
    place = tmp_path / "templates" / "letter.docx"
    with place.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(Refused, match="файл больше"):
        press(office, uuid, HEAD, "render", **{**LETTER, "template": "letter"})
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", b" " * (110 * 1024 * 1024))
    with pytest.raises(Refused, match="в распакованном виде"):
        press(office, uuid, HEAD, "render", **{**LETTER, "template": "letter"})
    assert document_of(office, uuid) == before


def test_whoever_may_not_and_whatever_is_not_offered_is_refused(office: Office) -> None:
    uuid = begun(office)
    with pytest.raises(NotAllowed):
        press(office, uuid, SPECIALIST, "render", **{**LETTER, "template": "letter"})
    with pytest.raises(InvalidForm):
        press(office, uuid, HEAD, "render", **{**LETTER, "template": "decree"})
    with pytest.raises(InvalidForm):
        press(office, uuid, HEAD, "render", template="letter")
    with pytest.raises(Refused, match="Сначала сохраните"):
        start(office, "outgoing", Command(id="x", action="render", actor=HEAD,
                                          form={**LETTER, "template": "letter"}))
    with pytest.raises(NotFound, match="пока не формируется"):
        printed(office, uuid, "approval_sheet")
    with pytest.raises(NotFound, match="нет печатной формы"):
        printed(office, uuid, "letter")
    with pytest.raises(Refused, match="не подключены"):
        act(replace(office, renderer=None), uuid,
            Command(id="y", action="render", actor=HEAD, form={**LETTER, "template": "letter"}))
    assert document_of(office, uuid).files == ()


def sign(office: Office, uuid: str, *files: FileRef) -> None:
    press(office, uuid, HEAD, "submit", *files, **{**LETTER, "route": (f"1:{LAWYER}",)})
    press(office, uuid, LAWYER, "approve")
    press(office, uuid, CHAIR, "sign")
    press(office, uuid, CLERK, "register", case_file="01-09")


def test_the_signed_edition_is_made_again_with_number_and_mark(office: Office, tmp_path: Path) -> None:
    uuid = begun(office)
    press(office, uuid, HEAD, "render", **{**LETTER, "template": "letter", "draft_text": "Текст на подпись"})
    sign(office, uuid)
    (tmp_path / "templates" / "letter.docx").write_bytes(docx("Новый бланк"))
    assert [one.code for one in print_forms(office, uuid)] == ["signed_copy", "card", "approval_sheet"]
    made = printed(office, uuid, "signed_copy")
    assert made.name == "Письмо с номером и отметкой о подписи 01-09-1.docx"
    text = everything(made.content)
    for wanted in ("№ 01-09/1", "Документ подписан электронной подписью", "Текст на подпись",
                   document_of(office, uuid).signatures[-1].sha256):
        assert wanted in text
    sheet = everything(printed(office, uuid, "approval_sheet").content)
    assert "ред. 1" in sheet
    assert "Согласовано" in sheet
    assert "01-09/1" in everything(printed(office, uuid, "card").content)


def test_a_file_that_was_edited_by_hand_gets_no_mark(office: Office) -> None:
    uuid = begun(office)
    press(office, uuid, HEAD, "render", **{**LETTER, "template": "letter"})
    sha256, size = office.content.put(docx("Правленый текст"))
    sign(office, uuid, FileRef(id="own", name="Письмо.docx", sha256=sha256, size=size, mime="x", part="draft",
                               added_by=HEAD, added_at=office.clock.now()))
    assert "signed_copy" not in [one.code for one in print_forms(office, uuid)]
    with pytest.raises(NotFound):
        printed(office, uuid, "signed_copy")


def test_a_directive_shows_its_points_sheets_and_statement(office: Office) -> None:
    uuid = begun(office, "directive", title="О проверке", kind="main", signer=str(CHAIR))
    form = {"title": "О проверке", "kind": "main", "signer": str(CHAIR), "controller": str(OFFICE_HEAD)}
    point = json.dumps({"text": "Проверить «ёлки»", "executor": str(SPECIALIST), "term": "2099-12-01"})
    press(office, uuid, HEAD, "render", **{**form, "template": "directive", "points": (point,)})
    text = content(office, document_of(office, uuid).files[0])
    assert "1. Проверить «ёлки»" in text
    assert "ОБЯЗЫВАЮ:" in text
    assert "возложить на заведующего отделом" in text
    press(office, uuid, HEAD, "submit", **{**form, "route": (f"1:{LAWYER}",), "readers": (str(SPECIALIST),)})
    press(office, uuid, LAWYER, "approve")
    press(office, uuid, CHAIR, "sign")
    press(office, uuid, CLERK, "register")
    offered = {one.code for one in print_forms(office, uuid)}
    assert {"signed_copy", "card", "approval_sheet", "acknowledgement_sheet", "control_points",
            "statement"} <= offered
    for code in offered:
        assert Docx(io.BytesIO(printed(office, uuid, code).content)).tables, code


def test_the_journal_and_the_control_list_of_a_period(office: Office) -> None:
    today = office.clock.now().astimezone(ZONE).date()
    scan = FileRef(id="s", name="s.pdf", sha256="0" * 64, size=1, mime="x", part="files", added_by=CLERK,
                   added_at=office.clock.now())
    for number in range(1, 4):
        form = {"correspondent": f"Больница № {number}", "received_on": today.isoformat(), "kind": "ministry",
                "title": f"Письмо {number}", "reviewers": (str(CHAIR),), "foreign_number": "7",
                "foreign_date": "2026-01-05"}
        start(office, "incoming", Command(id=f"in-{number}", action="register", actor=CLERK, files=(scan,),
                                          form=form))
    text = everything(journals.journal(office, "incoming", today, today).content)
    assert "записей: 3" in text
    assert text.index("Больница № 1") < text.index("Больница № 3")
    assert "7 от 05.01.2026" in text
    assert "документов: 3" in everything(journals.control_list(office, "incoming").content)
    early = today.replace(year=today.year - 1)
    nothing = journals.journal(office, "incoming", early, early)
    assert "ничего не зарегистрировано" in everything(nothing.content)
    with pytest.raises(InvalidForm, match="раньше начала"):
        journals.period("02.01.2026", "01.01.2026", today)
    with pytest.raises(NotFound):
        journals.journal(office, "nothing", today, today)


def test_without_libreoffice_a_pdf_is_a_docx_that_says_so(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    made = journals.control_list(office, None, "pdf")
    assert made.name.endswith(".docx")
    assert "не установлен LibreOffice" in made.note


def decided(office: Office) -> str:
    """A decree that was accepted and came into force; two of its points are nobody else's business."""
    given = tuple(json.dumps({"text": f"Наградить {name}", "executor": "", "term": ""})
                  for name in ("Иванову", "Петрова", "Сидорову"))
    form = {"body": "presidium", "title": "О награждении", "speaker": str(HEAD), "signer": str(CHAIR)}
    uuid = begun(office, "decree", **form)
    press(office, uuid, HEAD, "render", template="decree", points=given, **form)
    press(office, uuid, HEAD, "submit", points=given, **form)
    press(office, uuid, LAWYER, "approve")
    day = office.clock.now().astimezone(ZONE).date().isoformat()
    press(office, uuid, OFFICE_HEAD, "put_on_agenda", convocation="7", session="12", item="5", meeting_on=day)
    press(office, uuid, OFFICE_HEAD, "open_meeting")
    press(office, uuid, OFFICE_HEAD, "accepted", elected="11", present="9", votes_for="9")
    return uuid


def test_an_extract_for_one_organisation_hides_the_other_points(office: Office) -> None:
    uuid = decided(office)
    whole = everything(printed(office, uuid, "extract").content)
    assert all(name in whole for name in ("Иванову", "Петрова", "Сидорову"))
    made = printed(office, uuid, "extract", points=("2",))
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        inside = b"".join(archive.read(one) for one in archive.namelist()).decode(errors="ignore")
    assert "2. Наградить Петрова" in everything(made.content)
    assert "Иванову" not in inside
    assert "Сидорову" not in inside
    assert made.name.startswith("Выписка из протокола")
    with pytest.raises(Refused, match="Выберите пункты"):
        printed(office, uuid, "extract", points=("9",))


def test_a_copy_of_a_repealed_document_says_so(office: Office) -> None:
    form = {"kind": "admin", "title": "О дежурстве", "signer": str(CHAIR)}
    uuid = begun(office, "directive", **form)
    press(office, uuid, HEAD, "render", template="directive", **form)
    (draft,) = document_of(office, uuid).files
    press(office, uuid, HEAD, "straight_to_sign", draft_of(office), **form)
    press(office, uuid, CHAIR, "sign")
    press(office, uuid, CLERK, "register")
    assert draft.template == "directive"
    number = document_of(office, uuid).number
    assert number is not None
    later = start(office, "directive", Command(id="later", action="save", actor=HEAD, form=form)).uuid
    press(office, later, HEAD, "link", link="repeals", document=number.text)
    press(office, later, HEAD, "straight_to_sign", draft_of(office), **form)
    press(office, later, CHAIR, "sign")
    press(office, later, CLERK, "register")
    old = document_of(office, uuid)
    assert old.status.startswith("Утратил силу: № ")
    page = PdfReader(io.BytesIO(printed(office, uuid, "stamped", "pdf").content)).pages[0].extract_text()
    assert old.status in page
    assert f"№ {number.text} от" in page
    assert "Документ подписан электронной подписью" in page
    press(office, later, CLERK, "annul", reason="Зарегистрировано по ошибке")
    press(office, later, OFFICE_HEAD, "confirm_annul")
    page = PdfReader(io.BytesIO(printed(office, uuid, "stamped", "pdf").content)).pages[0].extract_text()
    assert "Утратил силу" not in page


def draft_of(office: Office) -> FileRef:
    sha256, size = office.content.put(pdf(1))
    return FileRef(id=f"pdf-{office.clock.now().timestamp()}", name="проект.pdf", sha256=sha256, size=size,
                   mime="application/pdf", part="draft", added_by=HEAD, added_at=office.clock.now())
