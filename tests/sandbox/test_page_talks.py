"""Conversations on the page beyond writing: open lines of outside clients, keyboards, groups."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Box, add_task
from tests.sandbox.examples.openlines import asked, line


def bot_of(box: Box) -> dict[str, Any]:
    made = box.ok(
        "imbot.v2.Bot.register", {"fields": {"code": "b", "botToken": "t", "properties": {"name": "Бот"}}}
    )
    return {"botId": made["bot"]["id"], "botToken": "t"}


def said(box: Box, auth: dict[str, Any], who: int, **fields: Any) -> int:
    sent = box.ok("imbot.v2.Chat.Message.send", {**auth, "dialogId": str(who), "fields": fields})
    return int(sent["id"])


def test_an_operator_takes_answers_and_ends_a_talk(box: Box) -> None:
    number = line(box)
    chat = asked(box, number, "Где мой <b>ответ</b>?")["chat_id"]
    operator = box.look("state/line_sessions")[-1]["operator_id"]
    stranger = 9
    page = box.page(operator, f"/online/?IM_DIALOG=chat{chat}")
    assert "ждёт ответа" in page
    assert "<b>Ольга</b>" in page
    assert "&lt;b&gt;ответ&lt;/b&gt;" in page
    assert f"/contact_center/{number}/" in box.page(1, "/tasks/")
    assert (
        box.http.get(
            f"/online/?IM_DIALOG=chat{chat}", headers={"Cookie": f"sandbox_employee={stranger}"}
        ).status_code
        == 403
    )
    assert box.person(stranger, "line/answer", dialog_id=f"chat{chat}").status_code == 403
    assert box.person(operator, "line/answer", dialog_id=f"chat{chat}").status_code == 200
    assert "в работе" in box.page(operator, f"/online/?IM_DIALOG=chat{chat}")
    box.person(operator, "write", dialog_id=f"chat{chat}", text="Уже отправлен")
    assert "Уже отправлен" in box.http.get(f"/contact_center/{number}/?client=visitor").text
    assert box.person(operator, "line/finish", dialog_id=f"chat{chat}").status_code == 200
    page = box.page(operator, f"/online/?IM_DIALOG=chat{chat}")
    assert "завершён" in page
    assert "/as/line/finish" not in page
    assert box.person(operator, "line/finish", dialog_id=f"chat{chat}").status_code == 400
    assert box.person(5, "line/answer", dialog_id="9").status_code == 404


def test_a_keyboard_shows_each_sort_of_button(box: Box) -> None:
    auth = bot_of(box)
    command = {"command": "act", "title": {"ru": "Действие"}, "params": {"ru": "код"}}
    box.ok("imbot.v2.Command.register", {**auth, "fields": command})
    buttons = [
        {
            "TEXT": "Да",
            "COMMAND": "act",
            "COMMAND_PARAMS": "k1",
            "BG_COLOR_TOKEN": "primary",
            "DISPLAY": "BLOCK",
        },
        {"TYPE": "NEWLINE"},
        {"TEXT": "Спросить", "ACTION": "SEND", "ACTION_VALUE": "/act k2"},
        {"TEXT": "Вписать", "ACTION": "PUT", "ACTION_VALUE": "/act "},
        {"TEXT": "Портал", "LINK": "/tasks/"},
        {"TEXT": "Наружу", "LINK": "https://docs.example/"},
    ]
    number = said(box, auth, 9, message="Решите", keyboard={"BOT_ID": auth["botId"], "BUTTONS": buttons})
    page = box.page(9, f"/online/?IM_DIALOG={auth['botId']}")
    assert '<button class="btn primary" name="button" value="0">Да</button>' in page
    assert 'data-send="/act k2">Спросить</button>' in page
    assert 'data-put="/act ">Вписать</button>' in page
    assert 'href="/tasks/" data-slide>Портал</a>' in page
    assert 'href="https://docs.example/" target="_blank" rel="noopener noreferrer">Наружу</a>' in page
    assert 'data-put="/act " title="Действие">/act</button>' in page  # the bot's commands at hand
    box.person(9, "press", message_id=number, button="Да")
    box.person(9, "write", dialog_id=auth["botId"], text="/act k3")
    events = box.ok("imbot.v2.Event.get", auth)["events"]
    commands = [one["data"]["command"] for one in events if one["type"] == "ONIMBOTV2COMMANDADD"]
    assert [(one["params"], one["context"]) for one in commands] == [("k1", "keyboard"), ("k3", "textarea")]


@pytest.mark.parametrize("text", ["Обычный [B]текст[/B]", "[URL=/docs/]Диск[/URL]", "/act"])
def test_a_preview_of_a_dialogue_is_plain(box: Box, text: str) -> None:
    box.person(5, "write", dialog_id="9", text=text)
    row = box.page(9, "/online/").partition('class="dialog"')[2].partition("</a>")[0]
    assert "[" not in row
    assert "<small>" in row


def test_a_group_shows_its_people_and_tasks(box: Box) -> None:
    number = box.ok(
        "sonet_group.create", {"NAME": "Президиум <1>", "VISIBLE": "N", "DESCRIPTION": "[B]Важная[/B]"}
    )
    box.ok("sonet_group.user.add", {"GROUP_ID": number, "USER_ID": [9]})
    task = add_task(box, TITLE="В группе", GROUP_ID=number)["id"]
    page = box.page(9, "/workgroups/")
    assert "Президиум &lt;1&gt;" in page
    assert "скрытая" in page
    card = box.page(9, f"/workgroups/group/{number}/")
    assert "Кирилл Тополев" in card
    assert "В группе" in card
    assert "<b>Важная</b>" in card
    assert f'href="/workgroups/group/{number}/"' in box.page(9, f"/tasks/task/view/{task}/")
    assert "Президиум" not in box.page(16, "/workgroups/")
    assert (
        box.http.get(f"/workgroups/group/{number}/", headers={"Cookie": "sandbox_employee=16"}).status_code
        == 404
    )
    assert "Президиум" in box.page(1, f"/workgroups/group/{number}/")
