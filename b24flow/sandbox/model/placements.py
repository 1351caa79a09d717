"""Places of the portal's pages for applications: their catalogue, registration and visibility.

Facts: api-reference/widgets/placements.md and the pages of the places. Places of a smart process
exist while its type does. A place of the messenger belongs to the global set: the pages say that
its registration needs no scope but `placement`.
"""

from __future__ import annotations

import re
from typing import Any

from b24flow.sandbox.model.apps import may_open
from b24flow.sandbox.model.entities import Employee, PlacementBinding
from b24flow.sandbox.model.event_names import TYPED, typed
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.urls import check_handler, no_argument
from b24flow.sandbox.wire import RestError, as_map

GLOBAL = "placement"
WORKER, APP_URI, FIELD_TYPE = "PAGE_BACKGROUND_WORKER", "REST_APP_URI", "USERFIELD_TYPE"
_ALL = "LEAD DEAL CONTACT COMPANY QUOTE SMART_INVOICE"
_CRM_PLACES = {
    "LIST_TOOLBAR": f"{_ALL} ORDER",
    "LIST_MENU": f"{_ALL} ACTIVITY",
    "DETAIL_TAB": f"{_ALL} ORDER",
    "DETAIL_TOOLBAR": _ALL,
    "DETAIL_ACTIVITY": f"{_ALL} ORDER",
    "ACTIVITY_TIMELINE_MENU": "LEAD DEAL QUOTE SMART_INVOICE",
    "DOCUMENTGENERATOR_BUTTON": _ALL,
    "ROBOT_DESIGNER_TOOLBAR": "LEAD DEAL SMART_INVOICE",
    "FUNNELS_TOOLBAR": "SMART_INVOICE",
}
_PLACES = {
    GLOBAL: "BI_ANALYTICS_MENU IM_CONTEXT_MENU IM_NAVIGATION IM_SIDEBAR IM_SMILES_SELECTOR IM_TEXTAREA "
    f"IMMOBILE_CONTEXT_MENU LEFT_MENU {WORKER} {APP_URI}",
    "crm": "CRM_ANALYTICS_MENU CRM_ANALYTICS_TOOLBAR CRM_BANK_DETAIL_AUTOCOMPLETE CRM_DETAIL_SEARCH "
    "CRM_FUNNELS_TOOLBAR CRM_REQUISITE_AUTOCOMPLETE",
    "task": "TASK_GROUP_LIST_TOOLBAR TASK_LIST_CONTEXT_MENU TASK_ROBOT_DESIGNER_TOOLBAR "
    "TASK_USER_LIST_TOOLBAR TASK_VIEW_SIDEBAR TASK_VIEW_TAB TASK_VIEW_TOP_PANEL",
    "user": "USER_PROFILE_MENU USER_PROFILE_TOOLBAR",
    "sonet_group": "SONET_GROUP_DETAIL_TAB SONET_GROUP_ROBOT_DESIGNER_TOOLBAR SONET_GROUP_TOOLBAR",
    "calendar": "CALENDAR_GRIDVIEW",
    "contact_center": "CONTACT_CENTER",
    "telephony": "CALL_CARD TELEPHONY_ANALYTICS_MENU",
}
_CHAT = "extranet context role"
_OPTIONS = {
    WORKER: "errorHandlerUrl",
    "IM_CONTEXT_MENU": _CHAT,
    "IMMOBILE_CONTEXT_MENU": _CHAT,
    "IM_NAVIGATION": "iconName extranet role",
    "IM_SIDEBAR": f"iconName {_CHAT} color",
    "IM_TEXTAREA": f"iconName {_CHAT} color width height",
}
_DEFAULTS = {"extranet": "N", "context": "ALL", "role": "USER"}
_ALLOWED = {
    "extranet": {"N", "Y"},
    "context": {"ALL", "USER", "CHAT", "LINES", "CRM"},
    "role": {"USER", "ADMIN"},
}
_ACTIVITY = "useBuiltInInterface newUserNotificationTitle newUserNotificationText"
_SINGLE = frozenset({WORKER, APP_URI})


def scopes() -> tuple[str, ...]:
    """Return the scopes that have places, the global set first."""
    return tuple(_PLACES)


def places_of(portal: Portal, wanted: tuple[str, ...]) -> list[str]:
    """Return the codes of the places of these scopes as they are now."""
    found = []
    for scope in wanted:
        if scope == "crm":
            found += _crm_places(portal)
        found += _PLACES.get(scope, "").split()
    return found


