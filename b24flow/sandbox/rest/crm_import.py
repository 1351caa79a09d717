"""Import of items: creation without robots, with the author and the moments of the original.

api-reference/crm/universal/import/*.md. Where the documentation is silent the box's own rule is
kept: a moment of creation lies neither in the future nor before the last item's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.model import crm, crm_rights
from b24flow.sandbox.model.crm_kinds import SYSTEM_KINDS, Kind, has_stages
from b24flow.sandbox.model.crm_multifields import from_import
from b24flow.sandbox.model.entities import Item
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.crm_items import kind_of, note_ignored
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, as_map, missing

_DOC = "api-reference/crm/universal/import/"
_PEOPLE = ("createdBy", "updatedBy", "movedBy")
_MOMENTS = ("createdTime", "updatedTime", "movedTime")
_MOST = 20
_KINDS = "нет предложений и счетов"


@method("crm.item.import", scope="crm", doc=_DOC + "crm-item-import.md",
        params="entityTypeId* fields* useOriginalUfNames", partial=_KINDS)  # fmt: skip
def item_import(call: Call) -> Json:
    """Create an item of an archive."""
    kind = kind_of(call)
    crm_rights.require(call.portal, call.user, "import", kind.entity_type_id)
    return {"item": {"id": _import(call, kind, call.mapping("fields")).id}}


@method("crm.item.batchImport", scope="crm", doc=_DOC + "crm-item-batch-import.md",
        params="entityTypeId* data* useOriginalUfNames", partial=_KINDS)  # fmt: skip
def item_batch_import(call: Call) -> Json:
    """Create up to twenty items; what cannot be created is an error in its place."""
    kind, rows = kind_of(call), as_list(call.params["data"])
    crm_rights.require(call.portal, call.user, "import", kind.entity_type_id)
    if not isinstance(call.params["data"], list | dict):
        raise missing("data")
    if len(rows) > _MOST:
        raise RestError("MAX_IMPORT_BATCH_SIZE_EXCEEDED", "Нельзя импортировать больше 20 элементов")
    return {"items": [_one(call, kind, as_map(row)) for row in rows]}


def _one(call: Call, kind: Kind, fields: Params) -> Params:
    try:
        return {"item": {"id": _import(call, kind, fields).id}}
    except RestError as error:
        return {"error": error.code, "error_description": error.text}


def _import(call: Call, kind: Kind, fields: Params) -> Item:
    ignored: list[str] = []
    imported = _original(call, kind, fields)
    rest = {name: value for name, value in fields.items() if name not in (*_PEOPLE, *_MOMENTS)}
    if kind.entity_type_id in SYSTEM_KINDS:
        rest = from_import(rest)
    item = crm.add_item(call.portal, kind, call.user, rest, ignored, imported=imported)
    note_ignored(call, ignored)
    return item


def _original(call: Call, kind: Kind, fields: Params) -> dict[str, Any]:
    """Read who made the original and when; only an administrator may say so."""
    given = [name for name in (*_PEOPLE, *_MOMENTS) if fields.get(name) not in (None, "")]
    if given and not call.user.admin:
        raise _invalid(given[0])
    values: dict[str, Any] = {}
    for name in given:
        if name.startswith("moved") and not has_stages(kind):
            continue
        values[name] = _person(call, fields, name) if name in _PEOPLE else _moment(call, fields, name)
    if "createdTime" in values:
        _check_created(call, kind, values["createdTime"])
    return values


def _person(call: Call, fields: Params, name: str) -> int:
    number = as_int(fields[name])
    if number not in call.state.users:
        raise _invalid(name)
    return number


def _moment(call: Call, fields: Params, name: str) -> datetime:
    moment = parse_moment(fields[name], call.portal.clock.zone)
    if moment is None or moment > call.portal.clock.now():
        raise _invalid(name)
    return moment


def _check_created(call: Call, kind: Kind, moment: datetime) -> None:
    items = crm.items_of(call.portal, kind.entity_type_id)
    last = next(reversed(items.values()), None)
    if last is not None and moment < last.values["createdTime"]:
        raise _invalid("createdTime")


def _invalid(name: str) -> RestError:
    return RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", f"Неверное значение поля «{name}»")
