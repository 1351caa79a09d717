"""What a real office and a real portal do to us that no happy path has: each test was once a lost fact,
a second object or a loop without an end."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from b24flow.core.commands import Command
from b24flow.core.document import FileRef
from b24flow.core.numbering import NumberFormat
from b24flow.core.projection import Ending, Outcome
from b24flow.errors import PortalBlocked
from b24flow.ids import new_id
from b24flow.services.act import start
from b24flow.services.dispatch import Pace
from b24flow.store import incidents, journal
from tests.scenario.plays import REASON
from tests.scenario.test_life import to_head
from tests.town import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, OFFICE_HEAD, SPECIALIST, Catalogue, Town

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


def test_a_comment_whose_reply_is_lost_is_added_once(sqlite_place: Town) -> None:
    place = sqlite_place
    to_head(place)
    place.poll()
    (item,) = place.portal("items")
    name = next(one for one in item if one.endswith("Correspondent"))
    place.as_person("item/field", CLERK, entity_type_id=1046, item_id=item["id"], name=name, value="Чужой")
    assert place.poll().put_back == 1
    place.fault(method="crm.timeline.comment.add", nth=1, action="exec_then_lose")
    place.settle()
    assert len(place.portal("comments")) == 1


def test_a_deleted_task_is_lost_at_once_and_not_asked_for_again(sqlite_place: Town) -> None:
    place = sqlite_place
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


def test_a_deleted_message_is_lost_and_the_rest_goes_on(sqlite_place: Town) -> None:
    place = sqlite_place
    snapshot = place.http.post("/_sandbox/snapshot").json()["id"]
    made = place.register(CHAIR)
    place.drain()
    place.http.post("/_sandbox/restore", json={"id": snapshot}).raise_for_status()
    place.press(made.uuid, CHAIR, "acknowledge")
    place.settle()
    assert {kind for kind, _ in opened(place)} == {"lost"}


def test_a_closing_seen_while_our_own_write_was_in_doubt_is_not_undone(sqlite_place: Town) -> None:
    place = sqlite_place
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


def test_a_refused_file_does_not_keep_tasks_and_cards_away(sqlite_place: Town) -> None:
    place = sqlite_place
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


def test_after_a_long_outage_a_conflict_is_still_looked_up(sqlite_place: Town) -> None:
    """Attempts at a portal that was away are no attempts at the name that is taken in it."""
    place = sqlite_place
    place.register(CHAIR)
    place.fault(method="*", action="status", status=429, body="html", count=0)
    for _ in range(9):
        place.drain()
        place.clock.offset += timedelta(seconds=301)
    place.heal()
    folder = next(iter(place.session._map.processes.values())).folder_id
    assert hook(place, "disk.folder.addSubFolder", id=folder, data={"NAME": "Вх-1-26"})["result"]
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
def test_every_text_arrives_as_text_and_stays(sqlite_place: Town, text: str) -> None:
    place = sqlite_place
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


def test_a_revoked_webhook_blocks_and_recovers(sqlite_place: Town) -> None:
    place = sqlite_place
    place.fault(method="*", nth=1, count=0, action="status", status=401, body="json")
    place.register(CHAIR)
    place.drain()
    assert [kind for kind, _ in opened(place)] == ["portal"]
    place.heal()
    place.settle()
    assert len(place.portal("items")) == 1
    assert opened(place) == []


def test_a_foreign_thing_with_a_number_of_ours_is_never_written(sqlite_place: Town) -> None:
    """The portal was restored from an older copy and gave our numbers away."""
    place = sqlite_place
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
    for _ in range(51):
        made = place.register(HEAD)
        place.press(made.uuid, HEAD, "execute", executors=(str(HEAD),), term=place.day(5))
    place.settle()
    assert len(place.portal("items")) == 51
    assert len(place.portal("tasks")) == 51
    place.poll()
    later(place, 299)
    place.poll()
    for task in place.portal("tasks"):
        place.as_person("task/deadline", CLERK, task_id=task["id"], deadline=f"{place.day(8)}T18:00")
    assert place.poll().put_back == 51
    place.settle()
    place.poll()
    place.settle()
    assert opened(place) == []


def test_a_revoked_webhook_is_noticed_with_nothing_to_send(sqlite_place: Town) -> None:
    place = sqlite_place
    place.poll()
    place.fault(method="*", nth=1, count=0, action="status", status=401, body="json")
    for _ in range(2):
        with pytest.raises(PortalBlocked):
            place.poll()
    assert [kind for kind, _ in opened(place)] == ["portal"]
    place.heal()
    place.poll()
    assert opened(place) == []


def test_ten_quick_actions_are_one_projection(sqlite_place: Town) -> None:
    place = sqlite_place
    made = place.register(CHAIR)
    place.drain()
    place.press(made.uuid, CHAIR, "execute", executors=(str(DEPUTY),), term=place.day(10))
    place.press(made.uuid, DEPUTY, "execute", executors=(str(HEAD), str(DEPUTY)), lead=str(HEAD),
                term=place.day(5))
    place.press(made.uuid, HEAD, "execute", executors=(str(HEAD),), term=place.day(5))
    for day in (6, 7, 8):
        place.press(made.uuid, HEAD, "request_extension", desired_term=place.day(day), reason=REASON)
        place.press(made.uuid, DEPUTY, "set_term", new_term=place.day(day))
    place.forget_calls()
    place.drain()
    assert place.requests() == 1
    quiet(place)


def test_six_levels(sqlite_place: Town) -> None:
    place = sqlite_place
    made = place.register(CHAIR)
    chain = [CHAIR, DEPUTY, HEAD, SPECIALIST, LAWYER, OFFICE_HEAD, CLERK]
    for author, executor in pairwise(chain):
        place.press(made.uuid, author, "execute", executors=(str(executor),), term=place.day(10))
        place.settle()
    place.press(made.uuid, CLERK, "execute", executors=(str(CLERK),), term=place.day(10))
    place.settle()
    place.press(made.uuid, CLERK, "request_extension", desired_term=place.day(15), reason=REASON)
    place.settle()
    for user in reversed(chain[1:-1]):
        place.press(made.uuid, user, "escalate")
        place.settle()
    place.press(made.uuid, CHAIR, "set_term", new_term=place.day(15))
    place.settle()
    (task,) = place.portal("tasks")
    assert str(task["deadline"])[:10] == place.day(15)
    assert task["created_by"] == OFFICE_HEAD
    quiet(place)


@pytest.mark.parametrize(("method", "nth"), [
    ("disk.folder.uploadFile", 3), ("batch", 2), ("batch", 3), ("imbot.v2.Chat.Message.send", 3),
    ("tasks.task.add", 2),
])
def test_a_later_reply_of_a_wide_letter_is_lost(sqlite_place: Town, method: str, nth: int) -> None:
    """Three files with forbidden signs in their name, two reviewers, two executors of each."""
    place = sqlite_place
    place.fault(method=method, nth=nth, action="exec_then_lose")
    uuid = start(place.office, "incoming", Command(
        id=new_id(), action="register", actor=CLERK, files=tuple(scan(place, n) for n in range(3)),
        form={"correspondent": "Министерство", "received_on": place.today(), "title": "Письмо",
              "kind": "ministry", "reviewers": (str(CHAIR), str(DEPUTY))},
    )).uuid
    place.settle()
    both = (HEAD, LAWYER)
    for user, executors in ((CHAIR, both), (DEPUTY, both), *((one, (one,)) for one in both * 2)):
        place.press(uuid, user, "execute", executors=tuple(map(str, executors)), lead=str(executors[0]),
                    term=place.day(5))
        place.settle()
    assert len([one for one in place.portal("files") if one["size"]]) == 3
    keys = [one["xml_id"] for one in place.portal("tasks")]
    assert (len(keys), len(set(keys))) == (4, 4)
    assert len(place.portal("items")) == 1
    quiet(place)


def scan(place: Town, number: int) -> FileRef:
    sha256, size = place.office.content.put(f"%PDF {number}".encode())
    return FileRef(id=new_id(), name="Скан: «1/2»?.pdf", sha256=sha256, size=size, mime="application/pdf",
                   part="files", added_by=CLERK, added_at=place.clock.now())


def test_three_files_are_three_requests_more(sqlite_place: Town) -> None:
    place = sqlite_place
    place.forget_calls()
    start(place.office, "incoming", Command(
        id=new_id(), action="register", actor=CLERK, files=tuple(scan(place, n) for n in range(3)),
        form={"correspondent": "Министерство", "received_on": place.today(), "title": "Письмо",
              "kind": "ministry", "reviewers": (str(CHAIR), str(DEPUTY), str(HEAD))},
    ))
    place.drain()
    assert place.requests() == 4


def test_more_bot_events_than_one_reading_brings(sqlite_place: Town) -> None:
    place = sqlite_place
    for number in range(110):
        say(place, CHAIR, f"привет {number}")
    assert [place.poll().events for _ in range(3)] == [100, 10, 0]
    place.settle()
    answered = [one for one in place.portal("messages") if "привет" not in one["text"]]
    assert len(answered) == 110
    assert opened(place) == []


def say(place: Town, user: int, text: str) -> None:
    bot = json.loads(place.http.get("/_sandbox/state/bots").text)[0]["id"]
    place.as_person("write", user, dialog_id=str(bot), text=text)


def test_a_look_up_that_is_refused_proves_nothing(
    sqlite_place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = sqlite_place
    made = place.register(CHAIR)
    place.fault(method="crm.item.add", nth=1, action="exec_then_lose")
    with monkeypatch.context() as patch:
        patch.setattr(place.session, "look_up", lambda asked: [
            Outcome(ending=Ending.REJECTED, text="нет доступа") for _ in asked])
        place.drain()
    assert {kind for kind, _ in opened(place)} == {"refused"}
    place.press(made.uuid, CHAIR, "acknowledge")
    place.settle()
    assert len(place.portal("items")) == 1


def test_a_task_closed_while_its_making_was_in_doubt_is_not_reopened(sqlite_place: Town) -> None:
    place = sqlite_place
    place.pace = SLOW
    made = place.register(DEPUTY)
    place.settle()
    place.press(made.uuid, DEPUTY, "execute", executors=(str(HEAD),), term=place.day(5))
    place.settle()
    place.poll()
    place.fault(method="tasks.task.add", nth=1, action="exec_then_lose")
    place.press(made.uuid, HEAD, "execute", executors=(str(HEAD),), term=place.day(5))
    place.drain()
    (task,) = place.portal("tasks")
    later(place, 10)
    place.as_person("task/result", HEAD, task_id=task["id"], text="Справка")
    place.as_person("task/complete", HEAD, task_id=task["id"])
    for _ in range(60):
        place.poll()
        place.drain()
        later(place, 5)
    assert types(place, made.uuid).count("TaskClosed") == 1
    assert types(place, made.uuid).count("ResultReceived") == 1
    assert len(place.portal("tasks")) == 1
    quiet(place)


def test_a_portal_some_minutes_older_is_brought_up_again(sqlite_place: Town) -> None:
    place = sqlite_place
    uuid = to_head(place)
    place.poll()
    snapshot = place.http.post("/_sandbox/snapshot").json()["id"]
    place.press(uuid, HEAD, "request_extension", desired_term=place.day(9), reason=REASON)
    place.press(uuid, DEPUTY, "set_term", new_term=place.day(9))
    place.settle()
    place.poll()
    before = types(place, uuid)
    place.http.post("/_sandbox/restore", json={"id": snapshot}).raise_for_status()
    place.poll()
    place.settle()
    (task,), (item,) = place.portal("tasks"), place.portal("items")
    assert str(task["deadline"])[:10] == place.day(9)
    assert any(str(value)[:10] == place.day(9) for name, value in item.items() if "ChangedTerm" in name)
    assert types(place, uuid) == before


def test_a_task_reopened_by_hand_is_completed_again_with_a_note(sqlite_place: Town) -> None:
    place = sqlite_place
    to_head(place)
    place.poll()
    (task,) = place.portal("tasks")
    place.as_person("task/result", HEAD, task_id=task["id"], text="Справка")
    place.as_person("task/complete", HEAD, task_id=task["id"])
    place.poll()
    place.settle()
    later(place, 10)
    hook(place, "tasks.task.renew", taskId=task["id"])
    place.poll()
    place.settle()
    later(place, 130)
    assert place.portal("tasks")[0]["status"] == 5
    assert [("возобновлена" in one["text"]) for one in place.portal("comments")] == [True]
    quiet(place)


def test_numbers_that_come_again_every_year_have_folders_of_their_own(sqlite_place: Town) -> None:
    place = sqlite_place
    incoming = place.office.process("incoming")
    assert incoming.numbering is not None
    plain = replace(incoming, numbering=replace(incoming.numbering, format=NumberFormat("Вх/{n}")))
    office = replace(place.office, definitions=Catalogue({"incoming": plain}))
    place = replace(place, office=office)
    for moment in (datetime(2026, 12, 30, 9, tzinfo=UTC), datetime(2027, 1, 12, 9, tzinfo=UTC)):
        place.clock.offset = moment - datetime.now(UTC)
        place.office.people.forget()
        place.register(CHAIR)
        place.settle()
    folders = {str(one["path"]).rsplit("/", 1)[0] for one in place.portal("files") if one["size"]}
    assert {one.rsplit("/", 1)[1] for one in folders} == {"Вх-1 (2026)", "Вх-1 (2027)"}
