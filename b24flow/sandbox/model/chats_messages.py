"""What happens to messages after they were sent: changes, deletion, reactions.

Facts: api-reference/chats/messages/**, chat-bots-v2/imbot.v2/{messages,events}/**. Every change
comes here, whoever makes it, so the bots of the conversation learn about each.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model import bots, chats, chats_watch
from b24flow.sandbox.model.bots_show import show_message
from b24flow.sandbox.model.entities import Chat, Employee, Message
from b24flow.sandbox.model.openlines_said import changed
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Params

REACTIONS = frozenset(
    [
        "like",
        "dislike",
        "faceWithTearsOfJoy",
        "redHeart",
        "neutralFace",
        "fire",
        "cry",
        "slightlySmilingFace",
        "winkingFace",
        "laugh",
        "kiss",
        "wonder",
        "slightlyFrowningFace",
        "loudlyCryingFace",
        "faceWithStuckOutTongue",
        "faceWithStuckOutTongueAndWinkingEye",
        "smilingFaceWithSunglasses",
        "confusedFace",
        "flushedFace",
        "thinkingFace",
        "angry",
        "smilingFaceWithHorns",
        "faceWithThermometer",
        "facepalm",
        "poo",
        "flexedBiceps",
        "clappingHands",
        "raisedHand",
        "smilingFaceWithHeartEyes",
        "smilingFaceWithHearts",
        "pleadingFace",
        "relievedFace",
        "foldedHands",
        "okHand",
        "signHorns",
        "loveYouGesture",
        "clownFace",
        "partyingFace",
        "questionMark",
        "exclamationMark",
        "lightBulb",
        "bomb",
        "sleepingSymbol",
        "crossMark",
        "whiteHeavyCheckMark",
        "eyes",
        "handshake",
        "hundredPoints",
    ]
)


def write(portal: Portal, user: Employee, chat: Chat, text: str) -> Message:
    """Send a message as an employee; bots of the conversation learn about it."""
    message = chats.send(portal, chat, user.id, text)
    bots.announce(portal, user, chat, message)
    return message


def change(portal: Portal, user: Employee, message: Message, fields: Params) -> None:
    """Change a message: `text`, `attach`, `keyboard`, `menu`; an empty text deletes it."""
    if "text" in fields and not fields["text"] and not fields.get("attach"):
        delete(portal, user, message)
        return
    if "text" in fields:
        message.text = chats.cut(str(fields["text"]))
    if "attach" in fields:
        message.attach = chats.check_attach(fields["attach"])
    if "menu" in fields:
        message.menu = chats.check_menu(fields["menu"])
    if "keyboard" in fields:
        message.keyboard = chats.check_keyboard(fields["keyboard"])
        message.pressed_by.clear()
    message.updated = portal.clock.now()
    bots.tell_changed(portal, user, message)
    _note(portal, user, message, "MESSAGEUPDATE", message=show_message(message))
    _tell_line(portal, message, "ONOPENLINEMESSAGEUPDATE")


def delete(portal: Portal, user: Employee, message: Message) -> None:
    """Delete a message."""
    message.deleted = True
    bots.tell_deleted(portal, user, message)
    _note(portal, user, message, "MESSAGEDELETE", messageId=message.id)
    _tell_line(portal, message, "ONOPENLINEMESSAGEDELETE")


def _note(portal: Portal, user: Employee, row: Message, kind: str, **about: Any) -> None:
    chats_watch.note(portal, portal.state.chats[row.chat_id], kind, user, **about)


def _tell_line(portal: Portal, message: Message, event: str) -> None:
    chat = portal.state.chats[message.chat_id]
    if chat.kind == "lines":
        changed(portal, chat, message, event)


def react(portal: Portal, user: Employee, message: Message, reaction: str, *, put: bool) -> bool:
    """Set or remove a reaction; False when it already is as wanted.

    A user has one reaction to a message: a new one takes the place of the old.
    """
    present = user.id in message.reactions.get(reaction, [])
    if present == put:
        return False
    for other in list(message.reactions):
        if user.id in message.reactions[other]:
            message.reactions[other].remove(user.id)
            if not message.reactions[other]:
                del message.reactions[other]
    if put:
        message.reactions.setdefault(reaction, []).append(user.id)
    action = "add" if put else "delete"
    bots.tell_reaction(portal, user, message, reaction, action)
    about = {"reaction": reaction, "action": action, "message": show_message(message)}
    _note(portal, user, message, "REACTIONCHANGE", **about)
    return True
