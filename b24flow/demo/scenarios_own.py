"""What the organisation itself writes: an outgoing letter (E17) and a decree (E19).

Played through pages, chat and tasks as in `scenarios`; every document ends where its people take it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from b24flow.demo.box import day_of, present_day
from b24flow.demo.letters import LetterFile, draft
from b24flow.demo.play import Play, later, today

CLERK, CHAIR, DEPUTY = "Осокина", "Берёзов", "Клёнова"
HEAD, LAWYER, SAFETY, WAGES = "Липатова", "Вербина", "Дубравин", "Тополев"
SECRETARY, INSPECTOR = "Рябинина", "Шалфеев"
COMPLETED = 5
"""A completed task (api-reference/tasks/fields.md)."""

SUBMIT = "Направить на согласование"


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


def edition(name: str, title: str, *body: str) -> LetterFile:
    """Return an edition of a draft, of today."""
    return draft(name, title, body, present_day())


def _waits(play: Play, who: str, label: str, uuid: str) -> bool:
    """Tell whether a person's newest card of a document offers a button."""
    return play.stage.box.button(play.person(who).id, label, play.see(uuid)["title"]) is not None


def state(play: Play, uuid: str, expected: str) -> None:
    """Write down whether a document is in a state."""
    play.equal(f"состояние {expected}", play.see(uuid)["state"]["code"], expected)


def e17(play: Play) -> None:
    """Three approve at once, one objects: the second edition goes to him alone, then to every addressee."""
    title = "О проверке условий труда в бригадах скорой помощи"
    uuid = begin(
        play, "outgoing", INSPECTOR, SUBMIT, title=title, signer=CHAIR,
        addressees="Министерство охраны здоровья Лесного края\nСтанция скорой помощи города Ивановки",
        files=(edition("Проект письма", title, "Просим представить сведения о проверке."),),
        **{"route.group": ["1-я", "1-я", "1-я"], "route.who": [SAFETY, "Юрист", DEPUTY]},
    )
    play.chat(SAFETY, "Согласовать", uuid)
    press(play, LAWYER, "Вернуть на доработку", uuid, remark="Нет ссылки на статью 370 Трудового кодекса")
    state(play, uuid, "approval")
    play.chat(DEPUTY, "Согласовать", uuid)
    state(play, uuid, "rework")
    press(play, INSPECTOR, "Отправить повторно", uuid, answer="Ссылка добавлена", scope="Только возразившим",
          files=(edition("Проект письма, ред. 2", title, "На основании статьи 370 просим…"),))
    rounds = play.see(uuid)["steps"]["rounds"]
    play.equal("во втором круге только возразивший", [len(one["visas"]) for one in rounds], [3, 1])
    editions = {visa["edition"] for one in rounds for visa in one["visas"]}
    play.equal("у кругов разные редакции файла", len(editions), 2)
    play.chat(LAWYER, "Согласовать", uuid)
    play.chat(CHAIR, "Подписать", uuid)
    press(play, CLERK, "Зарегистрировать", uuid, case_file="01-09")
    press(play, CLERK, "Отправлено", uuid, row="Министерство", method="Почта", sent_on=today(),
          tracking="80080012345678")
    state(play, uuid, "send")
    press(play, CLERK, "Отправлено", uuid, row="Станция", method="Электронная почта", sent_on=today())
    state(play, uuid, "sent")
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
        files=(edition("Проект постановления", title, *texts),),
        **{"points.text": texts, "points.executor": ["", SAFETY, WAGES],
           "points.term": ["", later(20), later(15)]},
    )
    texts += ["Разослать план", "Проверить договоры с преподавателями"]
    press(play, HEAD, SUBMIT, uuid, **{
        "points.text": texts, "points.executor": ["", *executors],
        "points.term": ["", later(20), later(15), later(10), later(12)],
    })
    play.chat(LAWYER, "Согласовать", uuid)
    _considered(play, uuid, "11", "3", present="5", votes_for="5")
    state(play, uuid, "ready")
    play.equal("без кворума номера нет", play.see(uuid)["number"], "")
    _considered(play, uuid, "12", "5", present="9", votes_for="8", votes_against="1")
    press(play, SECRETARY, "Отправить на подпись", uuid,
          files=(edition("Постановление", title, *texts),))
    play.chat(CHAIR, "Подписать", uuid)
    play.equal("номер — заседание и вопрос", play.see(uuid)["number"], "12-5")
    extract = play.person(SECRETARY).printed(uuid, "extract")
    for said in ("12-5", title, "ПРОТОКОЛ"):
        play.check(f"в выписке из протокола есть «{said}»", said.lower() in extract.lower(), extract[:300])
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
    state(play, uuid, "closed")
    play.equal("все задачи закрыты", {one["status"] for one in play.tasks(uuid)}, {COMPLETED})
    play.equal("состояние в реестре портала", play.item(uuid)["Состояние"], "Снято с контроля")


SCENARIOS: tuple[tuple[str, Callable[[Play], None]], ...] = (
    ("E17", e17), ("E19", e19),
)
