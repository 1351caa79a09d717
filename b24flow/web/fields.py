"""An action's form as a page shows it: labels, hints, what was typed, what is wrong, whom to choose.

People are chosen without scripts: a list grouped by department, in which a browser finds a name by its
first letters; heads come first, and whoever is away is shown with the one who acts for him.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from b24flow.core.calendar import compute_term
from b24flow.core.commands import Context
from b24flow.core.definition import (
    Action,
    ActionKind,
    Choice,
    Field,
    FieldType,
    FormField,
    Kind,
    ProcessDefinition,
)
from b24flow.core.document import Assignment, Document
from b24flow.core.forms import TRUE, choices_of
from b24flow.core.people import Department, Directory
from b24flow.core.russian import date_short
from b24flow.core.steps import current_files
from b24flow.web.rows import ROWS, row_defaults, shown_rows
from b24flow.web.words import size as file_size

_MAX_OPEN = 4
DRAFT = "draft"
"""The file without which nobody knows what to approve: never folded away, as a route and points are not."""
_ALL_OPEN = frozenset({ActionKind.REGISTER, ActionKind.CORRECT, ActionKind.CLOSE})
_TODAY = frozenset({"received_on", "sent_on"})
_KEEPING = frozenset({
    ActionKind.RENDER, ActionKind.CORRECT, ActionKind.FILL, ActionKind.SUBMIT, ActionKind.MOVE,
    ActionKind.REGISTER,
    ActionKind.AGENDA,
})
"""Actions whose form shows what the card says already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One line of a list of people."""

    id: str
    name: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The people of one department."""

    label: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file that came with a refused form: its name and the reference that stands for it."""

    name: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One field as it is shown; `wide` takes a whole line, `folded` waits under «Дополнительно»."""

    code: str
    label: str
    type: str
    required: bool
    hint: str
    error: str
    values: tuple[str, ...]
    max_length: int
    choices: tuple[Choice, ...] = ()
    groups: tuple[Group, ...] = ()
    kept: tuple[KeptFile, ...] = ()
    rows: tuple[Mapping[str, str], ...] = ()
    roles: tuple[Choice, ...] = ()
    wide: bool = False
    folded: bool = False

    @property
    def value(self) -> str:
        """The value of a field that has one."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a form holds: raw values, stored files, and what is wrong, by field."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: Mapping[str, tuple[KeptFile, ...]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def field_views(
    action: Action, definition: ProcessDefinition, context: Context, typed: Typed, user: int,
    document: Document | None,
) -> tuple[FieldView, ...]:
    """Return the fields of a form in the order of the definition."""
    groups = tuple(people_groups(context, user))
    opened = _opened(action)
    return tuple(
        _view(one, definition, context, typed, groups, document,
              folded=one.field.code not in opened and not _touched(one, typed))
        for one in action.form
    )


def _touched(one: FormField, typed: Typed) -> bool:
    code = one.field.code
    if one.field.type in ROWS:
        return code in typed.errors or any(any(row.values()) for row in shown_rows(one.field, typed.values))
    return code in typed.errors or bool(typed.kept.get(code)) or any(typed.values.get(code, ()))


def _opened(action: Action) -> frozenset[str]:
    """Return the fields shown at once: on a phone a form must fit one screen (domain C23)."""
    codes = [one.field.code for one in action.form]
    if action.kind in _ALL_OPEN or len(codes) <= _MAX_OPEN:
        return frozenset(codes)
    shown = {one.field.code for one in action.form
             if one.required or one.field.type in ROWS or one.field.code == DRAFT}
    for code in codes:
        if len(shown) < _MAX_OPEN:
            shown.add(code)
    return frozenset(shown)


def _view(
    asked: FormField, definition: ProcessDefinition, context: Context, typed: Typed,
    groups: tuple[Group, ...], document: Document | None, *, folded: bool,
) -> FieldView:
    one = asked.field
    choices: tuple[Choice, ...] = ()
    if one.type is FieldType.CHOICE:
        choices = choices_of(one, definition)
        if one.code == "kind":
            choices = tuple(_with_term(choice, definition, context) for choice in choices)
    if one.type is FieldType.ATTACHMENTS:
        choices = _files(document)
    pick = one.type in {FieldType.PERSON, FieldType.PEOPLE, *ROWS}
    return FieldView(
        code=one.code, label=one.label, type=one.type.value, required=asked.required,
        hint=one.hint, error=typed.errors.get(one.code, ""),
        values=_shown_values(one, typed.values.get(one.code, ())), max_length=one.max_length,
        choices=choices, groups=groups if pick else (), kept=typed.kept.get(one.code, ()),
        rows=shown_rows(one, typed.values),
        roles=tuple(Choice(value=code, label=label) for code, label in definition.roles.items()),
        wide=one.type in {FieldType.MULTILINE, FieldType.PEOPLE, FieldType.FILES, FieldType.EMAILS,
                         FieldType.ATTACHMENTS, *ROWS}
        or one.code in {"title", "correspondent", "subject"},
        folded=folded,
    )


def _files(document: Document | None) -> tuple[Choice, ...]:
    """Return the files that may go with a letter: the newest edition of each."""
    found = current_files(document) if document is not None else ()
    return tuple(
        Choice(value=one.id, label=f"{one.name} ({file_size(one.size)}"
                                   + (f", версия {one.edition})" if one.edition > 1 else ")"))
        for one in found
    )


def _shown_values(one: Field, values: tuple[str, ...]) -> tuple[str, ...]:
    if one.type is FieldType.FLAG:
        return ("1",) if any(value.strip().lower() in TRUE for value in values) else ()
    return values


def _with_term(choice: Choice, definition: ProcessDefinition, context: Context) -> Choice:
    kind = definition.kind(choice.value)
    note = _term_note(kind, context) if kind is not None else ""
    return Choice(value=choice.value, label=f"{choice.label} — {note}" if note else choice.label)


def _term_note(kind: Kind, context: Context) -> str:
    """Say what term a kind gives today, so that the clerk sees it before the registration."""
    if kind.typed_term:
        return "срок из документа"
    if kind.term is None:
        return ""
    unit = "р.д." if kind.term.unit == "working" else "к.д."
    day = compute_term(kind.term, context.today, context.calendar).day
    return f"{kind.term.count} {unit}, до {date_short(day)}"


def people_groups(context: Context, user: int) -> Iterator[Group]:
    """Yield the active people by department, from the top of the organisation down; oneself first."""
    directory = context.directory
    if directory.active(user):
        myself = _person(user, context)
        yield Group(label="Я сам", people=(
            Person(id=myself.id, name=myself.name, note=myself.note),
        ))
    placed: set[int] = {user}
    for unit in _ordered(directory):
        members = [
            one.id for one in directory.employees.values()
            if one.active and one.department == unit.id and one.id not in placed
        ]
        if unit.head is not None and unit.head not in placed and directory.active(unit.head):
            members.append(unit.head)
        ordered = sorted(set(members), key=lambda one, head=unit.head: (  # type: ignore[misc]
            one != head, directory.get(one).name))
        placed.update(ordered)
        if ordered:
            people = tuple(_person(one, context, head=one == unit.head) for one in ordered)
            yield Group(label=unit.name, people=people)
    rest = sorted(
        (one.id for one in directory.employees.values() if one.active and one.id not in placed),
        key=lambda one: directory.get(one).name,
    )
    if rest:
        yield Group(label="Без подразделения", people=tuple(_person(one, context) for one in rest))


def _ordered(directory: Directory) -> Iterator[Department]:
    """Yield departments from the roots down; units of a broken tree come last, once each."""
    seen: set[int] = set()

    def below(parent: int | None) -> Iterator[Department]:
        units = [one for one in directory.departments.values() if one.parent == parent]
        for unit in sorted(units, key=lambda one: one.id):
            if unit.id not in seen:
                seen.add(unit.id)
                yield unit
                yield from below(unit.id)

    yield from below(None)
    yield from (
        one for one in directory.departments.values() if one.id not in seen
    )


def _person(user: int, context: Context, *, head: bool = False) -> Person:
    one = context.directory.get(user)
    notes = [one.post] if one.post else ["руководитель"] if head else []
    away = context.directory.away(user, context.today)
    if away:
        notes.append(f"отсутствует, замещает {context.directory.get(away[0].substitute).name}")
    return Person(id=str(user), name=one.name, note=", ".join(notes))


def defaults(
    action: Action, definition: ProcessDefinition, document: Document | None, node: Assignment | None,
    context: Context,
) -> dict[str, tuple[str, ...]]:
    """Return what a fresh form already holds: today, the present term, the card being corrected."""
    found: dict[str, tuple[str, ...]] = row_defaults(action, document)
    for asked in action.form:
        value = _default(asked.field, action, document, node, context)
        if value:
            found[asked.field.code] = value
    if action.kind is ActionKind.LETTER and document is not None:
        found["subject"] = (_subject(definition, document),)
    return found


def _subject(definition: ProcessDefinition, document: Document) -> str:
    """Return what a letter about a document is called: its number and title."""
    title = document.text(definition.title_field)
    number = document.number
    if number is None:
        return title[:250]
    return f"№ {number.text} от {date_short(number.dated)}: {title}"[:250]


def _default(
    one: Field, action: Action, document: Document | None, node: Assignment | None,
    context: Context,
) -> tuple[str, ...]:
    if action.kind in _KEEPING and document is not None and one.code in document.card:
        return _card_values(document.card[one.code])
    if one.code in _TODAY and one.type is FieldType.DATE:
        return (context.today.isoformat(),)
    if action.kind is ActionKind.ASSIGN and one.code == "term" and document is not None:
        term = (node.current_term if node is not None else None) or document.term
        return (term.isoformat(),) if term is not None and term >= context.today else ()
    if action.kind is ActionKind.GRANT_EXTENSION and one.code == "new_term":
        pending = node.extension if node is not None else None
        return (pending.desired.isoformat(),) if pending is not None else ()
    return (one.default,) if one.default else ()


def _card_values(value: object) -> tuple[str, ...]:
    if value is None or value is False:
        return ()
    if isinstance(value, tuple):
        return tuple(str(one) for one in value)
    if isinstance(value, date):
        return (value.isoformat(),)
    return ("1",) if value is True else (str(value),)
