"""How a bot leaves: by itself, or with the application that registered it."""

from __future__ import annotations

from b24flow.sandbox.model.entities import Bot
from b24flow.sandbox.model.state import State


def forget(state: State, bot: Bot) -> None:
    """Remove a bot with its commands and waiting events; it leaves its chats and its user stays."""
    state.commands = {key: row for key, row in state.commands.items() if row.bot_id != bot.id}
    state.bot_events = [event for event in state.bot_events if event.bot_id != bot.id]
    for chat in state.chats.values():
        if chat.kind != "private" and bot.id in chat.members:
            chat.members.remove(bot.id)
    state.users[bot.id].active = False
    del state.bots[bot.id]
