"""A letter from registration to its end, by nothing but the buttons of the pages."""

from __future__ import annotations

import re

from tests.integration.web.browser import File
from tests.integration.web.world import (
    CHAIR,
    CLERK,
    DEPUTY,
    HEAD,
    LAWYER,
    OFFICE_HEAD,
    SCAN,
    SPECIALIST,
    World,
    letter,
)

TAKE, READ = "На исполнение", "Ознакомиться и завершить"


def test_acknowledged_letter_is_finished(place: World) -> None:
    address = place.register(CHAIR)
    chair = place.person(CHAIR)
    assert "Вх-1/26" in chair.page.text
    assert "Министерство здравоохранения области" in chair.page.text
    chair.follow("Вх-1/26")
    assert chair.page.buttons.index(TAKE) < chair.page.buttons.index(READ)
    page = chair.press(READ, comment="Принято к сведению")
    assert page.status == 200
    assert "Выполнено: «Ознакомиться и завершить» Вх-1/26." in page.text
    assert "Завершён (ознакомление)" in page.text
    assert TAKE not in page.buttons
    assert "Всё сделано" in chair.open("/").text
    assert "Принято к сведению" in chair.open(address).text


def test_golden_trace(place: World) -> None:
    """Chair → deputy → head; the extension goes up; reply; release from control (domain §3.4)."""
    address = place.register(CHAIR, control=True, controller=OFFICE_HEAD)
    chair, deputy, head = place.person(CHAIR), place.person(DEPUTY), place.person(HEAD)
    term = place.day(9)
    chair.open(address)
    chair.press(TAKE, executors=[DEPUTY], term=term, text="Прошу рассмотреть\nи доложить")
    deputy.open(address)
    assert "Прошу рассмотреть" in deputy.page.text
    deputy.press(TAKE, executors=[DEPUTY, HEAD], lead=HEAD, term=term)
    head.open(address)
    head.press(TAKE, executors=[HEAD], term=term)
    page = head.press("Запросить продление срока исполнения", desired_term=place.day(14),
                      reason="Ждём данные из регионов")
    assert "Ждём данные из регионов" in page.text
    deputy.open("/")
    assert "Решает о продлении" in deputy.page.text
    deputy.open(address)
    deputy.press("Направить вышестоящему")
    chair.open(address)
    granted = place.day(12)
    page = chair.press("Установить другой срок", new_term=granted, comment="Не позже")
    assert f"Измененный срок исполнения\n{granted:%d.%m.%Y}" in page.text
    document = place.document(address)
    assert document.term == term
    own = next(one for one in document.assignments if one.executor == DEPUTY and one.parent
               and one.state.value == "work")
    assert own.current_term == term

    deputy.open(address)
    deputy.press("Документ исполнен", summary="Свою часть сделал")
    head.open(address)
    head.press("Документ исполнен", summary="Ответ готов", files=File("ответ.docx", b"PK answer"))
    page = head.press("Подготовить исходящий документ", reply_kind="letter", signer=CHAIR)
    assert "Готовится исходящий" in page.text
    reply = place.document(address).reply
    assert reply is not None
    assert f"/documents/{reply.document}" in page.html
    head.open(f"/documents/{reply.document}")
    assert "Ответ на: Вх-1/26" in head.page.text
    head.press("Направить на согласование", signer=CHAIR, addressees="Министерство",
               draft=File("ответ.docx", b"PK draft"))
    clerk, chair = place.person(CLERK), place.person(CHAIR)
    for person, label, form in (
        (chair, "Согласовать", {}), (chair, "Подписать", {}),
        (clerk, "Зарегистрировать", {"case_file": "01-05"}),
        (clerk, "Отправлено", {"method": "email", "sent_on": "2026-11-23"}),
    ):
        person.open(f"/documents/{reply.document}")
        person.press(label, **form)
    control = place.person(OFFICE_HEAD)
    control.open(address)
    assert "Ожидает снятия с контроля" in control.page.text
    page = control.press("Снять с контроля")
    assert "Завершён (исполнен)" in page.text
    reply = place.document(address).reply
    assert reply is not None
    assert reply.number == "01-05/1"


def test_self_assignment_and_finish(place: World) -> None:
    address = place.register(HEAD)
    head = place.person(HEAD)
    head.open(address)
    head.press(TAKE, executors=[HEAD], term=place.day(5))
    head.press("Документ исполнен", summary="Сделано", files=File("итог.txt", b"done"))
    page = head.press("Завершить")
    assert "Завершён (исполнен)" in page.text
    assert place.document(address).term is not None