def _crm_places(portal: Portal) -> list[str]:
    types = sorted(row.entity_type_id for row in portal.state.types.values())
    dynamic = [f"DYNAMIC_{one}" for one in types]
    return [
        f"CRM_{kind}_{place}" for place, kinds in _CRM_PLACES.items() for kind in [*kinds.split(), *dynamic]
    ]


def bind(portal: Portal, row: PlacementBinding) -> None:
    """Register a handler whose place is known to exist; its id and options are set here."""
    check_handler(row.handler)
    if row.user_id and row.placement != WORKER:
        raise RestError("ERROR_PLACEMENT_USER_MODE", "User mode is not available")
    row.options = _options(row.placement, row.options)
    table = portal.state.placements
    same = [one for one in table.values() if (one.app_id, one.placement) == (row.app_id, row.placement)]
    if row.placement in _SINGLE and any(one.user_id == row.user_id for one in same):
        raise RestError("ERROR_PLACEMENT_MAX_COUNT", "Placement max count exceeded")
    if any((one.handler, one.user_id) == (row.handler, row.user_id) for one in same):
        raise RestError("ERROR_CORE", "Unable to set placement handler: Handler already binded")
    row.id = portal.state.next_id("placement")
    table[row.id] = row


def _options(placement: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return what the place keeps of the given options, with its defaults; the rest is dropped."""
    names = (_ACTIVITY if placement.endswith("_DETAIL_ACTIVITY") else _OPTIONS.get(placement, "")).split()
    kept = {name: given[name] for name in names if given.get(name) not in (None, "")}
    kept = {name: _DEFAULTS[name] for name in names if name in _DEFAULTS} | kept
    if placement == WORKER and "errorHandlerUrl" not in kept:
        raise RestError("EMPTY_ERROR_HANDLER_URL", "Option errorHandlerUrl is required")
    if "iconName" in names:
        icon = str(kept.get("iconName", ""))
        if not icon:
            raise no_argument("iconName")
        if len(icon) > 50 or not re.fullmatch(r"[A-Za-z \-]+", icon):
            raise RestError("ERROR_ARGUMENT", "Invalid value of iconName", argument="iconName")
    for name in _ALLOWED.keys() & kept.keys():
        words = set(str(kept[name]).split(";"))
        if not words <= _ALLOWED[name] or (name != "context" and len(words) > 1):
            raise RestError(f"INVALID_ERROR_{name.upper()}", f"Invalid value of {name}")
        kept[name] = "ALL" if "ALL" in words else kept[name]
    return kept


def shown(portal: Portal, user: Employee, placement: str) -> list[PlacementBinding]:
    """Return the handlers a user sees in a place: of installed applications that he may open."""
    found = []
    for row in portal.state.placements.values():
        app = portal.state.apps.get(row.app_id)
        mine = row.placement == placement and row.user_id in (0, user.id)
        if mine and app is not None and app.installed and may_open(app, user):
            found.append(row)
    return found


def title_of(portal: Portal, row: PlacementBinding, language: str = "ru") -> str:
    """Return what a place calls a handler: by language, in general, or the application's title."""
    local = as_map(row.langs.get(language)).get("TITLE")
    return str(local or row.title or portal.state.apps[row.app_id].title)


def forget_type(portal: Portal, entity_type_id: int) -> None:
    """Drop the places of a deleted smart process and the handlers of its own events."""
    state, start = portal.state, f"CRM_DYNAMIC_{entity_type_id}_"
    for one in [row.id for row in state.placements.values() if row.placement.startswith(start)]:
        del state.placements[one]
    names = {typed(name, entity_type_id) for name in TYPED}
    for one in [row.id for row in state.event_bindings.values() if row.event in names]:
        del state.event_bindings[one]


def field_types(portal: Portal) -> dict[str, str]:
    """Return the types of user fields that applications registered: code and title."""
    rows = [row for row in portal.state.placements.values() if row.placement == FIELD_TYPE]
    return {field_type_code(row.app_id, row.options["USER_TYPE_ID"]): row.title for row in rows}


def field_type_code(app_id: int, name: str) -> str:
    """Return the code of an application's type of user fields, as fields are created with it."""
    return f"rest_{app_id}_{name}"
