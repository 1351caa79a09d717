"""The layout of an item's card, personal or common (universal/item-details-configuration/*.md)."""

from __future__ import annotations

from b24flow.sandbox.model import crm
from b24flow.sandbox.model.crm_kinds import DEAL, LEAD, find_kind
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, as_map

_DOC = "api-reference/crm/universal/item-details-configuration/crm-item-details-configuration-"
_WHERE = "entityTypeId userId scope extras"
_NO_EFFECT = "карточка портала раскладку не применяет"


def _part(call: Call) -> str:
    """Return which of the entity's cards is meant: the type and its pipeline or sort of leads."""
    if call.text("entityTypeId") == "":
        raise RestError("", "Parameter 'entityTypeId' is not defined")
    number = call.number("entityTypeId")
    if find_kind(call.portal, number) is None:
        text = f"The entity type '{call.text('entityTypeId')}' is not supported in current context."
        raise RestError("", text)
    extras = call.optional_map("extras")
    if number == LEAD:
        return f"{number}:{as_int(extras.get('leadCustomerType'), 1)}"
    name = "dealCategoryId" if number == DEAL else "categoryId"
    default = crm.default_category(call.portal, number).id
    return f"{number}:{as_int(extras.get(name), default)}"


def _place(call: Call) -> str:
    """Return the key of a layout; other people's are for administrators."""
    part = _part(call)
    if _is_common(call):
        return f"{part}:C:all"
    user_id = call.number("userId") or call.user.id
    if user_id != call.user.id:
        _require_admin(call)
    return f"{part}:P:{user_id}"


def _is_common(call: Call) -> bool:
    return call.text("scope").upper() == "C"


def _require_admin(call: Call) -> None:
    if not call.user.admin:
        raise RestError("", "Access denied.")


@method("crm.item.details.configuration.get", scope="crm", doc=_DOC + "get.md", params=_WHERE,
        partial=_NO_EFFECT)  # fmt: skip
def layout_get(call: Call) -> Json:
    """Return the layout of the card, null when it was never set."""
    return call.state.card_layouts.get(_place(call))


@method("crm.item.details.configuration.set", scope="crm", doc=_DOC + "set.md",
        params=_WHERE + " data", partial=_NO_EFFECT)  # fmt: skip
def layout_set(call: Call) -> Json:
    """Replace the layout of the card; the common one may be set by an administrator only."""
    place = _place(call)
    if _is_common(call):
        _require_admin(call)
    data = call.params.get("data")
    if not isinstance(data, list | dict):
        raise RestError("", "Parameter 'data' must be array.")
    if isinstance(data, dict):
        raise RestError("", "The data must be indexed array.")
    if not data:
        raise RestError("", "There are no data to write.")
    call.state.card_layouts[place] = [_section(index, as_map(one)) for index, one in enumerate(data)]
    return True


def _section(index: int, given: Params) -> Params:
    if given.get("type") != "section":
        text = f"have type `{given.get('type')}`. The expected type is 'section'."
        raise RestError("", f"Section at index {index} {text}")
    for name in ("name", "title"):
        if not given.get(name):
            raise RestError("", f"Section at index {index} does not have {name}.")
    elements = [
        _element(index, place, as_map(one)) for place, one in enumerate(as_list(given.get("elements")))
    ]
    return {"name": str(given["name"]), "title": str(given["title"]), "type": "section",
            "elements": elements}  # fmt: skip


def _element(section: int, index: int, given: Params) -> Params:
    if not given.get("name"):
        raise RestError("", f"Element at index {index} in section at index {section} does not have name.")
    shown: Params = {"name": str(given["name"]), "optionFlags": str(as_int(given.get("optionFlags")))}
    if as_map(given.get("options")):
        shown["options"] = as_map(given["options"])
    return shown


@method("crm.item.details.configuration.reset", scope="crm", doc=_DOC + "reset.md", params=_WHERE,
        partial=_NO_EFFECT)  # fmt: skip
def layout_reset(call: Call) -> Json:
    """Forget a layout; the common one may be forgotten by an administrator only."""
    place = _place(call)
    if _is_common(call):
        _require_admin(call)
    call.state.card_layouts.pop(place, None)
    return True


@method("crm.item.details.configuration.forceCommonScopeForAll", scope="crm",
        doc=_DOC + "forceCommonScopeForAll.md", params="entityTypeId extras",
        partial=_NO_EFFECT)  # fmt: skip
def layout_force(call: Call) -> Json:
    """Forget everybody's personal layout, so the common one counts."""
    part = _part(call)
    _require_admin(call)
    layouts = call.state.card_layouts
    for place in [one for one in layouts if one.startswith(f"{part}:P:")]:
        del layouts[place]
    return True
