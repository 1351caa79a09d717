"""Folders (api-reference/disk/folder/**)."""

from __future__ import annotations

from b24flow.sandbox.model import disk_rights as rights
from b24flow.sandbox.model import disk_tree as tree
from b24flow.sandbox.model.disk import require_trashed
from b24flow.sandbox.registry import Call, Page, method
from b24flow.sandbox.rest import disk_show as show
from b24flow.sandbox.wire import Json

_DOC = "api-reference/disk/folder/disk-folder-"


@method("disk.folder.getFields", scope="disk", doc=_DOC + "get-fields.md")
def folder_fields(_: Call) -> Json:
    """Describe the fields of a folder."""
    return show.show_fields(show.OBJECT_FIELDS, show.FILE_ONLY)


@method("disk.folder.get", scope="disk", doc=_DOC + "get.md", params="id")
def folder_get(call: Call) -> Json:
    """Return a folder."""
    return show.show_object(call, show.folder_of(call))


@method("disk.folder.getChildren", scope="disk", doc=_DOC + "get-children.md", params="id filter order start")
def folder_children(call: Call) -> Page:
    """List a folder."""
    return show.children(call, show.folder_of(call))


@method("disk.folder.addSubFolder", scope="disk", doc=_DOC + "add-subfolder.md", params="id data rights")
def folder_add(call: Call) -> Json:
    """Create a folder in a folder."""
    return show.new_folder(call, show.folder_of(call, rights.ADD))


@method("disk.folder.uploadFile", scope="disk", doc=_DOC + "upload-file.md",
        params="id data fileContent rights generateUniqueName")  # fmt: skip
def folder_upload(call: Call) -> Json:
    """Upload a file, in either of the two forms."""
    return show.new_file(call, show.folder_of(call, rights.ADD), two_steps=True)


@method("disk.folder.rename", scope="disk", doc=_DOC + "rename.md", params="id newName")
def folder_rename(call: Call) -> Json:
    """Rename a folder."""
    row = show.folder_of(call, rights.EDIT)
    name = show.given_name(call)
    tree.rename(call.portal, call.user, row, name)
    return show.show_object(call, row)


@method("disk.folder.moveTo", scope="disk", doc=_DOC + "move-to.md", params="id targetFolderId")
def folder_move(call: Call) -> Json:
    """Put a folder with its content into another folder of the same drive; false for another drive."""
    row = show.folder_of(call, rights.EDIT)
    target = show.folder_of(call, rights.ADD, name="targetFolderId", place=1)
    if not tree.move(call.portal, call.user, row, target):
        return False
    return show.show_object(call, row, numbers={"PARENT_ID"})


@method("disk.folder.copyTo", scope="disk", doc=_DOC + "copy-to.md", params="id targetFolderId")
def folder_copy(call: Call) -> Json:
    """Copy a folder with its content."""
    row = show.folder_of(call)
    target = show.folder_of(call, rights.ADD, name="targetFolderId", place=1)
    return show.show_made(call, tree.copy(call.portal, call.user, row, target))


@method("disk.folder.markDeleted", scope="disk", doc=_DOC + "mark-deleted.md", params="id")
def folder_mark_deleted(call: Call) -> Json:
    """Put a folder with its content into the recycle bin."""
    row = show.folder_of(call, rights.FULL)
    tree.to_trash(call.portal, call.user, row)
    return show.show_object(call, row, numbers={"DELETED_TYPE"})


@method("disk.folder.restore", scope="disk", doc=_DOC + "restore.md", params="id")
def folder_restore(call: Call) -> Json:
    """Take a folder out of the recycle bin; administrators only."""
    row = require_trashed(call.portal, call.user, show.given_id(call), "folder")
    tree.restore(call.portal, call.user, row)
    return show.show_object(call, row, numbers={"DELETED_TYPE"})


@method("disk.folder.deleteTree", scope="disk", doc=_DOC + "delete-tree.md", params="id")
def folder_delete_tree(call: Call) -> Json:
    """Delete a folder with its content for good."""
    tree.erase(call.portal, show.folder_of(call, rights.FULL))
    return True


@method("disk.folder.getExternalLink", scope="disk", doc=_DOC + "get-external-link.md", params="id",
        reads=False)  # fmt: skip
def folder_link(call: Call) -> Json:
    """Return the public link of a folder."""
    return f"{call.base_url}/~{tree.public_link(call.portal, show.folder_of(call))}"


@method("disk.folder.shareToUser", scope="disk", doc=_DOC + "share-to-user.md", params="id userId taskName")
def folder_share(call: Call) -> Json:
    """Give a user a level on a folder and on what is in it."""
    for place, name in enumerate(("id", "userId", "taskName")):
        if call.params.get(name) in (None, ""):
            raise show.wrong_argument(place)
    row = show.folder_of(call)
    rights.share(call.portal, call.user, row, to=call.number("userId"), name=call.text("taskName"))
    return True
