"""What a chat card asks in every kind of step, and in which order its buttons stand."""

from __future__ import annotations

from b24flow.core.holding import work_items
from b24flow.core.picture import Card
from b24flow.core.work import WorkItem
from b24flow.services.cards import card_of
from b24flow.services.office import Office
from tests.desk import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, MONDAY, SPECIALIST, Desk, draft
from tests.unit.core.test_route import approved, decree, points, submitted
from tests.unit.core.test_steps_in_force import controlled, directive, finalized
from tests.unit.services.test_cards import office

__all__ = ["office"]
TO = "Кому: Минздрав России и ещё 1"
DECISIONS = ["Принято", "Принято с поправками", "Отклонено", "На доработку", "Снято"]


def item_of(one: Desk, user: int, role: str) -> WorkItem:
    items = work_items(one.definition, one.doc, one.context())
    return next(item for item in items if (item.user, item.role) == (user, role))


def card(office: Office, one: Desk, user: int, role: str) -> Card:
    return card_of(office, one.definition, one.doc, item_of(one, user, role), MONDAY, one.context())


def labels(found: Card) -> list[str]:
    """Return the buttons in their order, without the last one, which every card has."""
    assert found.buttons[-1].label == "Открыть документ"
    return [one.label for one in found.buttons[:-1]]


def objected() -> Desk:
    one = submitted(f"1:{HEAD}", f"1:{LAWYER}", visa_term="30.11.2026")
    one.press(HEAD, "approve")
    one.press(LAWYER, "object", remark="Нет ссылки на устав")
    return one


def test_approval(office: Office) -> None:
    found = card(office, submitted(f"1:{HEAD}", visa_term="30.11.2026"), HEAD, "approver")
    assert found.title == "Без номера · Согласуйте проект"
    assert found.lines == ("О мерах поддержки", TO, "Срок: 30.11.2026")
    assert labels(found) == ["Согласовать", "Согласовать с замечаниями", "Вернуть на доработку",
                             "Передать согласование"]
    assert [one.style for one in found.buttons[:3]] == ["primary", "plain", "danger"]
    assert [bool(one.command) for one in found.buttons[:3]] == [True, False, False], "a remark has a form"


def test_rework_names_the_objection(office: Office) -> None:
    found = card(office, objected(), SPECIALIST, "initiator")
    assert found.title == "Без номера · Доработка"
    assert found.lines[-1] == "Возражает Воронина А. И.: Нет ссылки на устав"
    assert labels(found) == ["Отправить повторно"]


def test_the_next_round_brings_the_answer_and_the_edition(office: Office) -> None:
    one = objected()
    one.press(SPECIALIST, "resubmit", files=(draft(one, SPECIALIST, 2),), answer="Ссылка добавлена",
              scope="objectors")
    found = card(office, one, LAWYER, "approver")
    assert found.lines[2] == "Круг 2. Проект: версия 2. Ответ инициатора: Ссылка добавлена"


def test_signing(office: Office) -> None:
    found = card(office, approved(), CHAIR, "signer")
    assert found.title == "Без номера · Подпишите документ"
    assert labels(found) == ["Подписать", "Вернуть с замечаниями"]
    assert found.buttons[0].command, "one press signs"


def test_what_the_signer_returned_is_not_taken_for_an_objection(office: Office) -> None:
    one = objected()
    one.press(SPECIALIST, "resubmit", answer="Ссылка есть на второй странице", scope="objectors")
    one.press(LAWYER, "approve")
    one.press(CHAIR, "decline", reason="Не тот адресат")
    found = card(office, one, SPECIALIST, "initiator")
    assert found.lines[-1] == "Проект вернул подписант; его замечания — в истории документа."


def test_registration_and_dispatch(office: Office) -> None:
    one = approved()
    one.press(CHAIR, "sign")
    found = card(office, one, CLERK, "clerk")
    assert (found.title, labels(found)) == ("Без номера · На регистрации", ["Зарегистрировать"])
    one.press(CLERK, "register", case_file="01-09")
    found = card(office, one, CLERK, "clerk")
    assert (found.title, labels(found)) == ("01-09/1 · К отправке", ["Отправлено"])


