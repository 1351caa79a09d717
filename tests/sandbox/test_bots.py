"""Chat bots: whose they are, what they hear, how they lead chats, both ways of delivery."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.sandbox.conftest import Box
from tests.sandbox.handler import flush, listening

AUTH = {"botToken": "secret"}
Key = dict[str, Any]


def register(box: Any, code: str = "helper", **extra: Any) -> Key:
    fields = {"code": code, **AUTH, "properties": {"name": "Помощник"}, **extra}
    return {"botId": box.ok("imbot.v2.Bot.register", {"fields": fields})["bot"]["id"], **AUTH}


@pytest.fixture
def bot(box: Box) -> Key:
    return register(box)


def refused(box: Box, method: str, key: Key, **params: Any) -> str:
    status, code = box.refused(f"imbot.v2.{method}", {**key, **params})
    assert status == 400
    return code


def chat(box: Box, key: Key, *users: int, **extra: Any) -> str:
    fields = {"title": "Поддержка", "userIds": list(users), **extra}
    made: str = box.ok("imbot.v2.Chat.add", {**key, "fields": fields})["chat"]["dialogId"]
    return made


def send(box: Box, key: Key, dialog: str = "5", **fields: Any) -> int:
    params = {**key, "dialogId": dialog, "fields": {"message": "Документ", **fields}}
    made: int = box.ok("imbot.v2.Chat.Message.send", params)["id"]
    return made


def heard(box: Box, key: Key) -> list[tuple[str, Any]]:
    got = box.ok("imbot.v2.Event.get", {**key, "limit": 1000})["events"]
    return [(row["type"].removeprefix("ONIMBOTV2"), row["data"]) for row in got]


def kinds(box: Box, key: Key) -> list[str]:
    return [kind for kind, _ in heard(box, key)]


def test_wrong_registrations_are_refused(box: Box) -> None:
    good = {"code": "x", **AUTH, "properties": {"name": "Имя"}}

    def code(**fields: Any) -> str:
        return box.refused("imbot.v2.Bot.register", {"fields": {**good, **fields}})[1]

    assert code(botToken="") == "BOT_TOKEN_NOT_SPECIFIED"
    assert code(botToken="x" * 41) == "BOT_TOKEN_INVALID_LENGTH"
    assert code(code="") == "BOT_CODE_REQUIRED"
    assert code(properties={}) == "BOT_PROPERTIES_REQUIRED"
    assert code(type="human") == "BOT_INVALID_TYPE"
    assert code(eventMode="push") == "BOT_INVALID_EVENT_MODE"
    assert code(eventMode="webhook") == "BOT_WEBHOOK_URL_REQUIRED"
    assert code(eventMode="webhook", webhookUrl="nowhere") == "BOT_INVALID_CALLBACK"
    assert code(properties={"name": "Имя", "avatar": "aGVsbG8="}) == "BOT_AVATAR_INCORRECT_TYPE"


def test_an_application_needs_no_token_and_owns_its_bots_alone(box: Box) -> None:
    app = box.install_app()
    fields = {"code": "mine", "properties": {"name": "Имя"}}
    number = app.ok("imbot.v2.Bot.register", {"fields": fields})["bot"]["id"]
    assert app.ok("imbot.v2.Bot.list")["bots"][0]["id"] == number
    stolen = {"fields": {**fields, **AUTH}}
    assert box.refused("imbot.v2.Bot.register", stolen) == (400, "BOT_CODE_ALREADY_TAKEN")
    assert refused(box, "Command.list", {"botId": number, **AUTH}) == "BOT_OWNERSHIP_ERROR"
    assert refused(box, "Command.list", {"botId": number}) == "BOT_TOKEN_NOT_SPECIFIED"
    assert app.ok("imbot.v2.Event.get", {"botId": number})["events"] == []
    assert box.ok("imbot.v2.Bot.list", AUTH)["bots"] == []


def test_a_new_token_takes_the_old_ones_place(box: Box, bot: Key) -> None:
    register(box, "second", botToken="taken")
    wrong = {"fields": {"botToken": "taken"}}
    assert refused(box, "Bot.update", bot, **wrong) == "BOT_TOKEN_ROTATION_FAILED"
    box.ok("imbot.v2.Bot.update", {**bot, "fields": {"botToken": "fresh"}})
    assert refused(box, "Event.get", bot) == "BOT_OWNERSHIP_ERROR"
    box.ok("imbot.v2.Event.get", {**bot, "botToken": "fresh"})
    assert refused(box, "Event.get", {**AUTH}) == "BOT_ID_REQUIRED"


def test_titles_of_commands_are_texts_and_change_by_language(box: Box, bot: Key) -> None:
    fields = {"command": "help", "title": {"ru": "Помощь", "en": "Help"}, "params": {"en": "topic"}}
    made = box.ok("imbot.v2.Command.register", {**bot, "fields": fields})["command"]
    assert set(made) == {"id", "botId", "command", "common", "hidden", "extranetSupport"}
    name = {**bot, "commandId": made["id"]}
    shown = box.ok("imbot.v2.Command.list", bot)["commands"][0]
    assert (shown["title"], shown["params"], shown["category"]) == ("Помощь", "topic", "Помощник")
    box.ok("imbot.v2.Command.update", {**name, "fields": {"title": {"ru": None}, "command": "/info"}})
    shown = box.ok("imbot.v2.Command.list", bot)["commands"][0]
    assert (shown["title"], shown["command"]) == ("Help", "/info")
    assert refused(box, "Command.update", name, fields={"command": ""}) == "COMMAND_NAME_EMPTY"
    assert refused(box, "Command.register", bot, fields={"command": 5}) == "COMMAND_NAME_INVALID"
    flat = box.ok("imbot.v2.Command.register", {**bot, "command": "old", "hidden": "Y"})["command"]
    assert (flat["command"], flat["hidden"]) == ("/old", True)
    assert refused(box, "Command.update", name, fields={"command": "old"}) == "COMMAND_ALREADY_EXISTS"


def test_in_a_group_an_ordinary_bot_hears_only_its_name(box: Box, bot: Key) -> None:
    listener = register(box, "listener", type="supervisor")
    dialog = chat(box, bot, 5, listener["botId"])
    box.ok("imbot.v2.Event.get", {**listener, "offset": 10**6})
    box.person(5, "write", dialog_id=dialog, text="просто слова")
    box.person(5, "write", dialog_id=dialog, text=f"[USER={bot['botId']}]Помощник[/USER], ответь")
    assert kinds(box, bot) == ["MESSAGEADD"]
    assert kinds(box, listener) == ["MESSAGEADD", "MESSAGEADD"]


def test_commands_reach_bots_by_their_reach(box: Box, bot: Key) -> None:
    for name, common in (("near", False), ("far", True)):
        fields = {"command": name, "hidden": True, "common": common}
        box.ok("imbot.v2.Command.register", {**bot, "fields": fields})
    elsewhere = box.ok("im.chat.add", {"USERS": [5, 6]})
    box.person(5, "write", dialog_id=f"chat{elsewhere}", text="/near a\n/far b")
    (kind, data), *more = heard(box, bot)
    assert (kind, more) == ("COMMANDADD", [])
    assert (data["command"]["command"], data["command"]["params"]) == ("/far", "b")
    asked = box.look("state/messages")[-1]["id"]
    answer = {"commandId": data["command"]["id"], "messageId": asked, "dialogId": f"chat{elsewhere}"}
    box.ok("imbot.v2.Command.answer", {**bot, **answer, "fields": {"message": "Готово"}})
    said = box.look("state/messages")[-1]
    assert (said["system"], said["text"]) == (True, "[B]Помощник[/B]: Готово")
    wrong = {**answer, "dialogId": "5", "fields": {"message": "x"}}
    assert refused(box, "Command.answer", bot, **wrong) == "COMMAND_ANSWER_FAILED"
    box.person(5, "write", dialog_id=bot["botId"], text="/near a\n/far b")
    assert [row["command"]["params"] for _, row in heard(box, bot)[1:]] == ["a", "b"]


def test_bots_learn_of_changes_deletions_reactions_and_invitations(box: Box, bot: Key) -> None:
    dialog = {"DIALOG_ID": str(bot["botId"])}
    mine = box.ok("im.message.add", {**dialog, "MESSAGE": "Было"})
    box.ok("im.message.update", {"MESSAGE_ID": mine, "MESSAGE": "Стало"})
    box.ok("im.message.delete", {"MESSAGE_ID": mine})
    box.ok("im.message.like", {"MESSAGE_ID": send(box, bot, "1")})
    number = box.ok("im.chat.add", {"USERS": [5]})
    box.ok("im.chat.user.add", {"CHAT_ID": number, "USERS": [bot["botId"]]})
    got = heard(box, bot)
    assert [kind for kind, _ in got] == [
        "MESSAGEADD", "MESSAGEUPDATE", "MESSAGEDELETE", "REACTIONCHANGE", "JOINCHAT",
    ]  # fmt: skip
    assert (got[1][1]["message"]["text"], got[2][1]["messageId"]) == ("Стало", mine)
    assert (got[3][1]["reaction"], got[3][1]["action"]) == ("like", "add")
    assert got[4][1]["dialogId"] == f"chat{number}"
    assert "role" not in got[4][1]["chat"]


def test_reactions_of_bots(box: Box, bot: Key) -> None:
    said = box.person(5, "write", dialog_id=bot["botId"], text="спасибо").json()["message_id"]
    like = {"messageId": said, "reaction": "like"}
    add = "Chat.Message.Reaction.add"
    assert refused(box, add, bot, **{**like, "reaction": "nod"}) == "REACTION_NOT_FOUND"
    box.ok(f"imbot.v2.{add}", {**bot, **like})
    assert refused(box, add, bot, **like) == "REACTION_ALREADY_SET"
    box.ok(f"imbot.v2.{add}", {**bot, **like, "reaction": "fire"})  # takes the place of the first
    assert box.look("state/messages")[-1]["reactions"] == {"fire": [bot["botId"]]}
    foreign = box.ok("im.message.add", {"DIALOG_ID": "5", "MESSAGE": "x"})
    assert refused(box, add, bot, messageId=foreign, reaction="like") == "ACCESS_DENIED"


def test_a_context_reaches_the_bot(box: Box, bot: Key) -> None:
    given = {"dialogId": str(bot["botId"]), "context": {"action": "openTask", "taskId": 456}}
    box.ok("im.v2.Chat.Bot.sendContext", given)
    (kind, data), = heard(box, bot)  # fmt: skip
    assert kind == "CONTEXTGET"
    assert (data["dialogId"], data["context"], data["user"]["id"]) == ("1", given["context"], 1)


def test_a_bot_leads_its_chat(box: Box, bot: Key) -> None:
    dialog = chat(box, bot, 5, 6, color="mint", description="Вопросы")
    here = {**bot, "dialogId": dialog}
    shown = box.ok("imbot.v2.Chat.get", here)["chat"]
    assert (shown["role"], shown["color"], shown["userCounter"]) == ("owner", "#4ba984", 3)
    box.ok("imbot.v2.Chat.update", {**here, "fields": {"title": "Помощь"}})
    box.ok("imbot.v2.Chat.User.add", {**here, "userIds": [7, 10_000]})
    box.ok("imbot.v2.Chat.User.delete", {**here, "userId": 6})
    box.ok("imbot.v2.Chat.User.delete", {**here, "userId": 6})  # is no error
    members = box.ok("imbot.v2.Chat.User.list", {**here, "order": {"id": "DESC"}, "limit": 2})
    assert [row["id"] for row in members] == [bot["botId"], 7]
    box.ok("imbot.v2.Chat.Manager.add", {**here, "userIds": [5, 9]})
    assert box.ok("imbot.v2.Chat.get", here)["chat"]["managerList"] == [5]
    assert refused(box, "Chat.Manager.add", here, userIds=[]) == "EMPTY_USER_IDS"
    box.ok("imbot.v2.Chat.TextField.enabled", {**here, "enabled": False})
    assert box.ok("imbot.v2.Chat.get", here)["chat"]["textFieldEnabled"] == "N"
    assert refused(box, "Chat.setOwner", here, userId=9) == "ACCESS_DENIED"
    box.ok("imbot.v2.Chat.setOwner", {**here, "userId": 5})
    assert refused(box, "Chat.User.add", here, userIds=[8]) == "ACCESS_DENIED"
    box.ok("imbot.v2.Chat.leave", here)
    assert refused(box, "Chat.get", here) == "ACCESS_DENIED"
    assert refused(box, "Chat.leave", {**bot, "dialogId": "5"}) == "ACCESS_DENIED"


def test_a_leading_bot_deletes_any_message(box: Box, bot: Key) -> None:
    dialog = chat(box, bot, 5)
    said = box.person(5, "write", dialog_id=dialog, text="лишнее").json()["message_id"]
    foreign = box.ok("im.message.add", {"DIALOG_ID": "5", "MESSAGE": "x"})
    assert refused(box, "Chat.Message.delete", bot, messageId=foreign) == "ACCESS_DENIED"
    box.ok("imbot.v2.Chat.Message.delete", {**bot, "messageId": said, "complete": True})
    assert said not in [row["id"] for row in box.look("state/messages")]
    system = send(box, bot, "5", system=True)
    assert refused(box, "Chat.Message.delete", bot, messageId=system) == "ACCESS_DENIED"


def test_history_is_for_bots_that_hear_everything(box: Box, bot: Key) -> None:
    listener = register(box, "listener", type="personal")
    dialog = chat(box, listener, 5)
    ids = [send(box, listener, dialog, message=str(number)) for number in range(5)]
    around = {**listener, "messageId": ids[2], "range": 1}
    got = box.ok("imbot.v2.Chat.Message.getContext", around)
    assert [row["id"] for row in got["messages"]] == ids[1:4]
    assert (got["hasPrevPage"], got["hasNextPage"]) == (True, True)
    assert refused(box, "Chat.Message.get", bot, messageId=ids[0]) == "BOT_TYPE_NOT_ALLOWED"
    assert refused(box, "Chat.Message.get", listener, messageId=1) == "MESSAGE_NOT_FOUND"
    foreign = box.ok("im.message.add", {"DIALOG_ID": "5", "MESSAGE": "x"})
    assert refused(box, "Chat.Message.get", listener, messageId=foreign) == "MESSAGE_ACCESS_DENIED"


def test_reading_returns_what_was_unread(box: Box, bot: Key) -> None:
    ids = [box.person(5, "write", dialog_id=bot["botId"], text=text).json()["message_id"] for text in "абв"]
    here = {**bot, "dialogId": "5"}
    part = box.ok("imbot.v2.Chat.Message.read", {**here, "messageId": ids[1]})
    assert (part["viewedMessages"], part["counter"], part["lastId"]) == (ids[:2], 1, ids[1])
    assert box.ok("imbot.v2.Chat.Message.read", here)["viewedMessages"] == ids[2:]
    assert refused(box, "Chat.Message.read", here, messageId=1) == "MESSAGE_NOT_FOUND"


def test_messages_are_forwarded_from_own_chats_only(box: Box, bot: Key) -> None:
    source, uuid = send(box, bot, "5"), "1f8fad5b-d9cb-469f-a165-70867728950e"
    given = {**bot, "dialogId": "6", "fields": {"forwardIds": {uuid: source}}}
    made = box.ok("imbot.v2.Chat.Message.send", given)
    assert made["uuidMap"] == {uuid: made["id"]}
    assert box.look("state/messages")[-1]["forward"]["id"] == source
    foreign = box.ok("im.message.add", {"DIALOG_ID": "5", "MESSAGE": "x"})
    given["fields"] = {"forwardIds": {uuid: foreign}}
    assert box.refused("imbot.v2.Chat.Message.send", given) == (400, "ACCESS_DENIED")


def test_files_of_a_chat_are_for_its_members(box: Box, bot: Key) -> None:
    content = base64.b64encode("Отчёт".encode()).decode()
    fields = {"name": "отчёт.txt", "content": content, "message": "смотрите"}
    here = {**bot, "dialogId": "5"}
    made = box.ok("imbot.v2.File.upload", {**here, "fields": fields})
    file = {"fileId": made["file"]["id"]}
    address = box.ok("imbot.v2.File.download", {**bot, **file})["downloadUrl"]
    assert box.http.get(address).content.decode() == "Отчёт"
    other = register(box, "other")
    assert refused(box, "File.download", other, **file) == "FILE_ACCESS_ERROR"
    assert refused(box, "File.download", bot, fileId=1) == "FILE_NOT_FOUND"
    assert refused(box, "File.upload", here, fields={"name": "a.txt"}) == "FILE_EMPTY"
    bad = {"name": "a.txt", "content": "not base64!"}
    assert refused(box, "File.upload", here, fields=bad) == "FILE_INVALID_CONTENT"
    assert box.look("state/messages")[-1]["files"] == [made["file"]["id"]]


def test_in_webhook_mode_events_are_posted(box: Box) -> None:
    with listening() as listener:
        key = register(box, eventMode="webhook", webhookUrl=f"{listener.url}/bot/")
        box.person(5, "write", dialog_id=key["botId"], text="привет")
        flush(box)
        (posted,) = listener.posted
        data = posted.form["data"]
        assert posted.event == "ONIMBOTV2MESSAGEADD"
        assert (data["message"]["text"], data["user"]["active"], data["message"]["isSystem"]) == (
            "привет", "1", "0",
        )  # fmt: skip
        assert (data["message"]["forward"], data["bot"]["code"]) == ("", "helper")
        assert "eventMode" not in data["bot"]
        secret = posted.form["auth"]["application_token"]
        assert secret == data["bot"]["auth"]["application_token"]
        assert len(secret) == 32
        assert heard(box, key) == []  # nothing waits to be fetched
        box.ok("imbot.v2.Bot.unregister", key)
        flush(box)
        assert listener.events()[1:] == ["ONIMBOTV2DELETE"]


def test_an_applications_bot_gets_tokens_in_its_events(box: Box) -> None:
    with listening() as listener:
        app = box.install_app()
        fields = {"code": "mine", "properties": {"name": "Имя"}, "eventMode": "webhook",
                  "webhookUrl": f"{listener.url}/"}  # fmt: skip
        number = app.ok("imbot.v2.Bot.register", {"fields": fields})["bot"]["id"]
        box.person(5, "write", dialog_id=number, text="привет")
        flush(box)
        auth = listener.posted[0].form["data"]["bot"]["auth"]
        answer = box.http.post("/rest/user.current", json={"auth": auth["access_token"]})
        assert answer.json()["result"]["ID"] == "1"
        assert listener.posted[0].form["auth"]["application_token"] == app.app["application_token"]
