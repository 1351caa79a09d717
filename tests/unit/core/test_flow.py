"""The incoming process, button by button, on the shipped definition (domain §3.4, §7)."""

from __future__ import annotations

import pytest

from b24flow.core import absence
from b24flow.core.facts import (
    DeadlineMovedInPortal,
    ResultInPortal,
    TaskClosedInPortal,
    TaskDelegatedInPortal,
    believe,
)
from b24flow.core.tree import changed_term, lead_leaf
from b24flow.core.verbs_closing import settle_reply
from b24flow.errors import AlreadyDone, InvalidForm, NotAllowed, Refused
from tests.desk import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, OFFICE_HEAD, SECOND, SPECIALIST, Desk

REASON = "ждём ответа министерства"


def execute(desk: Desk, user: int, *executors: int, lead: int | None = None, days: int = 5, **form: str):
    return desk.press(user, "execute", executors=tuple(map(str, executors)),
                      lead=str(lead or executors[0]), term=desk.day(days).isoformat(), **form)


def test_e01_acknowledged_by_its_only_reviewer_closes_without_a_task() -> None:
    desk = Desk().register(CHAIR)
    assert desk.state == "review"
    assert desk.holders() == {CHAIR}
    desk.press(CHAIR, "acknowledge")
    assert desk.state == "ack"
    assert not any(one.worked for one in desk.doc.assignments)
    assert desk.holders() == set()


def test_e02_reviewer_takes_it_himself_and_the_clerk_is_the_setter() -> None:
    desk = Desk().register(HEAD)
    execute(desk, HEAD, HEAD)
    own = desk.of(HEAD, "work")
    assert (own.setter, own.author, own.term) == (CLERK, HEAD, desk.day(5))
    desk.press(HEAD, "report", own.id, summary="Подготовлена справка")
    assert desk.state == "choice"
    desk.press(HEAD, "finish")
    assert desk.state == "done"


def golden() -> Desk:
    desk = Desk().register(CHAIR)
    execute(desk, CHAIR, DEPUTY, days=10, control="1")
    execute(desk, DEPUTY, DEPUTY, HEAD, lead=HEAD, days=8)
    execute(desk, HEAD, HEAD, days=8)
    return desk


def test_e03_golden_trace() -> None:
    desk = golden()
    work = desk.of(HEAD, "work")
    assert work.setter == DEPUTY
    original, asked, granted = desk.doc.term, desk.day(13), desk.day(15)
    deputies_own = desk.of(DEPUTY, "work")
    desk.press(HEAD, "request_extension", work.id, desired_term=asked.isoformat(), reason=REASON)
    assert desk.of(HEAD, "ext").extension.decider == DEPUTY
    desk.press(DEPUTY, "escalate", work.id)
    assert desk.of(HEAD, "ext").extension.decider == CHAIR
    desk.press(CHAIR, "set_term", work.id, new_term=granted.isoformat())
    assert changed_term(desk.doc) == granted
    assert desk.of(HEAD, "work").current_term == granted
    assert desk.of(HEAD, "work").term == work.term
    assert desk.doc.term == original
    assert desk.of(DEPUTY, "work") == deputies_own
    desk.press(HEAD, "report", work.id, summary="Ответ готов")
    assert desk.state == "choice"
    reply = desk.press(HEAD, "prepare_reply", release_others="1")
    assert desk.state == "reply"
    assert reply.events[-1].card["reply_to"] == "Вх-1/26"
    desk.apply(settle_reply(desk.doc, "sent", "01-05/7"))
    assert desk.state == "control"
    assert desk.holders() == {CHAIR}
    desk.press(CHAIR, "release")
    assert desk.state == "done"
    assert not desk.doc.live()


def test_e04_only_the_branch_that_asked_changes() -> None:
    desk = Desk().register(CHAIR)
    execute(desk, CHAIR, HEAD, LAWYER, days=5)
    execute(desk, HEAD, HEAD)
    execute(desk, LAWYER, LAWYER)
    first, second = desk.of(HEAD, "work"), desk.of(LAWYER, "work")
    desk.press(LAWYER, "request_extension", second.id, desired_term=desk.day(15).isoformat(), reason=REASON)
    assert desk.labels(CHAIR) >= {"Установить другой срок", "Отказать в продлении"}
    desk.press(CHAIR, "set_term", second.id, new_term=desk.day(9).isoformat())
    assert desk.of(HEAD, "work") == first
    assert changed_term(desk.doc) == desk.day(9)


