"""The route of a process for people: a picture (SVG), a Mermaid text and the rows of a table.

The SVG needs nothing beside itself: no style sheet, no script, no font, so it may stand in a page
with a strict content policy. Straight arrows carry their button's words; curved ones carry a
number that is explained under the picture, because on a phone there is no room for words beside
them. What is lit or passed is told by a sign and a word too, not by colour alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import escape

from b24flow.core.check import leads
from b24flow.core.definition import RELATIONS, Action, ProcessDefinition
from b24flow.definitions.layout import (
    BOX_FONT,
    LABEL_FONT,
    MAIN_X,
    SIDE_FONT,
    WIDTH,
    Box,
    Layout,
    Way,
    estimated,
    label_lines,
    line_height,
    merged,
    place,
    wrap,
)

_INK, _FAINT, _LINE, _PAPER = "#1F2933", "#5B6773", "#7B8794", "#FFFFFF"
_NOW, _PASSED, _PASSED_LINE = "#0B66C3", "#E3F4E1", "#3C8C40"
_FACE = "Arial, 'Helvetica Neue', 'Liberation Sans', sans-serif"
_ARROW_X = MAIN_X + 16
_LANE = 11
_BADGE = 8
_LEGEND_X = 30
_TIGHT = 0.9
_Numbers = dict[tuple[str, ...], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One action as `process show` tells it: all cells are Russian."""

    steps: str
    label: str
    who: str
    form: str
    next: str


def table(definition: ProcessDefinition) -> tuple[Row, ...]:
    """Return one row per action, in the order of the buttons; a star marks a required field."""
    return tuple(
        Row(
            steps=", ".join(definition.state(code).label for code in action.states),
            label=action.label,
            who=", ".join(_who(definition, role) for role in action.who),
            form=", ".join(one.field.label + "*" * one.required for one in action.form),
            next=", ".join(definition.state(code).label for code in _targets(action)),
        )
        for action in definition.actions
    )


def _who(definition: ProcessDefinition, role: str) -> str:
    return definition.roles.get(role) or RELATIONS.get(role, role)


def _targets(action: Action) -> tuple[str, ...]:
    closes = (action.closes_as,) if action.closes_as and not action.starts else ()
    return tuple(dict.fromkeys((*action.next, *closes)))


def mermaid(definition: ProcessDefinition, current: str | None = None) -> str:
    """Return the route as a Mermaid flowchart; `current` is the step to be lit."""
    lines = ["flowchart TD"]
    for state in definition.states:
        opening, closing = ("([", "])") if state.final else ("[", "]")
        lines.append(f'    {state.code}_{opening}"{_quoted(state.label)}"{closing}')
    for way in merged(leads(definition)):
        label = " / ".join(_quoted(one) for one in way.labels)
        lines.append(f'    {way.source}_ -->|"{label}"| {way.target}_')
    if current is not None and any(one.code == current for one in definition.states):
        lines.append(f"    classDef now fill:{_NOW},color:{_PAPER},stroke:{_NOW}")
        lines.append(f"    class {current}_ now")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    for char, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("\n", " ")):
        text = text.replace(char, entity)
    return text


def svg(
    definition: ProcessDefinition, current: str | None, visited: Collection[str] = ()
) -> str:
    """Return the route as an SVG element: `current` lit, `visited` steps marked as passed.

    It scales with its container (viewBox, no fixed size) and is 360 units wide; an unknown
    `current` lights nothing. `definition` must have passed its checks.
    """
    layout = place(definition)
    numbers = _numbers(layout)
    legend, height = _legend(definition, layout, numbers)
    title = f"route-{definition.code}"
    said = _described(definition, layout, current, visited)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="100%"'
        f' role="img" aria-labelledby="{title}-title {title}-desc" font-family="{escape(_FACE)}">',
        f'<title id="{title}-title">{escape(f"Маршрут: {definition.label}")}</title>',
        f'<desc id="{title}-desc">{escape(said)}</desc>',
        f'<defs><marker id="{title}-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
        f' markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="{_LINE}"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="{_PAPER}"/>',
        *_straight(layout, title), *_captions(layout),
        *_crossings(layout, numbers, title), *_arcs(layout, numbers, title),
        *(piece for box in (*layout.main, *layout.side)
          for piece in _box(box, current=box.state.code == current,
                            passed=box.state.code in visited)),
        *legend,
        "</svg>",
    ]
    return "\n".join(parts)


def _described(
    definition: ProcessDefinition, layout: Layout, current: str | None, visited: Collection[str]
) -> str:
    said = ["Основной путь: " + " → ".join(one.state.label for one in layout.main) + "."]
    if layout.side:
        said.append("Другие шаги: " + ", ".join(one.state.label for one in layout.side) + ".")
    codes = {one.code: one.label for one in definition.states}
    passed = [label for code, label in codes.items() if code in visited and code != current]
    if passed:
        said.append("Пройдено: " + ", ".join(passed) + ".")
    if current in codes:
        said.append(f"Сейчас: {codes[current]}.")
    return " ".join(said)


