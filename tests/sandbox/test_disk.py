"""Drives: names, both forms of upload, versions."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.sandbox.conftest import AppCaller, Box, add_task


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


def as_employee(box: Box, who: int) -> AppCaller:
    return box.install_app(who=who)


def root(box: Box) -> int:
    return int(box.ok("disk.storage.getList", {"filter": {"ENTITY_TYPE": "common"}})[0]["ROOT_OBJECT_ID"])


def sub(box: Box, folder: int, name: str) -> int:
    return int(box.ok("disk.folder.addSubFolder", {"id": folder, "data": {"NAME": name}})["ID"])


def names(box: Box, folder: int) -> list[str]:
    return [row["NAME"] for row in box.ok("disk.folder.getChildren", {"id": folder})]


def test_what_is_not_given_is_an_argument_error(box: Box, folder: int) -> None:
    assert box.refused("disk.folder.get") == (400, "ERROR_ARGUMENT")
    assert box.refused("disk.folder.moveTo", {"id": folder}) == (400, "ERROR_ARGUMENT")
    no_name = {"id": folder, "data": {}, "fileContent": pair("a.txt", b"1")}
    assert box.refused("disk.folder.uploadFile", no_name) == (400, "DISK_BASE_SERVICE_22001")
    assert box.refused("disk.storage.uploadFile", {"id": 1, "data": {"NAME": "a"}}) == (400, "ERROR_ARGUMENT")
    assert box.refused("disk.version.get", {"id": "x"}) == (400, "ERROR_ARGUMENT")
    assert box.ok("disk.storage.get", {"id": "x"}) is None


def test_renaming_and_moving_respect_taken_names(box: Box, folder: int) -> None:
    other = sub(box, root(box), "Архив")
    one, two = upload(box, folder, "a.txt", b"1")["ID"], upload(box, other, "a.txt", b"2")["ID"]
    assert box.refused("disk.file.moveTo", {"id": two, "targetFolderId": folder}) == (400, "DISK_OBJ_22000")
    assert box.ok("disk.file.rename", {"id": two, "newName": "б/2.txt"})["NAME"] == "б_2.txt"
    assert box.refused("disk.file.rename", {"id": two, "newName": " "}) == (400, "0")
    moved = box.ok("disk.file.moveTo", {"id": two, "targetFolderId": folder})
    assert (moved["ID"], moved["PARENT_ID"]) == (str(two), folder)
    assert box.refused("disk.file.rename", {"id": one, "newName": "б_2.txt"}) == (400, "DISK_OBJ_22000")


def test_nothing_moves_to_another_drive_or_into_itself(box: Box, folder: int) -> None:
    inner = sub(box, folder, "2026")
    own = box.ok("disk.storage.getList", {"filter": {"ENTITY_TYPE": "user", "ENTITY_ID": "9"}})[0]
    away = {"id": folder, "targetFolderId": own["ROOT_OBJECT_ID"]}
    assert box.ok("disk.folder.moveTo", away) is False
    assert box.ok("disk.folder.moveTo", {"id": folder, "targetFolderId": inner}) is False
    assert box.refused("disk.folder.moveTo", {"id": root(box), "targetFolderId": folder}) == (400, "")


def test_a_folder_is_copied_with_its_content_even_into_itself(box: Box, folder: int) -> None:
    inner = sub(box, folder, "2026")
    upload(box, inner, "a.txt", b"1")
    deep = box.ok("disk.folder.copyTo", {"id": folder, "targetFolderId": inner})
    assert names(box, int(deep["ID"])) == ["2026"]
    box.ok("disk.folder.deleteTree", {"id": deep["ID"]})
    copied = box.ok("disk.folder.copyTo", {"id": folder, "targetFolderId": folder})
    assert sorted(names(box, folder)) == ["2026", "Документы"]
    inside = box.ok("disk.folder.getChildren", {"id": copied["ID"]})
    assert [row["NAME"] for row in inside] == ["2026"]
    assert names(box, int(inside[0]["ID"])) == ["a.txt"]


def test_the_recycle_bin_gives_back_what_went_there_together(box: Box, folder: int) -> None:
    inner = sub(box, folder, "2026")
    early, late = upload(box, inner, "a.txt", b"1")["ID"], upload(box, inner, "b.txt", b"2")["ID"]
    box.ok("disk.file.markDeleted", {"id": early})
    shown = box.ok("disk.folder.markDeleted", {"id": folder})
    assert (shown["DELETED_TYPE"], shown["DELETED_BY"]) == (3, "1")
    assert box.refused("disk.file.get", {"id": late}) == (400, "ERROR_NOT_FOUND")
    sub(box, root(box), "Документы")  # the name is free while the folder is in the bin
    assert box.ok("disk.folder.restore", {"id": folder})["NAME"] == "Документы (1)"
    assert names(box, inner) == ["b.txt"]
    assert box.ok("disk.file.restore", {"id": early})["DELETED_TYPE"] == 0
    assert box.refused("disk.file.restore", {"id": early}) == (400, "ERROR_NOT_FOUND")
    assert box.refused("disk.folder.markDeleted", {"id": root(box)}) == (400, "DISK_OBJ_22000")


def test_what_is_erased_is_erased_from_tasks(box: Box, folder: int) -> None:
    number = upload(box, folder, "a.txt", b"1")["ID"]
    task = add_task(box, UF_TASK_WEBDAV_FILES=[f"n{number}"])["id"]
    box.ok("disk.folder.deleteTree", {"id": folder})
    shown = box.ok("tasks.task.get", {"taskId": task, "select": ["UF_TASK_WEBDAV_FILES"]})["task"]
    assert shown["ufTaskWebdavFiles"] == []
    assert box.refused("disk.folder.restore", {"id": folder}) == (400, "ERROR_NOT_FOUND")


def test_an_old_version_comes_back_as_a_new_one(box: Box, folder: int) -> None:
    box.control("clock", {"now": "2026-05-12T12:00:00"})
    number = upload(box, folder, "a.txt", b"first")["ID"]
    box.control("clock", {"advance": 301})
    box.ok("disk.file.uploadVersion", {"id": number, "fileContent": pair("a.txt", b"second")})
    first = box.ok("disk.file.getVersions", {"id": number})[-1]["ID"]
    shown = box.ok("disk.file.restoreFromVersion", {"id": number, "versionId": first})
    assert (shown["GLOBAL_CONTENT_VERSION"], box.http.get(shown["DOWNLOAD_URL"]).content) == (3, b"first")
    assert len(box.ok("disk.file.getVersions", {"id": number})) == 3
    other = upload(box, folder, "b.txt", b"x")["ID"]
    wrong = {"id": other, "versionId": first}
    assert box.refused("disk.file.restoreFromVersion", wrong) == (400, "DISK_FILE_22004")


def test_a_public_link_opens_without_authorisation(box: Box, folder: int) -> None:
    number = upload(box, folder, "a.txt", b"1")["ID"]
    link = box.ok("disk.file.getExternalLink", {"id": number})
    assert link == box.ok("disk.file.getExternalLink", {"id": number})
    assert box.http.get(link).content == b"1"
    listed = box.http.get(box.ok("disk.folder.getExternalLink", {"id": folder})).text
    assert "a.txt" in listed
    shared = box.ok("disk.folder.getExternalLink", {"id": folder})
    private = upload(box, root(box), "личное.txt", b"2")["ID"]
    assert box.http.get(f"{shared}?file={number}").content == b"1"
    assert box.http.get(f"{shared}?file={private}").status_code == 404
    assert box.http.get(link + "x").status_code == 404
    box.ok("disk.file.markDeleted", {"id": number})
    assert box.http.get(link).status_code == 404


def test_levels_grow_from_reading_to_everything(box: Box, folder: int) -> None:
    employee = as_employee(box, 9)
    assert employee.ok("disk.folder.rename", {"id": folder, "newName": "Дела"})["NAME"] == "Дела"
    assert employee.refused("disk.folder.markDeleted", {"id": folder}) == (400, "ACCESS_DENIED")
    box.ok("disk.folder.shareToUser", {"id": folder, "userId": 9, "taskName": "disk_access_full"})
    assert employee.ok("disk.folder.markDeleted", {"id": folder})["DELETED_TYPE"] == 3
    assert employee.refused("disk.folder.restore", {"id": folder}) == (400, "ACCESS_DENIED")


def test_a_private_drive_opens_by_a_grant(box: Box) -> None:
    own = box.ok("disk.storage.getList", {"filter": {"ENTITY_TYPE": "user", "ENTITY_ID": "5"}})[0]
    inner = sub(box, own["ROOT_OBJECT_ID"], "Общее с отделом")
    employee = as_employee(box, 9)
    assert employee.refused("disk.folder.get", {"id": inner}) == (400, "ACCESS_DENIED")
    assert own["ID"] not in [row["ID"] for row in employee.ok("disk.storage.getList")]
    box.ok("disk.folder.shareToUser", {"id": inner, "userId": 9, "taskName": "disk_access_read"})
    assert employee.ok("disk.folder.getChildren", {"id": inner}) == []
    more = {"id": inner, "userId": 10, "taskName": "disk_access_edit"}
    assert employee.refused("disk.folder.shareToUser", more) == (400, "ACCESS_DENIED")
    levels = {row["NAME"]: row["ID"] for row in box.ok("disk.rights.getTasks")}
    rights = [{"TASK_ID": levels["disk_access_edit"], "ACCESS_CODE": "DR1"}]
    shared = upload(box, own["ROOT_OBJECT_ID"], "план.txt", b"1", rights=rights)["ID"]
    assert employee.ok("disk.file.rename", {"id": shared, "newName": "план 2.txt"})["NAME"] == "план 2.txt"
    wrong = {"id": inner, "data": {"NAME": "x"}, "rights": [{"TASK_ID": 1, "ACCESS_CODE": "U9"}]}
    assert box.refused("disk.folder.addSubFolder", wrong) == (400, "")


def test_search_looks_at_names_and_plain_texts(box: Box, folder: int) -> None:
    inner = sub(box, folder, "Отчёты")
    upload(box, inner, "итоги.txt", "Годовой отчёт".encode())
    upload(box, folder, "скан.pdf", b"\xff\xfe")
    found = box.ok("disk.file.search", {"QUERY": " отчёт ", "TYPE": "all"})
    assert {row["NAME"] for row in found} == {"Отчёты", "итоги.txt"}
    within = {"QUERY": "отчёт", "FILTER": {"FOLDER_ID": inner}}
    assert [row["NAME"] for row in box.ok("disk.file.search", within)] == ["итоги.txt"]
    for wrong, code in (
        ({"QUERY": "ab"}, "INVALID_QUERY"),
        ({"QUERY": "отчёт", "TYPE": "link"}, "INVALID_TYPE"),
        ({"QUERY": "отчёт", "FILTER": {"ID": 1}}, "INVALID_FILTER"),
        ({"QUERY": "отчёт", "FILTER": {"STORAGE_ID": 999}}, "NOT_FOUND"),
        ({}, "ERROR_ARGUMENT"),
    ):
        assert box.refused("disk.file.search", wrong) == (400, code)


def test_an_application_has_a_drive_of_its_own(box: Box) -> None:
    app = box.install_app()
    first = app.ok("disk.storage.getForApp")
    assert first == app.ok("disk.storage.getForApp")
    assert app.ok("disk.storage.rename", {"id": first["ID"], "newName": "Мой"})["NAME"] == "Мой"
    assert app.refused("disk.storage.rename", {"id": 1, "newName": "Мой"}) == (400, "")
    assert box.refused("disk.storage.getForApp")[1] == "WRONG_AUTH_TYPE"


def test_a_group_has_a_drive_for_its_members(box: Box) -> None:
    group = box.ok("sonet_group.create", {"NAME": "Отчётная кампания"})
    box.ok("sonet_group.user.add", {"GROUP_ID": group, "USER_ID": [14]})
    wanted = {"filter": {"ENTITY_TYPE": "group", "ENTITY_ID": str(group)}}
    drive = box.ok("disk.storage.getList", wanted)[0]
    assert drive["NAME"] == "Отчётная кампания"
    assert box.ok("disk.storage.getList", wanted) == [drive]
    member, stranger = as_employee(box, 14), as_employee(box, 17)
    assert member.ok("disk.storage.addFolder", {"id": drive["ID"], "data": {"NAME": "Отчёты"}})["ID"]
    assert stranger.ok("disk.storage.getList", wanted) == []
    assert stranger.refused("disk.storage.get", {"id": drive["ID"]}) == (400, "ACCESS_DENIED")
