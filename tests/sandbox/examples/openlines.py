"""Open lines."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import Box
from tests.sandbox.examples import Params, example


def line(box: Box, **settings: Any) -> int:
    """Create a line with two operators."""
    queue = [{"ENTITY_TYPE": "user", "ENTITY_ID": number} for number in (1, 5)]
    made: int = box.ok(
        "imopenlines.config.add", {"PARAMS": {"LINE_NAME": "Обращения", "QUEUE": queue, **settings}}
    )
    return made


def asked(box: Box, number: int, text: str = "Добрый день", **form: Any) -> dict[str, int]:
    """Let an outside client write to a line; returns the message, the chat and the session."""
    given = {"client": "visitor", "name": "Ольга", "text": text, **form}
    answer = box.http.post(
        f"/contact_center/{number}/write", data=given, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    said: dict[str, int] = answer.json()
    return said


def talk(box: Box, **settings: Any) -> Params:
    """Begin a session; returns the name of its chat."""
    return {"CHAT_ID": asked(box, line(box, **settings))["chat_id"]}


def lead_talk(box: Box) -> Params:
    """Begin a session bound to a lead; returns the names of the lead and of the chat."""
    name = talk(box, CRM="Y", CRM_CREATE="lead")
    code = box.ok("imopenlines.dialog.get", name)["entity_data_2"].split("|")
    return {"CRM_ENTITY_TYPE": "lead", "CRM_ENTITY": int(code[1]), **name}


def bot_talk(box: Box) -> Params:
    """Begin a session that a bot leads; returns the name of its chat."""
    fields = {"code": "greeter", "botToken": "secret", "properties": {"name": "Встречающий"}}
    number = box.ok("imbot.v2.Bot.register", {"fields": fields | {"type": "openline"}})["bot"]["id"]
    return talk(box, WELCOME_BOT_ENABLE="Y", WELCOME_BOT_ID=number)


@example("imopenlines.revision.get")
def _(_: Box) -> Params:
    return {}


@example("imopenlines.config.path.get")
def _(_: Box) -> Params:
    return {}


@example("imopenlines.config.add")
def _(_: Box) -> Params:
    return {"PARAMS": {"LINE_NAME": "Обращения", "QUEUE_TYPE": "strictly", "WELCOME_MESSAGE": "Y"}}


@example("imopenlines.config.update")
def _(box: Box) -> Params:
    return {"CONFIG_ID": line(box), "PARAMS": {"LINE_NAME": "Приёмная"}}


@example("imopenlines.config.delete")
def _(box: Box) -> Params:
    return {"CONFIG_ID": line(box)}


@example("imopenlines.config.get")
def _(box: Box) -> Params:
    return {"CONFIG_ID": line(box), "WITH_QUEUE": "Y", "SHOW_OFFLINE": "Y"}


@example("imopenlines.config.list.get")
def _(box: Box) -> Params:
    line(box)
    chosen = {"select": ["ID", "LINE_NAME", "ACTIVE"], "filter": {"ACTIVE": "Y"}, "order": {"ID": "desc"}}
    return {"PARAMS": chosen, "OPTIONS": {"QUEUE": "Y", "CONFIG_QUEUE": "Y"}}


@example("imopenlines.dialog.get")
def _(box: Box) -> Params:
    return talk(box)


@example("imopenlines.session.history.get")
def _(box: Box) -> Params:
    number = line(box)
    said = asked(box, number)
    box.ok("imopenlines.operator.answer", {"CHAT_ID": said["chat_id"]})
    box.ok("im.message.add", {"DIALOG_ID": f"chat{said['chat_id']}", "MESSAGE": "Слушаю вас"})
    return {"SESSION_ID": said["session_id"]}


@example("imopenlines.session.open")
def _(box: Box) -> Params:
    return {"USER_CODE": box.ok("imopenlines.dialog.get", talk(box))["entity_id"]}


@example("imopenlines.session.head.vote")
def _(box: Box) -> Params:
    return {"SESSION_ID": asked(box, line(box))["session_id"], "RATING": 5, "COMMENT": "Хорошо"}


@example("imopenlines.session.mode.pin")
def _(box: Box) -> Params:
    return {**talk(box), "ACTIVATE": "Y"}


@example("imopenlines.session.mode.pinAll")
def _(box: Box) -> Params:
    box.ok("imopenlines.operator.answer", talk(box))
    return {}


@example("imopenlines.session.mode.unpinAll")
def _(box: Box) -> Params:
    box.ok("imopenlines.session.mode.pin", talk(box))
    return {}


@example("imopenlines.session.mode.silent")
def _(box: Box) -> Params:
    return {**talk(box), "ACTIVATE": "Y"}


@example("imopenlines.message.session.start")
def _(box: Box) -> Params:
    said = asked(box, line(box))
    return {"CHAT_ID": said["chat_id"], "MESSAGE_ID": said["message_id"]}


@example("imopenlines.message.quick.save")
def _(box: Box) -> Params:
    said = asked(box, line(box))
    return {"CHAT_ID": said["chat_id"], "MESSAGE_ID": said["message_id"]}


@example("imopenlines.operator.transfer")
def _(box: Box) -> Params:
    return {**talk(box), "TRANSFER_ID": 6}


@example("imopenlines.session.intercept")
def _(box: Box) -> Params:
    name = talk(box)
    box.ok("imopenlines.operator.transfer", {**name, "USER_ID": 6})
    return name


@example("imopenlines.crm.lead.create")
def _(box: Box) -> Params:
    name = talk(box)
    box.ok("imopenlines.operator.answer", name)
    return name


@example("imopenlines.crm.chat.get")
def _(box: Box) -> Params:
    found = lead_talk(box)
    del found["CHAT_ID"]
    return {**found, "ACTIVE_ONLY": "Y"}


@example("imopenlines.crm.chat.getLastId")
def _(box: Box) -> Params:
    found = lead_talk(box)
    del found["CHAT_ID"]
    return found


@example("imopenlines.crm.chat.user.add")
def _(box: Box) -> Params:
    return {**lead_talk(box), "USER_ID": 6}


@example("imopenlines.crm.chat.user.delete")
def _(box: Box) -> Params:
    found = lead_talk(box)
    box.ok("imopenlines.crm.chat.user.add", {**found, "USER_ID": 6})
    return {**found, "USER_ID": 6}


@example("imopenlines.crm.message.add")
def _(box: Box) -> Params:
    found = lead_talk(box)
    box.ok("imopenlines.operator.answer", {"CHAT_ID": found["CHAT_ID"]})
    return {**found, "USER_ID": 1, "MESSAGE": "Слушаю вас"}


@example("imopenlines.bot.session.operator")
def _(box: Box) -> Params:
    return bot_talk(box)


@example("imopenlines.bot.session.transfer")
def _(box: Box) -> Params:
    return {**bot_talk(box), "USER_ID": 5, "LEAVE": "Y", "CLIENT_ID": "secret"}


@example("imopenlines.bot.session.finish")
def _(box: Box) -> Params:
    return {**bot_talk(box), "CLIENT_ID": "secret"}


@example("imopenlines.bot.session.message.send")
def _(box: Box) -> Params:
    return {**bot_talk(box), "NAME": "DEFAULT", "MESSAGE": "Одну минуту"}


def _taking(name: str) -> None:
    @example(name)
    def _(box: Box) -> Params:
        return talk(box)


for _name in (
    "imopenlines.operator.answer",
    "imopenlines.operator.finish",
    "imopenlines.operator.another.finish",
    "imopenlines.operator.skip",
    "imopenlines.operator.spam",
    "imopenlines.session.join",
    "imopenlines.session.start",
):
    _taking(_name)
