"""The control interface `/_sandbox/*`: for tests and demonstrations, never for the client.

It answers only to loopback addresses.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from b24flow.sandbox import access
from b24flow.sandbox.clock import iso, parse_moment
from b24flow.sandbox.dispatch import Gateway
from b24flow.sandbox.dumps import DUMPS
from b24flow.sandbox.registry import coverage
from b24flow.sandbox.wire import RestError, as_int

Action = Callable[[Gateway, Request, dict[str, Any]], Any]


class ControlError(Exception):
    """A wrong control request; the text says what is wrong."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def control_routes(gateway: Gateway) -> list[BaseRoute]:
    """Return the routes of the control interface."""
    table: list[tuple[str, str, Action]] = [
        ("POST", "reset", _reset),
        ("GET", "calls", _calls),
        ("DELETE", "calls", _forget_calls),
        ("GET", "clock", _clock),
        ("POST", "clock", _set_clock),
        ("POST", "snapshot", _snapshot),
        ("POST", "restore", _restore),
        ("GET", "unhandled", _unhandled),
        ("DELETE", "unhandled", _forget_unhandled),
        ("GET", "coverage", _coverage),
        ("GET", "state/{what}", _state),
        ("GET", "apps", lambda gateway, _, __: access.list_apps(gateway.portal)),
        ("POST", "apps", _access("app.add")),
        ("PATCH", "apps", _access("app.edit")),
        ("DELETE", "apps", _access("app.remove")),
        ("POST", "tokens", _access("token.add")),
        ("GET", "webhooks", lambda gateway, _, __: access.list_webhooks(gateway.portal)),
        ("POST", "webhooks", _access("webhook.add")),
        ("PATCH", "webhooks", _access("webhook.edit")),
        ("DELETE", "webhooks", _access("webhook.remove")),
        ("POST", "dismiss", _access("employee.dismiss")),
    ]
    return [
        Route(f"/_sandbox/{path}", endpoint(gateway, action), methods=[verb]) for verb, path, action in table
    ]


def _access(name: str) -> Action:
    def action(gateway: Gateway, request: Request, body: dict[str, Any]) -> Any:
        given = {**request.query_params, **body}
        try:
            return access.change(gateway.portal, name, given)
        except RestError as error:
            raise ControlError(error.text, 403) from error
        except (ValueError, TypeError) as error:
            raise ControlError(str(error)) from error

    return action


def endpoint(gateway: Gateway, action: Action, *, alone: bool = True) -> Callable[[Request], Any]:
    """Return the address of an action; `alone` lets nothing else happen on the portal meanwhile."""

    async def serve(request: Request) -> Response:
        if not _is_loopback(request):
            return JSONResponse({"error": "loopback only"}, status_code=403)
        body = await request.body()

        def run() -> Response:
            try:
                with gateway.portal.lock if alone else contextlib.nullcontext():
                    value = action(gateway, request, _parse(body))
            except ControlError as error:
                return JSONResponse({"error": str(error)}, status_code=error.status)
            return Response(json.dumps(value, default=_plain), media_type="application/json")

        return await run_in_threadpool(run)

    return serve


def _is_loopback(request: Request) -> bool:
    if request.client is None:
        return True
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:  # the test transports of ASGI clients give names, not addresses
        return request.client.host in ("testclient", "localhost")


def _parse(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        raise ControlError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ControlError("a JSON object is expected")
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"not serialisable: {type(value)}")


def _reset(gateway: Gateway, _: Request, body: dict[str, Any]) -> Any:
    gateway.portal.reset(body.get("seed"))
    gateway.agenda.clear()
    gateway.journal.clear()
    gateway.faults.clear()
    gateway.event_faults.clear()
    return {"ok": True}


def _calls(gateway: Gateway, request: Request, _: dict[str, Any]) -> Any:
    return gateway.journal.rows(as_int(request.query_params.get("since")))


def _forget_calls(gateway: Gateway, _: Request, __: dict[str, Any]) -> Any:
    gateway.journal.clear()
    return {"ok": True}


def _clock(gateway: Gateway, _: Request, __: dict[str, Any]) -> Any:
    clock = gateway.portal.clock
    return {"now": iso(clock.now()), "mode": clock.mode}


def _set_clock(gateway: Gateway, request: Request, body: dict[str, Any]) -> Any:
    clock = gateway.portal.clock
    if "now" in body:
        moment = parse_moment(body["now"], clock.zone)
        if moment is None:
            raise ControlError("now: not a readable moment")
        clock.freeze(moment)
    elif isinstance(body.get("advance"), int | float):
        clock.advance(body["advance"])
    elif body.get("real"):
        clock.real()
    else:
        raise ControlError("one of now, advance, real is expected")
    with gateway.portal.deed("clock", clock.setting()):
        pass
    gateway.agenda.clock_moved()
    return _clock(gateway, request, body)


def _snapshot(gateway: Gateway, _: Request, __: dict[str, Any]) -> Any:
    return {"id": gateway.portal.snapshot()}


def _restore(gateway: Gateway, _: Request, body: dict[str, Any]) -> Any:
    if not gateway.portal.restore(str(body.get("id"))):
        raise ControlError("no such snapshot", 404)
    return {"ok": True}


def _unhandled(gateway: Gateway, _: Request, __: dict[str, Any]) -> Any:
    return list(gateway.portal.unhandled)


def _forget_unhandled(gateway: Gateway, _: Request, __: dict[str, Any]) -> Any:
    gateway.portal.unhandled.clear()
    return {"ok": True}


def _coverage(_: Gateway, __: Request, ___: dict[str, Any]) -> Any:
    return coverage()


def _state(gateway: Gateway, request: Request, _: dict[str, Any]) -> Any:
    dump = DUMPS.get(str(request.path_params["what"]))
    if dump is None:
        raise ControlError(f"one of {sorted(DUMPS)} is expected", 404)
    return dump(gateway.portal)
