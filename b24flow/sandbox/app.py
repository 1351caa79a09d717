"""The ASGI application: REST, the control interface and the portal page on one port."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from b24flow.sandbox.admission import Request
from b24flow.sandbox.control import control_routes
from b24flow.sandbox.control_faults import fault_routes
from b24flow.sandbox.datafile import DataFile
from b24flow.sandbox.delivery import Courier
from b24flow.sandbox.dispatch import Gateway
from b24flow.sandbox.durable import attach
from b24flow.sandbox.faults import UNEXECUTED, Fault
from b24flow.sandbox.files import public_file, serve_file
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.oauth import SERVERS, at_server, oauth_routes, server_app_info
from b24flow.sandbox.page import developers
from b24flow.sandbox.page.routes import page_routes
from b24flow.sandbox.page.session import COOKIE, page
from b24flow.sandbox.seed import demo_organisation
from b24flow.sandbox.wire import Params, as_int, parse_form, parse_json, parse_query

_BAD_GATEWAY_PAGE = (
    "<html><head><title>{status}</title></head>"
    "<body><center><h1>{status}</h1></center><hr><center>nginx</center></body></html>"
)
# The parser's own limits are those of a small web form; a file travels as text in one field here.
_FORM_FIELDS, _FORM_PART = 100_000, 256 * 2**20


class ConnectionLostError(Exception):
    """The connection must be closed without an answer (an ordered fault)."""


def create_app(
    seed: dict[str, Any] | None = None, *, public_url: str | None = None, data: Path | None = None
) -> LossyConnection:
    """Build a sandbox with its own state.

    `seed` has the form of `seed.demo_organisation()`, which is the default. `public_url` is the
    address under which answers mention the portal; without it the request's own address is used.
    `data` is the file in which the portal outlives its process; a portal kept there goes on and
    `seed` is for a new file. Raises DataFileError for a file that cannot be used.
    """
    portal = Portal(seed if seed is not None else demo_organisation(), public_url or "")
    gateway = Gateway(portal=portal)
    file = attach(gateway, data) if data is not None else None
    courier = portal.sender = Courier(portal, gateway.agenda, gateway.event_faults)
    rest = _rest_endpoint(gateway)
    verbs = ["GET", "POST"]
    routes: list[BaseRoute] = [
        # The routes are tried in this order, so the addresses that are called most stand first.
        Route("/rest/{uid}/{code}/{method}", rest, methods=verbs),
        Route("/rest/{method}", rest, methods=verbs),
        Route("/rest/api/{uid}/{code}/{method}", rest, methods=verbs),
        Route("/rest/api/{method}", rest, methods=verbs),
        Route("/rest/{uid}/{code}/{method}/", rest, methods=verbs),
        Route("/rest/{method}/", rest, methods=verbs),
        *control_routes(gateway),
        *fault_routes(gateway, courier),
        *oauth_routes(portal),
        Route("/~{code}", public_file(portal)),
        *(Route(path, page(portal, view)) for path, view in developers.PAGES),
        *page_routes(portal),
    ]
    app = Starlette(routes=routes, exception_handlers={Exception: _broken, 404: _not_found})
    return LossyConnection(portal, app, file, courier)


class LossyConnection:
    """Closes the client's connection when the application asks for it; owns what must be closed."""

    def __init__(
        self, portal: Portal, app: ASGIApp, file: DataFile | None = None, courier: Courier | None = None
    ) -> None:
        self._portal = portal
        self._app = app
        self._file = file
        self._courier = courier

    def close(self) -> None:
        """Stop the deliveries and close the data file; nothing may be served after that."""
        if self._courier is not None:
            self._courier.close()
        if self._file is not None:
            self._file.close()

    def webhook(self, url: str) -> str:
        """Return the address of the portal's first webhook under `url`, "" if it has none."""
        hooks = self._portal.state.webhooks
        return f"{url}/rest/{hooks[0].user_id}/{hooks[0].code}/" if hooks else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        _note_address(self._portal, scope)
        scope.setdefault("state", {})

        async def guarded(message: Any) -> None:
            if not scope["state"].get("lose"):
                await send(message)

        await self._app(scope, receive, guarded)
        lost = bool(scope["state"].get("lose"))
        if not lost:
            return
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is None:  # no socket below (an in-process bridge): fail like one
            raise ConnectionLostError("connection closed without an answer")
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            await asyncio.sleep(0)


def _note_address(portal: Portal, scope: Scope) -> None:
    """Remember where the portal was reached, for letters that no request waits for."""
    if portal.public_url or scope["type"] != "http":
        return
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    if host and host.partition(":")[0] not in SERVERS:
        portal.address = f"{scope['scheme']}://{host}"


