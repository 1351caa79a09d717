"""Activities: things to do, cards of applications, calls and letters."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.sandbox.conftest import Box
from tests.sandbox.crm_help import CONTACT, DEAL, Ear, make
from tests.sandbox.examples.crm_timeline import LAYOUT, letter

TODO = "crm.activity.todo."
CARD = "crm.activity.configurable."


def owner(box: Any, number: int = DEAL) -> dict[str, Any]:
    return {"ownerTypeId": number, "ownerId": make(box, number)["id"]}


def todo(box: Box, **fields: Any) -> dict[str, Any]:
    place = owner(box)
    made = box.ok(TODO + "add", {**place, "deadline": "2026-09-01T15:00:00", **fields})
    return {**place, "id": made["id"]}


def test_a_thing_to_do_is_changed_bit_by_bit(box: Box) -> None:
    one = todo(box, title="Позвонить", description="Срок", pingOffsets=[0, "15"], colorId="2")
    for name, given in (
        ("updateDeadline", {"value": "2026-09-03T10:00:00"}),
        ("updateDescription", {"value": "Уточнить"}),
        ("updateColor", {"colorId": "5"}),
        ("updateResponsibleUser", {"responsibleId": 3}),
    ):
        assert box.ok(TODO + name, one | given) == {"id": one["id"]}
    shown = box.ok("crm.activity.get", {"id": one["id"]})
    assert (shown["SUBJECT"], shown["DESCRIPTION"], shown["RESPONSIBLE_ID"]) == ("Позвонить", "Уточнить", "3")
    assert shown["DEADLINE"] == "2026-09-03T10:00:00+03:00"
    assert (shown["PROVIDER_ID"], shown["COMPLETED"], shown["STATUS"]) == ("CRM_TODO", "N", "1")
    kept = next(row for row in box.look("state/activities") if row["id"] == one["id"])["options"]
    assert kept == {"pingOffsets": [0, 15], "colorId": "5", "parentActivityId": 0}


def test_a_completed_thing_stays_as_it_is(box: Box) -> None:
    one = todo(box)
    box.ok("crm.activity.update", {"id": one["id"], "fields": {"COMPLETED": "Y"}})
    assert box.ok("crm.activity.get", {"id": one["id"]})["STATUS"] == "2"
    for name, given, code in (
        ("update", {"deadline": "2026-09-03"}, "CAN_NOT_UPDATE_COMPLETED_TODO"),
        ("updateDeadline", {"value": "2026-09-03"}, "CAN_NOT_UPDATE_COMPLETED_TODO"),
        ("updateColor", {"colorId": "1"}, "CAN_NOT_UPDATE_COLOR_COMPLETED_TODO"),
        ("updateResponsibleUser", {"responsibleId": 3}, "CAN_NOT_UPDATE_RESPONSIBLE_USER_COMPLETED_TODO"),
    ):
        assert box.refused(TODO + name, one | given) == (400, code)
    child = {"ownerTypeId": DEAL, "ownerId": one["ownerId"], "deadline": "2026-09-03",
             "parentActivityId": one["id"]}  # fmt: skip
    assert box.refused(TODO + "add", child) == (400, "ERROR_PARENT_ACTIVITY_RESTRICT")


@pytest.mark.parametrize(("name", "given", "code"), [
    ("update", {"deadline": "скоро"}, "WRONG_DATETIME_FORMAT"),
    ("update", {"deadline": "2026-09-03", "id": 5}, "NOT_FOUND"),
    ("update", {"deadline": "2026-09-03", "ownerId": 5}, "OWNER_NOT_FOUND"),
    ("updateColor", {"colorId": "8"}, "CAN_NOT_UPDATE_WRONG_COLOR_TODO"),
    ("updateResponsibleUser", {"responsibleId": 0}, "INVALID_ARG_VALUE"),
    ("updateDeadline", {}, "100"),
])  # fmt: skip
def test_refused_changes(box: Box, name: str, given: dict[str, Any], code: str) -> None:
    assert box.refused(TODO + name, todo(box) | given) == (400, code)


def card(app: Any, **fields: Any) -> int:
    given = {**owner(app), "fields": fields, "layout": LAYOUT}
    return int(app.ok(CARD + "add", given)["activity"]["id"])


def test_a_card_belongs_to_its_application(box: Box) -> None:
    app, other = box.install_app(), box.install_app()
    given = {**owner(box), "fields": {}, "layout": LAYOUT}
    assert box.refused(CARD + "add", given) == (400, "ERROR_WRONG_CONTEXT")
    made = card(app, originatorId="b24", originId="12", isIncomingChannel="N")
    shown = box.ok(CARD + "get", {"id": made})["activity"]
    assert shown["layout"] == LAYOUT
    assert (shown["fields"]["typeId"], shown["fields"]["completed"]) == ("CONFIGURABLE", False)
    assert (shown["fields"]["originatorId"], shown["fields"]["deadline"]) == ("b24", None)
    change = {"id": made, "fields": {"completed": "Y"}}
    assert box.refused(CARD + "update", change) == (400, "ERROR_WRONG_CONTEXT")
    assert other.refused(CARD + "update", change) == (400, "ERROR_WRONG_APPLICATION")
    assert app.ok(CARD + "update", change) == {"activity": {"id": made}}
    assert box.ok(CARD + "get", {"id": made})["activity"]["fields"]["completed"] is True
    conditions = {"PROVIDER_ID": "CONFIGURABLE_REST_APP", "ORIGIN_ID": "12"}
    found = box.ok("crm.activity.list", {"filter": conditions, "select": ["ID"]})
    assert found == [{"ID": str(made)}]
    assert box.refused(CARD + "get", {"id": todo(box)["id"]}) == (400, "NOT_FOUND")
    assert box.ok("crm.activity.delete", {"id": made}) is True


def changed(path: str, value: Any) -> dict[str, Any]:
    """The layout with something else at a place; `None` removes what is there."""
    layout = copy.deepcopy(LAYOUT)
    *outer, last = path.split(".")
    node = layout
    for part in outer:
        node = node[part]
    node[last] = value
    if value is None:
        del node[last]
    return layout


BUTTON = LAYOUT["footer"]["buttons"]["startCall"]
TEXT = {"type": "text", "properties": {"value": "т"}}
WRONG: list[tuple[Any, str]] = [
    ({}, "ERROR_EMPTY_LAYOUT"),
    (changed("icon", None), "FIELD_IS_REQUIRED"),
    (changed("header.title", ""), "FIELD_IS_REQUIRED"),
    (changed("body.logo.code", None), "FIELD_IS_REQUIRED"),
    (changed("header.colour", "red"), "FIELD_IS_REDUNDANT"),
    (changed("body.blocks.client.style", "x"), "FIELD_IS_REDUNDANT"),
    (changed("header.tags.status2.type", "lavender"), "ENUM_FIELD"),
    (changed("footer.buttons.startCall.type", "success"), "ENUM_FIELD"),
    (changed("body.blocks.client.type", "video"), "ENUM_FIELD"),
    (changed("body.blocks.responsible.properties.blocks.client.type", "largeText"), "ENUM_FIELD"),
    (changed("footer.buttons.startCall.action", {"type": "jump"}), "ENUM_FIELD"),
    (changed("footer.buttons", {"a": BUTTON, "b": BUTTON, "c": BUTTON}), "TOO_MANY_ITEMS"),
    (changed("body.blocks", {f"b{number}": TEXT for number in range(21)}), "TOO_MANY_ITEMS"),
    (changed("footer.buttons", {"не так": BUTTON}), "KEY_CONTAIN_WRONG_SYMBOLS"),
    (changed("header.title", {"xx": "t"}), "WRONG_LANG"),
    (changed("header", "Согласование"), "WRONG_FIELD_VALUE"),
    (changed("footer.menu.showPostponeItem", "maybe"), "WRONG_FIELD_VALUE"),
    (changed("header.title", ["t"]), "WRONG_FIELD_VALUE"),
]


def test_a_layout_is_checked_to_its_last_field(box: Box) -> None:
    app = box.install_app()
    place = owner(box)
    for number, (layout, code) in enumerate(WRONG):
        answer = app.refused(CARD + "add", {**place, "fields": {}, "layout": layout})
        assert answer == (400, code), (number, layout)
    names = {"ru": "Согласование", "en": "Approval"}
    app.ok(CARD + "add", {**place, "fields": {}, "layout": changed("header.title", names)})


@pytest.mark.parametrize(("fields", "code"), [
    ({"isIncomingChannel": "Y", "deadline": "2026-09-01"}, "INCOMING_ACTIVITY_CAN_NOT_BE_WITH_DEADLINE"),
    ({"deadline": "скоро"}, "WRONG_DATETIME_FORMAT"),
    ({"typeId": "MINE"}, "WRONG_FIELD_VALUE"),
    ({"colour": "red"}, "FIELD_IS_REDUNDANT"),
])  # fmt: skip
def test_refused_fields_of_a_card(box: Box, fields: dict[str, Any], code: str) -> None:
    given = {**owner(box), "fields": fields, "layout": LAYOUT}
    assert box.install_app().refused(CARD + "add", given) == (400, code)


def test_a_pressed_button_tells_its_application_alone(box: Box) -> None:
    ear, deaf = Ear(box, "ONCRMTIMELINEITEMACTION"), Ear(box, "ONCRMTIMELINEITEMACTION")
    layout = changed("footer.menu.items.confirm.action.actionParams", {"step": "17", "id": "forged"})
    place = owner(box)
    made = ear.app.ok(CARD + "add", {**place, "fields": {}, "layout": layout})["activity"]["id"]
    pressed = box.person(4, "activity/press", activity_id=made, element="footer/menu/items/confirm")
    assert pressed.status_code == 200, pressed.text
    data = {
        "step": "17",
        "id": "confirm",
        "entityTypeId": DEAL,
        "entityId": place["ownerId"],
        "activityId": made,
    }
    assert ear.heard() == [("ONCRMTIMELINEITEMACTION", data)]
    assert deaf.heard() == []
    wrong = box.person(4, "activity/press", activity_id=made, element="footer/buttons/nothing")
    assert wrong.status_code >= 400


def test_a_letter_is_sent_with_a_copy_to_its_sender(box: Box) -> None:
    number = box.ok("crm.activity.add", {"fields": letter(box)})
    shown = box.ok("crm.activity.get", {"id": number})
    assert (shown["TYPE_ID"], shown["PROVIDER_ID"], shown["COMPLETED"]) == ("4", "CRM_EMAIL", "Y")
    outbox = box.look("state/mail")
    assert [row["to"] for row in outbox] == [["petr@example.ru"], ["kontora@example.ru"]]
    assert outbox[0]["activity_id"] == number
    assert (outbox[0]["subject"], outbox[0]["text"]) == ("Счёт", "Просим оплатить")
    ask = {"filter": {"ID": number}, "select": ["*", "COMMUNICATIONS", "FILES", "BINDINGS"]}
    (row,) = box.ok("crm.activity.list", ask)
    assert row["COMMUNICATIONS"][0]["VALUE"] == "petr@example.ru"
    assert row["COMMUNICATIONS"][0]["TYPE"] == "EMAIL"
    assert row["BINDINGS"] == [{"OWNER_TYPE_ID": "3", "OWNER_ID": "1"}]
    assert box.http.get(row["FILES"][0]["url"]).content == "Скан".encode()


@pytest.mark.parametrize("other", [{"COMPLETED": "N"}, {"DIRECTION": 1}, {"TYPE_ID": 1}])
def test_a_letter_that_is_not_meant_to_leave_stays(box: Box, other: dict[str, Any]) -> None:
    assert box.ok("crm.activity.add", {"fields": letter(box) | other}) > 0
    assert box.look("state/mail") == []


def test_without_a_copy(box: Box) -> None:
    settings = {"MESSAGE_FROM": "kontora@example.ru", "DISABLE_SENDING_MESSAGE_COPY": "Y"}
    box.ok("crm.activity.add", {"fields": letter(box) | {"SETTINGS": settings}})
    assert len(box.look("state/mail")) == 1


@pytest.mark.parametrize(("other", "text"), [
    ({"SETTINGS": {}}, 'Email send error. "From" is not found'),
    ({"SETTINGS": {"MESSAGE_FROM": "Контора <kontora>"}}, "Email send error. Invalid email is specified"),
])  # fmt: skip
def test_an_unsent_letter_leaves_its_activity_behind(box: Box, other: dict[str, Any], text: str) -> None:
    body = box.raw("crm.activity.add", {"fields": letter(box) | other}).json()
    assert (body["error"], body["error_description"]) == ("", text)
    assert len(box.look("state/activities")) == 1
    assert box.look("state/mail") == []


@pytest.mark.parametrize(("other", "text"), [
    ({"SUBJECT": " "}, "The field SUBJECT"),
    ({"RESPONSIBLE_ID": ""}, "The field RESPONSIBLE_ID"),
    ({"TYPE_ID": 3}, "The field TYPE_ID"),
    ({"TYPE_ID": 6}, "The custom activity without provider"),
    ({"TYPE_ID": 6, "PROVIDER_ID": "REST_APP"}, "Application context required"),
    ({"TYPE_ID": 6, "PROVIDER_ID": "CONFIGURABLE_REST_APP"}, "Use crm.activity.configurable.add"),
    ({"COMMUNICATIONS": []}, "The field COMMUNICATIONS"),
    ({"COMMUNICATIONS": [{"TYPE": "PHONE", "VALUE": "1"}]}, "The field COMMUNICATIONS"),
    ({"TYPE_ID": 2, "COMMUNICATIONS": [{"VALUE": "1"}, {"VALUE": "2"}]}, "The only one communication"),
    ({"OWNER_ID": 99}, "Could not find 'CONTACT' with ID: 99"),
    ({"OWNER_TYPE_ID": 99}, "Could not build binding"),
])  # fmt: skip
def test_refused_activities(box: Box, other: dict[str, Any], text: str) -> None:
    body = box.raw("crm.activity.add", {"fields": letter(box) | other}).json()
    assert body["error"] == ""
    assert body["error_description"].startswith(text)
    assert box.look("state/activities") == []


def test_activities_are_found_by_what_they_are_bound_to(box: Box) -> None:
    deal = make(box, DEAL)["id"]
    fields = letter(box) | {"OWNER_TYPE_ID": DEAL, "OWNER_ID": deal, "COMPLETED": "N"}
    bound = box.ok("crm.activity.add", {"fields": fields})
    other = todo(box)["id"]
    by_both = {"filter": {"BINDINGS": [{"OWNER_TYPE_ID": CONTACT}]}, "select": ["ID", "OWNER_TYPE_ID"]}
    assert box.ok("crm.activity.list", by_both) == [{"ID": str(bound), "OWNER_TYPE_ID": "2"}]
    late = {"filter": {">DEADLINE": "2026-08-01", "COMPLETED": "N"}, "select": ["ID"]}
    assert box.ok("crm.activity.list", late) == [{"ID": str(other)}]
    owned = {
        "filter": {"OWNER_TYPE_ID": DEAL, "@ID": [bound, other]},
        "order": {"ID": "DESC"},
        "select": ["ID"],
    }
    assert [row["ID"] for row in box.ok("crm.activity.list", owned)] == [str(other), str(bound)]
    box.ok("crm.item.delete", {"entityTypeId": DEAL, "id": deal})
    assert [row["id"] for row in box.look("state/activities")] == [bound, other]
    box.ok("crm.item.delete", {"entityTypeId": CONTACT, "id": 1})
    assert [row["id"] for row in box.look("state/activities")] == [other]
