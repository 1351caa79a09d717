"""Approval, signing, dispatch, reading, points and meetings through `decide` alone (E17–E20)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from b24flow.core.absence import hand_over
from b24flow.core.holding import work_items
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
    directory,
    draft,
    process,
)

ROLES = {
    "clerk": (CLERK,), "chair": (CHAIR,), "deputy": (DEPUTY,), "office_head": (OFFICE_HEAD,),
    "lawyer": (LAWYER,), "accountant": (SECOND,), "secretary": (CLERK,),
    "member": (CHAIR, DEPUTY, HEAD, LAWYER, OFFICE_HEAD),
}


def desk(code: str, user: int = SPECIALIST, **roles: tuple[int, ...]) -> Desk:
    return Desk(people=directory(roles={**ROLES, **roles}), definition=process(code)).open(user)


def submitted(*route: str, code: str = "outgoing", **form: str | tuple[str, ...]) -> Desk:
    one = desk(code)
    given = {"addressees": "Минздрав России\nФНПР", "title": "О мерах поддержки", "signer": str(CHAIR)}
    one.press(SPECIALIST, "submit", files=(draft(one, SPECIALIST),), route=route, **{**given, **form})
    return one


def visas(one: Desk, number: int = -1) -> list[tuple[int | None, str]]:
    return [(visa.user, visa.state.value) for visa in one.doc.rounds[number].visas]


def roles_of(one: Desk, user: int) -> set[str]:
    return {item.role for item in work_items(one.definition, one.doc, one.context()) if item.user == user}


def test_e17_parallel_round_objection_and_only_the_objector_again() -> None:
    one = submitted(f"1:{HEAD}", f"1:{LAWYER}", f"1:{DEPUTY}")
    assert one.state == "approval"
    assert {HEAD, LAWYER, DEPUTY} <= one.holders()
    one.press(HEAD, "approve")
    one.press(LAWYER, "object", remark="Нет ссылки на устав")
    assert one.state == "approval", "the others of the group may still answer"
    one.press(DEPUTY, "approve_with_remarks", remark="Мелкие правки")
    assert one.state == "rework"
    assert one.holders() == {SPECIALIST}
    one.press(SPECIALIST, "resubmit", files=(draft(one, SPECIALIST, 2),), answer="Ссылка добавлена",
              scope="objectors")
    assert visas(one) == [(LAWYER, "asked")]
    one.press(LAWYER, "approve")
    assert one.state == "sign"
    assert [len(one_round.visas) for one_round in one.doc.rounds] == [3, 1]
    hashes = {visa.sha256 for one_round in one.doc.rounds for visa in one_round.visas}
    assert hashes == {"01" * 32, "02" * 32}
    assert [file.edition for file in one.doc.files] == [1, 2]


def test_groups_are_asked_one_after_another_and_skip_who_approved_already() -> None:
    one = submitted("2:lawyer", f"1:{HEAD}", f"2:{LAWYER}", f"3:{DEPUTY}")
    assert roles_of(one, HEAD) == {"approver"}
    assert LAWYER not in one.holders()
    one.press(HEAD, "approve")
    assert sorted(state for _, state in visas(one)) == ["approved", "asked", "skipped", "waiting"]
    one.press(LAWYER, "approve")
    one.press(DEPUTY, "approve")
    assert one.state == "sign"


def test_e18_a_vacant_role_is_resolved_when_its_turn_comes() -> None:
    one = desk("outgoing", lawyer=())
    one.press(SPECIALIST, "submit", files=(draft(one, SPECIALIST),), route=(f"1:{HEAD}", "2:lawyer"),
              addressees="ФНПР", title="О плане", signer=str(CHAIR))
    one.people = directory(roles={**ROLES, "lawyer": (LAWYER,)})
    one.press(HEAD, "approve")
    assert visas(one) == [(HEAD, "approved"), (LAWYER, "asked")]


def test_a_role_that_stays_vacant_is_held_by_the_owner_and_taken_by_whoever_gets_it() -> None:
    one = desk("outgoing", lawyer=())
    one.press(SPECIALIST, "submit", files=(draft(one, SPECIALIST),), route=("1:lawyer",),
              addressees="ФНПР", title="О плане", signer=str(CHAIR))
    assert one.holders() == {OFFICE_HEAD}
    one.people = directory(roles={**ROLES, "lawyer": (LAWYER,)})
    assert one.holders() == {LAWYER}
    one.press(LAWYER, "approve")
    assert one.state == "sign"


def test_an_empty_route_is_approved_by_the_initiators_head() -> None:
    one = submitted()
    assert visas(one) == [(HEAD, "asked")]


def test_a_mandatory_approver_is_added_and_cannot_be_taken_out() -> None:
    one = desk("directive")
    one.press(SPECIALIST, "submit", files=(draft(one, SPECIALIST),), kind="main", title="О дежурстве",
              signer=str(CHAIR), money="1", route=(f"2:{HEAD}",))
    assert visas(one) == [(LAWYER, "asked"), (SECOND, "asked"), (HEAD, "waiting")]
    with pytest.raises(InvalidForm, match="обязательно"):
        one.press(SPECIALIST, "remove_approver", to=str(LAWYER), reason="не нужен")
    one.press(SPECIALIST, "remove_approver", to=str(HEAD), reason="в отпуске")
    one.press(LAWYER, "approve")
    one.press(SECOND, "approve")
    assert one.state == "sign"


@pytest.mark.parametrize(("route", "text"), [
    ((f"1:{HEAD}", f"3:{HEAD}"), "возвращается"),
    (("1:lawyer", "2:lawyer"), "возвращается"),
    (("1:999",), "неизвестный согласующий"),
    (("1:director",), "неизвестный согласующий"),
    (("0:11",), "очередь"),
    (("без очереди",), "очередь"),
])
def test_a_bad_route_is_refused_and_changes_nothing(route: tuple[str, ...], text: str) -> None:
    one = desk("outgoing")
    before = one.doc
    with pytest.raises(InvalidForm, match=text):
        one.press(SPECIALIST, "submit", files=(draft(one, SPECIALIST),), route=route,
                  addressees="ФНПР", title="О плане", signer=str(CHAIR))
    assert one.doc == before


def test_nobody_approves_without_a_draft() -> None:
    one = desk("outgoing")
    with pytest.raises(InvalidForm, match="проект"):
        one.press(SPECIALIST, "submit", route=(f"1:{HEAD}",), addressees="ФНПР", title="О плане",
                  signer=str(CHAIR))


def test_a_visa_is_bound_to_the_edition_that_was_seen() -> None:
    one = submitted(f"1:{HEAD}", f"1:{LAWYER}")
    one.press(HEAD, "approve", seen="01" * 32)
    one.press(SPECIALIST, "new_edition", files=(draft(one, SPECIALIST, 2),))
    assert visas(one) == [(HEAD, "asked"), (LAWYER, "asked")], "a major change asks again"
    with pytest.raises(Refused, match="изменился"):
        one.press(LAWYER, "approve", seen="01" * 32)
    one.press(LAWYER, "approve", seen="02" * 32)
    one.press(SPECIALIST, "new_edition", files=(draft(one, SPECIALIST, 3),), minor="1")
    assert visas(one) == [(HEAD, "asked"), (LAWYER, "approved")]
    one.press(HEAD, "approve")
    assert [visa.sha256[:2] for visa in one.doc.rounds[-1].visas] == ["03", "02"]


def test_added_and_passed_visas() -> None:
    one = submitted(f"1:{HEAD}")
    one.press(HEAD, "add_approver", to=str(LAWYER))
    with pytest.raises(InvalidForm, match="уже есть"):
        one.press(HEAD, "add_approver", to=str(LAWYER))
    with pytest.raises(InvalidForm, match="готовит"):
        one.press(HEAD, "pass_visa", to=str(SPECIALIST), reason="пусть сам")
    one.press(HEAD, "pass_visa", to=str(DEPUTY), reason="не моя тема")
    assert visas(one) == [(DEPUTY, "asked"), (LAWYER, "asked")]
    one.press(DEPUTY, "approve")
    one.press(LAWYER, "approve")
    assert one.state == "sign"


def test_a_second_visa_is_told_that_it_was_given() -> None:
    one = submitted(f"1:{HEAD}", f"1:{LAWYER}")
    one.press(HEAD, "approve")
    with pytest.raises(AlreadyDone):
        one.press(HEAD, "approve")
    with pytest.raises(NotAllowed):
        one.press(SECOND, "approve")


def test_a_substitute_approves_for_his_principal() -> None:
    one = submitted(f"1:{HEAD}")
    one.substitute(HEAD, SECOND)
    one.press(SECOND, "approve")
    visa = one.doc.rounds[-1].visas[0]
    assert (visa.by, visa.acting_for, visa.state.value) == (SECOND, HEAD, "approved")


def test_withdrawn_and_sent_again_is_a_new_round() -> None:
    one = submitted(f"1:{HEAD}")
    one.press(SPECIALIST, "withdraw_approval", reason="передумал")
    assert one.state == "draft"
    assert one.holders() == {SPECIALIST}
    one.press(SPECIALIST, "submit", route=(f"1:{LAWYER}",), addressees="ФНПР", title="О плане",
              signer=str(CHAIR))
    assert [one_round.outcome for one_round in one.doc.rounds] == ["withdrawn", ""]


def approved(**form: str) -> Desk:
    one = submitted(f"1:{HEAD}", **form)
    one.press(HEAD, "approve")
    return one


def test_outgoing_is_signed_registered_and_sent_to_each_addressee() -> None:
    one = approved()
    one.press(CHAIR, "decline", reason="Обращение не то")
    assert one.state == "rework"
    with pytest.raises(InvalidForm, match="Возражений"):
        one.press(SPECIALIST, "resubmit", answer="Исправлено", scope="objectors")
    one.press(SPECIALIST, "resubmit", files=(draft(one, SPECIALIST, 2),), answer="Исправлено", scope="signer")
    one.press(CHAIR, "sign")
    assert one.doc.signatures[0].sha256 == "02" * 32
    with pytest.raises(InvalidForm, match="Дело"):
        one.press(CLERK, "register")
    one.press(CLERK, "register", case_file="01-09")
    assert one.doc.number is not None
    assert one.doc.number.text == "01-09/1"
    assert [row.addressee for row in one.doc.deliveries] == ["Минздрав России", "ФНПР"]
    first = one.doc.deliveries[0].id
    one.press(CLERK, "dispatch", target=first, method="post", sent_on="23.11.2026", tracking="80080012")
    assert one.state == "send"
    one.press(CLERK, "dispatch", method="email", sent_on="23.11.2026")
    assert one.state == "sent"
    one.press(CLERK, "delivery_failed", target=first, reason="адресат выбыл")
    assert one.state == "send"
    one.press(CLERK, "dispatch", method="courier", sent_on="23.11.2026")
    one.press(CLERK, "answered", target=first, text="№ 12 от 23.11.2026")
    one.press(SPECIALIST, "close")
    assert one.state == "done"
    assert one.holders() == set()


def test_a_signature_may_be_passed_on() -> None:
    one = approved()
    one.press(CHAIR, "pass_signature", to=str(DEPUTY), reason="в командировке")
    assert DEPUTY in one.holders()
    with pytest.raises(NotAllowed):
        one.press(CHAIR, "sign")
    one.press(DEPUTY, "sign")
    assert one.state == "toreg"


def points(*rows: tuple[str, int | None, str]) -> tuple[str, ...]:
    return tuple(
        json.dumps({"text": text, "executor": user or "", "term": term}, ensure_ascii=False)
        for text, user, term in rows
    )


def test_directive_is_read_and_executed_side_by_side() -> None:
    one = desk("directive")
    one.press(SPECIALIST, "straight_to_sign", files=(draft(one, SPECIALIST),), kind="trip",
              title="О командировке", signer=str(CHAIR), readers=(str(HEAD), str(SECOND)),
              points=points(("Подготовить отчёт", HEAD, "30.11.2026"), ("Контроль за собой", None, "")))
    one.press(CHAIR, "sign")
    one.press(CLERK, "register")
    assert one.doc.number is not None
    assert one.doc.number.text == "1-км"
    assert one.state == "inform"
    assert roles_of(one, HEAD) == {"reader", "executor"}
    one.press(HEAD, "acknowledged")
    with pytest.raises(AlreadyDone):
        one.press(HEAD, "acknowledged")
    one.press(CLERK, "refuse_reading", reader=str(SECOND), reason="отказался подписать")
    assert one.state == "control"
    assert [row.state for row in one.doc.readers] == ["read", "refused"]
    one.press(HEAD, "report", target=one.of(HEAD).id, summary="Отчёт готов")
    one.press(SPECIALIST, "release_point", target=one.of(HEAD).id)
    assert one.state == "closed"


def test_a_directive_without_readers_and_points_ends_with_its_number() -> None:
    one = desk("directive")
    one.press(SPECIALIST, "straight_to_sign", files=(draft(one, SPECIALIST),), kind="admin", title="О сроках",
              signer=str(CHAIR))
    one.press(CHAIR, "sign")
    one.press(CLERK, "register")
    assert one.state == "closed"


def test_a_date_in_a_closed_year_is_refused() -> None:
    one = desk("directive")
    one.press(SPECIALIST, "straight_to_sign", files=(draft(one, SPECIALIST),), kind="admin", title="О сроках",
              signer=str(CHAIR))
    one.press(CHAIR, "sign")
    with pytest.raises(InvalidForm, match="год закрыт"):
        one.press(CLERK, "register", registered_on="30.12.2025")
    assert one.doc.number is None


def decree() -> Desk:
    one = desk("decree")
    one.press(
        SPECIALIST, "submit", files=(draft(one, SPECIALIST),), body="presidium", title="О плане работы",
        speaker=str(HEAD), signer=str(CHAIR), controller=str(DEPUTY),
        points=points(("Утвердить план", None, ""), ("Разослать план", HEAD, "01.12.2026"),
                      ("Собрать отчёты", LAWYER, "10.12.2026"), ("Провести семинар", SECOND, "15.12.2026"),
                      ("Опубликовать", OFFICE_HEAD, "20.12.2026")),
    )
    one.press(LAWYER, "approve")
    assert one.state == "ready"
    return one


def to_meeting(one: Desk, session: str, item: str) -> None:
    one.press(CLERK, "put_on_agenda", convocation="7", session=session, item=item, meeting_on="23.11.2026")
    one.press(CLERK, "open_meeting")


def test_e19_quorum_fails_then_the_decree_gets_its_number_and_its_points() -> None:
    one = decree()
    to_meeting(one, "11", "3")
    one.press(CLERK, "accepted", elected="11", present="5", votes_for="5")
    assert one.state == "ready"
    assert one.doc.meetings[0].outcome == "no_quorum"
    to_meeting(one, "12", "5")
    with pytest.raises(InvalidForm, match="большинства"):
        one.press(CLERK, "accepted", elected="11", present="8", votes_for="4")
    one.press(CLERK, "accepted", elected="11", present="8", votes_for="7", abstained="1")
    one.press(CLERK, "finalize", files=(draft(one, CLERK, 2),))
    one.press(CHAIR, "sign")
    assert one.doc.number is not None
    assert (one.doc.number.text, one.doc.number.period) == ("12-5", "convocation:7")
    one.press(CLERK, "control_points", controller=str(DEPUTY))
    assert one.state == "control"
    working = [node for node in one.doc.assignments if node.state.value == "work"]
    assert [node.executor for node in working] == [HEAD, LAWYER, SECOND, OFFICE_HEAD]
    second = one.of(LAWYER)
    one.press(LAWYER, "request_extension", target=second.id, desired_term="20.12.2026",
              reason="Не все регионы ответили")
    assert one.of(LAWYER).extension is not None
    assert one.of(LAWYER).extension.decider == DEPUTY
    one.press(DEPUTY, "set_term", target=second.id, new_term="18.12.2026")
    for user in (HEAD, LAWYER, SECOND, OFFICE_HEAD):
        one.press(user, "report", target=one.of(user).id, summary="Исполнено в срок")
        one.press(DEPUTY, "release_point", target=one.of(user).id, comment="Проверено")
    assert one.state == "closed"


def test_a_poll_by_letters_counts_its_ballots() -> None:
    one = decree()
    one.press(CLERK, "put_on_agenda", convocation="7", session="12", item="5", meeting_on="23.11.2026")
    one.press(CLERK, "open_poll", poll_until="27.11.2026")
    assert {CHAIR, DEPUTY, HEAD, LAWYER, OFFICE_HEAD} <= one.holders()
    for user in (CHAIR, DEPUTY, HEAD):
        one.press(user, "vote", vote="for")
    with pytest.raises(AlreadyDone):
        one.press(HEAD, "vote", vote="against")
    one.press(CLERK, "accepted")
    held = one.doc.meetings[-1]
    assert (held.elected, held.present, held.votes_for, held.outcome) == (5, 3, 3, "accepted")
    assert one.state == "finalize"


def test_a_point_follows_whoever_took_it_over() -> None:
    one = decree()
    to_meeting(one, "12", "5")
    one.press(CLERK, "accepted", elected="11", present="8", votes_for="8")
    one.press(CLERK, "finalize", files=(draft(one, CLERK, 2),))
    one.press(CHAIR, "sign")
    one.press(CLERK, "control_points")
    one.press(HEAD, "delegate", target=one.of(HEAD).id, to=str(SPECIALIST), reason="по профилю")
    node = one.of(SPECIALIST)
    assert one.doc.points[1].assignment == node.id
    assert [item.target for item in work_items(one.definition, one.doc, one.context())
            if item.user == SPECIALIST] == [node.id]


def internal() -> Desk:
    one = desk("internal")
    one.press(SPECIALIST, "send", kind="memo", title="О закупке", summary_text="Прошу закупить",
              reviewers=(str(CHAIR),))
    return one


def test_internal_is_numbered_when_sent_and_executed_like_an_incoming_one() -> None:
    one = internal()
    assert one.doc.number is not None
    assert one.doc.number.text == "СЗ-1"
    node = one.of(CHAIR)
    one.press(CHAIR, "execute", target=node.id, executors=(str(HEAD),), term="30.11.2026")
    one.press(HEAD, "execute", target=one.of(HEAD).id, executors=(str(HEAD),), term="30.11.2026")
    working = one.of(HEAD, "work")
    one.press(HEAD, "report", target=working.id, summary="Закуплено")
    one.press(HEAD, "finish")
    assert one.state == "done"


def test_internal_is_approved_by_its_addressee_and_starts_another_document() -> None:
    one = internal()
    one.press(CHAIR, "confirm", target=one.of(CHAIR).id)
    assert one.state == "approved"
    assert SPECIALIST in one.holders()
    made = one.press(SPECIALIST, "prepare_directive")
    assert [type(event).__name__ for event in made.events] == ["Started"]
    one.press(SPECIALIST, "complete")
    assert one.state == "done"


def test_internal_through_approval_goes_to_its_addressee_by_the_initiator() -> None:
    one = desk("internal")
    one.press(SPECIALIST, "submit", kind="request", title="О закупке", files=(draft(one, SPECIALIST),))
    one.press(HEAD, "approve")
    assert one.state == "ready"
    one.press(SPECIALIST, "send", kind="request", title="О закупке", reviewers=(str(CHAIR),))
    assert one.state == "review"
    one.press(CHAIR, "acknowledge", target=one.of(CHAIR).id)
    assert one.state == "ack"


def test_requests_beside_the_route_do_not_move_it_and_end_with_it() -> None:
    one = approved()
    before = one.state
    one.press(CHAIR, "ask", to=str(LAWYER), text="Есть ли судебная практика?", answer_by="25.11.2026")
    one.press(SPECIALIST, "set_task", to=str(SECOND), text="Проверить адреса")
    assert one.state == before
    assert roles_of(one, LAWYER) == {"requested"}
    asked = one.doc.requests[0]
    with pytest.raises(NotAllowed):
        one.press(SECOND, "answer", target=asked.id, answer="нет")
    one.press(LAWYER, "answer", target=asked.id, answer="Есть, приложена")
    assert LAWYER not in one.holders()
    one.press(SPECIALIST, "annul_draft", reason="не нужно")
    assert [row.state for row in one.doc.requests] == ["answered", "withdrawn"]


def test_following_is_offered_once() -> None:
    one = approved()
    assert "Подписаться на изменения" in one.labels(HEAD)
    one.press(HEAD, "follow")
    assert "Подписаться на изменения" not in one.labels(HEAD)
    one.press(HEAD, "unfollow")
    assert one.doc.followers == ()


def test_whoever_left_keeps_no_visa_no_signature_no_request_and_no_line() -> None:
    one = submitted(f"1:{LAWYER}", f"1:{DEPUTY}")
    one.press(SPECIALIST, "ask", to=str(SECOND), text="Какая смета?")
    one.dismiss(LAWYER)
    one.dismiss(SECOND)
    one.apply(hand_over(one.definition, one.doc, one.context()))
    assert visas(one) == [(HEAD, "asked"), (DEPUTY, "asked")]
    assert [(row.to, row.state) for row in one.doc.requests] == [(SECOND, "withdrawn"), (HEAD, "open")]
    one.press(HEAD, "approve")
    one.press(DEPUTY, "approve")
    one.dismiss(CHAIR)
    one.people = replace(one.people, roles={**ROLES, "office_head": (OFFICE_HEAD,)})
    one.apply(hand_over(one.definition, one.doc, one.context()))
    assert one.doc.signer == OFFICE_HEAD
    assert hand_over(one.definition, one.doc, one.context()) == ()


def test_a_draft_of_somebody_who_left_is_his_heads() -> None:
    one = desk("outgoing")
    one.dismiss(SPECIALIST)
    assert one.holders() == {HEAD}
    assert "Направить на согласование" in one.labels(HEAD)


def test_e20_readers_absent_and_dismissed() -> None:
    one = desk("directive")
    one.press(SPECIALIST, "straight_to_sign", files=(draft(one, SPECIALIST),), kind="staff", title="График",
              signer=str(CHAIR), readers=tuple(map(str, (HEAD, LAWYER, SECOND, OFFICE_HEAD))))
    one.press(CHAIR, "sign")
    one.press(CLERK, "register")
    one.press(HEAD, "acknowledged")
    one.dismiss(SECOND)
    one.apply(hand_over(one.definition, one.doc, one.context()))
    assert [row.state for row in one.doc.readers] == ["read", "asked", "excused", "asked"]
    assert one.doc.readers[2].reason.endswith("больше не работает")
    assert {LAWYER, OFFICE_HEAD} == one.holders()


def test_only_some_kinds_of_directives_go_straight_to_the_signature() -> None:
    one = desk("directive")
    form = {"title": "О структуре", "signer": str(CHAIR)}
    with pytest.raises(InvalidForm, match="«Сразу на подпись» возможно только для видов"):
        one.press(SPECIALIST, "straight_to_sign", files=(draft(one, SPECIALIST),), kind="main", **form)
    assert one.state == "draft"
    one.press(SPECIALIST, "straight_to_sign", files=(draft(one, SPECIALIST),), kind="trip", **form)
    assert one.state == "sign"
