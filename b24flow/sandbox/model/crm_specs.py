"""Fields of CRM entities: their names in three spellings and what each of them is.

Facts: api-reference/crm/universal/index.md, object-fields.md, userfieldconfig/*.md. The fields of
an entity are put together once and kept in the state's cache until a type or a field changes.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field, replace
from typing import Any

from b24flow.sandbox.model.crm_field_tables import SPA_FIELDS, SYSTEM_FIELDS, Row
from b24flow.sandbox.model.crm_kinds import Kind, SystemKind, enabled, field_entity, find_kind
from b24flow.sandbox.model.crm_relations import parents_of
from b24flow.sandbox.model.entities import UserField
from b24flow.sandbox.model.portal import Portal


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """A field of an entity: `key` addresses it in `Item.values`.

    `status` is the directory of its values, `parent` the entity type a relation leads to.
    """

    key: str
    name: str
    upper: str
    kind: str
    title: str
    read_only: bool = False
    multiple: bool = False
    required: bool = False
    disabled: bool = False
    computed: bool = False
    deprecated: bool = False
    hidden: bool = False
    feature: str = ""
    status: str = ""
    parent: int = 0
    dynamic: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    enum: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSet:
    """All fields of one entity.

    `specs` by key, in the order they are shown; `names` by both spellings a client may use;
    `writable` those of `names` a client may set; `original` maps camel names of user fields to
    the original ones; `defaults` are those a new item gets filled. `columns`
    are name, key and, unless the stored value travels as it is, the field.
    """

    specs: dict[str, FieldSpec]
    names: dict[str, FieldSpec]
    writable: dict[str, FieldSpec]
    original: dict[str, str]
    defaults: tuple[str, ...]
    columns: tuple[tuple[str, str, FieldSpec | None], ...]


def upper_name(name: str) -> str:
    """Return UPPER_SNAKE of a camelCase name."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()


def _system(row: Row) -> FieldSpec:
    name, kind, title, flags, feature = row
    kind, _, status = kind.partition(":")
    return FieldSpec(
        key=name,
        name=name,
        upper=upper_name(name),
        kind=kind,
        title=title,
        read_only="r" in flags,
        multiple="m" in flags,
        required="q" in flags,
        disabled="x" in flags,
        computed="c" in flags,
        deprecated="d" in flags,
        hidden="h" in flags,
        feature=feature,
        status=status,
    )


_WRITTEN = ("boolean", "datetime", "date", "file")
_SPA_DEFAULTS = ("begindate", "closedate", "sourceId", "currencyId", "isManualOpportunity", "mycompanyId")
_DEFAULTS = {
    1: ("companyId", "contactId", "sourceId", "currencyId", "isManualOpportunity", "isReturnCustomer"),
    2: ("companyId", "contactId", "sourceId", "currencyId", "isManualOpportunity", "isReturnCustomer",
        "typeId", "isRecurring", "isRepeatedApproach", "begindate", "closedate"),
    3: ("companyId", "sourceId", "typeId", "export"),
    4: ("typeId", "industry", "employees", "currencyId", "revenue", "isMyCompany"),
}  # fmt: skip
_SPA = tuple(map(_system, SPA_FIELDS))
_SYSTEM = {number: tuple(map(_system, rows)) for number, rows in SYSTEM_FIELDS.items()}


@functools.lru_cache(maxsize=4096)
def camel_name(upper: str) -> str:
    """Return the JSON name of a user field; codes that mix letters and digits stay half upper."""
    match = re.fullmatch(r"UF_CRM_(?:(\d+)_)?(.+)", upper)
    if match is None:
        return upper
    number, code = match[1] or "", match[2]
    if re.fullmatch(r"[A-Z_]+", code):
        words = [word for word in code.split("_") if word]
        return f"ufCrm{number}" + "".join(word.capitalize() for word in words)
    if re.fullmatch(r"[\d_]+", code):
        return f"ufCrm{number}_{code}"
    return f"ufCrm_{number}_{code}" if number else f"ufCrm_{code}"


def fields_of(portal: Portal, kind: Kind) -> FieldSet:
    """Return the fields of an entity."""
    key = ("fields", kind.entity_type_id)
    kept: FieldSet | None = portal.state.crm_cache.get(key)
    if kept is None:
        kept = portal.state.crm_cache[key] = _build(portal, kind)
    return kept


def specs_of(portal: Portal, kind: Kind) -> dict[str, FieldSpec]:
    """Return the fields of an entity by key, system fields first."""
    return fields_of(portal, kind).specs


def user_fields_of(portal: Portal, entity_id: str) -> list[UserField]:
    """Return the user fields of an entity in their order."""
    rows = [row for row in portal.state.user_fields.values() if row.entity_id == entity_id]
    return sorted(rows, key=lambda row: (row.sort, row.id))


def _build(portal: Portal, kind: Kind) -> FieldSet:
    system = _SYSTEM[kind.entity_type_id] if isinstance(kind, SystemKind) else _SPA
    usable = (spec if enabled(kind, spec.feature) else replace(spec, disabled=True) for spec in system)
    rows = [*usable, *(_parent(portal, number) for number in parents_of(portal, kind.entity_type_id))]
    rows += [_user_spec(row) for row in user_fields_of(portal, field_entity(kind))]
    specs = {spec.key: spec for spec in rows}
    names = {spec.name: spec for spec in rows}
    names |= {spec.upper: spec for spec in rows if spec.dynamic}
    return FieldSet(
        specs=specs,
        names=names,
        writable={name: spec for name, spec in names.items() if not spec.read_only and not spec.disabled},
        columns=tuple(column_of(spec) for spec in rows),
        original={spec.name: spec.upper for spec in rows if spec.dynamic},
        defaults=tuple(
            key for key in _DEFAULTS.get(kind.entity_type_id, _SPA_DEFAULTS) if not specs[key].disabled
        ),
    )


def column_of(spec: FieldSpec) -> tuple[str, str, FieldSpec | None]:
    """Return a field's name, its key and the field itself if its values are written in a way of their own."""
    apart = spec.multiple or spec.computed or spec.disabled
    return spec.name, spec.key, spec if apart or spec.kind in _WRITTEN else None


def _parent(portal: Portal, number: int) -> FieldSpec:
    parent = find_kind(portal, number)
    name = f"parentId{number}"
    return FieldSpec(
        key=name,
        name=name,
        upper=f"PARENT_ID_{number}",
        kind="crm_entity",
        title=parent.title if parent else name,
        parent=number,
    )


def _user_spec(row: UserField) -> FieldSpec:
    label = row.labels.get("ru") or next(iter(row.labels.values()), "") or row.name
    return FieldSpec(
        key=row.name,
        name=camel_name(row.name),
        upper=row.name,
        kind=row.kind,
        title=label,
        multiple=row.multiple,
        required=row.mandatory,
        dynamic=True,
        settings=row.settings,
        enum={value.id: value.value for value in row.enum},
    )
