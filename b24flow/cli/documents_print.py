"""`b24flow documents forms|render|journal|control`: files made from documents: print forms and journals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from b24flow.cli.documents import Which, one_of
from b24flow.cli.output import emit, emit_json, say, table
from b24flow.cli.session import AsJson, opened
from b24flow.cli.words import Commands

if TYPE_CHECKING:
    from b24flow.services.render import Printed

Out = Annotated[Path | None, typer.Option(
    help="Файл .docx или .pdf, либо папка; без него — в текущую папку под своим именем.")]


def register(app: Commands) -> None:
    """Put these verbs beside the others of `documents`."""
    app.verb(
        "render", "Сделать печатную форму документа.", "b24flow documents render Вх-12/26 card --out РКК.pdf",
        "Ничего не меняет. PDF делается, если установлен LibreOffice, иначе — .docx, и об этом сказано.",
    )(render)
    app.verb(
        "forms", "Показать, какие печатные формы есть у документа сейчас.",
        "b24flow documents forms Вх-12/26",
        "JSON: [{code, label, template}]",
    )(forms)
    app.verb(
        "journal", "Напечатать журнал регистрации за период.",
        "b24flow documents journal incoming --since 01.01.2026 --until 31.03.2026 --out журнал.docx",
        "Без дат — с начала года по сегодня.",
    )(journal)
    app.verb(
        "control", "Напечатать контрольный перечень: открытые документы со сроком.",
        "b24flow documents control --process incoming --out перечень.pdf",
    )(control)


def render(
    which: Which,
    template: Annotated[str, typer.Argument(
        metavar="ФОРМА", help="Код формы: b24flow documents forms ДОКУМЕНТ.")],
    out: Out = None,
) -> None:
    """Write a print form of a document into a file."""
    with opened() as container:
        from b24flow.services.render import printed

        made = printed(container.office, one_of(container, which), template, _form(out))
    _write(made, out)


def forms(which: Which, as_json: AsJson = False) -> None:
    """List the print forms that a document offers."""
    with opened() as container:
        from b24flow.services.render import print_forms

        found = print_forms(container.office, one_of(container, which))
    if as_json:
        emit_json([{"code": one.code, "label": one.label, "template": one.template} for one in found])
        return
    table(("Код", "Форма", "Шаблон"), ((one.code, one.label, one.template) for one in found))


def journal(
    process: Annotated[str, typer.Argument(metavar="ПРОЦЕСС", help="Код процесса.")],
    since: Annotated[str, typer.Option(help="С даты.")] = "",
    until: Annotated[str, typer.Option(help="По дату.")] = "",
    out: Out = None,
) -> None:
    """Write the registration journal of a period."""
    with opened() as container:
        from b24flow.services import journals
        from b24flow.services.render import today

        office = container.office
        first, last = journals.period(since, until, today(office))
        made = journals.journal(office, process, first, last, _form(out))
    _write(made, out)


def control(
    process: Annotated[str | None, typer.Option(help="Код процесса; без него — все.")] = None,
    out: Out = None,
) -> None:
    """Write the list of open documents that have a term."""
    with opened() as container:
        from b24flow.services.journals import control_list

        made = control_list(container.office, process, _form(out))
    _write(made, out)


def _form(out: Path | None) -> str:
    """Return the form that a file name asks for."""
    ending = out.suffix.lower() if out is not None and not out.is_dir() else ""
    if ending and ending not in {".docx", ".pdf"}:
        raise typer.BadParameter("нужен файл .docx или .pdf, либо папка", param_hint="--out")
    return "pdf" if ending == ".pdf" else "docx"


def _write(made: Printed, out: Path | None) -> None:
    place = out if out is not None else Path()
    if place.is_dir():
        place /= made.name
    elif made.note:
        place = place.with_suffix(".docx")
    place.write_bytes(made.content)
    if made.note:
        say(made.note)
    emit(str(place))
