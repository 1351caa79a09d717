"""An ordinary day: six letters brought to six different states, for people to go on with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from b24flow.demo.letters import LETTERS
from b24flow.demo.person import Person
from b24flow.demo.play import later
from b24flow.demo.stage import Stage

CLERK, CHAIR, DEPUTY = "Осокина", "Берёзов", "Клёнова"
HEAD, LAWYER, SAFETY = "Липатова", "Вербина", "Дубравин"


def staff(stage: Stage) -> dict[str, Person]:
    """Return every employee of the portal by surname, each with a browser of his own."""
    people = [Person(stage, one) for one in stage.box.state("users") if one["active"] and not one["is_bot"]]
    return {one.surname: one for one in people}


def begin_day(stage: Stage, people: dict[str, Person], report: Callable[[str], None]) -> None:
    """Register and move the letters; raises PageError and SettingsError."""
    clerk = people[CLERK]
    clerk.log_in()

    def arrived(letter: str, reviewer: str) -> str:
        uuid = clerk.register(LETTERS[letter], [reviewer])
        report(f"зарегистрировано: {LETTERS[letter].title}")
        return uuid

    def press(who: str, label: str, uuid: str, **values: Any) -> None:
        person = people[who]
        stage.until(lambda: _reachable(person), f"{who}: бот не прислал карточку")
        person.press(uuid, label, **values)
        report(f"{who}: «{label}»")

    arrived("federation", CHAIR)
    ministry = arrived("ministry", CHAIR)
    press(CHAIR, "На исполнение", ministry, executors=[DEPUTY], term=later(14), control=True,
          text="Прошу подготовить позицию")
    own = arrived("north", HEAD)
    press(HEAD, "На исполнение", own, executors=[HEAD], term=later(12), text="Подготовлю разъяснение")
    _waiting_for_a_term(arrived("south", CHAIR), press)
    _waiting_for_release(arrived("clinic", CHAIR), press)
    clerk.forward(LETTERS["stranger"], "Фонд «Тёплый дом»", "Письмо адресовано фонду")
    report(f"переслано: {LETTERS['stranger'].title}")
    stage.settle()


def _waiting_for_a_term(uuid: str, press: Callable[..., None]) -> None:
    press(CHAIR, "На исполнение", uuid, executors=[SAFETY, LAWYER], lead=SAFETY, term=later(10),
          text="Проверить и дать заключение")
    for who in (SAFETY, LAWYER):
        press(who, "На исполнение", uuid, executors=[who], term=later(10))
    press(LAWYER, "Запросить продление срока исполнения", uuid, desired_term=later(24),
          reason="Нужны копии протоколов поверки дозиметров")


def _waiting_for_release(uuid: str, press: Callable[..., None]) -> None:
    press(CHAIR, "На исполнение", uuid, executors=[LAWYER], term=later(5), control=True)
    press(LAWYER, "На исполнение", uuid, executors=[LAWYER], term=later(5))
    press(LAWYER, "Документ исполнен", uuid, summary="Мотивированное мнение подготовлено и согласовано")
    press(LAWYER, "Завершить", uuid)


def _reachable(person: Person) -> bool:
    return person.inside or person.has_card()


def guide(portal: str, pages: str) -> str:
    """Return what to open and what to press."""
    return f"""
Готово. Откройте две вкладки:

  {portal}/   учебный портал: выберите сотрудника — увидите его чат с ботом, задачи и реестр
  {pages}/   документооборот: «Мои документы», регистрация, карточки документов

Как войти в документооборот
  Проще всего — в портале открыть чат с ботом «Документооборот» и нажать «Открыть документ» под карточкой:
  ссылка личная, пароль не нужен. Или на странице входа ввести почту, а в чате портала нажать «Это я».

Кто есть кто (почта для входа)
  Осокина Елена       делопроизводитель         osokina@profsoyuz.example
  Берёзов Аркадий     Председатель              berezov@profsoyuz.example
  Клёнова Вера        заместитель Председателя  klenova@profsoyuz.example
  Липатова Инна       заведующая отделом        lipatova@profsoyuz.example

Что нажать
  1. Портал → Берёзов → чат: по письму Федерации нажмите «Ознакомиться и завершить» — документ завершён.
  2. Там же запрос о продлении от Вербиной: «Установить другой срок». Потом загляните в реестр портала:
     «Измененный срок исполнения» и срок задачи Вербиной стали такими же, срок Дубравина прежний.
  3. Клёнова → письмо министерства → «На исполнение»: выберите себя и Липатову, ответственная — Липатова.
  4. Липатова → её задача в портале: добавьте результат; в документе нажмите «Документ исполнен», затем
     «Подготовить исходящий документ» — откроется связанный проект ответа.
  5. Берёзов → письмо поликлиники: «Снять с контроля».
  6. Осокина → «Зарегистрировать входящий»: получите следующий номер подряд.
  7. Липатова → «Новый документ» → «Исходящие документы» → «Направить на согласование»: приложите любой файл
     проектом, в маршрут возьмите Клёнову, подписантом — Берёзова. Оба нажмут свою кнопку в чате, Осокина
     зарегистрирует и отметит отправку. Так же начинаются распоряжения, постановления и служебные записки.

Остановить: Ctrl-C."""
