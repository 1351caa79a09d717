"""Downloads, public links and the posting half of a two-step upload: addresses that carry a token.

Facts: api-reference/files/**, settings/how-to-call-rest-api/general-principles.md.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from html import escape
from urllib.parse import quote

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, Response

from b24flow.sandbox.admission import Request
from b24flow.sandbox.dispatch import Gateway
from b24flow.sandbox.faults import LOST, Fault
from b24flow.sandbox.links import verify
from b24flow.sandbox.model import disk, disk_tree
from b24flow.sandbox.model import disk_rights as rights
from b24flow.sandbox.model.entities import DiskObject
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.registry import Call
from b24flow.sandbox.rest.disk_show import show_made
from b24flow.sandbox.wire import Json, Params, RestError, as_int, php

_ADDRESSES = ("download", "upload", "crm.controller.item.getfile")


def serve_file(gateway: Gateway, request: Request, http_seq: int, fault: Fault | None) -> Response | None:
    """Answer a download or an upload; None when the address is an ordinary method."""
    name = request.method.lower()
    if name not in _ADDRESSES or request.api != "v2":
        return None
    with gateway.portal.deed("upload", request.plain(), reading=name != "upload"):
        shown = {key: value for key, value in request.params.items() if key != "file"}
        row = gateway.record(request, shown, http_seq, fault)
        try:
            call = gateway.open_call(request)
            answer = _answer(gateway.portal, call, name, request.params)
            row["status"] = answer.status_code
        except RestError as error:
            row["status"], row["error"] = error.status, error.code
            answer = JSONResponse(php(error.body()), status_code=error.status)
        if fault is not None and fault.action in LOST:
            row["status"] = None
        return answer


def repeat_upload(gateway: Gateway, request: Request) -> None:
    """Take a kept upload again, to the same effect."""
    with contextlib.suppress(RestError):
        _answer(gateway.portal, gateway.open_call(request), "upload", request.params)


def _answer(portal: Portal, call: Call, name: str, params: Params) -> Response:
    signed = verify(str(params.get("token", "")))
    if signed is None:
        raise RestError("ACCESS_DENIED", "Link check failed", 403)
    module, payload = signed
    if name == "upload" and module == "upload":
        return JSONResponse(php({"result": _upload(portal, call, payload, params)}))
    found = stored_content(portal, module, payload)
    if found is None:
        raise RestError("ERROR_NOT_FOUND", "File not found", 404)
    return attachment(*found)


def _upload(portal: Portal, call: Call, payload: Params, params: Params) -> Json:
    posted = params.get("file")
    if not isinstance(posted, dict) or not isinstance(posted.get("content"), bytes):
        raise RestError("ERROR_COULD_NOT_SAVE_FILE", "Could not save file.")
    folder = disk.require_object(portal, call.user, payload["folder"], "folder", rights.ADD)
    name = payload["name"] or str(posted["name"])
    row = disk.add_file(portal, call.user, folder, name, posted["content"], unique_name=payload["unique"])
    row.rights = payload.get("rights", {})
    return show_made(call, row)


def stored_content(portal: Portal, module: str, payload: Params) -> tuple[str, bytes] | None:
    """Return name and content behind a verified token."""
    if module in ("crm", "user"):
        file = portal.state.files.get(payload["file"])
        return (file.name, file.content) if file else None
    row = portal.state.objects.get(payload.get("object", 0))
    if row is None or not row.versions:
        return None
    wanted = payload.get("version")
    versions = [v for v in row.versions if wanted is None or v.id == wanted]
    return (row.name, versions[-1].content) if versions else None


def public_file(portal: Portal) -> Callable[[HttpRequest], Response]:
    """Return the endpoint of public links: a file, or a list of what is in a folder."""

    def endpoint(request: HttpRequest) -> Response:
        with portal.lock:
            row = disk_tree.by_link(portal, str(request.path_params["code"]))
            wanted = as_int(request.query_params.get("file"))
            if row is not None and wanted:
                inside = disk_tree.below(portal, row) if row.kind == "folder" else []
                row = next((one for one in inside if one.id == wanted and not one.deleted), None)
            if row is None:
                return HTMLResponse("<h1>404</h1><p>Ссылка не действует.</p>", status_code=404)
            if row.kind == "file":
                return attachment(row.name, row.versions[-1].content)
            return HTMLResponse(_folder_page(portal, row))

    return endpoint


def _folder_page(portal: Portal, folder: DiskObject) -> str:
    rows = disk.children_of(portal, folder)
    lines = (f'<li><a href="?file={row.id}">{escape(row.name)}</a></li>' for row in rows)
    return f"<h1>{escape(folder.name)}</h1><ul>{''.join(lines)}</ul>"


def attachment(name: str, content: bytes) -> Response:
    """Return a file for saving."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="application/octet-stream", headers=headers)
