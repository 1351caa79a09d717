"""Substitutions as people arrange them: everybody his own, a head those of his people (domain §2.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from b24flow.core.people import SCOPE_WORDS, Directory, Scope
from b24flow.core.russian import parse_date
from b24flow.errors import InvalidForm, NotAllowed, NotFound
from b24flow.services.office import Office
from b24flow.services.people import add_substitution, remove_substitution, substitutions
from b24flow.store.people import SubstitutionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstitutionView:
    """A line of the page «Замещения»."""

    id: int
    principal: str
    substitute: str
    since: date
    until: date
    what: str
    now: bool
    mine: bool
    may_end: bool
    author: str


def may_arrange(directory: Directory, user: int, principal: int) -> bool:
    """Tell whether `user` decides who substitutes `principal`."""
    return user == principal or directory.leads(user, principal)


def substitution_views(office: Office, user: int) -> tuple[SubstitutionView, ...]:
    """Return the substitutions that concern a person: his own, for whom he acts, those of his people."""
    with office.database.reading() as unit:
        context = office.context(unit)
    found = [
        _view(office, row, user, context.directory, context.today) for row in substitutions(office)
        if user in {row.substitution.principal, row.substitution.substitute}
        or may_arrange(context.directory, user, row.substitution.principal)
    ]
    return tuple(sorted(found, key=lambda one: (not one.now, one.since, one.id)))


def _view(
    office: Office, row: SubstitutionRow, user: int, directory: Directory, today: date
) -> SubstitutionView:
    one = row.substitution
    processes = office.definitions.processes()
    named = processes[one.process].label if one.process in processes else one.process
    return SubstitutionView(
        id=row.id, principal=directory.get(one.principal).name, since=one.since, until=one.until,
        substitute=directory.get(one.substitute).name, now=one.active(today),
        what=", ".join(part for part in (SCOPE_WORDS[one.scope], named) if part),
        mine=one.principal == user, may_end=may_arrange(directory, user, one.principal),
        author=directory.get(row.author).name if row.author else "администратор",
    )


def arrange(office: Office, user: int, said: Mapping[str, str]) -> int:
    """Add a substitution from what a person typed; return its id.

    Raises InvalidForm with everything that is wrong, NotAllowed for somebody else's people.
    """
    errors: dict[str, str] = {}
    principal = _person(said, "principal", "Кого замещают: выберите сотрудника", errors)
    substitute = _person(said, "substitute", "Кто замещает: выберите сотрудника", errors)
    since = _day(said, "since", "С какого дня: укажите дату", errors)
    until = _day(said, "until", "По какой день: укажите дату", errors)
    if said.get("scope", "") not in list(Scope):
        errors["scope"] = "Что передать: выберите из списка"
    if said.get("process", "") not in {"", *office.definitions.processes()}:
        errors["process"] = "Такого процесса нет: выберите из списка"
    if errors or principal is None or substitute is None or since is None or until is None:
        raise InvalidForm(errors)
    with office.database.reading() as unit:
        directory = office.context(unit).directory
    if not may_arrange(directory, user, principal):
        raise NotAllowed("Замещение назначают себе, а руководитель — своим сотрудникам.")
    return add_substitution(office, principal, substitute, since, until, author=user,
                            process=said.get("process", ""), scope=Scope(said["scope"]))


def end(office: Office, user: int, row_id: int) -> None:
    """End a substitution at once; raises NotFound, NotAllowed."""
    found = next((row for row in substitutions(office) if row.id == row_id), None)
    if found is None:
        raise NotFound("Такого замещения нет: возможно, его уже отменили.")
    with office.database.reading() as unit:
        directory = office.context(unit).directory
    if not may_arrange(directory, user, found.substitution.principal):
        raise NotAllowed("Отменить замещение может тот, кого замещают, или его руководитель.")
    remove_substitution(office, row_id)


def _person(said: Mapping[str, str], code: str, wrong: str, errors: dict[str, str]) -> int | None:
    text = said.get(code, "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:  # an id fits 32 bits
        return int(text)
    errors[code] = wrong
    return None


def _day(said: Mapping[str, str], code: str, wrong: str, errors: dict[str, str]) -> date | None:
    try:
        found = parse_date(said.get(code, ""))
    except ValueError:
        found = None
    if found is None:
        errors[code] = wrong
    return found
