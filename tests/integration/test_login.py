"""Getting in by the chat: once, by the right person, in time; strangers learn nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from b24flow.bot.router import handle
from b24flow.services.login import (
    LoginStart,
    LoginState,
    confirm_login,
    finish_login,
    login_state,
    request_login,
)
from b24flow.store import logins
from b24flow.store.engine import Database
from tests.desk import CHAIR, DEPUTY, directory
from tests.integration.bot.world import World, pressed


@pytest.fixture
def world(sqlite_database: Database, tmp_path: Path) -> World:
    return World.open(sqlite_database, tmp_path)


@pytest.fixture
def either(database: Database, tmp_path: Path) -> World:
    return World.open(database, tmp_path)


def ask(world: World, who: str = "user12@union.example") -> LoginStart:
    return request_login(world.office, who, "10.1.2.3")


def buttons(world: World, user: int = CHAIR) -> tuple[str, str]:
    """Return what «Это я» and «Это не я» of the last message send."""
    yes, no = world.messages(user)[-1].payload["buttons"]
    assert (yes["label"], no["label"]) == ("Это я", "Это не я")
    return yes["command"], no["command"]


def test_the_whole_way(either: World) -> None:
    started = ask(either)
    assert login_state(either.office, started.token) == LoginState.WAITING
    assert finish_login(either.office, started.token) is None
    (message,) = either.messages(CHAIR)
    assert "23.11.2026 10:00, адрес 10.1.2.3" in message.payload["lines"][0]
    handle(either.office, pressed(CHAIR, buttons(either)[0]))
    assert either.said(CHAIR).startswith("Вход подтверждён")
    assert login_state(either.office, started.token) == "confirmed"
    assert finish_login(either.office, started.token) == CHAIR
    assert finish_login(either.office, started.token) is None
    assert login_state(either.office, started.token) == "used"


@pytest.mark.parametrize("who", [
    "user12@union.example", " USER12@Union.Example ", "12", "Орлов Анна Ивановна",
    "орлов  анна ивановна",
])
def test_ways_to_name_oneself(world: World, who: str) -> None:
    ask(world, who)
    assert len(world.messages(CHAIR)) == 1


def test_yo_is_as_good_as_ye(world: World) -> None:
    ask(world, "Журавлев Анна Ивановна")
    assert [one.recipient for one in world.messages()] == [14]


@pytest.mark.parametrize("who", [
    "", " ", "999", "Иванов", "Орлов", "nobody@union.example", "x" * 5000, "\0", "\ud800", "²",
    "$result[a]", "😀", "9" * 40,
])
def test_a_stranger_is_answered_like_everybody(world: World, who: str) -> None:
    known, unknown = ask(world), ask(world, who)
    assert unknown.text == known.text
    assert len(unknown.token) == len(known.token)
    assert len(world.messages()) == 1
    assert login_state(world.office, unknown.token) == login_state(world.office, known.token)
    world.wait(minutes=10)
    assert login_state(world.office, unknown.token) == LoginState.EXPIRED
    assert finish_login(world.office, unknown.token) is None


def test_two_people_of_one_name_are_not_mixed_up(world: World) -> None:
    staff = directory()
    twin = replace(staff.employees[CHAIR], id=99, email="twin@union.example")
    world.staff(replace(staff, employees={**staff.employees, 99: twin}))
    ask(world, "Орлов Анна Ивановна")
    assert world.messages() == []
    ask(world, "twin@union.example")
    assert [one.recipient for one in world.messages()] == [99]


def test_five_messages_an_hour_at_most(world: World) -> None:
    started = [ask(world) for _ in range(7)]
    assert len(world.messages(CHAIR)) == 5
    assert len({one.text for one in started}) == 1
    assert {login_state(world.office, one.token) for one in started} == {LoginState.WAITING}
    ask(world, "13")
    assert len(world.messages(DEPUTY)) == 1
    world.wait(hours=1, seconds=1)
    ask(world)
    assert len(world.messages(CHAIR)) == 6


def test_it_expires(world: World) -> None:
    started = ask(world)
    yes, _ = buttons(world)
    world.wait(minutes=10)
    assert login_state(world.office, started.token) == LoginState.EXPIRED
    assert "время вышло" in confirm_login(world.office, CHAIR, yes, True)
    assert finish_login(world.office, started.token) is None


def test_confirmed_but_too_late(world: World) -> None:
    started = ask(world)
    confirm_login(world.office, CHAIR, buttons(world)[0], True)
    world.wait(minutes=10)
    assert finish_login(world.office, started.token) is None


def test_no_means_no(world: World) -> None:
    started = ask(world)
    yes, no = buttons(world)
    handle(world.office, pressed(CHAIR, no))
    assert world.said(CHAIR).startswith("Вход запрещён")
    assert login_state(world.office, started.token) == LoginState.DENIED
    assert "уже закрыт" in confirm_login(world.office, CHAIR, yes, True)
    assert finish_login(world.office, started.token) is None


def test_a_confirmation_may_be_taken_back_until_it_is_used(world: World) -> None:
    started = ask(world)
    yes, no = buttons(world)
    confirm_login(world.office, CHAIR, yes, True)
    confirm_login(world.office, CHAIR, no, False)
    assert finish_login(world.office, started.token) is None


def test_somebody_else_cannot_confirm(world: World) -> None:
    started = ask(world)
    yes, _ = buttons(world)
    handle(world.office, pressed(DEPUTY, yes))
    assert world.said(DEPUTY) == "Это действие вам недоступно."
    assert finish_login(world.office, started.token) is None


def test_a_button_is_good_for_its_own_answer_and_request_only(world: World) -> None:
    first, second = ask(world), ask(world)
    yes, no = buttons(world)
    assert confirm_login(world.office, CHAIR, no, True) == "Это действие вам недоступно."
    word, request, proof = yes.split()
    number, moment = request.split(".")
    for forged in (f"{int(number) - 1}.{moment}", f"{number}.{int(moment) + 3600}"):
        assert confirm_login(world.office, CHAIR, f"{word} {forged} {proof}", True) == (
            "Это действие вам недоступно."
        )
    assert finish_login(world.office, first.token) is None
    assert finish_login(world.office, second.token) is None


def test_an_old_button_does_not_confirm_a_new_request_under_the_same_id(world: World) -> None:
    """After pruning SQLite gives ids out again."""
    ask(world)
    old, _ = buttons(world)
    world.wait(minutes=11)
    with world.office.database.transaction() as unit:
        assert logins.prune(unit, world.clock.now()) == 1
    started = ask(world)
    assert buttons(world)[0].split()[1].split(".")[0] == old.split()[1].split(".")[0]
    confirm_login(world.office, CHAIR, old, True)
    assert login_state(world.office, started.token) == LoginState.WAITING


def test_the_dismissed_do_not_get_in(world: World) -> None:
    started = ask(world)
    confirm_login(world.office, CHAIR, buttons(world)[0], True)
    staff = directory()
    gone = {**staff.employees, CHAIR: replace(staff.employees[CHAIR], active=False)}
    world.staff(replace(staff, employees=gone))
    assert finish_login(world.office, started.token) is None
    ask(world)
    assert len(world.messages(CHAIR)) == 1


@pytest.mark.parametrize("token", ["", "x" * 5000, "\0", "ж", "\ud800", "../.."])
def test_bad_tokens(world: World, token: str) -> None:
    assert login_state(world.office, token) == LoginState.UNKNOWN
    assert finish_login(world.office, token) is None


def test_an_address_is_shown_as_one_short_visible_line(world: World) -> None:
    request_login(world.office, "12", "10.0.0.1\n\u202e\0" + "x" * 5000)
    line = world.messages(CHAIR)[0].payload["lines"][0]
    assert len(line) < 200
    assert line.isprintable()


def test_the_token_is_not_in_the_database(sqlite_database: Database, tmp_path: Path) -> None:
    world = World.open(sqlite_database, tmp_path)
    token = ask(world).token
    stored = b"".join(one.read_bytes() for one in tmp_path.glob("*.db*"))
    assert b"10.1.2.3" in stored
    assert token.encode() not in stored