def test_e05_self_assigned_first_reviewer_is_decided_neither_by_himself_nor_by_the_clerk() -> None:
    desk = Desk().register(HEAD)
    execute(desk, HEAD, HEAD)
    desk.press(HEAD, "request_extension", desired_term=desk.day(9).isoformat(), reason=REASON)
    assert desk.of(HEAD, "ext").extension.decider == CHAIR


def test_the_chair_alone_has_nobody_above_and_is_told_so() -> None:
    desk = Desk().register(CHAIR)
    execute(desk, CHAIR, CHAIR)
    with pytest.raises(Refused, match="Над вами нет"):
        desk.press(CHAIR, "request_extension", desired_term=desk.day(9).isoformat(), reason=REASON)


def test_e06_a_dismissed_decider_is_replaced_and_both_stay_in_the_history() -> None:
    desk = golden()
    work = desk.of(HEAD, "work")
    desk.press(HEAD, "request_extension", work.id, desired_term=desk.day(13).isoformat(), reason=REASON)
    desk.dismiss(DEPUTY)
    desk.apply(absence.hand_over(desk.definition, desk.doc, desk.context()))
    pending = desk.of(HEAD, "ext").extension
    assert pending.decider == CHAIR
    assert "Соколова" in pending.why
    assert DEPUTY not in desk.holders()
    assert not absence.hand_over(desk.definition, desk.doc, desk.context())


def test_e07_the_substitute_decides_and_is_marked() -> None:
    desk = golden()
    work = desk.of(HEAD, "work")
    desk.press(HEAD, "request_extension", work.id, desired_term=desk.day(9).isoformat(), reason=REASON)
    desk.substitute(DEPUTY, SECOND)
    assert SECOND in desk.holders()
    decision = desk.press(SECOND, "set_term", work.id, new_term=desk.day(9).isoformat())
    assert decision.acting_for == DEPUTY
    assert desk.of(HEAD, "work").changes[-1].acting_for == DEPUTY


def test_e08_the_second_press_is_told_who_did_it() -> None:
    desk = Desk().register(HEAD)
    execute(desk, HEAD, HEAD)
    own = desk.of(HEAD, "work")
    desk.press(HEAD, "report", own.id, summary="Готово")
    before = desk.doc
    with pytest.raises(AlreadyDone, match=r"Уже выполнено: «Документ исполнен» — Журавлёв А\. И\."):
        desk.press(HEAD, "report", own.id, summary="Готово ещё раз")
    assert desk.doc == before


@pytest.mark.parametrize("action", ["execute", "acknowledge", "return_clerk"])
def test_a_stranger_can_do_nothing(action: str) -> None:
    desk = Desk().register(CHAIR)
    form = {"executors": (str(SECOND),), "term": desk.day(3).isoformat(), "reason": REASON}
    with pytest.raises(NotAllowed):
        desk.press(SPECIALIST, action, desk.of(CHAIR).id, **form)


def test_extension_is_refused_withdrawn_and_never_doubled() -> None:
    desk = golden()
    work = desk.of(HEAD, "work")
    asked = {"desired_term": desk.day(13).isoformat(), "reason": REASON}
    desk.press(HEAD, "request_extension", work.id, **asked)
    with pytest.raises(AlreadyDone):
        desk.press(HEAD, "request_extension", work.id, **asked)
    desk.press(DEPUTY, "refuse_extension", work.id, reason="срок реальный")
    assert desk.of(HEAD, "work").current_term == work.term
    desk.press(HEAD, "request_extension", work.id, **asked)
    desk.press(HEAD, "report", work.id, summary="Успели")
    assert desk.of(HEAD, "reported").extension is None
    assert any(type(one.event).__name__ == "ExtensionWithdrawn" for one in desk.journal)


def test_a_decider_cannot_pass_the_term_of_the_one_above_him() -> None:
    desk = golden()
    work = desk.of(HEAD, "work")
    desk.press(HEAD, "request_extension", work.id, desired_term=desk.day(13).isoformat(), reason=REASON)
    with pytest.raises(InvalidForm, match="Направьте запрос вышестоящему"):
        desk.press(DEPUTY, "set_term", work.id, new_term=desk.day(12).isoformat())
    desk.press(DEPUTY, "set_term", work.id, new_term=desk.day(9).isoformat())
    assert changed_term(desk.doc) == desk.day(9)


