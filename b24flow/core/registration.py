"""Which number a document gets: the series chosen by its card, the counter's key, the finished text (R22).

The counter itself is raised by the use case, in the transaction of the registration. A literal number
(«15/1», «15а») is counted inside the number it stands beside: its scope ends with «№15/» or «№15а».
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from b24flow.core.definition import Numbering, ProcessDefinition
from b24flow.core.document import CardValue, Number
from b24flow.core.numbering import period_key
from b24flow.core.russian import date_short
from b24flow.errors import InvalidForm

RESERVED_FIELD = "reserved_number"
"""The form field in which whoever registers names a number that was reserved for him."""

_LITERAL = re.compile(r"(?P<scope>.*)№(?P<base>[1-9][0-9]{0,8})(?P<style>[/а])", re.DOTALL)
_LETTERS = "абвгдежиклмнопрстуфхцшщэюя"


def literal_scope(scope: str, base: int, *, letter: bool) -> str:
    """Return the scope in which the literal numbers beside `base` are counted."""
    return f"{scope}№{base}{'а' if letter else '/'}"


def outer_scope(scope: str) -> str:
    """Return the scope of a series that a literal number's scope belongs to; any other as it is."""
    found = _LITERAL.fullmatch(scope)
    return found["scope"] if found is not None else scope


def short_number(scope: str, value: int) -> tuple[int, str]:
    """Return the ordinal of a number and the mark behind it: (15, "/1"), (15, "а"), (15, "").

    Raises ValueError in Russian when the letters are used up.
    """
    found = _LITERAL.fullmatch(scope)
    if found is None:
        return value, ""
    if found["style"] == "/":
        return int(found["base"]), f"/{value}"
    if value > len(_LETTERS):
        raise ValueError(f"литеры при номере {found['base']} кончились: возьмите дробный номер")
    return int(found["base"]), _LETTERS[value - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """The key of a counter: its series, its period and the scope inside which it runs."""

    series: str
    period: str
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A number that waits for its value; `day` is the date of the document."""

    numbering: Numbering
    counter: Counter
    day: date
    values: Mapping[str, str]

    def number(self, value: int, scope: str | None = None) -> Number:
        """Return the number with a value of the counter; raises InvalidForm when a part of it is missing.

        `scope` is that of a literal number.
        """
        scope = self.counter.scope if scope is None else scope
        try:
            ordinal, mark = short_number(scope, value)
            text = self.numbering.format.render(ordinal, self.day, mark, **self.values)
        except ValueError as error:
            raise InvalidForm({"": f"Номер не складывается: {error}"}) from error
        return Number(series=self.counter.series, period=self.counter.period, value=value, text=text,
                      dated=self.day, scope=scope)


def registration(
    definition: ProcessDefinition, card: Mapping[str, CardValue], today: date
) -> Registration:
    """Return what number a document with this card gets today.

    The card may date it in the past, but never in a closed year: its numbers are in the closing report
    already. Raises InvalidForm.
    """
    usual = definition.numbering
    assert usual is not None, "a process that registers has a numbering"
    numbering = usual.variants.get(str(card.get(usual.by) or ""), usual) if usual.by else usual
    day = _day(definition, numbering.dated, card, today)
    scope = str(card.get(numbering.scope) or "").strip() if numbering.scope else ""
    values = {
        variable: str(card.get(code) or "").strip() for variable, code in numbering.values.items()
        if variable in numbering.format.variables
    }
    missing = {
        code: f"«{definition.fields[code].label}»: без этого номер не складывается"
        for code in (numbering.values[variable] for variable, value in values.items() if not value)
    }
    if numbering.scope and not scope:
        missing.setdefault(numbering.scope, f"«{definition.fields[numbering.scope].label}»: заполните поле")
    if missing:
        raise InvalidForm(missing)
    try:
        period = period_key(numbering.period, day, str(card.get("convocation") or ""))
    except ValueError as error:
        raise InvalidForm({"convocation": str(error)}) from error
    counter = Counter(series=numbering.series, period=period, scope=scope)
    return Registration(numbering=numbering, counter=counter, day=day, values=values)


def _day(
    definition: ProcessDefinition, code: str, card: Mapping[str, CardValue], today: date
) -> date:
    said = card.get(code) if code else None
    if not isinstance(said, str) or not said:
        return today
    day, label = date.fromisoformat(said), definition.fields[code].label
    if day > today:
        raise InvalidForm({code: f"«{label}»: {date_short(day)} ещё не наступило"})
    numbering = definition.numbering
    if day.year < today.year and numbering is not None and numbering.period == "year":
        raise InvalidForm({
            code: f"«{label}»: {day.year} год закрыт, номер задним числом не выдаётся, укажите этот год"
        })
    return day
