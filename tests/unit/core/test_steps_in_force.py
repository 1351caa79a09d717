"""Decrees, directives, internal documents at their edges: points, readers, meetings (§3.6–3.8)."""

from __future__ import annotations

import pytest

from b24flow.core.absence import hand_over
from b24flow.core.holding import work_items
from b24flow.errors import AlreadyDone, InvalidForm, NotAllowed, Refused
from tests.desk import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, SECOND, SPECIALIST, Desk, draft
from tests.unit.core.test_route import decree, desk, points, to_meeting


def directive(**form: str | tuple[str, ...]) -> Desk:
    """Return a directive that waits for its number."""
    one = desk("directive")
    one.press(SPECIALIST, "straight_to_sign", files=(draft(one, SPECIALIST),),
              **{"kind": "admin", "title": "О дежурстве", "signer": str(CHAIR), **form})
    one.press(CHAIR, "sign")
    return one


def finalized(**form: str | tuple[str, ...]) -> Desk:
    """Return a decree that the body accepted and that waits for its signature."""
    one = decree()
    to_meeting(one, "12", "5")
    one.press(CLERK, "accepted", elected="11", present="8", votes_for="8")
    one.press(CLERK, "finalize", files=(draft(one, CLERK, 2),), **form)
    return one


def controlled() -> Desk:
    one = finalized()
    one.press(CHAIR, "sign")
    one.press(CLERK, "control_points")
    return one


def buttons(one: Desk, user: int) -> set[str]:
    """Return what the work items of a person let him press."""
    return {code for item in work_items(one.definition, one.doc, one.context()) if item.user == user
            for code in item.actions}


def test_the_cards_controller_checks_points_when_the_form_names_nobody() -> None:
    one = controlled()
    assert one.doc.control.controller == DEPUTY
    assert {node.author for node in one.doc.assignments} == {DEPUTY}


def test_whoever_takes_a_point_over_can_report_it() -> None:
    one = controlled()
    one.press(HEAD, "delegate", target=one.of(HEAD).id, to=str(SPECIALIST), reason="по профилю")
    assert "report" in buttons(one, SPECIALIST)
    one.dismiss(SECOND)
    one.apply(hand_over(one.definition, one.doc, one.context()))
    node = next(node for node in one.doc.live() if node.executor == HEAD)
    one.press(HEAD, "report", target=node.id, summary="Проведён")


def test_a_reported_point_is_its_controllers_and_may_be_sent_back() -> None:
    one = controlled()
    node = one.of(HEAD).id
    one.press(HEAD, "report", target=node, summary="Разослан")
    assert buttons(one, DEPUTY) == {"release_point", "rework_point"}
    with pytest.raises(NotAllowed):
        one.press(SECOND, "rework_point", target=node, reason="не всем")
    with pytest.raises(InvalidForm, match="Причина"):
        one.press(DEPUTY, "rework_point", target=node)
    one.press(DEPUTY, "rework_point", target=node, reason="не всем разослан")
    again = one.of(HEAD)
    assert (again.state.value, again.report, again.task_closed) == ("work", None, False)
    assert DEPUTY not in one.holders()
    one.press(HEAD, "report", target=node, summary="Разослан всем")
    with pytest.raises(InvalidForm, match="Справка об исполнении"):
        one.press(DEPUTY, "release_point", target=node)
    one.press(DEPUTY, "release_point", target=node, comment="Разослан 83 организациям")
    assert one.doc.points[1].released_at is not None
    with pytest.raises(AlreadyDone):
        one.press(DEPUTY, "rework_point", target=node, reason="поздно")


def test_a_point_is_released_unreported_or_with_the_whole_document() -> None:
    one = controlled()
    one.press(LAWYER, "request_extension", target=one.of(LAWYER).id, desired_term="20.12.2026",
              reason="Не все регионы ответили")
    one.press(DEPUTY, "release_point", target=one.of(LAWYER).id, comment="утратил смысл")
    assert one.of(LAWYER).extension is None
    with pytest.raises(NotAllowed):
        one.press(DEPUTY, "release_all", comment="Исполнено")
    one.press(CHAIR, "release_all", comment="Исполнено в целом")
    assert one.state == "closed"
    assert one.doc.closure is not None
    assert one.doc.closure.reason == "Исполнено в целом"
    assert all(point.released_at for point in one.doc.points if point.executor)
    assert one.doc.corrections == ()


