"""The messenger of people."""

from __future__ import annotations

import base64
from typing import Any

from tests.sandbox.conftest import Box
from tests.sandbox.examples import Params, example

PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(10) + b"\x00\x08\x00\x00\x00\x04").decode()
KEY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def chat(box: Box, **extra: Any) -> int:
    """Create a group chat of the administrator with two employees."""
    made: int = box.ok("im.chat.add", {"TYPE": "CHAT", "TITLE": "Совет", "USERS": [5, 6], **extra})
    return made


def awake(box: Box, *who: int, **phones: str) -> None:
    """Let employees have telephones and be seen at the portal."""
    for number in who:
        box.ok("user.update", {"ID": number, **phones})
        box.person(number, "write", dialog_id=str(number), text="Заметка")


MOBILE = {"PERSONAL_MOBILE": "+7 900 000-00-00"}
INNER = {"UF_PHONE_INNER": "22"}
PHONES = {**MOBILE, **INNER, "WORK_PHONE": "+7 495 000-00-00"}


def said(box: Box, dialog: str = "5", text: str = "Здравствуйте") -> int:
    """Send a message as the administrator."""
    made: int = box.ok("im.message.add", {"DIALOG_ID": dialog, "MESSAGE": text})
    return made


def heard(box: Box, text: str = "Добрый день") -> int:
    """Let an employee write to the administrator; returns the message's id."""
    return int(box.person(5, "write", dialog_id="1", text=text).json()["message_id"])


def noted(box: Box) -> int:
    """Put a notification into the administrator's bell."""
    made: int = box.ok("im.notify.system.add", {"USER_ID": 1, "MESSAGE": "Срок сегодня"})
    return made


def bot(box: Box) -> Params:
    """Register a bot with a command."""
    fields = {"code": "helper", "botToken": "secret", "properties": {"name": "Помощник"}}
    number = box.ok("imbot.v2.Bot.register", {"fields": fields})["bot"]["id"]
    key = {"botId": number, "botToken": "secret"}
    box.ok("imbot.v2.Command.register", {**key, "fields": {"command": "help", "hidden": True}})
    return key


@example("im.message.add")
def _(box: Box) -> Params:
    return {
        "DIALOG_ID": f"chat{chat(box)}",
        "MESSAGE": "Документ зарегистрирован [B]№ 77[/B]",
        "KEYBOARD": {"BUTTONS": [{"TEXT": "Карточка", "LINK": "/crm/"}]},
        "SYSTEM": "N",
        "URL_PREVIEW": "N",
        "TEMPLATE_ID": KEY,
    }


@example("im.message.update")
def _(box: Box) -> Params:
    return {"MESSAGE_ID": said(box), "MESSAGE": "Исправлено"}


@example("im.message.delete")
def _(box: Box) -> Params:
    return {"MESSAGE_ID": said(box)}


@example("im.message.like")
def _(box: Box) -> Params:
    return {"MESSAGE_ID": said(box), "ACTION": "plus"}


@example("im.message.command")
def _(box: Box) -> Params:
    key = bot(box)
    sending = {**key, "dialogId": "1", "fields": {"message": "Выберите"}}
    number = box.ok("imbot.v2.Chat.Message.send", sending)["id"]
    return {"MESSAGE_ID": number, "BOT_ID": key["botId"], "COMMAND": "help", "COMMAND_PARAMS": "1"}


@example("im.message.share")
def _(box: Box) -> Params:
    number = chat(box)
    return {"MESSAGE_ID": said(box, f"chat{number}"), "DIALOG_ID": f"chat{number}", "TYPE": "CHAT"}


@example("im.chat.add")
def _(_: Box) -> Params:
    return {
        "TYPE": "OPEN",
        "TITLE": "Новости",
        "DESCRIPTION": "Всем",
        "COLOR": "PINK",
        "USERS": [5, 6],
        "MESSAGE": "Начнём",
        "AVATAR": PICTURE,
        "ENTITY_TYPE": "B24FLOW",
        "ENTITY_ID": "doc|1",
    }


@example("im.chat.get")
def _(box: Box) -> Params:
    owner = {"ENTITY_TYPE": "CRM", "ENTITY_ID": "DYNAMIC_1046|1"}
    chat(box, **owner)
    return owner


@example("im.chat.updateTitle")
def _(box: Box) -> Params:
    return {"CHAT_ID": chat(box), "TITLE": "Большой совет"}


@example("im.chat.updateColor")
def _(box: Box) -> Params:
    return {"CHAT_ID": chat(box, COLOR="RED"), "COLOR": "MINT"}


@example("im.chat.updateAvatar")
def _(box: Box) -> Params:
    return {"CHAT_ID": chat(box), "AVATAR": PICTURE}


@example("im.chat.setOwner")
def _(box: Box) -> Params:
    return {"CHAT_ID": chat(box), "USER_ID": 5}


