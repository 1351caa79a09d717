"""The part of the control interface about faults and deliveries.

`/_sandbox/faults` breaks calls, `/_sandbox/event-faults` the queue of events; `/_sandbox/events`
shows what was posted to handlers, and `/_sandbox/events/flush` waits until nothing is on its way.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from b24flow.sandbox.control import Action, ControlError, endpoint
from b24flow.sandbox.delivery import Courier
from b24flow.sandbox.dispatch import Gateway
from b24flow.sandbox.wire import as_int

_PATIENCE = 30.0  # seconds


def fault_routes(gateway: Gateway, courier: Courier) -> list[BaseRoute]:
    """Return the addresses of faults and deliveries."""
    table: list[tuple[str, str, Action]] = [
        ("GET", "faults", lambda *_: gateway.faults.rows()),
        ("POST", "faults", _order),
        ("DELETE", "faults", _clear),
        ("GET", "event-faults", lambda *_: gateway.event_faults.rows()),
        ("POST", "event-faults", _order_event_fault),
        ("DELETE", "event-faults", _clear_event_faults),
        ("GET", "events", lambda *_: courier.rows()),
        ("DELETE", "events", _forgetter(courier)),
    ]
    routes: list[BaseRoute] = [
        Route(f"/_sandbox/{path}", endpoint(gateway, action), methods=[verb]) for verb, path, action in table
    ]
    flush = endpoint(gateway, _flusher(courier), alone=False)
    return [*routes, Route("/_sandbox/events/flush", flush, methods=["POST"])]


def _order(gateway: Gateway, _: Request, body: dict[str, Any]) -> Any:
    try:
        return {"id": gateway.faults.add(body).id}
    except ValueError as error:
        raise ControlError(str(error)) from error


def _clear(gateway: Gateway, request: Request, _: dict[str, Any]) -> Any:
    wanted = request.query_params.get("id")
    gateway.faults.clear(as_int(wanted) if wanted else None)
    return {"ok": True}


def _order_event_fault(gateway: Gateway, _: Request, body: dict[str, Any]) -> Any:
    try:
        return {"id": gateway.event_faults.add(body).id}
    except ValueError as error:
        raise ControlError(str(error)) from error


def _clear_event_faults(gateway: Gateway, request: Request, _: dict[str, Any]) -> Any:
    wanted = request.query_params.get("id")
    gateway.event_faults.clear(as_int(wanted) if wanted else None)
    return {"ok": True}


def _forgetter(courier: Courier) -> Action:
    def forget(_: Gateway, __: Request, ___: dict[str, Any]) -> Any:
        courier.forget()
        return {"ok": True}

    return forget


def _flusher(courier: Courier) -> Action:
    def flush(_: Gateway, __: Request, body: dict[str, Any]) -> Any:
        given = body.get("timeout", _PATIENCE)
        if isinstance(given, bool) or not isinstance(given, int | float) or given < 0:
            raise ControlError("timeout: seconds are expected")
        empty = courier.flush(min(float(given), 10 * _PATIENCE))
        return {"empty": empty, "waiting": sum(row["status"] == "delayed" for row in courier.rows())}

    return flush