def _rest_endpoint(gateway: Gateway) -> Any:
    async def rest(http: HttpRequest) -> Response:
        request, http_seq, fault = gateway.arrive(await _read(gateway.portal, http))
        if fault and fault.action == "delay":
            await asyncio.sleep(fault.seconds)
        if fault and fault.action in UNEXECUTED:
            gateway.record_unexecuted(request, http_seq, fault)
            if fault.action == "late":
                gateway.agenda.after(fault.seconds, partial(_execute, gateway, request, http_seq, fault))
            return _server_fault(http, fault)
        # In the loop itself: calls run one after another under the portal's lock, and handing one
        # over to a thread and back costs more than most of them.
        if request.method.lower() == "app.info" and at_server(http):
            return server_app_info(gateway.portal, request.token)
        sent = _execute(gateway, request, http_seq, fault)
        if fault and fault.action == "truncated":
            half = bytes(sent.body)[: len(sent.body) // 2]
            return Response(half, sent.status_code, media_type=sent.headers["content-type"])
        if fault and fault.action == "exec_then_lose":
            http.state.lose = True
        return sent

    return rest


def _execute(gateway: Gateway, request: Request, http_seq: int, fault: Fault | None) -> Response:
    sent = serve_file(gateway, request, http_seq, fault)
    if sent is not None:
        return sent
    answer = gateway.handle(request, http_seq, fault)
    return JSONResponse(answer.body, status_code=answer.status)


def _server_fault(http: HttpRequest, fault: Fault) -> Response:
    status, body = fault.answer()
    if not status:
        http.state.lose = True
        return Response(status_code=200)
    if fault.body == "html":
        return HTMLResponse(_BAD_GATEWAY_PAGE.format(status=status), status)
    return JSONResponse(body, status_code=status)


async def _read(portal: Portal, http: HttpRequest) -> Request:
    version3 = http.url.path.startswith("/rest/api/")
    raw = await http.body()
    params = {} if version3 else parse_query(http.scope["query_string"].decode("utf-8", "replace"))
    body, bad = await _read_body(http, raw)
    name, given = str(http.path_params["method"]), {**params, **body}
    uid = str(http.path_params.get("uid", ""))
    return Request(
        uid=uid,
        code=str(http.path_params.get("code", "")),
        method=name.removesuffix(".json") if not version3 else name,
        params=given,
        api="v3" if version3 else "v2",
        token="" if uid else _token(http, given),
        session=0 if uid or "cookie" not in http.headers else as_int(http.cookies.get(COOKIE)),
        base_url=portal.address,
        bad_json=version3 and bad,
    )


def _token(http: HttpRequest, params: Params) -> str:
    """Return the access token of an application's request; the header comes first."""
    kind, _, value = http.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    for name in ("auth", "access_token"):
        if isinstance(params.get(name), str | int | float):
            return str(params[name])
    return ""


async def _read_body(http: HttpRequest, raw: bytes) -> tuple[Params, bool]:
    kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return parse_query(raw.decode("utf-8", "replace")), True  # bytes may come unescaped, as curl sends
    if kind == "multipart/form-data":
        try:
            async with http.form(max_fields=_FORM_FIELDS, max_part_size=_FORM_PART) as form:
                pairs = [(key, await _form_value(value)) for key, value in form.multi_items()]
        except HTTPException:  # a broken multipart body gives no parameters, like a broken JSON one
            pairs = []
        return parse_form(pairs), True
    if kind == "application/json":
        params = parse_json(raw)
        return params, bool(raw) and not params and raw.strip() not in (b"{}", b"[]")
    return {}, True


async def _form_value(value: UploadFile | str) -> Any:
    if isinstance(value, str):
        return value
    return {"name": value.filename or "file", "content": await value.read()}


_PROGRAMS = ("/rest", "/_sandbox", "/as/")
"""Addresses that programs ask; everything else is read by people."""


async def _broken(http: HttpRequest, error: Exception) -> Response:
    if not http.url.path.startswith(_PROGRAMS):
        text = "Страница песочницы сломалась. Подробности — в окне, где песочница запущена."
        return HTMLResponse(f"<h1>500</h1><p>{text}</p>", status_code=500)
    body = {"error": "INTERNAL_SERVER_ERROR", "error_description": type(error).__name__}
    return JSONResponse(body, status_code=500)


async def _not_found(http: HttpRequest, error: Exception) -> Response:
    text = error.detail if isinstance(error, HTTPException) else "Not found"
    if http.url.path.startswith(_PROGRAMS):
        body = {"error": "ERROR_METHOD_NOT_FOUND", "error_description": text}
        return JSONResponse(body, status_code=404)
    return HTMLResponse("<h1>404</h1><p>Такой страницы на портале нет.</p>", status_code=404)
