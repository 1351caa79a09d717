"""A new page put into the menu of a block (`BLOCK_ID` and `MENU_CODE` of `landing.landing.add`)."""

from __future__ import annotations

from html import escape

from b24flow.sandbox.model.landing_catalogue import CATALOGUE
from b24flow.sandbox.model.landing_dom import find, parse, write
from b24flow.sandbox.model.landing_pages import page_path
from b24flow.sandbox.model.landing_rows import LandingPage
from b24flow.sandbox.registry import Call
from b24flow.sandbox.wire import Params, as_int

_ITEM, _LINK = ".landing-block-node-menu-list-item", "landing-block-node-menu-list-item-link"


def append_to_menu(call: Call, page: LandingPage, fields: Params) -> None:
    """Add a link to a page at the end of a menu block of the same site's draft; an unfit block stays."""
    block = call.state.landing_blocks.get(as_int(fields.get("BLOCK_ID")))
    host = call.state.landing_pages.get(block.page_id) if block else None
    if block is None or host is None or block.public or not fields.get("MENU_CODE"):
        return
    if host.site_id != page.site_id or _ITEM not in CATALOGUE[block.code].cards:
        return
    root = parse(block.content)
    found = find(root, _ITEM)
    if found:
        link = f'<a class="{_LINK} nav-link" href="{page_path(call.portal, page)}" target="_self">'
        item = f'<li class="{_ITEM[1:]} nav-item">{link}{escape(page.title)}</a></li>'
        found[-1][1].children.extend(parse(item).children)
        block.content = write(root)
