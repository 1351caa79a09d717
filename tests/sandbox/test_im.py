"""The messenger of people: who may do what in a chat, what is read, notifications."""

from __future__ import annotations

from typing import Any

import pytest

from b24flow.sandbox.seed import demo_organisation
from tests.sandbox.conftest import Box

PERSON = 5
HOOK = f"/rest/{PERSON}/persons0hook/"


@pytest.fixture
def box(box: Box) -> Box:
    """A portal where an ordinary employee has a webhook too."""
    seed = demo_organisation()
    seed["webhooks"].append({"user_id": PERSON, "code": "persons0hook"})
    box.control("reset", {"seed": seed})
    return box


def as_person(box: Box, method: str, params: Any = None) -> Any:
    """Call a method as an ordinary employee; returns the result, or the error's status and code."""
    answer = box.http.post(HOOK + method, json=params or {})
    body = answer.json()
    return (answer.status_code, body["error"]) if "error" in body else body["result"]


def group(box: Box, **extra: Any) -> int:
    made: int = box.ok("im.chat.add", {"TITLE": "Совет", "USERS": [PERSON, 6], **extra})
    return made


def texts(box: Box, number: int) -> list[str]:
    got = box.ok("im.dialog.messages.get", {"DIALOG_ID": f"chat{number}"})["messages"]
    return [row["text"] for row in got][::-1]


def test_a_chat_is_found_by_its_outer_object(box: Box) -> None:
    owner = {"ENTITY_TYPE": "CRM", "ENTITY_ID": "DYNAMIC_1046|29"}
    number = group(box, **owner)
    assert box.ok("im.chat.get", owner) == {"ID": number}
    assert box.ok("im.chat.get", {"ENTITY_TYPE": "CRM", "ENTITY_ID": "DYNAMIC_1046|30"}) is None
    shown = box.ok("im.dialog.get", {"DIALOG_ID": f"chat{number}"})
    assert (shown["type"], shown["owner"], shown["role"]) == ("crm", 1, "owner")
    assert shown["entity_link"]["url"] == "/crm/type/1046/details/29/"
    assert group(box, **owner) != number  # a repeat makes another chat


def test_strangers_see_and_do_nothing(box: Box) -> None:
    number = box.ok("im.chat.add", {"USERS": [6]})
    chat = {"CHAT_ID": number}
    assert as_person(box, "im.dialog.get", {"DIALOG_ID": f"chat{number}"}) == (403, "ACCESS_ERROR")
    assert as_person(box, "im.chat.updateTitle", {**chat, "TITLE": "x"}) == (403, "ACCESS_ERROR")
    assert as_person(box, "im.chat.user.list", chat) == []
    assert as_person(box, "im.dialog.read", {"DIALOG_ID": f"chat{number}"}) is False
    assert as_person(box, "im.chat.leave", chat) == (403, "ACCESS_DENIED_KICK")
    say = {"DIALOG_ID": f"chat{number}", "MESSAGE": "x"}
    assert as_person(box, "im.message.add", say) == (400, "ACCESS_ERROR")
    assert as_person(box, "im.chat.mute", chat) == (403, "ACCESS_ERROR")


def test_an_open_chat_may_be_read_by_everybody(box: Box) -> None:
    number = box.ok("im.chat.add", {"TYPE": "OPEN", "USERS": [6]})
    assert as_person(box, "im.dialog.get", {"DIALOG_ID": f"chat{number}"})["type"] == "open"
    say = {"DIALOG_ID": f"chat{number}", "MESSAGE": "x"}
    assert as_person(box, "im.message.add", say) == (400, "ACCESS_ERROR")


def test_whoever_joins_does_not_see_what_was_before(box: Box) -> None:
    number = box.ok("im.chat.add", {"USERS": [6]})
    box.ok("im.message.add", {"DIALOG_ID": f"chat{number}", "MESSAGE": "Раньше"})
    box.ok("im.chat.user.add", {"CHAT_ID": number, "USERS": [PERSON]})
    box.ok("im.message.add", {"DIALOG_ID": f"chat{number}", "MESSAGE": "Позже"})
    seen = as_person(box, "im.dialog.messages.get", {"DIALOG_ID": f"chat{number}"})["messages"]
    assert seen[0]["text"] == "Позже"
    assert seen[-1]["params"]["CODE"] == ["CHAT_JOIN"]
    assert "Раньше" not in [row["text"] for row in seen]
    box.ok("im.chat.user.add", {"CHAT_ID": number, "USERS": [7], "HIDE_HISTORY": "N"})
    again = box.refused("im.chat.user.add", {"CHAT_ID": number, "USERS": [10_000]})
    assert again == (400, "WRONG_REQUEST")


