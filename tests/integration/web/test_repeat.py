"""One effect however often a button is pressed, from however many devices (E08)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from b24flow.store import journal
from tests.integration.web.browser import Browser, Form, Page
from tests.integration.web.world import CHAIR, CLERK, HEAD, World, letter, uuid_of

TAKE, READ, DONE = "На исполнение", "Ознакомиться и завершить", "Документ исполнен"


def opened(browser: Browser, label: str) -> Form:
    """Return the form that is open in a browser and sent by `label`."""
    form = browser.page.form(label)
    assert form is not None
    return form


def events(place: World, address: str, kind: str) -> int:
    with place.office.database.reading() as unit:
        return sum(one.type == kind for one in journal.history(unit, uuid_of(address)))


def at_once(*presses: tuple[Browser, Form, dict[str, str]]) -> list[Page]:
    """Send the forms from as many threads, released together."""
    start = Barrier(len(presses))

    def send(press: tuple[Browser, Form, dict[str, str]]) -> Page:
        browser, form, values = press
        start.wait()
        return browser.submit(form, **values)

    with ThreadPoolExecutor(len(presses)) as pool:
        return list(pool.map(send, presses))


def test_second_click_of_the_same_form_does_nothing(place: World) -> None:
    address = place.register(CHAIR)
    chair = place.person(CHAIR)
    chair.open(address)
    chair.follow(READ)
    form = opened(chair, READ)
    first = chair.submit(form)
    second = chair.submit(form)
    assert "Выполнено: «Ознакомиться и завершить»" in first.text
    assert "Уже выполнено: «Ознакомиться и завершить» — Орлов П. А., 23.11.2026 10:00." in second.text
    assert "Уже выполнено" not in chair.open(address).text
    assert events(place, address, "Acknowledged") == 1


def test_second_click_of_a_registration_takes_no_second_number(place: World) -> None:
    clerk = place.person(CLERK)
    clerk.follow("Зарегистрировать входящий")
    form = opened(clerk, "Зарегистрировать и направить")
    first = clerk.submit(form, **letter(CHAIR))
    second = clerk.submit(form, **letter(CHAIR))
    assert first.url == second.url
    assert "Уже выполнено" in second.text
    assert "Вх-2/26" not in clerk.open("/registry").text


def test_phone_and_computer_at_once(place: World) -> None:
    """Two forms of one person, two commands: one works, the other is told that it is done."""
    address = place.register(HEAD)
    phone, computer = place.person(HEAD), place.person(HEAD)
    phone.open(address)
    phone.press(TAKE, executors=[HEAD], term=place.day(3))
    for browser in (phone, computer):
        browser.open(address)
        browser.follow(DONE)
    pages = at_once(*((one, opened(one, DONE), {"summary": "Сделано"}) for one in (phone, computer)))
    assert sorted(page.status for page in pages) == [200, 409]
    late = next(page for page in pages if page.status == 409)
    assert "Уже выполнено: «Документ исполнен» — Журавлёв И. П." in late.text
    assert events(place, address, "Reported") == 1


def test_many_identical_clicks_at_once(place: World) -> None:
    address = place.register(CHAIR)
    chair = place.person(CHAIR)
    chair.open(address)
    chair.follow(READ)
    form = opened(chair, READ)
    others = [place.person(CHAIR) for _ in range(5)]
    pages = at_once(*((one, form, {}) for one in (chair, *others)))
    assert {page.status for page in pages} == {200}
    assert sum("Выполнено:" in page.text and "Уже" not in page.text for page in pages) == 1
    assert sum("Уже выполнено" in page.text for page in pages) == 5
    assert events(place, address, "Acknowledged") == 1


def test_stale_page_is_told_what_happened(place: World) -> None:
    address = place.register(CHAIR)
    stale, quick = place.person(CHAIR), place.person(CHAIR)
    stale.open(address)
    quick.open(address)
    quick.press(READ)
    link = stale.page.link(TAKE)
    assert stale.open(link).status == 409
    assert "Уже выполнено: «Ознакомиться и завершить»" in stale.page.text
    stale.follow("Открыть документ")
    assert "Завершён (ознакомление)" in stale.page.text


def test_a_command_is_bound_to_its_button(place: World) -> None:
    """The number of one form, sent with another button, is another command, not a repeat."""
    address = place.register(CHAIR, HEAD)
    chair, head = place.person(CHAIR), place.person(HEAD)
    chair.open(address)
    chair.follow(READ)
    command = opened(chair, READ).controls["command_id"].values
    chair.submit(opened(chair, READ))
    head.open(address)
    head.follow(READ)
    form = opened(head, READ)
    form.controls["command_id"].values = command
    assert "Выполнено: «Ознакомиться" in head.submit(form).text
    assert events(place, address, "Acknowledged") == 2
