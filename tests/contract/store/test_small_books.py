"""Inbox, directory, definitions, incidents, logins and leases: each remembers and does nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from b24flow.core.people import Department, Employee, Substitution
from b24flow.store import definitions, inbox, incidents, leases, logins, people
from b24flow.store.engine import Database, retrying
from b24flow.store.tables import login_request, used_nonce
from tests.contract.store.world import NOW, insert, later, together


def test_a_fact_is_accepted_once(database: Database) -> None:
    with database.transaction() as unit:
        assert inbox.accept(unit, "k-1", "poll", {"a": "ё"}, NOW)
        assert not inbox.accept(unit, "k-1", "poll", {"a": "other"}, later(1))
        assert inbox.accept(unit, "k-2", "bot", {}, NOW)
        first, second = inbox.pending(unit)
        assert (first.source, first.payload, first.received_at) == ("poll", {"a": "ё"}, NOW)
        assert inbox.finish(unit, first.id, "done", later(2))
        assert not inbox.finish(unit, first.id, "again", later(3))
        assert inbox.pending(unit) == [second]
        assert not inbox.accept(unit, "k-1", "poll", {}, later(4))
        assert inbox.prune(unit, later(2)) == 0
        assert inbox.prune(unit, later(3)) == 1


def test_a_fact_from_eight_deliveries_is_accepted_once(database: Database) -> None:
    def deliver(_: int) -> bool:
        return retrying(database, lambda unit: inbox.accept(unit, "k", "event", {}, NOW))

    assert sorted(together(8, deliver)) == [False] * 7 + [True]


def test_the_directory_follows_the_portal(database: Database) -> None:
    head = Employee(id=1, last_name="Ильина", first_name="Анна", post="Председатель", department=1)
    clerk = Employee(id=2, last_name="Ёжиков", department=2, email="e@example.org")
    with database.transaction() as unit:
        people.save_employees(unit, [head, clerk])
        people.save_departments(unit, [Department(id=1, name="Аппарат", head=1),
                                       Department(id=2, name="Канцелярия", parent=1)])
        found = people.directory(unit, {"clerk": [2]})
        assert found.employees == {1: head, 2: clerk}
        assert found.role("clerk") == (2,)
        assert found.head_of(2) == 1
    with database.transaction() as unit:
        people.save_employees(unit, [replace(head, post="Советник")])
        people.save_departments(unit, [Department(id=1, name="Аппарат", head=1)])
        found = people.directory(unit, {"clerk": [2]})
    assert found.employees == {1: replace(head, post="Советник"), 2: replace(clerk, active=False)}
    assert found.role("clerk") == ()
    assert list(found.departments) == [1]


def test_substitutions_are_ended_not_forgotten(database: Database) -> None:
    one = Substitution(principal=1, substitute=2, since=date(2026, 11, 1), until=date(2026, 11, 9))
    two = replace(one, substitute=3, until=date(2026, 12, 9))
    with database.transaction() as unit:
        first = people.add_substitution(unit, one, author=7, now=NOW)
        people.add_substitution(unit, two, author=7, now=NOW)
        assert people.directory(unit, {}).substitutions == (one, two)
        assert [row.substitution for row in people.substitutions(unit, date(2026, 11, 10))] == [two]
        assert people.remove_substitution(unit, first, now=later(1))
        assert not people.remove_substitution(unit, first, now=later(2))
        row, = people.substitutions(unit)
        assert (row.substitution, row.author, row.added_at) == (two, 7, NOW)


def test_every_definition_is_kept_and_one_is_current(database: Database) -> None:
    with database.transaction() as unit:
        assert definitions.current(unit, "incoming") is None
        assert definitions.archive(unit, "d1", "incoming", "текст 1", NOW)
        assert definitions.archive(unit, "d2", "incoming", "текст 2", later(1))
        assert not definitions.archive(unit, "d2", "incoming", "текст 2", later(2))
        assert definitions.current(unit, "incoming") == "d2"
        first = definitions.get(unit, "d1")
        assert definitions.get(unit, "d3") is None
        assert definitions.archive(unit, "d1", "incoming", "текст 1", later(3))
        assert definitions.current(unit, "incoming") == "d1"
        assert definitions.get(unit, "d1") == first
    assert first is not None
    assert (first.process, first.source, first.archived_at) == ("incoming", "текст 1", NOW)


def test_an_incident_is_open_once_and_may_come_back(database: Database) -> None:
    with database.transaction() as unit:
        stored = insert(unit)
        assert incidents.open(unit, "k", "refused", "Портал отказал", NOW, document_id=stored)
        assert not incidents.open(unit, "k", "refused", "Снова", later(1), details={"n": 1})
        one, = incidents.listing(unit, document_id=stored)
        assert (one.text, one.times, one.opened_at, one.seen_at, one.details) == (
            "Снова", 2, NOW, later(1), {"n": 1},
        )
        assert incidents.count(unit) == 1
        assert incidents.close(unit, "k", later(2), by=7, resolution="исправлено")
        assert not incidents.close(unit, "k", later(3))
        assert incidents.listing(unit) == []
        assert incidents.open(unit, "k", "refused", "Опять", later(4))
        assert [row.times for row in incidents.listing(unit, with_closed=True)] == [1, 2]


def test_a_login_needs_its_person_and_works_once(database: Database) -> None:
    with database.transaction() as unit:
        request = logins.ask(unit, "secret", 5, NOW, 300, details={"browser": "Firefox"})
        assert logins.redeem(unit, "secret", later(1)) is None
        assert not logins.confirm(unit, request, 6, later(2))
        assert logins.confirm(unit, request, 5, later(2))
        assert not logins.confirm(unit, request, 5, later(3))
        assert logins.redeem(unit, "guess", later(3)) is None
        found = logins.find(unit, "secret")
        assert found is not None
        assert (found.user_id, found.details, found.confirmed_at) == (
            5, {"browser": "Firefox"}, later(2),
        )
        assert logins.redeem(unit, "secret", later(4)) == 5
        assert logins.redeem(unit, "secret", later(5)) is None
        assert logins.asked_since(unit, 5, NOW) == 1
        assert logins.asked_since(unit, 5, later(1)) == 0
        assert "secret" not in str(unit.execute(select(login_request)).all())


def test_a_login_runs_out(database: Database) -> None:
    with database.transaction() as unit:
        late = logins.ask(unit, "a", 5, NOW, 300)
        assert not logins.confirm(unit, late, 5, later(300))
        logins.ask(unit, "b", 5, NOW, 300, confirmed=True)
        assert logins.redeem(unit, "b", later(300)) is None
        assert logins.prune(unit, later(300)) == 0
        assert logins.prune(unit, later(301)) == 2


def test_a_token_is_redeemed_by_one_of_eight(database: Database) -> None:
    with database.transaction() as unit:
        logins.ask(unit, "a", 5, NOW, 300, confirmed=True)
    taken = together(
        8, lambda _: retrying(database, lambda unit: logins.redeem(unit, "a", later(1)))
    )
    assert sorted(taken, key=str) == [5] + [None] * 7


def test_a_nonce_is_spent_once(database: Database) -> None:
    with database.transaction() as unit:
        assert logins.spend_nonce(unit, "n", NOW, later(60))
        assert not logins.spend_nonce(unit, "n", later(1), later(60))
        assert logins.spend_nonce(unit, "m", NOW, later(60))
        assert unit.execute(select(used_nonce.c.nonce).where(used_nonce.c.nonce == "n")).all() == []


def test_a_lease_has_one_holder_and_a_growing_epoch(database: Database) -> None:
    def acquire(owner: str, at: float) -> int | None:
        with database.transaction() as unit:
            return leases.acquire(unit, "scheduler", owner, later(at), 30)

    assert acquire("a", 0) == 1
    assert acquire("b", 10) is None
    assert acquire("a", 20) == 1
    assert acquire("b", 50) is None
    assert acquire("b", 51) == 2
    assert acquire("a", 60) is None
    with database.transaction() as unit:
        assert not leases.holds(unit, "scheduler", "a", 1, later(60))
        assert leases.holds(unit, "scheduler", "b", 2, later(60))
        assert not leases.holds(unit, "scheduler", "b", 2, later(82))
        assert not leases.release(unit, "scheduler", "a", 1, later(60))
        assert leases.release(unit, "scheduler", "b", 2, later(60))
        assert not leases.holds(unit, "scheduler", "b", 2, later(60))
    assert acquire("a", 60) == 3
    assert acquire("a", 91) == 4


def test_a_free_lease_goes_to_one_of_eight(database: Database) -> None:
    taken = together(8, lambda number: retrying(
        database, lambda unit: leases.acquire(unit, "scheduler", f"w{number}", NOW, 30)
    ))
    assert sorted(taken, key=str) == [1] + [None] * 7
