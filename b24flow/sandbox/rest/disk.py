"""Drives (api-reference/disk/**). Ids are numbers in answers to writes and texts in lists."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from b24flow.sandbox.clock import iso
from b24flow.sandbox.filters import matches, sort_rows, split_prefix
from b24flow.sandbox.links import download, hook_url, sign
from b24flow.sandbox.model import disk
from b24flow.sandbox.model.crm_fields import decode_base64
from b24flow.sandbox.model.entities import DiskObject, FileVersion, Storage
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, as_map, is_yes

_STORAGE = "api-reference/disk/storage/disk-storage-"
_FOLDER = "api-reference/disk/folder/disk-folder-"
_FILE = "api-reference/disk/file/disk-file-"


def show_object(call: Call, row: DiskObject, *, as_text: bool) -> Params:
    """Return a folder or a file; `as_text` writes the numbers as lists do."""

    def number(value: int) -> Json:
        return str(value) if as_text else value

    shown: Params = {
        "ID": number(row.id),
        "NAME": row.name,
        "CODE": None,
        "STORAGE_ID": str(row.storage_id),
        "TYPE": row.kind,
        "PARENT_ID": None if row.parent_id is None else str(row.parent_id),
        "DELETED_TYPE": number(3 if row.deleted else 0),
        "CREATE_TIME": iso(row.created),
        "UPDATE_TIME": iso(row.updated),
        "DELETE_TIME": None,
        "CREATED_BY": str(row.created_by),
        "UPDATED_BY": str(row.updated_by),
        "DELETED_BY": "0",
        "DETAIL_URL": f"{call.base_url}/docs/{row.id}/",
    }
    if row.kind == "folder":
        shown["REAL_OBJECT_ID"] = number(row.id)
        return shown
    last = row.versions[-1]
    shown |= {
        "GLOBAL_CONTENT_VERSION": number(row.content_version),
        "FILE_ID": number(last.file_id),
        "SIZE": str(len(last.content)),
        "DOWNLOAD_URL": download(call, "disk", {"object": row.id, "version": last.id}),
    }
    return shown


def _show_storage(row: Storage) -> Params:
    return {
        "ID": str(row.id),
        "NAME": row.name,
        "CODE": None,
        "MODULE_ID": "disk",
        "ENTITY_TYPE": row.entity_type,
        "ENTITY_ID": row.entity_id,
        "ROOT_OBJECT_ID": str(row.root_id),
    }


def _filter(call: Call, rows: list[Params], numeric: set[str]) -> list[Params]:
    for key, wanted in call.optional_map("filter").items():
        prefix, name = split_prefix(key)
        if rows and name not in rows[0] and name not in ("SIZE", "FILE_ID"):
            call.note("unknown_filter", key)
            continue
        value: Any = as_list(wanted) if isinstance(wanted, list | dict) else wanted
        if name in numeric and not isinstance(value, list):
            value = as_int(value)
            rows = [row for row in rows if matches(prefix, as_int(row.get(name)), value)]
        else:
            rows = [row for row in rows if matches(prefix, row.get(name), value)]
    return rows


def _sort(call: Call, rows: list[Params]) -> list[Params]:
    def read(row: Params, key: str) -> Any:
        value = row.get(key)
        return as_int(value) if key in ("ID", "SIZE") else value

    return sort_rows(rows, call.params.get("order"), read)


@method("disk.storage.getList", scope="disk", doc=_STORAGE + "get-list.md",
        params="filter order start")  # fmt: skip
def storage_list(call: Call) -> Page:
    """List the drives the caller may see."""
    rows = call.state.storages.values()
    shown = [_show_storage(row) for row in rows if disk.may_see(call.portal, call.user, row)]
    shown = _sort(call, _filter(call, shown, {"ID", "ROOT_OBJECT_ID"}))
    return paginate(call, shown, by_page=False)


def _storage_root(call: Call) -> DiskObject:
    storage = call.state.storages.get(call.required_number("id"))
    if storage is None:
        raise RestError("ERROR_NOT_FOUND", f"Could not find entity with id `{call.text('id')}`.")
    return disk.require_object(call.portal, call.user, storage.root_id, "folder")


def _folder(call: Call) -> DiskObject:
    return disk.require_object(call.portal, call.user, call.required_number("id"), "folder")


def _file(call: Call) -> DiskObject:
    return disk.require_object(call.portal, call.user, call.required_number("id"), "file")


def _children(call: Call, folder: DiskObject) -> Page:
    rows = disk.children_of(call.portal, folder)
    shown = [show_object(call, row, as_text=True) for row in rows]
    shown = _sort(call, _filter(call, shown, {"ID", "SIZE"}))
    return paginate(call, shown, by_page=False)


@method("disk.storage.getChildren", scope="disk", doc=_STORAGE + "get-children.md",
        params="id* filter order start")  # fmt: skip
def storage_children(call: Call) -> Page:
    """List the root of a drive."""
    return _children(call, _storage_root(call))


@method("disk.folder.getChildren", scope="disk", doc=_FOLDER + "get-children.md",
        params="id* filter order start")  # fmt: skip
def folder_children(call: Call) -> Page:
    """List a folder."""
    return _children(call, _folder(call))


def _new_folder(call: Call, parent: DiskObject) -> Json:
    name = str(call.mapping("data").get("NAME") or "")
    if not name:
        raise RestError("DISK_BASE_SERVICE_22001", "Required parameter `NAME` is empty.")
    call.note_unknown("unknown_field", call.mapping("data"), {"NAME"})
    row = disk.add_folder(call.portal, call.user, parent, name)
    return show_object(call, row, as_text=False)


@method("disk.storage.addFolder", scope="disk", doc=_STORAGE + "add-folder.md",
        params="id* data* rights")  # fmt: skip
def storage_add_folder(call: Call) -> Json:
    """Create a folder in the root of a drive."""
    return _new_folder(call, _storage_root(call))


@method("disk.folder.addSubFolder", scope="disk", doc=_FOLDER + "add-subfolder.md",
        params="id* data* rights")  # fmt: skip
def folder_add(call: Call) -> Json:
    """Create a folder in a folder."""
    return _new_folder(call, _folder(call))


@method("disk.folder.get", scope="disk", doc=_FOLDER + "get.md", params="id*")
def folder_get(call: Call) -> Json:
    """Return a folder."""
    return show_object(call, _folder(call), as_text=True)


def _content(call: Call) -> tuple[str, bytes]:
    pair = as_list(call.params.get("fileContent"))
    content = decode_base64(pair[1]) if len(pair) == 2 else None
    if content is None:
        raise RestError("ERROR_COULD_NOT_SAVE_FILE", "Could not save file.")
    return str(pair[0]), content


@method("disk.folder.uploadFile", scope="disk", doc=_FOLDER + "upload-file.md",
        params="id* data fileContent rights generateUniqueName")  # fmt: skip
def folder_upload(call: Call) -> Json:
    """Upload a file; without `fileContent` answer with a signed address to post it to."""
    folder = _folder(call)
    data = call.optional_map("data")
    call.note_unknown("unknown_field", data, {"NAME"})
    unique = is_yes(call.params.get("generateUniqueName"))
    if "fileContent" not in call.params:
        payload = {"folder": folder.id, "name": str(data.get("NAME") or ""), "unique": unique}
        token = quote(sign("upload", payload))
        return {"field": "file", "uploadUrl": hook_url(call, f"upload/?token={token}")}
    name, content = _content(call)
    row = disk.add_file(
        call.portal,
        call.user,
        folder,
        str(data.get("NAME") or name),
        content,
        unique_name=unique,
    )
    return show_object(call, row, as_text=False)


@method("disk.file.get", scope="disk", doc=_FILE + "get.md", params="id*")
def file_get(call: Call) -> Json:
    """Return a file."""
    return show_object(call, _file(call), as_text=True)


@method("disk.file.uploadVersion", scope="disk", doc=_FILE + "upload-version.md",
        params="id* fileContent*")  # fmt: skip
def file_upload_version(call: Call) -> Json:
    """Replace the content of a file; its name stays."""
    row = _file(call)
    _, content = _content(call)
    disk.upload_version(call.portal, call.user, row, content)
    return show_object(call, row, as_text=False)


def _show_version(call: Call, row: DiskObject, version: FileVersion) -> Params:
    return {
        "ID": str(version.id),
        "OBJECT_ID": str(row.id),
        "SIZE": str(len(version.content)),
        "NAME": version.name,
        "GLOBAL_CONTENT_VERSION": str(version.number),
        "CREATE_TIME": iso(version.created),
        "CREATED_BY": str(version.created_by),
        "DOWNLOAD_URL": download(call, "disk", {"object": row.id, "version": version.id}),
    }


@method("disk.file.getVersions", scope="disk", doc=_FILE + "get-versions.md",
        params="id* filter start")  # fmt: skip
def file_versions(call: Call) -> Page:
    """List the versions that are left, newest first."""
    row = _file(call)
    rows = [_show_version(call, row, version) for version in reversed(row.versions)]
    return paginate(call, _filter(call, rows, {"ID", "SIZE"}), by_page=False)


@method("disk.file.markDeleted", scope="disk", doc=_FILE + "mark-deleted.md", params="id*")
def file_mark_deleted(call: Call) -> Json:
    """Move a file to the recycle bin."""
    row = _file(call)
    row.deleted = True
    row.updated, row.updated_by = call.portal.clock.now(), call.user.id
    return show_object(call, row, as_text=True)


@method("disk.attachedObject.get", scope="disk",
        doc="api-reference/disk/attached-object/disk-attached-object-get.md",
        params="id*")  # fmt: skip
def attached_get(call: Call) -> Json:
    """Return an attachment and the disk file behind it."""
    attached = call.state.attached.get(call.required_number("id"))
    row = call.state.objects.get(attached.object_id) if attached else None
    if attached is None or row is None:
        raise RestError("ERROR_NOT_FOUND", f"Could not find entity with id `{call.text('id')}`.")
    token = quote(sign("attached", {"object": row.id}))
    address = f"/bitrix/tools/disk/uf.php?attachedId={attached.id}&auth[token]={token}"
    return as_map(
        {
            "ID": str(attached.id),
            "OBJECT_ID": str(attached.object_id),
            "MODULE_ID": attached.module,
            "ENTITY_TYPE": attached.entity_type,
            "ENTITY_ID": str(attached.entity_id),
            "CREATE_TIME": iso(attached.created),
            "CREATED_BY": str(attached.created_by),
            "DOWNLOAD_URL": f"{call.base_url}{address}&action=download&ncc=1",
            "NAME": row.name,
            "SIZE": str(len(row.versions[-1].content)),
        }
    )
