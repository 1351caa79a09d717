"""Letters and the portal do not wait for each other; whoever wrote a letter hears of it in the chat (R23)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from b24flow.mail.server import sender_of, server_of
from b24flow.mail.smtp import SmtpMailer
from b24flow.services.post import deliver_one
from b24flow.store import outbox
from b24flow.worker import Postman, Wake
from tests.mail_server import MailBox, mail_box
from tests.scenario.test_processes import Life, outgoing
from tests.town import HEAD, SPECIALIST, Town

ONE, TWO = "one@first.example", "two@second.example"
PATIENCE_S = 30.0


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_box() as found:
        yield found


@pytest.fixture
def life(sqlite_place: Town, box: MailBox) -> Life:
    """A draft in approval, in an office with a mail server."""
    place = sqlite_place
    mailer = SmtpMailer(server_of(box.url), sender_of("office@union.example"), timeout=10, last=10)
    place.office = replace(place.office, mailer=mailer)
    return outgoing(place, f"1:{HEAD}")


def write(life: Life) -> None:
    life.press(SPECIALIST, "send_letter", recipients=ONE, subject="О плане", text="Просим сообщить.")


def deliver(life: Life) -> int:
    """Carry what is due; return how many letters were taken in hand."""
    office, done = life.place.office, 0
    assert office.mailer is not None
    while deliver_one(office, office.mailer, owner="post"):
        done += 1
    return done


def rows(life: Life) -> list[tuple[str, str]]:
    with life.place.office.database.reading() as unit:
        return [(one.kind, one.state) for one in outbox.listing(unit)]


def test_a_dead_mail_server_holds_no_portal_write_back(life: Life, box: MailBox) -> None:
    box.drop = "greeting"
    write(life)
    deliver(life)
    life.press(HEAD, "approve")
    life.place.settle_portal()
    assert rows(life) == [("letter", "available")]


def test_a_dead_portal_holds_no_letter_back(life: Life, box: MailBox) -> None:
    life.place.fault(action="status", status=502, body="html", count=0)
    life.press(HEAD, "approve")
    write(life)
    life.place.drain()
    deliver(life)
    assert len(box.letters) == 1
    assert ("projection", "available") in rows(life)
    life.place.heal()
    life.place.settle()


def test_a_slow_answer_keeps_only_its_own_loop(life: Life, box: MailBox) -> None:
    """The postman waits for an answer while the portal gets what is new; a second loop finds nothing."""
    box.drop = "slow"
    write(life)
    wake, stop = Wake(), threading.Event()
    office = life.place.office
    assert office.mailer is not None
    postman = Postman(office, office.mailer, owner="slow", poll_seconds=0.01, wake=wake)
    thread = threading.Thread(target=postman.run, args=(stop,))
    thread.start()
    try:
        assert box.reached.wait(PATIENCE_S)
        assert deliver(life) == 0
        life.press(HEAD, "approve")
        life.place.settle_portal()
        assert rows(life) == [("letter", "running")]
    finally:
        stop.set()
        box.hold.set()
        wake.ring()
        thread.join(PATIENCE_S)
    assert [one.state for one in life.reload().letters[0].recipients] == ["doubt"]


def test_a_refusal_is_said_in_the_chat(life: Life, box: MailBox) -> None:
    box.answers[f"RCPT {ONE}"] = "550 no such user"
    write(life)
    deliver(life)
    life.place.settle()
    said = [str(one) for one in life.place.portal("messages")]
    assert any("550 no such user" in one and "Отправить ещё раз" in one for one in said)
