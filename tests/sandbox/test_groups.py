"""Workgroups: who sees them, who joins them, who rules them."""

from __future__ import annotations

from typing import Any

import pytest

from b24flow.sandbox.codec import pack_state, unpack_state
from b24flow.sandbox.model import groups
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.seed import demo_organisation
from tests.sandbox.conftest import AppCaller, Box
from tests.sandbox.examples.groups import group

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture
def ordinary(box: Box) -> AppCaller:
    """An employee who administers nothing."""
    return box.install_app(who=9)


def text_of(caller: Box | AppCaller, method: str, params: dict[str, Any]) -> str:
    body = caller.raw(method, params).json()
    assert body["error"] == "", body
    return str(body["error_description"])


def members(box: Box, number: int) -> dict[str, str]:
    return {row["USER_ID"]: row["ROLE"] for row in box.ok("sonet_group.user.get", {"ID": number})}


def test_only_employees_who_were_outside_are_added(box: Box) -> None:
    number = group(box, 8)
    added = box.ok("sonet_group.user.add", {"GROUP_ID": number, "USER_ID": [8, 9, 10_000]})
    assert added == ["9"]
    assert members(box, number) == {"1": "A", "8": "K", "9": "K"}


def test_the_owner_is_neither_removed_nor_given_another_role(box: Box) -> None:
    number = group(box, 8)
    given = {"GROUP_ID": number, "USER_ID": [1, 8]}
    assert box.ok("sonet_group.user.update", {**given, "ROLE": "E"}) == ["8"]
    assert members(box, number) == {"1": "A", "8": "E"}
    assert box.ok("sonet_group.user.delete", given) == ["8"]
    assert text_of(box, "sonet_group.user.update", {**given, "ROLE": "A"}) == "Incorrect role code"


def test_a_group_is_handed_over_and_its_former_owner_stays(box: Box) -> None:
    number = group(box)
    assert box.ok("sonet_group.setowner", {"GROUP_ID": number, "USER_ID": 8}) is True
    assert members(box, number) == {"1": "K", "8": "A"}
    given = {"GROUP_ID": number, "USER_ID": 10_000}
    assert text_of(box, "sonet_group.setowner", given) == "Invalid user ID"


def test_an_ordinary_employee_rules_only_his_own_group(box: Box, ordinary: AppCaller) -> None:
    strange, own = group(box), group(ordinary, OWNER_ID=8)  # type: ignore[arg-type]
    assert ordinary.ok("sonet_group.get", {"FILTER": {"ID": own}})[0]["OWNER_ID"] == "9"
    assert ordinary.ok("sonet_group.update", {"GROUP_ID": own, "NAME": "Своя"}) == own
    refusals = {
        "sonet_group.update": "User has no permissions to update group",
        "sonet_group.delete": "User has no permissions to delete group",
        "sonet_group.setowner": "Insufficient permissions to complete the operation.",
        "sonet_group.user.add": "No permissions to add users",
        "sonet_group.user.delete": "No permissions to update users role",
    }
    for method, refusal in refusals.items():
        assert text_of(ordinary, method, {"GROUP_ID": strange, "USER_ID": 9}) == refusal
    assert ordinary.ok("sonet_group.delete", {"GROUP_ID": own}) is True


def test_a_hidden_group_is_seen_by_its_members_and_by_an_administrator_who_asks(
    box: Box, ordinary: AppCaller
) -> None:
    hidden = group(box, 9, VISIBLE="N", OWNER_ID=8)
    stranger = ordinary.as_user(10)
    assert [row["ID"] for row in ordinary.ok("sonet_group.get")] == [str(hidden)]
    assert stranger.ok("sonet_group.get") == stranger.ok("sonet_group.get", {"IS_ADMIN": "Y"}) == []
    assert box.ok("sonet_group.get") == []
    assert len(box.ok("sonet_group.get", {"IS_ADMIN": "Y"})) == 1
    assert text_of(stranger, "sonet_group.user.get", {"ID": hidden}) == "Socialnetwork group not found"
    assert text_of(stranger, "sonet_group.user.request", {"GROUP_ID": hidden}).endswith("not found")


