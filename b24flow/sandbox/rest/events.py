"""Subscriptions to events and the queues of offline events (api-reference/events/**).

Where the pages differ from a box's code the box is followed: `event.unbind` demands the event and,
online, the handler; `message_id` wins over `id` in `event.offline.clear`; `events` answers webhooks
too. Names of parameters are read in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from b24flow.sandbox.clock import iso, parse_moment
from b24flow.sandbox.filters import matches, split_prefix
from b24flow.sandbox.model import offline
from b24flow.sandbox.model.entities import App, EventBinding, OfflineEvent
from b24flow.sandbox.model.event_names import BASIC, known_scopes, names_of
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.handlers import PING
from b24flow.sandbox.model.urls import check_handler, no_argument
from b24flow.sandbox.registry import Call, method, paginate
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, as_map, is_yes

_DOC = "api-reference/events/"
_NEVER = "события того, чего на портале нет (товары, заказы, звонки, чат-боты первой версии), не наступают"
_FIELDS = ("ID", "TIMESTAMP_X", "EVENT_NAME", "MESSAGE_ID")
_LISTED = (*_FIELDS, "PROCESS_ID", "ERROR")
_BATCH = 50

_READERS: dict[str, Callable[[OfflineEvent], Any]] = {
    "ID": lambda row: row.id,
    "TIMESTAMP_X": lambda row: row.moment,
    "EVENT_NAME": lambda row: row.event,
    "MESSAGE_ID": lambda row: row.message_id,
    "PROCESS_ID": lambda row: row.process_id,
    "ERROR": lambda row: int(row.error),
}


def _app(call: Call) -> App:
    assert call.caller.app is not None  # the methods are refused to webhooks
    return call.caller.app


def _denied(text: str = "") -> RestError:
    return RestError("ACCESS_DENIED", f"Access denied! {text}".strip(), 403)


def _require_admin(call: Call) -> None:
    if not call.user.admin:
        raise _denied()


@method("events", scope="", doc=_DOC + "events.md", params="SCOPE FULL", upper=True, reads=True)  # fmt: skip
def events(call: Call) -> Json:
    """List the events of a scope, of every scope (`FULL`) or of the caller's scopes."""
    if call.text("SCOPE"):
        return names_of(call.portal, (call.text("SCOPE"),))
    scopes = known_scopes() if is_yes(call.params.get("FULL")) else call.caller.scopes
    return names_of(call.portal, (BASIC, *scopes))


@method("event.test", scope="", doc=_DOC + "test-handler.md", params="any", app_only=True)
def event_test(call: Call) -> Json:
    """Send ONAPPTEST with the given parameters to the application's own handlers."""
    app = _app(call)
    raise_event(call.portal, "ONAPPTEST", {"QUERY": call.params}, user_id=call.user.id, only_app=app.id)
    return 1


def _is_offline(call: Call) -> bool:
    kind = (call.text("EVENT_TYPE") or "online").lower()
    if kind not in ("online", "offline"):
        raise RestError("ERROR_ARGUMENT", "Value must be one of {online|offline}", argument="EVENT_TYPE")
    return kind == "offline"


def _event(call: Call) -> str:
    name = call.text("EVENT").upper()
    if not name:
        raise no_argument("EVENT")
    return name


def _handler(call: Call) -> str:
    if not call.text("HANDLER"):
        raise no_argument("HANDLER")
    return call.text("HANDLER")


@method("event.bind", scope="", doc=_DOC + "event-bind.md", upper=True, app_only=True, partial=_NEVER,
        params="event handler auth_type event_type auth_connector options")  # fmt: skip
def event_bind(call: Call) -> Json:
    """Subscribe the application; who is not an administrator does so online and for himself."""
    name, is_offline = _event(call), _is_offline(call)
    if is_offline and not call.user.admin:
        raise _denied("Offline events binding requires administrator access rights")
    user_id = _bound_user(call, "binding")
    if name not in names_of(call.portal, (BASIC, *call.caller.scopes)):
        raise RestError("ERROR_EVENT_NOT_FOUND", "Event not found")
    made = EventBinding(id=0, app_id=_app(call).id, event=name, offline=is_offline)
    if is_offline:
        made.connector = call.text("AUTH_CONNECTOR")
    else:
        made.handler, made.user_id = _handler(call), user_id
        check_handler(made.handler)
    if name == PING:
        given = call.optional_map("OPTIONS")
        made.options = {key: as_int(given[key]) for key in ("minTimeout",) if key in given}
    _add(call, made)
    return True


