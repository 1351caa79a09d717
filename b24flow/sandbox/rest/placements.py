"""Handlers of places in the portal's pages, and types of user fields shown by an application.

Facts: api-reference/widgets/placement-*.md, user-field/*.md. The pages give status 200 to some
refusals of `placement.bind`; a box answers 400.
"""

from __future__ import annotations

import re
from typing import Any

from b24flow.sandbox.model import placements
from b24flow.sandbox.model.entities import App, PlacementBinding
from b24flow.sandbox.model.placements import FIELD_TYPE, GLOBAL
from b24flow.sandbox.model.urls import check_handler, no_argument
from b24flow.sandbox.registry import Call, method, paginate
from b24flow.sandbox.wire import Json, RestError, as_int, as_map, is_yes

_DOC = "api-reference/widgets/"
_SHOWN = (
    "на страницах портала видны места CRM, задач, мессенджера, профиля и левого меню; остальные, в том числе "
    "фоновый обработчик, только регистрируются"
)
_LANG = ("TITLE", "DESCRIPTION", "GROUP_NAME")


def _app(call: Call) -> App:
    assert call.caller.app is not None  # the methods are refused to webhooks
    return call.caller.app


def _require_admin(call: Call) -> None:
    if not call.user.admin:
        raise RestError("ACCESS_DENIED", "Access denied!", 403)


def _text(call: Call, name: str) -> str:
    value = call.params.get(name)
    if isinstance(value, dict | list):
        text = f"The value of an argument '{name}' must be of type string"
        raise RestError("ERROR_ARGUMENT", text, argument=name)
    if value in (None, ""):
        raise no_argument(name)
    return str(value)


def _place(call: Call) -> str:
    code = _text(call, "PLACEMENT").upper()
    if code not in placements.places_of(call.portal, (GLOBAL, *call.caller.scopes)):
        raise RestError("ERROR_PLACEMENT_NOT_FOUND", "Placement not found")
    return code


@method("placement.bind", scope="placement", doc=_DOC + "placement-bind.md", upper=True, app_only=True,
        partial=_SHOWN,
        params="PLACEMENT HANDLER TITLE DESCRIPTION GROUP_NAME LANG_ALL OPTIONS USER_ID")  # fmt: skip
def placement_bind(call: Call) -> Json:
    """Register a handler of a place that exists and whose scope the application has."""
    _require_admin(call)
    row = PlacementBinding(
        id=0,
        app_id=_app(call).id,
        placement=_place(call),
        handler=_text(call, "HANDLER"),
        user_id=call.number("USER_ID"),
        title=call.text("TITLE"),
        description=call.text("DESCRIPTION"),
        group_name=call.text("GROUP_NAME"),
        langs=_langs(call),
        options=call.optional_map("OPTIONS"),
    )
    placements.bind(call.portal, row)
    return True


def _langs(call: Call) -> dict[str, Any]:
    given = {str(lang).lower(): as_map(texts) for lang, texts in call.optional_map("LANG_ALL").items()}
    return {lang: {name: str(texts.get(name) or "") for name in _LANG} for lang, texts in given.items()}


@method("placement.get", scope="placement", doc=_DOC + "placement-get.md", app_only=True)
def placement_get(call: Call) -> Json:
    """List what the application registered."""
    _require_admin(call)
    rows = call.state.placements.values()
    return [
        {
            "placement": row.placement,
            "userId": row.user_id,
            "handler": row.handler,
            "options": row.options,
            "title": row.title,
            "description": row.description,
            "langAll": row.langs,
        }
        for row in rows
        if row.app_id == _app(call).id and row.placement != FIELD_TYPE
    ]


@method("placement.list", scope="placement", doc=_DOC + "placement-list.md", upper=True, app_only=True,
        params="SCOPE FULL")  # fmt: skip
def placement_list(call: Call) -> Json:
    """List the places of a scope, of every scope (`FULL`), or of the application's scopes."""
    if call.text("SCOPE"):
        return placements.places_of(call.portal, (call.text("SCOPE"),))
    if is_yes(call.params.get("FULL")):
        return placements.places_of(call.portal, placements.scopes())
    own = [one for one in call.caller.scopes if one != GLOBAL]
    return placements.places_of(call.portal, (*own, GLOBAL))


@method("placement.unbind", scope="placement", doc=_DOC + "placement-unbind.md", upper=True, app_only=True,
        params="PLACEMENT HANDLER USER_ID")  # fmt: skip
