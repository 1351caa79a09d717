"""What a real office and a real portal do to us that no happy path has: each test was once a lost fact,
a second object or a loop without an end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from b24flow.services.dispatch import Pace, drain
from b24flow.store import incidents, journal
from tests.scenario.plays import REASON
from tests.scenario.test_life import to_head
from tests.town import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, Town

NASTY = "А $result[a] [SEND=/x]да[/SEND] <script>alert(1)</script> &amp; 😀 שלום  два пробела ]]>"
SLOW = Pace(settle=timedelta(seconds=180))


def opened(place: Town) -> list[tuple[str, str]]:
    with place.office.database.reading() as unit:
        return [(one.kind, one.text) for one in incidents.listing(unit)]


def types(place: Town, uuid: str) -> list[str]:
    with place.office.database.reading() as unit:
        return [one.type for one in journal.history(unit, uuid)]


def hook(place: Town, method: str, **params: Any) -> Any:
    answer = place.http.post(f"{place.sandbox.webhook_url}{method}", json=params)
    return answer.json()


def later(place: Town, seconds: int) -> None:
    """Let time pass here and in the portal."""
    place.clock.offset += timedelta(seconds=seconds)
    place.http.post("/_sandbox/clock", json={"advance": float(seconds)}).raise_for_status()


def test_a_comment_whose_reply_is_lost_is_added_once(place: Town) -> None:
    to_head(place)
    place.poll()
    (item,) = place.portal("items")
    name = next(one for one in item if one.endswith("Correspondent"))
    place.as_person("item/field", CLERK, entity_type_id=1046, item_id=item["id"], name=name, value="Чужой")
    assert place.poll().put_back == 1
    place.fault(method="crm.timeline.comment.add", nth=1, action="exec_then_lose")
    place.settle()
    assert len(place.portal("comments")) == 1


def test_a_deleted_task_is_lost_at_once_and_not_asked_for_again(place: Town) -> None:
    uuid = to_head(place)
    (task,) = place.portal("tasks")
    place.as_person("task/delete", DEPUTY, task_id=task["id"])
    place.press(uuid, HEAD, "request_extension", desired_term=place.day(9), reason=REASON)
    place.press(uuid, DEPUTY, "set_term", new_term=place.day(9))
    place.forget_calls()
    place.settle()
    assert [kind for kind, _ in opened(place)] == ["lost"]
    assert place.requests() <= 2
    assert not [one for one in place.calls() if one["method"] == "tasks.task.add"]


def test_a_deleted_message_is_lost_and_the_rest_goes_on(place: Town) -> None:
    snapshot = place.http.post("/_sandbox/snapshot").json()["id"]
    made = place.register(CHAIR)
    place.drain()
    place.http.post("/_sandbox/restore", json={"id": snapshot}).raise_for_status()
    place.press(made.uuid, CHAIR, "acknowledge")
    place.settle()
    assert {kind for kind, _ in opened(place)} == {"lost"}


def test_a_closing_seen_while_our_own_write_was_in_doubt_is_not_undone(place: Town) -> None:
    uuid = to_head(place)
    place.poll()
    place.pace = SLOW
    (task,) = place.portal("tasks")
    place.press(uuid, HEAD, "request_extension", desired_term=place.day(9), reason=REASON)
    place.press(uuid, DEPUTY, "set_term", new_term=place.day(9))
    place.fault(method="tasks.task.update", nth=1, action="exec_then_lose")
    place.drain()
    later(place, 5)
    place.as_person("task/result", HEAD, task_id=task["id"], text="Справка")
    place.as_person("task/complete", HEAD, task_id=task["id"])
    for _ in range(80):
        place.poll()
        place.drain()
        later(place, 5)
    assert types(place, uuid).count("TaskClosed") == 1
    assert types(place, uuid).count("ResultReceived") == 1
    (task,) = place.portal("tasks")
    assert task["status"] == 5


def test_a_file_that_cannot_be_read_stops_nobody(sqlite_place: Town) -> None:
    place = sqlite_place
    made = place.register(CHAIR)
    sha256 = place.document(made.uuid).files[0].sha256
    place.office.content.path(sha256).unlink()
    place.settle()
    assert [kind for kind, _ in opened(place)] == ["refused"]
    assert len(place.portal("items")) == 1
    place.press(made.uuid, CHAIR, "execute", executors=(str(HEAD),), term=place.day(5))
    place.settle()
    assert any(HEAD in one["members"] for one in place.portal("messages"))


def test_a_refused_file_does_not_keep_tasks_and_cards_away(place: Town) -> None:
    place.fault(method="disk.folder.uploadFile", nth=1, count=0, action="status", status=413, body="html")
    made = place.register(CHAIR)
    place.drain()
    place.press(made.uuid, CHAIR, "execute", executors=(str(HEAD),), term=place.day(5))
    place.drain()
    place.press(made.uuid, HEAD, "execute", executors=(str(HEAD),), term=place.day(5))
    place.settle()
    assert [kind for kind, _ in opened(place)] == ["refused"]
    assert len(place.portal("tasks")) == 1
    assert any(HEAD in one["members"] for one in place.portal("messages"))
    place.heal()
    place.press(made.uuid, HEAD, "report", summary="Готово")
    place.settle()
    assert len([one for one in place.portal("files") if one["size"]]) == 1


def test_after_a_long_outage_a_conflict_is_still_looked_up(place: Town) -> None:
    """Forty attempts at a portal that was away are no attempts at the name that is taken in it."""
    place.register(CHAIR)
    place.fault(method="*", action="drop", count=0)
    for _ in range(9):
        place.drain()
        place.clock.offset += timedelta(seconds=301)
    place.heal()
    folder = next(iter(place.session._map.processes.values())).folder_id
    hook(place, "disk.folder.addSubFolder", id=folder, data={"NAME": "Вх-1-26"})
    place.settle()
    assert opened(place) == []
    assert len([one for one in place.portal("files") if one["size"]]) == 1


def quiet(place: Town) -> None:
    """The portal agrees with us: nothing is put back, nothing is sent."""
    for _ in range(3):
        assert place.poll().put_back == 0
        assert place.drain().rounds == 0
        later(place, 5)
    assert opened(place) == []


@pytest.mark.parametrize("text", [
    NASTY, "хвост   и\tтабуляция ", "я" * 240, "[B]жирно[/B] [[двойные]] #br# >>цитата",
])
def test_every_text_arrives_as_text_and_stays(place: Town, text: str) -> None:
    made = place.register(CHAIR, title=text, correspondent=text)
    place.settle()
    for author, executor in ((CHAIR, HEAD), (HEAD, HEAD)):
        place.press(made.uuid, author, "execute", executors=(str(executor),), term=place.day(5), text=text)
        place.settle()
    (item,), (task,) = place.portal("items"), place.portal("tasks")
    written = " ".join(text.split())
    assert written in item.values()
    assert len(item["title"]) <= 100
    shown = [task["description"], *(one["text"] for one in place.portal("messages"))]
    for tag in ("[SEND", "[B]жирно", "#br#", "\n>>"):
        assert not any(tag in one for one in shown)
    quiet(place)


def test_a_revoked_webhook_blocks_and_recovers(place: Town) -> None:
    place.fault(method="*", nth=1, count=0, action="status", status=401, body="json")
    place.register(CHAIR)
    place.drain()
    assert [kind for kind, _ in opened(place)] == ["portal"]
    place.heal()
    place.settle()
    assert len(place.portal("items")) == 1
    assert opened(place) == []


def test_a_foreign_thing_with_a_number_of_ours_is_never_written(place: Town) -> None:
    """The portal was restored from an older copy and gave our numbers away."""
    snapshot = place.http.post("/_sandbox/snapshot").json()["id"]
    uuid = to_head(place)
    place.poll()
    place.http.post("/_sandbox/restore", json={"id": snapshot}).raise_for_status()
    hook(place, "crm.item.add", entityTypeId=1046, fields={"title": "Чужая карточка"})
    hook(place, "tasks.task.add", fields={"TITLE": "Чужая задача", "RESPONSIBLE_ID": 7, "CREATED_BY": 6})
    before = (place.portal("items"), place.portal("tasks"))
    place.poll()
    place.press(uuid, HEAD, "request_extension", desired_term=place.day(9), reason=REASON)
    place.press(uuid, DEPUTY, "set_term", new_term=place.day(9))
    place.settle()
    place.poll()
    place.settle()
    assert {kind for kind, _ in opened(place)} == {"lost"}
    assert (place.portal("items"), place.portal("tasks")) == before


def test_many_changes_in_one_poll(sqlite_place: Town) -> None:
    place = sqlite_place
    for _ in range(55):
        made = place.register(HEAD)
        place.press(made.uuid, HEAD, "execute", executors=(str(HEAD),), term=place.day(5))
    place.settle()
    assert len(place.portal("items")) == 55
    assert len(place.portal("tasks")) == 55
    place.poll()
    later(place, 299)
    place.poll()
    for task in place.portal("tasks"):
        place.as_person("task/deadline", CLERK, task_id=task["id"], deadline=f"{place.day(8)}T18:00")
    assert place.poll().put_back == 55
    place.settle()
    place.poll()
    place.settle()
    assert opened(place) == []


def test_two_workers(place: Town) -> None:
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
