"""Nobody who left keeps a document: what happens to the work of dismissed people.

A pending request goes to the next entitled person, an assignment to the substitute, the head or the
configured authority, always with both names in the history (E06, R34, domain §2.6).
"""

from __future__ import annotations

from b24flow.core import events as ev
from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Assignment, Document
from b24flow.core.events import Event
from b24flow.core.extension import deciders
from b24flow.core.handover import hand_over_steps, successors
from b24flow.core.steps import point_follows, point_of
from b24flow.ids import derived_id

LABEL = "Передано вместо выбывшего сотрудника"


def hand_over(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[Event, ...]:
    """Return the events that free a document from dismissed holders; nothing when there are none."""
    events: list[Event] = []
    directory = context.directory
    for node in document.live():
        if not directory.active(node.executor):
            events += _replace_executor(definition, document, node, context)
        elif node.extension is not None and not directory.active(node.extension.decider):
            events += _redecide(definition, document, node, context)
    return (*events, *hand_over_steps(definition, document, context))


def _redecide(
    definition: ProcessDefinition, document: Document, node: Assignment, context: Context
) -> tuple[Event, ...]:
    assert node.extension is not None
    left = context.directory.get(node.extension.decider).name
    found = next(iter(deciders(definition, document, node, context)), None)
    if found is None:
        return ()
    why = f"{found.why} (запрос был у: {left}, больше не работает)"
    return (ev.ExtensionRedirected(assignment=node.id, decider=found.user, why=why),)


def _replace_executor(
    definition: ProcessDefinition, document: Document, node: Assignment, context: Context
) -> tuple[Event, ...]:
    left = context.directory.get(node.executor)
    to = next(iter(successors(definition, node.executor, "executor", context)), None)
    if to is None:
        return ()
    withdrawn: tuple[Event, ...] = ()
    if node.extension is not None:
        withdrawn = (ev.ExtensionWithdrawn(assignment=node.id, why="исполнитель выбыл"),)
    successor = ev.Assignee(
        id=derived_id("left", node.id, to), executor=to, part=node.part,
        working=point_of(document, node) is not None, setter=node.author, term=node.term,
        term_note=node.term_note, current_term=node.current_term,
    )
    reason = f"{left.name} больше не работает"
    return (
        *withdrawn,
        ev.Delegated(assignment=node.id, to=to, reason=reason, replaced=True),
        ev.Assigned(parent=node.parent, author=node.author, text=node.text,
                    assignees=(successor,)),
        *point_follows(document, node, successor.id),
    )
