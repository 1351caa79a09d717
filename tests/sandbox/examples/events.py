"""Subscriptions to events and queues of offline events; the caller is an application."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import SPA, Box
from tests.sandbox.examples import Params, example

EVENT, HANDLER = "ONCRMTYPEADD", "https://app.example/events/"
READER = {"auth_connector": "reader"}


def waiting(app: Any) -> None:
    """Leave an event in the application's queue."""
    app.ok("event.bind", {"event": EVENT, "event_type": "offline", **READER})
    app.ok("crm.type.add", {"fields": {"title": "Письма", "entityTypeId": SPA}})


def reserved(app: Any) -> dict[str, Any]:
    """Reserve that event; returns the answer with its process."""
    waiting(app)
    taken: dict[str, Any] = app.ok("event.offline.get", {"clear": 0, **READER})
    return taken


@example("events")
def _(_: Box) -> Params:
    return {"SCOPE": "crm"}


@example("event.bind", app=True)
def _(_: Any) -> Params:
    return {"event": EVENT, "handler": HANDLER}


@example("event.unbind", app=True)
@example("event.get", app=True)
def _(app: Any) -> Params:
    app.ok("event.bind", {"event": EVENT, "handler": HANDLER})
    return {"event": EVENT, "handler": HANDLER}


@example("event.test", app=True)
def _(_: Any) -> Params:
    return {"any": "data"}


@example("event.offline.get", app=True)
@example("event.offline.list", app=True)
def _(app: Any) -> Params:
    waiting(app)
    return dict(READER)


@example("event.offline.clear", app=True)
@example("event.offline.error", app=True)
def _(app: Any) -> Params:
    taken = reserved(app)
    return {"process_id": taken["process_id"], "message_id": [taken["events"][0]["MESSAGE_ID"]]}
