"""Applications: how they are recognised, what their tokens may and how long they live."""

from __future__ import annotations

import base64
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from b24flow.sandbox.server import SandboxServer
from tests.sandbox.conftest import HANDLER, AppCaller, Box


@pytest.mark.parametrize("way", ["query", "form", "json", "access_token", "header"])
def test_an_application_gives_its_token_in_any_of_five_ways(box: Box, way: str) -> None:
    token = box.install_app(who=5).token["access_token"]
    where: dict[str, Any] = {
        "query": {"params": {"auth": token}},
        "form": {"data": {"auth": token}},
        "json": {"json": {"auth": token}},
        "access_token": {"json": {"access_token": token}},
        "header": {"headers": {"Authorization": f"Bearer {token}"}},
    }
    answer = box.http.post("/rest/profile", **where[way])
    assert answer.json()["result"]["ID"] == "5"
    assert box.http.post("/rest/profile.json/", **where[way]).json()["result"]["ID"] == "5"


def test_an_application_calls_rest_3_with_the_token_in_the_body(box: Box) -> None:
    app = box.install_app(who=5)
    assert "rest" in app.v3("rest.scope.list", {}).json()["result"]["items"]
    bare = box.http.post("/rest/api/rest.scope.list", json={})
    assert (bare.status_code, bare.json()["error"]) == (401, "NO_AUTH_FOUND")


def test_a_call_without_a_known_token_is_refused(box: Box) -> None:
    nobody = box.http.post("/rest/profile", json={})
    assert (nobody.status_code, nobody.json()["error"]) == (401, "NO_AUTH_FOUND")
    stranger = box.http.post("/rest/profile", json={"auth": "0" * 70})
    assert (stranger.status_code, stranger.json()["error"]) == (401, "invalid_token")


def test_a_token_has_the_scopes_of_its_application(box: Box) -> None:
    app = box.install_app(scopes=["department"])
    assert app.ok("department.get")
    assert app.refused("user.current") == (401, "insufficient_scope")
    assert app.ok("scope") == ["department"]


def test_a_batch_is_one_caller(box: Box) -> None:
    app = box.install_app(who=5, scopes=["user"])
    answer = app.batch({"me": "user.current", "no": "crm.type.list", "opt": "app.option.get"})
    assert answer["result"]["me"]["ID"] == "5"
    assert answer["result_error"]["no"]["error"] == "insufficient_scope"
    assert answer["result"]["opt"] == []


def test_the_code_comes_back_with_the_address_of_the_portal(box: Box) -> None:
    app = box.install_app(scopes=["crm", "task"]).app
    given = {"client_id": app["client_id"], "state": "a b"}
    cookie = {"Cookie": "sandbox_employee=6"}
    answer = box.http.get("/oauth/authorize/", params=given, headers=cookie)
    address = httpx.URL(answer.headers["location"])
    assert str(address).startswith(HANDLER)
    back = dict(address.params)
    host = httpx.URL(box.server.url).netloc.decode()
    assert back.pop("code")
    member = back.pop("member_id")
    assert back == {"state": "a b", "domain": host, "scope": "crm,task", "server_domain": host}
    assert member == box.look("apps")[0]["member_id"]
    assert len(member) == 32


def test_whoever_is_not_chosen_yet_chooses_first_and_comes_back(box: Box) -> None:
    app = box.install_app().app
    address = f"/oauth/authorize/?client_id={app['client_id']}&state=x"
    page = box.http.get(address)
    assert page.status_code == 200
    assert f'value="{address.replace("&", "&amp;")}"' in page.text
    chosen = box.http.post("/as/login", data={"user": 6, "back": address})
    assert chosen.headers["location"] == address
    box.http.cookies.clear()


@pytest.mark.parametrize(
    ("client", "who", "status"), [("local.1.2", 6, 400), (None, 7, 403), ("unfinished", 1, 400)]
)
def test_the_portal_itself_refuses_an_authorisation(
    box: Box, client: str | None, who: int, status: int
) -> None:
    app = box.install_app(users=[6]).app
    raw = box.install_app(install="https://app.example/install/", finish=False).app
    asked = {"unfinished": raw["client_id"], None: app["client_id"]}.get(client, client)
    answer = box.http.get(
        "/oauth/authorize/", params={"client_id": asked}, headers={"Cookie": f"sandbox_employee={who}"}
    )
    assert answer.status_code == status
    assert "location" not in answer.headers


