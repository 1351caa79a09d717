"""`b24flow process doc|diff|migrate`: papers of a process, its versions, running documents between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from b24flow.cli.output import Code, cell, emit, emit_json, say, table
from b24flow.cli.process import Which, load_named
from b24flow.cli.session import AsJson, opened
from b24flow.cli.words import Commands

if TYPE_CHECKING:
    from b24flow.bootstrap import Container
    from b24flow.core.definition import ProcessDefinition
    from b24flow.services.migrate import MigrationRow

_DIGEST = re.compile(r"[0-9a-f]{8,64}")
_VERSION_HELP = "Файл *.yaml, код процесса (действующий файл) или начало номера версии из архива."


def register(app: Commands) -> None:
    """Put these verbs beside the others of `process`."""
    app.verb(
        "doc", "Описать процесс: схема, техническое задание по шагам, памятка для каждой роли.",
        "b24flow process doc incoming --out incoming.html",
        "Составляется из описания процесса, поэтому всегда совпадает с действующей версией.",
    )(doc)
    app.verb(
        "diff", "Сравнить две версии процесса и сказать, что это значит для идущих документов.",
        "b24flow process diff processes/incoming.yaml new/incoming.yaml",
        "Код завершения 3, если версии различаются.",
        "JSON: {old, new, changes: [{about, code, label, what, before, after, running}]}",
    )(diff)
    app.verb(
        "migrate", "Перевести идущие документы процесса на другую версию; сначала посмотреть, что будет.",
        "b24flow process migrate incoming --to current --map review=exec --dry-run",
        "Файл в --to можно только посмотреть (--dry-run); переводят на действующую версию (current).",
        "Код завершения 3, если какой-то документ перевести нельзя; прерванный перевод запускают снова.",
        "JSON: {target, documents: [{uuid, number, title, digest, state_before, state_after, holders,\n"
        "       holders_after, appear, disappear, lost, problems}]}",
    )(migrate)


def doc(
    which: Which,
    form: Annotated[str, typer.Option("--format", help="markdown или html; по имени файла — сам.")] = "",
    out: Annotated[Path | None, typer.Option(help="Файл; без него — в stdout.")] = None,
) -> None:
    """Write the papers of a process."""
    if form not in {"", "markdown", "html"}:
        raise typer.BadParameter("есть markdown и html", param_hint="--format")
    from b24flow.definitions.handbook import html, markdown

    definition = load_named(which)
    by_name = out is not None and out.suffix.lower() in {".html", ".htm"}
    text = html(definition) if form == "html" or (not form and by_name) else markdown(definition)
    if out is None:
        emit(text)
        return
    out.write_text(text, "utf-8")
    say(f"Записано: {cell(out)}")


def diff(
    old: Annotated[str, typer.Argument(metavar="СТАРАЯ", help=_VERSION_HELP)],
    new: Annotated[str, typer.Argument(metavar="НОВАЯ", help=_VERSION_HELP)],
    as_json: AsJson = False,
) -> int:
    """Compare two versions."""
    from b24flow.definitions.diff import diff as compared

    before, after = _version(old), _version(new)
    changes = compared(before, after)
    if as_json:
        emit_json({"old": before.digest, "new": after.digest, "changes": changes})
    else:
        emit(f"{before.label}: версия {before.digest[:12]} → {after.digest[:12]}")
        if changes:
            table(("Что", "Какое", "Изменение", "Было", "Стало", "Для идущих документов"), (
                (one.about, f"{one.label} ({one.code})"[:60], one.what, one.before[:70], one.after[:70],
                 one.running)
                for one in changes))
    if changes:
        say(f"Отличий: {len(changes)}. Идущие документы остаются на версии, с которой начались; "
            f"перевести их — b24flow process migrate {after.code} --to current --dry-run")
    else:
        say("Отличий нет.")
    return Code.FINDINGS if changes else Code.DONE


def migrate(
    which: Annotated[str, typer.Argument(metavar="ПРОЦЕСС", help="Код процесса.")],
    to: Annotated[str, typer.Option(help="current — действующая версия, или файл новой.")] = "current",
    states: Annotated[list[str] | None, typer.Option(
        "--map", metavar="СТАРЫЙ=НОВЫЙ", help="Куда перевести документы с шага; можно повторять.")] = None,
    fields: Annotated[list[str] | None, typer.Option(
        "--field", metavar="СТАРОЕ=НОВОЕ", help="Как теперь называется поле; можно повторять.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Только показать.")] = False,
    as_json: AsJson = False,
) -> int:
    """Show or do a migration."""
    from b24flow.core.migration import Renamed

    renamed = Renamed(states=_pairs(states or [], "--map"), fields=_pairs(fields or [], "--field"))
    with opened() as container:
        from b24flow.errors import Refused
        from b24flow.services.migrate import migrate as moved
        from b24flow.services.migrate import preview

        present = container.office.process(which)
        target = present if to == "current" else load_named(to)
        if target.code != present.code:
            raise Refused(f"Файл {cell(to)} описывает другой процесс: {target.code}.")
        if dry_run:
            rows = preview(container.office, target, renamed)
        else:
            container.portal_map(container.client().origin)
            report = moved(container.office, target, renamed)
            rows = (*report.done, *report.refused)
    if as_json:
        emit_json({"target": target.digest, "documents": [_plain(one) for one in rows]})
    else:
        _show(rows)
    stuck = sum(1 for one in rows if one.problems)
    done = "Будет переведено" if dry_run else "Переведено"
    say(f"{done} документов: {len(rows) - stuck}" + (f", нельзя перевести: {stuck}" if stuck else ""))
    return Code.FINDINGS if stuck else Code.DONE


def _show(rows: Sequence[MigrationRow]) -> None:
    for one in rows:
        emit(f"{cell(one.number)} «{cell(one.title)}»")
        emit(f"  шаг: {one.state_before} → {one.state_after}")
        before, after = (", ".join(names) or "ни у кого" for names in (one.holders, one.holders_after))
        emit(f"  у кого: {before} → {after}")
        for heading, words in (("появится", one.appear), ("исчезнет", one.disappear),
                               ("не описано в новой версии", one.lost), ("НЕЛЬЗЯ", one.problems)):
            if words:
                emit(f"  {heading}: {'; '.join(cell(word) for word in words)}")


def _plain(row: MigrationRow) -> dict[str, object]:
    names = ("uuid", "number", "title", "digest", "state_before", "state_after", "holders", "holders_after",
             "appear", "disappear", "lost", "problems")
    return {name: getattr(row, name) for name in names}


def _pairs(given: Sequence[str], option: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        source, sign, into = (part.strip() for part in one.partition("="))
        if not (source and sign and into):
            raise typer.BadParameter("нужно СТАРОЕ=НОВОЕ", param_hint=option)
        if source in found:
            raise typer.BadParameter(f"«{source}» указан дважды", param_hint=option)
        found[source] = into
    return found


def _version(which: str) -> ProcessDefinition:
    """Return a version by file, by code, or by the beginning of its digest in the archive."""
    if not _DIGEST.fullmatch(which):
        return load_named(which)
    with opened() as container:
        return _archived(container, which)


def _archived(container: Container, prefix: str) -> ProcessDefinition:
    from b24flow.errors import NotFound
    from b24flow.store.definitions import starting

    with container.database.reading() as unit:
        digests = starting(unit, prefix)
    if len(digests) != 1:
        reason = "таких версий несколько, укажите номер полнее" if digests else "такой версии в архиве нет"
        raise NotFound(f"{prefix}: {reason}")
    return container.office.definitions.get(digests[0])