def test_the_lead_cannot_finish_over_the_heads_of_others() -> None:
    desk = golden()
    work = desk.of(HEAD, "work")
    desk.press(HEAD, "report", work.id, summary="Готово")
    with pytest.raises(InvalidForm, match="Соколова"):
        desk.press(HEAD, "finish")
    own = desk.of(DEPUTY, "work")
    desk.press(DEPUTY, "report", own.id, summary="Своё сделано")
    desk.press(HEAD, "finish")
    assert desk.state == "control"
    desk.press(CHAIR, "rework", reason="не приложена справка")
    assert desk.state == "exec"
    assert desk.of(HEAD, "work").id == work.id


def test_return_to_author_and_to_clerk() -> None:
    desk = Desk().register(CHAIR)
    execute(desk, CHAIR, HEAD)
    desk.press(HEAD, "return_author", reason="не наш отдел")
    assert desk.holders() == {CHAIR}
    assert "Вернуть делопроизводителю" in desk.labels(CHAIR)
    assert "Вернуть автору" not in desk.labels(CHAIR)
    desk.press(CHAIR, "return_clerk", reason="не тот корреспондент")
    assert desk.state == "returned"
    assert desk.holders() == {CLERK}
    desk.press(CLERK, "correct", reason="опечатка", correspondent="Областная организация")
    number = desk.doc.number
    desk.press(CLERK, "resend", reviewers=(str(DEPUTY),))
    assert (desk.state, desk.doc.number) == ("review", number)
    assert desk.doc.corrections[0].before == "Министерство здравоохранения"


def test_recall_takes_the_whole_branch_and_the_author_decides_anew() -> None:
    desk = golden()
    branch = next(one for one in desk.doc.assignments if one.executor == DEPUTY and one.author == CHAIR)
    desk.press(CHAIR, "recall", branch.id, reason="поручу иначе")
    assert desk.holders() == {CHAIR}
    assert {one.state.value for one in desk.doc.assignments if one.author != CLERK} <= {"recalled", "passed"}
    execute(desk, CHAIR, LAWYER)
    assert desk.holders() == {LAWYER}


def test_delegation_and_replacement_keep_term_and_history() -> None:
    desk = Desk().register(CHAIR)
    execute(desk, CHAIR, HEAD)
    execute(desk, HEAD, HEAD)
    own = desk.of(HEAD, "work")
    desk.press(HEAD, "request_extension", own.id, desired_term=desk.day(9).isoformat(), reason=REASON)
    desk.press(CHAIR, "set_term", own.id, new_term=desk.day(9).isoformat())
    desk.press(HEAD, "delegate", own.id, to=str(SPECIALIST), reason="его тема")
    taken = desk.of(SPECIALIST, "given")
    assert (taken.term, taken.current_term, taken.setter) == (own.term, desk.day(9), HEAD)
    assert changed_term(desk.doc) == desk.day(9)
    desk.press(HEAD, "replace", taken.id, to=str(SECOND), reason="заболел")
    assert desk.of(SECOND, "given").current_term == desk.day(9)


def test_acknowledging_a_controlled_document_needs_a_reason() -> None:
    desk = Desk().register(CHAIR, control="1", controller=str(OFFICE_HEAD))
    with pytest.raises(InvalidForm, match="на контроле"):
        desk.press(CHAIR, "acknowledge")
    desk.press(CHAIR, "acknowledge", comment="исполнение не требуется")
    assert desk.state == "ack"


def test_annulment_is_asked_by_the_clerk_and_confirmed_by_the_head() -> None:
    desk = golden()
    desk.press(CLERK, "annul", reason="письмо не нам")
    assert OFFICE_HEAD in desk.holders()
    desk.press(OFFICE_HEAD, "deny_annul", reason="наше")
    desk.press(CLERK, "annul", reason="точно не нам")
    desk.press(OFFICE_HEAD, "confirm_annul")
    assert desk.state == "annulled"
    assert not desk.doc.live()
    assert desk.doc.closure.reason == "точно не нам"