def test_a_pair_of_tokens_is_told_as_documented(box: Box) -> None:
    box.control("clock", {"now": "2026-03-02T10:00:00+03:00"})
    token = box.install_app(who=5, scopes=["crm", "im"]).token
    rest = f"{box.server.url}/rest/"
    assert len({token.pop("access_token"), token.pop("refresh_token")}) == 2
    assert token == {
        "client_endpoint": rest,
        "domain": httpx.URL(rest).netloc.decode(),
        "expires": 1772438400,
        "expires_in": 3600,
        "member_id": box.look("apps")[0]["member_id"],
        "scope": "crm,im",
        "server_endpoint": rest,
        "status": "L",
        "user_id": 5,
    }


def test_a_code_is_good_once_and_for_thirty_seconds(box: Box) -> None:
    app = box.install_app().app
    other = box.install_app().app
    box.control("clock", {"now": "2026-03-02T10:00:00+03:00"})
    code = _code(box, app)
    assert box.oauth(other, "authorization_code", code=code).json()["error"] == "invalid_grant"
    assert "access_token" in box.oauth(app, "authorization_code", code=code).json()
    assert box.oauth(app, "authorization_code", code=code).json()["error"] == "invalid_grant"
    late = _code(box, app)
    box.control("clock", {"advance": 30})
    assert box.oauth(app, "authorization_code", code=late).json()["error"] == "invalid_grant"


def _code(box: Box, app: dict[str, Any]) -> str:
    answer = box.http.get(
        "/oauth/authorize/", params={"client_id": app["client_id"]}, headers={"Cookie": "sandbox_employee=1"}
    )
    return httpx.URL(answer.headers["location"]).params["code"]


def test_an_access_token_lives_an_hour(box: Box) -> None:
    box.control("clock", {"now": "2026-03-02T10:00:00+03:00"})
    app = box.install_app()
    box.control("clock", {"advance": 3599})
    assert app.ok("profile")["ID"] == "1"
    box.control("clock", {"advance": 1})
    assert app.refused("profile") == (401, "expired_token")
    renewed = app.refresh().json()
    assert box.http.post("/rest/profile", json={"auth": renewed["access_token"]}).is_success


def test_a_refresh_token_is_good_once_and_for_180_days(box: Box) -> None:
    box.control("clock", {"now": "2026-03-02T10:00:00+03:00"})
    app = box.install_app()
    second = app.refresh().json()
    assert second["refresh_token"] != app.token["refresh_token"]
    again = app.refresh()
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert app.ok("profile")["ID"] == "1"  # the old access token keeps its hour
    box.control("clock", {"advance": 180 * 86400 - 1})
    app.token = second
    third = app.refresh().json()
    box.control("clock", {"advance": 180 * 86400})
    app.token = third
    assert app.refresh().json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"grant_type": "password"}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"refresh_token": ""}, "invalid_request"),
        ({"client_secret": "x"}, "invalid_client"),
        ({"client_id": "local.1.1"}, "invalid_client"),
        ({"refresh_token": "x"}, "invalid_grant"),
    ],
)
def test_the_server_says_what_is_wrong_with_a_renewal(box: Box, changed: dict[str, str], error: str) -> None:
    app = box.install_app()
    given = {
        "grant_type": "refresh_token",
        "client_id": app.app["client_id"],
        "client_secret": app.app["client_secret"],
        "refresh_token": app.token["refresh_token"],
    }
    answer = box.http.get("/oauth/token/", params=given | changed)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"]
    assert box.http.post("/oauth/token/", data=given).is_success


def test_more_scopes_than_the_card_has_are_refused(box: Box) -> None:
    app = box.install_app(scopes=["crm", "user"])
    wide = box.oauth(app.app, "refresh_token", refresh_token=app.token["refresh_token"], scope="crm,disk")
    assert (wide.status_code, wide.json()["error"]) == (403, "invalid_scope")
    same = box.oauth(app.app, "refresh_token", refresh_token=app.token["refresh_token"], scope="crm user")
    assert same.json()["scope"] == "crm,user"


def test_new_scopes_come_with_new_tokens(box: Box) -> None:
    app = box.install_app(scopes=["department"])
    box.http.patch("/_sandbox/apps", json={"id": app.app["id"], "scopes": ["department", "user"]})
    assert app.refused("user.current") == (401, "insufficient_scope")
    app.token = app.refresh().json()
    assert app.ok("user.current")["ID"] == "1"


def test_a_token_dies_with_its_user_his_access_and_the_application(box: Box) -> None:
    app = box.install_app(who=6)
    box.http.patch("/_sandbox/apps", json={"id": app.app["id"], "users": [5]})
    assert app.refused("profile") == (401, "user_access_error")
    box.http.patch("/_sandbox/apps", json={"id": app.app["id"], "users": []})
    assert app.ok("profile")["ID"] == "6"
    mine = app.as_user(5)
    box.control("dismiss", {"user": 6})
    assert app.refused("profile") == (401, "authorization_error")
    assert app.refresh().json()["error"] == "invalid_grant"
    box.http.delete("/_sandbox/apps", params={"id": app.app["id"]})
    assert mine.refused("profile") == (401, "APPLICATION_NOT_FOUND")
    assert mine.refresh().json()["error"] == "invalid_client"