def placement_unbind(call: Call) -> Json:
    """Remove handlers of a place; every one counts twice, as the page says it does."""
    _require_admin(call)
    code, handler = _text(call, "PLACEMENT").upper(), call.text("HANDLER")
    found = [
        row
        for row in call.state.placements.values()
        if row.app_id == _app(call).id
        and row.placement == code
        and handler in ("", row.handler)
        and ("USER_ID" not in call.params or row.user_id == call.number("USER_ID"))
    ]
    for row in found:
        del call.state.placements[row.id]
    return {"count": 2 * len(found)}


def _field_types(call: Call) -> list[PlacementBinding]:
    rows = call.state.placements.values()
    return [row for row in rows if row.placement == FIELD_TYPE and row.app_id == _app(call).id]


def _field_type(call: Call) -> PlacementBinding:
    code = _text(call, "USER_TYPE_ID")
    for row in _field_types(call):
        if row.options["USER_TYPE_ID"] == code:
            return row
    raise RestError("ERROR_NOT_FOUND", "User Field Type not found")


def _check_free(call: Call, code: str, handler: str, but: int = 0) -> None:
    check_handler(handler)
    for row in _field_types(call):
        if row.id != but and (row.handler == handler or row.options["USER_TYPE_ID"] == code):
            raise RestError("ERROR_CORE", "Unable to set placement handler: Handler already binded")


@method("userfieldtype.add", scope="placement", doc=_DOC + "user-field/userfieldtype-add.md", upper=True,
        app_only=True, params="USER_TYPE_ID HANDLER TITLE DESCRIPTION OPTIONS",
        partial="значение поля вводится на портале как строка, без окна приложения")  # fmt: skip
def field_type_add(call: Call) -> Json:
    """Register a type of user fields whose value the application shows in a frame."""
    _require_admin(call)
    code, handler = _text(call, "USER_TYPE_ID"), _text(call, "HANDLER")
    full = placements.field_type_code(_app(call).id, code)
    if not re.fullmatch(r"[a-z0-9_]+", code) or len(full) > 50:
        raise RestError("ERROR_ARGUMENT", "Invalid value of USER_TYPE_ID", argument="USER_TYPE_ID")
    _check_free(call, code, handler)
    row = PlacementBinding(id=0, app_id=_app(call).id, placement=FIELD_TYPE, handler=handler)
    row.title, row.description = call.text("TITLE"), call.text("DESCRIPTION")
    row.options = {"USER_TYPE_ID": code, "height": _height(call)}
    row.id = call.state.next_id("placement")
    call.state.placements[row.id] = row
    return True


def _height(call: Call) -> int:
    return max(as_int(call.optional_map("OPTIONS").get("height")), 0)


@method("userfieldtype.update", scope="placement", doc=_DOC + "user-field/userfieldtype-update.md",
        upper=True, app_only=True, params="USER_TYPE_ID HANDLER TITLE DESCRIPTION OPTIONS")  # fmt: skip
def field_type_update(call: Call) -> Json:
    """Change a registered type; the address and the title are given anew every time."""
    _require_admin(call)
    row, handler, title = _field_type(call), _text(call, "HANDLER"), _text(call, "TITLE")
    _check_free(call, "", handler, row.id)
    row.handler, row.title = handler, title
    row.description = call.text("DESCRIPTION") if "DESCRIPTION" in call.params else row.description
    if "OPTIONS" in call.params:
        row.options["height"] = _height(call)
    return True


@method("userfieldtype.list", scope="placement", doc=_DOC + "user-field/userfieldtype-list.md",
        app_only=True)  # fmt: skip
def field_type_list(call: Call) -> Json:
    """List the application's types, the newest first."""
    _require_admin(call)
    shown = [
        {
            "USER_TYPE_ID": row.options["USER_TYPE_ID"],
            "HANDLER": row.handler,
            "TITLE": row.title,
            "DESCRIPTION": row.description,
        }
        for row in reversed(_field_types(call))
    ]
    return paginate(call, shown)


@method("userfieldtype.delete", scope="placement", doc=_DOC + "user-field/userfieldtype-delete.md",
        upper=True, app_only=True, params="USER_TYPE_ID")  # fmt: skip
def field_type_delete(call: Call) -> Json:
    """Remove a type."""
    _require_admin(call)
    del call.state.placements[_field_type(call).id]
    return True
