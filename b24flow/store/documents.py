"""Documents: the aggregate as a JSON snapshot and, beside it, the columns people search by.

The snapshot is for speed; the truth is the journal, whose length and last hash stand in the row, so
that a cut tail is noticed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, exists, false, select, type_coerce, update
from sqlalchemy import insert as sql_insert

from b24flow.core import codec
from b24flow.core.document import Document
from b24flow.core.numbering import normalise
from b24flow.errors import Conflict, NotFound
from b24flow.store.engine import Unit
from b24flow.store.failures import CHANGED
from b24flow.store.fulltext import searchable
from b24flow.store.journal import genesis
from b24flow.store.tables import document as table
from b24flow.store.tables import journal as journal_table
from b24flow.store.types import canonical

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document as loaded; `journal_hash` closes its journal at `document.version`.

    `repeated`: the command it was loaded for had been executed before.
    """

    id: int
    document: Document
    state: str
    journal_hash: str
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """What registry pages filter, sort and show; `search` is any text, it is normalised on saving."""

    process: str
    state: str
    title: str
    number: str | None = None
    correspondent: str = ""
    kind: str = ""
    opened_at: datetime
    registered_on: date | None = None
    term: date | None = None
    changed_term: date | None = None
    closed_at: datetime | None = None
    search: str = ""


def insert(
    unit: Unit,
    document: Document,
    *,
    state: str,
    title: str,
    summary: Mapping[str, Any],
    journal_hash: str | None = None,
) -> int:
    """Store a new document and return its integer id.

    `summary` holds further fields of `DocumentRow`. `journal_hash` is the hash of the last of
    `document.version` journal lines (`journal.seal` computes it beforehand, which saves the UPDATE);
    leave it out for a document without events.
    """
    row = replace(
        DocumentRow(process=document.process, state=state, title=title,
                    opened_at=document.opened_at),
        **summary,
    )
    values = _values(document, row, journal_hash or genesis(document.uuid))
    statement = sql_insert(table).values(uuid=document.uuid, **values).returning(table.c.id)
    return int(unit.execute(statement).scalar_one())


def load(
    unit: Unit, uuid: str, *, lock: bool, command_id: str | None = None
) -> StoredDocument | None:
    """Return a document by uuid; with `lock` nobody else can lock it until this unit ends.

    With `command_id` the same statement tells whether that command was executed before.
    """
    repeated = exists().where(journal_table.c.command_id == command_id)
    query = select(table.c.id, table.c.snapshot, table.c.state, table.c.journal_hash,
                   (repeated if command_id is not None else false()).label("repeated"))
    query = query.where(table.c.uuid == uuid)
    row = unit.execute(query.with_for_update(of=table) if lock else query).one_or_none()
    if row is None:
        return None
    return StoredDocument(
        id=row.id, document=codec.load(Document, row.snapshot), state=row.state,
        journal_hash=row.journal_hash, repeated=bool(row.repeated),
    )


def several(unit: Unit, uuids: Collection[str]) -> list[Document]:
    """Return the documents with these uuids in one statement; unknown ones are absent."""
    query = select(table.c.snapshot).where(table.c.uuid.in_(uuids)).order_by(table.c.id)
    return [codec.load(Document, row.snapshot) for row in unit.execute(query)]


def made_from(unit: Unit, template: str) -> Iterator[Document]:
    """Yield the documents with an edition made from a template, oldest first; the others are not loaded."""
    named = canonical({"template": template})[1:-1]
    stored = type_coerce(table.c.snapshot, Text)
    query = select(table.c.snapshot).where(stored.contains(named, autoescape=True)).order_by(table.c.id)
    for row in unit.stream(query):
        document = codec.load(Document, row.snapshot)
        if any(one.template == template for one in document.files):
            yield document


def save(
    unit: Unit,
    stored_id: int,
    document: Document,
    *,
    expected_version: int,
    row: DocumentRow,
    journal_hash: str,
) -> None:
    """Replace the snapshot and the searchable columns in one UPDATE.

    `journal_hash` is that of the line `document.version` (`journal.append` returns it). Raises
    Conflict when the stored version is not `expected_version` any more.
    """
    statement = (
        update(table)
        .where(table.c.id == stored_id, table.c.version == expected_version)
        .values(**_values(document, row, journal_hash))
    )
    if unit.execute(statement).rowcount != 1:
        raise Conflict(CHANGED)


def _values(document: Document, row: DocumentRow, journal_hash: str) -> dict[str, Any]:
    return {
        "process": row.process,
        "digest": document.digest,
        "version": document.version,
        "journal_hash": journal_hash,
        "schema_version": SCHEMA_VERSION,
        "snapshot": codec.dump(document),
        "state": row.state,
        "number": row.number,
        "number_key": normalise(row.number) if row.number else None,
        "title": row.title,
        "correspondent": row.correspondent,
        "kind": row.kind,
        "opened_at": row.opened_at,
        "registered_on": row.registered_on,
        "term": row.term,
        "changed_term": row.changed_term,
        "due": row.changed_term or row.term,
        "closed_at": row.closed_at,
        "search": searchable(f"{row.number or ''} {row.title} {row.correspondent} {row.search}"),
    }


def by_id(unit: Unit, document_id: int) -> StoredDocument:
    """Return a document by its integer id, without a lock; raises NotFound."""
    query = select(table.c.id, table.c.snapshot, table.c.state, table.c.journal_hash)
    row = unit.execute(query.where(table.c.id == document_id)).one_or_none()
    if row is None:
        raise NotFound("Такого документа нет.")
    return StoredDocument(
        id=row.id, document=codec.load(Document, row.snapshot), state=row.state,
        journal_hash=row.journal_hash,
    )
