"""Events as the portal gives them, in every odd shape."""

from __future__ import annotations

from typing import Any

import pytest

from b24flow.bot.events import BotEvent, parse_event
from b24flow.bot.router import receive
from tests.desk import CHAIR
from tests.integration.bot.world import World


def raw(**data: Any) -> dict[str, Any]:
    return {"eventId": 1001, "type": "ONIMBOTV2COMMANDADD", "date": "2026-08-30T10:30:00+03:00",
            "data": {"bot": {"id": 456}, "user": {"id": 12, "bot": False},
                     "command": {"id": 42, "command": "/b24flow", "params": "k7x",
                                 "context": "keyboard"},
                     "message": {"id": 790, "authorId": 12, "text": "/b24flow k7x"},
                     "chat": {"id": 5, "type": "private"}, "language": "ru", **data}}


def test_a_pressed_button() -> None:
    assert parse_event(raw()) == BotEvent(
        event_id="1001", kind="command", user=12, command="b24flow", params="k7x",
        text="/b24flow k7x", message_id=790,
    )


def test_numbers_may_come_as_strings() -> None:
    event = raw(user={"id": "12"}, message={"id": "790", "text": "мои"})
    event |= {"eventId": "1001", "type": "ONIMBOTV2MESSAGEADD"}
    assert parse_event(event) == BotEvent(
        event_id="1001", kind="message", user=12, command="b24flow", params="k7x", text="мои",
        message_id=790,
    )


def test_the_author_stands_in_for_a_missing_user() -> None:
    found = parse_event(raw(user=[]))
    assert found is not None
    assert found.user == 12


def test_a_new_chat_has_neither_command_nor_message() -> None:
    event = {"eventId": 3, "type": "ONIMBOTV2JOINCHAT", "data": {"user": {"id": 12}}}
    assert parse_event(event) == BotEvent(event_id="3", kind="join", user=12)


@pytest.mark.parametrize("event", [
    {}, {"type": None}, {"eventId": 1}, {"eventId": 1, "type": "ONIMBOTV2MESSAGEADD"},
    {"eventId": 1, "type": "ONIMBOTV2MESSAGEADD", "data": []},
    {"eventId": 1, "type": "ONIMBOTV2MESSAGEADD", "data": {"user": "12"}},
    {"eventId": 1, "type": "ONIMBOTV2MESSAGEADD", "data": {"user": {"id": 0}}},
    {"eventId": 1, "type": "ONIMBOTV2MESSAGEADD", "data": {"user": {"id": "²"}}},
    {"eventId": 1, "type": "ONIMBOTV2MESSAGEADD", "data": {"user": {"id": 10**30}}},
    {"eventId": 1, "type": "ONIMBOTV2MESSAGEADD", "data": {"user": {"id": True}}},
    {"eventId": [], "type": "ONIMBOTV2MESSAGEADD", "data": {"user": {"id": 12}}},
    {"eventId": 1, "type": "ONIMBOTV2REACTIONCHANGE", "data": {"user": {"id": 12}}},
    {"eventId": 1, "type": ["x"], "data": {"user": {"id": 12}}},
    {"eventId": 1, "type": "ONIMBOTV2MESSAGEADD", "data": {"user": {"id": 12, "bot": True}}},
    {"eventId": 1, "type": "ONIMBOTV2MESSAGEADD", "data": {"user": {"id": 12, "bot": "Y"}}},
])
def test_what_cannot_be_read_is_no_event(event: dict[str, Any], world: World) -> None:
    assert parse_event(event) is None
    receive(world.office, event)
    assert world.messages() == []


@pytest.mark.parametrize("odd", [None, 5, [], {}, True, b"x"])
def test_texts_of_another_type_are_empty(odd: object) -> None:
    found = parse_event(raw(command={"command": odd, "params": odd}, message={"id": odd, "text": odd},
                            user={"id": 12, "bot": []}))
    assert found is not None
    assert (found.command, found.params, found.text) == ("", "", "")


def test_long_texts_are_cut() -> None:
    found = parse_event(raw(message={"id": 1, "text": "x" * 100_000}))
    assert found is not None
    assert len(found.text) == 2_000


def test_an_event_goes_all_the_way(world: World) -> None:
    uuid = world.register(CHAIR)
    params = world.button(uuid, CHAIR, "Ознакомиться и завершить")
    receive(world.office, raw(command={"command": "/b24flow", "params": params}))
    assert world.state(uuid) == "ack"
