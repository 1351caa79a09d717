"""What a template may do with a value: dates, initials, declension of people and posts, the QR code.

Declension needs data, not rules of ours. What was compared (November 2026), and what was chosen:

- **pytrovich 0.2.0** for surnames, names and patronymics: MIT, pure Python, no dependencies, 0.2 MB, kept
  by the authors of Petrovich's rules; reports of wrong forms (Асадчий, Гремитских, issue 8) were mended
  within months, in 2026. It knows women's indeclinable surnames, «-ко», «-ых», double-barrelled ones and «ё».
- **pymorphy3 2.0.6** with pymorphy3-dicts-ru for posts: MIT, the maintained heir of pymorphy2, a dictionary
  of OpenCorpora (16 MB on disk, loaded in 0.2 s when the first post is declined). For surnames its tracker
  advises against it (pymorphy2 issues 10, 104, 142).
- Petrovich 2.0.1 for Python (damirazo): another port of the same rules; its issues 8 and 9 sent people to
  pytrovich. Not taken.

Neither is ever right about everything: `config/declension.yaml` (`core.rendition.Overrides`) wins over both.
When the gender of a person cannot be told, the name stays as it is: a nominative offends nobody.

Filters never fail: what is not a date or a person is given back as it is. Names are kept together by
no-break spaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from b24flow.core.rendition import CASES, Overrides
from b24flow.core.russian import date_short, date_words, initials, initials_first

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer
    from pytrovich.maker import PetrovichDeclinationMaker

NO_BREAK = "\u00a0"
_PARTS = ("last", "first", "middle")
_TAGS: Mapping[str, str] = {
    "genitive": "gent", "dative": "datv", "accusative": "accs", "instrumental": "ablt",
    "prepositional": "loct",
}
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_RUSSIAN = re.compile(r"[а-яё]+(?:-[а-яё]+)*", re.IGNORECASE)
_NEW_PHRASE = re.compile(r"(\s[–—-]\s|[,;]\s|\s\()")  # «заместитель Председателя – начальник отдела»
_SHORT = 4
_UNBROKEN = 24
"""Longer names may be broken between lines: a narrow column would tear them in the middle of a word."""


class Words:
    """The filters of all templates of an installation; `overrides` are its own corrections."""

    def __init__(self, overrides: Overrides) -> None:
        self._overrides = overrides
        self._decline = lru_cache(maxsize=4096)(self._declined)

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by the names that templates use."""
        return {
            "day": day, "day_words": day_words, "initials": short_name, "initials_first": signature_name,
            "full_name": full_name, "lines": lines, "listed": listed, "upper": lambda one: str(one).upper(),
            "lower_first": lower_first, "sentence": sentence, "count": count,
            "post": post_of,
            **{case: self._in_case(case) for case in CASES},
        }

    def _in_case(self, case: str) -> Callable[[Any], Any]:
        def filtered(value: Any) -> Any:
            if isinstance(value, Mapping):
                return self.person(value, case)
            return self.post(str(value), case) if value else ""

        return filtered

    def person(self, value: Mapping[str, Any], case: str) -> dict[str, Any]:
        """Return a person with name and post in another case."""
        parts = tuple(str(value.get(one) or "") for one in _PARTS)
        declined = self._decline(parts, case)
        return {**value, **dict(zip(_PARTS, declined, strict=True)),
                "post": self.post(str(value.get("post") or ""), case)}

    def post(self, text: str, case: str) -> str:
        """Return a post in another case: its head words change, what depends on them stays."""
        override = self._overrides.posts.get(_key(text))
        if override is not None:
            return _like(override.get(case, text), text)
        return "".join(
            piece if place % 2 else self._phrase(piece, case, first=place == 0)
            for place, piece in enumerate(_NEW_PHRASE.split(text))
        )

    def _declined(self, parts: tuple[str, ...], case: str) -> tuple[str, ...]:
        from pytrovich.enums import Case, Gender, NamePart  # noqa: PLC0415 - loaded by who declines

        gender = self.gender(*parts)
        kinds = (NamePart.LASTNAME, NamePart.FIRSTNAME, NamePart.MIDDLENAME)
        found = []
        for kind, text in zip(kinds, parts, strict=True):
            override = self._overrides.forms.get(_key(text))
            if override is not None:
                found.append(override.get(case, text))
            elif gender is None or not text or not _russian(text):
                found.append(text)
            else:
                word = Gender.MALE if gender == "male" else Gender.FEMALE
                # Rules know one word: «Ле Пен», «Ван Ань» are declined by their last one.
                head, space, tail = text.rpartition(" ")
                known = tail.casefold() in {"оглы", "кызы", "улы", "угли"}
                found.append(text if known else head + space + self._names.make(
                    kind, word, Case[case.upper()], tail))
        return tuple(found)

    def gender(self, last: str, first: str, middle: str) -> str | None:
        """Return male or female: as corrected by hand, by the patronymic, by the names; None if unknown."""
        full = _key(" ".join(part for part in (last, first, middle) if part))
        if (said := self._overrides.genders.get(full)) is not None:
            return said
        ending = middle.casefold()
        if ending.endswith(("вна", "ична", "инична", "кызы")):
            return "female"
        if ending.endswith(("вич", "ич", "оглы", "улы", "угли")):
            return "male"
        from pytrovich.detector import PetrovichGenderDetector  # noqa: PLC0415
        from pytrovich.enums import Gender  # noqa: PLC0415

        names = {"firstname": first, "lastname": last}
        given = {name: text for name, text in names.items() if text}
        detector: Any = PetrovichGenderDetector()
        found = detector.detect(**given) if given else None
        return {Gender.MALE: "male", Gender.FEMALE: "female"}.get(found) if found is not None else None

    @cached_property
    def _names(self) -> PetrovichDeclinationMaker:
        from pytrovich.maker import PetrovichDeclinationMaker  # noqa: PLC0415

        return PetrovichDeclinationMaker()

    @cached_property
    def _morphology(self) -> MorphAnalyzer:
        from pymorphy3 import MorphAnalyzer  # noqa: PLC0415

        return MorphAnalyzer(lang="ru")

    def _phrase(self, text: str, case: str, *, first: bool) -> str:
        """Decline the words from the first one to the noun, as long as they stand in the nominative.

        A later part («…, правовой и социальной защиты») is a post of its own only if it has such a noun.
        """
        done, place, headed = [], 0, first
        for match in _WORD.finditer(text):
            word, dotted = match[0], text[match.end():match.end() + 1] == "."
            done.append(text[place:match.start()])
            place = match.end()
            if dotted or (word.isupper() and len(word) <= _SHORT):
                done.append(word)  # «и.о.», «зам.», «ЦК»: abbreviations never change
                continue
            changed, last, noun = self._word(word, case)
            done.append(changed)
            headed = headed or noun
            if last:
                break
        return "".join(done) + text[place:] if headed else text

    def _word(self, word: str, case: str) -> tuple[str, bool, bool]:
        """Return a word of a post declined, whether the rest depends on it, whether it names a person."""
        override = self._overrides.forms.get(_key(word))
        if override is not None:
            return override.get(case, word), True, True
        if _RUSSIAN.fullmatch(word) is None:  # not ours to decline, and rare letters break the dictionary
            return word, True, False
        nominative = [one for one in self._morphology.parse(word) if _names_person(one.tag)]
        if not nominative:
            return word, True, False
        best = nominative[0]
        # The accusative of a masculine adjective depends on what it stands for; here it is always a person.
        masculine = best.tag.POS != "NOUN" and best.tag.gender == "masc"
        more = {"anim"} if masculine else {best.tag.gender} - {None}
        inflected = best.inflect({_TAGS[case], *more}) or best.inflect({_TAGS[case]})
        if inflected is None:
            return word, True, False
        noun = best.tag.POS == "NOUN"
        return _like(inflected.word, word), noun, noun or "Subx" in best.tag


