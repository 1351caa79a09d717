"""What the portal should show of a document, made from the document, its work items and its history."""

from __future__ import annotations

from collections.abc import Sequence

from b24flow.core.access import mark_text
from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import WORKING, Assignment, Document, Mark
from b24flow.core.holding import work_items
from b24flow.core.parts import Request
from b24flow.core.picture import Card, FilePicture, Picture, TaskPicture
from b24flow.core.registry import row
from b24flow.core.russian import date_short, explained
from b24flow.core.tree import lead_leaf, state_of
from b24flow.services.cards import card_of
from b24flow.services.office import Office
from b24flow.store.journal import HistoryLine
from b24flow.store.work import WorkRow


def picture_of(
    office: Office, definition: ProcessDefinition, document: Document, ledger: Sequence[WorkRow],
    history: Sequence[HistoryLine], context: Context,
) -> Picture:
    """Return the picture of a registered document; the same document always gives the same one."""
    number = document.number.text if document.number is not None else f"Без номера {document.uuid[:8]}"
    title = document.text(definition.title_field)
    url = office.document_url(document.uuid)
    values = row(definition, document, context)
    folder = _folder(definition, document, number)
    return Picture(
        uuid=document.uuid, process=document.process, title=f"{number} {title}",
        state=state_of(document), responsible=_responsible(definition, document, context),
        folder=folder, url=url, row=values,
        cards=tuple(
            _card(office, definition, document, one, history, context) for one in ledger
        ),
        tasks=_tasks(definition, document, context),
        files=tuple(
            FilePicture(key=one.id, name=one.name, sha256=one.sha256, size=one.size)
            for one in (document.files if folder else ())
        ),
    )


def _folder(definition: ProcessDefinition, document: Document, number: str) -> str:
    """The name of the folder: the number, with the period where the number alone comes again in the next.

    A draft has none: its files go to Disk with its number, under the name that does not change any more.
    """
    numbering = definition.numbering
    if document.number is None and document.closure is None:
        return ""
    if document.number is None or numbering is None or numbering.period == "none":
        return number
    said = "{yy" in numbering.format.template
    return number if said else f"{number} ({document.number.period})"


def _responsible(
    definition: ProcessDefinition, document: Document, context: Context
) -> int:
    """The person the registry item is assigned to: the first holder, at the end the lead."""
    items = work_items(definition, document, context)
    lead = lead_leaf(document)
    candidates = [one.user for one in items] + ([lead.executor] if lead is not None else [])
    candidates.append(document.opened_by)
    return candidates[0]


def _card(
    office: Office, definition: ProcessDefinition, document: Document, one: WorkRow,
    history: Sequence[HistoryLine], context: Context,
) -> Card:
    closed = None
    if one.closed_at is not None:
        closed = _closing(one, history, context)
    return card_of(office, definition, document, one.item, one.opened_at, context, closed)


def _closing(one: WorkRow, history: Sequence[HistoryLine], context: Context) -> str:
    """Say what ended somebody's turn: the action whose moment is the one the row was closed at."""
    line = next((line for line in history if line.at == one.closed_at), None)
    if line is None:
        return "Выполнено"
    mark = Mark(label=line.label, by=line.actor, acting_for=line.acting_for, at=line.at)
    return mark_text(mark, context)


def _tasks(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[TaskPicture, ...]:
    """One task per assignment that was ever in work; a re-delegated one keeps its task."""
    latest: dict[str, Assignment] = {}
    for node in document.assignments:
        if node.worked:
            latest[node.task] = node
    return (
        *(_task(definition, document, node, key, context) for key, node in latest.items()),
        *(_side_task(definition, document, one, context)
          for one in document.requests if one.kind == "task"),
    )


def _side_task(
    definition: ProcessDefinition, document: Document, one: Request, context: Context
) -> TaskPicture:
    """The task that somebody set beside the route."""
    number = document.number.text if document.number is not None else ""
    title = document.text(definition.title_field)
    setter = one.asked_by if context.directory.active(one.asked_by) else document.opened_by
    return TaskPicture(
        key=one.id, title=f"{number} {title}".strip(), lines=(one.text, f"К документу: {title}"),
        setter=setter, executor=one.to, deadline=one.term,
        open=document.closure is None and one.state == "open",
    )


def _task(
    definition: ProcessDefinition, document: Document, node: Assignment, key: str,
    context: Context,
) -> TaskPicture:
    name = context.directory.get
    number = document.number.text if document.number is not None else ""
    lines = [
        document.text(definition.title_field),
        *([f"Корреспондент: {document.text('correspondent')}"] if document.text("correspondent") else []),
        f"Автор резолюции: {name(node.author).name}",
    ]
    if node.text:
        lines.append(f"Резолюция: {node.text}")
    if node.term is not None:
        lines.append(f"Срок: {explained(date_short(node.term), node.term_note)}")
    lines.append("Добавьте результат к задаче, затем нажмите «Документ исполнен» в карточке.")
    setter = node.setter
    if not context.directory.active(setter):
        setter = context.directory.head_of(setter) or document.opened_by
    return TaskPicture(
        key=key, title=f"{number} {document.text(definition.title_field)}".strip(), lines=tuple(lines),
        setter=setter, executor=node.executor, deadline=node.current_term,
        open=document.closure is None and node.state in WORKING and not node.task_closed,
        files=tuple(one.id for one in document.files if one.added_at <= node.opened_at),
    )