def test_a_decree_does_not_end_while_its_points_wait_for_control() -> None:
    one = finalized()
    one.press(CHAIR, "sign")
    with pytest.raises(Refused, match="Поставить пункты на контроль"):
        one.press(CLERK, "close_without_points")


def test_points_without_executors_leave_nothing_to_control() -> None:
    one = finalized(points=points(("Принять к сведению", None, "")))
    one.press(CHAIR, "sign")
    assert "Поставить пункты на контроль" not in one.labels(CLERK)
    one.press(CLERK, "close_without_points")
    assert one.state == "closed"


def test_readers_of_a_decree_are_asked_as_soon_as_it_is_in_force() -> None:
    one = desk("decree")
    one.press(SPECIALIST, "submit", files=(draft(one, SPECIALIST),), body="presidium", title="О плане",
              speaker=str(HEAD), signer=str(CHAIR), readers=(str(HEAD), str(SECOND)))
    one.press(LAWYER, "approve")
    to_meeting(one, "12", "6")
    one.press(CLERK, "accepted", elected="11", present="8", votes_for="8")
    one.press(CLERK, "finalize", files=(draft(one, CLERK, 2),))
    one.dismiss(SECOND)
    one.press(CHAIR, "sign")
    assert [(row.user, row.state) for row in one.doc.readers] == [(HEAD, "asked"), (SECOND, "excused")]
    with pytest.raises(Refused, match="Журавлёв"):
        one.press(CLERK, "close_without_points")
    one.press(HEAD, "acknowledged")
    one.press(CLERK, "close_without_points")
    assert one.state == "closed"


def test_whoever_read_the_draft_reads_what_came_into_force_too() -> None:
    one = directive(readers=(str(HEAD),))
    one.press(SPECIALIST, "ask_readers", readers=(str(HEAD), str(SECOND)))
    one.press(HEAD, "acknowledged")
    one.press(SECOND, "acknowledged")
    one.wait(minutes=1)
    one.press(CLERK, "register")
    assert [(row.user, row.state) for row in one.doc.readers] == [
        (HEAD, "read"), (SECOND, "read"), (HEAD, "asked")]
    one.press(CLERK, "ask_readers", readers=(str(SECOND),))
    one.press(HEAD, "acknowledged")
    one.press(SECOND, "acknowledged")
    assert one.state == "closed"


def test_the_cards_readers_are_not_forgotten() -> None:
    one = directive(readers=(str(HEAD),))
    one.press(CLERK, "register")
    one.press(CLERK, "ask_readers", readers=(str(HEAD), str(SECOND)), read_by="25.11.2026")
    assert [(row.user, row.state) for row in one.doc.readers] == [(HEAD, "asked"), (SECOND, "asked")]
    with pytest.raises(InvalidForm, match="уже в листе"):
        one.press(CLERK, "ask_readers", readers=(str(SECOND),))
    one.press(HEAD, "acknowledged")
    one.press(SECOND, "acknowledged")
    assert one.state == "closed"


def test_points_of_a_directive_are_executed_while_it_is_still_being_read() -> None:
    one = directive(readers=(str(SECOND),), controller=str(DEPUTY),
                    points=points(("Составить график", HEAD, "30.11.2026")))
    one.press(CLERK, "register")
    assert one.state == "inform"
    assert "report" in buttons(one, HEAD)
    one.press(HEAD, "report", target=one.of(HEAD).id, summary="Составлен")
    one.press(DEPUTY, "release_point", target=one.of(HEAD).id)
    one.press(SECOND, "acknowledged")
    assert one.state == "closed"


def test_a_point_of_somebody_who_left_before_the_signature_goes_to_his_head() -> None:
    one = directive(points=points(("Составить график", SECOND, "30.11.2026")))
    one.dismiss(SECOND)
    one.press(CLERK, "register")
    (node,) = one.doc.live()
    assert (node.executor, one.doc.points[0].assignment) == (HEAD, node.id)
    assert one.holders() == {HEAD}


