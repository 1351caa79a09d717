"""Stages: where a new item stands, what a move changes, and the history of moves.

Facts: api-reference/crm/crm-stage-history-list.md, universal/object-fields.md.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model import crm_directories as directories
from b24flow.sandbox.model.crm_directories import semantics_of
from b24flow.sandbox.model.crm_kinds import DEAL, LEAD, Kind, has_categories, has_stages
from b24flow.sandbox.model.entities import Employee, Item, StageMove, Status
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import RestError, as_int

_ADDED, _MOVED, _CLOSED, _REDIRECTED = 1, 2, 3, 5


def first_stage(portal: Portal, kind: Kind, user: Employee, values: dict[str, Any]) -> Status | None:
    """Put a new item on its stage, the first one unless its values name another; None without stages."""
    if not has_stages(kind):
        return None
    rows = directories.stages(portal.state, kind.entity_type_id, values.get("categoryId", 0))
    stage = _require_stage(rows, values["stageId"]) if "stageId" in values else rows[0]
    values.update(stageId=stage.status_id, movedBy=user.id, movedTime=values["createdTime"])
    values.update(_meaning(portal, kind, rows, stage))
    return stage


def next_stage(
    portal: Portal, kind: Kind, user: Employee, item: Item, changes: dict[str, Any]
) -> Status | None:
    """Complete changes of an item with what a move to another stage or pipeline brings along."""
    if not has_stages(kind):
        return None
    values, old_category = item.values, item.values.get("categoryId", 0)
    category = changes.get("categoryId", old_category)
    rows = directories.stages(portal.state, kind.entity_type_id, category)
    if category != old_category and "stageId" not in changes and rows:
        changes["stageId"] = rows[0].status_id
    if "stageId" not in changes:
        return None
    stage = _require_stage(rows, changes["stageId"])
    changes |= {"movedBy": user.id, "movedTime": portal.clock.now()}
    changes |= _meaning(portal, kind, rows, stage)
    if kind.entity_type_id not in (LEAD, DEAL):
        changes["previousStageId"] = values.get("stageId")
    return stage


def _meaning(portal: Portal, kind: Kind, rows: list[Status], stage: Status) -> dict[str, Any]:
    """What leads and deals show about their stage besides its code."""
    final = semantics_of(stage) != "P"
    if kind.entity_type_id == LEAD:
        closed = portal.clock.now() if final else None
        return {"stageSemanticId": semantics_of(stage), "dateClosed": closed}
    if kind.entity_type_id == DEAL:
        new = stage.status_id == rows[0].status_id
        return {"stageSemanticId": semantics_of(stage), "closed": final, "isNew": new}
    return {}


def check_category(portal: Portal, kind: Kind, changes: dict[str, Any]) -> None:
    """Refuse a pipeline the entity does not have."""
    if "categoryId" not in changes:
        return
    wanted = as_int(changes["categoryId"])
    known = directories.find_category(portal.state, kind.entity_type_id, wanted)
    if known is None or not has_categories(kind):
        raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", "Неверное значение поля «Воронка»")


def _require_stage(rows: list[Status], stage_id: Any) -> Status:
    for stage in rows:
        if stage.status_id == stage_id:
            return stage
    raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", "Неверное значение поля «Стадия»")


def record_first(portal: Portal, item: Item, user: Employee, stage: Status) -> None:
    """Note in the history that an item was created on a stage."""
    _record(portal, item, user, _ADDED, stage)


def record_move(portal: Portal, item: Item, user: Employee, stage: Status, old_category: int) -> None:
    """Note a move in the history; a deal's change of pipeline raises an event of its own."""
    category = item.values.get("categoryId", 0)
    if category == old_category:
        _record(portal, item, user, _MOVED if semantics_of(stage) == "P" else _CLOSED, stage)
        return
    _record(portal, item, user, _REDIRECTED, stage)
    if item.entity_type_id == DEAL:
        data = {"FIELDS": {"ID": item.id, "CATEGORY_ID": category, "STAGE_ID": stage.status_id}}
        raise_event(portal, "ONCRMDEALMOVETOCATEGORY", data, user_id=user.id)


def _record(portal: Portal, item: Item, user: Employee, kind: int, stage: Status) -> None:
    move = StageMove(
        id=portal.state.next_id("stage-move"),
        kind=kind,
        entity_type_id=item.entity_type_id,
        item_id=item.id,
        created=item.values["movedTime"],
        category_id=item.values.get("categoryId", 0),
        semantics=semantics_of(stage),
        stage_id=stage.status_id,
        user_id=user.id,
    )
    portal.state.stage_moves.append(move)
