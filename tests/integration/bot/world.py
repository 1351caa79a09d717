"""An office on a real database with invented people; its clock stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from b24flow.bot.events import BotEvent
from b24flow.core.commands import Command
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.people import Directory
from b24flow.core.tree import state_of
from b24flow.definitions.loader import load_processes
from b24flow.services.act import Acted, act, start
from b24flow.services.cards import card_of
from b24flow.services.office import Office, People
from b24flow.services.tickets import Tickets
from b24flow.store import documents, outbox, people, work
from b24flow.store.engine import Database
from b24flow.store.files import ContentStore
from b24flow.store.outbox import OutboxRow
from b24flow.store.work import WorkRow
from tests.desk import CLERK, MONDAY, ROOT, ZONE, calendar, directory, scan


@dataclass
class StillClock:
    moment: datetime = MONDAY

    def now(self) -> datetime:
        return self.moment


class Shipped:
    """The definitions that come with the program."""

    def __init__(self) -> None:
        self._loaded = load_processes(ROOT / "processes")

    def processes(self) -> Mapping[str, ProcessDefinition]:
        return self._loaded

    def get(self, digest: str) -> ProcessDefinition:
        return next(one for one in self._loaded.values() if one.digest == digest)


@dataclass
class World:
    office: Office
    clock: StillClock
    commands: int = field(default=0)

    @classmethod
    def open(cls, database: Database, folder: Path) -> World:
        clock = StillClock()
        staff = directory()
        roles = {code: tuple(map(str, users)) for code, users in staff.roles.items()}
        office = Office(
            database=database, clock=clock, zone=ZONE, calendar=calendar(), definitions=Shipped(),
            people=People(roles, clock), content=ContentStore(folder / "files"),
            tickets=Tickets("a secret of the test"), install="test",
            base_url="https://flow.union.example",
        )
        world = cls(office=office, clock=clock)
        world.staff(staff)
        return world

    def staff(self, staff: Directory) -> None:
        with self.office.database.transaction() as unit:
            people.save_employees(unit, staff.employees.values())
            people.save_departments(unit, staff.departments.values())
        self.office.people.forget()

    def wait(self, **amount: float) -> None:
        self.clock.moment += timedelta(**amount)

    def register(self, *reviewers: int, **form: str) -> str:
        values: dict[str, str | tuple[str, ...]] = {
            "correspondent": "Министерство здравоохранения", "received_on": "23.11.2026",
            "title": "О мерах поддержки", "kind": "ministry",
            "reviewers": tuple(map(str, reviewers)), **form,
        }
        command = Command(id=self._command(), action="register", actor=CLERK, form=values,
                          files=(scan(self.clock.now(), CLERK),))
        return start(self.office, "incoming", command).uuid

    def press(self, uuid: str, user: int, action: str, target: str | None = None,
              **form: str | tuple[str, ...]) -> Acted:
        command = Command(id=self._command(), action=action, actor=user, target=target, form=form)
        self.wait(seconds=1)
        return act(self.office, uuid, command)

    def execute(self, uuid: str, user: int, *executors: int, days: int = 5, **form: str) -> Acted:
        return self.press(uuid, user, "execute", executors=tuple(map(str, executors)),
                          term=self.day(days).isoformat(), **form)

    def day(self, working_days: int) -> date:
        return calendar().add_working(self.clock.now().astimezone(ZONE).date(), working_days)

    def _command(self) -> str:
        self.commands += 1
        return f"command-{self.commands}"

    def document(self, uuid: str) -> Document:
        with self.office.database.reading() as unit:
            stored = documents.load(unit, uuid, lock=False)
        assert stored is not None
        return stored.document

    def state(self, uuid: str) -> str:
        return state_of(self.document(uuid))

    def ledger(self, uuid: str) -> list[WorkRow]:
        with self.office.database.reading() as unit:
            stored = documents.load(unit, uuid, lock=False)
            assert stored is not None
            return work.ledger(unit, stored.id)

    def holders(self, uuid: str) -> set[int]:
        return {row.item.user for row in self.ledger(uuid) if row.closed_at is None}

    def card(self, uuid: str, user: int, *, role: str = "executor"):
        """Return the card that the portal would show to `user` now."""
        row = next(one for one in self.ledger(uuid)
                   if one.closed_at is None and one.item.user == user and one.item.role == role)
        document = self.document(uuid)
        with self.office.database.reading() as unit:
            context = self.office.context(unit)
        return card_of(self.office, self.office.definition_of(document), document, row.item,
                       row.opened_at, context)

    def button(self, uuid: str, user: int, label: str, *, role: str = "executor") -> str:
        """Return what a button of the card sends to the bot."""
        found = next(one for one in self.card(uuid, user, role=role).buttons if one.label == label)
        assert found.command, f"«{label}» opens a page"
        return found.command

    def messages(self, user: int | None = None) -> list[OutboxRow]:
        with self.office.database.reading() as unit:
            rows = outbox.listing(unit)
        return [one for one in rows
                if one.kind == "message" and user in {None, one.recipient}]

    def answers(self, user: int) -> list[Mapping[str, Any]]:
        return [one.payload for one in self.messages(user) if one.key.startswith("answer:")]

    def said(self, user: int) -> str:
        """Return the text of the last answer to a person."""
        return "\n".join(self.answers(user)[-1]["lines"])


def pressed(user: int, params: str, event: str = "1") -> BotEvent:
    return BotEvent(event_id=event, kind="command", user=user, command="b24flow", params=params,
                    message_id=7)


def typed(user: int, text: str, event: str = "1") -> BotEvent:
    return BotEvent(event_id=event, kind="message", user=user, text=text, message_id=7)
