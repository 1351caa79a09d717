"""The vendor's OAuth classes run against the sandbox unchanged: a token is renewed by itself.

The client insists on the vendor's authorisation server, so the name of that server is resolved to
the sandbox here; the client, its addresses and its TLS are left alone.
"""

from __future__ import annotations

import socket
from typing import Any

import httpx
import pytest
from b24pysdk import BitrixApp, BitrixToken, Client
from b24pysdk.credentials import OAuthEventData, OAuthPlacementData
from b24pysdk.errors import BitrixAPIExpiredToken
from b24pysdk.errors.oauth import BitrixOAuthInvalidClient, BitrixOAuthInvalidGrant

from b24flow.sandbox.delivery import encode
from b24flow.sandbox.dispatch import Gateway
from b24flow.sandbox.model import apps
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.placements import placement_post
from b24flow.sandbox.seed import demo_organisation
from b24flow.sandbox.wire import parse_query
from tests.sandbox.conftest import Box, Tls

SERVER = "oauth.bitrix24.tech"


@pytest.fixture(autouse=True)
def _server_here(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        if host == SERVER:
            host, port = "127.0.0.1", tls.port
        return real(host, port, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setenv("NO_PROXY", f"127.0.0.1,{SERVER}")


@pytest.fixture
def installed(tls_box: Box) -> dict[str, Any]:
    return tls_box.install_app(scopes=["user", "department"]).app


def _code(box: Box, app: dict[str, Any], who: int) -> str:
    answer = box.http.get(
        "/oauth/authorize/",
        params={"client_id": app["client_id"]},
        headers={"Cookie": f"sandbox_employee={who}"},
    )
    return httpx.URL(answer.headers["location"]).params["code"]


def _token(tls: Tls, box: Box, app: dict[str, Any], who: int) -> BitrixToken:
    bitrix_app = BitrixApp(client_id=app["client_id"], client_secret=app["client_secret"])
    pair = bitrix_app.get_oauth_token(_code(box, app, who)).oauth_token
    return BitrixToken(
        domain=tls.domain,
        auth_token=pair.access_token,
        refresh_token=pair.refresh_token,
        bitrix_app=bitrix_app,
    )


def test_a_code_is_exchanged_and_the_client_calls_as_that_user(
    tls: Tls, tls_box: Box, installed: dict[str, Any]
) -> None:
    client = Client(_token(tls, tls_box, installed, 6))
    assert client.profile().result["ID"] == "6"
    assert client.user.current().result["LAST_NAME"] == "Осокина"
    assert len(client.department.get().result) == 8


def test_the_answer_of_the_server_is_understood(tls: Tls, tls_box: Box, installed: dict[str, Any]) -> None:
    bitrix_app = BitrixApp(client_id=installed["client_id"], client_secret=installed["client_secret"])
    renewed = bitrix_app.get_oauth_token(_code(tls_box, installed, 6))
    assert renewed.member_id == tls_box.look("apps")[0]["member_id"]
    assert renewed.client_endpoint == f"https://{tls.domain}/rest/"
    assert renewed.server_endpoint == f"https://{SERVER}/rest/"
    assert renewed.user_id == 6
    assert renewed.oauth_token.expires_in == 3600


def test_an_expired_token_is_renewed_by_itself(tls: Tls, tls_box: Box, installed: dict[str, Any]) -> None:
    token = _token(tls, tls_box, installed, 6)
    before = (token.auth_token, token.refresh_token)
    client = Client(token)
    tls_box.control("clock", {"advance": 3601})
    assert client.user.current().result["ID"] == "6"
    assert token.auth_token != before[0]
    assert token.refresh_token != before[1]
    tls_box.control("clock", {"advance": 3601})
    assert client.user.current().result["ID"] == "6"


def test_without_a_refresh_token_the_expiry_is_reported(
    tls: Tls, tls_box: Box, installed: dict[str, Any]
) -> None:
    token = _token(tls, tls_box, installed, 6)
    once = BitrixToken(domain=tls.domain, auth_token=token.auth_token, bitrix_app=token.bitrix_app)
    once.refresh_token = None
    tls_box.control("clock", {"advance": 3601})
    with pytest.raises(BitrixAPIExpiredToken):
        Client(once).user.current().result  # noqa: B018 - the call is made when the result is asked for


def test_refusals_of_the_server_are_the_clients_own_errors(
    tls: Tls, tls_box: Box, installed: dict[str, Any]
) -> None:
    token = _token(tls, tls_box, installed, 6)
    used = token.refresh_token
    token.refresh_and_set_oauth_token()
    with pytest.raises(BitrixOAuthInvalidGrant):
        token.bitrix_app.refresh_oauth_token(refresh_token=used)
    stranger = BitrixApp(client_id=installed["client_id"], client_secret="wrong")
    with pytest.raises(BitrixOAuthInvalidClient):
        stranger.refresh_oauth_token(refresh_token=token.refresh_token)


def test_the_server_tells_about_the_installation(tls: Tls, tls_box: Box, installed: dict[str, Any]) -> None:
    token = _token(tls, tls_box, installed, 6)
    info = token.get_app_info().result
    assert (info.client_id, info.user_id, info.scope) == (installed["client_id"], 6, ["user", "department"])
    assert info.install.installed
    assert info.install.status == "L"
    assert info.install.client_endpoint == f"https://{tls.domain}/rest/"
    tls_box.control("clock", {"advance": 3601})
    assert token.get_app_info().result.user_id == 6


def test_a_frames_form_is_read_by_the_client() -> None:
    portal = Portal(demo_organisation() | {"apps": [{"handler_url": "https://app.example/"}]})
    app, user = portal.state.apps[1], portal.state.users[5]
    url, fields = placement_post(portal, app, user, "LEFT_MENU", {"ID": "7"}, "https://portal.example")
    read = OAuthPlacementData.from_dict({**httpx.URL(url).params, **fields})
    assert read.oauth_token.access_token in portal.state.tokens
    assert (read.domain, read.lang, read.status) == ("portal.example", "ru", "L")
    assert (read.placement, read.placement_options) == ("LEFT_MENU", {"ID": "7"})


def test_a_letter_about_the_installation_is_read_by_the_client() -> None:
    portal = Gateway(portal=Portal(demo_organisation(), "https://portal.example")).portal
    with portal.deed("test", {}):
        apps.register(
            portal,
            portal.state.users[1],
            {"api_only": True, "scopes": ["crm"], "install_url": "https://app.example/install"},
        )
        hit = portal.hit
    read = OAuthEventData.from_dict(parse_query(encode(hit.letters[0].fields)))
    assert read.event == "ONAPPINSTALL"
    assert read.auth.oauth_token.refresh_token
    assert read.auth.application_token == portal.state.apps[1].application_token
    assert read.data["INSTALLED"] == "Y"
