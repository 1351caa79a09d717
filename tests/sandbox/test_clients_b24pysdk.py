"""The vendor's own client runs against the sandbox unchanged, over TLS, which it insists on."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from b24pysdk import BitrixWebhook
from b24pysdk.errors import BitrixAPIError

SPA = 1046


@pytest.fixture
def registry(client: Any) -> int:
    fields = {"title": "Входящие", "entityTypeId": SPA, "isStagesEnabled": "Y"}
    return int(client.crm.type.add(fields=fields).result["type"]["id"])


def test_people_and_departments(client: Any) -> None:
    assert client.profile().result["ID"] == "1"
    people = client.user.get(filter={"ACTIVE": True}).result
    assert {row["ID"] for row in people} >= {"1", "2", "17"}
    assert client.user.current().result["ID"] == "1"
    found = client.user.search(filter={"LAST_NAME": "Осокина"}).result
    assert [row["ID"] for row in found] == ["6"]
    assert len(client.department.get().result) == 8


def test_a_smart_process_from_its_type_to_its_stages(client: Any, registry: int) -> None:
    assert client.crm.type.get(bitrix_id=registry).result["type"]["entityTypeId"] == SPA
    found = client.crm.type.get_by_entity_type_id(entity_type_id=SPA).result["type"]
    assert found["id"] == registry
    assert [row["id"] for row in client.crm.type.list().result["types"]] == [registry]
    name = f"UF_CRM_{registry}_DOC_NUMBER"
    field = {"entityId": f"CRM_{registry}", "fieldName": name, "userTypeId": "string"}
    client.userfieldconfig.add(module_id="crm", field=field).call()
    fields = client.crm.item.fields(entity_type_id=SPA).result["fields"]
    assert fields[f"ufCrm{registry}DocNumber"]["type"] == "string"
    category = client.crm.category.list(entity_type_id=SPA).result["categories"][0]["id"]
    stages = client.crm.status.list(filter={"ENTITY_ID": f"DYNAMIC_{SPA}_STAGE_{category}"}).result
    assert [row["SEMANTICS"] for row in stages] == [None, None, None, "S", "F"]
    made = client.crm.item.add(entity_type_id=SPA, fields={"title": "Письмо"}).result["item"]
    moved = {"stageId": stages[1]["STATUS_ID"]}
    client.crm.item.update(entity_type_id=SPA, bitrix_id=made["id"], fields=moved).call()
    item = client.crm.item.get(entity_type_id=SPA, bitrix_id=made["id"]).result["item"]
    assert (item["title"], item["stageId"]) == ("Письмо", stages[1]["STATUS_ID"])
    history = client.crm.stagehistory.list(entity_type_id=SPA, filter={"OWNER_ID": made["id"]})
    assert [row["TYPE_ID"] for row in history.result["items"]] == [1, 2]
    client.crm.item.delete(entity_type_id=SPA, bitrix_id=made["id"]).call()
    with pytest.raises(BitrixAPIError):
        client.crm.item.get(entity_type_id=SPA, bitrix_id=made["id"]).call()


@pytest.mark.usefixtures("registry")
def test_batches_and_all_three_ways_of_reading_pages(client: Any, token: BitrixWebhook) -> None:
    adding = {
        str(number): client.crm.item.add(entity_type_id=SPA, fields={"title": f"№ {number}"})
        for number in range(120)
    }
    ids = [one["item"]["id"] for one in client.call_batches(adding).result.result.values()]
    assert len(set(ids)) == 120
    two = client.call_batch({
        "one": client.crm.item.get(entity_type_id=SPA, bitrix_id=ids[0]),
        "wrong": client.crm.item.get(entity_type_id=SPA, bitrix_id=10**9),
    }).result  # fmt: skip
    assert two.result["one"]["item"]["id"] == ids[0]
    assert two.result_error["wrong"]["error"] == "NOT_FOUND"
    listing = client.crm.item.list(entity_type_id=SPA, select=["id"])
    assert sorted(row["id"] for row in listing.as_list().result) == sorted(ids)
    assert sorted(row["id"] for row in listing.as_list_fast().result) == sorted(ids)
    raw = token.call_list("crm.item.list", {"entityTypeId": SPA, "select": ["id"]})["result"]
    assert len(raw) == 120


def test_tasks(client: Any) -> None:
    fields = {"TITLE": "Исполнить", "RESPONSIBLE_ID": 9, "CREATED_BY": 3}
    task = client.tasks.task.add(fields=fields).result["task"]
    number = int(task["id"])
    client.tasks.task.update(task_id=number, fields={"TITLE": "Исполнить в срок"}).call()
    client.tasks.task.start(task_id=number).call()
    shown = client.tasks.task.get(task_id=number).result["task"]
    assert (shown["title"], shown["status"]) == ("Исполнить в срок", "3")
    client.tasks.task.complete(task_id=number).call()
    history = client.tasks.task.history.list(task_id=number).result["list"]
    assert "NEW" in {row["field"] for row in history}
    listed = client.tasks.task.list(filter={"ID": number}).result["tasks"]
    assert [row["status"] for row in listed] == ["5"]


def test_drives(client: Any) -> None:
    root = client.disk.storage.get_list().result[0]
    folder = client.disk.storage.add_folder(bitrix_id=int(root["ID"]), data={"NAME": f"{time.time_ns()}"})
    number = int(folder.result["ID"])
    content = base64.b64encode("Письмо".encode()).decode()
    file = client.disk.folder.upload_file(
        bitrix_id=number, data={"NAME": "письмо.txt"}, file_content=["письмо.txt", content]
    ).result
    assert [row["NAME"] for row in client.disk.folder.get_children(bitrix_id=number).result] == ["письмо.txt"]
    assert client.disk.file.get(bitrix_id=int(file["ID"])).result["NAME"] == "письмо.txt"
    assert len(client.disk.file.get_versions(bitrix_id=int(file["ID"])).result) == 1


def test_conversations_and_a_bot(client: Any, token: BitrixWebhook) -> None:
    sent = client.im.message.add(dialog_id="5", message="Здравствуйте").result
    read = token.call_method("im.dialog.messages.get", {"DIALOG_ID": "5"})["result"]["messages"]
    assert (read[0]["id"], read[0]["text"]) == (sent, "Здравствуйте")
    bot = {"code": "sdk", "botToken": "t", "eventMode": "fetch", "properties": {"name": "Бот"}}
    made = token.call_method("imbot.v2.Bot.register", {"fields": bot})["result"]["bot"]
    known = {"botId": made["id"], "botToken": "t"}
    answer = token.call_method(
        "imbot.v2.Chat.Message.send", known | {"dialogId": "5", "fields": {"message": "Это бот"}}
    )
    assert answer["result"]["id"] > sent
    assert token.call_method("imbot.v2.Event.get", known)["result"]["events"] == []
