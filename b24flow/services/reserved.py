"""Reserved numbers that were not used: who sees them, and how one is released before its day (E14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from b24flow.core.numbering import normalise
from b24flow.core.people import Directory
from b24flow.core.registration import Counter, outer_scope
from b24flow.errors import InvalidForm, NotAllowed, NotFound, Refused
from b24flow.services.numbers import after_hold, name_of, series_of
from b24flow.services.office import Office
from b24flow.store import reserves
from b24flow.store.engine import Unit, retrying
from b24flow.store.reserves import Reserve

ROLES = ("clerk", "office_head")
"""Who keeps the books of numbers."""

RELEASED = {"free": "возвращён в журнал: его получит следующий документ", "annulled": "аннулирован"}
_MIN_REASON, _MAX_REASON = 3, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldView:
    """A number in reserve as people read it; `fate` says what a release makes of it."""

    id: int
    number: str
    journal: str
    period: str
    purpose: str
    holder: str
    until: date
    expired: bool
    fate: str


def keeps_numbers(directory: Directory, user: int) -> bool:
    """Tell whether a person sees the reserve and releases numbers from it."""
    return any(user in directory.role(one) for one in ROLES)


def held_views(office: Office, user: int) -> tuple[HeldView, ...]:
    """Return the numbers in reserve; raises NotAllowed."""
    with office.database.reading() as unit:
        context = office.context(unit)
        rows = reserves.listing(unit, None, None, "held")
    _check(context.directory, user)
    known = series_of(office)
    return tuple(
        HeldView(
            id=one.id, number=name_of(one), period=one.period, purpose=one.purpose, until=one.until,
            journal=known[one.series][0].label if one.series in known else one.series,
            holder=context.directory.get(one.holder).name if one.holder is not None else "любому",
            expired=one.until < context.today, fate=RELEASED[after_hold(one, context.today)],
        )
        for one in rows
    )


def release(office: Office, row: int, reason: str, user: int) -> Reserve:
    """Release a held number before its day, in the name of a person; the closing report says why.

    It goes where an expired one goes: back to the series, or it is annulled. Raises NotAllowed, NotFound,
    InvalidForm, Refused (also when somebody was faster).
    """
    def attempt(unit: Unit) -> Reserve:
        context = office.context(unit)
        _check(context.directory, user)
        found = next((one for one in reserves.listing(unit) if one.id == row), None)
        if found is None:
            raise NotFound("Такого номера в резерве нет.")
        return _release(office, unit, found, reason, context.directory.get(user).name)

    return retrying(office.database, attempt)


def release_named(office: Office, counter: Counter, text: str, reason: str) -> Reserve:
    """Release a held number by its name («46», «15/1»), from the command line; raises as `release`."""
    def attempt(unit: Unit) -> Reserve:
        rows = [one for one in reserves.listing(unit, counter.series, counter.period)
                if outer_scope(one.scope) == counter.scope and _named(one, text)]
        held = next((one for one in rows if one.state == "held"), None)
        if held is None and not rows:
            raise NotFound(f"Номера {text[:40]} в резерве журнала «{counter.series}» нет.")
        return _release(office, unit, held or rows[0], reason, "")

    return retrying(office.database, attempt)


def _named(one: Reserve, text: str) -> bool:
    return normalise(text) in {normalise(name_of(one)), normalise(name_of(one).partition(": ")[2])}


def _release(office: Office, unit: Unit, found: Reserve, reason: str, who: str) -> Reserve:
    said = " ".join(reason.split())
    if not _MIN_REASON <= len(said) <= _MAX_REASON:
        text = f"Укажите причину, от {_MIN_REASON} до {_MAX_REASON} знаков: она войдёт в отчёт за год"
        raise InvalidForm({"reason": text})
    now = office.clock.now()
    after = after_hold(found, now.astimezone(office.zone).date())
    why = f"снят с резерва досрочно{f' ({who})' if who else ''}: {said}"
    if not reserves.change(unit, found.id, "held", after, reason=why, now=now):
        words: Mapping[str, str] = {
            "used": "уже использован", "annulled": "уже аннулирован", "free": "уже возвращён в журнал",
            "skipped": "не присваивался", "held": "только что изменён, повторите"}
        raise Refused(f"Номер {name_of(found)} {words[found.state]}.")
    return replace(found, state=after, reason=why)


def _check(directory: Directory, user: int) -> None:
    if not keeps_numbers(directory, user):
        raise NotAllowed("Резерв номеров ведут делопроизводитель и заведующий общим отделом.")