def test_members_are_excluded_by_those_who_lead(box: Box) -> None:
    number = group(box)
    out = {"CHAT_ID": number, "USER_ID": 6}
    assert as_person(box, "im.chat.user.delete", out) == (403, "ACCESS_DENIED_KICK")
    assert box.refused("im.chat.user.delete", {**out, "USER_ID": 9}) == (400, "USER_NOT_FOUND")
    assert box.ok("im.chat.user.delete", out) is True
    assert box.ok("im.chat.user.list", {"CHAT_ID": number}) == [1, PERSON]
    assert as_person(box, "im.chat.setOwner", {**out, "USER_ID": PERSON}) == (400, "WRONG_REQUEST")
    assert box.ok("im.chat.setOwner", {**out, "USER_ID": PERSON}) is True
    assert box.ok("im.chat.leave", {"CHAT_ID": number}) is True
    assert as_person(box, "im.chat.user.list", {"CHAT_ID": number}) == [PERSON]


def test_a_dialogue_is_no_group(box: Box) -> None:
    box.ok("im.message.add", {"DIALOG_ID": str(PERSON), "MESSAGE": "x"})
    by_dialog = {"DIALOG_ID": str(PERSON), "TITLE": "x"}
    assert box.refused("im.chat.updateTitle", by_dialog) == (400, "DIALOG_ID_EMPTY")
    number = box.ok("im.dialog.get", {"DIALOG_ID": str(PERSON)})["id"]
    refused = box.refused("im.chat.updateTitle", {"CHAT_ID": number, "TITLE": "x"})
    assert refused == (403, "ACCESS_ERROR")
    assert box.refused("im.chat.leave", {"CHAT_ID": number}) == (403, "ACCESS_ERROR")


def test_a_chat_is_renamed_and_coloured(box: Box) -> None:
    number = group(box, COLOR="RED")
    assert box.ok("im.chat.updateTitle", {"DIALOG_ID": f"chat{number}", "TITLE": "  Малый совет "}) is True
    assert box.refused("im.chat.updateTitle", {"CHAT_ID": number, "TITLE": " "}) == (400, "TITLE_EMPTY")
    assert box.refused("im.chat.updateColor", {"CHAT_ID": number, "COLOR": "red"}) == (400, "WRONG_COLOR")
    same = {"CHAT_ID": number, "COLOR": "RED"}
    assert box.refused("im.chat.updateColor", same) == (400, "WRONG_REQUEST")
    assert box.ok("im.chat.updateColor", {**same, "COLOR": "MINT"}) is True
    bad = {"CHAT_ID": number, "AVATAR": "aGVsbG8="}
    assert box.refused("im.chat.updateAvatar", bad) == (400, "AVATAR_ERROR")
    shown = box.ok("im.dialog.get", {"DIALOG_ID": f"chat{number}"})
    assert (shown["name"], shown["color"]) == ("Малый совет", "#4ba984")


def test_messages_are_changed_by_their_authors(box: Box) -> None:
    number = group(box)
    mine = box.ok("im.message.add", {"DIALOG_ID": f"chat{number}", "MESSAGE": "Было"})
    foreign = {"MESSAGE_ID": mine, "MESSAGE": "Стало"}
    assert as_person(box, "im.message.update", foreign) == (403, "CANT_EDIT_MESSAGE")
    assert as_person(box, "im.message.delete", {"MESSAGE_ID": mine}) == (403, "CANT_EDIT_MESSAGE")
    assert box.ok("im.message.update", foreign) is True
    assert texts(box, number) == ["Стало"]
    theirs = as_person(box, "im.message.add", {"DIALOG_ID": f"chat{number}", "MESSAGE": "Ответ"})
    assert box.ok("im.message.delete", {"MESSAGE_ID": theirs}) is True  # the owner deletes any
    assert box.ok("im.message.update", {"MESSAGE_ID": mine, "MESSAGE": ""}) is True
    assert texts(box, number) == []
    assert box.refused("im.message.update", foreign) == (403, "CANT_EDIT_MESSAGE")


