"""What many people do with one document: the directive that forty read (E20), the memo that is asked about.

Played as in `scenarios_own`. The portal's staff is small, so the readers are hired first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from b24flow.demo.office import staff
from b24flow.demo.play import Play, later, today
from b24flow.demo.scenarios_own import (
    CHAIR,
    CLERK,
    COMPLETED,
    DEPUTY,
    HEAD,
    LAWYER,
    SAFETY,
    SUBMIT,
    WAGES,
    begin,
    edition,
    press,
    state,
)

SPECIALIST, TO_SIGN = "Хвощёв", "Сразу на подпись"
CROWD = (
    "Абрикосов", "Баклушин", "Ветлугин", "Грушин", "Дымов", "Ежевикин", "Жёлудев", "Зимин", "Ивняков",
    "Калинов", "Лозин", "Малинов", "Нивин", "Облепихин", "Пихтин", "Рябов", "Смородин", "Травин",
    "Укропов", "Фиалкин", "Хмелёв", "Цветов", "Черникин", "Шиповников", "Щавелев", "Эдельвейсов",
    "Юнцов", "Яблочкин", "Багульников", "Вереснев", "Груздев", "Донников", "Жимолостин", "Земляникин",
    "Клюквин", "Луговой", "Мохов",
)
"""Who reads besides three of the staff: forty in all."""


def e20(play: Play) -> None:
    """Forty are to read: one leaves, two are away; their sheet waits for the two alone."""
    readers, title = [HEAD, WAGES, LAWYER, *CROWD], "О дежурстве в праздничные дни"
    play.stage.hired(CROWD)
    play.people |= {name: one for name, one in staff(play.stage).items() if name in CROWD}
    uuid = begin(
        play, "directive", SAFETY, TO_SIGN, kind="Административно-хозяйственное", title=title, signer=CHAIR,
        files=(edition("Проект распоряжения", title, "Утвердить график дежурства."),),
        readers=readers, controller=DEPUTY,
        **{"points.text": ["Составить график дежурства"], "points.executor": [WAGES],
           "points.term": [later(9)]},
    )
    play.chat(CHAIR, "Подписать", uuid)
    press(play, CLERK, "Зарегистрировать", uuid)
    play.equal("номер распоряжения", play.see(uuid)["number"], "1-ах")
    gone, away, present = readers[-1], readers[-3:-1], readers[:-3]
    for who in away:
        play.stage.box.act(play.person(who).id, "absence/add", user=play.person(who).id,
                           **{"from": today(), "to": later(14)})
    play.stage.dismissed(play.person(gone).id)
    _read(play, uuid, present)
    sheet = play.see(uuid)["steps"]["readers"]
    play.equal("ознакомлены 37 из 40", sum(one["state"] == "ознакомлен" for one in sheet), 37)
    play.equal("ждём только отсутствующих", sorted(one["name"].split()[0] for one in sheet if one["waits"]),
               sorted(away))
    play.equal("об уволенной сказано почему", [one["reason"] for one in sheet if one["reason"]],
               [f"{sheet[-1]['name']} больше не работает"])
    state(play, uuid, "inform")
    for who in away:
        play.chat(who, "Ознакомлен", uuid)
    state(play, uuid, "control")
    press(play, WAGES, "Документ исполнен", uuid, summary="График составлен и роздан")
    press(play, DEPUTY, "Снять с контроля", uuid, comment="График проверен")
    state(play, uuid, "closed")
    play.equal("состояние в реестре портала", play.item(uuid)["Состояние"], "Исполнено")
    play.equal("задача закрыта", play.task_of(uuid, WAGES)["status"], COMPLETED)


def _read(play: Play, uuid: str, readers: Sequence[str]) -> None:
    """Let many press «Ознакомлен» in their chats, one after another without waiting for the effect."""
    number = play.see(uuid)["number"]
    for who in readers:
        play.stage.box.press(play.person(who).id, "Ознакомлен", number)

    def read() -> bool:
        waits = {one["name"].split()[0] for one in play.see(uuid)["steps"]["readers"] if one["waits"]}
        return not waits & set(readers)

    play.stage.until(read, "кнопки «Ознакомлен» не подействовали")
    play.stage.settle(touched=True)


def memo(play: Play) -> None:
    """A memo is approved in the chat; a directive is made on its basis and the memo is finished."""
    title = "О выделении автомобиля для поездки в Северогорск"
    uuid = begin(play, "internal", SPECIALIST, "Направить", kind="Служебная записка", title=title,
                 summary_text="Прошу выделить автомобиль.", reviewers=[CHAIR])
    _beside_the_route(play, uuid, "12-5")
    play.chat(CHAIR, "Утвердить", uuid)
    play.check("подписанному сказано, что документ утверждён",
               any("Утвержд" in one["text"] and title in one["text"]
                   for one in play.stage.box.messages(play.person(WAGES).id)))
    state(play, uuid, "approved")
    press(play, SPECIALIST, "Подготовить распоряжение", uuid)
    linked = [one["uuid"] for one in play.see(uuid)["links"] if one["text"] != "12-5"]
    play.equal("распоряжение связано с запиской", len(linked), 1)
    directive, number = linked[0], play.see(uuid)["number"]
    play.documents[f"{play.scenario}, распоряжение"] = directive
    play.equal("основание распоряжения", play.see(directive)["card"].get("Основание"), number)
    press(play, SPECIALIST, SUBMIT, directive, kind="О командировке", signer=CHAIR,
          files=(edition("Проект распоряжения", title, "Выделить автомобиль."),))
    play.chat(LAWYER, "Согласовать", directive)
    play.chat(CHAIR, "Подписать", directive)
    press(play, CLERK, "Зарегистрировать", directive)
    play.equal("номер командировочного распоряжения", play.see(directive)["number"], "1-км")
    state(play, directive, "closed")
    press(play, SPECIALIST, "Завершить", uuid)
    state(play, uuid, "done")
    play.equal("состояние записки в реестре портала", play.item(uuid)["Состояние"], "Завершён")


def _beside_the_route(play: Play, uuid: str, related: str) -> None:
    """The chairman asks before he decides (R23); a task and a link to the document `related` move nothing."""
    before = play.see(uuid)["state"]["code"]
    press(play, CHAIR, "Запросить информацию", uuid, to=WAGES, text="Есть ли свободный автомобиль?")
    press(play, WAGES, "Ответить на запрос", uuid, answer="Есть, с понедельника")
    press(play, SPECIALIST, "Поставить задачу", uuid, to=SAFETY, text="Проверить путевой лист",
          answer_by=later(5))
    play.equal("задачу поставил тот, кто попросил", play.task_of(uuid, SAFETY)["created_by"],
               play.person(SPECIALIST).id)
    play.result(SAFETY, uuid, "Путевой лист в порядке")
    play.complete(SAFETY, uuid)
    press(play, SPECIALIST, "Связать с документом", uuid, link="Переписка", document=related)
    press(play, WAGES, "Подписаться на изменения", uuid)
    seen = play.see(uuid)
    play.equal("ответы на запрос и на задачу", [one["answer"] for one in seen["steps"]["requests"]],
               ["Есть, с понедельника", "Путевой лист в порядке"])
    play.equal("задача завершена", play.task_of(uuid, SAFETY)["status"], COMPLETED)
    play.equal("связь названа", [one["text"] for one in seen["links"]], [related])
    play.equal("состояние не изменилось", seen["state"]["code"], before)


SCENARIOS: tuple[tuple[str, Callable[[Play], None]], ...] = (("E20", e20), ("Записка", memo))
