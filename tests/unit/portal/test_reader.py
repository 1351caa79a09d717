"""The bulk reader against a small portal on loopback: complete, ordered, two at a time."""

from __future__ import annotations

import asyncio
import logging
import threading
import traceback
from collections.abc import Iterable

import pytest

from b24flow.errors import PortalBlocked, PortalError, PortalRejected, PortalUnavailable
from b24flow.portal.reader import BulkReader


class Registry:
    """Answers crm.item.list inside batches the way the portal does: 50 rows, windows of ids."""

    def __init__(self, parse_str, reply, ids: Iterable[int]) -> None:
        self.parse_str = parse_str
        self.reply = reply
        self.ids = sorted(ids)
        self.commands: list[dict] = []

    def __call__(self, request):
        assert request.method == "batch"
        commands = request.json["cmd"]
        assert 1 <= len(commands) <= 50
        result = {key: {"items": self.page(command)} for key, command in commands.items()}
        return self.reply({"result": {"result": result, "result_error": []}, "time": {}})

    def page(self, command: str) -> list[dict]:
        method, _, query = command.partition("?")
        assert method == "crm.item.list"
        params = self.parse_str(query)
        self.commands.append(params)
        assert params["start"] == "-1"
        bounds = params["filter"]
        above, upto = int(bounds[">id"]), int(bounds.get("<=id", 10**12))
        found = [i for i in self.ids if above < i <= upto]
        if params["order"] == {"id": "DESC"}:
            found.reverse()
        return [{"id": i, "title": f"Документ {i}"} for i in found[:50]]


@pytest.fixture
def reader(server):
    return BulkReader(server.url, connect_timeout=2, read_timeout=5)


def ids_of(pages) -> list[int]:
    return [row["id"] for page in pages for row in page]


@pytest.mark.parametrize(
    "ids",
    [
        [],
        [1],
        [7],
        range(1, 51),
        range(1, 52),
        range(1, 101),
        range(1, 12_001),
        range(3, 40_000, 7),
        [*range(1, 300), *range(500_000, 500_400), 9_000_000],
        [*range(10, 2_000_000, 19_999), *range(2_000_000, 2_000_777)],
    ],
)
def test_every_item_comes_once_and_by_growing_id(server, reader, parse_str, reply, ids):
    server.reply = Registry(parse_str, reply, ids)
    pages = list(reader.items(177, select=["title"]))
    assert ids_of(pages) == list(ids)
    assert all(0 < len(page) <= 50 for page in pages)
    assert server.peak <= 2


def test_a_dense_registry_costs_a_batch_per_2500_items(server, reader, parse_str, reply):
    server.reply = Registry(parse_str, reply, range(1, 10_001))
    assert len(ids_of(reader.items(177, select=["title"]))) == 10_000
    assert len(server.requests) <= 10_000 / 2_500 + 2
    assert server.peak == 2


def test_an_interrupted_reading_goes_on(server, reader, parse_str, reply):
    server.reply = Registry(parse_str, reply, range(1, 1_000))
    assert ids_of(reader.items(177, select=["title"], after_id=940)) == list(range(941, 1_000))


def test_items_added_meanwhile_come_too(server, reader, parse_str, reply):
    registry = Registry(parse_str, reply, range(1, 121))
    server.reply = registry
    pages = reader.items(177, select=["title"])
    seen = [row["id"] for row in next(pages)]
    registry.ids.extend(range(121, 321))
    seen += ids_of(pages)
    assert seen == list(range(1, 321))


def test_the_select_and_the_filter_are_sent(server, reader, parse_str, reply):
    registry = Registry(parse_str, reply, [5])
    server.reply = registry
    list(reader.items(177, select=["title", "id"], filters={">=updatedTime": "2026-01-01"}))
    for params in registry.commands:
        assert params["entityTypeId"] == "177"
        assert list(params["select"].values()) == ["id", "title"]
        assert params["filter"][">=updatedTime"] == "2026-01-01"


def test_the_library_says_nothing_and_keeps_no_cookies(server, parse_str, caplog, reply):
    caplog.set_level(logging.DEBUG)
    # the library keeps no cookies of bare addresses anyway: a name is needed to see it
    reader = BulkReader(server.url.replace("127.0.0.1", "localhost"))
    registry = Registry(parse_str, reply, range(1, 200))
    server.reply = lambda request: registry(request).replace(
        b"\r\n", b"\r\nSet-Cookie: PHPSESSID=x; Path=/\r\n", 1
    )
    list(reader.items(177, select=["title"]))
    assert "Документ" not in caplog.text
    assert "fast_bitrix24" not in {record.name for record in caplog.records}
    assert all("cookie" not in request.headers for request in server.requests)


@pytest.mark.parametrize(
    ("reply_bytes", "kind"),
    [
        (b"", PortalUnavailable),
        (b"RESET", PortalUnavailable),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"resu', PortalUnavailable),
        (b"HTTP/1.1 502 X\r\nContent-Length: 6\r\n\r\n<html>", PortalUnavailable),
        (b"HTTP/1.1 503 X\r\nContent-Length: 6\r\n\r\n<html>", PortalUnavailable),
        (b"HTTP/1.1 302 X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", PortalUnavailable),
        (b"HTTP/1.1 301 X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", PortalBlocked),
    ],
)
def test_a_lost_reply_is_told_and_not_repeated(server, reader, reply_bytes, kind):
    server.reply = reply_bytes
    with pytest.raises(kind) as caught:
        list(reader.items(177, select=["title"]))
    assert len(server.requests) == 1
    assert caught.value.__context__ is None


