"""Multifields: phones, e-mails, sites and messengers of leads, contacts and companies.

Facts: crm-item-add.md, crm-item-update.md (`fm`), data-types.md (crm_multifield). In an update the
key decides: a known id changes or, with an empty value, deletes a row; any other key adds one.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model.state import State
from b24flow.sandbox.wire import Json, as_int, as_list, as_map

TYPES = ("PHONE", "EMAIL", "WEB", "IM", "LINK")
_ALIASES = {
    "phoneMobile": ("PHONE", "MOBILE"),
    "phoneWork": ("PHONE", "WORK"),
    "phoneMailing": ("PHONE", "MAILING"),
    "emailHome": ("EMAIL", "HOME"),
    "emailWork": ("EMAIL", "WORK"),
    "emailMailing": ("EMAIL", "MAILING"),
    "imol": ("IM", "OPENLINE"),
    "email": ("EMAIL", ""),
    "phone": ("PHONE", ""),
}
_HAS = {"hasPhone": ("PHONE", ""), "hasEmail": ("EMAIL", ""), "hasImol": ("IM", "OPENLINE")}
Rows = list[dict[str, Any]]


def change_rows(state: State, rows: Rows, given: Json) -> Rows:
    """Return the rows after a change; the old list stays as it was."""
    kept = {row["id"]: row for row in rows}
    pairs = given.items() if isinstance(given, dict) else (("", row) for row in as_list(given))
    for key, given_row in pairs:
        row = as_map(given_row)
        number = as_int(row.get("id") or key)
        value = str(row.get("value") or "")
        if number in kept:
            if value:
                old = kept[number]
                kind = str(row.get("valueType") or old["valueType"])
                kept[number] = old | {"valueType": kind, "value": value}
            else:
                del kept[number]
        elif value and row.get("typeId") in TYPES:
            made = state.next_id("multifield", 101)
            kind = str(row.get("valueType") or "WORK")
            kept[made] = {"id": made, "valueType": kind, "value": value, "typeId": row["typeId"]}
    return list(kept.values())


def from_import(fields: dict[str, Json]) -> dict[str, Json]:
    """Turn the import's `PHONE: [{VALUE, VALUE_TYPE}]` into `fm`."""
    rows = [
        {"typeId": name, "value": row.get("VALUE"), "valueType": row.get("VALUE_TYPE")}
        for name in TYPES
        for row in map(as_map, as_list(fields.get(name)))
    ]
    rest = {name: value for name, value in fields.items() if name not in TYPES}
    return rest | {"fm": [*as_list(fields.get("fm")), *rows]} if rows else rest


def alias(name: str, rows: Rows) -> Json:
    """Return a flat field that a multifield stands for: a first value, or whether there is one."""
    kind, sort = _ALIASES.get(name) or _HAS[name]
    found = [row for row in rows if row["typeId"] == kind and sort in ("", row["valueType"])]
    return bool(found) if name in _HAS else (found[0]["value"] if found else "")
