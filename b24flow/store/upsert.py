"""`INSERT … ON CONFLICT`, which both engines know and SQLAlchemy keeps in two dialects."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from b24flow.store.engine import Unit

Upsert = postgresql.Insert | sqlite.Insert


def insert(unit: Unit, table: Table) -> Upsert:
    """Return an INSERT that has `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return postgresql.insert(table) if unit.postgres else sqlite.insert(table)
