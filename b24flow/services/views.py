"""What people see: one document, my documents, where a document is. Read only, plain values, Russian words.

Pages, bot and CLI show these same views, so they cannot tell different stories.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from b24flow.core.access import Offer, mark_text, offers
from b24flow.core.commands import Context
from b24flow.core.definition import FieldType, ProcessDefinition, State, StepKind
from b24flow.core.document import LIVE, Assignment, Document, FileRef
from b24flow.core.registry import card_cell
from b24flow.core.russian import date_short, datetime_short, explained
from b24flow.core.steps import letters_to
from b24flow.core.tree import changed_term, lead_leaf, state_of
from b24flow.core.verbs_side import LINKS as LINK_KINDS
from b24flow.core.work import WorkItem
from b24flow.errors import NotFound
from b24flow.services.commit import letter_key
from b24flow.services.history import HistoryView, history_view
from b24flow.services.office import Office
from b24flow.services.steps_view import StepsView, steps_view
from b24flow.store import documents, outbox, queries, work
from b24flow.store.documents import StoredDocument
from b24flow.store.engine import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderView:
    """Who holds the document now, as what, since when and until when."""

    user: int
    name: str
    post: str
    part: str
    since: datetime
    due: date | None
    overdue: bool
    acting_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchView:
    """One line of the resolution tree; `level` is its indent."""

    id: str
    level: int
    author: str
    executor: str
    part: str
    text: str
    state: str
    live: bool
    term: date | None
    term_note: str
    current_term: date | None
    changes: tuple[str, ...]
    request: str
    report: str
    results: tuple[str, ...]
    reason: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """Everything the document page shows to one person."""

    uuid: str
    process: str
    process_label: str
    number: str
    title: str
    state: State
    states: tuple[str, ...]
    registered_on: date | None
    card: tuple[tuple[str, str], ...]
    corrected: Mapping[str, str]
    term: date | None
    term_note: str
    changed_term: date | None
    control: str
    holders: tuple[HolderView, ...]
    branches: tuple[BranchView, ...]
    history: tuple[HistoryView, ...]
    files: tuple[FileRef, ...]
    links: tuple[tuple[str, str, str], ...]
    offers: tuple[Offer, ...]
    steps: StepsView
    definition: ProcessDefinition = field(repr=False)
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkView:
    """A row of «Мои документы»."""

    uuid: str
    process: str
    number: str
    title: str
    correspondent: str
    state: str
    part: str
    since: datetime
    due: date | None
    overdue: bool
    acting_for: str
    actions: tuple[str, ...]


PARTS = {
    "executor": "Исполнитель", "decider": "Решает о продлении", "initiator": "Готовит карточку",
    "lead": "Ответственный исполнитель", "controller": "Контролёр",
    "clerk": "Делопроизводитель", "confirmer": "Подтверждает аннулирование",
    "approver": "Согласующий", "signer": "Подписант", "reader": "Знакомится",
    "requested": "Отвечает на запрос", "voter": "Голосует", "owner": "Ведёт процесс",
    "chair": "Председатель", "deputy": "Заместитель Председателя", "office_head": "Заведующий",
    "secretary": "Секретарь заседания", "author": "Автор",
}
TASKED = "Выполняет задачу"
"""Who was asked to do something beside the route, where others are asked to answer."""
REVIEWER = "Рассматривающий"
"""The executor of an assignment who has not decided yet: he may still pass it on or acknowledge it."""

LINKS = {
    "reply": "Ответ", "reply_to": "Ответ на", "replaces": "Взамен", "replaced_by": "Заменён",
    **{kind: label for kind, (label, _, _) in LINK_KINDS.items()},
    **{back: label for _, back, label in LINK_KINDS.values()},
}


def document_view(office: Office, uuid: str, user: int) -> DocumentView:
    """Return a document as `user` sees it, with the actions that are his now; raises NotFound."""
    with office.database.reading() as unit:
        stored = documents.load(unit, uuid, lock=False)
        if stored is None:
            raise NotFound("Такого документа нет.")
        document = stored.document
        definition = office.definition_of(document)
        context = office.context(unit)
        return DocumentView(
            uuid=document.uuid, process=document.process, process_label=definition.label,
            number=document.number.text if document.number else "",
            title=document.text(definition.title_field),
            state=definition.state(state_of(document)),
            states=visited_states(definition, document),
            registered_on=document.number.dated if document.number else None,
            card=_card(definition, document, context),
            corrected=_corrected(definition, document, context),
            term=document.term, term_note=document.term_note,
            changed_term=changed_term(document), control=_control(document, context),
            holders=_holders(unit, stored, definition.roles, context),
            branches=_branches(definition, document, context),
            history=history_view(unit, definition, document, context),
            files=document.files, links=_links(unit, document),
            offers=offers(definition, document, context, user), definition=definition,
            steps=steps_view(definition, document, context, user, _waits(unit, document, context)),
            version=document.version,
        )


def _waits(unit: Unit, document: Document, context: Context) -> dict[str, str]:
    """Letter id → why it has not gone out yet and when it is tried again."""
    keys = {letter_key(one.id, one.sending): one.id for one in letters_to(document, "waiting")}
    return {
        keys[key]: f"{row.error}. Следующая попытка {datetime_short(row.available_at, context.zone)}"
        for key, row in outbox.by_keys(unit, tuple(keys)).items() if row.error and row.state == "available"
    }


def part_of(item: WorkItem, roles: Mapping[str, str], tasks: Collection[str]) -> str:
    """Return in Russian as what somebody holds a document.

    `roles` are the labels of its definition, `tasks` what `set_tasks` found.
    """
    if item.role == "executor" and "execute" in item.actions:
        return REVIEWER
    if item.role == "requested" and item.target in tasks:
        return TASKED
    return PARTS.get(item.role) or roles.get(item.role, item.role)


def set_tasks(unit: Unit, held: Iterable[tuple[str, WorkItem]]) -> frozenset[str]:
    """Return which requests behind these items (each with its document's uuid) are tasks and no questions.

    One statement, none when nothing is asked of anybody.
    """
    asked = {uuid for uuid, item in held if item.role == "requested"}
    return _tasks(documents.several(unit, asked) if asked else ())


def _tasks(found: Iterable[Document]) -> frozenset[str]:
    return frozenset(one.id for document in found for one in document.requests if one.kind == "task")


def visited_states(definition: ProcessDefinition, document: Document) -> tuple[str, ...]:
    """Return the states a document surely passed, for the picture of its route."""
    if document.rounds or document.signatures or document.step:
        return _visited_steps(definition, document)
    passed = ["draft"]
    if document.number is not None:
        passed.append("review")
    if any(one.parent is not None for one in document.assignments):
        passed.append("exec")
    if any(one.report is not None for one in document.assignments):
        passed.append("choice")
    if document.reply is not None:
        passed.append("reply")
    if document.control.released_at is not None or document.control.awaiting:
        passed.append("control")
    return tuple(passed)


def _visited_steps(definition: ProcessDefinition, document: Document) -> tuple[str, ...]:
    """The main way up to the present step, less what left no trace in the document."""
    here, way = state_of(document), definition.route
    passed = way[:way.index(here)] if here in way else ()
    traces = {
        StepKind.APPROVAL: bool(document.rounds), StepKind.SIGNING: bool(document.signatures),
        StepKind.REGISTRATION: document.number is not None, StepKind.DISPATCH: bool(document.deliveries),
        StepKind.ACKNOWLEDGEMENT: bool(document.readers), StepKind.MEETING: bool(document.meetings),
        StepKind.POINTS: any(one.assignment for one in document.points),
        StepKind.EXECUTION: bool(document.assignments),
    }
    return tuple(code for code in passed if traces.get(definition.state(code).kind, True))


def shown(value: object) -> str:
    """Return a cell as text: dates in the Russian form, nothing as an empty string."""
    if isinstance(value, date):
        return date_short(value)
    return "" if value is None else str(value)


def _card(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[tuple[str, str], ...]:
    rows: list[tuple[str, str]] = []
    codes = [*definition.card, *(code for code in document.card if code not in definition.card)]
    for code in codes:
        one = definition.fields.get(code)
        if one is None or one.type is FieldType.FILES:
            continue
        text = shown(card_cell(code, definition, document, context))
        if text:
            rows.append((one.label, text))
    return tuple(rows)


def _corrected(
    definition: ProcessDefinition, document: Document, context: Context
) -> dict[str, str]:
    """Field label → «исправлено …, было …» of its last correction."""
    found: dict[str, str] = {}
    for one in document.corrections:
        field_of = definition.fields.get(one.field)
        before = "не заполнено" if one.before in {None, ""} else str(one.before)
        if field_of is not None and field_of.type is FieldType.CHOICE:
            before = field_of.label_of(before)
        who = context.directory.get(one.by).name
        day = date_short(one.at.astimezone(context.zone).date())
        label = field_of.label if field_of is not None else one.field
        found[label] = f"исправлено {day}, {who}; было: {before} ({one.reason})"
    return found


def _control(document: Document, context: Context) -> str:
    control = document.control
    if not control.on:
        return ""
    if control.released_at is not None:
        return f"Снят с контроля {date_short(control.released_at.astimezone(context.zone).date())}"
    person = control.controller or control.set_by
    name = context.directory.get(person).name if person else ""
    return f"На контроле: {name}" if name else "На контроле"


def _holders(
    unit: Unit, stored: StoredDocument, roles: Mapping[str, str], context: Context
) -> tuple[HolderView, ...]:
    tasks = _tasks((stored.document,))
    return tuple(
        _holder(row.item, row.opened_at, part_of(row.item, roles, tasks), context)
        for row in work.holders(unit, stored.id)
    )


def _holder(item: WorkItem, since: datetime, part: str, context: Context) -> HolderView:
    person = context.directory.get(item.user)
    behalf = context.directory.get(item.acting_for).name if item.acting_for else ""
    return HolderView(
        user=item.user, name=person.name, post=person.post, part=part,
        since=since, due=item.due, overdue=item.due is not None and item.due < context.today,
        acting_for=behalf,
    )


def _branches(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[BranchView, ...]:
    rows: list[BranchView] = []

    def walk(parent: str | None, level: int) -> None:
        for node in document.children(parent):
            rows.append(_branch(definition, document, node, level, context))
            walk(node.id, level + 1)

    walk(None, 0)
    return tuple(rows)


def _branch(
    definition: ProcessDefinition, document: Document, node: Assignment, level: int,
    context: Context,
) -> BranchView:
    name = context.directory.get
    lead = lead_leaf(document)
    part = "ответственный" if node.part.value == "lead" else "соисполнитель"
    if lead is not None and lead.id == node.id:
        part = "ответственный исполнитель"
    request = ""
    if node.extension is not None:
        request = (
            f"Просит до {date_short(node.extension.desired)}: {node.extension.reason}. "
            f"Решает {explained(name(node.extension.decider).name, node.extension.why)}"
            + ("; запрошено с нарушением срока" if node.extension.late else "")
        )
    return BranchView(
        id=node.id, level=level, author=name(node.author).name, executor=name(node.executor).name,
        part=part, text=node.text,
        state=definition.branch_states.get(node.state.value, node.state.value),
        live=node.state in LIVE, term=node.term, term_note=node.term_note,
        current_term=node.current_term,
        changes=tuple(
            f"{date_short(one.before) if one.before else 'без срока'} → {date_short(one.after)}, "
            f"{name(one.by).name}: {one.reason}" for one in node.changes
        ),
        request=request, report=node.report.summary if node.report is not None else "",
        results=node.results, reason=node.reason,
        mark=mark_text(node.mark, context) if node.mark is not None else "",
    )


def _links(unit: Unit, document: Document) -> tuple[tuple[str, str, str], ...]:
    """Name the linked documents as they are called now: what was linked as a draft may have its number."""
    known = queries.by_uuid(unit, {one.document for one in document.links}) if document.links else {}
    numbers = {uuid: row.number for uuid, row in known.items() if row.number}
    return tuple(
        (LINKS.get(one.kind, one.kind), one.document, numbers.get(one.document, one.text))
        for one in document.links
    )


def my_work(office: Office, user: int) -> tuple[WorkView, ...]:
    """Return what `user` must act on now, his own and for those he substitutes, most urgent first."""
    with office.database.reading() as unit:
        context = office.context(unit)
        rows = work.mine(unit, [user])
        tasks = set_tasks(unit, ((row.uuid, row.item) for row in rows))
        views = []
        for row in rows:
            definition = office.definitions.processes().get(row.process)
            state = definition.state(row.state).label if definition is not None else row.state
            labels: tuple[str, ...] = ()
            if definition is not None:
                known = (definition.action(code) for code in row.item.actions)
                labels = tuple(one.label for one in known if one is not None)
            item = row.item
            views.append(WorkView(
                uuid=row.uuid, process=definition.label if definition else row.process,
                number=row.number or "", title=row.title, correspondent=row.correspondent,
                state=state, part=part_of(item, definition.roles if definition else {}, tasks),
                since=row.opened_at,
                due=item.due, overdue=item.due is not None and item.due < context.today,
                acting_for=context.directory.get(item.acting_for).name if item.acting_for else "",
                actions=labels,
            ))
    return tuple(sorted(views, key=lambda one: (one.due or date.max, one.number)))
