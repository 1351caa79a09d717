"""Every process begun and led on by the buttons of the pages: rows, lists, what a form says comes next."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.web import world as worlds
from tests.integration.web.browser import Browser, File, Page
from tests.integration.web.world import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, OFFICE_HEAD, SPECIALIST, World

SUBMIT = "Направить на согласование"
DRAFT = File("проект.txt", "О мерах поддержки".encode(), "text/plain")


@pytest.fixture(autouse=True)
def _roles(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clerk's world has no lawyer and no secretary; nobody is the accountant."""
    more = {"lawyer": (str(LAWYER),), "secretary": (str(OFFICE_HEAD),), "accountant": (),
            "member": (str(CHAIR), str(DEPUTY), str(HEAD))}
    monkeypatch.setattr(worlds, "ROLES", {**worlds.ROLES, **more})


def begin(place: World, user: int, process: str, button: str, **form: Any) -> tuple[Browser, str]:
    """Begin a document from «Мои документы» and return the browser with the document's address."""
    person = place.person(user)
    person.follow(process)
    if person.page.form(button) is None:
        person.follow(button)
    page = person.press(button, **form)
    assert page.status == 200, page.text
    return person, page.url.removeprefix(place.url)


def at(place: World, user: int, address: str) -> Browser:
    person = place.person(user)
    person.open(address)
    return person


def signed_letter(place: World, *addressees: str) -> str:
    _, address = begin(
        place, SPECIALIST, "Исходящие документы", SUBMIT, addressees="\n".join(addressees), draft=DRAFT,
        title="О мерах поддержки", signer=CHAIR, **{"route.group": [1], "route.who": [HEAD]})
    at(place, HEAD, address).press("Согласовать")
    at(place, CHAIR, address).press("Подписать")
    at(place, CLERK, address).press("Зарегистрировать", case_file="01-09")
    return address


def row_action(page: Page, label: str, place: int) -> str:
    """Return the address of the n-th link of a list."""
    return [url for text, url in page.links if text == label][place]


@pytest.mark.parametrize(("user", "process", "button", "form", "state"), [
    (SPECIALIST, "Исходящие документы", SUBMIT, {"addressees": "ФНПР", "title": "О взносах", "signer": CHAIR},
     "Согласование"),
    (SPECIALIST, "Распоряжения", SUBMIT, {"kind": "main", "title": "О дежурстве", "signer": CHAIR},
     "Согласование"),
    (SPECIALIST, "Постановления", SUBMIT, {"body": "presidium", "title": "О плане", "signer": CHAIR,
                                           "speaker": HEAD}, "Согласование"),
    (SPECIALIST, "Внутренние документы", "Направить",
     {"kind": "memo", "title": "О закупке", "reviewers": [CHAIR]}, "На рассмотрении"),
])
def test_a_document_of_each_process_is_begun_by_its_button(
    place: World, user: int, process: str, button: str, form: dict[str, Any], state: str
) -> None:
    more = {"draft": DRAFT} if button == SUBMIT else {}
    person, _ = begin(place, user, process, button, **form, **more)
    assert state in person.page.text
    assert form["title"] in person.page.text


def test_an_incoming_letter_has_its_own_button(place: World) -> None:
    page = place.person(CLERK).page
    assert page.buttons.index("Зарегистрировать входящий") >= 0
    assert "Новый документ" in page.text


def test_a_form_names_the_next_step_and_its_people(place: World) -> None:
    author = place.person(SPECIALIST)
    text = author.open("/documents/new/outgoing?action=submit").text
    assert "Дальше: Согласование — те, кого вы укажете в маршруте, если никого — Журавлёв И. П." in text
    text = author.open("/documents/new/decree?action=submit").text
    assert "Воронина М. Л. (юрист)" in text
    assert "роль «Бухгалтер» сейчас никто не занимает, за документ отвечает Голубева В. И." in text
    _, address = begin(
        place, SPECIALIST, "Исходящие документы", SUBMIT, addressees="ФНПР", draft=DRAFT, title="О взносах",
        signer=CHAIR, **{"route.group": [1, 2], "route.who": [HEAD, "accountant"]})
    head = at(place, HEAD, address)
    assert "роль «Бухгалтер» сейчас никто не занимает" in head.follow("Согласовать").text
    head.press("Согласовать")
    assert "Роль «Бухгалтер» сейчас никто не занимает" in head.open(address).text


