"""Installation, the frame's form, the letters about it, and the section for developers."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import Any

import httpx
import pytest

from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.placements import placement_post
from b24flow.sandbox.seed import demo_organisation
from b24flow.sandbox.wire import parse_query
from tests.sandbox.conftest import Box

ADDRESS = "https://portal.example:8443"


class Mailbox:
    """A handler that keeps the forms posted to it."""

    def __init__(self) -> None:
        self.forms: Queue[dict[str, Any]] = Queue()
        kept = self.forms

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept.put(parse_query(body.decode()))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/handler"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def next(self) -> dict[str, Any]:
        """Return the next form, waiting for it."""
        return self.forms.get(timeout=10)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    made = Mailbox()
    yield made
    made.close()


def test_an_application_without_pages_gets_its_tokens_at_registration(box: Box, mailbox: Mailbox) -> None:
    app = box.install_app(api_only=True, install=mailbox.url, scopes=["crm", "user"]).app
    form = mailbox.next()
    auth = form.pop("auth")
    assert re.fullmatch(r"\d{10}", form.pop("ts"))
    assert re.fullmatch(r"\d+", form.pop("event_handler_id"))
    assert form == {
        "event": "ONAPPINSTALL",
        "data": {"VERSION": "1", "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": "ru"},
    }
    assert auth["application_token"] == app["application_token"]
    assert (auth["user_id"], auth["scope"], auth["status"]) == ("1", "crm,user", "L")
    assert auth["domain"] == httpx.URL(box.server.url).netloc.decode()
    assert auth["client_endpoint"] == f"{box.server.url}/rest/"
    called = box.http.post("/rest/profile", json={"auth": auth["access_token"]}).json()
    assert called["result"]["ID"] == "1"
    renewed = box.oauth(app, "refresh_token", refresh_token=auth["refresh_token"]).json()
    assert renewed["member_id"] == auth["member_id"]


def test_an_application_with_pages_is_not_installed_until_it_says_so(box: Box, mailbox: Mailbox) -> None:
    app = box.install_app(install="https://app.example/install/", finish=False).app
    assert app["installed"] is False
    token = box.control("tokens", {"id": app["id"], "user": 1})["access_token"]
    auth = {"auth": token}
    assert box.http.post("/rest/app.info", json=auth).json()["result"]["INSTALLED"] is False
    bound = box.http.post("/rest/event.bind", json=auth | {"event": "ONAPPINSTALL", "handler": mailbox.url})
    assert bound.json()["result"] is True
    refused = box.person(6, "app/install_finish", app=app["id"])
    assert refused.status_code == 403
    assert box.person(1, "app/install_finish", app=app["id"]).json()["app"]["installed"] is True
    assert box.http.post("/rest/app.info", json=auth).json()["result"]["INSTALLED"] is True
    box.person(1, "app/install_finish", app=app["id"])  # finishes nothing a second time
    box.http.post("/rest/event.bind", json=auth | {"event": "ONAPPUNINSTALL", "handler": mailbox.url})
    box.person(1, "dev/app/delete", app=app["id"])
    first, second = mailbox.next(), mailbox.next()
    assert (first["event"], second["event"]) == ("ONAPPINSTALL", "ONAPPUNINSTALL")
    assert first["data"]["INSTALLED"] == "Y"
    assert first["auth"]["refresh_token"]


def test_a_deleted_application_says_goodbye_and_leaves_nothing(box: Box, mailbox: Mailbox) -> None:
    app = box.install_app()
    app.ok("event.bind", {"event": "ONAPPUNINSTALL", "handler": mailbox.url})
    app.ok("placement.bind", {"PLACEMENT": "LEFT_MENU", "HANDLER": "https://app.example/menu"})
    app.ok("app.option.set", {"options": {"a": 1}})
    other = box.install_app()
    assert box.person(6, "dev/app/delete", app=app.app["id"]).status_code == 403
    assert box.person(1, "dev/app/delete", app=app.app["id"]).json()["ok"]
    form = mailbox.next()
    assert (form["event"], form["data"]) == ("ONAPPUNINSTALL", {"LANGUAGE_ID": "ru", "CLEAN": "1"})
    assert set(form["auth"]) == {
        "domain", "server_endpoint", "client_endpoint", "member_id", "application_token",
    }  # fmt: skip
    assert form["auth"]["application_token"] == app.app["application_token"]
    assert app.refused("profile") == (401, "APPLICATION_NOT_FOUND")
    assert app.refresh().json()["error"] == "invalid_client"
    assert [row["id"] for row in box.look("apps")] == [other.app["id"]]
    assert (box.look("state/handlers"), box.look("state/placements")) == ([], [])
    again = box.install_app()
    assert again.app["client_id"] != app.app["client_id"]
    assert again.ok("app.option.get") == []


def test_an_applications_bot_leaves_with_it(box: Box) -> None:
    app = box.install_app(scopes=["imbot", "user"])
    fields = {"code": "b", "properties": {"name": "Бот"}}
    made = app.ok("imbot.v2.Bot.register", {"fields": fields})["bot"]
    other = box.install_app(scopes=["imbot"])
    kept = other.ok("imbot.v2.Bot.register", {"fields": fields | {"code": "c"}})["bot"]
    box.http.delete("/_sandbox/apps", params={"id": app.app["id"]}).raise_for_status()
    bots = {row["id"] for row in box.look("state/bots")}
    assert kept["id"] in bots
    assert made["id"] not in bots


def test_another_version_comes_with_another_token_of_the_application(box: Box, mailbox: Mailbox) -> None:
    app = box.install_app()
    app.ok("event.bind", {"event": "ONAPPUPDATE", "handler": mailbox.url})
    changed = box.http.patch("/_sandbox/apps", json={"id": app.app["id"], "version": 3}).json()
    form = mailbox.next()
    assert form["data"] == {"VERSION": "3", "PREVIOUS_VERSION": "1", "LANGUAGE_ID": "ru"}
    assert form["auth"]["application_token"] == changed["application_token"]
    assert changed["application_token"] != app.app["application_token"]
    assert form["auth"]["refresh_token"]
    assert app.ok("app.info")["VERSION"] == 3


def test_a_frame_is_opened_by_the_documented_form() -> None:
    portal = Portal(
        demo_organisation() | {"apps": [{"title": "Карточка", "handler_url": "https://app.example/?v=1"}]}
    )
    app, user = portal.state.apps[1], portal.state.users[5]
    url, fields = placement_post(
        portal,
        app,
        user,
        "CRM_DYNAMIC_1046_DETAIL_TAB",
        {"ID": "7"},
        ADDRESS,
        handler="https://app.example/tab",
    )
    address = httpx.URL(url)
    query = dict(address.params)
    assert (address.host, address.path) == ("app.example", "/tab")
    assert re.fullmatch("[0-9a-f]{32}", query.pop("APP_SID"))
    assert query == {"DOMAIN": "portal.example:8443", "PROTOCOL": "1", "LANG": "ru"}
    token = portal.state.tokens[fields.pop("AUTH_ID")]
    assert (token.user_id, token.refresh) == (5, fields.pop("REFRESH_ID"))
    assert re.fullmatch("[0-9a-f]{32}", fields.pop("member_id"))
    assert fields == {
        "AUTH_EXPIRES": "3600",
        "SERVER_ENDPOINT": f"{ADDRESS}/rest/",
        "APPLICATION_TOKEN": app.application_token,
        "APPLICATION_SCOPE": ",".join(app.scopes),
        "status": "L",
        "PLACEMENT": "CRM_DYNAMIC_1046_DETAIL_TAB",
        "PLACEMENT_OPTIONS": '{"ID": "7"}',
    }
    main, plain = placement_post(portal, app, user, "DEFAULT", None, "http://127.0.0.1:8")
    assert main.startswith("https://app.example/?v=1&DOMAIN=127.0.0.1%3A8&PROTOCOL=0&")
    assert plain["PLACEMENT"] == "DEFAULT"
    assert "PLACEMENT_OPTIONS" not in plain


def test_a_seed_brings_applications_with_known_keys(box: Box) -> None:
    known = {"client_id": "local.0.1", "client_secret": "s", "application_token": "t"}
    seed = demo_organisation() | {
        "apps": [known | {"title": "Известное", "handler_url": "https://a.example/"}]
    }
    box.control("reset", {"seed": seed})
    row = box.look("apps")[0]
    assert {name: row[name] for name in known} == known
    token = box.authorise(row, 6)
    assert token["user_id"] == 6


def test_the_control_interface_gives_a_working_application_in_one_call(box: Box) -> None:
    made = box.control("apps", {"title": "Бот", "scopes": ["user"], "users_authorised": [1, 6]})
    called = box.http.post("/rest/user.current", json={"auth": made["tokens"]["6"]["access_token"]}).json()
    assert called["result"]["ID"] == "6"
    assert made["installed"] is True
    assert box.http.post("/_sandbox/apps", json={"users_authorised": [999]}).status_code == 400


def test_an_administrator_keeps_applications_on_the_page(box: Box) -> None:
    assert box.person(6, "dev/app/add", title="Чужое", scope="crm").status_code == 403
    no_scope = box.person(1, "dev/app/add", title="Без прав", scope="")
    assert (no_scope.status_code, no_scope.json()["error"]) == (400, "Выберите хотя бы одно право доступа")
    form = {"title": "Учёт <писем>", "scope[]": ["crm", "user"], "handler_url": "https://a.example/"}
    app = box.person(1, "dev/app/add", **form).json()["app"]
    listing = box.page(1, "/devops/list/")
    assert "Учёт &lt;писем&gt;" in listing
    card = box.page(1, f"/devops/app/{app['id']}/")
    assert app["client_secret"] in card
    assert 'value="user" checked' in card
    assert 'value="disk" checked' not in card
    changed = form | {"app": app["id"], "title": "Учёт", "scope[]": ["disk"]}
    assert box.person(1, "dev/app/edit", **changed).json()["app"]["client_id"] == app["client_id"]
    assert box.look("apps")[0]["scopes"] == ["disk"]
    assert "Локальные приложения" not in box.page(6, "/devops/list/")
    hidden = box.http.get(f"/devops/app/{app['id']}/", headers={"Cookie": "sandbox_employee=6"})
    assert hidden.status_code == 403


def test_everybody_keeps_his_own_webhooks_on_the_page(box: Box) -> None:
    made = box.person(6, "dev/webhook/add", title="Выгрузка", **{"scope[]": ["user"]}).json()["webhook"]
    assert box.http.post(f"{made['path']}profile").json()["result"]["ID"] == "6"
    assert 'href="/devops/list/"' in box.page(6, "/company/")
    own = box.page(6, f"/devops/webhook/{made['id']}/")
    assert made["path"] in own
    foreign = box.page(1, f"/devops/webhook/{made['id']}/")
    assert made["path"] not in foreign
    assert "владельцем станете вы" in foreign
    hidden = box.http.get(f"/devops/webhook/{made['id']}/", headers={"Cookie": "sandbox_employee=7"})
    assert hidden.status_code == 403
    assert box.person(7, "dev/webhook/edit", webhook=made["id"], scope="user").status_code == 403
    taken = box.person(1, "dev/webhook/edit", webhook=made["id"], scope="user").json()["webhook"]
    assert taken["path"].startswith("/rest/1/")
    assert box.http.post(f"{made['path']}profile").json()["error"] == "INVALID_CREDENTIALS"
    assert box.person(7, "dev/webhook/delete", webhook=made["id"]).status_code == 403
    assert box.person(1, "dev/webhook/delete", webhook=made["id"]).json()["ok"]
    assert box.http.post(f"{taken['path']}profile").json()["error"] == "INVALID_CREDENTIALS"


def test_an_administrator_dismisses_and_may_preserve_the_integrations(box: Box) -> None:
    hook = box.control("webhooks", {"user": 6})
    assert box.person(7, "employee/dismiss", user=6).status_code == 403
    assert box.person(1, "employee/dismiss", user=6, preserve="Y").json()["ok"]
    assert box.http.post(hook["url"] + "profile").json()["result"]["NAME"] == "Елена"
    assert box.person(6, "dev/webhook/add", scope="user").status_code == 403
