"""Blocks as REST shows them (api-reference/landing/block/methods/landing-block-get-*.md)."""

from __future__ import annotations

from b24flow.sandbox.model.landing_catalogue import CATALOGUE, manifest
from b24flow.sandbox.model.landing_rows import LandingBlock, LandingPage, LandingSite
from b24flow.sandbox.model.landing_view import rendered
from b24flow.sandbox.rest.landing_base import moment
from b24flow.sandbox.wire import Params


def show_manifest(block: LandingBlock) -> Params:
    """Return the prepared description of a block of a page."""
    return manifest(CATALOGUE[block.code], int(block.created.timestamp()))


def show_content(block: LandingBlock, *, editing: bool, wrapped: bool = True, hidden: bool = False) -> Params:
    """Return a block with its HTML, resources and description; a hidden one is empty unless asked."""
    content = rendered(block, editing=editing) if wrapped else block.content
    return {
        "id": block.id,
        "sections": ",".join(CATALOGUE[block.code].sections),
        "active": block.active,
        "access": "X",
        "anchor": block.anchor,
        "php": False,
        "designed": block.designed,
        "repoId": None,
        "content": content if block.active or editing or hidden else "",
        "content_ext": "",
        "css": [],
        "js": [],
        "assetStrings": [],
        "lang": [],
        "manifest": show_manifest(block),
        "dynamicParams": [],
    }


def show_block(block: LandingBlock, page: LandingPage, site: LandingSite, *, content: bool) -> Params:
    """Return a block of a list; everything in `meta` is a string."""
    shown: Params = {
        "id": block.id,
        "lid": page.id,
        "code": block.code,
        "name": CATALOGUE[block.code].name,
        "active": block.active,
        "meta": {
            "LID": str(page.id),
            "FAVORITE_META": "",
            "CREATED_BY_ID": str(block.created_by),
            "DATE_CREATE": moment(block.created),
            "MODIFIED_BY_ID": str(block.modified_by),
            "DATE_MODIFY": moment(block.modified),
            "SITE_TYPE": site.kind,
            "LANDING_TITLE": page.title,
            "LANDING_TPL_CODE": "",
            "SITE_TPL_CODE": "",
            "XML_ID": "",
            "DESIGNER_MODE": "",
        },
    }
    return shown | {"content": rendered(block), "css": [], "js": []} if content else shown
