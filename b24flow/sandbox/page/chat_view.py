"""Pages of the messenger and of the bell."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from b24flow.sandbox.model import chats, notices, openlines
from b24flow.sandbox.model.entities import Chat, Employee, Message
from b24flow.sandbox.model.openlines_said import session_of
from b24flow.sandbox.model.placements import title_of
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.acts_chat import LIKE
from b24flow.sandbox.page.menu import bindings, unread_by_chat
from b24flow.sandbox.page.session import RefusedError, render
from b24flow.sandbox.wire import as_list, as_map

SHOWN = 100
_COLORS = frozenset({"primary", "secondary", "alert", "base"})
_SESSIONS = {"new": "ждёт ответа", "answered": "в работе", "closed": "завершён"}
_KINDS = {"private": "личный чат", "tasks": "чат задачи", "open": "открытый чат", "lines": "открытая линия"}


def chat(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the conversations and the chosen one open; what is seen is read."""
    dialog = request.query_params.get("IM_DIALOG", "")
    opened = _opened(portal, me, dialog) if dialog else None
    messages = chats.messages_of(portal, opened, me.id) if opened else []
    return render(
        portal,
        request,
        "chat.html",
        dialogs=_dialogs(portal, me),
        dialog=dialog,
        opened=opened,
        title=title_of_chat(portal, opened, me) if opened else "",
        about=_about(portal, opened, me) if opened else "",
        face=_face(portal, opened, me) if opened else None,
        commands=_commands(portal, opened) if opened else [],
        earlier=max(len(messages) - SHOWN, 0),
        messages=[_shown(portal, row, me) for row in messages[-SHOWN:]],
        places=bindings(portal, me, "IM_TEXTAREA", "IM_SIDEBAR") if opened else [],
        place_title=lambda row: title_of(portal, row),
        may_write=opened is not None and chats.may_write(portal, opened, me),
        said_by=lambda number: _name(portal, number),
        line=_line(portal, opened, me) if opened else None,
    )


def _opened(portal: Portal, me: Employee, dialog: str) -> Chat:
    with portal.deed("dialog", {"dialog": dialog, "user": me.id}, reading=True):
        found = chats.find_chat(portal, dialog, me.id)
    if found is None or not chats.may_read(portal, found, me):
        raise RefusedError("Этот чат вам недоступен")
    if me.id in found.members and (chats.unread_of(portal, found, me.id) or me.id in found.marked):
        form = {"as": str(me.id), "dialog_id": dialog}
        with portal.deed("person", {"act": "chat/read", "form": form}):
            chats.read(portal, found, me.id)
    return found


def title_of_chat(portal: Portal, row: Chat, me: Employee) -> str:
    """Return what a member calls a chat."""
    if row.kind != "private":
        return row.title or f"Чат № {row.id}"
    return portal.person_name(int(chats.dialog_of(row, me.id)))


def _name(portal: Portal, number: int) -> str:
    found = chats.person(portal, number)
    return found.full_name if found else "Система"


def _line(portal: Portal, row: Chat, me: Employee) -> dict[str, Any] | None:
    """Return what an operator may do with a conversation of an open line."""
    session = session_of(portal, row.id) if row.kind == "lines" else None
    if session is None:
        return None
    leads = openlines.may_lead(portal, row, me) and session.status != "closed"
    return {
        "status": _SESSIONS.get(session.status, session.status),
        "may_answer": leads and (session.operator_id != me.id or session.status == "new"),
        "may_finish": leads and session.operator_id == me.id,
    }


def _face(portal: Portal, row: Chat, me: Employee) -> Employee | None:
    return portal.user(int(chats.dialog_of(row, me.id))) if row.kind == "private" else None


def _about(portal: Portal, row: Chat, me: Employee) -> str:
    other = _face(portal, row, me)
    if other is not None:
        return "чат-бот" if other.is_bot else other.position
    names = ", ".join(_name(portal, one) for one in row.members[:6])
    more = f" и ещё {len(row.members) - 6}" if len(row.members) > 6 else ""
    return f"{_KINDS.get(row.kind, 'групповой чат')}: {names}{more}"


def _commands(portal: Portal, row: Chat) -> list[tuple[str, str]]:
    rows = [
        c for c in portal.state.commands.values() if not c.hidden and (c.common or c.bot_id in row.members)
    ]
    return [(f"/{c.name}", _local(c.title)) for c in rows][:12]


def _local(texts: Any) -> str:
    if isinstance(texts, dict):
        return str(texts.get("ru") or next(iter(texts.values()), ""))
    return str(texts or "")


