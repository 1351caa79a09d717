"""`decide`: a command on a document becomes events, or a refusal that changes nothing.

Pure: the same document, command and context give the same events. The verbs live in `core.verbs_*`;
here is only what holds for all of them: who may, what the form says, and when a document closes itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from b24flow.core import events as ev
from b24flow.core import events_steps as ev_steps
from b24flow.core import (
    verbs_approval,
    verbs_closing,
    verbs_delivery,
    verbs_extension,
    verbs_letter,
    verbs_meeting,
    verbs_render,
    verbs_resolution,
    verbs_side,
)
from b24flow.core.access import authorise, target_of
from b24flow.core.commands import SYSTEM, Command, Context
from b24flow.core.definition import Action, ActionKind, ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.events import Event, Record
from b24flow.core.evolve import evolve
from b24flow.core.forms import read_form, text_of
from b24flow.core.onward import onward
from b24flow.core.steps import open_requests
from b24flow.core.verbs import Case
from b24flow.errors import InvalidForm, NotFound, Refused

HANDLERS: Mapping[ActionKind, Callable[[Case], tuple[Event, ...]]] = {
    ActionKind.REGISTER: verbs_resolution.register,
    ActionKind.RESEND: verbs_resolution.resend,
    ActionKind.ASSIGN: verbs_resolution.assign,
    ActionKind.ACKNOWLEDGE: verbs_resolution.acknowledge,
    ActionKind.RETURN: verbs_resolution.give_back,
    ActionKind.DELEGATE: verbs_resolution.delegate,
    ActionKind.REPLACE: verbs_resolution.delegate,
    ActionKind.RECALL: verbs_resolution.recall,
    ActionKind.REQUEST_EXTENSION: verbs_extension.request,
    ActionKind.GRANT_EXTENSION: verbs_extension.grant,
    ActionKind.ESCALATE_EXTENSION: verbs_extension.escalate,
    ActionKind.REFUSE_EXTENSION: verbs_extension.refuse,
    ActionKind.REPORT: verbs_closing.report,
    ActionKind.FINISH: verbs_closing.finish,
    ActionKind.REPLY: verbs_closing.reply,
    ActionKind.RELEASE: verbs_closing.release,
    ActionKind.REWORK: verbs_closing.rework,
    ActionKind.REOPEN: verbs_closing.reopen,
    ActionKind.FORWARD: verbs_closing.close,
    ActionKind.CLOSE: verbs_closing.close,
    ActionKind.FILL: verbs_side.fill,
    ActionKind.MOVE: verbs_side.move,
    ActionKind.START: verbs_side.start,
    ActionKind.SUBMIT: verbs_approval.submit,
    ActionKind.APPROVE: verbs_approval.approve,
    ActionKind.APPROVE_WITH_REMARKS: verbs_approval.approve_with_remarks,
    ActionKind.OBJECT: verbs_approval.object_,
    ActionKind.PASS_VISA: verbs_approval.pass_visa,
    ActionKind.ADD_APPROVER: verbs_approval.add_approver,
    ActionKind.REMOVE_APPROVER: verbs_approval.remove_approver,
    ActionKind.RESUBMIT: verbs_approval.resubmit,
    ActionKind.WITHDRAW: verbs_approval.withdraw,
    ActionKind.NEW_EDITION: verbs_approval.new_edition,
    ActionKind.SIGN: verbs_approval.sign,
    ActionKind.DECLINE: verbs_approval.decline,
    ActionKind.SIGN_PAPER: verbs_approval.sign_paper,
    ActionKind.PASS_SIGNATURE: verbs_approval.pass_signature,
    ActionKind.DISPATCH: verbs_delivery.dispatch,
    ActionKind.DELIVERY_FAILED: verbs_delivery.delivery_failed,
    ActionKind.ANSWERED: verbs_delivery.answered,
    ActionKind.ASK_READERS: verbs_delivery.ask_readers,
    ActionKind.READ: verbs_delivery.read,
    ActionKind.REFUSE_READING: verbs_delivery.refuse_reading,
    ActionKind.REPLACE_TEXT: verbs_delivery.replace_text,
    ActionKind.AGENDA: verbs_meeting.agenda,
    ActionKind.VOTE: verbs_meeting.vote,
    ActionKind.DECIDE: verbs_meeting.decide_question,
    ActionKind.CONTROL_POINTS: verbs_meeting.control_points,
    ActionKind.RELEASE_POINT: verbs_meeting.release_point,
    ActionKind.ASK: verbs_side.ask,
    ActionKind.SET_TASK: verbs_side.set_task,
    ActionKind.ANSWER: verbs_side.answer,
    ActionKind.WITHDRAW_REQUEST: verbs_side.withdraw_request,
    ActionKind.RENDER: verbs_render.render,
    ActionKind.LINK: verbs_side.link,
    ActionKind.FOLLOW: verbs_side.follow,
    ActionKind.UNFOLLOW: verbs_side.unfollow,
    ActionKind.LETTER: verbs_letter.write,
    ActionKind.CONFIRM_LETTER: verbs_letter.confirm,
    ActionKind.REPEAT_LETTER: verbs_letter.repeat,
    ActionKind.ANNUL: verbs_closing.ask_annulment,
    ActionKind.CONFIRM_ANNUL: verbs_closing.confirm_annulment,
    ActionKind.DENY_ANNUL: verbs_closing.deny_annulment,
    ActionKind.CORRECT: verbs_closing.correct,
    ActionKind.ADD_FILES: verbs_closing.add_files,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a command leads to: the events in order, the changed document, and how it is called."""

    action: Action | None
    document: Document
    events: tuple[Event, ...]
    actor: int
    acting_for: int | None
    label: str
    target: str | None = None


