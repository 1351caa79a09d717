"""«Замещения»: everybody arranges his own, a head those of his people; loops are refused with a sentence."""

from __future__ import annotations

import pytest

from b24flow.core.people import Absence
from b24flow.services.absences import remember
from b24flow.services.people import substitutions
from tests.integration.web.world import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, SPECIALIST, World

ADD = "Назначить"


def test_a_person_hands_his_work_over_and_takes_it_back(place: World) -> None:
    address = place.register(CHAIR)
    chair, deputy = place.person(CHAIR), place.person(DEPUTY)
    chair.follow("Замещения")
    assert "Замещений нет" in chair.page.text
    page = chair.press(ADD, substitute=DEPUTY, since=place.day(0), until=place.day(5))
    assert "Замещение назначено." in page.text
    assert "действует" in page.text
    assert "за: Орлов П. А." in deputy.open("/").text
    assert "Соколова Н. О." in deputy.open("/substitutes").text
    assert "Отменить" not in deputy.page.buttons, "only the principal or his head ends it"
    deputy.open(address)
    page = deputy.press("Ознакомиться и завершить")
    assert "за: Орлов П. А." in page.text
    page = chair.open("/substitutes")
    assert "Замещение отменено." in chair.press("Отменить").text
    assert "Замещений нет" in chair.page.text


def test_what_is_handed_over_may_be_narrowed(place: World) -> None:
    place.register(CHAIR)
    chair = place.person(CHAIR)
    chair.open("/substitutes")
    chair.press(ADD, substitute=DEPUTY, since=place.day(0), until=place.day(5), scope="approval",
                process="outgoing")
    assert "только согласование, Исходящие документы" in chair.page.text
    assert "Всё сделано" in place.person(DEPUTY).page.text


def test_a_head_arranges_for_his_people_only(place: World) -> None:
    head = place.person(HEAD)
    head.open("/substitutes")
    form = head.page.form(ADD)
    assert form is not None
    assert set(form.controls["principal"].options or ()) == {str(HEAD), str(SPECIALIST)}
    head.submit(form, principal=SPECIALIST, substitute=LAWYER, since=place.day(0), until=place.day(5))
    assert "Замещение назначено." in head.page.text
    page = head.send(form.action, {**form.values(), "principal": [str(CHAIR)], "substitute": [str(LAWYER)],
                                   "since": [place.day(0).isoformat()], "until": [place.day(1).isoformat()]})
    assert page.status == 403
    assert "руководитель — своим сотрудникам" in page.text
    stranger = place.person(CLERK)
    stranger.open("/substitutes")
    ticket = stranger.page.forms[-1].values()["form_ticket"]
    assert stranger.send("/substitutes/1/end", {"form_ticket": ticket}).status == 403
    assert stranger.send("/substitutes/999/end", {"form_ticket": ticket}).status == 404
    assert stranger.send("/substitutes/1/end", {"form_ticket": ["x"]}).status in {400, 403}
    assert "Синицын О. Ю." in head.open("/substitutes").text


def test_a_loop_is_refused_with_a_sentence(place: World) -> None:
    place.substitute(DEPUTY, CHAIR)
    chair = place.person(CHAIR)
    chair.open("/substitutes")
    page = chair.press(ADD, substitute=DEPUTY, since=place.day(0), until=place.day(5))
    assert page.status == 422
    assert "получился бы круг" in page.errors["substitute"]


@pytest.mark.parametrize("wrong", [
    {"substitute": ""}, {"substitute": "999999999999"}, {"substitute": str(CHAIR)}, {"since": "31.02.2026"},
    {"until": ""}, {"until": "2020-01-01"}, {"scope": "everything"}, {"process": "../x"}, {"principal": "x"},
])
def test_wrong_input_is_named_and_changes_nothing(place: World, wrong: dict[str, str]) -> None:
    chair = place.person(CHAIR)
    chair.open("/substitutes")
    form = chair.page.form(ADD)
    assert form is not None
    usual = {**form.values(), "substitute": [str(DEPUTY)], "until": [place.day(3).isoformat()]}
    page = chair.send(form.action, {**usual, **{code: [value] for code, value in wrong.items()}})
    assert page.status == 422
    assert page.errors.keys() >= wrong.keys() - {"substitute"} or "substitute" in page.errors
    assert "Замещений нет" in chair.open("/substitutes").text


def test_an_absence_of_the_portal_is_one_press_away_from_a_substitution(place: World) -> None:
    place.register(CHAIR)
    remember(place.office, [Absence(person=CHAIR, since=place.day(1), until=place.day(6)),
                            Absence(person=SPECIALIST, since=place.day(1), until=place.day(3))])
    chair = place.person(CHAIR)
    chair.follow("Замещения")
    assert "Замещений нет" in chair.page.text, "a suggestion substitutes nobody"
    assert "Вы отсутствуете с 24.11.2026 по 01.12.2026" in chair.page.text
    assert "Синицын О. Ю. отсутствует" not in chair.page.text, "no document waits for him"
    page = chair.press("Назначить замещение", substitute=DEPUTY)
    assert "Замещение назначено." in page.text
    assert "По графику отсутствий портала" not in page.text
    (row,) = substitutions(place.office)
    one = row.substitution
    assert (one.principal, one.substitute, one.since, one.until) == (
        CHAIR, DEPUTY, place.day(1), place.day(6))


def test_a_head_is_suggested_to_whoever_is_away_without_a_substitute(place: World) -> None:
    place.register(SPECIALIST)
    remember(place.office, [Absence(person=SPECIALIST, since=place.day(0), until=place.day(6))])
    head = place.person(HEAD)
    head.open("/substitutes")
    assert "Синицын О. Ю. отсутствует с 23.11.2026" in head.page.text
    assert "Замещение назначено." in head.press("Назначить замещение").text, "he himself stands ready"
    (row,) = substitutions(place.office)
    assert row.substitution.substitute == HEAD
