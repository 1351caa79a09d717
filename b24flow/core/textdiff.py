"""Two texts side by side: which lines stay, which change and where inside the line.

Long stretches that are the same are folded, so that a page shows what somebody must read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

AROUND = 2
"""Unchanged lines shown before and after a change."""
ALIKE = 0.35
"""How much two lines must share for their words to be compared; below that one is out, another in."""
MAX_WORDS = 1_500
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")

Spans = tuple[tuple[str, bool], ...]
"""Pieces of a line, each with whether it is what changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRow:
    """A line of both texts; a side that has none is None. `folded` counts the equal lines it stands for."""

    left: Spans | None = None
    right: Spans | None = None
    changed: bool = False
    folded: int = 0


def side_by_side(left: Sequence[str], right: Sequence[str]) -> tuple[DiffRow, ...]:
    """Return the lines of two texts in pairs, equal stretches folded."""
    rows: list[DiffRow] = []
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    for number, (tag, a, b, c, d) in enumerate(codes):
        if tag == "equal":
            rows += _folded(left[a:b], first=number == 0, last=number == len(codes) - 1)
        else:
            rows += _changed(left[a:b], right[c:d])
    return tuple(rows)


def _folded(lines: Sequence[str], *, first: bool, last: bool) -> Iterator[DiffRow]:
    head = 0 if first else AROUND
    tail = 0 if last else AROUND
    hidden = len(lines) - head - tail
    for number, line in enumerate(lines):
        if hidden > 1 and head <= number < head + hidden:
            if number == head:
                yield DiffRow(folded=hidden)
            continue
        yield DiffRow(left=((line, False),), right=((line, False),))


def _changed(left: Sequence[str], right: Sequence[str]) -> Iterator[DiffRow]:
    for before, after in zip_longest(left, right):
        if before is None or after is None:
            yield DiffRow(left=_whole(before), right=_whole(after), changed=True)
            continue
        pair = _inside(before, after)
        if pair is None:
            yield DiffRow(left=_whole(before), changed=True)
            yield DiffRow(right=_whole(after), changed=True)
        else:
            yield DiffRow(left=pair[0], right=pair[1], changed=True)


def _whole(line: str | None) -> Spans | None:
    return None if line is None else ((line, True),)


def _inside(before: str, after: str) -> tuple[Spans, Spans] | None:
    """Return what changed inside a line, None when the lines have too little in common."""
    one, two = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(one), len(two)) > MAX_WORDS:
        return None
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    if matcher.ratio() < ALIKE:
        return None
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if b > a:
            left.append(("".join(one[a:b]), tag != "equal"))
        if d > c:
            right.append(("".join(two[c:d]), tag != "equal"))
    return tuple(left), tuple(right)
