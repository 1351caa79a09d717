"""Custom fields of users (api-reference/user/userfields/*.md): administrators only."""

from __future__ import annotations

import hashlib
from typing import Any

from b24flow.sandbox.filters import matches, sort_rows, split_prefix
from b24flow.sandbox.model import users as model
from b24flow.sandbox.model.entities import EnumValue, UserField
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, as_map, is_yes, yes_no

_DOC = "api-reference/user/userfields/user-userfield-"
_SCOPE = "user.userfield"
_KINDS = frozenset(
    ["string", "integer", "double", "date", "datetime", "boolean", "file", "enumeration", "url",
     "address", "money", "iblock_section", "iblock_element", "employee", "crm", "crm_status"]
)  # fmt: skip
_FLAGS = {
    "SHOW_FILTER": ("showFilter", "N"),
    "SHOW_IN_LIST": ("showInList", "Y"),
    "EDIT_IN_LIST": ("editInList", "Y"),
    "IS_SEARCHABLE": ("isSearchable", "N"),
}
_LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL", "ERROR_MESSAGE", "HELP_MESSAGE")
_KNOWN = frozenset({"FIELD_NAME", "USER_TYPE_ID", "XML_ID", "SORT", "MULTIPLE", "MANDATORY", "SETTINGS",
                    "LABEL", "LIST", *_FLAGS, *_LABELS})  # fmt: skip
_SETTINGS: dict[str, Params] = {
    "string": {"DEFAULT_VALUE": "", "ROWS": 1},
    "integer": {"DEFAULT_VALUE": ""},
    "double": {"DEFAULT_VALUE": "", "PRECISION": 2},
    "boolean": {"DEFAULT_VALUE": 0, "DISPLAY": "CHECKBOX"},
    "date": {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}},
    "datetime": {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}},
    "enumeration": {"DISPLAY": "LIST", "LIST_HEIGHT": 1, "CAPTION_NO_VALUE": "", "SHOW_NO_VALUE": "Y"},
    "money": {"DEFAULT_VALUE": ""},
}
_ORDERED = ("ID", "FIELD_NAME", "USER_TYPE_ID", "XML_ID", "SORT", "MULTIPLE", "MANDATORY", *_FLAGS)


def _show(row: UserField) -> Params:
    shown: Params = {
        "ID": str(row.id),
        "ENTITY_ID": row.entity_id,
        "FIELD_NAME": row.name,
        "USER_TYPE_ID": row.kind,
        "XML_ID": row.xml_id,
        "SORT": str(row.sort),
        "MULTIPLE": yes_no(row.multiple),
        "MANDATORY": yes_no(row.mandatory),
        **{name: row.flags.get(key, default) for name, (key, default) in _FLAGS.items()},
        "SETTINGS": row.settings,
    }
    if row.kind == "enumeration":
        shown["LIST"] = [
            {
                "ID": str(one.id),
                "SORT": str(one.sort),
                "VALUE": one.value,
                "DEF": yes_no(one.default),
                "XML_ID": one.xml_id,
            }
            for one in row.enum
        ]
    return shown


def _admin(call: Call) -> None:
    if not call.user.admin:
        raise RestError("", "Access denied.")


def _own(call: Call) -> UserField:
    _admin(call)
    number = call.number("id")
    if number <= 0:
        raise RestError("", "ID is not defined or invalid")
    row = call.state.user_fields.get(number)
    if row is None or row.entity_id != model.ENTITY:
        raise RestError("", "Access denied.")
    return row


@method("user.userfield.list", scope=_SCOPE, doc=_DOC + "list.md", params="order filter start")
def field_list(call: Call) -> Page:
    """List the custom fields of users."""
    _admin(call)
    rows = [_show(row) for row in model.fields_of(call.portal).values()]
    for key, wanted in call.optional_map("filter").items():
        prefix, name = split_prefix(key)
        if name not in _ORDERED:
            call.note("unknown_filter", key)
            continue
        value = as_list(wanted) if isinstance(wanted, list | dict) else wanted
        rows = [row for row in rows if matches(prefix, _number(row, name), value)]
    return paginate(call, sort_rows(rows, call.params.get("order"), _number), by_page=False)


