"""What changed between two versions of a process, in words, and what it means for documents that run (R44).

Both versions are first told as the same plain sheet (`described`), so one comparison serves every part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from b24flow.core.calendar import TermRule
from b24flow.core.definition import (
    RELATIONS,
    Action,
    Field,
    FieldType,
    Numbering,
    ProcessDefinition,
    State,
)

ADDED, REMOVED, RENAMED, CHANGED = "добавлено", "удалено", "переименовано", "изменено"
STATE, ACTION, ROLE, FIELD, CARD = "шаг", "действие", "роль", "поле", "поле карточки"
KIND, NUMBERS, RULES = "вид документа", "нумерация", "правило"
PRINTED, COLUMN = "печатная форма", "колонка реестра"

_TYPES: Mapping[FieldType, str] = {
    FieldType.TEXT: "строка", FieldType.MULTILINE: "текст", FieldType.DATE: "дата",
    FieldType.INTEGER: "число", FieldType.CHOICE: "выбор", FieldType.FLAG: "флажок",
    FieldType.PERSON: "сотрудник", FieldType.PEOPLE: "сотрудники", FieldType.FILES: "файлы",
    FieldType.ROUTE: "маршрут", FieldType.POINTS: "пункты",
    FieldType.EMAILS: "адреса почты", FieldType.ATTACHMENTS: "файлы документа",
}
_UNITS = {"working": "раб. дн.", "calendar": "кал. дн."}
_ENDS = {"next": "", "previous": ", выходной — раньше", "keep": ", выходной не переносится"}
_PERIODS = {"year": "год", "convocation": "созыв", "none": "без конца"}

# What a difference means for a document that goes over to the new version.
_RUNNING: Mapping[tuple[str, str], str] = {
    (STATE, REMOVED): "документы на этом шаге переводятся только с --map {code}=НОВЫЙ_ШАГ",
    (ACTION, REMOVED): "после перевода кнопки не будет",
    (ACTION, ADDED): "кнопка появится после перевода",
    (CARD, REMOVED): "значение останется, но в карточке не видно; переименование: --field {code}=НОВОЕ",
    (KIND, REMOVED): "у документов этого вида значение останется без названия",
    (NUMBERS, CHANGED): "присвоенные номера не меняются",
    (NUMBERS, REMOVED): "присвоенные номера не меняются",
    (ROLE, REMOVED): "кого ждали в этой роли, того заменит владелец процесса",
    (COLUMN, ADDED): "нужно b24flow portal apply",
    (COLUMN, REMOVED): "колонка в портале останется, заполняться не будет",
    (COLUMN, CHANGED): "нужно b24flow portal apply",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A part of a process: what it is called, and its properties in words."""

    label: str
    says: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference: which part, what happened to it, its meaning for running documents."""

    about: str
    code: str
    label: str
    what: str
    before: str = ""
    after: str = ""
    running: str = ""


Sheet = Mapping[str, Mapping[str, Thing]]


def diff(old: ProcessDefinition, new: ProcessDefinition) -> tuple[Change, ...]:
    """Return every difference people can notice, in the order of a process file; empty: none."""
    before, after = described(_retold(old, new)), described(new)
    before = {**before, STATE: _own_labels(before[STATE], {one.code: one.label for one in old.states}),
              ROLE: {code: Thing(label=label) for code, label in old.roles.items()}}
    return tuple(change for about in before for change in _compared(about, before[about], after[about]))


def _retold(old: ProcessDefinition, new: ProcessDefinition) -> ProcessDefinition:
    """Return the old version in the new one's names of steps and roles: a renaming is one difference."""
    states = tuple(replace(one, label=new.state(one.code).label)
                   if any(other.code == one.code for other in new.states) else one for one in old.states)
    return replace(old, states=states, roles={**old.roles, **{
        code: new.roles[code] for code in old.roles if code in new.roles}})


def _own_labels(things: Mapping[str, Thing], labels: Mapping[str, str]) -> dict[str, Thing]:
    return {code: replace(one, label=labels[code]) for code, one in things.items()}


def described(definition: ProcessDefinition) -> Sheet:
    """Return a version as plain words, part by part."""
    registry = definition.registry
    return {
        STATE: {one.code: _state(definition, one) for one in definition.states},
        ACTION: {one.code: _action(definition, one) for one in definition.actions},
        ROLE: {code: Thing(label=label) for code, label in definition.roles.items()},
        FIELD: {code: _field(one) for code, one in definition.fields.items()},
        CARD: {code: Thing(label=definition.fields[code].label) for code in definition.card},
        KIND: {one.code: Thing(label=one.label, says={
            "срок": "указан в документе" if one.typed_term else term_words(one.term),
        }) for one in definition.kinds},
        NUMBERS: _numbers(definition.numbering),
        RULES: _rules(definition),
        PRINTED: {one.code: Thing(label=one.label, says={"шаблон": one.template})
                  for one in definition.documents},
        COLUMN: {one.code: Thing(label=one.label, says={"тип": one.type, "источник": one.source})
                 for one in registry.fields} if registry is not None else {},
    }


def term_words(rule: TermRule | None) -> str:
    """Return a term's rule as people say it: «10 раб. дн.»."""
    return f"{rule.count} {_UNITS[rule.unit]}{_ENDS[rule.end_on_dayoff]}" if rule is not None else "без срока"


