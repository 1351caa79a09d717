"""fast_bitrix24 with an application's token instead of a webhook."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest
from fast_bitrix24 import Bitrix

from tests.sandbox.conftest import AppCaller, Box


@pytest.fixture
def app(box: Box) -> AppCaller:
    return box.install_app(who=6, scopes=["user", "department"])


@pytest.fixture
def fast(box: Box, app: AppCaller) -> Iterator[Bitrix]:
    logging.getLogger("fast_bitrix24").setLevel(logging.WARNING)  # it sets DEBUG for itself

    async def token() -> str:
        app.token = app.refresh().json()
        return str(app.token["access_token"])

    loop = asyncio.new_event_loop()  # the library takes the thread's loop and never closes one
    asyncio.set_event_loop(loop)
    yield Bitrix(f"{box.server.url}/rest/", token_func=token, verbose=False, respect_velocity_policy=False)
    asyncio.set_event_loop(None)
    loop.close()


def test_pages_and_batches_are_read_with_a_token(fast: Bitrix) -> None:
    assert {row["LAST_NAME"] for row in fast.get_all("user.get")} >= {"Берёзов", "Шалфеев"}
    answer = fast.call_batch({"halt": 0, "cmd": {"me": "user.current", "all": "department.get"}})
    assert answer["me"]["ID"] == "6"
    assert len(answer["all"]) == 8


def test_a_token_that_expired_is_asked_for_again(fast: Bitrix, box: Box, app: AppCaller) -> None:
    assert len(fast.get_all("department.get")) == 8
    first = app.token["access_token"]
    box.control("clock", {"advance": 3601})
    assert len(fast.get_all("department.get")) == 8
    assert app.token["access_token"] != first