def _text(
    x: int, y: int, text: str, size: int, *, fill: str = _INK, anchor: str = "start",
    bold: bool = False, room: int = 0,
) -> str:
    more = ' font-weight="700"' if bold else ""
    if room and estimated(text, size) > room * _TIGHT:
        # Nobody knows the reader's font: a line that nearly fills its box is told its width.
        more += f' textLength="{room}" lengthAdjust="spacingAndGlyphs"'
    return (f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"'
            f"{more}>{escape(text)}</text>")


def _box(box: Box, *, current: bool, passed: bool) -> Iterator[str]:
    main = box.x == MAIN_X
    fill, line, ink = _PAPER, _LINE, _INK
    if current:
        fill, line, ink = _NOW, _NOW, _PAPER
    elif passed:
        fill, line = _PASSED, _PASSED_LINE
    radius = 18 if box.state.final else 6
    tip = f"<title>{escape(box.state.hint)}</title>" if box.state.hint else ""
    yield (f'<g><rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
           f' rx="{radius}" fill="{fill}" stroke="{line}" stroke-width="1.5"/>{tip}')
    size = BOX_FONT if main else SIDE_FONT
    center = box.x + box.width // 2
    first = box.middle - (len(box.lines) - 1) * line_height(size) // 2 + size // 3
    for number, line_text in enumerate(box.lines):
        yield _text(center, first + number * line_height(size), line_text, size, fill=ink,
                    anchor="middle", bold=current, room=box.width - 8)
    if current or passed:
        yield _sign(box.x + 4, box.bottom - 3, current=current)
    yield "</g>"


def _sign(x: int, y: int, *, current: bool) -> str:
    """A dot for the current step, a tick for a passed one, on the corner of its box."""
    line = _NOW if current else _PASSED_LINE
    ring = f'<circle cx="{x}" cy="{y}" r="7" fill="{_PAPER}" stroke="{line}" stroke-width="1.5"/>'
    if current:
        return f'{ring}<circle cx="{x}" cy="{y}" r="3.5" fill="{line}"/>'
    return f'{ring}<path d="M{x - 3} {y}l2 3l4 -6" fill="none" stroke="{line}" stroke-width="1.6"/>'


def _straight(layout: Layout, title: str) -> Iterator[str]:
    for way in layout.straight:
        source, target = layout.box(way.source), layout.box(way.target)
        yield _path(f"M{_ARROW_X} {source.bottom}V{target.y}", title)
        lines = label_lines(way)
        space = target.y - source.bottom
        y = source.bottom + (space - len(lines) * line_height(LABEL_FONT)) // 2 + LABEL_FONT
        for number, line in enumerate(lines):
            yield _text(_ARROW_X + 9, y + number * line_height(LABEL_FONT), line, LABEL_FONT,
                        fill=_FAINT)


def _path(line: str, title: str) -> str:
    return (f'<path d="{line}" fill="none" stroke="{_LINE}" stroke-width="1.4"'
            f' marker-end="url(#{title}-arrow)"/>')


def _captions(layout: Layout) -> Iterator[str]:
    """The words over the side steps: by which action they are first reached."""
    for box in layout.side:
        top = box.y - 4 - (len(box.caption) - 1) * line_height(LABEL_FONT)
        for number, line in enumerate(box.caption):
            yield _text(box.x + box.width // 2, top + number * line_height(LABEL_FONT), line,
                        LABEL_FONT, fill=_FAINT, anchor="middle", room=box.width)


def _crossings(layout: Layout, numbers: _Numbers, title: str) -> Iterator[str]:
    """Ways between the main column and the side steps; the numbered ones carry a badge."""
    main = {one.state.code for one in layout.main}
    ways = [*layout.entries, *(one for one in layout.others
                               if one.source not in main or one.target not in main)]
    ports = _ports(layout, ways)
    badges: list[tuple[int, int, int]] = []
    for way in ways:
        source, target = layout.box(way.source), layout.box(way.target)
        if source.x == target.x:
            yield _path(_between_sides(source, target), title)
            x, y = source.right, (source.middle + target.middle) // 2
        else:
            out = source.x == MAIN_X
            x, to_x = (source.right, target.x) if out else (source.x, target.right)
            y, to_y = ports[way, way.source], ports[way, way.target]
            yield _path(f"M{x} {y}C{(x + to_x) // 2} {y} {(x + to_x) // 2} {to_y} {to_x} {to_y}",
                        title)
            x, y = (x + to_x) // 2, (y + to_y) // 2
        if way not in layout.entries:
            badges.append((x, y, numbers[way.labels]))
    yield from (_badge(*one) for one in _spread(badges))


