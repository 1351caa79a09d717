"""Blocks on a page: adding, order, hiding, copying (api-reference/landing/page/block-methods/**)."""

from __future__ import annotations

from b24flow.sandbox.model import landing_blocks as model
from b24flow.sandbox.model.landing_pages import page_for, site_of, touch
from b24flow.sandbox.model.landing_rows import LandingBlock, LandingPage
from b24flow.sandbox.model.landing_sites import kinds_of, may
from b24flow.sandbox.registry import Call
from b24flow.sandbox.rest.landing_base import Args, landing, scope_of
from b24flow.sandbox.rest.landing_pages import own_page
from b24flow.sandbox.rest.landing_show import show_content
from b24flow.sandbox.wire import Json, as_int, as_list, as_map

_DOC = "page/block-methods/landing-landing-"
_ONE = "lid:int* block:int*"


def draft_block(call: Call, args: Args, *, trashed: bool | None = False) -> tuple[LandingPage, LandingBlock]:
    """Return a page the caller may edit and a block of its draft."""
    page = own_page(call, args["lid"], "edit", "Operation is forbidden")
    return page, model.block_for(call.portal, page, args["block"], trashed=trashed)


def changed(call: Call, page: LandingPage, block: LandingBlock) -> Json:
    """Note that the caller changed a block; what methods of change answer."""
    model.touch(call.portal, block, call.user)
    touch(call.portal, page, call.user)
    return True


def _source(call: Call, block_id: int) -> LandingBlock:
    block = call.state.landing_blocks.get(block_id)
    page = call.state.landing_pages.get(block.page_id) if block else None
    site = site_of(call.portal, page) if page else None
    if (
        block is None
        or page is None
        or site is None
        or block.deleted
        or site.kind not in kinds_of(scope_of(call))
    ):
        raise model.missing_block()
    if not may(call.portal, call.user, site, "read"):
        raise model.missing_block()
    return block


@landing("landing.landing.addblock", doc=_DOC + "add-block.md",
         sign="lid:int* fields:array* preventHistory:bool",
         partial="библиотека из 12 блоков с упрощённой разметкой")  # fmt: skip
def addblock(call: Call, args: Args) -> Json:
    """Put a block of the library onto a page, first or after another one."""
    page, fields = own_page(call, args["lid"], "edit", "Operation is forbidden"), as_map(args["fields"])
    content = fields.get("CONTENT")
    text = None if content is None else str(content)
    after = as_int(fields.get("AFTER_ID"))
    block = model.add_block(call.portal, call.user, page, str(fields.get("CODE") or ""), text, after)
    block.active = str(fields.get("ACTIVE", "Y")) != "N"
    changed(call, page, block)
    return show_content(block, editing=True) if fields.get("RETURN_CONTENT") == "Y" else block.id


def _placed(call: Call, block: LandingBlock, params: Json) -> Json:
    shown = as_map(params).get("RETURN_CONTENT") == "Y"
    return {"result": True, "content": show_content(block, editing=True)} if shown else block.id


@landing("landing.landing.copyblock", doc=_DOC + "copy-block.md", sign=_ONE + " params:array")
def copyblock(call: Call, args: Args) -> Json:
    """Copy a block onto a page, last or after another one."""
    page = own_page(call, args["lid"], "edit", "Operation is forbidden")
    source = _source(call, args["block"])
    after = as_int(as_map(args.get("params")).get("AFTER_ID"))
    block = model.copy_block(call.portal, call.user, source, page, after)
    changed(call, page, block)
    return _placed(call, block, args.get("params"))


@landing("landing.landing.moveblock", doc=_DOC + "move-block.md", sign=_ONE + " params:array")
def moveblock(call: Call, args: Args) -> Json:
    """Move a block of a draft to a page, last or after another one."""
    page = own_page(call, args["lid"], "edit", "Operation is forbidden")
    block = _source(call, args["block"])
    own_page(call, block.page_id, "edit", "Operation is forbidden")
    if block.public:
        raise model.missing_block()
    model.move_block(call.portal, block, page, as_int(as_map(args.get("params")).get("AFTER_ID")))
    changed(call, page, block)
    return _placed(call, block, args.get("params"))


