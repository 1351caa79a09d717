"""The messenger: deduplication, bots, commands, events in fetch mode."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Box

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
AUTH = {"botToken": "secret"}


@pytest.fixture
def bot(box: Box) -> dict[str, Any]:
    fields = {"code": "b24flow", **AUTH, "properties": {"name": "Документооборот"}}
    number = box.ok("imbot.v2.Bot.register", {"fields": fields})["bot"]["id"]
    command = {"command": "act", "hidden": True}
    box.ok("imbot.v2.Command.register", {"botId": number, **AUTH, "fields": command})
    return {"botId": number, **AUTH}


def send(box: Box, bot: dict[str, Any], **fields: Any) -> int:
    params = {**bot, "dialogId": "5", "fields": {"message": "Документ", **fields}}
    number: int = box.ok("imbot.v2.Chat.Message.send", params)["id"]
    return number


def keyboard(bot: dict[str, Any]) -> dict[str, Any]:
    buttons = [
        {"TEXT": "На исполнение", "COMMAND": "act", "COMMAND_PARAMS": "k7", "BLOCK": "Y"},
        {"TYPE": "NEWLINE"},
        {"TEXT": "Карточка", "LINK": "/crm/type/1046/details/1/"},
    ]
    return {"BOT_ID": bot["botId"], "BUTTONS": buttons}


def events(box: Box, bot: dict[str, Any], **extra: Any) -> dict[str, Any]:
    got: dict[str, Any] = box.ok("imbot.v2.Event.get", {**bot, **extra})
    return got


def test_registration_is_idempotent_by_code_and_owner(box: Box, bot: dict[str, Any]) -> None:
    fields = {"code": "b24flow", **AUTH, "properties": {"name": "Иное"}}
    again = box.ok("imbot.v2.Bot.register", {"fields": fields})
    assert again["bot"]["id"] == bot["botId"]
    assert again["users"][0]["name"] == "Документооборот"
    stolen = {"fields": fields | {"botToken": "other"}}
    assert box.refused("imbot.v2.Bot.register", stolen) == (400, "BOT_CODE_ALREADY_TAKEN")
    assert box.refused("imbot.v2.Bot.get", {"botId": bot["botId"]})[1] == "BOT_TOKEN_NOT_SPECIFIED"
    foreign = {**bot, "botToken": "x"}
    assert "eventMode" not in box.ok("imbot.v2.Bot.get", foreign)["bot"]  # others see it in brief
    assert box.refused("imbot.v2.Command.list", foreign)[1] == "BOT_OWNERSHIP_ERROR"


def test_a_repeated_key_returns_the_first_message(box: Box, bot: dict[str, Any]) -> None:
    first = send(box, bot, templateId=KEY)
    assert send(box, bot, templateId=KEY, message="Повтор") == first
    assert send(box, bot, templateId=KEY.upper()) != first  # only lower-case UUIDs count
    params = {"DIALOG_ID": "5", "MESSAGE": "x", "TEMPLATE_ID": KEY.replace("0f8", "1f8")}
    assert box.ok("im.message.add", params) == box.ok("im.message.add", params)


def test_a_pressed_button_becomes_an_event(box: Box, bot: dict[str, Any]) -> None:
    number = send(box, bot, keyboard=keyboard(bot))
    assert box.person(5, "press", message_id=number, button="На исполнение").json()["ok"] is True
    got = events(box, bot)["events"]
    assert [row["type"] for row in got] == ["ONIMBOTV2COMMANDADD"]
    data = got[0]["data"]
    assert data["command"]["command"] == "/act"
    assert (data["command"]["params"], data["command"]["context"]) == ("k7", "keyboard")
    assert (data["user"]["id"], data["chat"]["dialogId"]) == (5, "5")
    assert data["message"]["text"] == "/act k7"


def test_buttons_are_pressed_only_by_those_who_see_them(box: Box, bot: dict[str, Any]) -> None:
    number = send(box, bot, keyboard=keyboard(bot))
    assert box.person(6, "press", message_id=number, button=0).status_code == 403
    assert box.person(5, "press", message_id=number, button="Карточка").status_code == 404
    box.ok("imbot.v2.Chat.Message.update",
           {**bot, "messageId": number, "fields": {"message": "Готово", "keyboard": "N"}})  # fmt: skip
    assert box.person(5, "press", message_id=number, button=0).status_code == 404
    assert events(box, bot)["events"] == []


def test_written_texts_and_typed_commands(box: Box, bot: dict[str, Any]) -> None:
    box.person(5, "write", dialog_id=bot["botId"], text="привет")
    box.person(5, "write", dialog_id=bot["botId"], text="/act k7")
    got = events(box, bot)["events"]
    assert [row["type"] for row in got] == ["ONIMBOTV2MESSAGEADD", "ONIMBOTV2COMMANDADD"]
    assert got[1]["data"]["command"]["context"] == "textarea"


def test_an_offset_deletes_what_was_before_it(box: Box, bot: dict[str, Any]) -> None:
    for text in "абв":
        box.person(5, "write", dialog_id=bot["botId"], text=text)
    page = events(box, bot, limit=2)
    assert page["hasMore"] is True
    again = events(box, bot, limit=2)
    assert again["events"] == page["events"]
    rest = events(box, bot, offset=page["nextOffset"])
    assert [row["data"]["message"]["text"] for row in rest["events"]] == ["в"]
    assert len(events(box, bot)["events"]) == 1


def test_events_live_a_day_by_the_virtual_clock(box: Box, bot: dict[str, Any]) -> None:
    box.person(5, "write", dialog_id=bot["botId"], text="а")
    box.control("clock", {"advance": 24 * 3600 - 60})
    assert len(events(box, bot)["events"]) == 1
    box.control("clock", {"advance": 120})
    assert events(box, bot)["events"] == []


def test_messages_are_changed_by_their_bot_only(box: Box, bot: dict[str, Any]) -> None:
    foreign = box.ok("im.message.add", {"DIALOG_ID": "5", "MESSAGE": "x"})
    change = {**bot, "messageId": foreign, "fields": {"message": "y"}}
    assert box.refused("imbot.v2.Chat.Message.update", change) == (400, "ACCESS_DENIED")
    empty = {**bot, "messageId": send(box, bot), "fields": {"message": ""}}
    assert box.ok("imbot.v2.Chat.Message.update", empty) == {"result": True}
    assert box.look("state/messages")[-1]["deleted"] is True


def test_wrong_messages_are_refused(box: Box, bot: dict[str, Any]) -> None:
    base = {**bot, "dialogId": "5"}
    method = "imbot.v2.Chat.Message.send"
    assert box.refused(method, {**base, "fields": {"message": ""}})[1] == "EMPTY_MESSAGE"
    wrong = {"BUTTONS": [{"TEXT": "x"}]}
    assert box.refused(method, {**base, "fields": {"message": "a", "keyboard": wrong}})[0] == 400
    strange = {**base, "dialogId": "chat999", "fields": {"message": "a"}}
    assert box.refused(method, strange)[1] == "ACCESS_DENIED"


def test_notifications_drop_their_tag(box: Box) -> None:
    params = {"USER_ID": 5, "MESSAGE": "Срок сегодня", "TAG": "b24flow|1"}
    first, second = (box.ok("im.notify.system.add", params) for _ in range(2))
    assert first != second
    assert ("ignored_value", "TAG") in box.notes()


def test_absences_and_working_hours(box: Box) -> None:
    seed = {
        "users": [{"id": n, "name": "Имя", "last_name": str(n), "admin": n == 1} for n in (1, 5)],
        "webhooks": [{"user_id": 1, "code": "c"}],
        "absences": [{"user": 5, "from": "2026-08-28", "to": "2026-09-10"}],
    }
    box.control("reset", {"seed": seed})
    hook = f"{box.server.url}/rest/1/c/"
    period = {"users": [5, 1], "from": "2026-08-30", "to": "2026-09-05"}
    got = box.http.post(hook + "calendar.accessibility.get", json=period).json()["result"]
    assert got["1"] == []
    assert (got["5"][0]["FROM_HR"], got["5"][0]["DT_TO"]) == (True, "10.09.2026")
    box.control("clock", {"now": "2026-09-01T10:00:00"})
    user = box.http.post(hook + "im.user.get", json={"ID": 5}).json()["result"]
    assert user["absent"].startswith("2026-09-10")
