"""An effect is owned by one worker at a time, in order per document, and never settled by a ghost."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import text

from b24flow.errors import Conflict
from b24flow.store import outbox
from b24flow.store.engine import Database, retrying
from b24flow.store.outbox import OutboxRow, Outcome
from tests.contract.store.world import NOW, insert, later, together


def claim(database: Database, owner: str = "w", at: float = 0, limit: int = 10) -> list[OutboxRow]:
    return retrying(database, lambda unit: outbox.claim(unit, owner, later(at), 60, limit))


def settle(database: Database, row: OutboxRow, outcome: Outcome, at: float = 1,
           again: float | None = None) -> bool:
    with database.transaction() as unit:
        return outbox.settle(unit, row, outcome, later(at), error="почему",
                             available_at=None if again is None else later(again))


def enqueue(database: Database, *keys: str, document_id: int | None = None) -> None:
    with database.transaction() as unit:
        for key in keys:
            outbox.enqueue(unit, key, "message", {"text": "«Ё»"}, NOW, document_id=document_id,
                           recipient=5)


def state(database: Database, row_id: int) -> OutboxRow:
    with database.reading() as unit:
        row = outbox.get(unit, row_id)
    assert row is not None
    return row


@pytest.fixture
def document(database: Database) -> int:
    with database.transaction() as unit:
        return insert(unit)


def want(database: Database, document: int, version: int, at: float = 0) -> None:
    with database.transaction() as unit:
        outbox.want_projection(unit, document, version, later(at))
        assert unit.statements == 1


def test_a_row_goes_through(database: Database) -> None:
    enqueue(database, "m-1")
    row, = claim(database)
    assert (row.key, row.kind, row.payload, row.recipient) == ("m-1", "message", {"text": "«Ё»"}, 5)
    assert (row.state, row.epoch, row.attempts, row.recovered) == ("running", 1, 1, False)
    assert row.leased_until == later(60)
    assert claim(database) == []
    assert settle(database, row, Outcome.COMPLETED)
    assert claim(database, at=1000) == []
    assert state(database, row.id).state == "completed"


def test_a_repeated_key_is_ignored(database: Database) -> None:
    with database.transaction() as unit:
        assert outbox.enqueue(unit, "m-1", "message", {"n": 1}, NOW)
        assert not outbox.enqueue(unit, "m-1", "message", {"n": 2}, NOW)
        outbox.enqueue_many(unit, [("m-1", "message", {"n": 3}), ("m-2", "message", {})], NOW)
        outbox.enqueue_many(unit, [], NOW)
    assert [(row.key, row.payload) for row in claim(database)] == [("m-1", {"n": 1}), ("m-2", {})]
    enqueue(database, "m-1")
    assert claim(database) == []


def test_messages_beside_a_projection_come_once_and_are_never_woken(
    database: Database, document: int
) -> None:
    said = [("m-1", "message", {"n": 1}), ("m-2", "message", {"n": 2})]
    with database.transaction() as unit:
        outbox.want_projection(unit, document, 1, NOW, said)
    rows = []
    while found := claim(database):
        rows += found
        assert settle(database, found[0], Outcome.COMPLETED)
    assert [(row.kind, row.payload, row.wanted_version) for row in rows] == [
        ("message", {"n": 1}, 0), ("message", {"n": 2}, 0), ("projection", {}, 1),
    ]
    with database.transaction() as unit:
        outbox.want_projection(unit, document, 2, later(60), [("m-1", "message", {"n": 9}), *said[1:]])
    (again,) = claim(database, at=1000)
    assert (again.kind, again.wanted_version) == ("projection", 2)
    assert state(database, rows[0].id).payload == {"n": 1}


def test_a_rolled_back_decision_leaves_no_effect(database: Database) -> None:
    def decide() -> None:
        with database.transaction() as unit:
            outbox.enqueue(unit, "m-1", "message", {}, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        decide()
    assert claim(database) == []


def test_eight_threads_never_claim_a_row_twice(database: Database) -> None:
    enqueue(database, *(f"m-{n}" for n in range(60)))
    with database.transaction() as unit:
        for number in range(20):
            stored = insert(unit, f"d-{number}")
            outbox.want_projection(unit, stored, 1, NOW)
            outbox.enqueue(unit, f"after-{number}", "message", {}, NOW, document_id=stored)

    def drain(number: int) -> list[int]:
        taken: list[int] = []
        while rows := claim(database, f"w-{number}", limit=3):
            taken += [row.id for row in rows]
            for row in rows:
                if row.document_id is None:
                    assert settle(database, row, Outcome.COMPLETED)
        return taken

    counted = Counter(row_id for taken in together(8, drain) for row_id in taken)
    assert len(counted) == 80  # the messages behind the twenty running projections must wait
    assert set(counted.values()) == {1}


def test_rows_of_a_document_go_one_by_one_in_order(database: Database, document: int) -> None:
    enqueue(database, "m-1", "m-2", document_id=document)
    enqueue(database, "other")
    first, other = claim(database)
    assert (first.key, other.key) == ("m-1", "other")
    assert settle(database, other, Outcome.COMPLETED)
    assert settle(database, first, Outcome.RETRY, again=30)
    assert claim(database, at=10) == []
    first, = claim(database, at=30)
    assert first.attempts == 2
    assert settle(database, first, Outcome.IN_DOUBT, again=200)
    assert claim(database, at=100) == []
    first, = claim(database, at=200)
    assert (first.key, first.recovered) == ("m-1", True)
    assert settle(database, first, Outcome.COMPLETED)
    assert [row.key for row in claim(database, at=201)] == ["m-2"]


def test_an_earlier_row_that_wakes_waits_for_a_running_later_one(
    database: Database, document: int
) -> None:
    want(database, document, 1)
    projection, = claim(database)
    settle(database, projection, Outcome.COMPLETED)
    enqueue(database, "m-1", document_id=document)
    message, = claim(database, at=2)
    want(database, document, 2, at=2)
    assert claim(database, at=3) == []
    settle(database, message, Outcome.COMPLETED)
    assert [row.kind for row in claim(database, at=3)] == ["projection"]


def test_an_expired_lease_is_taken_over_and_flagged(database: Database) -> None:
    enqueue(database, "m-1")
    slept, = claim(database, "slow")
    assert claim(database, "fast", at=60) == []
    row, = claim(database, "fast", at=61)
    assert (row.epoch, row.recovered, row.leased_by) == (2, True, "fast")
    assert not settle(database, slept, Outcome.COMPLETED, at=62)
    assert state(database, row.id).state == "running"
    assert settle(database, row, Outcome.COMPLETED, at=63)


def test_the_same_owner_is_told_from_its_past_self(database: Database) -> None:
    enqueue(database, "m-1")
    slept, = claim(database)
    row, = claim(database, at=61)
    assert not settle(database, slept, Outcome.DISCARDED)
    with database.transaction() as unit:
        assert not outbox.renew(unit, slept, later(62), 60)
        assert outbox.renew(unit, row, later(62), 60)
    assert claim(database, at=121) == []


def test_a_settled_row_cannot_be_settled_again(database: Database) -> None:
    enqueue(database, "m-1")
    row, = claim(database)
    assert settle(database, row, Outcome.IN_DOUBT, again=5)
    assert not settle(database, row, Outcome.COMPLETED)
    assert state(database, row.id).state == "in_doubt"


def test_ten_actions_are_one_projection(database: Database, document: int) -> None:
    for version in range(1, 11):
        want(database, document, version)
    row, = claim(database)
    assert (row.document_id, row.wanted_version) == (document, 10)
    assert settle(database, row, Outcome.COMPLETED)
    assert state(database, row.id).done_version == 10
    assert claim(database, at=1000) == []


def test_an_older_wish_does_not_lower_the_version(database: Database, document: int) -> None:
    want(database, document, 5)
    want(database, document, 3)
    assert claim(database)[0].wanted_version == 5


@pytest.mark.parametrize("outcome", [Outcome.COMPLETED, Outcome.DISCARDED])
def test_a_wish_during_a_run_is_projected_afterwards(
    database: Database, document: int, outcome: Outcome
) -> None:
    want(database, document, 1)
    row, = claim(database)
    want(database, document, 2)
    assert claim(database, at=1) == []
    assert settle(database, row, outcome)
    again, = claim(database, at=2)
    assert (again.id, again.wanted_version, again.recovered) == (row.id, 2, False)
    assert again.done_version == (1 if outcome is Outcome.COMPLETED else 0)


def test_a_wish_leaves_doubt_and_back_off_as_they_are(database: Database, document: int) -> None:
    want(database, document, 1)
    row, = claim(database)
    settle(database, row, Outcome.IN_DOUBT, again=180)
    want(database, document, 2, at=10)
    assert claim(database, at=100) == []
    row, = claim(database, at=180)
    assert (row.recovered, row.wanted_version) == (True, 2)
    settle(database, row, Outcome.RETRY, again=300)
    want(database, document, 3, at=190)
    assert claim(database, at=200) == []
    assert claim(database, at=300)[0].wanted_version == 3


def test_a_discarded_projection_is_wanted_again_by_the_next_action(
    database: Database, document: int
) -> None:
    want(database, document, 1)
    row, = claim(database)
    settle(database, row, Outcome.DISCARDED)
    assert claim(database, at=100) == []
    want(database, document, 2, at=100)
    assert claim(database, at=100)[0].attempts == 1


def test_a_wish_races_with_the_end_of_a_run(database: Database, document: int) -> None:
    """Whatever comes first, version 2 is projected: never lost between wish and settlement."""
    for round_ in range(10):
        want(database, document, 2 * round_ + 1, at=round_)
        row, = claim(database, at=round_)

        def wish(_: int, version: int = 2 * round_ + 2, at: int = round_) -> None:
            want(database, document, version, at=at)

        def end(_: int, claimed: OutboxRow = row, at: int = round_) -> None:
            assert settle(database, claimed, Outcome.COMPLETED, at=at)

        both = (wish, end)
        together(2, lambda number, both=both: both[number](number))
        again, = claim(database, at=round_ + 0.5)
        assert again.wanted_version == 2 * round_ + 2
        assert settle(database, again, Outcome.COMPLETED, at=round_)


def test_a_late_commit_of_an_early_row_is_not_missed(postgres_url: str) -> None:
    """Reliability fault 37: ids are given in order, commits are not."""
    database = Database(postgres_url)
    with database.transaction() as unit:
        outbox.enqueue(unit, "early", "message", {}, NOW)
        together(1, lambda _: enqueue(database, "late"))
        assert [row.key for row in together(1, lambda _: claim(database))[0]] == ["late"]
    assert [row.key for row in claim(database)] == ["early"]
    database.close()


def test_a_claim_does_not_wait_for_a_row_somebody_changes(postgres_url: str) -> None:
    database = Database(postgres_url)
    enqueue(database, "a", "b")

    def impatient(_: int) -> list[str]:
        with database.transaction() as unit:
            unit.execute(text("SET LOCAL lock_timeout = '20ms'"))
            return [row.key for row in outbox.claim(unit, "w", NOW, 60, 10)]

    with database.transaction() as unit:
        assert outbox.retry(unit, 1, NOW)
        assert together(1, impatient) == [["b"]]
    database.close()


def test_a_claim_waits_for_another_claim(postgres_url: str) -> None:
    """Else each may miss the row of the same document that the other has just taken."""
    database = Database(postgres_url)

    def impatient(_: int) -> list[OutboxRow]:
        with database.transaction() as unit:
            unit.execute(text("SET LOCAL lock_timeout = '20ms'"))
            return outbox.claim(unit, "w", NOW, 60, 10)

    with database.transaction() as unit:
        outbox.claim(unit, "w", NOW, 60, 10)
        with pytest.raises(Conflict):
            together(1, impatient)
    database.close()


def test_due_sees_what_claim_would(database: Database) -> None:
    def due(at: float) -> bool:
        with database.reading() as unit:
            return outbox.due(unit, later(at))

    assert not due(0)
    enqueue(database, "m-1")
    assert due(0)
    row, = claim(database)
    assert not due(60)
    assert due(61)
    settle(database, row, Outcome.RETRY, again=100)
    assert not due(99)
    assert due(100)


def test_a_person_retries_discards_and_cancels(database: Database) -> None:
    enqueue(database, "a", "b", "c")
    a, b, c = claim(database)
    with database.transaction() as unit:
        assert not outbox.discard(unit, a.id, "руками", NOW)
    settle(database, a, Outcome.DISCARDED)
    settle(database, b, Outcome.IN_DOUBT, again=500)
    settle(database, c, Outcome.RETRY, again=500)
    with database.transaction() as unit:
        assert outbox.retry(unit, a.id, later(5))
        assert outbox.retry(unit, b.id, later(5))
        assert outbox.cancel(unit, c.id, "не нужно", later(5))
        assert not outbox.retry(unit, 999, later(5))
        assert outbox.counts(unit) == {"available": 1, "in_doubt": 1, "cancelled": 1}
    assert [(row.key, row.recovered) for row in claim(database, at=6)] == [("a", False),
                                                                             ("b", True)]
    assert state(database, c.id).error == "не нужно"


def test_listing_pages_by_state(database: Database) -> None:
    enqueue(database, "a", "b", "c")
    row, *_ = claim(database, limit=1)
    settle(database, row, Outcome.COMPLETED)
    with database.reading() as unit:
        waiting = outbox.listing(unit)
        assert [one.key for one in waiting] == ["b", "c"]
        assert [one.key for one in outbox.listing(unit, after=waiting[0].id)] == ["c"]
        assert [one.key for one in outbox.listing(unit, states=["completed"])] == ["a"]
        assert outbox.get(unit, 999) is None


def test_rows_of_a_document_sent_together_outlive_their_worker(database: Database, document: int) -> None:
    """Each of two rows with a run-out lease must not wait for the other: the document would never be sent."""
    want(database, document, 1)
    enqueue(database, "note", document_id=document)
    with database.transaction() as unit:
        claimed = outbox.claim(unit, "dead", later(0), 60, 10)
        claimed += outbox.claim_messages(unit, claimed, "dead", later(0), 60)
    assert len(claimed) == 2
    assert claim(database, "next", at=59) == []
    first, = claim(database, "next", at=61)
    assert first.recovered
    assert claim(database, "other", at=62) == [], "one row of a document at a time"
    assert settle(database, first, Outcome.COMPLETED, at=63)
    second, = claim(database, "next", at=64)
    assert {first.id, second.id} == {one.id for one in claimed}