def decide(
    definition: ProcessDefinition, document: Document, command: Command, context: Context
) -> Decision:
    """Return the decision on a command.

    Raises NotFound for an unknown action, NotAllowed, AlreadyDone or InvalidForm, Refused for one that the
    installation cannot do; then nothing happened.
    """
    action = definition.action(command.action)
    if action is None:
        raise NotFound(f"В процессе «{definition.label}» нет действия «{command.action[:60]}».")
    offer = authorise(definition, action, document, command.target, context, command.actor)
    if offer.blocked:
        raise Refused(offer.blocked)
    case = Case(
        definition=definition, document=document, action=action,
        node=target_of(document, offer.target), values=read_form(action, definition, command, context),
        command=command, context=context, acting_for=offer.acting_for,
    )
    _refuse_kind(case)
    return conclude(
        definition, document, HANDLERS[action.kind](case), context, label=action.label, actor=command.actor,
        acting_for=offer.acting_for, action=action, target=offer.target,
    )


def _refuse_kind(case: Case) -> None:
    """An action of some kinds only is refused to the others; raises InvalidForm."""
    kind = text_of(case.values, "kind") or case.document.text("kind")
    if case.action.kinds and kind not in case.action.kinds:
        known = (case.definition.kind(one) for one in case.action.kinds)
        allowed = ", ".join(f"«{one.label}»" for one in known if one is not None)
        raise InvalidForm({"kind": f"«{case.action.label}» возможно только для видов: {allowed}"})


def conclude(
    definition: ProcessDefinition, document: Document, events: Sequence[Event], context: Context, *,
    label: str, actor: int,
    acting_for: int | None = None, action: Action | None = None, target: str | None = None,
) -> Decision:
    """Apply events and add what follows from them by itself, until somebody must act."""
    made: list[Event] = []
    after = document
    queue = list(events)
    while queue:
        event = queue.pop(0)
        if isinstance(event, ev.DocumentClosed) and open_requests(after):
            queue = [*_withdrawn(after), event, *queue]
            continue
        made.append(event)
        record = Record(event=event, actor=actor, acting_for=acting_for, label=label,
                        at=context.now)
        after = evolve(after, record)
        if not queue:
            queue.extend(onward(definition, after, context))
    return Decision(action=action, document=after, events=tuple(made), actor=actor,
                    acting_for=acting_for, label=label, target=target)


def _withdrawn(document: Document) -> list[Event]:
    """What was asked and did not come is withdrawn by the end of the document, in its history (R23)."""
    return [ev_steps.RequestWithdrawn(id=one.id, why="документ завершён") for one in open_requests(document)]


def opened(
    definition: ProcessDefinition, *, uuid: str, actor: int, context: Context,
    card: Mapping[str, object] | None = None,
) -> Decision:
    """Begin a draft: the definition's digest is pinned from here on."""
    event = ev.DocumentOpened(uuid=uuid, process=definition.code, digest=definition.digest,
                              card=dict(card or {}))  # type: ignore[arg-type]
    label = "Создан черновик"
    record = Record(event=event, actor=actor, acting_for=None, label=label, at=context.now)
    return Decision(action=None, document=evolve(None, record), events=(event,), actor=actor,
                    acting_for=None, label=label)


__all__ = ["HANDLERS", "SYSTEM", "Decision", "conclude", "decide", "opened"]
