"""E14 and E29: reserved, literal and skipped numbers, the closing entry, documents older than their year."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from b24flow.core.registration import Counter
from b24flow.errors import InvalidForm, NotFound, Refused
from b24flow.services.act import Acted
from b24flow.services.numbers import (
    Wish,
    counter_of,
    expire,
    explain,
    listing,
    name_of,
    reserve,
    reserve_literal,
)
from b24flow.services.reserved import release_named
from b24flow.services.year_end import Closing, carried_over, certificate, closing
from b24flow.store import series
from b24flow.store.engine import retrying
from tests.town import CHAIR, CLERK, HEAD, LAWYER, OFFICE_HEAD, SPECIALIST, Town

SECOND_CLERK = 7


@pytest.fixture
def year(place: Town) -> int:
    """A day in the middle of a year, whenever the tests run: numbers and reserves do not meet its end."""
    now = place.clock.now()
    place.clock.offset += timedelta(days=(date(now.year + 1, 6, 15) - now.date()).days)
    return now.year + 1


def day(place: Town, days: int) -> date:
    return date.fromisoformat(place.today()) + timedelta(days=days)


def signed(place: Town, **form: str | tuple[str, ...]) -> str:
    made = place.begin("directive", SPECIALIST, "submit", place.draft(SPECIALIST), kind="main",
                       title="О дежурстве", signer=str(CHAIR), **form)
    place.press(made.uuid, LAWYER, "approve")
    place.press(made.uuid, CHAIR, "sign")
    return made.uuid


def registered(place: Town, number: str = "", user: int = CLERK, **form: str) -> str:
    """Register a new directive, by a reserved number if one is named; return the number it has."""
    uuid = signed(place)
    place.press(uuid, user, "register", reserved_number=number, **form)
    found = place.document(uuid).number
    assert found is not None
    return found.text


def report(place: Town, year: int, code: str = "directive") -> Closing:
    found, = closing(place.office, year, code)
    return found


def directives(place: Town) -> Counter:
    return counter_of(place.office, "directive")


@pytest.mark.parametrize("returns", [False, True], ids=["annulled", "returned"])
def test_of_five_reserved_two_are_used_and_three_expire(place: Town, year: int, returns: bool) -> None:
    assert registered(place) == "1-р"
    wish = Wish(purpose="командировки", until=day(place, 10), holder=CLERK, returns=returns)
    held = reserve(place.office, directives(place), 5, wish)
    assert [name_of(one) for one in held] == ["2", "3", "4", "5", "6"]
    assert registered(place) == "7-р"
    assert registered(place, "3") == "3-р"
    assert registered(place, " 5 - Р ") == "5-р"
    assert [one.number for one in report(place, year).still_held] == ["2", "4", "6"]
    assert not report(place, year).complete

    place.clock.offset += timedelta(days=10)
    assert expire(place.office) == ()
    place.clock.offset += timedelta(days=1)
    assert [one.state for one in expire(place.office)] == ["free" if returns else "annulled"] * 3
    assert expire(place.office) == ()

    assert [registered(place) for _ in range(4)] == (
        ["2-р", "4-р", "6-р", "8-р"] if returns else ["8-р", "9-р", "10-р", "11-р"])
    made = report(place, year)
    assert (made.first, made.given, made.complete) == ("1-р", 8, True)
    assert made.unexplained == ()
    unused = [(one.number, one.reason) for one in made.reserved_unused]
    why = "командировки; срок резерва истёк"
    assert unused == ([] if returns else [("2", why), ("4", why), ("6", why)])


def test_a_reserved_number_is_only_for_whom_it_is_and_only_once(place: Town, year: int) -> None:
    reserve(place.office, directives(place), 2, Wish(purpose="съезд", until=day(place, 5), holder=CLERK))
    uuid = signed(place)
    for user, number, said in (
        (SECOND_CLERK, "1", "зарезервирован за другим"), (CLERK, "3", "в резерве нет"),
        (CLERK, "1-к", "в резерве нет"),
    ):
        with pytest.raises(InvalidForm, match=said):
            place.press(uuid, user, "register", reserved_number=number)
    assert place.state(uuid) == "toreg"
    assert [one.state for one in listing(place.office)] == ["held", "held"]
    place.press(uuid, CLERK, "register", reserved_number="1")
    with pytest.raises(InvalidForm, match="уже использован"):
        registered(place, "1")
    place.clock.offset += timedelta(days=6)
    with pytest.raises(InvalidForm, match="резерв действовал до"):
        registered(place, "2")


def test_eight_registrations_by_one_reserved_number_have_one_effect(place: Town, year: int) -> None:
    reserve(place.office, directives(place), 1, Wish(purpose="съезд", until=day(place, 5)))
    drafts = [signed(place) for _ in range(8)]

    def press(uuid: str) -> Acted | InvalidForm:
        try:
            return place.press(uuid, CLERK, "register", reserved_number="1")
        except InvalidForm as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(press, drafts))
    assert sum(isinstance(one, Acted) for one in made) == 1
    assert registered(place) == "2-р"


def test_a_literal_number_dates_a_document_back_beside_a_given_one(place: Town, year: int) -> None:
    for _ in range(2):
        registered(place)
    wish = Wish(purpose="забытое распоряжение", until=day(place, 5), holder=CLERK)
    with pytest.raises(Refused, match="Номера 3 в журнале"):
        reserve_literal(place.office, directives(place), 3, wish)
    first = reserve_literal(place.office, directives(place), 1, wish)
    second = reserve_literal(place.office, directives(place), 1, wish)
    letter = reserve_literal(place.office, directives(place), 1, wish, letter=True)
    assert [name_of(one) for one in (first, second, letter)] == ["1/1", "1/2", "1а"]
    with pytest.raises(InvalidForm, match="в резерве нет"):
        registered(place, "2/1")
    back = day(place, -20).isoformat()
    assert registered(place, "1/1", registered_on=back) == "1/1-р"
    assert registered(place, "1а") == "1а-р"
    assert registered(place) == "3-р"
    made = report(place, year)
    assert (made.first, made.last, made.given, made.literal) == ("1-р", "3-р", 5, ("1/1-р", "1а-р"))
    assert [one.number for one in made.still_held] == ["1/2"]


def test_a_skipped_number_is_explained_and_an_annulled_one_named(place: Town, year: int) -> None:
    uuid = signed(place, readers=(str(SPECIALIST),))
    place.press(uuid, CLERK, "register")
    retrying(place.office.database, lambda unit: series.lift(unit, "directive", str(year), 4))
    assert registered(place) == "5-р"
    place.press(uuid, CLERK, "annul", reason="ошибочная регистрация")
    place.press(uuid, 5, "confirm_annul")
    assert report(place, year).unexplained == ("2–4",)
    for first, last in ((1, 1), (4, 5), (6, 6), (4, 3)):
        with pytest.raises(Refused, match="не пропущен"):
            explain(place.office, directives(place), first, last, "сбой")
    assert explain(place.office, directives(place), 2, 3, "пропущены по технической ошибке") == 2
    explain(place.office, directives(place), 4, 4, "испорчен бланк")
    made = report(place, year)
    assert made.complete
    text = certificate(made)
    for said in (f"ЗА {year} ГОД", "Первый номер: 1-р. Последний номер: 5-р.", "действует 1, аннулировано 1",
                 "№ 1-р — ошибочная регистрация", "№ 3 — пропущены по технической ошибке",
                 "№ 4 — испорчен бланк", "Делопроизводитель"):
        assert said in text


def test_forty_open_documents_go_into_the_next_year_with_their_numbers(place: Town, year: int) -> None:
    made = [place.register(CHAIR, command=f"letter-{number}").uuid for number in range(43)]
    for uuid in made[:3]:
        place.press(uuid, CHAIR, "acknowledge")
    numbers = {uuid: place.document(uuid).number for uuid in made}
    ends = date(year + 1, 1, 12)
    place.clock.offset += timedelta(days=(ends - date.fromisoformat(place.today())).days)
    place.press(made[3], CHAIR, "acknowledge")
    place.register(CHAIR, command="new-year")

    rows = carried_over(place.office, year)
    assert [one.uuid for one in rows] == made[3:]
    assert [one.number for one in rows] == [f"Вх-{number}/{year % 100}" for number in range(4, 44)]
    assert len({one.holders for one in rows[1:]}) == 1
    assert all(len(one.holders) == 1 for one in rows[1:])
    assert {uuid: place.document(uuid).number for uuid in made} == numbers
    assert carried_over(place.office, year + 1)[0].number == f"Вх-1/{(year + 1) % 100}"
    old = report(place, year, "incoming")
    assert (old.given, old.complete, old.last) == (43, True, f"Вх-43/{year % 100}")


def test_reserves_of_a_year_that_is_over_are_annulled(place: Town, year: int) -> None:
    ends = date(year, 12, 31)
    reserve(place.office, directives(place), 2, Wish(purpose="съезд", until=ends, returns=True))
    place.clock.offset += timedelta(days=(ends - date.fromisoformat(place.today())).days + 1)
    made = report(place, year)
    assert [one.number for one in made.reserved_unused] == ["1", "2"]
    assert made.complete
    assert registered(place) == "1-р"


def test_a_reserve_that_makes_no_sense_is_refused(place: Town, year: int) -> None:
    office, wish = place.office, Wish(purpose="съезд", until=day(place, 5))
    with pytest.raises(NotFound, match=r"Журнала «directives» нет; есть: .*directive_staff"):
        counter_of(office, "directives")
    for options, said in (({"scope": "01"}, "не делятся"), ({"period": "2020"}, "только в текущем году")):
        with pytest.raises(Refused, match=said):
            counter_of(office, "directive", **options)
    for count, wrong, said in (
        (101, wish, "от 1 до 100"), (1, Wish(purpose=" ", until=wish.until), "для чего"),
        (1, Wish(purpose="съезд", until=day(place, -1)), "уже прошёл"),
        (1, Wish(purpose="съезд", until=date(year + 1, 1, 1)), "до конца года"),
    ):
        with pytest.raises(Refused, match=said):
            reserve(office, directives(place), count, wrong)
    assert listing(office) == ()


def at_registration(place: Town) -> str:
    """An outgoing letter that is signed and has no number yet."""
    uuid = place.begin("outgoing", SPECIALIST, "submit", place.draft(SPECIALIST), title="О мерах",
                       addressees="ФНПР", signer=str(CHAIR), route=("1:lawyer",)).uuid
    place.press(uuid, LAWYER, "approve")
    place.press(uuid, CHAIR, "sign")
    return uuid


def on_the_agenda(place: Town) -> str:
    """A question before the body: a decree has its number only after the meeting."""
    uuid = place.begin("decree", SPECIALIST, "submit", place.draft(SPECIALIST), body="presidium",
                       title="О плане", speaker=str(HEAD), signer=str(CHAIR)).uuid
    place.press(uuid, LAWYER, "approve")
    place.press(uuid, OFFICE_HEAD, "put_on_agenda", convocation="7", session="12", item="5",
                meeting_on=day(place, 3).isoformat())
    return uuid


def test_documents_of_every_process_are_carried_over_wherever_they_stand(place: Town, year: int) -> None:
    outgoing, decree = at_registration(place), on_the_agenda(place)
    term = day(place, 20).isoformat()
    point = json.dumps({"text": "Составить график", "executor": str(HEAD), "term": term})
    directive = signed(place, points=(point,), controller=str(CLERK))
    place.press(directive, CLERK, "register")
    letter, done = place.register(CHAIR).uuid, place.register(CHAIR).uuid
    place.press(done, CHAIR, "acknowledge")
    before = {uuid: place.document(uuid).number for uuid in (directive, letter)}
    ends = date(year + 1, 1, 12)
    place.clock.offset += timedelta(days=(ends - date.fromisoformat(place.today())).days)
    fresh = place.register(CHAIR).uuid

    rows = {one.uuid: one for one in carried_over(place.office, year)}
    assert set(rows) == {directive, letter, outgoing, decree}
    labels = {uuid: (one.number, one.state) for uuid, one in rows.items()}
    assert labels[directive] == ("1-р", "На контроле")
    assert labels[outgoing] == ("", "На регистрации")
    assert labels[decree] == ("", "В повестке")
    assert list(rows)[2:] == [outgoing, decree]
    assert all(one.holders and one.dated.year == year for one in rows.values())
    place.press(outgoing, CLERK, "register", case_file="02-15")
    number = place.document(outgoing).number
    assert number is not None
    assert number.dated.year == year + 1
    assert {one.uuid for one in carried_over(place.office, year)} == set(rows)
    assert {uuid: place.document(uuid).number for uuid in before} == before
    assert {one.uuid for one in carried_over(place.office, year + 1)} == {fresh, outgoing, decree}


@pytest.mark.parametrize("returns", [False, True], ids=["annulled", "returned"])
def test_a_number_is_released_before_its_day_and_the_report_says_why(
    place: Town, year: int, returns: bool
) -> None:
    wish = Wish(purpose="командировки", until=day(place, 30), holder=CLERK, returns=returns)
    reserve(place.office, directives(place), 3, wish)
    assert registered(place, "2") == "2-р"
    found = release_named(place.office, directives(place), "1", "поездка отменена")
    assert found.state == ("free" if returns else "annulled")
    for number, said in (("1", "возвращён" if returns else "аннулирован"), ("2", "использован")):
        with pytest.raises(Refused, match=said):
            release_named(place.office, directives(place), number, "ещё раз")
    with pytest.raises(NotFound):
        release_named(place.office, directives(place), "9", "нет такого")
    with pytest.raises(InvalidForm, match="в резерве нет"):
        registered(place, "1")
    assert registered(place) == ("1-р" if returns else "4-р")
    made = report(place, year)
    unused = [(one.number, one.reason) for one in made.reserved_unused]
    assert unused == ([] if returns else [
        ("1", "командировки; снят с резерва досрочно: поездка отменена")])
    assert [one.number for one in made.still_held] == ["3"]
    assert made.unexplained == ()


def test_a_number_that_is_released_and_taken_at_once_has_one_fate(place: Town, year: int) -> None:
    reserve(place.office, directives(place), 1, Wish(purpose="съезд", until=day(place, 5), returns=True))
    drafts = [signed(place) for _ in range(4)]

    def act(one: str) -> str:
        try:
            if one == "release":
                return release_named(place.office, directives(place), "1", "не нужен").state
            place.press(one, CLERK, "register", reserved_number="1")
        except Refused:
            return "refused"
        return "used"

    with ThreadPoolExecutor(5) as pool:
        ends = list(pool.map(act, ["release", *drafts]))
    assert ends.count("refused") == 4
    state, = (one.state for one in listing(place.office))
    assert state == ("free" if ends[0] == "free" else "used")
    given = [one for one in drafts if place.document(one).number is not None]
    assert len(given) == (0 if ends[0] == "free" else 1)
