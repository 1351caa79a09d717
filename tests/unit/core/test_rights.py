"""What a person may do is worked out once per document: a longer sheet costs as much more as it is longer."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from b24flow.core.access import Rights, offers
from b24flow.core.document import Document
from b24flow.core.holding import work_items
from tests.desk import (
    CHAIR,
    CLERK,
    DEPUTY,
    FIRST_READER,
    HEAD,
    SPECIALIST,
    Desk,
    draft,
    process,
    to_be_read_by,
)
from tests.one_by_one import assert_rights_are_plain


def calls_of(act: Callable[[], Any]) -> int:
    """Return how many functions were called: what a clock would say without the noise of the machine."""
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return calls


def test_four_times_the_readers_cost_four_times_as_much() -> None:
    few, many = to_be_read_by(40), to_be_read_by(160)
    spent = [calls_of(lambda one=one: work_items(one.definition, one.doc, one.context()))
             for one in (few, many)]
    assert spent[1] < 4.5 * spent[0], spent


def test_nobody_gains_or_loses_by_it() -> None:
    desk = to_be_read_by(6)
    desk.substitute(FIRST_READER, FIRST_READER + 1)
    desk.substitute(CHAIR, HEAD)
    document: Document = desk.doc
    everybody = (*desk.people.employees, 999)
    assert_rights_are_plain(desk.definition, document, desk.context(), everybody)
    rights = Rights(desk.definition, document, desk.context())
    for user in everybody:
        assert rights.of(user) == offers(desk.definition, document, desk.context(), user)


def test_who_checks_a_point_is_asked_of_each_point() -> None:
    """The controller releases the points of others; his own is another's to release."""
    desk = Desk(definition=process("directive")).open(SPECIALIST)
    desk.press(SPECIALIST, "straight_to_sign", files=(draft(desk, SPECIALIST),), kind="admin",
               title="О дежурстве", signer=str(CHAIR), controller=str(DEPUTY),
               points=tuple(json.dumps({"text": "Составить график", "executor": str(one),
                                        "term": "2026-12-10"}) for one in (HEAD, DEPUTY)))
    desk.press(CHAIR, "sign")
    desk.press(CLERK, "register")
    for node in desk.doc.live():
        desk.press(node.executor, "report", node.id, summary="График составлен")
    rights = Rights(desk.definition, desk.doc, desk.context())
    executors = {one.id: one.executor for one in desk.doc.assignments}
    release = {
        user: {executors[one.target] for one in rights.of(user)
               if one.action.code == "release_point" and one.target}
        for user in (CHAIR, DEPUTY)
    }
    assert release == {CHAIR: {DEPUTY}, DEPUTY: {HEAD}}


@pytest.mark.parametrize("user", [CLERK, 999])
def test_whoever_has_no_part_reads_nothing(user: int) -> None:
    desk = to_be_read_by(3)
    codes = {one.action.code for one in Rights(desk.definition, desk.doc, desk.context()).of(user)}
    assert "acknowledged" not in codes
