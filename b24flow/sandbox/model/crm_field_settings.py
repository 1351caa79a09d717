"""What the settings of a user field are when nobody gave them, per type of field.

Facts: api-reference/crm/universal/userfieldconfig/userfieldconfig-add.md (settings).
"""

from __future__ import annotations

from typing import Any

_NUMBER = {"SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": None}
_MOMENT = {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "string": {"SIZE": 20, "ROWS": 1, "REGEXP": "", "MIN_LENGTH": 0, "MAX_LENGTH": 0, "DEFAULT_VALUE": ""},
    "integer": _NUMBER,
    "double": {"PRECISION": 2} | _NUMBER,
    "boolean": {"DEFAULT_VALUE": 0, "DISPLAY": "CHECKBOX", "LABEL": ["", ""], "LABEL_CHECKBOX": {}},
    "date": _MOMENT,
    "datetime": _MOMENT | {"USE_SECOND": "Y", "USE_TIMEZONE": "N"},
    "money": {"DEFAULT_VALUE": ""},
    "address": {"SHOW_MAP": "Y"},
    "url": {"POPUP": "Y", "SIZE": 20, "MIN_LENGTH": 0, "MAX_LENGTH": 0, "DEFAULT_VALUE": "", "ROWS": 1},
    "file": {"SIZE": 20, "LIST_WIDTH": 0, "LIST_HEIGHT": 0, "MAX_SHOW_SIZE": 0, "MAX_ALLOWED_SIZE": 0,
             "EXTENSIONS": [], "TARGET_BLANK": "Y"},
    "enumeration": {"DISPLAY": "LIST", "LIST_HEIGHT": 1, "CAPTION_NO_VALUE": "", "SHOW_NO_VALUE": "Y"},
    "crm_status": {"ENTITY_TYPE": ""},
}  # fmt: skip


def complete_settings(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a field with the missing ones filled in."""
    return _DEFAULTS.get(kind, {}) | given
