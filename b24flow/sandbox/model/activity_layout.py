"""What the layout of a configurable activity may look like, and the box's refusals of any other.

Facts: api-reference/crm/timeline/activities/configurable/structure/*.md. A field that is not
described is refused, as is one of another type.
"""

from __future__ import annotations

import re
from typing import Any

from b24flow.sandbox.wire import Json, RestError, as_map

LANGUAGES = ("ru", "en", "de", "by", "kz", "ua")
_YES_NO = (True, False, 1, 0, "1", "0", "Y", "N", "true", "false")
_SCOPE, _BOOL, _TEXT, _STRING = "enum:web,mobile", "bool", "text", "string"
Shape = dict[str, tuple[str, bool]]

_SHAPES: dict[str, Shape] = {
    "layout": {"icon": ("icon", True), "header": ("header", True), "body": ("body", True),
               "footer": ("footer", False)},
    "icon": {"code": (_STRING, True)},
    "header": {"title": (_TEXT, True), "titleAction": ("action", False), "tags": ("map:tag:2", False)},
    "tag": {"title": (_TEXT, True), "type": ("enum:warning,success,failure,primary,secondary", True),
            "action": ("action", False), "scope": (_SCOPE, False), "hideIfReadonly": (_BOOL, False)},
    "body": {"logo": ("logo", True), "blocks": ("map:block:20", False)},
    "logo": {"code": (_STRING, True), "action": ("action", False)},
    "footer": {"buttons": ("map:button:2", False), "menu": ("menu", False)},
    "button": {"title": (_TEXT, True), "type": ("enum:primary,secondary", True),
               "action": ("action", True), "scope": (_SCOPE, False), "hideIfReadonly": (_BOOL, False)},
    "menu": {"showPinItem": (_BOOL, False), "showPostponeItem": (_BOOL, False),
             "showDeleteItem": (_BOOL, False), "items": ("map:item:10", False)},
    "item": {"title": (_TEXT, True), "action": ("action", True), "scope": (_SCOPE, False),
             "hideIfReadonly": (_BOOL, False)},
    "action redirect": {"type": (_STRING, True), "uri": (_STRING, False)},
    "action restEvent": {"type": (_STRING, True), "id": (_STRING, True), "actionParams": ("any", False),
                         "animationType": ("enum:disable,loader", False)},
    "action openRestApp": {"type": (_STRING, True), "actionParams": ("any", False),
                           "sliderParams": ("slider", False)},
    "slider": {"width": ("int", False), "leftBoundary": ("int", False), "title": (_TEXT, False)},
    "block text": {"value": (_TEXT, True), "multiline": (_BOOL, False), "title": (_TEXT, False),
                   "bold": (_BOOL, False), "size": ("enum:xs,sm,md", False), "scope": (_SCOPE, False),
                   "color": ("enum:base_50,base_60,base_70,base_90", False)},
    "block largeText": {"value": (_TEXT, True), "scope": (_SCOPE, False)},
    "block link": {"text": (_TEXT, True), "action": ("action", True), "bold": (_BOOL, False),
                   "scope": (_SCOPE, False)},
    "block withTitle": {"title": (_TEXT, True), "block": ("inner", True), "inline": (_BOOL, False),
                        "scope": (_SCOPE, False)},
    "block lineOfBlocks": {"blocks": ("map:inner:20", True), "scope": (_SCOPE, False)},
    "block deadline": {"readonly": (_BOOL, False), "scope": (_SCOPE, False)},
}  # fmt: skip
_INNER = ("text", "link", "deadline")


def check_layout(layout: Json) -> dict[str, Any]:
    """Return a layout that is as described; refuse any other."""
    given = as_map(layout)
    if not given:
        raise RestError("ERROR_EMPTY_LAYOUT", "Поле layout должно быть заполнено")
    _check_shape("layout", given, "layout")
    return given


def _check_shape(name: str, given: Json, where: str) -> None:
    shape = _SHAPES[name]
    if not isinstance(given, dict) and given != []:
        raise _wrong(where)
    given = as_map(given)
    for key in given:
        if key not in shape:
            raise RestError("FIELD_IS_REDUNDANT", f"Поле {where}.{key} не предусмотрено")
    for key, (kind, required) in shape.items():
        if given.get(key) in (None, "", [], {}):
            if required:
                raise RestError("FIELD_IS_REQUIRED", f"Поле {where}.{key} обязательно")
            continue
        _check_value(kind, given[key], f"{where}.{key}")


def _check_value(kind: str, value: Json, where: str) -> None:
    sort, _, rest = kind.partition(":")
    if sort == "map":
        shape, _, most = rest.partition(":")
        _check_map(shape, value, int(most), where)
    elif sort == "enum":
        if value not in rest.split(","):
            raise RestError("ENUM_FIELD", f"Значение поля {where} не из перечня допустимых")
    elif sort in ("text", "string", "bool", "int"):
        _check_plain(sort, value, where)
    elif sort == "action":
        _check_typed("action", value, where)
    elif sort in ("block", "inner"):
        _check_block(value, where, _INNER if sort == "inner" else ())
    elif sort != "any":
        _check_shape(sort, value, where)


def _check_map(shape: str, value: Json, most: int, where: str) -> None:
    if not isinstance(value, list | dict):
        raise _wrong(where)
    items = as_map(value)
    if len(items) > most:
        raise RestError("TOO_MANY_ITEMS", f"В поле {where} больше {most} элементов")
    for key, item in items.items():
        if not re.fullmatch(r"[A-Za-z0-9_-]+", key):
            raise RestError("KEY_CONTAIN_WRONG_SYMBOLS", f"В ключе {where}.{key} недопустимые символы")
        _check_value(shape, item, f"{where}.{key}")


def _check_plain(kind: str, value: Json, where: str) -> None:
    if kind == "text" and isinstance(value, dict):
        for language in value:
            if language not in LANGUAGES:
                raise RestError("WRONG_LANG", f"Язык {language} не установлен на портале")
        return
    fits = {
        "bool": value in _YES_NO,
        "int": str(value).isdecimal(),
        "text": isinstance(value, str | int | float),
        "string": isinstance(value, str | int | float),
    }
    if not fits[kind]:
        raise _wrong(where)


def _check_typed(sort: str, value: Json, where: str) -> None:
    given = as_map(value)
    if not given.get("type"):
        raise RestError("FIELD_IS_REQUIRED", f"Поле {where}.type обязательно")
    name = f"{sort} {given['type']}"
    if name not in _SHAPES:
        raise RestError("ENUM_FIELD", f"Значение поля {where}.type не из перечня допустимых")
    _check_shape(name, given, where)


def _check_block(value: Json, where: str, allowed: tuple[str, ...]) -> None:
    given = as_map(value)
    for key in given:
        if key not in ("type", "properties"):
            raise RestError("FIELD_IS_REDUNDANT", f"Поле {where}.{key} не предусмотрено")
    kind = given.get("type")
    if not kind:
        raise RestError("FIELD_IS_REQUIRED", f"Поле {where}.type обязательно")
    if f"block {kind}" not in _SHAPES or (allowed and kind not in allowed):
        raise RestError("ENUM_FIELD", f"Значение поля {where}.type не из перечня допустимых")
    _check_shape(f"block {kind}", given.get("properties") or {}, f"{where}.properties")


def _wrong(where: str) -> RestError:
    return RestError("WRONG_FIELD_VALUE", f"Неверное значение поля {where}")
