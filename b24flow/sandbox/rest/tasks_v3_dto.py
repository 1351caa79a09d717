"""REST 3.0: how the fields of an entity are described, and how a request about them is read.

Facts: api-reference/rest-v3.md, tasks/*-field-{get,list}.md and the error tables of tasks/*-rest-v3.md.
A request is checked against the description: types are strict, nothing is cast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.filters import matches, sort_rows
from b24flow.sandbox.registry import Call
from b24flow.sandbox.wire import Json, Params, RestV3Error, as_list, as_map

MAX_LIMIT = 1000
OPERATORS = ("=", "!=", ">", ">=", "<", "<=", "in", "between")
DESCRIPTION = ("name", "type", "title", "description", "validationRules", "requiredGroups", "filterable",
               "sortable", "editable", "multiple", "elementType")  # fmt: skip
_CHECKS: dict[str, Callable[[Json], bool]] = {
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "DateTime": lambda value: isinstance(value, str),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field: `editable` is for adding and changing, `settable` for adding only."""

    name: str
    kind: str = "string"
    filterable: bool = False
    sortable: bool = False
    editable: bool = False
    settable: bool = False
    required: bool = False
    multiple: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dto:
    """An entity: its name in refusals and its fields by name."""

    name: str
    fields: dict[str, Field]
    whole: bool = False


def dto(name: str, *fields: Field, whole: bool = False) -> Dto:
    """Build an entity; `whole` makes its descriptions list every attribute of a field."""
    return Dto(name=name, fields={one.name: one for one in fields}, whole=whole)


class FieldNotFoundError(RestV3Error):
    """A description of an unknown field was asked for; the code has a prefix of its own."""

    def body(self) -> dict[str, Json]:
        """Return the v3 error object."""
        return {"error": {"code": "BITRIX_REST_V3_REALISATION_EXCEPTION_FIELDNOTFOUNDEXCEPTION",
                          "message": self.text}}  # fmt: skip


def invalid(field: str, text: str, kind: str = "REQUEST") -> RestV3Error:
    """Build a refusal of a value: `kind` is `REQUEST` or `DTO`."""
    detail = [{"message": text, "field": field}]
    return RestV3Error(
        f"VALIDATION_{kind}VALIDATIONEXCEPTION", "Ошибка при проверке объекта запроса", validation=detail
    )


def denied() -> RestV3Error:
    """Build the refusal of access."""
    return RestV3Error("ACCESSDENIEDEXCEPTION", "Доступ запрещен", 403)


def unknown(name: str, entity: Dto) -> RestV3Error:
    """Build the refusal of a field an entity does not have."""
    return RestV3Error("UNKNOWNDTOPROPERTYEXCEPTION", f"Unknown field `{name}` for entity `{entity.name}`")


def check_type(name: str, value: Json, kind: str) -> None:
    """Refuse a value of another type."""
    if not _CHECKS[kind](value):
        raise invalid(name, f"Поле `{name}` требует типа данных `{kind}` для этого запроса")


def given(call: Call, name: str, kind: str) -> Any:
    """Return a required parameter of the request, of the right type."""
    if call.params.get(name) is None:
        raise invalid(name, f"Обязательное поле `{name}` не указано")
    check_type(name, call.params[name], kind)
    return call.params[name]


def read_fields(call: Call, entity: Dto, required: tuple[str, ...], *, adding: bool) -> Params:
    """Return the `fields` of the request, each known, of its type and open for writing."""
    fields = call.params.get("fields")
    if fields is None or fields == []:
        raise invalid("fields", "Обязательное поле `fields` не указано")
    check_type("fields", fields, "object")
    for name, value in fields.items():
        _check_field(call, entity, name, value, adding=adding)
    for name in required:
        if fields.get(name) in (None, ""):
            raise invalid(name, f"Не заполнено обязательное поле «{name}»", "DTO")
    return dict(fields)


def _check_field(call: Call, entity: Dto, name: str, value: Json, *, adding: bool) -> None:
    field = entity.fields.get(name)
    if field is None:
        raise unknown(name, entity)
    if not (field.editable or (adding and field.settable)):
        text = f"В DTO `{entity.name}` поле `{name}` требует наличия атрибута `Editable` для такого запроса"
        raise invalid(name, text)
    if value is not None:
        check_type(name, value, field.kind)
    if field.kind == "DateTime" and value is not None and parse_moment(value, call.portal.clock.zone) is None:
        raise invalid(name, f"Поле `{name}` требует типа данных `DateTime` для этого запроса")


def read_select(call: Call, entity: Dto, *, strict: bool) -> list[str]:
    """Return the names to show, a dotted one for a field of a related object.

    An unknown name is left out silently or, where `strict`, refused; an unknown related object is
    refused always.
    """
    names = call.params.get("select")
    if names is None:
        return []
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise RestV3Error("INVALIDSELECTEXCEPTION", f"Unable to recognize select expression `{names}`")
    for name in names:
        own, dot, _ = name.partition(".")
        if own not in entity.fields and (strict or dot):
            raise unknown(own, entity)
    return [name for name in names if name.partition(".")[0] in entity.fields]


Reader = Callable[[Any, str], Any]


