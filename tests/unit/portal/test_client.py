"""The client against a server on loopback that answers, breaks and lies."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import threading
import traceback

import httpx
import pytest

from b24flow.errors import (
    OutcomeUnknown,
    PortalBlocked,
    PortalError,
    PortalRejected,
    PortalUnavailable,
)
from b24flow.portal.classify import Answer
from b24flow.portal.client import PortalClient
from b24flow.portal.methods import Call

ADD = Call("tasks.task.add", {"fields": {"TITLE": "Тест", "RESPONSIBLE_ID": 5}})
READ = Call("tasks.task.list", {"filter": {"XML_ID": "k"}})


@pytest.fixture
def client(server):
    with PortalClient(server.url, connect_timeout=2, read_timeout=5) as made:
        yield made


def test_a_call_is_one_json_post(server, client, reply):
    server.reply = reply({"result": {"task": {"id": "7"}}, "total": 1, "next": 50, "time": {"a": 1}})
    assert client.call(ADD) == Answer(result={"task": {"id": "7"}}, total=1, next=50, time={"a": 1})
    (request,) = server.requests
    assert request.target == "/rest/1/s3cr3t-marker/tasks.task.add"
    assert request.json == ADD.params
    assert "Тест".encode() in request.body
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("b24flow/")
    assert client.requests == 1


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"RESET",
        b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"resu',
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"resul:',
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\n\r\n<html>",
    ],
)
def test_a_lost_reply_is_unknown_for_a_write_and_unavailable_for_a_read(server, client, broken):
    server.reply = broken
    with pytest.raises(OutcomeUnknown):
        client.call(ADD)
    with pytest.raises(PortalUnavailable):
        client.call(READ)
    with pytest.raises(OutcomeUnknown):
        client.batch({"a": READ, "b": ADD})
    with pytest.raises(PortalUnavailable):
        client.batch({"a": READ})
    assert len(server.requests) == 4, "nothing is sent twice"
    assert client.requests == 4


def test_a_silent_server_is_left_after_the_timeout(server):
    server.reply = None
    with PortalClient(server.url, read_timeout=0.2) as client, pytest.raises(OutcomeUnknown):
        client.call(ADD)
    assert len(server.requests) == 1


def test_a_dripping_server_is_left_after_the_timeout(server):
    def drip(request):
        yield b'{"result":'
        for _ in range(20):
            threading.Event().wait(0.05)
            yield b" "
        yield b"1}"

    def transport(request):
        return httpx.Response(200, content=drip(request))

    with (
        PortalClient(server.url, read_timeout=0.2, transport=httpx.MockTransport(transport)) as c,
        pytest.raises(OutcomeUnknown),
    ):
        c.call(ADD)


def test_a_closed_door_is_surely_not_executed(server):
    server.close()
    with PortalClient(server.url, connect_timeout=1) as client:
        with pytest.raises(PortalUnavailable):
            client.call(ADD)
        with pytest.raises(PortalUnavailable):
            client.batch({"a": ADD})


def test_a_failed_handshake_is_surely_not_executed():
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes the connection, says nothing
        url = f"https://127.0.0.1:{mute.getsockname()[1]}/rest/1/x/"
        client = PortalClient(url, connect_timeout=0.3, read_timeout=1)
        with client, pytest.raises(PortalUnavailable):
            client.call(ADD)


def test_a_huge_reply_is_not_read_to_its_end(server, raw_reply):
    server.reply = raw_reply(
        200,
        gzip.compress(b" " * 4_000_000 + b'{"result":1}'),
        extra="Content-Encoding: gzip\r\n",
    )
    with PortalClient(server.url, max_body=1_000_000) as client, pytest.raises(OutcomeUnknown):
        client.call(ADD)
    with PortalClient(server.url) as client:
        assert client.call(ADD).result == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(301, PortalBlocked), (308, PortalBlocked), (302, OutcomeUnknown)]
)
def test_a_redirect_is_not_followed(server, client, raw_reply, status, kind):
    server.reply = raw_reply(status, b"", extra="Location: /rest/1/s3cr3t-marker/profile\r\n")
    with pytest.raises(kind):
        client.call(ADD)
    assert len(server.requests) == 1


def test_cookies_are_not_kept(server, client, raw_reply):
    server.reply = raw_reply(200, b'{"result":1}', extra="Set-Cookie: PHPSESSID=x; Path=/\r\n")
    client.call(ADD)
    client.call(ADD)
    assert all("cookie" not in request.headers for request in server.requests)


def test_no_more_requests_in_flight_than_allowed(server, reply):
    gate = threading.Event()

    def slow(_request):
        gate.wait(10)
        return reply({"result": 1})

    server.reply = slow
    with PortalClient(server.url, concurrency=2) as client:
        threads = [threading.Thread(target=client.call, args=(ADD,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for _ in range(2):
            assert server.arrived.acquire(timeout=10)
        assert not server.arrived.acquire(timeout=0.2), "a third request came"
        gate.set()
        for thread in threads:
            thread.join(10)
        assert server.peak == 2
        assert client.requests == 6


def test_a_call_without_a_free_place_is_surely_not_sent():
    began, gate = threading.Event(), threading.Event()

    def slow(_request):
        began.set()
        gate.wait(10)
        return httpx.Response(200, json={"result": 1})

    client = PortalClient(
        "https://portal.example/rest/1/x/",
        transport=httpx.MockTransport(slow),
        concurrency=1,
        read_timeout=0.2,
    )
    first = threading.Thread(target=client.call, args=(ADD,))
    first.start()
    assert began.wait(10)
    with client, pytest.raises(PortalUnavailable):
        client.call(ADD)
    assert client.requests == 1
    gate.set()
    first.join(10)


def test_a_batch_tells_every_outcome(server, client, reply):
    server.reply = reply(
        {
            "result": {
                "result": {"a": {"tasks": []}, "n": None},
                "result_error": {
                    "b": {"error": "ERROR_CORE", "error_description": "нет"},
                    "c": {"error": "INTERNAL_SERVER_ERROR", "error_description": "x"},
                    "d": {"error": "insufficient_scope", "error_description": "x"},
                },
                "result_total": {"a": 137},
                "result_next": {"a": 50},
                "result_time": {"a": {"operating": 1}},
            }
        }
    )
    calls = {"a": READ, "n": READ, "b": ADD, "c": ADD, "d": ADD, "e": ADD, "f": READ}
    seen = client.batch(calls)
    assert list(seen) == list(calls)
    assert seen["a"] == Answer(result={"tasks": []}, total=137, next=50, time={"operating": 1})
    assert seen["n"] == Answer(result=None)
    kinds = {key: type(outcome) for key, outcome in seen.items()}
    assert kinds["b"] is PortalRejected
    assert kinds["c"] is OutcomeUnknown
    assert kinds["d"] is PortalBlocked
    assert kinds["e"] is OutcomeUnknown, "a write that vanished without a reason"
    assert kinds["f"] is PortalUnavailable
    (request,) = server.requests
    assert request.json["halt"] == 0
    assert list(request.json["cmd"]) == list(calls)


def test_after_a_halt_the_rest_was_surely_not_executed(server, client, reply):
    server.reply = reply(
        {"result": {"result": {"b": 1}, "result_error": {"c": {"error": "0"}}, "result_total": []}}
    )
    seen = client.batch({"a": ADD, "b": ADD, "c": ADD, "d": ADD}, halt=True)
    assert type(seen["a"]) is OutcomeUnknown, "before the error nothing may be missing"
    assert seen["b"] == Answer(result=1)
    assert type(seen["c"]) is PortalRejected
    assert type(seen["d"]) is PortalUnavailable
    assert server.requests[0].json["halt"] == 1


@pytest.mark.parametrize("result", [[], None, "x", {"result": [1, 2]}, {"result_error": []}])
def test_a_batch_of_an_odd_shape_leaves_its_writes_unknown(server, client, reply, result):
    server.reply = reply({"result": result})
    assert type(client.batch({"a": ADD})["a"]) is OutcomeUnknown


def test_a_batch_refused_as_a_whole_raises(server, client, reply):
    server.reply = reply({"error": "INVALID_CREDENTIALS", "error_description": "x"}, status=401)
    with pytest.raises(PortalBlocked):
        client.batch({"a": ADD})


def test_user_text_never_gets_into_a_batch(server, client):
    with pytest.raises(ValueError, match="cannot travel in a batch"):
        client.batch({"a": Call("tasks.task.add", {"fields": {"TITLE": "$result[a]"}})})
    assert server.requests == []


def test_a_file_is_uploaded_in_json(server, client, reply):
    server.reply = reply({"result": {"ID": 9011}})
    assert client.upload(8930, "01-12 v1.docx", b"abc").result == {"ID": 9011}
    (request,) = server.requests
    assert request.method == "disk.folder.uploadFile"
    assert request.json == {
        "id": 8930,
        "data": {"NAME": "01-12 v1.docx"},
        "fileContent": ["01-12 v1.docx", "YWJj"],
    }


def test_a_name_that_is_taken_is_told(server, client, reply):
    server.reply = reply({"error": "DISK_OBJ_22000", "error_description": "x"}, status=400)
    with pytest.raises(PortalRejected) as caught:
        client.upload(1, "a", b"")
    assert caught.value.error == "DISK_OBJ_22000"


def test_a_download_goes_to_the_configured_portal_only(server, client, raw_reply):
    server.reply = raw_reply(200, b"%PDF", kind="application/pdf")
    link = "https://evil.example/rest/1/x/download/?token=disk%7Cabc"
    assert client.download(link, size=4) == b"%PDF"
    (request,) = server.requests
    assert request.target == "/rest/1/x/download/?token=disk%7Cabc"
    assert request.headers["referer"].startswith("http://127.0.0.1")
    assert "content-type" not in request.headers


def test_a_download_of_another_size_is_not_the_file(server, client, raw_reply):
    server.reply = raw_reply(200, b"<html>login", kind="text/html")
    with pytest.raises(PortalUnavailable):
        client.download("/x", size=4)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, b"<html>", PortalUnavailable),
        (302, b"", PortalUnavailable),
        (403, b'{"error":"ACCESS_DENIED"}', PortalBlocked),
        (400, b'{"error":"ERROR_NOT_FOUND"}', PortalRejected),
    ],
)
def test_a_refused_download_is_told(server, raw_reply, status, body, kind):
    server.reply = raw_reply(status, body)
    with PortalClient(server.url) as client, pytest.raises(kind):
        client.download("/x")


def test_no_call_inside_a_transaction(server, client):
    client.forbid_when = lambda: True
    with pytest.raises(AssertionError):
        client.call(ADD)
    with pytest.raises(AssertionError):
        client.download("/x")
    assert server.requests == []


@pytest.mark.parametrize("value", ["\ud800", float("nan")])
def test_what_the_portal_could_not_parse_is_not_sent(server, client, value):
    with pytest.raises(ValueError, match=r"surrogates|JSON compliant"):
        client.call(Call("tasks.task.add", {"fields": {"TITLE": value}}))
    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "portal.example/rest/1/s3cr3t-marker/",
        "https://portal.example/s3cr3t-marker/",
        "https://portal.example/rest/1/",
        "https://portal.example/rest/x/s3cr3t-marker/",
        "https://user:s3cr3t-marker@portal.example/rest/1/x/",
        "https://portal.example/rest/1/s3cr3t-marker/profile",
        "ftp://portal.example/rest/1/s3cr3t-marker/",
    ],
)
def test_a_wrong_address_is_refused_without_repeating_it(url: str):
    with pytest.raises(ValueError, match="адрес вебхука") as caught:
        PortalClient(url)
    assert "s3cr3t-marker" not in str(caught.value)


def test_an_address_is_taken_apart():
    with PortalClient("https://portal.example/rest/17/rest") as client:
        assert client.origin == "https://portal.example"
        assert client.user_id == 17
        assert "/rest/17" not in repr(client)


@pytest.mark.parametrize("broken", [b"", b"RESET", b"HTTP/1.1 302 X\r\nContent-Length: 0\r\n\r\n"])
def test_no_failure_shows_the_secret(server, caplog, broken):
    caplog.set_level(logging.DEBUG)
    server.reply = broken
    calls = [
        lambda c: c.call(ADD),
        lambda c: c.call(READ),
        lambda c: c.batch({"a": ADD}),
        lambda c: c.download(server.url),
    ]
    for call in calls:
        client = PortalClient(server.url, read_timeout=1)
        with client, pytest.raises(PortalError) as caught:
            call(client)
        error = caught.value
        assert error.__context__ is None
        assert error.__cause__ is None
        shown = "".join(traceback.format_exception(error)) + repr(vars(error))
        assert "s3cr3t-marker" not in shown
    assert "s3cr3t-marker" not in caplog.text


def test_a_transport_may_replace_the_network():
    def portal(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"result": json.loads(request.content)})

    transport = httpx.MockTransport(portal)
    with PortalClient("https://portal.example/rest/1/x/", transport=transport) as client:
        assert client.call(Call("crm.item.get", {"entityTypeId": 1, "id": 2})).result == {
            "entityTypeId": 1,
            "id": 2,
        }
