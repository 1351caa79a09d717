"""The history of stages (api-reference/crm/crm-stage-history-list.md): field names in upper case."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from b24flow.sandbox.clock import iso, parse_moment
from b24flow.sandbox.filters import CrmFilter, check_crm_filter, check_order, read_crm_filter, sort_rows
from b24flow.sandbox.model.crm_kinds import COMPANY, CONTACT, LEAD, find_kind, not_supported
from b24flow.sandbox.model.entities import StageMove
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.wire import Json, Params, as_int

_NUMBERS = ("ID", "TYPE_ID", "OWNER_ID", "CATEGORY_ID")
_COMMON = ("ID", "TYPE_ID", "OWNER_ID", "CREATED_TIME")
_LEAD = (*_COMMON, "STATUS_SEMANTIC_ID", "STATUS_ID")
_STAGED = (*_COMMON, "CATEGORY_ID", "STAGE_SEMANTIC_ID", "STAGE_ID")
_NO_ITEMS = (5, 31)  # invoices: the method knows them, this portal has none


@method("crm.stagehistory.list", scope="crm", doc="api-reference/crm/crm-stage-history-list.md",
        params="entityTypeId* order filter select start",
        partial="счета есть в перечне, но их в портале нет: их история пуста")  # fmt: skip
def stage_history(call: Call) -> Page:
    """List the moves of leads, of deals or of the items of a smart process."""
    number = call.required_number("entityTypeId")
    supported = number in _NO_ITEMS or find_kind(call.portal, number) is not None
    if not supported or number in (CONTACT, COMPANY):
        raise not_supported(number)
    names = _LEAD if number in (LEAD, 5) else _STAGED
    check_crm_filter(call.params.get("filter"), names.__contains__)
    order = check_order(call.params.get("order"), names.__contains__)
    chosen = read_crm_filter(call.params.get("filter"), lambda name, value: _wanted(call, name, value))
    moves = (move for move in _after(call, chosen) if move.entity_type_id == number)
    found = [move for move in moves if chosen.fits(lambda name: _read(move, name))]  # noqa: B023
    found = sort_rows(found, order, _read)
    page = paginate(call, found)
    wanted = [name for name in map(str, call.values("select")) if name in names] or list(names)
    rows = [_show(move, wanted) for move in page.result]
    return Page(result={"items": rows}, total=page.total, next=page.next)


def _after(call: Call, chosen: CrmFilter) -> list[StageMove]:
    """Leave out what lies before the id a synchronising client has reached."""
    moves = call.state.stage_moves
    bounds = [value for prefix, name, value in chosen.conditions if (prefix, name) == (">", "ID")]
    if chosen.any_of or not bounds:
        return moves
    return moves[bisect_right(moves, max(bounds), key=lambda move: move.id) :]


def _read(move: StageMove, name: str) -> Any:
    values = {
        "ID": move.id,
        "TYPE_ID": move.kind,
        "OWNER_ID": move.item_id,
        "CREATED_TIME": move.created,
        "CATEGORY_ID": move.category_id,
    }
    if name in values:
        return values[name]
    return move.semantics if "SEMANTIC" in name else move.stage_id


def _show(move: StageMove, names: list[str]) -> Params:
    shown = {name: _read(move, name) for name in names}
    if "CREATED_TIME" in shown:
        shown["CREATED_TIME"] = iso(move.created)
    return shown


def _wanted(call: Call, name: str, value: Json) -> Any:
    if name == "CREATED_TIME":
        return parse_moment(value, call.portal.clock.zone)
    return as_int(value, -1) if name in _NUMBERS else value