def test_a_reply_stays_within_its_chat(box: Box) -> None:
    here, there = group(box), group(box)
    first = box.ok("im.message.add", {"DIALOG_ID": f"chat{here}", "MESSAGE": "Вопрос"})
    reply = {"MESSAGE": "Ответ", "REPLY_ID": first}
    refused = box.refused("im.message.add", {"DIALOG_ID": f"chat{there}", **reply})
    assert refused == (400, "REPLY_FROM_OTHER_CHAT_ERROR")
    unknown = box.refused("im.message.add", {"DIALOG_ID": f"chat{here}", "MESSAGE": "x", "REPLY_ID": 1})
    assert unknown == (400, "REPLY_ACCESS_ERROR")
    box.ok("im.message.add", {"DIALOG_ID": f"chat{here}", **reply})
    got = box.ok("im.dialog.messages.get", {"DIALOG_ID": f"chat{here}"})["messages"]
    assert got[0]["params"]["REPLY_ID"] == first


def test_a_like_is_put_and_taken(box: Box) -> None:
    number = group(box)
    mine = {"MESSAGE_ID": box.ok("im.message.add", {"DIALOG_ID": f"chat{number}", "MESSAGE": "x"})}
    assert as_person(box, "im.message.like", mine) is True
    got = box.ok("im.dialog.messages.get", {"DIALOG_ID": f"chat{number}"})["messages"]
    assert got[0]["params"]["LIKE"] == [PERSON]
    put = {**mine, "ACTION": "plus"}
    assert as_person(box, "im.message.like", put) == (400, "WITHOUT_CHANGES")
    assert as_person(box, "im.message.like", mine) is True
    assert as_person(box, "im.message.like", {**mine, "ACTION": "minus"}) == (400, "WITHOUT_CHANGES")


def test_counters_follow_reading(box: Box) -> None:
    number = group(box)
    for text in "абв":
        last = box.ok("im.message.add", {"DIALOG_ID": f"chat{number}", "MESSAGE": text})
    box.ok("im.message.add", {"DIALOG_ID": str(PERSON), "MESSAGE": "лично"})
    box.ok("im.notify.system.add", {"USER_ID": PERSON, "MESSAGE": "срок"})
    before = as_person(box, "im.counters.get")
    assert before["TYPE"] == {"ALL": 5, "NOTIFY": 1, "CHAT": 3, "LINES": 0, "DIALOG": 1, "MESSENGER": 4}
    assert before["DIALOG"] == {"1": 1}
    as_person(box, "im.chat.mute", {"CHAT_ID": number})
    muted = as_person(box, "im.counters.get")
    assert (muted["TYPE"]["CHAT"], muted["CHAT_MUTED"]) == (0, {str(number): 3})
    read = as_person(box, "im.dialog.read", {"DIALOG_ID": f"chat{number}", "MESSAGE_ID": last - 1})
    assert (read["lastId"], read["counter"]) == (last - 1, 1)
    assert as_person(box, "im.dialog.unread", {"DIALOG_ID": f"chat{number}", "MESSAGE_ID": last - 1}) is True
    assert as_person(box, "im.dialog.get", {"DIALOG_ID": f"chat{number}"})["counter"] == 2
    assert as_person(box, "im.dialog.read.all") is True
    assert as_person(box, "im.counters.get")["TYPE"]["MESSENGER"] == 0
    assert box.ok("im.dialog.get", {"DIALOG_ID": f"chat{number}"})["last_message_views"]["count_of_viewers"]


def test_the_recent_list_is_ordered_pinned_and_hidden(box: Box) -> None:
    old, new = group(box), group(box)
    box.control("clock", {"now": "2026-09-01T10:00:00"})
    box.ok("im.message.add", {"DIALOG_ID": f"chat{old}", "MESSAGE": "x"})
    box.control("clock", {"advance": 60})
    box.ok("im.message.add", {"DIALOG_ID": f"chat{new}", "MESSAGE": "y"})

    def ids() -> list[Any]:
        return [row["id"] for row in box.ok("im.recent.get")]

    assert ids() == [f"chat{new}", f"chat{old}"]
    box.ok("im.recent.pin", {"DIALOG_ID": f"chat{old}"})
    assert ids() == [f"chat{old}", f"chat{new}"]
    box.ok("im.recent.hide", {"DIALOG_ID": f"chat{new}"})
    assert ids() == [f"chat{old}"]
    as_person(box, "im.message.add", {"DIALOG_ID": f"chat{new}", "MESSAGE": "z"})
    assert ids() == [f"chat{old}", f"chat{new}"]
    box.ok("im.recent.unread", {"DIALOG_ID": f"chat{old}"})
    unread = box.ok("im.recent.list", {"UNREAD_ONLY": "Y"})["items"]
    assert {row["id"] for row in unread} == {f"chat{old}", f"chat{new}"}
    assert box.ok("im.recent.list", {"LIMIT": 1})["hasMore"] is True


