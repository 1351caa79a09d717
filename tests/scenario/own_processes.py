"""Six processes as an administrator would write them, and the ways people take through each to every end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from b24flow.demo.letters import PDF, LetterFile

DRAFT = LetterFile(name="проект.pdf", mime=PDF, content=b"%PDF-1.4 own", field="draft")
AUTHOR, HEAD, CHAIR, CLERK, LAWYER, MONEY, SECRETARY = (
    "Хвощёв", "Тополев", "Берёзов", "Осокина", "Вербина", "Ольхова", "Рябинина")


@dataclass(frozen=True)
class Step:
    """Who presses what."""

    who: str
    label: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Own:
    """A process, its second version (texts replaced), and steps to the label of each final state."""

    text: str
    change: tuple[str, str]
    ways: dict[str, tuple[Step, ...]]


def press(who: str, label: str, **values: Any) -> Step:
    return Step(who, label, values)


TOP = """
process: {code}
label: {label}
title_field: title
uses: [{uses}]
roles: {{clerk: Делопроизводитель, chair: Председатель, deputy: Заместитель, office_head: Управляющий,
         lawyer: Юрист, accountant: Бухгалтер, secretary: Секретарь, member: Член Президиума}}
policies: {{owner: office_head, members: member}}
"""
REGISTRY = """
registry:
  title: {label}
  entity_type_id: {number}
  fields:
    - {{code: SUBJECT, label: Заголовок, type: string, source: card.title}}
    - {{code: STATE, label: Состояние, type: string, source: state}}
    - {{code: LINK, label: Карточка, type: url, source: url}}
"""


def written(code: str, label: str, number: int, uses: str, body: str) -> str:
    return (TOP.format(code=code, label=label, uses=uses) + body
            + REGISTRY.format(label=label, number=number))


NUMBERING = 'numbering: {{series: {0}, template: "{1}-{{n}}", period: year}}\n'

CONTRACT = written("contract", "Договоры", 1062, "approval, signing, side", """
states:
  draft: {label: Проект договора, hint: Готовят текст.}
  approval: {then: sign}
  rework:
  sign:
  toreg: {label: Регистрация договора, hint: Присваивают номер., kind: registration}
  signed: {label: Заключён, hint: Подписан., final: true, success: true}
  cancelled: {label: Не заключён, hint: Отказались., final: true}
route: [draft, approval, sign, toreg, signed]
fields:
  title: {label: Предмет договора, min_length: 3}
  money: {label: Есть расходы, type: flag}
card: [title, money, signer]
actions:
  submit: {label: На согласование, kind: submit, in: [draft], who: [initiator],
           form: [title*, money, signer*, draft], next: [approval]}
  approve:
  object:
  resubmit: {form: [draft, answer*, scope*], next: [approval, sign]}
  sign:
  decline:
  register: {label: Зарегистрировать договор, kind: register, in: [toreg], who: [clerk], next: [signed]}
  give_up: {label: Отказаться от договора, kind: close, in: [draft, approval, rework, sign], who: [initiator],
            work: false, form: [reason*], closes_as: cancelled}
approval:
  mandatory: [{role: lawyer}, {role: accountant, when: money, group: 2}]
""" + NUMBERING.format("contract", "Д"))

AWARD = written("award", "Наградные ходатайства", 1064, "side", """
states:
  draft: {label: Ходатайство, hint: Пишут.}
  agenda: {label: В повестке, hint: Ждёт заседания.}
  meeting: {label: Заседание, hint: Решают., kind: meeting}
  awarded: {label: Награждён, hint: Решение принято., final: true, success: true}
  denied: {label: Отказано в награде, hint: Решение отрицательное., final: true}
route: [draft, agenda, meeting, awarded]
fields:
  title: {label: Кого и чем наградить, min_length: 3}
  present: {label: Присутствует, type: integer}
  elected: {label: Избрано, type: integer}
  votes_for: {label: За, type: integer}
card: [title]
actions:
  ask_award: {label: Подать ходатайство, kind: move, in: [draft], who: [initiator], form: [title*],
              next: [agenda]}
  put: {label: Открыть заседание, kind: agenda, in: [agenda], who: [secretary], next: [meeting]}
  yes: {label: Наградить, kind: decide, in: [meeting], who: [secretary],
        form: [elected*, present*, votes_for*], outcomes: {accepted: awarded, no_quorum: agenda}}
  no: {label: Отказать, kind: decide, in: [meeting], who: [secretary], form: [elected*, present*, votes_for*],
       outcomes: {rejected: denied, no_quorum: agenda}}