def _number(row: Params, name: str) -> Any:
    return as_int(row.get(name)) if name in ("ID", "SORT") else row.get(name)


@method("user.userfield.add", scope=_SCOPE, doc=_DOC + "add.md", params="fields",
        partial="значения полей file, crm, iblock_* и money хранятся как присланы")  # fmt: skip
def field_add(call: Call) -> Json:
    """Create a custom field; its code gets the prefix `UF_USR_`."""
    _admin(call)
    given = call.optional_map("fields")
    call.note_unknown("unknown_field", given, _KNOWN)
    for name in ("FIELD_NAME", "USER_TYPE_ID"):
        if not given.get(name):
            raise RestError("", f"The '{name}' field is not found.")
    code = str(given["FIELD_NAME"]).upper()
    code = code if code.startswith("UF_USR_") else f"UF_USR_{code.removeprefix('UF_')}"
    if code in model.fields_of(call.portal):
        raise RestError("ERROR_CORE", f"Field {code} for USER object already exists")
    kind = str(given["USER_TYPE_ID"])
    if kind not in _KINDS:
        raise RestError("ERROR_CORE", "Fail to create new user field")
    row = UserField(
        id=call.state.next_id("user-field", 301),
        entity_id=model.ENTITY,
        name=code,
        kind=kind,
        multiple=is_yes(given.get("MULTIPLE")),
        mandatory=False,
        sort=100,
        xml_id=None,
        labels={},
        help={},
        settings=dict(_SETTINGS.get(kind, {})),
        flags={},
    )
    _write(call, row, given)
    model.add_field(call.portal, row)
    return row.id


def _write(call: Call, row: UserField, given: Params) -> None:
    if "XML_ID" in given:
        row.xml_id = str(given["XML_ID"]) or None
    row.sort = as_int(given.get("SORT"), row.sort)
    row.mandatory = is_yes(given["MANDATORY"]) if "MANDATORY" in given else row.mandatory
    row.settings |= as_map(given.get("SETTINGS"))
    for name, (key, _) in _FLAGS.items():
        if name in given:
            row.flags[key] = yes_no(is_yes(given[name]))
    label = given.get("EDIT_FORM_LABEL", given.get("LABEL"))
    if label is not None:
        row.labels = _texts(label)
    if given.get("HELP_MESSAGE") is not None:
        row.help = _texts(given["HELP_MESSAGE"])
    if "LIST" in given and row.kind == "enumeration":
        row.enum = [_enum(call, row, place, as_map(one)) for place, one in enumerate(as_list(given["LIST"]))]


def _texts(value: Json) -> dict[str, str]:
    """Read a label: one text means every language."""
    if isinstance(value, dict):
        return {str(key): str(text) for key, text in value.items()}
    return {"ru": str(value), "en": str(value)}


def _enum(call: Call, row: UserField, place: int, given: Params) -> EnumValue:
    number = call.state.next_id("enum", 41)
    code = hashlib.md5(f"{row.name}:{number}".encode(), usedforsecurity=False).hexdigest()
    return EnumValue(
        id=number,
        value=str(given.get("VALUE", "")),
        default=is_yes(given.get("DEF")),
        sort=as_int(given.get("SORT"), place * 100),
        xml_id=str(given.get("XML_ID") or code),
    )


@method("user.userfield.update", scope=_SCOPE, doc=_DOC + "update.md", params="id fields")
def field_update(call: Call) -> Json:
    """Change a custom field; its code, kind and multiplicity stay."""
    row = _own(call)
    given = call.optional_map("fields")
    call.note_unknown("unknown_field", given, _KNOWN)
    _write(call, row, given)
    return True


@method("user.userfield.delete", scope=_SCOPE, doc=_DOC + "delete.md", params="id")
def field_delete(call: Call) -> Json:
    """Delete a custom field with the values in profiles."""
    model.drop_field(call.portal, _own(call))
    return True
