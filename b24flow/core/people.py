"""People as a snapshot: employees, departments and heads come from the portal, the rest is ours.

The box has no substitutions at all (reference bitrix24-rest-tasks-bot-disk.md §4.3), so they live here
beside the roles.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from b24flow.core.russian import initials


@dataclass(frozen=True, slots=True, kw_only=True)
class Employee:
    """A person with a portal account; `id` is the portal's user id."""

    id: int
    last_name: str
    first_name: str = ""
    middle_name: str = ""
    post: str = ""
    department: int | None = None
    email: str = ""
    active: bool = True

    @property
    def name(self) -> str:
        """«Иванов И. И.», the form used in lists and cards."""
        return initials(self.last_name, self.first_name, self.middle_name)

    @property
    def full_name(self) -> str:
        """Surname, first name and patronymic."""
        return " ".join(part for part in (self.last_name, self.first_name, self.middle_name) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A unit of the staff; `head` is a user id."""

    id: int
    name: str
    parent: int | None = None
    head: int | None = None


class Scope(StrEnum):
    """What a substitute may do for the principal."""

    ALL = "all"
    APPROVAL = "approval"
    NO_SIGNING = "no_signing"


SCOPE_WORDS: Mapping[Scope, str] = {
    Scope.ALL: "всё", Scope.APPROVAL: "только согласование", Scope.NO_SIGNING: "всё, кроме подписания",
}


READER = "reader"
"""The part that no substitute has: a line of the acknowledgement sheet is evidence about one person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What is to be done for somebody: in which process and in which part (a role of the definition)."""

    process: str
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitution:
    """`substitute` acts for `principal` from `since` to `until`, both days included.

    `process` is empty for all of them; `scope` narrows what is done (domain §2.6).
    """

    principal: int
    substitute: int
    since: date
    until: date
    process: str = ""
    scope: Scope = Scope.ALL

    def active(self, day: date) -> bool:
        """Tell whether the substitution holds on `day`."""
        return self.since <= day <= self.until

    def covers(self, matter: Matter) -> bool:
        """Tell whether it is about such a matter; nobody acquaints himself with a document for another."""
        if matter.part == READER:
            return False
        if self.process and self.process != matter.process:
            return False
        if self.scope is Scope.APPROVAL:
            return matter.part == "approver"
        return self.scope is Scope.ALL or matter.part != "signer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """`person` is away from `since` to `until`, both days included, as the portal says."""

    person: int
    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Everyone a document can meet; unknown ids are answered with a placeholder, never with an error."""

    employees: Mapping[int, Employee] = field(default_factory=dict)
    departments: Mapping[int, Department] = field(default_factory=dict)
    roles: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    substitutions: tuple[Substitution, ...] = ()

    def get(self, user: int) -> Employee:
        """Return the employee, or a placeholder that names the id."""
        return self.employees.get(user) or Employee(
            id=user, last_name=f"Сотрудник № {user}", active=False
        )

    def active(self, user: int) -> bool:
        """Tell whether the person exists and is not dismissed."""
        found = self.employees.get(user)
        return found is not None and found.active

    def role(self, code: str) -> tuple[int, ...]:
        """Return the active people in an organisational role, in the order they were configured."""
        return tuple(user for user in self.roles.get(code, ()) if self.active(user))

    def head_of(self, user: int) -> int | None:
        """Return the nearest active head above a person; a head's head is found one department up."""
        seen: set[int] = set()
        department = self.get(user).department
        while department is not None and department not in seen:
            seen.add(department)
            unit = self.departments.get(department)
            if unit is None:
                return None
            if unit.head is not None and unit.head != user and self.active(unit.head):
                return unit.head
            department = unit.parent
        return None

    def leads(self, head: int, user: int) -> bool:
        """Tell whether `head` is at the head of a person's department or of one above it."""
        seen: set[int] = set()
        department = self.get(user).department
        while department is not None and department not in seen:
            seen.add(department)
            unit = self.departments.get(department)
            if unit is None:
                return False
            if unit.head == head and head != user:
                return True
            department = unit.parent
        return False

    def away(self, user: int, day: date) -> tuple[Substitution, ...]:
        """Return the substitutions of `user` in force on `day`, whatever they are about."""
        return tuple(one for one in self.substitutions if one.principal == user and one.active(day))

    def substitutes(self, user: int, day: date, matter: Matter) -> tuple[int, ...]:
        """Return who acts for `user` in a matter on `day`: chains of at most three, without loops."""
        found: list[int] = []
        level = [user]
        for _ in range(3):
            level = [
                one.substitute
                for one in self.substitutions
                if one.principal in level and one.active(day) and one.covers(matter)
                and one.substitute != user and one.substitute not in found
            ]
            found.extend(dict.fromkeys(level))
        return tuple(one for one in found if self.active(one))

    def principals(self, user: int, day: date, matter: Matter) -> tuple[int, ...]:
        """Return for whom `user` acts in a matter on `day`."""
        if all(one.substitute != user for one in self.substitutions):
            return ()
        candidates = dict.fromkeys(one.principal for one in self.substitutions)
        return tuple(
            principal for principal in candidates
            if principal != user and user in self.substitutes(principal, day, matter)
        )

    def may_act(
        self, user: int, people: Collection[int], day: date, matter: Matter
    ) -> tuple[bool, int | None]:
        """Tell whether `user` is one of `people` or acts for one of them in a matter, and for whom."""
        if user in people:
            return True, None
        for principal in self.principals(user, day, matter):
            if principal in people:
                return True, principal
        return False, None
