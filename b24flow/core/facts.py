"""What people did with a task in the portal, turned into events of the document (architecture §5).

A fact is believed only if it means something and its author was entitled; otherwise there are no events
and the projection puts the portal back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from b24flow.core import events as ev
from b24flow.core.calendar import fixed_term
from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import WORKING, Assignment, Document
from b24flow.core.events import Event
from b24flow.core.events_steps import RequestAnswered, RequestPassed, TermMoved
from b24flow.core.extension import deciders, raised_parents
from b24flow.core.parts import Request
from b24flow.core.steps import open_requests, point_follows
from b24flow.errors import InvalidForm
from b24flow.ids import derived_id


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskClosedInPortal:
    """Somebody completed the task."""

    task: str
    by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultInPortal:
    """A result was added to the task; `key` tells results apart."""

    task: str
    by: int
    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDelegatedInPortal:
    """The task has another responsible person."""

    task: str
    by: int
    to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMovedInPortal:
    """The task has another deadline."""

    task: str
    by: int
    day: date


Fact = TaskClosedInPortal | ResultInPortal | TaskDelegatedInPortal | DeadlineMovedInPortal

LABELS = {
    TaskClosedInPortal: "Задача завершена в портале",
    ResultInPortal: "Результат в задаче",
    TaskDelegatedInPortal: "Задача передана в портале",
    DeadlineMovedInPortal: "Срок изменён в задаче",
}


def of_task(document: Document, task: str) -> Assignment | None:
    """Return the working assignment that a portal task belongs to."""
    return next(
        (one for one in document.current() if one.task == task and one.state in WORKING), None
    )


def believe(
    definition: ProcessDefinition, document: Document, fact: Fact, context: Context
) -> tuple[Event, ...]:
    """Return what a portal fact means for the document; nothing when it is not to be believed."""
    if document.closure is not None:
        return ()
    node = of_task(document, fact.task)
    if node is None:
        request = _of_request(document, fact.task)
        return () if request is None else _side_task(request, fact, context)
    if isinstance(fact, TaskClosedInPortal):
        believed = not node.task_closed and _closes(fact, node)
        return (ev.TaskClosed(assignment=node.id),) if believed else ()
    if isinstance(fact, ResultInPortal):
        return (ev.ResultReceived(assignment=node.id, key=fact.key, text=fact.text[:4000]),)
    if isinstance(fact, TaskDelegatedInPortal):
        return _delegated(document, node, fact, context)
    return _moved(definition, document, node, fact, context)


def waits(document: Document, task: str) -> bool:
    """Tell whether a portal task has to be open: its work is not done."""
    if document.closure is not None:
        return False
    node = of_task(document, task)
    return not node.task_closed if node is not None else _of_request(document, task) is not None


def _closes(fact: TaskClosedInPortal, node: Assignment) -> bool:
    """The executor and those over him end a task; 0: the portal does not say who did."""
    return fact.by in {0, node.executor, node.author, node.setter}


def _of_request(document: Document, task: str) -> Request | None:
    return next((one for one in open_requests(document) if one.id == task and one.kind == "task"), None)


def _side_task(request: Request, fact: Fact, context: Context) -> tuple[Event, ...]:
    """A task set beside the route is done when it is closed, or when its result is there; who has it may
    hand it over, who set it may also choose another day."""
    if fact.by not in {0, request.to, request.asked_by}:
        return ()
    if isinstance(fact, ResultInPortal):
        return (RequestAnswered(id=request.id, answer=fact.text[:4000]),)
    if isinstance(fact, TaskClosedInPortal):
        return (RequestAnswered(id=request.id, answer="Задача завершена в портале"),)
    if isinstance(fact, TaskDelegatedInPortal):
        if fact.to == request.to or not context.directory.active(fact.to):
            return ()
        return (RequestPassed(id=request.id, to=fact.to, reason="передано в задаче портала"),)
    if fact.by != request.asked_by or fact.day == request.term or fact.day < context.today:
        return ()
    return (TermMoved(part="request", id=request.id, before=request.term, after=fact.day,
                      reason="срок изменён постановщиком в задаче"),)


def _delegated(
    document: Document, node: Assignment, fact: TaskDelegatedInPortal, context: Context
) -> tuple[Event, ...]:
    """Re-delegation by the executor himself or by his author, to an employee (R30)."""
    entitled = fact.by in {node.executor, node.author, node.setter}
    if not entitled or fact.to == node.executor or not context.directory.active(fact.to):
        return ()
    withdrawn: tuple[Event, ...] = ()
    if node.extension is not None:
        withdrawn = (ev.ExtensionWithdrawn(assignment=node.id, why="исполнитель заменён"),)
    successor = ev.Assignee(
        id=derived_id("task-delegated", node.id, fact.to), executor=fact.to, part=node.part,
        working=True, setter=node.setter, task=node.task, term=node.term,
        term_note=node.term_note, current_term=node.current_term,
    )
    return (
        *withdrawn,
        ev.Delegated(assignment=node.id, to=fact.to, reason="передано в задаче портала",
                     replaced=fact.by != node.executor),
        ev.Assigned(parent=node.parent, author=node.author, text=node.text,
                    assignees=(successor,)),
        *point_follows(document, node, successor.id),
    )


def _moved(
    definition: ProcessDefinition, document: Document, node: Assignment,
    fact: DeadlineMovedInPortal, context: Context,
) -> tuple[Event, ...]:
    """A later deadline set by somebody entitled to change this term; anything else is put back (E11).

    The same rule as for «Установить другой срок» (R35): terms above that the same person may raise follow,
    and a date behind one that he may not is none.
    """
    entitled = {one.user for one in deciders(definition, document, node, context)}
    if fact.by not in entitled or node.current_term is None or fact.day <= node.current_term:
        return ()
    try:
        raised = raised_parents(definition, document, node, fact.day, fact.by, context, "")
    except InvalidForm:
        return ()
    term = fixed_term(fact.day, context.calendar, "изменён в задаче портала")
    return tuple(
        ev.TermChanged(assignment=one.id, before=one.current_term, after=fact.day, reason=why, kind="portal",
                       note=term.explanation, calendar=term.calendar_version)
        for one, why in (
            (node, "срок изменён постановщиком в задаче"),
            *((one, "продлено вместе с нижестоящим поручением") for one in raised),
        )
    )
