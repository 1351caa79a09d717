"""People leave, are substituted and come back; no document is left with nobody (E06, E07)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from b24flow.core.people import Employee
from b24flow.errors import InvalidForm, NotFound, Refused
from b24flow.services.people import (
    SyncReport,
    add_substitution,
    refresh_holders,
    refresh_substitutes,
    release_absent,
    remove_substitution,
    substitutions,
    sync,
)
from b24flow.services.views import document_view
from b24flow.store import incidents, outbox
from b24flow.store.engine import Database
from tests.desk import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, SECOND, SPECIALIST, directory
from tests.integration.bot.world import World

REASON = "ждём ответа министерства"


@pytest.fixture
def world(sqlite_database: Database, tmp_path: Path) -> World:
    return World.open(sqlite_database, tmp_path)


@pytest.fixture
def either(database: Database, tmp_path: Path) -> World:
    return World.open(database, tmp_path)


def portal(world: World, *, without: tuple[int, ...] = (), dismissed: tuple[int, ...] = ()) -> SyncReport:
    staff = directory()
    employees = [
        replace(one, active=one.id not in dismissed)
        for one in staff.employees.values() if one.id not in without
    ]
    return sync(world.office, staff.departments.values(), employees)


def active(world: World, user: int) -> bool:
    with world.office.database.reading() as unit:
        return world.office.context(unit).directory.active(user)


def projections(world: World) -> int:
    with world.office.database.reading() as unit:
        return sum(one.kind == "projection" for one in outbox.listing(unit))


def asked(world: World) -> str:
    """A document on which the specialist asked the deputy, who gave it to him, for more time."""
    uuid = world.register(CHAIR)
    world.execute(uuid, CHAIR, DEPUTY, days=10)
    world.execute(uuid, DEPUTY, SPECIALIST, days=8)
    world.execute(uuid, SPECIALIST, SPECIALIST, days=8)
    (work,) = world.document(uuid).live()
    world.press(uuid, SPECIALIST, "request_extension", work.id, reason=REASON,
                desired_term=world.day(9).isoformat())
    assert world.document(uuid).live()[0].extension.decider == DEPUTY
    return uuid


def test_a_synchronisation_counts(world: World) -> None:
    report = portal(world, without=(LAWYER,), dismissed=(SECOND,))
    assert report == SyncReport(employees=6, departments=3, dismissed=(LAWYER, SECOND),
                                released=(), stuck=())
    assert not active(world, LAWYER)
    assert portal(world).dismissed == ()
    assert active(world, LAWYER)


def test_an_empty_list_dismisses_nobody(world: World) -> None:
    for staff in ([], [Employee(id=1, last_name="Орлов", active=False)]):
        with pytest.raises(Refused, match="пустой список"):
            sync(world.office, [], staff)
    assert active(world, CHAIR)


def test_e06_the_request_goes_to_the_next_decider_with_both_names(either: World) -> None:
    uuid = asked(either)
    report = portal(either, dismissed=(DEPUTY,))
    assert report.released == (uuid,)
    assert report.stuck == ()
    extension = either.document(uuid).live()[0].extension
    assert extension is not None
    assert extension.decider == CHAIR
    assert "Соколова А. И., больше не работает" in extension.why
    assert DEPUTY not in either.holders(uuid)
    newest = document_view(either.office, uuid, 0).history[0]
    assert newest.label == "Передано вместо выбывшего сотрудника"
    assert newest.actor == "Система"


def test_the_work_of_a_dismissed_executor_goes_to_his_head(world: World) -> None:
    uuid = world.register(CHAIR)
    world.execute(uuid, CHAIR, SPECIALIST)
    assert portal(world, dismissed=(SPECIALIST,)).released == (uuid,)
    assert world.holders(uuid) == {HEAD}


def test_the_substitute_comes_before_the_head(world: World) -> None:
    uuid = world.register(CHAIR)
    world.execute(uuid, CHAIR, SPECIALIST)
    add_substitution(world.office, SPECIALIST, LAWYER, world.day(0), world.day(5), CLERK)
    portal(world, dismissed=(SPECIALIST,))
    assert world.holders(uuid) == {LAWYER}


def test_releasing_again_does_nothing(world: World) -> None:
    uuid = asked(world)
    portal(world, dismissed=(DEPUTY,))
    version = world.document(uuid).version
    assert portal(world, dismissed=(DEPUTY,)).released == ()
    assert release_absent(world.office).released == ()
    assert world.document(uuid).version == version


def test_one_dismissal_after_another(world: World) -> None:
    uuid = world.register(CHAIR)
    world.execute(uuid, CHAIR, SPECIALIST)
    portal(world, dismissed=(SPECIALIST,))
    assert world.holders(uuid) == {HEAD}
    assert portal(world, dismissed=(SPECIALIST, HEAD)).released == (uuid,)
    assert world.holders(uuid) == {CHAIR}


def test_what_nobody_can_take_over_becomes_an_incident_and_is_closed_later(world: World) -> None:
    uuid = world.register(HEAD)
    world.execute(uuid, HEAD, SPECIALIST)
    world.execute(uuid, SPECIALIST, SPECIALIST)
    (work,) = world.document(uuid).live()
    world.press(uuid, SPECIALIST, "report", work.id, summary="Сделано")
    assert world.state(uuid) == "choice"
    for _ in range(2):
        assert portal(world, dismissed=(SPECIALIST,)).stuck == (uuid,)
    with world.office.database.reading() as unit:
        (incident,) = incidents.listing(unit)
    assert incident.text == "Документ Вх-1/26: исполнитель выбыл, передать некому."
    add_substitution(world.office, SPECIALIST, LAWYER, world.day(0), world.day(5), CLERK)
    assert release_absent(world.office).stuck == ()
    with world.office.database.reading() as unit:
        assert incidents.listing(unit) == []


def test_e07_the_substitute_sees_the_document_at_once_and_the_principal_keeps_it(
    either: World,
) -> None:
    uuid = either.register(CHAIR)
    today = either.day(0)
    row = add_substitution(either.office, CHAIR, DEPUTY, today, today + timedelta(days=3), CLERK)
    assert either.holders(uuid) == {CHAIR, DEPUTY}
    (one,) = substitutions(either.office)
    assert (one.id, one.author, one.substitution.substitute) == (row, CLERK, DEPUTY)
    remove_substitution(either.office, row)
    assert either.holders(uuid) == {CHAIR}
    assert substitutions(either.office) == ()


def test_a_chain_of_substitutes(world: World) -> None:
    uuid = world.register(CHAIR)
    today = world.day(0)
    add_substitution(world.office, CHAIR, DEPUTY, today, today, CLERK)
    row = add_substitution(world.office, DEPUTY, HEAD, today, today, CLERK)
    assert world.holders(uuid) == {CHAIR, DEPUTY, HEAD}
    remove_substitution(world.office, row)
    assert world.holders(uuid) == {CHAIR, DEPUTY}


def test_substitutions_begin_and_end_by_themselves(world: World) -> None:
    uuid = world.register(CHAIR)
    today = world.day(0)
    add_substitution(world.office, CHAIR, DEPUTY, today + timedelta(days=1),
                     today + timedelta(days=2), CLERK)
    assert world.holders(uuid) == {CHAIR}
    assert refresh_substitutes(world.office) == ()
    world.wait(days=1)
    assert refresh_substitutes(world.office) == (uuid,)
    assert world.holders(uuid) == {CHAIR, DEPUTY}
    world.wait(days=2)
    assert refresh_substitutes(world.office) == (uuid,)
    assert world.holders(uuid) == {CHAIR}


def test_holders_that_stay_are_not_written(world: World) -> None:
    uuid = world.register(CHAIR)
    before = world.ledger(uuid)
    world.wait(hours=1)
    assert refresh_holders(world.office, {CHAIR, DEPUTY, 999}) == ()
    assert refresh_holders(world.office, ()) == ()
    assert world.ledger(uuid) == before
    assert projections(world) == 1


@pytest.mark.parametrize(("principal", "substitute", "first", "last", "field", "text"), [
    (CHAIR, CHAIR, 0, 1, "substitute", "самого себя"),
    (999, CHAIR, 0, 1, "principal", "такого сотрудника нет"),
    (CHAIR, 999, 0, 1, "substitute", "такого сотрудника нет"),
    (CHAIR, DEPUTY, -5, -1, "until", "уже прошло"),
    (CHAIR, DEPUTY, 3, 1, "until", "раньше его начала"),
])
def test_refused_substitutions(
    world: World, principal: int, substitute: int, first: int, last: int, field: str, text: str
) -> None:
    today = world.day(0)
    with pytest.raises(InvalidForm) as caught:
        add_substitution(world.office, principal, substitute, today + timedelta(days=first),
                         today + timedelta(days=last), CLERK)
    assert text in caught.value.fields[field]
    assert substitutions(world.office) == ()


def test_loops_are_refused_only_while_they_would_be_loops(world: World) -> None:
    today = world.day(0)
    week = timedelta(days=7)
    add_substitution(world.office, CHAIR, DEPUTY, today, today + week, CLERK)
    add_substitution(world.office, DEPUTY, HEAD, today, today + week, CLERK)
    with pytest.raises(InvalidForm, match="круг"):
        add_substitution(world.office, HEAD, CHAIR, today + week, today + 2 * week, CLERK)
    with pytest.raises(InvalidForm, match="уже есть"):
        add_substitution(world.office, CHAIR, DEPUTY, today + week, today + 2 * week, CLERK)
    later = today + week + timedelta(days=1)
    add_substitution(world.office, HEAD, CHAIR, later, later + week, CLERK)


def test_a_dismissed_person_may_be_substituted_but_cannot_substitute(world: World) -> None:
    portal(world, dismissed=(SECOND,))
    today = world.day(0)
    add_substitution(world.office, SECOND, HEAD, today, today, CLERK)
    with pytest.raises(InvalidForm, match="уволен"):
        add_substitution(world.office, HEAD, SECOND, today, today, CLERK)


def test_removing_what_is_not_there(world: World) -> None:
    row = add_substitution(world.office, CHAIR, DEPUTY, world.day(0), world.day(1), CLERK)
    remove_substitution(world.office, row)
    for unknown in (row, 999):
        with pytest.raises(NotFound):
            remove_substitution(world.office, unknown)
