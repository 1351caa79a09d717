"""Whether a document can get stuck: steps that nobody could leave, and words that the core would not obey.

`check_flow` asks whether there are ways; here it is asked whether a way can be gone: by somebody who exists
in the step, with a button that waits for him, with the draft, signer and addressees that it needs, and
without two steps that pass a document to each other for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from b24flow.core.definition import RELATIONS, Action, ActionKind, ProcessDefinition, State, StepKind
from b24flow.core.problems import Problem
from b24flow.core.verbs_side import LINKS, REPLY_TO

K, S = ActionKind, StepKind
FIRST, WORKING = "draft", "working"
SERVICE = frozenset({"seen", "form_ticket", "command_id"})
"""What a form carries besides its fields."""

MOVES = frozenset({
    K.MOVE, K.SUBMIT, K.RESUBMIT, K.WITHDRAW, K.SIGN, K.DECLINE, K.AGENDA, K.REGISTER, K.CONTROL_POINTS,
    K.DELIVERY_FAILED,
})
"""Kinds that go to their first `next`."""

_DERIVED = frozenset({
    K.ASSIGN, K.RECALL, K.FINISH, K.REPLY, K.REPORT, K.RESEND, K.RETURN, K.REWORK, K.REOPEN,
})
"""Kinds whose `next` only says what follows from the assignments."""

_OWN_WAY: Mapping[ActionKind, str] = {K.OBJECT: "back", K.DISPATCH: "then"}
"""Kinds that go where the step says, not where `next` does."""

_ON_BRANCH = frozenset({
    K.ACKNOWLEDGE, K.ASSIGN, K.DELEGATE, K.REPLACE, K.RECALL, K.REPORT, K.RETURN, K.RELEASE_POINT,
    K.REQUEST_EXTENSION, K.GRANT_EXTENSION, K.ESCALATE_EXTENSION, K.REFUSE_EXTENSION,
})
_NOT_ON_BRANCH = frozenset({K.ANSWER, K.WITHDRAW_REQUEST, K.DELIVERY_FAILED, K.ANSWERED, K.DISPATCH})

_ENDS: Mapping[ActionKind, str] = {
    K.FINISH: "done", K.REPLY: "done", K.RELEASE: "done", K.ACKNOWLEDGE: "ack", K.CONFIRM_ANNUL: "annulled",
}
"""The end that the core gives to a document by a kind of action (domain §3.4)."""

_VALUES: Mapping[tuple[ActionKind, str], frozenset[str]] = {
    (K.VOTE, "vote"): frozenset({"for", "against", "abstained"}),
    (K.RESUBMIT, "scope"): frozenset({"objectors", "all", "signer"}),
    (K.LINK, "link"): frozenset({*LINKS, REPLY_TO}),
}
"""Choices that the core understands, by the field of the action that reads them."""

_ALWAYS = frozenset({"initiator", "initiator_head", "participant"})
_WHERE: Mapping[str, frozenset[StepKind]] = {
    "approver": frozenset({S.APPROVAL}), "signer": frozenset(S), "voter": frozenset({S.MEETING}),
    "reader": frozenset({S.ACKNOWLEDGEMENT, S.POINTS}),
    **dict.fromkeys(("holder", "holders", "executor", "author", "head", "decider", "lead", "controller"),
                    frozenset({S.EXECUTION, S.POINTS})),
}
"""In which steps a relation is sure to have somebody; a follower or somebody asked never is."""

_WAITING = frozenset({S.DRAFT, S.REWORK, S.SIGNING, S.REGISTRATION, S.DISPATCH, S.MEETING, S.STAGE})


def stuck(definition: ProcessDefinition) -> tuple[Problem, ...]:
    """Return where a document of this process could stay for ever, and what would be silently ignored."""
    found: list[Problem] = [*_beginning(definition), *_circles(definition), *_given(definition)]
    found += [*_meetings(definition), *_unrouted(definition)]
    for state in definition.states:
        found += _nobody(definition, state)
    for code in sorted(SERVICE & set(definition.fields)):
        found.append(Problem(f"fields.{code}",
                             f"код поля «{code}» занят: так называется служебное поле формы"))
    for action in definition.actions:
        found += _ignored(action)
        found += _targets(definition, action)
        found += _choices(definition, action)
    return tuple(found)


def _beginning(definition: ProcessDefinition) -> Iterator[Problem]:
    codes = [one.code for one in definition.states]
    if codes and (codes[0] != FIRST or definition.states[0].final):
        yield Problem(f"states.{codes[0]}", f"первым должен стоять рабочий шаг «{FIRST}»: с него начинается"
                                            " каждый документ")
    if WORKING in codes:
        yield Problem(f"states.{WORKING}", f"код «{WORKING}» занят: так в ключе «in» называют все шаги"
                                           " сразу")


def _circles(definition: ProcessDefinition) -> Iterator[Problem]:
    """Steps that a document leaves by itself must not lead back to where it came from."""
    then = {one.code: one.then for one in definition.states if one.then}
    for start, after in then.items():
        path, here = [start], after
        while here in then and here not in path:
            path.append(here)
            here = then[here]
        if here == start and start == min(path):
            names = " → ".join(f"«{definition.state(one).label}»" for one in (*path, start))
            yield Problem(f"states.{start}.then", f"документ ходил бы сам по кругу: {names}")


def _given(definition: ProcessDefinition) -> Iterator[Problem]:
    """What a step cannot do without must be asked for in some form."""
    forms = [one for action in definition.actions for one in action.form]
    asked = {one.field.code for action in definition.actions if action.kind is not K.SIGN_PAPER
             for one in action.form}
    required = {one.field.code for one in forms if one.required}
    drafted = any(
        one.kind is K.RENDER or any(each.field.code == "draft" for each in one.form)
        for one in definition.actions if one.kind not in {K.RESUBMIT, K.NEW_EDITION}
    )
    for state in definition.states:
        path, label = f"states.{state.code}", state.label
        if state.kind is S.APPROVAL and not drafted:
            yield Problem(path, f"на шаге «{label}» согласуют проект, но ни одна форма его не просит:"
                                " добавьте поле «draft»")
        if state.kind is S.SIGNING and not drafted and "scan" not in asked:
            yield Problem(path, f"на шаге «{label}» подписывать нечего: ни одна форма не просит «draft»"
                                " или «scan»")
        if state.kind is S.SIGNING and _by_signer(definition, state) and not (
                "signer" in required and "signer" in definition.card):
            yield Problem(path, f"на шаге «{label}» ждут подписанта, но его никто не выбирает: нужно поле"
                                " карточки «signer», обязательное в форме: signer*")
        lines = required & set(definition.card) & {"addressees", "addressee"}
        if state.kind is S.DISPATCH and not lines:
            yield Problem(path, f"на шаге «{label}» отправляют адресатам, но их никто не называет: нужно"
                                " поле карточки «addressees», обязательное в форме: addressees*")


def _unrouted(definition: ProcessDefinition) -> Iterator[Problem]:
    """An approval that nobody submits to asks whom the process names: then it must name somebody."""
    rules = definition.approval
    if rules.default or any(not one.when for one in rules.mandatory):
        return
    entered = {code for one in definition.states for code in (one.then, one.back)}
    for action in definition.actions:
        entered |= set(action.outcomes.values())
        entered |= set(action.next[:1]) if action.kind in MOVES - {K.SUBMIT, K.RESUBMIT} else set()
    for state in definition.states:
        if state.kind is S.APPROVAL and state.code in entered:
            yield Problem(f"states.{state.code}", f"на шаг «{state.label}» можно попасть без маршрута:"
                                                  " назовите согласующих в approval.default")


def _by_signer(definition: ProcessDefinition, state: State) -> bool:
    return any(one.kind is K.SIGN and state.code in one.states and set(one.who) == {"signer"}
               for one in definition.actions)


def _nobody(definition: ProcessDefinition, state: State) -> Iterator[Problem]:
    """Some button that leads out must wait for somebody who is there whatever happened before."""
    if state.final or state.kind not in _WAITING or state.then:
        return
    ways = [
        one for one in definition.actions
        if one.states and state.code in one.states and not one.branch and _leads_out(one, state)
    ]
    if not ways:
        return
    path = f"states.{state.code}"
    if not any(_somebody(role, state) for one in ways for role in one.who):
        yield Problem(path, f"из шага «{state.label}» может не найтись, кому выйти: в «who» его действий"
                            " только те, кого на этом шаге может не быть")
    elif not any(one.work and any(_somebody(role, state) for role in one.who) for one in ways):
        yield Problem(path, f"на шаге «{state.label}» никого не ждут: все действия, которые ведут дальше,"
                            " побочные (work: false)")


def _leads_out(action: Action, state: State) -> bool:
    targets = {*action.next, *action.outcomes.values(), *((action.closes_as,) if action.closes_as else ())}
    waits = action.kind not in {K.ANNUL, K.CONFIRM_ANNUL, K.DENY_ANNUL, K.REOPEN}
    return waits and bool(targets - {state.code})


def _somebody(role: str, state: State) -> bool:
    if role in _ALWAYS or role not in RELATIONS:
        return True
    return state.kind in _WHERE.get(role, frozenset())


def _meetings(definition: ProcessDefinition) -> Iterator[Problem]:
    """A question must stand on an agenda before a decision is written down."""
    edges: dict[str, set[str]] = {one.code: {one.then, one.back} - {""} for one in definition.states}
    starts = {FIRST}
    for action in definition.actions:
        starts |= set(action.outcomes.values()) if action.kind is K.DECIDE else set()
        if action.kind in MOVES and action.kind is not K.AGENDA:
            for code in action.states:
                edges.setdefault(code, set()).update(action.next[:1])
    seen, queue = set(starts), list(starts)
    while queue:
        new = edges.get(queue.pop(), set()) - seen
        seen |= new
        queue += new
    for state in definition.states:
        if state.kind is S.MEETING and state.code in seen:
            yield Problem(f"states.{state.code}", f"на шаг «{state.label}» можно попасть без повестки:"
                                                  " перед ним нужно действие вида agenda")


def _ignored(action: Action) -> Iterator[Problem]:
    """Keys that the core would not obey are refused: their author meant something by them."""
    path = f"actions.{action.code}"
    if action.next and action.kind not in MOVES | _DERIVED | set(_OWN_WAY):
        yield Problem(f"{path}.next", f"действие вида {action.kind} никуда не ведёт: ключ «next» не нужен")
    if len(action.next) > 1 and action.kind in MOVES - {K.RESUBMIT}:
        yield Problem(f"{path}.next", "действие ведёт на один шаг, а здесь их несколько")
    if action.outcomes and action.kind is not K.DECIDE:
        yield Problem(f"{path}.outcomes", "ключ «outcomes» бывает только у действия вида decide")
    if action.number and action.kind not in {K.SIGN, K.SIGN_PAPER, K.REGISTER}:
        yield Problem(f"{path}.number", "номер присваивают действия вида register или sign")
    if action.kind in _ON_BRANCH and not action.branch:
        yield Problem(f"{path}.on", f"не хватает ключа «on»: действие вида {action.kind} относится к"
                                    " поручению, скажите, в каком состоянии")
    if action.kind in _NOT_ON_BRANCH and action.branch:
        yield Problem(f"{path}.on",
                      f"действие вида {action.kind} не относится к поручению: ключ «on» не нужен")


def _targets(definition: ProcessDefinition, action: Action) -> Iterator[Problem]:
    path = f"actions.{action.code}"
    end = _ENDS.get(action.kind)
    if end and action.closes_as and action.closes_as != end:
        yield Problem(f"{path}.closes_as", f"действие вида {action.kind} завершает документ на шаге «{end}»")
    key = _OWN_WAY.get(action.kind)
    if key:
        real = {getattr(definition.state(code), key) for code in action.states}
        for code in action.next:
            if code not in real:
                yield Problem(f"{path}.next", f"действие ведёт туда, куда говорит шаг: «{key}», а не на шаг"
                                              f" «{code}»")
    if action.kind is K.REGISTER and not action.next:
        yield Problem(f"{path}.next", "не хватает ключа «next»: куда ведёт действие")


def _choices(definition: ProcessDefinition, action: Action) -> Iterator[Problem]:
    """Answers that the core reads must be among those it understands."""
    for asked in action.form:
        code = asked.field.code
        known = _VALUES.get((action.kind, code))
        if action.kind is K.DECIDE and code == "outcome":
            known = frozenset(action.outcomes)
        if known is None:
            continue
        values = [one.value for one in asked.field.choices]
        for value in values:
            if value not in known:
                yield Problem(f"fields.{code}.choices",
                              f"значение «{value}» непонятно действию «{action.label}»; бывает:"
                              f" {', '.join(sorted(known))}")
        if code == "scope" and "all" not in values:
            yield Problem(f"fields.{code}.choices", "не хватает значения «all» (всем согласующим)")
