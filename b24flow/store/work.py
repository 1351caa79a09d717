"""Work items: who must act now. Closed rows stay and make the time ledger."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, text, update

from b24flow.core import codec
from b24flow.core.work import WorkItem
from b24flow.store import upsert
from b24flow.store.engine import Unit
from b24flow.store.tables import document, work_item

_NEVER = date(9999, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """A work item with the interval during which it was held; live while `closed_at` is None."""

    item: WorkItem
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MyWork:
    """A live work item beside what «Мои документы» shows of its document."""

    id: int
    item: WorkItem
    opened_at: datetime
    uuid: str
    process: str
    number: str | None
    title: str
    correspondent: str
    kind: str
    state: str
    term: date | None
    changed_term: date | None


def replace(unit: Unit, document_id: int, items: Sequence[WorkItem], now: datetime) -> None:
    """Make `items` the live rows of a document, in at most three statements.

    A row that stays keeps `opened_at`; a row that goes is closed at `now`; other buttons or another
    term of the same holder do not interrupt his interval.
    """
    live = {row.key: row for row in unit.execute(
        select(work_item)
        .where(work_item.c.document_id == document_id, work_item.c.closed_at.is_(None))
    )}
    wanted = {item.key: item for item in items}
    gone = [row.id for key, row in live.items() if key not in wanted]
    if gone:
        unit.execute(update(work_item).where(work_item.c.id.in_(gone)).values(closed_at=now))
    changed = [
        _values(document_id, item, now) for key, item in wanted.items()
        if key not in live or _item(live[key]) != item
    ]
    if changed:
        statement = upsert.insert(unit, work_item).values(changed)
        unit.execute(statement.on_conflict_do_update(
            index_elements=["document_id", "key"], index_where=text("closed_at IS NULL"),
            set_={"actions": statement.excluded.actions, "due": statement.excluded.due},
        ))


def mine(
    unit: Unit, user_ids: Collection[int], *, limit: int = 200, roles: Collection[str] = ()
) -> list[MyWork]:
    """Return what the given people must do now, the nearest term first."""
    query = (
        select(
            work_item, document.c.uuid, document.c.process, document.c.number, document.c.title,
            document.c.correspondent, document.c.kind, document.c.state, document.c.term,
            document.c.changed_term,
        )
        .join(document, document.c.id == work_item.c.document_id)
        .where(work_item.c.user_id.in_(user_ids), work_item.c.closed_at.is_(None))
        .order_by(func.coalesce(work_item.c.due, _NEVER), work_item.c.id)
        .limit(limit)
    )
    if roles:
        query = query.where(work_item.c.role.in_(roles))
    return [
        MyWork(
            id=row.id, item=_item(row), opened_at=row.opened_at, uuid=row.uuid,
            process=row.process, number=row.number, title=row.title,
            correspondent=row.correspondent, kind=row.kind, state=row.state, term=row.term,
            changed_term=row.changed_term,
        )
        for row in unit.execute(query)
    ]


def waiting(unit: Unit, role: str) -> list[str]:
    """Return the documents (uuid) that wait for somebody in a part, oldest first."""
    query = (
        select(document.c.uuid).join(work_item, work_item.c.document_id == document.c.id)
        .where(work_item.c.role == role, work_item.c.closed_at.is_(None))
        .distinct().order_by(document.c.uuid)
    )
    return [row.uuid for row in unit.execute(query)]


def holders(unit: Unit, document_id: int) -> list[WorkRow]:
    """Return who holds a document now."""
    return _rows(unit, _of(document_id).where(work_item.c.closed_at.is_(None)))


def holders_of(unit: Unit, document_ids: Collection[int]) -> dict[int, list[WorkRow]]:
    """Return who holds each of the documents now, in one statement."""
    found: dict[int, list[WorkRow]] = {one: [] for one in document_ids}
    query = (
        select(work_item)
        .where(work_item.c.document_id.in_(document_ids), work_item.c.closed_at.is_(None))
        .order_by(work_item.c.id)
    )
    for row in unit.execute(query):
        found[row.document_id].append(_row(row))
    return found


def ledger(unit: Unit, document_id: int) -> list[WorkRow]:
    """Return every interval during which somebody held the document, oldest first."""
    return _rows(unit, _of(document_id))


def _of(document_id: int) -> Select[Any]:
    return (
        select(work_item).where(work_item.c.document_id == document_id)
        .order_by(work_item.c.opened_at, work_item.c.id)
    )


def _rows(unit: Unit, query: Select[Any]) -> list[WorkRow]:
    return [_row(row) for row in unit.execute(query)]


def _row(row: Any) -> WorkRow:
    return WorkRow(item=_item(row), opened_at=row.opened_at, closed_at=row.closed_at)


def _item(row: Any) -> WorkItem:
    return WorkItem(
        user=row.user_id, role=row.role, target=row.target, actions=tuple(row.actions),
        due=row.due, acting_for=row.acting_for,
    )


def _values(document_id: int, item: WorkItem, now: datetime) -> dict[str, Any]:
    return {
        "document_id": document_id, "key": item.key, "user_id": item.user, "role": item.role,
        "target": item.target, "acting_for": item.acting_for, "actions": codec.dump(item.actions),
        "due": item.due, "opened_at": now, "closed_at": None,
    }
