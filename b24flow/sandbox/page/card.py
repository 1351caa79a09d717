"""The card of an item: stages, fields, timeline, tasks, history and the places of applications."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from b24flow.sandbox.model import crm, crm_rights, tasks
from b24flow.sandbox.model.crm_kinds import Kind, enabled, has_categories, has_stages, owner_code, type_code
from b24flow.sandbox.model.crm_specs import FieldSpec, specs_of
from b24flow.sandbox.model.crm_timeline import records_of
from b24flow.sandbox.model.entities import Employee, Item, Status
from b24flow.sandbox.model.placements import title_of
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page import crm_words as words
from b24flow.sandbox.page.activities import activities_of
from b24flow.sandbox.page.menu import bindings
from b24flow.sandbox.page.registry import kind_of
from b24flow.sandbox.page.session import RefusedError, render
from b24flow.sandbox.wire import RestError, as_int

# Fields that everybody fills; the other system fields are shown when there is something in them.
_USUAL = (
    "title", "name", "lastName", "secondName", "post", "assignedById", "opportunity", "companyId",
    "contactIds", "begindate", "closedate", "sourceId", "comments", "observers", "xmlId",
)  # fmt: skip
_ALWAYS = frozenset({"title", "name", "lastName", "assignedById", "companyId", "begindate", "closedate"})
_CHOICES = 300  # of companies and the like in a list to choose from; more are typed by number
_WORDS = "string text url integer double money date datetime boolean enumeration user employee file"
_EDITED = frozenset([*_WORDS.split(), "crm_status", "crm_company", "crm_contact", "crm_deal", "crm_lead"])


def card(portal: Portal, request: Request, me: Employee) -> Response:
    """Show an item, or the form of a new one for number 0."""
    kind = kind_of(portal, request)
    number = int(request.path_params["item"])
    if not number:
        return _new(portal, request, me, kind)
    try:
        item = crm.require_item(portal, kind.entity_type_id, number)
    except RestError as error:
        raise RefusedError("Такого элемента нет: возможно, его удалили", 404) from error
    if not crm_rights.may(portal, me, "read", kind.entity_type_id, item):
        raise RefusedError("Ваша роль в CRM не позволяет видеть этот элемент")
    records = records_of(portal, owner_code(kind), item.id)
    code = words.code_of(item)
    return render(
        portal,
        request,
        "card.html",
        kind=kind,
        item=item,
        heading=words.name_of_kind(kind),
        title=words.title_of(item),
        list_address=words.list_address(kind),
        fields=_fields(portal, kind, item),
        has_channels="fm" in specs_of(portal, kind),
        channels=item.values.get("fm") or [],
        channel_names=words.CHANNELS,
        stages=_stages(portal, kind, item),
        stage_at=_stage_at(portal, kind, item),
        categories=crm.categories_of(portal, kind.entity_type_id) if has_categories(kind) else [],
        timeline=sorted(
            [row for row in records if row.kind != "change"],
            key=lambda row: (row.created, row.id),
            reverse=True,
        ),
        history=[row for row in records if row.kind == "change"][::-1],
        activities=activities_of(portal, item),
        files=portal.state.files,
        tasks=[t for t in portal.state.tasks.values() if code in t.crm and not t.deleted],
        code=code,
        statuses=tasks.STATUS_NAMES,
        may_edit=crm_rights.may(portal, me, "edit", kind.entity_type_id, item),
        may_delete=crm_rights.may(portal, me, "delete", kind.entity_type_id, item),
        tab=request.query_params.get("tab", "main"),
        **_places(portal, me, kind),
    )


def _places(portal: Portal, me: Employee, kind: Kind) -> dict[str, Any]:
    code = f"CRM_{type_code(kind)}"
    return {
        "app_tabs": bindings(portal, me, f"{code}_DETAIL_TAB"),
        "app_buttons": bindings(portal, me, f"{code}_DETAIL_TOOLBAR", f"{code}_DOCUMENTGENERATOR_BUTTON"),
        "app_activities": bindings(portal, me, f"{code}_DETAIL_ACTIVITY"),
        "app_menu": bindings(portal, me, f"{code}_ACTIVITY_TIMELINE_MENU"),
        "place_title": lambda row: title_of(portal, row),
        # the key of the item's number differs by place and by entity
        "toolbar_key": "ENTITY_ID" if type_code(kind).startswith("DYNAMIC_") else "ID",
    }


def _stages(portal: Portal, kind: Kind, item: Item) -> list[Status]:
    if not has_stages(kind):
        return []
    return crm.stages_of(portal, kind.entity_type_id, as_int(item.values.get("categoryId")))


def _stage_at(portal: Portal, kind: Kind, item: Item) -> int:
    names = [row.status_id for row in _stages(portal, kind, item)]
    current = item.values.get("stageId")
    return names.index(current) if current in names else -1


def _shown_specs(portal: Portal, kind: Kind) -> list[FieldSpec]:
    specs = specs_of(portal, kind)
    usual = [specs[name] for name in _USUAL if name in specs]
    added = [spec for spec in specs.values() if spec.dynamic or spec.parent]
    rows = [*usual, *(spec for spec in added if spec not in usual)]
    return [spec for spec in rows if enabled(kind, spec.feature) and not spec.disabled]


def _fields(portal: Portal, kind: Kind, item: Item) -> list[dict[str, Any]]:
    shown = []
    for spec in _shown_specs(portal, kind):
        value = item.values.get(spec.key)
        if spec.dynamic or spec.key in _ALWAYS or value not in (None, "", [], 0.0):
            shown.append(_field(portal, spec, value))
    return shown


def _field(portal: Portal, spec: FieldSpec, value: Any) -> dict[str, Any]:
    held = value if isinstance(value, list) else [value]
    return {
        "spec": spec,
        "value": value,
        "values": [one for one in held if one not in (None, "")],
        "shown": words.show_field(portal, spec, value),
        "files": [
            portal.state.files[one] for one in held if spec.kind == "file" and one in portal.state.files
        ],
        "links": [(words.address_of(one), words.title_of(one)) for one in words.linked(portal, spec, value)],
        "choices": _choices(portal, spec),
        "editable": not spec.read_only and spec.kind in _EDITED,
    }


def _choices(portal: Portal, spec: FieldSpec) -> list[tuple[Any, str]]:
    if spec.kind == "enumeration":
        return list(spec.enum.items())
    if spec.kind in ("user", "employee"):
        people = [u for u in portal.state.users.values() if u.active and not (u.is_bot or u.system)]
        return [(u.id, f"{u.last_name} {u.name}") for u in sorted(people, key=lambda u: u.last_name)]
    if spec.kind == "crm_status":
        rows = [row for row in portal.state.statuses.values() if row.entity_id == spec.status]
        return [(row.status_id, row.name) for row in sorted(rows, key=lambda row: row.sort)]
    target = words.target_of(spec)
    items = list(portal.state.items.get(target, {}).values())[::-1] if target else []
    return [(item.id, words.title_of(item)) for item in items[:_CHOICES]]


def _new(portal: Portal, request: Request, me: Employee, kind: Kind) -> Response:
    if not crm_rights.may(portal, me, "add", kind.entity_type_id):
        raise RefusedError("Ваша роль в CRM не позволяет добавлять элементы")
    known = {"assignedById": me.id}
    specs = [spec for spec in _shown_specs(portal, kind) if not spec.read_only]
    fields = [_field(portal, spec, known.get(spec.key)) for spec in specs]
    return render(
        portal,
        request,
        "card_new.html",
        kind=kind,
        heading=words.name_of_kind(kind),
        list_address=words.list_address(kind),
        fields=[row for row in fields if row["editable"] and row["spec"].key != "xmlId"],
    )


def list_of_section(portal: Portal, request: Request, me: Employee) -> Response:
    """Lead from a section's beginning to its list."""
    return RedirectResponse(words.list_address(kind_of(portal, request)), status_code=302)
