"""Letters that arrive: E01-E04 (domain.md §7), the golden trace (§3.4), through pages, chat and tasks."""

from __future__ import annotations

from collections.abc import Callable

from b24flow.demo import scenarios_own, scenarios_people
from b24flow.demo.box import day_of, present_day
from b24flow.demo.letters import LETTERS, draft_reply
from b24flow.demo.person import REGISTER
from b24flow.demo.play import Play, later, today
from b24flow.demo.scenarios_own import (
    CHAIR,
    CLERK,
    COMPLETED,
    DEPUTY,
    HEAD,
    LAWYER,
    SAFETY,
    WAGES,
    press,
)


def play_all(play: Play, say: Callable[[str], None]) -> None:
    """Play every scenario in turn; raises PageError and SettingsError when one cannot go on."""
    for name, scenario in (*incoming(), *scenarios_own.SCENARIOS, *scenarios_people.SCENARIOS):
        say(f"Сценарий {name} …")
        with play.playing(name):
            scenario(play)


def incoming() -> tuple[tuple[str, Callable[[Play], None]], ...]:
    """Return the scenarios of letters that arrive."""
    return (("E01", e01), ("E02", e02), ("E03", e03), ("E04", e04))


def _registered(play: Play, letter: str, reviewer: str, **values: str) -> str:
    clerk = play.person(CLERK)
    clerk.enter()
    uuid: str = play.web(CLERK, REGISTER, lambda: clerk.register(LETTERS[letter], [reviewer], **values))
    play.documents[play.scenario] = uuid
    return uuid


def e01(play: Play) -> None:
    """One letter, one head, «Ознакомиться и завершить» in the chat: no task, one message."""
    uuid = _registered(play, "federation", WAGES)
    sent = [one for one in play.stage.box.messages(play.person(WAGES).id)
            if play.see(uuid)["number"] in one["text"]]
    play.equal("уведомление одно", len(sent), 1)
    play.chat(WAGES, "Ознакомиться и завершить", uuid)
    document, item = play.see(uuid), play.item(uuid)
    play.equal("документ завершён ознакомлением", document["state"]["code"], "ack")
    play.equal("задач нет", len(play.tasks(uuid)), 0)
    play.equal("номер в реестре портала", item["Регистрационный номер"], document["number"])
    play.equal("состояние в реестре портала", item["Состояние"], "Завершён (ознакомление)")
    play.check("отмечен ознакомившийся", WAGES in str(item["Ознакомлены"]), item["Ознакомлены"])


def e02(play: Play) -> None:
    """A head takes a letter himself: the clerk is the setter; a result, «Документ исполнен», «Завершить»."""
    uuid, term = _registered(play, "north", HEAD), later(12)
    press(play, HEAD, "На исполнение", uuid, executors=[HEAD], term=term, text="Подготовлю разъяснение")
    task = play.task_of(uuid, HEAD)
    play.equal("постановщик задачи — делопроизводитель", task["created_by"], play.person(CLERK).id)
    play.equal("срок задачи равен сроку резолюции", day_of(task["deadline"]), term)
    play.result(HEAD, uuid, "Разъяснение и образец готовы")
    play.complete(HEAD, uuid)
    press(play, HEAD, "Документ исполнен", uuid, summary="Направлены разъяснение и образец соглашения")
    play.chat(HEAD, "Завершить", uuid)
    play.equal("документ исполнен", play.see(uuid)["state"]["code"], "done")
    play.equal("задача закрыта", play.task_of(uuid, HEAD)["status"], COMPLETED)
    play.equal("состояние в реестре портала", play.item(uuid)["Состояние"], "Завершён (исполнен)")


def e03(play: Play) -> None:
    """The golden trace: chair, deputy, head; an extension redirected up; a reply; control off."""
    uuid = _registered(play, "ministry", CHAIR)
    press(play, CHAIR, "На исполнение", uuid, executors=[DEPUTY], term=later(14), control=True,
           text="Прошу подготовить позицию")
    press(play, DEPUTY, "На исполнение", uuid, executors=[DEPUTY, HEAD], lead=HEAD, term=later(11),
           text="Разделы — мне, сводный ответ — отделу")
    press(play, HEAD, "На исполнение", uuid, executors=[HEAD], term=later(11))
    task, before = play.task_of(uuid, HEAD), play.item(uuid)
    own = play.task_of(uuid, DEPUTY)
    play.equal("постановщик задачи заведующего — заместитель", task["created_by"], play.person(DEPUTY).id)
    granted = _extended(play, uuid)
    after, moved = play.item(uuid), play.task_of(uuid, HEAD)
    play.equal("«Измененный срок исполнения» — дата Председателя",
               day_of(after["Измененный срок исполнения"]), granted)
    play.equal("срок задачи — дата Председателя", day_of(moved["deadline"]), granted)
    play.equal("задача та же", moved["id"], task["id"])
    play.equal("первоначальный срок прежний", after["Срок исполнения"], before["Срок исполнения"])
    play.equal("ветвь заместителя прежняя", play.task_of(uuid, DEPUTY)["deadline"], own["deadline"])
    _answered(play, uuid)


