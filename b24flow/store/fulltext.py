"""Full-text search over `document.search`, with each engine's own index.

The column holds nothing but lower-case words, so both engines cut it alike. The indexes are kept by the
engines themselves: a save stays one statement.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, TextClause, column, func, literal_column, select, table, text

from b24flow.store.engine import Unit
from b24flow.store.tables import document

_NOT_WORD = re.compile(r"[\W_]+")
_WORDS = 12
_SIMPLE: ColumnElement[Any] = literal_column("'simple'::regconfig")

NAME = "document_search"
"""The index on SQLite; on PostgreSQL an expression index whose name begins so. See migration 0001."""
INDEX = table(NAME, column("rowid"))


def searchable(value: str) -> str:
    """Return lower-case words parted by single spaces, «ё» as «е», without any other sign."""
    return _NOT_WORD.sub(" ", value.casefold().replace("ё", "е")).strip()


def matches(unit: Unit, wanted: str) -> ColumnElement[bool]:
    """Return the condition that a document has words beginning with each of the wanted ones."""
    words = searchable(wanted).split()[:_WORDS]
    if not words:
        return literal_column("1") == literal_column("0")
    if unit.postgres:
        query = func.to_tsquery(_SIMPLE, " & ".join(f"{word}:*" for word in words))
        found: ColumnElement[Any] = func.to_tsvector(_SIMPLE, document.c.search).op("@@")(query)
        return found
    return document.c.id.in_(select(INDEX.c.rowid).where(match(wanted)))


def match(wanted: str) -> TextClause:
    """Return the condition on SQLite's `INDEX` that a row has words beginning with the wanted ones.

    The index yields its rows by id, in either direction, without collecting them first.
    """
    words = searchable(wanted).split()[:_WORDS]
    return text(f"{NAME} MATCH :words").bindparams(words=" ".join(f'"{word}"*' for word in words))
