"""E27: a day off is added; the touched terms are proposed, within the law, and moved with their tasks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from b24flow.core.calendar import Calendar, compute_term
from b24flow.core.tree import changed_term
from b24flow.services.calendar_change import Affected, apply, propose, remember
from tests.town import CHAIR, HEAD, LAWYER, Town


def amended(calendar: Calendar, *days: date) -> Calendar:
    """The next edition of a calendar, with more days off."""
    return replace(calendar, version="ru-2099.1", days_off=calendar.days_off | set(days),
                   names={**calendar.names, **dict.fromkeys(days, "праздник")})


@pytest.fixture
def letters(place: Town) -> dict[str, str]:
    """Letters with terms of every origin; afterwards the two days they end on are off."""
    remember(place.office)
    tenth, today = place.day(10), date.fromisoformat(place.today())
    rule = place.office.process("incoming").kind("appeal")
    assert rule is not None
    assert rule.term is not None
    thirtieth = compute_term(rule.term, today, place.office.calendar).day
    sunday = today + timedelta(days=13 - today.weekday())
    found = {
        "rule": place.register(CHAIR).uuid,
        "appeal": place.register(CHAIR, kind="appeal").uuid,
        "typed": place.register(CHAIR, kind="official_request", term=tenth).uuid,
        "far": place.register(CHAIR, kind="for_information").uuid,
    }
    for name, kind, term in (("named", "ministry", tenth), ("limit", "appeal", thirtieth.isoformat()),
                             ("sunday", "ministry", sunday.isoformat())):
        found[name] = place.register(CHAIR, kind=kind).uuid
        place.press(found[name], CHAIR, "execute", executors=(str(HEAD),), term=term)
        place.press(found[name], HEAD, "execute", executors=(str(HEAD),), term=term)
    place.settle()
    new = amended(place.office.calendar, date.fromisoformat(tenth), thirtieth, sunday)
    place.office = replace(place.office, calendar=new)
    assert remember(place.office)
    assert not remember(place.office)
    return found


def by_name(rows: tuple[Affected, ...], letters: dict[str, str]) -> dict[str, Affected]:
    return {name: one for one in rows for name, uuid in letters.items() if uuid == one.uuid}


def test_touched_terms_are_proposed_and_none_moves_by_itself(place: Town, letters: dict[str, str]) -> None:
    before = {uuid: place.document(uuid) for uuid in letters.values()}
    found = by_name(propose(place.office), letters)
    calendar = place.office.calendar
    assert sorted(found) == ["appeal", "limit", "named", "rule", "typed"]
    for name in ("rule", "named"):
        assert found[name].after == calendar.next_working(found[name].before) > found[name].before
    for name in ("appeal", "limit"):
        assert found[name].after == calendar.previous_working(found[name].before) < found[name].before
    assert not found["typed"].moves
    assert "срок назван в самом документе" in found["typed"].why
    assert {uuid: place.document(uuid) for uuid in letters.values()} == before


def test_accepted_terms_move_with_their_tasks_and_a_reason(place: Town, letters: dict[str, str]) -> None:
    wanted = [one for one in propose(place.office) if one.moves]
    assert list(apply(place.office)) == wanted
    for one in wanted:
        document = place.document(one.uuid)
        node = document.find(one.target)
        assert node is not None
        change = node.changes[-1]
        assert (node.current_term, node.term) == (one.after, one.before)
        assert (change.reason, change.kind) == ("изменение календаря", "calendar")
        assert changed_term(document) == one.after
    assert [one.moves for one in propose(place.office)] == [False]
    assert apply(place.office) == ()
    place.settle()
    rows = by_name(tuple(wanted), letters)
    deadlines = sorted(one["deadline"][:10] for one in place.portal("tasks"))
    moved = {one.after.isoformat() for name, one in rows.items() if name in {"named", "limit"}}
    assert moved <= set(deadlines)
    assert not {one.before.isoformat() for one in rows.values()} & set(deadlines)
    shown = [one for one in place.portal("items") if "изменение календаря" in str(one)]
    assert len(shown) == len(wanted)
    assert "система" in str(shown[0])


def test_a_term_moved_by_its_author_later_is_his_again(place: Town, letters: dict[str, str]) -> None:
    apply(place.office)
    uuid = letters["named"]
    place.press(uuid, HEAD, "request_extension", desired_term=place.day(20), reason="ждём ответа фонда")
    place.press(uuid, CHAIR, "set_term", new_term=place.day(18))
    assert uuid not in {one.uuid for one in propose(place.office)}


def test_without_a_change_nothing_is_proposed(place: Town) -> None:
    remember(place.office)
    place.register(CHAIR, LAWYER)
    assert propose(place.office) == ()
