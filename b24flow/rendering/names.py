"""Which names a template uses, followed through its loops: `one.executor` inside `for one in points`.

Jinja itself tells only the outermost names; a misspelt field of a row would be found on the day when the
first row comes. Here every path is found without data and compared with what is declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from b24flow.core.rendition import Name

if TYPE_CHECKING:
    from jinja2 import nodes

LOOP = "loop"
ROWS = "[]"
"""A step of a path that goes from a list to its rows."""

_LOOP_NAMES = frozenset({"index", "index0", "first", "last", "length", "revindex", "odd", "even"})
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameUse:
    """A path from the outermost name; `text` is how the template writes it."""

    path: Path
    text: str


def name_uses(tree: nodes.Template) -> tuple[NameUse, ...]:
    """Return every use, each once, in the order of the template."""
    return tuple(dict.fromkeys(_walk(tree, {})))


def _walk(node: nodes.Node, scope: Mapping[str, Path]) -> Iterator[NameUse]:
    from jinja2 import nodes as n  # noqa: PLC0415 - heavy, needed only by who renders

    if isinstance(node, n.For):
        yield from _walk(node.iter, scope)
        inner = {**scope, LOOP: (LOOP,)}
        if isinstance(node.target, n.Name):
            inner[node.target.name] = _rows_of(node.iter, scope)
        for part in (*node.body, *((node.test,) if node.test is not None else ())):
            yield from _walk(part, inner)
        for part in node.else_:
            yield from _walk(part, scope)
        return
    found = _path(node, scope)
    if found is not None:
        yield NameUse(found, _written(node))
        return
    for child in node.iter_child_nodes():
        yield from _walk(child, scope)


def _rows_of(node: nodes.Node, scope: Mapping[str, Path]) -> Path:
    """Return what a loop goes over; of a filter's result nothing is known."""
    found = _path(node, scope)
    return (*found, ROWS) if found is not None else ("",)


def _path(node: nodes.Node, scope: Mapping[str, Path]) -> Path | None:
    from jinja2 import nodes as n  # noqa: PLC0415

    if isinstance(node, n.Name) and node.ctx == "load":
        return scope.get(node.name, (node.name,))
    if isinstance(node, n.Getattr):
        above = _path(node.node, scope)
        return (*above, node.attr) if above is not None else None
    return None


def _written(node: nodes.Node) -> str:
    from jinja2 import nodes as n  # noqa: PLC0415

    if isinstance(node, n.Getattr):
        return f"{_written(node.node)}.{node.attr}"
    return node.name if isinstance(node, n.Name) else ""


def unknown(
    uses: Sequence[NameUse], declared: Sequence[Name], card: frozenset[str] | None = None
) -> tuple[str, ...]:
    """Return what is wrong with the names of a template, in Russian; `card` are the fields of a process."""
    found = (_problem(one, declared, card) for one in uses)
    return tuple(dict.fromkeys(text for text in found if text))


def _problem(use: NameUse, declared: Sequence[Name], card: frozenset[str] | None) -> str:
    first, *rest = use.path
    if first == "":
        return ""
    if first == LOOP:
        wrong = rest[:1] and rest[0] not in _LOOP_NAMES
        return f"неизвестное имя «{use.text}»" if wrong else ""
    level, here = tuple(declared), next((one for one in declared if one.code == first), None)
    step = first
    for step in rest:
        if here is None:
            break
        if here.kind == "card":
            return _card_problem(step, use, card)
        if step == ROWS:
            if here.kind != "list":
                return f"«{use.text}»: «{here.code}» — не список"
            here = Name(code=here.code, text=here.text, kind="group" if here.of else "text", of=here.of)
            continue
        if here.kind == "list":
            return f"«{use.text}»: «{here.code}» — список, нужен цикл for"
        level = here.of
        here = next((one for one in level if one.code == step), None)
    if here is not None:
        return ""
    near = get_close_matches(step, [one.code for one in level], 1)
    return f"неизвестное имя «{use.text}»" + (f"; возможно, «{near[0]}»" if near else "")


def _card_problem(code: str, use: NameUse, card: frozenset[str] | None) -> str:
    if card is None or code in card:
        return ""
    near = get_close_matches(code, sorted(card), 1)
    return f"нет поля карточки «{use.text}»" + (f"; возможно, «card.{near[0]}»" if near else "")
