"""Items of smart processes, leads, deals, contacts and companies (crm/universal/crm-item-*.md)."""

from __future__ import annotations

from b24flow.sandbox.links import crm_file
from b24flow.sandbox.model import crm, crm_rights
from b24flow.sandbox.model.crm_directories import stage_directory
from b24flow.sandbox.model.crm_fields import FieldSet, FieldSpec, fields_of, write_item
from b24flow.sandbox.model.crm_kinds import COMPANY, Kind
from b24flow.sandbox.model.entities import Item
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.wire import Json, Params, is_yes

DOC = "api-reference/crm/universal/"
ALL_NAMES = "useOriginalUfNames"
ITEMS = "нет предложений, счетов и товарных позиций; роботы и триггеры не запускаются"
_PARENTS = {"crm_company": 4, "crm_contact": 3, "crm_lead": 1, "crm_quote": 7}


def kind_of(call: Call) -> Kind:
    """Return the entity a call is about."""
    return crm.require_kind(call.portal, call.required_number("entityTypeId"))


def item_of(call: Call, kind: Kind, right: str) -> Item:
    """Return the item a call is about if the caller has the right to it."""
    item = crm.require_item(call.portal, kind.entity_type_id, call.required_number("id"))
    crm_rights.require(call.portal, call.user, right, kind.entity_type_id, item)
    return item


def original_names(call: Call, fields: FieldSet, shown: Params) -> Params:
    """Give user fields their original names back when the call asks for it."""
    if not is_yes(call.params.get(ALL_NAMES)):
        return shown
    return {fields.original.get(name, name): value for name, value in shown.items()}


def show_item(call: Call, kind: Kind, item: Item) -> Params:
    """Return an item with all its fields."""
    fields = fields_of(call.portal, kind)
    shown = write_item(fields.columns, item, crm_file(call))
    shown["entityTypeId"] = kind.entity_type_id
    return original_names(call, fields, shown)


def note_ignored(call: Call, ignored: list[str]) -> None:
    """Record the fields the box has left out in silence."""
    for name in ignored:
        call.note("unknown_field", name)


@method("crm.item.add", scope="crm", doc=DOC + "crm-item-add.md",
        params="entityTypeId* fields* useOriginalUfNames", partial=ITEMS)  # fmt: skip
def item_add(call: Call) -> Json:
    """Create an item; unknown fields and unreadable values are silently left out."""
    kind, ignored = kind_of(call), list[str]()
    crm_rights.require(call.portal, call.user, "add", kind.entity_type_id)
    item = crm.add_item(call.portal, kind, call.user, call.mapping("fields"), ignored)
    note_ignored(call, ignored)
    return {"item": show_item(call, kind, item)}


@method("crm.item.update", scope="crm", doc=DOC + "crm-item-update.md",
        params="entityTypeId* id* fields* useOriginalUfNames", partial=ITEMS)  # fmt: skip
def item_update(call: Call) -> Json:
    """Change an item and return it whole."""
    kind, ignored = kind_of(call), list[str]()
    item = item_of(call, kind, "edit")
    crm.update_item(call.portal, kind, call.user, item, call.mapping("fields"), ignored=ignored)
    note_ignored(call, ignored)
    return {"item": show_item(call, kind, item)}


@method("crm.item.get", scope="crm", doc=DOC + "crm-item-get.md",
        params="entityTypeId* id* useOriginalUfNames", partial="нет предложений и счетов")  # fmt: skip
def item_get(call: Call) -> Json:
    """Return an item."""
    kind = kind_of(call)
    return {"item": show_item(call, kind, item_of(call, kind, "read"))}


@method("crm.item.delete", scope="crm", doc=DOC + "crm-item-delete.md",
        params="entityTypeId* id*", partial="нет предложений и счетов")  # fmt: skip
def item_delete(call: Call) -> Json:
    """Delete an item; the answer is an empty list."""
    kind = kind_of(call)
    crm.delete_item(call.portal, item_of(call, kind, "delete"), call.user)
    return []


@method("crm.item.fields", scope="crm", doc=DOC + "crm-item-fields.md",
        params="entityTypeId* useOriginalUfNames", partial="нет предложений и счетов")  # fmt: skip
def item_fields(call: Call) -> Json:
    """Describe the fields of an entity."""
    kind = kind_of(call)
    crm_rights.require(call.portal, call.user, "read", kind.entity_type_id)
    fields = fields_of(call.portal, kind)
    shown = {
        spec.name: _describe(call, kind, spec)
        for spec in fields.specs.values()
        if not (spec.disabled and spec.feature)
    }
    return {"fields": original_names(call, fields, shown)}


def _describe(call: Call, kind: Kind, spec: FieldSpec) -> Params:
    shown: Params = {
        "type": spec.kind,
        "isRequired": spec.required,
        "isReadOnly": spec.read_only,
        "isImmutable": False,
        "isMultiple": spec.multiple,
        "isDynamic": spec.dynamic,
        "title": spec.title,
        "upperName": spec.upper,
    }
    if spec.deprecated:
        shown["isDeprecated"] = True
    if spec.dynamic:
        shown |= {"listLabel": spec.title, "formLabel": spec.title, "filterLabel": spec.title}
        shown["settings"] = spec.settings
    if spec.kind == "enumeration":
        shown["items"] = [{"ID": str(key), "VALUE": text} for key, text in spec.enum.items()]
    if not spec.dynamic:
        shown |= _references(call, kind, spec)
    return shown


def _references(call: Call, kind: Kind, spec: FieldSpec) -> Params:
    """Say where the values of a system field come from."""
    if spec.kind == "crm_status":
        number = kind.entity_type_id
        status = spec.status
        if not status and "stage" in spec.key.lower():
            status = stage_directory(number, crm.default_category(call.portal, number).id)
        return {"statusType": status} if status else {}
    if spec.key == "mycompanyId":
        settings = {"isMyCompany": True, "parentEntityTypeId": COMPANY, "isEmbeddedEditorEnabled": True}
        return {"settings": settings}
    parent = spec.parent or (0 if spec.multiple or spec.deprecated else _PARENTS.get(spec.kind, 0))
    return {"settings": {"parentEntityTypeId": parent}} if parent else {}
