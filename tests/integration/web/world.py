"""An office behind real HTTP: invented people, a SQLite file, the shipped processes, the pages on a port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn

from b24flow.core.calendar import Calendar
from b24flow.core.commands import Command
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document, FileRef
from b24flow.core.people import Department, Employee, Substitution
from b24flow.core.ports import Mailer, Renderer
from b24flow.definitions.calendar import load_calendar
from b24flow.definitions.loader import load_processes
from b24flow.services.act import start
from b24flow.services.office import Office, People
from b24flow.services.tickets import Tickets
from b24flow.store import documents, people
from b24flow.store.engine import Database
from b24flow.store.files import ContentStore
from b24flow.web.app import create_app
from tests.integration.web.browser import Browser, File, typed

ROOT = Path(__file__).resolve().parents[3]
ZONE = ZoneInfo("Europe/Moscow")
PORTAL = "https://portal.union.example"
CLERK, CHAIR, DEPUTY, HEAD, SPECIALIST, LAWYER, OFFICE_HEAD = 6, 2, 3, 11, 17, 16, 5
SCAN = File("письмо министерства.pdf", b"%PDF-1.4 letter", "application/pdf")
DEPARTMENTS = (
    Department(id=1, name="Руководство", head=CHAIR),
    Department(id=2, name="Общий отдел", parent=1, head=OFFICE_HEAD),
    Department(id=3, name="Отдел охраны труда", parent=1, head=HEAD),
    Department(id=4, name="Правовой отдел", parent=1, head=LAWYER),
)
STAFF = (
    Employee(id=CHAIR, last_name="Орлов", first_name="Павел", middle_name="Андреевич",
             post="Председатель", department=1, email="orlov@union.example"),
    Employee(id=DEPUTY, last_name="Соколова", first_name="Нина", middle_name="Олеговна",
             post="Заместитель Председателя", department=1, email="sokolova@union.example"),
    Employee(id=OFFICE_HEAD, last_name="Голубева", first_name="Вера", middle_name="Ильинична",
             post="Заведующая общим отделом", department=2, email="golubeva@union.example"),
    Employee(id=CLERK, last_name="Зайцева", first_name="Анна", middle_name="Ивановна",
             post="Делопроизводитель", department=2, email="zayceva@union.example"),
    Employee(id=HEAD, last_name="Журавлёв", first_name="Игорь", middle_name="Петрович",
             post="Заведующий отделом", department=3, email="zhuravlev@union.example"),
    Employee(id=SPECIALIST, last_name="Синицын", first_name="Олег", middle_name="Юрьевич",
             post="Главный специалист", department=3, email="sinicyn@union.example"),
    Employee(id=LAWYER, last_name="Воронина", first_name="Мария", middle_name="Львовна",
             post="Главный правовой инспектор", department=4, email="voronina@union.example"),
)
ROLES = {"clerk": (str(CLERK),), "chair": ("orlov@union.example",), "deputy": (str(DEPUTY),),
         "office_head": (str(OFFICE_HEAD),)}


class Frozen:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@dataclass
class Catalogue:
    """Definitions in memory."""

    present: Mapping[str, ProcessDefinition]

    def processes(self) -> Mapping[str, ProcessDefinition]:
        return self.present

    def get(self, digest: str) -> ProcessDefinition:
        return next(one for one in self.present.values() if one.digest == digest)


@cache
def shipped() -> Catalogue:
    """The processes of the repository."""
    return Catalogue(load_processes(ROOT / "processes"))


@dataclass
class World:
    """The office, its address, and the people who come to it."""

    office: Office
    clock: Frozen
    url: str
    browsers: list[Browser] = field(default_factory=list)
    letters: int = 0

    def guest(self) -> Browser:
        """A browser that nobody has entered with."""
        self.browsers.append(Browser(self.url))
        return self.browsers[-1]

    def person(self, user: int) -> Browser:
        """A browser that came by its person's own link."""
        browser = self.guest()
        browser.open(f"/enter?k={self.ticket(user)}&to=/")
        assert browser.page.status == 200, browser.page.text
        return browser

    def ticket(self, user: int, purpose: str = "link", **life: float) -> str:
        expires = self.clock.now() + timedelta(**(life or {"days": 30}))
        return self.office.tickets.issue(purpose, user, expires)

    def bearer(self, user: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.ticket(user, 'api')}"}

    def day(self, working_days: int) -> date:
        return self.office.calendar.add_working(self.clock.now().astimezone(ZONE).date(), working_days)

    def register(self, *reviewers: int, clerk: Browser | None = None, **form: Any) -> str:
        """Register a letter on the pages and return its address."""
        browser = clerk or self.person(CLERK)
        form.setdefault("foreign_number", f"15-1/{200 + self.letters}")  # each letter is another one
        self.letters += 1
        browser.open("/")
        browser.follow("Зарегистрировать входящий")
        page = browser.press("Зарегистрировать и направить", **letter(*reviewers, **form))
        assert page.status == 200, page.text
        return page.url.removeprefix(self.url)

    def registered(self, count: int) -> None:
        """Register letters without the pages, where they are only wanted as a crowd."""
        sha256, size = self.office.content.put(SCAN.content)
        scan = FileRef(id="scan", name=SCAN.name, sha256=sha256, size=size, mime=SCAN.mime, part="files",
                       added_by=CLERK, added_at=self.clock.now())
        form = {code: typed(value)[0] for code, value in letter(CHAIR).items() if code != "files"}
        for number in range(count):
            start(self.office, "incoming", Command(
                id=f"crowd-{number}", action="register", actor=CLERK, files=(scan,),
                form={**form, "foreign_number": f"16-1/{number}"},
            ))

    def document(self, address: str) -> Document:
        """Return a document by the address of its page."""
        with self.office.database.reading() as unit:
            stored = documents.load(unit, uuid_of(address), lock=False)
        assert stored is not None
        return stored.document

    def dismiss(self, user: int) -> None:
        with self.office.database.transaction() as unit:
            people.save_employees(unit, [one for one in STAFF if one.id != user])
        self.office.people.forget()

    def substitute(self, principal: int, by: int) -> None:
        today = self.clock.now().astimezone(ZONE).date()
        one = Substitution(principal=principal, substitute=by, since=today, until=today + timedelta(days=14))
        with self.office.database.transaction() as unit:
            people.add_substitution(unit, one, author=OFFICE_HEAD, now=self.clock.now())
        self.office.people.forget()


