"""Comments of a card's timeline (api-reference/crm/timeline/comments/*.md).

Where the pages contradict the box the box is followed: the author of a comment is whoever calls,
and only the author changes it.
"""

from __future__ import annotations

from urllib.parse import quote

from b24flow.sandbox.clock import iso
from b24flow.sandbox.filters import sort_rows
from b24flow.sandbox.model import crm, crm_rights, crm_timeline
from b24flow.sandbox.model.crm_fields import decode_base64, store_file
from b24flow.sandbox.model.crm_kinds import Kind, kind_of_owner, owner_code, require_kind
from b24flow.sandbox.model.entities import Item, TimelineRecord
from b24flow.sandbox.model.pictures import size_of
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.rest.crm_columns import described
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, missing

_DOC = "api-reference/crm/timeline/comments/crm-timeline-comment-"
_ORDERED = ("ID", "CREATED", "AUTHOR_ID")
_COLUMNS = {
    "ID": ("integer", "r", "ID"),
    "CREATED": ("datetime", "r", "Дата добавления"),
    "ENTITY_ID": ("integer", "qi", "ID элемента, к которому привязан комментарий"),
    "ENTITY_TYPE": ("string", "qi", "Тип элемента, к которому привязан комментарий"),
    "AUTHOR_ID": ("integer", "i", "Автор"),
    "COMMENT": ("string", "", "Текст комментария"),
    "FILES": ("attached_diskfile", "m", "Список файлов"),
}


def _owner(call: Call, code: str, number: Json, right: str, refusal: RestError) -> tuple[Kind, Item]:
    """Find the item a comment belongs to, if the caller has the right to it."""
    kind = kind_of_owner(call.portal, code)
    item = call.state.items.get(kind.entity_type_id, {}).get(as_int(number)) if kind else None
    if kind is None or item is None:
        raise refusal
    if not crm_rights.may(call.portal, call.user, right, kind.entity_type_id, item):
        raise RestError("ACCESS_DENIED" if refusal.code else "", "Доступ запрещен.")
    return kind, item


def _files(call: Call, given: Json) -> list[int]:
    ids = []
    for pair in map(as_list, as_list(given)):
        content = decode_base64(pair[1]) if len(pair) == 2 else None
        if content is None:
            call.note("ignored_value", "FILES")
            continue
        ids.append(store_file(call.portal, str(pair[0]), content).id)
    return ids


def _show(call: Call, row: TimelineRecord) -> Params:
    return {
        "ID": str(row.id),
        "ENTITY_ID": str(row.entity_id),
        "ENTITY_TYPE": row.entity_type,
        "CREATED": iso(row.created),
        "COMMENT": row.text,
        "AUTHOR_ID": str(row.author_id),
        "FILES": {str(number): _show_file(call, row, number) for number in row.files},
    }


def _show_file(call: Call, row: TimelineRecord, number: int) -> Params:
    file = call.state.files[number]
    size = size_of(file.content)
    address = f"{call.base_url}/disk/downloadFile/{number}/?&ncc=1&filename={quote(file.name)}"
    shown: Params = {
        "id": number,
        "date": iso(row.created),
        "type": "image" if size else "file",
        "name": file.name,
        "size": len(file.content),
        "authorId": row.author_id,
        "authorName": call.portal.person_name(row.author_id),
        "urlDownload": address,
    }
    if size is None:
        return shown
    image = {"width": size[0], "height": size[1]}
    return shown | {"image": image, "urlPreview": address, "urlShow": address}


@method("crm.timeline.comment.fields", scope="crm", doc=_DOC + "fields.md")
def comment_fields(call: Call) -> Json:
    """Describe the fields of a comment."""
    return described(_COLUMNS)


@method("crm.timeline.comment.add", scope="crm", doc=_DOC + "add.md", params="fields*")
def comment_add(call: Call) -> Json:
    """Add a comment; its author is always the caller."""
    fields = call.mapping("fields")
    call.note_unknown("unknown_field", fields, {"ENTITY_ID", "ENTITY_TYPE", "COMMENT", "AUTHOR_ID", "FILES"})
    if "AUTHOR_ID" in fields:
        call.note("ignored_value", "AUTHOR_ID")
    for name in ("ENTITY_ID", "ENTITY_TYPE"):
        if fields.get(name) in (None, ""):
            raise missing(name)
    absent = RestError("OWNER_NOT_FOUND", "Элемент CRM не найден")
    kind, item = _owner(call, str(fields["ENTITY_TYPE"]), fields["ENTITY_ID"], "edit", absent)
    text = str(fields.get("COMMENT") or "")
    if not text:
        raise RestError("INVALID_ARG_VALUE", "Пустое сообщение.")
    owner = owner_code(kind)
    row = crm.add_record(call.portal, "comment", owner, item.id, call.user.id, text=text)
    row.files = _files(call, fields.get("FILES"))
    return row.id


