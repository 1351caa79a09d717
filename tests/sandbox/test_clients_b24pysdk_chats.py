"""The vendor's own client talks: people's chats, notifications, bots and open lines."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from b24pysdk.errors import BitrixAPIError

from tests.sandbox.conftest import Box
from tests.sandbox.examples.openlines import asked


def test_a_group_chat_from_its_creation_to_leaving_it(client: Any) -> None:
    chats = client.im.chat
    number = chats.add(title="Совет", users=[5, 6], color="RED", message="Начнём").result
    chats.update_title(chat_id=number, title="Малый совет").call()
    chats.update_color(chat_id=number, color="MINT").call()
    chats.user.add(chat_id=number, users=[7]).call()
    chats.user.delete(chat_id=number, user_id=6).call()
    assert chats.user.list(chat_id=number).result == [1, 5, 7]
    shown = client.im.dialog.get(dialog_id=f"chat{number}").result
    assert (shown["name"], shown["color"], shown["owner"]) == ("Малый совет", "#4ba984", 1)
    people = client.im.dialog.users.list(dialog_id=f"chat{number}").result
    assert [row["id"] for row in people] == [1, 5, 7]
    chats.mute(chat_id=number, mute=True).call()
    chats.set_owner(chat_id=number, user_id=5).call()
    assert chats.leave(chat_id=number).result is True
    with pytest.raises(BitrixAPIError):
        client.im.dialog.get(dialog_id=f"chat{number}").call()


def test_messages_and_reading(client: Any, tls_box: Box) -> None:
    message = client.im.message
    first = message.add(dialog_id="5", message="Было").result
    message.update(message_id=first, message="Стало").call()
    message.like(message_id=first, action="plus").call()
    got = client.im.dialog.messages.get(dialog_id="5").result
    assert [(row["text"], row["params"]["LIKE"]) for row in got["messages"]] == [("Стало", [1])]
    answer = tls_box.person(5, "write", dialog_id="1", text="Ответ").json()["message_id"]
    assert client.im.counters.get().result["DIALOG"] == {"5": 1}
    assert [row["id"] for row in client.im.recent.get().result] == [5]
    assert client.im.dialog.read(dialog_id="5", message_id=answer).result["counter"] == 0
    found = client.im.dialog.messages.search(chat_id=got["chat_id"], search_message="ответ").result
    assert [row["text"] for row in found["messages"]] == ["Ответ"]
    assert message.delete(message_id=first).result is True


def test_notifications(client: Any) -> None:
    notify = client.im.notify
    first = notify.system.add(user_id=1, message="Срок сегодня").result
    notify.personal.add(user_id=1, message="Взгляните").call()
    got = notify.get().result
    assert [(row["text"], row["author_id"]) for row in got["notifications"]] == [
        ("Взгляните", 1), ("Срок сегодня", 0),
    ]  # fmt: skip
    notify.read(bitrix_id=first, action=True, only_current=True).call()
    assert notify.get().result["total_unread_count"] == 1
    found = notify.history.search(search_text="сегодня").result["notifications"]
    assert [row["id"] for row in found] == [first]
    assert notify.delete(bitrix_id=first).result is True
    assert "rest" in notify.schema.get().result


def test_a_bot_from_registration_to_its_events(client: Any, tls_box: Box) -> None:
    v2 = client.imbot.v2
    fields = {"code": "sdk", "botToken": "t", "eventMode": "fetch", "properties": {"name": "Бот"}}
    number = v2.bot.register(fields=fields).result["bot"]["id"]
    assert v2.bot.register(fields=fields).result["bot"]["id"] == number
    key = {"bot_id": number, "bot_token": "t"}
    command = {"command": "act", "title": {"ru": "Сделать"}}
    v2.command.register(**key, fields=command).call()
    assert [row["title"] for row in v2.command.list(**key).result["commands"]] == ["Сделать"]
    buttons = [{"TEXT": "Да", "COMMAND": "act", "COMMAND_PARAMS": "k7"}]
    letter = {"message": "Согласуете?", "keyboard": {"BOT_ID": number, "BUTTONS": buttons},
              "templateId": "0f8fad5b-d9cb-469f-a165-70867728950e"}  # fmt: skip
    sent = v2.chat.message.send(**key, dialog_id="5", fields=letter).result["id"]
    assert v2.chat.message.send(**key, dialog_id="5", fields=letter).result["id"] == sent
    tls_box.person(5, "press", message_id=sent, button="Да")
    said = tls_box.person(5, "write", dialog_id=number, text="спасибо").json()["message_id"]
    got = v2.event.get(**key).result
    assert [row["type"] for row in got["events"]] == ["ONIMBOTV2COMMANDADD", "ONIMBOTV2MESSAGEADD"]
    assert v2.event.get(**key, offset=got["nextOffset"]).result["events"] == []
    v2.chat.message.reaction.add(**key, message_id=said, reaction="like").call()
    assert v2.chat.message.read(**key, dialog_id="5", message_id=said).result["counter"] == 0
    v2.chat.message.update(**key, message_id=sent, fields={"message": "Готово", "keyboard": "N"}).call()
    v2.chat.message.delete(**key, message_id=sent).call()
    v2.bot.unregister(**key).call()
    with pytest.raises(BitrixAPIError):
        v2.event.get(**key).call()


def test_a_bot_leads_a_chat_and_sends_files(client: Any) -> None:
    v2 = client.imbot.v2
    fields = {"code": "sdk", "botToken": "t", "properties": {"name": "Бот"}}
    key = {"bot_id": v2.bot.register(fields=fields).result["bot"]["id"], "bot_token": "t"}
    made = v2.chat.add(**key, fields={"title": "Поддержка", "userIds": [5]}).result["chat"]
    here = {**key, "dialog_id": made["dialogId"]}
    v2.chat.user.add(**here, user_ids=[6]).call()
    v2.chat.manager.add(**here, user_ids=[5]).call()
    assert [row["id"] for row in v2.chat.user.list(**here).result] == [key["bot_id"], 5, 6]
    assert v2.chat.get(**here).result["chat"]["managerList"] == [5]
    content = base64.b64encode(b"report").decode()
    file = v2.file.upload(**here, fields={"name": "report.txt", "content": content}).result["file"]
    assert "download" in v2.file.download(**key, file_id=file["id"]).result["downloadUrl"]
    assert v2.chat.leave(**here).result == {"result": True}


def test_an_appeal_through_an_open_line(client: Any, tls_box: Box) -> None:
    lines = client.imopenlines
    number = lines.config.add(params={"LINE_NAME": "Обращения"}).result
    said = asked(tls_box, number)
    lines.operator.answer(chat_id=said["chat_id"]).call()
    client.im.message.add(dialog_id=f"chat{said['chat_id']}", message="Слушаю вас").call()
    got = lines.session.history.get(session_id=said["session_id"]).result
    texts = [row["text"] for _, row in sorted(got["message"].items(), key=lambda pair: int(pair[0]))]
    assert texts == ["Добрый день", "Слушаю вас"]
    assert lines.operator.finish(chat_id=said["chat_id"]).result is True
