"""Events of a user's own chats (chat-bots-v2/im.v2/events/**)."""

from __future__ import annotations

from b24flow.sandbox.model import bots, chats_watch
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.wire import Json, Params

_DOC = "api-reference/chat-bots/chat-bots-v2/im.v2/events/"


@method("im.v2.Event.subscribe", scope="im", doc=_DOC + "event-subscribe.md")
def subscribe(call: Call) -> Json:
    """Begin to log events for the caller."""
    chats_watch.subscribe(call.portal, call.user.id)
    return True


@method("im.v2.Event.unsubscribe", scope="im", doc=_DOC + "event-unsubscribe.md")
def unsubscribe(call: Call) -> Json:
    """Log no new events for the caller."""
    chats_watch.unsubscribe(call.portal, call.user.id)
    return True


@method("im.v2.Event.get", scope="im", doc=_DOC + "event-get.md", params="offset limit")
def event_get(call: Call) -> Json:
    """Return waiting events of the caller; `offset` deletes everything before it."""
    return waiting_events(call, {call.user.id})


def waiting_events(call: Call, owners: set[int]) -> Params:
    """Return the events of bots and users, those before `offset` deleted, those of a day ago too."""
    bots.drop_expired_events(call.portal)
    state, offset = call.state, call.number("offset")
    if call.params.get("offset") not in (None, ""):
        state.bot_events = [row for row in state.bot_events if row.bot_id not in owners or row.id >= offset]
    limit = min(max(call.number("limit", 100) or 100, 1), 1000)
    waiting = [row for row in state.bot_events if row.bot_id in owners]
    shown = waiting[:limit]
    return {
        "events": [bots.show_event(row) for row in shown],
        "nextOffset": shown[-1].id + 1 if shown else offset,
        "hasMore": len(waiting) > limit,
    }