""")

COMPLAINT = written("complaint", "Жалобы", 1066, "side", """
states:
  draft: {label: Жалоба, hint: Пишут.}
  first: {label: Первое рассмотрение, hint: Читает юрист.}
  second: {label: Второе рассмотрение, hint: Читает Председатель.}
  upheld: {label: Удовлетворена, hint: Жалоба обоснована., final: true, success: true}
  denied: {label: Отклонена, hint: Жалоба не обоснована., final: true}
route: [draft, first, second, upheld]
fields: {title: {label: На что жалоба, min_length: 3}}
card: [title]
actions:
  complain: {label: Подать жалобу, kind: move, in: [draft], who: [initiator], form: [title*], next: [first]}
  pass_on: {label: Передать на второе рассмотрение, kind: move, in: [first], who: [lawyer], next: [second]}
  again: {label: Рассмотреть заново, kind: move, in: [second], who: [chair], form: [reason*], next: [first]}
  uphold: {label: Удовлетворить, kind: close, in: [second], who: [chair], closes_as: upheld}
  deny: {label: Отклонить, kind: close, in: [first, second], who: [lawyer, chair], form: [reason*],
         closes_as: denied}
""")

CIRCULAR = written("circular", "Циркуляры", 1068, "acknowledgement, side", """
states:
  draft: {label: Циркуляр, hint: Пишут.}
  inform: {label: Ознакомление, hint: Читают., kind: acknowledgement, then: known}
  known: {label: Все ознакомлены, hint: Прочитали., final: true, success: true}
  cancelled: {label: Отозван, hint: Отозвали., final: true}
route: [draft, inform, known]
fields: {title: {label: О чём, min_length: 3}}
card: [title, readers]
actions:
  publish: {label: Разослать циркуляр, kind: move, in: [draft], who: [initiator], form: [title*, readers*],
            next: [inform]}
  acknowledged: {in: [inform]}
  recall_it: {label: Отозвать циркуляр, kind: close, in: [inform], who: [initiator], work: false,
              form: [reason*], closes_as: cancelled}
""")

FIRST_NUMBER = written("certificate", "Справки", 1070, "signing, side", """
states:
  draft: {label: Заявка, hint: Пишут.}
  toreg: {label: Сначала номер, hint: Номер до подписи., kind: registration}
  sign:
  issued: {label: Выдана, hint: Подписана., final: true, success: true}
  refused: {label: Не выдана, hint: Подписант отказал., final: true}
route: [draft, toreg, sign, issued]
fields:
  title: {label: О чём справка, min_length: 3}
  draft: {label: Текст справки, type: files}
card: [title, signer]
actions:
  request: {label: Заказать справку, kind: move, in: [draft], who: [initiator],
            form: [title*, signer*, draft*], next: [toreg]}
  register: {label: Присвоить номер, kind: register, in: [toreg], who: [clerk], next: [sign]}
  sign: {next: [issued]}
  decline: {next: [toreg]}
  refuse: {label: Отказать в справке, kind: close, in: [toreg], who: [clerk], form: [reason*], work: false,
           closes_as: refused}
