"""Reading and changing a block, the library of blocks (api-reference/landing/block/methods/**)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from b24flow.sandbox.model import landing_blocks as model
from b24flow.sandbox.model import landing_cards as cards
from b24flow.sandbox.model import landing_nodes as nodes
from b24flow.sandbox.model.crm_fields import decode_base64
from b24flow.sandbox.model.landing_catalogue import CATALOGUE, SECTIONS, Kind, source_manifest
from b24flow.sandbox.model.landing_pages import blocks_of, site_of
from b24flow.sandbox.model.landing_rows import LandingBlock, LandingPage
from b24flow.sandbox.model.landing_sanitizer import sanitize
from b24flow.sandbox.model.landing_sites import code_from, refuse
from b24flow.sandbox.registry import Call
from b24flow.sandbox.rest.landing_base import Args, landing, scope_of, truthy
from b24flow.sandbox.rest.landing_page_blocks import changed, draft_block
from b24flow.sandbox.rest.landing_pages import own_page
from b24flow.sandbox.rest.landing_show import show_block, show_content, show_manifest
from b24flow.sandbox.wire import Json, Params, as_int, as_list, as_map

_DOC = "block/methods/landing-block-"
_LIBRARY = "библиотека из 12 блоков с упрощённой разметкой и описанием"
_SANITIZER = "разрываются script, iframe, on…= и javascript:, прочие правила не документированы"
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")
_CHANGE = "lid:int* block:int* data:array*"


def _blocks(call: Call, page: LandingPage, params: Params) -> list[LandingBlock]:
    draft, deleted = truthy(params, "edit_mode"), truthy(params, "deleted")
    if not draft and not page.public:
        return []
    return blocks_of(call.portal, page, public=not draft, deleted=deleted)


@landing("landing.block.getlist", doc=_DOC + "get-list.md", sign="lid:any* params:array", reads=True)
def getlist(call: Call, args: Args) -> Json:
    """List the blocks of one page or of several, published ones unless the draft is asked for."""
    params = as_map(args.get("params"))
    many = isinstance(args["lid"], dict | list)
    pages = [own_page(call, as_int(one)) for one in (as_list(args["lid"]) if many else [args["lid"]])]
    return [
        show_block(block, page, site_of(call.portal, page), content=truthy(params, "get_content"))
        for page in pages
        for block in _blocks(call, page, params)
    ]


@landing("landing.block.getbyid", doc=_DOC + "get-by-id.md", sign="block:int* params:array", reads=True)
def getbyid(call: Call, args: Args) -> Json:
    """Return one block of the published copy, or of the draft when asked."""
    params = as_map(args.get("params"))
    block = call.state.landing_blocks.get(args["block"])
    page = call.state.landing_pages.get(block.page_id) if block else None
    if block is None or page is None or page.deleted:
        raise model.missing_block("Block not found")
    own = own_page(call, page.id)
    if block not in _blocks(call, own, params):
        raise model.missing_block("Block not found")
    return show_block(block, own, site_of(call.portal, own), content=truthy(params, "get_content"))


@landing("landing.block.getcontent", doc=_DOC + "get-content.md",
         sign="lid:int* block:int* editMode:bool params:array", reads=True, partial=_LIBRARY)  # fmt: skip
def getcontent(call: Call, args: Args) -> Json:
    """Return the ready HTML of a block and its description."""
    page, params = own_page(call, args["lid"]), as_map(args.get("params"))
    editing = args.get("editMode", False)
    block = model.block_for(call.portal, page, args["block"], public=not editing)
    if not editing and not page.public:
        raise model.missing_block("Block not found")
    wrapped = "wrapper_show" not in params or truthy(params, "wrapper_show")
    return show_content(block, editing=editing, wrapped=wrapped, hidden=truthy(params, "force_unactive"))


@landing("landing.block.getmanifest", doc=_DOC + "get-manifest.md", sign="lid:int* block:int* params:array",
         reads=True, partial=_LIBRARY)  # fmt: skip
def getmanifest(call: Call, args: Args) -> Json:
    """Return the prepared description of a block."""
    page = own_page(call, args["lid"])
    draft = truthy(as_map(args.get("params")), "edit_mode")
    return show_manifest(model.block_for(call.portal, page, args["block"], public=not draft))


@landing("landing.block.getmanifestfile", doc=_DOC + "get-manifest-file.md", sign="code:string*", reads=True,
         partial=_LIBRARY)  # fmt: skip
def getmanifestfile(_: Call, args: Args) -> Json:
    """Return the description of a block of the library as its author wrote it."""
    kind = CATALOGUE.get(args["code"].removeprefix("bitrix:"))
    return source_manifest(kind) if kind else []


@landing("landing.block.getContentFromRepository", doc=_DOC + "get-content-from-repository.md",
         sign="code:string*", reads=True, partial=_LIBRARY)  # fmt: skip
def get_content_from_repository(call: Call, args: Args) -> Json:
    """Return the HTML of a block of the library or of a kept one (`code@id`)."""
    code, at, number = args["code"].partition("@")
    if at:
        kept = {block.id: block for block in model.favourites(call.portal)}.get(as_int(number))
        return kept.content if kept is not None and kept.code == code else None
    kind = CATALOGUE.get(code)
    return kind.content if kind else None


@landing("landing.block.getrepository", doc=_DOC + "get-repository.md", sign="section:string", reads=True,
         partial=_LIBRARY)  # fmt: skip
def getrepository(call: Call, args: Args) -> Json:
    """Return the library by sections, or one section; False for an unknown one."""
    scope_of(call)
    kept: dict[str, Any] = {}
    for block in model.favourites(call.portal):
        mine = {"favorite": True, "favoriteMy": block.created_by == call.user.id}
        meta = block.favourite or {}
        named = {"name": meta["name"]} if meta.get("name") else {}
        kept[f"{block.code}@{block.id}"] = _item(call, CATALOGUE[block.code]) | named | mine
    found = {"favourite": _section("Избранное", kept)}
    for code, name in SECTIONS.items():
        own = [kind for kind in CATALOGUE.values() if code in kind.sections]
        found[code] = _section(name, {kind.code: _item(call, kind) for kind in own})
    return found.get(args["section"], False) if "section" in args else found


def _section(name: str, items: dict[str, Any]) -> Params:
    return {"name": name, "meta": [], "new": False, "type": None, "specialType": None, "separator": False,
            "app_code": False, "items": items}  # fmt: skip


def _item(call: Call, kind: Kind) -> Params:
    place = call.base_url.partition(":")[2]
    return {
        "id": None,
        "name": kind.name,
        "namespace": "bitrix",
        "new": False,
        "version": None,
        "type": [],
        "section": list(kind.sections),
        "system": False,
        "description": "",
        "preview": f"{place}/bitrix/blocks/bitrix/{kind.code}/preview.jpg",
        "restricted": False,
        "repo_id": False,
        "app_code": False,
        "only_for_license": "",
        "requires_updates": False,
    }


@landing("landing.block.updatenodes", doc=_DOC + "update-nodes.md",
         sign=_CHANGE + " additional:array preventHistory:bool",
         partial="узлы text, img, link, embed; " + _SANITIZER)  # fmt: skip
def updatenodes(call: Call, args: Args) -> Json:
    """Put values into the nodes of a block of the draft."""
    page, block = draft_block(call, args)
    nodes.update_nodes(block, as_map(args["data"]))
    return changed(call, page, block)


@landing("landing.block.updatecontent", doc=_DOC + "update-content.md",
         sign="lid:int* block:int* content:string* designed:any preventHistory:bool",
         partial=_SANITIZER)  # fmt: skip
def updatecontent(call: Call, args: Args) -> Json:
    """Replace the HTML of a block of the draft; dangerous parts are broken, not refused."""
    page, block = draft_block(call, args)
    block.content = sanitize(args["content"])
    block.designed = block.designed or args.get("designed") in (True, "true", 1)
    return changed(call, page, block)


@landing("landing.block.updateattrs", doc=_DOC + "update-attrs.md", sign=_CHANGE,
         partial="атрибуты есть только у блока формы 33.13")  # fmt: skip
def updateattrs(call: Call, args: Args) -> Json:
    """Set attributes that the block's description lets be set."""
    page, block = draft_block(call, args)
    nodes.update_attributes(block, as_map(args["data"]))
    return changed(call, page, block)