def test_the_route_chosen_with_the_answer_waits_in_its_draft(place: World) -> None:
    address = place.register(HEAD)
    head = place.person(HEAD)
    head.open(address)
    head.press(TAKE, executors=[HEAD], term=place.day(5))
    head.press("Документ исполнен", summary="Сделано", files=File("итог.txt", b"done"))
    page = head.press("Подготовить исходящий документ", **{
        "route.group": ["1", "2"], "route.who": [str(LAWYER), str(DEPUTY)], "signer": CHAIR})
    assert page.status == 200, page.text
    reply = place.document(address).reply
    assert reply is not None
    page = head.open(f"/documents/{reply.document}")
    assert "1. Воронина М. Л.; 2. Соколова Н. О." in page.text
    head.follow("Направить на согласование")
    rows = re.findall(r'name="route.who".*?</select>', head.page.html, re.DOTALL)
    chosen = [re.findall(r'value="(\w+)" selected', row) for row in rows]
    assert chosen[:3] == [[str(LAWYER)], [str(DEPUTY)], []]


def test_registration_keeps_what_was_typed_and_attached(place: World) -> None:
    clerk = place.person(CLERK)
    clerk.follow("Зарегистрировать входящий")
    form = letter(CHAIR, title="", correspondent="Иванов <script>alert(1)</script>")
    page = clerk.press("Зарегистрировать и направить", **form)
    assert page.status == 422
    assert page.errors["title"] == "«Заголовок»: заполните поле"
    shown = page.form("Зарегистрировать и направить")
    assert shown is not None
    assert shown.controls["correspondent"].values == ["Иванов <script>alert(1)</script>"]
    assert shown.controls["reviewers"].values == [str(CHAIR)]
    assert shown.controls["kind"].values == ["ministry"]
    assert "Уже приложен: письмо министерства.pdf" in page.text
    page = clerk.press("Зарегистрировать и направить", title="О делах")
    assert page.status == 200, page.text
    document = place.document(page.url)
    assert [one.name for one in document.files] == [SCAN.name]
    assert document.number.text == "Вх-1/26"


WHOSE = {"correspondent": "Обком Профсоюза", "foreign_number": "15-1/200", "foreign_date": "20.11.2026"}


def test_the_same_letter_is_told_with_a_link_and_goes_on_with_a_reason(place: World) -> None:
    first = place.register(CHAIR, **WHOSE)
    clerk = place.person(CLERK)
    clerk.follow("Зарегистрировать входящий")
    again = {**WHOSE, "correspondent": "ОБКОМ профсоюза", "foreign_number": "№ 15 - 1/200"}
    page = clerk.press("Зарегистрировать и направить", **letter(CHAIR, **again))
    assert page.status == 422
    assert page.errors["duplicate_reason"].startswith("Похоже на Вх-1/26 от")
    assert f'href="{first}"' in page.html
    page = clerk.press("Зарегистрировать и направить", duplicate_reason="второй экземпляр по почте")
    assert page.status == 200, page.text
    document = place.document(page.url)
    assert document.number.text == "Вх-2/26"
    assert [(one.kind, one.text) for one in document.links] == [("duplicate", "Вх-1/26")]
    assert [(one.kind, one.text) for one in place.document(first).links] == [("duplicate", "Вх-2/26")]
    assert "второй экземпляр по почте" in page.text


def test_another_date_number_or_correspondent_is_another_letter(place: World) -> None:
    place.register(CHAIR, **WHOSE)
    for number, change in enumerate(({"foreign_number": "15-1/20"}, {"foreign_date": "19.11.2026"},
                                     {"correspondent": "Горком Профсоюза"}), 2):
        assert place.document(place.register(CHAIR, **{**WHOSE, **change})).number.text == f"Вх-{number}/26"


def test_a_letter_does_not_arrive_before_it_was_written(place: World) -> None:
    clerk = place.person(CLERK)
    clerk.follow("Зарегистрировать входящий")
    page = clerk.press("Зарегистрировать и направить", **letter(
        CHAIR, received_on="19.11.2026", foreign_date="20.11.2026"))
    assert page.status == 422
    assert page.errors["received_on"] == "«Дата поступления»: раньше даты самого письма, 20.11.2026"


def test_forwarded_letter_takes_no_number(place: World) -> None:
    clerk = place.person(CLERK)
    clerk.follow("Зарегистрировать входящий")
    clerk.follow("Переслать по принадлежности")
    page = clerk.press("Переслать по принадлежности", forward_to="Областной комитет", reason="Не нам")
    assert "Переслан по принадлежности" in page.text
    assert place.document(page.url).number is None


def test_terms_of_kinds_are_shown_before_registration(place: World) -> None:
    clerk = place.person(CLERK)
    page = clerk.follow("Зарегистрировать входящий")
    assert "10 р.д., до 07.12.2026" in page.text
    assert "срок из документа" in page.text