""" + NUMBERING.format("certificate", "С"))

LONG = "«Ёлочки» R&D <Альфа> — название, каким его пишут в положениях о порядке работы с обращениями"
STEPS = 29
FIELDS = 60


def long_process() -> str:
    """Thirty steps, sixty fields, no number at all; labels as long as they may be."""
    body = "states:\n  draft: {label: Начало, hint: Начинают.}\n"
    body += "".join(f'  s{n}: {{label: "{f"{n} {LONG}"[:60]}", hint: "Ждут шага {n}."}}\n'
                    for n in range(1, STEPS))
    body += "  done: {label: Завершено, hint: Конец., final: true, success: true}\n"
    body += f"route: [draft, {', '.join(f's{n}' for n in range(1, STEPS))}, done]\n"
    body += "fields:\n  title: {label: Заголовок, min_length: 3}\n"
    body += "".join(f'  f{n}: {{label: "{f"{n} {LONG}"[:100]}"}}\n' for n in range(1, FIELDS))
    fields = ", ".join(f"f{n}" for n in range(1, FIELDS))
    body += f"card: [title, {fields}]\nactions:\n"
    body += (f"  go0: {{label: Начать, kind: move, in: [draft], who: [initiator], form: [title*, {fields}],"
             " next: [s1]}\n")
    for n in range(1, STEPS):
        way = f"kind: move, next: [s{n + 1}]" if n + 1 < STEPS else "kind: close, closes_as: done"
        body += f"  go{n}: {{label: Дальше {n}, in: [s{n}], who: [initiator], {way}}}\n"
    return written("long", "Очень длинный процесс без номера", 1072, "side", body)


def _contract_ways() -> dict[str, tuple[Step, ...]]:
    begun = press(AUTHOR, "На согласование", title="Поставка бумаги", money=True, signer=CHAIR)
    return {
        "Заключён": (
            begun, press(LAWYER, "Согласовать"), press(MONEY, "Вернуть на доработку", remark="Дорого"),
            press(AUTHOR, "Отправить повторно", answer="Дешевле", scope="Только возразившим"),
            press(MONEY, "Согласовать"), press(CHAIR, "Подписать"), press(CLERK, "Зарегистрировать договор")),
        "Не заключён": (
            press(AUTHOR, "На согласование", title="Без денег", signer=CHAIR), press(LAWYER, "Согласовать"),
            press(AUTHOR, "Отказаться от договора", reason="Передумали")),
    }


def _award_ways() -> dict[str, tuple[Step, ...]]:
    begun = (press(AUTHOR, "Подать ходатайство", title="Грамота за труд"),
             press(SECRETARY, "Открыть заседание"))
    votes = {"elected": "5", "present": "4", "votes_for": "4"}
    return {
        "Награждён": (*begun, press(SECRETARY, "Наградить", elected="5", present="1", votes_for="1"),
                      press(SECRETARY, "Открыть заседание"), press(SECRETARY, "Наградить", **votes)),
        "Отказано в награде": (*begun, press(SECRETARY, "Отказать", **{**votes, "votes_for": "1"})),
    }


def _complaint_ways() -> dict[str, tuple[Step, ...]]:
    begun = press(AUTHOR, "Подать жалобу", title="На шум в цехе")
    on = press(LAWYER, "Передать на второе рассмотрение")
    return {
        "Удовлетворена": (begun, on, press(CHAIR, "Рассмотреть заново", reason="Не всё ясно"), on,
                          press(CHAIR, "Удовлетворить")),
        "Отклонена": (begun, press(LAWYER, "Отклонить", reason="Не по адресу")),
    }


def _circular_ways() -> dict[str, tuple[Step, ...]]:
    begun = press(AUTHOR, "Разослать циркуляр", title="О пропусках", readers=[MONEY, LAWYER])
    return {
        "Все ознакомлены": (begun, press(MONEY, "Ознакомлен"), press(LAWYER, "Ознакомлен")),
        "Отозван": (begun, press(MONEY, "Ознакомлен"),
                    press(AUTHOR, "Отозвать циркуляр", reason="Ошибка в тексте")),
    }


def _certificate_ways() -> dict[str, tuple[Step, ...]]:
    begun = press(AUTHOR, "Заказать справку", title="О членстве", signer=CHAIR)
    return {
        "Выдана": (begun, press(CLERK, "Присвоить номер"), press(CHAIR, "Подписать")),
        "Не выдана": (begun, press(CLERK, "Отказать в справке", reason="Не член профсоюза")),
    }


OWN = {
    "contract": Own(CONTRACT, ("label: Регистрация договора", "label: Учёт договора"), _contract_ways()),
    "award": Own(AWARD, ("label: В повестке", "label: Ждёт заседания"), _award_ways()),
    "complaint": Own(COMPLAINT, ("label: Первое рассмотрение", "label: У юриста"), _complaint_ways()),
    "circular": Own(CIRCULAR, ("label: Ознакомление", "label: Чтение"), _circular_ways()),
    "certificate": Own(FIRST_NUMBER, ("label: Сначала номер", "label: Номер"), _certificate_ways()),
    "long": Own(long_process(), ("label: Дальше 7", "label: Вперёд 7"), {"Завершено": (
        press(AUTHOR, "Начать", title="Длинный путь", f59="ёж"),
        *(press(AUTHOR, f"Дальше {n}") for n in range(1, STEPS)))}),
}
