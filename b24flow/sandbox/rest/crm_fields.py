"""User fields of smart processes and of leads, deals, contacts, companies (userfieldconfig/*.md)."""

from __future__ import annotations

import hashlib
import re

from b24flow.sandbox.filters import matches, sort_rows, split_prefix
from b24flow.sandbox.model import crm_directories
from b24flow.sandbox.model.crm_field_settings import complete_settings
from b24flow.sandbox.model.crm_kinds import SystemKind, kind_of_fields
from b24flow.sandbox.model.entities import EnumValue, UserField
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.placements import field_types
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, as_map, is_yes, yes_no

_DOC = "api-reference/crm/universal/userfieldconfig/"
_SCOPE = "userfieldconfig crm"
_TYPES = {
    "crm": "Привязка к элементам CRM",
    "crm_status": "Привязка к справочникам CRM",
    "money": "Деньги",
    "employee": "Привязка к сотруднику",
    "string": "Строка",
    "integer": "Целое число",
    "double": "Число",
    "datetime": "Дата со временем",
    "date": "Дата",
    "boolean": "Да/Нет",
    "address": "Адрес",
    "url": "Ссылка",
    "file": "Файл",
    "enumeration": "Список",
    "iblock_section": "Привязка к разделам инфоблоков",
    "iblock_element": "Привязка к элементам инфоблоков",
}
_FIELD_KEYS = frozenset(
    [
        "entityId",
        "fieldName",
        "userTypeId",
        "xmlId",
        "sort",
        "multiple",
        "mandatory",
        "showFilter",
        "showInList",
        "editInList",
        "isSearchable",
        "settings",
        "editFormLabel",
        "listColumnLabel",
        "listFilterLabel",
        "errorMessage",
        "helpMessage",
        "enum",
    ]
)
_FLAGS = ("showFilter", "editInList", "isSearchable")
_LABELS = {"languageId", "editFormLabel", "listColumnLabel", "listFilterLabel", "errorMessage",
           "helpMessage"}  # fmt: skip
_SETTINGS = "настройки показа и поиска хранятся, но на страницах не действуют"
_IMMUTABLE = ("entityId", "fieldName", "userTypeId", "multiple")


def show_field(row: UserField) -> Params:
    """Return a user field as JSON."""
    empty = {"en": None, "ru": None}
    shown = _show_plain(row) | {
        "languageId": {"en": "en", "ru": "ru"},
        "editFormLabel": row.labels or empty,
        "listColumnLabel": empty,
        "listFilterLabel": empty,
        "errorMessage": empty,
        "helpMessage": row.help or empty,
    }
    if row.kind == "enumeration":
        shown["enum"] = [_show_enum(row, value) for value in row.enum]
    return shown


def _show_plain(row: UserField) -> Params:
    return {
        "id": str(row.id),
        "entityId": row.entity_id,
        "fieldName": row.name,
        "userTypeId": row.kind,
        "xmlId": row.xml_id,
        "sort": str(row.sort),
        "multiple": yes_no(row.multiple),
        "mandatory": yes_no(row.mandatory),
        "showInList": "Y",
        **row.flags,
        "settings": row.settings,
    }


def _show_listed(row: UserField, language: str) -> Params:
    """Return a row of a list: labels come only in the language asked for."""
    if not language:
        return _show_plain(row)
    return _show_plain(row) | {
        "languageId": {language: language},
        "editFormLabel": {language: row.labels[language]} if language in row.labels else None,
        "listColumnLabel": None,
        "listFilterLabel": None,
        "errorMessage": None,
        "helpMessage": {language: row.help[language]} if language in row.help else None,
    }


def _show_enum(row: UserField, value: EnumValue) -> Params:
    return {
        "id": str(value.id),
        "userFieldId": str(row.id),
        "value": value.value,
        "def": yes_no(value.default),
        "sort": str(value.sort),
        "xmlId": value.xml_id,
    }


def _labels(value: Json) -> dict[str, str]:
    if isinstance(value, str) and value:  # one text for every language
        return {"en": value, "ru": value}
    return _translations(value)


def _translations(value: Json) -> dict[str, str]:
    return {str(key): str(text) for key, text in as_map(value).items()}