def test_the_last_visa_names_the_signer_and_the_signature_the_clerk(place: World) -> None:
    _, address = begin(
        place, SPECIALIST, "Исходящие документы", SUBMIT, addressees="ФНПР", draft=DRAFT, title="О взносах",
        signer=CHAIR, **{"route.group": [1, 1], "route.who": [HEAD, LAWYER]})
    head = at(place, HEAD, address)
    assert "Дальше: Согласование — Воронина М. Л." in head.follow("Согласовать").text
    head.press("Согласовать")
    lawyer = at(place, LAWYER, address)
    assert "Дальше: На подписи — Орлов П. А." in lawyer.follow("Согласовать").text
    lawyer.press("Согласовать")
    assert "Дальше: На регистрации — Зайцева А. И. (делопроизводитель)" in at(
        place, CHAIR, address).follow("Подписать").text


def test_whoever_reworks_a_draft_reads_the_objections_beside_the_button(place: World) -> None:
    author, address = begin(
        place, SPECIALIST, "Исходящие документы", SUBMIT, addressees="ФНПР", draft=DRAFT, title="О взносах",
        signer=CHAIR, **{"route.group": [1], "route.who": [HEAD]})
    at(place, HEAD, address).press("Вернуть на доработку", remark="Нет ссылки на устав")
    text = author.open(address).text
    assert "Замечания от: Журавлёв И. П." in text
    assert text.index("Нет ссылки на устав") < text.index("Лист согласования")
    author.press("Отправить повторно", answer="Ссылка добавлена", scope="objectors")
    at(place, HEAD, address).press("Согласовать")
    at(place, CHAIR, address).press("Вернуть с замечаниями", reason="Не тот адресат")
    text = author.open(address).text
    assert "Замечания от: Орлов П. А." in text
    assert "Не тот адресат" in text


def test_each_addressee_is_marked_beside_his_name(place: World) -> None:
    address = signed_letter(place, "ФНПР", "Минздрав России")
    clerk = at(place, CLERK, address)
    own = [url for text, url in clerk.page.links if text == "Отправлено" and "target=" in url]
    assert len(own) == 2
    clerk.open(own[1])
    assert "Минздрав России" in clerk.page.text
    clerk.press("Отправлено", method="post", tracking="80080012")
    assert [one.state for one in place.document(address).deliveries] == ["waiting", "sent"]
    assert "Минздрав России, Почта, 80080012" in clerk.page.text, "the history names the addressee"
    clerk.open(row_action(clerk.page, "Не доставлено", 0))
    clerk.press("Не доставлено", reason="адресат выбыл")
    assert "адресат выбыл" in clerk.page.text


def test_a_request_is_answered_by_its_button(place: World) -> None:
    address = signed_letter(place, "ФНПР")
    at(place, CLERK, address).press("Запросить информацию", to=LAWYER, text="Сколько договоров?")
    lawyer = place.person(LAWYER)
    assert "Отвечает на запрос" in lawyer.page.text
    lawyer.open(address)
    assert "Сколько договоров?" in lawyer.page.text
    page = lawyer.press("Ответить на запрос", answer="Двенадцать")
    assert "получен ответ" in page.text
    assert "Двенадцать" in at(place, CLERK, address).page.text


def test_rows_of_points_are_kept_read_and_executed(place: World) -> None:
    _, address = begin(
        place, SPECIALIST, "Распоряжения", "Сразу на подпись", kind="admin", title="О дежурстве",
        signer=CHAIR, draft=DRAFT, **{"points.text": ["Составить график", "Дежурить"],
                                      "points.executor": [HEAD, ""], "points.term": [place.day(5), ""]})
    at(place, CHAIR, address).press("Подписать")
    at(place, CLERK, address).press("Зарегистрировать")
    head = at(place, HEAD, address)
    assert "п. 1. Составить график" in head.page.text
    head.press("Документ исполнен", summary="Составлен")
    assert "Исполнено" in head.page.text
    assert [(one.text, one.executor) for one in place.document(address).points] == [
        ("Составить график", HEAD), ("Дежурить", None)]


def test_the_history_tells_why_a_term_was_asked_for_and_what_was_objected(place: World) -> None:
    address = place.register(HEAD)
    head = at(place, HEAD, address)
    head.press("На исполнение", executors=[HEAD], term=place.day(5))
    text = head.press("Запросить продление срока исполнения", desired_term=place.day(9),
                      reason="Ждём данные из регионов").text
    assert "Ждём данные из регионов" in text.partition("\nИстория\n")[2]
    author, address = begin(
        place, SPECIALIST, "Исходящие документы", SUBMIT, addressees="ФНПР", draft=DRAFT, title="О взносах",
        signer=CHAIR, **{"route.group": [1], "route.who": [HEAD]})
    at(place, HEAD, address).press("Вернуть на доработку", remark="Нет ссылки на устав")
    assert "Нет ссылки на устав" in author.open(address).text.partition("\nИстория\n")[2]