@landing("landing.landing.deleteblock", doc=_DOC + "delete-block.md", sign=_ONE)
def deleteblock(call: Call, args: Args) -> Json:
    """Delete a block of a draft for good."""
    page, block = draft_block(call, args)
    model.drop_block(call.portal, block)
    touch(call.portal, page, call.user)
    return True


@landing("landing.landing.markdeletedblock", doc=_DOC + "mark-deleted-block.md",
         sign=_ONE + " mark:bool preventHistory:bool")  # fmt: skip
def markdeletedblock(call: Call, args: Args) -> Json:
    """Mark a block of a draft as deleted, or not with `mark` off."""
    page, block = draft_block(call, args, trashed=None)
    block.deleted = args.get("mark", True)
    return changed(call, page, block)


@landing("landing.landing.markundeletedblock", doc=_DOC + "mark-undeleted-block.md",
         sign=_ONE + " preventHistory:bool")  # fmt: skip
def markundeletedblock(call: Call, args: Args) -> Json:
    """Take the mark of deletion off a block; a hidden one stays hidden."""
    page, block = draft_block(call, args, trashed=None)
    block.deleted = False
    return changed(call, page, block)


@landing("landing.landing.upblock", doc=_DOC + "up-block.md", sign=_ONE + " preventHistory:bool")
def upblock(call: Call, args: Args) -> Json:
    """Move a block one place up."""
    return _shift(call, args, -1)


@landing("landing.landing.downblock", doc=_DOC + "down-block.md", sign=_ONE + " preventHistory:bool")
def downblock(call: Call, args: Args) -> Json:
    """Move a block one place down."""
    return _shift(call, args, 1)


def _shift(call: Call, args: Args, step: int) -> Json:
    page, block = draft_block(call, args)
    model.shift(call.portal, page, block, step)
    return changed(call, page, block)


@landing("landing.landing.hideblock", doc=_DOC + "hide-block.md", sign=_ONE)
def hideblock(call: Call, args: Args) -> Json:
    """Hide a block of a draft."""
    return _show(call, args, active=False)


@landing("landing.landing.showblock", doc=_DOC + "show-block.md", sign=_ONE)
def showblock(call: Call, args: Args) -> Json:
    """Show a hidden block of a draft again."""
    return _show(call, args, active=True)


def _show(call: Call, args: Args, *, active: bool) -> Json:
    page, block = draft_block(call, args)
    block.active = active
    return changed(call, page, block)


@landing("landing.landing.favoriteBlock", doc=_DOC + "favorite-block.md", sign=_ONE + " meta:array")
def favorite_block(call: Call, args: Args) -> Json:
    """Keep a copy of a block in the list of blocks."""
    page = page_for(
        call.portal, call.user, scope_of(call), args["lid"], "edit", text="Operation is forbidden"
    )
    block = model.block_for(call.portal, page, args["block"])
    meta = as_map(args.get("meta"))
    kept: dict[str, object] = {"name": str(meta.get("name") or "")}
    kept["section"] = [str(one) for one in as_list(meta.get("section"))]
    kept["preview"], kept["tpl_code"] = as_int(meta.get("preview")), str(meta.get("tpl_code") or "")
    return model.keep_favourite(call.portal, call.user, block, kept).id


@landing("landing.landing.unFavoriteBlock", doc=_DOC + "unfavorite-block.md", sign="blockId:int*")
def unfavorite_block(call: Call, args: Args) -> Json:
    """Forget a kept copy of one's own."""
    block = call.state.landing_blocks.get(args["blockId"])
    if block is None or block.favourite is None or block.created_by != call.user.id:
        raise model.missing_block("Block not found")
    model.drop_block(call.portal, block)
    return True
