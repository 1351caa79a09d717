"""The one place that knows how the parts fit together; heavy parts are imported when they are asked for.

A container is one process of one installation. The set-up of the portal (`portal apply`) leaves its map of
ids in the database; without it, or with the map of another portal, nothing is ever sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from b24flow.catalogue import Catalogue
from b24flow.clock import Clock, SystemClock
from b24flow.core import codec
from b24flow.core.definition import ProcessDefinition
from b24flow.core.ports import Mailer
from b24flow.definitions.calendar import load_calendar
from b24flow.definitions.loader import load_processes
from b24flow.definitions.roles import load_roles
from b24flow.definitions.wording import load_organisation, load_overrides
from b24flow.errors import SettingsError, StoreError
from b24flow.log import get_logger
from b24flow.rendering.engine import Templates
from b24flow.rendering.words import Words
from b24flow.services.office import Office, People
from b24flow.services.tickets import Tickets
from b24flow.settings import Settings, share
from b24flow.store import cursors
from b24flow.store import definitions as archive
from b24flow.store.engine import Database, Unit, retrying
from b24flow.store.files import ContentStore
from b24flow.worker import Wake, Worker

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from b24flow.portal.client import PortalClient
    from b24flow.portal.portal_map import PortalMap
    from b24flow.portal.session import PortalSession
    from b24flow.scheduler import Scheduler
    from b24flow.services.people import SyncReport

log = get_logger(__name__)

PORTAL_MAP = "portal_map"
APPLY_FIRST = "выполните b24flow portal apply"
INBOX_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One process of an installation; close it, or use it in a `with` block."""

    settings: Settings
    database: Database
    office: Office
    wake: Wake
    closing: ExitStack

    def __enter__(self) -> Container:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything that was opened."""
        self.close()

    def close(self) -> None:
        """Close the connections to the portal and to the database."""
        self.closing.close()

    def client(self) -> PortalClient:
        """Return a new client of the portal; raises SettingsError without a webhook."""
        from b24flow.portal.client import PortalClient  # noqa: PLC0415

        client = PortalClient(self.settings.webhook())
        client.forbid_when = Database.in_transaction
        self.closing.callback(client.close)
        return client

    def portal_map(self, origin: str) -> PortalMap:
        """Return what `portal apply` found on the portal; raises SettingsError when it does not fit."""
        from b24flow.portal.portal_map import PortalMap  # noqa: PLC0415

        with self.database.reading() as unit:
            kept = cursors.get(unit, PORTAL_MAP)
        if kept is None:
            raise SettingsError(f"Портал ещё не подготовлен: сначала {APPLY_FIRST}")
        if kept["origin"] != origin:
            raise SettingsError(
                f"Портал подготовлен по адресу {kept['origin']}, а вебхук ведёт на {origin}: {APPLY_FIRST}")
        found = codec.load(PortalMap, kept["map"])
        missing = [one.label for one in self.office.definitions.processes().values()
                   if not _covered(one, found)]
        if missing:
            raise SettingsError(
                f"Процессы изменились и в портале не подготовлены: {', '.join(missing)}; {APPLY_FIRST}")
        return replace(found, bot_token=self.settings.bot_key())

    def portal(self) -> PortalSession:
        """Return a session with the prepared portal; raises SettingsError when it is not prepared."""
        from b24flow.portal.session import PortalSession  # noqa: PLC0415

        client = self.client()
        return PortalSession(client, self.portal_map(client.origin), install=self.settings.install)

    def apply_portal(self, report: Callable[[str], None]) -> int:
        """Bring the portal's set-up to what the processes need; return the writes it took."""
        from b24flow.ops.portal_setup import apply  # noqa: PLC0415

        client = self.client()
        made, writes = apply(
            client, self.office.definitions.processes(), self.settings.bot_key(), report=report)
        # The key of the bot is a secret: it stays in the settings.
        kept = {"origin": client.origin, "map": codec.dump(replace(made, bot_token=""))}
        now = self.office.clock.now()
        retrying(self.database, lambda unit: cursors.put(unit, PORTAL_MAP, kept, now))
        return writes

    def sync_people(self) -> SyncReport:
        """Read the portal's staff into the directory and free the documents of those who left."""
        from b24flow.ops.directory import read_people  # noqa: PLC0415
        from b24flow.services.people import sync  # noqa: PLC0415

        client = self.client()
        departments, employees = read_people(client)
        report = sync(self.office, departments, employees)
        self.wake.ring()
        return report

    def read_absences(self) -> int:
        """Read the portal's absences and suggest substitutions; return how many people were told."""
        from b24flow.ops.absences import read_absences  # noqa: PLC0415
        from b24flow.services.absences import people_to_ask, remember  # noqa: PLC0415

        asked = people_to_ask(self.office)
        told = remember(self.office, read_absences(self.client(), *asked))
        if told:
            self.wake.ring()
        return told

    def worker(self, owner: str, *, alone: bool = False) -> Worker:
        """Return the loop between database and portal; raises SettingsError, see `portal`."""
        from b24flow.bot.router import receive  # noqa: PLC0415
        from b24flow.services.dispatch import Pace  # noqa: PLC0415

        return Worker(
            self.office, self.portal(), receive, owner=owner, alone=alone, wake=self.wake,
            pace=Pace(settle=timedelta(seconds=self.settings.settle_seconds)),
            poll_seconds=self.settings.poll_seconds,
        )

    def scheduler(self, owner: str) -> Scheduler:
        """Return the clockwork of this installation."""
        from b24flow.scheduler import Job, Scheduler  # noqa: PLC0415

        jobs = [
            Job(name="people_sync", run=lambda: _done(self.sync_people()), first=True,
                every=timedelta(hours=1)),
            Job(name="substitutions", run=self._refresh_substitutes, at=(0, 1), first=True),
            Job(name="absences", run=lambda: _done(self.read_absences()), at=(6, 30), first=True),
            Job(name="number_reserves", run=self._expire_reserves, at=(0, 5), first=True),
            Job(name="reminders", run=self._remind, at=(9, 0), first=True),
            Job(name="inbox_prune", run=self._prune, at=(3, 10)),
            Job(name="journal_verify", run=self._verify, at=(3, 30)),
        ]
        return Scheduler(self.database, jobs, zone=self.settings.zone, clock=self.office.clock,
                         owner=owner)

    def web_app(self) -> ASGIApp:
        """Return the web side; after every accepted change the worker of this process looks at once."""
        from b24flow.web.app import create_app  # noqa: PLC0415
        from b24flow.web.waking import Waking  # noqa: PLC0415

        portal = ""
        if self.settings.webhook_url is not None:
            portal = self.settings.webhook().partition("/rest/")[0]
        app = create_app(
            self.office, portal_url=portal, health=self._health,
            secure_cookies=self.settings.public_url.startswith("https://"),
        )
        return Waking(app, self.wake.ring)

    def _health(self) -> Mapping[str, Any]:
        from b24flow.store import incidents, outbox  # noqa: PLC0415

        with self.database.reading() as unit:
            return {"outbox": outbox.counts(unit), "incidents": incidents.count(unit)}

    def _remind(self) -> None:
        from b24flow.services.reminders import remind, remind_readers  # noqa: PLC0415

        if remind(self.office) + remind_readers(self.office):
            self.wake.ring()

    def _refresh_substitutes(self) -> None:
        from b24flow.services.people import refresh_substitutes  # noqa: PLC0415

        if refresh_substitutes(self.office):
            self.wake.ring()

    def _expire_reserves(self) -> None:
        from b24flow.services.numbers import expire  # noqa: PLC0415

        expire(self.office)

    def _prune(self) -> None:
        from b24flow.store import inbox, logins  # noqa: PLC0415

        now = self.office.clock.now()
        retrying(self.database, lambda unit: inbox.prune(unit, now - INBOX_KEPT))
        retrying(self.database, lambda unit: logins.prune(unit, now))

    def _verify(self) -> None:
        from b24flow.store import incidents, journal  # noqa: PLC0415

        with self.database.reading() as unit:
            broken = journal.verify(unit)
        now = self.office.clock.now()

        def attempt(unit: Unit) -> None:
            for one in broken:
                text = f"Журнал {one.number or one.uuid} нарушен, запись {one.seq}: {one.reason}"
                incidents.open(unit, f"journal:{one.uuid}:{one.seq}", "journal", text, now)

        if broken:
            retrying(self.database, attempt)


