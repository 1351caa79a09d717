"""Values of CRM fields on their way in and out.

Facts: api-reference/crm/universal/index.md, object-fields.md, files/how-to-update-files.md.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from typing import Any

from b24flow.sandbox.clock import iso, parse_moment
from b24flow.sandbox.model import crm_multifields
from b24flow.sandbox.model.crm_specs import FieldSet, FieldSpec, camel_name, column_of, fields_of, specs_of
from b24flow.sandbox.model.entities import Item, StoredFile
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Json, RestError, as_int, as_list, is_yes, yes_no

__all__ = [
    "SKIP", "FieldSet", "FieldSpec", "camel_name", "column_of", "decode_base64", "fields_of", "read_value",
    "show_date", "show_value", "specs_of", "store_file", "write_item",
]  # fmt: skip

SKIP = object()  # the value could not be read: the box leaves the field as it was
INTEGER_KINDS = {
    "integer", "user", "crm_category", "crm_company", "crm_contact", "crm_lead", "crm_quote",
    "crm_entity", "enumeration", "employee", "iblock_section", "iblock_element",
}  # fmt: skip
_TEXT_KINDS = ("string", "text")
_SHORT = {"LEAD": "L", "DEAL": "D", "CONTACT": "C", "COMPANY": "CO", "QUOTE": "Q", "ORDER": "O",
          "SMART_INVOICE": "SI"}  # fmt: skip
FileLink = Callable[[int, Item], Json]
Column = tuple[str, str, FieldSpec | None]


def read_value(portal: Portal, spec: FieldSpec, value: Json, old: Json) -> Json:
    """Turn a value from the wire into the stored one; SKIP when the box would ignore it."""
    if spec.kind == "crm_multifield":
        return crm_multifields.change_rows(portal.state, old or [], value)
    if not spec.multiple:
        if isinstance(value, list | dict) and spec.kind != "file":
            return SKIP
        return _read_one(portal, spec, value, old)
    if value in (None, ""):
        return []
    if not isinstance(value, list | dict):
        raise RestError("100", "Expected iterable value for multiple field")
    kept = [_read_one(portal, spec, one, old) for one in as_list(value)]
    return [one for one in kept if one is not SKIP and one is not None]


def _read_one(portal: Portal, spec: FieldSpec, value: Json, old: Json) -> Json:
    kind = spec.kind
    if kind == "file":
        return _read_file(portal, value, old)
    if value is None or value == "":
        return "" if kind in _TEXT_KINDS and not spec.dynamic else None
    if kind in INTEGER_KINDS:
        number = as_int(value)
        return SKIP if kind == "enumeration" and number not in spec.enum else number
    if kind == "double":
        return _read_double(value)
    if kind == "boolean":
        return is_yes(value)
    if kind in ("date", "datetime"):
        moment = parse_moment(value, portal.clock.zone)
        if moment is None:
            return SKIP
        return moment if kind == "datetime" else _date_of(value, moment)
    return _read_binding(spec, str(value)) if kind == "crm" else str(value)


def _read_binding(spec: FieldSpec, value: str) -> Json:
    """A binding to one sort of entity is a bare number, to several a number with a prefix."""
    allowed = [name for name, chosen in spec.settings.items() if is_yes(chosen)]
    number = as_int(value.rpartition("_")[2])
    if len(allowed) < 2:
        return number or SKIP
    prefixes = {_short(name) for name in allowed}
    return value if number and value.rpartition("_")[0] in prefixes else SKIP


def _short(name: str) -> str:
    dynamic = re.fullmatch(r"DYNAMIC_(\d+)", name)
    return f"T{int(dynamic[1]):x}" if dynamic else _SHORT.get(name, name)


def _date_of(value: Json, moment: Any) -> Any:
    written = re.match(r"\d{4}-\d{2}-\d{2}", str(value))
    text = written.group() if written else moment.date().isoformat()
    return moment.date().fromisoformat(text)


def _read_double(value: Json) -> Json:
    try:
        return float(value)
    except (TypeError, ValueError):
        return SKIP


def _read_file(portal: Portal, value: Json, old: Json) -> Json:
    if value in (None, "", []):
        return None
    if isinstance(value, dict) and "id" in value:
        kept = as_int(value["id"])
        present = old if isinstance(old, list) else [old]
        return kept if kept in present else None
    pair = as_list(value)
    content = decode_base64(pair[1]) if len(pair) == 2 else None
    return SKIP if content is None else store_file(portal, str(pair[0]), content).id


def decode_base64(text: Json) -> bytes | None:
    """Decode base64 strictly; None for anything else (the box then stores no file)."""
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        return None


def store_file(portal: Portal, name: str, content: bytes) -> StoredFile:
    """Keep a file that lives outside drives."""
    row = StoredFile(id=portal.state.next_id("file", 30000), name=name, content=content)
    portal.state.files[row.id] = row
    return row


def write_item(columns: Iterable[Column], item: Item, link: FileLink) -> dict[str, Json]:
    """Return the columns of an item as JSON with camelCase names; `link` builds file addresses."""
    values = item.values
    return {
        name: values.get(key) if spec is None else show_value(spec, item, link) for name, key, spec in columns
    }


def show_value(spec: FieldSpec, item: Item, link: FileLink) -> Json:
    """Return one field as it travels."""
    if spec.disabled:
        return None
    if spec.computed:
        found = crm_multifields.alias(spec.key, item.values.get("fm") or [])
        return yes_no(found) if spec.kind == "boolean" else found
    value = item.values.get(spec.key)
    if spec.multiple:
        return [_show_one(spec, one, item, link) for one in value or []]
    return None if value is None else _show_one(spec, value, item, link)


def _show_one(spec: FieldSpec, value: Any, item: Item, link: FileLink) -> Json:
    if spec.kind == "file":
        return link(value, item)
    writer = _WRITERS.get(spec.kind)
    return value if writer is None else writer(value)


def show_date(value: Any) -> str:
    """Write a date the way the box does: the day's UTC midnight in the server's zone."""
    return f"{value.isoformat()}T03:00:00+03:00"


_WRITERS: dict[str, Callable[[Any], Json]] = {"boolean": yes_no, "datetime": iso, "date": show_date}
