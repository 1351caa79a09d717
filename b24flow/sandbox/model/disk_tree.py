"""Moving about a drive: renaming, moving, copying, the recycle bin, public links, search.

Facts: api-reference/disk/{folder,file}/**. A folder takes everything below it along.
"""

from __future__ import annotations

import hashlib
import string

from b24flow.sandbox.model import disk
from b24flow.sandbox.model import disk_rights as rights
from b24flow.sandbox.model.entities import DiskObject, Employee
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import RestError

_LETTERS = string.ascii_letters + string.digits
_LINK_LENGTH = 5


def below(portal: Portal, folder: DiskObject) -> list[DiskObject]:
    """Return everything inside a folder at any depth, deleted or not, parents before children."""
    nested: dict[int, list[DiskObject]] = {}
    for row in portal.state.objects.values():
        if row.parent_id is not None:
            nested.setdefault(row.parent_id, []).append(row)
    found = [folder]
    for row in found:  # grows while it is walked
        found.extend(nested.get(row.id, []))
    return found[1:]


def rename(portal: Portal, user: Employee, row: DiskObject, name: str) -> None:
    """Give an object another name; a taken one is refused."""
    name = disk.correct_name(name)
    parent = portal.state.objects.get(row.parent_id or 0)
    if name != row.name and parent is not None:
        disk.check_name(portal, parent, name)
    row.name = name
    disk.touch(portal, user, row)


def move(portal: Portal, user: Employee, row: DiskObject, target: DiskObject) -> bool:
    """Put an object into another folder; False when it cannot be there.

    It cannot be on another drive, nor can a folder be inside itself.
    """
    if row.parent_id is None:
        raise RestError("", "Could not move root folder")
    if row.storage_id != target.storage_id or target is row:
        return False
    if row.kind == "folder" and target in below(portal, row):
        return False
    if row.parent_id != target.id:
        disk.check_name(portal, target, row.name)
        row.parent_id = target.id
        disk.touch(portal, user, row)
    return True


def copy(portal: Portal, user: Employee, row: DiskObject, target: DiskObject) -> DiskObject:
    """Copy a file with its present content, or a folder with everything live in it."""
    if row.kind == "file":
        return disk.add_file(portal, user, target, row.name, row.versions[-1].content)
    inside = [one for one in below(portal, row) if not one.deleted]  # the copy may be made inside
    made = {row.id: disk.add_folder(portal, user, target, row.name)}
    for one in inside:
        place = made.get(one.parent_id or 0)
        if place is None:  # its folder is in the recycle bin
            continue
        if one.kind == "folder":
            made[one.id] = disk.add_folder(portal, user, place, one.name)
        else:
            disk.add_file(portal, user, place, one.name, one.versions[-1].content)
    return made[row.id]


def _refuse_root(row: DiskObject) -> None:
    if row.parent_id is None:
        raise RestError("DISK_OBJ_22000", "Could not delete root folder")


def to_trash(portal: Portal, user: Employee, row: DiskObject) -> None:
    """Put an object into the recycle bin together with what is in it."""
    _refuse_root(row)
    inside = [one for one in below(portal, row) if not one.deleted] if row.kind == "folder" else []
    for one in (row, *inside):
        one.deleted, one.with_parent = True, one is not row
        one.deleted_at, one.deleted_by = portal.clock.now(), user.id


def restore(portal: Portal, user: Employee, row: DiskObject) -> None:
    """Take an object out of the recycle bin with what went there inside it.

    Folders above it that are in the bin come back too, as otherwise nobody would find it. A taken
    name gets a number.
    """
    parent = portal.state.objects.get(row.parent_id or 0)
    if parent is not None and parent.deleted:
        restore(portal, user, parent)
    if row.deleted and parent is not None:
        row.name = disk.free_name(portal, parent, row.name)
    together = [row]
    for folder in together:  # grows while it is walked; what was thrown away separately stays
        inside = (one for one in portal.state.objects.values() if one.parent_id == folder.id)
        together.extend(one for one in inside if one.with_parent)
    for one in together:
        one.deleted = one.with_parent = False
    disk.touch(portal, user, row)


def erase(portal: Portal, row: DiskObject) -> None:
    """Delete an object for good, with what is in it and its attachments to tasks."""
    _refuse_root(row)
    gone = {row.id, *(one.id for one in below(portal, row))}
    state = portal.state
    for number in [one.id for one in state.attached.values() if one.object_id in gone]:
        task = state.tasks.get(state.attached.pop(number).entity_id)
        if task is not None:
            task.attachments = [one for one in task.attachments if one != number]
        for result in state.task_results.values():
            result.files = [one for one in result.files if one != number]
    for object_id in gone:
        del state.objects[object_id]


def public_link(portal: Portal, row: DiskObject) -> str:
    """Return the code of an object's public link, made at the first question."""
    if not row.link:
        number = portal.state.next_id("external-link")
        digest = hashlib.sha256(f"public link {number}".encode()).digest()
        row.link = "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:_LINK_LENGTH]) + str(number)
    return row.link


def by_link(portal: Portal, code: str) -> DiskObject | None:
    """Return the live object behind a public link, or None."""
    rows = portal.state.objects.values()
    return next((row for row in rows if code and row.link == code and not row.deleted), None)


def search(portal: Portal, user: Employee, words: str, within: list[DiskObject]) -> list[DiskObject]:
    """Return the live objects the user may read that contain the words, latest change first."""
    found = [
        row
        for row in within
        if not row.deleted
        and row.parent_id is not None
        and words.lower() in _searched_text(row)
        and rights.level(portal, user, row) >= rights.READ
    ]
    return sorted(found, key=lambda row: (row.updated, row.id), reverse=True)


def _searched_text(row: DiskObject) -> str:
    """Return the name and, of a file in plain text, its content."""
    text = row.name
    if row.versions:
        try:
            text = f"{text}\n{row.versions[-1].content.decode()}"
        except UnicodeDecodeError:
            return text.lower()
    return text.lower()
