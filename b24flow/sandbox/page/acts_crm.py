"""What people do with items of the CRM."""

from __future__ import annotations

import base64
from typing import Any

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.model import activities, crm, crm_rights
from b24flow.sandbox.model.crm_kinds import Kind, owner_code, require_kind
from b24flow.sandbox.model.crm_rows import Activity
from b24flow.sandbox.model.crm_specs import FieldSpec, fields_of
from b24flow.sandbox.model.crm_timeline import add_record
from b24flow.sandbox.model.entities import Employee, Item
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.acts import Act, Form, files_of, text_of
from b24flow.sandbox.page.crm_words import CHANNELS, address_of, list_address
from b24flow.sandbox.page.session import RefusedError
from b24flow.sandbox.wire import as_int, as_list


def _item(portal: Portal, user: Employee, form: Form, right: str) -> tuple[Kind, Item]:
    kind = require_kind(portal, as_int(form.get("entity_type_id")))
    item = crm.require_item(portal, kind.entity_type_id, as_int(form.get("item_id")))
    if not crm_rights.may(portal, user, right, kind.entity_type_id, item):
        raise RefusedError("Ваша роль в CRM не позволяет этого")
    return kind, item


def _change(portal: Portal, user: Employee, form: Form, fields: Form) -> tuple[str, Form]:
    kind, item = _item(portal, user, form, "edit")
    ignored: list[str] = []
    changed = crm.update_item(portal, kind, user, item, fields, ignored=ignored)
    if ignored:
        raise RefusedError(f"Не удалось прочитать значение поля: {', '.join(ignored)}", 400)
    return address_of(item), {"item_id": item.id, "changed": changed}


def _new(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`entity_type_id`, and the fields as `f_{name}` (files of file fields under the same name)."""
    kind = require_kind(portal, as_int(form.get("entity_type_id")))
    if not crm_rights.may(portal, user, "add", kind.entity_type_id):
        raise RefusedError("Ваша роль в CRM не позволяет этого")
    specs = {spec.name: spec for spec in fields_of(portal, kind).specs.values()}
    names = {key.removeprefix("f_").removesuffix("[]") for key in form if key.startswith("f_")}
    given = {name: _posted(form, specs[name], f"f_{name}") for name in sorted(names) if name in specs}
    filled = {name: value for name, value in given.items() if value not in ("", [], None)}
    ignored: list[str] = []
    item = crm.add_item(portal, kind, user, filled, ignored)
    return address_of(item), {"item_id": item.id, "ignored": ignored}


def _posted(form: Form, spec: FieldSpec, key: str) -> Any:
    if spec.kind == "file":
        rows = [_pair(*one) for one in files_of(form, key)]
        return rows if spec.multiple else (rows[0] if rows else None)
    if spec.multiple:
        return form.get(f"{key}[]") or [
            part.strip() for part in str(form.get(key, "")).split("\n") if part.strip()
        ]
    return str(form.get(key, ""))


def _pair(name: str, content: bytes) -> list[str]:
    return [name, base64.b64encode(content).decode()]


def _field(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`entity_type_id`, `item_id`, `name` (as in REST), `value`, `value[]`, or `file`; `keep[]` are
    the files of a multiple field that stay."""
    kind, item = _item(portal, user, form, "edit")
    name = str(form.get("name", ""))
    spec = fields_of(portal, kind).names.get(name)
    if spec is None or spec.kind != "file":
        value = form["value[]"] if "value[]" in form else str(form.get("value", ""))
        if spec is not None and spec.multiple and isinstance(value, str):
            value = [line.strip() for line in value.split("\n") if line.strip()]
        elif isinstance(value, list):
            value = [one for one in value if one]
        return _change(portal, user, form, {name: value})
    rows: list[Any] = [_pair(*one) for one in files_of(form)]
    if spec.multiple:
        kept = form["keep[]"] if "keep[]" in form else as_list(item.values.get(spec.key))
        return _change(portal, user, form, {name: [*({"id": as_int(one)} for one in kept), *rows]})
    return _change(portal, user, form, {name: rows[0] if rows else ""})


def _channel(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`entity_type_id`, `item_id`, `type` (PHONE, EMAIL, …) and `value`, or `id` of one to remove."""
    if form.get("id"):
        return _change(portal, user, form, {"fm": {str(form["id"]): {"value": ""}}})
    row = {"typeId": str(form.get("type", "")), "valueType": "WORK",
           "value": text_of(form, "value", "Напишите телефон или адрес")}  # fmt: skip
    if row["typeId"] not in CHANNELS:
        raise RefusedError("Такого способа связи нет", 400)
    return _change(portal, user, form, {"fm": [row]})


def _stage(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`entity_type_id`, `item_id`, `stage_id`."""
    return _change(portal, user, form, {"stageId": str(form.get("stage_id", ""))})


def _delete(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`entity_type_id`, `item_id`."""
    kind, item = _item(portal, user, form, "delete")
    crm.delete_item(portal, item, user)
    return list_address(kind), {"item_id": item.id}


def _comment(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`entity_type_id`, `item_id`, `text`."""
    kind, item = _item(portal, user, form, "edit")
    text = text_of(form, "text", "Напишите комментарий")
    row = add_record(portal, "comment", owner_code(kind), item.id, user.id, text=text)
    return address_of(item), {"comment_id": row.id}


def _activity(portal: Portal, user: Employee, form: Form) -> tuple[Activity, Item]:
    row = portal.state.activities.get(as_int(form.get("activity_id")))
    pair = row.bindings[0] if row is not None and row.bindings else [0, 0]
    item = portal.state.items.get(pair[0], {}).get(pair[1])
    if row is None or item is None:
        raise RefusedError("Дело не найдено: возможно, его удалили", 404)
    if not crm_rights.may(portal, user, "read", item.entity_type_id, item):
        raise RefusedError("Ваша роль в CRM не позволяет этого")
    return row, item


def _todo(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`entity_type_id`, `item_id`, `text`, `deadline`: a thing to do, for whoever writes it down."""
    kind, item = _item(portal, user, form, "edit")
    text = text_of(form, "text", "Напишите, что нужно сделать")
    deadline = parse_moment(form.get("deadline", ""), portal.clock.zone)
    if deadline is None:
        raise RefusedError("Укажите срок дела", 400)
    values = {"PROVIDER_ID": activities.TODO, "PROVIDER_TYPE_ID": "TODO", "SUBJECT": text[:100],
              "DESCRIPTION": text, "DEADLINE": deadline}  # fmt: skip
    row = activities.add_activity(portal, user, (kind.entity_type_id, item.id), values)
    return address_of(item), {"activity_id": row.id}


def _complete(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`activity_id`: ticks the thing to do off."""
    row, item = _activity(portal, user, form)
    activities.change_activity(portal, user, row, {"COMPLETED": True})
    return address_of(item), {"activity_id": row.id}


def _press(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`activity_id`, `element`: the way to what is pressed, like `footer/buttons/ok`."""
    row, item = _activity(portal, user, form)
    action = activities.find_action(row, str(form.get("element", "")))
    if action.get("type") != "restEvent":
        raise RefusedError("Эта кнопка открывает страницу, а не отправляет событие", 400)
    activities.press_action(portal, user, row, action)
    return address_of(item), {"activity_id": row.id}


ACTS: dict[str, Act] = {
    "item/new": _new,
    "item/field": _field,
    "item/channel": _channel,
    "item/stage": _stage,
    "item/delete": _delete,
    "item/comment": _comment,
    "activity/todo": _todo,
    "activity/complete": _complete,
    "activity/press": _press,
}
