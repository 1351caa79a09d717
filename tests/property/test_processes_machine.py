"""Random people press random buttons of every shipped process, and of processes made up on the spot.

The made-up ones are put together from the shared parts in any order, as an administrator would do it in
YAML; whatever he writes, a document never loses its holder and never does what nobody offered.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from functools import cache

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from b24flow.core import absence
from b24flow.core.check import check
from b24flow.core.definition import Field, FieldType, ProcessDefinition
from b24flow.core.events import DocumentClosed
from b24flow.core.events_steps import Superseded
from b24flow.core.migration import Renamed, passage
from b24flow.core.parts import VisaState
from b24flow.core.supersession import given_up, in_force
from b24flow.definitions.fragments import join
from b24flow.definitions.loader import parse_process
from b24flow.errors import Refused
from tests.desk import (
    CHAIR,
    CLERK,
    DEPUTY,
    HEAD,
    LAWYER,
    NAMES,
    OFFICE_HEAD,
    ROOT,
    SECOND,
    Desk,
    directory,
    draft,
    process,
    scan,
)
from tests.one_by_one import assert_rights_are_plain

PEOPLE = sorted(NAMES)
SHIPPED = ("outgoing", "directive", "decree", "internal")
STEPS = ("approval", "second", "sign", "toreg", "send", "inform", "control", "meeting", "stage")
people = st.sampled_from(PEOPLE)
ROLES = {
    "clerk": (CLERK,), "chair": (CHAIR,), "deputy": (DEPUTY,), "office_head": (OFFICE_HEAD,),
    "lawyer": (LAWYER,), "accountant": (), "secretary": (SECOND,), "member": (CHAIR, DEPUTY, HEAD),
}

HEAD_TEXT = """
process: made
label: Выдуманный процесс
title_field: title
uses: [%(uses)s]
roles: {clerk: Делопроизводитель, chair: Председатель, office_head: Заведующий, lawyer: Юрист, member: Член}
fields:
  title: {label: Заголовок}
  addressees: {label: Адресаты, type: multiline}
  method: {label: Способ, type: choice, choices: {post: Почта}}
  sent_on: {label: Отправлено, type: date}
  money: {label: Расходы, type: flag}
  poll_until: {label: Опрос до, type: date}
  vote: {label: Голос, type: choice, choices: {for: За, against: Против, abstained: Воздержался}}
  outcome: {label: Решение, type: choice, choices: {accepted: Принято, rejected: Нет, rework: Доработать}}
  elected: {label: Избрано, type: integer}
  present: {label: Присутствует, type: integer}
  votes_for: {label: За, type: integer}
%(fields)scard: [title, addressees, signer, readers, controller, money]
numbering: {series: made, template: "М-{n}", period: year}
policies: {owner: office_head, term_authority: chair, members: member}
approval: {default: [initiator_head], mandatory: [{role: lawyer, when: money, group: 2}]}
states:
  draft: {label: Проект, hint: Готовится.}
