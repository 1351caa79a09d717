"""«Резерв номеров»: the clerk sees what was set aside and releases a number with a reason."""

from __future__ import annotations

from b24flow.services.numbers import Wish, counter_of, listing, reserve
from b24flow.services.year_end import closing
from tests.integration.web.world import CHAIR, CLERK, World


def held(place: World, count: int = 2, *, returns: bool = False) -> None:
    wish = Wish(purpose="командировки", until=place.day(10), holder=CLERK, returns=returns)
    reserve(place.office, counter_of(place.office, "directive"), count, wish)


def test_a_clerk_releases_a_number_with_a_reason(place: World) -> None:
    held(place)
    clerk = place.person(CLERK)
    clerk.open("/registry")
    page = clerk.follow("Резерв номеров")
    assert "командировки" in page.text
    assert "Если снять с резерва, номер будет аннулирован" in page.text
    page = clerk.press("Снять с резерва", reason="ё")
    assert page.status == 422
    assert "Укажите причину, от 3 до 500 знаков" in page.text
    page = clerk.press("Снять с резерва", reason="поездка <отменена>")
    assert "Номер 1 аннулирован." in page.text
    assert [one.state for one in listing(place.office)] == ["annulled", "held"]
    report, = closing(place.office, place.clock.now().year, "directive")
    gone, = report.reserved_unused
    assert gone.number == "1"
    assert "снят с резерва досрочно (" in gone.reason
    assert gone.reason.endswith("поездка <отменена>")


def test_the_second_of_two_releases_is_told_and_nothing_changes(place: World) -> None:
    held(place, 1, returns=True)
    first, second = place.person(CLERK), place.person(CLERK)
    first.open("/reserved")
    second.open("/reserved")
    assert "возвращён в журнал" in first.press("Снять с резерва", reason="поездка отменена").text
    before = listing(place.office)
    page = second.press("Снять с резерва", reason="и мне не нужен")
    assert page.status == 422
    assert "Номер 1 уже возвращён в журнал." in page.text
    assert listing(place.office) == before
    assert "В резерве номеров нет" in first.open("/reserved").text


def test_a_stranger_sees_no_reserve(place: World) -> None:
    held(place)
    chair = place.person(CHAIR)
    assert "Резерв номеров" not in chair.open("/registry").text
    page = chair.open("/reserved")
    assert page.status == 403
    assert "ведут делопроизводитель и заведующий общим отделом" in page.text
    chair.open("/substitutes")
    ticket = chair.page.forms[-1].values()["form_ticket"]
    sent = {"form_ticket": ticket, "reason": ["хочу"]}
    assert chair.send("/reserved/1/release", sent).status == 403
    clerk = place.person(CLERK)
    clerk.open("/reserved")
    ticket = clerk.page.forms[-1].values()["form_ticket"]
    for row in ("999", "x", "1" * 40):
        sent = {"form_ticket": ticket, "reason": ["ошибка"]}
        assert clerk.send(f"/reserved/{row}/release", sent).status == 404
    assert {one.state for one in listing(place.office)} == {"held"}
