"""What the tests of the store share: a moment, a document, a journal line, threads that start together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from b24flow.core.document import Document
from b24flow.core.events import CardCorrected, DocumentOpened, Event
from b24flow.core.evolve import replay
from b24flow.store import documents, journal
from b24flow.store.documents import DocumentRow
from b24flow.store.engine import Unit
from b24flow.store.journal import JournalLine

T = TypeVar("T")
NOW = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)
DAY = date(2026, 11, 22)


def later(seconds: float) -> datetime:
    """Return a moment after NOW."""
    return NOW + timedelta(seconds=seconds)


def draft(uuid: str = "u-1", **changes: Any) -> Document:
    """Return a document without events."""
    return replace(
        Document(uuid=uuid, process="incoming", digest="d1", opened_by=7, opened_at=NOW), **changes
    )


def line(event: Event, command: str | None = "c-1", label: str = "Открыть") -> JournalLine:
    """Return a journal line of clerk 7."""
    return JournalLine(event=event, at=NOW, actor=7, acting_for=8, command_id=command,
                       action="open", label=label, digest="d1")


def opened(uuid: str = "u-1") -> DocumentOpened:
    """Return the first event of a document."""
    return DocumentOpened(uuid=uuid, process="incoming", digest="d1", card={"title": "Письмо"})


def corrected(title: str) -> CardCorrected:
    """Return a correction of the title."""
    return CardCorrected(before={"title": "Письмо"}, after={"title": title}, reason="опечатка")


def row(**changes: Any) -> DocumentRow:
    """Return the searchable columns of a draft."""
    return replace(
        DocumentRow(process="incoming", state="draft", title="Письмо", opened_at=NOW), **changes
    )


def insert(unit: Unit, uuid: str = "u-1", *, state: str = "draft", title: str = "Письмо",
           **summary: Any) -> int:
    """Store a document without events."""
    return documents.insert(unit, draft(uuid), state=state, title=title, summary=summary)


def insert_with_journal(unit: Unit, uuid: str = "u-1", lines: int = 3) -> int:
    """Store a document with a journal: opened, then corrected, each by a command of its own."""
    written = [line(opened(uuid), f"{uuid}-0")] + [
        line(corrected(f"Письмо {n}"), f"{uuid}-{n}", "Исправить") for n in range(1, lines)
    ]
    sealed = journal.seal(written, after_seq=0, prev_hash=journal.genesis(uuid))
    document = replay([
        journal.Record(event=one.event, actor=one.actor, acting_for=one.acting_for,
                       label=one.label, at=one.at) for one in written
    ])
    stored = documents.insert(unit, document, state="draft", title="Письмо",
                              summary={"number": "Вх-1/26"}, journal_hash=sealed.hash)
    journal.write(unit, stored, sealed)
    return stored


def together(count: int, function: Callable[[int], T]) -> list[T]:
    """Run `function(0..count-1)` in threads that start at the same moment; return the results."""
    barrier = threading.Barrier(count)

    def run(number: int) -> T:
        barrier.wait()
        return function(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
