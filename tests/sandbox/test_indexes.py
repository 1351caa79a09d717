"""Long tables: an index changes how a page is reached, never what stands on it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from b24flow.sandbox.journal import CallJournal
from b24flow.sandbox.model.indexes import RowIndex, plan
from tests.sandbox.conftest import SPA, Box, add_task

ITEM_FILTERS: list[dict[str, Any]] = [
    {},
    {">id": 40},
    {">=id": 40, "<id": 110},
    {"<=id": 20, "stageId": ""},
    {"id": [3, 9, 500, 77]},
    {"@id": [120, 5]},
    {"=xmlId": "code-3"},
    {"xmlId": ["code-1", "code-2", "nothing"]},
    {"xmlId": ""},
    {"!xmlId": "code-3", ">id": 100},
    {">updatedTime": "2026-05-12T09:20:00+03:00"},
    {">=updatedTime": "2026-05-12T09:20:00+03:00", "<updatedTime": "2026-05-12T09:40:00+03:00"},
    {"<=updatedTime": "2026-05-12T09:20:00+03:00", ">id": 30},
    {">id": 30, "%title": "7"},
    {"logic": "OR", "0": {">id": 110}, "1": {"<id": 10}},
    {">id": 60, "0": {"logic": "OR", "<id": 70, "xmlId": "code-1"}},
    {">id": "x"},
    {">updatedTime": ""},
]
ITEM_ORDERS: list[dict[str, str]] = [
    {}, {"id": "ASC"}, {"id": "DESC"}, {"updatedTime": "ASC"}, {"updatedTime": "DESC"},
    {"updatedTime": "ASC", "id": "ASC"}, {"updatedTime": "DESC", "id": "DESC"},
    {"updatedTime": "ASC", "id": "DESC"}, {"title": "DESC"},
]  # fmt: skip


def hours(box: Box, minute: int) -> None:
    box.control("clock", {"now": f"2026-05-12T09:{minute:02}:00+03:00"})


@pytest.fixture
def long_registry(box: Box, spa: int) -> Box:
    """130 items made over an hour, some of them deleted, some changed later."""
    for minute in range(10, 23):
        hours(box, minute)
        add = f"crm.item.add?entityTypeId={SPA}&fields[title]=Документ"
        box.batch([f"{add} {n}&fields[xmlId]={f'code-{n % 5}' if n % 3 else ''}" for n in range(10)])
    hours(box, 50)
    for number in (7, 64, 128):
        box.ok("crm.item.update", {"entityTypeId": SPA, "id": number, "fields": {"xmlId": "code-9"}})
    for number in (1, 65, 130):
        box.ok("crm.item.delete", {"entityTypeId": SPA, "id": number})
    return box


def _value(row: dict[str, Any], name: str) -> Any:
    return row[name] if row[name] is not None else ""


def by_hand(rows: list[dict[str, Any]], order: dict[str, str]) -> list[int]:
    for name, way in reversed(order.items()):
        rows = sorted(rows, key=lambda row: _value(row, name), reverse=way == "DESC")
    return [row["id"] for row in rows]


def test_every_way_to_a_page_gives_the_same_page(long_registry: Box) -> None:
    stored = long_registry.look("state/items")
    for conditions, order in product(ITEM_FILTERS, ITEM_ORDERS):
        # the same condition inside an OR group, which no index serves
        plain = {"logic": "OR", "0": conditions or {">id": 0}}
        found = long_registry.raw("crm.item.list", {"entityTypeId": SPA, "filter": plain}).json()
        ids = {row["id"] for start in (0, 50, 100)
               for row in long_registry.ok("crm.item.list", {"entityTypeId": SPA, "filter": plain,
                                           "select": ["id"], "start": start})["items"]}  # fmt: skip
        wanted = by_hand([row for row in stored if row["id"] in ids], order)
        asked = {"entityTypeId": SPA, "filter": conditions, "order": order, "select": ["id"]}
        first, second = (long_registry.raw("crm.item.list", asked | {"start": n}).json() for n in (0, 50))
        assert first["total"] == found["total"] == len(wanted), (conditions, order)
        assert [row["id"] for row in first["result"]["items"]] == wanted[:50], (conditions, order)
        assert [row["id"] for row in second["result"]["items"]] == wanted[50:100], (conditions, order)
        assert first.get("next") == (50 if len(wanted) > 50 else None)
        quick = long_registry.raw("crm.item.list", asked | {"start": -1}).json()
        assert [row["id"] for row in quick["result"]["items"]] == wanted[:50], (conditions, order)
        assert "total" not in quick


def test_the_index_follows_a_restored_portal(long_registry: Box) -> None:
    kept = long_registry.control("snapshot")["id"]
    long_registry.ok("crm.item.delete", {"entityTypeId": SPA, "id": 64})
    gone = {"entityTypeId": SPA, "filter": {"xmlId": "code-9"}, "select": ["id"]}
    assert [row["id"] for row in long_registry.ok("crm.item.list", gone)["items"]] == [7, 128]
    long_registry.control("restore", {"id": kept})
    assert [row["id"] for row in long_registry.ok("crm.item.list", gone)["items"]] == [7, 64, 128]


def test_tasks_are_found_by_id_code_and_change(box: Box) -> None:
    ids = []
    for minute in range(5):
        hours(box, minute)
        ids.append(int(add_task(box, TITLE=f"t{minute}", XML_ID=f"x{minute % 2}")["id"]))
    hours(box, 30)
    box.ok("tasks.task.update", {"taskId": ids[1], "fields": {"XML_ID": "moved"}})
    box.ok("tasks.task.delete", {"taskId": ids[4]})

    def found(**params: Any) -> list[int]:
        return [int(row["id"]) for row in box.ok("tasks.task.list", params)["tasks"]]

    since = {">CHANGED_DATE": "2026-05-12T09:02:00+03:00"}
    assert found() == ids[3::-1]
    assert found(filter={">ID": ids[1]}, order={"ID": "asc"}, start=-1) == ids[2:4]
    assert found(filter={"XML_ID": "x0"}, order={"ID": "asc"}) == [ids[0], ids[2]]
    assert found(filter={"XML_ID": "moved"}) == [ids[1]]
    assert found(filter=since, order={"CHANGED_DATE": "asc"}) == [ids[3], ids[1]]
    assert found(filter=since, order={"CHANGED_DATE": "desc"}, start=-1) == [ids[1], ids[3]]
    assert box.raw("tasks.task.list", {"filter": {">ID": ids[0]}}).json()["total"] == 3


def test_a_page_of_a_long_table_touches_only_its_rows() -> None:
    index = RowIndex(ids=list(range(1, 100_001)))
    walk = plan(index, [(">", "id", 99_000)], [("id", False)])
    assert (len(walk.ids), walk.ordered, walk.exact) == (1000, True, True)
    assert list(walk.ids[:3]) == [99_001, 99_002, 99_003]


def test_the_journal_is_a_ring() -> None:
    journal = CallJournal(size=3, capacity=100)
    for number in range(5):
        journal.add(params={"n": number})
    assert [row["seq"] for row in journal.rows()] == [3, 4, 5]
    journal.add(params={"text": "x" * 200})
    assert [row["seq"] for row in journal.rows()] == [6]
    journal.add(params={})
    assert [row["seq"] for row in journal.rows()] == [7]
