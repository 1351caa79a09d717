"""The invariants of domain §3.9, each by its number, after every press of a random walk of people.

People press what they are offered, sometimes twice, sometimes what they are not; documents of all five
processes live in one database. The tenth (any outage of the portal leads to the same state) needs a portal:
tests/scenario/test_faults.py and test_outage.py.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from b24flow.core.access import Offer, offers
from b24flow.core.commands import Command
from b24flow.core.definition import Field, FieldType, ProcessDefinition
from b24flow.core.document import Document, FileRef, Number
from b24flow.core.evolve import replay
from b24flow.core.forms import choices_of
from b24flow.core.holding import work_items
from b24flow.core.people import Department, Employee
from b24flow.core.steps import open_requests
from b24flow.core.tree import changed_term
from b24flow.definitions.calendar import load_calendar
from b24flow.definitions.loader import load_processes
from b24flow.errors import Refused
from b24flow.ids import new_id
from b24flow.services.act import act, start
from b24flow.services.office import Office, People
from b24flow.services.picture import picture_of
from b24flow.services.tickets import Tickets
from b24flow.store import documents, journal, people, work
from b24flow.store.engine import Database
from b24flow.store.files import ContentStore
from tests.town import CLERK, HEAD, ROLES, ROOT, ZONE, Catalogue, MovingClock

PROCESSES = ("incoming", "outgoing", "decree", "directive", "internal")
USERS = (2, 3, 5, 6, 8, 11, 12, 16, 17)


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    clock = MovingClock()
    with sqlite_database.transaction() as unit:
        people.save_departments(unit, [Department(id=1, name="Аппарат", head=2),
                                       Department(id=2, name="Отдел", parent=1, head=HEAD)])
        people.save_employees(unit, [
            Employee(id=user, last_name=f"Сотрудник{chr(1072 + user)}", first_name="Анна",
                     department=1 if user < 9 else 2, email=f"u{user}@union.example")
            for user in range(2, 18)
        ])
    return Office(
        database=sqlite_database, clock=clock, zone=ZONE,
        calendar=load_calendar(ROOT / "config" / "calendar"),
        definitions=Catalogue(load_processes(ROOT / "processes")), people=People(ROLES, clock),
        content=ContentStore(tmp_path / "files"), tickets=Tickets("secret"), install="walk",
        base_url="https://office.example",
    )


@dataclass
class Walk:
    """One random walk: the same seed takes the same way."""

    office: Office
    dice: random.Random
    numbers: dict[str, Number] = field(default_factory=dict)
    pressed: int = 0

    def begin(self, process: str) -> str:
        definition = self.office.process(process)
        code = "register" if process == "incoming" else "save"
        user = CLERK if process == "incoming" else HEAD
        action = definition.action(code)
        assert action is not None
        form = {one.field.code: self.value(one.field, definition) for one in action.form
                if one.field.type is not FieldType.FILES}
        form |= {"title": "О деле", "term": "", "reserved_number": "", "received_on": "2026-01-12",
                 "foreign_number": new_id(), "foreign_date": "2026-01-10", "replaces": ""}
        if process == "incoming":
            form["kind"] = "ministry"
        return start(self.office, process, Command(
            id=new_id(), action=code, actor=user, form=form, files=(self.file(user, "files"),))).uuid

    def load(self, uuid: str) -> tuple[Document, ProcessDefinition, dict[int, tuple[Offer, ...]]]:
        with self.office.database.reading() as unit:
            stored = documents.load(unit, uuid, lock=False)
            assert stored is not None
            definition, context = self.office.definition_of(stored.document), self.office.context(unit)
            found = {user: offers(definition, stored.document, context, user) for user in USERS}
        return stored.document, definition, found

    def step(self, uuid: str) -> None:
        """Press something offered; twice, or something that is not offered, from time to time."""
        document, definition, found = self.load(uuid)
        useful = {user: [one for one in mine if one.action.work] or list(mine)
                  for user, mine in found.items()}
        able = [user for user, mine in useful.items() if mine]
        if not able:
            return
        user = self.dice.choice(able)
        offer = self.dice.choice(useful[user] if self.dice.random() < 0.8 else list(found[user]))
        command = self.command(user, offer, definition)
        try:
            act(self.office, uuid, command)
        except Refused:
            assert self.load(uuid)[0] == document, "what is refused changes nothing"
            return
        self.pressed += 1
        if self.dice.random() < 0.3:
            self.invariant_6_a_repeated_action_has_no_second_effect(uuid, command)
        if self.dice.random() < 0.3:
            self.invariant_9_nobody_does_what_he_was_not_offered(uuid)

    def command(self, user: int, offer: Offer, definition: ProcessDefinition) -> Command:
        form = {one.field.code: self.value(one.field, definition) for one in offer.action.form
                if one.field.type is not FieldType.FILES}
        files = tuple(self.file(user, one.field.code) for one in offer.action.form
                      if one.field.type is FieldType.FILES and (one.required or self.dice.random() < 0.5))
        return Command(id=new_id(), action=offer.action.code, actor=user, target=offer.target, form=form,
                       files=files)

    def file(self, user: int, part: str) -> FileRef:
        sha256, size = self.office.content.put(new_id().encode())
        return FileRef(id=new_id(), name="файл.txt", sha256=sha256, size=size, mime="text/plain", part=part,
                       added_by=user, added_at=self.office.clock.now())

    def value(self, one: Field, definition: ProcessDefinition) -> str | tuple[str, ...]:
        pick, some = self.dice.choice, self.dice.sample(USERS, 2)
        late = 0 if one.past_only else self.dice.randint(0, 20)
        day = self.office.clock.now().astimezone(ZONE).date() + timedelta(days=late)
        counts = {"elected": "11", "present": "9", "votes_for": "8"}
        values: dict[FieldType, str | tuple[str, ...]] = {
            FieldType.ROUTE: tuple(f"{pick((1, 2))}:{pick([*USERS, 'lawyer'])}" for _ in range(2)),
            FieldType.POINTS: tuple(
                json.dumps({"text": "Исполнить", "executor": str(user), "term": ""}) for user in some),
            FieldType.PEOPLE: tuple(map(str, some)), FieldType.PERSON: str(pick(USERS)),
            FieldType.DATE: day.isoformat(), FieldType.FLAG: pick(("", "1")),
            FieldType.CHOICE: pick([each.value for each in choices_of(one, definition)] or [""]),
            FieldType.INTEGER: counts.get(one.code, "0"),
        }
        return "" if one.code == "reserved_number" else values.get(one.type, "достаточно длинная причина")

    def invariant_6_a_repeated_action_has_no_second_effect(self, uuid: str, command: Command) -> None:
        before = self.load(uuid)[0]
        assert act(self.office, uuid, command).repeated
        assert self.load(uuid)[0] == before

    def invariant_9_nobody_does_what_he_was_not_offered(self, uuid: str) -> None:
        document, definition, found = self.load(uuid)
        user, action = self.dice.choice(USERS), self.dice.choice(definition.actions)
        if any(one.action is action for one in found[user]):
            return
        stray = Offer(action=action, target=None, acting_for=None)
        with pytest.raises(Refused):
            act(self.office, uuid, self.command(user, stray, definition))
        assert self.load(uuid)[0] == document

    def check(self, uuid: str) -> None:
        """Check everything that holds at any moment."""
        document, definition, _ = self.load(uuid)
        with self.office.database.reading() as unit:
            context = self.office.context(unit)
            stored = documents.load(unit, uuid, lock=False)
            assert stored is not None
            rows, records = work.ledger(unit, stored.id), journal.records(unit, stored.id)
            history = journal.history(unit, uuid)
        items = work_items(definition, document, context)
        picture = picture_of(self.office, definition, document, rows, history, context)
        invariant_1_open_means_that_somebody_holds_it(document, len(items))
        invariant_2_an_assignment_has_one_active_user_and_one_task(document, context.directory.active)
        self.invariant_3_a_number_is_unique_and_never_changes(document)
        invariant_4_the_changed_term_follows_from_the_history(document)
        invariant_5_a_closed_document_has_no_open_task(document, [one.open for one in picture.tasks])
        invariant_7_somebody_held_it_at_every_moment(document, rows)
        assert replay(records) == document, "invariant 8: the journal gives the present row"

    def invariant_3_a_number_is_unique_and_never_changes(self, document: Document) -> None:
        if document.number is not None:
            assert self.numbers.setdefault(document.uuid, document.number) == document.number
        texts = [(one.series, one.period, one.text) for one in self.numbers.values()]
        assert len(texts) == len(set(texts))


def invariant_1_open_means_that_somebody_holds_it(document: Document, holders: int) -> None:
    """An ended document is held only by whoever confirms that its registration was a mistake."""
    assert (document.closure is None or document.annulment is not None) == (holders > 0)


def invariant_2_an_assignment_has_one_active_user_and_one_task(
    document: Document, active: Callable[[int], bool]
) -> None:
    keys = [one.task for one in document.live() if one.worked]
    assert len(keys) == len(set(keys))
    for one in document.live():
        assert active(one.executor)
        assert one.current_term is None or one.term is not None or one.changes


def invariant_4_the_changed_term_follows_from_the_history(document: Document) -> None:
    made = {change.after for one in document.assignments for change in one.changes}
    assert changed_term(document) in {None, *made}


def invariant_5_a_closed_document_has_no_open_task(document: Document, tasks: list[bool]) -> None:
    if document.closure is not None:
        assert not any(tasks)
        assert not document.live()
        assert not open_requests(document)


def invariant_7_somebody_held_it_at_every_moment(document: Document, rows: list[work.WorkRow]) -> None:
    """The intervals of the holders, laid over one another, are the life of the document."""
    assert rows[0].opened_at == document.opened_at
    if document.reopened:
        return
    until = rows[0].opened_at
    for row in (one for one in rows if one.item.role != "confirmer"):  # asked of an ended document, too
        assert row.opened_at <= until, "nobody held it for a while"
        until = max(until, row.closed_at or row.opened_at.max.replace(tzinfo=row.opened_at.tzinfo))
    if document.closure is not None:
        annulled = document.closure.state == "annulled"
        assert until == document.closure.at or (annulled and until < document.closure.at)


def walk(office: Office, seed: int, steps: int) -> int:
    """Walk with a document of every process; return how many presses took effect."""
    way = Walk(office, random.Random(seed))  # noqa: S311 - the same way every time
    uuids = [way.begin(process) for process in PROCESSES]
    for _ in range(steps):
        uuid = way.dice.choice(uuids)
        office.clock.offset += timedelta(minutes=7)  # type: ignore[attr-defined]
        way.step(uuid)
        way.check(uuid)
    for uuid in uuids:
        way.check(uuid)
    return way.pressed


@pytest.mark.parametrize("seed", range(3))
def test_the_invariants_hold_all_the_way(office: Office, seed: int) -> None:
    assert walk(office, seed, 60) > 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_the_invariants_hold_on_long_ways(office: Office, seed: int) -> None:
    assert walk(office, seed, 250) > 60
