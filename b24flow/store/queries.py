"""What registry pages and search ask: pages by keyset, so that the thousandth costs as much as the first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from b24flow.core.numbering import normalise
from b24flow.store import fulltext
from b24flow.store.engine import Unit
from b24flow.store.tables import document, work_item

_COLUMNS = ("id", "uuid", "process", "state", "version", "number", "title", "correspondent", "kind",
            "opened_at", "registered_on", "term", "changed_term", "closed_at")
_MAX_NUMBER = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRow:
    """A line of the registry."""

    id: int
    uuid: str
    process: str
    state: str
    version: int
    number: str | None
    title: str
    correspondent: str
    kind: str
    opened_at: datetime
    registered_on: date | None
    term: date | None
    changed_term: date | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to show; every given condition must hold.

    `overdue_on`: open and due before that day. `text`: a registration number, or else the
    beginnings of words of number, title, correspondent and card. `executor`: whom the document ever stayed
    with; `holder`: with whom it is now. `since` and `until` bound the day of the registration.
    """

    process: str | None = None
    states: tuple[str, ...] = ()
    open_only: bool = False
    overdue_on: date | None = None
    text: str = ""
    executor: int | None = None
    holder: int | None = None
    since: date | None = None
    until: date | None = None


def registry(
    unit: Unit, wanted: Filter, *, before: int | None = None, limit: int = 50
) -> list[RegistryRow]:
    """Return a page of documents, the newest first; `before` is the id of the last row shown."""
    wanted, numbered = _numbered(unit, wanted)
    query = _select().where(*numbered)
    key: ColumnElement[int] = document.c.id
    if wanted.text and not unit.postgres and fulltext.searchable(wanted.text):
        # Read in the order of the index: a word that is everywhere costs no more than a rare one.
        key = fulltext.INDEX.c.rowid
        query = query.join(fulltext.INDEX, key == document.c.id).where(fulltext.match(wanted.text))
        wanted = replace(wanted, text="")
    query = query.where(*_conditions(unit, wanted)).order_by(key.desc())
    if before is not None:
        query = query.where(key < before)
    return [_row(row) for row in unit.execute(query.limit(limit))]


def find(unit: Unit, text: str, limit: int = 20) -> list[RegistryRow]:
    """Return documents by registration number, however it is typed, or by uuid; newest first."""
    text = text.strip()
    if not text or len(text) > _MAX_NUMBER:
        return []
    same = [document.c.uuid == text.lower()]
    if key := normalise(text):
        same.append(document.c.number_key == key)
    query = _select().where(or_(*same)).order_by(document.c.id.desc()).limit(limit)
    return [_row(row) for row in unit.execute(query)]


def with_words(unit: Unit, process: str, text: str, *, limit: int) -> list[RegistryRow]:
    """Return documents of a process whose searchable words begin with all of these, newest first."""
    if not fulltext.searchable(text):
        return []
    query = _select().where(document.c.process == process, fulltext.matches(unit, text))
    return [_row(row) for row in unit.execute(query.order_by(document.c.id.desc()).limit(limit))]


def by_uuid(unit: Unit, uuids: Collection[str]) -> dict[str, RegistryRow]:
    """Return documents by uuid; unknown ones are absent."""
    rows = unit.execute(_select().where(document.c.uuid.in_(uuids)))
    return {row.uuid: _row(row) for row in rows}


def by_id(unit: Unit, ids: Collection[int]) -> dict[int, RegistryRow]:
    """Return documents by integer id; unknown ones are absent."""
    rows = unit.execute(_select().where(document.c.id.in_(ids)))
    return {row.id: _row(row) for row in rows}


def counts(unit: Unit, wanted: Filter | None = None) -> dict[str, int]:
    """Return how many documents are in each state."""
    query = select(document.c.state, func.count()).group_by(document.c.state)
    if wanted is not None:
        wanted, numbered = _numbered(unit, wanted)
        query = query.where(*numbered, *_conditions(unit, wanted))
    return {row[0]: int(row[1]) for row in unit.execute(query)}


def after(unit: Unit, last_id: int, limit: int = 500) -> list[RegistryRow]:
    """Return documents with ids above `last_id`, oldest first: for sweeps over everything."""
    query = _select().where(document.c.id > last_id).order_by(document.c.id).limit(limit)
    return [_row(row) for row in unit.execute(query)]


def _select() -> Select[Any]:
    return select(*(document.c[name] for name in _COLUMNS))


def _conditions(unit: Unit, wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.process is not None:
        found.append(document.c.process == wanted.process)
    if wanted.states:
        found.append(document.c.state.in_(wanted.states))
    if wanted.open_only or wanted.overdue_on is not None:
        found.append(document.c.closed_at.is_(None))
    if wanted.overdue_on is not None:
        found.append(document.c.due < wanted.overdue_on)
    if wanted.text:
        found.append(fulltext.matches(unit, wanted.text))
    if wanted.since is not None:
        found.append(document.c.registered_on >= wanted.since)
    if wanted.until is not None:
        found.append(document.c.registered_on <= wanted.until)
    if wanted.executor is not None:
        found.append(_held_by(wanted.executor))
    if wanted.holder is not None:
        found.append(_held_by(wanted.holder, work_item.c.closed_at.is_(None)))
    return found


def _numbered(unit: Unit, wanted: Filter) -> tuple[Filter, list[ColumnElement[bool]]]:
    """Take the text for a registration number if it is one: return the rest and that condition."""
    text = wanted.text.strip()
    rest = replace(wanted, text="")
    if not any(char.isdigit() for char in text) or len(text) > _MAX_NUMBER:
        return replace(wanted, text=text), []
    same = document.c.number_key == normalise(text)
    query = select(exists().where(same, *_conditions(unit, rest)))
    if unit.execute(query).scalar_one():
        return rest, [same]
    return replace(wanted, text=text), []


def _held_by(user: int, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    held = select(work_item.c.document_id).where(work_item.c.user_id == user, *more)
    return document.c.id.in_(held)


def _row(row: Any) -> RegistryRow:
    return RegistryRow(**row._mapping)
