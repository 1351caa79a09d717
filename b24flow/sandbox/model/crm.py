"""Smart processes, their pipelines and items: the rules shared by REST and the portal page.

Facts: api-reference/crm/universal/**, api-reference/crm/status/*.md,
api-reference/crm/crm-stage-history-list.md.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model.crm_fields import SKIP, FieldSpec, read_value, specs_of
from b24flow.sandbox.model.entities import (
    Category,
    Employee,
    Item,
    SpaType,
    StageMove,
    Status,
    TimelineRecord,
)
from b24flow.sandbox.model.indexes import RowIndex
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Json, RestError, as_int

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
_DEFAULT_STAGES = (
    ("NEW", "Начало", "#22B9FF", "", True),
    ("PREPARATION", "Подготовка", "#88B9FF", "", False),
    ("CLIENT", "Согласование", "#10E5FC", "", False),
    ("SUCCESS", "Успех", "#00FF00", "S", True),
    ("FAIL", "Провал", "#FF0000", "F", True),
)


def type_by_entity(portal: Portal, entity_type_id: int) -> SpaType | None:
    """Return the smart process with this entityTypeId."""
    for spa in portal.state.types.values():
        if spa.entity_type_id == entity_type_id:
            return spa
    return None


def require_type(portal: Portal, entity_type_id: int) -> SpaType:
    """Return the smart process or refuse like the box."""
    spa = type_by_entity(portal, entity_type_id)
    if spa is None:
        raise RestError("NOT_FOUND", "Смарт-процесс не найден")
    return spa


def stage_directory(entity_type_id: int, category_id: int) -> str:
    """Return the directory code of a pipeline's stages."""
    return f"DYNAMIC_{entity_type_id}_STAGE_{category_id}"


def stages_of(portal: Portal, entity_type_id: int, category_id: int) -> list[Status]:
    """Return a pipeline's stages in their order."""
    code = stage_directory(entity_type_id, category_id)
    rows = [row for row in portal.state.statuses.values() if row.entity_id == code]
    return sorted(rows, key=lambda row: (row.sort, row.id))


def categories_of(portal: Portal, entity_type_id: int) -> list[Category]:
    """Return the pipelines of a smart process."""
    rows = portal.state.categories.values()
    found = [row for row in rows if row.entity_type_id == entity_type_id]
    return sorted(found, key=lambda row: (row.sort, row.id))


def default_category(portal: Portal, entity_type_id: int) -> Category:
    """Return the default pipeline; every smart process has one."""
    return next(row for row in categories_of(portal, entity_type_id) if row.is_default)


def add_category(portal: Portal, entity_type_id: int, name: str, sort: int, is_default: bool) -> Category:
    """Create a pipeline with the default stages; a new default takes the mark from the old."""
    if is_default:
        for row in categories_of(portal, entity_type_id):
            row.is_default = False
    category = Category(
        id=portal.state.next_id("category", 10),
        entity_type_id=entity_type_id,
        name=name,
        sort=sort,
        is_default=is_default,
    )
    portal.state.categories[category.id] = category
    directory = stage_directory(entity_type_id, category.id)
    for index, (code, title, color, semantics, system) in enumerate(_DEFAULT_STAGES, start=1):
        add_status(
            portal,
            directory,
            f"DT{entity_type_id}_{category.id}:{code}",
            name=title,
            sort=index * 10,
            color=color,
            semantics=semantics,
            system=system,
            category_id=category.id,
        )
    return category


def add_status(
    portal: Portal,
    directory: str,
    status_id: str,
    *,
    name: str,
    sort: int,
    color: str,
    semantics: str,
    system: bool,
    category_id: int | None,
) -> Status:
    """Add a row to a directory."""
    row = Status(
        id=portal.state.next_id("status", 101),
        entity_id=directory,
        status_id=status_id,
        name=name,
        name_init=name if system else "",
        sort=sort,
        system=system,
        color=color,
        semantics=semantics,
        category_id=category_id,
    )
    portal.state.statuses[row.id] = row
    return row


