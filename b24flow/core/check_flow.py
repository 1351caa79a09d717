"""The route of a definition as a whole: ways between steps, dead ends, doubles, what closes a document.

Which steps an action leads to (`leads`): the first step of `in` is the one the action belongs to;
the others are where a branch of the document may still be alive. An action of a branch therefore
moves the document on only from the first; an action of the whole document from every step it is
offered in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from b24flow.core.check_forms import form
from b24flow.core.check_route import stuck
from b24flow.core.definition import Action, ActionKind, ProcessDefinition, State, StepKind
from b24flow.core.problems import Problem
from b24flow.core.supersession import REPEALED
from b24flow.core.tree import TREE_STATES

K = ActionKind

STEPS: Mapping[ActionKind, frozenset[str]] = {
    K.ASSIGN: frozenset({"exec"}), K.REPLY: frozenset({"reply"}), K.FINISH: frozenset({"choice"}),
    K.RELEASE: frozenset({"control"}), K.RESEND: frozenset({"returned"}),
}
"""Steps that the core derives once a kind of action exists (`core.tree.state_of`)."""

CLOSING = frozenset({
    K.FORWARD, K.ACKNOWLEDGE, K.FINISH, K.REPLY, K.RELEASE, K.CONFIRM_ANNUL, K.CLOSE,
})
"""Kinds that may end a document and so must say as what."""

REPEATABLE = frozenset({
    K.RETURN, K.CLOSE, K.MOVE, K.FILL, K.START, K.REGISTER, K.SUBMIT, K.DECLINE, K.AGENDA, K.WITHDRAW,
    K.ASK_READERS, K.ANSWER, K.RENDER, K.DECIDE,
})
"""Kinds that a process may have more than once."""

# A returned card is dealt with while other branches may go on: it leads on from its own step only.
_BRANCHING = frozenset({K.RESEND})
# What an ended document can still be brought to: open again, or annulled as registered by mistake.
_REOPENING = frozenset({K.REOPEN, K.DELIVERY_FAILED, K.CONFIRM_ANNUL})
_NO_WAY_OUT = frozenset({K.ANNUL, K.CONFIRM_ANNUL, K.DENY_ANNUL, K.REOPEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A way from one step to another; `action` is None when the system goes it by itself."""

    source: str
    target: str
    label: str
    action: Action | None = None


def leads(definition: ProcessDefinition) -> tuple[Lead, ...]:
    """Return every way between two different steps, in the order of the definition."""
    found: list[Lead] = []
    for action in definition.actions:
        own = action.branch or action.kind in _BRANCHING
        closes = action.closes_as if action.kind is not K.REPLY else ""
        targets = dict.fromkeys(
            (*action.next, *((closes,) if closes else ()), *action.outcomes.values())
        )
        found += [
            Lead(source=source, target=target, label=action.label, action=action)
            for source in (action.states[:1] if own else action.states)
            for target in targets if source != target
        ]
        if action.kind is K.REPLY:
            found += _reply_leads(definition, action)
    for state in definition.states:
        onward = ((state.then, _DONE.get(state.kind, "Всё сделано")), (state.back, "Есть возражения"))
        for target, label in onward:
            if target and target != state.code:
                found.append(Lead(source=state.code, target=target, label=label))
        if state.success and any(one.code == REPEALED for one in definition.states):
            found.append(Lead(source=state.code, target=REPEALED, label="Отменено другим документом"))
    return tuple(found)


_DONE: Mapping[StepKind, str] = {
    StepKind.APPROVAL: "Согласовано всеми", StepKind.DISPATCH: "Отправлено всем",
    StepKind.ACKNOWLEDGEMENT: "Все ознакомились", StepKind.POINTS: "Все пункты сняты с контроля",
}


def _reply_leads(definition: ProcessDefinition, action: Action) -> Iterator[Lead]:
    """The ways the answer opens: sent, the document ends (or waits for control); annulled, back."""
    finish = definition.action_of(K.FINISH)
    rework = definition.action_of(K.REPORT)
    sent = dict.fromkeys((action.closes_as, *(finish.next if finish else ())))
    back = rework.states[:1] if rework else ()
    for source in action.next:
        for target in sent:
            if target and target != source:
                yield Lead(source=source, target=target, label="Ответ отправлен")
        for target in back:
            yield Lead(source=source, target=target, label="Ответ аннулирован")


