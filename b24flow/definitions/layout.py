"""Where the steps of a route stand in its picture: a column of the main way, the rest on its right.

The picture is 360 units wide, the width of a phone, so that there one unit is one pixel and no
text shrinks. Lengths are in these units. Drawing is in `definitions.graph`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from b24flow.core.check import Lead, leads
from b24flow.core.definition import ProcessDefinition, State

WIDTH = 360
MAIN_X, MAIN_WIDTH = 50, 152
SIDE_X, SIDE_WIDTH = 238, 118
TOP, PADDING, GAP = 14, 9, 20
BOX_FONT, SIDE_FONT, LABEL_FONT = 13, 11, 11
# The average Cyrillic letter of a sans-serif face is this part of its size wide, rounded up.
_LETTER = 0.58
_FROM_ANYWHERE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A placed step."""

    state: State
    lines: tuple[str, ...]
    x: int
    y: int
    width: int
    height: int
    row: int
    caption: tuple[str, ...] = ()

    @property
    def middle(self) -> int:
        """The y of the middle line."""
        return self.y + self.height // 2

    @property
    def bottom(self) -> int:
        """The y of the lower edge."""
        return self.y + self.height

    @property
    def right(self) -> int:
        """The x of the right edge."""
        return self.x + self.width


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Every action that leads from one step to another, merged."""

    source: str
    target: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A placed route: `straight` ways join neighbours of the main column, `others` are curved."""

    main: tuple[Box, ...]
    side: tuple[Box, ...]
    straight: tuple[Way, ...]
    entries: tuple[Way, ...]
    others: tuple[Way, ...]
    height: int

    def box(self, code: str) -> Box:
        """Return the box of a step."""
        return next(one for one in (*self.main, *self.side) if one.state.code == code)


_Beside = tuple[tuple[State, str], ...]


def wrap(text: str, width: int, size: int) -> tuple[str, ...]:
    """Break a text into lines that fit a width at a font size."""
    return tuple(textwrap.wrap(text, max(4, int(width / (size * _LETTER))))) or ("",)


def estimated(text: str, size: int) -> float:
    """Return about how wide a line of text is."""
    return len(text) * size * _LETTER


def line_height(size: int) -> int:
    """Return the distance between two lines of text."""
    return size + 3


def route_of(definition: ProcessDefinition) -> tuple[str, ...]:
    """Return the main way: as declared, or the shortest one from the first step to success."""
    if definition.route:
        return tuple(dict.fromkeys(definition.route))
    ways = [(one.source, one.target) for one in leads(definition)]
    goals = {one.code for one in definition.states if one.success or one.final}
    paths: list[tuple[str, ...]] = [(definition.states[0].code,)]
    seen = {definition.states[0].code}
    for path in paths:
        if path[-1] in goals:
            return path
        for source, target in ways:
            if source == path[-1] and target not in seen:
                seen.add(target)
                paths.append((*path, target))
    return paths[0]


def merged(found: tuple[Lead, ...]) -> tuple[Way, ...]:
    """Join the labels of ways between the same two steps."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for one in found:
        labels = pairs.setdefault((one.source, one.target), [])
        if one.label not in labels:
            labels.append(one.label)
    return tuple(Way(source=source, target=target, labels=tuple(labels))
                 for (source, target), labels in pairs.items())


def place(definition: ProcessDefinition) -> Layout:
    """Return the picture's layout; `definition` must have passed its checks."""
    route = route_of(definition)
    ways = merged(leads(definition))
    anywhere = {
        one.code for one in definition.states
        if one.code not in route and sum(way.target == one.code for way in ways) >= _FROM_ANYWHERE
    }
    said = {code: dict.fromkeys(label for way in ways if way.target == code for label in way.labels)
            for code in anywhere}
    ways = tuple(one for one in ways if one.target not in anywhere)
    entries = _entries(definition, route, ways)
    straight = tuple(one for one in ways if _neighbours(route, one))
    others = tuple(one for one in ways if one not in straight and one not in entries)
    captions = {one.target: ", ".join(one.labels) for one in entries}
    captions |= {code: f"{', '.join(labels)} — с разных шагов" for code, labels in said.items()}
    rows = _rows(definition, route, entries)
    side_steps = tuple(
        tuple((one, captions.get(one.code, "")) for one in definition.states
              if rows[one.code] == row and one.code not in route)
        for row in range(len(route))
    )
    main, side, height = _stack(definition, route, straight, side_steps)
    return Layout(main=main, side=side, straight=straight, entries=entries, others=others,
                  height=height)


