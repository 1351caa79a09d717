"""People and the recent list of the messenger (api-reference/chats/{users,im-recent,…}/**)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.model import chats, notices
from b24flow.sandbox.model.chats_show import recent_for, user_for
from b24flow.sandbox.model.entities import Chat
from b24flow.sandbox.registry import Call, Page, method
from b24flow.sandbox.rest.im import DOC, dialog_chat
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, is_yes

_USERS, _SPECIAL = DOC + "users/", DOC + "special-operations/"
_STATUSES = ("online", "dnd", "away", "break")
_HISTORY = timedelta(days=7)
_LONGEST = 365 * 24 * 60  # minutes, so that the moment stays a date


@method("im.revision.get", scope="im", doc=DOC + "im-revision-get.md")
def revision_get(call: Call) -> Json:
    """Return the interface revisions of the box this emulator follows."""
    return {"rest": 33, "web": 130, "mobile": 20, "desktop": 6, "im_revision_mobile": 20}


@method("im.user.get", scope="im", doc=_USERS + "im-user-get.md", upper=True, params="ID AVATAR_HR")
def user_get(call: Call) -> Json:
    """Return a user with the end of his present absence."""
    user = call.portal.user(call.number("ID") or call.user.id)
    if user is None:
        raise RestError("USER_NOT_EXISTS", "User does not exist or access denied")
    return user_for(call.portal, user)


@method("im.user.list.get", scope="im", doc=_USERS + "im-user-list-get.md", upper=True,
        params="ID AVATAR_HR RESULT_TYPE")  # fmt: skip
def user_list(call: Call) -> Json:
    """Return users by their ids: a map by id, or a list when it is asked for; unknown ones are null."""
    given = call.params.get("ID")
    if isinstance(given, str):
        given = _listed(given)
    if not isinstance(given, list | dict):
        raise RestError("INVALID_FORMAT", "A wrong format for the ID field is passed")
    numbers = dict.fromkeys(map(as_int, as_list(given)))
    found = {number: call.state.users.get(number) for number in numbers}
    shown = {number: user_for(call.portal, user) if user else None for number, user in found.items()}
    if call.text("RESULT_TYPE") == "array":
        return [user for user in shown.values() if user]
    return shown


def _listed(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@method("im.user.status.get", scope="im", doc=_USERS + "im-user-status-get.md", upper=True)
def status_get(call: Call) -> Json:
    """Return the caller's status; false when none was set."""
    return call.state.user_statuses.get(call.user.id, False)


@method("im.user.status.set", scope="im", doc=_USERS + "im-user-status-set.md", upper=True,
        params="STATUS")  # fmt: skip
def status_set(call: Call) -> Json:
    """Set the caller's status."""
    if call.text("STATUS") not in _STATUSES:
        raise RestError("STATUS_ERROR", "Status is not available")
    call.state.user_statuses[call.user.id] = call.text("STATUS")
    return True


@method("im.user.status.idle.start", scope="im", doc=_USERS + "im-user-status-idle-start.md", upper=True,
        params="AGO")  # fmt: skip
def idle_start(call: Call) -> Json:
    """Say that the caller went away some minutes ago."""
    minutes = min(max(call.number("AGO", 10), 1), _LONGEST)
    call.state.user_idle[call.user.id] = call.portal.clock.now() - timedelta(minutes=minutes)
    return True


@method("im.user.status.idle.end", scope="im", doc=_USERS + "im-user-status-idle-end.md", upper=True)
def idle_end(call: Call) -> Json:
    """Say that the caller is back."""
    call.state.user_idle.pop(call.user.id, None)
    return True


@method("im.counters.get", scope="im", doc=DOC + "im-counters-get.md", upper=True)
def counters_get(call: Call) -> Json:
    """Count what the caller has not read."""
    me = call.user.id
    found: dict[str, Params] = {"CHAT": {}, "CHAT_MUTED": {}, "LINES": {}, "DIALOG": {}}
    marked: dict[str, list[int]] = {"CHAT_UNREAD": [], "DIALOG_UNREAD": []}
    for chat in _mine(call):
        private = chat.kind == "private"
        key = int(chats.dialog_of(chat, me)) if private else chat.id
        if me in chat.marked:
            marked["DIALOG_UNREAD" if private else "CHAT_UNREAD"].append(key)
        number = len(chats.unread_of(call.portal, chat, me))
        if number:
            kind = "DIALOG" if private else "LINES" if chat.kind == "lines" else "CHAT"
            found["CHAT_MUTED" if me in chat.muted else kind][str(key)] = number
    sums = {name: sum(found[name].values()) for name in ("CHAT", "LINES", "DIALOG")}
    messenger, bell = sum(sums.values()), notices.unread(call.portal, me)
    total = {"ALL": messenger + bell, "NOTIFY": bell, **sums, "MESSENGER": messenger}
    return {"TYPE": total, **found, **marked}


def _mine(call: Call) -> list[Chat]:
    return [chat for chat in call.state.chats.values() if call.user.id in chat.members]


def _moved(call: Call, chat: Chat) -> datetime:
    rows = chats.messages_of(call.portal, chat, call.user.id)
    return rows[-1].created if rows else chat.created or call.portal.clock.now()


