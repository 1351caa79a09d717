"""Open lines: an outside client writes, a session begins, operators of the queue lead it.

Facts: api-reference/imopenlines/openlines/**. A line gives a new session to the next operator of
its queue (`evenly`), to the first one (`strictly`) or to all at once (`all`); time alone moves
nothing here: QUEUE_TIME, NO_ANSWER_TIME and AUTO_CLOSE_TIME are kept and not acted upon.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model import bots, chats, crm
from b24flow.sandbox.model.crm_kinds import require_kind
from b24flow.sandbox.model.entities import Chat, Employee, Message
from b24flow.sandbox.model.openlines_rows import Line, LineClient, LineSession
from b24flow.sandbox.model.openlines_said import session_of, tell_session
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import RestError, as_int

CONNECTORS = {"livechat": "Онлайн-чат", "telegrambot": "Telegram", "network": "Битрикс24.Network"}
KINDS = {"LEAD": 1, "DEAL": 2, "CONTACT": 3, "COMPANY": 4}


def operators(portal: Portal, line: Line) -> list[int]:
    """Return the operators of a line in the order of its queue, departments by their people."""
    found: list[int] = []
    for entry in line.queue:
        number = as_int(entry["ENTITY_ID"])
        if entry["ENTITY_TYPE"] == "department":
            people = [user.id for user in portal.state.users.values() if number in user.departments]
        else:
            people = [number]
        found += [one for one in people if portal.active_user(one)]
    return list(dict.fromkeys(found))


def may_lead(portal: Portal, chat: Chat, user: Employee) -> bool:
    """Say whether a user may open a line's conversation: its member, its operator, an administrator."""
    session = session_of(portal, chat.id)
    line = portal.state.lines.get(session.line_id) if session else None
    return user.admin or user.id in chat.members or (line is not None and user.id in operators(portal, line))


def chat_by_code(portal: Portal, code: str) -> Chat | None:
    """Return the chat of a user code `connector|line|chat|user`."""
    return chats.by_entity(portal, "LINES", code)


def write(
    portal: Portal,
    line: Line,
    *,
    code: str,
    name: str,
    text: str,
    connector: str = "livechat",
    crm_code: str = "",
) -> Message:
    """Say something to a line as an outside client; a first word begins a session.

    `crm_code` (`CONTACT|5`) says as whom the CRM knows the client.
    """
    client = _client(portal, code, name, connector)
    chat = _chat(portal, line, client)
    session = session_of(portal, chat.id)
    if session is None or session.status == "closed":
        session = begin(portal, line, client, chat, crm_code=crm_code)
    message = chats.send(portal, chat, client.id, text)
    session.first = session.first or message.id
    bots.announce(portal, chats.people(portal, [client.id])[0], chat, message)
    return message


def _client(portal: Portal, code: str, name: str, connector: str) -> LineClient:
    for row in portal.state.line_clients.values():
        if (row.code, row.connector) == (code, connector):
            return row
    row = LineClient(
        id=portal.state.next_id("user"),
        code=code,
        connector=connector,
        name=name or "Гость",
        outer_chat=portal.state.next_id("chat", 5),
    )
    portal.state.line_clients[row.id] = row
    return row


def _chat(portal: Portal, line: Line, client: LineClient) -> Chat:
    code = f"{client.connector}|{line.id}|{client.outer_chat}|{client.id}"
    known = chat_by_code(portal, code)
    if known is not None:
        return known
    title = f"{client.name} - {line.settings['LINE_NAME']}"
    return chats.add_chat(portal, "lines", title, [client.id], ("LINES", code), owner=0)


def begin(
    portal: Portal,
    line: Line,
    client: LineClient,
    chat: Chat,
    *,
    operator: int | None = None,
    crm_code: str = "",
) -> LineSession:
    """Begin a session and give it to an operator, by default to the line's next one."""
    before = session_of(portal, chat.id)
    session = LineSession(
        id=portal.state.next_id("line-session"),
        line_id=line.id,
        chat_id=chat.id,
        client_id=client.id,
        opened=portal.clock.now(),
        parent_id=before.id if before else 0,
        crm=dict(before.crm) if before else {},
    )
    portal.state.line_sessions[session.id] = session
    _bind_crm(portal, line, client, session, crm_code)
    _distribute(portal, line, chat, session, operator)
    describe(portal, chat, session)
    tell_session(portal, session, "ONSESSIONSTART", close_term(line))
    if line.settings["WELCOME_MESSAGE"] == "Y" and line.settings["WELCOME_MESSAGE_TEXT"]:
        chats.send(portal, chat, 0, line.settings["WELCOME_MESSAGE_TEXT"], system=True)
    return session


def close_term(line: Line) -> int:
    """Return the minutes until a session would close by itself."""
    return as_int(line.settings["AUTO_CLOSE_TIME"]) // 60


def _distribute(portal: Portal, line: Line, chat: Chat, session: LineSession, operator: int | None) -> None:
    bot = as_int(line.settings["WELCOME_BOT_ID"])
    if operator is not None:
        give(portal, chat, session, operator)
        session.status = "answered"
    elif line.settings["WELCOME_BOT_ENABLE"] == "Y" and bot in portal.state.bots:
        give(portal, chat, session, bot)
    else:
        queue_up(portal, line, chat, session)


