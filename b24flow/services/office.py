"""What every use case works with: the database, the clock, the calendar, people, definitions, files."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from b24flow.clock import Clock
from b24flow.core.calendar import Calendar
from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document, Number
from b24flow.core.people import Directory
from b24flow.core.ports import Definitions, Mailer, Renderer
from b24flow.errors import NotFound
from b24flow.services.tickets import Tickets
from b24flow.store import people
from b24flow.store.engine import Database, Unit
from b24flow.store.files import ContentStore

LINK_LIFE = timedelta(days=30)


class People:
    """The directory, read again when it is older than a few seconds or was changed by us."""

    def __init__(self, roles: Mapping[str, tuple[str, ...]], clock: Clock, life_s: float = 5.0) -> None:
        self._roles = roles
        self._clock = clock
        self._life = timedelta(seconds=life_s)
        self._lock = threading.Lock()
        self._read_at: datetime | None = None
        self._directory = Directory()

    def directory(self, unit: Unit) -> Directory:
        """Return the present directory; roles name people by e-mail or by portal id."""
        with self._lock:
            now = self._clock.now()
            if self._read_at is None or not timedelta() <= now - self._read_at < self._life:
                found = people.directory(unit, {})
                self._directory = Directory(
                    employees=found.employees, departments=found.departments,
                    substitutions=found.substitutions, roles=self._resolve(found),
                )
                self._read_at = now
            return self._directory

    def forget(self) -> None:
        """Make the next reader load the directory again."""
        with self._lock:
            self._read_at = None

    def _resolve(self, found: Directory) -> dict[str, tuple[int, ...]]:
        by_email = {one.email.casefold(): one.id for one in found.employees.values() if one.email}
        resolved: dict[str, tuple[int, ...]] = {}
        for role, names in self._roles.items():
            ids = (int(one) if one.isdigit() else by_email.get(one.casefold()) for one in names)
            resolved[role] = tuple(one for one in ids if one is not None)
        return resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One running installation; `install` distinguishes our objects in a shared portal.

    `renderer` fills templates, `organisation` is what they write about whose documents these are, `mailer`
    is the way out for letters, None while no mail server is set.
    """

    database: Database
    clock: Clock
    zone: ZoneInfo
    calendar: Calendar
    definitions: Definitions
    people: People
    content: ContentStore
    tickets: Tickets
    install: str
    base_url: str
    renderer: Renderer | None = None
    organisation: Mapping[str, Any] = field(default_factory=dict)
    mailer: Mailer | None = None

    def context(self, unit: Unit, number: Number | None = None) -> Context:
        """Return the world at this moment, for one decision."""
        return Context(
            now=self.clock.now(), zone=self.zone, calendar=self.calendar,
            directory=self.people.directory(unit), number=number,
            mail=self.mailer is not None,
        )

    def definition_of(self, document: Document) -> ProcessDefinition:
        """Return the definition a document began with."""
        return self.definitions.get(document.digest)

    def process(self, code: str) -> ProcessDefinition:
        """Return the present definition of a process; raises NotFound."""
        found = self.definitions.processes().get(code)
        if found is None:
            raise NotFound(f"Процесса «{code[:60]}» нет.")
        return found

    def document_url(self, uuid: str) -> str:
        """Return the address of a document's page."""
        return f"{self.base_url}/documents/{uuid}"
