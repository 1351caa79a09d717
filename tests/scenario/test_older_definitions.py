"""Documents that began before the check of definitions became stricter: they open, go on and are migrated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from b24flow.catalogue import Catalogue
from b24flow.core.migration import Renamed
from b24flow.definitions.loader import parse_archived, parse_process
from b24flow.errors import DefinitionError, StoreError
from b24flow.services.migrate import migrate, preview
from b24flow.services.views import document_view
from b24flow.store import definitions as archive
from tests.town import CHAIR, CLERK, HEAD, LAWYER, SPECIALIST, Town

FLAWED = "    style: danger\n    next: [annulled]\n"
"""Kind `close` obeys `closes_as`, so the check refuses `next` beside it; it once did not."""


def flawed(source: str) -> str:
    assert "    style: danger\n    work: false\n    form: [reason*]\n    closes_as: annulled" in source
    text = source.replace("    style: danger\n    work: false\n    form: [reason*]\n    closes_as: annulled",
                          FLAWED + "    work: false\n    form: [reason*]\n    closes_as: annulled", 1)
    with pytest.raises(DefinitionError, match="никуда не ведёт"):
        parse_process(text, "flawed.yaml")
    return text


def begun_before(place: Town) -> str:
    """A directive waiting for its signature under a definition that today's check refuses."""
    present = place.office.definitions.processes()
    old = parse_archived(flawed(present["directive"].source), "archive")
    with place.office.database.transaction() as unit:
        archive.archive(unit, old.digest, old.code, old.source, place.clock.now())
    place.office = replace(place.office, definitions=Catalogue(
        place.office.database, {**present, "directive": old}))
    made = place.begin(
        "directive", SPECIALIST, "straight_to_sign", place.draft(SPECIALIST), kind="admin",
        title="О дежурстве", signer=str(CHAIR), readers=(str(HEAD), str(LAWYER)))
    place.office = replace(place.office, definitions=Catalogue(place.office.database, present))
    assert place.document(made.uuid).digest == old.digest != present["directive"].digest
    return made.uuid


def test_a_document_of_a_definition_that_is_refused_today_opens_and_goes_on(place: Town) -> None:
    uuid = begun_before(place)
    assert document_view(place.office, uuid, CHAIR).offers
    place.press(uuid, CHAIR, "sign")
    place.press(uuid, CLERK, "register")
    assert place.state(uuid) == "inform"
    place.drain()


def test_it_is_migrated_to_the_present_version(place: Town) -> None:
    uuid = begun_before(place)
    target = place.office.process("directive")
    (row,) = preview(place.office, target, Renamed())
    assert (row.uuid, row.problems) == (uuid, ())
    assert [one.uuid for one in migrate(place.office, target, Renamed()).done] == [uuid]
    assert place.document(uuid).digest == target.digest
    place.press(uuid, CHAIR, "sign")
    assert place.state(uuid) == "toreg"


def test_what_cannot_be_read_at_all_is_said(place: Town) -> None:
    with place.office.database.transaction() as unit:
        archive.archive(unit, "f" * 64, "directive", "process: [", place.clock.now())
    with pytest.raises(StoreError, match="из архива не читается"):
        Catalogue(place.office.database, {}).get("f" * 64)
