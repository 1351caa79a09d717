"""Open lines: an outside client, the queue, sessions, bots in front of operators, CRM, events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from b24flow.sandbox.seed import WEBHOOK_CODE, demo_organisation
from b24flow.sandbox.server import SandboxServer
from tests.sandbox.conftest import Box
from tests.sandbox.examples.openlines import asked, bot_talk, lead_talk, line
from tests.sandbox.handler import flush, listening, subscribe

PERSON, STRANGER = 5, 9
_HOOKS = {PERSON: "persons0hook", STRANGER: "strangers0hook"}


@pytest.fixture
def box(box: Box) -> Box:
    """A portal where an operator and an employee outside the queue have webhooks too."""
    seed = demo_organisation()
    seed["webhooks"] += [{"user_id": who, "code": code} for who, code in _HOOKS.items()]
    box.control("reset", {"seed": seed})
    return box


def acting(box: Box, who: int, method: str, params: Any = None) -> Any:
    """Call a method as an employee; returns the result, or the error's status and code."""
    answer = box.http.post(f"/rest/{who}/{_HOOKS[who]}/{method}", json=params or {})
    body = answer.json()
    return (answer.status_code, body["error"]) if "error" in body else body["result"]


def session(box: Box, number: int = -1) -> dict[str, Any]:
    row: dict[str, Any] = box.look("state/line_sessions")[number]
    return row


def operator(box: Box) -> tuple[int, str]:
    row = session(box)
    return row["operator_id"], row["status"]


def test_a_first_word_begins_a_session_and_the_next_go_on(box: Box) -> None:
    number = line(box)
    first, second = asked(box, number), asked(box, number, "И ещё")
    assert (first["chat_id"], first["session_id"]) == (second["chat_id"], second["session_id"])
    other = asked(box, number, client="another", name="Пётр")
    assert other["chat_id"] != first["chat_id"]
    shown = box.ok("imopenlines.dialog.get", {"CHAT_ID": first["chat_id"]})
    connector, on, _, client = shown["entity_id"].split("|")
    assert (connector, on, shown["type"]) == ("livechat", str(number), "lines")
    assert shown["entity_data_1"].split("|")[5] == str(first["session_id"])
    assert shown["name"] == "Ольга - Обращения"
    got = box.ok("im.dialog.messages.get", {"DIALOG_ID": f"chat{first['chat_id']}"})
    assert [row["text"] for row in got["messages"]] == ["И ещё", "Добрый день"]
    assert [(row["id"], row["connector"]) for row in got["users"]] == [(int(client), True)]
    assert box.ok("imopenlines.session.open", {"USER_CODE": shown["entity_id"]}) == {
        "chatId": str(first["chat_id"])
    }


def test_sessions_go_round_the_queue(box: Box) -> None:
    evenly = line(box)
    given = []
    for name in ("а", "б", "в"):
        asked(box, evenly, client=name)
        given.append(operator(box)[0])
    assert given == [1, 5, 1]
    strictly = line(box, QUEUE_TYPE="strictly")
    asked(box, strictly, client="г")
    asked(box, strictly, client="д")
    assert [session(box, index)["operator_id"] for index in (-2, -1)] == [1, 1]
    everyone = line(box, QUEUE_TYPE="all")
    said = asked(box, everyone, client="е")
    assert operator(box) == (0, "new")
    assert acting(box, PERSON, "imopenlines.operator.answer", {"CHAT_ID": said["chat_id"]}) is True
    assert operator(box) == (PERSON, "answered")


