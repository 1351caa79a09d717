"""«Отправить письмо» through `decide` alone (R23): it never moves the document, and a doubt is a person's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from b24flow.core.access import NO_MAIL
from b24flow.core.addresses import MAX_ADDRESSES, AddressError, read_addresses, wire
from b24flow.core.events_steps import LetterAnswered, LetterWritten
from b24flow.core.parts import Letter, Recipient
from b24flow.core.verbs_letter import MAX_FILES_SIZE
from b24flow.errors import AlreadyDone, InvalidForm, NotAllowed, Refused
from tests.desk import CHAIR, CLERK, HEAD, SECOND, SPECIALIST, Desk, draft, process, scan
from tests.unit.core.test_route import approved

ONE, TWO = "one@first.example", "two@second.example"


def letter(one: Desk, user: int = SPECIALIST, **form: str | tuple[str, ...]) -> Letter:
    given = {"recipients": f"{ONE}, {TWO}", "subject": "О плане", "text": "Просим сообщить.", **form}
    one.press(user, "send_letter", **given)
    return one.doc.letters[-1]


def answered(one: Desk, /, **states: str) -> Letter:
    """Let the mail server say what became of the last letter, by the first part of an address."""
    last = one.doc.letters[-1]
    said = tuple(Recipient(address=each.address, state=states[each.address.partition("@")[0]], note="слово")
                 for each in last.recipients if each.address.partition("@")[0] in states)
    one.apply((LetterAnswered(id=last.id, recipients=said),))
    return one.doc.letters[-1]


def states(found: Letter) -> list[str]:
    return [one.state for one in found.recipients]


@pytest.mark.parametrize(("text", "found"), [
    ("office@example.ru", ("office@example.ru",)),
    ("a.b+c@Example.RU; x@y.org\nZ@y.org", ("a.b+c@example.ru", "x@y.org", "Z@y.org")),
    ("Office@example.ru, office@EXAMPLE.ru", ("Office@example.ru",)),
    ("Иванова Анна <ivanova@example.ru>", ("ivanova@example.ru",)),
    ("office@профсоюз.рф", ("office@профсоюз.рф",)),
    (f"{'a' * 64}@example.ru", (f"{'a' * 64}@example.ru",)),
])
def test_addresses(text: str, found: tuple[str, ...]) -> None:
    assert read_addresses(text) == found
    assert all(wire(one).isascii() for one in found)


@pytest.mark.parametrize("text", [
    "почта", "@example.ru", "a@", "a@b", "a b@example.ru", "a@@example.ru", "a@example..ru", "a@-example.ru",
    "a@127.0.0.1", "a@[127.0.0.1]", ".a@example.ru", "a.@example.ru", "a..b@example.ru", '"a b"@example.ru',
    "иван@example.ru", f"{'a' * 65}@example.ru", f"a@{'b' * 64}.ru", f"a@{'.'.join(['b' * 60] * 5)}.ru",
    "a@example.ru\tBcc:x@y.ru", "a@exa_mple.ru", "<a@example.ru> x", "a@example.ru\u2028b@example.ru",
    "a@example.ru>", "a@例え.1",
])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(AddressError):
        read_addresses(text)


def test_all_wrong_addresses_are_told_at_once_and_twenty_is_the_limit() -> None:
    with pytest.raises(AddressError, match=r"«раз».*«два»"):
        read_addresses("раз, office@example.ru, два")
    many = ",".join(f"user{n}@example.ru" for n in range(MAX_ADDRESSES + 1))
    with pytest.raises(AddressError, match="не больше 20 получателей в одном письме, сейчас 21"):
        read_addresses(many)
    assert len(read_addresses(f"{many},user1@example.ru".replace("user0@example.ru,", ""))) == MAX_ADDRESSES


@pytest.mark.parametrize("code", ["incoming", "outgoing", "decree", "directive", "internal"])
def test_every_working_step_of_every_process_offers_it(code: str) -> None:
    definition = process(code)
    action = definition.action("send_letter")
    assert action is not None
    assert (action.label, action.work, action.next) == ("Отправить письмо", False, ())
    assert set(action.states) == {one.code for one in definition.states if not one.final}


def test_a_letter_is_in_the_journal_and_moves_nothing() -> None:
    one = approved()
    step, holders = one.state, one.holders()
    file = next(each for each in one.doc.files if each.part == "draft")
    found = letter(one, attachments=(file.id,))
    assert (one.state, one.holders()) == (step, holders)
    written = one.journal[-1].event
    assert isinstance(written, LetterWritten)
    assert (written.to, [each.sha256 for each in written.files]) == ((ONE, TWO), [file.sha256])
    assert (found.by, found.sending, states(found)) == (SPECIALIST, 1, ["waiting", "waiting"])


def test_without_a_mail_server_it_is_shown_and_refused() -> None:
    one = approved()
    one.mail = False
    offer = next(each for each in one.offers(SPECIALIST) if each.action.code == "send_letter")
    assert offer.blocked == NO_MAIL
    before = one.doc
    with pytest.raises(Refused, match="не настроен почтовый сервер"):
        letter(one)
    assert one.doc is before
    assert [each.action.code for each in one.offers(SPECIALIST) if each.blocked] == ["send_letter"]


def test_a_stranger_writes_no_letters() -> None:
    one = approved()
    with pytest.raises(NotAllowed):
        letter(one, SECOND)


@pytest.mark.parametrize(("form", "field"), [
    ({"recipients": ""}, "recipients"), ({"recipients": "нет"}, "recipients"), ({"subject": " "}, "subject"),
    ({"text": ""}, "text"), ({"attachments": ("unknown",)}, "attachments"),
    ({"subject": "a\rb\x00"}, "subject"),
])
def test_a_wrong_form_changes_nothing(form: dict[str, str], field: str) -> None:
    one = approved()
    before = one.doc
    with pytest.raises(InvalidForm) as caught:
        letter(one, **form)
    assert list(caught.value.fields) == [field]
    assert one.doc is before


def test_a_subject_of_several_lines_is_one() -> None:
    sent = letter(approved(), subject="О плане\r\nBcc: x@evil.example")
    assert sent.subject == "О плане Bcc: x@evil.example"


def test_only_the_newest_editions_go_and_only_so_much() -> None:
    one = approved()
    old = next(each for each in one.doc.files if each.part == "draft")
    one.press(SPECIALIST, "add_files", files=(scan(one.now, SPECIALIST, "Справка.pdf"),))
    newer = replace(scan(one.now, SPECIALIST, "справка.PDF"), id="newer")
    one.press(SPECIALIST, "add_files", files=(newer,))
    with pytest.raises(InvalidForm, match="новая версия"):
        letter(one, attachments=("file-Справка.pdf",))
    sent = letter(one, attachments=("newer", "newer", old.id))
    assert [each.id for each in sent.files] == ["newer", old.id]
    big = replace(scan(one.now, SPECIALIST, "Альбом.pdf"), size=MAX_FILES_SIZE)
    one.press(SPECIALIST, "add_files", files=(big,))
    assert letter(one, attachments=(big.id,)).files
    with pytest.raises(InvalidForm, match="вместе 15,0 МБ, а в письмо помещается 15 МБ"):
        letter(one, attachments=(big.id, "newer"))


def test_each_recipient_has_his_own_outcome() -> None:
    one = approved()
    letter(one)
    assert states(answered(one, one="accepted")) == ["accepted", "waiting"]
    assert "Отправить ещё раз" not in one.labels(SPECIALIST)
    found = answered(one, two="refused")
    assert states(found) == ["accepted", "refused"]
    one.press(SPECIALIST, "letter_again", target=found.id)
    assert (states(one.doc.letters[0]), one.doc.letters[0].sending) == (["accepted", "waiting"], 2)
    assert "Отправить ещё раз" not in one.labels(SPECIALIST)


def test_a_doubt_has_two_ways_out_for_whoever_wrote_it_and_the_clerk() -> None:
    one = approved()
    letter(one)
    found = answered(one, one="accepted", two="doubt")
    both = {"Считать отправленным", "Отправить ещё раз"}
    assert both <= one.labels(SPECIALIST)
    assert both <= one.labels(CLERK)
    assert not both & one.labels(HEAD)
    with pytest.raises(NotAllowed):
        one.press(CHAIR, "letter_sent", target=found.id)
    one.press(SPECIALIST, "letter_sent", target=found.id, comment="ответили по телефону")
    assert states(one.doc.letters[0]) == ["accepted", "accepted"]
    with pytest.raises((AlreadyDone, NotAllowed)):
        one.press(SPECIALIST, "letter_again", target=found.id)


def test_a_refused_letter_cannot_be_called_sent() -> None:
    one = approved()
    letter(one)
    answered(one, one="refused", two="refused")
    assert "Считать отправленным" not in one.labels(SPECIALIST)
    assert "Отправить ещё раз" in one.labels(SPECIALIST)


def test_the_outcome_of_a_closed_document_is_still_written_and_decided() -> None:
    one = approved()
    letter(one)
    one.press(SPECIALIST, "annul_draft", reason="не нужно")
    closed = one.state
    found = answered(one, one="doubt", two="accepted")
    assert one.state == closed
    one.press(SPECIALIST, "letter_again", target=found.id)
    assert one.state == closed
    assert states(one.doc.letters[0]) == ["waiting", "accepted"]
    assert "Отправить письмо" not in one.labels(SPECIALIST)


def test_several_letters_are_asked_about_one_by_one() -> None:
    one = approved()
    letter(one)
    answered(one, one="doubt", two="doubt")
    letter(one)
    answered(one, one="doubt", two="doubt")
    with pytest.raises(NotAllowed, match="писем несколько"):
        one.press(SPECIALIST, "letter_sent")
    one.press(SPECIALIST, "letter_sent", target=one.doc.letters[1].id)
    assert states(one.doc.letters[0]) == ["doubt", "doubt"]


def test_a_draft_edition_is_current_until_the_next_one() -> None:
    one = approved()
    one.press(SPECIALIST, "add_files", files=(replace(draft(one, SPECIALIST, 2), part="files"),))
    assert letter(one, attachments=("draft-1", "draft-2")).files
