"""E25: a new version of a process while its documents run; what is shown beforehand is what happens (R44)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from b24flow.core.access import offers
from b24flow.core.definition import ProcessDefinition
from b24flow.core.evolve import replay
from b24flow.core.migration import Renamed
from b24flow.definitions.loader import parse_process
from b24flow.errors import Refused
from b24flow.services import migrate as service
from b24flow.services.history import history_view
from b24flow.services.migrate import MigrationRow, migrate, preview
from b24flow.store import documents, journal, outbox, work
from tests.town import CHAIR, CLERK, HEAD, LAWYER, SPECIALIST, Town

MERGED = Renamed(states={"inform": "control"}, fields={"basis": "ground"})


@dataclass
class Versions:
    """Every version in memory; the newest of each process is the present one."""

    every: tuple[ProcessDefinition, ...]

    def processes(self) -> dict[str, ProcessDefinition]:
        return {one.code: one for one in self.every}

    def get(self, digest: str) -> ProcessDefinition:
        return next(one for one in self.every if one.digest == digest)


def second_version(first: ProcessDefinition) -> ProcessDefinition:
    """Directives without the step «Ознакомление», «Основание» renamed, one action more, one less."""
    text = first.source
    for old, new in (
        ("next: [inform]", "next: [control]"), ("inform, control", "control"),
        ("control, inform", "control"), ("  basis:\n", "  ground:\n"),
        ("title, basis, ", "title, ground, "), ("title*, basis, ", "title*, ground, "),
        ("label: Исправить карточку", "label: Поправить карточку"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    begins, ends = text.index("  inform:\n"), text.index("  control:\n")
    return parse_process(text[:begins] + text[ends:], "directive-v2.yaml")


def in_force(place: Town, number: int) -> str:
    """A registered directive that two people are to read."""
    made = place.begin(
        "directive", SPECIALIST, "straight_to_sign", place.draft(SPECIALIST), kind="admin",
        title=f"О дежурстве {number}", basis="служебная записка", signer=str(CHAIR),
        readers=(str(HEAD), str(LAWYER)))
    place.press(made.uuid, CHAIR, "sign")
    place.press(made.uuid, CLERK, "register")
    assert place.state(made.uuid) == "inform"
    return made.uuid


@pytest.fixture
def running(place: Town) -> tuple[Town, list[str], ProcessDefinition]:
    """Twelve documents in the step that the second version does not have, and that version in force."""
    uuids = [in_force(place, number) for number in range(12)]
    first = place.office.process("directive")
    second = second_version(first)
    others = tuple(place.office.definitions.processes().values())
    place.office = replace(place.office, definitions=Versions((*others, second)))
    return place, uuids, second


def as_it_is(place: Town, row: MigrationRow) -> tuple[str, tuple[int, ...], tuple[str, ...]]:
    """What the database says of a document, in the words of a preview."""
    with place.office.database.reading() as unit:
        stored = documents.load(unit, row.uuid, lock=False)
        assert stored is not None
        assert replay(journal.records(unit, stored.id)) == stored.document
        context = place.office.context(unit)
        definition = place.office.definition_of(stored.document)
        users = tuple(sorted({one.item.user for one in work.holders(unit, stored.id)}))
        labels = {one.action.label: None for user in users
                  for one in offers(definition, stored.document, context, user) if one.acting_for is None}
    return stored.state, users, tuple(labels)


def test_a_removed_step_needs_a_mapping_and_the_preview_is_the_result(
    running: tuple[Town, list[str], ProcessDefinition]
) -> None:
    place, uuids, second = running
    before = {one: place.document(one) for one in uuids}

    unmapped = preview(place.office, second, Renamed())
    assert [one.uuid for one in unmapped] == uuids
    assert all("--map inform=" in one.problems[0] for one in unmapped)
    with pytest.raises(Refused, match=r"12 из 12.*Ознакомление.*--map inform="):
        migrate(place.office, second, Renamed())
    assert {one: place.document(one) for one in uuids} == before

    shown = preview(place.office, second, MERGED)
    assert {one: place.document(one) for one in uuids} == before
    report = migrate(place.office, second, MERGED)

    assert report.done == shown
    assert report.refused == ()
    for row in shown:
        assert as_it_is(place, row) == (row.after.state, row.after.holders, row.after.actions)
        after = place.document(row.uuid)
        assert (after.digest, after.number) == (second.digest, before[row.uuid].number)
        assert (after.text("ground"), "basis" in after.card) == ("служебная записка", False)
        assert (row.state_before, row.state_after) == ("Ознакомление", "На контроле")
        assert row.after.holders == (HEAD, LAWYER)
    assert shown[0].lost == ()
    assert migrate(place.office, second, MERGED).done == ()


def test_after_the_change_the_document_goes_on_and_everybody_was_told(
    running: tuple[Town, list[str], ProcessDefinition]
) -> None:
    place, uuids, second = running
    migrate(place.office, second, MERGED)
    uuid = uuids[0]
    document = place.document(uuid)
    with place.office.database.reading() as unit:
        told = [row.payload["recipient"] for row in outbox.listing(unit)
                if row.kind == "message" and row.payload["uuid"] == uuid
                and "новую версию процесса" in row.payload["lines"][0]]
        newest = history_view(unit, second, document, place.office.context(unit))[0]
    assert sorted(told) == [HEAD, LAWYER]
    assert newest.label == "Переведён на новую версию процесса"
    assert "шаг «Ознакомление» → «На контроле»" in newest.details[0]
    for user in (HEAD, LAWYER):
        assert place.state(uuid) == "control"
        place.press(uuid, user, "acknowledged")
    assert place.state(uuid) == "closed"
    place.settle()


def test_values_that_the_new_version_does_not_know_are_named(
    running: tuple[Town, list[str], ProcessDefinition]
) -> None:
    place, _, second = running
    shown = preview(place.office, second, Renamed(states={"inform": "control"}))
    assert {one.lost for one in shown} == {("поле «basis» (basis)",)}
    assert all("Поправить карточку" not in one.before.actions for one in shown)


@pytest.mark.parametrize(("renamed", "said"), [
    (Renamed(states={"inform": "nowhere"}), "шага «nowhere» в новой версии нет"),
    (Renamed(states={"inform": "closed"}), "конечный шаг"),
    (Renamed(states={"inform": "approval"}), "никто из тех, у кого документ, не сможет его продолжить"),
    (Renamed(states={"inform": "control", "infrom": "control"}), "шага «infrom» в прежних версиях нет"),
    (Renamed(states={"inform": "control"}, fields={"basis": "no"}), "«no» в карточке новой версии нет"),
])
def test_a_mapping_that_would_lose_a_document_is_refused(
    running: tuple[Town, list[str], ProcessDefinition], renamed: Renamed, said: str
) -> None:
    place, uuids, second = running
    with pytest.raises(Refused, match=said):
        migrate(place.office, second, renamed)
    assert {place.document(one).digest for one in uuids} != {second.digest}


def test_a_run_that_broke_off_is_finished_by_the_next(
    running: tuple[Town, list[str], ProcessDefinition], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, uuids, second = running
    kept, calls = service.commit, iter(range(100))

    def breaking(*args: object) -> None:
        kept(*args)  # type: ignore[arg-type]
        if next(calls) == 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(service, "commit", breaking)
        with pytest.raises(KeyboardInterrupt):
            migrate(place.office, second, MERGED)
    assert sum(place.document(one).digest == second.digest for one in uuids) == 5
    assert len(migrate(place.office, second, MERGED).done) == 7
    with place.office.database.reading() as unit:
        for uuid in uuids:
            lines = [one for one in journal.history(unit, uuid) if one.type == "DefinitionChanged"]
            assert len(lines) == 1
            assert journal.verify(unit, uuid) == []


def test_only_the_version_in_force_is_a_goal(place: Town) -> None:
    with pytest.raises(Refused, match="только на действующую версию"):
        migrate(place.office, second_version(place.office.process("directive")), MERGED)