"""
STATES = {
    "approval": "  approval: {then: %s}\n  rework:\n",
    "second": "  second: {label: Второе, hint: Ещё раз., kind: approval, then: %s, back: draft}\n",
    "sign": "  sign:\n",
    "toreg": "  toreg: {label: Регистрация, hint: Номер., kind: registration}\n",
    "send": "  send: {label: Отправка, hint: Адресатам., kind: dispatch, then: %s}\n",
    "inform": "  inform: {label: Ознакомление, hint: Читают., kind: acknowledgement, then: %s}\n",
    "control": "  control: {then: %s}\n",
    "meeting": "  ready: {label: Готов, hint: Ждёт повестки.}\n"
               "  meeting: {label: Заседание, hint: Решают., kind: meeting}\n",
    "stage": "  stage: {label: Рассмотрение, hint: Смотрят.}\n",
}
ACTIONS = {
    "approval": "  resubmit: {next: [approval]}\n",
    "sign": "  sign: {next: [%s]}\n  decline: {next: [%(back)s]}\n",
    "toreg": "  register: {label: Номер, kind: register, in: [toreg], who: [clerk], next: [%s]}\n",
    "send": "  dispatch: {label: Отправлено, kind: dispatch, in: [send], who: [clerk],"
            " form: [method*, sent_on*]}\n",
    "meeting": "  agenda: {label: Опрос, kind: agenda, in: [ready], who: [clerk], form: [poll_until],"
               " next: [meeting]}\n"
               "  vote: {label: Голос, kind: vote, in: [meeting], who: [voter], form: [vote*]}\n"
               "  decide: {label: Решение, kind: decide, in: [meeting], who: [clerk], form: [outcome*,"
               " elected, present, votes_for], outcomes: {accepted: %s, rejected: closed, rework: draft,"
               " no_quorum: ready}}\n",
    "stage": "  pass_on: {label: Дальше, kind: move, in: [stage], who: [clerk, chair], next: [%s]}\n"
             "  back: {label: Назад, kind: move, in: [stage], who: [clerk], next: [draft]}\n",
}
VISAS = ("approve", "approve_with_remarks", "pass_visa", "add_approver", "remove_approver", "new_edition")
ENTRANCE = {"meeting": "ready"}
ONLY_WITH = {"approval": "approval", "second": "approval", "sign": "signing", "control": "points"}


@cache
def made_up(steps: tuple[str, ...], back: str = "draft") -> ProcessDefinition:
    """Return a process whose documents go through these steps, written in YAML alone."""
    enter = tuple(ENTRANCE.get(one, one) for one in steps)
    after = dict(zip(steps, (*enter[1:], "closed"), strict=True))
    fragments = list(dict.fromkeys(
        ["acknowledgement", "side", *(ONLY_WITH[one] for one in steps if one in ONLY_WITH)]))
    if "control" in steps:
        fragments.append("execution")
    fields = "".join(
        f"  {code}: {{label: {code}, type: {kind}}}\n"
        for code, kind, owner in (("signer", "person", "signing"), ("controller", "person", "execution"),
                                  ("draft", "files", "approval"))
        if owner not in fragments
    )
    text = HEAD_TEXT % {"uses": ", ".join(fragments), "fields": fields}
    text += "".join(STATES[one].replace("%s", after[one]) for one in steps)
    text += "  closed: {label: Завершён, hint: Конец., final: true, success: true}\n"
    text += "actions:\n" + _begin(enter)
    back = back if "approval" in steps else "draft"
    text += "".join(ACTIONS[one].replace("%s", after[one]).replace("%(back)s", back)
                    for one in steps if one in ACTIONS)
    if "second" in steps:
        text += "".join(f"  {one}: {{in: [approval, second]}}\n" for one in VISAS)
        text += "  object: {in: [approval, second], next: [rework, draft]}\n"
    return parse_process(join(text, {one: _fragment(one) for one in fragments}), "made.yaml")


@cache
def _fragment(name: str) -> str:
    return (ROOT / "processes" / "shared" / f"{name}.yaml").read_text(encoding="utf-8")


def _begin(enter: tuple[str, ...]) -> str:
    first = enter[0]
    points = ", points" if "control" in enter else ""
    form = f"[title*, addressees*, signer*, readers, money, draft*{points}"
    kind = "submit" if first == "approval" else "move"
    route = ", route" if first == "approval" else ""
    return (f"  begin: {{label: Начать, kind: {kind}, in: [draft], who: [initiator], "
            f"form: {form}{route}], next: [{first}]}}\n")


def _possible(steps: tuple[str, ...]) -> tuple[str, ...]:
    """A second approval comes where there is a first."""
    return tuple(one for one in steps if one != "second" or "approval" in steps) or ("stage",)


orders = st.lists(st.sampled_from(STEPS), min_size=1, max_size=7, unique=True).map(tuple).map(_possible)


class AnyProcess(RuleBasedStateMachine):
    @initialize(code=st.sampled_from(SHIPPED), order=st.none() | orders, user=people,
                back=st.sampled_from(["draft", "rework"]))
    def begin(self, code: str, order: tuple[str, ...] | None, user: int, back: str) -> None:
        definition = made_up(order, back) if order is not None else process(code)
        assert check(definition) == ()
        self.desk = Desk(people=directory(roles=ROLES), definition=definition).open(user)
        self.number = None

    @rule(user=people, pick=st.integers(0, 50), data=st.data())
    def press_what_is_offered(self, user: int, pick: int, data: st.DataObject) -> None:
        found = self.desk.offers(user)
        assume(found)
        offer = found[pick % len(found)]
        form = {one.field.code: self._value(one.field, data) for one in offer.action.form
                if one.field.type is not FieldType.FILES}
        before = self.desk.doc
        files = [scan(self.desk.now, user, f"{len(before.files)}.pdf")]
        if data.draw(st.booleans()):
            files.append(draft(self.desk, user, len(before.files) + 10))
        for one in offer.action.form:
            if one.field.type is FieldType.FILES and one.field.code not in {"files", "draft"}:
                made = scan(self.desk.now, user, f"{one.field.code}-{len(before.files)}.pdf")
                fresh = f"{len(before.files) % 100:02}" * 32
                files.append(replace(made, part=one.field.code, sha256=fresh))
        try:
            decision = self.desk.press(user, offer.action.code, offer.target, files=tuple(files), **form)
        except Refused:
            assert self.desk.doc is before
            return
        assert decision.acting_for == offer.acting_for

    def _value(self, field: Field, data: st.DataObject) -> str | tuple[str, ...]:
        if field.type is FieldType.ROUTE:
            who = st.sampled_from([*map(str, PEOPLE), "lawyer", "accountant"])
            stops = data.draw(st.lists(st.tuples(st.integers(1, 3), who), max_size=4))
            return tuple(f"{group}:{one}" for group, one in stops)
        if field.type is FieldType.POINTS:
            chosen = data.draw(st.lists(st.sampled_from([*PEOPLE, ""]), max_size=3))
            return tuple(json.dumps({"text": f"Пункт {n}", "executor": one}) for n, one in enumerate(chosen))
        if field.type is FieldType.PEOPLE:
            return tuple(map(str, data.draw(st.lists(people, min_size=1, max_size=3))))
        if field.type is FieldType.PERSON:
            return str(data.draw(people))
        if field.type is FieldType.DATE:
            today = self.desk.context().today
            return (today + timedelta(days=data.draw(st.integers(-1, 20)))).isoformat()
        if field.type is FieldType.CHOICE:
            choices = field.choices or self.desk.definition.kinds
            return data.draw(st.sampled_from([getattr(one, "value", None) or one.code for one in choices]))
        if field.type is FieldType.EMAILS:
            return data.draw(st.sampled_from(["one@first.example", "one@first.example, a@b.example", "нет"]))
        if field.type is FieldType.ATTACHMENTS:
            return tuple(one.id for one in self.desk.doc.files[-1:])
        if field.type is FieldType.INTEGER:
            return str(data.draw(st.integers(0, 12)))
        return data.draw(st.sampled_from(["достаточно длинная причина", "[SEND=/x] <b>🙂\nвторая строка"]))

    @rule(user=people, pick=st.integers(0, 500))
    def press_what_is_not_offered(self, user: int, pick: int) -> None:
        action = self.desk.definition.actions[pick % len(self.desk.definition.actions)]
        document = self.desk.doc
        parts = (*document.assignments, *document.requests, *document.deliveries, *document.letters)
        nodes = [None, *(one.id for one in parts)]
        target = nodes[pick % len(nodes)]
        offered = {(one.action.code, one.target) for one in self.desk.offers(user)}
        assume((action.code, target) not in offered)
        assume(target is not None or action.code not in {code for code, _ in offered})
        try:
            self.desk.press(user, action.code, target, reason="достаточно длинная причина")
        except Refused:
            pass
        else:
            raise AssertionError(f"{action.code} by {user} was not offered")
        assert self.desk.doc is document

    @rule(user=people)
    def dismiss(self, user: int) -> None:
        assume(user not in {CHAIR, CLERK, OFFICE_HEAD})
        self.desk.dismiss(user)
        events = absence.hand_over(self.desk.definition, self.desk.doc, self.desk.context())
        if events and self.desk.doc.closure is None:
            self.desk.apply(events)

    @rule(principal=people, by=people)
    def go_on_leave(self, principal: int, by: int) -> None:
        assume(principal != by and len(self.desk.people.substitutions) < 3)
        self.desk.substitute(principal, by)

    @rule(order=orders, pick=st.integers(0, 50))
    def another_version_of_the_process(self, order: tuple[str, ...], pick: int) -> None:
        old = self.desk.definition
        assume(old.code == "made" and self.desk.doc.closure is None)
        new = replace(made_up(order), digest=f"{pick:02}" * 32)
        there = [one.code for one in new.states if not one.final]
        code = self.desk.state
        target = code if code in there else there[pick % len(there)]
        found = passage(old, new, self.desk.doc, Renamed(states={code: target}), self.desk.context())
        if found.decision is not None:
            self.desk.migrate(new, found.decision)

    @rule()
    def a_repeal_by_an_annulled_document_leaves_no_trace(self) -> None:
        before = self.desk.doc
        assume(in_force(self.desk.definition, before) and before.annulment is None)
        repeal = Superseded(kind="repealed", document="later", text="Утратил силу: № 9-р")
        ended = () if before.closure is not None else (DocumentClosed(state="repealed"),)
        self.desk.apply((repeal, *ended))
        assert self.desk.state == "repealed"
        assert not self.desk.holders()
        self.desk.apply(given_up(self.desk.doc, "later", "9-р"))
        after = self.desk.doc
        assert (after.step, after.closure, after.status) == (before.step, before.closure, before.status)
        assert [one.id for one in after.live()] == [one.id for one in before.live()]
        sheets = [[(line.id, line.state) for line in one.readers] for one in (before, after)]
        assert sheets[0] == sheets[1]

    @rule(days=st.integers(1, 5))
    def time_passes(self, days: int) -> None:
        self.desk.wait(days=days)

    @invariant()
    def everybody_is_offered_what_he_would_be_asked_about_alone(self) -> None:
        assert_rights_are_plain(self.desk.definition, self.desk.doc, self.desk.context(), (*PEOPLE, 999))

    @invariant()
    def an_open_document_has_an_active_holder_and_a_closed_one_none(self) -> None:
        holders = self.desk.holders()
        if self.desk.doc.closure is not None and self.desk.doc.annulment is None:
            assert not holders
        else:
            assert any(self.desk.people.active(one) for one in holders), (self.desk.state, holders)

    @invariant()
    def a_signature_on_paper_names_its_signer_and_who_recorded_it(self) -> None:
        for one in self.desk.doc.signatures:
            assert one.recorded_by is None or (one.method == "paper" and one.recorded_by != 0)
            assert one.sha256

    @invariant()
    def the_step_is_one_of_the_process(self) -> None:
        assert self.desk.state in {one.code for one in self.desk.definition.states}

    @invariant()
    def the_number_is_given_once(self) -> None:
        self.number = self.number or self.desk.doc.number
        assert self.desk.doc.number == self.number

    @invariant()
    def at_most_one_round_is_open_and_its_visas_have_an_edition(self) -> None:
        rounds = self.desk.doc.rounds
        assert all(not one.open for one in rounds[:-1])
        for one in rounds:
            for visa in one.in_state(VisaState.APPROVED, VisaState.REMARKS, VisaState.OBJECTED):
                assert visa.sha256
                assert visa.by is not None

    @invariant()
    def whoever_holds_can_do_something(self) -> None:
        if self.desk.doc.closure is not None and self.desk.doc.annulment is None:
            return
        useful = [user for user in self.desk.holders() if self.desk.people.active(user)]
        moves = {one.action.code for user in useful for one in self.desk.offers(user) if one.action.work}
        assert moves, (self.desk.state, useful)

    @invariant()
    def nobody_reads_for_another_or_checks_himself(self) -> None:
        document = self.desk.doc
        assert all(one.acting_for is None for one in document.readers if one.state == "read")
        for one in document.readers:
            assert one.state != "read" or one.by == one.user


AnyProcess.TestCase.settings = settings(
    max_examples=int(os.environ.get("TEST_EXAMPLES", "100")), stateful_step_count=30, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAnyProcess = AnyProcess.TestCase

