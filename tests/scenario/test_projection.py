"""A document's projection: what the portal shows, how many requests it took."""

from __future__ import annotations

from tests.town import CHAIR, CLERK, CONTENT, DEPUTY, HEAD, Town


def test_registration_makes_item_folder_file_and_card_in_two_requests(place: Town) -> None:
    place.forget_calls()
    made = place.register(CHAIR)
    place.drain()
    assert place.requests() == 2
    (item,) = place.portal("items")
    assert item["xmlId"] == f"b24flow:town:{made.uuid}"
    (card,) = [one for one in place.portal("messages") if CHAIR in one["members"]]
    assert "На рассмотрении" in card["text"]
    assert [one["size"] for one in place.portal("files") if one["size"]] == [len(CONTENT)]


def test_self_assignment_makes_one_task_with_the_clerk_as_setter(place: Town) -> None:
    made = place.register(HEAD)
    place.drain()
    place.forget_calls()
    place.press(made.uuid, HEAD, "execute", executors=(str(HEAD),), term=place.day(5))
    place.drain()
    assert place.requests() == 1
    (task,) = place.portal("tasks")
    assert (task["created_by"], task["responsible_id"]) == (CLERK, HEAD)
    assert str(task["deadline"])[:10] == place.day(5)
    assert task["crm"]
    place.forget_calls()
    place.drain()
    assert place.requests() == 0


def test_an_idle_poll_is_one_request(place: Town) -> None:
    place.register(CHAIR)
    place.drain()
    place.poll()
    place.forget_calls()
    assert place.poll().put_back == 0
    assert place.requests() == 1
    place.drain()
    assert place.requests() == 1


def test_the_whole_life_in_the_portal(place: Town) -> None:
    made = place.register(DEPUTY)
    place.drain()
    place.press(made.uuid, DEPUTY, "execute", executors=(str(HEAD),), term=place.day(5))
    place.drain()
    place.press(made.uuid, HEAD, "execute", executors=(str(HEAD),), term=place.day(4))
    place.drain()
    (task,) = place.portal("tasks")
    assert task["created_by"] == DEPUTY
    place.as_person("task/result", HEAD, task_id=task["id"], text="Справка подготовлена")
    place.poll()
    assert [one.results for one in place.document(made.uuid).assignments if one.results] == [
        ("Справка подготовлена",)
    ]
    place.press(made.uuid, HEAD, "report", summary="Готово")
    place.drain()
    place.press(made.uuid, HEAD, "finish")
    place.drain()
    (task,) = place.portal("tasks")
    assert str(task["status"]) in {"5", "Status.COMPLETED"} or task["status"] == 5
    assert place.state(made.uuid) == "done"
    for message in place.portal("messages"):
        if message["author_id"] and HEAD in message["members"]:
            assert not message.get("keyboard")