def letter(*reviewers: int, **form: Any) -> dict[str, Any]:
    """A filled registration form."""
    return {
        "correspondent": "Министерство здравоохранения области", "foreign_number": "15-1/200",
        "foreign_date": "2026-11-20", "received_on": "2026-11-23", "title": "О мерах поддержки",
        "kind": "ministry", "files": SCAN, "reviewers": reviewers or (CHAIR,), **form,
    }


def uuid_of(address: str) -> str:
    """Return the document's uuid of an address."""
    return address.partition("/documents/")[2].partition("/")[0].partition("?")[0]


@cache
def shipped_calendar() -> Calendar:
    """The working calendar of the repository."""
    return load_calendar(ROOT / "config" / "calendar")


@contextmanager
def world(
    database: Database, folder: Path, renderer: Renderer | None = None, mailer: Mailer | None = None,
    **options: Any,
) -> Iterator[World]:
    """Open an office over a migrated database and serve its pages."""
    clock = Frozen()
    with database.transaction() as unit:
        people.save_departments(unit, DEPARTMENTS)
        people.save_employees(unit, STAFF)
    office = Office(
        database=database, clock=clock, zone=ZONE,
        calendar=shipped_calendar(), definitions=shipped(),
        people=People(ROLES, clock), content=ContentStore(folder / "files"),
        tickets=Tickets("secret-of-the-web-tests"), install="web", base_url="http://office.union.example",
        renderer=renderer, mailer=mailer,
        organisation={"name": "Профсоюз", "short": "Профсоюз", "place": "", "address": []},
    )
    settings = {"portal_url": f"{PORTAL}/company/", "secure_cookies": False, **options}
    with serving(create_app(office, **settings)) as url:
        place = World(office=office, clock=clock, url=url)
        try:
            yield place
        finally:
            for one in place.browsers:
                one.close()


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an application on a free port of this machine; the port takes connections at once."""
    # With the protocol named, asyncio turns delays off: an answer would wait 40 ms for its second packet.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), name="web-tests")
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
