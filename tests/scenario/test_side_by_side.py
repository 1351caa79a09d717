"""Several processes over one database, on each engine: nothing is sent or believed twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from b24flow.services.dispatch import drain
from tests.scenario.test_adversity import SLOW, later, opened, say, types
from tests.scenario.test_life import to_head
from tests.town import CHAIR, HEAD, LAWYER, Town


def test_workers_side_by_side_send_nothing_twice(place: Town) -> None:
    for _ in range(6):
        made = place.register(HEAD)
        place.press(made.uuid, HEAD, "execute", executors=(str(HEAD), str(LAWYER)), lead=str(HEAD),
                    term=place.day(5))

    def work(name: str) -> None:
        for _ in range(10):
            drain(place.office, place.session, owner=name, pace=SLOW)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, ("one", "two", "three")))
    place.settle()
    assert len(place.portal("items")) == 6
    assert len({one["xml_id"] for one in place.portal("tasks")}) == len(place.portal("tasks"))
    assert len([one for one in place.portal("files") if one["size"]]) == 6
    assert opened(place) == []


def test_several_processes_poll_at_once(place: Town) -> None:
    uuid = to_head(place)
    place.poll()
    (task,) = place.portal("tasks")
    later(place, 130)
    place.as_person("task/result", HEAD, task_id=task["id"], text="Справка")
    place.as_person("task/complete", HEAD, task_id=task["id"])
    before = len(place.portal("messages"))
    for _ in range(12):
        say(place, CHAIR, "мои")

    def work(name: str) -> None:
        for _ in range(4):
            place.poll()
            drain(place.office, place.session, owner=name, pace=SLOW)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, ("one", "two", "three")))
    place.settle()
    assert types(place, uuid).count("TaskClosed") == 1
    assert types(place, uuid).count("ResultReceived") == 1
    assert len(place.portal("messages")) == before + 24
    assert opened(place) == []
