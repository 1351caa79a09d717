"""Joining and leaving conversations: who may do it, what the chat says about it, which bots hear.

Facts: api-reference/chats/chat-users/**, api-reference/chats/messages/im-dialog-messages-get.md.
"""

from __future__ import annotations

from b24flow.sandbox.model import bots, chats, chats_watch
from b24flow.sandbox.model.entities import Chat, Employee
from b24flow.sandbox.model.portal import Portal


def present(portal: Portal, user_ids: list[int]) -> list[int]:
    """Return those of the ids that are active users or bots, each once."""
    users = portal.state.users
    return [one for one in dict.fromkeys(user_ids) if one in users and users[one].active]


def invite(
    portal: Portal, chat: Chat, by: Employee, user_ids: list[int], *, hide_history: bool = True
) -> list[int]:
    """Bring users into a chat and say so in it; return those who were not in it before."""
    added = [one for one in present(portal, user_ids) if one not in chat.members]
    if not added:
        return []
    chat.members += added
    names = ", ".join(_mention(portal, one) for one in added)
    text = f"{_mention(portal, by.id)} {_verb(by, 'пригласил')} в чат {names}"
    said = chats.send(portal, chat, by.id, text, system=True, params={"CODE": ["CHAT_JOIN"], "NOTIFY": "N"})
    for one in added:
        if hide_history:
            chat.since[one] = said.id
        chat.read[one], chat.read_at[one] = said.id, said.created
    bots.tell_joined(portal, chat, by, added)
    for one in added:
        chats_watch.note(portal, chat, "JOINCHAT", chats.person(portal, one))
    return added


def expel(portal: Portal, chat: Chat, by: Employee, user_id: int) -> None:
    """Take a member out of a chat and say so in it; the owner's place goes to the next member."""
    _forget(chat, user_id)
    if by.id == user_id:
        text = f"{_mention(portal, user_id)} {_verb(by, 'покинул')} чат"
    else:
        text = f"{_mention(portal, by.id)} {_verb(by, 'исключил')} из чата {_mention(portal, user_id)}"
    params = {"CODE": ["CHAT_LEAVE"], "NOTIFY": "N"}
    chats.send(portal, chat, by.id, text, system=True, params=params)


def _forget(chat: Chat, user_id: int) -> None:
    for listed in (chat.members, chat.managers, chat.muted, chat.marked, chat.pinned, chat.hidden):
        if user_id in listed:
            listed.remove(user_id)
    chat.read.pop(user_id, None)
    chat.read_at.pop(user_id, None)
    chat.since.pop(user_id, None)
    if chat.owner_id == user_id:
        chat.owner_id = chat.members[0] if chat.members else 0


def _mention(portal: Portal, user_id: int) -> str:
    return f"[USER={user_id} REPLACE]{portal.person_name(user_id)}[/USER]"


def _verb(user: Employee, past: str) -> str:
    return f"{past}а" if user.gender == "F" else past
