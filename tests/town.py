"""A whole small world: the sandbox over real HTTP, a real database, an office, its portal session.

The sandbox starts once per test session; every town resets it. People act through the use cases or, in the
portal, as themselves through its pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from b24flow.bot.router import receive
from b24flow.core.access import offers
from b24flow.core.calendar import Calendar
from b24flow.core.commands import Command
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document, FileRef
from b24flow.core.tree import state_of
from b24flow.definitions.calendar import load_calendar
from b24flow.definitions.loader import load_processes
from b24flow.ids import new_id
from b24flow.ops.directory import read_people
from b24flow.ops.portal_setup import apply
from b24flow.portal.client import PortalClient
from b24flow.portal.session import PortalSession
from b24flow.sandbox.server import SandboxServer
from b24flow.services import people
from b24flow.services.act import Acted, act, start
from b24flow.services.dispatch import Pace, Report, drain
from b24flow.services.inbound import Tick, tick
from b24flow.services.office import Office, People
from b24flow.services.tickets import Tickets
from b24flow.store import documents, outbox
from b24flow.store.engine import Database
from b24flow.store.files import ContentStore

ROOT = Path(__file__).resolve().parent.parent
ZONE = ZoneInfo("Europe/Moscow")
BOT_TOKEN = "town-bot-token"
CHAIR, DEPUTY, OFFICE_HEAD, CLERK, HEAD, LAWYER, SPECIALIST = 2, 3, 5, 6, 11, 16, 17
ROLES = {
    "clerk": ("6", "7"), "chair": ("2",), "deputy": ("3", "4"), "office_head": ("5",), "lawyer": ("16",),
    "accountant": ("12",), "secretary": ("5",), "member": ("2", "3", "4", "8", "9"),
}
CONTENT = b"%PDF-1.4 letter"


class MovingClock:
    """The real moment plus what a test added."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


@dataclass
class Catalogue:
    """Definitions in memory."""

    found: Mapping[str, ProcessDefinition]

    def processes(self) -> Mapping[str, ProcessDefinition]:
        return self.found

    def get(self, digest: str) -> ProcessDefinition:
        return next(one for one in self.found.values() if one.digest == digest)