def test_operators_skip_hand_over_intercept_and_join(box: Box) -> None:
    name = {"CHAT_ID": asked(box, line(box))["chat_id"]}
    assert operator(box) == (1, "new")
    box.ok("imopenlines.operator.skip", name)
    assert operator(box) == (PERSON, "new")
    assert acting(box, PERSON, "imopenlines.operator.transfer", {**name, "TRANSFER_ID": "6"}) is True
    assert operator(box) == (6, "new")
    box.ok("imopenlines.session.intercept", name)
    assert operator(box) == (1, "answered")
    assert box.refused("imopenlines.session.intercept", name) == (400, "OPERATOR_WRONG")
    other = line(box, LINE_NAME="Вторая")
    box.ok("imopenlines.operator.transfer", {**name, "TRANSFER_ID": f"queue{other}"})
    assert session(box)["line_id"] == other
    wrong = {**name, "USER_ID": 10_000}
    assert box.refused("imopenlines.operator.transfer", wrong) == (400, "OPERATOR_WRONG")
    assert box.refused("imopenlines.operator.transfer", name) == (400, "TRANSFER_ID_EMPTY")
    assert acting(box, PERSON, "imopenlines.session.join", name) is True
    assert acting(box, PERSON, "im.dialog.get", {"DIALOG_ID": f"chat{name['CHAT_ID']}"})["type"] == "lines"


def test_only_those_of_the_line_lead_its_talks(box: Box) -> None:
    name = {"CHAT_ID": asked(box, line(box))["chat_id"]}
    for method in ("operator.answer", "operator.another.finish", "session.join", "session.start"):
        assert acting(box, STRANGER, f"imopenlines.{method}", name) == (400, "ACCESS_DENIED")
    assert acting(box, STRANGER, "imopenlines.dialog.get", name) == (400, "ACCESS_ERROR")
    assert acting(box, STRANGER, "imopenlines.session.history.get", name) == (400, "ACCESS_DENIED")
    plain = box.ok("im.chat.add", {"USERS": [6]})
    assert box.refused("imopenlines.operator.answer", {"CHAT_ID": plain}) == (400, "CHAT_TYPE")
    assert box.refused("imopenlines.operator.answer", {"CHAT_ID": 10_000}) == (400, "CHAT_ID")


def test_an_operators_word_answers_and_reaches_the_client(box: Box) -> None:
    number = line(box)
    said = asked(box, number)
    box.ok("im.message.add", {"DIALOG_ID": f"chat{said['chat_id']}", "MESSAGE": "Слушаю [B]вас[/B]"})
    assert operator(box) == (1, "answered")
    page = box.http.get(f"/contact_center/{number}/", params={"client": "visitor"}).text
    assert "Добрый день" in page
    assert "<b>вас</b>" in page
    assert "Слушаю" not in box.http.get(f"/contact_center/{number}/", params={"client": "x"}).text


def test_the_public_page_escapes_and_refuses(box: Box) -> None:
    number = line(box)
    asked(box, number, "<script>alert(1)</script>", client="<b>")
    page = box.http.get(f"/contact_center/{number}/", params={"client": "<b>"}).text
    assert "<script>" not in page
    assert 'value="&lt;b&gt;"' in page
    empty = box.http.post(f"/contact_center/{number}/write", data={"text": " "})
    assert (empty.status_code, empty.json()["ok"]) == (400, False)
    assert box.http.get("/contact_center/99/").status_code == 404
    box.ok("imopenlines.config.update", {"CONFIG_ID": number, "PARAMS": {"ACTIVE": "N"}})
    assert box.http.post(f"/contact_center/{number}/write", data={"text": "x"}).status_code == 404
    path = box.ok("imopenlines.config.path.get")["PUBLIC_PATH"]
    assert path == "/contact_center/"


