"""Who takes over from somebody who left, and his places beside the tree: visas, signature, requests, sheets.

The rule is one everywhere: substitute, then head, then whoever looks after the process (domain §2.6); a
line of the acknowledgement sheet is the exception, nobody reads an order for somebody else.
"""

from __future__ import annotations

from b24flow.core import events as tree_events
from b24flow.core import events_steps as ev
from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.events import Event
from b24flow.core.parts import OPEN_VISAS, VisaState
from b24flow.core.people import Matter
from b24flow.core.relations import signers
from b24flow.core.steps import asked_readers, open_requests, open_round
from b24flow.ids import derived_id


def successors(
    definition: ProcessDefinition, user: int, part: str, context: Context
) -> tuple[int, ...]:
    """Return who takes over a part from somebody who left: substitute, head, who decides here."""
    directory = context.directory
    head = directory.head_of(user)
    policies = definition.policies
    found = (
        *directory.substitutes(user, context.today, Matter(process=definition.code, part=part)),
        *((head,) if head is not None else ()),
        *(one for role in policies.term_authority.split(",") for one in directory.role(role.strip())),
        *directory.role(policies.owner),
    )
    return tuple(one for one in dict.fromkeys(found) if one != user)


def hand_over_steps(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[Event, ...]:
    """Return the events that free the steps of a document from dismissed people."""
    return (
        *_visas(definition, document, context), *_signature(definition, document, context),
        *_readers(document, context), *_requests(definition, document, context),
        *_control(definition, document, context),
    )


def _reason(user: int, context: Context) -> str:
    return f"{context.directory.get(user).name} больше не работает"


def _visas(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[Event, ...]:
    """A named approver's place goes on; whoever is in the round already is not put into it twice.

    A place without a successor falls away, but never the last one: an empty round would approve by itself.
    """
    current = open_round(document)
    if current is None:
        return ()
    present = {one.user for one in current.visas if one.state is not VisaState.DROPPED}
    counted = sum(one.state not in {VisaState.DROPPED, VisaState.SKIPPED} for one in current.visas)
    events: list[Event] = []
    for visa in current.visas:
        if visa.user is None or visa.state not in OPEN_VISAS or context.directory.active(visa.user):
            continue
        taken = {*present, document.opened_by}
        after = successors(definition, visa.user, "approver", context)
        to = next((one for one in after if one not in taken), None)
        reason = _reason(visa.user, context)
        if to is not None:
            present.add(to)
            events.append(ev.VisaPassed(id=visa.id, to=to, reason=reason))
        elif counted > 1 and not visa.mandatory:
            counted -= 1
            events.append(ev.ApproverRemoved(id=visa.id, reason=reason))
    return tuple(events)


def _signature(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[Event, ...]:
    if document.signatures or not document.step:
        return ()
    gone = next((one for one in signers(document) if not context.directory.active(one)), None)
    to = next(iter(successors(definition, gone, "signer", context)), None) if gone is not None else None
    return (ev.SignerChanged(to=to, reason=_reason(gone, context)),) if to is not None and gone else ()


def _readers(document: Document, context: Context) -> tuple[Event, ...]:
    return tuple(
        ev.ReadingDone(id=one.id, state="excused", reason=_reason(one.user, context))
        for one in asked_readers(document) if not context.directory.active(one.user)
    )


def _requests(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[Event, ...]:
    events: list[Event] = []
    for one in open_requests(document):
        if context.directory.active(one.to):
            continue
        after = successors(definition, one.to, "requested", context)
        to = next((u for u in after if u != one.asked_by), None)
        events.append(ev.RequestWithdrawn(id=one.id, why=_reason(one.to, context)))
        if to is not None:
            made = derived_id("request-left", one.id, to)
            events.append(ev.RequestMade(id=made, to=to, text=one.text, term=one.term, kind=one.kind,
                                         asked_by=one.asked_by))
    return tuple(events)


def _control(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[Event, ...]:
    control = document.control
    checker = control.controller or control.set_by
    waits = control.on and control.released_at is None and document.closure is None
    if not waits or checker is None or context.directory.active(checker):
        return ()
    to = next(iter(successors(definition, checker, "controller", context)), None)
    return (tree_events.ControlSet(controller=to),) if to is not None else ()