def _comment(call: Call, code: str = "NOT_FOUND") -> TimelineRecord:
    row = call.state.timeline.get(call.required_number("id"))
    if row is None or row.kind != "comment":
        raise RestError(code, "Not found.")
    return row


@method("crm.timeline.comment.get", scope="crm", doc=_DOC + "get.md", params="id")
def comment_get(call: Call) -> Json:
    """Return a comment; refusals of this method have an empty code."""
    if call.number("id") <= 0:
        raise RestError("", "ID is not defined or invalid.")
    row = _comment(call, "")
    _owner(call, row.entity_type, row.entity_id, "read", RestError("", "Not found."))
    return _show(call, row)


@method("crm.timeline.comment.list", scope="crm", doc=_DOC + "list.md",
        params="filter* select order start")  # fmt: skip
def comment_list(call: Call) -> Page:
    """List the comments of one card; both parts of the owner are required in the filter."""
    given = call.mapping("filter")
    call.note_unknown("unknown_filter", given, {"ENTITY_ID", "ENTITY_TYPE"})
    code, number = str(given.get("ENTITY_TYPE", "")), given.get("ENTITY_ID")
    kind, item = _owner(call, code, number, "read", RestError("", "Доступ запрещен."))
    rows = crm_timeline.records_of(call.portal, owner_code(kind), item.id, "comment")
    order = call.optional_map("order")
    call.note_unknown("unknown_order", order, set(_ORDERED))
    known = {name: way for name, way in order.items() if name in _ORDERED}
    shown = sort_rows([_show(call, row) for row in rows], known or {"ID": "DESC"}, _order_key)
    wanted = {str(name) for name in call.values("select")} - {"*"}
    if wanted:
        shown = [{key: row[key] for key in row if key in wanted | {"ID"}} for row in shown]
    return paginate(call, shown, by_page=False)


def _order_key(row: Params, key: str) -> Json:
    return row.get(key) if key == "CREATED" else as_int(row.get(key))


def _check_named_owner(call: Call, row: TimelineRecord) -> None:
    """An owner named beside the comment must be its owner."""
    if not call.number("ownerTypeId") and not call.number("ownerId"):
        return
    kind = require_kind(call.portal, call.number("ownerTypeId"))
    if (owner_code(kind), call.number("ownerId")) != (row.entity_type, row.entity_id):
        raise RestError("OWNER_NOT_FOUND", "Элемент CRM не найден")


@method("crm.timeline.comment.update", scope="crm", doc=_DOC + "update.md",
        params="id* fields* ownerTypeId ownerId")  # fmt: skip
def comment_update(call: Call) -> Json:
    """Change a comment: only its author may, as long as the item is his to change."""
    row, fields = _comment(call), call.mapping("fields")
    _check_named_owner(call, row)
    if row.author_id != call.user.id:
        raise RestError("ACCESS_DENIED", "Доступ запрещен.")
    absent = RestError("OWNER_NOT_FOUND", "Элемент CRM не найден")
    _owner(call, row.entity_type, row.entity_id, "edit", absent)
    call.note_unknown("unknown_field", fields, {"COMMENT", "FILES"})
    text = str(fields.get("COMMENT", row.text) or "")
    if not text:
        raise RestError("INVALID_ARG_VALUE", "Пустое сообщение.")
    files = _files(call, fields["FILES"]) if "FILES" in fields else row.files
    crm_timeline.change_comment(call.portal, call.user, row, text=text, files=files)
    return row.id


@method("crm.timeline.comment.delete", scope="crm", doc=_DOC + "delete.md",
        params="id* ownerTypeId ownerId",
        partial="комментарий привязан к одному элементу: crm.timeline.bindings нет")  # fmt: skip
def comment_delete(call: Call) -> Json:
    """Delete a comment: its author or an administrator."""
    row = _comment(call)
    _check_named_owner(call, row)
    if row.author_id != call.user.id and not call.user.admin:
        raise RestError("ACCESS_DENIED", "Доступ запрещен.")
    crm_timeline.drop_record(call.portal, call.user, row)
    return None
