"""The history of searches of the older messenger (api-reference/chats/search/im-search-last-*.md)."""

from __future__ import annotations

from b24flow.sandbox.model import chats
from b24flow.sandbox.model.chats_show import recent_for
from b24flow.sandbox.model.entities import Chat
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.im import DOC
from b24flow.sandbox.wire import Json, Params, RestError, is_yes

_SEARCH = DOC + "search/im-search-last-"
_MOST = 50
_CHAT_FIELDS = (
    "id name owner extranet avatar color type entity_type entity_id entity_data_1 entity_data_2 "
    "entity_data_3 mute_list date_create message_type"
)


def _dialog(call: Call) -> str:
    dialog = call.text("DIALOG_ID")
    chat = chats.find_chat(call.portal, dialog, call.user.id)
    if chat is None or not chats.may_read(call.portal, chat, call.user):
        raise RestError("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
    return dialog


@method("im.search.last.add", scope="im", doc=_SEARCH + "add.md", upper=True, params="DIALOG_ID")
def last_add(call: Call) -> Json:
    """Put a dialogue on top of the caller's history."""
    dialog = _dialog(call)
    rows = call.state.im_searched.setdefault(call.user.id, [])
    rows[:] = [dialog, *(one for one in rows if one != dialog)][:_MOST]
    return True


@method("im.search.last.delete", scope="im", doc=_SEARCH + "delete.md", upper=True, params="DIALOG_ID")
def last_delete(call: Call) -> Json:
    """Take a dialogue out of the caller's history."""
    dialog = _dialog(call)
    rows = call.state.im_searched.get(call.user.id, [])
    if dialog in rows:
        rows.remove(dialog)
    return True


@method("im.search.last.get", scope="im", doc=_SEARCH + "get.md", upper=True,
        params="SKIP_OPENLINES SKIP_CHAT SKIP_DIALOG")  # fmt: skip
def last_get(call: Call) -> Json:
    """Return the caller's history, the latest first; what he may see no more is left out."""
    skipped = {
        "SKIP_OPENLINES": ("lines",),
        "SKIP_DIALOG": ("private",),
        "SKIP_CHAT": ("chat", "open", "tasks"),
    }
    kinds = {kind for name, some in skipped.items() if is_yes(call.params.get(name)) for kind in some}
    rows = (
        chats.find_chat(call.portal, dialog, call.user.id)
        for dialog in call.state.im_searched.get(call.user.id, [])
    )
    return [
        _show(call, chat)
        for chat in rows
        if chat is not None and chat.kind not in kinds and chats.may_read(call.portal, chat, call.user)
    ]


def _show(call: Call, chat: Chat) -> Params:
    row = recent_for(call.portal, chat, call.user.id)
    shown = {name: row[name] for name in ("id", "type", "avatar", "title")}
    if row["type"] == "user":
        return shown | {"user": row["user"]}
    return shown | {"chat": {name: row["chat"][name] for name in _CHAT_FIELDS.split()}}
