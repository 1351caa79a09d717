"""Edges of the processes where somebody would act for another, or nobody could act at all (§3.5–3.9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from b24flow.core.absence import hand_over
from b24flow.core.document import FileRef
from b24flow.core.steps import draft_hash
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
    scan,
)
from tests.unit.core.test_route import desk, points, submitted, visas
from tests.unit.core.test_steps_in_force import buttons, directive, finalized
from tests.unit.core.test_substitution import away


def vacant(one: Desk, role: str) -> None:
    one.people = replace(one.people, roles={**one.people.roles, role: ()})


def leave(one: Desk, user: int) -> None:
    one.dismiss(user)
    events = hand_over(one.definition, one.doc, one.context())
    if events:
        one.apply(events)


def on_control(executor: int, controller: int) -> Desk:
    one = directive(points=points(("Составить график", executor, "30.11.2026")), controller=str(controller))
    one.press(CLERK, "register")
    return one


# --- reading
def test_nobody_reads_for_another_and_the_clerk_may_record_a_refusal() -> None:
    one = directive(readers=(str(HEAD), str(SECOND)))
    away(one, HEAD, LAWYER)
    one.press(CLERK, "register")
    assert one.holders() == {HEAD, SECOND}
    assert "Ознакомлен" not in one.labels(LAWYER)
    with pytest.raises(NotAllowed):
        one.press(LAWYER, "acknowledged")
    one.press(CLERK, "refuse_reading", reader=str(HEAD), reason="отказался, акт от 23.11.2026")
    one.press(SECOND, "acknowledged")
    assert [(row.user, row.state, row.acting_for) for row in one.doc.readers] == [
        (HEAD, "refused", None), (SECOND, "read", None)]


def test_a_reader_who_is_also_a_substitute_reads_for_himself_alone() -> None:
    one = directive(readers=(str(HEAD), str(SECOND)))
    away(one, HEAD, SECOND)
    one.press(CLERK, "register")
    one.press(SECOND, "acknowledged")
    assert [(row.user, row.state) for row in one.doc.readers] == [(HEAD, "asked"), (SECOND, "read")]
    with pytest.raises(AlreadyDone):
        one.press(SECOND, "acknowledged")


# --- one's own point
def test_a_controller_does_not_release_his_own_point_the_signer_does() -> None:
    one = on_control(HEAD, HEAD)
    node = one.of(HEAD).id
    one.press(HEAD, "report", target=node, summary="Составлен")
    assert "release_point" not in buttons(one, HEAD)
    with pytest.raises(NotAllowed):
        one.press(HEAD, "release_point", target=node)
    assert buttons(one, CHAIR) == {"release_point", "rework_point"}
    one.press(CHAIR, "release_point", target=node)
    assert one.state == "closed"


def test_a_point_passed_on_to_its_controller_is_checked_by_somebody_else() -> None:
    one = on_control(SPECIALIST, HEAD)
    one.press(SPECIALIST, "delegate", target=one.of(SPECIALIST).id, to=str(HEAD), reason="по должности")
    node = one.of(HEAD, "work").id
    one.press(HEAD, "report", target=node, summary="Составлен")
    with pytest.raises(NotAllowed):
        one.press(HEAD, "release_point", target=node)
    one.press(CHAIR, "rework_point", target=node, reason="не все даты")
    assert one.of(HEAD, "work").report is None


def test_an_executor_does_not_release_his_point_as_the_controllers_substitute() -> None:
    one = on_control(SECOND, DEPUTY)
    away(one, DEPUTY, SECOND)
    one.press(SECOND, "report", target=one.of(SECOND).id, summary="Составлен")
    with pytest.raises(NotAllowed):
        one.press(SECOND, "release_point", target=one.of(SECOND).id)
    assert "release_point" not in buttons(one, SECOND)
    one.press(DEPUTY, "release_point", target=one.of(SECOND).id)


def test_the_signers_own_point_goes_on_to_the_owner_of_the_process() -> None:
    one = on_control(CHAIR, CHAIR)
    one.press(CHAIR, "report", target=one.of(CHAIR).id, summary="Составлен")
    with pytest.raises(NotAllowed):
        one.press(CHAIR, "release_point", target=one.of(CHAIR).id)
    assert buttons(one, OFFICE_HEAD) == {"release_point", "rework_point"}
    one.press(OFFICE_HEAD, "release_point", target=one.of(CHAIR).id)
    assert one.state == "closed"


# --- a visa that nobody could give
def mandatory_vacant() -> Desk:
    one = desk("directive")
    vacant(one, "lawyer")
    one.press(SPECIALIST, "submit", files=(draft(one, SPECIALIST),), kind="main", title="О дежурстве",
              signer=str(CHAIR))
    return one


def test_the_visa_of_a_vacant_mandatory_role_is_given_by_the_processes_owner() -> None:
    one = mandatory_vacant()
    assert one.holders() == {OFFICE_HEAD}
    assert {"approve", "object", "pass_visa"} <= buttons(one, OFFICE_HEAD)
    with pytest.raises(NotAllowed):
        one.press(HEAD, "approve")
    one.press(OFFICE_HEAD, "approve")
    visa = one.doc.rounds[-1].visas[0]
    assert (visa.role, visa.user, visa.by) == ("lawyer", None, OFFICE_HEAD)
    assert one.state == "sign"


def test_the_owner_gives_the_visa_up_to_whoever_gets_the_role() -> None:
    one = mandatory_vacant()
    one.people = replace(one.people, roles={**one.people.roles, "lawyer": (LAWYER,)})
    assert one.holders() == {LAWYER}
    with pytest.raises(NotAllowed):
        one.press(OFFICE_HEAD, "approve")
    one.press(LAWYER, "approve")
    assert one.state == "sign"


def test_an_owner_who_prepared_the_document_himself_does_not_approve_it() -> None:
    one = Desk(definition=desk("directive").definition).open(OFFICE_HEAD)
    one.press(OFFICE_HEAD, "submit", files=(draft(one, OFFICE_HEAD),), kind="main", title="О дежурстве",
              signer=str(DEPUTY))
    assert one.holders() == {CHAIR}
    one.press(CHAIR, "approve")
    assert one.state == "sign"


def test_the_last_approver_who_left_without_a_successor_leaves_his_visa_to_the_owner() -> None:
    one = submitted(f"1:{HEAD}")
    one.people = replace(one.people, departments={}, roles={**one.people.roles, "chair": ()})
    leave(one, HEAD)
    assert visas(one)[-1][1] == "asked"
    assert one.holders() == {OFFICE_HEAD}
    one.press(OFFICE_HEAD, "object", remark="Нет ссылки на устав")
    assert one.state == "rework"
    one.press(SPECIALIST, "resubmit", answer="Добавлена", scope="objectors")
    assert one.holders() == {OFFICE_HEAD}
    one.press(OFFICE_HEAD, "approve")
    assert one.state == "sign"
    one.press(CHAIR, "decline", reason="ошибка в адресе")
    with pytest.raises(NotAllowed):
        one.press(HEAD, "approve")
    one.press(SPECIALIST, "resubmit", answer="Исправлена", scope="all")
    assert one.holders() == {OFFICE_HEAD}


# --- signed on paper
def to_sign(**form: str | tuple[str, ...]) -> Desk:
    one = desk("directive")
    one.press(SPECIALIST, "straight_to_sign", files=(draft(one, SPECIALIST),),
              **{"kind": "admin", "title": "О дежурстве", "signer": str(CHAIR), **form})
    return one


def paper(one: Desk) -> FileRef:
    return replace(scan(one.now, CLERK, "подписано.pdf"), part="scan")


def test_the_clerk_records_what_was_signed_on_paper_with_its_scan() -> None:
    one = to_sign()
    assert CLERK not in one.holders(), "the signer is waited for, the clerk only may"
    with pytest.raises(InvalidForm, match="Скан"):
        one.press(CLERK, "sign_on_paper")
    with pytest.raises(NotAllowed):
        one.press(SPECIALIST, "sign_on_paper", files=(paper(one),))
    one.press(CLERK, "sign_on_paper", files=(paper(one),))
    (signed,) = one.doc.signatures
    assert (signed.by, signed.recorded_by, signed.method) == (CHAIR, CLERK, "paper")
    assert (signed.sha256, one.state) == ("ab" * 32, "toreg")
    with pytest.raises(AlreadyDone):
        one.press(CHAIR, "sign")


def test_the_paper_may_bear_the_signature_of_whoever_acted_for_the_signer() -> None:
    one = to_sign()
    one.press(CLERK, "sign_on_paper", files=(paper(one),), signed_by=str(DEPUTY))
    assert one.doc.signatures[0].by == DEPUTY


def test_a_decree_signed_on_paper_gets_its_number_at_once() -> None:
    one = finalized()
    one.press(CLERK, "sign_on_paper", files=(paper(one),))
    assert one.state == "inforce"
    assert one.doc.number is not None
    assert one.doc.number.text == "12-5"


# --- a new text after reading began
def being_read() -> Desk:
    one = directive(readers=(str(HEAD), str(SECOND)))
    assert "Заменить текст" not in one.labels(CLERK)
    one.press(CLERK, "register")
    one.press(HEAD, "acknowledged")
    return one


def new_text(one: Desk, edition: int = 2) -> FileRef:
    return replace(draft(one, CLERK, edition), part="new_text")


def test_whoever_read_the_old_text_is_asked_for_the_new_one() -> None:
    one = being_read()
    with pytest.raises(InvalidForm, match="Причина"):
        one.press(CLERK, "replace_text", files=(new_text(one),))
    one.press(CLERK, "replace_text", files=(new_text(one),), reason="описка в дате")
    assert [file.edition for file in one.doc.files if file.part == "draft"] == [1, 2]
    assert one.holders() == {HEAD, SECOND}
    one.press(HEAD, "acknowledged")
    one.press(SECOND, "acknowledged")
    assert [(row.user, row.sha256[:2]) for row in one.doc.readers] == [
        (HEAD, "01"), (SECOND, "02"), (HEAD, "02")]
    assert one.state == "closed"


def test_a_replaced_text_is_not_read_unseen() -> None:
    one = being_read()
    shown = draft_hash(one.doc)
    one.press(CLERK, "replace_text", files=(new_text(one),), reason="описка в дате")
    with pytest.raises(Refused, match="Текст документа изменился"):
        one.press(SECOND, "acknowledged", seen=shown)
    one.press(SECOND, "acknowledged", seen=draft_hash(one.doc))
    assert [row.sha256 for row in one.doc.readers if row.user == SECOND] == [draft_hash(one.doc)]


def test_a_change_without_meaning_keeps_the_readings_and_the_same_file_is_refused() -> None:
    one = being_read()
    with pytest.raises(InvalidForm, match="та же"):
        one.press(CLERK, "replace_text", files=(new_text(one, 1),), reason="описка")
    one.press(CLERK, "replace_text", files=(new_text(one),), reason="описка", keep_readings="1")
    assert one.holders() == {SECOND}


def test_a_process_may_demand_that_every_new_text_is_read() -> None:
    one = being_read()
    one.definition = replace(one.definition, policies=replace(one.definition.policies, reread="always"))
    with pytest.raises(InvalidForm, match="заново"):
        one.press(CLERK, "replace_text", files=(new_text(one),), reason="описка", keep_readings="1")
    one.press(CLERK, "replace_text", files=(new_text(one),), reason="описка")
    assert one.holders() == {HEAD, SECOND}


def test_whoever_left_after_reading_is_not_asked_for_the_new_text() -> None:
    one = being_read()
    leave(one, HEAD)
    one.press(CLERK, "replace_text", files=(new_text(one),), reason="описка в дате")
    assert one.holders() == {SECOND}


# --- post after the end
def finished() -> Desk:
    one = submitted(f"1:{HEAD}")
    one.press(HEAD, "approve")
    one.press(CHAIR, "sign")
    one.press(CLERK, "register", case_file="01-09")
    one.press(CLERK, "dispatch", target=None, method="post", sent_on="23.11.2026")
    one.press(SPECIALIST, "close")
    assert (one.state, one.holders()) == ("done", set())
    return one


def test_a_letter_that_comes_back_after_the_end_is_to_be_sent_again() -> None:
    one = finished()
    first, second = one.doc.deliveries
    with pytest.raises(NotAllowed):
        one.press(SPECIALIST, "delivery_failed", target=first.id, reason="адресат выбыл")
    one.press(CLERK, "delivery_failed", target=first.id, reason="адресат выбыл")
    assert (one.state, one.holders()) == ("send", {CLERK})
    assert [row.state for row in one.doc.deliveries] == ["failed", "sent"]
    with pytest.raises(Refused):
        one.press(CLERK, "delivery_failed", target=first.id, reason="адресат выбыл")
    one.press(CLERK, "dispatch", target=first.id, method="courier", sent_on="23.11.2026")
    assert one.state == "sent"
    one.press(SPECIALIST, "close")
    assert one.state == "done"
    assert one.doc.deliveries[1] == second


def test_an_answer_after_the_end_is_recorded_and_opens_nothing() -> None:
    one = finished()
    first, _ = one.doc.deliveries
    one.press(CLERK, "answered", target=first.id, text="№ 17 от 25.11.2026")
    assert (one.state, one.holders()) == ("done", set())
    assert one.doc.deliveries[0].state == "answered"
    with pytest.raises(Refused):
        one.press(CLERK, "delivery_failed", target=first.id, reason="поздно")
