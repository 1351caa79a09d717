"""Architecture §8: what an action may cost in statements, for every action that the plays press."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from b24flow.services.act import Acted
from b24flow.store.engine import Unit
from tests import town
from tests.scenario.plays import PLAYS
from tests.town import Town

BUDGET = 8
DEARER = {
    # The number's counter and its line in the book, while some stop holding the document and others begin.
    "directive.register": 9, "decree.sign": 9, "internal.send": 9,
    # Two documents change together: the journal, the row, the work items and the messages of each.
    "incoming.prepare_reply": 12, "internal.prepare_directive": 10, "outgoing.link": 12,
    "outgoing.dispatch": 13,
}
"""What an action costs beyond the budget of one document, by process and action."""


@pytest.mark.parametrize("name", sorted(PLAYS))
def test_no_action_costs_more_than_its_budget(
    sqlite_place: Town, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    counted: list[int] = []
    pressed: list[tuple[str, int]] = []
    end = Unit.end

    def ended(unit: Unit) -> None:
        counted.append(unit.statements)
        end(unit)

    def measured(made: Callable[..., Acted]) -> Callable[..., Acted]:
        def measure(office: Any, which: str, command: Any) -> Acted:
            with office.database.reading() as unit:
                office.people.directory(unit)
            counted.clear()
            done = made(office, which, command)
            dearest = max(counted)
            pressed.append((f"{sqlite_place.document(done.uuid).process}.{command.action}", dearest))
            return done
        return measure

    monkeypatch.setattr(Unit, "end", ended)
    monkeypatch.setattr(town, "act", measured(town.act))
    monkeypatch.setattr(town, "start", measured(town.start))
    PLAYS[name](sqlite_place, lambda: None)
    assert pressed
    assert [(what, cost) for what, cost in pressed if cost > DEARER.get(what, BUDGET)] == []