def _bound_user(call: Call, what: str) -> int:
    own = call.user.id
    user_id = call.number("AUTH_TYPE")
    if call.user.admin:
        return user_id
    if user_id not in (0, own):
        raise _denied(f"Event {what} with AUTH_TYPE requires administrator access rights")
    return own


def _add(call: Call, made: EventBinding) -> None:
    def key(row: EventBinding) -> tuple[Any, ...]:
        return row.app_id, row.event, row.handler, row.user_id, row.offline, row.connector

    table = call.state.event_bindings
    if any(key(row) == key(made) for row in table.values()):
        raise RestError("ERROR_CORE", "Unable to set event handler: Handler already binded")
    made.id = call.state.next_id("event_binding")
    table[made.id] = made


@method("event.unbind", scope="", doc=_DOC + "event-unbind.md", upper=True, app_only=True,
        params="event handler auth_type event_type auth_connector")  # fmt: skip
def event_unbind(call: Call) -> Json:
    """Drop the application's handlers that fit and say how many they were."""
    name, is_offline = _event(call), _is_offline(call)
    if is_offline and not call.user.admin:
        raise _denied("Offline events unbinding requires administrator access rights")
    user_id = _bound_user(call, "unbinding")
    by_user = not call.user.admin or "AUTH_TYPE" in call.params
    handler = "" if is_offline else _handler(call)
    found = [
        row
        for row in call.state.event_bindings.values()
        if row.app_id == _app(call).id
        and (row.event, row.offline, row.handler) == (name, is_offline, handler)
        and (not is_offline or row.connector == call.text("AUTH_CONNECTOR"))
        and (is_offline or not by_user or row.user_id == user_id)
    ]
    for row in found:
        del call.state.event_bindings[row.id]
    return {"count": len(found)}


@method("event.get", scope="", doc=_DOC + "event-get.md", app_only=True)
def event_get(call: Call) -> Json:
    """List the application's handlers; who is not an administrator sees his own."""
    rows = [row for row in call.state.event_bindings.values() if row.app_id == _app(call).id]
    return [_show(row) for row in rows if call.user.admin or row.user_id == call.user.id]


def _show(row: EventBinding) -> Json:
    if row.offline:
        return {"event": row.event, "connector_id": row.connector, "offline": 1}
    return {"event": row.event, "handler": row.handler, "auth_type": str(row.user_id), "offline": 0}


def _queue(call: Call) -> list[OfflineEvent]:
    return offline.queue(call.portal, _app(call).id, call.text("AUTH_CONNECTOR"))


def _wanted(call: Call, fields: tuple[str, ...]) -> Callable[[OfflineEvent], bool]:
    tests = []
    for key, value in call.optional_map("FILTER").items():
        prefix, name = split_prefix(str(key))
        if name.upper() in fields:
            tests.append((prefix or "=", name.upper(), _converted(call, name.upper(), value)))
    return lambda row: all(matches(prefix, _READERS[name](row), value) for prefix, name, value in tests)


def _converted(call: Call, name: str, value: Json) -> Any:
    if isinstance(value, list | dict):
        return [_converted(call, name, one) for one in as_list(value)]
    if name in ("ID", "ERROR"):
        return as_int(value)
    if name != "TIMESTAMP_X":
        return str(value)
    return parse_moment(value, call.portal.clock.zone) or datetime.max.replace(tzinfo=call.portal.clock.zone)


def _sorted(
    call: Call, rows: list[OfflineEvent], fields: tuple[str, ...], default: str
) -> list[OfflineEvent]:
    order = {str(key).upper(): str(way).upper() for key, way in as_map(call.params.get("ORDER")).items()}
    steps = [(name, way) for name, way in order.items() if name in fields] or [(default, "ASC")]
    for name, way in reversed(steps):
        rows = sorted(rows, key=_READERS[name], reverse=way == "DESC")
    return rows


