"""Definitions whose documents would stay somewhere for ever: each is refused with a sentence when it is read.

And the other side: what an administrator may well write, and what must then run to its end.
"""

from __future__ import annotations

import re
from functools import cache

import pytest

from b24flow.core.check_route import SERVICE
from b24flow.core.definition import ProcessDefinition
from b24flow.definitions.fragments import join
from b24flow.definitions.loader import parse_process
from b24flow.errors import DefinitionError
from b24flow.web.actions import _SERVICE as FORM_SERVICE
from tests.desk import CHAIR, CLERK, HEAD, LAWYER, OFFICE_HEAD, ROOT, SPECIALIST, Desk, draft, scan

HEAD_OF_FILE = """
process: t
label: Т
title_field: title
uses: [%s]
roles: {clerk: Делопроизводитель, chair: Председатель, office_head: Заведующий}
policies: {owner: office_head, members: chair}
numbering: {series: t, template: "{n}", period: year}
"""
FIELDS = """fields:
  title: {label: Тема}
  draft: {label: Проект, type: files}
  signer: {label: Подписант, type: person}
  addressees: {label: Адресаты, type: multiline}
  method: {label: Способ, type: choice, choices: {post: Почта}}
  sent_on: {label: Дата, type: date}
  poll_until: {label: Срок опроса, type: date}
%s
card: [title, signer, addressees]
"""
END = "  closed: {label: Конец, hint: Конец., final: true, success: true}\n"
DRAFT = "  draft: {label: Проект, hint: Пишут.}\n"
MEETING = "  m: {label: Заседание, hint: Решают., kind: meeting}\n"
SEND = "  send: {label: Отправка, hint: Шлют., kind: dispatch, then: closed}\n"
AGENDA = "  ag: {label: Повестка, kind: agenda, in: [draft], who: [initiator], next: [m]}\n"
DECIDE = ("  dec: {label: Решение, kind: decide, in: [m], who: [clerk], form: [outcome*],"
          " outcomes: {accepted: closed, no_quorum: draft}}\n")
SENT = "  dsp: {label: Отправлено, kind: dispatch, in: [send], who: [clerk], form: [method*, sent_on*]}\n"
APPROVAL = "  approval: {then: closed}\n  rework:\n"
RESUBMIT = "  resubmit: {next: [approval]}\n"
YES = "  outcome: {label: Решение, type: choice, choices: {accepted: Да}}"


def go(target: str = "closed", kind: str = "move", form: str = "", more: str = "") -> str:
    return (f"  go: {{label: Начать, kind: {kind}, in: [draft], who: [initiator], form: [title*{form}],"
            f" next: [{target}]{more}}}\n")


def stage(code: str, more: str = "") -> str:
    return f"  {code}: {{label: Шаг {code}, hint: Ждут.{more}}}\n"


def close(*places: str, who: str = "clerk", more: str = "") -> str:
    return (f"  cl: {{label: Закрыть, kind: close, in: [{', '.join(places)}], who: [{who}],"
            f" closes_as: closed{more}}}\n")


@cache
def read(uses: str, states: str, actions: str, fields: str = "", more: str = "") -> ProcessDefinition:
    text = HEAD_OF_FILE % uses + FIELDS % fields + "states:\n" + states + END + "actions:\n" + actions + more
    names = re.findall(r"\w+", uses)
    shared = {one: (ROOT / "processes" / "shared" / f"{one}.yaml").read_text("utf-8") for one in names}
    return parse_process(join(text, shared), "t.yaml")


