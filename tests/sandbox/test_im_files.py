"""Files of chats and the log of a user's events."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from b24flow.sandbox.seed import demo_organisation
from tests.sandbox.conftest import Box

PERSON = 5
CONTENT = base64.b64encode("Отчёт".encode()).decode()


@pytest.fixture
def box(box: Box) -> Box:
    """A portal where an ordinary employee has a webhook too."""
    seed = demo_organisation()
    seed["webhooks"].append({"user_id": PERSON, "code": "persons0hook"})
    box.control("reset", {"seed": seed})
    return box


def as_person(box: Box, method: str, params: Any = None) -> Any:
    answer = box.http.post(f"/rest/{PERSON}/persons0hook/{method}", json=params or {})
    body = answer.json()
    return (answer.status_code, body["error"]) if "error" in body else body["result"]


def group(box: Box, *users: int) -> int:
    made: int = box.ok("im.chat.add", {"TITLE": "Совет", "USERS": list(users)})
    return made


def upload(box: Box, number: int, name: str = "отчёт.txt") -> dict[str, Any]:
    fields = {"name": name, "content": CONTENT, "message": "Смотрите"}
    made: dict[str, Any] = box.ok("im.v2.File.upload", {"dialogId": f"chat{number}", "fields": fields})
    return made


def test_an_uploaded_file_is_in_the_chat_for_its_members(box: Box) -> None:
    number = group(box, PERSON)
    made = upload(box, number)
    got = as_person(box, "im.dialog.messages.get", {"DIALOG_ID": f"chat{number}"})
    assert got["messages"][0]["params"]["FILE_ID"] == [made["file"]["id"]]
    address = got["files"][0]["urlDownload"]
    assert box.http.get(address).content.decode() == "Отчёт"
    where = {"dialogId": f"chat{number}", "fileId": made["file"]["id"]}
    assert "downloadUrl" in as_person(box, "im.v2.File.download", where)
    closed = {**where, "dialogId": f"chat{group(box, 6)}"}
    assert as_person(box, "im.v2.File.download", closed) == (400, "ACCESS_DENIED")
    assert box.refused("im.v2.File.download", closed) == (400, "FILE_NOT_FOUND")
    nowhere = {"dialogId": "chat9999", "fields": {"name": "a", "content": CONTENT}}
    assert box.refused("im.v2.File.upload", nowhere) == (400, "CHAT_NOT_FOUND")
    again = upload(box, number)
    assert again["file"]["name"] == "отчёт (1).txt"


def test_a_file_is_sent_by_the_folder_of_the_chat_or_copied_into_it(box: Box) -> None:
    number = group(box, PERSON)
    folder = box.ok("im.disk.folder.get", {"DIALOG_ID": f"chat{number}"})["ID"]
    given = {"id": folder, "data": {"NAME": "a.txt"}, "fileContent": ["a.txt", CONTENT]}
    inside = int(as_person(box, "disk.folder.uploadfile", given)["ID"])
    sent = as_person(box, "im.disk.file.commit", {"CHAT_ID": number, "UPLOAD_ID": inside})
    assert sent["DISK_ID"] == [str(inside)]
    own = as_person(box, "disk.storage.getlist", {"filter": {"ENTITY_TYPE": "user"}})[0]["ROOT_OBJECT_ID"]
    given["id"] = int(own)
    outside = int(as_person(box, "disk.folder.uploadfile", given)["ID"])
    sent = as_person(box, "im.disk.file.commit", {"CHAT_ID": number, "FILE_ID": [outside]})
    assert sent["DISK_ID"] != [str(outside)]
    assert sent["FILE_MODELS"][f"upload{sent['DISK_ID'][0]}"]["parentId"] == folder
    assert box.refused("im.disk.file.commit", {"CHAT_ID": number}) == (400, "FILES_ERROR")
    wrong = box.refused("im.disk.file.commit", {"CHAT_ID": number, "FILE_ID": 1})
    assert wrong == (400, "SAVE_ERROR")
    foreign = {"CHAT_ID": group(box, 6), "FILE_ID": inside}
    assert as_person(box, "im.disk.file.commit", foreign) == (403, "ACCESS_ERROR")


def test_only_its_sender_deletes_a_file(box: Box) -> None:
    number = group(box, PERSON)
    file = {"CHAT_ID": number, "FILE_ID": upload(box, number)["file"]["id"]}
    assert as_person(box, "im.disk.file.delete", file) is True  # and the file stays
    got = box.ok("im.dialog.messages.get", {"DIALOG_ID": f"chat{number}"})
    assert len(got["files"]) == 1
    assert box.ok("im.disk.file.delete", file) is True
    assert box.ok("im.dialog.messages.get", {"DIALOG_ID": f"chat{number}"})["files"] == []
    assert box.ok("im.disk.file.delete", file) is False
    assert box.refused("im.disk.file.delete", {"CHAT_ID": number}) == (400, "FILE_ID_EMPTY")


def test_a_file_is_saved_to_ones_own_drive(box: Box) -> None:
    number = group(box, PERSON)
    file = {"FILE_ID": upload(box, number)["file"]["id"]}
    first = as_person(box, "im.disk.file.save", file)
    second = as_person(box, "im.disk.file.save", file)
    assert first["folder"] == second["folder"]
    assert (first["file"]["name"], second["file"]["name"]) == ("отчёт.txt", "отчёт (1).txt")
    secret = {"FILE_ID": upload(box, group(box, 6))["file"]["id"]}
    assert as_person(box, "im.disk.file.save", secret) == (400, "FILE_SAVE_ERROR")


def test_a_subscriber_hears_of_his_chats(box: Box) -> None:
    number = group(box, PERSON)
    dialog = {"DIALOG_ID": f"chat{number}"}
    box.ok("im.message.add", {**dialog, "MESSAGE": "до подписки"})
    assert as_person(box, "im.v2.Event.get")["events"] == []
    as_person(box, "im.v2.Event.subscribe")
    as_person(box, "im.v2.Event.subscribe")
    mine = box.ok("im.message.add", {**dialog, "MESSAGE": "Было"})
    box.ok("im.message.update", {"MESSAGE_ID": mine, "MESSAGE": "Стало"})
    box.ok("im.message.like", {"MESSAGE_ID": mine})
    box.ok("im.message.delete", {"MESSAGE_ID": mine})
    box.ok("im.message.add", {"DIALOG_ID": "6", "MESSAGE": "не его"})
    got = as_person(box, "im.v2.Event.get")
    assert [row["type"].removeprefix("ONIMV2") for row in got["events"]] == [
        "MESSAGEADD", "MESSAGEUPDATE", "REACTIONCHANGE", "MESSAGEDELETE",
    ]  # fmt: skip
    assert got["events"][0]["data"]["message"]["text"] == "Было"
    assert as_person(box, "im.v2.Event.get", {"offset": got["nextOffset"]})["events"] == []
    box.ok("im.chat.user.add", {"CHAT_ID": number, "USERS": [7]})
    joined = as_person(box, "im.v2.Event.get")["events"][-1]
    assert (joined["type"], joined["data"]["user"]["id"]) == ("ONIMV2JOINCHAT", 7)
    as_person(box, "im.v2.Event.unsubscribe")
    box.ok("im.message.add", {**dialog, "MESSAGE": "после"})
    assert as_person(box, "im.v2.Event.get")["events"][-1]["type"] == "ONIMV2JOINCHAT"
    box.control("clock", {"advance": 24 * 3600 + 1})
    assert as_person(box, "im.v2.Event.get")["events"] == []


def test_one_queue_serves_the_bot_and_its_user(box: Box) -> None:
    fields = {"code": "b", "botToken": "t", "properties": {"name": "Бот"}}
    key = {"botId": box.ok("imbot.v2.Bot.register", {"fields": fields})["bot"]["id"], "botToken": "t"}
    both = {**key, "withUserEvents": True}
    assert box.refused("imbot.v2.Event.get", both) == (400, "USER_NOT_SUBSCRIBED")
    box.ok("im.v2.Event.subscribe")
    box.person(PERSON, "write", dialog_id=key["botId"], text="боту")
    box.person(PERSON, "write", dialog_id="1", text="хозяину")
    got = box.ok("imbot.v2.Event.get", both)
    assert [row["type"] for row in got["events"]] == ["ONIMBOTV2MESSAGEADD", "ONIMV2MESSAGEADD"]
    assert len(box.ok("imbot.v2.Event.get", key)["events"]) == 1
    assert box.ok("imbot.v2.Event.get", {**both, "offset": got["nextOffset"]})["events"] == []
    assert box.ok("im.v2.Event.get")["events"] == []
