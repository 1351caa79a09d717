"""Chat bots of the second version."""

from __future__ import annotations

import base64
from typing import Any

from tests.sandbox.conftest import Box
from tests.sandbox.examples import Params, example

_TOKEN = {"botToken": "secret"}


def bot(box: Box, **extra: Any) -> Params:
    """Register a bot; returns how its calls name it."""
    fields = {"code": "helper", **_TOKEN, "properties": {"name": "Помощник"}, **extra}
    return {"botId": box.ok("imbot.v2.Bot.register", {"fields": fields})["bot"]["id"], **_TOKEN}


def chat(box: Box, key: Params) -> str:
    """Create a group chat of a bot with two employees; returns its dialogue."""
    fields = {"title": "Поддержка", "userIds": [1, 5]}
    made: str = box.ok("imbot.v2.Chat.add", {**key, "fields": fields})["chat"]["dialogId"]
    return made


def awake(box: Box, *who: int) -> None:
    """Let employees be seen at the portal."""
    for number in who:
        box.person(number, "write", dialog_id=str(number), text="Заметка")


def said(box: Box, key: Params, dialog: str = "5") -> int:
    """Send a message as a bot."""
    sending = {**key, "dialogId": dialog, "fields": {"message": "Документ"}}
    made: int = box.ok("imbot.v2.Chat.Message.send", sending)["id"]
    return made


def heard(box: Box, key: Params) -> int:
    """Let an employee write to a bot; returns the message's id."""
    return int(box.person(5, "write", dialog_id=key["botId"], text="/help тема").json()["message_id"])


def command(box: Box, key: Params) -> Params:
    """Register a command; returns how calls name it."""
    fields = {"command": "help", "title": {"ru": "Помощь", "en": "Help"}, "params": {"ru": "тема"}}
    made = box.ok("imbot.v2.Command.register", {**key, "fields": fields})["command"]
    return {**key, "commandId": made["id"]}


@example("imbot.v2.Revision.get")
def _(_: Box) -> Params:
    return {}


@example("imbot.v2.Bot.register")
def _(_: Box) -> Params:
    properties = {"name": "Помощник", "workPosition": "Согласование", "gender": "M"}
    return {"fields": {"code": "helper", **_TOKEN, "type": "bot", "eventMode": "fetch",
                       "properties": properties}}  # fmt: skip


@example("imbot.v2.Bot.get")
def _(box: Box) -> Params:
    return bot(box)


@example("imbot.v2.Bot.list")
def _(box: Box) -> Params:
    bot(box)
    return {**_TOKEN, "limit": 10}


@example("imbot.v2.Bot.update")
def _(box: Box) -> Params:
    return {**bot(box), "fields": {"isHidden": True, "properties": {"name": "Справка"}}}


@example("imbot.v2.Bot.unregister")
def _(box: Box) -> Params:
    return bot(box)


@example("imbot.v2.Command.register")
def _(box: Box) -> Params:
    return {**bot(box), "fields": {"command": "help", "title": {"ru": "Помощь"}, "common": False}}


@example("imbot.v2.Command.list")
def _(box: Box) -> Params:
    key = bot(box)
    command(box, key)
    return key


@example("imbot.v2.Command.update")
def _(box: Box) -> Params:
    return {**command(box, bot(box)), "fields": {"title": {"ru": "Справка", "en": None}}}


@example("imbot.v2.Command.unregister")
def _(box: Box) -> Params:
    return command(box, bot(box))


@example("imbot.v2.Command.answer")
def _(box: Box) -> Params:
    key = command(box, bot(box))
    return {**key, "messageId": heard(box, key), "dialogId": "5", "fields": {"message": "Вот"}}


@example("imbot.v2.Event.get")
def _(box: Box) -> Params:
    key = bot(box)
    heard(box, key)
    return {**key, "limit": 10}


@example("imbot.v2.Chat.add")
def _(box: Box) -> Params:
    awake(box, 1, 5)
    fields = {"title": "Поддержка", "color": "mint", "userIds": [1, 5], "message": "Начнём"}
    return {**bot(box), "fields": fields}


@example("imbot.v2.Chat.get")
def _(box: Box) -> Params:
    key = bot(box)
    dialog = chat(box, key)
    said(box, key, dialog)
    return {**key, "dialogId": dialog}


@example("imbot.v2.Chat.update")
def _(box: Box) -> Params:
    key = bot(box)
    return {**key, "dialogId": chat(box, key), "fields": {"title": "Помощь", "color": "lightBlue"}}


