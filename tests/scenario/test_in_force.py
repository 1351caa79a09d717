"""What is in force, over the portal: a taken number, a repeal of what is still executed, points in tasks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from b24flow.errors import InvalidForm
from b24flow.services.views import document_view
from tests.scenario.test_processes import SAFETY, WAGES, Life, decree, directive, points
from tests.town import CHAIR, CLERK, DEPUTY, OFFICE_HEAD, SPECIALIST, Town

VOTES = {"elected": "11", "present": "9", "votes_for": "9"}


def signed(place: Town, session: str, item: str) -> Life:
    life = decree(place, session, item, **VOTES)
    life.press(OFFICE_HEAD, "finalize", place.draft(OFFICE_HEAD, "итог"))
    life.press(CHAIR, "sign")
    return life


def test_a_taken_number_of_a_decree_is_refused_and_mended_by_the_secretary(place: Town) -> None:
    signed(place, "12", "5")
    life = decree(place, "12", "5", **VOTES)
    life.press(OFFICE_HEAD, "finalize", place.draft(OFFICE_HEAD, "итог"))
    before = life.reload()
    with pytest.raises(InvalidForm, match="Номер 12-5 уже у другого документа"):
        place.press(life.uuid, CHAIR, "sign")
    assert life.reload() == before
    life.press(CHAIR, "decline", reason="Номер вопроса указан неверно")
    life.press(OFFICE_HEAD, "finalize", place.draft(OFFICE_HEAD, "итог 2"), item="6")
    life.press(CHAIR, "sign")
    assert life.reload().number.text == "12-6"


def repeal(place: Town, number: str, link: str = "repeals") -> Life:
    new = Life(place).begin("directive", SPECIALIST, "save", title="Об отмене", kind="admin")
    new.press(SPECIALIST, "link", link=link, document=number)
    new.press(SPECIALIST, "straight_to_sign", place.draft(SPECIALIST), kind="admin", title="Об отмене",
              signer=str(CHAIR))
    new.press(CHAIR, "sign")
    new.press(CLERK, "register")
    return new


def test_a_repealed_directive_is_executed_no_more(place: Town) -> None:
    old = directive(place, (), controller=str(DEPUTY), points=points(("Составить", SAFETY, place.day(5))))
    place.settle()
    assert [one["status"] for one in place.portal("tasks")] != [5]
    assert old.state == "control"
    changed = repeal(place, old.reload().number.text, "amends")
    assert old.state == "control"
    assert document_view(place.office, old.uuid, CLERK).steps.status.startswith("Действует с изменениями")
    new = repeal(place, old.reload().number.text)
    assert old.state == "repealed"
    assert old.mine(SAFETY) == []
    view = document_view(place.office, old.uuid, CLERK)
    assert view.steps.status == f"Утратил силу: № {new.reload().number.text}"
    # Both were drafts when they were linked; a reader is told what they are called now.
    assert {(uuid, text) for _, uuid, text in view.links} == {
        (one.uuid, one.reload().number.text) for one in (new, changed)}
    assert {uuid for _, uuid, _ in document_view(place.office, new.uuid, CLERK).links} == {old.uuid}
    place.settle()
    assert [one["status"] for one in place.portal("tasks")] == [5]


def test_only_what_is_in_force_may_be_chosen_to_be_repealed_or_changed(place: Town) -> None:
    memo = Life(place).begin("internal", SPECIALIST, "send", kind="memo", title="О дежурстве",
                             reviewers=(str(CHAIR),))
    memo.press(CHAIR, "acknowledge")
    old = directive(place, ())
    for link, number in (("repeals", memo.reload().number.text), ("amends", memo.reload().number.text)):
        with pytest.raises(InvalidForm, match="не действует или отмене не подлежит"):
            repeal(place, number, link)
    assert memo.state == "ack"
    letter = Life(place).begin("internal", SPECIALIST, "save", kind="memo", title="Об отмене")
    with pytest.raises(InvalidForm, match="Вид связи"):
        letter.press(SPECIALIST, "link", link="repeals", document=old.reload().number.text)
    repeal(place, old.reload().number.text)
    with pytest.raises(InvalidForm, match="не действует"):
        repeal(place, old.reload().number.text)
    assert old.state == "repealed"


def test_points_live_in_their_tasks(place: Town) -> None:
    life = signed(place, "12", "5")
    life.press(CLERK, "control_points", controller=str(DEPUTY))
    place.settle()
    place.poll()
    task = next(one for one in place.portal("tasks") if one["responsible_id"] == WAGES)
    place.clock.offset += timedelta(seconds=130)
    place.as_person("task/result", WAGES, task_id=task["id"], text="Отчёты собраны")
    place.as_person("task/complete", WAGES, task_id=task["id"])
    place.poll()
    node = next(one for one in life.reload().assignments if one.executor == WAGES)
    assert (node.task_closed, node.results) == (True, ("Отчёты собраны",))
    life.press(WAGES, "report", target=node.id, summary="Отчёты собраны")
    assert "Вернуть на доработку" in life.mine(DEPUTY)
    life.press(DEPUTY, "rework_point", target=node.id, reason="Нет двух регионов")
    place.settle()
    again = next(one for one in place.portal("tasks") if one["id"] == task["id"])
    assert again["status"] != 5
