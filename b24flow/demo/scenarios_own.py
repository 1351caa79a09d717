"""What the organisation itself writes: an outgoing letter (E17), a decree (E19), a directive (E20), a memo.

Played through pages, chat and tasks as in `scenarios`; every document ends where its people take it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from b24flow.demo.box import day_of
from b24flow.demo.letters import LetterFile, draft
from b24flow.demo.play import Play, later, today

CLERK, CHAIR, DEPUTY = "Осокина", "Берёзов", "Клёнова"
HEAD, LAWYER, SAFETY, WAGES = "Липатова", "Вербина", "Дубравин", "Тополев"
SECRETARY, INSPECTOR, SPECIALIST = "Рябинина", "Шалфеев", "Хвощёв"
COMPLETED = 5
"""A completed task (api-reference/tasks/fields.md)."""

_SUBMIT, _TO_SIGN = "Направить на согласование", "Сразу на подпись"


def press(play: Play, who: str, label: str, uuid: str, **values: Any) -> None:
    """Let a person press a button on a document's page and fill its form."""
    person = play.person(who)
    person.enter()
    play.web(who, label, lambda: person.press(uuid, label, **values))


def begin(play: Play, process: str, who: str, label: str, **values: Any) -> str:
    """Let a person begin a document of a process; return its uuid."""
    person = play.person(who)
    person.enter()
    uuid: str = play.web(who, label, lambda: person.begin(process, label, **values))
    play.documents[play.scenario] = uuid
    return uuid


def _draft(name: str, title: str, *body: str) -> LetterFile:
    return draft(name, title, body, date.today())  # noqa: DTZ011 - the day on this machine's wall


def _waits(play: Play, who: str, label: str, uuid: str) -> bool:
    """Tell whether a person's newest card of a document offers a button."""
    return play.stage.box.button(play.person(who).id, label, play.see(uuid)["title"]) is not None


def _state(play: Play, uuid: str, expected: str) -> None:
    play.equal(f"состояние {expected}", play.see(uuid)["state"]["code"], expected)


def e17(play: Play) -> None:
    """Three approve at once, one objects: the second edition goes to him alone, then to every addressee."""
    title = "О проверке условий труда в бригадах скорой помощи"
    uuid = begin(
        play, "outgoing", INSPECTOR, _SUBMIT, title=title, signer=CHAIR,
        addressees="Министерство охраны здоровья Лесного края\nСтанция скорой помощи города Ивановки",
        files=(_draft("Проект письма", title, "Просим представить сведения о проверке."),),
        **{"route.group": ["1-я", "1-я", "1-я"], "route.who": [SAFETY, "Юрист", DEPUTY]},
    )
    play.chat(SAFETY, "Согласовать", uuid)
    press(play, LAWYER, "Вернуть на доработку", uuid, remark="Нет ссылки на статью 370 Трудового кодекса")
    _state(play, uuid, "approval")
    play.chat(DEPUTY, "Согласовать", uuid)
    _state(play, uuid, "rework")
    press(play, INSPECTOR, "Отправить повторно", uuid, answer="Ссылка добавлена", scope="Только возразившим",
          files=(_draft("Проект письма, ред. 2", title, "На основании статьи 370 просим…"),))
    rounds = play.see(uuid)["steps"]["rounds"]
    play.equal("во втором круге только возразивший", [len(one["visas"]) for one in rounds], [3, 1])
    editions = {visa["edition"] for one in rounds for visa in one["visas"]}
    play.equal("у кругов разные редакции файла", len(editions), 2)
    play.chat(LAWYER, "Согласовать", uuid)
    play.chat(CHAIR, "Подписать", uuid)
    press(play, CLERK, "Зарегистрировать", uuid, case_file="01-09")
    press(play, CLERK, "Отправлено", uuid, row="Министерство", method="Почта", sent_on=today(),
          tracking="80080012345678")
    _state(play, uuid, "send")
    press(play, CLERK, "Отправлено", uuid, row="Станция", method="Электронная почта", sent_on=today())
    _state(play, uuid, "sent")
    item = play.item(uuid)
    play.equal("номер по делу", play.see(uuid)["number"], "01-09/1")
    play.equal("номер в реестре портала", item["Номер"], "01-09/1")
    play.equal("отправлено каждому адресату", str(item["Отправка"]).count("отправлено"), 2)
    play.equal("задач нет", len(play.tasks(uuid)), 0)


def e19(play: Play) -> None:
    """Without quorum a question comes back; then a number, tasks of points, one term moved, all released."""
    title, executors = "О плане обучения профсоюзного актива", [SAFETY, WAGES, HEAD, LAWYER]
    texts = ["Утвердить план обучения", "Провести семинар по охране труда", "Собрать заявки организаций"]
    uuid = begin(
        play, "decree", HEAD, "Сохранить проект", body="Президиум", title=title, speaker=HEAD, signer=CHAIR,
        files=(_draft("Проект постановления", title, *texts),),
        **{"points.text": texts, "points.executor": ["", SAFETY, WAGES],
           "points.term": ["", later(20), later(15)]},
    )
    texts += ["Разослать план", "Проверить договоры с преподавателями"]
    press(play, HEAD, _SUBMIT, uuid, **{
        "points.text": texts, "points.executor": ["", *executors],
        "points.term": ["", later(20), later(15), later(10), later(12)],
    })
    play.chat(LAWYER, "Согласовать", uuid)
    _considered(play, uuid, "11", "3", present="5", votes_for="5")
    _state(play, uuid, "ready")
    play.equal("без кворума номера нет", play.see(uuid)["number"], "")
    _considered(play, uuid, "12", "5", present="9", votes_for="8", votes_against="1")
    press(play, SECRETARY, "Отправить на подпись", uuid,
          files=(_draft("Постановление", title, *texts),))
    play.chat(CHAIR, "Подписать", uuid)
    play.equal("номер — заседание и вопрос", play.see(uuid)["number"], "12-5")
    press(play, CLERK, "Поставить пункты на контроль", uuid, controller=DEPUTY)
    play.equal("задач столько, сколько пунктов с исполнителем",
               sorted(one["responsible_id"] for one in play.tasks(uuid)),
               sorted(play.person(one).id for one in executors))
    _points_done(play, uuid, executors)


