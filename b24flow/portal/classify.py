"""What a reply of the portal means: a pure table, so that it can be read, tested and fuzzed.

A call has an answer or one of four failures (`b24flow.errors`). The border that matters runs
between "surely not executed" and "perhaps executed": a wrong guess there is a lost document or a
second one. Whatever is not recognised therefore counts as unknown for a write; for a read it is
only unavailable, because reading again is harmless. Codes: error-codes.md and
_includes/system-errors.md of the REST documentation; HTTP statuses of a box differ from the
documented ones, so the code decides and the status only helps where codes are ambiguous.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from b24flow.errors import (
    OutcomeUnknown,
    PortalBlocked,
    PortalError,
    PortalRejected,
    PortalUnavailable,
)
from b24flow.log import scrub

NOT_SENT = (
    httpx.ConnectError,  # DNS, refused connection and TLS handshake
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Failures after which no byte of the body can have left this machine."""

LATER = frozenset(
    {"QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "EXPIRED_TOKEN", "CONNECTION_ERROR"}
)
"""Refused before execution by a limit or by a token to be renewed: the same call may go again."""

BLOCKING = frozenset(
    {
        "NO_AUTH_FOUND",
        "INVALID_CREDENTIALS",
        "AUTHORIZATION_ERROR",
        "INSUFFICIENT_SCOPE",
        "INVALID_TOKEN",
        "USER_ACCESS_ERROR",
        "APPLICATION_NOT_FOUND",
        "WRONG_LICENSE",
        "ALLOWED_ONLY_INTRANET_USER",
        "INVALID_REQUEST",  # "Https required": the address of the webhook is wrong
        "OVERLOAD_LIMIT",
        "PORTAL_DELETED",  # the public part is closed by the administrator
    }
)
"""Nothing will be executed for us until a person acts: credentials, rights, a closed portal."""

IN_DOUBT = frozenset(
    {
        "INTERNAL_SERVER_ERROR",
        "ERROR_UNEXPECTED_ANSWER",
        "MESSAGE_DUPLICATED_BY_UUID",  # the first attempt with the same id is still under way
        "SENDING_FAILED",
    }
)
"""The portal began to execute the call and failed, or an earlier attempt of it is under way."""

_ACCESS_DENIED = "ACCESS_DENIED"
_MOVED = frozenset({301, 307, 308})
_UNAUTHORIZED, _FORBIDDEN, _TOO_LARGE, _TOO_MANY = 401, 403, 413, 429
_DESCRIPTION_LIMIT = 300


class BodyTooLargeError(Exception):
    """The reply is longer than the client is willing to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a call returned. PHP writes an empty map as `[]`: expect a list where a map is due."""

    result: Any
    total: int | None = None
    next: int | None = None
    time: Mapping[str, Any] = field(default_factory=dict)


def classify(
    *,
    method: str,
    write: bool,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    exception: Exception | None = None,
) -> Answer | PortalError:
    """Return the answer or the failure a reply (or the exception instead of it) stands for.

    Never raises for any status, headers and body. The text of the exception is never used: the
    HTTP library puts the address with the secret of the webhook into it.
    """
    if exception is not None:
        return _failed(method, write, exception)
    if status is None:
        return _lost(method, write, "нет ответа")
    payload = _parsed(body)
    if isinstance(payload, dict) and "error" in payload:
        return refusal(method=method, write=write, status=status, payload=payload)
    if isinstance(payload, dict) and "result" in payload and 200 <= status < 300:
        return answer_of(payload)
    return _unreadable(method, write, status, headers or {}, body)


def answer_of(payload: Mapping[str, Any]) -> Answer:
    """Return the answer of an envelope `{"result", "total", "next", "time"}`."""
    time = payload.get("time")
    return Answer(
        result=payload.get("result"),
        total=_whole(payload.get("total")),
        next=_whole(payload.get("next")),
        time=time if isinstance(time, dict) else {},
    )


def refusal(
    *, method: str, write: bool, status: int | None, payload: Mapping[str, Any]
) -> PortalError:
    """Return the failure of a reply with the key `error`; `status` is None inside a batch."""
    code, description = _code_of(payload)
    upper = code.upper()
    reason = f"{code or 'без кода'}{': ' + description if description else ''}"
    if upper in LATER:
        return PortalUnavailable(
            f"Портал временно не принимает вызов {method} ({reason})",
            method=method,
            error=code,
            hint=_reset_hint(payload),
        )
    if upper in BLOCKING or _closed_to_us(method, upper, status):
        return PortalBlocked(
            f"Портал отказал в доступе, вызов {method} не выполнен ({reason})",
            method=method,
            error=code,
            hint="Проверьте вебхук, его права и владельца, лицензию и доступность портала",
        )
    if upper in IN_DOUBT or (status is not None and status >= 500):
        return _lost(method, write, f"ошибка портала {reason}", code=code)
    return PortalRejected(f"Портал отклонил вызов {method} ({reason})", method=method, error=code)


def _closed_to_us(method: str, code: str, status: int | None) -> bool:
    """Tell a portal that is closed to us from one object that is.

    Controllers answer ACCESS_DENIED with 400 for one item; the gateway answers it with 401 or 403
    for everything. The bot methods use 403 for one message too (chat-message-update.md).
    """
    if status == _UNAUTHORIZED:
        return True
    return (
        status == _FORBIDDEN and code == _ACCESS_DENIED and not method.lower().startswith("imbot.")
    )


def _code_of(payload: Mapping[str, Any]) -> tuple[str, str]:
    error = payload.get("error")
    description = payload.get("error_description")
    if isinstance(error, dict):  # REST 3.0 and the errors inside a batch are objects
        description = error.get("error_description", error.get("message"))
        error = error.get("error", error.get("code"))
    code = str(error) if isinstance(error, str | int) and not isinstance(error, bool) else ""
    return scrub(code)[:_DESCRIPTION_LIMIT], _plain(description)


def _plain(description: object) -> str:
    """Return a description without markup and secrets; the portal ends many with `<br>`."""
    if not isinstance(description, str):
        return ""
    text = re.sub(r"<[^<>]*>|\s+", " ", scrub(description)).strip()
    return text if len(text) <= _DESCRIPTION_LIMIT else text[:_DESCRIPTION_LIMIT] + "…"


def _reset_hint(payload: Mapping[str, Any]) -> str:
    time = payload.get("time")
    reset_at = _whole(time.get("operating_reset_at")) if isinstance(time, dict) else None
    return "" if reset_at is None else f"Портал снимет ограничение в {reset_at} (unix)"


def _failed(method: str, write: bool, exception: Exception) -> PortalError:
    if isinstance(exception, NOT_SENT):
        return PortalUnavailable(
            f"Нет соединения с порталом, вызов {method} не отправлен", method=method
        )
    if isinstance(exception, BodyTooLargeError):
        return _lost(method, write, "ответ слишком велик")
    if isinstance(exception, httpx.TimeoutException):
        return _lost(method, write, "портал не ответил вовремя")
    return _lost(method, write, "соединение оборвалось")


def _unreadable(
    method: str, write: bool, status: int, headers: Mapping[str, str], body: bytes
) -> PortalError:
    if status in _MOVED:
        return PortalBlocked(
            f"Портал перенаправляет вызов {method} на другой адрес (HTTP {status})",
            method=method,
            hint="Укажите в настройках адрес вебхука, который отвечает без перенаправления",
        )
    if status == _TOO_LARGE:
        return PortalRejected(
            f"Запрос {method} слишком велик для портала (HTTP {status})",
            method=method,
            hint="Увеличьте client_max_body_size и post_max_size на сервере портала",
        )
    if status == _TOO_MANY:
        return PortalUnavailable(
            f"Портал временно не принимает вызов {method} (HTTP {status})", method=method
        )
    return _lost(method, write, f"HTTP {status}, {_kind_of(headers, body)}")


def _lost(method: str, write: bool, reason: str, *, code: str = "") -> PortalError:
    if write:
        return OutcomeUnknown(
            f"Неизвестно, выполнен ли вызов {method}: {reason}", method=method, error=code
        )
    return PortalUnavailable(
        f"Портал не ответил на вызов {method}: {reason}", method=method, error=code
    )


def _kind_of(headers: Mapping[str, str], body: bytes) -> str:
    if not body.strip():
        return "пустой ответ"
    kind = next((v for k, v in headers.items() if k.lower() == "content-type"), "")
    return "страница вместо ответа" if "html" in kind.lower() else "ответ не по форме"


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None
