"""A registration by mistake, over the portal: what it repealed is in force again with its tasks."""

from __future__ import annotations

import pytest

from b24flow.errors import InvalidForm
from b24flow.services.views import document_view
from b24flow.store import series
from tests.scenario.test_edges import history, told
from tests.scenario.test_in_force import repeal, signed
from tests.scenario.test_processes import SAFETY, Life, directive, points
from tests.town import CLERK, DEPUTY, OFFICE_HEAD, SPECIALIST, Town


def annul(life: Life) -> None:
    life.press(CLERK, "annul", reason="Зарегистрировано по ошибке")
    assert "Подтвердить аннулирование" in life.mine(OFFICE_HEAD)
    life.press(OFFICE_HEAD, "confirm_annul")


def status(life: Life) -> str:
    return document_view(life.place.office, life.uuid, CLERK).steps.status


def test_what_an_annulled_directive_repealed_is_executed_again(place: Town) -> None:
    old = directive(place, (), controller=str(DEPUTY), points=points(("Составить", SAFETY, place.day(5))))
    held = old.mine(SAFETY)
    place.settle()
    number = old.reload().number.text
    new = repeal(place, number)
    assert (old.state, new.state, old.mine(SAFETY)) == ("repealed", "closed", [])
    place.settle()
    annul(new)
    assert (new.state, old.state, status(old)) == ("annulled", "control", "")
    assert old.mine(SAFETY) == held
    said = f"нова действует: регистрация документа № {new.reload().number.text} аннулирована"
    assert any(said in one for one in history(place, old))
    assert said in told(place, CLERK)
    assert said in told(place, SPECIALIST)
    assert [one["status"] for one in place.portal("tasks")] != [5]
    assert not any("Утратил" in str(one) for one in old.item().values())
    assert [uuid for _, uuid, _ in document_view(place.office, old.uuid, CLERK).links] == []
    with place.office.database.reading() as unit:
        book = series.book(unit, "directive_admin", str(place.clock.now().year))
    assert [one.state for one in book if one.number.text == new.reload().number.text] == ["annulled"]


def test_a_change_falls_with_its_document_and_the_earlier_one_stays(place: Town) -> None:
    old = directive(place, ())
    number = old.reload().number.text
    first, second = repeal(place, number, "amends"), repeal(place, number, "amends")
    annul(second)
    assert (old.state, status(old)) == ("closed", f"Действует с изменениями: № {first.reload().number.text}")
    third = repeal(place, number)
    annul(first)
    assert (old.state, status(old)) == ("repealed", f"Утратил силу: № {third.reload().number.text}")
    annul(third)
    assert (old.state, status(old)) == ("closed", "")


def test_a_repealed_repealer_revives_nothing_and_the_first_says_so(place: Town) -> None:
    old = directive(place, ())
    second = repeal(place, old.reload().number.text)
    third = repeal(place, second.reload().number.text)
    assert (old.state, second.state) == ("repealed", "repealed")
    assert any("этот документ остаётся отменённым" in one for one in history(place, old))
    assert status(old) == f"Утратил силу: № {second.reload().number.text}"
    annul(third)
    assert (old.state, second.state) == ("repealed", "closed")
    annul(second)
    assert (old.state, status(old)) == ("closed", "")


def test_a_repealed_mistake_can_be_annulled_and_stays_annulled(place: Town) -> None:
    old = directive(place, ())
    second = repeal(place, old.reload().number.text)
    third = repeal(place, second.reload().number.text)
    annul(second)
    assert (old.state, second.state) == ("closed", "annulled")
    annul(third)
    assert (old.state, second.state) == ("closed", "annulled")


def test_a_refused_annulment_of_a_closed_directive_changes_nothing(place: Town) -> None:
    old = directive(place, ())
    new = repeal(place, old.reload().number.text)
    new.press(CLERK, "annul", reason="Зарегистрировано по ошибке")
    new.press(OFFICE_HEAD, "deny_annul", reason="Ошибки нет")
    assert (old.state, new.state, new.mine(OFFICE_HEAD)) == ("repealed", "closed", [])


def test_the_registration_of_a_decree_is_annulled_and_its_number_kept(place: Town) -> None:
    life = signed(place, "12", "5")
    annul(life)
    place.settle()
    number = life.reload().number
    assert (life.state, number.text) == ("annulled", "12-5")
    with place.office.database.reading() as unit:
        (row,) = series.book(unit, number.series, number.period)
    assert row.state == "annulled"


def test_a_directive_neither_repeals_nor_changes_a_decree(place: Town) -> None:
    old = signed(place, "12", "5")
    for link in ("repeals", "amends"):
        with pytest.raises(InvalidForm, match="Постановления"):
            repeal(place, "12-5", link)
    assert old.state == "inforce"
