"""The vendor's client subscribes, reads offline queues, registers places and parses what it is sent."""

from __future__ import annotations

from typing import Any

import pytest
from b24pysdk import BitrixApp, BitrixToken, Client
from b24pysdk.credentials.oauth_event_data import OAuthEventData
from b24pysdk.errors import BitrixAPIError

from tests.sandbox.conftest import SPA, AppCaller, Box, Tls
from tests.sandbox.handler import flush, listening

ADD = "ONCRMDYNAMICITEMADD"
URL = "https://app.example/place/"


@pytest.fixture
def app(tls_box: Box) -> AppCaller:
    return tls_box.install_app()


@pytest.fixture
def client(tls: Tls, app: AppCaller) -> Any:
    """The vendor's client of an installed application's administrator."""
    keys = BitrixApp(client_id=app.app["client_id"], client_secret=app.app["client_secret"])
    token = BitrixToken(
        domain=tls.domain,
        auth_token=app.token["access_token"],
        refresh_token=app.token["refresh_token"],
        bitrix_app=keys,
    )
    return Client(token)


@pytest.fixture
def registry(tls_box: Box) -> None:
    tls_box.ok("crm.type.add", {"fields": {"title": "Входящие", "entityTypeId": SPA}})


def add(box: Box) -> int:
    return int(box.ok("crm.item.add", {"entityTypeId": SPA, "fields": {"title": "Письмо"}})["item"]["id"])


def test_subscriptions(client: Any) -> None:
    assert "ONTASKADD" in client.events().result
    assert client.events(scope="user").result == ["ONUSERADD"]
    handler = "https://app.example/events/"
    assert client.event.bind(event="ONTASKADD", handler=handler).result is True
    with pytest.raises(BitrixAPIError) as again:
        client.event.bind(event="ONTASKADD", handler=handler).call()
    assert again.value.error.upper() == "ERROR_CORE"
    (row,) = client.event.get().values
    assert (row.event, row.handler, row.auth_type, row.offline) == ("ONTASKADD", handler, 0, False)
    assert row.delete() is True
    assert client.event.get().result == []
    assert client.event.bind(event="ONTASKADD", handler=handler).result is True
    assert client.event.unbind(event="ONTASKADD", handler=handler).value == 1


@pytest.mark.usefixtures("registry")
def test_offline_queues(client: Any, tls_box: Box) -> None:
    own = {"auth_connector": "reader"}
    assert client.event.bind(event=ADD, event_type="offline", **own).result is True
    items = [add(tls_box) for _ in range(3)]
    seen = client.event.offline.list(**own).values
    assert [row.event_data["FIELDS"]["ID"] for row in seen] == items
    held = client.event.offline.get(clear=False, limit=2, **own)
    process_id = held.result["process_id"]
    assert [row.event_name for row in held.values] == [ADD, ADD]
    # Its objects take MESSAGE_ID for a number, as the page's sample shows it; a box has a hash there.
    bad, good = (row["MESSAGE_ID"] for row in held.result["events"])
    assert client.event.offline.error(process_id, message_id=[bad]).result is True
    assert client.event.offline.clear(process_id, message_id=[good]).result is True
    assert len(client.event.offline.get(**own).values) == 1
    left = client.event.offline.list(**own).values
    assert [(row.process_id, row.error) for row in left] == [(process_id, True)]


@pytest.mark.usefixtures("registry")
def test_what_a_handler_gets_is_understood(client: Any, tls_box: Box, app: AppCaller) -> None:
    with listening() as listener:
        assert client.event.bind(event=ADD, handler=listener.url + "/").result is True
        number = add(tls_box)
        flush(tls_box)
        (one,) = listener.posted
    data = OAuthEventData.from_dict(one.form)
    assert (data.event, data.data) == (ADD, {"FIELDS": {"ID": str(number), "ENTITY_TYPE_ID": str(SPA)}})
    assert data.is_system is False
    assert data.auth.application_token == app.app["application_token"]
    assert data.auth.member_id == app.token["member_id"]
    assert data.auth.oauth_token.access_token


@pytest.mark.usefixtures("registry")
def test_an_event_of_nobody_is_understood(client: Any, tls_box: Box) -> None:
    item = {"ownerTypeId": SPA, "ownerId": add(tls_box)}
    tls_box.ok("crm.activity.todo.add", {**item, "deadline": "2030-01-09T10:00:00+03:00", "title": "Звонок"})
    with listening() as listener:
        assert client.event.bind(event="ONCRMACTIVITYDELETE", handler=listener.url + "/").result is True
        tls_box.ok("crm.item.delete", {"entityTypeId": SPA, "id": item["ownerId"]})
        flush(tls_box)
        (one,) = listener.posted
    assert OAuthEventData.from_dict(one.form).is_system is True


@pytest.mark.usefixtures("registry")
def test_places(client: Any) -> None:
    tab = f"CRM_DYNAMIC_{SPA}_DETAIL_TAB"
    assert tab in client.placement.list().result
    assert client.placement.list(scope="user").result == ["USER_PROFILE_MENU", "USER_PROFILE_TOOLBAR"]
    texts = {"ru": {"TITLE": "Документ"}}
    assert client.placement.bind(tab, URL, title="Document", lang_all=texts).result is True
    with pytest.raises(BitrixAPIError) as again:
        client.placement.bind(tab, URL).call()
    assert again.value.error.upper() == "ERROR_CORE"
    (row,) = client.placement.get().result
    assert (row["placement"], row["handler"], row["title"]) == (tab, URL, "Document")
    assert client.placement.unbind(tab, handler=URL).result == {"count": 2}
    assert client.placement.get().result == []


def test_types_of_fields(client: Any) -> None:
    given = {"user_type_id": "cloud", "handler": URL, "title": "Облако"}
    assert client.userfieldtype.add(**given).result is True
    assert [row["USER_TYPE_ID"] for row in client.userfieldtype.list().result] == ["cloud"]
    assert client.userfieldtype.delete(user_type_id="cloud").result is True
