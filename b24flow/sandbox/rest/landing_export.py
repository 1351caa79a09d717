"""A site written out for another portal (api-reference/landing/site/landing-site-full-export.md)."""

from __future__ import annotations

import re
from typing import Any

from b24flow.sandbox.model.landing_catalogue import CATALOGUE
from b24flow.sandbox.model.landing_dom import find, parse, write
from b24flow.sandbox.model.landing_pages import blocks_of
from b24flow.sandbox.model.landing_rows import LandingBlock, LandingPage, LandingSite
from b24flow.sandbox.model.landing_sites import chain, kinds_of, may, refuse
from b24flow.sandbox.registry import Call
from b24flow.sandbox.rest.landing_base import Args, landing, scope_of
from b24flow.sandbox.wire import Json, Params, as_list, as_map

_ALWAYS_OUT = {"B24BUTTON_CODE", "FAVICON_PICTURE"}


@landing("landing.site.fullExport", doc="site/landing-site-full-export.md", sign="id:int* params:array",
         reads=True, partial="без шаблонов вида, системных страниц и динамических блоков")  # fmt: skip
def full_export(call: Call, args: Args) -> Json:
    """Return a site with its pages and the values inside their blocks."""
    params = as_map(args.get("params"))
    scope = str(params.get("scope") or "").upper() or scope_of(call)
    site = call.state.landing_sites.get(args["id"])
    if site is None or site.kind not in kinds_of(scope) or not may(call.portal, call.user, site, "read"):
        return []
    rows = call.state.landing_pages.values()
    pages = [row for row in rows if row.site_id == site.id and not row.deleted]
    code = str(params.get("code") or site.code)
    if "code" in params and not re.fullmatch(r"[a-z0-9]+", code):
        raise refuse("SYSTEM_ERROR", "The parameter code can only consist of Latin letters and digits.")
    if not pages or site.deleted:
        return []
    out = _ALWAYS_OUT | {str(one) for one in as_list(params.get("hooks_disable"))}
    alone = params if len(pages) == 1 else {}
    codes = {page.id: page.code for page in pages}
    return {
        "charset": "UTF-8",
        "code": code,
        "site_code": f"/{site.code}/",
        **_described(site.title, site.description, params, site),
        "fields": {
            "ADDITIONAL_FIELDS": _without(site.additional, out),
            "TITLE": site.title,
            "LANDING_ID_INDEX": codes.get(site.index_id or 0, "0"),
            "LANDING_ID_404": codes.get(site.page_404 or 0, "0"),
        },
        "layout": [],
        "folders": _folders(call, pages),
        "syspages": [],
        "items": {page.code: _page(call, page, site, alone, out) for page in pages},
    }


def _described(title: str, description: str | None, params: Params, site: LandingSite) -> Params:
    return {
        "name": str(params.get("name") or title),
        "description": str(params.get("description") or description or ""),
        **{
            name: str(params.get(name) or "") for name in ("preview", "preview2x", "preview3x", "preview_url")
        },
        "show_in_list": "Y",
        "type": site.kind.lower(),
        "version": 3,
    }


def _without(fields: dict[str, Any], out: set[str]) -> Params:
    return {name: value for name, value in fields.items() if name not in out}


def _folders(call: Call, pages: list[LandingPage]) -> Params:
    found: dict[str, list[str]] = {}
    for page in pages:
        for folder in chain(call.portal, page.folder_id)[:1]:
            found.setdefault(folder.code, []).append(page.code)
    return found


def _page(call: Call, page: LandingPage, site: LandingSite, params: Params, out: set[str]) -> Params:
    blocks = blocks_of(call.portal, page, public=False)
    return {
        "old_id": str(page.id),
        "code": page.code,
        **_described(page.title, page.description, params, site),
        "fields": {
            "TITLE": page.title,
            "RULE": None,
            "ADDITIONAL_FIELDS": _without(page.additional, out),
        },
        "layout": [],
        "items": {f"#block{block.id}": _block(block) for block in blocks},
    }


def _block(block: LandingBlock) -> Params:
    kind, root = CATALOGUE[block.code], parse(block.content)
    found = {selector: [one for one, _ in find(root, selector)] for selector in kind.nodes}
    nodes = {
        selector: [
            {name: one.attrs[name] for name in ("href", "src", "target", "alt") if one.attrs.get(name)}
            | {"text": write(one)}
            for one in elements
        ]
        for selector, elements in found.items()
        if elements
    }
    style = {name: [one.attrs.get("class") or "" for one in rows] for name, rows in found.items() if rows}
    shown: Params = {"old_id": block.id, "code": block.code, "access": "X", "anchor": block.anchor}
    return shown | {name: value for name, value in (("nodes", nodes), ("style", style)) if value}