def test_whoever_may_not_invite_invites_nobody(box: Box, ordinary: AppCaller) -> None:
    number = group(box, 9, INITIATE_PERMS="E")
    given = {"GROUP_ID": number, "USER_ID": [10, 9]}
    assert ordinary.ok("sonet_group.user.invite", given) == []
    box.ok("sonet_group.user.update", {"GROUP_ID": number, "USER_ID": 9, "ROLE": "E"})
    assert ordinary.ok("sonet_group.user.invite", {**given, "MESSAGE": "Ждём!"}) == ["10"]
    (notice,) = box.look("state/notices")
    assert (notice["to"], notice["author_id"]) == (10, 9)
    assert notice["text"] == "Вас приглашают в группу «Аттестация рабочих мест». Ждём!"
    assert ordinary.ok("sonet_group.user.invite", given) == []
    assert members(box, number) == {"1": "A", "9": "E"}


def test_an_open_group_is_joined_at_once_and_a_closed_one_is_asked(box: Box, ordinary: AppCaller) -> None:
    opened, closed = group(box, OPENED="Y"), group(box)
    for number in (opened, closed):
        assert ordinary.ok("sonet_group.user.request", {"GROUP_ID": number}) is True
        refusal = text_of(ordinary, "sonet_group.user.request", {"GROUP_ID": number})
        assert refusal == "Cannot request to join group"
    assert members(box, opened) == {"1": "A", "9": "K"}
    assert members(box, closed) == {"1": "A"}
    assert [row["GROUP_ID"] for row in ordinary.ok("sonet_group.user.groups")] == [str(opened)]
    assert [row["to"] for row in box.look("state/notices")] == [1]


def test_invitations_and_requests_are_answered(box: Box) -> None:
    portal = Portal(demo_organisation())
    owner, other = portal.state.users[8], portal.state.users[9]
    row = groups.create(portal, owner, "Охрана труда")
    assert groups.invite(portal, owner, row, [9]) == [9]
    assert groups.answer_invitation(row, other, agrees=True)
    assert not groups.answer_invitation(row, other, agrees=True)
    groups.ask_to_join(portal, row, portal.state.users[10])
    assert not groups.answer_request(row, other, 10, agrees=True)
    assert groups.answer_request(row, owner, 10, agrees=False)
    assert row.members == {8: "A", 9: "K"}
    kept = unpack_state(pack_state(portal.state), portal.clock.zone)
    assert kept.groups == portal.state.groups


def test_the_filter_knows_every_documented_operator(box: Box) -> None:
    ids = [group(box, NAME=name, CLOSED=closed) for name, closed in
           (("Съезд", "N"), ("Пленум", "Y"), ("Съезд молодых", "N"))]  # fmt: skip

    def found(**conditions: Any) -> list[int]:
        query = {"FILTER": {key.replace("_eq_", "="): one for key, one in conditions.items()}}
        return [int(row["ID"]) for row in box.ok("sonet_group.get", {**query, "ORDER": {"ID": "ASC"}})]

    first, second, third = ids
    assert found(**{"%NAME": "съезд"}) == found(**{"?NAME": "съезд"}) == [first, third]
    assert found(**{"!%NAME": "съезд"}) == found(CLOSED="Y") == [second]
    assert found(**{"><ID": [first, second]}) == found(**{"<=ID": second}) == [first, second]
    assert found(**{"!><ID": [first, second]}) == found(**{">ID": second}) == [third]
    assert found(**{"!ID": first}) == [second, third]
    assert found(**{">DATE_CREATE": "2020-01-01T00:00:00+03:00"}) == ids
    assert found(UNKNOWN="x") == ids
    assert ("unknown_filter", "UNKNOWN") in box.notes()
    assert [row["NAME"] for row in box.ok("sonet_group.get")] == ["Съезд молодых", "Пленум", "Съезд"]