def semantics_of(stage: Status | None) -> str:
    """Return `P`, `S` or `F`."""
    return (stage.semantics or "P") if stage else "P"


def items_of(portal: Portal, entity_type_id: int) -> dict[int, Item]:
    """Return the items of a smart process by id, in the order of their ids."""
    return portal.state.items.setdefault(entity_type_id, {})


def index_of(portal: Portal, entity_type_id: int) -> RowIndex:
    """Return the index of a smart process's items."""
    return portal.state.item_index.setdefault(entity_type_id, RowIndex())


def index_item(portal: Portal, item: Item) -> None:
    """Note an item and its present values in the index."""
    values = item.values
    index_of(portal, item.entity_type_id).put(item.id, values.get("xmlId"), values["updatedTime"])


def require_item(portal: Portal, entity_type_id: int, item_id: int) -> Item:
    """Return an item or refuse."""
    item = items_of(portal, entity_type_id).get(item_id)
    if item is None:
        raise RestError("NOT_FOUND", "Элемент не найден")
    return item


def add_item(
    portal: Portal, spa: SpaType, user: Employee, fields: dict[str, Json], ignored: list[str]
) -> Item:
    """Create an item; names that the box silently ignores are appended to `ignored`."""
    now = portal.clock.now()
    item_id = portal.state.next_id(f"item-{spa.entity_type_id}")
    category = default_category(portal, spa.entity_type_id)
    values: dict[str, Any] = {
        "id": item_id,
        "title": f"{spa.title} #{item_id}",
        "createdTime": now,
        "updatedTime": now,
        "createdBy": user.id,
        "updatedBy": user.id,
        "categoryId": category.id,
        "assignedById": user.id,
        "opened": True,
        "lastActivityTime": now,
        "lastActivityBy": user.id,
    }
    item = Item(id=item_id, entity_type_id=spa.entity_type_id, values=values)
    changes = read_fields(portal, spa, item, fields, ignored)
    item.values.update(changes)
    _place_new(portal, spa, item, user, "stageId" in changes)
    items_of(portal, spa.entity_type_id)[item_id] = item
    index_item(portal, item)
    _record_change(portal, item, user, "Элемент создан", "")
    return item


def _place_new(portal: Portal, spa: SpaType, item: Item, user: Employee, stage_given: bool) -> None:
    if not item.values.get("title"):
        item.values["title"] = f"{spa.title} #{item.id}"
    if not spa.flags["isStagesEnabled"]:
        return
    category_id = item.values["categoryId"]
    stages = stages_of(portal, spa.entity_type_id, category_id)
    if not stage_given:
        item.values["stageId"] = stages[0].status_id
    stage = _require_stage(stages, item.values["stageId"])
    item.values.update(movedBy=user.id, movedTime=item.values["createdTime"])
    _move(portal, item, user, 1, stage)


def update_item(
    portal: Portal,
    spa: SpaType,
    user: Employee,
    item: Item,
    fields: dict[str, Json],
    *,
    ignored: list[str],
) -> bool:
    """Change an item; returns False (nothing saved, no history) when nothing is different."""
    changes = read_fields(portal, spa, item, fields, ignored)
    changes = {key: new for key, new in changes.items() if item.values.get(key) != new}
    if not changes:
        return False
    now = portal.clock.now()
    old_stage, old_category = item.values.get("stageId"), item.values["categoryId"]
    category_id = changes.get("categoryId", old_category)
    stages = stages_of(portal, spa.entity_type_id, category_id)
    if category_id != old_category and "stageId" not in changes and stages:
        changes["stageId"] = stages[0].status_id
    stage = None
    if "stageId" in changes:
        stage = _require_stage(stages, changes["stageId"])
        changes |= {"previousStageId": old_stage, "movedBy": user.id, "movedTime": now}
    _record_changes(portal, spa, item, user, changes)
    item.values.update(changes)
    item.values.update(updatedTime=now, updatedBy=user.id)
    index_item(portal, item)
    if stage is not None:
        kind = 5 if category_id != old_category else 2 if semantics_of(stage) == "P" else 3
        _move(portal, item, user, kind, stage)
    return True


