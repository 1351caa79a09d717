"""Edges of approval, signing, dispatch, requests and links through `decide` alone (§2.5, §3.5, R37)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from b24flow.core.absence import hand_over
from b24flow.core.commands import Related
from b24flow.core.notices import Note, notes
from b24flow.core.people import Department
from b24flow.errors import AlreadyDone, InvalidForm, NotAllowed, Refused
from tests.desk import (
    CHAIR,
    CLERK,
    DEPUTY,
    HEAD,
    LAWYER,
    OFFICE_HEAD,
    SECOND,
    SPECIALIST,
    Desk,
    draft,
)
from tests.unit.core.test_route import approved, desk, roles_of, submitted, visas
from tests.unit.core.test_steps_in_force import directive


def told(one: Desk, user: int, action: str, **form: str) -> list[Note]:
    """Press a button and return whom the decision tells what."""
    before = one.doc
    decision = one.press(user, action, **form)
    return list(notes(one.definition, before, decision, one.context()))


def submit(one: Desk, user: int, *route: str, **form: str) -> Desk:
    given = {"addressees": "ФНПР", "title": "О плане работы", "signer": str(CHAIR), **form}
    one.press(user, "submit", files=(draft(one, user),), route=route, **given)
    return one


# --- who approves -----------------------------------------------------------------------------------------


def test_the_last_approver_cannot_be_taken_out() -> None:
    one = submitted()
    with pytest.raises(InvalidForm, match="сначала добавьте"):
        one.press(SPECIALIST, "remove_approver", to=str(HEAD), reason="не нужен")
    assert one.state == "approval"
    one.press(SPECIALIST, "add_approver", to=str(LAWYER))
    one.press(SPECIALIST, "remove_approver", to=str(HEAD), reason="не нужен")
    assert visas(one) == [(HEAD, "dropped"), (LAWYER, "asked")]


def test_whoever_was_taken_out_and_added_again_can_be_taken_out_again() -> None:
    one = submitted(f"1:{HEAD}", f"1:{LAWYER}")
    one.press(SPECIALIST, "remove_approver", to=str(LAWYER), reason="ошибка")
    one.press(SPECIALIST, "add_approver", to=str(LAWYER))
    one.press(SPECIALIST, "remove_approver", to=str(LAWYER), reason="всё же ошибка")
    one.press(HEAD, "approve")
    assert one.state == "sign"


def test_nobody_is_taken_out_after_he_decided() -> None:
    one = submitted(f"1:{HEAD}", f"1:{LAWYER}")
    one.press(HEAD, "object", remark="Нет расчёта")
    with pytest.raises(InvalidForm, match="уже принял"):
        one.press(SPECIALIST, "remove_approver", to=str(HEAD), reason="мешает")


def test_a_role_of_the_initiator_alone_is_no_approval_his_head_is_asked() -> None:
    one = submit(desk("outgoing", LAWYER), LAWYER, "1:lawyer")
    assert visas(one) == [(LAWYER, "skipped"), (HEAD, "asked")]
    assert one.holders() == {HEAD}


def test_a_colleague_in_the_role_approves_what_the_initiator_prepared() -> None:
    one = submit(desk("outgoing", LAWYER, lawyer=(LAWYER, SECOND)), LAWYER, "1:lawyer")
    assert visas(one) == [(SECOND, "asked")]


def test_whoever_has_nobody_above_him_goes_straight_to_the_signature() -> None:
    one = submit(desk("outgoing", CHAIR), CHAIR)
    assert one.state == "sign"
    assert one.holders() == {CHAIR}


def test_the_initiators_own_role_is_not_asked_in_the_next_round_either() -> None:
    one = submit(desk("outgoing", LAWYER), LAWYER, "1:lawyer", f"1:{DEPUTY}")
    one.press(DEPUTY, "object", remark="Нет расчёта")
    one.press(LAWYER, "resubmit", answer="Расчёт приложен", scope="all")
    assert visas(one) == [(LAWYER, "skipped"), (DEPUTY, "asked")]


def test_an_added_approver_of_a_later_role_is_asked_once() -> None:
    one = submitted(f"1:{HEAD}", "2:lawyer")
    one.press(HEAD, "add_approver", to=str(LAWYER))
    one.press(LAWYER, "approve")
    one.press(HEAD, "approve")
    assert one.state == "sign"
    assert [state for _, state in visas(one)] == ["approved", "skipped", "approved"]


def test_one_person_in_two_places_decides_for_himself_first_then_for_the_absent() -> None:
    one = submitted(f"1:{HEAD}", f"1:{DEPUTY}")
    one.substitute(DEPUTY, HEAD)
    one.press(HEAD, "approve")
    assert visas(one) == [(HEAD, "approved"), (DEPUTY, "asked")]
    one.press(HEAD, "approve")
    assert [visa.acting_for for visa in one.doc.rounds[-1].visas] == [None, DEPUTY]
    assert one.state == "sign"


def test_silence_is_no_consent() -> None:
    one = submitted(f"1:{HEAD}", visa_term="24.11.2026")
    one.wait(days=30)
    assert one.state == "approval"
    assert one.holders() == {HEAD}


def test_a_sole_approver_who_left_without_a_successor_leaves_the_document_to_its_owner() -> None:
    one = desk("outgoing", OFFICE_HEAD)
    one.people = replace(
        one.people, departments={**one.people.departments, 1: Department(id=1, name="Аппарат"),
                                 2: Department(id=2, name="Общий отдел", parent=1, head=OFFICE_HEAD)},
    )
    submit(one, OFFICE_HEAD, f"1:{CLERK}")
    one.dismiss(CLERK)
    assert hand_over(one.definition, one.doc, one.context()) == ()
    live = {user for user in one.holders() if one.people.active(user)}
    assert live == {OFFICE_HEAD}
    one.press(OFFICE_HEAD, "add_approver", to=str(LAWYER))
    one.apply(hand_over(one.definition, one.doc, one.context()))
    assert visas(one) == [(CLERK, "dropped"), (LAWYER, "asked")]


def test_approvers_who_all_left_without_successors_do_not_approve_by_leaving() -> None:
    one = desk("outgoing", OFFICE_HEAD)
    one.people = replace(one.people, departments={2: Department(id=2, name="Общий отдел", head=OFFICE_HEAD)})
    submit(one, OFFICE_HEAD, f"1:{CLERK}", f"1:{LAWYER}")
    one.dismiss(CLERK)
    one.dismiss(LAWYER)
    one.apply(hand_over(one.definition, one.doc, one.context()))
    assert one.state == "approval"
    assert visas(one) == [(CLERK, "dropped"), (LAWYER, "asked")]
    assert OFFICE_HEAD in one.holders()


# --- editions and rounds ----------------------------------------------------------------------------------


def test_a_new_edition_does_not_take_an_objection_out_of_the_sheet() -> None:
    one = submitted(f"1:{HEAD}", f"1:{LAWYER}", f"2:{DEPUTY}")
    one.press(HEAD, "object", remark="Нет расчёта")
    one.press(SPECIALIST, "new_edition", files=(draft(one, SPECIALIST, 2),), reason="Добавлен расчёт")
    first, second = one.doc.rounds
    assert first.outcome == "replaced"
    assert (first.visas[0].remark, first.visas[0].sha256) == ("Нет расчёта", "01" * 32)
    assert visas(one) == [(HEAD, "asked"), (LAWYER, "asked"), (DEPUTY, "waiting")]
    assert second.term == first.term
    assert second.note == "Добавлен расчёт"


def test_a_new_edition_before_any_visa_asks_nobody_twice() -> None:
    one = submitted(f"1:{HEAD}", f"1:{LAWYER}")
    one.press(SPECIALIST, "new_edition", files=(draft(one, SPECIALIST, 2),))
    assert len(one.doc.rounds) == 1
    with pytest.raises(Refused, match="изменился"):
        one.press(HEAD, "approve", seen="01" * 32)


def test_a_new_edition_keeps_out_whoever_was_taken_out() -> None:
    one = submitted(f"1:{HEAD}", f"1:{LAWYER}", f"1:{DEPUTY}")
    one.press(SPECIALIST, "remove_approver", to=str(DEPUTY), reason="не по профилю")
    one.press(HEAD, "approve")
    one.press(SPECIALIST, "new_edition", files=(draft(one, SPECIALIST, 2),))
    assert visas(one) == [(HEAD, "asked"), (LAWYER, "asked")]


def test_all_means_all_of_the_present_route() -> None:
    one = submitted(f"1:{HEAD}")
    one.press(SPECIALIST, "withdraw_approval", reason="другой маршрут")
    submit(one, SPECIALIST, f"1:{LAWYER}", f"1:{DEPUTY}", f"1:{SECOND}")
    one.press(SPECIALIST, "remove_approver", to=str(SECOND), reason="не по профилю")
    one.press(LAWYER, "object", remark="Нет ссылки")
    one.press(DEPUTY, "approve")
    one.press(SPECIALIST, "resubmit", answer="Добавлена", scope="all")
    assert visas(one) == [(LAWYER, "asked"), (DEPUTY, "asked")]


def test_an_objector_who_left_is_not_asked_again() -> None:
    one = submitted(f"1:{LAWYER}")
    one.press(LAWYER, "object", remark="Нет ссылки")
    one.dismiss(LAWYER)
    one.press(SPECIALIST, "resubmit", answer="Добавлена", scope="objectors")
    assert visas(one) == [(HEAD, "asked")]


def test_a_term_that_has_passed_is_refused_in_the_next_round_too() -> None:
    one = submitted(f"1:{HEAD}")
    one.press(HEAD, "object", remark="Нет ссылки")
    with pytest.raises(InvalidForm, match="уже прошла"):
        one.press(SPECIALIST, "resubmit", answer="Добавлена", scope="objectors", visa_term="20.11.2026")


def test_an_objection_is_answered_in_words_and_told_with_its_text() -> None:
    one = submitted(f"1:{HEAD}", f"1:{LAWYER}")
    with pytest.raises(InvalidForm, match="Замечания"):
        one.press(HEAD, "object")
    (note,) = told(one, HEAD, "object", remark="Нет ссылки на устав")
    assert note.recipient == SPECIALIST
    assert "Нет ссылки на устав" in note.text
    assert "возвращён" not in note.text, "the others of the group may still answer"
    one.press(LAWYER, "approve")
    with pytest.raises(InvalidForm, match="Ответ на замечания"):
        one.press(SPECIALIST, "resubmit", scope="objectors")


# --- signature --------------------------------------------------------------------------------------------


def test_the_signer_chosen_at_a_new_submission_signs() -> None:
    one = approved()
    one.press(CLERK, "pass_signature", to=str(DEPUTY), reason="председатель в отпуске")
    one.press(DEPUTY, "decline", reason="Не моя тема")
    one.press(SPECIALIST, "withdraw_approval")
    submit(one, SPECIALIST, f"1:{HEAD}", signer=str(CHAIR))
    one.press(HEAD, "approve")
    assert one.holders() == {CHAIR}
    one.press(CHAIR, "sign")
    assert one.state == "toreg"


def test_a_signature_is_not_passed_to_whoever_has_it() -> None:
    one = approved()
    with pytest.raises(InvalidForm, match="выберите другого"):
        one.press(CLERK, "pass_signature", to=str(CHAIR), reason="в отпуске")
    one.press(CLERK, "pass_signature", to=str(CLERK), reason="и.о. на сегодня")
    assert roles_of(one, CLERK) == {"signer"}


def test_a_signer_is_bound_to_the_edition_he_saw_and_nothing_has_a_number_before() -> None:
    one = approved()
    with pytest.raises(Refused, match="изменился"):
        one.press(CHAIR, "sign", seen="77" * 32)
    with pytest.raises(AlreadyDone, match=r"на шаге «На подписи»\. Последнее действие: «Согласовать»"):
        one.press(CLERK, "register", case_file="01-09")
    assert one.doc.number is None
    one.press(CHAIR, "sign", seen="01" * 32)
    with pytest.raises(AlreadyDone):
        one.press(CHAIR, "sign", seen="01" * 32)


# --- dispatch ---------------------------------------------------------------------------------------------


def registered(addressees: str) -> Desk:
    one = approved(addressees=addressees)
    one.press(CHAIR, "sign")
    one.press(CLERK, "register", case_file="01-09")
    return one


def test_a_circular_has_one_number_and_a_line_for_each_of_sixty_addressees() -> None:
    one = registered("\n".join(f"Территориальная организация {n}" for n in range(1, 61)))
    assert one.doc.number is not None
    assert one.doc.number.dated == one.context().today
    assert len(one.doc.deliveries) == 60
    for line in one.doc.deliveries[:3]:
        one.press(CLERK, "dispatch", target=line.id, method="post", sent_on="23.11.2026")
    with pytest.raises(AlreadyDone):
        one.press(CLERK, "dispatch", target=one.doc.deliveries[0].id, method="post", sent_on="23.11.2026")
    one.press(CLERK, "dispatch", method="email", sent_on="23.11.2026")
    assert one.state == "sent"
    with pytest.raises(NotAllowed, match="адресатов несколько"):
        one.press(CLERK, "delivery_failed", reason="вернулось")


def test_an_answer_is_registered_once_and_told_with_its_number() -> None:
    one = registered("ФНПР")
    one.press(CLERK, "dispatch", method="email", sent_on="23.11.2026")
    (line,) = one.doc.deliveries
    (note,) = told(one, CLERK, "answered", target=line.id, text="№ 17 от 23.11.2026")
    assert note.recipient == SPECIALIST
    assert note.text.endswith("получен ответ: № 17 от 23.11.2026")
    with pytest.raises(AlreadyDone):
        one.press(CLERK, "answered", target=line.id, text="№ 17 от 23.11.2026")


def test_a_closing_comment_is_the_reason_of_the_end_not_a_correction_of_the_card() -> None:
    one = registered("ФНПР")
    one.press(CLERK, "dispatch", method="email", sent_on="23.11.2026")
    one.press(SPECIALIST, "close", comment="Вопрос решён по телефону")
    assert one.doc.closure is not None
    assert one.doc.closure.reason == "Вопрос решён по телефону"
    assert one.doc.corrections == ()
    with pytest.raises(AlreadyDone):
        one.press(SPECIALIST, "close", comment="ещё раз")


# --- requests ---------------------------------------------------------------------------------------------


def test_whoever_asked_is_told_of_the_answer_and_whoever_was_asked_of_the_withdrawal() -> None:
    one = submitted(f"1:{HEAD}")
    one.press(HEAD, "ask", to=str(LAWYER), text="Есть ли практика?")
    one.press(HEAD, "ask", to=str(SECOND), text="Есть ли деньги?")
    first, second = one.doc.requests
    assert [note.recipient for note in told(one, LAWYER, "answer", target=first.id, answer="Есть")] == [HEAD]
    assert [note.recipient for note in told(one, HEAD, "withdraw_request", target=second.id)] == [SECOND]


def test_a_chain_of_requests_each_answered_by_whom_it_was_put_to() -> None:
    one = submitted(f"1:{HEAD}")
    one.press(HEAD, "ask", to=str(LAWYER), text="Есть ли практика?")
    one.press(LAWYER, "ask", to=str(SECOND), text="Были ли суды?")
    one.substitute(SECOND, DEPUTY)
    assert roles_of(one, DEPUTY) == {"requested"}
    first, second = one.doc.requests
    with pytest.raises(NotAllowed, match="кого спросили"):
        one.press(HEAD, "answer", target=first.id, answer="сам знаю")
    one.press(DEPUTY, "answer", target=second.id, answer="Два дела")
    with pytest.raises(AlreadyDone):
        one.press(SECOND, "answer", target=second.id, answer="Три дела")
    one.press(HEAD, "approve")
    assert one.state == "sign", "an unanswered request does not hold the route"
    assert LAWYER in one.holders()


def test_several_questions_to_one_person_are_told_apart() -> None:
    one = submitted(f"1:{HEAD}")
    one.press(HEAD, "ask", to=str(LAWYER), text="Есть ли практика?")
    one.press(HEAD, "ask", to=str(LAWYER), text="Есть ли суды?")
    with pytest.raises(NotAllowed, match="запросов по документу несколько"):
        one.press(LAWYER, "answer", answer="да")


# --- links ------------------------------------------------------------------------------------------------


def linked(one: Desk, user: int, kind: str, uuid: str) -> None:
    context = replace(one.context(), related=Related(uuid=uuid, text="12-5"))
    one.context = lambda number=None: context  # type: ignore[method-assign]
    one.press(user, "link", link=kind, document="12-5")
    del one.context  # type: ignore[method-assign]


def test_what_a_document_repeals_is_said_in_its_draft_never_after_the_signature() -> None:
    one = directive(readers=(str(HEAD),))
    one.press(CLERK, "register")
    with pytest.raises(InvalidForm, match="до подписи"):
        linked(one, SPECIALIST, "repeals", "another")


def test_a_document_is_not_linked_to_itself_nor_twice() -> None:
    one = submitted(f"1:{HEAD}")
    with pytest.raises(InvalidForm, match="с самим собой"):
        linked(one, SPECIALIST, "duplicate", one.doc.uuid)
    del one.context  # type: ignore[method-assign]
    linked(one, SPECIALIST, "duplicate", "another")
    with pytest.raises(InvalidForm, match="уже есть"):
        linked(one, SPECIALIST, "duplicate", "another")


def test_whoever_follows_a_document_is_told_where_it_came() -> None:
    one = submitted(f"1:{HEAD}", f"1:{LAWYER}")
    one.press(LAWYER, "follow")
    assert told(one, HEAD, "approve") == [], "the document is where it was"
    assert told(one, LAWYER, "approve") == [], "nobody is told what he did himself"
    (note,) = told(one, CHAIR, "decline", reason="Короче")[1:]
    assert note.recipient == LAWYER
    assert note.text.endswith("Доработка. Орлов А. И.")