def _raise(call: Call, row: UserField, what: str) -> None:
    """Raise a field's event: of a smart process under the type's name, else under the entity's."""
    kind = kind_of_fields(call.portal, row.entity_id)
    group = kind.code if isinstance(kind, SystemKind) else "TYPE"
    data = {"FIELDS": {"ID": row.id, "ENTITY_ID": row.entity_id, "FIELD_NAME": row.name}}
    raise_event(call.portal, f"ONCRM{group}USERFIELD{what}", data, user_id=call.user.id)


def _module(call: Call) -> None:
    if call.text("moduleId") != "crm":
        raise RestError("", "Модуль не поддерживается")
    call.portal.require_admin(call.user)


@method("userfieldconfig.add", scope=_SCOPE, doc=_DOC + "userfieldconfig-add.md",
        params="moduleId* field*", partial=_SETTINGS)  # fmt: skip
def field_add(call: Call) -> Json:
    """Create a user field; the code must begin with the entity's prefix."""
    _module(call)
    given = call.mapping("field")
    call.note_unknown("unknown_field", given, _FIELD_KEYS)
    entity, name = str(given.get("entityId", "")), str(given.get("fieldName", ""))
    _check_new(call, entity, name, str(given.get("userTypeId", "")))
    row = UserField(
        id=call.state.next_id("user-field", 301),
        entity_id=entity,
        name=name,
        kind=str(given["userTypeId"]),
        multiple=is_yes(given.get("multiple")),
        mandatory=is_yes(given.get("mandatory")),
        sort=as_int(given.get("sort"), 100),
        xml_id=given.get("xmlId"),
        labels=_labels(given.get("editFormLabel")),
        help=_translations(given.get("helpMessage")),
        settings=complete_settings(str(given["userTypeId"]), as_map(given.get("settings"))),
        flags={flag: yes_no(is_yes(given.get(flag, "N"))) for flag in _FLAGS},
    )
    row.enum = _enum(call, as_list(given.get("enum")), [])
    call.state.user_fields[row.id] = row
    crm_directories.forget(call.state)
    _raise(call, row, "ADD")
    if row.enum:
        _raise(call, row, "SETENUMVALUES")
    return {"field": show_field(row)}


def _check_new(call: Call, entity: str, name: str, kind: str) -> None:
    if kind_of_fields(call.portal, entity) is None:
        raise RestError("", "Доступ запрещен")
    if not re.fullmatch(rf"UF_{entity}_[A-Z0-9_]+", name) or len(name) > 50:
        raise RestError("", "Код поля указан неверно. Разрешены заглавные буквы, цифры и знак _")
    if kind not in _TYPES | field_types(call.portal):
        raise RestError("", "Указан неверный пользовательский тип")
    if any(row.name == name and row.entity_id == entity for row in call.state.user_fields.values()):
        raise RestError("", f"Поле {name} для объекта {entity} уже существует.")


def _enum(call: Call, rows: list[Json], old: list[EnumValue]) -> list[EnumValue]:
    kept = {value.id for value in old}
    values = []
    for index, row in enumerate(map(as_map, rows), start=1):
        number = as_int(row.get("id"))
        if number not in kept:
            number = call.state.next_id("enum", 41)
        text = str(row.get("value", ""))
        digest = hashlib.md5(f"{number}{text}".encode(), usedforsecurity=False).hexdigest()
        value = EnumValue(
            id=number,
            value=text,
            default=is_yes(row.get("def")),
            sort=as_int(row.get("sort"), index * 100),
            xml_id=str(row.get("xmlId") or digest),
        )
        values.append(value)
    return values


def _field(call: Call) -> UserField:
    row = call.state.user_fields.get(call.required_number("id"))
    if row is None:
        raise RestError("", "Поле не найдено")
    return row


@method("userfieldconfig.update", scope=_SCOPE, doc=_DOC + "userfieldconfig-update.md",
        params="moduleId* id* field*", partial=_SETTINGS)  # fmt: skip