def delete_item(portal: Portal, item: Item) -> None:
    """Delete an item together with its timeline."""
    del items_of(portal, item.entity_type_id)[item.id]
    index_of(portal, item.entity_type_id).drop(item.id)
    owner = (f"dynamic_{item.entity_type_id}", item.id)
    timeline = portal.state.timeline
    for key in [k for k, row in timeline.items() if (row.entity_type, row.entity_id) == owner]:
        del timeline[key]


def read_fields(
    portal: Portal, spa: SpaType, item: Item, fields: dict[str, Json], ignored: list[str]
) -> dict[str, Any]:
    """Read the writable fields; everything the box skips goes to `ignored`."""
    by_name = _names(specs_of(portal, spa))
    changes: dict[str, Any] = {}
    for name, value in fields.items():
        spec = by_name.get(name)
        usable = spec and not spec.read_only
        if spec is None or not usable or (spec.feature and not spa.flags[spec.feature]):
            ignored.append(name)
            continue
        read = read_value(portal, spec, value, item.values.get(spec.key))
        if read is SKIP:
            ignored.append(name)
        else:
            changes[spec.key] = read
    _check_category(portal, spa, changes)
    return changes


def _names(specs: dict[str, FieldSpec]) -> dict[str, FieldSpec]:
    names = {spec.name: spec for spec in specs.values()}
    names.update({spec.upper: spec for spec in specs.values() if spec.dynamic})
    return names


def _check_category(portal: Portal, spa: SpaType, changes: dict[str, Any]) -> None:
    if "categoryId" not in changes:
        return
    known = {row.id for row in categories_of(portal, spa.entity_type_id)}
    if as_int(changes["categoryId"]) not in known:
        raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", "Неверное значение поля «Воронка»")


def _require_stage(stages: list[Status], stage_id: Any) -> Status:
    for stage in stages:
        if stage.status_id == stage_id:
            return stage
    raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", "Неверное значение поля «Стадия»")


def _move(portal: Portal, item: Item, user: Employee, kind: int, stage: Status) -> None:
    move = StageMove(
        id=portal.state.next_id("stage-move"),
        kind=kind,
        entity_type_id=item.entity_type_id,
        item_id=item.id,
        created=portal.clock.now(),
        category_id=item.values["categoryId"],
        semantics=semantics_of(stage),
        stage_id=stage.status_id,
        user_id=user.id,
    )
    portal.state.stage_moves.append(move)


def _record_changes(
    portal: Portal, spa: SpaType, item: Item, user: Employee, changes: dict[str, Any]
) -> None:
    specs = specs_of(portal, spa)
    names = {row.status_id: row.name for row in portal.state.statuses.values()}
    for key, new in changes.items():
        spec = specs[key]
        if spec.read_only:
            continue
        old = item.values.get(key)
        if key == "stageId":
            text = f"{names.get(str(old), '—')} → {names.get(new, new)}"
            _record_change(portal, item, user, "Изменена стадия", text)
        else:
            _record_change(portal, item, user, f"Изменено поле «{spec.title}»", "")


def _record_change(portal: Portal, item: Item, user: Employee, title: str, text: str) -> None:
    owner = f"dynamic_{item.entity_type_id}"
    add_record(portal, "change", owner, item.id, user.id, title=title, text=text)


def add_record(
    portal: Portal,
    kind: str,
    entity_type: str,
    entity_id: int,
    author_id: int,
    *,
    text: str,
    title: str = "",
    icon: str = "",
) -> TimelineRecord:
    """Put a record into a timeline."""
    record = TimelineRecord(
        id=portal.state.next_id("timeline"),
        kind=kind,
        entity_type=entity_type,
        entity_id=entity_id,
        author_id=author_id,
        created=portal.clock.now(),
        text=text,
        title=title,
        icon=icon,
    )
    portal.state.timeline[record.id] = record
    return record