def test_kind_with_a_typed_term_asks_for_it(place: World) -> None:
    clerk = place.person(CLERK)
    clerk.follow("Зарегистрировать входящий")
    page = clerk.press("Зарегистрировать и направить", **letter(CHAIR, kind="official_request"))
    assert page.status == 422
    assert "срок указан в самом документе" in page.errors["term"]


def test_correction_starts_from_the_card_and_is_marked(place: World) -> None:
    address = place.register(CHAIR)
    clerk = place.person(CLERK)
    clerk.open(address)
    clerk.follow("Исправить карточку")
    shown = clerk.page.form("Исправить карточку")
    assert shown is not None
    assert shown.controls["title"].values == ["О мерах поддержки"]
    assert shown.controls["foreign_date"].values == ["2026-11-20"]
    page = clerk.press("Исправить карточку", title="О мерах поддержки врачей", reason="Опечатка")
    assert "исправлено 23.11.2026, Зайцева А. И.; было: О мерах поддержки (Опечатка)" in page.text
    page = clerk.press("Исправить карточку", reason="Просто так")
    assert page.status == 422
    assert "Ничего не изменилось" in page.text


def test_substitute_acts_for_the_absent(place: World) -> None:
    address = place.register(CHAIR)
    place.substitute(CHAIR, DEPUTY)
    deputy = place.person(DEPUTY)
    assert "за: Орлов П. А." not in deputy.open("/registry").text
    page = deputy.open(address)
    assert TAKE in page.buttons
    page = deputy.press(TAKE, executors=[SPECIALIST], term=place.day(3))
    assert "Соколова Н. О. (за: Орлов П. А.)" in page.text
    clerk = place.person(CLERK)
    page = clerk.follow("Зарегистрировать входящий")
    assert "отсутствует, замещает Соколова Н. О." in page.text


def test_file_editions_are_downloaded_as_attachments(place: World) -> None:
    address = place.register(CHAIR)
    clerk = place.person(CLERK)
    clerk.open(address)
    clerk.press("Добавить файл/версию", files=File(SCAN.name, b"second <script>"))
    document = place.document(address)
    assert [(one.edition, one.part) for one in document.files] == [(1, "files"), (2, "files")]
    answer = clerk.download(SCAN.name)
    assert answer.content == b"second <script>"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "application/pdf"


def test_where_and_registry(place: World) -> None:
    place.register(CHAIR)
    second = place.register(DEPUTY, title="О форме отчёта", correspondent="Обком")
    deputy = place.person(DEPUTY)
    page = deputy.open("/where?q=2/26")
    assert "Вх-2/26" in page.text
    assert "Соколова Н. О." in page.text
    assert f"Дальше: {TAKE} или {READ}" in page.text
    assert "Вх-1/26" not in page.text
    assert "Не нашли «Вх-99»" in deputy.open("/where?q=Вх-99").text
    page = deputy.open("/registry?q=отчёта&process=incoming")
    assert "Вх-2/26" in page.text
    assert "Вх-1/26" not in page.text
    assert deputy.open("/registry?overdue=1").text.count("Вх-") == 0
    place.clock.moment = place.clock.moment.replace(month=12, day=20)
    deputy.open(f"/enter?k={place.ticket(DEPUTY)}&to=/registry?overdue=1")
    assert deputy.page.text.count("просрочено на 13 дней") == 2
    deputy.open(second)
    deputy.press(READ)
    assert "Вх-2/26" not in deputy.open("/registry?open=1").text


def test_the_registry_is_narrowed_by_period_and_executor(place: World) -> None:
    first, second = place.register(CHAIR, title="Первое"), place.register(HEAD, title="Второе")
    clerk = place.person(CLERK)

    def found(query: str) -> tuple[int, list[str]]:
        page = clerk.open(f"/registry?{query}")
        return page.status, [one for one in (first, second) if f'href="{one}"' in page.html]

    assert found("since=2026-11-23&until=2026-11-23") == (200, [first, second])
    assert found("since=24.11.2026") == (200, [])
    assert found("until=22.11.2026") == (200, [])
    assert found(f"executor={HEAD}") == (200, [second])
    assert found(f"executor={CHAIR}&q=Первое&since=2026-11-01") == (200, [first])
    for bad in ("since=вчера", "executor=x", "since=2026-11-23&until=2026-11-01"):
        assert found(bad) == (422, [])


def test_registry_goes_page_by_page(place: World) -> None:
    clerk = place.person(CLERK)
    place.registered(51)
    page = clerk.open("/registry")
    assert "Вх-51/26" in page.text
    assert "Вх-1/26" not in page.text
    page = clerk.follow("Показать следующие")
    assert [label for label, _ in page.links if label.startswith("Вх-")] == ["Вх-1/26"]
    assert "Показать следующие" not in page.buttons