@landing("landing.block.updateStyles", doc=_DOC + "update-styles.md", sign=_CHANGE + " preventHistory:bool")
def update_styles(call: Call, args: Args) -> Json:
    """Replace classes and inline styles inside a block."""
    page, block = draft_block(call, args)
    nodes.update_styles(block, as_map(args["data"]))
    return changed(call, page, block)


@landing("landing.block.changeNodeName", doc=_DOC + "change-node-name.md",
         sign=_CHANGE + " preventHistory:bool")  # fmt: skip
def change_node_name(call: Call, args: Args) -> Json:
    """Change the tags of nodes."""
    page, block = draft_block(call, args)
    nodes.rename_nodes(block, as_map(args["data"]))
    return changed(call, page, block)


@landing("landing.block.changeAnchor", doc=_DOC + "change-anchor.md",
         sign="lid:int* block:int* data:string* preventHistory:bool")  # fmt: skip
def change_anchor(call: Call, args: Args) -> Json:
    """Give a block another anchor; an empty one takes it away."""
    page, block = draft_block(call, args)
    model.set_anchor(block, args["data"])
    return changed(call, page, block)


@landing("landing.block.addcard", doc=_DOC + "add-card.md",
         sign="lid:int* block:int* selector:string* content:string* preventHistory:bool")  # fmt: skip
