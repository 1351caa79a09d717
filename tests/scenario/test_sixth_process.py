"""A process that an administrator wrote: a YAML file beside the shipped ones, and no line of Python.

The whole service runs as `b24flow run` starts it; people use its pages, its API and the chat of the portal.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from b24flow.demo.box import Box
from b24flow.demo.checks import journal_of
from b24flow.demo.letters import PDF, LetterFile
from b24flow.demo.office import staff
from b24flow.demo.pages import PageError
from b24flow.demo.person import Person
from b24flow.demo.stage import Stage
from b24flow.sandbox.server import SandboxServer

SHIPPED = Path(__file__).resolve().parents[2] / "processes"
APPLICATION = LetterFile(name="заявление.pdf", mime=PDF, content=b"%PDF-1.4 leave", field="draft")
NUMBER = 1060
LEAVE = """
process: leave
label: Отпуска
title_field: title
uses: [approval, acknowledgement, side]

roles:
  clerk: Делопроизводитель
  chair: Председатель
  office_head: Управляющий делами

states:
  draft:
    label: Заявление
    hint: Сотрудник пишет заявление.
  approval:
    label: Согласование отпуска
    then: order
  rework:
  order:
    label: Оформление приказа
    hint: Делопроизводитель оформляет приказ.
    kind: registration
  inform:
    label: Ознакомление с приказом
    hint: Бухгалтерия и сотрудник знакомятся с приказом.
    kind: acknowledgement
    then: granted
  granted:
    label: Отпуск предоставлен
    hint: Все ознакомлены.
    final: true
    success: true
  cancelled:
    label: Отозвано
    hint: Сотрудник отозвал заявление.
    final: true

route: [draft, approval, order, inform, granted]

kinds:
  paid:
    label: Ежегодный оплачиваемый
  unpaid:
    label: Без сохранения заработной платы

fields:
  title:
    label: Просьба
    hint: Например, «Отпуск с 1 по 14 июля».
    min_length: 3
  kind:
    label: Вид отпуска
    type: choice
    choices: kinds
  since:
    label: Первый день
    type: date
  days:
    label: Дней
    type: integer

card: [title, kind, since, days, readers]

actions:
  submit:
    label: Подать заявление
    kind: submit
    in: [draft]
    who: [initiator]
    style: primary
    form: [title*, kind*, since*, days*, draft]
    next: [approval]
  approve:
  object:
  resubmit:
    form: [draft, answer*, scope*, since]
    next: [approval]
  register:
    label: Оформить приказ
    kind: register
    in: [order]
    who: [clerk]
    style: primary
    form: [readers*]
    next: [inform]
    notify:
      - to: initiator
        text: "Приказ об отпуске {number} оформлен."
  acknowledged:
    in: [inform]
  cancel:
    label: Отозвать заявление
    kind: close
    in: [draft, approval, rework, order]
    who: [initiator]
    work: false
    form: [reason*]
    closes_as: cancelled

approval:
  mandatory:
    - {role: initiator_head}
    - {role: chair, group: 2}
  term: 2 working

numbering:
  series: leave
  template: "ОТ-{n}/{yyyy}"
  period: year

policies:
  owner: office_head

registry:
  title: Отпуска
  entity_type_id: 1060
  fields:
    - {code: DOC_NUMBER, label: Приказ, type: string, source: number}
    - {code: SUBJECT, label: Просьба, type: string, source: card.title}
    - {code: SINCE, label: Первый день, type: date, source: card.since}
    - {code: STATE, label: Состояние, type: string, source: state}
    - {code: APPROVAL, label: Согласование, type: string, source: approval}
    - {code: READERS, label: Ознакомление, type: string, source: readers}
    - {code: LINK, label: Карточка, type: url, source: url}
