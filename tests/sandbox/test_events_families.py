"""Every family of events arrives at a real handler, whoever causes it: REST or a person on the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.conftest import SPA, AppCaller, Box, add_item, add_task
from tests.sandbox.handler import Listener, flush, listening, subscribe

PERSON = 3
UNDEFINED = "undefined"


class Ear:
    """An application that hears everything; `heard` are events and data since the last question."""

    def __init__(self, box: Box, listener: Listener) -> None:
        self.box, self.listener, self.seen = box, listener, 0
        self.app: AppCaller = box.install_app()

    def listen(self, *events: str) -> None:
        subscribe(self.app, self.listener, *events)

    def heard(self) -> list[tuple[str, Any]]:
        flush(self.box)
        new = self.listener.posted[self.seen :]
        self.seen += len(new)
        return [(one.event, one.form["data"]) for one in new]

    def who(self) -> set[str]:
        return {one.form["auth"]["user_id"] for one in self.listener.posted}


@pytest.fixture
def ear(box: Box) -> Iterator[Ear]:
    with listening() as listener:
        yield Ear(box, listener)


def fields(**given: Any) -> dict[str, Any]:
    return {"FIELDS": {name: str(value) for name, value in given.items()}}


def item_events(kinds: str, number: int) -> list[tuple[str, Any]]:
    """Both events of every change of an item of the smart process."""
    data = fields(ID=number, ENTITY_TYPE_ID=SPA)
    names = [f"ONCRMDYNAMICITEM{kind}" for kind in kinds.split()]
    return [(name + tail, data) for name in names for tail in ("", f"_{SPA}")]


def hear_items(ear: Ear) -> None:
    names = [f"ONCRMDYNAMICITEM{kind}" for kind in ("ADD", "UPDATE", "DELETE")]
    ear.listen(*names, *(f"{name}_{SPA}" for name in names))


@pytest.mark.usefixtures("spa")
def test_items_by_rest(box: Box, ear: Ear) -> None:
    hear_items(ear)
    item = {"entityTypeId": SPA, "id": add_item(box, title="Письмо")["id"]}
    assert ear.heard() == item_events("ADD", item["id"])
    box.ok("crm.item.update", {**item, "fields": {"title": "Другое"}})
    assert ear.heard() == item_events("UPDATE", item["id"])
    box.ok("crm.item.update", {**item, "fields": {"title": "Другое"}})
    assert ear.heard() == []
    box.ok("crm.item.delete", item)
    assert ear.heard() == item_events("DELETE", item["id"])


@pytest.mark.usefixtures("spa")
def test_items_by_a_person(box: Box, ear: Ear) -> None:
    hear_items(ear)
    form = {"entity_type_id": SPA}
    number = int(box.person(PERSON, "item/new", **form, f_title="Письмо").json()["item_id"])
    assert ear.heard() == item_events("ADD", number)
    box.person(PERSON, "item/field", **form, item_id=number, name="title", value="Другое").raise_for_status()
    assert ear.heard() == item_events("UPDATE", number)
    box.person(PERSON, "item/delete", **form, item_id=number).raise_for_status()
    assert ear.heard() == item_events("DELETE", number)
    assert ear.who() == {str(PERSON)}


def test_types_and_their_fields(box: Box, ear: Ear) -> None:
    field_events = [f"ONCRMTYPEUSERFIELD{kind}" for kind in ("ADD", "UPDATE", "DELETE", "SETENUMVALUES")]
    ear.listen("ONCRMTYPEADD", "ONCRMTYPEUPDATE", "ONCRMTYPEDELETE", *field_events)
    made = box.ok("crm.type.add", {"fields": {"title": "Письма", "entityTypeId": SPA}})["type"]
    assert ear.heard() == [("ONCRMTYPEADD", fields(ID=made["id"]))]
    box.ok("crm.type.update", {"id": made["id"], "fields": {"title": "Приказы"}})
    assert ear.heard() == [("ONCRMTYPEUPDATE", fields(ID=made["id"]))]
    name, owner = f"UF_CRM_{made['id']}_KIND", f"CRM_{made['id']}"
    given = {"entityId": owner, "fieldName": name, "userTypeId": "enumeration", "enum": [{"value": "да"}]}
    field = box.ok("userfieldconfig.add", {"moduleId": "crm", "field": given})["field"]
    data = fields(ID=field["id"], ENTITY_ID=owner, FIELD_NAME=name)
    assert ear.heard() == [(f"ONCRMTYPEUSERFIELD{kind}", data) for kind in ("ADD", "SETENUMVALUES")]
    known = {"moduleId": "crm", "id": field["id"]}
    values = {"userTypeId": "enumeration", "enum": [{"value": "нет"}]}
    box.ok("userfieldconfig.update", {**known, "field": values})
    assert ear.heard() == [("ONCRMTYPEUSERFIELDSETENUMVALUES", data)]
    box.ok("userfieldconfig.delete", known)
    assert ear.heard() == [("ONCRMTYPEUSERFIELDDELETE", data)]
    box.ok("crm.type.delete", {"id": made["id"]})
    assert ear.heard() == [("ONCRMTYPEDELETE", fields(ID=made["id"]))]


@pytest.mark.usefixtures("spa")
def test_comments_of_the_timeline(box: Box, ear: Ear) -> None:
    ear.listen(*(f"ONCRMTIMELINECOMMENT{kind}" for kind in ("ADD", "UPDATE", "DELETE")))
    owner = {"ENTITY_ID": add_item(box)["id"], "ENTITY_TYPE": f"DYNAMIC_{SPA}"}
    number = box.ok("crm.timeline.comment.add", {"fields": {**owner, "COMMENT": "Принято"}})
    box.ok("crm.timeline.comment.update", {"id": number, "fields": {"COMMENT": "Передано"}})
    box.ok("crm.timeline.comment.delete", {"id": number})
    assert ear.heard() == [
        (f"ONCRMTIMELINECOMMENT{kind}", fields(ID=number)) for kind in ("ADD", "UPDATE", "DELETE")
    ]
    form = {"entity_type_id": SPA, "item_id": owner["ENTITY_ID"], "text": "Видел"}
    said = box.person(PERSON, "item/comment", **form).json()["comment_id"]
    assert ear.heard() == [("ONCRMTIMELINECOMMENTADD", fields(ID=said))]


@pytest.mark.usefixtures("spa")
def test_activities(box: Box, ear: Ear) -> None:
    ear.listen(*(f"ONCRMACTIVITY{kind}" for kind in ("ADD", "UPDATE", "DELETE")))
    item = {"ownerTypeId": SPA, "ownerId": add_item(box)["id"]}
    made = box.ok(
        "crm.activity.todo.add", {**item, "deadline": "2030-01-09T10:00:00+03:00", "title": "Звонок"}
    )
    assert ear.heard() == [("ONCRMACTIVITYADD", fields(ID=made["id"]))]
    box.person(1, "activity/complete", activity_id=made["id"]).raise_for_status()
    assert ear.heard() == [("ONCRMACTIVITYUPDATE", fields(ID=made["id"]))]
    box.ok("crm.activity.delete", {"id": made["id"]})
    assert ear.heard() == [("ONCRMACTIVITYDELETE", fields(ID=made["id"]))]


TASKS = tuple(f"ONTASK{kind}" for kind in ("ADD", "UPDATE", "DELETE"))


def test_tasks_by_rest(box: Box, ear: Ear) -> None:
    ear.listen(*TASKS)
    number = add_task(box)["id"]
    one = {"ID": str(number)}
    (added,) = ear.heard()
    assert added[0] == "ONTASKADD"
    assert (added[1]["FIELDS_BEFORE"], added[1]["FIELDS_AFTER"]) == (UNDEFINED, one)
    assert set(added[1]) == {"FIELDS_BEFORE", "FIELDS_AFTER", "IS_ACCESSIBLE_BEFORE", "IS_ACCESSIBLE_AFTER"}
    box.ok("tasks.task.update", {"taskId": number, "fields": {"TITLE": "Иначе"}})
    (changed,) = ear.heard()
    assert (changed[0], changed[1]["FIELDS_BEFORE"], changed[1]["FIELDS_AFTER"]) == ("ONTASKUPDATE", one, one)
    box.ok("tasks.task.start", {"taskId": number})
    assert [row[0] for row in ear.heard()] == ["ONTASKUPDATE"]
    box.ok("tasks.task.delete", {"taskId": number})
    (gone,) = ear.heard()
    assert (gone[0], gone[1]["FIELDS_BEFORE"], gone[1]["FIELDS_AFTER"]) == ("ONTASKDELETE", one, UNDEFINED)


def test_tasks_by_a_person(box: Box, ear: Ear) -> None:
    ear.listen(*TASKS)
    number = box.person(PERSON, "task/new", title="Исполнить", responsible=9).json()["task_id"]
    box.person(9, "task/start", task_id=number).raise_for_status()
    box.person(PERSON, "task/deadline", task_id=number, deadline="2030-01-09T10:00").raise_for_status()
    box.person(PERSON, "task/delete", task_id=number).raise_for_status()
    assert [row[0] for row in ear.heard()] == ["ONTASKADD", "ONTASKUPDATE", "ONTASKUPDATE", "ONTASKDELETE"]
    assert ear.who() == {str(PERSON), "9"}


def test_groups_and_the_feed(box: Box, ear: Ear) -> None:
    ear.listen("ONSONETGROUPADD", "ONSONETGROUPDELETE", "ONLIVEFEEDPOSTADD", "ONLIVEFEEDPOSTDELETE")
    group = box.ok("sonet_group.create", {"NAME": "Рабочая группа"})
    box.ok("sonet_group.delete", {"GROUP_ID": group})
    assert ear.heard() == [(f"ONSONETGROUP{kind}", fields(ID=group)) for kind in ("ADD", "DELETE")]
    post = box.ok("log.blogpost.add", {"POST_TITLE": "Приказ", "POST_MESSAGE": "Прочтите"})
    box.ok("log.blogpost.delete", {"POST_ID": post})
    assert ear.heard() == [(f"ONLIVEFEEDPOST{kind}", fields(POST_ID=post)) for kind in ("ADD", "DELETE")]


@pytest.mark.usefixtures("spa")
def test_a_button_tells_only_the_application_that_made_the_card(box: Box, ear: Ear) -> None:
    ear.listen("ONCRMTIMELINEITEMACTION")
    with listening() as other:
        subscribe(box.install_app(), other, "ONCRMTIMELINEITEMACTION")
        owner = {"ownerTypeId": SPA, "ownerId": add_item(box)["id"]}
        action = {"type": "restEvent", "id": "agree", "actionParams": {"round": 2}}
        layout = {
            "icon": {"code": "call-completed"},
            "header": {"title": "Согласование"},
            "body": {"logo": {"code": "call-incoming"}},
            "footer": {"buttons": {"ok": {"title": "Да", "type": "primary", "action": action}}},
        }
        given = {**owner, "fields": {"typeId": "CONFIGURABLE"}, "layout": layout}
        card = ear.app.ok("crm.activity.configurable.add", given)["activity"]["id"]
        pressed = box.person(1, "activity/press", activity_id=card, element="footer/buttons/ok")
        assert pressed.status_code == 200, pressed.text
        told = {
            "id": "agree",
            "entityTypeId": SPA,
            "entityId": owner["ownerId"],
            "activityId": card,
            "round": 2,
        }
        assert ear.heard() == [("ONCRMTIMELINEITEMACTION", {key: str(one) for key, one in told.items()})]
        assert other.posted == []


def test_a_newcomer_is_told_about_when_he_comes(box: Box, ear: Ear) -> None:
    ear.listen("ONUSERADD")
    given = {
        "EMAIL": "novichok@profsoyuz.example",
        "NAME": "Лада",
        "LAST_NAME": "Новая",
        "UF_DEPARTMENT": [2],
    }
    number = box.ok("user.add", given)
    assert ear.heard() == []
    for _ in range(2):
        box.person(number, "enter").raise_for_status()
    ((event, data),) = ear.heard()
    assert (event, data["ID"], data["NAME"], data["UF_DEPARTMENT"]) == (
        "ONUSERADD",
        str(number),
        "Лада",
        ["2"],
    )
