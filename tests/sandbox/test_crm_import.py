"""Import of an archive: whose items they are and when they were made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import SPA, Box
from tests.sandbox.crm_help import CONTACT, DEAL, people, read

NOW = "2026-05-12T12:00:00+03:00"


@pytest.fixture(autouse=True)
def _now(box: Box) -> None:
    box.control("clock", {"now": NOW})


def test_an_imported_item_keeps_its_author_and_its_moments(box: Box, spa: int) -> None:
    fields = {
        "title": "Письмо 2019 года",
        "stageId": f"DT{SPA}_10:SUCCESS",
        "createdTime": "2019-03-01T10:00:00+03:00",
        "createdBy": 4,
        "updatedTime": "2019-04-01T10:00:00+03:00",
        "updatedBy": 5,
        "movedTime": "2019-03-02T10:00:00+03:00",
        "movedBy": 6,
    }
    made = box.ok("crm.item.import", {"entityTypeId": SPA, "fields": fields})["item"]
    assert list(made) == ["id"]
    item = read(box, SPA, made["id"])
    assert {name: item[name] for name in fields} == fields
    history = box.ok("crm.stagehistory.list", {"entityTypeId": SPA})["items"]
    assert [row["CREATED_TIME"] for row in history] == [fields["movedTime"]]
    found = box.ok("crm.item.list", {"entityTypeId": SPA, "filter": {"<updatedTime": "2020-01-01"}})
    assert len(found["items"]) == 1


@pytest.mark.parametrize("fields", [
    {"createdTime": "2026-05-12T12:00:01+03:00"}, {"createdTime": "когда-то"}, {"createdBy": 4000},
    {"createdTime": "2019-02-28T10:00:00+03:00"},
])  # fmt: skip
def test_impossible_originals_are_refused(box: Box, fields: dict[str, Any]) -> None:
    before = {"title": "Первая", "createdTime": "2019-03-01T10:00:00+03:00"}
    box.ok("crm.item.import", {"entityTypeId": DEAL, "fields": before})
    ask = {"entityTypeId": DEAL, "fields": {"title": "Вторая", **fields}}
    assert box.refused("crm.item.import", ask) == (400, "CRM_FIELD_ERROR_VALUE_NOT_VALID")


def test_only_an_administrator_says_who_made_it(box: Box) -> None:
    (clerk,) = people(box, 5)
    ask = {"entityTypeId": DEAL, "fields": {"createdBy": 5}}
    assert clerk.refused("crm.item.import", ask) == (400, "CRM_FIELD_ERROR_VALUE_NOT_VALID")
    made = clerk.ok("crm.item.import", {"entityTypeId": DEAL, "fields": {"title": "Сделка"}})["item"]
    assert read(box, DEAL, made["id"])["createdBy"] == 5


def test_a_batch_tells_of_each_row_in_its_place(box: Box) -> None:
    phones = [{"VALUE": "+7 495 000-00-01", "VALUE_TYPE": "WORK"}, {"VALUE": "+7 900 000-00-02"}]
    rows: list[Any] = [{"name": "Пётр", "PHONE": phones}, {"name": "Илья", "categoryId": 99}, {"name": "Ян"}]
    answered = box.ok("crm.item.batchImport", {"entityTypeId": CONTACT, "data": rows})["items"]
    assert answered[0] == {"item": {"id": 1}}
    assert answered[1]["error"] == "CRM_FIELD_ERROR_VALUE_NOT_VALID"
    assert answered[2] == {"item": {"id": 2}}
    assert [row["valueType"] for row in read(box, CONTACT, 1)["fm"]] == ["WORK", "WORK"]
    many = {"entityTypeId": CONTACT, "data": [{"name": "Имя"}] * 21}
    assert box.refused("crm.item.batchImport", many) == (400, "MAX_IMPORT_BATCH_SIZE_EXCEEDED")