def _neighbours(route: tuple[str, ...], way: Way) -> bool:
    return (way.source in route and way.target in route
            and route.index(way.target) == route.index(way.source) + 1)


def _entries(
    definition: ProcessDefinition, route: tuple[str, ...], ways: tuple[Way, ...]
) -> tuple[Way, ...]:
    """The way by which each side step is first reached; its label is written over the step."""
    found = []
    for state in definition.states:
        if state.code in route:
            continue
        coming = [one for one in ways if one.target == state.code]
        coming.sort(key=lambda one: route.index(one.source) if one.source in route else len(route))
        found += coming[:1]
    return tuple(found)


def _rows(
    definition: ProcessDefinition, route: tuple[str, ...], entries: tuple[Way, ...]
) -> dict[str, int]:
    """The row of the main column beside which each step stands."""
    rows = {code: number for number, code in enumerate(route)}
    source = {one.target: one.source for one in entries}
    for state in definition.states:
        chain = [state.code]
        while chain[-1] not in rows and source.get(chain[-1], chain[0]) not in chain:
            chain.append(source[chain[-1]])
        rows.setdefault(state.code, rows.get(chain[-1], len(route) - 1))
    return rows


def _stack(
    definition: ProcessDefinition, route: tuple[str, ...], straight: tuple[Way, ...],
    side_steps: tuple[_Beside, ...],
) -> tuple[tuple[Box, ...], tuple[Box, ...], int]:
    """Place the rows from top to bottom; side steps may run on beside the next rows."""
    main: list[Box] = []
    side: list[Box] = []
    y = side_y = TOP
    for row, code in enumerate(route):
        state = definition.state(code)
        lines = wrap(state.label, MAIN_WIDTH - 32, BOX_FONT)
        height = len(lines) * line_height(BOX_FONT) + 2 * PADDING
        main.append(Box(state=state, lines=lines, x=MAIN_X, y=y, width=MAIN_WIDTH, height=height,
                        row=row))
        side_y = max(side_y, y)
        for box in _beside(side_steps[row], row, side_y):
            side.append(box)
            side_y = box.bottom + GAP
        labels = [one for one in straight if one.source == code]
        told = sum(len(label_lines(one)) for one in labels) * line_height(LABEL_FONT)
        y += height + told + GAP
    return tuple(main), tuple(side), max(main[-1].bottom, side_y - GAP) + TOP


def label_lines(way: Way) -> tuple[str, ...]:
    """Return the lines written beside a straight way."""
    return tuple(line for label in way.labels
                 for line in wrap(label, MAIN_WIDTH - 30, LABEL_FONT))


def _beside(steps: _Beside, row: int, y: int) -> Iterator[Box]:
    for state, told in steps:
        caption = wrap(told, SIDE_WIDTH, LABEL_FONT)
        lines = wrap(state.label, SIDE_WIDTH - 8, SIDE_FONT)
        top = y + len(caption) * line_height(LABEL_FONT) + 2
        height = len(lines) * line_height(SIDE_FONT) + 2 * PADDING - 4
        yield Box(state=state, lines=lines, x=SIDE_X, y=top, width=SIDE_WIDTH, height=height,
                  row=row, caption=caption)
        y = top + height + GAP