def type_words(kind: FieldType) -> str:
    """Return what a field's type is called."""
    return _TYPES[kind]


def who_words(definition: ProcessDefinition, role: str) -> str:
    """Return what a role is called."""
    return definition.roles.get(role) or RELATIONS.get(role, role)


def _compared(about: str, before: Mapping[str, Thing], after: Mapping[str, Thing]) -> list[Change]:
    gone, come = [one for one in before if one not in after], [one for one in after if one not in before]
    renamed = _renamed({one: before[one] for one in gone}, {one: after[one] for one in come})
    found: list[Change] = []
    for code, thing in before.items():
        if code in renamed:
            into = renamed[code]
            found.append(_change(about, code, thing.label, RENAMED, code, into))
        elif code not in after:
            found.append(_change(about, code, thing.label, REMOVED))
        else:
            found += _altered(about, code, thing, after[code])
    taken = set(renamed.values())
    found += [_change(about, code, after[code].label, ADDED) for code in come if code not in taken]
    return found


def _renamed(gone: Mapping[str, Thing], come: Mapping[str, Thing]) -> dict[str, str]:
    """Tell which removed thing came back under another code: its label is the same and nobody else's."""
    found: dict[str, str] = {}
    for code, thing in gone.items():
        same = [one for one, other in come.items() if other.label == thing.label]
        if len(same) == 1 and sum(one.label == thing.label for one in gone.values()) == 1:
            found[code] = same[0]
    return found


def _altered(about: str, code: str, before: Thing, after: Thing) -> list[Change]:
    found = []
    if before.label != after.label:
        found.append(_change(about, code, before.label, RENAMED, before.label, after.label))
    for name in {**before.says, **after.says}:
        one, other = before.says.get(name, ""), after.says.get(name, "")
        if one != other:
            found.append(_change(about, code, after.label, CHANGED, f"{name}: {one or '—'}",
                                 f"{name}: {other or '—'}"))
    return found


def _change(about: str, code: str, label: str, what: str, before: str = "", after: str = "") -> Change:
    running = _RUNNING.get((about, what), "").format(code=code)
    if what == RENAMED and before == code:
        running = {STATE: f"документы на этом шаге: --map {code}={after}",
                   CARD: f"значение перейдёт с --field {code}={after}"}.get(about, "")
    return Change(about=about, code=code, label=label, what=what, before=before, after=after, running=running)


def _state(definition: ProcessDefinition, one: State) -> Thing:
    label = definition.state
    return Thing(label=one.label, says={
        "вид": one.kind.value, "конечный": "да" if one.final else "нет", "подсказка": one.hint,
        "дальше сам": label(one.then).label if one.then else "",
        "при возражениях": label(one.back).label if one.back else "",
    })


def _action(definition: ProcessDefinition, one: Action) -> Thing:
    def steps(codes: tuple[str, ...]) -> str:
        return ", ".join(definition.state(code).label for code in dict.fromkeys(codes))

    asked = (f"{each.field.label}{'*' if each.required else ''}" for each in one.form)
    return Thing(label=one.label, says={
        "что делает": one.kind.value, "на шагах": steps(one.states),
        "кто": ", ".join(who_words(definition, role) for role in one.who), "форма": ", ".join(asked),
        "дальше": steps((*one.next, *one.outcomes.values())),
        "виды": ", ".join(one.kinds),
        "завершает как": steps((one.closes_as,) if one.closes_as else ()),
        "кого извещает": "; ".join(f"{who_words(definition, each.to)}: {each.text}" for each in one.notify),
        "присваивает номер": "да" if one.takes_number else "нет",
    })


def _field(one: Field) -> Thing:
    return Thing(label=one.label, says={
        "тип": _TYPES[one.type], "подсказка": one.hint, "длина": f"{one.min_length}–{one.max_length}",
        "значения": ", ".join(each.label for each in one.choices), "по умолчанию": one.label_of(one.default),
    })


def _numbers(numbering: Numbering | None) -> dict[str, Thing]:
    if numbering is None:
        return {}
    found = {}
    for which in (numbering, *numbering.variants.values()):
        found[which.series] = Thing(label=which.series, says={
            "шаблон": which.format.template, "заново": _PERIODS[which.period],
            "внутри": which.scope, "дата": which.dated,
        })
    return found


def _rules(definition: ProcessDefinition) -> dict[str, Thing]:
    """The policies and the rules of approval, as one list."""
    policies, approval = definition.policies, definition.approval
    values = {
        "owner": ("Владелец процесса", who_words(definition, policies.owner)),
        "term_authority": ("Кто решает о сроках", policies.term_authority),
        "child_term": ("Срок позже вышестоящего", policies.child_term),
        "reopen_days": ("Возобновить можно, дней", str(policies.reopen_days)),
        "quorum": ("Кворум", policies.quorum),
        "reread": ("Новый текст читают заново", policies.reread),
        "supersedes": ("Отменяет и изменяет документы процессов", ", ".join(policies.supersedes)),
        "mandatory": ("Обязательные согласующие", ", ".join(
            who_words(definition, one.role) for one in approval.mandatory)),
        "visa_term": ("Срок согласования", term_words(approval.term)),
        "objection": ("При возражении", approval.objection),
    }
    return {code: Thing(label=label, says={"значение": value}) for code, (label, value) in values.items()}