def test_a_silent_portal_is_left_after_the_timeout(server):
    server.reply = None
    reader = BulkReader(server.url, read_timeout=0.2)
    with pytest.raises(PortalUnavailable):
        reader.small("user.get")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("payload", "status", "kind"),
    [
        ({"error": "INVALID_CREDENTIALS", "error_description": "x"}, 401, PortalBlocked),
        ({"error": "insufficient_scope", "error_description": "x"}, 403, PortalBlocked),
        ({"error": "QUERY_LIMIT_EXCEEDED"}, 503, PortalUnavailable),
        ({"error": "ERROR_CORE", "error_description": "x"}, 400, PortalRejected),
        ({"error": "ERROR_CORE", "error_description": "x"}, 200, PortalRejected),
        ({"result": "x"}, 200, PortalUnavailable),
        ({"time": None}, 200, PortalUnavailable),
        ({"result": [], "time": None}, 200, PortalUnavailable),
        ([1], 200, PortalUnavailable),
        (5, 200, PortalUnavailable),
        ({"result": {"result": {"w0": {"items": [{"title": "x"}]}}}}, 200, PortalUnavailable),
        ({"result": {"result": {"w0": {"items": "x"}}}}, 200, PortalUnavailable),
        (
            {"result": {"result_error": {"w0": {"error": "INVALID_ARG_VALUE"}}}},
            200,
            PortalRejected,
        ),
    ],
)
def test_an_error_keeps_its_reason(server, reply, payload, status, kind):
    reader = BulkReader(server.url, read_timeout=5)
    server.reply = reply(payload, status)
    with pytest.raises(kind):
        list(reader.items(177, select=["title"]))
    assert len(server.requests) == 1


def test_one_failed_command_fails_the_reading(server, reader, parse_str, reply):
    """A window that is missing would be a hole in the registry nobody sees."""
    registry = Registry(parse_str, reply, range(1, 5_000))

    def holed(request):
        if len(request.json["cmd"]) < 10:
            return registry(request)
        return reply({"result": {"result": {"w0": {"items": []}}, "result_error": []}})

    server.reply = holed
    with pytest.raises(PortalUnavailable):
        list(reader.items(177, select=["title"]))


def test_a_small_list_is_read_to_its_end(server, reader, reply):
    users = [{"ID": str(i)} for i in range(1, 121)]

    def paged(request):
        start = request.json.get("start", 0)
        rest = {"next": start + 50} if start + 50 < len(users) else {}
        return reply({"result": users[start : start + 50], "total": len(users), **rest})

    server.reply = paged
    assert reader.small("user.get", {"FILTER": {"ACTIVE": "Y"}}) == users
    assert [request.json.get("start", 0) for request in server.requests] == [0, 50, 100]
    assert all(request.json["FILTER"] == {"ACTIVE": "Y"} for request in server.requests)


def test_departments_have_their_own_word_for_the_offset(server, reader, reply):
    def paged(request):
        first = request.json.get("START", 0) == 0
        return reply({"result": [{"ID": "1" if first else "2"}], **({"next": 50} if first else {})})

    server.reply = paged
    assert reader.small("department.get") == [{"ID": "1"}, {"ID": "2"}]


def test_a_row_that_moved_to_a_later_page_comes_once(server, reader, reply):
    def paged(request):
        if request.json.get("start", 0) == 0:
            return reply({"result": [{"ID": "1"}, {"ID": "2"}], "next": 50})
        return reply({"result": [{"ID": "2"}, {"ID": "3"}]})

    server.reply = paged
    assert [row["ID"] for row in reader.small("user.get")] == ["1", "2", "3"]


def test_a_portal_that_repeats_an_offset_does_not_keep_us(server, reader, reply):
    server.reply = reply({"result": [{"ID": "1"}], "next": 50})
    assert reader.small("user.get") == [{"ID": "1"}]
    assert len(server.requests) == 2


@pytest.mark.parametrize("method", ["tasks.task.add", "profile"])
def test_only_lists_are_read(reader, method):
    with pytest.raises(ValueError, match="is not a list"):
        reader.small(method)


def test_no_failure_shows_the_secret(server, reader, caplog):
    caplog.set_level(logging.DEBUG)
    for broken in (b"", b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"):
        server.reply = broken
        for read in (
            lambda: list(reader.items(177, select=["title"])),
            lambda: reader.small("user.get"),
        ):
            with pytest.raises(PortalError) as caught:
                read()
            assert "s3cr3t-marker" not in "".join(traceback.format_exception(caught.value))
    server.close()
    with pytest.raises(PortalUnavailable) as refused:
        reader.small("user.get")
    assert "s3cr3t-marker" not in "".join(traceback.format_exception(refused.value))
    assert "s3cr3t-marker" not in caplog.text + repr(reader)


def test_an_address_is_checked():
    with pytest.raises(ValueError, match="адрес вебхука") as caught:
        BulkReader("https://portal.example/s3cr3t-marker")
    assert "s3cr3t-marker" not in str(caught.value)


def test_reading_works_in_any_thread(server, reader, parse_str, reply):
    server.reply = Registry(parse_str, reply, range(1, 60))
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.extend(ids_of(reader.items(177, select=["title"]))))
    thread.start()
    thread.join(20)
    assert seen == list(range(1, 60))


def test_a_reading_left_in_the_middle_closes_its_connections(server, reader, parse_str, reply):
    server.reply = Registry(parse_str, reply, range(1, 5_000))
    pages = reader.items(177, select=["title"])
    assert len(next(pages)) == 50
    pages.close()
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