def flow(definition: ProcessDefinition) -> tuple[Problem, ...]:
    """Return what is wrong with the route as a whole: dead ends, doubles, missing form fields."""
    found: list[Problem] = []
    found += _reachable(definition)
    found += _ways_out(definition)
    found += _kinds_once(definition)
    for action in definition.actions:
        found += form(definition, action)
        found += _closing(definition, action)
    found += _steps(definition)
    found += _step_kinds(definition)
    found += _labels(definition)
    found += stuck(definition)
    return tuple(found)


def _reachable(definition: ProcessDefinition) -> Iterator[Problem]:
    if not definition.states:
        return
    seen = _from(definition.states[0].code, [(one.source, one.target) for one in leads(definition)])
    for state in definition.states:
        if state.code not in seen:
            yield Problem(f"states.{state.code}",
                          f"шаг «{state.label}» недостижим: ни одно действие к нему не ведёт")


def _ways_out(definition: ProcessDefinition) -> Iterator[Problem]:
    ways = leads(definition)
    # Annulment ends anything; a step with no other way out is a trap all the same.
    real = [(one.source, one.target) for one in ways
            if one.action is None or one.action.kind not in _NO_WAY_OUT]
    final = {one.code for one in definition.states if one.final}
    if not final:
        yield Problem("states", "нет ни одного конечного шага (final: true)")
    for state in definition.states:
        path = f"states.{state.code}"
        if state.final:
            for way in ways:
                if way.source == state.code and way.action and way.action.kind not in _REOPENING:
                    yield Problem(f"actions.{way.action.code}.in",
                                  f"действие ведёт дальше из конечного шага «{state.label}»")
        elif not any(source == state.code for source, _ in real):
            yield Problem(path, f"из шага «{state.label}» нет выхода")
        elif final and not _from(state.code, real) & final:
            yield Problem(path, f"из шага «{state.label}» нельзя дойти до конца")
        if state.success and not state.final:
            yield Problem(path, f"шаг «{state.label}» отмечен success, но не final")


def _from(start: str, ways: list[tuple[str, str]]) -> set[str]:
    seen, queue = {start}, [start]
    while queue:
        here = queue.pop()
        new = {target for source, target in ways if source == here} - seen
        seen |= new
        queue += new
    return seen


def _kinds_once(definition: ProcessDefinition) -> Iterator[Problem]:
    counted = Counter(one.kind for one in definition.actions)
    for action in definition.actions:
        path = f"actions.{action.code}.kind"
        if action.kind not in REPEATABLE and counted[action.kind] > 1:
            yield Problem(path, f"вид «{action.kind}» может быть только у одного действия")
        if action.kind is K.RETURN and not action.code.endswith(("_author", "_clerk")):
            yield Problem(path, "код действия возврата должен кончаться на _author или _clerk")


def _closing(definition: ProcessDefinition, action: Action) -> Iterator[Problem]:
    path = f"actions.{action.code}"
    if action.kind in CLOSING:
        if not action.closes_as:
            yield Problem(path, "не хватает ключа «closes_as»: чем кончается документ")
        elif any(one.code == action.closes_as and not one.final for one in definition.states):
            yield Problem(f"{path}.closes_as", f"шаг «{action.closes_as}» не конечный (final)")
    elif action.closes_as:
        yield Problem(f"{path}.closes_as", "действие этого вида не завершает документ")
    if action.kind is K.REPLY and not action.starts:
        yield Problem(path, "не хватает ключа «starts»: какой процесс открывает действие")
    if action.kind is K.START and not action.starts:
        yield Problem(path, "не хватает ключа «starts»: какой процесс открывает действие")
    if action.kind not in {K.REPLY, K.START} and action.starts:
        yield Problem(f"{path}.starts", "действие этого вида не открывает другой документ")


def _steps(definition: ProcessDefinition) -> Iterator[Problem]:
    states = {one.code for one in definition.states}
    for action in definition.actions:
        for code in sorted(STEPS.get(action.kind, frozenset()) - states):
            yield Problem("states", f"не хватает шага «{code}»: он нужен действию «{action.label}»")
    for action in definition.actions:
        if action.takes_number and definition.numbering is None:
            yield Problem(f"actions.{action.code}",
                          "действие регистрирует документ, но нет ключа «numbering»")
        reviewed = action.kind is K.REGISTER and any(one.field.code == "reviewers" for one in action.form)
        for code in sorted(frozenset({"draft", "review"}) - states if reviewed else ()):
            yield Problem("states", f"не хватает шага «{code}»: он нужен действию «{action.label}»")


