"""The CRM in a data file: nothing of it is different after a restart, however it was kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from b24flow.sandbox.codec import dumps, pack_state, unpack_state
from b24flow.sandbox.datafile import DataFile
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.seed import demo_organisation
from tests.sandbox.conftest import SPA, Box
from tests.sandbox.crm_help import COMPANY, CONTACT, DEAL, LEAD, change, make
from tests.sandbox.examples.crm_settings import SECTION, a_field, a_pipeline, a_workplace
from tests.sandbox.examples.crm_timeline import LAYOUT, a_todo, letter
from tests.sandbox.test_data import living, look_at_all

PHONE = {"typeId": "PHONE", "valueType": "WORK", "value": "+7 495 000-00-01"}


def fill(box: Box) -> None:
    """Do something of everything the CRM can."""
    field = a_field(box)
    a_workplace(box, typeIds=[7])
    pipeline = a_pipeline(box)
    make(box, SPA, ufCrm7Kind=field["enum"][0]["id"], parentId1=1, observers=[2])
    company = make(box, COMPANY, title="Контора", fm=[PHONE], isMyCompany="Y")["id"]
    make(box, CONTACT, name="Пётр", companyIds=[company], birthdate="1990-01-01")
    deal = make(box, DEAL, originId="d-1")["id"]
    change(box, DEAL, deal, categoryId=pipeline)
    box.ok("crm.item.import", {"entityTypeId": LEAD, "fields": {"createdTime": "2020-01-01T10:00:00+03:00"}})
    app = box.install_app()
    given = {"ownerTypeId": DEAL, "ownerId": deal, "fields": {}, "layout": LAYOUT}
    app.ok("crm.activity.configurable.add", given)
    box.ok("crm.activity.add", {"fields": letter(box)})
    a_todo(box)
    box.ok("crm.item.details.configuration.set", {"entityTypeId": DEAL, "data": [SECTION]})
    comment = {"ENTITY_TYPE": "deal", "ENTITY_ID": deal, "COMMENT": "Принято"}
    box.ok("crm.timeline.comment.add", {"fields": comment})


def questions(box: Box) -> list[Any]:
    """Ask what goes through caches and indexes."""
    return [
        box.ok("crm.item.list", {"entityTypeId": DEAL, "filter": {"originId": "d-1"}}),
        box.ok("crm.timeline.comment.list", {"filter": {"ENTITY_TYPE": "deal", "ENTITY_ID": 1}}),
        box.ok("crm.category.list", {"entityTypeId": DEAL}),
        box.ok("crm.status.entity.types"),
        box.ok("crm.item.fields", {"entityTypeId": SPA}),
        box.ok("crm.type.get", {"id": 7}),
        box.ok("crm.item.details.configuration.get", {"entityTypeId": DEAL}),
        box.ok("crm.activity.list", {"select": ["*", "COMMUNICATIONS", "BINDINGS"]}),
        box.ok("crm.item.get", {"entityTypeId": COMPANY, "id": 1}),
    ]


@pytest.mark.parametrize("compact_after", [1, 50_000])
def test_nothing_of_the_crm_is_different_after_a_restart(
    tmp_path: Path, compact_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DataFile.__init__, "__defaults__", (compact_after,))
    with living(tmp_path / "portal") as box:
        box.control("clock", {"now": "2026-05-12T09:00:00+03:00"})
        fill(box)
        before, asked = look_at_all(box), questions(box)
        assert len(before["mail"]) == 2
        assert len(before["activities"]) == 3
    for _ in range(2):  # the second time everything is read from the kept memory
        with living(tmp_path / "portal") as box:
            assert look_at_all(box) == before
            assert questions(box) == asked


def test_a_restored_portal_forgets_what_came_after(box: Box) -> None:
    kept = box.control("snapshot")["id"]
    fill(box)
    box.control("restore", {"id": kept})
    assert box.look("state/activities") == []
    assert box.refused("crm.item.fields", {"entityTypeId": SPA}) == (400, "NOT_FOUND")
    assert len(box.ok("crm.category.list", {"entityTypeId": DEAL})["categories"]) == 1
    fill(box)
    assert box.ok("crm.item.get", {"entityTypeId": DEAL, "id": 1})["item"]["originId"] == "d-1"


def test_a_file_from_before_the_directories_gets_them() -> None:
    zone = ZoneInfo("Europe/Moscow")
    kept = pack_state(Portal(demo_organisation()).state) | {"statuses": dumps({}), "categories": dumps({})}
    state = unpack_state(kept, zone)
    assert {row.entity_id for row in state.statuses.values()} >= {"DEAL_STAGE", "SOURCE"}
    assert {row.entity_type_id for row in state.categories.values()} == {DEAL, CONTACT, COMPANY}
    again = unpack_state(pack_state(state), zone)
    assert len(again.statuses) == len(state.statuses)
