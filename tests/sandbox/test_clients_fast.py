"""The popular bulk reader, fast_bitrix24, runs against the sandbox unchanged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest
from fast_bitrix24 import Bitrix

from b24flow.sandbox.server import SandboxServer
from tests.sandbox.conftest import SPA, Box


@pytest.fixture
def fast(server: SandboxServer, box: Box, spa: int) -> Iterator[Bitrix]:
    logging.getLogger("fast_bitrix24").setLevel(logging.WARNING)  # it sets DEBUG for itself
    box.batch([f"crm.item.add?entityTypeId={SPA}&fields[title]=Документ {n}" for n in range(50)])
    box.batch([f"crm.item.add?entityTypeId={SPA}&fields[title]=Документ {n}" for n in range(50, 99)])
    loop = asyncio.new_event_loop()  # the library takes the thread's loop and never closes one
    asyncio.set_event_loop(loop)
    yield Bitrix(server.webhook_url, verbose=False, respect_velocity_policy=False)
    asyncio.set_event_loop(None)
    loop.close()


def test_get_all_reads_every_page_once(fast: Bitrix) -> None:
    rows = fast.get_all("crm.item.list", {"entityTypeId": SPA, "select": ["id", "title"]})
    assert sorted(row["id"] for row in rows) == list(range(1, 100))
    assert {row["LAST_NAME"] for row in fast.get_all("user.get")} >= {"Берёзов", "Шалфеев"}


def test_get_by_id_packs_batches(fast: Bitrix, box: Box) -> None:
    found = fast.get_by_ID("crm.item.get", list(range(1, 71)), "id", {"entityTypeId": SPA})
    assert found["7"]["item"]["id"] == 7
    assert len(found) == 70
    assert [row["method"] for row in box.look("calls") if row["batch"] is None][-2:] == ["batch", "batch"]


def test_call_batch_passes_commands_through(fast: Bitrix) -> None:
    answer = fast.call_batch(
        {"halt": 0, "cmd": {
            "made": f"crm.item.add?entityTypeId={SPA}&fields[title]=Сотый",
            "seen": f"crm.item.get?entityTypeId={SPA}&id=$result[made][item][id]",
        }}
    )  # fmt: skip
    assert answer["seen"]["item"]["title"] == "Сотый"


def test_contacts_are_read_and_changed_in_bulk(fast: Bitrix, box: Box) -> None:
    rows = [
        {"entityTypeId": 3, "fields": {"name": f"№ {number}", "originId": f"c{number}"}}
        for number in range(70)
    ]
    made = fast.call("crm.item.add", rows)
    ids = [one["item"]["id"] if "item" in one else one["id"] for one in made]
    assert sorted(ids) == list(range(1, 71))
    changed = [{"entityTypeId": 3, "id": number, "fields": {"post": "Бухгалтер"}} for number in ids[:5]]
    fast.call("crm.item.update", changed)
    found = fast.get_all(
        "crm.item.list", {"entityTypeId": 3, "filter": {"post": "Бухгалтер"}, "select": ["id"]}
    )
    assert sorted(row["id"] for row in found) == sorted(ids[:5])
    stages = fast.get_all("crm.status.list", {"filter": {"ENTITY_ID": "DEAL_STAGE"}})
    assert len(stages) == 8
