"""Numbers beside the ordinary way: reserved, literal, skipped (domain §2.2, R22).

Whoever registers names a number that was set aside for him; nothing else in a registration differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from b24flow.core.commands import Command, Context
from b24flow.core.definition import Action, Numbering, ProcessDefinition
from b24flow.core.document import Number
from b24flow.core.forms import read_form, text_of
from b24flow.core.numbering import normalise
from b24flow.core.registration import (
    RESERVED_FIELD,
    Counter,
    Registration,
    literal_scope,
    outer_scope,
    short_number,
)
from b24flow.core.russian import date_short
from b24flow.errors import InvalidForm, NotFound, Refused
from b24flow.services.office import Office
from b24flow.store import reserves, series
from b24flow.store.engine import Unit, retrying
from b24flow.store.reserves import Reserve

MAX_RESERVED = 100
EXPIRED = "срок резерва истёк"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """For what numbers are set aside, for whom (None: whoever registers), until when, and what then."""

    purpose: str
    until: date
    holder: int | None = None
    returns: bool = False
    author: int = 0


def series_of(office: Office) -> Mapping[str, tuple[ProcessDefinition, Numbering]]:
    """Return every series of the present processes, with the process it numbers."""
    return {
        used.series: (one, used) for one in office.definitions.processes().values()
        if one.numbering is not None for used in (one.numbering, *one.numbering.variants.values())
    }


def counter_of(office: Office, code: str, *, period: str = "", scope: str = "") -> Counter:
    """Return a counter of a known series, this year's when no period is named; raises NotFound, Refused."""
    known = series_of(office)
    if code not in known:
        raise NotFound(f"Журнала «{code[:60]}» нет; есть: {', '.join(sorted(known))}")
    numbering = known[code][1]
    if numbering.scope and not scope:
        raise Refused(f"Номера журнала «{code}» считаются внутри дела или подразделения: укажите --scope.")
    if scope and not numbering.scope:
        raise Refused(f"Номера журнала «{code}» не делятся: --scope не нужен.")
    if numbering.period == "convocation" and not period:
        raise Refused(f"Номера журнала «{code}» считаются внутри созыва: укажите --period convocation:N.")
    usual = str(_today(office).year) if numbering.period == "year" else ""
    if numbering.period == "year" and period not in {"", usual}:
        raise Refused(f"Резерв возможен только в текущем году: {usual}.")
    return Counter(series=code, period=period or usual, scope=scope)


def reserve(office: Office, counter: Counter, count: int, wish: Wish) -> tuple[Reserve, ...]:
    """Set the next numbers of a counter aside; raises Refused when the wish makes no sense."""
    if not 1 <= count <= MAX_RESERVED:
        raise Refused(f"Можно зарезервировать от 1 до {MAX_RESERVED} номеров сразу.")
    _check(office, counter, wish)

    def attempt(unit: Unit) -> tuple[Reserve, ...]:
        values = [series.draw(unit, counter.series, counter.period, counter.scope) for _ in range(count)]
        return _held(office, unit, counter, values, wish)

    return retrying(office.database, attempt)


def reserve_literal(
    office: Office, counter: Counter, base: int, wish: Wish, *, letter: bool = False
) -> Reserve:
    """Set a literal number beside a given one aside («15/1», «15а»): the right to register out of order.

    Raises Refused when the base number was never given.
    """
    _check(office, counter, wish)
    if "n" not in series_of(office)[counter.series][1].format.variables:
        raise Refused("Номер этого журнала складывается из карточки: литеру впишите в неё.")
    inner = replace(counter, scope=literal_scope(counter.scope, base, letter=letter))

    def attempt(unit: Unit) -> Reserve:
        given = {row.number.value for row in series.book(unit, counter.series, counter.period)
                 if row.scope == counter.scope}
        if base not in given:
            raise Refused(f"Номера {base} в журнале «{counter.series}» за {counter.period} нет: "
                          "литерный номер ставится только рядом с выданным.")
        value = series.draw(unit, inner.series, inner.period, inner.scope)
        try:
            short_number(inner.scope, value)
        except ValueError as error:
            raise Refused(f"{error}.") from error
        return _held(office, unit, inner, [value], wish)[0]

    return retrying(office.database, attempt)


def explain(office: Office, counter: Counter, first: int, last: int, reason: str) -> int:
    """Say why numbers were never given («пропущен по технической ошибке»); raises Refused for given ones."""
    if not reason.strip():
        raise Refused("Укажите причину пропуска.")

    def attempt(unit: Unit) -> int:
        missing = set(_missing(unit, counter))
        wanted = range(first, last + 1)
        wrong = next((one for one in wanted if one not in missing), None)
        if wrong is not None or not wanted:
            raise Refused(f"Номер {wrong if wrong is not None else first} не пропущен: он выдан, "
                          "зарезервирован, объяснён или ещё впереди.")
        for value in wanted:
            reserves.skip(unit, counter, value, reason=reason.strip(), author=0, now=office.clock.now())
        return len(wanted)

    return retrying(office.database, attempt)


