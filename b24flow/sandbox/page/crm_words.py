"""Items of the CRM in words: their addresses on the portal, their names, the values of their fields."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from b24flow.sandbox.model.crm_kinds import COMPANY, CONTACT, DEAL, LEAD, SYSTEM_KINDS, Kind, find_kind
from b24flow.sandbox.model.crm_specs import FieldSpec
from b24flow.sandbox.model.entities import Item
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.session import show_day, show_moment

SECTIONS = {COMPANY: "company", CONTACT: "contact", DEAL: "deal", LEAD: "lead"}
PLURALS = {COMPANY: "Компании", CONTACT: "Контакты", DEAL: "Сделки", LEAD: "Лиды"}
_LINKS = {"crm_company": COMPANY, "crm_contact": CONTACT, "crm_deal": DEAL, "crm_lead": LEAD}


def section_of(entity_type_id: int) -> str:
    """Return the beginning of the addresses of an entity."""
    named = SECTIONS.get(entity_type_id)
    return f"/crm/{named}/" if named else f"/crm/type/{entity_type_id}/"


def list_address(kind: Kind) -> str:
    """Return the address of an entity's registry."""
    return f"{section_of(kind.entity_type_id)}list/"


def address_of(item: Item) -> str:
    """Return the address of an item's card."""
    return f"{section_of(item.entity_type_id)}details/{item.id}/"


def title_of(item: Item) -> str:
    """Return an item's name: its title, or a contact's own name."""
    values = item.values
    named = " ".join(str(values.get(key) or "") for key in ("name", "secondName", "lastName")).strip()
    return str(values.get("title") or " ".join(named.split()) or f"№ {item.id}")


def name_of_kind(kind: Kind) -> str:
    """Return the heading of an entity's registry."""
    return PLURALS.get(kind.entity_type_id, kind.title)


CHANNELS = {"PHONE": "Телефон", "EMAIL": "E-mail", "WEB": "Сайт", "IM": "Мессенджер", "LINK": "Ссылка"}


def value_of(spec: FieldSpec, item: Item) -> Any:
    """Return what an item holds in a field; phones and e-mails are kept together as one field."""
    if not spec.computed:
        return item.values.get(spec.key)
    kind = {"phone": "PHONE", "email": "EMAIL"}.get(spec.key)
    return [row["value"] for row in item.values.get("fm") or [] if row["typeId"] == kind]


def target_of(spec: FieldSpec) -> int:
    """Return the entity type a field leads to, 0 for a field that leads nowhere."""
    return spec.parent or _LINKS.get(spec.kind, 0)


def linked(portal: Portal, spec: FieldSpec, value: Any) -> list[Item]:
    """Return the items a field leads to."""
    target = target_of(spec)
    if not target:
        return []
    rows = portal.state.items.get(target, {})
    return [rows[one] for one in (value if isinstance(value, list) else [value]) if one in rows]


def show_field(portal: Portal, spec: FieldSpec, value: Any) -> str:
    """Write a field's value for people."""
    if isinstance(value, list):
        return ", ".join(show_field(portal, spec, one) for one in value) or "—"
    if value is None or value == "":
        return "—"
    if isinstance(value, dict):  # a phone or an address of a contact
        return str(value.get("value", "—"))
    if spec.kind in ("user", "employee"):
        return portal.person_name(value)
    if spec.kind == "enumeration":
        return spec.enum.get(value, str(value))
    if spec.kind == "boolean":
        return "да" if value else "нет"
    if spec.kind == "file":
        file = portal.state.files.get(value)
        return file.name if file else "—"
    return _plain(portal, spec, value)


def _plain(portal: Portal, spec: FieldSpec, value: Any) -> str:
    if isinstance(value, datetime):
        return show_moment(value)
    if isinstance(value, date):
        return show_day(value)
    found = linked(portal, spec, value)
    if found:
        return title_of(found[0])
    if spec.kind == "crm_category":
        row = portal.state.categories.get(value)
        return row.name if row else str(value)
    if spec.kind == "crm_status":
        names = {r.status_id: r.name for r in portal.state.statuses.values() if r.entity_id == spec.status}
        return names.get(value, str(value))
    if isinstance(value, float):
        return f"{value:,.2f}".replace(",", " ").replace(".", ",")
    return str(value)


def by_code(portal: Portal, code: str) -> Item | None:
    """Return the item behind a binding of a task: `T416_5`, `CO_3`."""
    head, _, number = code.partition("_")
    kinds = {kind.short: kind.entity_type_id for kind in SYSTEM_KINDS.values()}
    entity = kinds.get(head)
    if entity is None and head[:1] == "T":
        try:
            entity = int(head[1:], 16)
        except ValueError:
            return None
    return portal.state.items.get(entity or 0, {}).get(int(number)) if number.isdigit() else None


def code_of(item: Item) -> str:
    """Return the code by which tasks are bound to an item."""
    kind = SYSTEM_KINDS.get(item.entity_type_id)
    return f"{kind.short if kind else f'T{item.entity_type_id:x}'}_{item.id}"


def kind_title(portal: Portal, entity_type_id: int) -> str:
    """Return the name of one item's kind."""
    kind = find_kind(portal, entity_type_id)
    return kind.title if kind else "Элемент"