_NEEDED: Mapping[StepKind, tuple[ActionKind, ...]] = {
    StepKind.APPROVAL: (K.APPROVE, K.OBJECT), StepKind.REWORK: (K.RESUBMIT,),
    StepKind.SIGNING: (K.SIGN,), StepKind.REGISTRATION: (K.REGISTER,), StepKind.DISPATCH: (K.DISPATCH,),
    StepKind.ACKNOWLEDGEMENT: (K.READ,), StepKind.POINTS: (K.REPORT, K.RELEASE_POINT),
    StepKind.MEETING: (K.DECIDE,),
}
"""Actions without which a step of a kind cannot be left."""

_ENTERED: Mapping[ActionKind, StepKind] = {
    K.SUBMIT: StepKind.APPROVAL, K.RESUBMIT: StepKind.APPROVAL,
}
_BY_ITSELF = frozenset({StepKind.APPROVAL, StepKind.DISPATCH, StepKind.ACKNOWLEDGEMENT, StepKind.POINTS})


def _step_kinds(definition: ProcessDefinition) -> Iterator[Problem]:
    for state in definition.states:
        yield from _step_kind(definition, state)
    kinds = {one.code: one for one in definition.states}
    for action in definition.actions:
        wanted = _ENTERED.get(action.kind)
        if wanted is not None and (not action.next or kinds[action.next[0]].kind is not wanted):
            yield Problem(f"actions.{action.code}.next", f"действие должно вести на шаг вида {wanted}")
        needs_next = action.kind in {K.MOVE, K.DECLINE, K.WITHDRAW, K.AGENDA, K.SIGN}
        ended = action.kind is K.DELIVERY_FAILED and any(
            definition.state(one).final for one in action.states)
        if (needs_next or ended) and not action.next:
            yield Problem(f"actions.{action.code}.next", "не хватает ключа «next»: куда ведёт действие")
        voted = {*action.outcomes} != {"withdrawn"}
        if action.kind is K.DECIDE and voted and "no_quorum" not in action.outcomes:
            yield Problem(f"actions.{action.code}.outcomes", "не сказано, куда возвращается вопрос без"
                                                             " кворума: no_quorum")


def _step_kind(definition: ProcessDefinition, state: State) -> Iterator[Problem]:
    path = f"states.{state.code}"
    offered = {one.kind for one in definition.actions if state.code in one.states}
    for kind in _NEEDED.get(state.kind, ()):
        if kind not in offered:
            yield Problem(path, f"на шаге «{state.label}» нет действия вида {kind}: из него не выйти")
    if state.kind in _BY_ITSELF and not state.then:
        yield Problem(path, f"у шага «{state.label}» нет ключа «then»: куда документ идёт дальше")
    if state.kind is StepKind.APPROVAL and not state.back:
        yield Problem(path, f"у шага «{state.label}» нет ключа «back»: куда документ возвращается с"
                            " возражениями")
    if state.then and state.kind not in _BY_ITSELF:
        yield Problem(f"{path}.then", f"с шага вида {state.kind} документ сам не уходит")
    if state.code in TREE_STATES and state.kind is StepKind.EXECUTION and (state.then or state.back):
        yield Problem(path, f"шаг «{state.label}» следует из поручений: у него нет «then» и «back»")


def _labels(definition: ProcessDefinition) -> Iterator[Problem]:
    """One person must never see two buttons with the same words."""
    told: set[tuple[str, str]] = set()
    for index, one in enumerate(definition.actions):
        for other in definition.actions[:index]:
            apart = one.branch and other.branch and not set(one.branch) & set(other.branch)
            if one.label != other.label or apart or not set(one.who) & set(other.who):
                continue
            common = [code for code in one.states if code in other.states]
            if common and (one.code, other.code) not in told:
                told.add((one.code, other.code))
                state = definition.state(common[0]).label
                yield Problem(f"actions.{one.code}.label",
                              f"на шаге «{state}» уже есть кнопка «{one.label}» ({other.code})")
