"""Blocks of a page's draft: adding, order, hiding, deleting, keeping as templates.

Facts: api-reference/landing/page/block-methods/**, api-reference/landing/block/methods/**.
"""

from __future__ import annotations

import re

from b24flow.sandbox.model.entities import Employee, StoredFile
from b24flow.sandbox.model.landing_catalogue import kind_of
from b24flow.sandbox.model.landing_pages import blocks_of
from b24flow.sandbox.model.landing_rows import LandingBlock, LandingPage
from b24flow.sandbox.model.landing_sanitizer import sanitize
from b24flow.sandbox.model.landing_sites import refuse
from b24flow.sandbox.model.portal import Portal

_ANCHOR = re.compile(r"[A-Za-z][A-Za-z0-9._:-]+")


def missing_block(text: str = "Block not found in the landing") -> Exception:
    """Build the refusal of a block that is not there."""
    return refuse("BLOCK_NOT_FOUND", text)


def block_for(
    portal: Portal, page: LandingPage, block_id: int, *, public: bool = False, trashed: bool | None = False
) -> LandingBlock:
    """Return a block of a page's draft or published copy; `trashed` None means either."""
    block = portal.state.landing_blocks.get(block_id)
    if block is None or block.page_id != page.id or block.public != public:
        raise missing_block()
    if trashed is not None and block.deleted != trashed:
        raise missing_block()
    return block


def touch(portal: Portal, block: LandingBlock, user: Employee) -> None:
    """Note who changed a block and when."""
    block.modified, block.modified_by = portal.clock.now(), user.id


def add_block(
    portal: Portal, user: Employee, page: LandingPage, code: str, content: str | None = None, after: int = 0
) -> LandingBlock:
    """Put a block of the library after another one, or first."""
    kind = kind_of(code)
    if content is not None and not content.strip():
        raise missing_block("Block not found")
    block = _new(portal, user, page.id, code, kind.content if content is None else sanitize(content))
    _insert(portal, page, block, after, last=False)
    return block


def _new(portal: Portal, user: Employee, page_id: int, code: str, content: str) -> LandingBlock:
    now = portal.clock.now()
    block = LandingBlock(
        id=portal.state.next_id("landing_block"),
        page_id=page_id,
        code=code,
        content=content,
        sort=0,
        created=now,
        modified=now,
        created_by=user.id,
        modified_by=user.id,
    )
    block.anchor = f"b{block.id}"
    portal.state.landing_blocks[block.id] = block
    return block


def _insert(portal: Portal, page: LandingPage, block: LandingBlock, after: int, *, last: bool) -> None:
    order = [row for row in blocks_of(portal, page, public=False) if row is not block]
    place = next(
        (number + 1 for number, row in enumerate(order) if row.id == after), len(order) if last else 0
    )
    order.insert(place, block)
    for number, row in enumerate(order, 1):
        row.sort = number * 500


def shift(portal: Portal, page: LandingPage, block: LandingBlock, step: int) -> None:
    """Move a block one place up (-1) or down (1)."""
    order = blocks_of(portal, page, public=False)
    place = order.index(block) + step
    if not 0 <= place < len(order):
        raise refuse("BLOCK_WRONG_SORT", "Out of sort range or block not found")
    order.remove(block)
    order.insert(place, block)
    for number, row in enumerate(order, 1):
        row.sort = number * 500


def copy_block(
    portal: Portal, user: Employee, block: LandingBlock, page: LandingPage, after: int
) -> LandingBlock:
    """Copy a block onto a page, after another one or last."""
    made = _new(portal, user, page.id, block.code, block.content)
    made.active, made.designed, made.files = block.active, block.designed, list(block.files)
    _insert(portal, page, made, after, last=True)
    return made


def move_block(portal: Portal, block: LandingBlock, page: LandingPage, after: int) -> None:
    """Move a block to a page, after another one or last; it keeps its id."""
    block.page_id = page.id
    _insert(portal, page, block, after, last=True)


def drop_block(portal: Portal, block: LandingBlock) -> None:
    """Delete a block and the files nobody else needs."""
    del portal.state.landing_blocks[block.id]
    needed = {number for row in portal.state.landing_blocks.values() for number in row.files}
    for number in block.files:
        if number not in needed:
            portal.state.files.pop(number, None)


def set_anchor(block: LandingBlock, anchor: str) -> None:
    """Give a block another anchor; an empty one puts its own back."""
    if anchor and not _ANCHOR.fullmatch(anchor):
        raise refuse(
            "BAD_ANCHOR",
            "The anchor must start with a character from a-z and may only contain characters from "
            '"a-z", "0-9", "-", "_", ".", ":"',
        )
    block.anchor = anchor or f"b{block.id}"


def keep_favourite(
    portal: Portal, user: Employee, block: LandingBlock, meta: dict[str, object]
) -> LandingBlock:
    """Keep a copy of a block as the user's template."""
    made = _new(portal, user, 0, block.code, block.content)
    made.favourite = dict(meta)
    made.files = list(block.files)
    return made


def favourites(portal: Portal) -> list[LandingBlock]:
    """Return the templates kept by users."""
    return [row for row in portal.state.landing_blocks.values() if row.favourite is not None]


def attach_file(portal: Portal, block: LandingBlock, name: str, content: bytes) -> StoredFile:
    """Keep a picture with a block; it is shown only when a node refers to it."""
    row = StoredFile(id=portal.state.next_id("file", 30000), name=name, content=content)
    portal.state.files[row.id] = row
    block.files.append(row.id)
    return row
