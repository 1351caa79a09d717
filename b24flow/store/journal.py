"""The journal: what happened to every document, append-only, each line sealed by the hash of the one before.

A document's chain begins with the hash of its uuid and ends with the hash kept in the document's row:
a changed, moved, missing, added or cut-off line is found by `verify`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, insert, select

from b24flow.core import codec
from b24flow.core.events import Event, Record, event_name
from b24flow.core.vocabulary import EVENTS
from b24flow.store.engine import Unit
from b24flow.store.tables import document, journal
from b24flow.store.types import canonical

_SEALED = ("seq", "at", "actor", "acting_for", "command_id", "command_part", "action", "label",
           "type", "payload", "digest", "prev_hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One event to be written: what, when, by whom, for whom, on which command and button."""

    event: Event
    at: datetime
    actor: int
    acting_for: int | None = None
    command_id: str | None = None
    action: str
    label: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Lines ready to be written, and the hash of the last one."""

    rows: tuple[Mapping[str, Any], ...]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """A journal line as people read it."""

    seq: int
    at: datetime
    actor: int
    acting_for: int | None
    action: str
    label: str
    type: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A place where the chain of a document does not hold; `reason` is Russian."""

    uuid: str
    number: str | None
    seq: int
    at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """What a command did when it came first; `version` is the document's after it."""

    uuid: str
    version: int
    action: str
    label: str
    at: datetime
    actor: int
    acting_for: int | None


def genesis(uuid: str) -> str:
    """Return what stands as the previous hash in the first line of a document."""
    return hashlib.sha256(f"b24flow:{uuid}".encode()).hexdigest()


def seal(lines: Sequence[JournalLine], *, after_seq: int, prev_hash: str) -> Sealed:
    """Number and hash the lines that follow line `after_seq`, whose hash is `prev_hash`."""
    rows: list[Mapping[str, Any]] = []
    parts: dict[str, int] = {}
    for seq, line in enumerate(lines, after_seq + 1):
        part = None
        if line.command_id is not None:
            part = parts[line.command_id] = parts.get(line.command_id, -1) + 1
        row: dict[str, Any] = {
            "seq": seq, "at": line.at, "actor": line.actor, "acting_for": line.acting_for,
            "command_id": line.command_id, "command_part": part, "action": line.action,
            "label": line.label, "type": event_name(line.event),
            "payload": canonical(codec.dump(line.event)), "digest": line.digest,
            "prev_hash": prev_hash,
        }
        prev_hash = row["hash"] = _hash(row)
        rows.append(row)
    return Sealed(rows=tuple(rows), hash=prev_hash)


def write(unit: Unit, document_id: int, sealed: Sealed) -> None:
    """Write sealed lines; raises Conflict when a line or its command is already there."""
    if sealed.rows:
        rows = [{"document_id": document_id, **row} for row in sealed.rows]
        unit.execute(insert(journal).values(rows))


def append(
    unit: Unit,
    document_id: int,
    lines: Sequence[JournalLine],
    *,
    after_seq: int,
    prev_hash: str,
) -> str:
    """Seal and write lines after the document's last one; return the hash for `documents.save`.

    Raises Conflict when somebody wrote these lines or executed the command first.
    """
    sealed = seal(lines, after_seq=after_seq, prev_hash=prev_hash)
    write(unit, document_id, sealed)
    return sealed.hash


def records(unit: Unit, document_id: int) -> list[Record]:
    """Return the whole journal of a document, oldest first, as `evolve` reads it."""
    query = select(journal).where(journal.c.document_id == document_id).order_by(journal.c.seq)
    return [
        Record(
            event=codec.load(EVENTS[row.type], json.loads(row.payload)), actor=row.actor,
            acting_for=row.acting_for, label=row.label, at=row.at,
        )
        for row in unit.execute(query)
    ]


def history(unit: Unit, uuid: str) -> list[HistoryLine]:
    """Return what people read about a document, oldest first."""
    query = (
        select(journal).join(document, document.c.id == journal.c.document_id)
        .where(document.c.uuid == uuid).order_by(journal.c.seq)
    )
    return [
        HistoryLine(
            seq=row.seq, at=row.at, actor=row.actor, acting_for=row.acting_for, action=row.action,
            label=row.label, type=row.type, payload=json.loads(row.payload),
        )
        for row in unit.execute(query)
    ]


def command_result(unit: Unit, command_id: str) -> CommandResult | None:
    """Return what a command did, if it has been executed; the journal itself is the record."""
    last = select(func.max(journal.c.seq)).where(journal.c.command_id == command_id)
    query = (
        select(journal, document.c.uuid, last.scalar_subquery().label("version"))
        .join(document, document.c.id == journal.c.document_id)
        .where(journal.c.command_id == command_id, journal.c.command_part == 0)
    )
    row = unit.execute(query).one_or_none()
    if row is None:
        return None
    return CommandResult(
        uuid=row.uuid, version=row.version, action=row.action, label=row.label, at=row.at,
        actor=row.actor, acting_for=row.acting_for,
    )


def verify(unit: Unit, uuid: str | None = None) -> list[Break]:
    """Check the chains of one document or of all; return the broken places, none if all hold.

    Rows are streamed, memory does not grow with the journal.
    """
    rows = unit.stream(_chains(uuid))
    found: list[Break] = []
    for _, lines in groupby(rows, key=lambda row: row.id):
        found.extend(_breaks(lines))
    return found


def _chains(uuid: str | None) -> Select[Any]:
    columns = [journal.c[name].label(f"line_{name}") for name in (*_SEALED, "hash")]
    query = (
        select(document.c.id, document.c.uuid, document.c.number, document.c.version,
               document.c.journal_hash, *columns)
        .join(journal, journal.c.document_id == document.c.id, isouter=True)
        .order_by(document.c.id, journal.c.seq)
    )
    return query if uuid is None else query.where(document.c.uuid == uuid)


def _breaks(rows: Iterator[Any]) -> Iterator[Break]:
    seq, tail, last = 0, "", None
    for row in rows:
        tail = tail or genesis(row.uuid)
        last = row
        if row.line_seq is None:
            break
        line = {name: getattr(row, f"line_{name}") for name in _SEALED}
        reason = _wrong(line, row.line_hash, seq + 1, tail)
        if reason:
            yield Break(uuid=row.uuid, number=row.number, seq=row.line_seq, at=row.line_at,
                        reason=reason)
        seq, tail = row.line_seq, row.line_hash
    if last is not None and (seq, tail) != (last.version, last.journal_hash):
        yield Break(uuid=last.uuid, number=last.number, seq=seq + 1, at=last.line_at,
                    reason=f"конец журнала не сходится с карточкой: записей {seq}, "
                           f"в карточке {last.version}")


def _wrong(line: Mapping[str, Any], stored: str, expected_seq: int, prev: str) -> str:
    if line["seq"] != expected_seq:
        return f"вместо записи {expected_seq} стоит запись {line['seq']}"
    if line["prev_hash"] != prev:
        return "запись не продолжает предыдущую"
    if _hash(line) != stored:
        return "запись изменена"
    return ""


def _hash(row: Mapping[str, Any]) -> str:
    at: datetime = row["at"]
    values = {name: row[name] for name in _SEALED}
    values["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical(values).encode()).hexdigest()