@dataclass
class Town:
    """One office and its portal."""

    office: Office
    sandbox: SandboxServer
    client: PortalClient
    session: PortalSession
    http: httpx.Client
    clock: MovingClock
    pace: Pace = field(default_factory=lambda: Pace(settle=timedelta()))

    def file(self, user: int, part: str = "files", content: bytes = CONTENT,
             name: str = "Письмо министерства.pdf") -> FileRef:
        """Return a stored file as a form's field brings it."""
        sha256, size = self.office.content.put(content)
        return FileRef(id=new_id(), name=name, sha256=sha256, size=size, mime="application/pdf",
                       part=part, added_by=user, added_at=self.clock.now())

    def draft(self, user: int, text: str = "проект") -> FileRef:
        """Return an edition of a draft; another text is another edition."""
        return self.file(user, "draft", f"%PDF-1.4 {text}".encode(), "проект.pdf")

    def begin(
        self, process: str, user: int, action: str, *files: FileRef, command: str | None = None, **form: Any
    ) -> Acted:
        """Begin a document of a process with one of the actions of its draft."""
        asked = Command(id=command or new_id(), action=action, actor=user, form=form, files=files)
        return start(self.office, process, asked)

    def register(self, *reviewers: int, command: str | None = None, **form: str) -> Acted:
        scan = self.file(CLERK)
        values: dict[str, Any] = {
            "correspondent": "Министерство здравоохранения области", "received_on": self.today(),
            "title": "О мерах поддержки", "kind": "ministry",
            "reviewers": tuple(map(str, reviewers)), **form,
        }
        asked = Command(id=command or new_id(), action="register", actor=CLERK, form=values, files=(scan,))
        return start(self.office, "incoming", asked)

    def press(
        self, uuid: str, user: int, action: str, *files: FileRef, command: str | None = None, **form: Any
    ) -> Acted:
        """Press a button; the assignment is found as the page would offer it."""
        target = form.pop("target") if "target" in form else self.target(uuid, user, action)
        asked = Command(id=command or new_id(), action=action, actor=user, target=target, form=form,
                        files=files)
        return act(self.office, uuid, asked)

    def target(self, uuid: str, user: int, action: str) -> str | None:
        with self.office.database.reading() as unit:
            stored = documents.load(unit, uuid, lock=False)
            assert stored is not None
            definition = self.office.definition_of(stored.document)
            found = offers(definition, stored.document, self.office.context(unit), user)
        return next((one.target for one in found if one.action.code == action), None)

    def document(self, uuid: str) -> Document:
        with self.office.database.reading() as unit:
            stored = documents.load(unit, uuid, lock=False)
        assert stored is not None
        return stored.document

    def state(self, uuid: str) -> str:
        return state_of(self.document(uuid))

    def day(self, working_days: int) -> str:
        today = self.clock.now().astimezone(ZONE).date()
        return self.office.calendar.add_working(today, working_days).isoformat()

    def today(self) -> str:
        return self.clock.now().astimezone(ZONE).date().isoformat()

    def drain(self) -> Report:
        return drain(self.office, self.session, owner="town", pace=self.pace)

    def settle(self) -> None:
        """Let everything happen, however long it has to wait."""
        for _ in range(60):
            self.drain()
            with self.office.database.reading() as unit:
                live = [row for row in outbox.listing(unit) if row.state != "discarded"]
            if not live:
                return
            self.later(301)
        raise AssertionError(live)

    def later(self, seconds: float) -> None:
        """Let time pass here and in the portal."""
        self.clock.offset += timedelta(seconds=seconds)
        self.http.post("/_sandbox/clock", json={"advance": seconds}).raise_for_status()

    def settle_portal(self) -> None:
        """Let everything reach the portal, whatever still waits for the mail server."""
        for _ in range(60):
            self.drain()
            with self.office.database.reading() as unit:
                live = [row for row in outbox.listing(unit) if row.kind != outbox.LETTER]
            if not live:
                return
            self.later(301)
        raise AssertionError(live)

    def poll(self) -> Tick:
        return tick(self.office, self.session, receive)

    def as_person(self, path: str, user: int, **form: Any) -> None:
        answer = self.http.post(f"/as/{path}", data={"as": str(user), **form})
        assert answer.status_code < 400, answer.text

    def portal(self, what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get(f"/_sandbox/state/{what}").json()
        return found

    def fault(self, **wanted: Any) -> None:
        self.http.post("/_sandbox/faults", json=wanted).raise_for_status()

    def heal(self) -> None:
        self.http.delete("/_sandbox/faults").raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get("/_sandbox/calls").json()
        return found

    def forget_calls(self) -> None:
        self.http.delete("/_sandbox/calls").raise_for_status()

    def requests(self) -> int:
        """HTTP requests the portal received since the calls were forgotten."""
        return len({one["http_seq"] for one in self.calls()})

    def unhandled(self) -> list[Any]:
        found: list[Any] = self.http.get("/_sandbox/unhandled").json()
        return found


@cache
def processes() -> Mapping[str, ProcessDefinition]:
    """Return the processes, read once: a town needs them a hundred times sooner than they are parsed."""
    return MappingProxyType(load_processes(ROOT / "processes"))


@cache
def production_calendar() -> Calendar:
    """Return the working calendar, read once."""
    return load_calendar(ROOT / "config" / "calendar")


@contextmanager
def town(
    sandbox: SandboxServer, database: Database, folder: Path, *, install: str = "town"
) -> Iterator[Town]:
    """Reset the sandbox, set the portal up and open an office over the given database."""
    clock = MovingClock()
    definitions = processes()
    office = Office(
        database=database, clock=clock, zone=ZONE, calendar=production_calendar(),
        definitions=Catalogue(definitions), people=People(ROLES, clock),
        content=ContentStore(folder / "files"),
        tickets=Tickets("town-secret"), install=install, base_url="http://office.example",
    )
    with httpx.Client(base_url=sandbox.url) as http, PortalClient(sandbox.webhook_url) as client:
        http.post("/_sandbox/reset").raise_for_status()
        client.forbid_when = Database.in_transaction
        portal_map, _ = apply(client, definitions, BOT_TOKEN)
        people.sync(office, *read_people(client))
        yield Town(
            office=office, sandbox=sandbox, client=client, http=http, clock=clock,
            session=PortalSession(client, portal_map, install=install),
        )