def field_update(call: Call) -> Json:
    """Change a user field: identity is immutable, an omitted help text is lost, a list replaced."""
    _module(call)
    row, given = _field(call), call.mapping("field")
    call.note_unknown("unknown_field", given, _FIELD_KEYS)
    shown = show_field(row)
    for name in _IMMUTABLE:
        if name in given and str(given[name]) != str(shown[name]):
            call.note("ignored_value", name)
    row.sort = as_int(given.get("sort", row.sort))
    row.mandatory = is_yes(given.get("mandatory", row.mandatory))
    row.xml_id = given.get("xmlId", row.xml_id)
    row.settings = complete_settings(row.kind, as_map(given.get("settings", row.settings)))
    row.flags |= {flag: yes_no(is_yes(given[flag])) for flag in _FLAGS if flag in given}
    row.labels |= _labels(given.get("editFormLabel"))
    row.help = _translations(given.get("helpMessage"))
    if show_field(row) != shown:
        _raise(call, row, "UPDATE")
    if "enum" in given and given.get("userTypeId") == "enumeration" == row.kind:
        _replace_enum(call, row, as_list(given["enum"]))
    crm_directories.forget(call.state)
    return {"field": show_field(row)}


def _replace_enum(call: Call, row: UserField, given: list[Json]) -> None:
    before = row.enum
    row.enum = _enum(call, given, row.enum)
    if row.enum != before:
        _forget_values(call, row)
        _raise(call, row, "SETENUMVALUES")


def _forget_values(call: Call, row: UserField) -> None:
    known = {value.id for value in row.enum}
    kind = kind_of_fields(call.portal, row.entity_id)
    items = call.state.items.get(kind.entity_type_id, {}) if kind else {}
    for item in items.values():
        value = item.values.get(row.name)
        if isinstance(value, list):
            item.values[row.name] = [one for one in value if one in known]
        elif value is not None and value not in known:
            item.values[row.name] = None


@method("userfieldconfig.get", scope=_SCOPE, doc=_DOC + "userfieldconfig-get.md",
        params="moduleId* id*")  # fmt: skip
def field_get(call: Call) -> Json:
    """Return a user field."""
    _module(call)
    return {"field": show_field(_field(call))}


@method("userfieldconfig.list", scope=_SCOPE, doc=_DOC + "userfieldconfig-list.md",
        params="moduleId* select filter order start")  # fmt: skip
def field_list(call: Call) -> Page:
    """List user fields; labels come only with `select.language`."""
    _module(call)
    chosen = call.optional_map("select")
    language = str(chosen.get("language") or "")
    rows = [_show_listed(row, language) for row in call.state.user_fields.values()]
    for key, wanted in call.optional_map("filter").items():
        prefix, name = split_prefix(key)
        if name not in _FIELD_KEYS | {"id"}:
            raise RestError("", f"Unknown field definition `{name}`.")
        value = as_list(wanted) if isinstance(wanted, list | dict) else wanted
        rows = [row for row in rows if matches(prefix, row.get(name), value)]
    order = call.optional_map("order") or {"sort": "ASC", "id": "ASC"}
    rows = sort_rows(rows, order, _order_key)
    names = {str(name) for name in chosen.values()}
    if names & set(_FIELD_KEYS) and "*" not in names:
        kept = names | _LABELS
        rows = [{name: value for name, value in row.items() if name in kept} for row in rows]
    return paginate(call, rows, wrap="fields")


def _order_key(row: Params, key: str) -> Json:
    return as_int(row.get(key)) if key in ("id", "sort") else row.get(key)


@method("userfieldconfig.delete", scope=_SCOPE, doc=_DOC + "userfieldconfig-delete.md",
        params="moduleId* id*")  # fmt: skip
def field_delete(call: Call) -> Json:
    """Delete a user field together with its values."""
    _module(call)
    row = _field(call)
    for items in call.state.items.values():
        for item in items.values():
            item.values.pop(row.name, None)
    del call.state.user_fields[row.id]
    crm_directories.forget(call.state)
    _raise(call, row, "DELETE")
    return None


@method("userfieldconfig.getTypes", scope=_SCOPE, doc=_DOC + "userfieldconfig-get-types.md",
        params="moduleId*")  # fmt: skip
def list_types(call: Call) -> Json:
    """List the types a user field may have, those of applications included."""
    _module(call)
    shown = _TYPES | field_types(call.portal)
    return {"types": {name: {"userTypeId": name, "description": text} for name, text in shown.items()}}
