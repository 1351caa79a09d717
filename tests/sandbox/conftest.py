"""A real sandbox on a real port, reset before every test."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
import uvicorn
from b24pysdk import BitrixWebhook, Client

from b24flow.sandbox.app import create_app
from b24flow.sandbox.model.portal import ALL_SCOPES
from b24flow.sandbox.seed import WEBHOOK_CODE, demo_organisation
from b24flow.sandbox.server import SandboxServer

SPA = 1046
APP_SCOPES = (*ALL_SCOPES, "placement")


HANDLER = "https://app.example/handler/"


class AppCaller:
    """A user of an installed local application: `token` is its pair, `app` its registration."""

    def __init__(self, box: Box, app: dict[str, Any], token: dict[str, Any]) -> None:
        self.box, self.app, self.token = box, app, token

    def raw(self, method: str, params: Any = None, **extra: Any) -> httpx.Response:
        given = {**(params or {}), "auth": self.token["access_token"]}
        return self.box.http.post(f"/rest/{method}", json=given, **extra)

    def ok(self, method: str, params: Any = None) -> Any:
        return _result(self.raw(method, params))

    def refused(self, method: str, params: Any = None) -> tuple[int, str]:
        answer = self.raw(method, params)
        return answer.status_code, answer.json()["error"]

    def batch(self, cmd: Any, halt: int = 0) -> Any:
        return self.ok("batch", {"halt": halt, "cmd": cmd})

    def v3(self, method: str, params: Any) -> httpx.Response:
        given = {**(params or {}), "auth": self.token["access_token"]}
        return self.box.http.post(f"/rest/api/{method}", json=given)

    def as_user(self, who: int) -> AppCaller:
        """Authorise another user in the same application."""
        return AppCaller(self.box, self.app, self.box.authorise(self.app, who))

    def refresh(self) -> httpx.Response:
        """Exchange the refresh token; `token` stays the old pair."""
        return self.box.oauth(self.app, "refresh_token", refresh_token=self.token["refresh_token"])


def _result(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert "error" not in body, body
    return body["result"]


class Box:
    """A short way to talk to a sandbox."""

    def __init__(self, server: Any, trust: ssl.SSLContext | bool = True) -> None:
        self.server = server  # a SandboxServer, or anything else with the two addresses
        self.http = httpx.Client(base_url=server.url, timeout=10, verify=trust)

    @property
    def webhook_url(self) -> str:
        """The address of the seed's first webhook, an administrator's."""
        return str(self.server.webhook_url)

    def close(self) -> None:
        self.http.close()

    def raw(self, method: str, params: Any = None, **extra: Any) -> httpx.Response:
        return self.http.post(self.webhook_url + method, json=params or {}, **extra)

    def ok(self, method: str, params: Any = None) -> Any:
        return _result(self.raw(method, params))

    def refused(self, method: str, params: Any = None) -> tuple[int, str]:
        answer = self.raw(method, params)
        return answer.status_code, answer.json()["error"]

    def batch(self, cmd: Any, halt: int = 0) -> Any:
        return self.ok("batch", {"halt": halt, "cmd": cmd})

    def v3(self, method: str, params: Any) -> httpx.Response:
        address = self.webhook_url.replace("/rest/", "/rest/api/")
        return self.http.post(address + method, json=params)

    def control(self, path: str, body: Any = None) -> Any:
        return self.http.post(f"/_sandbox/{path}", json=body or {}).raise_for_status().json()

    def look(self, path: str) -> Any:
        return self.http.get(f"/_sandbox/{path}").raise_for_status().json()

    def person(self, who: int, path: str, **form: Any) -> httpx.Response:
        headers = {"Accept": "application/json"}
        return self.http.post(f"/as/{path}", data={"as": who, **form}, headers=headers)

    def page(self, who: int, path: str) -> str:
        answer = self.http.get(path, headers={"Cookie": f"sandbox_employee={who}"})
        assert answer.status_code == 200, answer.text
        return answer.text

    def install_app(
        self,
        *,
        scopes: Iterable[str] | None = None,
        handler: str = HANDLER,
        install: str = "",
        api_only: bool = False,
        users: Iterable[int] = (),
        who: int = 1,
        finish: bool = True,
    ) -> AppCaller:
        """Register a local application as an administrator, install it and authorise `who`.

        `scopes` are all by default; `install` is the address of an installation page; with
        `finish=False` the installation stays unfinished and nobody is authorised.
        """
        form = {
            "title": "Приложение",
            "handler_url": handler,
            "install_url": install,
            "scope": ",".join(APP_SCOPES if scopes is None else scopes),
            "users": ",".join(map(str, users)),
            "api_only": "Y" if api_only else "N",
        }
        answer = self.person(1, "dev/app/add", **form)
        assert answer.status_code == 200, answer.text
        app = answer.json()["app"]
        if finish and not app["installed"]:
            app = self.person(1, "app/install_finish", app=app["id"]).json()["app"]
        return AppCaller(self, app, self.authorise(app, who) if app["installed"] else {})

    def authorise(self, app: dict[str, Any], who: int) -> dict[str, Any]:
        """Go through the portal's authorisation page as `who`; returns the pair of tokens."""
        asked = {"client_id": app["client_id"], "state": "mine"}
        cookie = {"Cookie": f"sandbox_employee={who}"}
        answer = self.http.get("/oauth/authorize/", params=asked, headers=cookie)
        assert answer.status_code == 302, answer.text
        back = dict(httpx.URL(answer.headers["location"]).params)
        assert back["state"] == "mine"
        token: dict[str, Any] = self.oauth(app, "authorization_code", code=back["code"]).json()
        return token

    def oauth(self, app: dict[str, Any], grant: str, **given: str) -> httpx.Response:
        """Ask the token address."""
        keys = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
        return self.http.get("/oauth/token/", params={"grant_type": grant, **keys, **given})

    def notes(self) -> list[tuple[str, str]]:
        return [(row["kind"], row["name"]) for row in self.look("unhandled")]


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def box(server: SandboxServer) -> Iterator[Box]:
    """An empty portal of the demonstration organisation."""
    made = Box(server)
    made.control("reset", {"seed": demo_organisation()})
    yield made
    made.http.close()


