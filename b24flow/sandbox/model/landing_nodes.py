"""Changing the inside of a block by the selectors of its description.

Facts: api-reference/landing/block/{node-types,methods/**}.md. A selector that the description does
not have changes nothing and is no error.
"""

from __future__ import annotations

import json
import re

from b24flow.sandbox.model.landing_catalogue import CATALOGUE, Kind, source_manifest
from b24flow.sandbox.model.landing_dom import Element, find, parse, split_position, walk, write
from b24flow.sandbox.model.landing_rows import LandingBlock
from b24flow.sandbox.model.landing_sanitizer import sanitize
from b24flow.sandbox.model.landing_sites import refuse
from b24flow.sandbox.wire import Json, Params, as_list, as_map

_TAGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "div", "p", "a", "span"])
_SAFE_NAME = re.compile(r"[A-Za-z][\w:.-]*")


def kind_of_block(block: LandingBlock) -> Kind:
    """Return the library's block a block of a page was made of."""
    return CATALOGUE[block.code]


def _chosen(root: Element, key: str, *, every: bool) -> list[Element]:
    selector, place = split_position(key)
    found = [element for element, _ in find(root, selector)]
    if place is not None:
        return found[place : place + 1]
    return found if every else found[:1]


def update_nodes(block: LandingBlock, data: Params) -> None:
    """Put values into nodes: texts, pictures, links, frames, or attributes of any of them."""
    if not data:
        raise refuse("NODES_NOT_FOUND", "No nodes found for modification")
    known = source_manifest(kind_of_block(block))["nodes"]
    root = parse(block.content)
    for key, value in data.items():
        selector, _ = split_position(key)
        if selector not in known:
            continue
        attributes = as_map(value).get("attrs") if isinstance(value, dict) else None
        if attributes is not None and set(as_map(value)) == {"attrs"}:
            for element in _chosen(root, key, every=True):
                _put_attributes(element, as_map(attributes))
            continue
        for element in _chosen(root, key, every=False):
            _put_value(element, known[selector]["type"], value)
    block.content = write(root)


def _put_value(element: Element, kind: str, value: Json) -> None:
    given = as_map(value)
    if kind == "img":
        _put_image(element, given)
    elif kind == "embed":
        _put_frame(element, given)
    elif kind == "link":
        _put_link(element, given)
    else:
        text = given.get("text", "") if isinstance(value, dict) else value
        _put_text(element, text)


def _put_text(element: Element, text: Json) -> None:
    written = "" if text is None or isinstance(text, dict | list) else str(text)
    element.children = parse(sanitize(written)).children


def _put_image(element: Element, given: Params) -> None:
    secure = {name: str(given.get(name) or "").replace("http://", "https://", 1) for name in ("src", "src2x")}
    if element.tag != "img":  # a picture of the background
        element.attrs["style"] = _css(
            _styles(element) | {"background-image": f"url({sanitize(secure['src'])})"}
        )
        return
    element.attrs["src"] = sanitize(secure["src"])
    element.attrs["alt"] = str(given.get("alt") or "")
    pairs = {
        "srcset": f"{sanitize(secure['src2x'])} 2x" if secure["src2x"] else "",
        "data-fileid": str(given.get("id") or ""),
        "data-fileid2x": str(given.get("id2x") or ""),
        "loading": "lazy" if given.get("isLazy") == "Y" else "",
    }
    _set_or_drop(element, pairs)


def _put_frame(element: Element, given: Params) -> None:
    source = str(given.get("src") or "")
    if source:
        element.attrs["src"] = sanitize(source)
    _set_or_drop(
        element,
        {"data-source": str(given.get("source") or ""), "data-preview": str(given.get("preview") or "")},
    )


def _put_link(element: Element, given: Params) -> None:
    if "text" in given and not given.get("skipContent"):
        _put_text(element, given["text"])
    if "href" in given:
        element.attrs["href"] = sanitize(str(given["href"]))
    own = as_map(given.get("attrs"))
    pairs = {"target": str(given.get("target") or "")}
    pairs |= {name: str(own.get(name) or "") for name in ("data-embed", "data-url")}
    _set_or_drop(element, pairs)


def _set_or_drop(element: Element, pairs: dict[str, str]) -> None:
    for name, value in pairs.items():
        if value:
            element.attrs[name] = value
        else:
            element.attrs.pop(name, None)


def _put_attributes(element: Element, given: Params) -> None:
    for name, value in given.items():
        if _SAFE_NAME.fullmatch(name) and not name.lower().startswith("on"):
            text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
            element.attrs[name] = sanitize(text)


def update_attributes(block: LandingBlock, data: Params) -> None:
    """Set the attributes that the block's description lets be set."""
    kind, root = kind_of_block(block), parse(block.content)
    for key, value in data.items():
        allowed = kind.attrs.get(split_position(key)[0], ())
        given = {name: one for name, one in as_map(value).items() if name in allowed}
        for element in _chosen(root, key, every=True):
            _put_attributes(element, given)
    block.content = write(root)


def update_styles(block: LandingBlock, data: Params) -> None:
    """Replace classes and inline styles of the nodes of a block or of its wrapper."""
    known = source_manifest(kind_of_block(block))["style"]["nodes"]
    root = parse(block.content)
    for key, value in data.items():
        selector = split_position(key)[0]
        if selector == "#wrapper":
            elements = [element for element, _ in walk(root)][:1]
        else:
            elements = _chosen(root, key, every=True) if selector in known else []
        given = as_map(value) if isinstance(value, dict) else {"classList": value}
        for element in elements:
            _put_style(element, given)
    block.content = write(root)


def _put_style(element: Element, given: Params) -> None:
    if "classList" in given:
        element.attrs["class"] = " ".join(str(one) for one in as_list(given["classList"]))
    dropped = {str(one).lower() for one in as_list(given.get("affect"))}
    for nested, _ in walk(element):
        kept = {name: one for name, one in _styles(nested).items() if name not in dropped}
        if "style" in nested.attrs:
            _set_or_drop(nested, {"style": _css(kept)})
    if "style" in given:
        wanted = {str(name).lower(): str(one) for name, one in as_map(given["style"]).items()}
        element.attrs["style"] = sanitize(_css(_styles(element) | wanted))
    elif "background-image" in _styles(element):
        element.attrs["style"] = _css({"background-image": _styles(element)["background-image"]})


def _styles(element: Element) -> dict[str, str]:
    pairs = (one.partition(":") for one in (element.attrs.get("style") or "").split(";"))
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _css(styles: dict[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in styles.items())


def rename_nodes(block: LandingBlock, data: Params) -> None:
    """Change the tags of nodes; a tag that is not allowed becomes `div`."""
    if not data:
        raise refuse("NODES_NOT_FOUND", "No nodes found for modification")
    known, root = kind_of_block(block).nodes, parse(block.content)
    for key, value in data.items():
        if split_position(key)[0] in known:
            for element in _chosen(root, key, every=False):
                tag = str(value).strip().lower()
                element.tag = tag if tag in _TAGS else "div"
    block.content = write(root)
