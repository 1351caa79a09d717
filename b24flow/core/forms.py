"""Raw form values → checked values: every error of a form is reported at once, in Russian.

Printable text is accepted as it is, whatever it looks like (markup, BB-code, emoji): it is made harmless
where it is shown. Only what a reader cannot see is refused: control characters and direction overrides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from b24flow.core.addresses import AddressError, read_addresses
from b24flow.core.commands import Command, Context, FormValue
from b24flow.core.definition import Action, Choice, Field, FieldType, FormField, ProcessDefinition
from b24flow.core.document import CardValue, Document
from b24flow.core.parts import Point, Stop
from b24flow.core.people import Directory
from b24flow.core.route_rows import RouteError, read_points, read_stops
from b24flow.core.russian import clean_text, date_short, forbidden_characters, parse_date
from b24flow.core.supersession import SUPERSEDING
from b24flow.errors import InvalidForm

Raw = str | tuple[str, ...]
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)
MAX_PEOPLE = 200
MAX_INTEGER = 100_000
TRUE = frozenset({"1", "on", "true", "yes", "да"})


class FieldError(Exception):
    """One field is wrong; the text says what, in Russian."""


def read_form(
    action: Action, definition: ProcessDefinition, command: Command, context: Context
) -> dict[str, FormValue]:
    """Return the checked values of an action's form; raises InvalidForm with every error at once."""
    values: dict[str, FormValue] = {}
    errors: dict[str, str] = {}
    for asked in action.form:
        code = asked.field.code
        try:
            values[code] = _read(asked, definition, command, context)
        except FieldError as error:
            errors[code] = str(error)
    if errors:
        raise InvalidForm(errors)
    return values


def prospective_card(
    definition: ProcessDefinition, action: Action, document: Document, command: Command, context: Context
) -> dict[str, CardValue]:
    """Return the card as it will be once the action has kept its form: the number depends on it."""
    card = dict(document.card)
    for code, value in read_form(action, definition, command, context).items():
        if code not in definition.card or value is None or isinstance(value, tuple):
            continue
        card[code] = value.isoformat() if isinstance(value, date) else value
    return card


def _read(
    asked: FormField, definition: ProcessDefinition, command: Command, context: Context
) -> FormValue:
    field = asked.field
    if field.type is FieldType.FILES:
        files = tuple(one for one in command.files if one.part == field.code)
        if asked.required and not files:
            raise FieldError(f"«{field.label}»: приложите файл")
        return files
    raw = command.form.get(field.code, "")
    if field.type is FieldType.PEOPLE:
        return _people(field, raw, asked.required, context.directory)
    if field.type in {FieldType.ROUTE, FieldType.POINTS}:
        return _rows(asked, raw, definition, context.directory)
    if field.type is FieldType.ATTACHMENTS:
        return _chosen(asked, raw)
    if field.type is FieldType.EMAILS and isinstance(raw, tuple):
        raw = "\n".join(raw)
    text = _single(field, raw)
    if not text:
        if asked.required:
            raise FieldError(f"«{field.label}»: заполните поле")
        return False if field.type is FieldType.FLAG else None
    if field.type is FieldType.CHOICE:
        return _choice(field, text, choices_of(field, definition))
    if field.type is FieldType.PERSON:
        return _person(field, text, context.directory)
    if field.type is FieldType.DATE:
        return _date(field, text, context)
    return _SCALARS[field.type](field, text)


def choices_of(field: Field, definition: ProcessDefinition) -> tuple[Choice, ...]:
    """Return the allowed values of a choice field; the field `kind` offers the declared kinds.

    A process that changes and repeals nothing does not offer such links.
    """
    if field.code == "kind" and not field.choices:
        return tuple(Choice(value=one.code, label=one.label) for one in definition.kinds)
    if field.code == "link" and not definition.policies.supersedes:
        return tuple(one for one in field.choices if one.value not in SUPERSEDING)
    return field.choices


def _single(field: Field, raw: Raw) -> str:
    if isinstance(raw, tuple):
        if len(raw) > 1:
            raise FieldError(f"«{field.label}»: ожидается одно значение")
        raw = raw[0] if raw else ""
    hidden = forbidden_characters(raw)
    if hidden:
        raise FieldError(f"«{field.label}»: {hidden}")
    return clean_text(raw)


def _text(field: Field, text: str) -> str:
    if field.type is FieldType.TEXT:
        text = " ".join(text.split())
    if len(text) > field.max_length:
        raise FieldError(
            f"«{field.label}»: не больше {field.max_length} знаков, сейчас {len(text)}"
        )
    if len(text) < field.min_length:
        raise FieldError(f"«{field.label}»: не меньше {field.min_length} знаков")
    return text


