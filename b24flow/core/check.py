"""Static checks of a process definition: what can be wrong in it before any document exists.

A wrong definition must fail when it is read, not when a letter is already on somebody's table.
The checks are pure, so the loader, `process check` and the tests ask the same function.

Which steps an action leads to (`leads`): the first step of `in` is the one the action belongs to;
the others are where a branch of the document may still be alive. An action of a branch therefore
moves the document on only from the first; an action of the whole document from every step it is
offered in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from string import Formatter

from b24flow.core.definition import (
    RELATIONS,
    Action,
    ActionKind,
    FieldType,
    ProcessDefinition,
    RegistryField,
)
from b24flow.core.document import BranchState

K, T = ActionKind, FieldType

NOTICE_FIELDS = frozenset({"number", "title", "actor", "assignee", "term", "reason", "state"})
"""What a notice may name in braces."""

REGISTRY_SOURCES: Mapping[str, frozenset[str]] = {
    "number": frozenset({"string"}), "registered_on": frozenset({"date"}),
    "state": frozenset({"string"}), "executors": frozenset({"string"}),
    "holders": frozenset({"string"}), "term": frozenset({"date"}),
    "changed_term": frozenset({"date"}), "term_history": frozenset({"string"}),
    "control": frozenset({"string"}), "result": frozenset({"string"}),
    "finished_on": frozenset({"date"}), "reply": frozenset({"string"}),
    "url": frozenset({"url"}), "acknowledged": frozenset({"string"}),
    "released": frozenset({"string"}),
}
"""Computed columns of a registry and the types they can be shown with."""

_CARD_TYPES: Mapping[FieldType, frozenset[str]] = {
    T.DATE: frozenset({"date"}), T.INTEGER: frozenset({"integer", "string"}),
    T.FILES: frozenset(),
}
REGISTRY_TYPES = ("string", "date", "url", "integer")

# Code of a portal field: letters and underscores only, because codes that mix letters with digits
# get another name in crm.item.* (docs: api-reference/crm/universal/index.md); with the prefix the
# portal allows 50 characters.
_UF_CODE = re.compile(r"[A-Z]+(_[A-Z]+)*")
_UF_LENGTH = 30

FORMS: Mapping[ActionKind, Mapping[str, FieldType]] = {
    K.REGISTER: {"reviewers": T.PEOPLE},
    K.FORWARD: {"forward_to": T.TEXT, "reason": T.MULTILINE},
    K.ASSIGN: {"executors": T.PEOPLE, "term": T.DATE},
    K.RETURN: {"reason": T.MULTILINE},
    K.RESEND: {"reviewers": T.PEOPLE},
    K.REQUEST_EXTENSION: {"desired_term": T.DATE, "reason": T.MULTILINE},
    K.GRANT_EXTENSION: {"new_term": T.DATE},
    K.REFUSE_EXTENSION: {"reason": T.MULTILINE},
    K.DELEGATE: {"to": T.PERSON, "reason": T.MULTILINE},
    K.REPLACE: {"to": T.PERSON, "reason": T.MULTILINE},
    K.RECALL: {"reason": T.MULTILINE},
    K.REPORT: {"summary": T.MULTILINE},
    K.REWORK: {"reason": T.MULTILINE},
    K.REOPEN: {"reason": T.MULTILINE},
    K.ANNUL: {"reason": T.MULTILINE},
    K.DENY_ANNUL: {"reason": T.MULTILINE},
    K.CORRECT: {"reason": T.MULTILINE},
    K.ADD_FILES: {"files": T.FILES},
}
"""What the core reads from the form of each kind of action: there, and required."""

OPTIONAL: Mapping[str, FieldType] = {
    "lead": T.PERSON, "text": T.MULTILINE, "control": T.FLAG, "controller": T.PERSON,
    "files": T.FILES, "comment": T.MULTILINE, "release_others": T.FLAG, "executor": T.PERSON,
    "signer": T.PERSON, "term": T.DATE, "received_on": T.DATE, "sent_on": T.DATE,
}
"""Fields the core reads when they are there; their type is fixed."""

STEPS: Mapping[ActionKind, frozenset[str]] = {
    K.REGISTER: frozenset({"draft", "review"}), K.ASSIGN: frozenset({"exec"}),
    K.REPORT: frozenset({"choice"}), K.REPLY: frozenset({"reply"}),
    K.RELEASE: frozenset({"control"}), K.RESEND: frozenset({"returned"}),
}
"""Steps that the core derives once a kind of action exists (`core.tree.state_of`)."""

CLOSING = frozenset({
    K.FORWARD, K.ACKNOWLEDGE, K.FINISH, K.REPLY, K.RELEASE, K.CONFIRM_ANNUL, K.CLOSE,
})
"""Kinds that may end a document and so must say as what."""

REPEATABLE = frozenset({K.RETURN, K.CLOSE})
"""Kinds that a process may have more than once."""

# A returned card is dealt with while other branches may go on: it leads on from its own step only.
_BRANCHING = frozenset({K.RESEND})
_NO_WAY_OUT = frozenset({K.ANNUL, K.CONFIRM_ANNUL, K.DENY_ANNUL, K.REOPEN})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: dotted `path` in the definition and a Russian `text`."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A way from one step to another; `action` is None when the system goes it by itself."""

    source: str
    target: str
    label: str
    action: Action | None = None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return « (возможно, вы имели в виду «…»)» for a near miss, "" otherwise."""
    near = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f" (возможно, вы имели в виду «{near[0]}»)" if near else ""


def leads(definition: ProcessDefinition) -> tuple[Lead, ...]:
    """Return every way between two different steps, in the order of the definition."""
    found: list[Lead] = []
    for action in definition.actions:
        own = action.branch or action.kind in _BRANCHING
        closes = action.closes_as if action.kind is not K.REPLY else ""
        targets = dict.fromkeys((*action.next, *((closes,) if closes else ())))
        found += [
            Lead(source=source, target=target, label=action.label, action=action)
            for source in (action.states[:1] if own else action.states)
            for target in targets if source != target
        ]
        if action.kind is K.REPLY:
            found += _reply_leads(definition, action)
    return tuple(found)


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


def check(definition: ProcessDefinition) -> tuple[Problem, ...]:
    """Return everything that is wrong with a definition; an empty answer means it can be run."""
    return references(definition) + flow(definition)


def references(definition: ProcessDefinition) -> tuple[Problem, ...]:
    """Return names that nothing declares: steps, roles, fields, columns, words in braces."""
    found: list[Problem] = []
    found += _frame(definition)
    for action in definition.actions:
        found += _action_names(definition, action)
        found += _notices(definition, action)
    found += _registry(definition)
    return tuple(found)


def flow(definition: ProcessDefinition) -> tuple[Problem, ...]:
    """Return what is wrong with the route as a whole: dead ends, doubles, missing form fields."""
    found: list[Problem] = []
    found += _reachable(definition)
    found += _ways_out(definition)
    found += _kinds_once(definition)
    for action in definition.actions:
        found += _form(definition, action)
        found += _closing(definition, action)
    found += _steps(definition)
    found += _labels(definition)
    return tuple(found)


def _unknown(path: str, what: str, word: str, known: Iterable[str]) -> Problem:
    return Problem(path, f"{what} «{word}»{did_you_mean(word, known)}")


def _frame(definition: ProcessDefinition) -> Iterator[Problem]:
    states = [one.code for one in definition.states]
    if definition.title_field not in definition.fields:
        yield _unknown("title_field", "неизвестное поле", definition.title_field, definition.fields)
    for code in definition.card:
        if code not in definition.fields:
            yield _unknown("card", "неизвестное поле", code, definition.fields)
    for code in definition.route:
        if code not in states:
            yield _unknown("route", "неизвестный шаг", code, states)
    for code in definition.roles:
        if code in RELATIONS:
            yield Problem(f"roles.{code}",
                          f"роль «{code}» занята: это отношение к документу — {RELATIONS[code]}")
    known = [one.value for one in BranchState]
    for code in definition.branch_states:
        if code not in known:
            yield _unknown(f"branch_states.{code}", "неизвестное состояние поручения", code, known)
    authority = definition.policies.term_authority
    if authority and authority not in definition.roles:
        yield _unknown("policies.term_authority", "неизвестная роль", authority, definition.roles)


def _action_names(definition: ProcessDefinition, action: Action) -> Iterator[Problem]:
    path = f"actions.{action.code}"
    states = [one.code for one in definition.states]
    roles = {*definition.roles, *RELATIONS}
    for key, codes in (("in", action.states), ("next", action.next)):
        for code in codes:
            if code not in states:
                yield _unknown(f"{path}.{key}", "неизвестный шаг", code, states)
    if action.closes_as and action.closes_as not in states:
        yield _unknown(f"{path}.closes_as", "неизвестный шаг", action.closes_as, states)
    for code in action.branch:
        if code not in definition.branch_states:
            yield _unknown(f"{path}.on", "неизвестное состояние поручения", code,
                           definition.branch_states)
    for role in action.who:
        if role not in roles:
            yield _unknown(f"{path}.who", "неизвестная роль", role, roles)
    for number, asked in enumerate(action.form, 1):
        if asked.field.code not in definition.fields:
            yield _unknown(f"{path}.form.{number}", "неизвестное поле", asked.field.code,
                           definition.fields)


def _notices(definition: ProcessDefinition, action: Action) -> Iterator[Problem]:
    roles = {*definition.roles, *RELATIONS}
    for number, notice in enumerate(action.notify, 1):
        path = f"actions.{action.code}.notify.{number}"
        if notice.to not in roles:
            yield _unknown(f"{path}.to", "неизвестная роль", notice.to, roles)
        for text in _braces(notice.text):
            yield Problem(f"{path}.text", text)


def _braces(text: str) -> Iterator[str]:
    try:
        pieces = list(Formatter().parse(text))
    except ValueError:
        yield "непарная фигурная скобка в тексте уведомления"
        return
    for _, name, form, conversion in pieces:
        if name is None:
            continue
        if name not in NOTICE_FIELDS:
            yield (f"неизвестное слово «{{{name}}}» в тексте уведомления"
                   f"{did_you_mean(name, NOTICE_FIELDS)}")
        elif form or conversion:
            yield f"у слова «{{{name}}}» не может быть формата"


def _registry(definition: ProcessDefinition) -> Iterator[Problem]:
    registry = definition.registry
    if registry is None:
        return
    codes = Counter(one.code for one in registry.fields)
    labels = Counter(one.label for one in registry.fields)
    for number, column in enumerate(registry.fields, 1):
        path = f"registry.fields.{number}"
        if not _UF_CODE.fullmatch(column.code) or len(column.code) > _UF_LENGTH:
            yield Problem(f"{path}.code", f"код поля реестра «{column.code}»: нужны заглавные"
                                          f" латинские буквы и «_», не больше {_UF_LENGTH} знаков")
        if codes[column.code] > 1:
            yield Problem(f"{path}.code", f"поле реестра «{column.code}» объявлено дважды")
        if labels[column.label] > 1:
            yield Problem(f"{path}.label", f"название «{column.label}» у двух полей реестра")
        yield from _source(definition, column, path)
    if sum(one.success for one in definition.states) != 1:
        # A pipeline of the portal has exactly one successful stage (api-reference/crm/status).
        yield Problem("states", "у процесса с реестром должен быть ровно один шаг с success: true")


def _source(definition: ProcessDefinition, column: RegistryField, path: str) -> Iterator[Problem]:
    if column.type not in REGISTRY_TYPES:
        yield _unknown(f"{path}.type", "неизвестный тип поля реестра", column.type, REGISTRY_TYPES)
        return
    prefix, _, code = column.source.partition(".")
    if prefix == "card" and code:
        declared = definition.fields.get(code)
        if declared is None:
            yield _unknown(f"{path}.source", "неизвестное поле карточки", code, definition.fields)
            return
        if code not in definition.card:
            yield Problem(f"{path}.source", f"поле «{code}» не входит в карточку (ключ card)")
        allowed = _CARD_TYPES.get(declared.type, frozenset({"string"}))
    elif column.source in REGISTRY_SOURCES:
        allowed = REGISTRY_SOURCES[column.source]
    else:
        known = [*REGISTRY_SOURCES, *(f"card.{one}" for one in definition.card)]
        yield _unknown(f"{path}.source", "неизвестный источник", column.source, known)
        return
    if column.type not in allowed:
        shown = " или ".join(sorted(allowed)) or "никакой: файлы в реестре не показываются"
        yield Problem(f"{path}.type", f"тип «{column.type}» не подходит источнику"
                                      f" «{column.source}», нужен {shown}")


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
                if way.source == state.code and way.action and way.action.kind is not K.REOPEN:
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


def _form(definition: ProcessDefinition, action: Action) -> Iterator[Problem]:
    path = f"actions.{action.code}.form"
    needed = FORMS.get(action.kind, {})
    if action.kind is K.REGISTER:
        needed = {**needed, definition.title_field: T.TEXT}
        if any(one.typed_term for one in definition.kinds):
            needed = {**needed, "kind": T.CHOICE}
    asked = {one.field.code: one for one in action.form}
    for code in needed:
        if code not in asked:
            yield Problem(path, f"форме не хватает поля «{code}»: без него действие невыполнимо")
        elif not asked[code].required:
            yield Problem(path, f"поле «{code}» должно быть обязательным: {code}*")
    for code, one in asked.items():
        fixed = needed.get(code) or OPTIONAL.get(code)
        if fixed and code in definition.fields and not _same(one.field.type, fixed):
            yield Problem(f"fields.{code}.type", f"поле «{code}» действия «{action.label}» должно"
                                                 f" быть типа {fixed}, а не {one.field.type}")


def _same(one: FieldType, other: FieldType) -> bool:
    texts = {T.TEXT, T.MULTILINE}
    return one is other or {one, other} <= texts


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
    if action.kind is not K.REPLY and action.starts:
        yield Problem(f"{path}.starts", "действие этого вида не открывает другой документ")


def _steps(definition: ProcessDefinition) -> Iterator[Problem]:
    states = {one.code for one in definition.states}
    for action in definition.actions:
        for code in sorted(STEPS.get(action.kind, frozenset()) - states):
            yield Problem("states", f"не хватает шага «{code}»: он нужен действию «{action.label}»")
    registers = definition.action_of(K.REGISTER)
    if registers is not None and definition.numbering is None:
        yield Problem(f"actions.{registers.code}",
                      "действие регистрирует документ, но нет ключа «numbering»")


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
