"""Random people press random buttons of the shipped incoming process: domain §3.9 must hold after each.

`Desk` itself checks after every event that the journal replays to the same document and that both survive
storage (§3.9.8).
"""

from __future__ import annotations

import os
from datetime import timedelta

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from b24flow.core import absence
from b24flow.core.definition import FieldType
from b24flow.core.document import LIVE
from b24flow.core.facts import DeadlineMovedInPortal, TaskClosedInPortal, TaskDelegatedInPortal, believe
from b24flow.core.tree import changed_term
from b24flow.core.verbs_closing import settle_reply
from b24flow.errors import Refused
from tests.desk import CHAIR, CLERK, HEAD, NAMES, Desk, scan
from tests.one_by_one import assert_rights_are_plain

PEOPLE = sorted(NAMES)
people = st.sampled_from(PEOPLE)
TEXT = st.sampled_from(["достаточно длинная причина", "[SEND=/x]да[/SEND] $result[a]", "مرحبا 🙂 <b>"])


class Incoming(RuleBasedStateMachine):
    @initialize(reviewers=st.lists(people, min_size=1, max_size=3, unique=True), control=st.booleans())
    def register(self, reviewers: list[int], control: bool) -> None:
        self.desk = Desk()
        self.desk.register(*reviewers, control="1" if control else "")
        self.number = self.desk.doc.number
        self.first_term = None

    @rule(user=people, pick=st.integers(0, 50), data=st.data())
    def press_what_is_offered(self, user: int, pick: int, data: st.DataObject) -> None:
        found = self.desk.offers(user)
        assume(found)
        offer = found[pick % len(found)]
        form = {one.field.code: self._value(one.field, data) for one in offer.action.form
                if one.field.type is not FieldType.FILES}
        before = self.desk.doc
        files = (scan(self.desk.now, user, f"{len(before.files)}.pdf"),)
        try:
            decision = self.desk.press(user, offer.action.code, offer.target, files=files, **form)
        except Refused:
            assert self.desk.doc is before
            return
        assert decision.acting_for == offer.acting_for

    def _value(self, field, data: st.DataObject) -> str | tuple[str, ...]:
        if field.type is FieldType.PEOPLE:
            return tuple(map(str, data.draw(st.lists(people, min_size=1, max_size=3))))
        if field.type is FieldType.PERSON:
            return str(data.draw(people)) if data.draw(st.booleans()) else ""
        if field.type is FieldType.DATE:
            return (self.desk.context().today + timedelta(days=data.draw(st.integers(0, 60)))).isoformat()
        if field.type is FieldType.FLAG:
            return data.draw(st.sampled_from(["", "1"]))
        if field.type is FieldType.CHOICE:
            return field.choices[0].value if field.choices else "ministry"
        if field.type is FieldType.INTEGER:
            return "3"
        return data.draw(TEXT)

    @rule(user=people, pick=st.integers(0, 200))
    def press_what_is_not_offered(self, user: int, pick: int) -> None:
        action = self.desk.definition.actions[pick % len(self.desk.definition.actions)]
        nodes = [None, *(one.id for one in self.desk.doc.assignments)]
        target = nodes[pick % len(nodes)]
        offered = {(one.action.code, one.target) for one in self.desk.offers(user)}
        assume((action.code, target) not in offered)
        assume(target is not None or action.code not in {code for code, _ in offered})
        before = self.desk.doc
        try:
            self.desk.press(user, action.code, target, reason="достаточно длинная причина")
        except Refused:
            pass
        else:
            raise AssertionError(f"{action.code} by {user} was not offered")
        assert self.desk.doc is before

    @rule(user=people, to=people, days=st.integers(1, 40), which=st.integers(0, 2))
    def touch_a_task_in_the_portal(self, user: int, to: int, days: int, which: int) -> None:
        tasks = [one.task for one in self.desk.doc.current() if one.worked]
        assume(tasks)
        day = self.desk.context().today + timedelta(days=days)
        fact = (TaskClosedInPortal(task=tasks[0], by=user),
                TaskDelegatedInPortal(task=tasks[0], by=user, to=to),
                DeadlineMovedInPortal(task=tasks[0], by=user, day=day))[which]
        events = believe(self.desk.definition, self.desk.doc, fact, self.desk.context())
        if events:
            self.desk.apply(events, actor=user)

    @precondition(lambda self: self.desk.doc.reply is not None and self.desk.doc.reply.state == "draft")
    @rule(state=st.sampled_from(["sent", "annulled"]))
    def settle_the_reply(self, state: str) -> None:
        assume(self.desk.doc.closure is None)
        self.desk.apply(settle_reply(self.desk.doc, state, "01-05/1"))

    @rule(user=people)
    def dismiss(self, user: int) -> None:
        assume(user not in {CHAIR, CLERK, HEAD})
        self.desk.dismiss(user)
        events = absence.hand_over(self.desk.definition, self.desk.doc, self.desk.context())
        if events and self.desk.doc.closure is None:
            self.desk.apply(events)

    @rule(principal=people, by=people)
    def go_on_leave(self, principal: int, by: int) -> None:
        assume(principal != by and len(self.desk.people.substitutions) < 3)
        self.desk.substitute(principal, by)

    @rule(days=st.integers(1, 5))
    def time_passes(self, days: int) -> None:
        self.desk.wait(days=days)

    @invariant()
    def everybody_is_offered_what_he_would_be_asked_about_alone(self) -> None:
        assert_rights_are_plain(self.desk.definition, self.desk.doc, self.desk.context(), (*PEOPLE, 999))

    @invariant()
    def an_open_document_has_an_active_holder_and_a_closed_one_none(self) -> None:
        document = self.desk.doc
        holders = self.desk.holders()
        if document.closure is not None:
            assert not holders
            assert not document.live()
        else:
            assert holders, self.desk.state
            assert any(self.desk.people.active(one) for one in holders)

    @invariant()
    def every_live_assignment_has_one_person_and_one_task_key(self) -> None:
        working = [one.task for one in self.desk.doc.live() if one.worked]
        assert len(working) == len(set(working))
        ids = [one.id for one in self.desk.doc.assignments]
        assert len(ids) == len(set(ids))

    @invariant()
    def the_number_never_changes(self) -> None:
        assert self.desk.doc.number == self.number

    @invariant()
    def the_original_term_is_written_once(self) -> None:
        if self.desk.doc.term_fixed:
            self.first_term = self.first_term or self.desk.doc.term
            assert self.desk.doc.term == self.first_term

    @invariant()
    def the_changed_term_follows_from_the_history(self) -> None:
        day = changed_term(self.desk.doc)
        made = {change.after for one in self.desk.doc.assignments for change in one.changes}
        assert day is None or day in made
        for one in self.desk.doc.assignments:
            last = one.changes[-1].after if one.changes else None
            assert last is None or one.current_term == last

    @invariant()
    def a_request_is_never_decided_by_its_executor(self) -> None:
        for one in self.desk.doc.live():
            if one.extension is not None:
                assert one.extension.decider != one.executor
                assert one.state in LIVE

    @invariant()
    def everybody_who_holds_can_do_something(self) -> None:
        for user in self.desk.holders():
            if self.desk.people.active(user):
                assert self.desk.offers(user), (user, self.desk.state)


Incoming.TestCase.settings = settings(
    max_examples=int(os.environ.get("TEST_EXAMPLES", "100")), stateful_step_count=30, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestIncoming = Incoming.TestCase
