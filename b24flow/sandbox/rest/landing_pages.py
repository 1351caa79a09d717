"""Pages (api-reference/landing/page/methods/**)."""

from __future__ import annotations

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.model import landing_blocks as blocks
from b24flow.sandbox.model import landing_pages as model
from b24flow.sandbox.model.landing_rows import LandingPage, LandingSite
from b24flow.sandbox.model.landing_sites import denied, kinds_of, may, refuse, seen_sites
from b24flow.sandbox.registry import Call
from b24flow.sandbox.rest.landing_base import (
    Args,
    landing,
    moment,
    required,
    scope_of,
    select_rows,
    text_or_none,
    truthy,
)
from b24flow.sandbox.rest.landing_menu import append_to_menu
from b24flow.sandbox.rest.landing_sites import NO_PREVIEW, own_site
from b24flow.sandbox.wire import Json, Params, as_int, as_list, as_map, is_yes, yes_no

_DOC = "page/methods/landing-landing-"
_FIELDS = frozenset(
    ["ID", "TITLE", "CODE", "SITE_ID", "FOLDER_ID", "TPL_ID", "ACTIVE", "DELETED", "DESCRIPTION", "XML_ID",
     "SITEMAP", "FOLDER", "RULE", "CREATED_BY_ID", "MODIFIED_BY_ID", "DATE_CREATE", "DATE_MODIFY",
     "DATE_PUBLIC"]
)  # fmt: skip


def own_page(call: Call, page_id: int, operation: str = "read", text: str = "Access denied") -> LandingPage:
    """Return a page of the call's scope with which the caller may do an operation."""
    return model.page_for(call.portal, call.user, scope_of(call), page_id, operation, text=text)


def page_url(call: Call, page: LandingPage) -> str:
    """Return the full address of a page."""
    return call.base_url + model.page_path(call.portal, page)


def _show(page: LandingPage) -> Params:
    return {
        "ID": str(page.id),
        "TITLE": page.title,
        "CODE": page.code,
        "SITE_ID": str(page.site_id),
        "FOLDER_ID": text_or_none(page.folder_id),
        "TPL_ID": text_or_none(page.tpl_id),
        "ACTIVE": yes_no(page.active),
        "DELETED": yes_no(page.deleted),
        "DESCRIPTION": page.description,
        "XML_ID": page.xml_id,
        "SITEMAP": yes_no(page.sitemap),
        "FOLDER": yes_no(page.folder),
        "RULE": None,
        "CREATED_BY_ID": str(page.created_by),
        "MODIFIED_BY_ID": str(page.modified_by),
        "DATE_CREATE": moment(page.created),
        "DATE_MODIFY": moment(page.modified),
        "DATE_PUBLIC": moment(page.date_public),
        "DOMAIN_ID": "0",
    }


@landing("landing.landing.add", doc=_DOC + "add.md", sign="fields:array*")
def add(call: Call, args: Args) -> Json:
    """Create a page, or a folder with `FOLDER`."""
    fields = as_map(args["fields"])
    required(fields, "TITLE")
    site = _target(call, as_int(fields.get("SITE_ID")))
    if fields.get("CODE") == "" and "FOLDER" not in fields:
        raise refuse("CANT_BE_EMPTY", "The page address cannot be empty")
    title, code = str(fields["TITLE"]), str(fields.get("CODE") or "")
    if is_yes(fields.get("FOLDER")):
        return model.add_page_folder(call.portal, call.user, site, title, code).id
    folder_id = as_int(fields.get("FOLDER_ID")) or None
    page = model.add_page(call.portal, call.user, site, title, code, folder_id)
    _put(page, fields)
    append_to_menu(call, page, fields)
    return page.id


def _target(call: Call, site_id: int) -> LandingSite:
    site = call.state.landing_sites.get(site_id)
    if site is None or site.kind not in kinds_of(scope_of(call)) or site.deleted:
        raise refuse("SITE_NOT_FOUND", "Site not found")
    if not may(call.portal, call.user, site, "edit"):
        raise denied("Access to create the page is denied.")
    return site


def _put(page: LandingPage, fields: Params) -> None:
    for name, attribute in (("DESCRIPTION", "description"), ("XML_ID", "xml_id")):
        if name in fields:
            setattr(page, attribute, str(fields[name] or "")[:255] or None)
    if "SITEMAP" in fields:
        page.sitemap = is_yes(fields["SITEMAP"])
    if "TPL_ID" in fields:
        page.tpl_id = as_int(fields["TPL_ID"]) or None
    page.additional |= as_map(fields.get("ADDITIONAL_FIELDS"))