def read_filter(call: Call, entity: Dto, rows: list[Any], read: Reader) -> list[Any]:
    """Return the rows that fit every condition of the filter."""
    conditions = call.params.get("filter")
    if conditions is None:
        return rows
    if not isinstance(conditions, list):
        raise RestV3Error("INVALIDFILTEREXCEPTION", "Unable to recognize the filter expression")
    fits = [_condition(call, entity, one, read) for one in conditions]
    return [row for row in rows if all(fit(row) for fit in fits)]


def _condition(call: Call, entity: Dto, one: Json, read: Reader) -> Callable[[Any], bool]:
    if isinstance(one, dict) and "conditions" in one:
        inside = [_condition(call, entity, each, read) for each in as_list(one["conditions"])]
        either = str(one.get("logic", "and")).lower() == "or"
        return lambda row: (any if either else all)(fit(row) for fit in inside)
    if not isinstance(one, list) or len(one) not in (2, 3):
        raise RestV3Error("INVALIDFILTEREXCEPTION", "Unable to recognize the filter expression")
    name, operator, value = (one[0], "=", one[1]) if len(one) == 2 else (one[0], one[1], one[2])
    field = entity.fields.get(str(name))
    if field is None:
        raise unknown(str(name), entity)
    if not field.filterable:
        text = f"В DTO `{entity.name}` поле `{name}` требует наличия атрибута `Filterable` для такого запроса"
        raise invalid(str(name), text)
    if operator not in OPERATORS:
        raise RestV3Error("UNKNOWNFILTEROPERATOREXCEPTION", f"Unknown filter operator `{operator}`")
    for each in as_list(value) if operator in ("in", "between") else [value]:
        if each is not None:
            check_type(str(name), each, field.kind)
    return _comparison(str(name), str(operator), value, read)


def _comparison(name: str, operator: str, value: Json, read: Reader) -> Callable[[Any], bool]:
    if operator == "between":
        bounds = as_list(value)
        if len(bounds) != 2:
            raise RestV3Error("INVALIDFILTEREXCEPTION", "Unable to recognize the filter expression")
        return lambda row: (
            matches(">=", read(row, name), bounds[0]) and matches("<=", read(row, name), bounds[1])
        )
    prefix = "=" if operator == "in" else operator
    return lambda row: matches(prefix, read(row, name), value)


def read_order(call: Call, entity: Dto, rows: list[Any], read: Reader) -> list[Any]:
    """Return the rows in the order asked for, by id without one."""
    order = call.params.get("order")
    if order is None or order == []:
        order = {"id": "ASC"}
    for name, way in as_map(order).items():
        field = entity.fields.get(name)
        if field is None:
            raise unknown(name, entity)
        if not field.sortable or str(way).upper() not in ("ASC", "DESC"):
            raise RestV3Error("INVALIDORDEREXCEPTION", f"Unable to recognize sorting parameter `{name}`")
    if not isinstance(order, dict):
        raise RestV3Error("INVALIDORDEREXCEPTION", "Unable to recognize the sorting expression")
    return sort_rows(rows, order, read)


def read_page(call: Call, rows: list[Any]) -> list[Any]:
    """Return the page asked for, the first 50 rows without one."""
    pages = call.params.get("pagination")
    pages = {} if pages is None or pages == [] else pages
    numbers = pages if isinstance(pages, dict) else {"pagination": pages}
    for name in numbers:
        value = numbers[name]
        wrong = name not in ("page", "limit", "offset") or not _CHECKS["int"](value) or value < 0
        if wrong or (name == "limit" and value == 0):
            raise RestV3Error(
                "INVALIDPAGINATIONEXCEPTION", f"Unable to recognize the pagination parameter `{pages}`"
            )
    limit = min(numbers.get("limit", 50), MAX_LIMIT)
    first = numbers.get("offset", (max(numbers.get("page", 1), 1) - 1) * limit)
    return rows[first : first + limit]


def describe(call: Call, entity: Dto) -> Json:
    """Answer `*.field.list`."""
    names = _described(call)
    return {"items": [_shown(entity, field, names) for field in entity.fields.values()]}


def describe_one(call: Call, entity: Dto) -> Json:
    """Answer `*.field.get`."""
    name = given(call, "name", "string")
    if name not in entity.fields:
        raise FieldNotFoundError("FIELDNOTFOUND", f"Поле `{name}` не найдено")
    return {"item": _shown(entity, entity.fields[name], _described(call))}


def _described(call: Call) -> list[str]:
    about = dto("DtoFieldDto", *(Field(name=name) for name in DESCRIPTION))
    return read_select(call, about, strict=True)


def _shown(entity: Dto, field: Field, names: list[str]) -> Params:
    full: Params = {
        "name": field.name,
        "type": field.kind,
        "title": field.title or field.name,
        "description": (field.title or field.name) if entity.whole else None,
        "validationRules": [],
        "requiredGroups": ["add"] if field.required else None,
        "filterable": field.filterable,
        "sortable": field.sortable,
        "editable": field.editable,
        "multiple": field.multiple,
        "elementType": None,
    }
    brief = ("name", "type", "title", "description", "filterable", "sortable", "multiple")
    chosen = names or (DESCRIPTION if entity.whole else brief)
    return {name: full[name] for name in DESCRIPTION if name in chosen}