@example("imbot.v2.Chat.leave")
def _(box: Box) -> Params:
    key = bot(box)
    return {**key, "dialogId": chat(box, key)}


@example("imbot.v2.Chat.setOwner")
def _(box: Box) -> Params:
    key = bot(box)
    return {**key, "dialogId": chat(box, key), "userId": 5}


@example("imbot.v2.Chat.User.add")
def _(box: Box) -> Params:
    key = bot(box)
    return {**key, "dialogId": chat(box, key), "userIds": [6, 7]}


@example("imbot.v2.Chat.User.delete")
def _(box: Box) -> Params:
    key = bot(box)
    return {**key, "dialogId": chat(box, key), "userId": 5}


@example("imbot.v2.Chat.User.list")
def _(box: Box) -> Params:
    awake(box, 1, 5)
    key = bot(box)
    return {**key, "dialogId": chat(box, key), "limit": 10}


@example("imbot.v2.Chat.Manager.add")
def _(box: Box) -> Params:
    key = bot(box)
    return {**key, "dialogId": chat(box, key), "userIds": [5]}


@example("imbot.v2.Chat.Manager.delete")
def _(box: Box) -> Params:
    key = bot(box)
    return {**key, "dialogId": chat(box, key), "userIds": [5]}


@example("imbot.v2.Chat.InputAction.notify")
def _(box: Box) -> Params:
    return {**bot(box), "dialogId": "5", "statusMessageCode": "IMBOT_AGENT_ACTION_THINKING"}


@example("imbot.v2.Chat.TextField.enabled")
def _(box: Box) -> Params:
    return {**bot(box), "dialogId": "5", "enabled": False}


@example("imbot.v2.Chat.Message.send")
def _(box: Box) -> Params:
    key = bot(box)
    buttons = [{"TEXT": "Да", "COMMAND": "yes", "COMMAND_PARAMS": "1", "BLOCK": "Y"}]
    fields = {
        "message": "Согласуете?",
        "attach": [{"GRID": [{"NAME": "Срок", "VALUE": "01.09.2026", "DISPLAY": "LINE"}]}],
        "keyboard": {"BOT_ID": key["botId"], "BUTTONS": buttons},
        "templateId": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "forwardIds": {"1f8fad5b-d9cb-469f-a165-70867728950e": said(box, key)},
    }
    return {**key, "dialogId": "5", "fields": fields}


@example("imbot.v2.Chat.Message.update")
def _(box: Box) -> Params:
    key = bot(box)
    return {**key, "messageId": said(box, key), "fields": {"message": "Готово", "keyboard": "N"}}


@example("imbot.v2.Chat.Message.delete")
def _(box: Box) -> Params:
    key = bot(box)
    return {**key, "messageId": said(box, key), "complete": False}


@example("imbot.v2.Chat.Message.read")
def _(box: Box) -> Params:
    key = bot(box)
    return {**key, "messageId": heard(box, key), "dialogId": "5"}


@example("imbot.v2.Chat.Message.get")
def _(box: Box) -> Params:
    key = bot(box, type="personal")
    return {**key, "messageId": heard(box, key)}


@example("imbot.v2.Chat.Message.getContext")
def _(box: Box) -> Params:
    key = bot(box, type="supervisor")
    said(box, key)
    return {**key, "messageId": heard(box, key), "range": 5}


@example("imbot.v2.Chat.Message.Reaction.add")
def _(box: Box) -> Params:
    key = bot(box)
    return {**key, "messageId": heard(box, key), "reaction": "fire"}


@example("imbot.v2.Chat.Message.Reaction.delete")
def _(box: Box) -> Params:
    key = bot(box)
    given = {**key, "messageId": heard(box, key), "reaction": "fire"}
    box.ok("imbot.v2.Chat.Message.Reaction.add", given)
    return given


def _file(box: Box, key: Params) -> Params:
    content = base64.b64encode(b"report").decode()
    fields = {"name": "report.pdf", "content": content, "message": "Отчёт"}
    return {**key, "dialogId": "5", "fields": fields}


@example("imbot.v2.File.upload")
def _(box: Box) -> Params:
    return _file(box, bot(box))


@example("imbot.v2.File.download")
def _(box: Box) -> Params:
    key = bot(box)
    return {**key, "fileId": box.ok("imbot.v2.File.upload", _file(box, key))["file"]["id"]}
