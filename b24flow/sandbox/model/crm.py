"""Items of the CRM: smart processes, leads, deals, contacts, companies.

The rules shared by REST and the portal page. Facts: api-reference/crm/universal/**.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model import crm_directories as directories
from b24flow.sandbox.model import crm_stages
from b24flow.sandbox.model.activities import drop_bindings
from b24flow.sandbox.model.crm_defaults import beginning
from b24flow.sandbox.model.crm_directories import semantics_of, stage_directory
from b24flow.sandbox.model.crm_fields import SKIP, fields_of, read_value
from b24flow.sandbox.model.crm_kinds import (
    Kind,
    code_field,
    owner_code,
    raise_item,
    require_kind,
    require_type,
    type_by_entity,
)
from b24flow.sandbox.model.crm_links import join_links, mirror_links
from b24flow.sandbox.model.crm_timeline import add_record, drop_timeline
from b24flow.sandbox.model.entities import Category, Employee, Item, Status
from b24flow.sandbox.model.indexes import RowIndex
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Json, RestError

__all__ = [
    "LINKED_FIELDS", "TYPE_FLAGS", "add_item", "add_record", "categories_of", "code_field",
    "default_category", "delete_item", "index_of", "items_of", "require_item", "require_kind",
    "require_type", "semantics_of", "stage_directory", "stages_of", "type_by_entity", "update_item",
]  # fmt: skip

TYPE_FLAGS = (
    "isCategoriesEnabled", "isStagesEnabled", "isBeginCloseDatesEnabled", "isClientEnabled",
    "isUseInUserfieldEnabled", "isLinkWithProductsEnabled", "isMycompanyEnabled",
    "isDocumentsEnabled", "isSourceEnabled", "isObserversEnabled", "isRecyclebinEnabled",
    "isAutomationEnabled", "isBizProcEnabled", "isSetOpenPermissions",
)  # fmt: skip
LINKED_FIELDS = (
    "CALENDAR_EVENT|UF_CRM_CAL_EVENT",
    "TASKS_TASK|UF_CRM_TASK",
    "TASKS_TASK_TEMPLATE|UF_CRM_TASK",
)


def stages_of(portal: Portal, entity_type_id: int, category_id: int) -> list[Status]:
    """Return a pipeline's stages in their order."""
    return directories.stages(portal.state, entity_type_id, category_id)


def categories_of(portal: Portal, entity_type_id: int) -> list[Category]:
    """Return the pipelines of an entity."""
    return directories.categories(portal.state, entity_type_id)


def default_category(portal: Portal, entity_type_id: int) -> Category:
    """Return the default pipeline; every entity with pipelines has one."""
    return next(row for row in categories_of(portal, entity_type_id) if row.is_default)


def items_of(portal: Portal, entity_type_id: int) -> dict[int, Item]:
    """Return the items of an entity by id, in the order of their ids."""
    return portal.state.items.setdefault(entity_type_id, {})


def index_of(portal: Portal, entity_type_id: int) -> RowIndex:
    """Return the index of an entity's items."""
    return portal.state.item_index.setdefault(entity_type_id, RowIndex())


def index_item(portal: Portal, item: Item) -> None:
    """Note an item and its present values in the index."""
    number, values = item.entity_type_id, item.values
    index_of(portal, number).put(item.id, values.get(code_field(number)), values["updatedTime"])


def require_item(portal: Portal, entity_type_id: int, item_id: int) -> Item:
    """Return an item or refuse."""
    item = items_of(portal, entity_type_id).get(item_id)
    if item is None:
        raise RestError("NOT_FOUND", "Элемент не найден")
    return item


