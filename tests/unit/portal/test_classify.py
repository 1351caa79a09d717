"""The table of replies: what is surely not done, surely refused, unknown."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24flow.errors import (
    OutcomeUnknown,
    PortalBlocked,
    PortalError,
    PortalRejected,
    PortalUnavailable,
)
from b24flow.portal.classify import Answer, BodyTooLargeError, classify, refusal

UNAVAILABLE, BLOCKED, REJECTED = PortalUnavailable, PortalBlocked, PortalRejected
LOST = None  # unknown for a write, unavailable for a read


def outcome(write: bool, **seen):
    return classify(method="tasks.task.add", write=write, **seen)


def expected(kind: type[PortalError] | None, write: bool) -> type[PortalError]:
    return kind or (OutcomeUnknown if write else PortalUnavailable)


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize(
    ("exception", "kind"),
    [
        (httpx.ConnectError("x"), UNAVAILABLE),
        (httpx.ConnectTimeout("x"), UNAVAILABLE),
        (httpx.PoolTimeout("x"), UNAVAILABLE),
        (httpx.ProxyError("x"), UNAVAILABLE),
        (httpx.WriteTimeout("x"), LOST),
        (httpx.ReadTimeout("x"), LOST),
        (httpx.WriteError("x"), LOST),
        (httpx.ReadError("x"), LOST),
        (httpx.CloseError("x"), LOST),
        (httpx.RemoteProtocolError("x"), LOST),
        (httpx.LocalProtocolError("x"), LOST),
        (httpx.DecodingError("x"), LOST),
        (BodyTooLargeError(), LOST),
    ],
)
def test_a_failed_exchange(exception: Exception, kind: type[PortalError] | None, write: bool):
    assert type(outcome(write, exception=exception)) is expected(kind, write)


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (503, "QUERY_LIMIT_EXCEEDED", UNAVAILABLE),
        (429, "OPERATION_TIME_LIMIT", UNAVAILABLE),
        (401, "expired_token", UNAVAILABLE),
        (401, "CONNECTION_ERROR", UNAVAILABLE),
        (200, "QUERY_LIMIT_EXCEEDED", UNAVAILABLE),
        (401, "NO_AUTH_FOUND", BLOCKED),
        (403, "INVALID_CREDENTIALS", BLOCKED),
        (401, "INVALID_CREDENTIALS", BLOCKED),
        (401, "authorization_error", BLOCKED),
        (403, "insufficient_scope", BLOCKED),
        (403, "user_access_error", BLOCKED),
        (400, "INVALID_REQUEST", BLOCKED),
        (503, "OVERLOAD_LIMIT", BLOCKED),
        (500, "PORTAL_DELETED", BLOCKED),
        (403, "PORTAL_DELETED", BLOCKED),
        (200, "NO_AUTH_FOUND", BLOCKED),
        (401, "SOMETHING_NEW", BLOCKED),
        (403, "ACCESS_DENIED", BLOCKED),
        (401, "ACCESS_DENIED", BLOCKED),
        (400, "ACCESS_DENIED", REJECTED),
        (403, "SOMETHING_NEW", REJECTED),
        (404, "ERROR_METHOD_NOT_FOUND", REJECTED),
        (405, "ERROR_BATCH_METHOD_NOT_ALLOWED", REJECTED),
        (400, "ERROR_CORE", REJECTED),
        (400, "DISK_OBJ_22000", REJECTED),
        (400, "", REJECTED),
        (400, "0", REJECTED),
        (400, 100, REJECTED),
        (200, "ERROR_CORE", REJECTED),
        (500, "INTERNAL_SERVER_ERROR", LOST),
        (500, "ERROR_UNEXPECTED_ANSWER", LOST),
        (200, "INTERNAL_SERVER_ERROR", LOST),
        (500, "SOMETHING_NEW", LOST),
        (502, "SOMETHING_NEW", LOST),
        (400, "MESSAGE_DUPLICATED_BY_UUID", LOST),
        (400, "SENDING_FAILED", LOST),
    ],
)
def test_an_error_of_the_portal(status: int, code: object, kind, write: bool):
    body = json.dumps({"error": code, "error_description": "текст<br>"}).encode()
    seen = outcome(write, status=status, body=body)
    assert type(seen) is expected(kind, write)
    assert seen.error == str(code)
    assert "tasks.task.add" in seen.text
    assert "<br>" not in seen.text


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"", LOST),
        (200, b"<html>login</html>", LOST),
        (200, b'{"result": {"id', LOST),
        (200, b"{}", LOST),
        (200, b"[]", LOST),
        (200, b'"result"', LOST),
        (200, b'{"time": {}}', LOST),
        (200, b"\xff\xfe\x00", LOST),
        (200, b"[" * 100_000, LOST),
        (500, b'{"result": 1}', LOST),
        (500, b"<html>", LOST),
        (502, b"<html>", LOST),
        (503, b"<html>", LOST),
        (504, b"", LOST),
        (404, b"<html>", LOST),
        (403, b"<html>", LOST),
        (302, b"", LOST),
        (303, b"", LOST),
        (301, b"", BLOCKED),
        (307, b"", BLOCKED),
        (308, b"", BLOCKED),
        (413, b"<html>", REJECTED),
        (429, b"<html>", UNAVAILABLE),
    ],
)
def test_a_reply_without_an_envelope(status: int, body: bytes, kind, write: bool):
    assert type(outcome(write, status=status, body=body)) is expected(kind, write)


@pytest.mark.parametrize("result", [[], {}, None, True, 5, "x", {"task": {"id": "1"}}])
def test_a_result_of_any_shape_is_an_answer(result: object):
    body = json.dumps({"result": result, "total": 7, "next": 50, "time": {"operating": 1.5}})
    assert outcome(True, status=200, body=body.encode()) == Answer(
        result=result, total=7, next=50, time={"operating": 1.5}
    )


def test_a_bot_may_be_refused_one_message_without_closing_the_portal():
    body = json.dumps({"error": "ACCESS_DENIED", "error_description": "x"}).encode()
    seen = classify(method="imbot.v2.Chat.Message.update", write=True, status=403, body=body)
    assert type(seen) is PortalRejected


def test_the_error_of_a_command_in_a_batch_is_an_object():
    error = {"error": "ERROR_CORE", "error_description": "Не указан ответственный<br>"}
    seen = refusal(method="tasks.task.add", write=True, status=None, payload={"error": error})
    assert type(seen) is PortalRejected
    assert seen.error == "ERROR_CORE"
    assert "Не указан ответственный" in seen.text


def test_a_limit_says_when_it_ends():
    body = {"error": "OPERATION_TIME_LIMIT", "time": {"operating_reset_at": 1721304613}}
    seen = outcome(True, status=429, body=json.dumps(body).encode())
    assert isinstance(seen, PortalUnavailable)
    assert "1721304613" in seen.hint


def test_a_description_never_shows_the_secret():
    body = {"error": "X", "error_description": "see https://p.example/rest/1/s3cr3t/tasks.task.add"}
    seen = outcome(True, status=400, body=json.dumps(body).encode())
    assert isinstance(seen, PortalRejected)
    assert "s3cr3t" not in str(seen)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "error_description", "result", "time", "total", "next", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(
    write=st.booleans(),
    status=st.integers(100, 599),
    body=st.binary(max_size=60) | _JSON.map(lambda value: json.dumps(value).encode()),
    kind=st.sampled_from(["application/json", "text/html; charset=UTF-8", ""]),
)
def test_no_reply_is_a_surprise(write: bool, status: int, body: bytes, kind: str):
    seen = outcome(write, status=status, body=body, headers={"Content-Type": kind})
    assert isinstance(seen, Answer | PortalError)
    if not write:
        assert not isinstance(seen, OutcomeUnknown)
    if isinstance(seen, Answer):
        parsed = json.loads(body)
        assert 200 <= status < 300
        assert "result" in parsed
        assert "error" not in parsed


@given(status=st.sampled_from([500, 502, 503, 504]), body=st.binary(max_size=40))
def test_a_write_lost_in_a_broken_server_is_never_called_undone(status: int, body: bytes):
    assert isinstance(outcome(True, status=status, body=body), OutcomeUnknown)
