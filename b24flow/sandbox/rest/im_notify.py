"""Notifications (api-reference/chats/notifications/**)."""

from __future__ import annotations

from datetime import datetime

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.model import chats, notices
from b24flow.sandbox.model.chats_show import user_for
from b24flow.sandbox.model.entities import Notice
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.im_dialogs import whole_number
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list

_DOC = "api-reference/chats/notifications/"
_PARAMS = "USER_ID MESSAGE MESSAGE_OUT TAG SUB_TAG ATTACH CLIENT_ID"
_PARTIAL = "текст для почты (MESSAGE_OUT) никуда не уходит"
_MOST = 50
_SHORTEST = 3


def _notify(call: Call, author: int) -> Json:
    if call.portal.user(call.number("USER_ID")) is None:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    text = call.text("MESSAGE").strip()
    if not text:
        raise RestError("MESSAGE_EMPTY", "Message can't be empty")
    app = call.caller.app
    for name in ("TAG", "SUB_TAG"):
        if name in call.params and app is None:
            call.note("ignored_value", name)  # the box keeps tags for applications only
    row = notices.notify(
        call.portal,
        call.number("USER_ID"),
        author,
        f"{app.title}\n{text}" if app is not None and not author else text,
        tag=_tag(call, "TAG"),
        sub_tag=_tag(call, "SUB_TAG"),
        attach=chats.check_attach(call.params.get("ATTACH")),
    )
    return row.id


def _tag(call: Call, name: str) -> str:
    given, app = call.text(name), call.caller.app
    return f"MP|{app.client_id}|{given}" if given and app is not None else ""


@method("im.notify", scope="im", doc=_DOC + "im-notify.md", upper=True, params=_PARAMS + " TYPE",
        partial=_PARTIAL, reads=False)  # fmt: skip
def notify(call: Call) -> Json:
    """Notify from the caller, or from the system with TYPE SYSTEM."""
    return _notify(call, 0 if call.text("TYPE").upper() == "SYSTEM" else call.user.id)


@method("im.notify.personal.add", scope="im", doc=_DOC + "im-notify-personal-add.md", upper=True,
        params=_PARAMS, partial=_PARTIAL)  # fmt: skip
def notify_personal(call: Call) -> Json:
    """Notify from the caller."""
    return _notify(call, call.user.id)


@method("im.notify.system.add", scope="im", doc=_DOC + "im-notify-system-add.md", upper=True,
        params=_PARAMS, partial=_PARTIAL)  # fmt: skip
def notify_system(call: Call) -> Json:
    """Notify from the system; an application's notification begins with its name."""
    return _notify(call, 0)


@method("im.notify.delete", scope="im", doc=_DOC + "im-notify-delete.md", upper=True,
        params="ID TAG SUB_TAG CLIENT_ID")  # fmt: skip
def notify_delete(call: Call) -> Json:
    """Remove an own notification by its id, or those of the application by a tag."""
    if call.number("ID") > 0:
        row = call.state.notices.get(call.number("ID"))
        if row is None or row.to != call.user.id:
            return False
        del call.state.notices[row.id]
        return True
    if not call.text("TAG") and not call.text("SUB_TAG"):
        raise RestError("PARAMS_ERROR", "Incorrect params")
    if call.caller.app is None and not call.text("CLIENT_ID"):
        raise RestError("ACCESS_DENIED", "Access denied! Client ID not specified", 403)
    notices.drop_tagged(call.portal, tag=_tag(call, "TAG"), sub_tag=_tag(call, "SUB_TAG"))
    return True


def _shown(call: Call, rows: list[Notice]) -> Params:
    authors = sorted({row.author_id for row in rows if row.author_id in call.state.users})
    return {
        "notifications": [notices.show(call.portal, row) for row in rows],
        "users": [user_for(call.portal, call.state.users[one]) for one in authors],
    }


def _page(call: Call, rows: list[Notice]) -> list[Notice]:
    last = whole_number(call, "LAST_ID", "Last notification ID")
    limit = min(max(call.number("LIMIT", _MOST) or _MOST, 1), _MOST)
    if last:
        ids = [row.id for row in rows]
        rows = rows[ids.index(last) + 1 :] if last in ids else [row for row in rows if row.id < last]
    return rows[:limit]


@method("im.notify.get", scope="im", doc=_DOC + "im-notify-get.md", upper=True,
        params="LAST_ID LAST_TYPE LIMIT CONVERT_TEXT",
        partial="нет уведомлений с кнопками подтверждения")  # fmt: skip
def notify_get(call: Call) -> Json:
    """List the caller's notifications, newest first."""
    given = [call.params.get(name) not in (None, "") for name in ("LAST_ID", "LAST_TYPE")]
    if any(given) and not all(given):
        text = "Parameters LAST_ID and LAST_TYPE should be used together."
        raise RestError("LAST_ID_AND_LAST_TYPE", text)
    rows = notices.of_user(call.portal, call.user.id)
    shown = _shown(call, _page(call, rows))
    if not rows:
        return shown
    return {
        "total_count": len(rows),
        "total_unread_count": notices.unread(call.portal, call.user.id),
        "chat_id": call.state.notice_chats[call.user.id],
        **shown,
    }