def expire(office: Office) -> tuple[Reserve, ...]:
    """Deal with reserves whose day has passed: back to the series, or annulled; return the changed ones.

    In a year that is over nobody can take a number any more, so there it is annulled either way.
    """
    today = _today(office)

    def attempt(unit: Unit) -> tuple[Reserve, ...]:
        found: list[Reserve] = []
        for one in reserves.listing(unit, None, None, "held", "free"):
            if one.state == "held" and one.until < today:
                after = after_hold(one, today)
            elif one.state == "free" and _over(one, today):
                after = "annulled"
            else:
                continue
            if reserves.change(unit, one.id, one.state, after, reason=EXPIRED, now=office.clock.now()):
                found.append(replace(one, state=after, reason=EXPIRED))
        return tuple(found)

    return retrying(office.database, attempt)


def after_hold(one: Reserve, today: date) -> str:
    """Return the state of a held number that is not wanted any more: free again, or annulled."""
    comes_back = one.returns and not _over(one, today) and outer_scope(one.scope) == one.scope
    return "free" if comes_back else "annulled"


def _over(one: Reserve, today: date) -> bool:
    return one.period.isdigit() and int(one.period) < today.year


def listing(office: Office, code: str | None = None) -> tuple[Reserve, ...]:
    """Return everything that was set aside."""
    with office.database.reading() as unit:
        return tuple(reserves.listing(unit, code))


def name_of(one: Reserve) -> str:
    """Return a reserved number as people say it before it has its text: «46», «15/1»."""
    ordinal, mark = short_number(one.scope, one.value)
    scope = outer_scope(one.scope)
    return f"{scope}: {ordinal}{mark}" if scope else f"{ordinal}{mark}"


def asked_number(definition: ProcessDefinition, action: Action, command: Command, context: Context) -> str:
    """Return the reserved number that a registration names, empty when it takes the next one."""
    if all(one.field.code != RESERVED_FIELD for one in action.form):
        return ""
    return text_of(read_form(action, definition, command, context), RESERVED_FIELD)


def claim(unit: Unit, wanted: Registration, text: str, command: Command, context: Context) -> Number:
    """Take a reserved number for a registration, in its transaction; raises InvalidForm."""
    counter, key = wanted.counter, normalise(text)
    held = [one for one in reserves.listing(unit, counter.series, counter.period, "held")
            if outer_scope(one.scope) == counter.scope]
    for one in held:
        number = wanted.number(one.value, one.scope)
        ordinal, mark = short_number(one.scope, one.value)
        if key not in {normalise(number.text), normalise(f"{ordinal}{mark}")}:
            continue
        if one.until < context.today:
            raise InvalidForm({RESERVED_FIELD: f"«{text}»: резерв действовал до {date_short(one.until)}"})
        if one.holder not in {None, command.actor}:
            name = context.directory.get(one.holder or 0).name
            raise InvalidForm({RESERVED_FIELD: f"«{text}»: номер зарезервирован за другим: {name}"})
        if reserves.change(unit, one.id, "held", "used", reason=one.purpose, now=context.now):
            return number
    raise InvalidForm({RESERVED_FIELD: f"«{text}»: такого номера в резерве нет или он уже использован"})


def _held(
    office: Office, unit: Unit, counter: Counter, values: Sequence[int], wish: Wish
) -> tuple[Reserve, ...]:
    return tuple(reserves.hold(
        unit, counter, values, purpose=wish.purpose.strip(), holder=wish.holder, until=wish.until,
        returns=wish.returns, author=wish.author, now=office.clock.now(),
    ))


def _check(office: Office, counter: Counter, wish: Wish) -> None:
    today = _today(office)
    if not wish.purpose.strip():
        raise Refused("Укажите, для чего резервируются номера.")
    if wish.until < today:
        raise Refused(f"Срок резерва {date_short(wish.until)} уже прошёл.")
    if counter.period.isdigit() and wish.until.year > int(counter.period):
        raise Refused(f"Резерв действует до конца года нумерации: не позже 31.12.{counter.period}.")


def _missing(unit: Unit, counter: Counter) -> Iterable[int]:
    """Return the values below the counter that are neither in the book nor set aside."""
    reached = series.counters(unit, counter.series, counter.period).get(counter.scope, 0)
    known = {row.number.value for row in series.book(unit, counter.series, counter.period)
             if row.scope == counter.scope}
    known |= {one.value for one in reserves.listing(unit, counter.series, counter.period)
              if one.scope == counter.scope}
    return [value for value in range(1, reached + 1) if value not in known]


def _today(office: Office) -> date:
    return office.clock.now().astimezone(office.zone).date()
