"""Smart-process types (api-reference/crm/universal/user-defined-object-types/*.md)."""

from __future__ import annotations

from b24flow.sandbox.clock import iso
from b24flow.sandbox.filters import check_crm_filter, check_order, crm_match, sort_rows
from b24flow.sandbox.model import crm, crm_directories, crm_relations, crm_rights, crm_solutions
from b24flow.sandbox.model.crm_specs import upper_name
from b24flow.sandbox.model.entities import Employee, SpaType
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.placements import forget_type
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_map, yes_no

_DOC = "api-reference/crm/universal/user-defined-object-types/"
_FIELDS = frozenset(
    {"title", "entityTypeId", "linkedUserFields", "relations", "customSections",
     "customSectionId", "isExternal", *crm.TYPE_FLAGS}
)  # fmt: skip
_SETTINGS = (
    "настройки автоматизации, печати документов, корзины и прав новых воронок хранятся, но не действуют"
)
_TITLES = {
    "id": "ID", "title": "Название", "code": "Символьный код", "createdBy": "Кем создан",
    "entityTypeId": "Идентификатор типа", "customSectionId": "Цифровое рабочее место",
    "createdTime": "Дата создания", "updatedTime": "Дата изменения", "updatedBy": "Кем изменён",
    "isCategoriesEnabled": "Свои воронки", "isStagesEnabled": "Свои стадии и канбан",
    "isBeginCloseDatesEnabled": "Поля «Дата начала» и «Дата завершения»",
    "isClientEnabled": "Поле «Клиент»", "isUseInUserfieldEnabled": "Использовать в поле пользователя",
    "isLinkWithProductsEnabled": "Привязка товаров", "isMycompanyEnabled": "Поле «Ваша компания»",
    "isDocumentsEnabled": "Печать документов", "isSourceEnabled": "Поле «Источник»",
    "isObserversEnabled": "Поле «Наблюдатели»", "isRecyclebinEnabled": "Корзина",
    "isAutomationEnabled": "Роботы и триггеры", "isBizProcEnabled": "Дизайнер бизнес-процессов",
    "isSetOpenPermissions": "Новые воронки доступны всем",
}  # fmt: skip


def _show_row(call: Call, spa: SpaType) -> Params:
    return {
        "id": spa.id,
        "title": spa.title,
        "code": "",
        "createdBy": spa.created_by,
        "entityTypeId": spa.entity_type_id,
        "customSectionId": crm_solutions.section_of(call.portal, spa),
        **{name: yes_no(value) for name, value in spa.flags.items()},
        "isPaymentsEnabled": "N",
        "isCountersEnabled": "N",
        "createdTime": iso(spa.created),
        "updatedTime": iso(spa.updated),
        "updatedBy": spa.updated_by,
    }


def _show(call: Call, spa: SpaType) -> Params:
    return _show_row(call, spa) | {
        "relations": crm_relations.relations_of(call.portal, spa),
        "linkedUserFields": {name: yes_no(value) for name, value in spa.linked.items()},
        "customSections": crm_solutions.sections(call.portal, spa),
    }


def _apply(call: Call, spa: SpaType, fields: Params) -> None:
    call.note_unknown("unknown_field", fields, _FIELDS)
    section = crm_solutions.read_section(call.portal, spa, fields)
    if "title" in fields:
        spa.title = str(fields["title"])
    for name in crm.TYPE_FLAGS:
        if name in fields:
            spa.flags[name] = fields[name] in ("Y", True)
    for name, value in as_map(fields.get("linkedUserFields")).items():
        if name not in crm.LINKED_FIELDS:
            call.note("unknown_field", f"linkedUserFields.{name}")
            continue
        if value not in ("true", "false"):
            call.note("ignored_value", f"linkedUserFields.{name}")
        spa.linked[name] = value == "true"  # the box compares with this very string
    if "relations" in fields:
        crm_relations.replace_relations(call.portal, spa, fields["relations"])
    spa.solution_id = section
    crm_directories.forget(call.state)


def _raise(call: Call, spa: SpaType, what: str) -> None:
    raise_event(call.portal, f"ONCRMTYPE{what}", {"FIELDS": {"ID": spa.id}}, user_id=call.user.id)


@method("crm.type.add", scope="crm", doc=_DOC + "crm-type-add.md", params="fields*", partial=_SETTINGS)
def type_add(call: Call) -> Json:
    """Create a smart process with its default pipeline."""
    call.portal.require_admin(call.user)
    fields = call.mapping("fields")
    if not str(fields.get("title", "")).strip():
        raise RestError("CRM_FIELD_ERROR_REQUIRED", "Не заполнено поле «Название»")
    spa = _blank(call, _entity_type_id(call, fields))
    _apply(call, spa, fields)
    spa.id = call.state.next_id("type", 7)
    call.state.types[spa.id] = spa
    crm_directories.add_category(call.state, spa.entity_type_id, "Общая", 100, True)
    _raise(call, spa, "ADD")
    shown = _show(call, spa)
    del shown["code"]  # what is just created has none to show
    return {"type": shown}


def _blank(call: Call, entity_type_id: int) -> SpaType:
    now = call.portal.clock.now()
    return SpaType(
        id=0,
        entity_type_id=entity_type_id,
        title="",
        flags=dict.fromkeys(crm.TYPE_FLAGS, False) | {"isSetOpenPermissions": True},
        linked=dict.fromkeys(crm.LINKED_FIELDS, False),
        relations={"parent": [], "child": []},
        created_by=call.user.id,
        created=now,
        updated_by=call.user.id,
        updated=now,
    )


