"""A desk without a database: one document, its people, and a clock, driven through `decide` alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from b24flow.core.access import Offer, offers
from b24flow.core.codec import dump, load
from b24flow.core.commands import Command, Context
from b24flow.core.decide import Decision, conclude, decide, opened
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Assignment, Document, FileRef, Number
from b24flow.core.events import Event, Record, event_name
from b24flow.core.evolve import replay
from b24flow.core.forms import prospective_card
from b24flow.core.holding import work_items
from b24flow.core.people import Department, Directory, Employee, Substitution
from b24flow.core.registration import registration
from b24flow.core.tree import state_of
from b24flow.core.vocabulary import EVENTS
from b24flow.definitions.calendar import load_calendar
from b24flow.definitions.loader import load_process

ROOT = Path(__file__).resolve().parent.parent
ZONE = ZoneInfo("Europe/Moscow")
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

CLERK, CHAIR, DEPUTY, HEAD, SPECIALIST, LAWYER, OFFICE_HEAD, SECOND = 11, 12, 13, 14, 15, 16, 17, 18
NAMES = {
    CLERK: "Зайцева", CHAIR: "Орлов", DEPUTY: "Соколова", HEAD: "Журавлёв", SPECIALIST: "Синицын",
    LAWYER: "Воронина", OFFICE_HEAD: "Голубева", SECOND: "Галкин",
}


@cache
def process(code: str) -> ProcessDefinition:
    return load_process(ROOT / "processes" / f"{code}.yaml")


def incoming() -> ProcessDefinition:
    return process("incoming")


@cache
def calendar():
    return load_calendar(ROOT / "config" / "calendar")


def directory(**changes: object) -> Directory:
    departments = {
        1: Department(id=1, name="Аппарат", head=CHAIR),
        2: Department(id=2, name="Общий отдел", parent=1, head=OFFICE_HEAD),
        3: Department(id=3, name="Отдел охраны труда", parent=1, head=HEAD),
    }
    where = {CLERK: 2, OFFICE_HEAD: 2, CHAIR: 1, DEPUTY: 1, HEAD: 3, SPECIALIST: 3, LAWYER: 3, SECOND: 3}
    employees = {
        user: Employee(id=user, last_name=name, first_name="Анна", middle_name="Ивановна",
                       department=where[user], email=f"user{user}@union.example")
        for user, name in NAMES.items()
    }
    base = Directory(
        employees=employees, departments=departments,
        roles={"clerk": (CLERK,), "chair": (CHAIR,), "deputy": (DEPUTY,),
               "office_head": (OFFICE_HEAD,)},
    )
    return replace(base, **changes)


@dataclass
class Desk:
    """Presses buttons on one document; keeps every event so that replay can be checked."""

    people: Directory = field(default_factory=directory)
    now: datetime = MONDAY
    definition: ProcessDefinition = field(default_factory=incoming)
    document: Document | None = None
    journal: list[Record] = field(default_factory=list)
    commands: int = 0
    mail: bool = True

    def context(self, number: Number | None = None) -> Context:
        return Context(now=self.now, zone=ZONE, calendar=calendar(), directory=self.people, number=number,
                       mail=self.mail)

    def _numbered(self, asked: Command) -> Context:
        """Return the context of a command, with number 1 of its series where the action registers."""
        plain, action = self.context(), self.definition.action(asked.action)
        if action is None or not action.takes_number or self.doc.number is not None:
            return plain
        card = prospective_card(self.definition, action, self.doc, asked, plain)
        return self.context(registration(self.definition, card, plain.today).number(1))

    def open(self, user: int = CLERK) -> Desk:
        decision = opened(self.definition, uuid="00000000-0000-4000-8000-000000000001", actor=user,
                          context=self.context())
        self._keep(decision)
        return self

    def register(self, *reviewers: int, user: int = CLERK, **form: str) -> Desk:
        if self.document is None:
            self.open(user)
        values = {
            "correspondent": "Министерство здравоохранения", "foreign_number": "15-1/200",
            "foreign_date": "20.11.2026", "received_on": "23.11.2026", "title": "О мерах поддержки",
            "kind": "ministry", **form,
        }
        self.press(user, "register", files=(scan(self.now, user),),
                   reviewers=tuple(map(str, reviewers)), **values)
        return self

    def press(
        self, user: int, action: str, target: str | None = None,
        files: tuple[FileRef, ...] = (), command: str | None = None, **form: str | tuple[str, ...],
    ) -> Decision:
        assert self.document is not None
        self.commands += 1
        asked = Command(id=command or f"command-{self.commands}", action=action, actor=user, target=target,
                        form=form, files=files)
        decision = decide(self.definition, self.document, asked, self._numbered(asked))
        self._keep(decision)
        return decision

    def apply(self, events: tuple[Event, ...], actor: int = 0) -> None:
        assert self.document is not None
        self._keep(conclude(self.definition, self.document, events, self.context(), label="событие",
                            actor=actor))

    def migrate(self, definition: ProcessDefinition, decision: Decision) -> None:
        """Take another version of the process over, with the decision that leads to it."""
        self.definition = definition
        self._keep(decision)

    def _keep(self, decision: Decision) -> None:
        for event in decision.events:
            stored = load(EVENTS[event_name(event)], dump(event))
            self.journal.append(Record(event=stored, actor=decision.actor, acting_for=decision.acting_for,
                                       label=decision.label, at=self.now))
        self.document = decision.document
        assert replay(self.journal) == self.document
        assert load(Document, dump(self.document)) == self.document

    @property
    def doc(self) -> Document:
        assert self.document is not None
        return self.document

    @property
    def state(self) -> str:
        return state_of(self.doc)

    def of(self, user: int, *states: str) -> Assignment:
        """Return the one assignment of a person in one of the given states."""
        found = [one for one in self.doc.assignments
                 if one.executor == user and (not states or one.state.value in states)]
        assert len(found) == 1, [(one.executor, one.state) for one in self.doc.assignments]
        return found[0]

    def offers(self, user: int) -> tuple[Offer, ...]:
        return offers(self.definition, self.doc, self.context(), user)

    def labels(self, user: int) -> set[str]:
        return {one.action.label for one in self.offers(user)}

    def holders(self) -> set[int]:
        return {one.user for one in work_items(self.definition, self.doc, self.context())}

    def day(self, working_days: int) -> date:
        return calendar().add_working(self.context().today, working_days)

    def wait(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    def substitute(self, principal: int, by: int) -> None:
        today = self.context().today
        one = Substitution(principal=principal, substitute=by, since=today, until=today + timedelta(days=14))
        self.people = replace(self.people, substitutions=(*self.people.substitutions, one))

    def dismiss(self, user: int) -> None:
        employees = dict(self.people.employees)
        employees[user] = replace(employees[user], active=False)
        self.people = replace(self.people, employees=employees)


def scan(now: datetime, user: int, name: str = "письмо.pdf") -> FileRef:
    return FileRef(id=f"file-{name}", name=name, sha256="ab" * 32, size=1000, mime="application/pdf",
                   part="files", added_by=user, added_at=now)


def draft(desk: Desk, user: int, edition: int = 1) -> FileRef:
    """Return a file of the draft; editions differ in their hash."""
    return FileRef(id=f"draft-{edition}", name="проект.docx", sha256=f"{edition:02}" * 32, size=2000,
                   mime="application/octet-stream", part="draft", added_by=user, added_at=desk.now)


FIRST_READER = 1000


def to_be_read_by(count: int) -> Desk:
    """A directive in force that waits for so many readers, each of them a follower too."""
    people = directory()
    readers = [FIRST_READER + number for number in range(count)]
    staff = {one: Employee(id=one, last_name=f"Читателев{one}", department=3) for one in readers}
    everybody = replace(people, employees={**people.employees, **staff})
    desk = Desk(people=everybody, definition=process("directive"))
    desk.open(SPECIALIST)
    desk.press(SPECIALIST, "straight_to_sign", files=(draft(desk, SPECIALIST),), kind="admin",
               title="О дежурстве", signer=str(CHAIR), readers=tuple(map(str, readers)))
    desk.press(CHAIR, "sign")
    desk.press(CLERK, "register")
    assert desk.state == "inform"
    desk.document = replace(desk.doc, followers=tuple(readers))
    return desk
