"""«Отправить письмо» on the pages: the button, the form, what became of it on the page and in the history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from b24flow.core.access import NO_MAIL
from b24flow.mail.server import sender_of, server_of
from b24flow.mail.smtp import SmtpMailer
from b24flow.services.post import deliver_one
from b24flow.store.engine import Database
from tests.integration.web.world import CHAIR, CLERK, DEPUTY, SCAN, World, uuid_of, world
from tests.mail_server import MailBox, mail_box

SEND = "Отправить письмо"


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_box() as found:
        yield found


@pytest.fixture
def mailing(sqlite_database: Database, tmp_path: Path, box: MailBox) -> Iterator[World]:
    mailer = SmtpMailer(server_of(box.url), sender_of("office@union.example"), timeout=10, last=10)
    with world(sqlite_database, tmp_path, mailer=mailer) as opened:
        yield opened


def deliver(place: World) -> None:
    assert place.office.mailer is not None
    assert deliver_one(place.office, place.office.mailer, owner="post")


def test_a_clerk_sends_a_letter_and_sees_what_became_of_it(mailing: World, box: MailBox) -> None:
    address = mailing.register(CHAIR)
    clerk = mailing.person(CLERK)
    clerk.open(address)
    page = clerk.follow(SEND)
    form = page.form(SEND)
    assert form is not None
    (number,) = [one.number.text for one in [mailing.document(address)] if one.number is not None]
    assert form.values()["subject"] == [f"№ {number} от 23.11.2026: О мерах поддержки"]
    page = clerk.press(SEND, recipients="нет, office@exa_mple.ru", text="Просим сообщить.")
    assert page.status == 422
    assert "«нет» — это не адрес" in page.text
    assert "проверьте часть адреса после знака @" in page.text
    file = mailing.document(address).files[0]
    page = clerk.press(SEND, recipients="office@first.example\nсоюз@профсоюз.рф", text="Просим сообщить.")
    assert "до знака @ должны быть латинские буквы" in page.text
    page = clerk.press(SEND, recipients="office@first.example\ninfo@профсоюз.рф", text="Просим сообщить.",
                       attachments=file.id)
    assert page.status == 200, page.text
    assert "Выполнено: «Отправить письмо»" in page.text
    assert "office@first.example — ждёт отправки" in page.text
    box.answers["RCPT office@first.example"] = "550 no such user"
    deliver(mailing)
    page = clerk.open(address)
    assert "office@first.example — отказано: 550 no such user" in page.text
    assert "info@профсоюз.рф — принято почтовым сервером" in page.text
    assert "Письмо принято не для всех получателей" in page.text
    (attached,) = box.letters[0].message.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == (SCAN.name, SCAN.content)
    box.heal()
    page = clerk.follow("Отправить ещё раз")
    assert "office@first.example, info@профсоюз.рф" in page.text
    clerk.press("Отправить ещё раз")
    deliver(mailing)
    assert "отказано" not in clerk.open(address).text.partition("История")[0]


def test_a_lost_answer_shows_two_ways_out(mailing: World, box: MailBox) -> None:
    address = mailing.register(CHAIR)
    clerk = mailing.person(CLERK)
    clerk.open(f"{address}/actions/send_letter")
    clerk.press(SEND, recipients="office@first.example", text="Просим сообщить.")
    box.drop = "after the dot"
    deliver(mailing)
    page = clerk.open(address)
    assert "исход неизвестен: связь с почтовым сервером прервалась" in page.text
    assert page.link("Отправить ещё раз")
    clerk.follow("Считать отправленным")
    page = clerk.press("Считать отправленным", comment="подтвердили по телефону")
    assert "принято почтовым сервером: считается отправленным" in page.text
    assert "подтвердили по телефону" in page.text
    assert "Отправить ещё раз" not in page.text


def test_without_a_mail_server_the_button_says_why_it_does_nothing(place: World) -> None:
    address = place.register(CHAIR)
    clerk = place.person(CLERK)
    page = clerk.open(address)
    assert NO_MAIL in page.text
    before = place.document(address)
    page = clerk.open(f"{address}/actions/send_letter")
    assert page.status == 422
    assert NO_MAIL in page.text
    answer = httpx.post(
        f"{place.url}/api/documents/{uuid_of(address)}/actions/send_letter", headers=place.bearer(CLERK),
        json={"command_id": "1", "form": {"recipients": ["a@b.example"], "subject": "С", "text": "Т"}},
    )
    assert (answer.status_code, answer.json()["text"]) == (422, NO_MAIL)
    assert place.document(address) == before


def test_a_stranger_sees_no_such_button(mailing: World) -> None:
    address = mailing.register(CHAIR)
    other = mailing.person(DEPUTY)
    assert SEND not in other.open(address).text
    assert other.open(f"{address}/actions/send_letter").status == 403
