"""The vendor's own client on drives, unchanged, over TLS."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from b24pysdk import BitrixWebhook
from b24pysdk.errors import BitrixAPIError

from tests.sandbox.conftest import Box


def pair(name: str, text: str) -> list[str]:
    return [name, base64.b64encode(text.encode()).decode()]


@pytest.fixture
def storage(client: Any) -> int:
    return int(client.disk.storage.get_list(filter={"ENTITY_TYPE": "common"}).result[0]["ID"])


@pytest.fixture
def folder(client: Any, storage: int) -> int:
    made = client.disk.storage.add_folder(bitrix_id=storage, data={"NAME": "Документы"})
    return int(made.result["ID"])


def upload(client: Any, folder: int, name: str, text: str = "1") -> int:
    made = client.disk.folder.upload_file(
        bitrix_id=folder, data={"NAME": name}, file_content=pair(name, text)
    )
    return int(made.result["ID"])


def test_storages_and_descriptions(client: Any, storage: int) -> None:
    assert client.disk.storage.get(bitrix_id=storage).result["ENTITY_TYPE"] == "common"
    assert "common" in client.disk.storage.get_types().result
    assert client.disk.storage.get_fields().result["ID"]["TYPE"] == "integer"
    assert "SIZE" in client.disk.file.get_fields().result
    assert "SIZE" not in client.disk.folder.get_fields().result
    assert client.disk.rights.get_tasks().result[0]["NAME"] == "disk_access_full"
    made = client.disk.storage.upload_file(
        bitrix_id=storage, data={"NAME": "a.txt"}, file_content=pair("a.txt", "1")
    ).result
    names = [row["NAME"] for row in client.disk.storage.get_children(bitrix_id=storage).result]
    assert made["NAME"] in names


def test_a_folder_through_its_life(client: Any, folder: int) -> None:
    inner = int(client.disk.folder.add_sub_folder(bitrix_id=folder, data={"NAME": "2026"}).result["ID"])
    upload(client, inner, "a.txt")
    assert client.disk.folder.rename(bitrix_id=inner, new_name="2027").result["NAME"] == "2027"
    copied = client.disk.folder.copy_to(bitrix_id=inner, target_folder_id=inner).result
    assert copied["PARENT_ID"] == str(inner)
    client.disk.folder.rename(bitrix_id=int(copied["ID"]), new_name="копия").call()
    assert client.disk.folder.move_to(bitrix_id=int(copied["ID"]), target_folder_id=folder).result["NAME"]
    assert client.disk.folder.share_to_user(
        bitrix_id=inner, user_id=9, task_name="disk_access_full"
    ).result is True  # fmt: skip
    assert client.disk.folder.get_external_link(bitrix_id=inner).result.startswith("https://")
    assert client.disk.folder.mark_deleted(bitrix_id=inner).result["DELETED_TYPE"] == 3
    assert client.disk.folder.restore(bitrix_id=inner).result["DELETED_TYPE"] == 0
    assert client.disk.folder.delete_tree(bitrix_id=inner).result is True
    with pytest.raises(BitrixAPIError, match="Could not find entity"):
        client.disk.folder.get(bitrix_id=inner).call()


def test_a_file_through_its_life(client: Any, tls_box: Box, folder: int) -> None:
    number = upload(client, folder, "письмо.txt", "первое")
    tls_box.control("clock", {"advance": 301})
    client.disk.file.upload_version(bitrix_id=number, file_content=pair("письмо.txt", "второе")).call()
    versions = client.disk.file.get_versions(bitrix_id=number).result
    assert [row["GLOBAL_CONTENT_VERSION"] for row in versions] == ["2", "1"]
    assert client.disk.version.get(bitrix_id=int(versions[1]["ID"])).result["OBJECT_ID"] == str(number)
    back = client.disk.file.restore_from_version(bitrix_id=number, version_id=int(versions[1]["ID"])).result
    assert tls_box.http.get(back["DOWNLOAD_URL"]).content == "первое".encode()
    assert client.disk.file.rename(bitrix_id=number, new_name="ответ.txt").result["NAME"] == "ответ.txt"
    assert [row["ID"] for row in client.disk.file.search(query="ответ").result] == [str(number)]
    link = client.disk.file.get_external_link(bitrix_id=number).result
    assert tls_box.http.get(link).content == "первое".encode()
    client.disk.file.mark_deleted(bitrix_id=number).call()
    assert client.disk.file.restore(bitrix_id=number).result["NAME"] == "ответ.txt"
    assert client.disk.file.delete(bitrix_id=number).result is True


def test_a_taken_name_is_the_clients_error(client: Any, folder: int) -> None:
    upload(client, folder, "a.txt")
    with pytest.raises(BitrixAPIError) as refusal:
        upload(client, folder, "a.txt")
    assert refusal.value.error == "DISK_OBJ_22000"


def test_long_folders_are_read_whole(client: Any, token: BitrixWebhook, folder: int) -> None:
    adding = {
        str(number): client.disk.folder.add_sub_folder(bitrix_id=folder, data={"NAME": f"папка {number}"})
        for number in range(120)
    }
    made = {int(row["ID"]) for row in client.call_batches(adding).result.result.values()}
    assert len(made) == 120
    listing = client.disk.folder.get_children(bitrix_id=folder)
    assert {int(row["ID"]) for row in listing.as_list().result} == made
    raw = token.call_list("disk.folder.getchildren", {"id": folder})["result"]
    assert {int(row["ID"]) for row in raw} == made
