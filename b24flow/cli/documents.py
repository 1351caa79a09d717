"""`b24flow documents …`: the registry, one document, where it is, what happened to it. Read only.

Its print forms and journals are in `cli.documents_print`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from b24flow.cli.output import cell, emit, emit_json, say, table
from b24flow.cli.session import AsJson, opened
from b24flow.cli.words import Commands
from b24flow.core.russian import explained

if TYPE_CHECKING:
    from b24flow.bootstrap import Container
    from b24flow.services.views import DocumentView

app = Commands("Документы: реестр, карточка, где находится, история, печатные формы, журналы.")
Which = Annotated[str, typer.Argument(metavar="ДОКУМЕНТ", help="Регистрационный номер или uuid.")]
NOBODY = 0
"""Who looks from the command line: nobody of the staff, so no buttons are offered."""


@app.verb(
    "list", "Показать документы, новые сверху.", "b24flow documents list --open --text аттестация",
    "JSON: [{id, uuid, process, state, version, number, title, correspondent, kind, opened_at,\n"
    "        registered_on, term, changed_term, closed_at}]",
)
def listing(
    process: Annotated[str | None, typer.Option(help="Код процесса.")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Только незавершённые.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Только просроченные.")] = False,
    text: Annotated[str, typer.Option(help="Слова из карточки или номер.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Сколько строк.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show a page of the registry."""
    with opened() as container:
        from b24flow.store.queries import Filter, registry

        office = container.office
        if process is not None:
            office.process(process)
        today = office.clock.now().astimezone(office.zone).date()
        wanted = Filter(process=process, open_only=open_only, text=text,
                        overdue_on=today if overdue else None)
        with container.database.reading() as unit:
            rows = registry(unit, wanted, limit=limit)
        present = office.definitions.processes()
    if as_json:
        emit_json(rows)
        return
    table(("Номер", "Дата", "Состояние", "Срок", "Корреспондент", "Заголовок"), (
        (row.number or "без номера", row.registered_on,
         present[row.process].state(row.state).label if row.process in present else row.state,
         row.changed_term or row.term, row.correspondent, row.title[:60])
        for row in rows))
    say(f"Документов: {len(rows)}")


@app.verb(
    "show", "Показать карточку документа.", "b24flow documents show Вх-12/26",
    "JSON: {uuid, process, number, title, state: {code, label, final}, version, registered_on,\n"
    "       card: {label: value}, term, term_note, changed_term, control, holders, branches,\n"
    "       files: [{name, edition, size, sha256}], links: [{kind, uuid, text}]}",
)
def show(which: Which, as_json: AsJson = False) -> None:
    """Show a document without its history."""
    with opened() as container:
        view = _view(container, which)
    if as_json:
        emit_json({**_head(view), "version": view.version, "registered_on": view.registered_on,
                   "card": dict(view.card), "control": view.control, "holders": view.holders,
                   "branches": view.branches,
                   "files": [{"name": one.name, "edition": one.edition, "size": one.size,
                              "sha256": one.sha256} for one in view.files],
                   "links": [{"kind": kind, "uuid": uuid, "text": text}
                             for kind, uuid, text in view.links]})
        return
    _print_head(view)
    for label, value in view.card:
        emit(f"  {label}: {cell(value)}")
    for branch in view.branches:
        term = f", срок {cell(branch.current_term)}" if branch.current_term else ""
        emit(f"{'  ' * (branch.level + 1)}{branch.author} → {branch.executor} ({branch.part}): "
             f"{branch.state}{term}. {cell(branch.text)}")
    for one in view.files:
        emit(f"  Файл: {cell(one.name)}, редакция {one.edition}, {one.size} Б")
    for kind, _, text in view.links:
        emit(f"  {kind}: {cell(text)}")


@app.verb(
    "where", "Показать, где документ: состояние, у кого, с какого времени, что дальше.",
    "b24flow documents where Вх-12/26",
    "JSON: {uuid, process, number, title, state, term, term_note, changed_term,\n"
    "       holders: [{user, name, post, part, since, due, overdue, acting_for}], next: [label]}",
)
def where(which: Which, as_json: AsJson = False) -> None:
    """Show with whom a document is and what can happen next."""
    with opened() as container:
        view = _view(container, which)
        zone = container.office.zone
    after = [] if view.state.final else list(dict.fromkeys(
        one.label for one in view.definition.actions
        if view.state.code in one.states and one.work))
    if as_json:
        emit_json({**_head(view), "holders": view.holders, "next": after})
        return
    _print_head(view)
    for one in view.holders:
        due = f", срок {cell(one.due)}" + (" (просрочен)" if one.overdue else "") if one.due else ""
        acting = f" за: {one.acting_for}" if one.acting_for else ""
        emit(f"  У кого: {one.name}{acting}, {one.part.lower()}, "
             f"с {cell(one.since.astimezone(zone))}{due}")
    if view.state.hint:
        emit(f"  {view.state.hint}")
    if after:
        emit("  Дальше: " + ", ".join(f"«{one}»" for one in after))


@app.verb(
    "history", "Показать историю документа, новое сверху.", "b24flow documents history Вх-12/26",
    "JSON: [{at, actor, label, details: [text]}]",
)
def history(which: Which, as_json: AsJson = False) -> None:
    """Show what happened to a document."""
    with opened() as container:
        view = _view(container, which)
        zone = container.office.zone
    if as_json:
        emit_json(view.history)
        return
    for one in view.history:
        emit(f"{cell(one.at.astimezone(zone))}  {one.actor}: {one.label}")
        for line in one.details:
            emit(f"    {cell(line)}")


def one_of(container: Container, which: str) -> str:
    """Return the uuid of the document that a number or a uuid means; raises NotFound."""
    from b24flow.errors import NotFound
    from b24flow.store.queries import find

    with container.database.reading() as unit:
        found = find(unit, which)
    if not found:
        raise NotFound(f"Документа «{cell(which)[:60]}» нет.")
    if len(found) > 1:
        same = "; ".join(f"{one.number or 'без номера'} — {one.uuid}" for one in found)
        raise NotFound(f"Таких документов несколько, укажите uuid: {same}")
    return found[0].uuid


def _view(container: Container, which: str) -> DocumentView:
    from b24flow.services.views import document_view

    return document_view(container.office, one_of(container, which), NOBODY)


def _head(view: DocumentView) -> dict[str, object]:
    return {
        "uuid": view.uuid, "process": view.process, "number": view.number, "title": view.title,
        "state": {"code": view.state.code, "label": view.state.label, "final": view.state.final},
        "term": view.term, "term_note": view.term_note, "changed_term": view.changed_term,
    }


def _print_head(view: DocumentView) -> None:
    dated = f" от {cell(view.registered_on)}" if view.registered_on else ""
    emit(f"{view.number or 'Без номера'}{dated} — {cell(view.title)}")
    emit(f"  {view.process_label}: {view.state.label}")
    if view.term is not None:
        changed = f", изменённый срок {cell(view.changed_term)}" if view.changed_term else ""
        emit(f"  Срок исполнения: {explained(cell(view.term), view.term_note)}{changed}")
    if view.control:
        emit(f"  {view.control}")
