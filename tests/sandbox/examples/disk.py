"""Drives."""

from __future__ import annotations

import base64
from typing import Any

from tests.sandbox.conftest import Box
from tests.sandbox.examples import Params, example

CONTENT = base64.b64encode("Письмо".encode()).decode()


def storage(box: Box) -> int:
    """The company's drive."""
    return int(box.ok("disk.storage.getList", {"filter": {"ENTITY_TYPE": "common"}})[0]["ID"])


def folder(box: Box, name: str = "Документы") -> int:
    """A folder in the root of the company's drive."""
    return int(box.ok("disk.storage.addFolder", {"id": storage(box), "data": {"NAME": name}})["ID"])


def file(box: Box, name: str = "письмо.txt", where: int | None = None) -> int:
    """A file in a folder."""
    return int(
        box.ok("disk.folder.uploadFile", uploading(folder(box) if where is None else where, name))["ID"]
    )


def uploading(where: int, name: str = "письмо.txt") -> Params:
    return {"id": where, "data": {"NAME": name}, "fileContent": [name, CONTENT]}


@example("disk.storage.getFields")
@example("disk.storage.getTypes")
@example("disk.folder.getFields")
@example("disk.file.getFields")
@example("disk.rights.getTasks")
@example("disk.storage.getList")
def _(box: Box) -> Params:
    return {}


@example("disk.storage.getForApp", app=True)
def _(box: Box) -> Params:
    return {}


@example("disk.storage.rename", app=True)
def _(box: Any) -> Params:
    return {"id": box.ok("disk.storage.getForApp")["ID"], "newName": "Диск приложения"}


@example("disk.storage.get")
def _(box: Box) -> Params:
    return {"id": storage(box)}


@example("disk.storage.getChildren")
def _(box: Box) -> Params:
    folder(box)
    return {"id": storage(box)}


@example("disk.storage.addFolder")
def _(box: Box) -> Params:
    return {"id": storage(box), "data": {"NAME": "Приказы"}}


@example("disk.storage.uploadFile")
def _(box: Box) -> Params:
    return uploading(storage(box))


@example("disk.folder.get")
@example("disk.folder.markDeleted")
@example("disk.folder.deleteTree")
@example("disk.folder.getExternalLink")
def _(box: Box) -> Params:
    return {"id": folder(box)}


@example("disk.folder.getChildren")
def _(box: Box) -> Params:
    where = folder(box)
    box.ok("disk.folder.addSubFolder", {"id": where, "data": {"NAME": "2026"}})
    file(box, where=where)
    return {"id": where}


@example("disk.folder.addSubFolder")
def _(box: Box) -> Params:
    return {"id": folder(box), "data": {"NAME": "2026"}}


@example("disk.folder.uploadFile")
def _(box: Box) -> Params:
    return uploading(folder(box))


@example("disk.folder.rename")
def _(box: Box) -> Params:
    return {"id": folder(box), "newName": "Приказы"}


@example("disk.folder.moveTo")
@example("disk.folder.copyTo")
def _(box: Box) -> Params:
    return {"id": folder(box), "targetFolderId": folder(box, "Архив")}


@example("disk.folder.restore")
def _(box: Box) -> Params:
    return {"id": box.ok("disk.folder.markDeleted", {"id": folder(box)})["ID"]}


@example("disk.folder.shareToUser")
def _(box: Box) -> Params:
    return {"id": folder(box), "userId": 9, "taskName": "disk_access_read"}


@example("disk.file.get")
@example("disk.file.markDeleted")
@example("disk.file.delete")
@example("disk.file.getExternalLink")
@example("disk.file.getVersions")
def _(box: Box) -> Params:
    return {"id": file(box)}


@example("disk.file.rename")
def _(box: Box) -> Params:
    return {"id": file(box), "newName": "ответ.txt"}


@example("disk.file.moveTo")
@example("disk.file.copyTo")
def _(box: Box) -> Params:
    return {"id": file(box), "targetFolderId": folder(box, "Архив")}


@example("disk.file.restore")
def _(box: Box) -> Params:
    return {"id": box.ok("disk.file.markDeleted", {"id": file(box)})["ID"]}


@example("disk.file.uploadVersion")
def _(box: Box) -> Params:
    return {"id": file(box), "fileContent": ["письмо.txt", CONTENT]}


@example("disk.file.restoreFromVersion")
def _(box: Box) -> Params:
    number = file(box)
    return {"id": number, "versionId": box.ok("disk.file.getVersions", {"id": number})[0]["ID"]}


@example("disk.file.search")
def _(box: Box) -> Params:
    where = folder(box, "Письма")
    file(box, where=where)
    return {"QUERY": "пись", "TYPE": "all"}


@example("disk.version.get")
def _(box: Box) -> Params:
    return {"id": box.ok("disk.file.getVersions", {"id": file(box)})[0]["ID"]}


@example("disk.attachedObject.get")
def _(box: Box) -> Params:
    fields = {"TITLE": "Исполнить", "RESPONSIBLE_ID": 9}
    task = box.ok("tasks.task.add", {"fields": fields})["task"]["id"]
    answer = box.ok("tasks.task.files.attach", {"taskId": task, "fileId": file(box)})
    return {"id": answer["attachmentId"]}
