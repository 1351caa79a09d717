"""Handing a letter over: after every failure it is known what is certain."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from zoneinfo import ZoneInfo

import pytest
import trustme

from b24flow.core.ports import Enclosure, Mail, MailEnding, MailOutcome
from b24flow.mail.message import compose
from b24flow.mail.server import MailServer, Sender, sender_of, server_of
from b24flow.mail.smtp import SmtpMailer
from tests.mail_server import MailBox, mail_box

ONE, TWO, IDN = "one@first.example", "two@second.example", "office@профсоюз.рф"
OFFICE = Sender(address="office@union.example", name="Профсоюз работников «Здоровье», ЦК")
LETTER = Mail(
    id="11111111-2222-4333-8444-555555555555",
    at=datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Moscow")),
    to=(ONE, TWO, IDN), recipients=(ONE, TWO, IDN),
    subject="№ 12/26 от 23.11.2026: О мерах поддержки, ёлки и 🙂",
    text="Уважаемые коллеги!\n.\n..точка в начале строки\nС уважением", reply_to="user15@union.example",
    files=(Enclosure(name="Письмо министерства (скан) № 5.pdf", mime="application/pdf",
                     content=b"%PDF \r\n.\r\n1"),),
)


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_box() as found:
        yield found


def mailer(box: MailBox, last: float = 10.0) -> SmtpMailer:
    return SmtpMailer(server_of(box.url), OFFICE, timeout=10.0, last=last)


def send(box: MailBox, *recipients: str, last: float = 10.0) -> MailOutcome:
    return mailer(box, last).send(replace(LETTER, recipients=recipients or LETTER.recipients))


def test_a_letter_arrives_as_it_was_written(box: MailBox) -> None:
    outcome = send(box)
    assert outcome == MailOutcome(ending=MailEnding.ANSWERED,
                                  accepted=dict.fromkeys((ONE, TWO, IDN), "250 queued as 42"))
    (letter,) = box.letters
    assert letter.sender == "office@union.example"
    assert letter.recipients == (ONE, TWO, "office@xn--g1anacfhu6f.xn--p1ai")
    assert letter.content.isascii()
    message = letter.message
    assert message["Subject"] == LETTER.subject
    # The new parser of `email` puts a space between two encoded words of a name; RFC 2047 §6.2 forbids it.
    origin = message_from_bytes(letter.content)["From"]
    assert str(make_header(decode_header(origin))) == f"{OFFICE.name} <office@union.example>"
    assert [one.addr_spec for one in message["To"].addresses] == list(letter.recipients)
    assert message["Reply-To"] == "user15@union.example"
    assert message["Message-ID"] == "<11111111-2222-4333-8444-555555555555@union.example>"
    assert message["Date"].datetime == LETTER.at
    body = message.get_body()
    assert body is not None
    assert body.get_content().splitlines() == LETTER.text.splitlines()
    (file,) = message.iter_attachments()
    assert (file.get_filename(), file.get_content()) == (LETTER.files[0].name, LETTER.files[0].content)


def test_the_same_letter_is_always_the_same_bytes() -> None:
    assert compose(LETTER, OFFICE) == compose(replace(LETTER, recipients=(TWO,)), OFFICE)


@pytest.mark.parametrize("name", ["a\r\nBcc: x@evil.example", "Письмо\nX: 1"])
def test_no_name_makes_a_header(name: str) -> None:
    bad = replace(LETTER, files=(replace(LETTER.files[0], name=name),))
    try:
        content = compose(bad, OFFICE)
    except ValueError:
        return
    assert b"\nBcc:" not in content
    assert b"\nX:" not in content


def test_every_recipient_has_an_outcome_of_its_own(box: MailBox) -> None:
    box.answers |= {f"RCPT {ONE}": "550 no such user", f"RCPT {TWO}": "451 come later"}
    outcome = send(box)
    assert dict(outcome.refused) == {ONE: "550 no such user"}
    assert list(outcome.accepted) == [IDN]
    assert outcome.text == f"{TWO}: 451 come later"
    assert [one.recipients for one in box.letters] == [("office@xn--g1anacfhu6f.xn--p1ai",)]


@pytest.mark.parametrize(("answers", "ending", "refused"), [
    ({"greeting": "421 busy"}, MailEnding.UNAVAILABLE, False),
    ({"greeting": "554 go away"}, MailEnding.BLOCKED, False),
    ({"MAIL": "451 later"}, MailEnding.UNAVAILABLE, False),
    ({"MAIL": "530 authentication required"}, MailEnding.BLOCKED, False),
    ({"MAIL": "550 sender refused"}, MailEnding.ANSWERED, True),
    ({f"RCPT {ONE}": "451 greylisted"}, MailEnding.ANSWERED, False),
    ({f"RCPT {ONE}": "421 shutting down"}, MailEnding.UNAVAILABLE, False),
    ({f"RCPT {ONE}": "550 no such user"}, MailEnding.ANSWERED, True),
    ({"DATA": "451 later"}, MailEnding.ANSWERED, False),
    ({"DATA": "554 no"}, MailEnding.ANSWERED, True),
    ({"dot": "452 disk full"}, MailEnding.ANSWERED, False),
    ({"dot": "554 spam"}, MailEnding.ANSWERED, True),
])
def test_what_the_server_answers(
    box: MailBox, answers: dict[str, str], ending: MailEnding, refused: bool
) -> None:
    box.answers |= answers
    outcome = send(box, ONE)
    assert (outcome.ending, list(outcome.refused)) == (ending, [ONE] if refused else [])
    assert not outcome.accepted
    assert not outcome.doubtful
    words = next(iter(answers.values()))
    assert words in (outcome.refused.get(ONE) or outcome.text)
    assert box.letters == []


@pytest.mark.parametrize("place", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "before the dot"])
def test_a_connection_lost_before_the_dot_is_surely_no_letter(box: MailBox, place: str) -> None:
    box.drop = place
    # More than what the two ends of a connection hold back: whoever writes must learn that nobody reads.
    file = replace(LETTER.files[0], content=bytes(16 << 20 if place == "before the dot" else 10))
    outcome = mailer(box).send(replace(LETTER, recipients=(ONE,), files=(file,)))
    assert outcome.ending is MailEnding.UNAVAILABLE
    assert "127.0.0.1" in outcome.text
    assert box.letters == []


def test_a_connection_lost_after_the_dot_is_a_doubt(box: MailBox) -> None:
    box.drop = "after the dot"
    box.answers[f"RCPT {TWO}"] = "550 no"
    box.answers[f"RCPT {IDN}"] = "451 later"
    outcome = send(box, ONE, TWO)
    assert outcome.ending is MailEnding.ANSWERED
    assert (list(outcome.doubtful), list(outcome.refused), list(outcome.accepted)) == ([ONE], [TWO], [])
    assert outcome.doubtful[ONE] == "связь с почтовым сервером прервалась до его ответа"
    assert len(box.letters) == 1


def test_an_answer_that_does_not_come_is_a_doubt(box: MailBox) -> None:
    box.drop = "slow"
    outcome = send(box, ONE, last=0.05)
    box.hold.set()
    assert list(outcome.doubtful) == [ONE]


@pytest.mark.parametrize("answer", ["354 more?", "what?", "250"])
def test_an_odd_answer_to_the_dot(box: MailBox, answer: str) -> None:
    box.answers["dot"] = answer
    outcome = send(box, ONE)
    assert bool(outcome.accepted) is (answer == "250")
    assert bool(outcome.doubtful) is (answer != "250")


def test_a_closed_port_and_an_unknown_name_are_surely_no_letter() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        closed = SmtpMailer(MailServer(scheme="smtp", host="127.0.0.1", port=port), OFFICE, timeout=5)
        assert closed.send(LETTER).ending is MailEnding.UNAVAILABLE
        assert "нет связи" in closed.check()


def test_a_letter_that_is_too_big_is_not_even_begun(box: MailBox) -> None:
    box.features = ("SIZE 1000",)
    outcome = send(box, ONE)
    assert "больше, чем принимает почтовый сервер" in outcome.refused[ONE]


def test_a_hostile_answer_is_one_printable_line(box: MailBox) -> None:
    box.answers["dot"] = "554 \x1b[31mred\u202e\x07" + "x" * 400
    said = send(box, ONE).refused[ONE]
    assert said.isprintable()
    assert len(said) <= 300


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def secured(authority: trustme.CA, host: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.mark.parametrize("scheme", ["starttls", "smtps"])
def test_the_login_goes_through_an_encrypted_connection(authority: trustme.CA, scheme: str) -> None:
    features = ("STARTTLS", "AUTH PLAIN")
    with mail_box(tls=secured(authority), implicit=scheme == "smtps", features=features) as box:
        server = server_of(f"{scheme}://office:p%40ss@127.0.0.1:{box.port}")
        one = SmtpMailer(server, OFFICE, timeout=10, trust=trusting(authority))
        assert one.check() == ""
        assert list(one.send(replace(LETTER, recipients=(ONE,))).accepted) == [ONE]
        assert len(box.logins) == 2
        box.answers["AUTH"] = "535 wrong password"
        outcome = one.send(LETTER)
        assert (outcome.ending, "p@ss" in outcome.text) == (MailEnding.BLOCKED, False)
        strict = SmtpMailer(server, OFFICE, timeout=10)
        assert strict.send(LETTER).ending is MailEnding.BLOCKED
        assert "сертификат" in strict.check()


def test_a_server_without_encryption_gets_neither_password_nor_letter(box: MailBox) -> None:
    server = server_of(f"starttls://office:secret@127.0.0.1:{box.port}")
    assert SmtpMailer(server, OFFICE, timeout=10).send(LETTER).ending is MailEnding.BLOCKED
    assert box.logins == []


@pytest.mark.parametrize(("url", "said"), [
    ("http://mail.example", "starttls"), ("smtps://", "starttls"), ("smtp://mail.example:x", "порт"),
    ("smtp://mail.example/path", "starttls"), ("smtps://office@mail.example", "вместе"),
    ("smtp://office:secret@mail.example", "открытым"),
])
def test_a_wrong_address_of_the_server_is_told_without_its_password(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        server_of(url)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(server_of("smtps://office:secret@mail.example"))


def test_the_sender() -> None:
    assert sender_of("office@union.example", "Союз") == Sender(address="office@union.example", name="Союз")
    assert sender_of('"ЦК" <office@union.example>', "Союз").name == "ЦК"
    with pytest.raises(ValueError, match="не адрес"):
        sender_of("ЦК")
