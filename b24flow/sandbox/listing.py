"""A page of a long table: read by index where one serves, by a scan and a sort where none does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from b24flow.sandbox.model.indexes import Walk
from b24flow.sandbox.registry import PAGE_SIZE, Call, Page, offset_of, paginate

Sort = Callable[[list[Any]], list[Any]]


def walk_page(
    call: Call, walk: Walk, table: dict[int, Any], *, fits: Callable[[Any], bool], sort: Sort
) -> Page:
    """Return a page of rows as `result`; the answer is the same whichever way it was reached."""
    if walk.ordered and walk.exact:
        return _slice(call, walk, table)
    if walk.ordered and call.start < 0:  # nobody asks how many there are: stop at a full page
        return Page(result=list(islice((r for r in map(table.__getitem__, walk.ids) if fits(r)), PAGE_SIZE)))
    ids = walk.ids if walk.ordered else sorted(walk.ids)
    rows = [row for row in map(table.__getitem__, ids) if fits(row)]
    return paginate(call, rows if walk.ordered else sort(rows))


def _slice(call: Call, walk: Walk, table: dict[int, Any]) -> Page:
    offset, total = offset_of(call), len(walk.ids)
    counted, more = call.start >= 0, offset + PAGE_SIZE < total
    return Page(
        result=[table[one] for one in walk.ids[offset : offset + PAGE_SIZE]],
        total=total if counted else None,
        next=offset + PAGE_SIZE if counted and more else None,
    )
