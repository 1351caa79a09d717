"""Running documents to another version of their process: shown one by one first, then done one by one (R44).

A document is pinned to the version it began with. Here is the only way to another one: one transaction
and one journal line per document, so a run broken off half-way is simply started again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.migration import Passage, Renamed, Standing, passage
from b24flow.errors import Refused
from b24flow.failpoints import failpoint
from b24flow.ids import derived_id
from b24flow.services.commit import commit
from b24flow.services.office import Office
from b24flow.store import documents, outbox, queries
from b24flow.store.documents import StoredDocument
from b24flow.store.engine import Unit, retrying

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationRow:
    """One document in the words of people; `before` and `after` keep codes beside the labels."""

    uuid: str
    number: str
    title: str
    digest: str
    before: Standing
    after: Standing
    state_before: str
    state_after: str
    holders: tuple[str, ...]
    holders_after: tuple[str, ...]
    appear: tuple[str, ...]
    disappear: tuple[str, ...]
    lost: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """How a migration went: the documents that went over, and those that could not any more."""

    done: tuple[MigrationRow, ...]
    refused: tuple[MigrationRow, ...]


def preview(office: Office, target: ProcessDefinition, renamed: Renamed) -> tuple[MigrationRow, ...]:
    """Return every running document of the process that follows another version, oldest first.

    Raises Refused when the mapping names what neither version has; nothing is changed in any case.
    """
    found: list[MigrationRow] = []
    with office.database.reading() as unit:
        context = office.context(unit)
        olds: dict[str, ProcessDefinition] = {}
        for stored in _running(unit, target):
            old = office.definition_of(stored.document)
            olds[old.digest] = old
            way = passage(old, target, stored.document, renamed, context)
            found.append(_row(old, target, stored, way, context))
    _check(target, renamed, olds)
    return tuple(found)


def migrate(office: Office, target: ProcessDefinition, renamed: Renamed) -> Migrated:
    """Bring every running document of a process to its present version.

    Raises Refused, having changed nothing, when `target` is not the version that new documents begin
    with or when one document cannot go over. A document that changed in between is left and reported.
    """
    if office.process(target.code).digest != target.digest:
        raise Refused("Перевести можно только на действующую версию: положите файл в папку процессов и "
                      "выполните b24flow portal apply, затем повторите с --to current.")
    wanted = preview(office, target, renamed)
    stuck = [one for one in wanted if one.problems]
    if stuck:
        raise Refused(f"Перевод невозможен для документов: {len(stuck)} из {len(wanted)}. "
                      f"{_named(stuck[0])}: {stuck[0].problems[0]}.")
    rows = [row for one in wanted if (row := _move(office, one.uuid, target, renamed)) is not None]
    return Migrated(done=tuple(one for one in rows if not one.problems),
                    refused=tuple(one for one in rows if one.problems))


def _running(unit: Unit, target: ProcessDefinition) -> Iterator[StoredDocument]:
    last = 0
    while rows := queries.after(unit, last, _PAGE):
        last = rows[-1].id
        for row in rows:
            if row.process != target.code or row.closed_at is not None:
                continue
            stored = documents.load(unit, row.uuid, lock=False)
            if stored is not None and stored.document.digest != target.digest:
                yield stored


def _move(
    office: Office, uuid: str, target: ProcessDefinition, renamed: Renamed
) -> MigrationRow | None:
    """Move one document in a transaction of its own; None when it needs nothing any more."""

    def attempt(unit: Unit) -> MigrationRow | None:
        stored = documents.load(unit, uuid, lock=True)
        if stored is None or stored.document.closure is not None or stored.document.digest == target.digest:
            return None
        old, context = office.definition_of(stored.document), office.context(unit)
        way = passage(old, target, stored.document, renamed, context)
        row = _row(old, target, stored, way, context)
        if way.decision is None:
            return row
        command = derived_id("migrate", office.install, uuid, target.digest, stored.document.version)
        commit(office, unit, target, stored, way.decision, context, command)
        _tell(unit, stored, row, context)
        failpoint("action.before_commit")
        return row

    moved = retrying(office.database, attempt)
    failpoint("action.after_commit")
    return moved


def _tell(unit: Unit, stored: StoredDocument, row: MigrationRow, context: Context) -> None:
    """Tell whoever holds the document: his buttons may have changed under his hands."""
    step = f"шаг «{row.state_after}»" if row.state_before == row.state_after else (
        f"шаг «{row.state_before}» → «{row.state_after}»")
    text = f"Документ «{row.title}» переведён на новую версию процесса: {step}."
    if row.appear:
        text += f" Новые действия: {', '.join(row.appear)}."
    messages = [
        (derived_id("migrated", row.uuid, stored.document.version, user), "message",
         {"recipient": user, "title": row.number, "lines": [text], "uuid": row.uuid})
        for user in row.after.holders
    ]
    outbox.enqueue_many(unit, messages, context.now, document_id=stored.id)


def _row(
    old: ProcessDefinition, new: ProcessDefinition, stored: StoredDocument, way: Passage, context: Context
) -> MigrationRow:
    document = stored.document
    before, after = way.before, way.after
    return MigrationRow(
        uuid=document.uuid, number=document.number.text if document.number is not None else "Документ",
        title=document.text(old.title_field), digest=document.digest, before=before, after=after,
        state_before=old.state(before.state).label, state_after=new.state(after.state).label,
        holders=tuple(context.directory.get(one).name for one in before.holders),
        holders_after=tuple(context.directory.get(one).name for one in after.holders),
        appear=tuple(one for one in after.actions if one not in before.actions),
        disappear=tuple(one for one in before.actions if one not in after.actions),
        lost=way.lost, problems=way.problems,
    )


def _named(row: MigrationRow) -> str:
    return f"{row.number} «{row.title[:60]}»"


def _check(target: ProcessDefinition, renamed: Renamed, olds: dict[str, ProcessDefinition]) -> None:
    """Refuse a mapping that means nothing: a slip of the hand must not look like agreement."""
    if not olds:
        return
    states = {one.code for old in olds.values() for one in old.states}
    fields = {code for old in olds.values() for code in old.card}
    for source in renamed.states:
        if source not in states:
            raise Refused(f"--map {source}=…: шага «{source}» в прежних версиях нет.")
    for source, into in renamed.fields.items():
        if source not in fields:
            raise Refused(f"--field {source}=…: поля «{source}» в карточке прежних версий нет.")
        if into not in target.card:
            raise Refused(f"--field {source}={into}: поля «{into}» в карточке новой версии нет.")
