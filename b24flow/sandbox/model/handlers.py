"""What happens to the events of a hit when it ends: rows of offline queues and online letters.

Facts: api-reference/events/{index,event-bind,offline-events,on-offline-event}.md. Contradictions
between the pages and a box's code are resolved to the box:

- names of events arrive in capitals, whatever the samples show;
- `scope` is absent with the tokens when nobody's action raised the event;
- `ts` is the second of the change, not of the sending.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from b24flow.sandbox.model import offline, tokens
from b24flow.sandbox.model.entities import App, EventBinding
from b24flow.sandbox.model.hit import Letter, Raised
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import as_int

PING = "ONOFFLINEEVENT"
_LONG_ACCESS = frozenset({PING, "ONAPPTEST", "ONAPPINSTALL", "ONAPPUPDATE"})  # get a refresh token
HOPS = 7


def settle(portal: Portal) -> None:
    """Hand what the present hit raised to the handlers of installed applications.

    After seven calls of handlers one out of another nothing is sent: a handler that changes what it
    is told about would go on for ever.
    """
    hit = portal.hit
    if not hit.raised or not portal.state.event_bindings:
        return
    filled: dict[int, int | None] = {}
    for event in hit.raised:
        for row in _bound(portal, event):
            if row.offline:
                if offline.keep(portal, row, event):
                    filled.setdefault(row.app_id, event.user_id)
            elif hit.hops < HOPS:
                hit.letters.append(_letter(portal, row, event))
    for app_id, user_id in filled.items():
        _ping(portal, app_id, user_id)


def _bound(portal: Portal, event: Raised) -> list[EventBinding]:
    found = []
    for row in portal.state.event_bindings.values():
        app = portal.state.apps.get(row.app_id)
        if row.event != event.name or app is None or not app.installed:
            continue
        if event.only_app in (None, row.app_id):
            found.append(row)
    return found


def _letter(portal: Portal, row: EventBinding, event: Raised) -> Letter:
    app = portal.state.apps[row.app_id]
    fields = {
        "event": event.name,
        "event_handler_id": row.id,
        "data": event.data,
        "ts": int(portal.clock.now().timestamp()),
        "auth": _auth(portal, app, row.user_id or event.user_id, event.name in _LONG_ACCESS),
    }
    return Letter(url=row.handler, fields=fields)


def _auth(portal: Portal, app: App, user_id: int | None, refresh: bool) -> dict[str, Any]:
    bare = tokens.portal_block(portal, app)
    user = portal.active_user(user_id) if user_id else None
    if user is None:
        return bare
    cache, hops = portal.state.event_tokens, portal.hit.hops + 1
    key = f"{app.id}:{user.id}:{hops}:{int(refresh)}"
    token = portal.state.tokens.get(cache.get(key, ""))
    lives = portal.clock.now() + tokens.ACCESS_LIVES
    # One token serves the events of one second: a thousand changes at once make one, not a thousand.
    if token is None or token.expires < lives or token.scopes != app.scopes:
        token = tokens.issue(portal, app, user, refresh=refresh)
        token.hops = hops
        cache[key] = token.access
    full = tokens.token_block(portal, token, portal.address, portal.address)
    if not refresh:
        del full["refresh_token"]
    return full | bare


def _ping(portal: Portal, app_id: int, user_id: int | None) -> None:
    now, event = portal.clock.now(), Raised(name=PING, data=[], user_id=user_id, only_app=app_id)
    for row in _bound(portal, event):
        pause = timedelta(seconds=as_int(row.options.get("minTimeout"), 1))
        if row.offline or (row.pinged is not None and now < row.pinged + pause):
            continue
        row.pinged = now
        portal.hit.letters.append(_letter(portal, row, event))
