"""What we have in the portal: by document and key, the last confirmed state and the one being sent.

An intent is committed before the call; after a crash it says what may have been done, so that the next
run looks by the key before it writes again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from b24flow.store import upsert
from b24flow.store.engine import Unit
from b24flow.store.tables import document
from b24flow.store.tables import portal_object as table


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalObject:
    """An object of a document in the portal.

    `fields` is what the portal confirmed, `wanted` what an unanswered intent was sending. `state`:
    intent, confirmed, in_doubt (sent, no answer), lost (was there, is not any more).
    """

    id: int
    document_id: int
    key: str
    kind: str
    portal_id: str | None
    state: str
    fields: Mapping[str, Any]
    wanted: Mapping[str, Any] | None
    epoch: int
    intent_at: datetime | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is about to be sent; `kind`: item, folder, file, task, card, comment."""

    document_id: int
    key: str
    kind: str
    wanted: Mapping[str, Any]
    epoch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What the portal answered: the object's id there and its whole state as we know it now."""

    document_id: int
    key: str
    portal_id: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def of_documents(unit: Unit, ids: Collection[int]) -> dict[int, list[PortalObject]]:
    """Return the objects of the given documents; every id is a key of the result."""
    found: dict[int, list[PortalObject]] = {one: [] for one in ids}
    query = select(table).where(table.c.document_id.in_(ids)).order_by(table.c.id)
    for row in unit.execute(query):
        found[row.document_id].append(_object(row))
    return found


def put_intents(unit: Unit, rows: Sequence[Intent], now: datetime) -> None:
    """Note what is about to be sent, in one statement; confirmed fields and portal ids are kept."""
    if not rows:
        return
    statement = upsert.insert(unit, table).values([
        {"document_id": row.document_id, "key": row.key, "kind": row.kind, "state": "intent",
         "fields": {}, "wanted": dict(row.wanted), "epoch": row.epoch, "intent_at": now}
        for row in rows
    ])
    new = statement.excluded
    unit.execute(statement.on_conflict_do_update(
        index_elements=["document_id", "key"],
        set_={"state": new.state, "wanted": new.wanted, "epoch": new.epoch,
              "intent_at": new.intent_at},
    ))


def confirm(unit: Unit, rows: Sequence[Confirmation], now: datetime) -> None:
    """Note what the portal confirmed; the objects must have had an intent."""
    if not rows:
        return
    statement = update(table).where(_this()).values(
        state="confirmed", wanted=None, confirmed_at=now,
        portal_id=bindparam("new_portal_id"), fields=bindparam("new_fields"),
    )
    unit.execute(statement, [
        {"b_document_id": row.document_id, "b_key": row.key, "new_portal_id": row.portal_id,
         "new_fields": dict(row.fields)}
        for row in rows
    ])


def mark(unit: Unit, keys: Iterable[tuple[int, str]], state: str) -> None:
    """Set the state (in_doubt, lost, confirmed) of objects given as (document id, key).

    Any state but in_doubt drops what was being sent.
    """
    rows = [{"b_document_id": document_id, "b_key": key} for document_id, key in keys]
    if not rows:
        return
    values: dict[str, Any] = {"state": state}
    if state != "in_doubt":
        values["wanted"] = None
    unit.execute(update(table).where(_this()).values(**values), rows)


def refuse(unit: Unit, keys: Iterable[tuple[int, str]]) -> None:
    """Note of objects, given as (document id, key), that the portal refuses to take them."""
    rows = [{"b_document_id": document_id, "b_key": key} for document_id, key in keys]
    if rows:
        values = {"state": "confirmed", "wanted": None, "fields": {"refused": True}}
        unit.execute(update(table).where(_this()).values(**values), rows)


def by_portal(
    unit: Unit, kind: str, portal_ids: Collection[str], process: str = ""
) -> dict[str, PortalObject]:
    """Return our objects of a kind by their portal ids; ids that are not ours are absent.

    Items are numbered anew in every registry, so their ids mean something only with a `process`.
    """
    query = select(table).where(table.c.kind == kind, table.c.portal_id.in_(portal_ids))
    if process:
        query = query.join(document, document.c.id == table.c.document_id).where(
            document.c.process == process
        )
    return {row.portal_id: _object(row) for row in unit.execute(query)}


def _this() -> Any:
    return (table.c.document_id == bindparam("b_document_id")) & (
        table.c.key == bindparam("b_key")
    )


def _object(row: Any) -> PortalObject:
    return PortalObject(**row._mapping)
