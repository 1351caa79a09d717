"""The edges of the processes over the portal: paper, post after the end, a text replaced while it is read."""

from __future__ import annotations

import pytest

from b24flow.errors import InvalidForm, NotAllowed
from b24flow.services.history import history_view
from b24flow.services.views import document_view
from tests.scenario.test_processes import WAGES, Life, outgoing
from tests.town import CHAIR, CLERK, HEAD, SPECIALIST, Town


def told(place: Town, user: int) -> str:
    """Everything that the bot said to somebody in private."""
    place.settle()
    return "\n".join(one["text"] for one in place.portal("messages")
                     if one["chat_kind"] == "private" and user in one["members"])


def history(place: Town, life: Life) -> list[str]:
    """The details of the newest entry of a document's history."""
    document = place.document(life.uuid)
    definition = place.office.definition_of(document)
    with place.office.database.reading() as unit:
        return list(history_view(unit, definition, document, place.office.context(unit))[0].details)


def to_sign(place: Town) -> Life:
    return Life(place).begin(
        "directive", SPECIALIST, "straight_to_sign", place.draft(SPECIALIST), kind="admin",
        title="О дежурстве", signer=str(CHAIR), readers=(str(HEAD), str(WAGES)))


def test_a_directive_signed_on_paper_says_who_signed_and_who_recorded_it(place: Town) -> None:
    life = to_sign(place)
    assert life.mine(CLERK) == []
    life.press(CLERK, "sign_on_paper", place.file(CLERK, "scan", name="подписано.pdf"))
    assert any("Подписал(а) на бумаге: Берёзов А. Л." in one for one in history(place, life))
    assert "записана ваша подпись на бумаге" in told(place, CHAIR)
    life.press(CLERK, "register")
    (signed,) = document_view(place.office, life.uuid, CLERK).steps.signatures
    assert (signed.name, signed.method) == ("Берёзов А. Л.", "подписано на бумаге")
    assert signed.recorded not in {"", signed.name}


def test_the_sheet_shows_both_editions_and_who_read_which(place: Town) -> None:
    life = to_sign(place)
    life.press(CHAIR, "sign")
    life.press(CLERK, "register")
    life.press(HEAD, "acknowledged")
    life.press(CLERK, "replace_text", place.file(CLERK, "new_text", b"%PDF-1.4 new", "проект 2.pdf"),
               reason="Описка в дате")
    assert "Описка в дате" in history(place, life)
    assert "заменён текст" in told(place, CHAIR)
    assert life.mine(HEAD) == life.mine(WAGES) == ["Ознакомлен"]
    life.press(HEAD, "acknowledged")
    life.press(WAGES, "acknowledged")
    sheet = document_view(place.office, life.uuid, CLERK).steps.readers
    assert [one.edition.split(",")[0] for one in sheet] == ["редакция 1", "редакция 2", "редакция 2"]
    assert life.state == "closed"
    place.settle()
    assert any("ознакомлены 2 из 2" in str(one) for one in life.item().values())


def test_a_letter_comes_back_after_the_end_and_is_sent_again(place: Town) -> None:
    life = outgoing(place, f"1:{HEAD}")
    life.press(HEAD, "approve")
    life.press(CHAIR, "sign")
    life.press(CLERK, "register", case_file="01-09")
    life.press(CLERK, "dispatch", target=None, method="post", sent_on=place.today())
    life.press(SPECIALIST, "close")
    first, second = life.reload().deliveries
    life.press(CLERK, "answered", target=second.id, text="№ 17 от 25.11.2026")
    assert (life.state, life.mine(CLERK)) == ("done", [])
    with pytest.raises(NotAllowed):
        place.press(life.uuid, SPECIALIST, "delivery_failed", target=first.id, reason="адресат выбыл")
    life.press(CLERK, "delivery_failed", target=first.id, reason="Адресат выбыл", command="back")
    assert place.press(life.uuid, CLERK, "delivery_failed", target=first.id, reason="Адресат выбыл",
                       command="back").repeated
    assert (life.state, "Отправлено" in life.mine(CLERK)) == ("send", True)
    assert "Документ снова открыт" in history(place, life)
    assert "не доставлен" in told(place, SPECIALIST)
    life.press(CLERK, "dispatch", target=first.id, method="courier", sent_on=place.today())
    life.press(SPECIALIST, "close")
    place.settle()
    assert life.state == "done"


def executed(place: Town, user: int, number: str) -> Life:
    """An incoming letter that its executor has dealt with and may answer."""
    life = Life(place, place.register(user, foreign_number=number, foreign_date=place.today()).uuid)
    life.press(user, "execute", executors=(str(user),), term=place.day(5))
    life.press(user, "report", summary="Ответ готов")
    return life


def two_answered(place: Town) -> tuple[Life, Life, Life]:
    """Two letters with one answer being prepared, which is returned last."""
    first, second = executed(place, HEAD, "15/1"), executed(place, HEAD, "15/2")
    first.press(HEAD, "prepare_reply")
    reply = first.reload().reply
    assert reply is not None
    answer = Life(place, reply.document)
    answer.press(HEAD, "link", link="reply_to", document=second.reload().number.text)
    return first, second, answer


def test_one_letter_answers_two_and_closes_both_when_it_is_sent(place: Town) -> None:
    first, second, answer = two_answered(place)
    assert (first.state, second.state) == ("reply", "reply")
    assert answer.reload().text("basis").count("на № 15/") == 2
    with pytest.raises(InvalidForm):
        answer.press(HEAD, "link", link="reply_to", document=second.reload().number.text)
    answer.press(HEAD, "submit", place.draft(HEAD), addressees="Минздрав", title="Ответ", signer=str(CHAIR),
                 basis=answer.reload().text("basis"), route=(f"1:{SPECIALIST}",))
    answer.press(SPECIALIST, "approve")
    answer.press(CHAIR, "sign")
    answer.press(CLERK, "register", case_file="01-09")
    answer.press(CLERK, "dispatch", method="post", sent_on=place.today())
    assert (first.state, second.state) == ("done", "done")
    assert {one.reload().reply.state for one in (first, second)} == {"sent"}


def test_an_annulled_answer_sends_both_letters_back_and_nobody_answers_for_another(place: Town) -> None:
    first, second, answer = two_answered(place)
    foreign = executed(place, SPECIALIST, "16/1")
    with pytest.raises(InvalidForm, match="ответственный исполнитель"):
        answer.press(HEAD, "link", link="reply_to", document=foreign.reload().number.text)
    answer.press(HEAD, "annul_draft", reason="Ответ не нужен")
    assert (first.state, second.state, foreign.state) == ("exec", "exec", "choice")
