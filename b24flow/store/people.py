"""The directory: a snapshot of the portal's staff, and substitutions, which the portal does not have.

Nobody is ever deleted: an employee who vanished from the portal becomes inactive, a substitution that
was removed stays with the moment of removal, because journals name both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update

from b24flow.core.people import Department, Directory, Employee, Scope, Substitution
from b24flow.store import upsert
from b24flow.store.engine import Unit
from b24flow.store.tables import department, employee, substitution


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstitutionRow:
    """A substitution with its id, who added it and when."""

    id: int
    substitution: Substitution
    author: int
    added_at: datetime


def save_employees(unit: Unit, people: Iterable[Employee]) -> None:
    """Make the snapshot equal to a full list of employees; the missing ones become inactive."""
    rows = [_employee_values(one) for one in people]
    ids = [row["id"] for row in rows]
    known = unit.execute(select(employee.c.id).where(employee.c.active)).scalars()
    gone = set(known) - set(ids)
    if gone:
        unit.execute(update(employee).where(employee.c.id.in_(gone)).values(active=False))
    if rows:
        statement = upsert.insert(unit, employee)
        changes = {name: statement.excluded[name] for name in rows[0] if name != "id"}
        unit.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes), rows)


def save_departments(unit: Unit, units: Iterable[Department]) -> None:
    """Make the snapshot equal to a full list of departments."""
    rows = [asdict(one) for one in units]
    unit.execute(delete(department))
    if rows:
        unit.execute(insert(department), rows)


def directory(unit: Unit, roles: Mapping[str, Sequence[int]]) -> Directory:
    """Return everybody, with the roles of the configuration and the substitutions in force or ahead."""
    people = unit.execute(select(employee))
    units = unit.execute(select(department))
    return Directory(
        employees={row.id: Employee(**row._mapping) for row in people},
        departments={row.id: Department(**row._mapping) for row in units},
        roles={code: tuple(users) for code, users in roles.items()},
        substitutions=tuple(row.substitution for row in substitutions(unit)),
    )


def add_substitution(unit: Unit, one: Substitution, *, author: int, now: datetime) -> int:
    """Add a substitution and return its id."""
    statement = insert(substitution).values(
        principal=one.principal, substitute=one.substitute, since=one.since, until=one.until,
        process=one.process, scope=one.scope.value, author=author, added_at=now,
    )
    return int(unit.execute(statement.returning(substitution.c.id)).scalar_one())


def remove_substitution(unit: Unit, row_id: int, *, now: datetime) -> bool:
    """End a substitution at once; False when there is none with this id."""
    statement = update(substitution).where(
        substitution.c.id == row_id, substitution.c.removed_at.is_(None)
    )
    return unit.execute(statement.values(removed_at=now)).rowcount == 1


def substitutions(unit: Unit, ended_before: date | None = None) -> list[SubstitutionRow]:
    """Return substitutions that were not removed; `ended_before` leaves out those over by that day."""
    query = select(substitution).where(substitution.c.removed_at.is_(None))
    if ended_before is not None:
        query = query.where(substitution.c.until >= ended_before)
    return [
        SubstitutionRow(
            id=row.id, author=row.author, added_at=row.added_at,
            substitution=Substitution(principal=row.principal, substitute=row.substitute,
                                      since=row.since, until=row.until, process=row.process,
                                      scope=Scope(row.scope)),
        )
        for row in unit.execute(query.order_by(substitution.c.id))
    ]


def _employee_values(one: Employee) -> dict[str, object]:
    return {
        "id": one.id, "last_name": one.last_name, "first_name": one.first_name,
        "middle_name": one.middle_name, "post": one.post, "department": one.department,
        "email": one.email, "active": one.active,
    }
