"""Comments and log messages of a card's timeline.

api-reference/crm/timeline/comments/*.md, api-reference/crm/timeline/logmessage/*.md.
"""

from __future__ import annotations

from b24flow.sandbox.clock import iso
from b24flow.sandbox.filters import sort_rows
from b24flow.sandbox.model import crm
from b24flow.sandbox.model.crm_fields import decode_base64, store_file
from b24flow.sandbox.model.entities import TimelineRecord
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list

_COMMENTS = "api-reference/crm/timeline/comments/crm-timeline-comment-"
_LOG = "api-reference/crm/timeline/logmessage/crm-timeline-logmessage-"
_LOG_PAGE = 10


def _owner(call: Call, kind: str, number: Json) -> tuple[str, int]:
    prefix, _, code = kind.lower().partition("_")
    items = crm.items_of(call.portal, as_int(code)) if prefix == "dynamic" else {}
    if as_int(number) not in items:
        raise RestError("", "Доступ запрещен.")
    return kind.lower(), as_int(number)


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
    files = {}
    for number in row.files:
        file = call.state.files[number]
        files[str(number)] = {
            "id": number,
            "date": iso(row.created),
            "type": "file",
            "name": file.name,
            "size": len(file.content),
            "authorId": row.author_id,
            "authorName": call.portal.person_name(row.author_id),
            "urlDownload": f"{call.base_url}/disk/downloadFile/{number}/?ncc=1",
        }
    return {
        "ID": str(row.id),
        "ENTITY_ID": str(row.entity_id),
        "ENTITY_TYPE": row.entity_type,
        "CREATED": iso(row.created),
        "COMMENT": row.text,
        "AUTHOR_ID": str(row.author_id),
        "FILES": files,
    }


@method("crm.timeline.comment.add", scope="crm", doc=_COMMENTS + "add.md", params="fields*")
def comment_add(call: Call) -> Json:
    """Add a comment; its author is always the caller."""
    fields = call.mapping("fields")
    known = {"ENTITY_ID", "ENTITY_TYPE", "COMMENT", "AUTHOR_ID", "FILES"}
    call.note_unknown("unknown_field", fields, known)
    if "AUTHOR_ID" in fields:
        call.note("ignored_value", "AUTHOR_ID")
    entity, number = _owner(call, str(fields.get("ENTITY_TYPE", "")), fields.get("ENTITY_ID"))
    text = str(fields.get("COMMENT", ""))
    if not text:
        raise RestError("", "Пустое сообщение.")
    row = crm.add_record(call.portal, "comment", entity, number, call.user.id, text=text)
    row.files = _files(call, fields.get("FILES"))
    return row.id


def _comment(call: Call) -> TimelineRecord:
    row = call.state.timeline.get(call.required_number("id"))
    if row is None or row.kind != "comment":
        raise RestError("NOT_FOUND", "Not found.")
    return row


@method("crm.timeline.comment.get", scope="crm", doc=_COMMENTS + "get.md", params="id*")
def comment_get(call: Call) -> Json:
    """Return a comment."""
    return _show(call, _comment(call))


@method("crm.timeline.comment.list", scope="crm", doc=_COMMENTS + "list.md",
        params="filter* select order start")  # fmt: skip
def comment_list(call: Call) -> Page:
    """List the comments of one card; both parts of the owner are required in the filter."""
    given = call.mapping("filter")
    call.note_unknown("unknown_filter", given, {"ENTITY_ID", "ENTITY_TYPE"})
    entity, number = _owner(call, str(given.get("ENTITY_TYPE", "")), given.get("ENTITY_ID"))
    rows = [row for row in call.state.timeline.values() if row.kind == "comment"]
    shown = [_show(call, r) for r in rows if (r.entity_type, r.entity_id) == (entity, number)]
    order = call.optional_map("order") or {"ID": "DESC"}
    shown = sort_rows(shown, order, _order_key)
    wanted = {str(name) for name in call.values("select")} - {"*"}
    if wanted:
        shown = [{key: row[key] for key in row if key in wanted | {"ID"}} for row in shown]
    return paginate(call, shown, by_page=False)


def _order_key(row: Params, key: str) -> Json:
    return as_int(row.get(key)) if key in ("ID", "AUTHOR_ID") else row.get(key)


def _check_author(call: Call, row: TimelineRecord) -> None:
    if row.author_id != call.user.id and not call.user.admin:
        raise RestError("ACCESS_DENIED", "Доступ запрещен.")


@method("crm.timeline.comment.update", scope="crm", doc=_COMMENTS + "update.md",
        params="id* fields* ownerTypeId ownerId")  # fmt: skip
def comment_update(call: Call) -> Json:
    """Change a comment: only its author may."""
    row, fields = _comment(call), call.mapping("fields")
    if row.author_id != call.user.id:
        raise RestError("ACCESS_DENIED", "Доступ запрещен.")
    call.note_unknown("unknown_field", fields, {"COMMENT", "FILES"})
    row.text = str(fields.get("COMMENT", row.text))
    if "FILES" in fields:
        row.files = _files(call, fields["FILES"])
    return row.id


@method("crm.timeline.comment.delete", scope="crm", doc=_COMMENTS + "delete.md",
        params="id* ownerTypeId ownerId")  # fmt: skip
def comment_delete(call: Call) -> Json:
    """Delete a comment: its author or an administrator."""
    row = _comment(call)
    _check_author(call, row)
    del call.state.timeline[row.id]
    return None


def _show_log(row: TimelineRecord) -> Params:
    return {
        "id": row.id,
        "created": iso(row.created),
        "authorId": row.author_id,
        "title": row.title,
        "text": row.text,
        "iconCode": row.icon,
    }


@method("crm.timeline.logmessage.add", scope="crm", doc=_LOG + "add.md", params="fields*")
def log_add(call: Call) -> Json:
    """Add a record that people cannot edit."""
    fields = call.mapping("fields")
    known = {"entityTypeId", "entityId", "title", "text", "iconCode"}
    call.note_unknown("unknown_field", fields, known)
    for name in ("entityTypeId", "entityId", "title", "text", "iconCode"):
        if fields.get(name) in (None, ""):
            raise RestError("100", f"Could not find value for parameter {{{name}}}")
    entity_type_id = as_int(fields["entityTypeId"])
    crm.require_item(call.portal, entity_type_id, as_int(fields["entityId"]))
    row = crm.add_record(
        call.portal,
        "log",
        f"dynamic_{entity_type_id}",
        as_int(fields["entityId"]),
        call.user.id,
        text=str(fields["text"]),
        title=str(fields["title"]),
        icon=str(fields["iconCode"]),
    )
    return {"logMessage": _show_log(row)}


@method("crm.timeline.logmessage.list", scope="crm", doc=_LOG + "list.md",
        params="entityTypeId* entityId* order start offset")  # fmt: skip
def log_list(call: Call) -> Json:
    """List records by tens; the box answers with `logMessages` and reads `offset`."""
    owner = (f"dynamic_{call.number('entityTypeId')}", call.number("entityId"))
    rows = [row for row in call.state.timeline.values() if row.kind == "log"]
    shown = [_show_log(row) for row in rows if (row.entity_type, row.entity_id) == owner]
    order = call.optional_map("order") or {"id": "ASC"}
    shown = sort_rows(shown, order, lambda row, key: row.get(key))
    offset = call.number("offset") or max(call.start, 0)
    return {"logMessages": shown[offset : offset + _LOG_PAGE]}
