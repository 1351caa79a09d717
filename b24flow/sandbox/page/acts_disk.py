"""What people do on drives."""

from __future__ import annotations

from b24flow.sandbox.model import disk, disk_tree
from b24flow.sandbox.model import disk_rights as rights
from b24flow.sandbox.model.entities import DiskObject, Employee
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.acts import Act, Form, files_of, text_of
from b24flow.sandbox.page.session import RefusedError
from b24flow.sandbox.wire import as_int


def _row(portal: Portal, user: Employee, form: Form, kind: str, needed: int) -> DiskObject:
    return disk.require_object(portal, user, as_int(form.get("object_id")), kind, needed)


def _any(portal: Portal, user: Employee, form: Form, needed: int) -> DiskObject:
    row = portal.state.objects.get(as_int(form.get("object_id")))
    return _row(portal, user, form, row.kind if row else "file", needed)


def _upload(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`object_id`: the folder, `file`; a taken name gets a number."""
    folder = _row(portal, user, form, "folder", rights.ADD)
    posted = files_of(form)
    if not posted:
        raise RefusedError("Выберите файл", 400)
    rows = [disk.add_file(portal, user, folder, *one, unique_name=True) for one in posted]
    return f"/docs/{folder.id}/", {"files": [row.id for row in rows]}


def _folder(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`object_id`: the parent folder, `name`."""
    parent = _row(portal, user, form, "folder", rights.ADD)
    row = disk.add_folder(portal, user, parent, text_of(form, "name", "Напишите имя папки"))
    return f"/docs/{parent.id}/", {"object_id": row.id}


def _version(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`object_id`: the file, `file`: its new content."""
    row = _row(portal, user, form, "file", rights.EDIT)
    posted = files_of(form)
    if not posted:
        raise RefusedError("Выберите файл", 400)
    disk.upload_version(portal, user, row, posted[0][1])
    return f"/docs/{row.id}/", {"versions": len(row.versions)}


def _restore(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`object_id`, `version`: the version whose content becomes the present one."""
    row = _row(portal, user, form, "file", rights.EDIT)
    disk.restore_version(portal, user, row, as_int(form.get("version")))
    return f"/docs/{row.id}/", {"versions": len(row.versions)}


def _rename(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`object_id`, `name`."""
    row = _any(portal, user, form, rights.EDIT)
    if row.parent_id is None:
        raise RefusedError("Сам диск переименовать нельзя")
    disk_tree.rename(portal, user, row, text_of(form, "name", "Напишите новое имя"))
    return f"/docs/{row.id if row.kind == 'file' else row.parent_id}/", {"name": row.name}


def _delete(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`object_id`: goes to the recycle bin."""
    row = _any(portal, user, form, rights.EDIT)
    if row.parent_id is None:
        raise RefusedError("Сам диск удалить нельзя")
    disk_tree.to_trash(portal, user, row)
    return f"/docs/{row.parent_id}/", {"object_id": row.id}


ACTS: dict[str, Act] = {
    "disk/upload": _upload,
    "disk/folder": _folder,
    "disk/version": _version,
    "disk/restore": _restore,
    "disk/rename": _rename,
    "disk/delete": _delete,
}
