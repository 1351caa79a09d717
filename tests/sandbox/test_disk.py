"""Drives: names, both forms of upload, versions."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.sandbox.conftest import Box


def pair(name: str, content: bytes) -> list[str]:
    return [name, base64.b64encode(content).decode()]


@pytest.fixture
def folder(box: Box) -> int:
    storage = box.ok("disk.storage.getList", {"filter": {"ENTITY_TYPE": "common"}})[0]
    made = box.ok("disk.storage.addFolder", {"id": storage["ID"], "data": {"NAME": "Документы"}})
    number: int = made["ID"]
    return number


def upload(box: Box, folder: int, name: str, content: bytes, **extra: Any) -> Any:
    params = {"id": folder, "data": {"NAME": name}, "fileContent": pair(name, content), **extra}
    return box.ok("disk.folder.uploadFile", params)


def test_a_taken_name_is_refused(box: Box, folder: int) -> None:
    upload(box, folder, "a.txt", b"1")
    params = {"id": folder, "data": {"NAME": "a.txt"}, "fileContent": pair("a.txt", b"2")}
    assert box.refused("disk.folder.uploadFile", params) == (400, "DISK_OBJ_22000")
    assert upload(box, folder, "a.txt", b"2", generateUniqueName=True)["NAME"] == "a (1).txt"
    sub = {"id": folder, "data": {"NAME": "a.txt"}}
    assert box.refused("disk.folder.addSubFolder", sub) == (400, "DISK_OBJ_22000")


def test_ids_are_numbers_in_writes_and_texts_in_lists(box: Box, folder: int) -> None:
    made = upload(box, folder, "вх/1:2.txt", b"1")
    assert isinstance(made["ID"], int)
    assert made["NAME"] == "вх_1_2.txt"
    box.ok("disk.folder.addSubFolder", {"id": folder, "data": {"NAME": "2026"}})
    rows = box.ok("disk.folder.getChildren", {"id": folder})
    assert [(row["TYPE"], row["NAME"]) for row in rows] == [("folder", "2026"), ("file", "вх_1_2.txt")]
    assert rows[1]["ID"] == str(made["ID"])
    found = box.ok("disk.folder.getChildren", {"id": folder, "filter": {"=NAME": "2026"}})
    assert len(found) == 1


def test_the_second_form_of_upload(box: Box, folder: int) -> None:
    address = box.ok("disk.folder.uploadFile", {"id": folder, "data": {"NAME": "big.pdf"}})
    assert address["field"] == "file"
    made = box.http.post(address["uploadUrl"], files={"file": ("x.pdf", b"large")}).json()["result"]
    assert (made["NAME"], made["SIZE"]) == ("big.pdf", "5")
    assert box.http.get(made["DOWNLOAD_URL"]).content == b"large"
    forged = address["uploadUrl"][:-4] + "0000"
    assert box.http.post(forged, files={"file": ("x.pdf", b"large")}).status_code == 403


def test_base64_that_is_not_base64_is_refused(box: Box, folder: int) -> None:
    params = {"id": folder, "data": {"NAME": "a.txt"}, "fileContent": ["a.txt", "@@@"]}
    assert box.refused("disk.folder.uploadFile", params) == (400, "ERROR_COULD_NOT_SAVE_FILE")


def test_quick_versions_are_joined_and_slow_ones_are_kept(box: Box, folder: int) -> None:
    box.control("clock", {"now": "2026-05-12T12:00:00"})
    number = upload(box, folder, "a.txt", b"first")["ID"]

    def replace(content: bytes) -> Any:
        params = {"id": number, "fileContent": pair("other.txt", content)}
        return box.ok("disk.file.uploadVersion", params)

    box.control("clock", {"advance": 299})
    changed = replace(b"second")
    assert (changed["ID"], changed["NAME"], changed["GLOBAL_CONTENT_VERSION"]) == (str(number), "a.txt", 2)
    assert len(box.ok("disk.file.getVersions", {"id": number})) == 1  # the first one is gone
    box.control("clock", {"advance": 301})
    replace(b"third")
    rows = box.ok("disk.file.getVersions", {"id": number})
    assert [row["GLOBAL_CONTENT_VERSION"] for row in rows] == ["3", "2"]
    assert box.http.get(rows[1]["DOWNLOAD_URL"]).content == b"second"


def test_a_deleted_file_frees_its_name(box: Box, folder: int) -> None:
    number = upload(box, folder, "a.txt", b"1")["ID"]
    box.ok("disk.file.markDeleted", {"id": number})
    assert box.refused("disk.file.get", {"id": number})[1] == "ERROR_NOT_FOUND"
    upload(box, folder, "a.txt", b"2")
