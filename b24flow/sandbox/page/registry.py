"""Registries of the CRM: smart processes, companies, contacts, deals, leads as a list and as a kanban."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from b24flow.sandbox.model import crm, crm_rights
from b24flow.sandbox.model.crm_kinds import Kind, find_kind, has_categories, has_stages
from b24flow.sandbox.model.crm_specs import FieldSpec, specs_of
from b24flow.sandbox.model.entities import Category, Employee, Item, Status
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.crm_words import SECTIONS, name_of_kind, section_of, show_field, title_of, value_of
from b24flow.sandbox.page.menu import bindings
from b24flow.sandbox.page.session import RefusedError, render
from b24flow.sandbox.wire import as_int

PAGE = 50
IN_COLUMN = 60
_SORTS = {"id": "id", "title": "title", "changed": "updatedTime", "created": "createdTime"}


def kind_of(portal: Portal, request: Request) -> Kind:
    """Return what an address is about: a smart process by its number, or an entity by its name."""
    section = request.url.path.split("/")[2]
    numbers = {name: number for number, name in SECTIONS.items()}
    number = numbers[section] if section in numbers else int(request.path_params["etid"])
    kind = find_kind(portal, number)
    if kind is None:
        raise RefusedError("Такого раздела CRM нет: возможно, смарт-процесс удалили", 404)
    return kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What of a registry is asked for."""

    category: Category | None
    stage: str
    person: int
    words: str
    sort: str
    up: bool

    def query(self, **changed: Any) -> str:
        """Return the query string of this choice, with something changed."""
        values = {
            "category": self.category.id if self.category else "",
            "stage": self.stage,
            "person": self.person or "",
            "q": self.words,
            "sort": self.sort,
            "order": "up" if self.up else "",
        } | changed
        return urlencode({name: value for name, value in values.items() if value not in ("", None)})


def _choice(portal: Portal, request: Request, kind: Kind) -> Choice:
    asked = request.query_params
    sort = asked.get("sort", "id")
    return Choice(
        category=_category(portal, asked.get("category", ""), kind),
        stage=asked.get("stage", ""),
        person=as_int(asked.get("person")),
        words=asked.get("q", "").strip(),
        sort=sort if sort in _SORTS else "id",
        up=asked.get("order") == "up",
    )


def _category(portal: Portal, wanted: str, kind: Kind) -> Category | None:
    rows = crm.categories_of(portal, kind.entity_type_id) if has_categories(kind) else []
    named = next((row for row in rows if str(row.id) == wanted), None)
    return named or next((row for row in rows if row.is_default), rows[0] if rows else None)


def visible(portal: Portal, me: Employee, kind: Kind) -> Iterable[Item]:
    """Return the items an employee may read, the newest first."""
    rows = reversed(crm.items_of(portal, kind.entity_type_id).values())
    if crm_rights.sees_all(portal, me, kind.entity_type_id):
        return rows
    return (row for row in rows if crm_rights.may(portal, me, "read", kind.entity_type_id, row))


def _fits(portal: Portal, kind: Kind, choice: Choice) -> Callable[[Item], bool]:
    columns = _columns(portal, kind)
    words = choice.words.lower()

    def fits(item: Item) -> bool:
        values = item.values
        if choice.category and values.get("categoryId") != choice.category.id:
            return False
        if choice.stage and values.get("stageId") != choice.stage:
            return False
        if choice.person and values.get("assignedById") != choice.person:
            return False
        return not words or words in _text(portal, item, columns)

    return fits


def _text(portal: Portal, item: Item, columns: list[FieldSpec]) -> str:
    texts = [str(item.id), title_of(item)]
    texts += [show_field(portal, spec, value_of(spec, item)) for spec in columns]
    return " ".join(texts).lower()


def _columns(portal: Portal, kind: Kind) -> list[FieldSpec]:
    specs = specs_of(portal, kind)
    own = [specs[name] for name in ("phone", "email") if name in specs]
    added = [spec for spec in specs.values() if spec.dynamic and spec.kind not in ("file", "url")]
    return [*own, *added][:7]


def _stages(portal: Portal, kind: Kind, category: Category | None) -> list[Status]:
    return (
        crm.stages_of(portal, kind.entity_type_id, category.id if category else 0) if has_stages(kind) else []
    )


def as_list(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the registry as a table, fifty rows a page: filtered, searched, sorted."""
    kind = kind_of(portal, request)
    choice = _choice(portal, request, kind)
    rows = list(filter(_fits(portal, kind, choice), visible(portal, me, kind)))
    if choice.sort != "id" or choice.up:
        key = _SORTS[choice.sort]
        rows.sort(key=lambda row: row.values.get(key) or row.id, reverse=not choice.up)
    first = min(max(as_int(request.query_params.get("start")), 0), len(rows))
    columns = _columns(portal, kind)
    shown = [
        (row, [show_field(portal, spec, value_of(spec, row)) for spec in columns])
        for row in rows[first : first + PAGE]
    ]
    values = _shared(portal, me, kind, choice)
    return render(portal, request, "registry.html", columns=columns, rows=shown, total=len(rows),
                  start=first, size=PAGE, **values)  # fmt: skip


def _shared(portal: Portal, me: Employee, kind: Kind, choice: Choice) -> dict[str, Any]:
    number = kind.entity_type_id
    code = f"CRM_DYNAMIC_{number}" if number not in SECTIONS else f"CRM_{SECTIONS[number].upper()}"
    stages = _stages(portal, kind, choice.category)
    return {
        "kind": kind,
        "heading": name_of_kind(kind),
        "section": section_of(number),
        "choice": choice,
        "categories": crm.categories_of(portal, number) if has_categories(kind) else [],
        "stages": stages,
        "stage_of": {row.status_id: row for row in stages},
        "may_add": crm_rights.may(portal, me, "add", number),
        "title_of_item": title_of,
        "toolbar": bindings(portal, me, f"{code}_LIST_TOOLBAR"),
        "row_menu": bindings(portal, me, f"{code}_LIST_MENU"),
    }


def as_kanban(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the registry by stages."""
    kind = kind_of(portal, request)
    choice = _choice(portal, request, kind)
    stages = _stages(portal, kind, choice.category)
    if not stages:
        return RedirectResponse(f"{section_of(kind.entity_type_id)}list/", status_code=302)
    held: dict[str, list[Item]] = {stage.status_id: [] for stage in stages}
    for item in filter(_fits(portal, kind, choice), visible(portal, me, kind)):
        held.get(str(item.values.get("stageId")), []).append(item)
    columns = [(stage, held[stage.status_id][:IN_COLUMN], len(held[stage.status_id])) for stage in stages]
    may_edit = crm_rights.may(portal, me, "edit", kind.entity_type_id)
    return render(portal, request, "kanban.html", board=columns, may_edit=may_edit,
                  **_shared(portal, me, kind, choice))  # fmt: skip