TRAPS = {
    "two steps pass a document to each other": (
        ("acknowledgement, side", DRAFT + stage("a", ", kind: acknowledgement, then: b")
         + stage("b", ", kind: acknowledgement, then: a"), go("a") + close("a")), "по кругу"),
    "a step that follows itself": (
        ("acknowledgement, side", DRAFT + stage("a", ", kind: acknowledgement, then: a"),
         go("a") + close("a")), "по кругу"),
    "nobody chooses the signer": (
        ("signing, side", DRAFT + "  sign:\n",
         go("sign", form=", signer") + "  sign: {next: [closed]}\n  decline: {next: [draft]}\n"),
        "signer\\*"),
    "nothing to sign": (
        ("signing, side", DRAFT + "  sign:\n",
         go("sign", form=", signer*") + "  sign: {next: [closed], form: []}\n  decline: {next: [draft]}\n"),
        "подписывать нечего"),
    "a draft that only an approver may leave": (
        ("side", DRAFT, "  go: {label: Го, kind: move, in: [draft], who: [approver], next: [closed]}\n"),
        "может не найтись, кому выйти"),
    "a stage that waits for readers nobody named": (
        ("acknowledgement, side", DRAFT + stage("a"), go("a") + close("a", who="reader")),
        "может не найтись"),
    "a stage that waits for nobody": (
        ("side", DRAFT + stage("a"), go("a") + close("a", more=", work: false")), "никого не ждут"),
    "a meeting without an agenda": (("side", DRAFT + MEETING, go("m") + DECIDE, YES), "без повестки"),
    "back to the meeting without an agenda": (
        ("side", DRAFT + MEETING, AGENDA + DECIDE.replace("no_quorum: draft", "no_quorum: m"), YES),
        "без повестки"),
    "an outcome nobody foresaw": (
        ("side", DRAFT + MEETING, AGENDA + DECIDE, YES.replace("accepted", "yes1")), "непонятно"),
    "a vote that is not counted": (
        ("side", DRAFT + MEETING, AGENDA + DECIDE + "  v: {label: Голос, kind: vote, in: [m], who: [voter],"
         " form: [vote*]}\n", YES + "\n  vote: {label: Голос, type: choice, choices: {aye: За}}"),
        "непонятно"),
    "a registration that leads nowhere": (
        ("side", DRAFT, "  go: {label: Го, kind: register, in: [draft], who: [initiator], form: [title*]}\n"
         + close("draft")), "куда ведёт действие"),
    "the first step is not the draft": (
        ("side", stage("appl"), go().replace("draft", "appl")), "первым должен стоять"),
    "the word for all steps is a step": (("side", DRAFT + stage("working"), go("working")
                                          + close("working")), "код «working» занят"),
    "a saving that leads on": (
        ("side", DRAFT + stage("a"), go("a", kind="fill") + close("a")), "никуда не ведёт"),
    "a way that is never gone": (
        ("side", DRAFT + stage("a") + stage("b"), go("a, b") + close("a", "b")), "на один шаг"),
    "a dispatch to nobody": (
        ("side", DRAFT + SEND, go("send", form=", addressees") + SENT), "addressees\\*"),
    "a dispatch that goes elsewhere": (
        ("side", DRAFT + SEND + stage("a"), go("send", form=", addressees*")
         + SENT.replace("sent_on*]", "sent_on*], next: [a]") + close("a")), "куда говорит шаг"),
    "an approval of nothing": (
        ("approval, side", DRAFT + APPROVAL, go("approval", kind="submit") + RESUBMIT, "",
         "approval: {default: [chair]}\n"), "ни одна форма его не просит"),
    "an approval by nobody": (
        ("approval, side", DRAFT + APPROVAL, go("approval", form=", draft*") + RESUBMIT), "approval.default"),
    "rework for nobody": (
        ("approval, side", DRAFT + APPROVAL, go("approval", kind="submit", form=", draft*") + RESUBMIT,
         "  scope: {label: Кому, type: choice, choices: {objectors: Возразившим}}",
         "approval: {default: [chair]}\n"), "не хватает значения «all»"),
    "a number that is not given": (("side", DRAFT, go(more=", number: true")), "номер присваивают"),
    "an end the core does not know": (
        ("side", DRAFT + stage("a") + "  bad: {label: Брак, hint: Конец., final: true}\n",
         go("a", kind="register") + close("a")
         + "  an: {label: Аннулировать, kind: annul, in: [a], who: [clerk], form: [reason*]}\n"
           "  can: {label: Подтвердить, kind: confirm_annul, in: [a], who: [chair], closes_as: bad}\n"),
        "на шаге «annulled»"),
    "a report about no assignment": (
        ("side", DRAFT + stage("p", ", kind: points, then: closed"),
         go("p") + "  rep: {label: Исполнено, kind: report, in: [p], who: [executor], form: [summary*]}\n"
         "  rel: {label: Снять, kind: release_point, in: [p], on: [work], who: [clerk]}\n",
         "  summary: {label: Итог, type: multiline}\nbranch_states: {work: В работе}"),
        "не хватает ключа «on»"),
    "outcomes of what decides nothing": (
        ("side", DRAFT, go(more=", outcomes: {accepted: closed}")), "только у действия вида decide"),
    "an answer of an assignment": (
        ("side", DRAFT, go() + "  answer: {on: [work]}\n", "branch_states: {work: В работе}"),
        "не относится к поручению"),
    "a field of the form's own": (
        ("side", DRAFT, go(form=", seen*"), "  seen: {label: Видел}"), "код поля «seen» занят"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_refused_when_it_is_read(name: str) -> None:
    parts, said = TRAPS[name]
    with pytest.raises(DefinitionError, match=said) as refused:
        read(*parts)
    assert all(one.line > 1 for one in refused.value.findings)


def test_the_fields_of_a_form_are_the_ones_the_pages_add() -> None:
    assert SERVICE == FORM_SERVICE


def test_a_registration_and_a_signature_may_be_the_last_thing() -> None:
    desk = Desk(definition=read("side", DRAFT, go("closed", kind="register"))).open(SPECIALIST)
    desk.press(SPECIALIST, "go", title="О чём-то")
    assert (desk.state, desk.holders()) == ("closed", set())
    assert desk.doc.closure is not None

    signed = read("signing, side", DRAFT + "  sign:\n", go("sign", form=", signer*, draft*")
                  + "  sign: {next: [closed], number: true}\n  decline: {next: [draft]}\n")
    desk = Desk(definition=signed).open(SPECIALIST)
    desk.press(SPECIALIST, "go", title="О чём-то", signer=str(CHAIR), files=(draft(desk, SPECIALIST),))
    desk.press(CHAIR, "sign")
    assert desk.doc.closure is not None
    assert desk.doc.number is not None


def test_a_number_given_before_the_signature_stays_when_the_signer_sends_it_back() -> None:
    definition = read(
        "signing, side", DRAFT + stage("toreg", ", kind: registration") + "  sign:\n",
        go("toreg", form=", signer*, draft") + "  sign: {next: [closed]}\n  decline: {next: [draft]}\n"
        "  reg: {label: Номер, kind: register, in: [toreg], who: [clerk], next: [sign]}\n")
    desk = Desk(definition=definition).open(SPECIALIST)
    desk.press(SPECIALIST, "go", title="О чём-то", signer=str(CHAIR), files=(draft(desk, SPECIALIST),))
    desk.press(CLERK, "reg")
    number = desk.doc.number
    desk.press(CHAIR, "decline", reason="опечатка")
    desk.press(SPECIALIST, "go", title="О чём-то", signer=str(CHAIR),
               files=(draft(desk, SPECIALIST, 2),))
    desk.press(CLERK, "reg")
    assert (desk.state, desk.doc.number) == ("sign", number)
    desk.press(CHAIR, "sign")
    assert (desk.state, desk.doc.number) == ("closed", number)


TWICE = (
    "approval, side", DRAFT + "  approval: {then: second}\n  rework:\n" + stage("mend")
    + "  second: {label: Второе согласование, hint: Ещё раз., kind: approval, then: closed, back: mend}\n",
    go("approval", kind="submit", form=", draft*, route") + RESUBMIT
    + "  approve: {in: [approval, second]}\n  object: {in: [approval, second], next: [rework, mend]}\n"
    "  again: {label: Снова, kind: move, in: [mend], who: [initiator], form: [draft*], next: [second]}\n",
    "", "approval: {default: [chair], mandatory: [{role: office_head}]}\n",
)


def test_a_second_approval_asks_whom_the_process_names_and_goes_back_elsewhere() -> None:
    desk = Desk(definition=read(*TWICE)).open(SPECIALIST)
    desk.press(SPECIALIST, "go", title="Договор", route=(f"1:{LAWYER}", "1:office_head"),
               files=(draft(desk, SPECIALIST),))
    desk.press(LAWYER, "approve")
    desk.press(OFFICE_HEAD, "approve")
    assert (desk.state, desk.holders()) == ("second", {OFFICE_HEAD})
    desk.press(OFFICE_HEAD, "object", remark="не та сумма")
    assert (desk.state, desk.holders()) == ("mend", {SPECIALIST})
    desk.press(SPECIALIST, "again", files=(draft(desk, SPECIALIST, 2),))
    desk.press(OFFICE_HEAD, "approve")
    assert [one.outcome for one in desk.doc.rounds] == ["approved", "objected", "approved"]
    assert desk.doc.closure is not None


def test_rework_that_a_signer_asked_for_before_any_approval_is_approved_by_the_rules() -> None:
    definition = read(
        "approval, signing, side", DRAFT + "  sign:\n" + APPROVAL,
        go("sign", form=", signer*, draft*") + "  sign: {next: [closed]}\n" + RESUBMIT, "",
        "approval: {default: [initiator_head]}\n")
    desk = Desk(definition=definition).open(SPECIALIST)
    desk.press(SPECIALIST, "go", title="О чём-то", signer=str(CHAIR), files=(draft(desk, SPECIALIST),))
    desk.press(CHAIR, "decline", reason="согласуйте с отделом")
    desk.press(SPECIALIST, "resubmit", answer="направляю", scope="all")
    assert (desk.state, desk.holders()) == ("approval", {HEAD})


def test_a_step_may_have_a_word_of_the_assignments() -> None:
    definition = read("side", DRAFT + "  review: {label: Рассмотрение, hint: Смотрят.}\n",
                      go("review") + close("review"))
    desk = Desk(definition=definition).open(SPECIALIST)
    desk.press(SPECIALIST, "go", title="Жалоба")
    assert desk.holders() == {CLERK}
    desk.press(CLERK, "cl", files=(scan(desk.now, CLERK),))
    assert desk.doc.closure is not None
