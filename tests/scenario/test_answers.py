"""Answers to our letters: found at registration, watched until their term, reminded of by a draft (§3.5)."""

from __future__ import annotations

from datetime import timedelta

from b24flow.services.reminders import remind
from b24flow.services.views import document_view
from tests.scenario.test_processes import Life, outgoing
from tests.town import CHAIR, CLERK, HEAD, SPECIALIST, Town


def sent(place: Town, **form: str) -> Life:
    life = outgoing(place, f"1:{HEAD}", **form)
    life.press(HEAD, "approve")
    life.press(CHAIR, "sign")
    life.press(CLERK, "register", case_file="01-09")
    life.press(CLERK, "dispatch", method="post", sent_on=place.today(), target=None)
    assert life.state == "sent"
    return life


def answer(place: Town, whose: str, number: str) -> str:
    return place.register(CHAIR, correspondent=whose, in_reply_to=number).uuid


def test_an_incoming_answer_finds_our_letter_and_its_addressee(place: Town) -> None:
    life = sent(place)
    uuid = answer(place, "МИНЗДРАВ России", " № 01-09 / 1")
    states = {one.addressee: (one.state, one.answer) for one in life.reload().deliveries}
    assert states == {"Минздрав России": ("answered", uuid), "ФНПР": ("sent", "")}
    assert ("Ответ", uuid, "Вх-1/26") in [
        (kind, to, text.replace(str(place.clock.now().year)[2:], "26"))
        for kind, to, text in document_view(place.office, life.uuid, CLERK).links]
    assert ("Ответ на", life.uuid, "01-09/1") in document_view(place.office, uuid, CLERK).links
    place.settle()
    told = [one["text"] for one in place.portal("messages") if SPECIALIST in one["members"]]
    assert any("получен ответ" in one for one in told)


def test_an_answer_of_somebody_else_is_linked_and_left_to_the_clerk(place: Town) -> None:
    life = sent(place)
    answer(place, "Отдел писем министерства", "01-09/1")
    assert {one.state for one in life.reload().deliveries} == {"sent"}
    assert [one.kind for one in life.reload().links] == ["reply"]
    assert place.document(answer(place, "Обком", "до 2013 года")).links == ()


def test_the_same_answer_by_post_and_by_mail_marks_once(place: Town) -> None:
    life = sent(place, addressees="ФНПР")
    first = answer(place, "ФНПР", "01-09/1")
    answer(place, "ФНПР", "01-09/1")
    assert [(one.state, one.answer) for one in life.reload().deliveries] == [("answered", first)]


def test_the_silent_are_reminded_by_one_draft_when_the_term_is_over(place: Town) -> None:
    life = sent(place, answer_term=place.day(2))
    answer(place, "ФНПР", "01-09/1")
    assert remind(place.office) == 0
    place.clock.offset += timedelta(days=7)
    assert remind(place.office) == 1
    assert remind(place.office) == 0, "once for each term"
    link = next(one for one in life.reload().links if one.kind == "started")
    draft = place.document(link.document)
    assert (draft.card["title"], draft.card["addressees"], draft.opened_by) == (
        "Напоминание: О мерах поддержки", "Минздрав России", SPECIALIST)
    assert str(draft.card["basis"]).startswith("наш № 01-09/1 от ")
    assert place.state(link.document) == "draft"
    answer(place, "Минздрав России", "01-09/1")
    place.clock.offset += timedelta(days=7)
    assert remind(place.office) == 0
