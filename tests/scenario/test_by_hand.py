"""E10–E12 in every registry and on every kind of task: what people change in the portal by hand comes back,
or is recorded as the act of whoever was entitled to it; nothing is undone without a word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from b24flow.store import incidents, journal
from tests.scenario.plays import proven
from tests.scenario.plays_routes import ORG, REASON, WAGES, Hand, points
from tests.town import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, OFFICE_HEAD, SPECIALIST, Town

ADMIN = 1


def hand(place: Town, name: str) -> Hand:
    return Hand(place, name, lambda: None)


def outgoing(place: Town) -> Hand:
    """A letter on approval with a task beside the route."""
    one = hand(place, "outgoing")
    one.begin("outgoing", SPECIALIST, "submit", one.draft(SPECIALIST), title="О помощи", addressees="ФНПР",
              signer=str(CHAIR), route=(f"1:{HEAD}",))
    one.press(SPECIALIST, "set_task", to=str(WAGES), text="Проверить адреса", answer_by=place.day(3))
    return one


def directive(place: Town) -> Hand:
    """A directive that is read and whose point is executed."""
    one = hand(place, "directive")
    one.begin("directive", SPECIALIST, "straight_to_sign", one.draft(SPECIALIST), kind="admin",
              title="О графике", signer=str(CHAIR), readers=(str(HEAD),), controller=str(DEPUTY),
              points=points(("Собрать заявки", WAGES, place.day(6))))
    one.press(CHAIR, "sign")
    one.press(CLERK, "register")
    return one


def decree(place: Town) -> Hand:
    """A decree whose point is on control."""
    one = hand(place, "decree")
    one.begin("decree", SPECIALIST, "submit", one.draft(SPECIALIST), body="presidium", title="О плане",
              speaker=str(HEAD), signer=str(CHAIR), points=points(("Разослать", WAGES, place.day(6))))
    one.press(LAWYER, "approve")
    one.press(OFFICE_HEAD, "put_on_agenda", convocation="7", session="12", item="5", meeting_on=place.today())
    one.press(OFFICE_HEAD, "open_meeting")
    one.press(OFFICE_HEAD, "accepted", elected="11", present="9", votes_for="9")
    one.press(OFFICE_HEAD, "finalize", one.draft(OFFICE_HEAD, "итоговая"))
    one.press(CHAIR, "sign")
    one.press(CLERK, "control_points", controller=str(DEPUTY))
    return one


def memo(place: Town) -> Hand:
    """A memo in execution."""
    one = hand(place, "memo")
    one.begin("internal", SPECIALIST, "send", kind="memo", title="О закупке", reviewers=(str(CHAIR),))
    one.press(CHAIR, "execute", executors=(str(DEPUTY),), term=place.day(8))
    one.press(DEPUTY, "execute", executors=(str(WAGES),), term=place.day(6))
    one.press(WAGES, "execute", executors=(str(WAGES),), term=place.day(6))
    return one


def incoming(place: Town) -> Hand:
    """A letter in execution."""
    one = hand(place, "incoming")
    one.uuid = place.register(CHAIR, command="by-hand").uuid
    one.press(CHAIR, "execute", executors=(str(DEPUTY),), term=place.day(8))
    one.press(DEPUTY, "execute", executors=(str(WAGES),), term=place.day(6))
    one.press(WAGES, "execute", executors=(str(WAGES),), term=place.day(6))
    return one


@dataclass(frozen=True, kw_only=True)
class Registry:
    """A registry with a document that has one task: of whom, and who may change its term."""

    entity_type_id: int
    column: str
    make: Callable[[Town], Hand]
    dragged: str = "done"
    decider: int = DEPUTY


REGISTRIES = {
    "incoming": Registry(entity_type_id=1046, column="Correspondent", make=incoming),
    "outgoing": Registry(entity_type_id=1048, column="Addressees", make=outgoing, decider=SPECIALIST),
    "directive": Registry(entity_type_id=1050, column="Readers", make=directive, dragged="closed"),
    "decree": Registry(entity_type_id=1054, column="Points", make=decree, dragged="closed"),
    "internal": Registry(entity_type_id=1052, column="DocKind", make=memo),
}


@dataclass
class Stage:
    """A document, its row and its task in the portal; `one` presses the buttons."""

    place: Town
    registry: Registry
    one: Hand

    @property
    def item(self) -> dict[str, Any]:
        return self.place.portal("items")[0]

    @property
    def task(self) -> dict[str, Any]:
        (found,) = [one for one in self.place.portal("tasks") if not one["deleted"]]
        return found

    @property
    def aside(self) -> bool:
        """Whether the task is beside the route, not an assignment."""
        return self.registry.decider == SPECIALIST

    def types(self) -> list[str]:
        with self.place.office.database.reading() as unit:
            return [line.type for line in journal.history(unit, self.one.uuid)]

    def incidents(self) -> list[str]:
        with self.place.office.database.reading() as unit:
            return [line.kind for line in incidents.listing(unit)]

    def comments(self) -> str:
        return "\n".join(one["text"] for one in self.place.portal("comments"))

    def told(self, user: int) -> str:
        return "\n".join(one["text"] for one in self.place.portal("messages") if user in one["members"])

    def on_item(self, act: str, user: int, **form: Any) -> None:
        self.place.as_person(f"item/{act}", user, entity_type_id=self.registry.entity_type_id,
                             item_id=self.item["id"], **form)

    def on_task(self, act: str, user: int, **form: Any) -> None:
        self.place.later(130)  # stamps of the portal have whole seconds
        self.place.as_person(f"task/{act}", user, task_id=self.task["id"], **form)

    def notice(self) -> None:
        """Poll, and let what follows happen."""
        self.place.poll()
        self.place.settle()

    def quiet(self) -> None:
        """Both sides agree: nothing comes back, nothing is sent, the journal gives the row."""
        self.place.later(5)
        assert self.place.poll().put_back == 0
        assert self.place.drain().rounds == 0
        proven(self.place)


@pytest.fixture(params=REGISTRIES)
def stage(request: pytest.FixtureRequest, sqlite_place: Town) -> Stage:
    registry = REGISTRIES[request.param]
    one = registry.make(sqlite_place)
    sqlite_place.settle()
    sqlite_place.poll()
    return Stage(sqlite_place, registry, one)


def shown(item: dict[str, Any]) -> dict[str, Any]:
    """Return what people see of a row: neither moments nor who moved it."""
    return {name: value for name, value in item.items()
            if not name.endswith(("Time", "By")) and name != "previousStageId"}


def test_a_row_changed_by_hand_comes_back_with_a_word(stage: Stage) -> None:
    before = stage.item
    column = next(name for name in before if name.endswith(stage.registry.column))
    stage.on_item("field", CLERK, name=column, value="Чужое")
    stage.on_item("field", CLERK, name="title", value="Чужое название")
    assert stage.place.poll().put_back == 1
    stage.place.settle()
    assert shown(stage.item) == shown(before)
    assert "Изменено вручную и возвращено" in stage.comments()
    stage.quiet()


def test_a_stage_dragged_in_the_kanban_comes_back(stage: Stage) -> None:
    before = stage.item
    process = stage.place.document(stage.one.uuid).process
    stages = stage.place.session._map.processes[process].stages
    stage.on_item("stage", CLERK, stage_id=stages[stage.registry.dragged])
    assert stage.item["stageId"] != before["stageId"]
    assert stage.place.poll().put_back == 1
    stage.place.settle()
    assert shown(stage.item) == shown(before)
    assert "стадия" in stage.comments()
    stage.quiet()


def test_a_deleted_row_is_an_incident_and_everything_else_goes_on(stage: Stage) -> None:
    stage.on_item("delete", OFFICE_HEAD)
    if stage.aside:
        stage.one.press(HEAD, "approve")
    else:
        stage.one.press(WAGES, "report", summary="Готово")
    stage.place.settle()
    assert stage.place.portal("items") == []
    assert stage.incidents() == ["lost"]
    assert stage.aside or stage.task["status"] == 5


def test_a_deleted_task_is_an_incident_and_is_not_made_again(stage: Stage) -> None:
    stage.on_task("delete", stage.registry.decider)
    if stage.aside:
        stage.one.press(WAGES, "answer", answer="Верны")
    else:
        stage.one.press(WAGES, "report", summary="Готово")
    stage.place.settle()
    assert [one for one in stage.place.portal("tasks") if not one["deleted"]] == []
    assert stage.incidents() == ["lost"]


def test_a_task_completed_by_its_executor_counts_and_whoever_waits_is_told(stage: Stage) -> None:
    stage.on_task("result", WAGES, text="Собрано")
    stage.on_task("complete", WAGES)
    stage.notice()
    assert stage.task["status"] == 5
    if stage.aside:
        (request,) = stage.place.document(stage.one.uuid).requests
        assert (request.state, request.answer, request.by) == ("answered", "Собрано", WAGES)
        assert "Получен ответ на ваш запрос" in stage.told(SPECIALIST)
    else:
        assert {"TaskClosed", "ResultReceived"} <= set(stage.types())
        stage.one.press(WAGES, "report", summary="См. задачу")
        stage.place.settle()
    stage.quiet()


def test_a_task_completed_by_a_stranger_is_opened_again_with_a_word(stage: Stage) -> None:
    before = stage.place.document(stage.one.uuid)
    stage.on_task("result", ADMIN, text="Закрываю хвосты")
    stage.on_task("complete", ADMIN)
    stage.notice()
    assert stage.task["status"] != 5
    assert "возобновлена" in stage.comments()
    after = stage.place.document(stage.one.uuid)
    assert [one.task_closed for one in after.assignments] == [one.task_closed for one in before.assignments]
    assert [one.state for one in after.requests] == [one.state for one in before.requests]
    stage.quiet()


def test_a_task_delegated_by_its_executor_is_handed_over(stage: Stage) -> None:
    stage.on_task("delegate", WAGES, to=str(ORG))
    stage.notice()
    assert stage.task["responsible_id"] == ORG
    document = stage.place.document(stage.one.uuid)
    if stage.aside:
        assert [(one.to, one.asked_by, one.state) for one in document.requests] == [
            (ORG, SPECIALIST, "open")]
    else:
        assert ORG in {one.executor for one in document.live()}
    assert "Тополев" not in " ".join(
        str(value) for name, value in stage.item.items() if name.endswith(("Holders", "Executors")))
    stage.quiet()


def test_a_task_delegated_by_a_stranger_comes_back(stage: Stage) -> None:
    stage.on_task("delegate", ADMIN, to=str(ORG))
    stage.notice()
    assert stage.task["responsible_id"] == WAGES
    assert "изменён исполнитель" in stage.comments()
    stage.quiet()


def test_a_deadline_moved_by_whoever_set_it_is_registered(stage: Stage) -> None:
    day = stage.place.day(8)
    stage.on_task("deadline", stage.registry.decider, deadline=f"{day}T18:00")
    stage.notice()
    assert str(stage.task["deadline"])[:10] == day
    document = stage.place.document(stage.one.uuid)
    found = ([one.term for one in document.requests] if stage.aside
             else [one.current_term for one in document.live()])
    assert date.fromisoformat(day) in found
    assert "установлен новый срок" in stage.told(WAGES)
    stage.quiet()


def test_a_deadline_behind_a_term_from_above_comes_back(sqlite_place: Town) -> None:
    """What the button would refuse (R35), a dragged task does not achieve either."""
    stage = Stage(sqlite_place, REGISTRIES["incoming"], incoming(sqlite_place))
    sqlite_place.settle()
    sqlite_place.poll()
    before = stage.task["deadline"]
    stage.on_task("deadline", DEPUTY, deadline=f"{sqlite_place.day(12)}T18:00")
    stage.notice()
    assert stage.task["deadline"] == before
    assert "изменён срок" in stage.comments()
    stage.quiet()


def test_a_deadline_moved_by_a_stranger_comes_back(stage: Stage) -> None:
    before = stage.task["deadline"]
    stage.on_task("deadline", ADMIN, deadline=f"{stage.place.day(12)}T18:00")
    stage.notice()
    assert stage.task["deadline"] == before
    assert "изменён срок" in stage.comments()
    stage.quiet()


def test_a_portal_some_minutes_older_is_brought_up_again(stage: Stage) -> None:
    snapshot = stage.place.http.post("/_sandbox/snapshot").json()["id"]
    if stage.aside:
        stage.one.press(WAGES, "answer", answer="Верны")
    else:
        stage.one.press(WAGES, "request_extension", desired_term=stage.place.day(8), reason=REASON)
        stage.one.press(DEPUTY, "set_term", new_term=stage.place.day(7))
    stage.place.settle()
    stage.place.poll()
    wanted, task, types = shown(stage.item), stage.task, stage.types()
    stage.place.http.post("/_sandbox/restore", json={"id": snapshot}).raise_for_status()
    stage.notice()
    assert shown(stage.item) == wanted
    assert (stage.task["status"], stage.task["deadline"]) == (task["status"], task["deadline"])
    assert stage.types() == types


def test_what_took_our_numbers_in_a_restored_portal_is_not_written(
    sqlite_place: Town,
) -> None:
    """The portal is older than our documents, and other people's things have their numbers by now."""
    place = sqlite_place
    snapshot = place.http.post("/_sandbox/snapshot").json()["id"]
    stage = Stage(place, REGISTRIES["directive"], directive(place))
    place.settle()
    place.poll()
    place.http.post("/_sandbox/restore", json={"id": snapshot}).raise_for_status()
    hook = f"{place.sandbox.webhook_url}"
    place.http.post(f"{hook}crm.item.add", json={"entityTypeId": 1050, "fields": {"title": "Чужая"}})
    place.http.post(f"{hook}tasks.task.add", json={"fields": {
        "TITLE": "Чужая задача", "RESPONSIBLE_ID": 7, "CREATED_BY": 6}})
    before = (place.portal("items"), place.portal("tasks"))
    place.poll()
    stage.one.press(HEAD, "acknowledged")
    stage.one.press(WAGES, "report", summary="Готово")
    place.settle()
    place.poll()
    place.settle()
    assert set(stage.incidents()) == {"lost"}
    assert (place.portal("items"), place.portal("tasks")) == before