def test_a_closed_talk_stays_closed_and_a_new_word_begins_another(box: Box) -> None:
    number = line(box)
    first = asked(box, number)
    name = {"CHAT_ID": first["chat_id"]}
    box.ok("imopenlines.operator.finish", name)
    assert operator(box)[1] == "closed"
    assert box.refused("imopenlines.operator.answer", name) == (400, "ACCESS_DENIED")
    assert box.refused("imopenlines.operator.skip", name) == (400, "ACCESS_DENIED_KICK")
    second = asked(box, number, "Снова я")
    assert (second["chat_id"], second["session_id"]) == (first["chat_id"], first["session_id"] + 1)
    old = box.ok("imopenlines.session.history.get", {"SESSION_ID": first["session_id"]})
    new = box.ok("imopenlines.session.history.get", {"CHAT_ID": first["chat_id"]})
    assert [row["text"] for row in old["message"].values()] == ["Добрый день"]
    assert [row["text"] for row in new["message"].values()] == ["Снова я"]
    assert session(box)["parent_id"] == first["session_id"]
    assert operator(box) == (PERSON, "new")
    assert box.refused("imopenlines.operator.finish", name) == (400, "ACCESS_DENIED")
    box.ok("imopenlines.operator.spam", name)
    assert (operator(box)[1], session(box)["spam"]) == ("closed", True)
    assert box.refused("imopenlines.session.history.get") == (400, "MISSING_REQUIRED_PARAM")
    unknown = box.refused("imopenlines.session.history.get", {"CHAT_ID": 10_000})
    assert unknown == (400, "INVALID_SESSION_ID")


def test_a_message_moves_into_a_new_session(box: Box) -> None:
    said = asked(box, line(box))
    given = {"CHAT_ID": said["chat_id"], "MESSAGE_ID": said["message_id"]}
    box.ok("imopenlines.message.session.start", given)
    got = box.ok("imopenlines.session.history.get", {"CHAT_ID": said["chat_id"]})
    assert [row["text"] for row in got["message"].values()] == ["Добрый день"]
    assert operator(box) == (1, "answered")
    assert session(box, 0)["status"] == "closed"


def test_pins_votes_and_quick_answers(box: Box) -> None:
    said = asked(box, line(box))
    name = {"CHAT_ID": said["chat_id"]}
    assert box.ok("imopenlines.session.mode.pinAll") == [said["session_id"]]
    assert box.ok("imopenlines.session.mode.pinAll") == []
    assert box.ok("imopenlines.dialog.get", name)["entity_data_1"].split("|")[3] == "Y"
    assert box.ok("imopenlines.session.mode.unpinAll") == [said["session_id"]]
    box.ok("imopenlines.session.mode.silent", {**name, "ACTIVATE": "Y"})
    assert box.ok("imopenlines.dialog.get", name)["entity_data_3"] == "Y"
    vote = {"SESSION_ID": said["session_id"]}
    assert box.refused("imopenlines.session.head.vote", vote) == (400, "EMPTY_VOTE_PARAMS")
    box.ok("imopenlines.session.head.vote", {**vote, "RATING": 4, "COMMENT": "Хорошо"})
    got = box.ok("imopenlines.session.history.get", vote)
    assert (got["sessionVoteHead"], got["sessionCommentHead"]) == (4, "Хорошо")
    assert acting(box, PERSON, "imopenlines.session.head.vote", {**vote, "RATING": 1})[1] == "ACCESS_DENIED"
    wrong = box.refused("imopenlines.message.quick.save", {**name, "MESSAGE_ID": 1})
    assert wrong == (400, "CANT_SAVE_QUICK_ANSWER")


def test_a_bot_meets_clients_and_hands_them_over(box: Box) -> None:
    name = bot_talk(box)
    leader = operator(box)[0]
    key = {"botId": leader, "botToken": "secret"}
    got = box.ok("imbot.v2.Event.get", key)["events"]
    assert [row["type"] for row in got] == ["ONIMBOTV2JOINCHAT", "ONIMBOTV2MESSAGEADD"]
    assert (got[1]["data"]["user"]["name"], got[1]["data"]["user"]["connector"]) == ("Ольга", True)
    said = {**name, "NAME": "DEFAULT", "MESSAGE": "Минуту"}
    box.ok("imopenlines.bot.session.message.send", said)
    assert box.look("state/messages")[-1]["author_id"] == leader
    stranger = {**name, "USER_ID": PERSON, "CLIENT_ID": "wrong"}
    assert box.refused("imopenlines.bot.session.transfer", stranger) == (400, "BOT_ID_ERROR")
    box.ok("imopenlines.bot.session.transfer", {**stranger, "CLIENT_ID": "secret"})
    assert operator(box) == (PERSON, "new")
    assert leader in box.look("state/chats")[-1]["members"]  # stays until it is told to leave
    assert box.refused("imopenlines.bot.session.operator", name) == (400, "WRONG_CHAT")
    box.ok("imopenlines.bot.session.finish", {**name, "CLIENT_ID": "secret"})
    assert operator(box)[1] == "closed"


