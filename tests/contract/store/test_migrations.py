"""The schema that migrations make is the schema the program means, on both engines."""

from __future__ import annotations

from sqlalchemy import text

from b24flow.store import migrations
from b24flow.store.engine import Database


def test_empty_to_head_equals_metadata(empty_database: Database) -> None:
    assert migrations.current(empty_database) is None
    assert migrations.check(empty_database)

    migrations.upgrade(empty_database)

    assert migrations.current(empty_database) == migrations.head()
    assert migrations.check(empty_database) == []


def test_upgrade_twice_changes_nothing(database: Database) -> None:
    migrations.upgrade(database)
    assert migrations.check(database) == []


def test_check_names_what_differs(empty_database: Database) -> None:
    database = empty_database
    migrations.upgrade(database)
    with database.transaction() as unit:
        unit.execute(text("ALTER TABLE incident DROP COLUMN resolution"))
        unit.execute(text("DROP INDEX ix_document_open_due"))
    found = migrations.check(database)
    assert len(found) == 2
    assert any("resolution" in line for line in found)
    assert any("ix_document_open_due" in line for line in found)