def _row(row: OfflineEvent) -> Params:
    return {
        "ID": str(row.id),
        "TIMESTAMP_X": iso(row.moment),
        "EVENT_NAME": row.event,
        "EVENT_DATA": row.data or False,
        "EVENT_ADDITIONAL": row.additional,
        "MESSAGE_ID": row.message_id,
    }


@method("event.offline.get", scope="", doc=_DOC + "event-offline-get.md", upper=True, app_only=True,
        reads=False, params="filter order limit clear process_id auth_connector error")  # fmt: skip
def offline_get(call: Call) -> Json:
    """Take the first rows: out of the queue (`clear`), or reserved under a new `process_id`.

    With `process_id` the rows of that process come again. `error` lets marked rows in: those of the
    process, or without one those that any process failed at.
    """
    _require_admin(call)
    limit = call.number("LIMIT", _BATCH) if "LIMIT" in call.params else _BATCH
    if limit <= 0:
        raise RestError("ERROR_ARGUMENT", "Value must be positive integer", argument="LIMIT")
    process_id, failed = call.text("PROCESS_ID"), call.number("ERROR") == 1
    clear = call.number("CLEAR", 1) != 0 if "CLEAR" in call.params else True
    fits = _wanted(call, _FIELDS)

    def is_due(row: OfflineEvent) -> bool:
        if row.error and not failed:
            return False
        free = row.process_id == process_id or (not process_id and row.error)
        return free and fits(row)

    rows = [row for row in _queue(call) if is_due(row)]
    rows = _sorted(call, rows, _FIELDS, "TIMESTAMP_X")[:limit]
    shown = [_row(row) for row in rows]
    if clear:
        offline.delete(call.portal, rows)
    elif not process_id:
        process_id = offline.reserve(call.portal, rows)
    return {"process_id": process_id or None, "events": shown}


@method("event.offline.list", scope="", doc=_DOC + "event-offline-list.md", upper=True, app_only=True,
        params="filter order auth_connector")  # fmt: skip
def offline_list(call: Call) -> Json:
    """Read the queue without touching it."""
    _require_admin(call)
    rows = [row for row in _queue(call) if _wanted(call, _LISTED)(row)]
    shown = [
        _row(row) | {"PROCESS_ID": row.process_id, "ERROR": str(int(row.error))}
        for row in _sorted(call, rows, _LISTED, "ID")
    ]
    return paginate(call, shown)


def _of_process(call: Call) -> list[OfflineEvent]:
    _require_admin(call)
    process_id = call.text("PROCESS_ID")
    if not process_id:
        raise no_argument("PROCESS_ID")
    rows = call.state.offline_events.values()
    return [row for row in rows if row.app_id == _app(call).id and row.process_id == process_id]


@method("event.offline.clear", scope="", doc=_DOC + "event-offline-clear.md", upper=True, app_only=True,
        params="process_id id message_id")  # fmt: skip
def offline_clear(call: Call) -> Json:
    """Acknowledge the rows of a process: all, or those named."""
    rows = _of_process(call)
    if call.params.get("MESSAGE_ID") not in (None, ""):
        wanted = {str(one) for one in call.values("MESSAGE_ID")}
        rows = [row for row in rows if row.message_id in wanted]
    elif call.params.get("ID") not in (None, ""):
        numbers = {as_int(one) for one in call.values("ID")}
        rows = [row for row in rows if row.id in numbers]
    offline.delete(call.portal, rows)
    return True


@method("event.offline.error", scope="", doc=_DOC + "event-offline-error.md", upper=True, app_only=True,
        params="process_id message_id")  # fmt: skip
def offline_error(call: Call) -> Json:
    """Mark rows of a process as failed; they stay with it and are given out no more by default."""
    wanted = {str(one) for one in call.values("MESSAGE_ID")}
    for row in _of_process(call):
        row.error = row.error or row.message_id in wanted
    return True
