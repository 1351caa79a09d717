from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from b24flow.core.check import check, did_you_mean, leads
from b24flow.core.definition import (
    Action,
    ActionKind,
    Field,
    FieldType,
    FormField,
    Notice,
    ProcessDefinition,
    Registry,
    RegistryField,
    State,
)
from b24flow.definitions.loader import load_process

INCOMING = load_process(Path(__file__).parents[3] / "processes" / "incoming.yaml")
Change = Callable[[ProcessDefinition], ProcessDefinition]


def act(code: str, **changes: object) -> Change:
    return lambda one: replace(one, actions=tuple(
        replace(action, **changes) if action.code == code else action  # type: ignore[arg-type]
        for action in one.actions))


def without(*codes: str) -> Change:
    return lambda one: replace(
        one, actions=tuple(action for action in one.actions if action.code not in codes))


def with_state(state: State) -> Change:
    return lambda one: replace(one, states=(*one.states, state))


def state(code: str, **changes: object) -> Change:
    return lambda one: replace(one, states=tuple(
        replace(other, **changes) if other.code == code else other  # type: ignore[arg-type]
        for other in one.states))


def also(action: Action) -> Change:
    return lambda one: replace(one, actions=(*one.actions, action))


def form(code: str, drop: str = "", **changes: object) -> Change:
    action = INCOMING.action(code)
    assert action is not None
    return act(code, form=tuple(
        replace(one, **changes) if one.field.code == drop and changes else one  # type: ignore[arg-type]
        for one in action.form if one.field.code != drop or changes))


def columns(*more: RegistryField) -> Change:
    assert INCOMING.registry is not None
    registry: Registry = INCOMING.registry
    return lambda one: replace(one, registry=replace(registry, fields=(*registry.fields, *more)))


def column(code: str, source: str, kind: str = "string") -> RegistryField:
    return RegistryField(code=code, label=f"Поле {code}", type=kind, source=source)


def made(code: str, kind: ActionKind = ActionKind.CLOSE, **more: object) -> Action:
    given: dict[str, object] = {"label": "Новое", "states": ("review",), "who": ("clerk",)}
    return Action(code=code, kind=kind, **(given | more))  # type: ignore[arg-type]


def of_type(code: str, kind: FieldType) -> Change:
    def change(one: ProcessDefinition) -> ProcessDefinition:
        field = replace(one.fields[code], type=kind)
        actions = tuple(
            replace(action, form=tuple(
                FormField(field=field, required=asked.required) if asked.field.code == code
                else asked for asked in action.form))
            for action in one.actions)
        return replace(one, fields={**one.fields, code: field}, actions=actions)

    return change


def test_the_real_definition_has_no_problems() -> None:
    assert check(INCOMING) == ()


