"""The post: letters from the outbox to a mail server on the loopback that fails in every way (R23)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from b24flow.core.commands import Command
from b24flow.core.document import Document
from b24flow.core.evolve import replay
from b24flow.core.parts import Letter
from b24flow.core.tree import state_of
from b24flow.ids import new_id
from b24flow.mail.server import sender_of, server_of
from b24flow.mail.smtp import SmtpMailer
from b24flow.services import post
from b24flow.services.act import act
from b24flow.services.post import LEASE_S, MAIL_INCIDENT, deliver_one, give_up
from b24flow.services.views import document_view
from b24flow.store import documents, incidents, journal, outbox, queries
from b24flow.store.engine import Database
from b24flow.worker import take_over
from tests.integration.web.world import CHAIR, CLERK, World, world
from tests.mail_server import MailBox, mail_box

ONE, TWO = "one@first.example", "two@second.example"


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_box() as found:
        yield found


@dataclass
class Desk:
    """One incoming document with its letters."""

    place: World
    uuid: str = ""

    def document(self) -> Document:
        """Return the row, which must be what the journal gives."""
        with self.place.office.database.reading() as unit:
            stored = documents.load(unit, self.uuid, lock=False)
            assert stored is not None
            assert replay(journal.records(unit, stored.id)) == stored.document
            assert journal.verify(unit, self.uuid) == []
        return stored.document

    def press(
        self, action: str, target: str | None = None, user: int = CLERK, **form: str | tuple[str, ...]
    ) -> None:
        act(self.place.office, self.uuid,
            Command(id=new_id(), action=action, actor=user, target=target, form=form))

    def write(self, recipients: str = ONE, **form: str | tuple[str, ...]) -> Letter:
        self.press("send_letter", recipients=recipients, subject="О плане", text="Просим сообщить.", **form)
        return self.document().letters[-1]

    def deliver(self) -> int:
        """Carry what is due; return how many letters were taken in hand."""
        office, done = self.place.office, 0
        assert office.mailer is not None
        while deliver_one(office, office.mailer, owner="post"):
            done += 1
        return done

    def later(self, **amount: float) -> None:
        self.place.clock.moment += timedelta(**(amount or {"seconds": 301}))

    def states(self) -> list[str]:
        return [one.state for one in self.document().letters[-1].recipients]

    def incidents(self) -> list[str]:
        with self.place.office.database.reading() as unit:
            return [one.key for one in incidents.listing(unit)]

    def chat(self) -> list[str]:
        """Everything that waits to be said to whoever wrote letters."""
        with self.place.office.database.reading() as unit:
            rows = outbox.listing(unit)
        told = [one for one in rows if one.kind == "message" and one.recipient == CLERK]
        return [" ".join(one.payload["lines"]) for one in told]


def opened(database: Database, folder: Path, box: MailBox) -> Iterator[Desk]:
    mailer = SmtpMailer(server_of(box.url), sender_of("office@union.example"), timeout=10, last=10)
    with world(database, folder, mailer=mailer) as place:
        place.registered(1)
        with place.office.database.reading() as unit:
            (row,) = queries.find(unit, "Вх-1/26")
        yield Desk(place=place, uuid=row.uuid)


@pytest.fixture
def desk(sqlite_database: Database, tmp_path: Path, box: MailBox) -> Iterator[Desk]:
    yield from opened(sqlite_database, tmp_path, box)


@pytest.fixture
def either(database: Database, tmp_path: Path, box: MailBox) -> Iterator[Desk]:
    """The same on each engine."""
    yield from opened(database, tmp_path, box)


def test_a_letter_goes_out_with_its_files_and_is_in_the_history(desk: Desk, box: MailBox) -> None:
    place, step = desk.place, state_of(desk.document())
    file = desk.document().files[-1]
    letter = desk.write(f"{ONE}, office@профсоюз.рф", attachments=(file.id,))
    assert desk.states() == ["waiting", "waiting"]
    assert desk.deliver() == 1
    (taken,) = box.letters
    message = taken.message
    assert message["Message-ID"] == f"<{letter.id}@union.example>"
    assert message["Reply-To"] == "zayceva@union.example"
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == file.name
    assert attached.get_content() == place.office.content.path(file.sha256).read_bytes()
    assert desk.states() == ["accepted", "accepted"]
    assert state_of(desk.document()) == step
    answer, written, *_ = document_view(place.office, desk.uuid, CLERK).history
    assert (answer.label, answer.actor) == ("Письмо принято почтовым сервером", "Система")
    assert written.label == "Отправить письмо"
    assert written.details[:2] == (f"Кому: {ONE}, office@профсоюз.рф", "Тема: О плане")
    assert file.sha256 in written.details[-1]
    assert desk.incidents() == []
    assert desk.deliver() == 0


@pytest.mark.parametrize("fault", ["greeting", "before the dot", "451"])
def test_what_was_surely_not_taken_is_sent_again_by_itself(desk: Desk, box: MailBox, fault: str) -> None:
    box.drop = "DATA" if fault == "before the dot" else fault
    if fault == "451":
        box.answers["dot"] = "451 come later"
    letter = desk.write()
    assert desk.deliver() == 1
    assert (desk.states(), box.letters) == (["waiting"], [])
    view = document_view(desk.place.office, desk.uuid, CLERK)
    assert "Следующая попытка" in view.steps.letters[0].waits
    assert desk.deliver() == 0
    box.heal()
    desk.later()
    assert desk.deliver() == 1
    assert desk.states() == ["accepted"]
    assert [one.message["Message-ID"] for one in box.letters] == [f"<{letter.id}@union.example>"]


def test_a_refusal_is_told_to_whoever_wrote_it_and_may_be_tried_again(desk: Desk, box: MailBox) -> None:
    box.answers[f"RCPT {ONE}"] = "550 no such user"
    letter = desk.write(f"{ONE}, {TWO}")
    desk.deliver()
    assert desk.states() == ["refused", "accepted"]
    assert [one.recipients for one in box.letters] == [(TWO,)]
    assert desk.incidents() == [f"letter:{letter.id}"]
    assert any("550 no such user" in one and "Отправить ещё раз" in one for one in desk.chat())
    desk.later(days=1)
    assert desk.deliver() == 0
    box.heal()
    desk.press("letter_again", target=letter.id)
    assert desk.incidents() == []
    desk.deliver()
    assert desk.states() == ["accepted", "accepted"]
    assert [one.recipients for one in box.letters] == [(TWO,), (ONE,)]


@pytest.mark.parametrize("choice", ["letter_sent", "letter_again"])
def test_a_lost_answer_is_a_doubt_that_a_person_decides(either: Desk, box: MailBox, choice: str) -> None:
    desk = either
    box.drop = "after the dot"
    letter = desk.write()
    desk.deliver()
    assert desk.states() == ["doubt"]
    assert desk.incidents() == [f"letter:{letter.id}"]
    assert any("Считать отправленным" in one for one in desk.chat())
    box.heal()
    desk.later(days=1)
    assert desk.deliver() == 0
    with desk.place.office.database.transaction() as unit:  # an operator who does not read the runbook
        (row,) = outbox.by_keys(unit, [f"letter:{letter.id}:1"]).values()
        assert outbox.retry(unit, row.id, desk.place.office.clock.now())
    desk.deliver()
    assert (desk.states(), len(box.letters)) == (["doubt"], 1)
    desk.press(choice, target=letter.id)
    desk.deliver()
    assert (desk.states(), desk.incidents()) == (["accepted"], [])
    ids = {one.message["Message-ID"] for one in box.letters}
    assert (len(box.letters), ids) == (2 if choice == "letter_again" else 1, {f"<{letter.id}@union.example>"})


@pytest.mark.parametrize("death", ["outbox.after_intent", "outbox.after_send", "outbox.before_settle"])
def test_a_process_that_dies_with_a_letter_in_its_hands_leaves_a_doubt(
    desk: Desk, box: MailBox, death: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write()
    monkeypatch.setattr(post, "failpoint", lambda name: _die() if name == death else None)
    with pytest.raises(_Killed):
        desk.deliver()
    monkeypatch.undo()
    sent = len(box.letters)
    assert sent == (death != "outbox.after_intent")
    assert desk.deliver() == 0
    desk.later(seconds=LEASE_S + 1)
    assert desk.deliver() == 1
    assert (desk.states(), len(box.letters)) == (["doubt"], sent)


class _Killed(BaseException):
    """The process is gone: nothing after this line runs."""


def _die() -> None:
    raise _Killed


def test_a_restart_finds_the_letter_of_the_dead_process_at_once(desk: Desk, box: MailBox) -> None:
    desk.write()
    with desk.place.office.database.transaction() as unit:
        assert outbox.claim_letter(unit, "run:post", desk.place.office.clock.now(), LEASE_S) is not None
    take_over(desk.place.office, "run:post")
    desk.later(seconds=1)
    desk.deliver()
    assert (desk.states(), box.letters) == (["doubt"], [])


def test_a_document_that_ended_meanwhile_still_gets_the_outcome(desk: Desk, box: MailBox) -> None:
    box.drop = "after the dot"
    letter = desk.write()
    desk.press("acknowledge", target=desk.document().live()[0].id, user=CHAIR)
    assert desk.document().closure is not None
    desk.deliver()
    assert desk.states() == ["doubt"]
    desk.press("letter_sent", target=letter.id)
    assert desk.states() == ["accepted"]


def test_the_mail_server_has_one_incident_however_many_letters_wait(desk: Desk, box: MailBox) -> None:
    box.answers["greeting"] = "554 go away"
    desk.write()
    desk.write(TWO)
    assert desk.deliver() == 2
    assert desk.incidents() == [MAIL_INCIDENT]
    box.heal()
    desk.later()
    assert desk.deliver() == 2
    assert (desk.incidents(), len(box.letters)) == ([], 2)


def test_nobody_waits_for_ever(desk: Desk, box: MailBox) -> None:
    box.answers[f"RCPT {ONE}"] = "452 mailbox full"
    desk.write()
    desk.deliver()
    assert desk.states() == ["waiting"]
    desk.later(days=5)
    desk.deliver()
    assert desk.states() == ["refused"]
    note = desk.document().letters[0].recipients[0].note
    assert "5 суток" in note
    assert "452 mailbox full" in note


def test_a_letter_taken_off_by_an_administrator_waits_no_more(either: Desk, box: MailBox) -> None:
    desk = either
    box.drop = "greeting"
    letter = desk.write()
    desk.deliver()
    with desk.place.office.database.reading() as unit:
        (row,) = [one for one in outbox.listing(unit) if one.kind == "letter"]
    assert give_up(desk.place.office, row.id, "адрес не тот")
    assert not give_up(desk.place.office, row.id, "ещё раз")
    assert (desk.states(), desk.incidents()[-1:]) == (["refused"], [f"letter:{letter.id}"])
    assert any("снято с отправки: адрес не тот" in one and "Отправить ещё раз" in one for one in desk.chat())
    box.heal()
    desk.later(days=1)
    assert desk.deliver() == 0
    desk.press("letter_again", target=letter.id)
    desk.deliver()
    assert (desk.states(), len(box.letters)) == (["accepted"], 1)


def test_a_lost_file_is_told_instead_of_a_letter_without_it(desk: Desk, box: MailBox) -> None:
    file = desk.document().files[-1]
    desk.write(attachments=(file.id,))
    desk.place.office.content.path(file.sha256).unlink()
    desk.deliver()
    assert (desk.states(), box.letters) == (["refused"], [])
