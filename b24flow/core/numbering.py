"""How a registration number looks, which counter it belongs to, how it is found again.

The template of a registry (`Вх-{n}/{yy}`) is checked when the process file is read, so a wrong one
can never meet a person who is registering a letter. The counter itself lives in the database; here
is only what can be decided without it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from b24flow.core.russian import forbidden_characters

Period = Literal["year", "convocation", "none"]

# Computed here; every other variable is given by the caller.
_COMPUTED = frozenset({"n", "yyyy", "yy"})
_GIVEN = frozenset({"delo", "dep", "org", "letter", "sess", "item", "parent"})
VARIABLES = _COMPUTED | _GIVEN
# A number without one of these would be the same for every document of its period.
_COUNTERS = frozenset({"n", "item"})

_WIDTH = re.compile(r"0[1-9]")
_PIECE = re.compile(r"\{(?P<variable>[^{}]*)\}|(?P<literal>[^{}]+)|(?P<stray>[{}])")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A literal (`name` is empty) or a variable; `text` is the literal or the width of `{n:04}`."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A checked template of a registration number: `Вх-{n}/{yy}`, `{delo}/{n:04}`, `{sess}-{item}`.

    `{n}` may have a width filled with zeros (`{n:04}`); a longer number is written whole. Raises
    ValueError with a Russian text that names what is wrong.
    """

    template: str

    def __post_init__(self) -> None:
        if not self.template.strip():
            raise ValueError("шаблон номера пуст")
        _refuse_characters(self.template, "шаблон номера")
        if not self.variables & _COUNTERS:
            raise ValueError(
                f"в шаблоне номера «{self.template}» нет ни {{n}}, ни {{item}}:"
                " номера будут повторяться"
            )

    @property
    def variables(self) -> frozenset[str]:
        """The names of the variables the template uses."""
        return frozenset(piece.name for piece in _parse(self.template) if piece.name)

    def render(self, n: int, on: date, mark: str = "", **values: str) -> str:
        """Return the number `n` of a document dated `on` (the day in the portal's time zone).

        `mark` stands behind `{n}` in a literal number: «15/1», «15а».

        `values` may hold more than the template uses. A value is inserted as it is, braces and
        all. Raises ValueError in Russian when `n` is below 1, or a value is missing, blank, not
        one line of ordinary characters, or of a name no template knows.
        """
        if n < 1:
            raise ValueError("порядковый номер должен быть не меньше 1")
        if unknown := sorted(values.keys() - _GIVEN):
            raise ValueError(f"шаблоны номеров не знают значения «{unknown[0]}»")
        computed = {"yyyy": f"{on.year:04}", "yy": f"{on.year % 100:02}"}
        parts = []
        for piece in _parse(self.template):
            if not piece.name:
                parts.append(piece.text)
            elif piece.name == "n":
                parts.append(format(n, piece.text) + mark)
            else:
                parts.append(computed.get(piece.name) or _given(piece.name, values))
        return "".join(parts)


@lru_cache(maxsize=256)
def _parse(template: str) -> tuple[_Piece, ...]:
    pieces = []
    for match in _PIECE.finditer(template):
        if match["stray"]:
            raise ValueError(f"в шаблоне номера «{template}» непарная скобка «{match['stray']}»")
        if match["literal"]:
            pieces.append(_Piece("", match["literal"]))
            continue
        name, colon, width = match["variable"].partition(":")
        if name not in VARIABLES:
            known = ", ".join(sorted(VARIABLES))
            raise ValueError(f"неизвестная переменная номера «{name}»; есть: {known}")
        if colon and (name != "n" or not _WIDTH.fullmatch(width)):
            raise ValueError(
                f"неверная ширина «{match['variable']}»: бывает только у {{n}}, от 01 до 09"
            )
        pieces.append(_Piece(name, width))
    return tuple(pieces)


def _given(name: str, values: dict[str, str]) -> str:
    value = values.get(name, "").strip()
    if not value:
        raise ValueError(f"для номера не задано значение «{name}»")
    _refuse_characters(value, f"значение «{name}» в номере")
    return value


def _refuse_characters(text: str, what: str) -> None:
    trouble = forbidden_characters(text)
    if trouble:
        raise ValueError(f"{what}: {trouble}")
    if "\n" in text or "\t" in text:
        raise ValueError(f"{what}: нужна одна строка без табуляций")


def period_key(period: Period, on: date, convocation: str = "") -> str:
    """Return the key of the counter's period: «2026», «convocation:7», or "" for an endless one.

    `on` is the document's date in the portal's time zone: a registration at 23:59 on 31 December
    and one two minutes later belong to different years there. Raises ValueError in Russian when a
    convocation is needed and not given, or the period is unknown.
    """
    if period == "year":
        return f"{on.year:04}"
    if period == "none":
        return ""
    if period != "convocation":
        raise ValueError(f"неизвестный период нумерации «{period}»")
    if not convocation.strip():
        raise ValueError("не указан созыв: номер этого реестра считается внутри созыва")
    return f"convocation:{convocation.strip()}"


# After case folding, Latin → the Cyrillic letter whose capital (or small) form looks the same.
# The letter O also stands for zero: «01-О5» is a common slip of typing and of text recognition.
_LOOK_ALIKES = str.maketrans("abcehkmoptxyёо", "авсенкм0ртхуе0")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
# «N 15», «No. 15», «n15»: a number sign, unless it is a part of a word.
_NUMBER_SIGN = re.compile(r"(?<!\w)n[oо]?\.?(?=[\s\d-]|$)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s-]+(?=\d)")
_SEPARATORS = re.compile(r"[\s-]+(?!\d)|(?<!\d)[\s-]+")


def normalise(text: str) -> str:
    """Return the form of a number by which it is searched: what looks the same becomes the same.

    Number signs (№, N, No) vanish; Latin letters become the Cyrillic ones that look like them, «О»
    becomes zero, «ё» becomes «е», case is folded. Spaces and dashes remain as one «-» where they
    part two groups of digits («12-5» is not «125») and vanish elsewhere («Вх 1204» is «Вх-1204»).
    The result is for comparing with other results only, never for showing.
    """
    folded = unicodedata.normalize("NFKC", text.replace("№", " ")).casefold()
    visible = "".join(char for char in folded if unicodedata.category(char) != "Cf")
    plain = _NUMBER_SIGN.sub("", _DASHES.sub("-", visible)).translate(_LOOK_ALIKES)
    return _SEPARATORS.sub("", _BETWEEN_DIGITS.sub("-", plain))
