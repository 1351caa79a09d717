"""The one way by which a write reaches the portal: one request per call, and an honest outcome.

Nothing is repeated here. A repeat of a write without a look-up by our key makes a second document,
and only the caller knows the key. The client takes care of what is the same for every call: at most
a few requests at a time (people work on the same box), a limit of time and of size, no cookies, no
redirects, JSON only, and no trace of the webhook's secret in any error. It must not know what the
calls are for.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from b24flow import __version__
from b24flow.errors import OutcomeUnknown, PortalError, PortalUnavailable
from b24flow.portal.calls import file_upload
from b24flow.portal.classify import Answer, BodyTooLargeError, answer_of, classify, refusal
from b24flow.portal.methods import Call
from b24flow.portal.wire import batch_params

MAX_BODY = 20 * 1024 * 1024
USER_AGENT = f"b24flow/{__version__}"
_WEBHOOK = re.compile(r"(https?://[^/\s?#@]+/rest/\d+/[^/\s?#]+)/?")
_KEEPALIVE_S = 3.0  # below the 5 s of Apache: an idle connection is ours to close
_DOWNLOAD = "download"

for _name in ("httpx", "httpcore"):  # at INFO they write the address with the secret
    logging.getLogger(_name).setLevel(logging.WARNING)


def webhook_base(url: str) -> str:
    """Return the address of an incoming webhook with one slash at its end.

    Raises:
        ValueError: it is not one (the text does not repeat it: it may hold the secret).
    """
    found = _WEBHOOK.fullmatch(url.strip())
    if found is None:
        raise ValueError("адрес вебхука должен иметь вид https://портал/rest/1/код/")
    return f"{found.group(1)}/"


class PortalClient:
    """Calls the portal by an incoming webhook; safe to share between threads.

    Args:
        webhook_url: `https://host/rest/<user>/<secret>/`.
        connect_timeout: seconds to connect, and to wait for a free place among the requests.
        read_timeout: seconds without a byte of the answer, and for the whole body of it.
        transport: replaces the network, for tests and for the sandbox in one process.
        concurrency: requests in flight at most.
        max_body: bytes of an answer at most, after decompression.

    Raises:
        ValueError: the address is not that of an incoming webhook (the text does not repeat it).
    """

    def __init__(
        self,
        webhook_url: str,
        *,
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
        transport: httpx.BaseTransport | None = None,
        concurrency: int = 2,
        max_body: int = MAX_BODY,
    ) -> None:
        if concurrency < 1:
            raise ValueError("concurrency is at least 1")
        self._base = webhook_base(webhook_url)
        self.origin, _, path = self._base.partition("/rest/")
        self.user_id = int(path.partition("/")[0])
        self.forbid_when: Callable[[], bool] = _never
        self._read_timeout = read_timeout
        self._max_body = max_body
        self._places = threading.BoundedSemaphore(concurrency)
        self._counter = threading.Lock()
        self._requests = 0
        self._http = httpx.Client(
            transport=transport or _network(self.origin, concurrency),
            timeout=httpx.Timeout(read_timeout, connect=connect_timeout, pool=connect_timeout),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            trust_env=False,
        )

    def __repr__(self) -> str:
        return f"PortalClient({self.origin!r}, user_id={self.user_id})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def requests(self) -> int:
        """HTTP requests begun since the client was made."""
        with self._counter:
            return self._requests

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(self, call: Call) -> Answer:
        """Send one call in one request and return its answer.

        Raises:
            PortalUnavailable: surely not executed (or a read that may be repeated).
            PortalBlocked: surely not executed, a person must act.
            PortalRejected: surely refused.
            OutcomeUnknown: a write that was sent and not answered readably.
            ValueError: the parameters are no valid JSON in UTF-8; nothing was sent.
        """
        outcome = self._send(call.method, call.params, write=call.fact.write)
        if isinstance(outcome, PortalError):
            raise outcome
        return outcome

    def batch(
        self, calls: Mapping[str, Call], *, halt: bool = False
    ) -> dict[str, Answer | PortalError]:
        """Send up to 50 calls in one request and return the outcome of each, by its key.

        With `halt` the portal stops at the first error; what follows it is `PortalUnavailable`.

        Raises:
            PortalError: the request as a whole failed, as in `call`; with a write among the calls
                a lost reply is `OutcomeUnknown` for all of them.
            ValueError: see `wire.batch_params`; nothing was sent.
        """
        write = any(call.fact.write for call in calls.values())
        outcome = self._send("batch", batch_params(calls, halt=halt), write=write)
        if isinstance(outcome, PortalError):
            raise outcome
        return batch_outcomes(calls, outcome, halt=halt)

    def upload(self, folder_id: int, name: str, content: bytes) -> Answer:
        """Put a file into a folder of Disk under exactly this name.

        Raises:
            PortalError: as in `call`; a name that is taken is `PortalRejected` with the error
                `DISK_OBJ_22000`: compare the file that is there.
        """
        return self.call(file_upload(folder_id, name, content))

    def download(self, url: str, *, size: int | None = None, max_bytes: int | None = None) -> bytes:
        """Return the content behind a signed link of the portal (`DOWNLOAD_URL`, `urlMachine`).

        Only the path and the query of the link are used: the host is always the configured portal,
        so a link from a foreign hand cannot lead us elsewhere. `size` is the size the portal told;
        another one means a page of the portal instead of the file.

        Raises:
            PortalUnavailable: no answer, a cut one, or one of another size.
            PortalBlocked: the portal refuses us, or leads to another address.
            PortalRejected: there is no such file for us.
        """
        parts = urlsplit(url)
        target = f"{self.origin}/{parts.path.lstrip('/')}"
        target += f"?{parts.query}" if parts.query else ""
        # settings/how-to-call-rest-api/general-principles.md, "Request Headers"
        headers = {"Accept": "*/*", "Accept-Language": "ru,en;q=0.9", "Referer": f"{self.origin}/"}
        request = self._http.build_request("GET", target, headers=headers)
        outcome = self._exchange(_DOWNLOAD, request, write=False, limit=max_bytes, raw=True)
        if isinstance(outcome, PortalError):
            raise outcome
        content: bytes = outcome.result
        if size is not None and len(content) != size:
            raise PortalUnavailable(
                f"Портал отдал {len(content)} байт файла вместо {size}", method=_DOWNLOAD
            )
        return content

    def _send(self, method: str, params: Mapping[str, Any], *, write: bool) -> Answer | PortalError:
        # the portal silently drops a body it cannot parse and runs the method without parameters
        body = json.dumps(params, ensure_ascii=False, allow_nan=False).encode()
        request = self._http.build_request(
            "POST",
            self._base + method,
            content=body,
            headers={"Content-Type": "application/json"},
        )
        return self._exchange(method, request, write=write)

    def _exchange(
        self,
        method: str,
        request: httpx.Request,
        *,
        write: bool,
        limit: int | None = None,
        raw: bool = False,
    ) -> Answer | PortalError:
        """Make one request. The failure is returned, not raised: an error raised outside of the
        `except` block has no context, and the context holds the address with the secret."""
        if self.forbid_when():
            raise AssertionError(f"{method}: a call of the portal inside a database transaction")
        failure: Exception
        try:
            with self._place():
                return self._answered(method, request, write=write, limit=limit, raw=raw)
        except _NoPlaceError:
            return PortalUnavailable(
                f"Очередь к порталу занята, вызов {method} не отправлен", method=method
            )
        except (httpx.HTTPError, httpx.InvalidURL, BodyTooLargeError) as error:
            failure = error
        return classify(method=method, write=write, exception=failure)

    def _answered(
        self,
        method: str,
        request: httpx.Request,
        *,
        write: bool,
        limit: int | None,
        raw: bool,
    ) -> Answer | PortalError:
        with self._counter:
            self._requests += 1
        response = self._http.send(request, stream=True)
        try:
            body = self._body(response, limit or self._max_body)
        finally:
            response.close()
        if raw and response.is_success:
            return Answer(result=body)
        return classify(
            method=method,
            write=write,
            status=response.status_code,
            headers=response.headers,
            body=body,
        )

    def _body(self, response: httpx.Response, limit: int) -> bytes:
        deadline = time.monotonic() + self._read_timeout
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > limit:
                raise BodyTooLargeError
            if time.monotonic() > deadline:  # a byte a minute would never run into a read timeout
                raise httpx.ReadTimeout("the whole answer")
        return bytes(body)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._read_timeout):
            raise _NoPlaceError
        try:
            yield
        finally:
            self._places.release()


def batch_outcomes(
    calls: Mapping[str, Call], answer: Answer, *, halt: bool
) -> dict[str, Answer | PortalError]:
    """Return the outcome of every call of a batch from the answer to it."""
    parts = answer.result if isinstance(answer.result, dict) else {}
    results, errors = _map(parts, "result"), _map(parts, "result_error")
    totals, following, times = (
        _map(parts, "result_total"),
        _map(parts, "result_next"),
        _map(parts, "result_time"),
    )
    outcomes: dict[str, Answer | PortalError] = {}
    stopped = False
    for key, call in calls.items():
        method, write = call.method, call.fact.write
        if key in errors:
            payload = {"error": errors[key]}
            outcomes[key] = refusal(method=method, write=write, status=None, payload=payload)
            stopped = halt
        elif key in results:
            outcomes[key] = answer_of(
                {
                    "result": results[key],
                    "total": totals.get(key),
                    "next": following.get(key),
                    "time": times.get(key),
                }
            )
        else:
            outcomes[key] = _absent(method, write=write, stopped=stopped)
    return outcomes


def _absent(method: str, *, write: bool, stopped: bool) -> PortalError:
    if stopped or not write:
        return PortalUnavailable(
            f"Вызов {method} не выполнен: пакет остановлен раньше", method=method
        )
    return OutcomeUnknown(
        f"Неизвестно, выполнен ли вызов {method}: в ответе на пакет его нет", method=method
    )


def _map(parts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a map of the answer; PHP writes an empty one as `[]`."""
    value = parts.get(name)
    return value if isinstance(value, dict) else {}


class _NoPlaceError(Exception):
    """Other requests held every place for too long."""


def _never() -> bool:
    return False


def _network(origin: str, concurrency: int) -> httpx.BaseTransport:
    # the system's store of certificates: a closed network has a CA of its own
    verify: ssl.SSLContext | bool = origin.startswith("https:") and ssl.create_default_context()
    limits = httpx.Limits(
        max_connections=concurrency,
        max_keepalive_connections=concurrency,
        keepalive_expiry=_KEEPALIVE_S,
    )
    return httpx.HTTPTransport(verify=verify, limits=limits, retries=0, trust_env=False)