def test_a_lead_keeps_its_talks(box: Box) -> None:
    found = lead_talk(box)
    owner = {key: found[key] for key in ("CRM_ENTITY_TYPE", "CRM_ENTITY")}
    chat = found["CHAT_ID"]
    shown = box.ok("imopenlines.crm.chat.get", owner)
    assert shown == [{"CHAT_ID": str(chat), "CONNECTOR_ID": "livechat", "CONNECTOR_TITLE": "Онлайн-чат"}]
    assert box.ok("imopenlines.crm.chat.getLastId", owner) == chat
    assert box.ok("imopenlines.crm.chat.user.add", {**owner, "USER_ID": 6}) == chat
    again = box.refused("imopenlines.crm.chat.user.add", {**owner, "USER_ID": 6})
    assert again == (400, "WRONG_REQUEST")
    say = {**found, "USER_ID": STRANGER, "MESSAGE": "Слушаю"}
    assert box.refused("imopenlines.crm.message.add", say)[1] == "CANCELED"
    number = box.ok("imopenlines.crm.message.add", {**say, "USER_ID": 6})
    assert box.look("state/messages")[-1]["id"] == number
    foreign = {**say, "CHAT_ID": 10_000}
    assert box.refused("imopenlines.crm.message.add", foreign) == (400, "CHAT_NOT_IN_CRM")
    box.ok("imopenlines.operator.another.finish", {"CHAT_ID": chat})
    assert box.ok("imopenlines.crm.chat.get", owner) == []
    assert len(box.ok("imopenlines.crm.chat.get", {**owner, "ACTIVE_ONLY": "N"})) == 1
    bad = {**owner, "CRM_ENTITY": "five"}
    assert box.refused("imopenlines.crm.chat.get", bad) == (400, "ERROR_ARGUMENT")
    empty = box.refused("imopenlines.crm.chat.getLastId", {"CRM_ENTITY_TYPE": "lead", "CRM_ENTITY": 999})
    assert empty == (400, "CRM_CHAT_EMPTY_CRM_DATA")


def test_a_client_known_to_the_crm_is_bound_at_once(box: Box) -> None:
    contact = box.ok("crm.item.add", {"entityTypeId": 3, "fields": {"name": "Ольга"}})["item"]["id"]
    said = asked(box, line(box, CRM="Y", CRM_CREATE="lead"), crm=f"CONTACT|{contact}")
    owner = {"CRM_ENTITY_TYPE": "contact", "CRM_ENTITY": contact}
    assert box.ok("imopenlines.crm.chat.getLastId", owner) == said["chat_id"]
    assert box.ok("crm.item.list", {"entityTypeId": 1})["items"] == []  # no lead of a known client
    name = {"CHAT_ID": said["chat_id"]}
    refused = acting(box, PERSON, "imopenlines.crm.lead.create", name)
    assert refused == (400, "ERROR_USER_NOT_OPERATOR")
    box.ok("imopenlines.crm.lead.create", name)
    assert len(box.ok("crm.item.list", {"entityTypeId": 1})["items"]) == 1


