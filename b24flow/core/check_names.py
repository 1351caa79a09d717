"""Names in a definition that nothing declares: steps, roles, fields, columns, words in braces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from string import Formatter

from b24flow.core.definition import RELATIONS, Action, FieldType, ProcessDefinition, RegistryField
from b24flow.core.document import BranchState
from b24flow.core.problems import Problem, did_you_mean, unknown
from b24flow.core.registry_steps import STEP_SOURCES
from b24flow.core.rendition import REGISTER_TEMPLATES

T = FieldType

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
    **{name: frozenset({"string"}) for name in STEP_SOURCES},
}
"""Computed columns of a registry and the types they can be shown with."""

_CARD_TYPES: Mapping[FieldType, frozenset[str]] = {
    T.DATE: frozenset({"date"}), T.INTEGER: frozenset({"integer", "string"}),
    T.FILES: frozenset(), T.ROUTE: frozenset(), T.POINTS: frozenset(),
    T.EMAILS: frozenset(), T.ATTACHMENTS: frozenset(),
}
REGISTRY_TYPES = ("string", "date", "url", "integer")

# Code of a portal field: letters and underscores only, because codes that mix letters with digits
# get another name in crm.item.* (docs: api-reference/crm/universal/index.md); with the prefix the
# portal allows 50 characters.
_UF_CODE = re.compile(r"[A-Z]+(_[A-Z]+)*")
_UF_LENGTH = 30


def references(definition: ProcessDefinition) -> tuple[Problem, ...]:
    """Return names that nothing declares: steps, roles, fields, columns, words in braces."""
    found: list[Problem] = []
    found += _frame(definition)
    for action in definition.actions:
        found += _action_names(definition, action)
        found += _notices(definition, action)
    found += _registry(definition)
    found += _approval(definition)
    found += _numbering(definition)
    found += _documents(definition)
    return tuple(found)


def _frame(definition: ProcessDefinition) -> Iterator[Problem]:
    states = [one.code for one in definition.states]
    if definition.title_field not in definition.fields:
        yield unknown("title_field", "неизвестное поле", definition.title_field, definition.fields)
    for code in definition.card:
        if code not in definition.fields:
            yield unknown("card", "неизвестное поле", code, definition.fields)
    for code in definition.route:
        if code not in states:
            yield unknown("route", "неизвестный шаг", code, states)
    for code in definition.roles:
        if code in RELATIONS:
            yield Problem(f"roles.{code}",
                          f"роль «{code}» занята: это отношение к документу — {RELATIONS[code]}")
    known = [one.value for one in BranchState]
    for code in definition.branch_states:
        if code not in known:
            yield unknown(f"branch_states.{code}", "неизвестное состояние поручения", code, known)
    yield from _policies(definition, states)


def _policies(definition: ProcessDefinition, states: list[str]) -> Iterator[Problem]:
    for state in definition.states:
        for key, code in (("then", state.then), ("back", state.back)):
            if code and code not in states:
                yield unknown(f"states.{state.code}.{key}", "неизвестный шаг", code, states)
    policies = definition.policies
    for key, role in (("owner", policies.owner), ("term_authority", policies.term_authority),
                      ("members", policies.members)):
        if role and role not in definition.roles:
            yield unknown(f"policies.{key}", "неизвестная роль", role, definition.roles)
    if policies.answered_at and policies.answered_at not in states:
        yield unknown("policies.answered_at", "неизвестный шаг", policies.answered_at, states)


def _action_names(definition: ProcessDefinition, action: Action) -> Iterator[Problem]:
    path = f"actions.{action.code}"
    states = [one.code for one in definition.states]
    roles = {*definition.roles, *RELATIONS}
    ends = (action.closes_as,) if action.closes_as else ()
    for key, codes in (("in", action.states), ("next", action.next), ("closes_as", ends)):
        for code in codes:
            if code not in states:
                yield unknown(f"{path}.{key}", "неизвестный шаг", code, states)
    for outcome, code in action.outcomes.items():
        if code not in states:
            yield unknown(f"{path}.outcomes.{outcome}", "неизвестный шаг", code, states)
    kinds = [one.code for one in definition.kinds]
    for key, what, codes, known in (
        ("kinds", "неизвестный вид документа", action.kinds, kinds),
        ("on", "неизвестное состояние поручения", action.branch, definition.branch_states),
    ):
        for code in codes:
            if code not in known:
                yield unknown(f"{path}.{key}", what, code, known)
    for role in action.who:
        if role not in roles:
            yield unknown(f"{path}.who", "неизвестная роль", role, roles)
    for number, asked in enumerate(action.form, 1):
        if asked.field.code not in definition.fields:
            yield unknown(f"{path}.form.{number}", "неизвестное поле", asked.field.code,
                           definition.fields)


def _notices(definition: ProcessDefinition, action: Action) -> Iterator[Problem]:
    roles = {*definition.roles, *RELATIONS}
    for number, notice in enumerate(action.notify, 1):
        path = f"actions.{action.code}.notify.{number}"
        if notice.to not in roles:
            yield unknown(f"{path}.to", "неизвестная роль", notice.to, roles)
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
        yield unknown(f"{path}.type", "неизвестный тип поля реестра", column.type, REGISTRY_TYPES)
        return
    prefix, _, code = column.source.partition(".")
    if prefix == "card" and code:
        declared = definition.fields.get(code)
        if declared is None:
            yield unknown(f"{path}.source", "неизвестное поле карточки", code, definition.fields)
            return
        if code not in definition.card:
            yield Problem(f"{path}.source", f"поле «{code}» не входит в карточку (ключ card)")
        allowed = _CARD_TYPES.get(declared.type, frozenset({"string"}))
    elif column.source in REGISTRY_SOURCES:
        allowed = REGISTRY_SOURCES[column.source]
    else:
        known = [*REGISTRY_SOURCES, *(f"card.{one}" for one in definition.card)]
        yield unknown(f"{path}.source", "неизвестный источник", column.source, known)
        return
    if column.type not in allowed:
        shown = " или ".join(sorted(allowed)) or "никакой: файлы в реестре не показываются"
        yield Problem(f"{path}.type", f"тип «{column.type}» не подходит источнику"
                                      f" «{column.source}», нужен {shown}")


def _approval(definition: ProcessDefinition) -> Iterator[Problem]:
    rules = definition.approval
    roles = {*definition.roles, "initiator_head"}
    for number, one in enumerate(rules.mandatory, 1):
        path = f"approval.mandatory.{number}"
        if one.role not in roles:
            yield unknown(f"{path}.role", "неизвестная роль", one.role, roles)
        if one.when and (one.when not in definition.card or definition.fields[one.when].type is not T.FLAG):
            yield Problem(f"{path}.when", f"«{one.when}» должно быть полем карточки типа flag")
    for role in rules.default:
        if role not in roles:
            yield unknown("approval.default", "неизвестная роль", role, roles)


def _numbering(definition: ProcessDefinition) -> Iterator[Problem]:
    numbering = definition.numbering
    if numbering is None:
        return
    for variable, code in numbering.values.items():
        if code not in definition.card:
            yield unknown(f"numbering.values.{variable}", "неизвестное поле карточки", code, definition.card)
    for key, code in (("scope", numbering.scope), ("by", numbering.by), ("dated", numbering.dated)):
        if code and code not in definition.card:
            yield unknown(f"numbering.{key}", "неизвестное поле карточки", code, definition.card)
    if numbering.variants and not numbering.by:
        yield Problem("numbering.variants", "есть варианты, но нет ключа «by»: по какому полю выбирать")
    for path, one in (("numbering", numbering),
                      *((f"numbering.variants.{code}", one) for code, one in numbering.variants.items())):
        for variable in sorted(one.format.variables - {"n", "yyyy", "yy"} - set(numbering.values)):
            yield Problem(f"{path}.template",
                          f"у переменной «{variable}» нет поля: добавьте её в numbering.values")


def _documents(definition: ProcessDefinition) -> Iterator[Problem]:
    states = [one.code for one in definition.states]
    for one in definition.documents:
        path = f"documents.{one.code}"
        for code in one.states:
            if code not in states:
                yield unknown(f"{path}.in", "неизвестный шаг", code, states)
        if one.template in REGISTER_TEMPLATES:
            yield Problem(f"{path}.template", f"шаблон «{one.template}» показывает журнал, а не документ")