def _done(_: object) -> None:
    """A tick gives nothing back."""


def open_database(settings: Settings) -> Database:
    """Return the database as it is, without looking at its schema; raises SettingsError, StoreError."""
    return Database(settings.database_address)


def build(settings: Settings, *, clock: Clock | None = None) -> Container:
    """Return the container of an installation with a schema that fits.

    SQLite is brought to the newest schema; PostgreSQL is not, because other processes may be running.
    Raises DefinitionError, SettingsError, StoreError with everything that is wrong.
    """
    processes = load_processes(settings.processes_path)
    known = {code for one in processes.values() for code in one.roles}
    roles = load_roles(settings.roles_path, known)
    calendar = load_calendar(settings.calendar_path)
    organisation = load_organisation(settings.wording_path("organisation.yaml"))
    clock = clock or SystemClock()
    with ExitStack() as opened:
        database = open_database(settings)
        opened.callback(database.close)
        _fit_schema(database)
        _archive(database, processes, clock)
        office = Office(
            database=database, clock=clock, zone=settings.zone, calendar=calendar,
            definitions=Catalogue(database, processes), people=People(roles, clock),
            content=ContentStore(settings.data_dir / "files"), tickets=Tickets(settings.signing_key()),
            install=settings.install, base_url=settings.public_url,
            renderer=templates(settings), organisation=organisation,
            mailer=_mailer(settings, str(organisation.get("short") or organisation.get("name") or "")),
        )
        _remember_calendar(office)
        return Container(settings=settings, database=database, office=office, wake=Wake(),
                         closing=opened.pop_all())