def add_item(
    portal: Portal,
    kind: Kind,
    user: Employee,
    fields: dict[str, Json],
    ignored: list[str],
    *,
    imported: dict[str, Any] | None = None,
) -> Item:
    """Create an item; names that the box silently ignores are appended to `ignored`.

    `imported` says who made it and when, instead of the caller and the present moment.
    """
    number = kind.entity_type_id
    values = beginning(portal, kind, user)
    item = Item(id=0, entity_type_id=number, values=values)
    changes = read_fields(portal, kind, item, fields, ignored)
    join_links(kind, changes)
    values.update(changes)
    stage = crm_stages.first_stage(portal, kind, user, values)
    item.id = values["id"] = portal.state.next_id(f"item-{number}")
    _name(portal, kind, item)
    values.update(imported or {})
    items_of(portal, number)[item.id] = item
    index_item(portal, item)
    if stage is not None:
        crm_stages.record_first(portal, item, user, stage)
    mirror_links(portal, item, {})
    add_record(portal, "change", owner_code(kind), item.id, user.id, title="Элемент создан", text="",
               created=values["createdTime"])  # fmt: skip
    raise_item(portal, kind, item.id, "ADD", user.id)
    return item


def _name(portal: Portal, kind: Kind, item: Item) -> None:
    """Name an item nobody named; contacts have no title."""
    if "title" not in fields_of(portal, kind).specs:
        del item.values["title"]
    elif not item.values.get("title"):
        item.values["title"] = f"{kind.title} #{item.id}"


def update_item(
    portal: Portal,
    kind: Kind,
    user: Employee,
    item: Item,
    fields: dict[str, Json],
    *,
    ignored: list[str],
) -> bool:
    """Change an item; returns False (nothing saved, no history) when nothing is different."""
    changes = read_fields(portal, kind, item, fields, ignored)
    join_links(kind, changes)
    changes = {key: new for key, new in changes.items() if item.values.get(key) != new}
    if not changes:
        return False
    before, old_category = dict(item.values), item.values.get("categoryId", 0)
    stage = crm_stages.next_stage(portal, kind, user, item, changes)
    _record_changes(portal, kind, item, user, changes)
    item.values.update(changes)
    item.values.update(updatedTime=portal.clock.now(), updatedBy=user.id)
    index_item(portal, item)
    if stage is not None:
        crm_stages.record_move(portal, item, user, stage, old_category)
    mirror_links(portal, item, before)
    raise_item(portal, kind, item.id, "UPDATE", user.id)
    return True


def delete_item(portal: Portal, item: Item, user: Employee | None = None) -> None:
    """Delete an item together with its timeline."""
    kind = require_kind(portal, item.entity_type_id)
    del items_of(portal, item.entity_type_id)[item.id]
    index_of(portal, item.entity_type_id).drop(item.id)
    drop_timeline(portal, owner_code(kind), item.id)
    mirror_links(portal, Item(id=item.id, entity_type_id=item.entity_type_id, values={}), item.values)
    drop_bindings(portal, item.entity_type_id, item.id)
    raise_item(portal, kind, item.id, "DELETE", user.id if user else None)


def read_fields(
    portal: Portal, kind: Kind, item: Item, fields: dict[str, Json], ignored: list[str]
) -> dict[str, Any]:
    """Read the writable fields; everything the box skips goes to `ignored`."""
    writable = fields_of(portal, kind).writable
    changes: dict[str, Any] = {}
    for name, value in fields.items():
        spec = writable.get(name)
        read = SKIP if spec is None else read_value(portal, spec, value, item.values.get(spec.key))
        if spec is None or read is SKIP:
            ignored.append(name)
        else:
            changes[spec.key] = read
    crm_stages.check_category(portal, kind, changes)
    return changes


def _record_changes(portal: Portal, kind: Kind, item: Item, user: Employee, changes: dict[str, Any]) -> None:
    specs, owner = fields_of(portal, kind).specs, owner_code(kind)
    for key, new in changes.items():
        spec = specs[key]
        if spec.read_only:
            continue
        title, text = f"Изменено поле «{spec.title}»", ""
        if key == "stageId":
            names = {row.status_id: row.name for row in portal.state.statuses.values()}
            title = "Изменена стадия"
            text = f"{names.get(str(item.values.get(key)), '—')} → {names.get(new, new)}"
        add_record(portal, "change", owner, item.id, user.id, title=title, text=text)
