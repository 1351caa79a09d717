"""Folders of a site and the places where a knowledge base is shown (api-reference/landing/site/**,
api-reference/landing/embedding/knowledge-base/**)."""

from __future__ import annotations

from b24flow.sandbox.model import groups
from b24flow.sandbox.model import landing_pages as pages
from b24flow.sandbox.model import landing_sites as model
from b24flow.sandbox.model.landing_rows import LandingBinding, LandingFolder
from b24flow.sandbox.registry import Call
from b24flow.sandbox.rest.landing_base import (
    Args,
    landing,
    moment,
    required,
    scope_of,
    select_rows,
    text_or_none,
)
from b24flow.sandbox.rest.landing_sites import own_site, site_url
from b24flow.sandbox.wire import Json, Params, as_int, as_map, is_yes, yes_no

_KB = "embedding/knowledge-base/"
_NO_SITE = "Site not found or access to it is denied."
_FIELDS = frozenset(
    ["ID", "PARENT_ID", "SITE_ID", "INDEX_ID", "ACTIVE", "DELETED", "TITLE", "CODE", "CREATED_BY_ID",
     "MODIFIED_BY_ID", "DATE_CREATE", "DATE_MODIFY"]
)  # fmt: skip


def _show(folder: LandingFolder) -> Params:
    return {
        "ID": str(folder.id),
        "PARENT_ID": text_or_none(folder.parent_id),
        "SITE_ID": str(folder.site_id),
        "INDEX_ID": text_or_none(folder.index_id),
        "ACTIVE": yes_no(folder.active),
        "DELETED": yes_no(folder.deleted),
        "TITLE": folder.title,
        "CODE": folder.code,
        "CREATED_BY_ID": str(folder.created_by),
        "MODIFIED_BY_ID": str(folder.modified_by),
        "DATE_CREATE": moment(folder.created),
        "DATE_MODIFY": moment(folder.modified),
    }


@landing("landing.site.addFolder", doc="site/landing-site-add-folder.md", sign="siteId:int* fields:array*")
def add_folder(call: Call, args: Args) -> Json:
    """Create a folder."""
    site, fields = own_site(call, args["siteId"], "edit", _NO_SITE), as_map(args["fields"])
    required(fields, "TITLE")
    parent = as_int(fields.get("PARENT_ID")) or None
    pages.check_place(call.portal, site.id, parent)
    code = str(fields.get("CODE") or "")
    folder = model.add_folder(call.portal, call.user, site, str(fields["TITLE"]), code, parent)
    folder.active = is_yes(fields.get("ACTIVE"))
    return folder.id


@landing("landing.site.updateFolder", doc="site/landing-site-update-folder.md",
         sign="siteId:int* folderId:int* fields:array*")  # fmt: skip
def update_folder(call: Call, args: Args) -> Json:
    """Change a folder; without a parent it moves to the root."""
    site, fields = own_site(call, args["siteId"], "edit", _NO_SITE), as_map(args["fields"])
    folder = call.state.landing_folders.get(args["folderId"])
    if folder is None or folder.site_id != site.id:
        raise model.denied(_NO_SITE)
    parent = as_int(fields.get("PARENT_ID")) or None
    pages.check_place(call.portal, site.id, parent)
    if folder in model.chain(call.portal, parent):
        raise model.denied("A folder cannot lie in itself.")
    code = str(fields.get("CODE") or folder.code)
    model.check_folder(call.portal, site.id, parent, code, folder.id)
    folder.parent_id, folder.code = parent, code
    folder.title = str(fields.get("TITLE") or folder.title)
    if "INDEX_ID" in fields:
        folder.index_id = as_int(fields["INDEX_ID"]) or None
    if "ACTIVE" in fields:
        folder.active = is_yes(fields["ACTIVE"])
    model.touch(call.portal, folder, call.user)
    return True


@landing("landing.site.getFolders", doc="site/landing-site-get-folders.md", sign="siteId:int* filter:array",
         reads=True)  # fmt: skip
def get_folders(call: Call, args: Args) -> Json:
    """List the folders of a site, those in the trash only when asked."""
    conditions = as_map(args.get("filter"))
    if not {"DELETED", "=DELETED"} & set(conditions):
        conditions = conditions | {"=DELETED": "N"}
    for key in ("PARENT_ID", "=PARENT_ID"):
        if key in conditions and conditions[key] in (0, "0", None, False, ""):
            conditions = conditions | {key: None}
    seen = {site.id for site in model.seen_sites(call.portal, call.user, scope_of(call))}
    folders = call.state.landing_folders.values()
    rows = [_show(row) for row in folders if row.site_id == args["siteId"] and row.site_id in seen]
    return select_rows({"filter": conditions}, rows, _FIELDS, ())


def _folder(call: Call, folder_id: int, operation: str) -> LandingFolder:
    return model.folder_for(call.portal, call.user, scope_of(call), folder_id, operation)


@landing("landing.site.markFolderDelete", doc="site/landing-site-mark-folder-delete.md",
         sign="id:int* mark:bool", partial="без включаемых областей; корзина не очищается")  # fmt: skip
def mark_folder_delete(call: Call, args: Args) -> Json:
    """Move a folder with all that lies in it to the trash."""
    deleted = args.get("mark", True)
    pages.mark_folder(call.portal, _folder(call, args["id"], "delete"), deleted=deleted)
    return True


