"""Bulk reads: the whole registry, all users, all departments, through fast_bitrix24.

Only reads, and only the library's raw requests: its own paging drops calls under load, repeats
blindly, loses the bodies of errors and starts dozens of requests at once on a box where people
work. So the windows, the batches and the checks are ours; the library carries them. Nothing of a
failure that could show the webhook's secret leaves this module. It must not know what rows mean.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiohttp
from fast_bitrix24 import BitrixAsync

from b24flow.errors import PortalError, PortalUnavailable
from b24flow.portal.classify import Answer, answer_of, classify, refusal
from b24flow.portal.client import USER_AGENT, batch_outcomes, webhook_base
from b24flow.portal.methods import METHODS, PAGE, UNCOUNTED, Call, rows
from b24flow.portal.wire import BATCH_LIMIT, batch_params

Row = dict[str, Any]
_T = TypeVar("_T")

# The library sets DEBUG for itself and prints parameters and replies: personal data.
logging.getLogger("fast_bitrix24").setLevel(logging.WARNING)

IN_FLIGHT = 2
"""Requests at a time: half of a small box's workers; more is not quicker (the client parses)."""

_SPARSE = 0.25  # below this share of filled rows the windows are made wider
_WIDEST = 1_000_000


class BulkReader:
    """Reads long lists by an incoming webhook; for one thread at a time, outside an event loop.

    Args:
        webhook_url: `https://host/rest/<user>/<secret>/`.
        connect_timeout: seconds to connect.
        read_timeout: seconds for one whole request.

    Raises:
        ValueError: the address is not that of an incoming webhook.
    """

    def __init__(
        self, webhook_url: str, *, connect_timeout: float = 5.0, read_timeout: float = 60.0
    ) -> None:
        self._url = webhook_base(webhook_url)
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout

    def __repr__(self) -> str:
        return "BulkReader(***)"

    def items(
        self,
        entity_type_id: int,
        *,
        select: Sequence[str],
        filters: Mapping[str, Any] | None = None,
        after_id: int = 0,
    ) -> Iterator[list[Row]]:
        """Yield pages of registry items, by growing id, each item once.

        Every item that exists from the beginning to the end of the reading is there; `after_id`
        goes on after an interruption. Name only the fields you need: it is the cheapest saving.

        Raises:
            PortalUnavailable: the portal did not answer readably; what was yielded is right.
            PortalBlocked: the portal refuses us.
            PortalRejected: the type, a field or a filter is wrong.
        """
        window = _Windows(entity_type_id, [*dict.fromkeys(["id", *select])], dict(filters or {}))
        with asyncio.Runner() as runner:
            link = runner.run(self._opened())
            try:
                yield from _pages(runner, link, window, after_id)
            finally:
                runner.run(link.close())

    def small(self, method: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Return all rows of a small list (`user.get`, `department.get`), page after page.

        Rows are told apart by their `ID`, so a row that moved to a later page comes once.

        Raises:
            PortalError: as in `items`.
            ValueError: the method is not a list of the product.
        """
        if METHODS[method].write or METHODS[method].rows is None:
            raise ValueError(f"{method} is not a list")
        with asyncio.Runner() as runner:
            return runner.run(self._small(Call(method, dict(params or {}))))

    async def _small(self, call: Call) -> list[Row]:
        start_name = "START" if "START" in call.fact.params else "start"
        found: dict[str, Row] = {}
        async with self._link() as link:
            start: int | None = 0
            while start is not None:
                page = call.params if not start else {**call.params, start_name: start}
                answer = await link.send(call.method, page)
                for row in _rows(call.method, answer):
                    found[str(row.get("ID", row.get("id", len(found))))] = row
                # a portal that repeats an offset must not keep us for ever
                start = answer.next if answer.next is not None and answer.next > start else None
        return list(found.values())

    async def _opened(self) -> _Link:
        return _Link(self._url, self._connect_timeout, self._read_timeout)

    @asynccontextmanager
    async def _link(self) -> AsyncIterator[_Link]:
        link = await self._opened()
        try:
            yield link
        finally:
            await link.close()


class _Windows:
    """Calls for items by windows of ids: independent of each other, without counting or offsets."""

    def __init__(self, entity_type_id: int, select: list[str], filters: dict[str, Any]) -> None:
        self._common = {"entityTypeId": entity_type_id, "select": select, "start": UNCOUNTED}
        self._filters = filters

    def call(self, above: int, upto: int | None, *, order: str = "ASC") -> Call:
        """Build the reading of the first page of `above < id <= upto`."""
        bounds = {">id": above} if upto is None else {">id": above, "<=id": upto}
        filters = {**self._filters, **bounds}
        return Call("crm.item.list", {**self._common, "filter": filters, "order": {"id": order}})


def _pages(
    runner: asyncio.Runner, link: _Link, windows: _Windows, after_id: int
) -> Iterator[list[Row]]:
    """Yield every page above `after_id`, also of items added while we read."""
    edges = runner.run(
        link.batch([windows.call(after_id, None), windows.call(after_id, None, order="DESC")])
    )
    if not edges[0]:
        return
    last = _id(edges[1][0])
    yield from _span(runner, link, windows, _id(edges[0][0]) - 1, last)
    while True:
        page = runner.run(link.batch([windows.call(last, None)]))[0]
        if page:
            yield page
        if len(page) < PAGE:
            return
        last = _id(page[-1])


def _span(
    runner: asyncio.Runner, link: _Link, windows: _Windows, position: int, last: int
) -> Iterator[list[Row]]:
    """Yield the pages of `position < id <= last`.

    A window of 50 ids cannot hold more than a page. Where ids are sparse the windows grow, and what
    a page did not hold of a window is read as a span of its own. Between two rounds nothing is in
    flight, so whoever takes the pages may take his time.
    """
    width = PAGE
    while position < last:
        bounds = _bounds(position, last, width)
        got = runner.run(_round(link, windows, bounds))
        for (_, upto), page in zip(bounds, got, strict=True):
            if page:
                yield page
            if len(page) >= PAGE:
                yield from _span(runner, link, windows, _id(page[-1]), upto)
        position = bounds[-1][1]
        if sum(map(len, got)) < len(got) * PAGE * _SPARSE:
            width = min(width * 2, _WIDEST)
        elif width > PAGE and any(len(page) >= PAGE for page in got):
            width //= 2


def _bounds(position: int, last: int, width: int) -> list[tuple[int, int]]:
    bounds: list[tuple[int, int]] = []
    while position < last and len(bounds) < BATCH_LIMIT * IN_FLIGHT:
        upto = min(position + width, last)
        bounds.append((position, upto))
        position = upto
    return bounds


async def _round(
    link: _Link, windows: _Windows, bounds: Sequence[tuple[int, int]]
) -> list[list[Row]]:
    calls = [windows.call(above, upto) for above, upto in bounds]
    groups = [calls[i : i + BATCH_LIMIT] for i in range(0, len(calls), BATCH_LIMIT)]
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(_kept(link.batch(group))) for group in groups]
    pages: list[list[Row]] = []
    for task in running:
        outcome = task.result()
        if isinstance(outcome, PortalError):
            raise outcome
        pages.extend(outcome)
    return pages


async def _kept(work: Coroutine[Any, Any, _T]) -> _T | PortalError:
    """Return the failure instead of raising it: a group of tasks would wrap it."""
    try:
        return await work
    except PortalError as error:
        return error


class _Link:
    """The library on a session of our own: no cookies, no redirects, no repeats, errors kept."""

    def __init__(self, url: str, connect_timeout: float, read_timeout: float) -> None:
        self._read_timeout = read_timeout
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=IN_FLIGHT, ssl=ssl.create_default_context()),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            raise_for_status=False,
            middlewares=(self._checked,),
        )
        self._portal = BitrixAsync(
            url,
            verbose=False,
            # a box has no such limits, and the library's book-keeping of them stalls batches
            request_pool_size=10**6,
            requests_per_second=50.0,
            operating_time_limit=10**9,
            client=self._session,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def batch(self, calls: Sequence[Call]) -> list[list[Row]]:
        """Return the rows of each of up to 50 list calls, in their order."""
        named = {f"w{number}": call for number, call in enumerate(calls)}
        answer = await self.send("batch", batch_params(named, halt=False))
        pages = []
        for key, outcome in batch_outcomes(named, answer, halt=False).items():
            if isinstance(outcome, PortalError):
                raise outcome
            pages.append(_rows(named[key].method, outcome))
        return pages

    async def send(self, method: str, params: Mapping[str, Any]) -> Answer:
        """Send one read in one request.

        Raises:
            PortalError: as in `PortalClient.call` for a read.
        """
        failure: PortalError
        try:
            payload = await self._portal.call(method, dict(params), raw=True)
        except PortalError as error:
            failure = error
        except (aiohttp.ClientError, OSError, RuntimeError, ValueError, TypeError, LookupError):
            # besides the network: the library trips over replies of an odd shape
            failure = _no_answer(method)
        else:
            if isinstance(payload, dict) and "error" not in payload and "result" in payload:
                return answer_of(payload)
            failure = _refused(method, payload)
        # raised here, outside of the `except` blocks: a context would hold the secret
        raise failure

    async def _checked(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Turn every reply but a JSON one with 200 into our failure, before the library sees it.

        The library repeats what it takes for a passing fault and drops the body of an error; a
        failure of ours passes through it untouched.
        """
        method = request.url.name
        failure: PortalError
        try:
            async with asyncio.timeout(self._read_timeout):
                response = await handler(request)
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            failure = _no_answer(method)
        else:
            if response.status == 200 and "json" in response.content_type:
                return response
            outcome = classify(
                method=method,
                write=False,
                status=response.status,
                headers=response.headers,
                body=body,
            )
            failure = outcome if isinstance(outcome, PortalError) else _no_answer(method)
        raise failure


def _refused(method: str, payload: object) -> PortalError:
    if isinstance(payload, dict) and "error" in payload:
        return refusal(method=method, write=False, status=200, payload=payload)
    return _no_answer(method)


def _no_answer(method: str) -> PortalUnavailable:
    return PortalUnavailable(f"Портал не ответил на вызов {method}", method=method)


def _rows(method: str, answer: Answer) -> list[Row]:
    try:
        return rows(method, answer.result)
    except ValueError:
        raise PortalUnavailable(
            f"Портал ответил на вызов {method} не по форме", method=method
        ) from None


def _id(row: Row) -> int:
    try:
        return int(row["id"])
    except (KeyError, TypeError, ValueError):
        raise PortalUnavailable("В строке реестра портала нет id", method="crm.item.list") from None