@landing("landing.landing.update", doc=_DOC + "update.md", sign="lid:int* fields:array*")
def update(call: Call, args: Args) -> Json:
    """Change the fields of a page; `DELETED` moves it to the trash and back."""
    fields = as_map(args["fields"])
    page = _any_page(call, args["lid"], "edit")
    if "SITE_ID" in fields:
        page.site_id = _target(call, as_int(fields["SITE_ID"])).id
    if fields.get("CODE") == "" and "FOLDER" not in fields:
        raise refuse("CANT_BE_EMPTY", "The page address cannot be empty")
    folder = (as_int(fields["FOLDER_ID"]) or None) if "FOLDER_ID" in fields else page.folder_id
    model.check_place(call.portal, page.site_id, folder)
    title = str(fields.get("TITLE") or page.title)
    if "CODE" in fields or folder != page.folder_id:
        code = str(fields.get("CODE", page.code) or "")
        page.code = model.page_code(call.portal, page.site_id, folder, code, title, page.id)
    page.title, page.folder_id = title, folder
    if "FOLDER" in fields:
        page.folder = is_yes(fields["FOLDER"])
    _put(page, fields)
    _put_guarded(call, page, fields)
    model.touch(call.portal, page, call.user)
    return True


def _any_page(
    call: Call, page_id: int, operation: str, text: str = "Access denied", *, scoped: bool = True
) -> LandingPage:
    """Methods that change a page by its row refuse an unknown one as one without rights."""
    page = call.state.landing_pages.get(page_id)
    site = model.site_of(call.portal, page) if page else None
    fits = site is not None and (not scoped or site.kind in kinds_of(scope_of(call)))
    if page is None or site is None or not fits or not may(call.portal, call.user, site, operation):
        raise denied(text)
    return page


def _put_guarded(call: Call, page: LandingPage, fields: Params) -> None:
    site = model.site_of(call.portal, page)
    if "DELETED" in fields:
        if not may(call.portal, call.user, site, "delete"):
            raise denied("Access to delete the page is denied.")
        model.mark_page(call.portal, page, deleted=is_yes(fields["DELETED"]))
    if "DATE_PUBLIC" in fields:
        if not may(call.portal, call.user, site, "public"):
            raise denied("Publishing access to the page is denied.")
        page.date_public = parse_moment(fields["DATE_PUBLIC"], call.portal.clock.zone)


@landing("landing.landing.getList", doc=_DOC + "get-list.md", sign="params:array", reads=True,
         partial="без изображений предпросмотра, включаемых областей и группировки")  # fmt: skip
def get_list(call: Call, args: Args) -> Json:
    """List the pages of the scope's living sites that the caller may read."""
    params = as_map(args.get("params"))
    conditions = {
        key: one
        for key, one in as_map(params.get("filter")).items()
        if "." not in key and key != "CHECK_PERMISSIONS"
    }
    seen = {site.id for site in seen_sites(call.portal, call.user, scope_of(call)) if not site.deleted}
    if not {"DELETED", "=DELETED"} & set(conditions):
        conditions["=DELETED"] = "N"
    hidden = {row.id for row in call.state.landing_folders.values() if row.deleted}
    by_site = bool({"SITE_ID", "=SITE_ID"} & set(conditions))
    rows = [
        _show(page) | _extra(call, page, params)
        for page in call.state.landing_pages.values()
        if page.site_id in seen and not (by_site and page.folder_id in hidden)
    ]
    select = [one for one in as_list(params.get("select")) if "." not in str(one)]
    always = ("ID", *(name for name in ("PUBLIC_URL", "PREVIEW", "IS_AREA") if rows and name in rows[0]))
    query = params | {"filter": conditions, "select": select}
    return select_rows(query, rows, _FIELDS, (*always, "DOMAIN_ID"))


def _extra(call: Call, page: LandingPage, params: Params) -> Params:
    values = {"get_urls": ("PUBLIC_URL", page_url(call, page)), "get_preview": ("PREVIEW", NO_PREVIEW),
              "check_area": ("IS_AREA", False)}  # fmt: skip
    return dict(pair for name, pair in values.items() if truthy(params, name))


@landing("landing.landing.getpublicurl", doc=_DOC + "get-public-url.md", sign="lid:int*", reads=True)
def get_public_url(call: Call, args: Args) -> Json:
    """Return the full address of a page."""
    return page_url(call, own_page(call, args["lid"]))


@landing("landing.landing.getpreview", doc=_DOC + "get-preview.md", sign="lid:int*", reads=True,
         partial="изображения предпросмотра не строятся")  # fmt: skip
def get_preview(call: Call, args: Args) -> Json:
    """Return the picture shown where a page has none."""
    own_page(call, args["lid"])
    return NO_PREVIEW


@landing("landing.landing.getadditionalfields", doc=_DOC + "get-additional-fields.md", sign="lid:int*",
         reads=True)  # fmt: skip
def get_additional_fields(call: Call, args: Args) -> Json:
    """Return the additional fields of a page that are not empty."""
    page = own_page(call, args["lid"])
    return {name: value for name, value in page.additional.items() if value not in (None, "", [])}


