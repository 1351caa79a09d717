"""Many people at once on one database of each kind, and what an action costs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from b24flow.core.commands import Command
from b24flow.core.people import Employee
from b24flow.definitions.calendar import load_calendar
from b24flow.definitions.loader import load_processes
from b24flow.errors import AlreadyDone
from b24flow.services.act import Acted, act, start
from b24flow.services.office import Office, People
from b24flow.services.tickets import Tickets
from b24flow.store import documents, journal, people, series
from b24flow.store.engine import Database, Unit
from b24flow.store.files import ContentStore
from tests.town import ROLES, ROOT, ZONE, Catalogue, MovingClock

CLERK, CHAIR = 6, 2


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    clock = MovingClock()
    with database.transaction() as unit:
        people.save_employees(unit, [
            Employee(id=user, last_name=f"Сотрудник{user}", email=f"u{user}@union.example")
            for user in range(2, 18)
        ])
    return Office(
        database=database, clock=clock, zone=ZONE, calendar=load_calendar(ROOT / "config" / "calendar"),
        definitions=Catalogue(load_processes(ROOT / "processes")), people=People(ROLES, clock),
        content=ContentStore(tmp_path / "files"), tickets=Tickets("secret"), install="actions",
        base_url="http://office.example",
    )


def registration(number: int) -> Command:
    from b24flow.core.document import FileRef

    scan = FileRef(id=f"scan-{number}", name="скан.pdf", sha256="0" * 64, size=1, mime="application/pdf",
                   part="files", added_by=CLERK, added_at=MovingClock().now())
    today = MovingClock().now().astimezone(ZONE).date().isoformat()
    form = {"correspondent": "Больница", "received_on": today, "title": f"Письмо {number}",
            "kind": "ministry", "reviewers": (str(CHAIR),)}
    return Command(id=f"registration-{number}", action="register", actor=CLERK, form=form, files=(scan,))


def test_64_concurrent_registrations_get_64_consecutive_numbers(office: Office) -> None:
    with ThreadPoolExecutor(64) as pool:
        made = list(pool.map(lambda number: start(office, "incoming", registration(number)), range(64)))
    assert len({one.uuid for one in made}) == 64
    with office.database.reading() as unit:
        found = [documents.load(unit, one.uuid, lock=False) for one in made]
        numbers = sorted(one.document.number.value for one in found if one and one.document.number)
        period = str(found[0].document.number.dated.year)
        book = series.book(unit, "incoming", period)
        assert journal.verify(unit) == []
    assert numbers == list(range(1, 65))
    assert [one.number.value for one in book] == numbers


def test_one_command_sent_by_eight_threads_has_one_effect(office: Office) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: start(office, "incoming", registration(1)), range(8)))
    assert len({one.uuid for one in made}) == 1
    assert sorted(one.repeated for one in made) == [False] + [True] * 7


def test_eight_different_presses_of_one_button_have_one_effect(office: Office) -> None:
    made = start(office, "incoming", registration(1))

    def press(number: int) -> Acted | AlreadyDone:
        try:
            return act(office, made.uuid, Command(id=f"press-{number}", action="acknowledge", actor=CHAIR))
        except AlreadyDone as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(press, range(8)))
    refused = [one for one in found if isinstance(one, AlreadyDone)]
    assert len(refused) == 7
    assert all(one.text.startswith("Уже выполнено: «Ознакомиться и завершить»") for one in refused)


def test_a_refused_form_takes_no_number(office: Office) -> None:
    bad = registration(1)
    broken = Command(id="broken", action="register", actor=CLERK, form={**bad.form, "kind": "нет такого"},
                     files=bad.files)
    with pytest.raises(Exception, match="выберите значение из списка"):
        start(office, "incoming", broken)
    start(office, "incoming", registration(2))
    with office.database.reading() as unit:
        assert [one.number.value for one in series.book(unit, "incoming", period_of(office))] == [1]


def period_of(office: Office) -> str:
    return str(office.clock.now().astimezone(ZONE).year)


def test_an_action_is_one_transaction_of_at_most_eight_statements(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = start(office, "incoming", registration(1))
    counted: list[int] = []
    end = Unit.end

    def counting(unit: Unit) -> None:
        counted.append(unit.statements)
        end(unit)

    monkeypatch.setattr(Unit, "end", counting)
    steps: list[Callable[[], Acted]] = [
        lambda: act(office, made.uuid, Command(
            id="execute", action="execute", actor=CHAIR,
            form={"executors": ("11", "16"), "term": "2027-06-01", "lead": "11"})),
        lambda: act(office, made.uuid, Command(id="ack", action="acknowledge", actor=16)),
    ]
    for step in steps:
        office.people.forget()
        with office.database.reading() as unit:
            office.people.directory(unit)
        counted.clear()
        step()
        assert len(counted) == 1
        assert counted[0] <= 8, counted


def test_a_decision_about_more_time_stays_within_the_budget_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = start(office, "incoming", registration(1))
    term = {"term": "2027-06-01"}
    act(office, made.uuid, Command(id="to-deputy", action="execute", actor=CHAIR,
                                   form={"executors": ("3",), **term}))
    head = {"executors": ("11",), **term}
    act(office, made.uuid, Command(id="to-head", action="execute", actor=3, form=head))
    act(office, made.uuid, Command(id="himself", action="execute", actor=11, form=head))
    act(office, made.uuid, Command(id="ask", action="request_extension", actor=11, form={
        "desired_term": "2027-06-15", "reason": "ждём ответа министерства"}))
    counted: list[int] = []
    end = Unit.end
    monkeypatch.setattr(Unit, "end", lambda unit: (counted.append(unit.statements), end(unit)))
    act(office, made.uuid, Command(id="up", action="escalate", actor=3))
    act(office, made.uuid, Command(id="set", action="set_term", actor=CHAIR, form={"new_term": "2027-06-20"}))
    repeated = act(office, made.uuid, Command(id="set", action="set_term", actor=CHAIR,
                                              form={"new_term": "2027-06-20"}))
    assert max(counted[:2]) <= 8, counted
    assert repeated.repeated