def test_lines_are_listed_changed_and_removed(box: Box) -> None:
    first, second = line(box), line(box, LINE_NAME="Приёмная", ACTIVE="N")

    def ids(**params: Any) -> list[str]:
        return [row["ID"] for row in box.ok("imopenlines.config.list.get", {"PARAMS": params})]

    assert ids(order={"ID": "desc"}) == [str(second), str(first)]
    assert ids(filter={"ACTIVE": "Y"}) == [str(first)]
    assert ids(limit=1, offset=1) == [str(second)]
    for wrong in ({"where": {}}, {"filter": {"COLOR": "x"}}, {"order": {"ID": "up"}}, {"limit": -1}):
        refused = box.refused("imopenlines.config.list.get", {"PARAMS": wrong})
        assert refused == (400, "INVALID_FORMAT")
    change = {"CONFIG_ID": first, "PARAMS": {"LINE_NAME": "Общая", "QUEUE_TIME": 30}}
    assert acting(box, PERSON, "imopenlines.config.update", change)[1] == "CONFIG_WRONG_USER_PERMISSION"
    assert box.ok("imopenlines.config.update", change) is True
    shown = box.ok("imopenlines.config.get", {"CONFIG_ID": first})
    assert (shown["LINE_NAME"], shown["QUEUE_TIME"], shown["QUEUE"]) == ("Общая", "30", ["1", "5"])
    asked(box, first)
    assert box.ok("imopenlines.config.delete", {"CONFIG_ID": first}) is True
    assert operator(box)[1] == "closed"
    assert box.ok("imopenlines.config.get", {"CONFIG_ID": first}) is False
    assert box.ok("imopenlines.config.delete", {"CONFIG_ID": first}) is False
    chat = session(box)["chat_id"]
    assert box.refused("imopenlines.session.start", {"CHAT_ID": chat}) == (400, "ACCESS_DENIED")


def test_handlers_hear_what_is_said_and_when_talks_begin_and_end(box: Box) -> None:
    with listening() as listener:
        app = box.install_app()
        names = ("OnOpenLineMessageAdd", "OnOpenLineMessageUpdate", "OnOpenLineMessageDelete",
                 "OnSessionStart", "OnSessionFinish")  # fmt: skip
        subscribe(app, listener, *names)
        said = asked(box, line(box))
        chat = f"chat{said['chat_id']}"
        mine = box.ok("im.message.add", {"DIALOG_ID": chat, "MESSAGE": "Слушаю"})
        box.ok("im.message.update", {"MESSAGE_ID": mine, "MESSAGE": "Слушаю вас"})
        box.ok("im.message.delete", {"MESSAGE_ID": mine})
        box.ok("imopenlines.operator.finish", {"CHAT_ID": said["chat_id"]})
        flush(box)
        heard = {one.event: one.form["data"] for one in listener.posted}
    assert sorted(heard) == sorted(name.upper() for name in names)
    first = next(one for one in listener.posted if one.event == "ONOPENLINEMESSAGEADD").form["data"]
    assert first["DATA"][0]["message"]["text"] == "Добрый день"
    assert first["DATA"][0]["connector"]["connector_id"] == "livechat"
    assert heard["ONSESSIONSTART"]["DATA"][0]["session"]["closed"] == "N"
    assert heard["ONSESSIONFINISH"]["DATA"][0]["session"] == {
        "id": str(said["session_id"]), "closed": "Y", "parent_id": "0", "close_term": "60",
    }  # fmt: skip
    assert heard["ONOPENLINEMESSAGEDELETE"]["DATA"][0]["im"]["message_id"] == str(mine)


def test_talks_outlive_the_process(tmp_path: Path) -> None:
    data = tmp_path / "portal.db"
    hook = f"/rest/1/{WEBHOOK_CODE}/"
    with SandboxServer(data=data) as running, httpx.Client(base_url=running.url) as http:
        number = http.post(hook + "imopenlines.config.add").json()["result"]
        said = http.post(
            f"/contact_center/{number}/write",
            data={"client": "visitor", "name": "Ольга", "text": "Добрый день"},
            headers={"Accept": "application/json"},
        ).json()
        before = http.get("/_sandbox/state/line_sessions").json()
    with SandboxServer(data=data) as running, httpx.Client(base_url=running.url) as http:
        assert http.get("/_sandbox/state/line_sessions").json() == before
        asked_id = {"SESSION_ID": said["session_id"]}
        got = http.post(hook + "imopenlines.session.history.get", json=asked_id).json()["result"]
        assert [row["text"] for row in got["message"].values()] == ["Добрый день"]
