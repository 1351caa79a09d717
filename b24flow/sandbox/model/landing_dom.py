"""A small tree over HTML: enough to find elements by the selectors of a block and to change them.

Only the standard parser is used. Text is kept as it is written back, with `&`, `<` and `>` escaped, so
nothing in it turns into a tag. Nothing here recurses: how deep a page is nested decides its author.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
     "wbr"]
)  # fmt: skip
_RAW = frozenset(HTMLParser.CDATA_CONTENT_ELEMENTS)
_SIMPLE = re.compile(r"([a-zA-Z][\w-]*)?((?:[.#][\w-]+)*)")


@dataclass(slots=True, eq=False)
class Element:
    """An element; children are elements and pieces of raw text. The root has no tag."""

    tag: str = ""
    attrs: dict[str, str | None] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        """The words of the class attribute."""
        return (self.attrs.get("class") or "").split()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element()
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place].tag == tag:
                del self.open[place:]
                return

    def handle_data(self, data: str) -> None:
        kept = data if self.open[-1].tag in _RAW else escape(data, quote=False)
        self.open[-1].children.append(kept)

    def handle_comment(self, data: str) -> None:
        self.open[-1].children.append(f"<!--{data}-->")


def parse(html: str) -> Element:
    """Read HTML into a tree; whatever is not closed is closed at the end."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root


def write(root: Element) -> str:
    """Write a tree's inside as HTML."""
    parts: list[str] = []
    todo: list[Element | str] = list(reversed(root.children))
    while todo:
        piece = todo.pop()
        if isinstance(piece, str):
            parts.append(piece)
            continue
        parts.append(_start(piece))
        if piece.tag not in _VOID:
            todo.append(f"</{piece.tag}>")
            todo.extend(reversed(piece.children))
    return "".join(parts)


def _start(element: Element) -> str:
    words = (name if value is None else f'{name}="{escape(value)}"' for name, value in element.attrs.items())
    return f"<{' '.join([element.tag, *words])}>"


def walk(root: Element) -> Iterator[tuple[Element, Element]]:
    """Give every element with its parent, in the order of the document."""
    todo = [(child, root) for child in reversed(root.children) if isinstance(child, Element)]
    while todo:
        element, parent = todo.pop()
        yield element, parent
        todo.extend((one, element) for one in reversed(element.children) if isinstance(one, Element))


def clone(element: Element) -> Element:
    """Return a copy of an element with everything inside."""
    made = parse(write(Element(children=[element]))).children[0]
    return made if isinstance(made, Element) else Element("div")


def split_position(selector: str) -> tuple[str, int | None]:
    """Split `.card@2` into the selector and the position, None where no position is named."""
    name, at, place = selector.partition("@")
    return name, (int(place) if place.isdigit() else 0) if at else None


def find(root: Element, selector: str) -> list[tuple[Element, Element]]:
    """Find elements with their parents by a simple selector: a tag, classes, an id."""
    match = _SIMPLE.fullmatch(selector.strip())
    if match is None or not selector.strip():
        return []
    marks = re.findall(r"([.#])([\w-]+)", match[2])
    return [pair for pair in walk(root) if _fits(pair[0], match[1], marks)]


def _fits(element: Element, tag: str | None, marks: list[tuple[str, str]]) -> bool:
    if tag and element.tag != tag.lower():
        return False
    classes = element.classes
    return all(name in classes if kind == "." else element.attrs.get("id") == name for kind, name in marks)
