"""Drives: folders, files, versions and attachments.

Facts: api-reference/disk/**, api-reference/files/**. A version uploaded by the same user within
300 seconds of the previous one is joined with it: the previous content is gone.
"""

from __future__ import annotations

import re

from b24flow.sandbox.model import disk_rights as rights
from b24flow.sandbox.model.entities import (
    App,
    AttachedObject,
    DiskObject,
    Employee,
    FileVersion,
    Storage,
)
from b24flow.sandbox.model.portal import Portal, add_storage
from b24flow.sandbox.wire import RestError

JOIN_SECONDS = 300


def storage_of(portal: Portal, row: DiskObject) -> Storage:
    """Return the drive an object lies on."""
    return portal.state.storages[row.storage_id]


def may_see(portal: Portal, user: Employee, storage: Storage) -> bool:
    """Say whether a user sees a drive: the common one, his own, one shared whole, or administrator."""
    return rights.level(portal, user, portal.state.objects[storage.root_id]) >= rights.READ


def not_found(object_id: object) -> RestError:
    """Build the refusal of an id nothing answers to."""
    return RestError("ERROR_NOT_FOUND", f"Could not find entity with id `{object_id}`.")


def require_object(
    portal: Portal, user: Employee, object_id: int, kind: str, needed: int = rights.READ
) -> DiskObject:
    """Return a live folder or file on which the user has a level, or refuse."""
    row = portal.state.objects.get(object_id)
    if row is None or row.kind != kind or row.deleted:
        raise not_found(object_id)
    rights.require(portal, user, row, needed)
    return row


def require_trashed(portal: Portal, user: Employee, object_id: int, kind: str) -> DiskObject:
    """Return a folder or file of the recycle bin that may be restored, or refuse.

    A file is restored by whoever may edit it, a folder by an administrator.
    """
    row = portal.state.objects.get(object_id)
    if row is None or row.kind != kind or not row.deleted:
        raise not_found(object_id)
    rights.require(portal, user, row, rights.EDIT)
    if kind == "folder" and not user.admin:
        raise rights.denied()
    return row


def require_storage(portal: Portal, user: Employee, storage_id: int, needed: int) -> Storage:
    """Return a drive on whose root the user has a level, or refuse."""
    storage = portal.state.storages.get(storage_id)
    if storage is None:
        raise not_found(storage_id)
    rights.require(portal, user, portal.state.objects[storage.root_id], needed)
    return storage


def app_storage(portal: Portal, app: App) -> Storage:
    """Return the drive of an application, made at the first question."""
    for storage in portal.state.storages.values():
        if storage.entity_type == "restapp" and storage.entity_id == str(app.id):
            return storage
    return add_storage(portal.state, portal.clock, app.title, "restapp", str(app.id))


def open_group_storages(portal: Portal) -> None:
    """Make the drives of the groups that have none yet."""
    have = {row.entity_id for row in portal.state.storages.values() if row.entity_type == "group"}
    for group in list(portal.state.groups.values()):
        if str(group.id) not in have:
            add_storage(portal.state, portal.clock, group.name, "group", str(group.id))


def children_of(portal: Portal, folder: DiskObject) -> list[DiskObject]:
    """Return the live objects of a folder, folders first."""
    rows = [row for row in portal.state.objects.values() if row.parent_id == folder.id and not row.deleted]
    return sorted(rows, key=lambda row: (row.kind == "file", row.id))


def correct_name(name: str) -> str:
    """Return a name without the characters a drive does not keep."""
    return re.sub(r'[\\/:*?"<>|]', "_", name).strip() or "_"


def check_name(portal: Portal, folder: DiskObject, name: str) -> None:
    """Refuse a name that is taken in a folder."""
    if any(row.name == name for row in children_of(portal, folder)):
        raise RestError("DISK_OBJ_22000", "Объект с таким именем уже существует")


def _new(portal: Portal, user: Employee, folder: DiskObject, name: str, kind: str) -> DiskObject:
    name = correct_name(name)
    check_name(portal, folder, name)
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
    row = _new(portal, user, folder, free_name(portal, folder, name) if unique_name else name, "file")
    row.versions.append(_version(portal, user, row, content, 1))
    return row


def free_name(portal: Portal, folder: DiskObject, name: str) -> str:
    """Return the name itself, or the name with the first free number."""
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
    age = (portal.clock.now() - last.created).total_seconds()
    if last.created_by == user.id and age < JOIN_SECONDS:
        row.versions.pop()
    _add_version(portal, user, row, content)


def restore_version(portal: Portal, user: Employee, row: DiskObject, version_id: int) -> None:
    """Put the content of an old version on top as a new one; nothing is joined with it."""
    owner = version_owner(portal, version_id)
    if owner is None:
        raise not_found(version_id)
    if owner is not row:
        raise RestError("DISK_FILE_22004", "Cannot restore version from another file")
    content = next(one.content for one in row.versions if one.id == version_id)
    _add_version(portal, user, row, content)


def _add_version(portal: Portal, user: Employee, row: DiskObject, content: bytes) -> None:
    row.content_version += 1
    row.versions.append(_version(portal, user, row, content, row.content_version))
    touch(portal, user, row)


def version_owner(portal: Portal, version_id: int) -> DiskObject | None:
    """Return the live file that has a version, or None."""
    rows = (row for row in portal.state.objects.values() if row.kind == "file" and not row.deleted)
    return next((row for row in rows if any(one.id == version_id for one in row.versions)), None)


def touch(portal: Portal, user: Employee, row: DiskObject) -> None:
    """Note who changed an object and when."""
    row.updated, row.updated_by = portal.clock.now(), user.id


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
