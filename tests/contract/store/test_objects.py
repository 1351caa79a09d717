"""What the portal confirmed survives whatever is being sent after it."""

from __future__ import annotations

import pytest

from b24flow.errors import StoreError
from b24flow.store import objects
from b24flow.store.engine import Database
from b24flow.store.objects import Confirmation, Intent
from tests.contract.store.world import NOW, insert, later


def test_intent_confirmation_and_the_next_intent(database: Database) -> None:
    with database.transaction() as unit:
        stored, other = insert(unit), insert(unit, "u-2")
        objects.put_intents(unit, [
            Intent(document_id=stored, key="item", kind="item", wanted={"title": "А"}, epoch=3),
            Intent(document_id=stored, key="task:1", kind="task", wanted={}, epoch=3),
        ], NOW)
        assert unit.statements == 3
    with database.transaction() as unit:
        objects.confirm(unit, [
            Confirmation(document_id=stored, key="item", portal_id="17", fields={"title": "А"}),
            Confirmation(document_id=stored, key="task:1", portal_id="9", fields={"setter": 4}),
        ], later(1))
        assert unit.statements == 1
        objects.put_intents(
            unit, [Intent(document_id=stored, key="item", kind="item", wanted={"title": "Б"},
                          epoch=4)], later(2),
        )
        found = objects.of_documents(unit, [stored, other])
    assert found[other] == []
    item, task = found[stored]
    assert (item.state, item.portal_id, item.fields, item.wanted, item.epoch) == (
        "intent", "17", {"title": "А"}, {"title": "Б"}, 4,
    )
    assert (item.intent_at, item.confirmed_at) == (later(2), later(1))
    assert (task.state, task.portal_id, task.fields, task.wanted) == (
        "confirmed", "9", {"setter": 4}, None,
    )


def test_doubt_keeps_what_was_sent_and_loss_drops_it(database: Database) -> None:
    with database.transaction() as unit:
        stored = insert(unit)
        objects.put_intents(unit, [
            Intent(document_id=stored, key=key, kind="task", wanted={"n": 1}) for key in "ab"
        ], NOW)
        objects.mark(unit, [(stored, "a")], "in_doubt")
        objects.mark(unit, [(stored, "b")], "lost")
        objects.mark(unit, [], "lost")
        objects.put_intents(unit, [], NOW)
        objects.confirm(unit, [], NOW)
        a, b = objects.of_documents(unit, [stored])[stored]
    assert (a.state, a.wanted, b.state, b.wanted) == ("in_doubt", {"n": 1}, "lost", None)


def test_objects_are_found_by_what_the_portal_calls_them(database: Database) -> None:
    with database.transaction() as unit:
        stored = insert(unit)
        objects.put_intents(unit, [
            Intent(document_id=stored, key="t", kind="task", wanted={}),
            Intent(document_id=stored, key="i", kind="item", wanted={}),
        ], NOW)
        objects.confirm(unit, [Confirmation(document_id=stored, key=key, portal_id="5")
                               for key in "ti"], NOW)
        found = objects.by_portal(unit, "task", ["5", "6"])
    assert {portal_id: one.key for portal_id, one in found.items()} == {"5": "t"}


def test_an_unknown_kind_or_state_is_refused(database: Database) -> None:
    with database.transaction() as unit:
        stored = insert(unit)
        objects.put_intents(unit, [Intent(document_id=stored, key="t", kind="task", wanted={})],
                            NOW)
    with pytest.raises(StoreError), database.transaction() as unit:
        objects.put_intents(unit, [Intent(document_id=stored, key="x", kind="deal", wanted={})],
                            NOW)
    with pytest.raises(StoreError), database.transaction() as unit:
        objects.mark(unit, [(stored, "t")], "perhaps")
