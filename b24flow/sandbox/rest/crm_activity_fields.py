"""The fields of activities in the older methods: their types, reading them and showing them.

api-reference/crm/timeline/activities/activity-base/*.md. Numbers travel as texts here.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.clock import iso, parse_moment
from b24flow.sandbox.links import hook_url, sign
from b24flow.sandbox.model.crm_fields import decode_base64, store_file
from b24flow.sandbox.model.crm_rows import Activity
from b24flow.sandbox.registry import Call
from b24flow.sandbox.rest.crm_columns import described
from b24flow.sandbox.wire import Json, Params, as_list, as_map, is_yes, yes_no

# type, flags (r read-only, i immutable, q required, m multiple, d deprecated), title
FIELDS: dict[str, tuple[str, str, str]] = {
    "ID": ("integer", "r", "ID"),
    "OWNER_ID": ("integer", "i", "Владелец"),
    "OWNER_TYPE_ID": ("crm_enum_ownertype", "i", "Тип владельца"),
    "TYPE_ID": ("crm_enum_activitytype", "qi", "Тип"),
    "PROVIDER_ID": ("string", "", "Провайдер"),
    "PROVIDER_TYPE_ID": ("string", "", "Тип провайдера"),
    "PROVIDER_GROUP_ID": ("string", "", "Группа провайдера"),
    "ASSOCIATED_ENTITY_ID": ("integer", "r", "Связанная сущность"),
    "SUBJECT": ("string", "q", "Тема"),
    "START_TIME": ("datetime", "", "Начало"),
    "END_TIME": ("datetime", "", "Окончание"),
    "DEADLINE": ("datetime", "", "Срок"),
    "COMPLETED": ("char", "", "Выполнено"),
    "STATUS": ("crm_enum_activitystatus", "", "Состояние"),
    "RESPONSIBLE_ID": ("user", "q", "Ответственный"),
    "PRIORITY": ("crm_enum_activitypriority", "", "Важность"),
    "NOTIFY_TYPE": ("crm_enum_activitynotifytype", "", "Вид напоминания"),
    "NOTIFY_VALUE": ("integer", "", "Напоминание"),
    "DESCRIPTION": ("string", "", "Описание"),
    "DESCRIPTION_TYPE": ("crm_enum_contenttype", "", "Вид описания"),
    "DIRECTION": ("crm_enum_activitydirection", "", "Направление"),
    "LOCATION": ("string", "", "Место"),
    "CREATED": ("datetime", "r", "Создано"),
    "AUTHOR_ID": ("user", "r", "Автор"),
    "LAST_UPDATED": ("datetime", "r", "Изменено"),
    "EDITOR_ID": ("user", "r", "Редактор"),
    "SETTINGS": ("object", "", "Настройки"),
    "ORIGIN_ID": ("string", "", "Элемент источника"),
    "ORIGINATOR_ID": ("string", "", "Источник данных"),
    "RESULT_STATUS": ("integer", "", "RESULT_STATUS"),
    "RESULT_STREAM": ("integer", "", "RESULT_STREAM"),
    "RESULT_SOURCE_ID": ("string", "", "RESULT_SOURCE_ID"),
    "PROVIDER_PARAMS": ("object", "", "Параметры провайдера"),
    "PROVIDER_DATA": ("string", "", "Данные провайдера"),
    "RESULT_MARK": ("integer", "", "RESULT_MARK"),
    "RESULT_VALUE": ("double", "", "RESULT_VALUE"),
    "RESULT_SUM": ("double", "", "RESULT_SUM"),
    "RESULT_CURRENCY_ID": ("string", "", "RESULT_CURRENCY_ID"),
    "AUTOCOMPLETE_RULE": ("integer", "", "Автозавершение"),
    "BINDINGS": ("crm_activity_binding", "rm", "Привязки"),
    "COMMUNICATIONS": ("crm_activity_communication", "qm", "Связь"),
    "FILES": ("diskfile", "m", "Файлы"),
    "WEBDAV_ELEMENTS": ("diskfile", "md", "Файлы"),
    "IS_INCOMING_CHANNEL": ("char", "r", "Входящий канал"),
}
_SHOWN = (
    "ID", "OWNER_ID", "OWNER_TYPE_ID", "TYPE_ID", "PROVIDER_ID", "PROVIDER_TYPE_ID",
    "PROVIDER_GROUP_ID", "ASSOCIATED_ENTITY_ID", "SUBJECT", "CREATED", "LAST_UPDATED", "START_TIME",
    "END_TIME", "DEADLINE", "COMPLETED", "STATUS", "RESPONSIBLE_ID", "PRIORITY", "NOTIFY_TYPE",
    "NOTIFY_VALUE", "DESCRIPTION", "DESCRIPTION_TYPE", "DIRECTION", "LOCATION", "SETTINGS",
    "ORIGINATOR_ID", "ORIGIN_ID", "AUTHOR_ID", "EDITOR_ID", "PROVIDER_PARAMS", "PROVIDER_DATA",
    "RESULT_MARK", "RESULT_VALUE", "RESULT_SUM", "RESULT_CURRENCY_ID", "RESULT_STATUS",
    "RESULT_STREAM", "RESULT_SOURCE_ID", "AUTOCOMPLETE_RULE",
)  # fmt: skip
_APART = ("COMMUNICATIONS", "FILES", "BINDINGS", "WEBDAV_ELEMENTS")
_FLAGS = ("COMPLETED", "IS_INCOMING_CHANNEL")


def describe() -> Params:
    """Describe every field."""
    return described(FIELDS)


def read_fields(call: Call, fields: Params) -> dict[str, Any]:
    """Read the writable fields of a call; unknown and read-only ones are left out in silence."""
    values: dict[str, Any] = {}
    for name, given in fields.items():
        kind, flags, _ = FIELDS.get(name, ("", "r", ""))
        if name in _FLAGS:
            values[name] = is_yes(given)
        elif name in (*_APART, "OWNER_ID", "OWNER_TYPE_ID", "BINDINGS"):
            continue
        elif "r" in flags:
            call.note("unknown_field", name)
        else:
            values[name] = _read(call, kind, given)
    if "RESPONSIBLE_ID" in values:
        values["RESPONSIBLE_ID"] = int(values["RESPONSIBLE_ID"] or 0)
    return values


def _read(call: Call, kind: str, given: Json) -> Any:
    if kind == "object":
        return as_map(given)
    if given in (None, ""):
        return None if kind in ("datetime", "double") else ""
    if kind == "datetime":
        return parse_moment(given, call.portal.clock.zone)
    if kind == "user":
        return given if str(given).isdecimal() else 0
    return str(given)


def read_files(call: Call, given: Json) -> list[int]:
    """Store the files of a call: `{"fileData": [name, base64]}` or the pair itself."""
    ids = []
    for one in as_list(given):
        pair = as_list(one.get("fileData") if isinstance(one, dict) else one)
        content = decode_base64(pair[1]) if len(pair) == 2 else None
        if content is None:
            call.note("ignored_value", "FILES")
            continue
        ids.append(store_file(call.portal, str(pair[0]), content).id)
    return ids


def value_of(row: Activity, name: str) -> Any:
    """Return a plain field for comparing and ordering."""
    if name == "ID":
        return row.id
    if name in ("OWNER_ID", "OWNER_TYPE_ID"):
        return row.bindings[0][name == "OWNER_ID"]
    value = row.values.get(name)
    return yes_no(bool(value)) if name in _FLAGS else value


def show(call: Call, row: Activity, names: tuple[str, ...] = _SHOWN) -> Params:
    """Return the named fields of an activity as they travel, those of `crm.activity.get` by default."""
    return {name: _show(call, row, name) for name in names}


def _show(call: Call, row: Activity, name: str) -> Json:
    if name == "COMMUNICATIONS":
        return row.communications
    if name == "FILES":
        return [_show_file(call, number) for number in row.files]
    if name == "BINDINGS":
        return [{"OWNER_TYPE_ID": str(a), "OWNER_ID": str(b)} for a, b in row.bindings]
    value = value_of(row, name)
    if FIELDS[name][0] == "datetime":
        return iso(value) if value else None
    return str(value) if isinstance(value, int) else value


def _show_file(call: Call, number: int) -> Params:
    token = sign("crm", {"file": number})
    return {"id": number, "url": hook_url(call, f"crm.controller.item.getFile/?token={token}")}


def select(call: Call) -> tuple[str, ...]:
    """Return the fields a list asks for: communications and files only by their names."""
    wanted = [str(name) for name in call.values("select")]
    known = tuple(name for name in dict.fromkeys(wanted) if name in FIELDS and name != "WEBDAV_ELEMENTS")
    if not known:
        return _SHOWN
    if "*" in wanted:
        return tuple(dict.fromkeys((*_SHOWN, *known)))
    return known if "ID" in known else ("ID", *known)
