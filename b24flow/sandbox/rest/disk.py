"""Drives and what hangs on files: levels, versions, attachments (api-reference/disk/**)."""

from __future__ import annotations

from urllib.parse import quote

from b24flow.sandbox.clock import iso
from b24flow.sandbox.links import sign
from b24flow.sandbox.model import disk, tasks
from b24flow.sandbox.model import disk_rights as rights
from b24flow.sandbox.model.entities import AttachedObject, DiskObject
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.rest import disk_show as show
from b24flow.sandbox.wire import Json, RestError, as_map

_DOC = "api-reference/disk/"
_STORAGE = _DOC + "storage/disk-storage-"


@method("disk.storage.getFields", scope="disk", doc=_STORAGE + "get-fields.md")
def storage_fields(_: Call) -> Json:
    """Describe the fields of a drive."""
    return show.show_fields(show.STORAGE_FIELDS, set())


@method("disk.storage.getTypes", scope="disk", doc=_STORAGE + "get-types.md")
def storage_types(_: Call) -> Json:
    """List the kinds of drives."""
    return ["user", "common", "group"]


@method("disk.storage.getList", scope="disk", doc=_STORAGE + "get-list.md",
        params="filter order start")  # fmt: skip
def storage_list(call: Call) -> Page:
    """List the drives the caller may see; a group's drive appears with the first look at the list."""
    disk.open_group_storages(call.portal)
    rows = call.state.storages.values()
    shown = [show.show_storage(row) for row in rows if disk.may_see(call.portal, call.user, row)]
    shown = show.ordered(call, show.filter_rows(call, shown, {"ID", "ROOT_OBJECT_ID"}))
    return paginate(call, shown, by_page=False)


@method("disk.storage.get", scope="disk", doc=_STORAGE + "get.md", params="id")
def storage_get(call: Call) -> Json:
    """Return a drive; null when the id is not a number."""
    number = show.given_id(call)
    if not call.text("id").strip().isdigit():
        return None
    return show.show_storage(disk.require_storage(call.portal, call.user, number, rights.READ))


@method("disk.storage.getForApp", scope="disk", doc=_STORAGE + "get-for-app.md", app_only=True,
        reads=False)  # fmt: skip
def storage_for_app(call: Call) -> Json:
    """Return the application's own drive, made at the first call; administrators only."""
    if call.caller.app is None or not call.user.admin:
        raise RestError("ACCESS_DENIED", "Access denied! Application context required")
    return show.show_storage(disk.app_storage(call.portal, call.caller.app))


@method("disk.storage.rename", scope="disk", doc=_STORAGE + "rename.md", params="id newName", app_only=True)
def storage_rename(call: Call) -> Json:
    """Rename the drive of an application."""
    number, name = show.given_id(call), show.given_name(call)
    storage = disk.require_storage(call.portal, call.user, number, rights.FULL)
    if storage.entity_type != "restapp":
        raise RestError("", "Access denied (invalid type of storage)")
    storage.name = name
    call.state.objects[storage.root_id].name = name
    return show.show_storage(storage)


def _root(call: Call, needed: int) -> DiskObject:
    storage = disk.require_storage(call.portal, call.user, show.given_id(call), needed)
    return call.state.objects[storage.root_id]


@method("disk.storage.getChildren", scope="disk", doc=_STORAGE + "get-children.md",
        params="id filter order start")  # fmt: skip
def storage_children(call: Call) -> Page:
    """List the root of a drive."""
    return show.children(call, _root(call, rights.READ))


@method("disk.storage.addFolder", scope="disk", doc=_STORAGE + "add-folder.md", params="id data rights")
def storage_add_folder(call: Call) -> Json:
    """Create a folder in the root of a drive."""
    return show.new_folder(call, _root(call, rights.ADD))


@method("disk.storage.uploadFile", scope="disk", doc=_STORAGE + "upload-file.md",
        params="id data fileContent rights generateUniqueName")  # fmt: skip
def storage_upload(call: Call) -> Json:
    """Upload a file into the root of a drive; posting it by an address is for folders only."""
    return show.new_file(call, _root(call, rights.ADD), two_steps=False)


@method("disk.rights.getTasks", scope="disk", doc=_DOC + "rights/disk-rights-get-tasks.md", reads=True)
def rights_tasks(_: Call) -> Json:
    """List the access levels with the ids they are granted by."""
    return [
        {"ID": str(number), "NAME": name, "TITLE": rights.TITLES[name]}
        for number, name in rights.TASKS.items()
    ]


@method("disk.version.get", scope="disk", doc=_DOC + "version/disk-version-get.md", params="id")
def version_get(call: Call) -> Json:
    """Return one version of a file."""
    if not call.text("id").strip().isdigit():
        raise RestError("ERROR_ARGUMENT", "Invalid value of parameter `id`")
    row = disk.version_owner(call.portal, call.number("id"))
    if row is None:
        raise disk.not_found(call.text("id"))
    rights.require(call.portal, call.user, row, rights.READ)
    version = next(one for one in row.versions if one.id == call.number("id"))
    return show.show_version(call, row, version)


@method("disk.attachedObject.get", scope="disk",
        doc=_DOC + "attached-object/disk-attached-object-get.md", params="id")  # fmt: skip
def attached_get(call: Call) -> Json:
    """Return an attachment and the disk file behind it."""
    attached = call.state.attached.get(show.given_id(call))
    row = call.state.objects.get(attached.object_id) if attached else None
    if attached is None or row is None:
        raise disk.not_found(call.text("id"))
    if not _may_read(call, attached, row):
        raise rights.denied()
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


def _may_read(call: Call, attached: AttachedObject, row: DiskObject) -> bool:
    task = call.state.tasks.get(attached.entity_id)
    if task is not None and tasks.may_read(call.portal, call.user, task):
        return True
    return rights.level(call.portal, call.user, row) >= rights.READ