def queue_up(portal: Portal, line: Line, chat: Chat, session: LineSession) -> None:
    """Give a session to whoever of the line's queue comes next."""
    people = operators(portal, line)
    if line.settings["QUEUE_TYPE"] == "all":
        give(portal, chat, session, 0)
        chat.members += [one for one in people if one not in chat.members]
        return
    present = session.operator_id
    others = [one for one in people if one != present] or people
    if line.settings["QUEUE_TYPE"] == "evenly" and line.turn in people:
        place = people.index(line.turn)
        circle = [*people[place + 1 :], *people[: place + 1]]
        others = [one for one in circle if one in others]
    chosen = others[0] if others else 0
    line.turn = chosen
    give(portal, chat, session, chosen)


def give(portal: Portal, chat: Chat, session: LineSession, operator: int) -> None:
    """Make somebody the operator of a session; the previous one leaves the chat."""
    previous = session.operator_id
    if previous and previous != operator and previous in chat.members:
        chat.members.remove(previous)
    if operator and operator not in chat.members:
        chat.members.append(operator)
        if operator in portal.state.bots:
            invited_by = chats.people(portal, [session.client_id])
            bots.tell_joined(portal, chat, invited_by[0], [operator])
    session.operator_id = chat.owner_id = operator
    session.status = "new"
    describe(portal, chat, session)


def answer(portal: Portal, chat: Chat, session: LineSession, user: Employee) -> None:
    """Let an operator take a session."""
    give(portal, chat, session, user.id)
    session.status = "answered"


def finish(portal: Portal, chat: Chat, session: LineSession, *, spam: bool = False) -> None:
    """Close a session; one that is closed stays as it is."""
    if session.status == "closed":
        return
    line = portal.state.lines[session.line_id]  # removing a line closes its sessions first
    if not spam and line.settings["CLOSE_RULE"] == "text" and line.settings["CLOSE_TEXT"]:
        chats.send(portal, chat, 0, line.settings["CLOSE_TEXT"], system=True)
    session.status, session.closed, session.spam = "closed", portal.clock.now(), spam
    session.pinned = False
    describe(portal, chat, session)
    tell_session(portal, session, "ONSESSIONFINISH", close_term(line))


def describe(portal: Portal, chat: Chat, session: LineSession) -> None:
    """Write a session into the chat's outer data, as the messenger reads it."""
    kind = next((name for name in KINDS if session.crm.get(name)), "NONE")
    number = session.crm.get(kind, 0)
    bound, pinned = "Y" if number else "N", "Y" if session.pinned else "N"
    opened = int(session.opened.timestamp())
    chat.entity_data = [
        f"{bound}|{kind}|{number}|{pinned}|N|{session.id}|{opened}|0|0|0",
        "|".join(f"{name}|{session.crm.get(name, 0)}" for name in ("LEAD", "COMPANY", "CONTACT", "DEAL")),
        "Y" if session.silent else "N",
    ]


def transfer(portal: Portal, chat: Chat, session: LineSession, to: dict[str, Any]) -> None:
    """Hand a session to a user (`user`) or to another line (`line`)."""
    wrong = RestError("OPERATOR_WRONG", "You cannot redirect to this operator")
    if session.status == "closed":
        raise wrong
    if "line" in to:
        line = portal.state.lines.get(to["line"])
        if line is None or line.settings["ACTIVE"] != "Y":
            raise wrong
        session.line_id = line.id
        queue_up(portal, line, chat, session)
        return
    user = portal.active_user(to["user"])
    if user is None or user.id == session.operator_id:
        raise wrong
    give(portal, chat, session, user.id)


def _bind_crm(portal: Portal, line: Line, client: LineClient, session: LineSession, crm_code: str) -> None:
    kind, _, number = crm_code.upper().partition("|")
    if kind in KINDS and as_int(number) in portal.state.items.get(KINDS[kind], {}):
        session.crm[kind] = as_int(number)
    wanted = line.settings["CRM"] == "Y" and line.settings["CRM_CREATE"] == "lead"
    if wanted and not any(session.crm.values()):
        owner = portal.state.users[line.modified_by]
        session.crm["LEAD"] = make_lead(portal, line, client, owner)


def make_lead(portal: Portal, line: Line, client: LineClient, user: Employee) -> int:
    """Create a lead of a client and return its id."""
    fields = {"title": f"{client.name} - {line.settings['LINE_NAME']}", "name": client.name}
    return crm.add_item(portal, require_kind(portal, KINDS["LEAD"]), user, fields, []).id


def chats_of_crm(portal: Portal, kind: str, number: int, *, active: bool = False) -> list[int]:
    """Return the ids of the chats bound to a CRM object, the last session's last."""
    found = [
        row.chat_id
        for row in sorted(portal.state.line_sessions.values(), key=lambda row: row.id)
        if row.crm.get(kind) == number and not (active and row.status == "closed")
    ]
    return list(dict.fromkeys(found))
