"""The registration journal of a period and the control list: one print form about many documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.registry import value_of
from b24flow.core.rendition_values import common, day
from b24flow.core.russian import parse_date
from b24flow.core.steps import awaited_answer
from b24flow.core.tree import changed_term, state_of
from b24flow.errors import InvalidForm, Refused
from b24flow.services.office import Office
from b24flow.services.render import Printed, finished
from b24flow.store import documents, queries
from b24flow.store.engine import Unit
from b24flow.store.queries import Filter, RegistryRow

MAX_ROWS = 3000
"""More rows than that make a document that Word opens for minutes: take a shorter period."""

_PAGE = 500


def period(since: str, until: str, today: date) -> tuple[date, date]:
    """Return a period as typed, by default the year so far; raises InvalidForm."""
    errors: dict[str, str] = {}
    found: dict[str, date] = {"since": today.replace(month=1, day=1), "until": today}
    for code, label, text in (("since", "С даты", since), ("until", "По дату", until)):
        read = parse_date(text) if text.strip() else found[code]
        if read is None:
            errors[code] = f"«{label}»: укажите дату, например 15.06.2026"
        else:
            found[code] = read
    if not errors and found["until"] < found["since"]:
        errors["until"] = "«По дату»: раньше начала периода"
    if errors:
        raise InvalidForm(errors)
    return found["since"], found["until"]


def journal(office: Office, process: str, since: date, until: date, form: str = "docx") -> Printed:
    """Return the registration journal of a process for a period, in the order of registration.

    Raises NotFound for an unknown process, Refused for too many rows, and what rendering raises.
    """
    definition = office.process(process)
    with office.database.reading() as unit:
        context = office.context(unit)
        rows = [row for row in _all(unit, Filter(process=process))
                if row.registered_on is not None and since <= row.registered_on <= until]
        _few(rows)
        rows.sort(key=lambda one: (one.registered_on, one.id))
        lines = _lines(office, unit, rows, context)
    values = {**common(context, office.organisation), "process": definition.label, "since": day(since),
              "until": day(until), "rows": lines}
    title = f"Журнал регистрации {definition.label} {since.isoformat()}–{until.isoformat()}"
    return finished(office, "registration_journal", values, title, form)


def control_list(office: Office, process: str | None = None, form: str = "docx") -> Printed:
    """Return what is on control or has a term and is not closed, the nearest term first."""
    label = office.process(process).label if process is not None else "Все журналы"
    with office.database.reading() as unit:
        context = office.context(unit)
        wanted = Filter(process=process, open_only=True)
        rows = [row for row in _all(unit, wanted) if row.term is not None or row.changed_term is not None]
        _few(rows)
        rows.sort(key=lambda one: (one.changed_term or one.term or date.max, one.id))
        lines = _lines(office, unit, rows, context)
    values = {**common(context, office.organisation), "process": label, "since": "",
              "until": day(context.today), "rows": lines}
    return finished(office, "control_list", values, f"Контрольный перечень {context.today}", form)


def _all(unit: Unit, wanted: Filter) -> Iterator[RegistryRow]:
    before = None
    while page := queries.registry(unit, wanted, before=before, limit=_PAGE):
        yield from page
        before = page[-1].id


def _few(rows: list[RegistryRow]) -> None:
    if len(rows) > MAX_ROWS:
        raise Refused(f"В журнале {len(rows)} строк, а печатается не больше {MAX_ROWS}: сократите период.")


def _lines(office: Office, unit: Unit, rows: list[RegistryRow], context: Context) -> list[dict[str, Any]]:
    found = []
    for place, row in enumerate(rows, 1):
        stored = documents.load(unit, row.uuid, lock=False)
        if stored is not None:
            definition = office.definition_of(stored.document)
            found.append(_line(place, row, stored.document, definition, context))
    return found


def _line(
    place: int, row: RegistryRow, document: Document, definition: ProcessDefinition, context: Context
) -> dict[str, Any]:
    def cell(name: str) -> str:
        return str(value_of(name, definition, document, context) or "")

    term, changed = document.term or awaited_answer(document), changed_term(document)
    due = changed or term
    number, dated = document.text("foreign_number"), document.text("foreign_date")
    foreign = " от ".join(part for part in (number, ".".join(reversed(dated.split("-")))) if part)
    kind = definition.kind(document.text("kind"))
    closed = document.closure
    annulled = f"Аннулирован: {closed.reason}" if closed is not None and closed.state == "annulled" else ""
    return {
        "place": str(place), "number": row.number or "", "date": day(row.registered_on),
        "correspondent": ", ".join(row.correspondent.splitlines()), "title": row.title,
        "kind": kind.label if kind is not None else "", "state": definition.state(state_of(document)).label,
        "holders": cell("holders"), "executors": cell("executors"), "term": day(term),
        "changed_term": day(changed), "foreign": foreign, "annulled": annulled,
        "overdue": due is not None and closed is None and due < context.today,
    }