def test_messages_are_found_by_words_and_by_days(box: Box) -> None:
    number = group(box)
    box.control("clock", {"now": "2026-09-01T10:00:00"})
    first = box.ok("im.message.add", {"DIALOG_ID": f"chat{number}", "MESSAGE": "Договор поставки"})
    box.control("clock", {"advance": 86_400})
    second = box.ok("im.message.add", {"DIALOG_ID": f"chat{number}", "MESSAGE": "Договор аренды"})

    def found(**asked: Any) -> list[int]:
        got = box.ok("im.dialog.messages.search", {"CHAT_ID": number, **asked})
        return [row["id"] for row in got["messages"]]

    assert found(SEARCH_MESSAGE="договор") == [second, first]
    assert found(SEARCH_MESSAGE="договор", ORDER={"ID": "ASC"}, LIMIT=1) == [first]
    assert found(SEARCH_MESSAGE="поставки") == [first]
    assert found(DATE="2026-09-02T00:00:00+03:00") == [second]
    assert box.refused("im.dialog.messages.search") == (400, "CHAT_ID_EMPTY")


def test_pages_of_messages_take_numbers_only(box: Box) -> None:
    bad = {"DIALOG_ID": str(PERSON), "FIRST_ID": "abc"}
    assert box.refused("im.dialog.messages.get", bad) == (400, "FIRST_ID_STRING")
    assert box.refused("im.dialog.messages.get", {"DIALOG_ID": "chat"}) == (400, "DIALOG_ID_EMPTY")


def test_a_message_becomes_a_task_and_a_chat(box: Box) -> None:
    number = group(box)
    said = box.ok("im.message.add", {"DIALOG_ID": f"chat{number}", "MESSAGE": "Подготовить справку"})
    given = {"MESSAGE_ID": said, "DIALOG_ID": f"chat{number}"}
    assert box.ok("im.message.share", {**given, "TYPE": "TASK"}) is True
    tasks = box.look("state/tasks")
    assert [(row["title"], row["responsible_id"]) for row in tasks] == [("Подготовить справку", 1)]
    assert box.ok("im.message.share", {**given, "TYPE": "CHAT"}) is True
    assert box.refused("im.message.share", {**given, "TYPE": "LETTER"}) == (400, "PARAMS_ERROR")


def test_wrong_blocks_are_refused(box: Box) -> None:
    base = {"DIALOG_ID": str(PERSON), "MESSAGE": "x"}
    assert box.refused("im.message.add", {**base, "ATTACH": "text"}) == (400, "ATTACH_ERROR")
    huge = [{"MESSAGE": "x" * 60_000}]
    assert box.refused("im.message.add", {**base, "ATTACH": huge}) == (400, "ATTACH_OVERSIZE")
    assert box.refused("im.message.add", {**base, "MENU": [{"LINK": "/"}]}) == (400, "MENU_ERROR")
    wrote = box.ok("im.message.add", {**base, "KEYBOARD": '{"BUTTONS":[{"TEXT":"Да","LINK":"/"}]}'})
    shown = box.ok("im.dialog.messages.get", {"DIALOG_ID": str(PERSON)})["messages"][0]
    assert (shown["id"], shown["params"]["KEYBOARD"]["BUTTONS"][0]["TEXT"]) == (wrote, "Да")
    assert box.refused("im.message.add", {"DIALOG_ID": "9999", "MESSAGE": "x"}) == (400, "USER_NOT_FOUND")
    assert box.refused("im.message.add", {"DIALOG_ID": str(PERSON)}) == (400, "MESSAGE_EMPTY")


