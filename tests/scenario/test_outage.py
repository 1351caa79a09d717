"""E09: half an hour without the portal while twenty letters are registered; E10: a deleted task."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.scenario.test_adversity import opened
from tests.town import CHAIR, HEAD, Town

LETTERS = 20


def alive(place: Town) -> list[dict[str, Any]]:
    return [one for one in place.portal("tasks") if not one["deleted"]]


def test_e09_twenty_letters_during_an_outage_appear_once_each_in_order(sqlite_place: Town) -> None:
    place = sqlite_place
    place.fault(method="*", action="status", status=503, count=0)
    made = []
    for number in range(LETTERS):
        one = place.register(HEAD, command=f"e09-{number}")
        place.press(one.uuid, HEAD, "execute", executors=(str(HEAD),), term=place.day(5))
        made.append(one.uuid)
        place.drain()
        place.clock.offset += timedelta(seconds=90)
    assert place.portal("items") == []
    numbers = [place.document(uuid).number for uuid in made]
    assert [one.value for one in numbers if one is not None] == list(range(1, LETTERS + 1))
    place.heal()
    place.settle()
    items = place.portal("items")
    assert sorted(one["xmlId"] for one in items) == sorted(f"b24flow:town:{uuid}" for uuid in made)
    tasks = place.portal("tasks")
    assert len(tasks) == LETTERS
    assert len({one["xml_id"] for one in tasks}) == LETTERS
    for uuid, number in zip(made, numbers, strict=True):
        row = next(one for one in items if one["xmlId"].endswith(uuid))
        assert number is not None
        assert row["title"].startswith(number.text)


def test_e10_a_deleted_task_is_an_alarm_and_the_author_chooses(sqlite_place: Town) -> None:
    """He gives the assignment again, with a task of its own, or takes it back (domain §7)."""
    place = sqlite_place
    made = place.register(CHAIR)
    place.press(made.uuid, CHAIR, "execute", executors=(str(HEAD),), term=place.day(5))
    place.press(made.uuid, HEAD, "execute", executors=(str(HEAD),), term=place.day(5))
    place.settle()
    (task,) = place.portal("tasks")
    place.as_person("task/delete", CHAIR, task_id=task["id"])
    place.press(made.uuid, HEAD, "request_extension", desired_term=place.day(9), reason="Ждём ответа")
    place.press(made.uuid, CHAIR, "set_term", new_term=place.day(9))
    place.settle()
    assert "lost" in [kind for kind, _ in opened(place)]
    assert alive(place) == [], "nothing is made again silently"
    branch = next(one.id for one in place.document(made.uuid).assignments if one.parent is not None)
    place.press(made.uuid, CHAIR, "recall", target=place.document(made.uuid).assignments[1].id,
                reason="задача удалена")
    place.press(made.uuid, CHAIR, "execute", executors=(str(HEAD),), term=place.day(9))
    place.press(made.uuid, HEAD, "execute", executors=(str(HEAD),), term=place.day(9))
    place.settle()
    (again,) = alive(place)
    assert again["xml_id"] != task["xml_id"]
    assert place.document(made.uuid).find(branch) is not None