def addcard(call: Call, args: Args) -> Json:
    """Add a card after the named one."""
    page, block = draft_block(call, args)
    cards.add_card(block, args["selector"], args["content"])
    return changed(call, page, block)


@landing("landing.block.clonecard", doc=_DOC + "clone-card.md",
         sign="lid:int* block:int* selector:string* preventHistory:bool")  # fmt: skip
def clonecard(call: Call, args: Args) -> Json:
    """Copy a card."""
    page, block = draft_block(call, args)
    cards.add_card(block, args["selector"], "")
    return changed(call, page, block)


@landing("landing.block.removecard", doc=_DOC + "remove-card.md",
         sign="lid:int* block:int* selector:string* preventHistory:bool")  # fmt: skip
def removecard(call: Call, args: Args) -> Json:
    """Remove the card at a position."""
    page, block = draft_block(call, args)
    cards.remove_card(block, args["selector"])
    return changed(call, page, block)


@landing("landing.block.updateCards", doc=_DOC + "update-cards.md", sign=_CHANGE,
         partial="без карточек из заготовок (preset)")  # fmt: skip
def update_cards(call: Call, args: Args) -> Json:
    """Set the order of cards and the values in them."""
    page, block = draft_block(call, args)
    cards.update_cards(block, as_map(args["data"]))
    return changed(call, page, block)


@landing("landing.block.uploadfile", doc=_DOC + "upload-file.md",
         sign="block:int* picture:any* ext:string params:array temp:bool",
         partial="изображение только в base64, без загрузки по адресу и изменения размера")  # fmt: skip
def uploadfile(call: Call, args: Args) -> Json:
    """Keep a picture with a block; it is shown after `updatenodes` names its address."""
    block = call.state.landing_blocks.get(args["block"])
    page = call.state.landing_pages.get(block.page_id) if block else None
    if block is None or page is None:
        raise model.missing_block("Block not found")
    own_page(call, page.id, "edit", "Operation is forbidden")
    pair = as_list(args["picture"]) if isinstance(args["picture"], dict | list) else []
    content = decode_base64(pair[1]) if len(pair) == 2 else None
    if content is None or not content.startswith(_PICTURES) or "." not in str(pair[0]):
        raise refuse("FILE_ERROR", "File upload error. The file may not be a graphic.")
    stem, _, extension = str(pair[0]).rpartition(".")
    name = f"{code_from(re.sub(r'[ ()]', '_', stem), 'picture')}.{code_from(extension, 'png')}"
    row = model.attach_file(call.portal, block, name, content)
    return {"id": row.id, "src": f"{call.base_url}/upload/landing/{row.id}/{quote(name)}"}
