"""Scenarios of domain §7 through the use cases and the portal: people, terms, numbers, corrections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from b24flow.core.projection import TaskHistory
from b24flow.errors import AlreadyDone, InvalidForm
from b24flow.portal import polling
from b24flow.portal.client import PortalClient
from b24flow.services import people
from b24flow.services.views import document_view
from b24flow.store import journal, series, work
from tests.scenario.plays import REASON
from tests.town import CHAIR, CLERK, DEPUTY, HEAD, OFFICE_HEAD, SPECIALIST, Town


def to_head(place: Town, days: int = 5) -> str:
    """Chair → deputy → head, who works."""
    made = place.register(CHAIR)
    place.press(made.uuid, CHAIR, "execute", executors=(str(DEPUTY),), term=place.day(10))
    place.press(made.uuid, DEPUTY, "execute", executors=(str(HEAD),), term=place.day(days))
    place.press(made.uuid, HEAD, "execute", executors=(str(HEAD),), term=place.day(days))
    place.drain()
    return made.uuid


def sync_without(place: Town, *gone: int) -> None:
    for user in gone:
        place.http.post(f"{place.sandbox.webhook_url}user.update", json={"ID": user, "ACTIVE": False})
    from b24flow.ops.directory import read_people

    people.sync(place.office, *read_people(place.client))


def test_e06_dismissed_decider(place: Town) -> None:
    uuid = to_head(place)
    place.press(uuid, HEAD, "request_extension", desired_term=place.day(9), reason=REASON)
    place.drain()
    sync_without(place, DEPUTY)
    place.forget_calls()
    place.drain()
    view = document_view(place.office, uuid, CHAIR)
    assert {one.user for one in view.holders} == {HEAD, CHAIR}
    assert any("Клёнова" in text for one in view.history for text in one.details)
    sent = [one for one in place.calls() if one["method"] == "imbot.v2.chat.message.send"]
    assert {one["params"]["dialogId"] for one in sent} == {str(CHAIR)}
    place.press(uuid, CHAIR, "set_term", new_term=place.day(9))


def test_e07_substitute_decides_and_the_author_sees_it(place: Town) -> None:
    uuid = to_head(place)
    place.press(uuid, HEAD, "request_extension", desired_term=place.day(8), reason=REASON)
    today = datetime.now(UTC).date()
    people.add_substitution(place.office, DEPUTY, OFFICE_HEAD, today, today + timedelta(days=10), CLERK)
    place.drain()
    place.press(uuid, OFFICE_HEAD, "set_term", new_term=place.day(8))
    view = document_view(place.office, uuid, DEPUTY)
    assert any("за: Клёнова" in one.actor for one in view.history)


def test_e08_a_double_click_and_two_devices_have_one_effect(place: Town) -> None:
    uuid = to_head(place)
    first = place.press(uuid, HEAD, "report", command="one-form", summary="Готово")
    again = place.press(uuid, HEAD, "report", command="one-form", summary="Готово")
    assert (first.repeated, again.repeated) == (False, True)
    assert again.text.startswith("Уже выполнено: «Документ исполнен» — Дубравин")
    node = next(one for one in place.document(uuid).assignments if one.report)
    with pytest.raises(AlreadyDone, match="Уже выполнено"):
        place.press(uuid, HEAD, "report", target=node.id, summary="С телефона")
    with place.office.database.reading() as unit:
        assert [one.type for one in journal.history(unit, uuid)].count("Reported") == 1


def test_e11_deadline_dragged_by_the_executor_is_put_back_with_a_note(place: Town) -> None:
    uuid = to_head(place)
    place.poll()
    (task,) = place.portal("tasks")
    place.http.post(f"{place.sandbox.webhook_url}tasks.task.update",
                    json={"taskId": task["id"], "fields": {"DEADLINE": f"{place.day(20)}T18:00:00+03:00"}})
    assert place.poll().put_back == 1
    place.drain()
    (task,) = place.portal("tasks")
    assert str(task["deadline"])[:10] == place.day(5)
    assert any("возвращено" in one["text"] for one in place.portal("comments"))
    assert place.poll().put_back == 0
    with place.office.database.reading() as unit:
        assert "TermChanged" not in [one.type for one in journal.history(unit, uuid)]


def test_e11_deadline_moved_by_the_setter_becomes_a_registered_change(place: Town) -> None:
    uuid = to_head(place)
    (task,) = place.portal("tasks")
    place.as_person("task/deadline", DEPUTY, task_id=task["id"], deadline=f"{place.day(8)}T18:00")
    assert place.poll().facts == 1
    place.drain()
    (item,) = place.portal("items")
    assert any(str(value)[:10] == place.day(8) for name, value in item.items() if "ChangedTerm" in name)
    (task,) = place.portal("tasks")
    assert str(task["deadline"])[:10] == place.day(8)
    assert document_view(place.office, uuid, HEAD).changed_term.isoformat() == place.day(8)


def test_e12_delegation_in_the_portal_moves_the_assignment(place: Town) -> None:
    uuid = to_head(place)
    (task,) = place.portal("tasks")
    place.as_person("task/delegate", HEAD, task_id=task["id"], to=str(SPECIALIST))
    assert place.poll().facts == 1
    place.drain()
    (task,) = place.portal("tasks")
    assert task["responsible_id"] == SPECIALIST
    number = _id(place, uuid)
    with place.office.database.reading() as unit:
        assert {one.item.user for one in work.holders(unit, number)} == {SPECIALIST}


def _id(place: Town, uuid: str) -> int:
    from b24flow.store import documents

    with place.office.database.reading() as unit:
        stored = documents.load(unit, uuid, lock=False)
    assert stored is not None
    return stored.id


def test_task_closed_by_hand_with_a_result_is_noted_once(place: Town) -> None:
    uuid = to_head(place)
    (task,) = place.portal("tasks")
    place.as_person("task/result", HEAD, task_id=task["id"], text="Справка")
    place.as_person("task/complete", HEAD, task_id=task["id"])
    place.poll()
    place.drain()
    place.poll()
    place.drain()
    with place.office.database.reading() as unit:
        types = [one.type for one in journal.history(unit, uuid)]
    assert (types.count("TaskClosed"), types.count("ResultReceived")) == (1, 1)
    (task,) = place.portal("tasks")
    assert task["status"] == 5, "a task its executor closed stays closed"
    place.press(uuid, HEAD, "report", summary="См. задачу")
    place.drain()
    assert place.state(uuid) == "choice"


def test_an_item_edited_by_hand_is_put_back_with_a_note(place: Town) -> None:
    to_head(place)
    (item,) = place.portal("items")
    name = next(one for one in item if one.endswith("Correspondent"))
    before = item[name]
    place.as_person("item/field", CLERK, entity_type_id=1046, item_id=item["id"], name=name, value="Чужой")
    assert place.poll().put_back == 1
    place.drain()
    (item,) = place.portal("items")
    assert item[name] == before
    assert any("Корреспондент" in one["text"] for one in place.portal("comments"))
    place.forget_calls()
    place.poll()
    place.drain()
    assert not [one for one in place.calls() if one["method"] == "crm.item.update"]


def test_a_deleted_item_is_an_incident_and_is_not_made_again(place: Town) -> None:
    uuid = to_head(place)
    (item,) = place.portal("items")
    place.as_person("item/delete", OFFICE_HEAD, entity_type_id=1046, item_id=item["id"])
    place.press(uuid, HEAD, "report", summary="Готово")
    place.drain()
    assert place.portal("items") == []
    from b24flow.store import incidents

    with place.office.database.reading() as unit:
        assert [one.kind for one in incidents.listing(unit)] == ["lost"]


@pytest.mark.parametrize("offset_s", [0, 3600])
def test_e13_numbers_follow_the_year_of_the_portals_zone(place: Town, offset_s: int) -> None:
    eve = datetime(2026, 12, 31, 20, 59, 59, tzinfo=UTC)
    with patch.object(place.clock, "now", lambda: eve):
        assert place.document(place.register(CHAIR).uuid).number.text == "Вх-1/26"
    with patch.object(place.clock, "now", lambda: eve + timedelta(seconds=2 + offset_s)):
        place.office.people.forget()
        assert place.document(place.register(CHAIR).uuid).number.text == "Вх-1/27"


def test_e15_annulled_number_stays_and_the_next_letter_is_linked_instead(place: Town) -> None:
    wrong = place.register(CHAIR)
    place.press(wrong.uuid, CLERK, "annul", reason="не то письмо")
    place.press(wrong.uuid, OFFICE_HEAD, "confirm_annul")
    assert place.state(wrong.uuid) == "annulled"
    with pytest.raises(InvalidForm, match="нет"):
        place.register(CHAIR, replaces="Вх-77/26")
    right = place.register(CHAIR, replaces="вх 1/26")
    assert place.document(right.uuid).number.value == 2
    assert [one.kind for one in place.document(right.uuid).links] == ["replaces"]
    assert [one.kind for one in place.document(wrong.uuid).links] == ["replaced_by"]
    period = str(place.document(right.uuid).number.dated.year)
    with place.office.database.reading() as unit:
        book = series.book(unit, "incoming", period)
    assert [(one.number.value, one.state, one.reason) for one in book] == [
        (1, "annulled", "не то письмо"), (2, "issued", ""),
    ]
    place.settle()
    assert len(place.portal("items")) == 2


def test_e16_correction_tells_the_holders_and_keeps_the_old_value(place: Town) -> None:
    uuid = to_head(place)
    place.press(uuid, CLERK, "correct", reason="перепутан корреспондент", correspondent="Областная больница")
    place.drain()
    view = document_view(place.office, uuid, HEAD)
    assert "было: Министерство здравоохранения области" in view.corrected["Корреспондент"]
    told = [one["text"] for one in place.portal("messages") if HEAD in one["members"]]
    assert any("перепутан корреспондент" in text for text in told)


def test_history_replay_gives_the_present_document(place: Town) -> None:
    from b24flow.core.evolve import replay

    uuid = to_head(place)
    number = _id(place, uuid)
    with place.office.database.reading() as unit:
        records = journal.records(unit, number)
    assert replay(records) == place.document(uuid)


def press_button(place: Town, user: int, label: str) -> None:
    """Press a keyboard button in the chat with the bot, on the newest message that has it."""
    for message in sorted(place.portal("messages"), key=lambda one: -one["id"]):
        buttons = (message.get("keyboard") or {}).get("BUTTONS", [])
        if user in message["members"] and any(one.get("TEXT") == label for one in buttons):
            place.as_person("press", user, message_id=message["id"], button=label)
            return
    raise AssertionError(f"no button {label}")


def test_buttons_in_the_chat_are_the_same_buttons(place: Town) -> None:
    made = place.register(CHAIR)
    place.drain()
    press_button(place, CHAIR, "Ознакомиться и завершить")
    assert place.poll().events == 1
    assert place.state(made.uuid) == "ack"
    place.drain()
    texts = [one["text"] for one in place.portal("messages") if CHAIR in one["members"]]
    assert any("Выполнено" in text for text in texts)
    place.poll()
    place.forget_calls()
    place.poll()
    place.drain()
    assert place.requests() == 1


def test_a_task_whose_history_is_refused_does_not_stop_the_poll(place: Town) -> None:
    first, second = to_head(place), to_head(place)
    tasks = sorted(place.portal("tasks"), key=lambda one: one["id"])
    for task in tasks:
        place.as_person("task/result", HEAD, task_id=task["id"], text="Справка")
        place.as_person("task/complete", HEAD, task_id=task["id"])
    history = polling.histories

    def refused(client: PortalClient, wanted: Sequence[str]) -> dict[str, TaskHistory]:
        gone = str(tasks[-1]["id"] + 1000)
        return history(client, [one if one != str(tasks[0]["id"]) else gone for one in wanted])

    with patch.object(polling, "histories", refused):
        assert place.poll().ignored == 1
    closed = {uuid: any(one.task_closed for one in place.document(uuid).assignments)
              for uuid in (first, second)}
    assert sorted(closed.values()) == [False, True]
    place.poll()
    assert all(any(one.task_closed for one in place.document(uuid).assignments) for uuid in closed)
