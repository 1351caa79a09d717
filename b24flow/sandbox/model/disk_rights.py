"""Who may do what on a drive: levels that grow, inherited from folder to folder.

Facts: api-reference/disk/{rights/disk-rights-get-tasks,folder/disk-folder-share-to-user,
folder/disk-folder-upload-file}.md. What a drive allows by itself, before anything is granted, is
not documented: the company's drive is open for editing to every employee, a group's to its members, a
private one to its owner; administrators may everything everywhere.
"""

from __future__ import annotations

from b24flow.sandbox.model import groups
from b24flow.sandbox.model.entities import DiskObject, Employee, Storage
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Json, RestError, as_int, as_list, as_map

NOTHING, READ, ADD, EDIT, FULL = 0, 1, 2, 3, 4
LEVELS = {
    "disk_access_read": READ,
    "disk_access_add": ADD,
    "disk_access_edit": EDIT,
    "disk_access_full": FULL,
}
# The ids a portal gives to its access levels; adding is a level that REST does not list.
TASKS = {79: "disk_access_full", 75: "disk_access_edit", 71: "disk_access_read"}
TITLES = {
    "disk_access_full": "Полный доступ",
    "disk_access_edit": "Редактирование",
    "disk_access_read": "Чтение",
}


def denied() -> RestError:
    """Build the refusal of a drive."""
    return RestError("ACCESS_DENIED", "Access denied")


def storage_level(portal: Portal, user: Employee, storage: Storage) -> int:
    """Return what a drive allows a user by itself."""
    if user.admin or (storage.entity_type == "user" and storage.entity_id == str(user.id)):
        return FULL
    if storage.entity_type == "group":
        return _group_level(portal, user, int(storage.entity_id))
    return EDIT if storage.entity_type == "common" else NOTHING


def _group_level(portal: Portal, user: Employee, group_id: int) -> int:
    group = portal.state.groups.get(group_id)
    if group is None or not groups.role_of(group, user.id):
        return NOTHING
    if groups.may_manage(group, user):
        return FULL
    return EDIT if groups.may_do(group, user, "files", "write") else READ


def level(portal: Portal, user: Employee, row: DiskObject) -> int:
    """Return a user's level on an object: the drive's own, or more by a grant on it or above it."""
    best = storage_level(portal, user, portal.state.storages[row.storage_id])
    codes = access_codes(portal, user)
    node: DiskObject | None = row
    while node is not None and best < FULL:
        best = max([best, *(LEVELS[name] for code, name in node.rights.items() if code in codes)])
        node = portal.state.objects.get(node.parent_id) if node.parent_id is not None else None
    return best


def require(portal: Portal, user: Employee, row: DiskObject, needed: int) -> None:
    """Refuse a user who has less than a level on an object."""
    if level(portal, user, row) < needed:
        raise denied()


def access_codes(portal: Portal, user: Employee) -> set[str]:
    """Return every code under which rights may be given to a user."""
    codes = {"*", f"U{user.id}"}
    for number in user.departments:
        codes.add(f"D{number}")
        above: int | None = number
        while above is not None and f"DR{above}" not in codes:
            codes.add(f"DR{above}")
            department = portal.state.departments.get(above)
            above = department.parent if department else None
    return codes


def read_rights(given: Json) -> dict[str, str]:
    """Read the `rights` of an upload or of a new folder: pairs of TASK_ID and ACCESS_CODE."""
    rights: dict[str, str] = {}
    for one in as_list(given):
        row = as_map(one)
        name, code = TASKS.get(as_int(row.get("TASK_ID"))), str(row.get("ACCESS_CODE") or "")
        if name is None or not code:
            raise RestError("", "Invalid rights format")
        rights[code] = name
    return rights


def share(portal: Portal, user: Employee, folder: DiskObject, *, to: int, name: str) -> None:
    """Give another user a level on a folder, never above one's own."""
    own = level(portal, user, folder)
    if own < READ or LEVELS.get(name, FULL + 1) > own or portal.user(to) is None:
        raise denied()
    folder.rights[f"U{to}"] = name