def test_acknowledgement(office: Office) -> None:
    one = directive(readers=(str(HEAD),), points=points(("Обеспечить", LAWYER, "2026-12-01")))
    one.press(CLERK, "register")
    found = card(office, one, HEAD, "reader")
    assert (found.title, found.lines) == ("1-ах · Ознакомьтесь с документом", ("О дежурстве",))
    assert labels(found) == ["Ознакомлен"]
    assert found.buttons[0].command


def test_agenda_and_meeting(office: Office) -> None:
    one = decree()
    found = card(office, one, CLERK, "secretary")
    assert labels(found) == ["Включить в повестку", "Снять с рассмотрения"]
    one.press(CLERK, "put_on_agenda", convocation="7", session="12", item="5", meeting_on="27.11.2026")
    found = card(office, one, CLERK, "secretary")
    assert found.lines[-1] == "Заседание № 12, вопрос 5, 27.11.2026"
    assert labels(found) == ["Открыть заседание", "Начать опрос (заочно)", "Включить в повестку",
                             "Снять с рассмотрения"]
    one.press(CLERK, "open_meeting")
    found = card(office, one, CLERK, "secretary")
    assert (found.title, labels(found)) == ("Без номера · На заседании", DECISIONS)


def test_a_ballot(office: Office) -> None:
    one = decree()
    one.press(CLERK, "put_on_agenda", convocation="7", session="12", item="5", meeting_on="27.11.2026")
    one.press(CLERK, "open_poll", poll_until="30.11.2026")
    one.press(CHAIR, "vote", vote="for")
    found = card(office, one, DEPUTY, "voter")
    assert found.title == "Без номера · Проголосуйте по вопросу"
    assert found.lines[1:] == ("Заседание № 12, вопрос 5, 27.11.2026, проголосовали 1 из 5",
                               "Срок: 30.11.2026")
    assert labels(found) == ["Проголосовать"]


def test_a_decree_to_sign_shows_its_final_edition(office: Office) -> None:
    assert card(office, finalized(), CHAIR, "signer").lines[-1] == "Проект: версия 2."


def test_points(office: Office) -> None:
    one = controlled()
    found = card(office, one, HEAD, "executor")
    assert (found.title, found.lines) == (
        "12-5 · Исполните пункт", ("О плане работы", "п. 2. Разослать план", "Срок: 01.12.2026"))
    assert labels(found) == ["Документ исполнен", "Запросить продление срока исполнения",
                             "Передать другому"]
    one.press(HEAD, "report", target=one.of(HEAD).id, summary="Разослан")
    found = card(office, one, DEPUTY, "controller")
    assert found.title == "12-5 · Снять с контроля?"
    assert "Исполнено, Журавлёв А. И.: Разослан" in found.lines
    assert labels(found) == ["Снять с контроля", "Вернуть на доработку"]


def test_requests_beside_the_route(office: Office) -> None:
    one = approved()
    one.press(SPECIALIST, "ask", to=str(LAWYER), text="Сколько договоров?", answer_by="27.11.2026")
    one.press(SPECIALIST, "set_task", to=str(HEAD), text="Подготовить справку")
    found = card(office, one, LAWYER, "requested")
    assert found.title == "Без номера · Запрошена информация"
    assert found.lines[2:] == ("Синицын А. И.: Сколько договоров?", "Срок: 27.11.2026")
    assert labels(found) == ["Ответить на запрос"]
    assert card(office, one, HEAD, "requested").title == "Без номера · Поставлена задача"


def test_each_reported_point_is_its_own_question(office: Office) -> None:
    one = controlled()
    for user, said in ((HEAD, "Разослан"), (LAWYER, "Собраны")):
        one.press(user, "report", target=one.of(user).id, summary=said)
    items = [item for item in work_items(one.definition, one.doc, one.context()) if item.user == DEPUTY]
    told = [card_of(office, one.definition, one.doc, item, MONDAY, one.context()).lines[1] for item in items]
    assert told == ["Исполнено, Журавлёв А. И.: Разослан", "Исполнено, Воронина А. И.: Собраны"]
