"""Russian dates, names and counted words, and the cleaning of text that people send us.

Office work has fixed forms for these (ГОСТ Р 7.0.97: «22.11.2026» or «22 ноября 2026 г.»), and they
appear on pages, in chat, in templates and in exports; written once, they are the same everywhere.
No locale is consulted: the result does not depend on the machine.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, tzinfo

_MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)

_ISO_DATE = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_DOTTED_DATE = re.compile(
    r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4}|[0-9]{2})"
)
# Two-digit years 70–99 belong to the last century: an archive has letters of 1987, none of 2087.
_CENTURY_TURN = 70

# Unicode property Bidi_Control: they let a text look different from what it is.
_BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
# Not characters of XML 1.0, so no .docx or .xlsx could hold them.
_NOT_CHARACTERS = frozenset("\ufffe\uffff")


def date_words(day: date) -> str:
    """Return «22 ноября 2026 г.»."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year} г."


def date_short(day: date) -> str:
    """Return «22.11.2026»."""
    return f"{day.day:02}.{day.month:02}.{day.year:04}"


def explained(text: str, note: str) -> str:
    """Return «30.11.2026 (10 рабочих дней)», without brackets when there is nothing to explain."""
    return f"{text} ({note})" if note else text


def datetime_short(moment: datetime, zone: tzinfo) -> str:
    """Return «22.11.2026 10:30» on the clock of `zone`; raises ValueError for a naive moment."""
    if moment.utcoffset() is None:
        raise ValueError("a moment without a time zone cannot be shown")
    local = moment.astimezone(zone)
    return f"{date_short(local)} {local.hour:02}:{local.minute:02}"


def plural(n: int, one: str, few: str, many: str) -> str:
    """Return the word that goes with `n`: 1 «день», 2 «дня», 5 «дней» (the number not included)."""
    tens, units = divmod(abs(n) % 100, 10)
    if tens == 1 or units == 0 or units >= 5:
        return many
    return one if units == 1 else few


def initials(last: str, first: str, middle: str = "") -> str:
    """Return «Иванов И. И.»; missing parts are left out."""
    return " ".join(part for part in (_spaced(last), _letters(first, middle)) if part)


def initials_first(last: str, first: str, middle: str = "") -> str:
    """Return «И. И. Иванов», the form of a signature; missing parts are left out."""
    return " ".join(part for part in (_letters(first, middle), _spaced(last)) if part)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _letters(first: str, middle: str) -> str:
    return " ".join(letter for letter in (_initial(first), _initial(middle)) if letter)


def _initial(name: str) -> str:
    """Return «И.» of «Иван», «А.-М.» of «Анна-Мария», "" where there is no letter."""
    parts = unicodedata.normalize("NFC", name).split("-")
    letters = (next((char for char in part if char.isalpha()), "") for part in parts)
    return "-".join(f"{letter.upper()}." for letter in letters if letter)


def parse_date(text: str) -> date | None:
    """Read `2026-11-22`, `22.11.2026` or `22.11.26`; None if it is no such day."""
    match = _ISO_DATE.fullmatch(text.strip()) or _DOTTED_DATE.fullmatch(text.strip())
    if match is None:
        return None
    year = int(match["year"])
    if len(match["year"]) == 2:
        year += 1900 if year >= _CENTURY_TURN else 2000
    try:
        return date(year, int(match["month"]), int(match["day"]))
    except ValueError:
        return None


def clean_text(text: str) -> str:
    r"""Return the text as it is stored: NFC, `\n` line ends, no spaces at line ends and around.

    Idempotent. What must not be stored at all is told by `forbidden_characters`.
    """
    unified = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.rstrip() for line in unified.split("\n")).strip()


def forbidden_characters(text: str) -> str | None:
    r"""Describe in Russian the first character that must not be stored; None for a proper text.

    Forbidden are control characters (but `\n`, `\t` and `\r\n`), characters that override the
    direction of writing, halves of surrogate pairs and what XML cannot hold. Letters of any
    script, emoji and their joiners are allowed.
    """
    for index, char in enumerate(text):
        trouble = _trouble(char, text[index + 1 : index + 2])
        if trouble:
            line = text.count("\n", 0, index) + 1
            column = index - (text.rfind("\n", 0, index) + 1) + 1
            return f"{trouble} U+{ord(char):04X} (строка {line}, знак {column})"
    return None


def _trouble(char: str, following: str) -> str:
    if char in "\n\t" or (char == "\r" and following == "\n"):
        return ""
    if char == "\0":
        return "нулевой символ"
    if char in _BIDI_CONTROLS:
        return "знак, меняющий направление письма,"
    if char in _NOT_CHARACTERS:
        return "недопустимый символ"
    category = unicodedata.category(char)
    if category == "Cc":
        return "управляющий символ"
    return "половина суррогатной пары" if category == "Cs" else ""