def test_equal_histories_give_equal_secrets(box: Box) -> None:
    def history() -> tuple[dict[str, Any], str, dict[str, Any]]:
        box.control("reset", {})
        app = box.install_app()
        return app.app, app.token["access_token"], box.control("webhooks", {"user": 5})

    first = history()
    assert history() == first
    assert first[0]["client_id"].startswith("local.")
    assert first[0]["client_secret"] != box.install_app().app["client_secret"]


def test_a_portal_session_of_somebody_else_refuses_a_token(box: Box) -> None:
    app = box.install_app(who=6)
    for who, error in ((6, None), (7, "authorization_error")):
        answer = app.raw("profile", headers={"Cookie": f"sandbox_employee={who}"}).json()
        assert answer.get("error") == error


def test_files_are_fetched_by_the_address_an_application_was_given(box: Box) -> None:
    app = box.install_app(scopes=["disk"])
    root = app.ok("disk.storage.getlist")[0]["ROOT_OBJECT_ID"]
    content = ["a.txt", base64.b64encode(b"abc").decode()]
    made = app.ok("disk.folder.uploadfile", {"id": root, "data": {"NAME": "a.txt"}, "fileContent": content})
    assert app.token["access_token"] in made["DOWNLOAD_URL"]
    assert box.http.get(made["DOWNLOAD_URL"]).content == b"abc"
    form = app.ok("disk.folder.uploadfile", {"id": root, "data": {"NAME": "b.txt"}})
    posted = box.http.post(form["uploadUrl"], files={form["field"]: ("b.txt", b"def")}).json()
    assert posted["result"]["NAME"] == "b.txt"
    box.control("clock", {"advance": 3600})
    late = box.http.get(made["DOWNLOAD_URL"])
    assert (late.status_code, late.json()["error"]) == (401, "expired_token")


def test_everything_about_access_outlives_the_process(tmp_path: Path) -> None:
    with SandboxServer(data=tmp_path / "portal") as server, closing(Box(server)) as box:
        app = box.install_app(who=6)
        app.ok("user.option.set", {"options": {"a": 1}})
        hook = box.control("webhooks", {"user": 5})
        cookie = {"Cookie": "sandbox_employee=5"}
        frame = box.http.post("/as/app/open", data={"app": app.app["id"]}, headers=cookie).json()["fields"]
        app.token = app.refresh().json()
    with SandboxServer(data=tmp_path / "portal") as server, closing(Box(server)) as box:
        app = AppCaller(box, app.app, app.token)
        assert app.ok("user.option.get") == {"a": 1}
        opened = box.http.post("/rest/profile", json={"auth": frame["AUTH_ID"]}).json()
        assert opened["result"]["ID"] == "5"
        assert box.http.post(f"/rest/5/{hook['code']}/profile").json()["result"]["ID"] == "5"
        assert app.refresh().json()["user_id"] == 6
        assert app.refresh().json()["error"] == "invalid_grant"


_JUNK = (
    b"", b"{", b"[]", b"null", b"\xff\xfe", b"grant_type[]=x&client_id[a]=1", b"a" * 100_000,
    b'{"id": {}, "user": [], "scopes": 5, "users": {}, "users_authorised": 7}',
    b'{"id": "1e999", "by": null, "scopes": [{}]}',
    b'{"users": [{}], "title": [], "client_id": 5, "install_url": {}, "handler_url": 1, "version": []}',
)  # fmt: skip
_PATHS = (
    "/oauth/token/", "/oauth/authorize/", "/_sandbox/apps", "/_sandbox/webhooks", "/_sandbox/tokens",
    "/_sandbox/dismiss", "/as/dev/app/add", "/rest/profile",
)  # fmt: skip


@pytest.mark.parametrize("junk", _JUNK)
@pytest.mark.parametrize("path", _PATHS)
def test_junk_is_refused_or_taken_and_nothing_breaks(box: Box, path: str, junk: bytes) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "sandbox_employee=1"}
    json_body = {"Content-Type": "application/json", "Cookie": "sandbox_employee=1"}
    for headers in (form, json_body):
        for method in ("POST", "PATCH", "DELETE", "GET"):
            answer = box.http.request(method, path, content=junk, headers=headers)
            assert answer.status_code < 500, answer.text
    assert box.look("apps") is not None
    assert box.look("webhooks") is not None
