"""Tasks: groups, own marks, access, counters, planned dates, events."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import AppCaller, Box, add_task

UNKNOWN = "undefined"


def number_of(box: Box, **fields: Any) -> int:
    return int(add_task(box, **fields)["id"])


def get(box: Any, task: int) -> dict[str, Any]:
    shown: dict[str, Any] = box.ok("tasks.task.get", {"taskId": task})["task"]
    return shown


def titles(box: Any, **given: Any) -> list[str]:
    return [row["title"] for row in box.ok("tasks.task.list", given)["tasks"]]


@pytest.fixture
def group(box: Box) -> int:
    made = int(box.ok("sonet_group.create", {"NAME": "Отчётная кампания", "VISIBLE": "Y", "OPENED": "Y"}))
    box.ok("sonet_group.user.add", {"GROUP_ID": made, "USER_ID": [14]})
    return made


def test_members_of_a_group_see_and_make_its_tasks(box: Box, group: int) -> None:
    task = number_of(box, GROUP_ID=group)
    shown = get(box, task)
    assert (shown["groupId"], shown["group"]["name"]) == (str(group), "Отчётная кампания")
    member, stranger = box.install_app(who=14), box.install_app(who=17)
    assert get(member, task)["id"] == str(task)
    assert stranger.ok("tasks.task.get", {"taskId": task}) == []
    fields = {"TITLE": "своя", "RESPONSIBLE_ID": 14, "GROUP_ID": group}
    assert member.ok("tasks.task.add", {"fields": fields})["task"]["groupId"] == str(group)
    refusal = (400, "ERROR_TASK_CREATE_ACCESS_DENIED")
    assert stranger.refused("tasks.task.add", {"fields": fields | {"RESPONSIBLE_ID": 17}}) == refusal
    assert box.refused("tasks.task.add", {"fields": fields | {"GROUP_ID": 999}}) == refusal
    assert member.refused("tasks.task.update", {"taskId": task, "fields": {"TITLE": "чужая"}}) == (400, "0")


def test_marks_are_everybodys_own(box: Box) -> None:
    task = number_of(box, TITLE="Отмеченная")
    other = number_of(box, TITLE="Другая")
    employee = box.install_app(who=9)
    assert employee.ok("tasks.task.favorite.add", {"taskId": task}) is True
    assert employee.ok("tasks.task.pin", {"id": task})["task"]["isPinned"] == "Y"
    assert employee.ok("tasks.task.mute", {"id": task})["task"]["isMuted"] == "Y"
    mine, theirs = get(employee, task), get(box, task)
    assert [mine[name] for name in ("favorite", "isPinned", "isMuted")] == ["Y", "Y", "Y"]
    assert [theirs[name] for name in ("favorite", "isPinned", "isMuted")] == ["N", "N", "N"]
    assert (mine["action"]["addFavorite"], mine["action"]["deleteFavorite"]) == (False, True)
    assert titles(employee, filter={"::SUBFILTER-PARAMS": {"FAVORITE": "Y"}}) == ["Отмеченная"]
    assert titles(employee, order={"IS_PINNED": "desc"}) == ["Отмеченная", "Другая"]
    assert employee.ok("tasks.task.favorite.remove", {"taskId": task}) is True
    assert employee.ok("tasks.task.unpin", {"id": task})["task"]["isPinned"] == "N"
    assert employee.ok("tasks.task.unmute", {"id": task})["task"]["isMuted"] == "N"
    stranger = box.install_app(who=17)
    assert stranger.refused("tasks.task.favorite.add", {"taskId": other}) == (400, "1")


def test_watching(box: Box) -> None:
    task = number_of(box)
    assert box.ok("tasks.task.startwatch", {"taskId": task})["task"]["auditors"] == ["1"]
    assert box.ok("tasks.task.startwatch", {"taskId": task})["task"]["auditors"] == ["1"]
    chat = get(box, task)["chatId"]
    assert 1 in [int(one) for one in box.ok("im.chat.user.list", {"CHAT_ID": chat})]
    assert box.ok("tasks.task.stopwatch", {"taskId": task})["task"]["auditors"] == []
    assert box.refused("tasks.task.startwatch", {"taskId": 404}) == (400, "1048584")
    assert box.refused("tasks.task.startwatch", {"taskId": "x"}) == (400, "0")


def test_access_of_several_users(box: Box) -> None:
    task = number_of(box)
    allowed = box.ok("tasks.task.getaccess", {"taskId": task, "users": [3, 9, 17]})["allowedActions"]
    assert [allowed[one]["EDIT"] for one in ("3", "9", "17")] == [True, False, False]
    assert [allowed[one]["START"] for one in ("3", "9", "17")] == [True, True, False]
    assert allowed["9"]["CHANGE_DEADLINE"] is False
    assert allowed["9"]["CHECKLIST.ADD"] is True
    assert list(box.ok("tasks.task.getaccess", {"taskId": task})["allowedActions"]) == ["1"]
    assert box.refused("tasks.task.getaccess", {"taskId": task, "users": 3}) == (400, "100")


def test_counters_count_late_tasks_and_unread_comments(box: Box) -> None:
    late = number_of(box, DEADLINE="2020-05-12T18:00:00+03:00")
    number_of(box, DEADLINE="2040-05-12T18:00:00+03:00", ACCOMPLICES=[15])
    box.ok("task.commentitem.add", {"TASKID": late, "FIELDS": {"POST_MESSAGE": "Торопитесь", "AUTHOR_ID": 3}})
    employee = box.install_app(who=9)

    def counted(caller: Any, **given: Any) -> tuple[int, int]:
        shown = caller.ok("tasks.task.counters.get", given)
        return shown["expired"]["counter"], shown["new_comments"]["counter"]

    expired, comments = counted(employee)
    assert expired == 1
    assert comments >= 1
    assert counted(box, userId=9) == (expired, comments)
    assert counted(employee, type="view_role_originator") == (0, 0)
    assert employee.ok("tasks.task.counters.get", {"userId": 3}) == []
    assert box.ok("tasks.task.counters.get", {"userId": 999}) == []
    assert box.refused("tasks.task.counters.get", {"groupId": 999}) == (400, "0")
    employee.ok("tasks.task.mute", {"id": late})
    assert counted(employee) == (0, 0)


@pytest.mark.parametrize("fields", [
    {"START_DATE_PLAN": "2026-05-12T10:00:00+03:00", "END_DATE_PLAN": "2026-05-11T10:00:00+03:00"},
    {"STATUS": 9},
    {"PARENT_ID": 999},
    {"CREATED_BY": 999},
])  # fmt: skip
def test_values_that_are_refused_leave_no_task(box: Box, fields: dict[str, Any]) -> None:
    given = {"TITLE": "t", "RESPONSIBLE_ID": 9, **fields}
    assert box.refused("tasks.task.add", {"fields": given}) == (400, "ERROR_CORE")
    assert box.ok("tasks.task.list")["tasks"] == []


def test_a_task_is_not_put_under_itself(box: Box) -> None:
    upper = number_of(box, TITLE="верхняя")
    lower = number_of(box, TITLE="нижняя", PARENT_ID=upper)
    for parent in (upper, lower):
        change = {"taskId": upper, "fields": {"PARENT_ID": parent}}
        assert box.refused("tasks.task.update", change) == (400, "ERROR_CORE")
    assert titles(box, filter={"ONLY_ROOT_TASKS": "Y"}) == ["верхняя"]
    assert titles(box, filter={"PARENT_ID": upper}) == ["нижняя"]


def test_filters_by_a_pattern_or_by_either_condition(box: Box) -> None:
    number_of(box, TITLE="Письмо в министерство")
    number_of(box, TITLE="Письмо в архив", PRIORITY=2)
    number_of(box, TITLE="Звонок")
    assert titles(box, filter={"TITLE": "%архив"}) == ["Письмо в архив"]
    either = {"::LOGIC": "OR", "PRIORITY": 2, "TITLE": "Звонок"}
    assert titles(box, filter=either, order={"ID": "asc"}) == ["Письмо в архив", "Звонок"]


def test_params_ask_for_more_than_the_fields(box: Box) -> None:
    task = number_of(box, DESCRIPTION="[B]Важно[/B]", SE_PARAMETER=[{"CODE": 3, "VALUE": "Y"}])
    asked = {"WITH_RESULT_INFO": True, "WITH_PARSED_DESCRIPTION": "Y"}
    shown = box.ok("tasks.task.get", {"taskId": task, "params": asked})["task"]
    assert [shown[f"task{name}"] for name in ("RequireResult", "HasResult", "HasOpenResult")] == [
        "Y",
        "N",
        "N",
    ]
    assert shown["parsedDescription"] == "<b>Важно</b>"
    box.v3("tasks.task.result.add", {"fields": {"taskId": task, "text": "Готово"}})
    box.ok("tasks.task.complete", {"taskId": task})
    (listed,) = box.ok("tasks.task.list", {"params": asked})["tasks"]
    assert [listed[f"task{name}"] for name in ("RequireResult", "HasResult", "HasOpenResult")] == [
        "Y",
        "Y",
        "N",
    ]
    assert "parsedDescription" not in box.ok("tasks.task.list")["tasks"][0]


def heard(app: AppCaller) -> list[tuple[str, Any]]:
    rows = app.ok("event.offline.get", {"auth_connector": "reader"})["events"]
    return [(row["EVENT_NAME"], row["EVENT_DATA"]) for row in rows]


@pytest.fixture
def app(box: Box) -> AppCaller:
    made = box.install_app()
    for event in ("ONTASKADD", "ONTASKUPDATE", "ONTASKDELETE", "ONTASKCOMMENTADD", "ONUSERADD"):
        made.ok("event.bind", {"event": event, "event_type": "offline", "auth_connector": "reader"})
    return made


def test_events_say_undefined_where_a_box_does(box: Box, app: AppCaller) -> None:
    task = number_of(box)
    assert heard(app) == [("ONTASKADD", {
        "FIELDS_BEFORE": UNKNOWN, "FIELDS_AFTER": {"ID": task},
        "IS_ACCESSIBLE_BEFORE": "N", "IS_ACCESSIBLE_AFTER": UNKNOWN,
    })]  # fmt: skip
    changed = ("ONTASKUPDATE", {
        "FIELDS_BEFORE": {"ID": task}, "FIELDS_AFTER": {"ID": task},
        "IS_ACCESSIBLE_BEFORE": UNKNOWN, "IS_ACCESSIBLE_AFTER": UNKNOWN,
    })  # fmt: skip
    for method, given in (
        ("update", {"fields": {"TITLE": "новое"}}),
        ("start", {}),
        ("delegate", {"userId": 10}),
    ):
        box.ok(f"tasks.task.{method}", {"taskId": task, **given})
        assert heard(app) == [changed], method
    box.ok("tasks.task.update", {"taskId": task, "fields": {"TITLE": "новое"}})
    assert heard(app) == []  # nothing is different
    box.person(10, "task/start", task_id=task)
    assert heard(app) == [changed]
    box.ok("tasks.task.delete", {"taskId": task})
    assert heard(app) == [("ONTASKDELETE", {
        "FIELDS_BEFORE": {"ID": task}, "FIELDS_AFTER": UNKNOWN,
        "IS_ACCESSIBLE_BEFORE": UNKNOWN, "IS_ACCESSIBLE_AFTER": "N",
    })]  # fmt: skip


def test_a_comment_is_a_message_of_the_chat(box: Box, app: AppCaller) -> None:
    task = number_of(box)
    heard(app)
    message = box.ok("task.commentitem.add", {"TASKID": task, "FIELDS": {"POST_MESSAGE": "Прошу ускорить"}})
    ((name, data),) = heard(app)
    assert name == "ONTASKCOMMENTADD"
    assert data["FIELDS_AFTER"] == {"ID": 0, "TASK_ID": task, "MESSAGE_ID": message}
    assert data["FIELDS_BEFORE"] == UNKNOWN


def test_a_new_user_is_told_about_when_he_comes(box: Box, app: AppCaller) -> None:
    given = {"EMAIL": "lunina@profsoyuz.example", "NAME": "Алла", "UF_DEPARTMENT": [2]}
    number = box.ok("user.add", given | {"PERSONAL_BIRTHDAY": "1990-01-31"})
    assert heard(app) == []
    login = {"user": number, "back": "/tasks/"}
    assert box.http.post("/as/login", data=login).status_code == 303
    box.http.cookies.clear()  # the application goes on by itself
    ((name, data),) = heard(app)
    assert (name, data["ID"], data["ACTIVE"], data["UF_DEPARTMENT"]) == ("ONUSERADD", number, "Y", [2])
    assert data["PERSONAL_BIRTHDAY"] == "1990-01-31"
    box.http.post("/as/login", data=login)
    box.http.cookies.clear()
    assert heard(app) == []
    assert box.ok("user.get", {"ID": number})[0]["LAST_LOGIN"]
