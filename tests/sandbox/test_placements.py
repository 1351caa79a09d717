"""Places in the portal's pages: which there are, who registers handlers, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import SPA, AppCaller, Box, add_item

URL = "https://app.example/place/"
TAB = "CRM_LEAD_DETAIL_TAB"


@pytest.fixture
def app(box: Box) -> AppCaller:
    return box.install_app()


def bind(app: AppCaller, place: str = TAB, **given: Any) -> Any:
    body = app.raw("placement.bind", {"PLACEMENT": place, "HANDLER": URL, **given}).json()
    return body.get("result", body.get("error"))


def test_a_webhook_has_no_places(box: Box) -> None:
    for method in ("bind", "get", "list", "unbind"):
        assert box.refused(f"placement.{method}")[1] in ("WRONG_AUTH_TYPE", "insufficient_scope")
    box.control("webhooks", {"code": "wide", "scopes": ["placement", "crm"]})
    answer = box.http.post("/rest/1/wide/placement.list").json()
    assert answer["error"] == "WRONG_AUTH_TYPE"


def test_a_registration_is_listed_as_documented(app: AppCaller) -> None:
    texts = {"ru": {"TITLE": "Документ", "GROUP_NAME": "СЭД"}}
    assert bind(app, TITLE="Document", DESCRIPTION="d", LANG_ALL=texts, OPTIONS={"a": 1}) is True
    assert bind(app, "left_menu") is True
    assert app.ok("placement.get") == [
        {
            "placement": TAB,
            "userId": 0,
            "handler": URL,
            "options": [],
            "title": "Document",
            "description": "d",
            "langAll": {"ru": {"TITLE": "Документ", "DESCRIPTION": "", "GROUP_NAME": "СЭД"}},
        },
        {
            "placement": "LEFT_MENU",
            "userId": 0,
            "handler": URL,
            "options": [],
            "title": "",
            "description": "",
            "langAll": [],
        },
    ]


def test_the_same_handler_twice_is_refused(app: AppCaller) -> None:
    assert bind(app) is True
    assert bind(app) == "ERROR_CORE"
    assert bind(app, HANDLER=URL + "?k=2") is True


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"PLACEMENT": "CRM_MOON_DETAIL_TAB"}, "ERROR_PLACEMENT_NOT_FOUND"),
        ({"PLACEMENT": f"CRM_DYNAMIC_{SPA}_DETAIL_TAB"}, "ERROR_PLACEMENT_NOT_FOUND"),
        ({"PLACEMENT": ""}, "ERROR_ARGUMENT"),
        ({"PLACEMENT": ["LEFT_MENU"]}, "ERROR_ARGUMENT"),
        ({"HANDLER": ""}, "ERROR_ARGUMENT"),
        ({"HANDLER": "ftp://app.example/"}, "ERROR_UNSUPPORTED_PROTOCOL"),
        ({"HANDLER": "https://localhost/"}, "ERROR_WRONG_HANDLER_URL"),
        ({"USER_ID": 5}, "ERROR_PLACEMENT_USER_MODE"),
        ({"PLACEMENT": "PAGE_BACKGROUND_WORKER"}, "EMPTY_ERROR_HANDLER_URL"),
        ({"PLACEMENT": "IM_NAVIGATION"}, "ERROR_ARGUMENT"),
        ({"PLACEMENT": "IM_CONTEXT_MENU", "OPTIONS": {"context": "ELSEWHERE"}}, "INVALID_ERROR_CONTEXT"),
    ],
)
def test_wrong_registrations(app: AppCaller, given: dict[str, Any], code: str) -> None:
    answer = app.raw("placement.bind", {"PLACEMENT": TAB, "HANDLER": URL, **given})
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert app.ok("placement.get") == []


def test_only_an_administrator_registers(app: AppCaller) -> None:
    bind(app)
    other = app.as_user(5)
    given = {"PLACEMENT": TAB, "HANDLER": URL + "2"}
    assert other.refused("placement.bind", given) == (403, "ACCESS_DENIED")
    assert other.refused("placement.unbind", given) == (403, "ACCESS_DENIED")
    assert other.refused("placement.get") == (403, "ACCESS_DENIED")
    assert TAB in other.ok("placement.list")


def test_places_are_those_of_the_scopes(box: Box) -> None:
    narrow = box.install_app(scopes=["placement", "task"])
    names = narrow.ok("placement.list")
    assert {"TASK_VIEW_TAB", "LEFT_MENU", "PAGE_BACKGROUND_WORKER"} <= set(names)
    assert len(names) == len(set(names))
    assert TAB not in names
    assert bind(narrow) == "ERROR_PLACEMENT_NOT_FOUND"
    assert bind(narrow, "TASK_VIEW_TAB") is True
    assert TAB in narrow.ok("placement.list", {"FULL": True})
    assert narrow.ok("placement.list", {"SCOPE": "user"}) == ["USER_PROFILE_MENU", "USER_PROFILE_TOOLBAR"]
    assert box.install_app(scopes=["crm"]).refused("placement.list")[1] == "insufficient_scope"


def test_places_of_a_smart_process_exist_with_it(box: Box, app: AppCaller) -> None:
    made = box.ok("crm.type.add", {"fields": {"title": "Письма", "entityTypeId": SPA}})["type"]
    places = [name for name in app.ok("placement.list", {"SCOPE": "crm"}) if f"_{SPA}_" in name]
    assert [name.removeprefix(f"CRM_DYNAMIC_{SPA}_") for name in places] == [
        "LIST_TOOLBAR", "LIST_MENU", "DETAIL_TAB", "DETAIL_TOOLBAR", "DETAIL_ACTIVITY",
        "ACTIVITY_TIMELINE_MENU", "DOCUMENTGENERATOR_BUTTON", "ROBOT_DESIGNER_TOOLBAR", "FUNNELS_TOOLBAR",
    ]  # fmt: skip
    for place in places:
        assert bind(app, place) is True
    assert bind(app) is True
    box.ok("crm.type.delete", {"id": made["id"]})
    assert [row["placement"] for row in app.ok("placement.get")] == [TAB]
    assert bind(app, places[0]) == "ERROR_PLACEMENT_NOT_FOUND"


def test_a_background_handler_is_one_for_all_and_one_for_each(app: AppCaller) -> None:
    worker = {"OPTIONS": {"errorHandlerUrl": "https://app.example/slow/", "other": 1}}
    assert bind(app, "PAGE_BACKGROUND_WORKER", **worker) is True
    assert bind(app, "PAGE_BACKGROUND_WORKER", HANDLER=URL + "2", **worker) == "ERROR_PLACEMENT_MAX_COUNT"
    assert bind(app, "PAGE_BACKGROUND_WORKER", USER_ID=5, **worker) is True
    assert [(row["userId"], row["options"]) for row in app.ok("placement.get")] == [
        (0, {"errorHandlerUrl": "https://app.example/slow/"}),
        (5, {"errorHandlerUrl": "https://app.example/slow/"}),
    ]
    assert bind(app, "REST_APP_URI") is True
    assert bind(app, "REST_APP_URI", HANDLER=URL + "2") == "ERROR_PLACEMENT_MAX_COUNT"


def test_places_keep_the_options_they_document(app: AppCaller) -> None:
    assert bind(app, "IM_TEXTAREA", OPTIONS={"iconName": "fa-file", "context": "USER;ALL", "x": 1}) is True
    assert bind(app, "CRM_LEAD_DETAIL_ACTIVITY", OPTIONS={"useBuiltInInterface": "Y", "x": 1}) is True
    assert [row["options"] for row in app.ok("placement.get")] == [
        {"iconName": "fa-file", "extranet": "N", "context": "ALL", "role": "USER"},
        {"useBuiltInInterface": "Y"},
    ]


def test_unbinding_counts_every_handler_twice(app: AppCaller) -> None:
    bind(app)
    bind(app, HANDLER=URL + "2")
    bind(app, "LEFT_MENU")
    assert app.ok("placement.unbind", {"PLACEMENT": TAB, "HANDLER": URL}) == {"count": 2}
    bind(app)
    assert app.ok("placement.unbind", {"PLACEMENT": TAB.lower()}) == {"count": 4}
    assert app.ok("placement.unbind", {"PLACEMENT": TAB}) == {"count": 0}
    assert app.refused("placement.unbind", {"HANDLER": URL}) == (400, "ERROR_ARGUMENT")
    assert [row["placement"] for row in app.ok("placement.get")] == ["LEFT_MENU"]


def test_applications_do_not_touch_each_other(box: Box, app: AppCaller) -> None:
    bind(app)
    other = box.install_app()
    assert other.ok("placement.get") == []
    assert other.ok("placement.unbind", {"PLACEMENT": TAB}) == {"count": 0}
    assert bind(other) is True
    box.person(1, "dev/app/delete", app=other.app["id"])
    assert len(app.ok("placement.get")) == 1


def test_types_of_fields(app: AppCaller) -> None:
    given = {"USER_TYPE_ID": "cloud", "HANDLER": URL, "TITLE": "Облако", "OPTIONS": {"height": 80}}
    assert app.ok("userfieldtype.add", given) is True
    for wrong in ({"HANDLER": URL + "2"}, {"USER_TYPE_ID": "other"}):
        assert app.refused("userfieldtype.add", {**given, **wrong}) == (400, "ERROR_CORE")
    assert app.refused("userfieldtype.add", {**given, "USER_TYPE_ID": "Ы"}) == (400, "ERROR_ARGUMENT")
    assert app.ok("userfieldtype.add", {"USER_TYPE_ID": "second", "HANDLER": URL + "2"}) is True
    assert app.ok("userfieldtype.update", {"USER_TYPE_ID": "cloud", "HANDLER": URL + "3", "TITLE": "Туча"})
    answer = app.raw("userfieldtype.list").json()
    assert (answer["total"], answer["result"]) == (
        2,
        [
            {"USER_TYPE_ID": "second", "HANDLER": URL + "2", "TITLE": "", "DESCRIPTION": ""},
            {"USER_TYPE_ID": "cloud", "HANDLER": URL + "3", "TITLE": "Туча", "DESCRIPTION": ""},
        ],
    )
    assert app.ok("placement.get") == []
    assert app.ok("userfieldtype.delete", {"USER_TYPE_ID": "cloud"}) is True
    for method in ("delete", "update"):
        gone = {"USER_TYPE_ID": "cloud", "HANDLER": URL, "TITLE": "Облако"}
        assert app.refused(f"userfieldtype.{method}", gone) == (400, "ERROR_NOT_FOUND")
    assert app.as_user(5).refused("userfieldtype.list") == (403, "ACCESS_DENIED")


@pytest.mark.usefixtures("spa")
def test_a_field_of_an_applications_type_keeps_text(box: Box, app: AppCaller) -> None:
    app.ok("userfieldtype.add", {"USER_TYPE_ID": "cloud", "HANDLER": URL, "TITLE": "Облако"})
    code = f"rest_{app.app['id']}_cloud"
    types = box.ok("userfieldconfig.getTypes", {"moduleId": "crm"})["types"]
    assert types[code] == {"userTypeId": code, "description": "Облако"}
    number = box.look("state/types")[0]["id"]
    field = {"entityId": f"CRM_{number}", "fieldName": f"UF_CRM_{number}_CLOUD", "userTypeId": code}
    assert box.ok("userfieldconfig.add", {"moduleId": "crm", "field": field})["field"]["userTypeId"] == code
    name = f"ufCrm{number}Cloud"
    item = add_item(box, **{name: "/папка/файл"})
    assert item[name] == "/папка/файл"
    wrong = {**field, "fieldName": f"UF_CRM_{number}_OTHER", "userTypeId": f"{code}2"}
    assert box.raw("userfieldconfig.add", {"moduleId": "crm", "field": wrong}).status_code == 400
