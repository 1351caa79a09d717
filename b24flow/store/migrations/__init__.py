"""The schema's history: forward only, first widen, then move, then narrow; it travels with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from b24flow.store import fulltext
from b24flow.store.engine import Database, Unit
from b24flow.store.tables import metadata

# Any number, the same in every process: two services started at once upgrade one after the other.
_UPGRADE_LOCK = 8_240_002


def upgrade(database: Database) -> None:
    """Bring the schema to the newest version in one transaction; nothing changes if it fails."""
    with database.transaction() as unit:
        if unit.postgres:
            unit.execute(text("SET LOCAL statement_timeout = 0"))
            unit.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
        command.upgrade(_config(unit), "head")


def current(database: Database) -> str | None:
    """Return the version of the schema in the database, None when it is empty."""
    with database.reading() as unit:
        return MigrationContext.configure(unit.connection).get_current_revision()


def head() -> str | None:
    """Return the version this program needs."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def check(database: Database) -> list[str]:
    """Return what differs between the database and the program, in words; empty when they agree."""
    found = []
    if (version := current(database)) != head():
        found.append(f"версия схемы {version or 'не создана'}, нужна {head()}")
    with database.reading() as unit:
        context = MigrationContext.configure(unit.connection, opts=options())
        found.extend(_words(difference) for difference in compare_metadata(context, metadata))
    return found


def options() -> dict[str, Any]:
    """Return how the schema is compared: the search indexes are not SQLAlchemy's to know."""
    return {"compare_type": True, "include_name": _included, "target_metadata": metadata}


def _included(name: str | None, kind: str, _parents: Any) -> bool:
    return kind not in {"table", "index"} or not (name or "").startswith(fulltext.NAME)


def _words(difference: Any) -> str:
    if isinstance(difference, list):
        return "; ".join(_words(one) for one in difference)
    return " ".join(str(getattr(part, "name", part)) for part in difference if part is not None)


def _config(unit: Unit | None) -> Config:
    config = Config()
    # ConfigParser reads % as its own sign.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = None if unit is None else unit.connection
    return config
