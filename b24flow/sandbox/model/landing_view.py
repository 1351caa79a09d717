"""What an employee sees of a knowledge base: the tree of published pages and a page itself."""

from __future__ import annotations

from html import escape
from typing import Any

from b24flow.sandbox.model.entities import Employee, StoredFile
from b24flow.sandbox.model.landing_pages import blocks_of, page_at, page_path, site_of
from b24flow.sandbox.model.landing_rows import LandingBlock, LandingPage, LandingSite
from b24flow.sandbox.model.landing_sites import chain, may
from b24flow.sandbox.model.portal import Portal


def wrapper_class(block: LandingBlock) -> str:
    """Return the classes of the container the portal puts around a block."""
    return "block-wrapper block-" + block.code.replace(".", "-").replace("_", "-")


def rendered(block: LandingBlock, *, editing: bool = False) -> str:
    """Return a block inside its container."""
    known = f'id="block{block.id}" data-id="{block.id}"' if editing else f'id="{escape(block.anchor)}"'
    return f'<div {known} class="{wrapper_class(block)}">{block.content}</div>'


def is_published(portal: Portal, page: LandingPage) -> bool:
    """Say whether visitors see a page: it, its folders and its site are switched on."""
    site = site_of(portal, page)
    here = page.active and page.public and not page.deleted
    open_way = all(folder.active and not folder.deleted for folder in chain(portal, page.folder_id))
    return here and open_way and site.active and not site.deleted


def knowledge_bases(portal: Portal, user: Employee) -> list[LandingSite]:
    """Return the published knowledge bases an employee may read, by title."""
    rows = [
        site
        for site in portal.state.landing_sites.values()
        if site.kind == "KNOWLEDGE" and site.active and not site.deleted and may(portal, user, site, "read")
    ]
    return sorted(rows, key=lambda site: (site.title, site.id))


def tree(portal: Portal, user: Employee, site: LandingSite) -> list[dict[str, Any]]:
    """Return the published pages of a knowledge base: folders first, each with its pages inside.

    A folder is `{"title", "items"}`, a page is `{"title", "page", "path"}`; empty folders are left out.
    """
    if not may(portal, user, site, "read"):
        return []
    return _level(portal, site, None)


def _level(portal: Portal, site: LandingSite, parent: int | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for folder in portal.state.landing_folders.values():
        if (folder.site_id, folder.parent_id) == (site.id, parent) and not folder.deleted:
            items = _level(portal, site, folder.id)
            if items:
                found.append({"title": folder.title, "items": items})
    found.extend(
        {"title": page.title, "page": page.id, "path": page_path(portal, page)}
        for page in portal.state.landing_pages.values()
        if (page.site_id, page.folder_id) == (site.id, parent) and is_published(portal, page)
    )
    return found


def find_published(portal: Portal, user: Employee, path: str) -> LandingPage | None:
    """Return the published page at an address like `/knowledge/base/folder/page/`, None if not for him."""
    parts = path.strip("/").split("/")
    for site in knowledge_bases(portal, user):
        if parts[:2] == ["knowledge", site.code]:
            page = page_at(portal, site, "/".join(parts[2:]))
            return page if page is not None and is_published(portal, page) else None
    return None


def published_html(portal: Portal, page: LandingPage) -> str:
    """Return the published inside of a page: its visible blocks, already made harmless."""
    if not is_published(portal, page):
        return ""
    return "\n".join(rendered(block) for block in blocks_of(portal, page, public=True) if block.active)


def picture(portal: Portal, file_id: int) -> StoredFile | None:
    """Return a picture that belongs to a block of some page."""
    blocks = portal.state.landing_blocks.values()
    return portal.state.files.get(file_id) if any(file_id in block.files for block in blocks) else None
