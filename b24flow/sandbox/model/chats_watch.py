"""The log of what happens in the chats of those who subscribed to it.

Facts: api-reference/chat-bots/chat-bots-v2/im.v2/events/**. Users' events lie in the queue of the
bots' events, since users and bots have ids of one table and one offset may confirm both.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model import chats
from b24flow.sandbox.model.bots_show import show_chat, show_message, show_user
from b24flow.sandbox.model.entities import BotEvent, Chat, Employee, Message
from b24flow.sandbox.model.portal import Portal


def subscribe(portal: Portal, user_id: int) -> None:
    """Begin to log events for a user; once is enough."""
    if user_id not in portal.state.im_subscribers:
        portal.state.im_subscribers.append(user_id)


def unsubscribe(portal: Portal, user_id: int) -> None:
    """Log no new events for a user; what is logged stays."""
    if user_id in portal.state.im_subscribers:
        portal.state.im_subscribers.remove(user_id)


def note(portal: Portal, chat: Chat, kind: str, user: Employee | None, **about: Any) -> None:
    """Log an event for every subscriber of a chat; `user` is whom it is about."""
    for watcher in portal.state.im_subscribers:
        if watcher not in chat.members:
            continue
        data = {
            **about,
            "chat": show_chat(portal, chat, watcher),
            "user": show_user(user) if user else None,
            "language": "ru",
        }
        if kind == "JOINCHAT":
            data = {"dialogId": chats.dialog_of(chat, watcher)} | data
        portal.state.bot_events.append(
            BotEvent(
                id=portal.state.next_id("bot-event", 1001),
                bot_id=watcher,
                kind=f"ONIMV2{kind}",
                created=portal.clock.now(),
                data=data,
            )
        )


def sent(portal: Portal, chat: Chat, message: Message) -> None:
    """Log a new message."""
    if portal.state.im_subscribers:
        author = None if message.system else chats.person(portal, message.author_id)
        note(portal, chat, "MESSAGEADD", author, message=show_message(message))


chats.ON_SENT.append(sent)