def _recent(call: Call) -> list[Chat]:
    """Return the chats of the recent list, pinned first, then the latest ones."""
    me = call.user.id
    found = [
        chat
        for chat in _mine(call)
        if me not in chat.hidden and (chat.kind != "private" or chats.messages_of(call.portal, chat))
    ]
    if is_yes(call.params.get("ONLY_OPENLINES")):
        found = [chat for chat in found if chat.kind == "lines"]
    skipped = {
        "SKIP_OPENLINES": ("lines",),
        "SKIP_DIALOG": ("private",),
        "SKIP_CHAT": ("chat", "open", "tasks"),
    }
    for name, kinds in skipped.items():
        if is_yes(call.params.get(name)):
            found = [chat for chat in found if chat.kind not in kinds]
    found.sort(key=lambda chat: (me in chat.pinned, _moved(call, chat), chat.id), reverse=True)
    return found


@method("im.recent.get", scope="im", doc=DOC + "im-recent-get.md", upper=True,
        params="SKIP_OPENLINES SKIP_CHAT SKIP_DIALOG LAST_UPDATE ONLY_OPENLINES LAST_SYNC_DATE")  # fmt: skip
def recent_get(call: Call) -> Json:
    """Return the recent chats, of a week at most with LAST_SYNC_DATE."""
    zone, now = call.portal.clock.zone, call.portal.clock.now()
    since = parse_moment(call.text("LAST_UPDATE"), zone)
    synced = parse_moment(call.text("LAST_SYNC_DATE"), zone)
    if synced is not None:
        since = max(synced, now - _HISTORY)
    rows = [chat for chat in _recent(call) if since is None or _moved(call, chat) >= since]
    return [recent_for(call.portal, chat, call.user.id) for chat in rows]


@method("im.recent.list", scope="im", doc=DOC + "im-recent-list.md", upper=True,
        params="SKIP_OPENLINES SKIP_DIALOG SKIP_CHAT LAST_MESSAGE_DATE UNREAD_ONLY PARSE_TEXT "
        "GET_ORIGINAL_TEXT SKIP_UNDISTRIBUTED_OPENLINES ONLY_COPILOT ONLY_CHANNEL CAN_MANAGE_MESSAGES "
        "OFFSET LIMIT",
        partial="CoPilot и каналов нет: с ONLY_COPILOT и ONLY_CHANNEL список пуст")  # fmt: skip
def recent_list(call: Call) -> Page:
    """Return a page of the recent chats; how many there are is not counted."""
    rows = _recent(call)
    before = parse_moment(call.text("LAST_MESSAGE_DATE"), call.portal.clock.zone)
    if before is not None:
        rows = [chat for chat in rows if _moved(call, chat) < before]
    if is_yes(call.params.get("UNREAD_ONLY")):
        rows = [chat for chat in rows if _unread(call, chat)]
    if is_yes(call.params.get("ONLY_COPILOT")) or is_yes(call.params.get("ONLY_CHANNEL")):
        rows = []
    if is_yes(call.params.get("CAN_MANAGE_MESSAGES")):
        rows = [chat for chat in rows if chats.leads(chat, call.user.id)]
    limit = min(max(call.number("LIMIT", 50) or 50, 1), 200)
    offset = max(call.number("OFFSET"), 0)
    more = offset + limit < len(rows)
    page = [recent_for(call.portal, chat, call.user.id) for chat in rows[offset : offset + limit]]
    result = {
        "items": page,
        "hasMorePages": more,
        "hasMore": more,
        "copilot": {"chats": None, "messages": None, "roles": {}, "recommendedRoles": []},
        "messagesAutoDeleteConfigs": [],
    }
    return Page(result=result, total=-1)


def _unread(call: Call, chat: Chat) -> bool:
    return call.user.id in chat.marked or bool(chats.unread_of(call.portal, chat, call.user.id))


@method("im.recent.hide", scope="im", doc=_SPECIAL + "im-recent-hide.md", upper=True,
        params="DIALOG_ID")  # fmt: skip
def recent_hide(call: Call) -> Json:
    """Take a chat out of the recent list until the next message."""
    chat = dialog_chat(call)
    chat.hidden = [one for one in chat.hidden if one != call.user.id] + [call.user.id]
    return True


@method("im.recent.pin", scope="im", doc=_SPECIAL + "im-recent-pin.md", upper=True,
        params="DIALOG_ID PIN")  # fmt: skip
def recent_pin(call: Call) -> Json:
    """Pin a chat at the top of the recent list, or let it go."""
    chat = dialog_chat(call)
    put = is_yes(call.params.get("PIN", "Y"))
    chat.pinned = [one for one in chat.pinned if one != call.user.id] + [call.user.id] * put
    return True


@method("im.recent.unread", scope="im", doc=_SPECIAL + "im-recent-unread.md", upper=True,
        params="DIALOG_ID ACTION", reads=False)  # fmt: skip
def recent_unread(call: Call) -> Json:
    """Mark a chat as unread by hand, or as read."""
    try:
        chat = dialog_chat(call)
    except RestError as error:
        if error.code == "ACCESS_ERROR":
            return False
        raise
    if is_yes(call.params.get("ACTION", "Y")):
        chat.marked = [one for one in chat.marked if one != call.user.id] + [call.user.id]
    else:
        chats.read(call.portal, chat, call.user.id)
    return True
