"""Downloads from the page."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from b24flow.sandbox.files import attachment, stored_content
from b24flow.sandbox.links import verify
from b24flow.sandbox.model import crm, crm_rights
from b24flow.sandbox.model import disk_rights as rights
from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.registry import kind_of
from b24flow.sandbox.page.session import RefusedError, employee_of
from b24flow.sandbox.wire import RestError, as_int


def drive_file(portal: Portal, request: Request, me: Employee) -> Response:
    """Download a file of a drive, any version of it."""
    row = portal.state.objects.get(int(request.path_params["object"]))
    if row is None or row.deleted or not row.versions:
        raise RefusedError("Файл не найден", 404)
    if rights.level(portal, me, row) < rights.READ:
        raise RefusedError("Доступ к файлу закрыт")
    wanted = as_int(request.query_params.get("version"))
    versions = [v for v in row.versions if not wanted or v.id == wanted]
    if not versions:
        raise RefusedError("Такой версии файла нет", 404)
    return attachment(row.name, versions[-1].content)


def item_file(portal: Portal, request: Request, me: Employee) -> Response:
    """Download a file of an item's field."""
    file_id, kind = int(request.path_params["file"]), kind_of(portal, request)
    try:
        item = crm.require_item(portal, kind.entity_type_id, int(request.path_params["item"]))
    except RestError as error:
        raise RefusedError(error.text, 404) from error
    held = [one for v in item.values.values() for one in (v if isinstance(v, list) else [v])]
    if file_id not in held or not crm_rights.may(portal, me, "read", kind.entity_type_id, item):
        raise RefusedError("Файл не найден", 404)
    return _stored(portal, file_id)


def timeline_file(portal: Portal, request: Request, me: Employee) -> Response:
    """Download a file of a timeline comment, of an activity or of a letter."""
    file_id, state = int(request.path_params["file"]), portal.state
    held = [row.files for row in state.timeline.values()]
    held += [row.files for row in state.activities.values()]
    held += [row.files for row in state.mail.values()]
    if not any(file_id in files for files in held):
        raise RefusedError("Файл не найден", 404)
    return _stored(portal, file_id)


def _stored(portal: Portal, file_id: int) -> Response:
    file = portal.state.files.get(file_id)
    if file is None:
        raise RefusedError("Файл не найден", 404)
    return attachment(file.name, file.content)


def attached(portal: Portal) -> Callable[[Request], Response]:
    """Download an attachment by its signed address or as an employee who chose himself."""

    def endpoint(request: Request) -> Response:
        with portal.lock:
            row = portal.state.attached.get(as_int(request.query_params.get("attachedId")))
            signed = verify(request.query_params.get("auth[token]", ""))
            allowed = row is not None and (
                signed == ("attached", {"object": row.object_id}) or employee_of(portal, request) is not None
            )
            found = stored_content(portal, "disk", {"object": row.object_id}) if row else None
            if not allowed or found is None:
                return Response("404", status_code=404)
            return attachment(*found)

    return endpoint
