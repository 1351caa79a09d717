"""The chat card of a work item: what it says, what can be pressed, and that it never changes by itself."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from b24flow.core.holding import work_items
from b24flow.core.picture import Card
from b24flow.core.work import WorkItem
from b24flow.services.cards import card_of, message_card, note_card
from b24flow.services.office import LINK_LIFE, Office, People
from b24flow.services.tickets import Tickets
from b24flow.store.engine import Database
from b24flow.store.files import ContentStore
from tests.desk import (
    CHAIR,
    CLERK,
    DEPUTY,
    HEAD,
    MONDAY,
    OFFICE_HEAD,
    SECOND,
    SPECIALIST,
    ZONE,
    Desk,
    calendar,
)
from tests.integration.bot.world import Shipped, StillClock

REASON = "ждём ответа министерства"
UUID = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    clock = StillClock()
    return Office(
        database=sqlite_database, clock=clock, zone=ZONE, calendar=calendar(),
        definitions=Shipped(), people=People({}, clock), content=ContentStore(tmp_path),
        tickets=Tickets("a secret of the test"), install="test",
        base_url="https://flow.union.example",
    )


def item_of(desk: Desk, user: int, role: str = "executor") -> WorkItem:
    items = work_items(desk.definition, desk.doc, desk.context())
    return next(one for one in items if one.user == user and one.role == role)


def render(
    office: Office, desk: Desk, user: int, role: str = "executor", closed: str | None = None
) -> Card:
    return card_of(office, desk.definition, desk.doc, item_of(desk, user, role), MONDAY,
                   desk.context(), closed)


def execute(desk: Desk, user: int, *executors: int, days: int = 5, **form: str) -> None:
    desk.press(user, "execute", executors=tuple(map(str, executors)),
               term=desk.day(days).isoformat(), **form)


def extended() -> Desk:
    desk = Desk().register(CHAIR)
    execute(desk, CHAIR, SPECIALIST, days=8, text="Подготовить\nсправку")
    execute(desk, SPECIALIST, SPECIALIST, days=8)
    work = desk.of(SPECIALIST, "work")
    desk.press(SPECIALIST, "request_extension", work.id, reason=REASON,
               desired_term=desk.day(12).isoformat())
    return desk


def test_a_document_under_review(office: Office) -> None:
    desk = Desk().register(CHAIR)
    card = render(office, desk, CHAIR)
    assert card.recipient == CHAIR
    assert card.title == "Вх-1/26 · На рассмотрении"
    assert card.lines == ("О мерах поддержки", "От кого: Министерство здравоохранения",
                          "Срок: 07.12.2026")
    assert [one.label for one in card.buttons] == [
        "На исполнение", "Ознакомиться и завершить", "Вернуть делопроизводителю",
        "Открыть документ",
    ]


def test_the_key_names_person_part_and_moment(office: Office) -> None:
    desk = Desk().register(CHAIR)
    item = item_of(desk, CHAIR)
    card = render(office, desk, CHAIR)
    assert card.key == f"card:{item.key}:{int(MONDAY.timestamp() * 1000)}"


def test_a_button_without_a_form_is_pressed_in_the_chat(office: Office) -> None:
    desk = Desk().register(CHAIR)
    card = render(office, desk, CHAIR)
    button = next(one for one in card.buttons if one.label == "Ознакомиться и завершить")
    nonce = office.tickets.nonce("button", UUID, card.key, "acknowledge")
    assert button.command == f"{UUID} acknowledge {nonce}"
    assert button.link == ""


def test_a_button_with_a_form_opens_its_page_for_this_person(office: Office) -> None:
    desk = Desk().register(CHAIR)
    card = render(office, desk, CHAIR)
    button = card.buttons[0]
    assert (button.command, button.style) == ("", "primary")
    address = urlsplit(button.link)
    assert button.link.startswith(f"https://flow.union.example/documents/{UUID}/actions/execute?")
    query = parse_qs(address.query)
    assert query["target"] == [item_of(desk, CHAIR).target]
    check = office.tickets.check
    assert check(query["k"][0], "link", MONDAY) == CHAIR
    assert check(query["k"][0], "link", MONDAY + LINK_LIFE) is None
    assert re.fullmatch(rf"https://flow\.union\.example/documents/{UUID}\?k=link\.[\w.-]+",
                        card.buttons[-1].link)


def test_the_same_card_later_is_the_same_card(office: Office) -> None:
    desk = Desk().register(CHAIR)
    before = render(office, desk, CHAIR)
    desk.wait(days=10)
    assert render(office, desk, CHAIR) == before


def test_cards_of_two_people_share_no_nonce(office: Office) -> None:
    desk = Desk().register(CHAIR, DEPUTY)
    commands = [
        one.command for user in (CHAIR, DEPUTY) for one in render(office, desk, user).buttons
        if one.command
    ]
    assert len(commands) == len(set(commands)) == 2


def test_the_resolution_is_shown_with_its_author(office: Office) -> None:
    desk = Desk().register(CHAIR)
    execute(desk, CHAIR, SPECIALIST, text="Подготовить\nсправку")
    card = render(office, desk, SPECIALIST)
    assert card.title == "Вх-1/26 · На исполнении"
    assert "Резолюция, Орлов А. И.: Подготовить справку" in card.lines


def test_the_decider_is_told_who_asks_for_what_and_why(office: Office) -> None:
    card = render(office, extended(), CHAIR, "decider")
    assert card.title == "Вх-1/26 · Запрошено продление"
    assert card.lines[2] == (
        f"Синицын А. И. просит продлить до 09.12.2026. Причина: {REASON}"
    )
    assert card.lines[3] == "Срок: 03.12.2026"
    assert [one.label for one in card.buttons] == [
        "Установить другой срок", "Отказать в продлении", "Открыть документ",
    ]


def test_a_decider_below_another_may_send_it_up_with_one_press(office: Office) -> None:
    desk = Desk().register(CHAIR)
    execute(desk, CHAIR, DEPUTY, days=10)
    execute(desk, DEPUTY, SPECIALIST, days=8)
    execute(desk, SPECIALIST, SPECIALIST, days=8)
    desk.press(SPECIALIST, "request_extension", desk.of(SPECIALIST, "work").id, reason=REASON,
               desired_term=desk.day(9).isoformat())
    card = render(office, desk, DEPUTY, "decider")
    commands = {one.label for one in card.buttons if one.command}
    assert commands == {"Направить вышестоящему"}


def test_the_executor_sees_that_his_request_is_pending_and_then_the_changed_term(
    office: Office,
) -> None:
    desk = extended()
    term = next(one for one in render(office, desk, SPECIALIST).lines if one.startswith("Срок"))
    assert term == "Срок: 03.12.2026; запрошено продление до 09.12.2026, решает Орлов А. И."
    work = desk.of(SPECIALIST, "ext")
    desk.press(CHAIR, "set_term", work.id, new_term="10.12.2026")
    term = next(one for one in render(office, desk, SPECIALIST).lines if one.startswith("Срок"))
    assert term == "Срок: 10.12.2026 (изменён, был 03.12.2026)"


def test_a_substitute_is_told_for_whom(office: Office) -> None:
    desk = Desk().register(CHAIR)
    desk.substitute(CHAIR, by=DEPUTY)
    assert render(office, desk, DEPUTY).lines[-1] == "За: Орлов А. И."


def test_the_controller_is_asked_with_the_result(office: Office) -> None:
    desk = Desk().register(HEAD, control="1")
    execute(desk, HEAD, HEAD)
    desk.press(HEAD, "report", desk.of(HEAD, "work").id, summary="Справка готова")
    assert render(office, desk, HEAD, "lead").title == "Вх-1/26 · Исполнен: выбор завершения"
    desk.press(HEAD, "finish")
    card = render(office, desk, CLERK, "controller")
    assert card.title == "Вх-1/26 · Снять с контроля?"
    assert "Исполнено, Журавлёв А. И.: Справка готова" in card.lines
    assert [bool(one.command) for one in card.buttons] == [True, False, False]


def test_a_returned_card_and_an_asked_annulment_say_why(office: Office) -> None:
    desk = Desk().register(CHAIR)
    desk.press(CLERK, "annul", reason="зарегистрировано дважды")
    card = render(office, desk, OFFICE_HEAD, "confirmer")
    assert card.title == "Вх-1/26 · Аннулировать регистрацию?"
    assert "Зайцева А. И. просит аннулировать. Причина: зарегистрировано дважды" in card.lines
    desk = Desk().register(CHAIR)
    desk.press(CHAIR, "return_clerk", desk.of(CHAIR).id, reason="нет приложения")
    card = render(office, desk, CLERK, "clerk")
    assert card.title == "Вх-1/26 · Карточка возвращена"
    assert "Орлов А. И.: нет приложения" in card.lines


def test_a_closed_card_says_what_was_done_and_does_not_follow_the_document(
    office: Office,
) -> None:
    desk = Desk().register(CHAIR)
    item = item_of(desk, CHAIR)
    text = "«На исполнение» — Орлов А. И., 23.11.2026 10:00"

    def closed() -> Card:
        return card_of(office, desk.definition, desk.doc, item, MONDAY, desk.context(), text)

    first = closed()
    assert first.title == "Вх-1/26"
    assert first.lines == ("О мерах поддержки", f"✓ {text}")
    assert first.buttons == ()
    execute(desk, CHAIR, SECOND)
    assert closed() == first


def test_long_texts_are_cut(office: Office) -> None:
    desk = Desk().register(
        CHAIR, title="Об " + "очень " * 40 + "долгом", correspondent="Ы" * 300,
        summary="x" * 2000,
    )
    execute(desk, CHAIR, SPECIALIST, text="слово " * 330)
    card = render(office, desk, SPECIALIST)
    assert len(card.lines) <= 5
    assert all(len(line) <= 300 and "\n" not in line for line in card.lines)
    assert card.lines[2].endswith("…")
    assert len(card.title) + sum(map(len, card.lines)) <= 2_000


def test_markup_stays_as_it_is(office: Office) -> None:
    """It is made harmless where text meets BB-code, and only there."""
    title = "[SEND=/x]да[/SEND] $result[a] <b>"
    assert render(office, Desk().register(CHAIR, title=title), CHAIR).lines[0] == title


def test_a_note_is_what_its_payload_says() -> None:
    card = note_card("note:1", {
        "recipient": 12, "title": "Вх-1/26", "lines": ["Исполнено."],
        "buttons": [{"label": "Это я", "style": "primary", "command": "login 1.2 x"},
                    {"label": "Открыть", "link": "https://flow.union.example/"}],
    }, link="https://flow.union.example/documents/x")
    assert (card.key, card.recipient, card.title, card.lines) == (
        "note:1", 12, "Вх-1/26", ("Исполнено.",)
    )
    assert [(one.label, one.style, one.command, one.link) for one in card.buttons] == [
        ("Это я", "primary", "login 1.2 x", ""),
        ("Открыть", "plain", "", "https://flow.union.example/"),
        ("Открыть документ", "plain", "", "https://flow.union.example/documents/x"),
    ]
    assert note_card("n", {"recipient": 12, "title": "Т", "lines": []}).buttons == ()


def test_a_message_about_a_document_links_to_it(office: Office) -> None:
    payload = {"recipient": 12, "title": "Вх-1/26", "lines": ["Исполнено."], "uuid": UUID}
    (button,) = message_card(office, "note:1", payload, MONDAY).buttons
    assert button.label == "Открыть документ"
    address, ticket = button.link.split("?k=")
    assert address == f"https://flow.union.example/documents/{UUID}"
    assert office.tickets.check(ticket, "link", MONDAY) == 12
    del payload["uuid"]
    assert message_card(office, "note:1", payload, MONDAY).buttons == ()
