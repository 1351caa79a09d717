"""`b24flow template …`: the templates of documents; only `history` opens the database."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from b24flow.cli.output import Code, cell, emit, emit_json, say, table
from b24flow.cli.session import AsJson, opened
from b24flow.cli.words import Commands

if TYPE_CHECKING:
    from b24flow.core.definition import ProcessDefinition
    from b24flow.core.rendition import Name
    from b24flow.rendering.engine import Templates

app = Commands("Шаблоны документов: проверить, показать, какие имена в них можно писать.")


@app.verb(
    "check", "Проверить шаблоны: неизвестные имена, код вместо полей, негодный файл.",
    "b24flow template check data/templates/letter.docx",
    "Без имени проверяются все шаблоны установки вместе с процессами, которые их называют.",
    "Код завершения 3, если есть замечания. JSON: [{file, text}]",
)
def check(
    file: Annotated[Path | None, typer.Argument(metavar="[ФАЙЛ]", help="Файл .docx; без него — все.")] = None,
    as_json: AsJson = False,
) -> int:
    """Check one file or all templates."""
    found = list(_one(file) if file is not None else _every())
    if as_json:
        emit_json([{"file": name, "text": text} for name, text in found])
    else:
        for name, text in found:
            emit(f"{name}: {text}")
    say(f"Замечаний: {len(found)}" if found else "Без замечаний.")
    return Code.FINDINGS if found else Code.DONE


@app.verb(
    "list", "Показать шаблоны установки.", "b24flow template list",
    "JSON: [{code, subject, version, names: [name], problems: [text]}]",
)
def listing(as_json: AsJson = False) -> None:
    """List the templates with their versions."""
    templates = _templates()
    rows = [templates.describe(code) for code in templates.codes()]
    if as_json:
        emit_json(rows)
        return
    table(("Код", "О чём", "Версия", "Файл"), (
        (one.code, "журнал" if one.subject == "registry" else "документ",
         one.version[:12] or "не читается", templates.path(one.code)) for one in rows))


@app.verb(
    "history", "Показать версии шаблона, по которым сделаны документы: что, кем, когда, действует ли версия.",
    "b24flow template history letter",
    "Берётся из сохранённых редакций; печатные формы не сохраняются, их здесь нет.",
    "JSON: [{version, present, uuid, number, title, file, edition, by, at}]",
)
def history(
    code: Annotated[str, typer.Argument(metavar="ШАБЛОН", help="Код шаблона: b24flow template list.")],
    as_json: AsJson = False,
) -> None:
    """List what was made from a template, by its versions."""
    with opened() as container:
        from b24flow.services.template_use import template_uses

        rows = template_uses(container.office, code)
        zone = container.office.zone
    if as_json:
        emit_json(rows)
        return
    table(("Версия", "Действует", "Документ", "Файл", "Ред.", "Кто", "Когда"), (
        (one.version[:12], "да" if one.present else "нет", one.number or f"проект «{one.title[:40]}»",
         one.file, one.edition, one.by, cell(one.at.astimezone(zone))) for one in rows))
    say(f"Редакций: {len(rows)}, версий шаблона: {len({one.version for one in rows})}")


@app.verb(
    "names", "Показать имена, которые можно писать в шаблоне.", "b24flow template names --subject registry",
    "JSON: [{name, kind, text}]",
)
def names(
    subject: Annotated[str, typer.Option(help="document — о документе, registry — о журнале.")] = "document",
    as_json: AsJson = False,
) -> None:
    """Show the declared names with what they mean."""
    from b24flow.core.rendition import NAMES

    if subject not in NAMES:
        raise typer.BadParameter("есть document и registry", param_hint="--subject")
    rows = list(_tree(NAMES[subject], ""))
    if as_json:
        emit_json([{"name": name, "kind": kind, "text": text} for name, kind, text in rows])
        return
    table(("Имя", "Вид", "Что это"), rows)


def _tree(declared: Iterable[Name], prefix: str) -> Iterable[tuple[str, str, str]]:
    for one in declared:
        name = f"{prefix}{one.code}"
        yield name, one.kind, one.text
        inner = f"{name}[]." if one.kind == "list" else f"{name}."
        if one.kind != "person":
            yield from _tree(one.of, inner)


def _one(file: Path) -> Iterable[tuple[str, str]]:
    return ((str(file), text) for text in _templates().describe_file(file).problems)


def _every() -> Iterable[tuple[str, str]]:
    """Yield what is wrong with every template, and with what processes say of them, each once."""
    templates = _templates()
    for code in templates.codes():
        for text in templates.describe(code).problems:
            yield str(templates.path(code)), text
    for definition in _processes():
        for one in definition.documents:
            if one.part in {"copy", "stamp"}:
                continue
            place = f"процесс {definition.code}, documents.{one.code}"
            if one.template not in templates.codes():
                yield place, f"нет файла шаблона {one.template}.docx"
                continue
            general = templates.describe(one.template).problems
            for text in templates.describe(one.template, definition.fields).problems:
                if text not in general:
                    yield place, text


def _processes() -> Iterable[ProcessDefinition]:
    from b24flow.definitions.loader import load_processes
    from b24flow.settings import load

    return load_processes(load().processes_path).values()


def _templates() -> Templates:
    from b24flow.bootstrap import templates
    from b24flow.settings import load

    return templates(load())
