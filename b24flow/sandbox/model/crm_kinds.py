"""What an entityTypeId means: a smart process or one of the CRM's own entities.

Facts: api-reference/crm/data-types.md (object types), the events pages of each entity.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from b24flow.sandbox.model.entities import SpaType
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import RestError

LEAD, DEAL, CONTACT, COMPANY = 1, 2, 3, 4
_ELSEWHERE = {
    5: "INVOICE",
    7: "QUOTE",
    8: "REQUISITE",
    14: "ORDER",
    31: "SMART_INVOICE",
    36: "SMART_DOCUMENT",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemKind:
    """An entity every CRM has; `code` is its symbolic name, `short` the prefix of its bindings."""

    entity_type_id: int
    title: str
    code: str
    short: str
    has_stages: bool
    has_categories: bool


Kind = SpaType | SystemKind

SYSTEM_KINDS = {
    LEAD: SystemKind(entity_type_id=LEAD, title="Лид", code="LEAD", short="L",
                     has_stages=True, has_categories=False),
    DEAL: SystemKind(entity_type_id=DEAL, title="Сделка", code="DEAL", short="D",
                     has_stages=True, has_categories=True),
    CONTACT: SystemKind(entity_type_id=CONTACT, title="Контакт", code="CONTACT", short="C",
                        has_stages=False, has_categories=True),
    COMPANY: SystemKind(entity_type_id=COMPANY, title="Компания", code="COMPANY", short="CO",
                        has_stages=False, has_categories=True),
}  # fmt: skip


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


def find_kind(portal: Portal, entity_type_id: int) -> Kind | None:
    """Return a smart process or a system entity, None for an unknown number."""
    return SYSTEM_KINDS.get(entity_type_id) or type_by_entity(portal, entity_type_id)


def require_kind(portal: Portal, entity_type_id: int) -> Kind:
    """Return a smart process or a system entity or refuse like the box."""
    if entity_type_id in _ELSEWHERE:
        raise not_supported(entity_type_id)
    return SYSTEM_KINDS.get(entity_type_id) or require_type(portal, entity_type_id)


def not_supported(entity_type_id: int) -> RestError:
    """Build the refusal of an entity the method does not work with."""
    system = SYSTEM_KINDS.get(entity_type_id)
    code = system.code if system else _ELSEWHERE.get(entity_type_id, str(entity_type_id))
    return RestError("ENTITY_TYPE_NOT_SUPPORTED", f"Тип сущности {code} не поддерживается")


def code_field(entity_type_id: int) -> str:
    """Return the name of the field other systems know an item by."""
    return "originId" if entity_type_id in SYSTEM_KINDS else "xmlId"


def type_code(kind: Kind) -> str:
    """Return the symbolic name: `DYNAMIC_1046`, `LEAD`."""
    return kind.code if isinstance(kind, SystemKind) else f"DYNAMIC_{kind.entity_type_id}"


def owner_code(kind: Kind) -> str:
    """Return the name of a timeline's owner: `dynamic_1046`, `lead`."""
    return type_code(kind).lower()


def kind_of_owner(portal: Portal, code: str) -> Kind | None:
    """Find an entity by the name of a timeline's owner."""
    dynamic = re.fullmatch(r"dynamic_(\d{1,9})", code.lower())
    if dynamic:
        return type_by_entity(portal, int(dynamic[1]))
    return next((kind for kind in SYSTEM_KINDS.values() if owner_code(kind) == code.lower()), None)


def field_entity(kind: Kind) -> str:
    """Return the name user fields know the entity by: `CRM_7` (the type's own id), `CRM_LEAD`."""
    return f"CRM_{kind.code}" if isinstance(kind, SystemKind) else f"CRM_{kind.id}"


def kind_of_fields(portal: Portal, entity_id: str) -> Kind | None:
    """Find an entity by the name user fields know it by."""
    kinds: list[Kind] = [*SYSTEM_KINDS.values(), *portal.state.types.values()]
    return next((kind for kind in kinds if field_entity(kind) == entity_id), None)


def has_stages(kind: Kind) -> bool:
    """Say whether items stand on stages."""
    return kind.has_stages if isinstance(kind, SystemKind) else kind.flags["isStagesEnabled"]


def has_categories(kind: Kind) -> bool:
    """Say whether the entity has pipelines; a smart process always has a default one."""
    return kind.has_categories if isinstance(kind, SystemKind) else True


def enabled(kind: Kind, feature: str) -> bool:
    """Say whether the settings of a smart process switch a field on."""
    return not feature or isinstance(kind, SystemKind) or kind.flags[feature]


def raise_item(portal: Portal, kind: Kind, item_id: int, what: str, user_id: int | None) -> None:
    """Raise `ADD`, `UPDATE` or `DELETE` of an item; a smart process has two names for each."""
    if isinstance(kind, SystemKind):
        raise_event(portal, f"ONCRM{kind.code}{what}", {"FIELDS": {"ID": item_id}}, user_id=user_id)
        return
    name, number = f"ONCRMDYNAMICITEM{what}", kind.entity_type_id
    data = {"FIELDS": {"ID": item_id, "ENTITY_TYPE_ID": number}}
    raise_event(portal, name, data, user_id=user_id)
    raise_event(portal, f"{name}_{number}", data, user_id=user_id)