@pytest.fixture
def spa(box: Box) -> int:
    """A smart process bound to tasks, with a text, a date and a list field; returns its type id."""
    fields = {
        "title": "Входящие",
        "entityTypeId": SPA,
        "isStagesEnabled": "Y",
        "isUseInUserfieldEnabled": "Y",
        "linkedUserFields": {"TASKS_TASK|UF_CRM_TASK": "true"},
    }
    made = box.ok("crm.type.add", {"fields": fields})["type"]
    for code, kind in (("DOC_NUMBER", "string"), ("TERM", "date"), ("SENT_AT", "datetime"),
                       ("SCAN", "file"), ("URGENT", "boolean")):  # fmt: skip
        name = f"UF_CRM_{made['id']}_{code}"
        field = {"entityId": f"CRM_{made['id']}", "fieldName": name, "userTypeId": kind}
        box.ok("userfieldconfig.add", {"moduleId": "crm", "field": field})
    return int(made["id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """A sandbox behind TLS: its `host:port`, its port and the test authority's certificate."""

    domain: str
    port: int
    authority: Path

    @property
    def url(self) -> str:
        """The portal's address."""
        return f"https://{self.domain}"

    @property
    def webhook_url(self) -> str:
        """The address of the administrator's webhook."""
        return f"{self.url}/rest/1/{WEBHOOK_CODE}/"


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    """A sandbox behind TLS of a test authority, for clients that insist on https.

    The certificate is good for the loopback and for the vendor's authorisation servers.
    """
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    names = ("localhost", "127.0.0.1", "oauth.bitrix.info", "oauth.bitrix24.tech")
    authority.issue_cert(*names).private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    config = uvicorn.Config(
        create_app(), host="127.0.0.1", port=0, ssl_certfile=folder / "server.pem", lifespan="off",
        ws="none", log_level="error",
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Tls(domain=f"127.0.0.1:{port}", port=port, authority=folder / "ca.pem")
    server.should_exit = True  # and wait: a connection cut short is left unclosed
    thread.join(10)


@pytest.fixture
def tls_box(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """The portal behind TLS, reset; clients of this process trust its authority."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls.authority))
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.authority))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Box(tls, ssl.create_default_context(cafile=tls.authority))
    made.control("reset", {"seed": demo_organisation()})
    yield made
    made.http.close()


@pytest.fixture
def token(tls: Tls, tls_box: Box) -> BitrixWebhook:
    """The vendor's webhook token of the portal behind TLS."""
    return BitrixWebhook(domain=tls.domain, webhook_token=f"1/{WEBHOOK_CODE}")


@pytest.fixture
def client(token: BitrixWebhook) -> Any:
    """The vendor's client of the portal behind TLS."""
    return Client(token)


def add_item(box: Box, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = box.ok("crm.item.add", {"entityTypeId": SPA, "fields": fields})["item"]
    return made


def add_task(box: Box, **fields: Any) -> dict[str, Any]:
    given = {"TITLE": "Исполнить", "RESPONSIBLE_ID": 9, "CREATED_BY": 3, **fields}
    made: dict[str, Any] = box.ok("tasks.task.add", {"fields": given})["task"]
    return made
