"""Pages of sites: addresses, the draft and its publication.

Facts: api-reference/landing/page/**. Whatever is done to a page is done to its draft; visitors see
the copy that the last publication made, while the page, its folders and its site are switched on.
"""

from __future__ import annotations

import re

from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.landing_rows import LandingBlock, LandingFolder, LandingPage, LandingSite
from b24flow.sandbox.model.landing_sites import (
    add_folder,
    chain,
    code_from,
    denied,
    inside,
    kinds_of,
    may,
    refuse,
    word,
)
from b24flow.sandbox.model.portal import Portal

_NUMBERED = re.compile(r"\w+_\d+_\d+")


def page_for(
    portal: Portal,
    user: Employee,
    scope: str,
    page_id: int,
    operation: str = "read",
    *,
    trashed: bool = False,
    text: str = "Access denied",
) -> LandingPage:
    """Return a page of a scope with which the user may do an operation, or refuse.

    A page nobody shows the user does not exist for him; a page in the trash only with `trashed`.
    """
    page = portal.state.landing_pages.get(page_id)
    site = site_of(portal, page) if page else None
    seen = site is not None and site.kind in kinds_of(scope) and may(portal, user, site, "read")
    if page is None or site is None or not seen or (page.deleted and not trashed) or site.deleted:
        raise refuse("LANDING_NOT_EXIST", "Landing not found")
    if not may(portal, user, site, operation):
        raise denied(text)
    return page


def site_of(portal: Portal, page: LandingPage) -> LandingSite:
    """Return the site of a page."""
    return portal.state.landing_sites[page.site_id]


def touch(portal: Portal, page: LandingPage, user: Employee) -> None:
    """Note who changed a page and when."""
    page.modified, page.modified_by = portal.clock.now(), user.id


def page_code(
    portal: Portal, site_id: int, folder_id: int | None, code: str, title: str, own: int = 0
) -> str:
    """Return the code a page gets; a taken one gets four more characters, so a retry makes another page."""
    if "/" in code:
        raise refuse("SLASH_IS_NOT_ALLOWED", "Slash is not allowed in the landing address.")
    if _NUMBERED.fullmatch(code.strip()):
        raise refuse("WRONG_CODE_FORMAT", "Invalid page address.")
    wanted = code.strip() or code_from(title, "") or word(portal, "page", 12)
    rows = portal.state.landing_pages.values()
    place = (site_id, folder_id)
    taken = {row.code for row in rows if (row.site_id, row.folder_id) == place and row.id != own}
    free = wanted
    while free in taken:
        free = f"{wanted}_{word(portal, wanted, 4)}"
    return free


def check_place(portal: Portal, site_id: int, folder_id: int | None) -> None:
    """Refuse a folder that is not on the site."""
    folder = portal.state.landing_folders.get(folder_id) if folder_id else None
    if folder_id and (folder is None or folder.site_id != site_id or folder.deleted):
        raise refuse("FOLDER_NOT_FOUND", "Folder not found")


def add_page(
    portal: Portal, user: Employee, site: LandingSite, title: str, code: str, folder_id: int | None
) -> LandingPage:
    """Create a page, not published."""
    check_place(portal, site.id, folder_id)
    code = page_code(portal, site.id, folder_id, code, title)
    now = portal.clock.now()
    page = LandingPage(
        id=portal.state.next_id("landing_page"),
        site_id=site.id,
        folder_id=folder_id,
        title=title,
        code=code,
        created=now,
        modified=now,
        created_by=user.id,
        modified_by=user.id,
    )
    portal.state.landing_pages[page.id] = page
    return page


def add_page_folder(
    portal: Portal, user: Employee, site: LandingSite, title: str, code: str
) -> LandingFolder:
    """Create a folder the way `landing.landing.add` with `FOLDER` does."""
    return add_folder(portal, user, site, title, code, None)


def blocks_of(
    portal: Portal, page: LandingPage, *, public: bool, deleted: bool = False
) -> list[LandingBlock]:
    """Return the blocks of a page's draft or of its published copy, from the top."""
    rows = [
        row
        for row in portal.state.landing_blocks.values()
        if row.page_id == page.id and row.public == public and row.deleted == deleted
    ]
    return sorted(rows, key=lambda row: (row.sort, row.id))


def delete_page(portal: Portal, page: LandingPage) -> None:
    """Delete a page with its blocks and their files; its site forgets it."""
    state = portal.state
    for block in [row for row in state.landing_blocks.values() if row.page_id == page.id]:
        for number in block.files:
            state.files.pop(number, None)
        del state.landing_blocks[block.id]
    site = site_of(portal, page)
    site.index_id = None if site.index_id == page.id else site.index_id
    for folder in state.landing_folders.values():
        folder.index_id = None if folder.index_id == page.id else folder.index_id
    del state.landing_pages[page.id]


def mark_page(portal: Portal, page: LandingPage, *, deleted: bool) -> None:
    """Move a page to the trash or back; either way it is not published after that."""
    site = site_of(portal, page)
    rows = portal.state.landing_pages.values()
    others = any(row.site_id == site.id and row.id != page.id and not row.deleted for row in rows)
    if deleted and site.index_id == page.id and others:
        raise refuse("CANT_DELETE_MAIN", "The main page of the site cannot be deleted.")
    page.deleted = deleted
    page.active = page.public = False