def _names_person(tag: Any) -> bool:
    """Tell whether a word may be the nominative of who holds a post, or an adjective to it."""
    if {"nomn", "sing"} not in tag or "Abbr" in tag:
        return False
    return tag.POS in {"ADJF", "PRTF"} or (tag.POS == "NOUN" and "anim" in tag)


def day(value: Any) -> str:
    """Return «22.11.2026» of an ISO day; anything else as it is."""
    found = _date(value)
    return date_short(found) if found is not None else str(value or "")


def day_words(value: Any) -> str:
    """Return «22 ноября 2026 г.» of an ISO day, kept together; anything else as it is."""
    found = _date(value)
    return date_words(found).replace(" ", NO_BREAK) if found is not None else str(value or "")


def short_name(value: Any) -> str:
    """Return «Иванов И. И.»."""
    return _named(value, initials)


def signature_name(value: Any) -> str:
    """Return «И. И. Иванов», the form of a signature."""
    return _named(value, initials_first)


def full_name(value: Any) -> str:
    """Return «Иванов Иван Иванович»."""
    return _named(value, lambda *parts: " ".join(part for part in parts if part))


def lines(value: Any) -> list[str]:
    """Return the paragraphs of a text, without empty ones."""
    return [line for line in (" ".join(one.split()) for one in str(value or "").splitlines()) if line]


def listed(value: Any) -> str:
    """Return a list of texts as one line."""
    return ", ".join(str(one) for one in value) if isinstance(value, (list, tuple)) else str(value or "")


def post_of(value: Any) -> str:
    """Return the post of a person, nothing when there is nobody."""
    return str(value.get("post") or "") if isinstance(value, Mapping) else ""


def count(value: Any) -> int:
    """Return how many there are in a list, 0 for what is none."""
    return len(value) if isinstance(value, (list, tuple)) else 0


def lower_first(value: Any) -> str:
    """Return a text beginning with a small letter, unless it begins with an abbreviation."""
    text = str(value or "")
    return text if text[:2].isupper() and len(text) > 1 else text[:1].lower() + text[1:]


def sentence(value: Any) -> str:
    """Return a text beginning with a capital letter."""
    text = str(value or "")
    return text[:1].upper() + text[1:]


def _named(value: Any, form: Callable[..., str]) -> str:
    if not isinstance(value, Mapping):
        return str(value or "")
    name = form(*(str(value.get(one) or "") for one in _PARTS))
    return name.replace(" ", NO_BREAK) if len(name) <= _UNBROKEN else name


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()


def _russian(text: str) -> bool:
    return bool(re.fullmatch(r"[А-Яа-яЁё \-’'.]+", text))


def _like(changed: str, word: str) -> str:
    """Return a word written with capitals as the other one is, letter by letter of each part."""
    if word.isupper():
        return changed.upper()
    if " " in word:
        return changed[:1].upper() + changed[1:] if word[:1].isupper() else changed
    old, new = word.split("-"), changed.split("-")
    if len(old) != len(new):
        return changed[:1].upper() + changed[1:] if word[:1].isupper() else changed
    return "-".join(
        part.upper() if was.isupper() and len(was) > 1 else part[:1].upper() + part[1:]
        if was[:1].isupper() else part for was, part in zip(old, new, strict=True)
    )
