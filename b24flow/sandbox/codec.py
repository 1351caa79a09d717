"""The portal's memory as JSON: plain values stay readable, the rest is tagged.

Rows are written by the names of their fields: a file written before a field existed is read with
the field's default, and a field that exists no more is left out.
"""

from __future__ import annotations

import base64
import json
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from b24flow.sandbox.model import crm_rows, entities, feed_rows, groups_rows, landing_rows, openlines_rows
from b24flow.sandbox.model.crm_directories import DIRECTORIES, seed_directories
from b24flow.sandbox.model.crm_kinds import code_field
from b24flow.sandbox.model.indexes import RowIndex
from b24flow.sandbox.model.state import State

_ROW, _MOMENT, _DAY, _BYTES, _PAIRS, _TUPLE = "~row", "~moment", "~day", "~bytes", "~pairs", "~tuple"
_DERIVED = ("item_index", "task_index", "timeline_index", "crm_cache")
_ROWS = {
    name: kind
    for module in (entities, crm_rows, feed_rows, groups_rows, landing_rows, openlines_rows)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and is_dataclass(kind)
}


def dumps(value: Any) -> str:
    """Write a value: what JSON knows, moments, days, bytes, tuples and the portal's rows."""
    return json.dumps(_pack(value), ensure_ascii=False, separators=(",", ":"))


def loads(text: str, zone: ZoneInfo) -> Any:
    """Read what `dumps` wrote; moments come in the portal's time zone."""
    return _unpack(json.loads(text), zone)


def _pack(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dict):
        if all(isinstance(key, str) and not key.startswith("~") for key in value):
            return {key: _pack(item) for key, item in value.items()}
        return {_PAIRS: [[_pack(key), _pack(item)] for key, item in value.items()]}
    if isinstance(value, list):
        return [_pack(item) for item in value]
    if isinstance(value, datetime):
        return {_MOMENT: value.isoformat()}
    if isinstance(value, date):
        return {_DAY: value.isoformat()}
    if isinstance(value, bytes):
        return {_BYTES: base64.b64encode(value).decode()}
    if isinstance(value, tuple):
        return {_TUPLE: [_pack(item) for item in value]}
    if is_dataclass(value) and not isinstance(value, type):
        row = {one.name: _pack(getattr(value, one.name)) for one in fields(value)}
        return {_ROW: type(value).__name__, **row}
    raise TypeError(f"the portal keeps no {type(value)}")


def _unpack(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, list):
        return [_unpack(item, zone) for item in value]
    if not isinstance(value, dict):
        return value
    tag = next(iter(value), "")
    if not tag.startswith("~"):
        return {key: _unpack(item, zone) for key, item in value.items()}
    body = value[tag]
    if tag == _ROW:
        return _row(body, value, zone)
    if tag == _MOMENT:
        return datetime.fromisoformat(body).astimezone(zone)
    if tag == _DAY:
        return date.fromisoformat(body)
    if tag == _BYTES:
        return base64.b64decode(body)
    if tag == _TUPLE:
        return tuple(_unpack(item, zone) for item in body)
    return {_unpack(key, zone): _unpack(item, zone) for key, item in body}


def _row(name: str, value: dict[str, Any], zone: ZoneInfo) -> Any:
    kind = _ROWS[name]
    known = (one.name for one in fields(kind))
    return kind(**{field: _unpack(value[field], zone) for field in known if field in value})


def pack_state(state: State) -> dict[str, str]:
    """Write every table of the portal's memory, without what is computed from others."""
    names = (one.name for one in fields(state))
    return {name: dumps(getattr(state, name)) for name in names if name not in _DERIVED}


def unpack_state(tables: dict[str, str], zone: ZoneInfo) -> State:
    """Read the portal's memory and build its indexes again."""
    known = {one.name for one in fields(State)} - set(_DERIVED)
    state = State(**{name: loads(text, zone) for name, text in tables.items() if name in known})
    if not any(row.entity_id in DIRECTORIES for row in state.statuses.values()):
        seed_directories(state)  # written when there were smart processes only
    for entity_type_id, items in state.items.items():
        index = state.item_index[entity_type_id] = RowIndex()
        code = code_field(entity_type_id)
        for item in items.values():
            index.put(item.id, item.values.get(code), item.values["updatedTime"])
    for record in state.timeline.values():
        owner = (record.entity_type, record.entity_id)
        state.timeline_index.setdefault(owner, []).append(record.id)
    for task in state.tasks.values():
        if not task.deleted:
            state.task_index.put(task.id, task.xml_id, task.changed)
    return state
