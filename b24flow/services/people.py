"""People change: the staff snapshot, substitutions, and the work of those who left (E06, E07).

The box knows no substitutions, so they are kept here; a document's holders are worked out again whenever
one begins or ends, so that the substitute finds the document and the principal loses nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from b24flow.core.absence import LABEL, hand_over
from b24flow.core.commands import SYSTEM
from b24flow.core.holding import work_items
from b24flow.core.people import Department, Directory, Employee, Scope, Substitution
from b24flow.core.russian import date_short
from b24flow.errors import InvalidForm, NotFound, Refused
from b24flow.ids import derived_id
from b24flow.services.act import apply_events
from b24flow.services.office import Office
from b24flow.store import documents, incidents, outbox, people, work
from b24flow.store.engine import Unit, retrying
from b24flow.store.people import SubstitutionRow

ENDED_DAYS = timedelta(days=7)
"""How long after its end a substitution is still looked at, should the service have been off."""

_CHUNK = 500
_ALL = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a synchronisation found; `released` and `stuck` are uuids of documents."""

    employees: int
    departments: int
    dismissed: tuple[int, ...]
    released: tuple[str, ...]
    stuck: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Documents taken over from people who left, and those nobody could take over (incidents)."""

    released: tuple[str, ...]
    stuck: tuple[str, ...]


def sync(
    office: Office, departments: Iterable[Department], employees: Iterable[Employee]
) -> SyncReport:
    """Make the directory equal to the portal's staff and free the documents of those who left.

    Raises Refused for an empty list: that is a failed reading, not a dismissal of everybody.
    """
    units, persons = tuple(departments), tuple(employees)
    if not any(one.active for one in persons):
        raise Refused("Портал вернул пустой список сотрудников: справочник оставлен прежним.")

    def attempt(unit: Unit) -> Directory:
        before = people.directory(unit, {})
        people.save_employees(unit, persons)
        people.save_departments(unit, units)
        return before

    before = retrying(office.database, attempt)
    office.people.forget()
    working = {one.id for one in persons if one.active}
    dismissed = [one.id for one in before.employees.values()
                 if one.active and one.id not in working]
    freed = release_absent(office)
    return SyncReport(
        employees=len(working), departments=len(units), dismissed=tuple(sorted(dismissed)),
        released=freed.released, stuck=freed.stuck,
    )


def release_absent(office: Office) -> Released:
    """Hand over every document that somebody dismissed holds or decides about; a repeat does nothing.

    A document that nobody can take over stays where it is and becomes an incident.
    """
    with office.database.reading() as unit:
        directory = office.context(unit).directory
        left = [one.id for one in directory.employees.values() if not one.active]
        held = _held_by(unit, left)
    released: list[str] = []
    stuck: list[str] = []
    for uuid in held:
        freed = _release(office, uuid)
        if freed:
            released.append(uuid)
        if not _settled(office, uuid, directory):
            stuck.append(uuid)
    return Released(released=tuple(released), stuck=tuple(stuck))


def refresh_holders(office: Office, users: Collection[int]) -> tuple[str, ...]:
    """Work out again who holds the open documents of `users`; return those that changed.

    One transaction per document; a document whose holders stay the same is not written.
    """
    with office.database.reading() as unit:
        held = _held_by(unit, users)
    return tuple(uuid for uuid in held if _refresh(office, uuid))


def refresh_substitutes(office: Office) -> tuple[str, ...]:
    """Follow the substitutions that began or ended by themselves: to be called every day."""
    with office.database.reading() as unit:
        context = office.context(unit)
        rows = people.substitutions(unit, ended_before=context.today - ENDED_DAYS)
    principals = {one.substitution.principal for one in rows}
    substitutes = {one.substitution.substitute for one in rows}
    return refresh_holders(office, principals | substitutes)


def add_substitution(
    office: Office, principal: int, substitute: int, since: date, until: date, author: int, *,
    process: str = "", scope: Scope = Scope.ALL,
) -> int:
    """Let `substitute` act for `principal`, both days included; return the id of the record.

    Raises InvalidForm naming everything that is wrong, NotFound for an unknown process; then nothing changed.
    """
    if process:
        office.process(process)
    wanted = Substitution(principal=principal, substitute=substitute, since=since, until=until,
                          process=process, scope=scope)

    def attempt(unit: Unit) -> int:
        context = office.context(unit)
        # The directory may be some seconds old; a loop must not slip through between two additions.
        known = [one.substitution for one in people.substitutions(unit)]
        errors = _errors(wanted, known, context.directory, context.today)
        if errors:
            raise InvalidForm(errors)
        return people.add_substitution(unit, wanted, author=author, now=context.now)

    added = retrying(office.database, attempt)
    office.people.forget()
    refresh_holders(office, {principal, substitute})
    return added


def remove_substitution(office: Office, row_id: int) -> None:
    """End a substitution at once; raises NotFound when there is none."""

    def attempt(unit: Unit) -> Substitution:
        rows = people.substitutions(unit)
        found = next((one.substitution for one in rows if one.id == row_id), None)
        if found is None or not people.remove_substitution(unit, row_id, now=office.clock.now()):
            raise NotFound("Такого замещения нет.")
        return found

    removed = retrying(office.database, attempt)
    office.people.forget()
    refresh_holders(office, {removed.principal, removed.substitute})


def substitutions(office: Office) -> tuple[SubstitutionRow, ...]:
    """Return the substitutions in force or ahead, in the order they were added."""
    with office.database.reading() as unit:
        today = office.context(unit).today
        return tuple(people.substitutions(unit, ended_before=today))


def _errors(
    wanted: Substitution, known: Sequence[Substitution], directory: Directory, today: date
) -> dict[str, str]:
    errors: dict[str, str] = {}
    if wanted.principal not in directory.employees:
        errors["principal"] = "Кого замещают: такого сотрудника нет"
    if not directory.active(wanted.substitute):
        errors["substitute"] = "Кто замещает: такого сотрудника нет или он уволен"
    elif wanted.substitute == wanted.principal:
        errors["substitute"] = "Сотрудник не может замещать самого себя"
    elif _leads_back(wanted, known):
        errors["substitute"] = (
            f"{directory.get(wanted.principal).name} в эти дни замещает того, кто указан здесь: "
            "получился бы круг"
        )
    if wanted.until < wanted.since:
        errors["until"] = "Конец замещения раньше его начала"
    elif wanted.until < today:
        errors["until"] = f"Замещение уже прошло: сегодня {date_short(today)}"
    elif any(
        (one.principal, one.substitute) == (wanted.principal, wanted.substitute)
        and _overlap(one, wanted) and one.process in {"", wanted.process}
        and one.scope in {Scope.ALL, wanted.scope} for one in known
    ):
        errors["since"] = "На эти дни такое замещение уже есть"
    return errors


def _overlap(one: Substitution, other: Substitution) -> bool:
    return one.since <= other.until and other.since <= one.until


def _meet(one: Substitution, other: Substitution) -> bool:
    """Tell whether two substitutions can be about the same document on the same day."""
    return _overlap(one, other) and (not one.process or not other.process or one.process == other.process)


def _leads_back(wanted: Substitution, known: Sequence[Substitution]) -> bool:
    """Tell whether the substitute would, through others in the same days, be substituted by himself."""
    links = [one for one in known if _meet(one, wanted)]
    reached = {wanted.substitute}
    while True:
        more = {one.substitute for one in links if one.principal in reached} - reached
        if not more:
            return wanted.principal in reached
        reached |= more


def _held_by(unit: Unit, users: Collection[int]) -> tuple[str, ...]:
    """Return the open documents with a work item of one of `users`, in the order of their terms."""
    wanted = sorted(users)
    found: dict[str, None] = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = work.mine(unit, wanted[start : start + _CHUNK], limit=_ALL)
        found |= dict.fromkeys(one.uuid for one in rows)
    return tuple(found)


def _release(office: Office, uuid: str) -> bool:
    with office.database.reading() as unit:
        stored = documents.load(unit, uuid, lock=False)
    if stored is None:
        return False
    # The version in the id: two processes at once hand over once, a later dismissal is another.
    command = derived_id("absent", office.install, uuid, stored.document.version)
    done = apply_events(office, uuid, command, LABEL, SYSTEM, hand_over)
    return done is not None and not done.repeated


def _settled(office: Office, uuid: str, directory: Directory) -> bool:
    """Tell whether an active person holds the document in every part; open or close its incident."""
    _refresh(office, uuid)

    def attempt(unit: Unit) -> bool:
        stored = documents.load(unit, uuid, lock=False)
        if stored is None:
            return True
        parts: dict[tuple[str, str | None], bool] = {}
        for row in work.holders(unit, stored.id):
            part = (row.item.role, row.item.target)
            parts[part] = parts.get(part, False) or directory.active(row.item.user)
        key, now = f"nobody:{uuid}", office.clock.now()
        if all(parts.values()):
            incidents.close(unit, key, now, resolution="документ передан")
            return True
        number = stored.document.number
        name = number.text if number is not None else "без номера"
        incidents.open(unit, key, "nobody", f"Документ {name}: исполнитель выбыл, передать некому.",
                       now, document_id=stored.id)
        return False

    return retrying(office.database, attempt)


def _refresh(office: Office, uuid: str) -> bool:
    def attempt(unit: Unit) -> bool:
        stored = documents.load(unit, uuid, lock=True)
        if stored is None:
            return False
        definition = office.definition_of(stored.document)
        context = office.context(unit)
        items = work_items(definition, stored.document, context)
        present = {one.item.key: one.item for one in work.holders(unit, stored.id)}
        if present == {one.key: one for one in items}:
            return False
        work.replace(unit, stored.id, items, context.now)
        if definition.registry is not None:
            outbox.want_projection(unit, stored.id, stored.document.version, now=context.now)
        return True

    return retrying(office.database, attempt)
