"""Cards of a block: elements that repeat, such as the items of a menu.

Facts: api-reference/landing/block/methods/landing-block-{add,clone,remove}-card.md and
landing-block-update-cards.md.
"""

from __future__ import annotations

from b24flow.sandbox.model.landing_dom import Element, clone, find, parse, split_position, write
from b24flow.sandbox.model.landing_nodes import kind_of_block, update_nodes
from b24flow.sandbox.model.landing_rows import LandingBlock
from b24flow.sandbox.model.landing_sanitizer import sanitize
from b24flow.sandbox.model.landing_sites import refuse
from b24flow.sandbox.wire import Json, Params, as_int, as_list, as_map


def _card(block: LandingBlock, root: Element, key: str) -> tuple[Element, Element]:
    selector, place = split_position(key)
    found = find(root, selector) if selector in kind_of_block(block).cards else []
    if not 0 <= (place or 0) < len(found):
        raise refuse("CARD_NOT_FOUND", "Card not found in the block")
    return found[place or 0]


def _place(parent: Element, card: Element) -> int:
    return next(place for place, one in enumerate(parent.children) if one is card)


def add_card(block: LandingBlock, key: str, content: str) -> None:
    """Put a new card after the named one, or first when no position is named; empty HTML copies it."""
    root = parse(block.content)
    card, parent = _card(block, root, key)
    made = parse(sanitize(content)).children if content.strip() else [clone(card)]
    place = _place(parent, card) + (split_position(key)[1] is not None)
    parent.children[place:place] = made
    block.content = write(root)


def remove_card(block: LandingBlock, key: str) -> None:
    """Take out the card at a named position."""
    root = parse(block.content)
    if split_position(key)[1] is None:
        raise refuse("CARD_NOT_FOUND", "Card not found in the block")
    card, parent = _card(block, root, key)
    del parent.children[_place(parent, card)]
    block.content = write(root)


def update_cards(block: LandingBlock, data: Params) -> None:
    """Set the order and number of cards by their present places, then the values of their nodes."""
    for selector, wanted in data.items():
        if selector not in kind_of_block(block).cards:
            continue
        given = as_map(wanted)
        if "source" in given:
            _arrange(block, selector, as_list(given["source"]))
        for values in as_list(given.get("values")):
            if isinstance(values, dict) and values:
                update_nodes(block, values)


def _arrange(block: LandingBlock, selector: str, sources: list[Json]) -> None:
    root = parse(block.content)
    found = find(root, selector)
    if not found:
        return
    places = [as_int(as_map(one).get("value")) for one in sources if _is_card(one)]
    chosen = [clone(found[place][0]) for place in places if 0 <= place < len(found)]
    parent, first = found[0][1], _place(found[0][1], found[0][0])
    gone = [card for card, _ in found]
    rest = [one for one in parent.children[first:] if not any(one is card for card in gone)]
    parent.children[first:] = [*chosen, *rest]
    block.content = write(root)


def _is_card(source: Json) -> bool:
    return str(as_map(source).get("type", "card")) == "card"
