"""Archive of process definitions: a running document keeps the version it began with, by its digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from b24flow.store import upsert
from b24flow.store.engine import Unit
from b24flow.store.tables import current_definition, definition


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedDefinition:
    """The text of a process file under the digest of its contents."""

    digest: str
    process: str
    source: str
    archived_at: datetime


def archive(unit: Unit, digest: str, process: str, source: str, now: datetime) -> bool:
    """Keep a definition for ever and make it the one new documents begin with.

    Returns False, having written nothing, when it already is.
    """
    if current(unit, process) == digest:
        return False
    statement = upsert.insert(unit, definition).values(
        digest=digest, process=process, source=source, archived_at=now
    )
    unit.execute(statement.on_conflict_do_nothing(index_elements=["digest"]))
    pointer = upsert.insert(unit, current_definition).values(
        process=process, digest=digest, since=now
    )
    unit.execute(pointer.on_conflict_do_update(
        index_elements=["process"],
        set_={"digest": pointer.excluded.digest, "since": pointer.excluded.since},
    ))
    return True


def get(unit: Unit, digest: str) -> ArchivedDefinition | None:
    """Return a definition by digest."""
    row = unit.execute(select(definition).where(definition.c.digest == digest)).one_or_none()
    return None if row is None else ArchivedDefinition(**row._mapping)


def current(unit: Unit, process: str) -> str | None:
    """Return the digest new documents of a process begin with."""
    query = select(current_definition.c.digest).where(current_definition.c.process == process)
    return unit.execute(query).scalar_one_or_none()


def starting(unit: Unit, prefix: str) -> list[str]:
    """Return the digests that begin with `prefix`, a few at most; `prefix` is hexadecimal."""
    same = definition.c.digest.startswith(prefix, autoescape=True)
    return [str(one) for one in unit.execute(select(definition.c.digest).where(same).limit(3)).scalars()]