@pytest.mark.parametrize(("change", "path", "said"), [
    (with_state(State(code="lost", label="Потерян", final=True)), "states.lost", "недостижим"),
    (without("forward"), "states.forwarded", "недостижим"),
    (without("finish", "prepare_reply"), "states.choice", "нет выхода"),
    (without("resend"), "states.returned", "нет выхода"),
    (without("release", "rework"), "states.control", "нет выхода"),
    (state("done", final=False, success=False), "states.done", "нет выхода"),
    (state("done", final=False), "states.done", "отмечен success, но не final"),
    (act("rework", next=("control",)), "states.control", ""),
    (state("control", final=True), "actions.release.in", "из конечного шага"),
    (act("execute", next=("nowhere",)), "actions.execute.next", "неизвестный шаг «nowhere»"),
    (act("execute", states=("reveiw",)), "actions.execute.in", "вы имели в виду «review»"),
    (act("execute", branch=("held",)), "actions.execute.on", "неизвестное состояние поручения"),
    (act("finish", closes_as="end"), "actions.finish.closes_as", "неизвестный шаг «end»"),
    (act("finish", closes_as="exec"), "actions.finish.closes_as", "не конечный"),
    (act("finish", closes_as=""), "actions.finish", "не хватает ключа «closes_as»"),
    (act("rework", closes_as="done"), "actions.rework.closes_as", "не завершает документ"),
    (act("prepare_reply", starts=""), "actions.prepare_reply", "не хватает ключа «starts»"),
    (act("finish", starts="outgoing"), "actions.finish.starts", "не открывает"),
    (act("finish", who=("boss",)), "actions.finish.who", "неизвестная роль «boss»"),
    (act("finish", notify=(Notice(to="boss", text="x"),)), "actions.finish.notify.1.to", "роль"),
    (act("finish", notify=(Notice(to="clerk", text="{nomer}"),)), "actions.finish.notify.1.text",
     "неизвестное слово «{nomer}»"),
    (act("finish", notify=(Notice(to="clerk", text="{"),)), "actions.finish.notify.1.text",
     "непарная"),
    (act("finish", notify=(Notice(to="clerk", text="{number.format}"),)),
     "actions.finish.notify.1.text", "неизвестное слово"),
    (act("finish", notify=(Notice(to="clerk", text="{number!r}"),)),
     "actions.finish.notify.1.text", "не может быть формата"),
    (form("execute", "executors"), "actions.execute.form", "не хватает поля «executors»"),
    (form("execute", "term", required=False), "actions.execute.form", "обязательным: term*"),
    (form("register", "title"), "actions.register.form", "не хватает поля «title»"),
    (form("register", "kind"), "actions.register.form", "не хватает поля «kind»"),
    (of_type("executors", FieldType.TEXT), "fields.executors.type", "типа people"),
    (of_type("controller", FieldType.TEXT), "fields.controller.type", "типа person"),
    (act("finish", form=(FormField(field=Field(code="mood", label="?")),)),
     "actions.finish.form.1", "неизвестное поле «mood»"),
    (also(made("execute_again", ActionKind.ASSIGN)), "actions.execute_again.kind",
     "только у одного"),
    (also(made("return_it", ActionKind.RETURN)), "actions.return_it.kind", "_author или _clerk"),
    (also(made("twin", label="Аннулировать регистрацию", closes_as="done")), "actions.twin.label",
     "уже есть кнопка «Аннулировать регистрацию»"),
    (columns(column("TERM", "term", "date")), "registry.fields.16.code", "объявлено дважды"),
    (columns(column("DOC2", "number")), "registry.fields.26.code", "код поля реестра"),
    (columns(column("MORE", "mood")), "registry.fields.26.source", "неизвестный источник"),
    (columns(column("MORE", "card.mood")), "registry.fields.26.source", "поле карточки «mood»"),
    (columns(column("MORE", "card.reason")), "registry.fields.26.source", "не входит в карточку"),
    (columns(column("MORE", "changed_term")), "registry.fields.26.type", "нужен date"),
    (columns(column("MORE", "number", "money")), "registry.fields.26.type", "неизвестный тип"),
    (state("ack", success=True), "states", "ровно один шаг с success"),
    (lambda one: replace(one, numbering=None), "actions.register", "нет ключа «numbering»"),
    (lambda one: replace(one, title_field="name"), "title_field", "неизвестное поле «name»"),
    (lambda one: replace(one, card=(*one.card, "mood")), "card", "неизвестное поле «mood»"),
    (lambda one: replace(one, route=("draft", "dona")), "route", "неизвестный шаг «dona»"),
    (lambda one: replace(one, roles={**one.roles, "lead": "?"}), "roles.lead", "занята"),
    (lambda one: replace(one, branch_states={**one.branch_states, "x": "?"}), "branch_states.x",
     "неизвестное состояние"),
    (lambda one: replace(one, states=tuple(s for s in one.states if s.code != "returned")),
     "states", "не хватает шага «returned»"),
    (lambda one: replace(one, states=tuple(replace(s, final=False) for s in one.states)),
     "states", "нет ни одного конечного шага"),
])
def test_each_problem_is_found(change: Change, path: str, said: str) -> None:
    found = check(change(INCOMING))
    if not said:
        assert found == ()
        return
    assert any(one.path == path and said in one.text for one in found), found


def test_a_loop_without_an_end_is_found() -> None:
    looped = act("finish", closes_as="")(without("release", "recall", "prepare_reply")(INCOMING))
    said = {one.path: one.text for one in check(looped)}
    assert said["states.control"] == "из шага «Ожидает снятия с контроля» нельзя дойти до конца"
    assert said["states.exec"] == "из шага «На исполнении» нельзя дойти до конца"
    assert "states.review" not in said


def test_two_buttons_may_share_words_where_nobody_sees_both() -> None:
    twin = made("twin", label="Аннулировать регистрацию", closes_as="done", who=("deputy",))
    assert check(also(twin)(INCOMING)) == ()
    apart = made("twin", label="На исполнение", closes_as="done", who=("holder",),
                 branch=("work",), states=("exec",))
    assert check(also(apart)(INCOMING)) == ()


def test_ways_of_a_branch_start_at_its_own_step_only() -> None:
    ways = {(one.source, one.target) for one in leads(INCOMING)}
    assert ("review", "exec") in ways
    assert ("choice", "exec") not in ways
    assert {("choice", "control"), ("choice", "done"), ("choice", "reply")} <= ways
    assert {("reply", "done"), ("reply", "control"), ("reply", "exec")} <= ways
    assert ("choice", "annulled") in ways


def test_suggestions_are_for_near_misses_only() -> None:
    assert did_you_mean("holdr", ("holder", "clerk")) == " (возможно, вы имели в виду «holder»)"
    assert did_you_mean("qqq", ("holder", "clerk")) == ""