def _ports(layout: Layout, ways: list[Way]) -> dict[tuple[Way, str], int]:
    """Where each way touches its boxes: spread evenly, in the order of the other ends."""
    found: dict[tuple[Way, str], int] = {}
    for box in (*layout.main, *layout.side):
        code = box.state.code
        here = [one for one in ways if code in {one.source, one.target}]
        here.sort(key=lambda one: layout.box(
            one.target if one.source == code else one.source).middle)
        for number, way in enumerate(here, 1):
            found[way, code] = box.y + box.height * number // (len(here) + 1)
    return found


def _between_sides(source: Box, target: Box) -> str:
    edge = source.right + 5
    return (f"M{source.right} {source.middle}C{edge} {source.middle} {edge} {target.middle}"
            f" {target.right} {target.middle}")


def _numbers(layout: Layout) -> _Numbers:
    """One number for the same words, wherever they lead from and to."""
    keys = dict.fromkeys(one.labels for one in layout.others)
    return {key: number for number, key in enumerate(keys, 1)}


def _arcs(layout: Layout, numbers: _Numbers, title: str) -> Iterator[str]:
    """Ways inside the main column that are not to the next step."""
    main = {one.state.code for one in layout.main}
    inner = [one for one in layout.others if one.source in main and one.target in main]
    badges: list[tuple[int, int, int]] = []
    for way, lane in _lanes(layout, inner):
        line, x, y = _arc(layout, way, lane)
        badges.append((x, y, numbers[way.labels]))
        yield _path(line, title)
    yield from (_badge(*one) for one in _spread(badges))


def _lanes(layout: Layout, ways: list[Way]) -> Iterator[tuple[Way, int]]:
    """Give every arc a lane where it crosses no other on its side, short ones inside."""
    taken: set[tuple[bool, int, int]] = set()
    spans = [(layout.box(one.source).row, layout.box(one.target).row, one) for one in ways]
    for source, target, way in sorted(spans, key=lambda one: abs(one[0] - one[1])):
        back, rows = target < source, range(min(source, target), max(source, target))
        lane = 0
        while any((back, lane, row) in taken for row in rows):
            lane += 1
        taken |= {(back, lane, row) for row in rows}
        yield way, lane


def _arc(layout: Layout, way: Way, lane: int) -> tuple[str, int, int]:
    """Backwards on the left of the column, forwards on its right; badge where the arc is left."""
    source, target = layout.box(way.source), layout.box(way.target)
    back = target.row < source.row
    edge = source.x if back else source.right
    x = edge - 12 - lane * _LANE if back else edge + 9 + lane * _LANE
    # Lanes leave and reach a box at different heights, so that arrows do not run over each other.
    start = source.middle + (-1 if back else 1) * min(lane * 7, source.height // 2 - 5)
    end = target.middle + (1 if back else -1) * min(lane * 7, target.height // 2 - 5)
    step = 7 if end > start else -7
    turn = 7 if x > edge else -7
    line = (f"M{edge} {start}H{x - turn}Q{x} {start} {x} {start + step}V{end - step}"
            f"Q{x} {end} {x - turn} {end}H{edge}")
    return line, x, (start + end) // 2


def _spread(badges: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Move badges apart that would cover one another."""
    done: list[tuple[int, int]] = []
    for x, y, number in badges:
        while any(abs(x - other_x) < 2 * _BADGE and abs(y - other_y) < 2 * _BADGE + 1
                  for other_x, other_y in done):
            y += 4  # noqa: PLW2901 - walked down until there is room
        done.append((x, y))
        yield x, y, number


def _badge(x: int, y: int, number: int) -> str:
    return (f'<circle cx="{x}" cy="{y}" r="{_BADGE}" fill="{_PAPER}" stroke="{_LINE}"/>'
            + _text(x, y + 4, str(number), 10, anchor="middle"))


def _legend(
    definition: ProcessDefinition, layout: Layout, numbers: _Numbers
) -> tuple[list[str], int]:
    """What the numbers mean, and the height of the whole picture."""
    pieces: list[str] = []
    y = layout.height + 8
    for labels, number in numbers.items():
        ways = [one for one in layout.others if one.labels == labels]
        way = " → ".join(
            " или ".join(definition.state(code).label for code in dict.fromkeys(end))
            for end in ([one.source for one in ways], [one.target for one in ways])
        )
        pieces.append(_badge(_LEGEND_X - 14, y + 6, number))
        for line in wrap(", ".join(labels), WIDTH - _LEGEND_X - 8, 12):
            pieces.append(_text(_LEGEND_X, y + 10, line, 12))
            y += 15
        for line in wrap(way, WIDTH - _LEGEND_X - 8, LABEL_FONT):
            pieces.append(_text(_LEGEND_X, y + 10, line, LABEL_FONT, fill=_FAINT))
            y += 14
        y += 7
    return pieces, y + 6
