"""Drives: folders, files, versions and attachments.

Facts: api-reference/disk/**, api-reference/files/**. A version uploaded by the same user within
300 seconds of the previous one is joined with it: the previous content is gone.
"""

from __future__ import annotations

import re

from b24flow.sandbox.model.entities import (
    AttachedObject,
    DiskObject,
    Employee,
    FileVersion,
    Storage,
)
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import RestError

JOIN_SECONDS = 300


def storage_of(portal: Portal, row: DiskObject) -> Storage:
    """Return the drive an object lies on."""
    return portal.state.storages[row.storage_id]


def may_see(portal: Portal, user: Employee, storage: Storage) -> bool:
    """Say whether a user sees a drive: the common one, his own, or all as administrator."""
    own = storage.entity_type == "user" and storage.entity_id == str(user.id)
    return storage.entity_type == "common" or own or user.admin


def require_object(portal: Portal, user: Employee, object_id: int, kind: str) -> DiskObject:
    """Return a live folder or file the user may see, or refuse."""
    row = portal.state.objects.get(object_id)
    if row is None or row.kind != kind or row.deleted:
        raise RestError("ERROR_NOT_FOUND", f"Could not find entity with id `{object_id}`.")
    if not may_see(portal, user, storage_of(portal, row)):
        raise RestError("ACCESS_DENIED", "Access denied")
    return row


def children_of(portal: Portal, folder: DiskObject) -> list[DiskObject]:
    """Return the live objects of a folder, folders first."""
    rows = [row for row in portal.state.objects.values() if row.parent_id == folder.id and not row.deleted]
    return sorted(rows, key=lambda row: (row.kind == "file", row.id))


def correct_name(name: str) -> str:
    """Return a name without the characters a drive does not keep."""
    return re.sub(r'[\\/:*?"<>|]', "_", name).strip() or "_"


def _new(portal: Portal, user: Employee, folder: DiskObject, name: str, kind: str) -> DiskObject:
    name = correct_name(name)
    if any(row.name == name for row in children_of(portal, folder)):
        raise RestError("DISK_OBJ_22000", "Объект с таким именем уже существует")
    now = portal.clock.now()
    row = DiskObject(
        id=portal.state.next_id("object", 10),
        storage_id=folder.storage_id,
        parent_id=folder.id,
        name=name,
        kind=kind,
        created=now,
        updated=now,
        created_by=user.id,
        updated_by=user.id,
    )
    portal.state.objects[row.id] = row
    return row


def add_folder(portal: Portal, user: Employee, parent: DiskObject, name: str) -> DiskObject:
    """Create a folder; a taken name is refused."""
    return _new(portal, user, parent, name, "folder")


def add_file(
    portal: Portal,
    user: Employee,
    folder: DiskObject,
    name: str,
    content: bytes,
    *,
    unique_name: bool = False,
) -> DiskObject:
    """Create a file; a taken name is refused unless a unique one was asked for."""
    row = _new(portal, user, folder, _free(portal, folder, name) if unique_name else name, "file")
    row.versions.append(_version(portal, user, row, content, 1))
    return row


def _free(portal: Portal, folder: DiskObject, name: str) -> str:
    taken = {row.name for row in children_of(portal, folder)}
    stem, dot, extension = correct_name(name).rpartition(".")
    if not dot:
        stem, extension = extension, ""
    number, candidate = 1, correct_name(name)
    while candidate in taken:
        candidate = f"{stem} ({number}){dot}{extension}"
        number += 1
    return candidate


def _version(portal: Portal, user: Employee, row: DiskObject, content: bytes, number: int) -> FileVersion:
    return FileVersion(
        id=portal.state.next_id("version", 7201),
        file_id=portal.state.next_id("file", 30000),
        name=row.name,
        content=content,
        created=portal.clock.now(),
        created_by=user.id,
        number=number,
    )


def upload_version(portal: Portal, user: Employee, row: DiskObject, content: bytes) -> None:
    """Replace the content; a quick repeat by the same user destroys the previous version."""
    last = row.versions[-1]
    now = portal.clock.now()
    age = (now - last.created).total_seconds()
    row.content_version += 1
    version = _version(portal, user, row, content, row.content_version)
    if last.created_by == user.id and age < JOIN_SECONDS:
        row.versions.pop()
    row.versions.append(version)
    row.updated, row.updated_by = now, user.id


def attach(portal: Portal, user: Employee, row: DiskObject, task_id: int) -> AttachedObject:
    """Attach a file to a task."""
    attached = AttachedObject(
        id=portal.state.next_id("attached", 1065),
        object_id=row.id,
        module="tasks",
        entity_type="tasks_task",
        entity_id=task_id,
        created=portal.clock.now(),
        created_by=user.id,
    )
    portal.state.attached[attached.id] = attached
    return attached
