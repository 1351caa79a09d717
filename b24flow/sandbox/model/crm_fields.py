"""Fields of smart processes: names in their three spellings and the reading of values.

Facts: api-reference/crm/universal/index.md, object-fields.md, userfieldconfig/*.md,
api-reference/files/how-to-update-files.md.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
from dataclasses import dataclass, field
from typing import Any

from b24flow.sandbox.clock import iso, parse_moment
from b24flow.sandbox.model.entities import Item, SpaType, StoredFile, UserField
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Json, RestError, as_int, as_list, is_yes, yes_no

SKIP = object()  # the value could not be read: the box leaves the field as it was


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """A field of a smart process: `key` addresses it in `Item.values`."""

    key: str
    name: str
    upper: str
    kind: str
    title: str
    read_only: bool = False
    multiple: bool = False
    feature: str = ""
    dynamic: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    enum: dict[int, str] = field(default_factory=dict)


_SYSTEM: tuple[tuple[str, str, str, str, str], ...] = (
    # name, type, title, flags (r read-only, m multiple), feature that must be enabled
    ("id", "integer", "ID", "r", ""),
    ("title", "string", "Название", "", ""),
    ("xmlId", "string", "Внешний код", "", ""),
    ("createdTime", "datetime", "Дата создания", "r", ""),
    ("updatedTime", "datetime", "Дата изменения", "r", ""),
    ("createdBy", "user", "Кем создан", "r", ""),
    ("updatedBy", "user", "Кем изменён", "r", ""),
    ("movedBy", "user", "Кем изменена стадия", "r", "isStagesEnabled"),
    ("movedTime", "datetime", "Дата изменения стадии", "r", "isStagesEnabled"),
    ("categoryId", "crm_category", "Воронка", "", ""),
    ("opened", "boolean", "Доступен для всех", "", ""),
    ("stageId", "crm_status", "Стадия", "", "isStagesEnabled"),
    ("previousStageId", "crm_status", "Предыдущая стадия", "r", "isStagesEnabled"),
    ("begindate", "date", "Дата начала", "", "isBeginCloseDatesEnabled"),
    ("closedate", "date", "Предполагаемая дата закрытия", "", "isBeginCloseDatesEnabled"),
    ("companyId", "crm_company", "Компания", "", "isClientEnabled"),
    ("contactId", "crm_contact", "Контакт", "", "isClientEnabled"),
    ("contactIds", "crm_contact", "Контакты", "m", "isClientEnabled"),
    ("observers", "user", "Наблюдатели", "m", "isObserversEnabled"),
    ("sourceId", "crm_status", "Источник", "", "isSourceEnabled"),
    ("sourceDescription", "string", "Дополнительно об источнике", "", "isSourceEnabled"),
    ("currencyId", "crm_currency", "Валюта", "", "isLinkWithProductsEnabled"),
    ("opportunity", "double", "Сумма", "", "isLinkWithProductsEnabled"),
    ("isManualOpportunity", "boolean", "Режим расчёта", "", "isLinkWithProductsEnabled"),
    ("taxValue", "double", "Сумма налога", "", "isLinkWithProductsEnabled"),
    ("mycompanyId", "crm_company", "Ваша компания", "", "isMycompanyEnabled"),
    ("assignedById", "user", "Ответственный", "", ""),
    ("lastActivityTime", "datetime", "Последняя активность", "r", ""),
    ("lastActivityBy", "user", "Кем совершена активность", "r", ""),
    ("webformId", "integer", "Создано CRM-формой", "", ""),
    ("utmSource", "string", "UTM Source", "", ""),
    ("utmMedium", "string", "UTM Medium", "", ""),
    ("utmCampaign", "string", "UTM Campaign", "", ""),
    ("utmContent", "string", "UTM Content", "", ""),
    ("utmTerm", "string", "UTM Term", "", ""),
)
INTEGER_KINDS = {
    "integer", "user", "crm_category", "crm_company", "crm_contact", "enumeration", "employee",
}  # fmt: skip


def upper_name(name: str) -> str:
    """Return UPPER_SNAKE of a camelCase name."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()


_SYSTEM_SPECS = {
    name: FieldSpec(
        key=name,
        name=name,
        upper=upper_name(name),
        kind=kind,
        title=title,
        read_only="r" in flags,
        multiple="m" in flags,
        feature=feature,
    )
    for name, kind, title, flags, feature in _SYSTEM
}


@functools.lru_cache(maxsize=4096)
def camel_name(upper: str) -> str:
    """Return the JSON name of a user field; codes that mix letters and digits stay half upper."""
    match = re.fullmatch(r"UF_CRM_(\d+)_(.+)", upper)
    if match is None:
        return upper
    number, code = match.groups()
    if re.fullmatch(r"[A-Z_]+", code):
        words = [word for word in code.split("_") if word]
        return f"ufCrm{number}" + "".join(word.capitalize() for word in words)
    if re.fullmatch(r"[\d_]+", code):
        return f"ufCrm{number}_{code}"
    return f"ufCrm_{number}_{code}"


