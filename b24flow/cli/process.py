"""`b24flow process …`: process files, mostly without a database or a portal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from b24flow.cli.output import Code, cell, emit, emit_json, say
from b24flow.cli.session import AsJson
from b24flow.cli.words import Commands

if TYPE_CHECKING:
    from b24flow.core.definition import ProcessDefinition

app = Commands("Процессы: проверить, показать, нарисовать, описать, сравнить версии, перевести документы.")
Which = Annotated[str, typer.Argument(metavar="ПРОЦЕСС", help="Код процесса или путь к файлу *.yaml.")]


@app.verb(
    "check", "Проверить файлы процессов: все ошибки сразу, с номерами строк.",
    "b24flow process check processes/incoming.yaml",
    "Без имени проверяются все процессы установки. Код завершения 3, если есть замечания.",
    "JSON: [{file, line, path, text}]",
)
def check(
    which: Annotated[str, typer.Argument(metavar="[ПРОЦЕСС]", help="Код или путь; без него — все.")] = "",
    as_json: AsJson = False,
) -> int:
    """Check one process or all."""
    from b24flow.errors import DefinitionError

    try:
        labels = [load_named(which).label] if which else [one.label for one in _all().values()]
    except DefinitionError as error:
        if as_json:
            emit_json(error.findings)
        else:
            for finding in error.findings:
                emit(str(finding))
        say(f"Замечаний: {len(error.findings)}")
        return Code.FINDINGS
    if as_json:
        emit_json([])
    say("Без замечаний: " + ", ".join(f"«{one}»" for one in labels))
    return Code.DONE


@app.verb(
    "show", "Показать шаги процесса и его кнопки.", "b24flow process show incoming",
    "JSON: {process, label, digest, states: [{code, label, final}],\n"
    "       actions: [{steps, label, who, form, next}]}",
)
def show(which: Which, as_json: AsJson = False) -> None:
    """Show a process as a table of its buttons."""
    from b24flow.definitions.graph import table

    definition = load_named(which)
    rows = table(definition)
    if as_json:
        states = [{"code": one.code, "label": one.label, "final": one.final}
                  for one in definition.states]
        emit_json({"process": definition.code, "label": definition.label,
                   "digest": definition.digest, "states": states, "actions": rows})
        return
    emit(f"{definition.label} ({definition.code}), версия {definition.digest[:12]}")
    emit("Шаги: " + ", ".join(one.label for one in definition.states))
    for one in rows:
        emit(f"\n«{one.label}» — {one.who}")
        for heading, text in (("шаги", one.steps), ("форма", one.form), ("дальше", one.next)):
            if text:
                emit(f"  {heading}: {text}")


@app.verb(
    "graph", "Нарисовать маршрут процесса.",
    "b24flow process graph incoming --format svg --out incoming.svg",
)
def graph(
    which: Which,
    form: Annotated[str, typer.Option("--format", help="mermaid или svg.")] = "mermaid",
    out: Annotated[Path | None, typer.Option(help="Файл; без него — в stdout.")] = None,
) -> None:
    """Draw a process."""
    if form not in {"mermaid", "svg"}:
        raise typer.BadParameter("есть mermaid и svg", param_hint="--format")
    from b24flow.definitions.graph import mermaid, svg

    definition = load_named(which)
    text = mermaid(definition) if form == "mermaid" else svg(definition, None)
    if out is None:
        emit(text)
        return
    out.write_text(text, "utf-8")
    say(f"Записано: {cell(out)}")


def load_named(which: str) -> ProcessDefinition:
    """Return a process by its code or by the path of its file; raises NotFound, DefinitionError."""
    from b24flow.definitions.loader import load_process
    from b24flow.errors import NotFound

    if which.endswith((".yaml", ".yml")) or "/" in which:
        return load_process(Path(which))
    place = _folder() / f"{which}.yaml"
    if not which.isidentifier() or not place.is_file():
        known = sorted(one.stem for one in _folder().glob("*.yaml"))
        raise NotFound(f"Процесса «{cell(which)[:60]}» нет; есть: {', '.join(known)}")
    return load_process(place)


def _all() -> dict[str, ProcessDefinition]:
    from b24flow.definitions.loader import load_processes

    return dict(load_processes(_folder()))


def _folder() -> Path:
    from b24flow.settings import load

    return load().processes_path