def test_reopening_gives_a_new_assignment_and_has_a_time_limit() -> None:
    desk = Desk().register(HEAD)
    execute(desk, HEAD, HEAD)
    desk.press(HEAD, "report", summary="Готово")
    desk.press(HEAD, "finish")
    assert "Вернуть в работу" in desk.labels(CLERK)
    desk.press(CLERK, "reopen", reason="пришло уточнение")
    assert desk.holders() == {HEAD}
    desk.press(HEAD, "acknowledge")
    assert desk.state == "ack"
    desk.wait(days=31)
    assert "Вернуть в работу" not in desk.labels(CLERK)


def test_a_settled_reply_waits_for_open_colleagues_and_an_annulled_one_returns_to_work() -> None:
    desk = golden()
    work = desk.of(HEAD, "work")
    desk.press(HEAD, "report", work.id, summary="Ответ готов")
    desk.press(HEAD, "prepare_reply")
    desk.apply(settle_reply(desk.doc, "annulled", ""))
    assert desk.state == "exec"
    desk.press(HEAD, "report", work.id, summary="Ответ готов снова")
    desk.press(HEAD, "prepare_reply")
    desk.apply(settle_reply(desk.doc, "sent", "7"))
    assert desk.state == "choice"
    desk.press(HEAD, "finish", release_others="1")
    assert desk.state == "control"


def test_one_of_two_reviewers_acknowledges_the_other_leads_on() -> None:
    desk = Desk().register(CHAIR, DEPUTY)
    desk.press(CHAIR, "acknowledge")
    assert desk.state == "review"
    execute(desk, DEPUTY, DEPUTY)
    assert lead_leaf(desk.doc).executor == DEPUTY
    desk.press(DEPUTY, "report", summary="Сделано")
    assert desk.state == "choice"


def facts(desk: Desk, *made: object) -> list[str]:
    names: list[str] = []
    for fact in made:
        events = believe(desk.definition, desk.doc, fact, desk.context())
        names += [type(one).__name__ for one in events]
        if events:
            desk.apply(events, actor=fact.by)
    return names


def test_e11_the_executors_drag_is_not_believed_the_setters_is() -> None:
    desk = golden()
    task = desk.of(HEAD, "work").task
    assert facts(desk, DeadlineMovedInPortal(task=task, by=HEAD, day=desk.day(9))) == []
    assert facts(desk, DeadlineMovedInPortal(task=task, by=DEPUTY, day=desk.day(9))) == [
        "TermChanged", "TermChanged"], "his own order above moves with it, as by the button (R35)"
    assert changed_term(desk.doc) == desk.day(9)


def test_e12_a_task_delegated_in_the_portal_moves_the_assignment_with_its_task() -> None:
    desk = golden()
    task = desk.of(HEAD, "work").task
    assert facts(desk, TaskDelegatedInPortal(task=task, by=SPECIALIST, to=SECOND)) == []
    made = facts(desk, TaskDelegatedInPortal(task=task, by=HEAD, to=SPECIALIST))
    assert made == ["Delegated", "Assigned"]
    assert desk.of(SPECIALIST, "work").task == task


def test_results_and_closing_of_a_task_are_kept() -> None:
    desk = golden()
    task = desk.of(HEAD, "work").task
    made = facts(desk, ResultInPortal(task=task, by=HEAD, key="5", text="Справка"),
                 TaskClosedInPortal(task=task, by=HEAD), TaskClosedInPortal(task=task, by=HEAD))
    assert made == ["ResultReceived", "TaskClosed"]
    node = desk.of(HEAD, "work")
    assert (node.results, node.task_closed) == (("Справка",), True)


def test_a_correction_can_empty_a_field_but_not_a_required_one() -> None:
    desk = Desk().register(CHAIR, sheets="3", summary="О прошлом")
    desk.press(CLERK, "correct", reason="лишнее", summary="", sheets="4")
    assert (desk.doc.card["summary"], desk.doc.card["sheets"]) == (None, 4)
    assert desk.doc.text("foreign_number") == "15-1/200"
    with pytest.raises(InvalidForm, match="нельзя оставить пустым"):
        desk.press(CLERK, "correct", reason="лишнее", title="")


def test_whoever_chose_himself_is_not_offered_to_recall_himself() -> None:
    desk = Desk().register(HEAD)
    execute(desk, HEAD, HEAD)
    assert not desk.labels(HEAD) & {"Отозвать поручение", "Заменить исполнителя"}