def _considered(play: Play, uuid: str, session: str, item: str, **votes: str) -> None:
    press(play, SECRETARY, "Включить в повестку", uuid, convocation="7", session=session, item=item,
          meeting_on=today())
    press(play, SECRETARY, "Открыть заседание", uuid)
    press(play, SECRETARY, "Принято", uuid, elected="11", **votes)


def _points_done(play: Play, uuid: str, executors: list[str]) -> None:
    """Move the term of one point by its controller, then report and release every point."""
    calm, granted = play.task_of(uuid, SAFETY)["deadline"], later(22)
    press(play, WAGES, "Запросить продление срока исполнения", uuid, desired_term=later(25),
          reason="Заявки прислали не все организации")
    press(play, DEPUTY, "Установить другой срок", uuid, new_term=granted)
    play.equal("срок пункта — дата контролёра", day_of(play.task_of(uuid, WAGES)["deadline"]), granted)
    play.equal("срок другого пункта прежний", play.task_of(uuid, SAFETY)["deadline"], calm)
    for who in executors:
        press(play, who, "Документ исполнен", uuid, summary="Пункт исполнен, справка приложена к делу")
    for who in executors[:-1]:
        press(play, DEPUTY, "Снять с контроля", uuid, row=who, comment="Проверено")
    press(play, DEPUTY, "Снять с контроля", uuid, comment="Все пункты исполнены")
    _state(play, uuid, "closed")
    play.equal("все задачи закрыты", {one["status"] for one in play.tasks(uuid)}, {COMPLETED})
    play.equal("состояние в реестре портала", play.item(uuid)["Состояние"], "Снято с контроля")


def e20(play: Play) -> None:
    """Signed at once, numbered, read by everybody on the sheet while its point is executed."""
    readers, title = [HEAD, WAGES, LAWYER], "О дежурстве в праздничные дни"
    uuid = begin(
        play, "directive", SAFETY, _TO_SIGN, kind="Административно-хозяйственное", title=title, signer=CHAIR,
        files=(_draft("Проект распоряжения", title, "Утвердить график дежурства."),),
        readers=readers, controller=DEPUTY,
        **{"points.text": ["Составить график дежурства"], "points.executor": [WAGES],
           "points.term": [later(9)]},
    )
    play.chat(CHAIR, "Подписать", uuid)
    press(play, CLERK, "Зарегистрировать", uuid)
    play.equal("номер распоряжения", play.see(uuid)["number"], "1-ах")
    for who in readers[:-1]:
        play.chat(who, "Ознакомлен", uuid)
    _state(play, uuid, "inform")
    press(play, readers[-1], "Ознакомлен", uuid)
    _state(play, uuid, "control")
    play.equal("лист ознакомления в реестре", play.item(uuid)["Ознакомление"], "ознакомлены 3 из 3")
    press(play, WAGES, "Документ исполнен", uuid, summary="График составлен и роздан")
    press(play, DEPUTY, "Снять с контроля", uuid, comment="График проверен")
    _state(play, uuid, "closed")
    play.equal("состояние в реестре портала", play.item(uuid)["Состояние"], "Исполнено")
    play.equal("задача закрыта", play.task_of(uuid, WAGES)["status"], COMPLETED)


def memo(play: Play) -> None:
    """A memo is approved in the chat; a directive is made on its basis and the memo is finished."""
    title = "О выделении автомобиля для поездки в Северогорск"
    uuid = begin(play, "internal", SPECIALIST, "Направить", kind="Служебная записка", title=title,
                 summary_text="Прошу выделить автомобиль.", reviewers=[CHAIR])
    play.chat(CHAIR, "Утвердить", uuid)
    _state(play, uuid, "approved")
    press(play, SPECIALIST, "Подготовить распоряжение", uuid)
    linked = [one["uuid"] for one in play.see(uuid)["links"]]
    play.equal("распоряжение связано с запиской", len(linked), 1)
    directive, number = linked[0], play.see(uuid)["number"]
    play.documents[f"{play.scenario}, распоряжение"] = directive
    play.equal("основание распоряжения", play.see(directive)["card"].get("Основание"), number)
    press(play, SPECIALIST, _SUBMIT, directive, kind="О командировке", signer=CHAIR,
          files=(_draft("Проект распоряжения", title, "Выделить автомобиль."),))
    play.chat(LAWYER, "Согласовать", directive)
    play.chat(CHAIR, "Подписать", directive)
    press(play, CLERK, "Зарегистрировать", directive)
    play.equal("номер командировочного распоряжения", play.see(directive)["number"], "1-км")
    _state(play, directive, "closed")
    press(play, SPECIALIST, "Завершить", uuid)
    _state(play, uuid, "done")
    play.equal("состояние записки в реестре портала", play.item(uuid)["Состояние"], "Завершён")


SCENARIOS: tuple[tuple[str, Callable[[Play], None]], ...] = (
    ("E17", e17), ("E19", e19), ("E20", e20), ("Записка", memo),
)
