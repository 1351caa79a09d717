"""The table of methods and the builders of calls: documented names, our keys, documented fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from b24flow.portal import calls
from b24flow.portal.calls import TaskFields
from b24flow.portal.methods import METHODS, Call, rows

MOSCOW = timezone(timedelta(hours=3))
_WRITING = (
    "add",
    "update",
    "delete",
    "register",
    "send",
    "complete",
    "renew",
    "uploadfile",
    "addfolder",
)


def test_writes_are_told_from_reads_by_their_names():
    for name, fact in METHODS.items():
        last = name.rpartition(".")[2].lower()
        writes = last in _WRITING or last == "addsubfolder" or name == "batch"
        assert fact.write is writes, name


def test_every_row_names_its_own_page_and_scope():
    pages = [fact.page for fact in METHODS.values()]
    assert len(set(pages)) == len(pages)
    assert all(page.endswith(".md") for page in pages)
    assert all(fact.scope for fact in METHODS.values())
    assert len({name.lower() for name in METHODS}) == len(METHODS)


def test_nothing_undocumented_is_sent():
    with pytest.raises(ValueError, match=r"crm\.item\.delete"):
        Call("crm.item.delete", {"entityTypeId": 1, "id": 2})
    with pytest.raises(ValueError, match="no documented parameter FIELDS"):
        Call("tasks.task.add", {"FIELDS": {}})
    with pytest.raises(ValueError, match="not a method of the product"):
        Call("tasks.task.delete", {"taskId": 1})


@pytest.mark.parametrize(
    ("method", "result", "found"),
    [
        ("crm.item.list", {"items": [{"id": 1}]}, [{"id": 1}]),
        ("crm.item.list", [], []),
        ("crm.item.list", {}, []),
        ("user.get", [{"ID": "1"}], [{"ID": "1"}]),
        ("imbot.v2.Event.get", {"events": [], "nextOffset": 5}, []),
    ],
)
def test_rows_are_found(method: str, result: object, found: list):
    assert rows(method, result) == found


@pytest.mark.parametrize(
    ("method", "result"),
    [
        ("crm.item.list", {"items": "x"}),
        ("crm.item.list", {"items": [1]}),
        ("user.get", {"ID": "1"}),
        ("user.get", None),
        ("profile", {}),
    ],
)
def test_another_shape_is_no_rows(method: str, result: object):
    with pytest.raises(ValueError, match="rows"):
        rows(method, result)


def test_a_registry_item():
    assert calls.crm_item_add(177, xml_id="b24flow:i:u", fields={"title": "т", "xmlId": "x"}) == (
        Call(
            "crm.item.add",
            {"entityTypeId": 177, "fields": {"title": "т", "xmlId": "b24flow:i:u"}},
        )
    )
    assert calls.crm_item_update(177, 29, {"stageId": "DT177_9:NEW"}).params == {
        "entityTypeId": 177,
        "id": 29,
        "fields": {"stageId": "DT177_9:NEW"},
    }
    assert calls.crm_item_find(177, "k", select=["id"]).params == {
        "entityTypeId": 177,
        "select": ["id", "xmlId"],
        "filter": {"=xmlId": "k", ">id": 0},
        "order": {"id": "ASC"},
        "start": -1,
    }
    assert calls.crm_binding(177, 29) == "Tb1_29"


def test_a_comment_of_a_registry_item():
    assert calls.comment_add(177, 29, "т").params == {
        "fields": {"ENTITY_ID": 29, "ENTITY_TYPE": "dynamic_177", "COMMENT": "т"}
    }
    listed = calls.comment_list(177, 29).params
    assert listed["filter"] == {"ENTITY_ID": 29, "ENTITY_TYPE": "dynamic_177"}
    assert listed["order"] == {"ID": "DESC"}


def test_a_task_is_written_as_documented():
    fields = TaskFields(
        title="Исполнить",
        description="[B]т[/B]",
        responsible=123,
        creator=456,
        accomplices=(124,),
        auditors=[125],
        deadline=datetime(2026, 9, 1, 18, 0, 0, 5, tzinfo=MOSCOW),
        xml_id="b24flow:i:a",
        bindings=[calls.crm_binding(177, 29)],
        files=[9011],
        tags=["b24flow"],
        controlled=True,
        may_move_deadline=False,
        result_required=True,
    )
    assert calls.task_add(fields).params == {
        "fields": {
            "TITLE": "Исполнить",
            "DESCRIPTION": "[B]т[/B]",
            "RESPONSIBLE_ID": 123,
            "CREATED_BY": 456,
            "ACCOMPLICES": [124],
            "AUDITORS": [125],
            "DEADLINE": "2026-09-01T18:00:00+03:00",
            "XML_ID": "b24flow:i:a",
            "UF_CRM_TASK": ["Tb1_29"],
            "UF_TASK_WEBDAV_FILES": ["n9011"],
            "TAGS": ["b24flow"],
            "TASK_CONTROL": "Y",
            "ALLOW_CHANGE_DEADLINE": "N",
            "SE_PARAMETER": [{"CODE": 3, "VALUE": "Y"}],
        }
    }


def test_an_update_of_a_task_touches_only_what_is_given():
    assert calls.task_update(7, TaskFields(title="т")).params == {
        "taskId": 7,
        "fields": {"TITLE": "т"},
    }
    assert calls.task_update(7, TaskFields(auditors=())).params["fields"] == {"AUDITORS": []}
    assert calls.task_complete(7) == Call("tasks.task.complete", {"taskId": 7})
    assert calls.task_renew(7) == Call("tasks.task.renew", {"taskId": 7})


@pytest.mark.parametrize("missing", ["title", "responsible", "xml_id"])
def test_a_task_without_a_key_is_never_created(missing: str):
    given = {"title": "т", "responsible": 1, "xml_id": "k", missing: None}
    with pytest.raises(ValueError, match="a task needs"):
        calls.task_add(TaskFields(**given))


def test_a_task_is_looked_up_by_its_key():
    assert calls.task_find("k", select=["STATUS"]).params == {
        "filter": {"XML_ID": "k"},
        "select": ["ID", "XML_ID", "STATUS"],
        "order": {"ID": "asc"},
        "start": -1,
    }


def test_an_instant_needs_an_offset():
    assert calls.wire_time(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00+00:00"
    with pytest.raises(ValueError, match="offset"):
        calls.wire_time(datetime(2026, 1, 2))  # noqa: DTZ001 - a naive instant is the point


def test_a_message_with_buttons():
    buttons = [
        calls.command_button("Согласовать", "b24approve", "k7x", colour="primary"),
        calls.new_line(),
        calls.link_button("Открыть", "/crm/type/177/details/29/"),
    ]
    sent = calls.message_send(
        456, "token", "123", text="т", template_id="0f8fad5b-d9cb-469f-a165-70867728950e",
        keyboard=buttons,
    )  # fmt: skip
    assert sent.params["fields"]["templateId"] == "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert sent.params["dialogId"] == "123"
    assert sent.params["fields"]["keyboard"] == {
        "BOT_ID": 456,
        "BUTTONS": [
            {
                "TEXT": "Согласовать",
                "COMMAND": "b24approve",
                "COMMAND_PARAMS": "k7x",
                "BLOCK": "Y",
                "DISPLAY": "LINE",
                "BG_COLOR_TOKEN": "primary",
            },
            {"TYPE": "NEWLINE"},
            {"TEXT": "Открыть", "LINK": "/crm/type/177/details/29/", "DISPLAY": "LINE"},
        ],
    }
    plain = calls.message_send(456, "t", "chat5", text="т", template_id="x").params["fields"]
    assert "keyboard" not in plain


def test_an_updated_message_loses_its_buttons_but_never_its_text():
    updated = calls.message_update(456, "t", 789, text="готово")
    assert updated.params["messageId"] == 789
    assert updated.params["fields"] == {"message": "готово", "keyboard": "N"}
    with pytest.raises(ValueError, match="deletes the message"):
        calls.message_update(456, "t", 789, text="")


def test_events_are_acknowledged_by_an_offset():
    assert calls.bot_events(4, "t", offset=None).params == {
        "botId": 4,
        "botToken": "t",
        "limit": 100,
    }
    assert calls.bot_events(4, "t", offset=0).params["offset"] == 0


def test_folders_and_files():
    assert calls.root_folder_add(1, "А") == Call("disk.storage.addFolder", {"id": 1, "data": {"NAME": "А"}})
    assert calls.folder_add(2, "Б") == Call("disk.folder.addSubFolder", {"id": 2, "data": {"NAME": "Б"}})
    assert calls.folder_children(2, name="Б").params["filter"] == {"=NAME": "Б"}
    assert "filter" not in calls.folder_children(2).params
