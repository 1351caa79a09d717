"""The registry of a process in the portal: the smart process, its stages, its user fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from b24flow.ops import portal_calls as calls
from b24flow.ops.portal_desired import (
    LINKED_TASKS,
    SPARE_STAGES,
    XML_ID_PREFIX,
    FieldSetup,
    RegistrySetup,
    StageSetup,
)
from b24flow.ops.portal_reading import (
    Differences,
    Found,
    Place,
    Problem,
    Row,
    Step,
    first,
    odd,
    read_map,
    read_rows,
    whole,
)
from b24flow.portal.calls import crm_item_list
from b24flow.portal.client import PortalClient
from b24flow.portal.methods import Call


def inspect_type(client: PortalClient, known: Found, registry: RegistrySetup) -> Differences:
    """Return what differs in the smart process of a registry."""
    place, found = known.place(registry.process), Differences()
    number = registry.entity_type_id
    row = first(
        one for one in read_rows(client, calls.type_find(number)) if whole(one, "entityTypeId") == number
    )
    if row is None:
        what = f"создать смарт-процесс «{registry.title}» (entityTypeId {number})"
        found.steps.append(
            Step(
                kind="type",
                key=f"type:{number}:add",
                what=what,
                call=calls.type_add(registry),
            )
        )
        return found
    type_id = whole(row, "id")
    if row.get("title") != registry.title and not _ours(client, type_id):
        found.problems.append(_foreign_type(registry, row))
        return found
    place.type_id = type_id
    place.category_id = _default_category(client, number)
    changed = _type_changes(read_map(client, calls.type_get(type_id), "type"), registry)
    if changed:
        what = f"вернуть настройки смарт-процесса «{registry.title}»: {', '.join(sorted(changed))}"
        call = calls.type_update(type_id, changed)
        found.steps.append(Step(kind="type", key=f"type:{number}:set", what=what, call=call))
    return found


def _type_changes(row: Row, registry: RegistrySetup) -> dict[str, Any]:
    """Return the settings that differ; what the portal does not show is not a difference."""
    wanted = calls.type_fields(registry)
    linked = row.get("linkedUserFields")
    if isinstance(linked, Mapping) and linked.get(LINKED_TASKS) == "Y":
        del wanted["linkedUserFields"]
    return {name: value for name, value in wanted.items() if name in row and row[name] != value}


def _ours(client: PortalClient, type_id: int) -> bool:
    """Tell whether a smart process under another title is ours: it has a field with our mark."""
    marks = (str(one.get("xmlId") or "") for one in _user_fields(client, type_id))
    return any(one.startswith(XML_ID_PREFIX) for one in marks)


def _foreign_type(registry: RegistrySetup, row: Row) -> Problem:
    return Problem(
        kind="type",
        text=f"Номер {registry.entity_type_id} занят чужим смарт-процессом «{row.get('title')}»",
        hint="Укажите в описании процесса другой registry.entity_type_id (чётный, от 1030)",
    )


def _default_category(client: PortalClient, entity_type_id: int) -> int:
    found = read_rows(client, calls.category_list(entity_type_id))
    row = first(one for one in found if one.get("isDefault") == "Y") or first(iter(found))
    if row is None:
        raise odd("crm.category.list", "у смарт-процесса нет ни одной воронки")
    return whole(row, "id")


# --- stages


def inspect_stages(client: PortalClient, known: Found, registry: RegistrySetup) -> Differences:
    """Return what differs in the stages of a registry."""
    place, found = known.place(registry.process), Differences()
    if not place.category_id:
        found.steps += [_stage_step(registry, one, "add") for one in registry.stages]
        found.steps += [_spare_step(registry, code, code) for code in SPARE_STAGES]
        return found
    number, category = registry.entity_type_id, place.category_id
    directory = calls.stage_directory(number, category)
    present = {
        str(row["STATUS_ID"]).rpartition(":")[2]: row
        for row in read_rows(client, calls.stage_list(directory))
        if row.get("ENTITY_ID") == directory
    }
    place.stages = {
        one.state: str(present[one.code]["STATUS_ID"]) for one in registry.stages if one.code in present
    }
    # ends first and the last of them before the others: at no moment may a step stand behind an end
    for one in sorted(registry.stages, key=lambda stage: -stage.sort):
        if one.code in present:
            found.problems += _wrong_semantics(registry, one, present[one.code])
            found.steps += _stage_changes(registry, one, present[one.code])
    found.steps += [
        _stage_step(registry, one, "add", calls.stage_add(directory, one))
        for one in registry.stages
        if one.code not in present
    ]
    found.steps += _spare_stages(client, registry, present)
    return found


def _stage_step(registry: RegistrySetup, stage: StageSetup, action: str, call: Call | None = None) -> Step:
    words = {"add": "создать стадию", "set": "исправить стадию"}
    return Step(
        kind="stage",
        key=f"stage:{registry.entity_type_id}:{stage.code}:{action}",
        what=f"{words[action]} «{stage.label}» реестра «{registry.title}»",
        call=call,
    )


def _stage_changes(registry: RegistrySetup, stage: StageSetup, row: Row) -> Iterator[Step]:
    wanted = calls.stage_fields(stage)
    shown = {
        "NAME": row.get("NAME"),
        "SORT": whole(row, "SORT"),
        "COLOR": str(row.get("COLOR") or "").upper(),
    }
    changed = {
        name: value
        for name, value in wanted.items()
        if shown[name] != (value.upper() if name == "COLOR" else value)
    }
    if changed:
        call = calls.stage_update(whole(row, "ID"), changed)
        yield _stage_step(registry, stage, "set", call)


def _wrong_semantics(registry: RegistrySetup, stage: StageSetup, row: Row) -> Iterator[Problem]:
    """The group of a stage cannot be changed by a call (crm-status-update.md)."""
    if (row.get("SEMANTICS") or "") != stage.semantics:
        groups = {"": "«В работе»", "S": "«Успех»", "F": "«Провал»"}
        yield Problem(
            kind="stage",
            text=f"Стадия «{row.get('NAME')}» реестра «{registry.title}» не в группе"
            f" {groups[stage.semantics]}",
            hint="Удалите эту стадию в настройках канбана, portal apply создаст её заново",
        )


def _spare_stages(
    client: PortalClient, registry: RegistrySetup, present: Mapping[str, Row]
) -> Iterator[Step]:
    """Yield the deletion of the stages nobody asked for, unless an item stands on one."""
    for code in SPARE_STAGES:
        if code not in present:
            continue
        row = present[code]
        standing = crm_item_list(
            registry.entity_type_id,
            select=["id", "stageId"],
            filters={"=stageId": str(row["STATUS_ID"])},
        )
        if read_rows(client, standing):
            continue
        call = calls.stage_delete(whole(row, "ID"))
        yield _spare_step(registry, code, str(row.get("NAME")), call)


def _spare_step(registry: RegistrySetup, code: str, label: str, call: Call | None = None) -> Step:
    return Step(
        kind="stage",
        key=f"stage:{registry.entity_type_id}:{code}:delete",
        what=f"удалить лишнюю стадию «{label}» реестра «{registry.title}»",
        call=call,
    )


# --- user fields


def inspect_fields(client: PortalClient, known: Found, registry: RegistrySetup) -> Differences:
    """Return what differs in the user fields of a registry."""
    place, found = known.place(registry.process), Differences()
    if not place.type_id:
        found.steps += [_field_step(registry, one, "add") for one in registry.fields]
        return found
    present = {str(row.get("fieldName")): row for row in _user_fields(client, place.type_id)}
    missing = False
    for one in registry.fields:
        row = present.get(one.name(place.type_id))
        if row is None:
            missing = True
            call = calls.field_add(place.type_id, one)
            found.steps.append(_field_step(registry, one, "add", call))
        elif row.get("userTypeId") != one.type or row.get("multiple") == "Y":
            found.problems.append(_wrong_type(registry, one, row))
        elif _label(row) != one.label or row.get("xmlId") != one.xml_id:
            call = calls.field_update(whole(row, "id"), one, row.get("helpMessage"))
            found.steps.append(_field_step(registry, one, "set", call))
    if not missing:
        _field_names(client, place, registry, found)
    return found


def _field_names(client: PortalClient, place: Place, registry: RegistrySetup, found: Differences) -> None:
    """Take the names of fields in items from the portal: how it forms them is its own affair."""
    shown = read_map(client, calls.item_fields(registry.entity_type_id), "fields")
    names = {str(row.get("upperName")): name for name, row in shown.items() if isinstance(row, Mapping)}
    place.fields = {
        one.code: names[one.name(place.type_id)]
        for one in registry.fields
        if one.name(place.type_id) in names
    }
    hidden = [one.label for one in registry.fields if one.code not in place.fields]
    if hidden:
        found.problems.append(
            Problem(
                kind="field",
                text=f"Портал не показывает поля реестра «{registry.title}»: {', '.join(hidden)}",
                hint="Сбросьте кэш портала (Настройки → Автокеширование) и повторите",
            )
        )


def _field_step(registry: RegistrySetup, one: FieldSetup, action: str, call: Call | None = None) -> Step:
    words = {"add": "создать поле", "set": "вернуть название поля"}
    return Step(
        kind="field",
        key=f"field:{registry.entity_type_id}:{one.code}:{action}",
        what=f"{words[action]} «{one.label}» реестра «{registry.title}»",
        call=call,
    )


def _wrong_type(registry: RegistrySetup, one: FieldSetup, row: Row) -> Problem:
    several = ", множественное" if row.get("multiple") == "Y" else ""
    return Problem(
        kind="field",
        text=f"Поле «{one.label}» реестра «{registry.title}» имеет тип"
        f" «{row.get('userTypeId')}»{several}, а нужен «{one.type}»",
        hint=f"Тип поля изменить нельзя: удалите поле {row.get('fieldName')} в портале и выполните"
        " portal apply, значения будут записаны заново",
    )


def _user_fields(client: PortalClient, type_id: int) -> list[Row]:
    entity = f"CRM_{type_id}"
    return [one for one in read_rows(client, calls.field_list(type_id)) if one.get("entityId") == entity]


def _label(row: Row) -> str:
    label = row.get("editFormLabel")
    shown = label.get(calls.LANGUAGE) if isinstance(label, Mapping) else label
    return str(shown or "")