def test_a_point_of_its_own_controller_still_comes_to_its_end() -> None:
    one = directive(points=points(("Составить график", HEAD, "30.11.2026")), controller=str(HEAD))
    one.press(CLERK, "register")
    one.press(HEAD, "request_extension", target=one.of(HEAD).id, desired_term="20.12.2026",
              reason="Много отпусков в декабре")
    assert one.of(HEAD).extension is not None
    assert one.of(HEAD).extension.decider != HEAD
    one.press(HEAD, "report", target=one.of(HEAD).id, summary="Составлен")
    one.press(CHAIR, "release_point", target=one.of(HEAD).id)
    assert one.state == "closed"


def test_half_of_the_elected_is_no_quorum_and_votes_must_fit_the_decision() -> None:
    one = decree()
    to_meeting(one, "11", "3")
    with pytest.raises(InvalidForm, match="Голосов 9, а присутствует 8"):
        one.press(CLERK, "accepted", elected="10", present="8", votes_for="7",
                  votes_against="2")
    with pytest.raises(InvalidForm, match="больше, чем избрано"):
        one.press(CLERK, "accepted", elected="10", present="11", votes_for="7")
    with pytest.raises(InvalidForm, match="проект не отклонён"):
        one.press(CLERK, "rejected", elected="10", present="8", votes_for="7")
    with pytest.raises(InvalidForm, match="Избрано"):
        one.press(CLERK, "rejected")
    one.press(CLERK, "accepted", elected="10", present="5", votes_for="5")
    assert (one.state, one.doc.meetings[-1].outcome) == ("ready", "no_quorum")


def test_whoever_may_not_vote_in_his_own_matter_is_present_all_the_same() -> None:
    one = decree()
    to_meeting(one, "11", "3")
    one.press(CLERK, "amended", amendments="п. 2 исключить", elected="9", present="5", votes_for="3",
              votes_against="1", comment="Орлов не голосовал: конфликт интересов")
    assert one.state == "finalize"
    assert one.doc.meetings[-1].note == "п. 2 исключить\nОрлов не голосовал: конфликт интересов"


def test_a_question_is_withdrawn_without_counting_and_leaves_no_number() -> None:
    one = decree()
    to_meeting(one, "11", "3")
    one.press(CLERK, "withdrawn", reason="докладчик болен")
    assert (one.state, one.doc.number) == ("withdrawn", None)


def test_a_meeting_is_put_off_and_the_number_is_what_was_fixed_at_the_end() -> None:
    one = decree()
    one.press(CLERK, "put_on_agenda", convocation="7", session="11", item="3", meeting_on="24.11.2026")
    one.press(CLERK, "put_on_agenda", convocation="7", session="12", item="4", meeting_on="25.11.2026")
    assert [(row.session, row.item) for row in one.doc.meetings] == [("12", "4")]
    one.wait(days=2)
    one.press(CLERK, "open_meeting")
    one.press(CLERK, "accepted", elected="11", present="8", votes_for="8")
    one.press(CLERK, "finalize", files=(draft(one, CLERK, 2),))
    one.press(CHAIR, "decline", reason="вопрос был пятым, заседание шло два дня")
    assert one.state == "finalize"
    one.press(CLERK, "finalize", files=(draft(one, CLERK, 3),), item="5", meeting_on="24.11.2026")
    one.press(CHAIR, "sign")
    assert one.doc.number is not None
    assert (one.doc.number.text, one.doc.number.dated.isoformat()) == ("12-5", "2026-11-24")


def test_a_question_may_end_with_an_entry_in_the_minutes_alone() -> None:
    one = decree()
    to_meeting(one, "12", "5")
    one.press(CLERK, "accepted", elected="11", present="8", votes_for="8")
    with pytest.raises(NotAllowed):
        one.press(SPECIALIST, "close_by_minutes", comment="без постановления")
    one.press(CLERK, "close_by_minutes", comment="Информация принята к сведению")
    assert (one.state, one.doc.number, one.holders()) == ("minuted", None, set())