@example("im.chat.mute")
def _(box: Box) -> Params:
    return {"CHAT_ID": chat(box), "MUTE": "Y"}


@example("im.chat.leave")
def _(box: Box) -> Params:
    return {"CHAT_ID": chat(box)}


@example("im.chat.user.add")
def _(box: Box) -> Params:
    return {"CHAT_ID": chat(box), "USERS": [7, 8], "HIDE_HISTORY": "N"}


@example("im.chat.user.delete")
def _(box: Box) -> Params:
    return {"CHAT_ID": chat(box), "USER_ID": 5}


@example("im.chat.user.list")
def _(box: Box) -> Params:
    return {"CHAT_ID": chat(box)}


@example("im.dialog.get")
def _(box: Box) -> Params:
    number = chat(box, ENTITY_TYPE="CRM", ENTITY_ID="DEAL|1")
    said(box, f"chat{number}")
    return {"DIALOG_ID": f"chat{number}"}


@example("im.dialog.messages.get")
def _(box: Box) -> Params:
    number = chat(box)
    box.ok("im.message.like", {"MESSAGE_ID": said(box, f"chat{number}")})
    key = bot(box)
    box.ok("im.chat.user.add", {"CHAT_ID": number, "USERS": [key["botId"]], "HIDE_HISTORY": "N"})
    file = {"name": "scan.png", "content": PICTURE, "message": "файл"}
    box.ok("imbot.v2.File.upload", {**key, "dialogId": f"chat{number}", "fields": file})
    return {"DIALOG_ID": f"chat{number}", "LIMIT": 10}


@example("im.dialog.messages.search")
def _(box: Box) -> Params:
    number = chat(box)
    awake(box, 1, **MOBILE, **INNER)
    said(box, f"chat{number}", "договор поставки")
    return {"CHAT_ID": number, "SEARCH_MESSAGE": "поставки", "LIMIT": 10}


@example("im.dialog.read")
def _(box: Box) -> Params:
    return {"DIALOG_ID": "5", "MESSAGE_ID": heard(box)}


@example("im.dialog.unread")
def _(box: Box) -> Params:
    return {"DIALOG_ID": "5", "MESSAGE_ID": heard(box)}


@example("im.dialog.read.all")
def _(box: Box) -> Params:
    heard(box)
    return {}


@example("im.dialog.users.list")
def _(box: Box) -> Params:
    awake(box, 1, 5, 6, **MOBILE)
    return {"DIALOG_ID": f"chat{chat(box)}", "LIMIT": 10}


@example("im.dialog.writing")
def _(box: Box) -> Params:
    return {"DIALOG_ID": f"chat{chat(box)}"}


@example("im.notify")
def _(_: Box) -> Params:
    return {"USER_ID": 5, "TYPE": "SYSTEM", "MESSAGE": "Срок сегодня"}


@example("im.notify.personal.add")
def _(_: Box) -> Params:
    return {"USER_ID": 5, "MESSAGE": "Взгляните", "ATTACH": [{"MESSAGE": "вложение"}]}


@example("im.notify.system.add")
def _(_: Box) -> Params:
    return {"USER_ID": 5, "MESSAGE": "Срок сегодня", "MESSAGE_OUT": "Срок сегодня"}


@example("im.notify.delete")
def _(box: Box) -> Params:
    return {"ID": noted(box)}


@example("im.notify.get")
def _(box: Box) -> Params:
    awake(box, 1, **PHONES)
    box.ok("im.notify.personal.add", {"USER_ID": 1, "MESSAGE": "Взгляните"})
    return {"LIMIT": 10}


@example("im.notify.history.search")
def _(box: Box) -> Params:
    awake(box, 1, **PHONES)
    box.ok("im.notify.personal.add", {"USER_ID": 1, "MESSAGE": "Взгляните"})
    return {"SEARCH_TEXT": "гляни"}


@example("im.notify.read")
def _(box: Box) -> Params:
    return {"ID": noted(box), "ACTION": "Y", "ONLY_CURRENT": "Y"}


@example("im.notify.read.list")
def _(box: Box) -> Params:
    return {"IDS": [noted(box), noted(box)], "ACTION": "Y"}


@example("im.notify.read.all")
def _(box: Box) -> Params:
    noted(box)
    return {}


@example("im.notify.schema.get")
def _(_: Box) -> Params:
    return {}


@example("im.revision.get")
def _(_: Box) -> Params:
    return {}


@example("im.user.get")
def _(box: Box) -> Params:
    awake(box, 5, **PHONES)
    return {"ID": 5}


@example("im.user.list.get")
def _(box: Box) -> Params:
    awake(box, 5, 6, **PHONES)
    return {"ID": [5, 6], "RESULT_TYPE": "array"}


@example("im.user.status.get")
def _(box: Box) -> Params:
    box.ok("im.user.status.set", {"STATUS": "dnd"})
    return {}