def _integer(field: Field, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > MAX_INTEGER:
        raise FieldError(f"«{field.label}»: целое число от 0 до {MAX_INTEGER}")
    return int(text)


def _flag(field: Field, text: str) -> bool:
    return text.lower() in TRUE


def _emails(field: Field, text: str) -> tuple[str, ...]:
    try:
        return read_addresses(_text(field, text))
    except AddressError as error:
        raise FieldError(f"«{field.label}»: {error}") from error


def _chosen(asked: FormField, raw: Raw) -> tuple[str, ...]:
    """Return the ids of chosen files; whether the document has them is asked by the action."""
    parts = raw if isinstance(raw, tuple) else (raw,)
    found = tuple(dict.fromkeys(part for part in parts if part))
    if asked.required and not found:
        raise FieldError(f"«{asked.field.label}»: выберите хотя бы один файл")
    return found


_SCALARS: Mapping[FieldType, Callable[[Field, str], FormValue]] = {
    FieldType.TEXT: _text, FieldType.MULTILINE: _text, FieldType.INTEGER: _integer,
    FieldType.FLAG: _flag, FieldType.EMAILS: _emails,
}


def _date(field: Field, text: str, context: Context) -> date:
    day = parse_date(text)
    if day is None:
        raise FieldError(f"«{field.label}»: укажите дату, например 15.06.2026")
    if not EARLIEST <= day < LATEST:
        raise FieldError(f"«{field.label}»: дата {date_short(day)} вне допустимых лет")
    if field.past_only and day > context.today:
        raise FieldError(f"«{field.label}»: дата {date_short(day)} ещё не наступила")
    return day


def _choice(field: Field, text: str, choices: tuple[Choice, ...]) -> str:
    if not any(one.value == text for one in choices):
        raise FieldError(f"«{field.label}»: выберите значение из списка")
    return text


def _person(field: Field, text: str, directory: Directory) -> int:
    if text.startswith("d") and text.isascii() and text[1:].isdigit() and len(text) < 10:
        return _head(field, int(text[1:]), directory)
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise FieldError(f"«{field.label}»: выберите сотрудника из списка")
    user = int(text)
    if user not in directory.employees:
        raise FieldError(f"«{field.label}»: такого сотрудника нет")
    if not directory.active(user):
        raise FieldError(f"«{field.label}»: {directory.get(user).name} больше не работает")
    return user


def _head(field: Field, department: int, directory: Directory) -> int:
    unit = directory.departments.get(department)
    if unit is None:
        raise FieldError(f"«{field.label}»: такого подразделения нет")
    if unit.head is None or not directory.active(unit.head):
        raise FieldError(f"«{field.label}»: у подразделения «{unit.name}» нет руководителя")
    return unit.head


def _people(field: Field, raw: Raw, required: bool, directory: Directory) -> tuple[int, ...]:
    parts = raw if isinstance(raw, tuple) else tuple(raw.split(","))
    cleaned = [part.strip() for part in parts if part.strip()]
    if len(cleaned) > MAX_PEOPLE:
        raise FieldError(f"«{field.label}»: не больше {MAX_PEOPLE} человек")
    if required and not cleaned:
        raise FieldError(f"«{field.label}»: выберите хотя бы одного сотрудника")
    return tuple(dict.fromkeys(_person(field, one, directory) for one in cleaned))


def _rows(
    asked: FormField, raw: Raw, definition: ProcessDefinition, directory: Directory
) -> FormValue:
    """Read a route or a list of points: one text per row."""
    rows = raw if isinstance(raw, tuple) else tuple(raw.split("\n"))
    field = asked.field
    try:
        if field.type is FieldType.ROUTE:
            return read_stops(rows, definition.roles, directory)
        points = read_points(rows, directory)
    except RouteError as error:
        raise FieldError(f"«{field.label}»: {error}") from error
    if asked.required and not points:
        raise FieldError(f"«{field.label}»: добавьте хотя бы один пункт")
    return points


def stops_of(values: Mapping[str, FormValue], code: str) -> tuple[Stop, ...]:
    """Return the checked stops of a route, empty when none was chosen."""
    value = values.get(code)
    return tuple(one for one in value if isinstance(one, Stop)) if isinstance(value, tuple) else ()


def points_of(values: Mapping[str, FormValue], code: str) -> tuple[Point, ...]:
    """Return the checked points, empty when none was written."""
    value = values.get(code)
    return tuple(one for one in value if isinstance(one, Point)) if isinstance(value, tuple) else ()


def text_of(values: Mapping[str, FormValue], code: str) -> str:
    """Return a checked text value, empty when it was not given."""
    value = values.get(code)
    return value if isinstance(value, str) else ""


def date_of(values: Mapping[str, FormValue], code: str) -> date | None:
    """Return a checked date, None when it was not given."""
    value = values.get(code)
    return value if isinstance(value, date) else None


def person_of(values: Mapping[str, FormValue], code: str) -> int | None:
    """Return a checked person, None when nobody was chosen."""
    value = values.get(code)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def texts_of(values: Mapping[str, FormValue], code: str) -> tuple[str, ...]:
    """Return checked texts (addresses, chosen files), empty when there are none."""
    value = values.get(code)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, tuple) else ()


def people_of(values: Mapping[str, FormValue], code: str) -> tuple[int, ...]:
    """Return checked people, empty when nobody was chosen."""
    value = values.get(code)
    if not isinstance(value, tuple):
        return ()
    return tuple(one for one in value if isinstance(one, int))
