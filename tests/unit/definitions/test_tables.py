"""The tables of the five processes (domain §3.3–3.8) as a test: each button in its place, by its words."""

from __future__ import annotations

import pytest

from b24flow.core.definition import ActionKind, ProcessDefinition
from tests.desk import process

PROCESSES = ("incoming", "outgoing", "decree", "directive", "internal")
SIDE = {
    "Запросить информацию", "Ответить на запрос", "Поставить задачу", "Добавить файл/версию",
    "Связать с документом", "Ознакомить", "Подписаться на изменения", "Исправить карточку",
}
APPROVAL = {
    "approval": {"Согласовать", "Согласовать с замечаниями", "Вернуть на доработку", "Запросить информацию",
                 "Добавить согласующего"},
    "rework": {"Отправить повторно", "Отозвать"},
}
POINTS = {"Документ исполнен", "Запросить продление срока исполнения", "Снять с контроля"}
TABLES: dict[str, dict[str, set[str]]] = {
    "incoming": {
        "draft": {"Зарегистрировать и направить", "Переслать по принадлежности"},
        "review": {"На исполнение", "Ознакомиться и завершить", "Вернуть делопроизводителю"},
        "exec": {"Вернуть автору", "Запросить продление срока исполнения", "Установить другой срок",
                 "Направить вышестоящему", "Отказать в продлении", "Передать другому",
                 "Заменить исполнителя", "Отозвать поручение", "Документ исполнен"},
        "choice": {"Завершить", "Подготовить исходящий документ"},
        "control": {"Снять с контроля", "Вернуть на доработку"},
        "done": {"Вернуть в работу"}, "ack": {"Вернуть в работу"},
    },
    "outgoing": {
        "draft": {"Сформировать по шаблону", "Направить на согласование", "Аннулировать"}, **APPROVAL,
        "sign": {"Подписать", "Вернуть с замечаниями", "Передать и.о."},
        "toreg": {"Зарегистрировать"}, "send": {"Отправлено", "Аннулировать"},
        "sent": {"Ответ получен", "Не доставлено", "Закрыть"},
    },
    "decree": {
        "draft": {"Направить на согласование"}, **APPROVAL,
        "ready": {"Включить в повестку", "Снять с рассмотрения"},
        "agenda": {"Начать опрос (заочно)", "Открыть заседание"},
        "meeting": {"Принято", "Принято с поправками", "Отклонено", "На доработку", "Снято"},
        "finalize": {"Отправить на подпись"}, "sign": {"Подписать"},
        "inforce": {"Разослать", "Ознакомить", "Поставить пункты на контроль"},
        "control": POINTS | {"Снять с контроля целиком"},
    },
    "directive": {
        "draft": {"Направить на согласование", "Сразу на подпись"}, **APPROVAL,
        "sign": {"Подписать", "Отклонить", "Вернуть"}, "toreg": {"Зарегистрировать"},
        "inform": {"Ознакомлен", "Отказ от ознакомления (акт)"}, "control": POINTS,
    },
    "internal": {
        "draft": {"Направить"}, **APPROVAL,
        "review": {"На исполнение", "Ознакомиться и завершить", "Утвердить", "Отклонить",
                   "Вернуть на доработку"},
        "approved": {"Подготовить распоряжение", "Подготовить исходящий", "Завершить"},
    },
}
ASKED = {  # action: the fields that the tables mark with a star
    "incoming": {"register": "correspondent received_on title files reviewers", "execute": "executors term",
                 "request_extension": "desired_term reason", "set_term": "new_term", "report": "summary",
                 "refuse_extension": "reason", "delegate": "to reason", "replace": "to reason",
                 "recall": "reason", "rework": "reason", "reopen": "reason", "annul": "reason"},
    "outgoing": {"render": "addressees title template signer", "approve_with_remarks": "remark",
                 "object": "remark", "resubmit": "answer", "annul": "reason", "annul_draft": "reason"},
    "decree": {"submit": "body title speaker", "put_on_agenda": "session item", "finalize": "draft",
               "release_point": "comment", "release_all": "comment", "amended": "amendments"},
    "directive": {"submit": "kind title", "straight_to_sign": "kind title"},
    "internal": {"send": "kind title reviewers", "reject": "reason", "return_clerk": "reason"},
}


def offered(definition: ProcessDefinition, state: str) -> set[str]:
    return {one.label for one in definition.actions if state in one.states}


@pytest.mark.parametrize("code", PROCESSES)
def test_side_actions_are_there_in_every_working_state(code: str) -> None:
    definition = process(code)
    for state in definition.states:
        if not state.final:
            assert SIDE - offered(definition, state.code) == set(), state.code


@pytest.mark.parametrize("code", PROCESSES)
def test_a_side_action_never_moves_the_document_and_nobody_is_waited_for(code: str) -> None:
    for action in process(code).actions:
        if action.label in SIDE - {"Ответить на запрос"}:
            assert not action.next, action.code
            assert not action.work, action.code
            assert not action.closes_as, action.code
            assert action.kind is not ActionKind.MOVE


@pytest.mark.parametrize("code", PROCESSES)
def test_every_button_of_the_table_is_in_its_state(code: str) -> None:
    definition = process(code)
    missing = {state: labels - offered(definition, state) for state, labels in TABLES[code].items()}
    assert not any(missing.values()), {state: labels for state, labels in missing.items() if labels}


@pytest.mark.parametrize("code", PROCESSES)
def test_what_the_table_demands_is_demanded(code: str) -> None:
    definition = process(code)
    for name, fields in ASKED[code].items():
        action = definition.action(name)
        assert action is not None, name
        asked = {one.field.code for one in action.form if one.required}
        assert set(fields.split()) <= asked, (name, set(fields.split()) - asked)