@example("im.user.status.set")
def _(_: Box) -> Params:
    return {"STATUS": "away"}


@example("im.user.status.idle.start")
def _(_: Box) -> Params:
    return {"AGO": 15}


@example("im.user.status.idle.end")
def _(_: Box) -> Params:
    return {}


@example("im.counters.get")
def _(box: Box) -> Params:
    heard(box)
    noted(box)
    return {}


@example("im.recent.get")
def _(box: Box) -> Params:
    said(box, f"chat{chat(box)}")
    return {"SKIP_OPENLINES": "Y", "SKIP_DIALOG": "Y"}


@example("im.recent.list")
def _(box: Box) -> Params:
    awake(box, 5)
    said(box)
    return {"LIMIT": 10}


@example("im.recent.pin")
def _(box: Box) -> Params:
    said(box)
    return {"DIALOG_ID": "5", "PIN": "Y"}


@example("im.recent.hide")
def _(box: Box) -> Params:
    said(box)
    return {"DIALOG_ID": "5"}


@example("im.recent.unread")
def _(box: Box) -> Params:
    said(box)
    return {"DIALOG_ID": "5", "ACTION": "Y"}


@example("im.v2.Chat.Bot.sendContext")
def _(box: Box) -> Params:
    return {"dialogId": str(bot(box)["botId"]), "context": {"action": "openTask", "taskId": 4}}


def _file(box: Box) -> Params:
    content = base64.b64encode(b"report").decode()
    file = {"name": "report.txt", "content": content, "message": "Отчёт"}
    return {"dialogId": f"chat{chat(box)}", "fields": file}


@example("im.v2.File.upload")
def _(box: Box) -> Params:
    return _file(box)


@example("im.v2.File.download")
def _(box: Box) -> Params:
    given = _file(box)
    made = box.ok("im.v2.File.upload", given)
    return {"dialogId": given["dialogId"], "fileId": made["file"]["id"]}


@example("im.v2.Event.subscribe")
def _(_: Box) -> Params:
    return {}


@example("im.v2.Event.unsubscribe")
def _(_: Box) -> Params:
    return {}


@example("im.v2.Event.get")
def _(box: Box) -> Params:
    box.ok("im.v2.Event.subscribe")
    heard(box)
    return {"limit": 10}


@example("im.disk.folder.get")
def _(box: Box) -> Params:
    return {"CHAT_ID": chat(box)}


@example("im.disk.file.commit")
def _(box: Box) -> Params:
    number = chat(box)
    folder = box.ok("im.disk.folder.get", {"CHAT_ID": number})["ID"]
    given = {"id": folder, "data": {"NAME": "scan.png"}, "fileContent": ["scan.png", PICTURE]}
    file = box.ok("disk.folder.uploadfile", given)["ID"]
    return {"CHAT_ID": number, "UPLOAD_ID": int(file), "MESSAGE": "Смотрите"}


@example("im.disk.file.delete")
def _(box: Box) -> Params:
    made = box.ok("im.v2.File.upload", _file(box))
    return {"CHAT_ID": made["chatId"], "FILE_ID": made["file"]["id"]}


@example("im.disk.file.save")
def _(box: Box) -> Params:
    return {"FILE_ID": box.ok("im.v2.File.upload", _file(box))["file"]["id"]}


@example("im.department.get")
def _(box: Box) -> Params:
    awake(box, 5)
    return {"ID": [2], "USER_DATA": "Y"}


@example("im.department.employees.get")
def _(_: Box) -> Params:
    return {"ID": [2, 3]}


@example("im.department.managers.get")
def _(_: Box) -> Params:
    return {"ID": [2, 3]}


@example("im.department.colleagues.list")
def _(_: Box) -> Params:
    return {"LIMIT": 1}


@example("im.search.department.list")
def _(box: Box) -> Params:
    awake(box, 5, UF_PHONE_INNER="22", WORK_PHONE="+7 495 000-00-00")
    return {"FIND": "общий", "USER_DATA": "Y", "LIMIT": 1}


@example("im.search.user.list")
def _(box: Box) -> Params:
    awake(box, 6, **PHONES)
    return {"FIND": "осок", "LIMIT": 1}


@example("im.search.chat.list")
def _(box: Box) -> Params:
    chat(box)
    return {"FIND": "совет"}


@example("im.search.last.add")
def _(box: Box) -> Params:
    return {"DIALOG_ID": f"chat{chat(box)}"}


@example("im.search.last.delete")
def _(box: Box) -> Params:
    given = {"DIALOG_ID": f"chat{chat(box)}"}
    box.ok("im.search.last.add", given)
    return given


@example("im.search.last.get")
def _(box: Box) -> Params:
    awake(box, 5, **PHONES)
    box.ok("im.search.last.add", {"DIALOG_ID": "5"})
    box.ok("im.search.last.add", {"DIALOG_ID": f"chat{chat(box)}"})
    return {"SKIP_OPENLINES": "Y"}