def _entity_type_id(call: Call, fields: Params) -> int:
    taken = {spa.entity_type_id for spa in call.state.types.values()}
    if fields.get("entityTypeId") in (None, ""):
        return max((n for n in taken if n >= 1030), default=1028) + 2
    wanted = as_int(fields["entityTypeId"])
    allowed = 128 <= wanted <= 192 or (wanted >= 1030 and wanted % 2 == 0)
    if not allowed or wanted in taken:
        raise RestError("INVALID_ARG_VALUE", "entityTypeId is out of allowed range")
    return wanted


def _not_found() -> RestError:
    return RestError("0", "Смарт-процесс не найден")


def _type(call: Call) -> SpaType:
    spa = call.state.types.get(call.required_number("id"))
    if spa is None:
        raise _not_found()
    return spa


@method("crm.type.update", scope="crm", doc=_DOC + "crm-type-update.md", params="id* fields*",
        partial=_SETTINGS)  # fmt: skip
def type_update(call: Call) -> Json:
    """Change a smart process."""
    call.portal.require_admin(call.user)
    spa, fields = _type(call), call.mapping("fields")
    if "entityTypeId" in fields:
        call.note("ignored_value", "entityTypeId")
    before = _show(call, spa)
    _apply(call, spa, fields)
    if _show(call, spa) != before:
        spa.updated, spa.updated_by = call.portal.clock.now(), call.user.id
        _raise(call, spa, "UPDATE")
    return {"type": _show(call, spa)}


def _check_reader(call: Call, user: Employee, entity_type_id: int) -> None:
    crm_rights.require(call.portal, user, "read", entity_type_id)


@method("crm.type.get", scope="crm", doc=_DOC + "crm-type-get.md", params="id*")
def type_get(call: Call) -> Json:
    """Return a smart process by its own id."""
    spa = _type(call)
    _check_reader(call, call.user, spa.entity_type_id)
    return {"type": _show(call, spa)}


@method("crm.type.getByEntityTypeId", scope="crm", doc=_DOC + "crm-type-get-by-entity-type-id.md",
        params="entityTypeId*")  # fmt: skip
def type_get_by_entity(call: Call) -> Json:
    """Return a smart process by entityTypeId."""
    spa = crm.type_by_entity(call.portal, call.number("entityTypeId"))
    if spa is None:
        raise _not_found()
    _check_reader(call, call.user, spa.entity_type_id)
    return {"type": _show(call, spa)}


@method("crm.type.list", scope="crm", doc=_DOC + "crm-type-list.md", params="order filter start")
def type_list(call: Call) -> Page:
    """List smart processes; what they are linked with is left out."""
    call.portal.require_admin(call.user)
    rows = [_show_row(call, spa) for spa in call.state.types.values()]
    check_crm_filter(call.params.get("filter"), _TITLES.__contains__)
    order = check_order(call.params.get("order"), _TITLES.__contains__)
    conditions = call.optional_map("filter")
    rows = [row for row in rows if crm_match(conditions, row.get, lambda _, value: value)]
    return paginate(call, sort_rows(rows, order, lambda row, key: row.get(key)), wrap="types")


@method("crm.type.delete", scope="crm", doc=_DOC + "crm-type-delete.md", params="id*")
def type_delete(call: Call) -> Json:
    """Delete an empty smart process."""
    call.portal.require_admin(call.user)
    spa = _type(call)
    if crm.items_of(call.portal, spa.entity_type_id):
        raise RestError("BX_ERROR", "Нельзя удалить смарт-процесс, в котором есть элементы")
    for category in list(crm.categories_of(call.portal, spa.entity_type_id)):
        crm_directories.drop_category(call.state, category)
    for row in [row for row in call.state.user_fields.values() if row.entity_id == f"CRM_{spa.id}"]:
        del call.state.user_fields[row.id]
    crm_relations.replace_relations(call.portal, spa, {})
    del call.state.types[spa.id]
    forget_type(call.portal, spa.entity_type_id)
    crm_directories.forget(call.state)
    _raise(call, spa, "DELETE")
    return []


@method("crm.type.fields", scope="crm", doc=_DOC + "crm-type-fields.md")
def type_fields(call: Call) -> Json:
    """Describe the fields of a smart process type."""
    call.portal.require_admin(call.user)
    kinds = {"id": "integer", "title": "string", "code": "string", "createdBy": "user",
             "entityTypeId": "integer", "customSectionId": "integer"}  # fmt: skip
    kinds |= dict.fromkeys(crm.TYPE_FLAGS, "boolean")
    kinds |= {"createdTime": "datetime", "updatedTime": "datetime", "updatedBy": "user"}
    fields = {
        name: {
            "type": kind,
            "isRequired": name in ("title", "entityTypeId"),
            "isReadOnly": name in ("id", "createdBy", "updatedBy"),
            "isImmutable": name in ("entityTypeId", "customSectionId"),
            "isMultiple": False,
            "isDynamic": False,
            "title": _TITLES[name],
            "upperName": upper_name(name),
        }
        for name, kind in kinds.items()
    }
    return {"fields": fields}