def specs_of(portal: Portal, spa: SpaType) -> dict[str, FieldSpec]:
    """Return the fields of a smart process by key, system fields first."""
    specs = dict(_SYSTEM_SPECS)
    for row in user_fields_of(portal, f"CRM_{spa.id}"):
        specs[row.name] = _user_spec(row)
    return specs


def user_fields_of(portal: Portal, entity_id: str) -> list[UserField]:
    """Return the user fields of an entity in their order."""
    rows = [row for row in portal.state.user_fields.values() if row.entity_id == entity_id]
    return sorted(rows, key=lambda row: (row.sort, row.id))


def _user_spec(row: UserField) -> FieldSpec:
    label = row.labels.get("ru") or next(iter(row.labels.values()), "") or row.name
    return FieldSpec(
        key=row.name,
        name=camel_name(row.name),
        upper=row.name,
        kind=row.kind,
        title=label,
        multiple=row.multiple,
        dynamic=True,
        settings=row.settings,
        enum={value.id: value.value for value in row.enum},
    )


def read_value(portal: Portal, spec: FieldSpec, value: Json, old: Json) -> Json:
    """Turn a value from the wire into the stored one; SKIP when the box would ignore it."""
    if not spec.multiple:
        if isinstance(value, list | dict) and spec.kind != "file":
            return SKIP
        return _read_one(portal, spec, value, old)
    if value in (None, ""):
        return []
    if not isinstance(value, list | dict):
        raise RestError("100", "Expected iterable value for multiple field")
    kept = [_read_one(portal, spec, one, old) for one in as_list(value)]
    return [one for one in kept if one is not SKIP and one is not None]


def _read_one(portal: Portal, spec: FieldSpec, value: Json, old: Json) -> Json:
    if spec.kind == "file":
        return _read_file(portal, value, old)
    if value is None or value == "":
        return "" if spec.kind == "string" and not spec.dynamic else None
    if spec.kind in INTEGER_KINDS:
        number = as_int(value)
        return SKIP if spec.kind == "enumeration" and number not in spec.enum else number
    if spec.kind == "double":
        return _read_double(value)
    if spec.kind == "boolean":
        return is_yes(value)
    if spec.kind in ("date", "datetime"):
        moment = parse_moment(value, portal.clock.zone)
        if moment is None:
            return SKIP
        return moment if spec.kind == "datetime" else _date_of(value, moment)
    return str(value)


def _date_of(value: Json, moment: Any) -> Any:
    written = re.match(r"\d{4}-\d{2}-\d{2}", str(value))
    text = written.group() if written else moment.date().isoformat()
    return moment.date().fromisoformat(text)


def _read_double(value: Json) -> Json:
    try:
        return float(value)
    except (TypeError, ValueError):
        return SKIP


def _read_file(portal: Portal, value: Json, old: Json) -> Json:
    if value in (None, "", []):
        return None
    if isinstance(value, dict) and "id" in value:
        kept = as_int(value["id"])
        present = old if isinstance(old, list) else [old]
        return kept if kept in present else None
    pair = as_list(value)
    content = decode_base64(pair[1]) if len(pair) == 2 else None
    return SKIP if content is None else store_file(portal, str(pair[0]), content).id


def decode_base64(text: Json) -> bytes | None:
    """Decode base64 strictly; None for anything else (the box then stores no file)."""
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        return None


def store_file(portal: Portal, name: str, content: bytes) -> StoredFile:
    """Keep a file that lives outside drives."""
    row = StoredFile(id=portal.state.next_id("file", 30000), name=name, content=content)
    portal.state.files[row.id] = row
    return row


def write_item(portal: Portal, specs: dict[str, FieldSpec], item: Item, link: Any) -> Json:
    """Return an item as JSON with camelCase names; `link` builds file addresses."""
    return {spec.name: show_value(spec, item, link) for spec in specs.values()}


def show_value(spec: FieldSpec, item: Item, link: Any) -> Json:
    """Return one field as it travels."""
    value = item.values.get(spec.key)
    if spec.multiple:
        return [_show_one(spec, one, item, link) for one in value or []]
    return _show_one(spec, value, item, link)


def _show_one(spec: FieldSpec, value: Any, item: Item, link: Any) -> Json:
    if value is None:
        return None
    if spec.kind == "boolean":
        return yes_no(bool(value))
    if spec.kind == "datetime":
        return iso(value)
    if spec.kind == "date":
        return show_date(value)
    if spec.kind == "file":
        return link(value, item)
    return value


def show_date(value: Any) -> str:
    """Write a date the way the box does: the day's UTC midnight in the server's zone."""
    return f"{value.isoformat()}T03:00:00+03:00"