def test_groups_come_by_fifty(box: Box) -> None:
    for _ in range(51):
        group(box)
    first = box.raw("sonet_group.get").json()
    assert (len(first["result"]), first["total"], first["next"]) == (50, 51, 50)
    assert "next" not in box.raw("sonet_group.get", {"start": 50}).json()


def test_a_picture_must_be_one_and_is_given_out(box: Box) -> None:
    assert box.refused("sonet_group.create", {"NAME": "Съезд", "IMAGE": ["а.png", "0KLQtdC60YHRgg=="]}) == (
        400,
        "ERROR_IMAGE_ID",
    )
    assert box.ok("sonet_group.get") == []
    number = group(box, IMAGE=["а.png", PNG])
    address = box.ok("sonet_group.user.groups")[0]["GROUP_IMAGE"]
    assert box.http.get(address).content.startswith(b"\x89PNG")
    box.ok("sonet_group.update", {"GROUP_ID": number, "IMAGE_FILE_ID": 0, "IMAGE": ["а.png", PNG]})
    assert box.ok("sonet_group.user.groups")[0]["GROUP_IMAGE"] == ""


def test_what_is_not_a_group_or_not_a_field_is_refused(box: Box) -> None:
    assert text_of(box, "sonet_group.update", {"GROUP_ID": 0}) == "Wrong group ID"
    assert text_of(box, "sonet_group.delete", {"GROUP_ID": 77}) == "Socialnetwork group not found"
    assert text_of(box, "sonet_group.create", {"NAME": " "}) == "Cannot create group"
    wrong = {"NAME": "Съезд", "INITIATE_PERMS": "Z"}
    assert text_of(box, "sonet_group.create", wrong) == "Incorrect input data"
    number = group(box)
    assert text_of(box, "sonet_group.user.add", {"GROUP_ID": number, "USER_ID": []}) == "Wrong user IDs"
    asked = {"GROUP_ID": number, "FEATURE": "lists", "OPERATION": "view"}
    assert text_of(box, "sonet_group.feature.access", asked) == "Wrong feature"


@pytest.mark.parametrize(
    ("role", "operation", "allowed"),
    [("", "view_all", False), ("K", "create_tasks", True), ("K", "delete_tasks", False), ("E", "sort", True)],
)
def test_operations_follow_the_role(
    box: Box, ordinary: AppCaller, role: str, operation: str, allowed: bool
) -> None:
    number = group(box, *([9] if role else []))
    if role == "E":
        box.ok("sonet_group.user.update", {"GROUP_ID": number, "USER_ID": 9, "ROLE": role})
    asked = {"GROUP_ID": number, "FEATURE": "tasks", "OPERATION": operation}
    assert ordinary.ok("sonet_group.feature.access", asked) is allowed
    box.ok("sonet_group.update", {"GROUP_ID": number, "CLOSED": "Y"})
    assert ordinary.ok("sonet_group.feature.access", asked) is (allowed and operation.startswith("view"))


def test_events_tell_of_groups(box: Box) -> None:
    app = box.install_app()
    for name in ("Add", "Update", "Delete"):
        given = {"event": f"onSonetGroup{name}", "event_type": "offline"}
        assert app.ok("event.bind", given) is True
    number = group(box)
    box.ok("sonet_group.update", {"GROUP_ID": number, "NAME": "Другая"})
    box.ok("sonet_group.delete", {"GROUP_ID": number})
    rows = app.ok("event.offline.get")["events"]
    assert {row["EVENT_NAME"] for row in rows} == {f"ONSONETGROUP{w}" for w in ("ADD", "UPDATE", "DELETE")}
    assert all(row["EVENT_DATA"] == {"FIELDS": {"ID": str(number)}} for row in rows)
