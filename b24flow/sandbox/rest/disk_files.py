"""Files and their versions (api-reference/disk/file/**)."""

from __future__ import annotations

from b24flow.sandbox.model import disk
from b24flow.sandbox.model import disk_rights as rights
from b24flow.sandbox.model import disk_tree as tree
from b24flow.sandbox.model.entities import DiskObject
from b24flow.sandbox.registry import PAGE_SIZE, Call, Page, method, paginate
from b24flow.sandbox.rest import disk_show as show
from b24flow.sandbox.wire import Json, RestError, as_int

_DOC = "api-reference/disk/file/disk-file-"
_DEEPEST = 1000


@method("disk.file.getFields", scope="disk", doc=_DOC + "get-fields.md")
def file_fields(_: Call) -> Json:
    """Describe the fields of a file."""
    return show.show_fields(show.OBJECT_FIELDS, {"REAL_OBJECT_ID"})


@method("disk.file.get", scope="disk", doc=_DOC + "get.md", params="id")
def file_get(call: Call) -> Json:
    """Return a file."""
    return show.show_object(call, show.file_of(call))


@method("disk.file.rename", scope="disk", doc=_DOC + "rename.md", params="id newName")
def file_rename(call: Call) -> Json:
    """Rename a file."""
    row = show.file_of(call, rights.EDIT)
    tree.rename(call.portal, call.user, row, show.given_name(call))
    return show.show_object(call, row)


@method("disk.file.moveTo", scope="disk", doc=_DOC + "move-to.md", params="id targetFolderId")
def file_move(call: Call) -> Json:
    """Put a file into another folder of the same drive; false for a folder of another drive."""
    row = show.file_of(call, rights.EDIT)
    target = show.folder_of(call, rights.ADD, name="targetFolderId", place=1)
    if not tree.move(call.portal, call.user, row, target):
        return False
    return show.show_object(call, row, numbers={"PARENT_ID"})


@method("disk.file.copyTo", scope="disk", doc=_DOC + "copy-to.md", params="id targetFolderId")
def file_copy(call: Call) -> Json:
    """Copy the present content of a file into a folder."""
    row = show.file_of(call)
    target = show.folder_of(call, rights.ADD, name="targetFolderId", place=1)
    return show.show_made(call, tree.copy(call.portal, call.user, row, target))


@method("disk.file.markDeleted", scope="disk", doc=_DOC + "mark-deleted.md", params="id")
def file_mark_deleted(call: Call) -> Json:
    """Put a file into the recycle bin."""
    row = show.file_of(call, rights.EDIT)
    tree.to_trash(call.portal, call.user, row)
    return show.show_object(call, row)


@method("disk.file.restore", scope="disk", doc=_DOC + "restore.md", params="id")
def file_restore(call: Call) -> Json:
    """Take a file out of the recycle bin; a taken name gets a number."""
    row = disk.require_trashed(call.portal, call.user, show.given_id(call), "file")
    tree.restore(call.portal, call.user, row)
    return show.show_object(call, row, numbers={"DELETED_TYPE"})


@method("disk.file.delete", scope="disk", doc=_DOC + "delete.md", params="id")
def file_delete(call: Call) -> Json:
    """Delete a file for good, with its attachments."""
    tree.erase(call.portal, show.file_of(call, rights.FULL))
    return True


@method("disk.file.getExternalLink", scope="disk", doc=_DOC + "get-external-link.md", params="id",
        reads=False)  # fmt: skip
def file_link(call: Call) -> Json:
    """Return the public link of a file."""
    return f"{call.base_url}/~{tree.public_link(call.portal, show.file_of(call))}"


@method("disk.file.uploadVersion", scope="disk", doc=_DOC + "upload-version.md", params="id fileContent")
def file_upload_version(call: Call) -> Json:
    """Replace the content of a file; its name stays."""
    row = show.file_of(call, rights.EDIT)
    if call.params.get("fileContent") is None:
        raise show.wrong_argument(1)
    disk.upload_version(call.portal, call.user, row, show.content_of(call, "DISK_FILE_22002"))
    return show.show_object(call, row, numbers={"GLOBAL_CONTENT_VERSION"})


@method("disk.file.getVersions", scope="disk", doc=_DOC + "get-versions.md", params="id filter start")
def file_versions(call: Call) -> Page:
    """List the versions that are left, newest first."""
    row = show.file_of(call)
    rows = [show.show_version(call, row, version) for version in reversed(row.versions)]
    return paginate(call, show.filter_rows(call, rows, {"ID", "SIZE"}), by_page=False)


@method("disk.file.restoreFromVersion", scope="disk", doc=_DOC + "restore-from-version.md",
        params="id versionId")  # fmt: skip
def file_restore_version(call: Call) -> Json:
    """Put an old version of a file on top."""
    row = show.file_of(call, rights.FULL)
    disk.restore_version(call.portal, call.user, row, show.given_id(call, "versionId", 1))
    return show.show_object(call, row, numbers={"GLOBAL_CONTENT_VERSION"})


@method(
    "disk.file.search",
    scope="disk",
    doc=_DOC + "search.md",
    params="QUERY TYPE FILTER start",
    partial="внутри документов ищет только по простому тексту; в коробке мая 2026 метода нет",
)
def file_search(call: Call) -> Page:
    """Find files and folders by a part of the name or of a plain text; there is no total."""
    if call.params.get("QUERY") is None:
        raise RestError("ERROR_ARGUMENT",
                        "Invalid value of parameter { Parameter #0 [ <required> $QUERY ] }.")  # fmt: skip
    words = " ".join(call.text("QUERY").split())
    if not isinstance(call.params["QUERY"], str) or not 3 <= len(words) <= 255:
        raise RestError("INVALID_QUERY", "Search query is invalid. (INVALID_QUERY).")
    kind = call.text("TYPE") or "file"
    if kind not in ("file", "folder", "all"):
        raise RestError("INVALID_TYPE", "Search result type is invalid. (INVALID_TYPE).")
    found = tree.search(call.portal, call.user, words, _search_scope(call))
    found = [row for row in found if kind in ("all", row.kind)]
    offset = min(max(call.start, 0), _DEEPEST)
    shown = [show.show_object(call, row) for row in found[offset : offset + PAGE_SIZE]]
    more = offset + PAGE_SIZE < len(found)
    return Page(result=shown, next=offset + PAGE_SIZE if more else None)


def _search_scope(call: Call) -> list[DiskObject]:
    """Return the objects among which a search looks."""
    scope = call.params.get("FILTER")
    absent = RestError("NOT_FOUND", "Search scope was not found. (NOT_FOUND).")
    if scope is None or scope == []:
        return list(call.state.objects.values())
    if not isinstance(scope, dict):
        raise absent
    if set(scope) - {"STORAGE_ID", "FOLDER_ID"}:
        raise RestError("INVALID_FILTER", "Search filter contains an unknown field. (INVALID_FILTER).")
    storage_id = as_int(scope.get("STORAGE_ID"))
    try:
        if "STORAGE_ID" in scope:
            disk.require_storage(call.portal, call.user, storage_id, rights.READ)
        if "FOLDER_ID" not in scope:
            return [row for row in call.state.objects.values() if row.storage_id == storage_id]
        folder = disk.require_object(call.portal, call.user, as_int(scope["FOLDER_ID"]), "folder")
    except RestError as error:
        raise absent from error
    if "STORAGE_ID" in scope and folder.storage_id != storage_id:
        raise absent
    return tree.below(call.portal, folder)
