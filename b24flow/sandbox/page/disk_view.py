"""Pages of drives: a folder, a file with its versions."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from b24flow.sandbox.model import disk as model
from b24flow.sandbox.model import disk_rights as rights
from b24flow.sandbox.model.entities import DiskObject, Employee, Storage
from b24flow.sandbox.model.portal import COMMON_STORAGE, Portal
from b24flow.sandbox.page.session import RefusedError, render


def disk(portal: Portal, request: Request, me: Employee) -> Response:
    """Show a folder, or a file with its versions; without a number the common drive."""
    drives = _drives(portal, me)
    number = request.path_params.get("object")
    row = portal.state.objects.get(int(number) if number is not None else drives[0].root_id)
    if row is None or row.deleted:
        raise RefusedError("Папка или файл не найдены: возможно, их удалили", 404)
    level = rights.level(portal, me, row)
    if level < rights.READ:
        raise RefusedError("Доступ к этой папке или файлу закрыт")
    crumbs = _crumbs(portal, me, row)
    shared: dict[str, Any] = {
        "drives": drives,
        "storage": model.storage_of(portal, row),
        "may_add": level >= rights.ADD,
        "may_edit": level >= rights.EDIT,
    }
    if row.kind == "file":
        return render(portal, request, "file.html", file=row, crumbs=crumbs[:-1], **shared)
    words = request.query_params.get("q", "").strip().lower()
    rows = [one for one in model.children_of(portal, row) if rights.level(portal, me, one) >= rights.READ]
    rows.sort(key=lambda one: (one.kind == "file", one.name.lower(), one.id))
    found = [one for one in rows if words in one.name.lower()]
    return render(portal, request, "disk.html", folder=row, crumbs=crumbs, rows=found, words=words, **shared)


def _drives(portal: Portal, me: Employee) -> list[Storage]:
    """Return the drives in the menu: the company's, one's own, others' that were shared whole."""
    seen = [row for row in portal.state.storages.values() if model.may_see(portal, me, row)]
    common = [row for row in seen if row.entity_id == COMMON_STORAGE]
    own = [row for row in seen if (row.entity_type, row.entity_id) == ("user", str(me.id))]
    groups = [row for row in seen if row.entity_type == "group"]
    return [*common, *own, *groups]


def _crumbs(portal: Portal, me: Employee, row: DiskObject) -> list[DiskObject]:
    crumbs = [row]
    while crumbs[0].parent_id is not None:
        parent = portal.state.objects[crumbs[0].parent_id]
        if rights.level(portal, me, parent) < rights.READ:
            break
        crumbs.insert(0, parent)
    return crumbs