def _mailer(settings: Settings, name: str) -> Mailer | None:
    """Return the way out for letters, None while no mail server is set."""
    if settings.smtp_url is None:
        return None
    from b24flow.mail.server import sender_of, server_of  # noqa: PLC0415
    from b24flow.mail.smtp import SmtpMailer  # noqa: PLC0415

    return SmtpMailer(server_of(settings.smtp_url.get_secret_value()), sender_of(settings.mail_from, name))


def _remember_calendar(office: Office) -> None:
    from b24flow.services.calendar_change import remember  # noqa: PLC0415

    if remember(office):
        log.info("calendar_kept", version=office.calendar.version)


def templates(settings: Settings) -> Templates:
    """Return the templates of an installation; raises DefinitionError for wrong corrections of words."""
    words = Words(load_overrides(settings.wording_path("declension.yaml")))
    return Templates(share() / "templates", words, own=settings.own_templates)


def _fit_schema(database: Database) -> None:
    from b24flow.store import migrations  # noqa: PLC0415 - alembic is slow to import

    present = migrations.current(database)
    if present == migrations.head():
        return
    if database.postgres:
        raise StoreError(
            "Схема базы данных не той версии, которая нужна программе: выполните b24flow db upgrade")
    migrations.upgrade(database)
    log.info("schema_upgraded", before=present)


def _archive(
    database: Database, processes: Mapping[str, ProcessDefinition], clock: Clock
) -> None:
    with database.reading() as unit:
        changed = [one for one in processes.values() if archive.current(unit, one.code) != one.digest]

    def attempt(unit: Unit) -> None:
        for one in changed:
            archive.archive(unit, one.digest, one.code, one.source, clock.now())

    if changed:
        retrying(database, attempt)


def _covered(definition: ProcessDefinition, found: PortalMap) -> bool:
    """Tell whether every step and column of a registry has its place in the portal."""
    if definition.registry is None:
        return True
    place = found.processes.get(definition.code)
    return (
        place is not None
        and {one.code for one in definition.states} <= set(place.stages)
        and {one.code for one in definition.registry.fields} <= set(place.fields)
    )