@method("im.notify.history.search", scope="im", doc=_DOC + "im-notify-history-search.md", upper=True,
        params="SEARCH_TEXT SEARCH_TYPE SEARCH_TYPES SEARCH_DATE SEARCH_DATE_FROM SEARCH_DATE_TO "
        "SEARCH_AUTHORS LAST_ID LIMIT CONVERT_TEXT GROUP_TAG")  # fmt: skip
def history_search(call: Call) -> Json:
    """Find the caller's notifications, newest first."""
    period = call.text("SEARCH_DATE_FROM") and call.text("SEARCH_DATE_TO")
    narrow = [call.params.get(name) for name in ("SEARCH_TYPE", "SEARCH_DATE", "SEARCH_TYPES",
                                                 "SEARCH_AUTHORS")]  # fmt: skip
    if not period and not any(narrow) and len(call.text("SEARCH_TEXT")) < _SHORTEST:
        raise RestError("SEARCH_TEXT_ERROR", "SEARCH_TEXT can't be less than 3 symbols")
    rows = [row for row in notices.of_user(call.portal, call.user.id) if _fits(call, row)]
    answer: Params = {"chat_id": call.state.notice_chats.get(call.user.id, 0)}
    if not call.params.get("LAST_ID"):
        answer["total_results"] = len(rows)
    return answer | _shown(call, _page(call, rows))


def _fits(call: Call, row: Notice) -> bool:
    kinds = [str(one) for one in [*call.values("SEARCH_TYPES"), *as_list(call.params.get("SEARCH_TYPE"))]]
    authors = [as_int(one) for one in call.values("SEARCH_AUTHORS")]
    first, last = _moment(call, "SEARCH_DATE_FROM"), _moment(call, "SEARCH_DATE_TO")
    day = _moment(call, "SEARCH_DATE")
    return (
        call.text("SEARCH_TEXT").lower() in row.text.lower()
        and (not kinds or row.module in kinds or f"{row.module}|{row.event}" in kinds)
        and (not authors or row.author_id in authors)
        and (day is None or row.created.date() == day.date())
        and (first is None or row.created >= first)
        and (last is None or row.created <= last)
        and (not call.text("GROUP_TAG") or row.tag == call.text("GROUP_TAG"))
    )


def _moment(call: Call, name: str) -> datetime | None:
    return parse_moment(call.text(name), call.portal.clock.zone)


@method("im.notify.read", scope="im", doc=_DOC + "im-notify-read.md", upper=True,
        params="ID ACTION ONLY_CURRENT", reads=False)  # fmt: skip
def notify_read(call: Call) -> Json:
    """Mark a notification, or it and the later ones, as read or unread."""
    if "ID" not in call.params or call.number("ID") < 0:
        return True
    number, only = call.number("ID"), call.text("ONLY_CURRENT").upper() == "Y"
    wanted = call.text("ACTION").upper() in ("", "Y")
    for row in notices.of_user(call.portal, call.user.id):
        if row.id == number or (not only and row.id >= number):
            row.read = wanted
    return True


@method("im.notify.read.list", scope="im", doc=_DOC + "im-notify-read-list.md", upper=True,
        params="IDS ACTION", reads=False)  # fmt: skip
def notify_read_list(call: Call) -> Json:
    """Mark notifications as read or unread, up to the first id that is none."""
    given = call.params.get("IDS")
    if not isinstance(given, list | dict) or not given:
        raise RestError("PARAMS_ERROR", "No IDS param or it is not an array")
    wanted = call.text("ACTION").upper() in ("", "Y")
    for number in map(as_int, as_list(given)):
        if number <= 0:
            break
        row = call.state.notices.get(number)
        if row is not None and row.to == call.user.id:
            row.read = wanted
    return True


@method("im.notify.read.all", scope="im", doc=_DOC + "im-notify-read-all.md", upper=True,
        reads=False)  # fmt: skip
def notify_read_all(call: Call) -> Json:
    """Mark every notification as read."""
    for row in notices.of_user(call.portal, call.user.id):
        row.read = True
    return {"result": True, "newCounter": 0}


@method("im.notify.schema.get", scope="im", doc=_DOC + "im-notify-schema-get.md", upper=True)
def notify_schema(call: Call) -> Json:
    """Return the kinds of notifications by modules."""
    return {
        module: {
            "NAME": name,
            "MODULE_ID": module,
            "LIST": [{"ID": f"{module}|{code}", "NAME": title} for code, title in kinds.items()],
        }
        for module, (name, kinds) in notices.SCHEMA.items()
    }