def _extended(play: Play, uuid: str) -> str:
    """Ask for five working days more, send the request up, let the chair set another date."""
    wanted, granted = later(18), later(21)
    press(play, HEAD, "Запросить продление срока исполнения", uuid, desired_term=wanted,
           reason="Ждём предложений региональных организаций")
    deputy = play.person(DEPUTY)
    deciders = [one["name"] for one in play.see(uuid)["holders"] if "продлен" in one["part"].lower()]
    play.check("решает заместитель", any(one.startswith(DEPUTY) for one in deciders), deciders)
    play.check("карточка с запросом пришла заместителю", play.stage.box.button(
        deputy.id, "Направить вышестоящему", play.see(uuid)["number"]) is not None)
    play.chat(DEPUTY, "Направить вышестоящему", uuid)
    press(play, CHAIR, "Установить другой срок", uuid, new_term=granted, comment="Больше не продлевать")
    return granted


def _answered(play: Play, uuid: str) -> None:
    """Report in both branches, prepare and send the reply, take the document off control."""
    for who, what in ((DEPUTY, "Замечания к разделам готовы"), (HEAD, "Сводный ответ готов")):
        play.result(who, uuid, what)
        press(play, who, "Документ исполнен", uuid, summary=what)
    press(play, HEAD, "Подготовить исходящий документ", uuid, reply_kind="letter", signer=CHAIR)
    document = play.see(uuid)
    play.equal("готовится исходящий", document["state"]["code"], "reply")
    linked = [one["uuid"] for one in document["links"]]
    play.equal("проект ответа связан с входящим", len(linked), 1)
    _sent(play, linked[0])
    play.documents["E03, ответ"] = linked[0]
    play.equal("ожидает снятия с контроля", play.see(uuid)["state"]["code"], "control")
    play.chat(CHAIR, "Снять с контроля", uuid)
    item = play.item(uuid)
    play.equal("документ исполнен", play.see(uuid)["state"]["code"], "done")
    play.equal("состояние в реестре портала", item["Состояние"], "Завершён (исполнен)")
    play.check("контроль снят в реестре", bool(item["Снято с контроля"]), item["Снято с контроля"])
    play.equal("все задачи закрыты", {one["status"] for one in play.tasks(uuid)}, {COMPLETED})


def _sent(play: Play, reply: str) -> None:
    """Take the reply through its visa, signature, number and dispatch."""
    letter = LETTERS["ministry"]
    press(play, HEAD, "Направить на согласование", reply, addressees=letter.sender, signer=CHAIR,
           files=(draft_reply(letter, present_day()),))
    play.chat(CHAIR, "Согласовать", reply)
    press(play, CHAIR, "Подписать", reply)
    press(play, CLERK, "Зарегистрировать", reply, case_file="01-12")
    press(play, CLERK, "Отправлено", reply, method="edo", sent_on=today())
    document = play.see(reply)
    play.equal("ответ отправлен", document["state"]["code"], "sent")
    play.equal("номер ответа", document["number"], "01-12/1")
    play.equal("отправка в реестре портала", play.item(reply)["Отправка"].split(" — ")[1][:10], "отправлено")


def e04(play: Play) -> None:
    """Two executors, one asks for ten working days more: the other's task and term stay as they were."""
    uuid, term, granted = _registered(play, "south", CHAIR), later(10), later(17)
    press(play, CHAIR, "На исполнение", uuid, executors=[SAFETY, LAWYER], lead=SAFETY, term=term)
    for who in (SAFETY, LAWYER):
        press(play, who, "На исполнение", uuid, executors=[who], term=term)
    calm = play.task_of(uuid, SAFETY)
    press(play, LAWYER, "Запросить продление срока исполнения", uuid, desired_term=later(24),
           reason="Нужны копии протоколов поверки дозиметров")
    press(play, CHAIR, "Установить другой срок", uuid, new_term=granted)
    same = play.task_of(uuid, SAFETY)
    play.equal("срок задачи другого исполнителя прежний", same["deadline"], calm["deadline"])
    play.equal("задача другого исполнителя не менялась", same["changed"], calm["changed"])
    play.equal("срок просившего — назначенный, не запрошенный",
               day_of(play.task_of(uuid, LAWYER)["deadline"]), granted)
    history = str(play.item(uuid)["История сроков"])
    play.check("история сроков в реестре называет просившего", LAWYER in history, history)
    play.equal("документ на исполнении", play.see(uuid)["state"]["code"], "exec")