def test_tags_are_kept_for_applications_only(box: Box) -> None:
    app = box.install_app()
    given = {"USER_ID": 1, "MESSAGE": "Срок сегодня", "TAG": "doc|1", "SUB_TAG": "docs"}
    hook = [box.ok("im.notify.system.add", given) for _ in range(2)]
    first, second = (app.ok("im.notify.system.add", given) for _ in range(2))
    kept = {row["id"]: row for row in box.ok("im.notify.get")["notifications"]}
    assert set(kept) == {*hook, second}
    assert first not in kept
    assert kept[second]["notify_tag"] == f"MP|{app.app['client_id']}|doc|1"
    assert kept[second]["text"].startswith("Приложение\n")
    assert box.refused("im.notify.delete", {"TAG": "doc|1"}) == (403, "ACCESS_DENIED")
    assert box.ok("im.notify.delete", {"TAG": "doc|1", "CLIENT_ID": "any"}) is True
    assert app.ok("im.notify.delete", {"SUB_TAG": "docs"}) is True
    assert {row["id"] for row in box.ok("im.notify.get")["notifications"]} == set(hook)


def test_only_the_recipient_removes_a_notification(box: Box) -> None:
    foreign = box.ok("im.notify.system.add", {"USER_ID": PERSON, "MESSAGE": "x"})
    assert box.ok("im.notify.delete", {"ID": foreign}) is False
    assert as_person(box, "im.notify.delete", {"ID": foreign}) is True
    assert as_person(box, "im.notify.get") == {"notifications": [], "users": []}
    assert box.refused("im.notify.delete") == (400, "PARAMS_ERROR")


def test_notifications_are_read_paged_and_found(box: Box) -> None:
    ids = [box.ok("im.notify.personal.add", {"USER_ID": 1, "MESSAGE": f"Дело {n}"}) for n in range(4)]
    assert box.ok("im.notify.read", {"ID": ids[2]}) is True  # it and the later ones
    read = {row["id"]: row["notify_read"] for row in box.ok("im.notify.get")["notifications"]}
    assert read == {ids[0]: "N", ids[1]: "N", ids[2]: "Y", ids[3]: "Y"}
    box.ok("im.notify.read", {"ID": ids[2], "ACTION": "N", "ONLY_CURRENT": "Y"})
    assert box.ok("im.notify.get")["total_unread_count"] == 3
    page = box.ok("im.notify.get", {"LAST_ID": ids[2], "LAST_TYPE": 3, "LIMIT": 1})["notifications"]
    assert [row["id"] for row in page] == [ids[1]]
    assert box.refused("im.notify.get", {"LAST_ID": 1}) == (400, "LAST_ID_AND_LAST_TYPE")
    found = box.ok("im.notify.history.search", {"SEARCH_TEXT": "Дело 3"})
    assert (found["total_results"], found["notifications"][0]["id"]) == (1, ids[3])
    assert box.refused("im.notify.history.search", {"SEARCH_TEXT": "де"}) == (400, "SEARCH_TEXT_ERROR")
    assert box.refused("im.notify.read.list", {"IDS": 5}) == (400, "PARAMS_ERROR")
    box.ok("im.notify.read.list", {"IDS": [ids[0], 0, ids[1]]})
    assert box.ok("im.notify.get")["total_unread_count"] == 2
    assert box.ok("im.notify.read.all") == {"result": True, "newCounter": 0}


def test_statuses_and_lists_of_people(box: Box) -> None:
    assert box.ok("im.user.status.get") is False
    assert box.refused("im.user.status.set", {"STATUS": "DND"}) == (400, "STATUS_ERROR")
    box.ok("im.user.status.set", {"STATUS": "dnd"})
    assert box.ok("im.user.get")["status"] == "dnd"
    box.control("clock", {"now": "2026-09-01T10:00:00"})
    box.ok("im.user.status.idle.start", {"AGO": 15})
    assert box.ok("im.user.get")["idle"] == "2026-09-01T09:45:00+03:00"
    box.ok("im.user.status.idle.end")
    assert box.ok("im.user.get")["idle"] is False
    by_id = box.ok("im.user.list.get", {"ID": "[5,9999]"})
    assert (by_id["5"]["id"], by_id["9999"]) == (5, None)
    assert box.refused("im.user.list.get", {"ID": "five"}) == (400, "INVALID_FORMAT")