@landing("landing.landing.resolveIdByPublicUrl", doc=_DOC + "resolve-id-by-public-url.md",
         sign="landingUrl:string* siteId:int*", reads=True)  # fmt: skip
def resolve_id_by_public_url(call: Call, args: Args) -> Json:
    """Return the id of the page at an address inside a site, null when there is none."""
    seen = {site.id: site for site in seen_sites(call.portal, call.user, scope_of(call))}
    site = seen.get(args["siteId"])
    page = model.page_at(call.portal, site, args["landingUrl"]) if site else None
    return page.id if page else None


@landing("landing.landing.publication", doc=_DOC + "publication.md", sign="lid:int*")
def publication(call: Call, args: Args) -> Json:
    """Publish the present draft of a page."""
    page = own_page(call, args["lid"], "public", "Publishing access to the page is denied.")
    model.publish(call.portal, call.user, page)
    return True


@landing("landing.landing.unpublic", doc=_DOC + "unpublic.md", sign="lid:int*")
def unpublic(call: Call, args: Args) -> Json:
    """Hide a page."""
    page = own_page(call, args["lid"], "public", "Publishing access to the page is denied.")
    page.active = page.public = False
    return True


@landing("landing.landing.delete", doc=_DOC + "delete.md", sign="lid:int*")
def delete(call: Call, args: Args) -> Json:
    """Delete a page for good, one from the trash too."""
    text = "Access to delete the page is denied."
    page = model.page_for(
        call.portal, call.user, scope_of(call), args["lid"], "delete", trashed=True, text=text
    )
    model.delete_page(call.portal, page)
    return True


@landing("landing.landing.markDelete", doc=_DOC + "mark-delete.md", sign="lid:int* mark:bool",
         partial="корзина не очищается через 30 дней")  # fmt: skip
def mark_delete(call: Call, args: Args) -> Json:
    """Move a page to the trash, or back with `mark` off."""
    return _mark(call, args["lid"], deleted=args.get("mark", True))


@landing("landing.landing.markUnDelete", doc=_DOC + "mark-undelete.md", sign="lid:int*")
def mark_undelete(call: Call, args: Args) -> Json:
    """Take a page out of the trash, of any scope: the documented call has none; it stays unpublished."""
    return _mark(call, args["lid"], deleted=False, scoped=False)


def _mark(call: Call, page_id: int, *, deleted: bool, scoped: bool = True) -> Json:
    page = _any_page(call, page_id, "delete", "Access to delete the page is denied.", scoped=scoped)
    model.mark_page(call.portal, page, deleted=deleted)
    return page.id


@landing("landing.landing.copy", doc=_DOC + "copy.md",
         sign="lid:int* toSiteId:int toFolderId:int skipSystem:bool")  # fmt: skip
def copy(call: Call, args: Args) -> Json:
    """Copy a page with its draft; an unfit folder means the root of the target."""
    page = model.page_for(call.portal, call.user, scope_of(call), args["lid"], trashed=True)
    site = _target(call, args.get("toSiteId") or page.site_id)
    return model.copy_page(call.portal, call.user, page, site, args.get("toFolderId", 0)).id


@landing("landing.landing.move", doc=_DOC + "move.md", sign="lid:int* toSiteId:int toFolderId:int")
def move(call: Call, args: Args) -> Json:
    """Move a page to another site or to a folder of its own site, not both at once."""
    page = own_page(call, args["lid"])
    if not may(call.portal, call.user, model.site_of(call.portal, page), "delete"):
        raise refuse("DELETE_ACCESS_DENIED", "Access to delete the page is denied.")
    site = own_site(call, args.get("toSiteId") or page.site_id, "edit")
    folder = args.get("toFolderId") or None
    model.check_place(call.portal, page.site_id if folder else site.id, folder)
    if folder and site.id != page.site_id:
        raise refuse("FOLDER_NOT_FOUND", "Folder not found")
    page.code = model.page_code(call.portal, site.id, folder, page.code, page.title, page.id)
    page.site_id, page.folder_id = site.id, folder
    model.touch(call.portal, page, call.user)
    return True


@landing("landing.landing.removeEntities", doc=_DOC + "remove-entities.md", sign="lid:int* data:array*")
def remove_entities(call: Call, args: Args) -> Json:
    """Delete blocks of a draft and forget pictures of others; what is not there is passed over."""
    page = own_page(call, args["lid"], "edit")
    data = as_map(args["data"])
    drafts = {row.id: row for row in model.blocks_of(call.portal, page, public=False)}
    gone = {as_int(one) for one in as_list(data.get("blocks"))} & set(drafts)
    for pair in map(as_map, as_list(data.get("images"))):
        block = drafts.get(as_int(pair.get("block")))
        if block is not None and block.id not in gone and as_int(pair.get("image")) in block.files:
            block.files.remove(as_int(pair.get("image")))
    for number in sorted(gone):
        blocks.drop_block(call.portal, drafts[number])
    return True