def _dialogs(portal: Portal, me: Employee) -> list[dict[str, Any]]:
    mine = {
        row.id: row for row in portal.state.chats.values() if me.id in row.members and me.id not in row.hidden
    }
    last: dict[int, Message] = {}
    for message in portal.state.messages.values():
        row = mine.get(message.chat_id)
        if row is not None and not message.deleted and message.id >= row.since.get(me.id, 0):
            last[message.chat_id] = message
    unread = unread_by_chat(portal, me)
    found = [_dialog(portal, me, mine[number], last[number], unread.get(number, 0)) for number in last]
    found += [
        _dialog(portal, me, row, None, 0)
        for row in mine.values()
        if row.id not in last and row.kind in ("chat", "open")
    ]
    found.sort(key=lambda entry: (not entry["pinned"], -entry["order"]))
    known = {entry["dialog"] for entry in found}
    silent = [portal.state.users[bot] for bot in portal.state.bots if str(bot) not in known]
    return [*found, *(_silent(bot) for bot in silent if bot.active)]


def _dialog(portal: Portal, me: Employee, row: Chat, last: Message | None, unread: int) -> dict[str, Any]:
    return {
        "dialog": chats.dialog_of(row, me.id),
        "title": title_of_chat(portal, row, me),
        "face": _face(portal, row, me),
        "chat": row.id,
        "last": last.text if last else "",
        "author": "Вы: " if last and last.author_id == me.id and not last.system else "",
        "at": last.created if last else None,
        "order": last.id if last else 0,
        "pinned": me.id in row.pinned,
        "unread": unread or int(me.id in row.marked),
    }


def _silent(bot: Employee) -> dict[str, Any]:
    return {
        "dialog": str(bot.id), "title": bot.full_name, "face": bot, "chat": 0, "last": "чат-бот",
        "author": "", "at": None, "order": 0, "pinned": False, "unread": 0,
    }  # fmt: skip


def _shown(portal: Portal, row: Message, me: Employee) -> dict[str, Any]:
    buttons = [_button(index, button) for index, button in enumerate(chats.buttons_of(row))]
    blocks = any(b.get("BLOCK") == "Y" for b in chats.buttons_of(row))
    quoted = portal.state.messages.get(row.reply_to)
    found = (portal.state.objects.get(number) for number in row.files)
    return {
        "row": row,
        "mine": row.author_id == me.id,
        "system": row.system,
        "buttons": buttons,
        "blocked": blocks and me.id in row.pressed_by,
        "attach": _attach(row.attach),
        "files": [file for file in found if file is not None and not file.deleted],
        "likes": len(row.reactions.get(LIKE, [])),
        "liked": me.id in row.reactions.get(LIKE, []),
        "other": {name: len(who) for name, who in row.reactions.items() if name != LIKE and who},
        "quoted": quoted if quoted is not None and not quoted.deleted else None,
    }


def _button(index: int, button: dict[str, Any]) -> dict[str, Any]:
    color = str(button.get("BG_COLOR_TOKEN", "base"))
    action = str(button.get("ACTION") or "")
    return {
        "index": index,
        "text": str(button.get("TEXT", "")),
        "newline": button.get("TYPE") == "NEWLINE",
        "link": _safe_link(button.get("LINK")),
        "command": button.get("COMMAND"),
        "action": action,
        "value": str(button.get("ACTION_VALUE") or ""),
        "color": color if color in _COLORS else "base",
        "wide": button.get("DISPLAY") == "BLOCK",
        "disabled": button.get("DISABLED") == "Y",
    }


def _safe_link(link: Any) -> str:
    text = str(link or "")
    local = text.startswith("/") and text[1:2] not in ("/", "\\")
    return text if local or text.startswith(("http://", "https://")) else ""


def _attach(attach: Any) -> list[dict[str, Any]]:
    """Return the blocks of an attachment in either of its forms, grids as pairs."""
    source = attach.get("BLOCKS") if isinstance(attach, dict) and "BLOCKS" in attach else attach
    blocks = []
    for block in map(as_map, as_list(source)):
        grid = [
            (str(cell.get("NAME", "")), str(cell.get("VALUE", "")))
            for cell in map(as_map, as_list(block.get("GRID")))
        ]
        link, person = as_map(block.get("LINK")), as_map(block.get("USER"))
        blocks.append(
            {
                "message": str(block.get("MESSAGE", "")),
                "grid": grid,
                "link": _safe_link(link.get("LINK")),
                "link_name": str(link.get("NAME") or link.get("LINK") or ""),
                "link_text": str(link.get("DESC") or ""),
                "person": str(person.get("NAME") or ""),
                "line": "DELIMITER" in block,
            }
        )
    return blocks


def notifications(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the bell; what is new stays new until the employee says that he has read it."""
    rows = notices.of_user(portal, me.id)
    shown = [(row, _attach(row.attach)) for row in rows[:SHOWN]]
    return render(portal, request, "notices.html", rows=shown, fresh=sum(not row.read for row in rows))