def mark_folder(portal: Portal, folder: LandingFolder, *, deleted: bool) -> None:
    """Move a folder with what lies in it to the trash, or the folder with its own pages back."""
    folders = list(inside(portal, folder)) if deleted else [folder]
    for one in folders:
        one.deleted = deleted
        for page in portal.state.landing_pages.values():
            if page.folder_id == one.id:
                page.deleted = deleted
                page.active = page.public = False


def publish(portal: Portal, user: Employee, page: LandingPage) -> None:
    """Publish a page: visitors see its present draft; its folders and its site are switched on."""
    _copy_draft(portal, page)
    page.active = page.public = True
    page.date_public = portal.clock.now()
    site_of(portal, page).active = True
    for folder in chain(portal, page.folder_id):
        folder.active = True
    touch(portal, page, user)


def _copy_draft(portal: Portal, page: LandingPage) -> None:
    blocks = portal.state.landing_blocks
    published = {row.draft_id: row for row in blocks.values() if row.page_id == page.id and row.public}
    for draft in blocks_of(portal, page, public=False):
        shown = published.pop(draft.id, None) or _twin(portal, draft)
        for name in ("content", "sort", "active", "anchor", "designed", "modified", "modified_by"):
            setattr(shown, name, getattr(draft, name))
        shown.files = list(draft.files)
    for gone in published.values():
        del blocks[gone.id]


def _twin(portal: Portal, draft: LandingBlock) -> LandingBlock:
    twin = LandingBlock(
        id=portal.state.next_id("landing_block"),
        page_id=draft.page_id,
        code=draft.code,
        content=draft.content,
        sort=draft.sort,
        created=draft.created,
        modified=draft.modified,
        created_by=draft.created_by,
        modified_by=draft.modified_by,
        public=True,
        draft_id=draft.id,
    )
    portal.state.landing_blocks[twin.id] = twin
    return twin


def publish_site(portal: Portal, user: Employee, site: LandingSite) -> None:
    """Publish a site: its pages that are switched on, and all its folders."""
    site.active = True
    for folder in portal.state.landing_folders.values():
        if folder.site_id == site.id and not folder.deleted:
            folder.active = True
    for page in list(portal.state.landing_pages.values()):
        if page.site_id == site.id and page.active and not page.deleted:
            publish(portal, user, page)


def hide_site(portal: Portal, site: LandingSite) -> None:
    """Hide a site with its pages and folders; a page keeps its own switch for the next time."""
    site.active = False
    for page in portal.state.landing_pages.values():
        page.public = page.public and page.site_id != site.id
    for folder in portal.state.landing_folders.values():
        if folder.site_id == site.id and not folder.deleted:
            folder.active = False


def copy_page(
    portal: Portal, user: Employee, page: LandingPage, site: LandingSite, folder: int
) -> LandingPage:
    """Copy a page with its draft into a site; an unfit folder means the site's root."""
    row = portal.state.landing_folders.get(folder)
    place = row.id if row is not None and row.site_id == site.id and not row.deleted else None
    made = add_page(portal, user, site, page.title, page.code, place)
    made.description, made.sitemap, made.tpl_id = page.description, page.sitemap, page.tpl_id
    made.additional = dict(page.additional)
    for block in blocks_of(portal, page, public=False):
        twin = _twin(portal, block)
        twin.page_id, twin.public, twin.draft_id = made.id, False, 0
        twin.active, twin.anchor, twin.designed = block.active, f"b{twin.id}", block.designed
    return made


def is_index(portal: Portal, page: LandingPage) -> bool:
    """Say whether a page opens by the address of its site or of its folder."""
    folder = portal.state.landing_folders.get(page.folder_id or 0)
    return site_of(portal, page).index_id == page.id or (folder is not None and folder.index_id == page.id)


def site_path(site: LandingSite) -> str:
    """Return the address of a site on the portal."""
    start = {"KNOWLEDGE": f"/knowledge/{site.code}/", "GROUP": f"/knowledge/group/{site.code}/",
             "MAINPAGE": "/vibe/"}  # fmt: skip
    return start.get(site.kind, f"/pub/site/{site.code}/")


def page_path(portal: Portal, page: LandingPage) -> str:
    """Return the address of a page on the portal."""
    folders = "".join(f"{folder.code}/" for folder in reversed(chain(portal, page.folder_id)))
    own = "" if is_index(portal, page) else f"{page.code}/"
    return site_path(site_of(portal, page)) + folders + own


def page_at(portal: Portal, site: LandingSite, path: str) -> LandingPage | None:
    """Return the page of a site by its address inside the site."""
    wanted = path.strip("/")
    for page in portal.state.landing_pages.values():
        if page.site_id == site.id and not page.deleted:
            own = page_path(portal, page).removeprefix(site_path(site)).strip("/")
            if own == wanted:
                return page
    return None