def test_a_poll_ends_on_its_day_and_without_quorum_the_question_goes_back() -> None:
    one = decree()
    one.press(CLERK, "put_on_agenda", convocation="7", session="12", item="5", meeting_on="23.11.2026")
    with pytest.raises(InvalidForm, match="уже прошла"):
        one.press(CLERK, "open_poll", poll_until="20.11.2026")
    one.press(CLERK, "open_poll", poll_until="25.11.2026")
    one.press(CHAIR, "vote", vote="for")
    one.dismiss(LAWYER)
    assert LAWYER not in one.holders()
    with pytest.raises(NotAllowed):
        one.press(SPECIALIST, "vote", vote="for")
    one.wait(days=3)
    with pytest.raises(Refused, match="Опрос шёл до"):
        one.press(DEPUTY, "vote", vote="for")
    one.press(CLERK, "accepted")
    assert (one.state, one.doc.meetings[-1].outcome) == ("ready", "no_quorum")
    to_meeting(one, "13", "1")
    one.press(CLERK, "accepted", elected="11", present="8", votes_for="8")
    assert one.state == "finalize"


def test_minutes_become_assignments_with_executors_of_their_own() -> None:
    one = desk("internal")
    one.press(SPECIALIST, "send", kind="minutes", title="О совещании", reviewers=(str(CHAIR),),
              points=points(("Собрать сведения", HEAD, "30.11.2026"), ("Проверить", LAWYER, "01.12.2026"),
                            ("Принять к сведению", None, "")))
    with pytest.raises(NotAllowed):
        one.press(SPECIALIST, "control_points", controller=str(DEPUTY))
    with pytest.raises(InvalidForm, match="Контролёр"):
        one.press(CHAIR, "control_points")
    one.press(CHAIR, "control_points", controller=str(DEPUTY))
    assert one.state == "exec"
    one.press(CHAIR, "acknowledge", target=one.of(CHAIR).id, comment="поручения даны")
    assert one.holders() == {HEAD, LAWYER}
    one.press(LAWYER, "report", target=one.of(LAWYER).id, summary="Проверено")
    one.press(HEAD, "report", target=one.of(HEAD).id, summary="Собраны")
    one.press(HEAD, "finish")
    assert (one.state, one.holders()) == ("control", {DEPUTY})
    one.press(DEPUTY, "release")
    assert one.state == "done"


def test_a_returned_memo_is_mended_and_sent_again_under_its_number() -> None:
    one = desk("internal")
    one.press(SPECIALIST, "send", kind="memo", title="О закупке", reviewers=(str(CHAIR),))
    assert "Вернуть на доработку" in one.labels(CHAIR)
    one.press(CHAIR, "return_clerk", target=one.of(CHAIR).id, reason="нет сметы")
    assert (one.state, one.holders()) == ("returned", {SPECIALIST})
    one.press(SPECIALIST, "resend", title="О закупке со сметой", files=(draft(one, SPECIALIST),),
              reviewers=(str(CHAIR),))
    assert one.doc.number is not None
    assert (one.state, one.doc.card["title"]) == ("review", "О закупке со сметой")
    assert one.doc.number.text == "СЗ-1"


def test_of_two_addressees_one_executes_while_the_other_takes_note() -> None:
    one = desk("internal")
    one.press(SPECIALIST, "send", kind="memo", title="О закупке", reviewers=(str(CHAIR), str(DEPUTY)))
    one.press(DEPUTY, "execute", target=one.of(DEPUTY).id, executors=(str(HEAD),), term="30.11.2026")
    with pytest.raises(AlreadyDone):
        one.press(CHAIR, "confirm", target=one.of(CHAIR).id)
    assert HEAD in one.holders()
    one.press(CHAIR, "acknowledge", target=one.of(CHAIR, "given").id)
    one.press(HEAD, "execute", target=one.of(HEAD).id, executors=(str(HEAD),), term="30.11.2026")
    one.press(HEAD, "report", target=one.of(HEAD, "work").id, summary="Закуплено")
    one.press(HEAD, "finish")
    assert one.state == "done"


def test_a_drafts_optional_fields_and_points_can_be_emptied_again() -> None:
    one = desk("directive")
    one.press(SPECIALIST, "save", title="О дежурстве", basis="письмо № 5", readers=(str(HEAD),),
              points=points(("Составить график", HEAD, "")))
    one.press(SPECIALIST, "save", title="О дежурстве", basis="", points=())
    assert (one.doc.card["basis"], one.doc.points) == (None, ())
