"""Pages of smart processes: the registry as a list and as a kanban, and the card of an item."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from b24flow.sandbox.model import crm, tasks
from b24flow.sandbox.model.crm_fields import FieldSpec, specs_of
from b24flow.sandbox.model.entities import Category, Employee, Item, SpaType
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.session import RefusedError, render, show_moment
from b24flow.sandbox.wire import RestError, as_int

PAGE = 50
_CARD_FIELDS = ("assignedById", "observers", "begindate", "closedate", "xmlId")


def _spa(portal: Portal, request: Request) -> SpaType:
    spa = crm.type_by_entity(portal, int(request.path_params["etid"]))
    if spa is None:
        raise RefusedError("Такого смарт-процесса нет", 404)
    return spa


def _category(portal: Portal, request: Request, spa: SpaType) -> Category:
    wanted = as_int(request.query_params.get("category"))
    found = portal.state.categories.get(wanted)
    if found is not None and found.entity_type_id == spa.entity_type_id:
        return found
    return crm.default_category(portal, spa.entity_type_id)


def show_field(portal: Portal, spec: FieldSpec, value: Any) -> str:
    """Write a field's value for people."""
    if isinstance(value, list):
        return ", ".join(show_field(portal, spec, one) for one in value) or "—"
    if value is None or value == "":
        return "—"
    if spec.kind in ("user", "employee"):
        return portal.person_name(value)
    if spec.kind == "enumeration":
        return spec.enum.get(value, str(value))
    if spec.kind == "boolean":
        return "да" if value else "нет"
    if isinstance(value, datetime):
        return show_moment(value)
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if spec.kind == "file":
        file = portal.state.files.get(value)
        return file.name if file else "—"
    return str(value)


def _columns(portal: Portal, spa: SpaType) -> list[FieldSpec]:
    specs = [spec for spec in specs_of(portal, spa).values() if spec.dynamic]
    return [spec for spec in specs if spec.kind != "file"][:7]


def _items(portal: Portal, spa: SpaType, category: Category) -> list[Item]:
    rows = crm.items_of(portal, spa.entity_type_id).values()
    return [item for item in rows if item.values["categoryId"] == category.id][::-1]


def as_list(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the registry as a table, fifty rows a page, with a search by title and number."""
    spa = _spa(portal, request)
    category = _category(portal, request, spa)
    words = request.query_params.get("q", "").strip()
    columns = _columns(portal, spa)
    rows = [row for row in _items(portal, spa, category) if _found(portal, row, columns, words)]
    first = max(as_int(request.query_params.get("start")), 0)
    shown = [
        (item, [show_field(portal, spec, item.values.get(spec.key)) for spec in columns])
        for item in rows[first : first + PAGE]
    ]
    return render(
        portal,
        request,
        "registry.html",
        spa=spa,
        category=category,
        categories=crm.categories_of(portal, spa.entity_type_id),
        stages={row.status_id: row for row in portal.state.statuses.values()},
        columns=columns,
        rows=shown,
        total=len(rows),
        start=first,
        size=PAGE,
        words=words,
    )


def _found(portal: Portal, item: Item, columns: list[FieldSpec], words: str) -> bool:
    texts = [str(item.values.get("title"))]
    texts += [show_field(portal, spec, item.values.get(spec.key)) for spec in columns]
    return words.lower() in " ".join(texts).lower()


def as_kanban(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the registry by stages."""
    spa = _spa(portal, request)
    category = _category(portal, request, spa)
    stages = crm.stages_of(portal, spa.entity_type_id, category.id)
    items = _items(portal, spa, category)
    columns = [
        (stage, [item for item in items if item.values.get("stageId") == stage.status_id]) for stage in stages
    ]
    return render(
        portal,
        request,
        "kanban.html",
        spa=spa,
        category=category,
        categories=crm.categories_of(portal, spa.entity_type_id),
        columns=columns,
    )


def card(portal: Portal, request: Request, me: Employee) -> Response:
    """Show an item: stages, fields, tasks bound to it and its timeline."""
    spa = _spa(portal, request)
    try:
        item = crm.require_item(portal, spa.entity_type_id, int(request.path_params["item"]))
    except RestError as error:
        raise RefusedError(error.text, 404) from error
    specs = specs_of(portal, spa)
    wanted = [s for s in specs.values() if s.dynamic or s.key in _CARD_FIELDS]
    fields = [
        {
            "spec": spec,
            "value": item.values.get(spec.key),
            "shown": show_field(portal, spec, item.values.get(spec.key)),
            "files": _files(portal, spec, item),
        }
        for spec in wanted
        if (not spec.feature or spa.flags[spec.feature])
        and (spec.dynamic or item.values.get(spec.key) not in (None, "", []))
    ]
    owner = (f"dynamic_{spa.entity_type_id}", item.id)
    timeline = [r for r in portal.state.timeline.values() if (r.entity_type, r.entity_id) == owner]
    code = f"T{spa.entity_type_id:x}_{item.id}"
    return render(
        portal,
        request,
        "card.html",
        spa=spa,
        item=item,
        fields=fields,
        stages=crm.stages_of(portal, spa.entity_type_id, item.values["categoryId"]),
        timeline=timeline[::-1],
        files=portal.state.files,
        tasks=[t for t in portal.state.tasks.values() if code in t.crm and not t.deleted],
        statuses=tasks.STATUS_NAMES,
        may_edit=may_change(portal, me, "edit"),
        may_delete=may_change(portal, me, "delete"),
    )


def _files(portal: Portal, spec: FieldSpec, item: Item) -> list[Any]:
    if spec.kind != "file":
        return []
    value = item.values.get(spec.key)
    numbers = value if isinstance(value, list) else [value]
    return [portal.state.files[one] for one in numbers if one in portal.state.files]


def may_change(portal: Portal, user: Employee, right: str) -> bool:
    """Say whether an employee may edit or delete items by his CRM role."""
    allowed = portal.state.crm_rights.get(right, "all")
    return user.admin or allowed == "all" or user.id in allowed
