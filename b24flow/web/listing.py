"""Lists of documents: the registry page by page, and «Где документ»."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.russian import forbidden_characters, parse_date
from b24flow.errors import InvalidForm
from b24flow.services.office import Office
from b24flow.services.views import part_of, set_tasks
from b24flow.store import queries, work
from b24flow.store.engine import Unit
from b24flow.store.queries import Filter, RegistryRow
from b24flow.store.work import WorkRow

PAGE = 50
FOUND = 10
MAX_SEARCH = 200
_MAX_ID = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """With whom a document is, since when and until when; `steps` are the buttons he has."""

    name: str
    post: str
    part: str
    acting_for: str
    since: datetime
    due: date | None
    overdue: bool
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A document in a list."""

    uuid: str
    process: str
    number: str
    title: str
    correspondent: str
    kind: str
    state: str
    state_code: str
    colour: str
    hint: str
    registered_on: date | None
    term: date | None
    changed_term: date | None
    overdue: bool
    closed: bool
    holders: tuple[Holder, ...]

    @property
    def due(self) -> date | None:
        """The term that holds now."""
        return self.changed_term or self.term


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of the registry; `after` asks for the next one, None on the last."""

    rows: tuple[Listed, ...]
    after: int | None


def read_filter(query: Mapping[str, str], office: Office, today: date) -> Filter:
    """Return the filter of a request's query; raises InvalidForm for what cannot be searched."""
    processes = office.definitions.processes()
    process = query.get("process", "")
    state = query.get("state", "")
    if process and process not in processes:
        raise InvalidForm({"process": "Такого процесса нет."})
    known = {one.code for each in processes.values() for one in each.states}
    if state and state not in known:
        raise InvalidForm({"state": "Такого состояния нет."})
    since, until = (_day(query, code, label) for code, label in (("since", "С даты"), ("until", "По дату")))
    if since is not None and until is not None and until < since:
        raise InvalidForm({"until": "«По дату»: раньше начала периода"})
    return Filter(
        since=since, until=until, executor=_user(query.get("executor", "")),
        process=process or None, states=(state,) if state else (),
        open_only=query.get("open", "") == "1",
        overdue_on=today if query.get("overdue", "") == "1" else None,
        text=search_text(query.get("q", "")),
    )


def _day(query: Mapping[str, str], code: str, label: str) -> date | None:
    said = query.get(code, "").strip()
    day = parse_date(said) if said else None
    if said and day is None:
        raise InvalidForm({code: f"«{label}»: укажите дату, например 15.06.2026"})
    return day


def _user(said: str) -> int | None:
    if said and not (said.isascii() and said.isdigit() and len(said) < 10):
        raise InvalidForm({"executor": "«Исполнитель»: выберите сотрудника из списка"})
    return int(said) if said else None


def search_text(text: str) -> str:
    """Return a search text that may go to the database; raises InvalidForm otherwise."""
    hidden = forbidden_characters(text)
    if hidden or "\ufffd" in text:
        raise InvalidForm({"q": f"Поиск: {hidden or 'текст повреждён'}"})
    if len(text) > MAX_SEARCH:
        raise InvalidForm({"q": f"Поиск: не больше {MAX_SEARCH} знаков"})
    return text.strip()


def read_before(text: str) -> int | None:
    """Return the id after which a page begins; raises InvalidForm for anything but a number."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 15 or int(text) > _MAX_ID:
        raise InvalidForm({"before": "Страница указана неверно: откройте реестр заново."})
    return int(text)


def registry_page(office: Office, wanted: Filter, before: int | None) -> ListPage:
    """Return a page of the registry, the newest documents first."""
    with office.database.reading() as unit:
        found = queries.registry(unit, wanted, before=before, limit=PAGE + 1)
        shown = found[:PAGE]
        held = work.holders_of(unit, [one.id for one in shown]) if shown else {}
        tasks = _tasks(unit, shown, held)
        context = office.context(unit)
    rows = tuple(_listed(office, one, held[one.id], tasks, context) for one in shown)
    return ListPage(rows=rows, after=shown[-1].id if len(found) > PAGE else None)


def where(office: Office, text: str) -> tuple[Listed, ...]:
    """Return the documents with this number; without one, those whose card has these words."""
    if not text:
        return ()
    with office.database.reading() as unit:
        found = queries.find(unit, text, FOUND)
        if not found:
            found = _numbered(queries.registry(unit, Filter(text=text), limit=PAGE), text)[:FOUND]
        held = work.holders_of(unit, [one.id for one in found]) if found else {}
        tasks = _tasks(unit, found, held)
        context = office.context(unit)
    return tuple(_listed(office, one, held[one.id], tasks, context) for one in found)


def _tasks(unit: Unit, rows: Sequence[RegistryRow], held: Mapping[int, list[WorkRow]]) -> frozenset[str]:
    return set_tasks(unit, ((row.uuid, one.item) for row in rows for one in held[row.id]))


def _numbered(rows: list[RegistryRow], text: str) -> list[RegistryRow]:
    """Return those whose number has the text between its other digits («Вх-12», «12/26»), else all."""
    part = re.compile(rf"(?<!\d){re.escape(text)}(?!\d)", re.IGNORECASE)
    return [one for one in rows if part.search(one.number or "")] or rows


def _listed(
    office: Office, row: RegistryRow, held: Sequence[WorkRow], tasks: Collection[str],
    context: Context,
) -> Listed:
    definition = office.definitions.processes().get(row.process)
    state = definition.state(row.state) if definition is not None else None
    kind = definition.kind(row.kind) if definition is not None else None
    due = row.changed_term or row.term
    closed = row.closed_at is not None
    return Listed(
        uuid=row.uuid, process=definition.label if definition else row.process,
        number=row.number or "", title=row.title, correspondent=row.correspondent,
        kind=kind.label if kind else row.kind, state=state.label if state else row.state,
        state_code=row.state, colour=state.colour if state else "", hint=state.hint if state else "",
        registered_on=row.registered_on, term=row.term, changed_term=row.changed_term,
        overdue=not closed and due is not None and due < context.today, closed=closed,
        holders=tuple(_holder(one, definition, tasks, context) for one in held),
    )


def _holder(
    row: WorkRow, definition: ProcessDefinition | None, tasks: Collection[str], context: Context
) -> Holder:
    item = row.item
    person = context.directory.get(item.user)
    known = [definition.action(code) for code in item.actions] if definition else []
    return Holder(
        name=person.name, post=person.post,
        part=part_of(item, definition.roles if definition else {}, tasks),
        acting_for=context.directory.get(item.acting_for).name if item.acting_for else "",
        since=row.opened_at, due=item.due,
        overdue=item.due is not None and item.due < context.today,
        steps=tuple(one.label for one in known if one is not None),
    )