"""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    folder = tmp_path / "processes"
    shutil.copytree(SHIPPED, folder)
    (folder / "leave.yaml").write_text(LEAVE, "utf-8")
    with SandboxServer() as server:
        box = Box(server.url)
        try:
            with Stage(box, server.webhook_url, tmp_path / "data", processes=folder) as running:
                yield running
                assert box.unhandled() == []
                assert running.incidents() == 0
        finally:
            box.close()


@pytest.fixture
def people(stage: Stage) -> Iterator[dict[str, Person]]:
    found = staff(stage)
    yield found
    for one in found.values():
        one.close()


def test_a_leave_request_from_the_application_to_its_acknowledgement(
    stage: Stage, people: dict[str, Person]
) -> None:
    author, head, chair, clerk = (people[one] for one in ("Хвощёв", "Тополев", "Берёзов", "Осокина"))
    assert stage.applied_again() == 0
    (category,) = [one for one in stage.box.state("types") if one["entity_type_id"] == NUMBER]
    assert category["title"] == "Отпуска"

    uuid = author.begin("leave", "Подать заявление", files=(APPLICATION,), kind="Ежегодный",
                        title="Отпуск на две недели", since="2027-07-01", days="14")
    assert state(clerk, uuid) == "approval"
    with pytest.raises(PageError, match="нет кнопки «Согласовать»"):
        chair.press(uuid, "Согласовать")
    in_chat(stage, head, "Согласовать", uuid)
    chair.press(uuid, "Вернуть на доработку", remark="Перенесите на середину месяца")
    assert state(clerk, uuid) == "rework"
    author.press(uuid, "Отправить повторно", answer="Перенёс", scope="Только возразившим", since="2027-07-15")
    in_chat(stage, chair, "Согласовать", uuid)
    assert state(clerk, uuid) == "order"
    with pytest.raises(PageError, match="Кого ознакомить"):
        clerk.press(uuid, "Оформить приказ")
    clerk.press(uuid, "Оформить приказ", readers=["Ольхова", "Хвощёв"])
    number = clerk.document(uuid)["number"]
    assert number.startswith("ОТ-1/20")
    in_chat(stage, people["Ольхова"], "Ознакомлен", uuid)
    assert state(clerk, uuid) == "inform"
    author.press(uuid, "Ознакомлен")

    stage.settle(touched=True)
    document = clerk.document(uuid)
    assert document["state"]["label"] == "Отпуск предоставлен"
    assert [[one["state"] for one in each["visas"]] for each in document["steps"]["rounds"]] == [
        ["согласовано", "возвращено на доработку"], ["согласовано"],
    ]
    row = stage.box.items()[uuid]
    assert (row["Приказ"], row["Состояние"], row["Ознакомление"]) == (
        number, "Отпуск предоставлен", "ознакомлены 2 из 2",
    )
    assert str(row["Первый день"]).startswith("2027-07-15")
    assert row["entityTypeId"] == NUMBER
    assert any(number in one["text"] for one in stage.box.messages(author.id))
    assert journal_of(stage.settings) == (0, [])


def test_an_application_taken_back_gets_no_number(stage: Stage, people: dict[str, Person]) -> None:
    author, head = people["Хвощёв"], people["Тополев"]
    with pytest.raises(PageError, match="Приложите проект"):
        author.begin("leave", "Подать заявление", kind="Без сохранения", title="На один день",
                     since="2027-02-01", days="1")
    uuid = author.begin("leave", "Подать заявление", files=(APPLICATION,), kind="Без сохранения",
                        title="На один день", since="2027-02-01", days="1")
    author.press(uuid, "Отозвать заявление", reason="Передумал")
    with pytest.raises(PageError):
        head.press(uuid, "Согласовать")
    stage.settle(touched=True)
    assert author.document(uuid)["number"] == ""
    assert stage.box.items()[uuid]["Состояние"] == "Отозвано"


def state(person: Person, uuid: str) -> str:
    found: str = person.document(uuid)["state"]["code"]
    return found


def in_chat(stage: Stage, person: Person, label: str, uuid: str) -> None:
    """Press a button of the bot and wait until the document has changed."""
    stage.settle(touched=True)
    before = person.document(uuid)["version"]
    stage.box.press(person.id, label)
    stage.until(lambda: person.document(uuid)["version"] > before, f"кнопка «{label}» не подействовала")
