"""What the checks of a definition find, and how they hint at a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: dotted `path` in the definition and a Russian `text`."""

    path: str
    text: str


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return « (возможно, вы имели в виду «…»)» for a near miss, "" otherwise."""
    near = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f" (возможно, вы имели в виду «{near[0]}»)" if near else ""


def unknown(path: str, what: str, word: str, known: Iterable[str]) -> Problem:
    """Return the problem of a name that nothing declares."""
    return Problem(path, f"{what} «{word}»{did_you_mean(word, known)}")
