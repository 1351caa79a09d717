"""The end of a year in the books: what every series gave, annulled and skipped; what goes on into the next.

A year's numbers are never changed afterwards: a skipped one is explained, an open document keeps its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from b24flow.core.registration import outer_scope
from b24flow.core.tree import state_of
from b24flow.services.numbers import expire, name_of, series_of
from b24flow.services.office import Office
from b24flow.store import documents, reserves, series, work
from b24flow.store.engine import Unit
from b24flow.store.reserves import Reserve
from b24flow.store.series import NumberRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A number without a document, and why."""

    number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """One series (inside one scope) in one year; `unexplained` are ranges nobody gave a reason for."""

    process: str
    series: str
    scope: str
    template: str
    year: int
    first: str
    last: str
    given: int
    in_force: int
    annulled: tuple[Gone, ...]
    literal: tuple[str, ...]
    reserved_used: int
    reserved_unused: tuple[Gone, ...]
    still_held: tuple[Gone, ...]
    skipped: tuple[Gone, ...]
    unexplained: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Tell whether every number of the year is accounted for."""
        return not self.unexplained and not self.still_held


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """An open document that goes into the next year; what has a number of the old one keeps it.

    `number` is empty before registration, `dated` is then the day the document was begun.
    """

    uuid: str
    number: str
    dated: date
    process: str
    title: str
    state: str
    term: date | None
    holders: tuple[str, ...]


def closing(office: Office, year: int, code: str | None = None) -> tuple[Closing, ...]:
    """Return the closing report of a year, one part per series and scope that gave numbers.

    Reserves whose day has passed are settled first, so the report shows what became of them.
    """
    expire(office)
    found: list[Closing] = []
    with office.database.reading() as unit:
        for name, (definition, numbering) in sorted(series_of(office).items()):
            if code not in {None, name} or numbering.period != "year":
                continue
            reached = series.counters(unit, name, str(year))
            book = series.book(unit, name, str(year))
            aside = reserves.listing(unit, name, str(year))
            for scope in sorted({outer_scope(one) for one in reached}):
                part = _Part(
                    [row for row in book if outer_scope(row.scope) == scope],
                    [one for one in aside if outer_scope(one.scope) == scope], scope, reached.get(scope, 0),
                )
                found.append(part.closing(definition.label, name, numbering.format.template, year))
    return tuple(found)


class _Part:
    """The numbers of one series inside one scope."""

    def __init__(self, book: list[NumberRow], aside: list[Reserve], scope: str, reached: int) -> None:
        self._book, self._aside, self._scope, self._reached = book, aside, scope, reached

    def closing(self, process: str, name: str, template: str, year: int) -> Closing:
        own = [row for row in self._book if row.scope == self._scope]
        return Closing(
            process=process, series=name, scope=self._scope, template=template, year=year,
            first=own[0].number.text if own else "", last=own[-1].number.text if own else "",
            given=len(self._book), in_force=sum(1 for row in self._book if row.state == "issued"),
            annulled=tuple(Gone(number=row.number.text, reason=row.reason) for row in self._book
                           if row.state == "annulled"),
            literal=tuple(row.number.text for row in self._book if row.scope != self._scope),
            reserved_used=sum(1 for one in self._aside if one.state == "used"),
            reserved_unused=self._aside_in("annulled"), still_held=self._aside_in("held", "free"),
            skipped=self._aside_in("skipped"), unexplained=tuple(self._gaps()),
        )

    def _aside_in(self, *states: str) -> tuple[Gone, ...]:
        return tuple(
            Gone(number=name_of(one), reason="; ".join(part for part in (one.purpose, one.reason) if part))
            for one in self._aside if one.state in states
        )

    def _gaps(self) -> list[str]:
        known = {row.number.value for row in self._book if row.scope == self._scope}
        known |= {one.value for one in self._aside if one.scope == self._scope}
        missing = [value for value in range(1, self._reached + 1) if value not in known]
        ranges: list[list[int]] = []
        for value in missing:
            if ranges and ranges[-1][1] == value - 1:
                ranges[-1][1] = value
            else:
                ranges.append([value, value])
        return [str(first) if first == last else f"{first}–{last}" for first, last in ranges]


def carried_over(office: Office, year: int) -> tuple[Carried, ...]:
    """Return the documents that were open when a year ended: those numbered in it, then those not yet.

    What had waited for its registration, its meeting or its signature is carried over too: a number that it
    got since then is of the year of its registration.
    """
    since = datetime(year + 1, 1, 1, tzinfo=office.zone)
    with office.database.reading() as unit:
        return tuple(
            row for uuid in series.carried(unit, year, since, since.date())
            if (row := _carried(office, unit, uuid)) is not None
        )


def _carried(office: Office, unit: Unit, uuid: str) -> Carried | None:
    stored = documents.load(unit, uuid, lock=False)
    if stored is None:
        return None
    document, directory = stored.document, office.people.directory(unit)
    number = document.number
    begun = document.opened_at.astimezone(office.zone).date()
    definition = office.definition_of(document)
    users = {one.item.user: None for one in work.holders(unit, stored.id) if one.item.acting_for is None}
    return Carried(
        uuid=uuid, number=number.text if number is not None else "",
        dated=number.dated if number is not None else begun, process=definition.label,
        title=document.text(definition.title_field), state=definition.state(state_of(document)).label,
        term=document.term, holders=tuple(directory.get(one).name for one in users),
    )


def certificate(one: Closing) -> str:
    """Return the closing entry of a journal as it is printed and signed."""
    scope = f", {one.scope}" if one.scope else ""
    lines = [
        f"ЗАВЕРИТЕЛЬНАЯ ЗАПИСЬ ЗА {one.year} ГОД",
        f"{one.process}: журнал {one.series}{scope}, номера вида {one.template}",
        f"Первый номер: {one.first or 'нет'}. Последний номер: {one.last or 'нет'}.",
        f"Всего присвоено номеров: {one.given}, из них действует {one.in_force}, аннулировано "
        f"{len(one.annulled)}, литерных {len(one.literal)}. Из резерва использовано: {one.reserved_used}.",
    ]
    for heading, gone in (
        ("Аннулированы", one.annulled), ("Зарезервированы и не использованы", one.reserved_unused),
        ("Не присваивались", one.skipped), ("Ещё в резерве", one.still_held),
    ):
        if gone:
            lines.append(f"{heading}:")
            lines += [f"  № {each.number} — {each.reason or 'причина не указана'}" for each in gone]
    if one.literal:
        lines.append(f"Литерные номера: {', '.join(one.literal)}")
    if one.unexplained:
        lines.append(f"Пропущены без объяснения: {', '.join(one.unexplained)}")
    lines += ["", "Делопроизводитель        ______________ / __________________ /",
              "Заведующий общим отделом ______________ / __________________ /",
              "                         «___» ______________ 20___ г."]
    return "\n".join(lines)