@landing("landing.site.markFolderUnDelete", doc="site/landing-site-mark-folder-undelete.md", sign="id:int*")
def mark_folder_undelete(call: Call, args: Args) -> Json:
    """Take a folder with its own pages out of the trash."""
    pages.mark_folder(call.portal, _folder(call, args["id"], "delete"), deleted=False)
    return True


@landing("landing.site.publicationFolder", doc="site/landing-site-publication-folder.md",
         sign="folderId:int* mark:bool")  # fmt: skip
def publication_folder(call: Call, args: Args) -> Json:
    """Switch a folder and those it lies in on."""
    return _switch(call, args["folderId"], active=args.get("mark", True))


@landing("landing.site.unPublicFolder", doc="site/landing-site-unpublic-folder.md", sign="folderId:int*")
def unpublic_folder(call: Call, args: Args) -> Json:
    """Switch a folder and those it lies in off."""
    return _switch(call, args["folderId"], active=False)


def _switch(call: Call, folder_id: int, *, active: bool) -> Json:
    folder = _folder(call, folder_id, "public")
    if folder.deleted:
        raise model.denied("Folder not found or access to it is denied.")
    for one in model.chain(call.portal, folder.id):
        one.active = active
    return True


def _bind(call: Call, site_id: int, kind: str, place: str) -> bool:
    rows = call.state.landing_bindings.values()
    same = [row for row in rows if (row.kind, row.place) == (kind, place)]
    taken = [row for row in same if kind == "G" or row.site_id == site_id]
    sites = {site.id for site in model.seen_sites(call.portal, call.user, scope_of(call)) if not site.deleted}
    if taken or site_id not in sites:
        return False
    number = call.state.next_id("landing_binding")
    call.state.landing_bindings[number] = LandingBinding(id=number, site_id=site_id, kind=kind, place=place)
    return True


def _unbind(call: Call, site_id: int, kind: str, place: str) -> bool:
    rows = call.state.landing_bindings.values()
    found = [row for row in rows if (row.site_id, row.kind, row.place) == (site_id, kind, place)]
    for row in found:
        del call.state.landing_bindings[row.id]
    return bool(found)


def _bindings(call: Call, kind: str, place: str | None) -> Json:
    shown = []
    for row in call.state.landing_bindings.values():
        site = call.state.landing_sites[row.site_id]
        seen = model.may(call.portal, call.user, site, "read") and not site.deleted
        if row.kind == kind and place in (None, row.place) and seen:
            shown.append({"ENTITY_ID": str(site.id), "ENTITY_TYPE": "S", "BINDING_ID": row.place,
                          "TITLE": site.title, "PUBLIC_URL": site_url(call, site)})  # fmt: skip
    return shown


def _may_in_group(call: Call, group_id: int) -> bool:
    group = call.state.groups.get(group_id)
    staff = group is not None and groups.role_of(group, call.user.id) in (groups.OWNER, groups.MODERATOR)
    return group is not None and (call.user.admin or staff)


@landing("landing.site.bindingToMenu", doc=_KB + "landing-site-binding-to-menu.md",
         sign="id:int* menuCode:string*", partial="коды меню не проверяются")  # fmt: skip
def binding_to_menu(call: Call, args: Args) -> Json:
    """Show a knowledge base in a menu; False when it is there already."""
    return _bind(call, args["id"], "M", args["menuCode"])


@landing("landing.site.unbindingFromMenu", doc=_KB + "landing-site-unbinding-from-menu.md",
         sign="id:int* menuCode:string*")  # fmt: skip
def unbinding_from_menu(call: Call, args: Args) -> Json:
    """Take a knowledge base out of a menu."""
    return _unbind(call, args["id"], "M", args["menuCode"])


@landing("landing.site.getMenuBindings", doc=_KB + "landing-site-get-menu-bindings.md",
         sign="menuCode:string", reads=True)  # fmt: skip
def get_menu_bindings(call: Call, args: Args) -> Json:
    """List the menus in which knowledge bases are shown."""
    return _bindings(call, "M", args.get("menuCode"))


@landing("landing.site.bindingToGroup", doc=_KB + "landing-site-binding-to-group.md",
         sign="id:int* groupId:int*")  # fmt: skip
def binding_to_group(call: Call, args: Args) -> Json:
    """Show a knowledge base in a workgroup; a group has one."""
    return _may_in_group(call, args["groupId"]) and _bind(call, args["id"], "G", str(args["groupId"]))


@landing("landing.site.unbindingFromGroup", doc=_KB + "landing-site-unbinding-from-group.md",
         sign="id:int* groupId:int*")  # fmt: skip
def unbinding_from_group(call: Call, args: Args) -> Json:
    """Take a knowledge base out of a workgroup."""
    return _may_in_group(call, args["groupId"]) and _unbind(call, args["id"], "G", str(args["groupId"]))


@landing("landing.site.getGroupBindings", doc=_KB + "landing-site-get-group-bindings.md",
         sign="groupId:int", reads=True)  # fmt: skip
def get_group_bindings(call: Call, args: Args) -> Json:
    """List the workgroups in which knowledge bases are shown."""
    group = args.get("groupId")
    return _bindings(call, "G", None if group is None else str(group))
