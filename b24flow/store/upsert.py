"""`INSERT … ON CONFLICT`, which both engines know and SQLAlchemy keeps in two dialects."""

from __future__ import annotations

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite

from b24flow.store.engine import Unit

Upsert = postgresql.Insert | sqlite.Insert


def insert(unit: Unit, table: Table) -> Upsert:
    """Return an INSERT that has `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return postgresql.insert(table) if unit.postgres else sqlite.insert(table)


def added(unit: Unit, statement: Upsert, key: Column[str]) -> bool:
    """Run an INSERT that gives way to a row with the same `key`; tell whether it was inserted.

    By what the statement returns: PostgreSQL's driver gives no row count for it.
    """
    quiet = statement.on_conflict_do_nothing(index_elements=[key]).returning(key)
    return unit.execute(quiet).first() is not None
