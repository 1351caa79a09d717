"""What follows by itself from what was decided: the next group is asked, the step is left, the document ends.

Each call returns the next small thing to happen, or nothing; `core.decide.conclude` asks until nothing
follows. Every answer changes what the next question is asked about, so the questions end.
"""

from __future__ import annotations

from b24flow.core import events as ev
from b24flow.core import events_steps as steps_ev
from b24flow.core.absence import hand_over
from b24flow.core.commands import Context
from b24flow.core.definition import ActionKind, ProcessDefinition, State, StepKind
from b24flow.core.document import BranchState, Document
from b24flow.core.events import Event
from b24flow.core.parts import VisaState
from b24flow.core.route import asked_next, completed, opened_round
from b24flow.core.steps import (
    asked_readers,
    lines_of,
    next_group,
    on_the_sheet,
    open_points,
    open_round,
    waiting_deliveries,
)
from b24flow.core.tree import is_alive
from b24flow.core.verbs_delivery import planned
from b24flow.core.verbs_meeting import points_on_control
from b24flow.errors import InvalidForm
from b24flow.ids import derived_id


def onward(definition: ProcessDefinition, document: Document, context: Context) -> tuple[Event, ...]:
    """Return what the document does by itself next; nothing when somebody must act."""
    if document.closure is not None:
        return ()
    if not document.step:
        return _tree(document)
    state = definition.state(document.step)
    if state.final:
        return (ev.DocumentClosed(state=state.code),)
    asked = _readers(definition, document, state, context)
    if asked:
        return asked
    if state.kind is StepKind.APPROVAL:
        return _approval(definition, document, state, context)
    if state.kind is StepKind.DISPATCH:
        return _dispatch(definition, document, state)
    if state.kind in {StepKind.ACKNOWLEDGEMENT, StepKind.POINTS}:
        return _in_force(definition, document, state, context)
    return ()


def _tree(document: Document) -> tuple[Event, ...]:
    """A registered document with nobody left to act on it was acknowledged by everyone."""
    if not document.assignments or document.live():
        return ()
    if document.returned is not None or document.control.awaiting:
        return ()
    if document.reply is not None and document.reply.state == "draft":
        return ()
    if any(is_alive(document, one) for one in document.current()):
        return ()
    if any(one.state is BranchState.ACKED for one in document.current()):
        return (ev.DocumentClosed(state="ack"),)
    return ()


def arrive(definition: ProcessDefinition, code: str, reason: str = "") -> Event:
    """Return the event that brings a document to a step, which may be its end."""
    if definition.state(code).final:
        return ev.DocumentClosed(state=code, reason=reason)
    return steps_ev.Moved(step=code, reason=reason)


def _approval(
    definition: ProcessDefinition, document: Document, state: State, context: Context
) -> tuple[Event, ...]:
    current = open_round(document)
    if current is None:
        return _by_rules(definition, document, context)
    objected = current.in_state(VisaState.OBJECTED)
    if objected and definition.approval.objection == "first":
        return _objected(definition, state)
    asked, waiting = current.in_state(VisaState.ASKED), next_group(current)
    if asked and not (waiting and waiting[0].group <= max(one.group for one in asked)):
        return ()
    if objected and not asked:
        return _objected(definition, state)
    if waiting:
        return (asked_next(document, current, context),)
    return (steps_ev.RoundClosed(outcome="approved"), arrive(definition, state.then))


def _by_rules(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[Event, ...]:
    """A document that came without being submitted is approved by whom the process names.

    Where it names nobody (`core.check_route` refuses that) the document stays with its owner.
    """
    try:
        route = completed(definition, document, (), context)
    except InvalidForm:
        return ()
    key = derived_id("round", document.uuid, len(document.rounds))
    return (opened_round(definition, route, context, key=key),)


def _objected(definition: ProcessDefinition, state: State) -> tuple[Event, ...]:
    return (steps_ev.RoundClosed(outcome="objected"), arrive(definition, state.back))


def _dispatch(definition: ProcessDefinition, document: Document, state: State) -> tuple[Event, ...]:
    if not document.deliveries:
        names = lines_of(document.text("addressees") or document.text("addressee"))
        if names:
            return (planned(document, names, derived_id("delivery", document.uuid)),)
        return ()
    if waiting_deliveries(document) or not state.then:
        return ()
    return (arrive(definition, state.then),)


def _readers(
    definition: ProcessDefinition, document: Document, state: State, context: Context
) -> tuple[Event, ...]:
    """Readers of the card are asked once the document is in force; whoever left is excused at once."""
    readers = document.card.get("readers")
    action = definition.action_of(ActionKind.READ)
    offered = action is not None and state.code in action.states and document.number is not None
    due = offered or state.kind in {StepKind.ACKNOWLEDGEMENT, StepKind.POINTS}
    if not due or not isinstance(readers, tuple):
        return ()
    present = on_the_sheet(document)
    people = [int(one) for one in dict.fromkeys(readers) if int(one) not in present]
    if not people:
        return ()
    made = tuple(
        steps_ev.Reading(id=derived_id("reader", document.uuid, one), user=one) for one in people
    )
    gone = tuple(
        steps_ev.ReadingDone(id=one.id, state="excused",
                             reason=f"{context.directory.get(one.user).name} больше не работает")
        for one in made if not context.directory.active(one.user)
    )
    return (steps_ev.ReadersAsked(readers=made), *gone)


def _in_force(
    definition: ProcessDefinition, document: Document, state: State, context: Context
) -> tuple[Event, ...]:
    """Points get their assignments, of whoever still works here; the step ends with the last of them."""
    controller = document.card.get("controller")
    named = isinstance(controller, int) and context.directory.active(controller)
    author = controller if named and isinstance(controller, int) else document.opened_by
    controlled = points_on_control(document, author, None)
    if controlled and any(one.kind is StepKind.POINTS for one in definition.states):
        return controlled
    left = hand_over(definition, document, context)
    if left:
        return left
    if asked_readers(document) or not state.then:
        return ()
    held = [one for one in open_points(document) if one.assignment]
    if state.kind is StepKind.POINTS and held:
        return ()
    return (arrive(definition, state.then),)
