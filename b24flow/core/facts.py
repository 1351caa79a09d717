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
from b24flow.core.events_steps import RequestAnswered
from b24flow.core.extension import deciders
from b24flow.core.steps import open_requests, point_follows
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
        return _side_task(document, fact)
    if isinstance(fact, TaskClosedInPortal):
        return () if node.task_closed else (ev.TaskClosed(assignment=node.id),)
    if isinstance(fact, ResultInPortal):
        return (ev.ResultReceived(assignment=node.id, key=fact.key, text=fact.text[:4000]),)
    if isinstance(fact, TaskDelegatedInPortal):
        return _delegated(document, node, fact, context)
    return _moved(definition, document, node, fact, context)


def _side_task(document: Document, fact: Fact) -> tuple[Event, ...]:
    """A task set beside the route is done when it is closed, or when its result is there."""
    request = next((one for one in open_requests(document) if one.id == fact.task), None)
    if request is None:
        return ()
    if isinstance(fact, ResultInPortal):
        return (RequestAnswered(id=request.id, answer=fact.text[:4000]),)
    if isinstance(fact, TaskClosedInPortal):
        return (RequestAnswered(id=request.id, answer="Задача завершена в портале"),)
    return ()


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
    """A later deadline set by somebody entitled to change this term; anything else is put back (E11)."""
    entitled = {one.user for one in deciders(definition, document, node, context)}
    if fact.by not in entitled or node.current_term is None or fact.day <= node.current_term:
        return ()
    term = fixed_term(fact.day, context.calendar, "изменён в задаче портала")
    return (
        ev.TermChanged(assignment=node.id, before=node.current_term, after=fact.day,
                       reason="срок изменён постановщиком в задаче", kind="portal",
                       note=term.explanation, calendar=term.calendar_version),
    )
