"""How drives, folders, files and versions are written, and how a call names one of them.

A box writes ids as texts where a row was read from its database and as numbers where the row was
made by this very call; the pages of api-reference/disk show which field comes how.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from b24flow.sandbox.clock import iso
from b24flow.sandbox.filters import matches, sort_rows, split_prefix
from b24flow.sandbox.links import download, hook_url, sign
from b24flow.sandbox.model import disk
from b24flow.sandbox.model import disk_rights as rights
from b24flow.sandbox.model.crm_fields import decode_base64
from b24flow.sandbox.model.entities import DiskObject, FileVersion, Storage
from b24flow.sandbox.registry import Call, Page, paginate
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, as_map, is_yes

OBJECT_FIELDS: dict[str, tuple[str, bool]] = {
    "ID": ("integer", True),
    "NAME": ("string", True),
    "TYPE": ("enum", True),
    "CODE": ("string", True),
    "STORAGE_ID": ("integer", True),
    "REAL_OBJECT_ID": ("integer", False),
    "PARENT_ID": ("integer", True),
    "CREATE_TIME": ("datetime", True),
    "UPDATE_TIME": ("datetime", True),
    "DELETE_TIME": ("datetime", True),
    "CREATED_BY": ("integer", False),
    "UPDATED_BY": ("integer", False),
    "DELETED_BY": ("integer", False),
    "GLOBAL_CONTENT_VERSION": ("integer", False),
    "FILE_ID": ("integer", False),
    "SIZE": ("integer", False),
    "DELETED_TYPE": ("enum", True),
}
FILE_ONLY = frozenset({"GLOBAL_CONTENT_VERSION", "FILE_ID", "SIZE"})
STORAGE_FIELDS: dict[str, tuple[str, bool]] = {
    "ID": ("integer", True),
    "NAME": ("string", True),
    "CODE": ("string", True),
    "MODULE_ID": ("string", False),
    "ENTITY_TYPE": ("string", True),
    "ENTITY_ID": ("string", True),
    "ROOT_OBJECT_ID": ("integer", False),
}
_MADE = frozenset({"ID", "REAL_OBJECT_ID", "DELETED_TYPE", "GLOBAL_CONTENT_VERSION", "FILE_ID"})


def show_fields(fields: dict[str, tuple[str, bool]], without: frozenset[str] | set[str]) -> Json:
    """Return the description of fields."""
    return {
        name: {"TYPE": kind, "USE_IN_FILTER": filtered, "USE_IN_SHOW": True}
        for name, (kind, filtered) in fields.items()
        if name not in without
    }


def show_object(call: Call, row: DiskObject, *, numbers: frozenset[str] | set[str] = frozenset()) -> Params:
    """Return a folder or a file as the database gives it; `numbers` are the fields left numbers."""
    trashed = 0 if not row.deleted else 4 if row.with_parent else 3
    shown: Params = {
        "ID": row.id,
        "NAME": row.name,
        "CODE": None,
        "STORAGE_ID": row.storage_id,
        "TYPE": row.kind,
        "PARENT_ID": row.parent_id,
        "DELETED_TYPE": trashed,
        "CREATE_TIME": iso(row.created),
        "UPDATE_TIME": iso(row.updated),
        "DELETE_TIME": iso(row.deleted_at),
        "CREATED_BY": row.created_by,
        "UPDATED_BY": row.updated_by,
        "DELETED_BY": row.deleted_by or 0,
        "DETAIL_URL": f"{call.base_url}/docs/{row.id}/",
    }
    if row.kind == "folder":
        shown["REAL_OBJECT_ID"] = row.id
    else:
        last = row.versions[-1]
        shown |= {
            "GLOBAL_CONTENT_VERSION": row.content_version,
            "FILE_ID": last.file_id,
            "SIZE": len(last.content),
            "DOWNLOAD_URL": download(call, "disk", {"object": row.id, "version": last.id}),
        }
    return {
        key: str(value) if isinstance(value, int) and key not in numbers else value
        for key, value in shown.items()
    }


def show_made(call: Call, row: DiskObject) -> Params:
    """Return an object this very call has made: its own numbers are numbers, nobody deleted it."""
    return show_object(call, row, numbers=_MADE) | {"DELETED_BY": None}


def show_storage(row: Storage) -> Params:
    """Return a drive."""
    return {
        "ID": str(row.id),
        "NAME": row.name,
        "CODE": None,
        "MODULE_ID": "disk",
        "ENTITY_TYPE": row.entity_type,
        "ENTITY_ID": row.entity_id,
        "ROOT_OBJECT_ID": str(row.root_id),
    }


def show_version(call: Call, row: DiskObject, version: FileVersion) -> Params:
    """Return one version of a file."""
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


def filter_rows(call: Call, rows: list[Params], numeric: set[str]) -> list[Params]:
    """Apply the filter of a list to rows as they are shown."""
    for key, wanted in call.optional_map("filter").items():
        prefix, name = split_prefix(key)
        if rows and name not in rows[0] and name not in FILE_ONLY:
            call.note("unknown_filter", key)
            continue
        value: Any = as_list(wanted) if isinstance(wanted, list | dict) else wanted
        if name in numeric and not isinstance(value, list):
            value = as_int(value)
            rows = [row for row in rows if matches(prefix, as_int(row.get(name)), value)]
        else:
            rows = [row for row in rows if matches(prefix, row.get(name), value)]
    return rows


def ordered(call: Call, rows: list[Params]) -> list[Params]:
    """Apply the order of a list to rows as they are shown."""

    def read(row: Params, key: str) -> Any:
        value = row.get(key)
        return as_int(value) if key in ("ID", "SIZE") else value

    return sort_rows(rows, call.params.get("order"), read)


def children(call: Call, folder: DiskObject) -> Page:
    """Return a page of what lies in a folder and may be read by the caller."""
    rows = disk.children_of(call.portal, folder)
    rows = [row for row in rows if rights.level(call.portal, call.user, row) >= rights.READ]
    shown = [show_object(call, row) for row in rows]
    return paginate(call, ordered(call, filter_rows(call, shown, {"ID", "SIZE"})), by_page=False)


def wrong_argument(place: int) -> RestError:
    """Build the refusal of a call without a required parameter, named by its place."""
    return RestError("ERROR_ARGUMENT", f"Invalid value of parameter {{Parameter #{place}}}")


def given_id(call: Call, name: str = "id", place: int = 0) -> int:
    """Return an id the call must give."""
    if call.params.get(name) in (None, ""):
        raise wrong_argument(place)
    return call.number(name)


def given_name(call: Call, place: int = 1) -> str:
    """Return the new name the call must give; an empty one is refused."""
    if call.params.get("newName") is None:
        raise wrong_argument(place)
    if not call.text("newName").strip():
        raise RestError("0", "Empty name")
    return call.text("newName")


def folder_of(call: Call, needed: int = rights.READ, *, name: str = "id", place: int = 0) -> DiskObject:
    """Return the folder a call names, if the caller has the level on it."""
    return disk.require_object(call.portal, call.user, given_id(call, name, place), "folder", needed)


def file_of(call: Call, needed: int = rights.READ) -> DiskObject:
    """Return the file a call names, if the caller has the level on it."""
    return disk.require_object(call.portal, call.user, given_id(call), "file", needed)


def new_folder(call: Call, parent: DiskObject) -> Json:
    """Create the folder a call describes."""
    data = call.optional_map("data")
    name = str(data.get("NAME") or "")
    if not name:
        raise wrong_argument(1)
    call.note_unknown("unknown_field", data, {"NAME"})
    granted = rights.read_rights(call.params.get("rights"))
    row = disk.add_folder(call.portal, call.user, parent, name)
    row.rights = granted
    return show_made(call, row)


def content_of(call: Call, failure: str) -> bytes:
    """Return the posted content, or refuse with the given code."""
    pair = as_list(call.params.get("fileContent"))
    content = decode_base64(pair[1]) if len(pair) == 2 else None
    if content is None:
        raise RestError(failure, "Could not save file.")
    return content


def new_file(call: Call, folder: DiskObject, *, two_steps: bool) -> Json:
    """Upload a file; without `fileContent` answer, if allowed, with a signed address to post it to."""
    data = as_map(call.params.get("data"))
    call.note_unknown("unknown_field", data, {"NAME"})
    name, unique = str(data.get("NAME") or ""), is_yes(call.params.get("generateUniqueName"))
    granted = rights.read_rights(call.params.get("rights"))
    if call.params.get("fileContent") is None and not two_steps:
        raise wrong_argument(1)
    if call.params.get("fileContent") is None:
        payload = {"folder": folder.id, "name": name, "unique": unique, "rights": granted}
        token = quote(sign("upload", payload))
        return {"field": "file", "uploadUrl": hook_url(call, f"upload/?token={token}")}
    if not name:
        raise RestError("DISK_BASE_SERVICE_22001", "Error: required parameter NAME (DISK_BASE_SERVICE_22001)")
    content = content_of(call, "ERROR_COULD_NOT_SAVE_FILE")
    row = disk.add_file(call.portal, call.user, folder, name, content, unique_name=unique)
    row.rights = granted
    return show_made(call, row)
