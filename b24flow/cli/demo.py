"""`b24flow demo`: an emulated portal, the service and a few letters, for people or for a check."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from b24flow.cli.output import Code, emit, emit_json, say, table
from b24flow.cli.session import AsJson
from b24flow.cli.words import Commands

if TYPE_CHECKING:
    from b24flow.demo.box import Box
    from b24flow.demo.report import Report
    from b24flow.demo.stage import Stage

Port = Annotated[int, typer.Option(min=0, max=65535, help="0 — любой свободный.")]


def register(app: Commands) -> None:
    """Add the command to the root."""
    app.verb(
        "demo", "Показать всё в работе: учебный портал, b24flow и несколько писем.", "b24flow demo",
        "С --headless играет все пять процессов через страницы, чат и задачи, проверяет и печатает таблицу.",
        "Код завершения 1, если что-то не сошлось.",
    )(demo)


def demo(
    headless: Annotated[bool, typer.Option(
        "--headless", help="Сыграть сценарии, проверить и выйти.")] = False,
    as_json: AsJson = False,
    calls: Annotated[Path | None, typer.Option(
        help="Куда записать вызовы REST, полученные порталом (JSON).")] = None,
    data: Annotated[Path | None, typer.Option(help="Папка данных; без неё — временная.")] = None,
    portal_port: Port = 0,
    port: Port = 0,
) -> int:
    """Run the demonstration."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: nothing is left behind
    if headless:
        return _headless(as_json, calls, data, portal_port, port)
    with _stage(data, portal_port, port, poll_seconds=0.25) as stage:
        from b24flow.demo.office import begin_day, guide, staff

        people = staff(stage)
        try:
            begin_day(stage, people, lambda text: say(f"  {text}"))
        finally:
            for one in people.values():
                one.close()
        emit(guide(stage.box.url, stage.url))
        sys.stdout.flush()
        try:
            stage.wait()
        except KeyboardInterrupt:
            say("Остановлено.")
        finally:
            _write_calls(stage.box, calls)
    return Code.DONE


def _headless(as_json: bool, calls: Path | None, data: Path | None, portal_port: int, port: int) -> int:
    with _stage(data, portal_port, port, poll_seconds=0.1) as stage:
        from b24flow.demo.headless import run

        report = run(stage, say)
        _write_calls(stage.box, calls)
    if as_json:
        emit_json(report)
    else:
        _show(report)
    for one in report.checks:
        if not one.held:
            say(f"Не сошлось: {one.scenario}: {one.text}: {one.found}")
    if report.failed:
        say(f"Сценарий прерван: {report.failed}")
    return Code.DONE if report.ok else Code.FAILED


def _show(report: Report) -> None:
    from b24flow.demo.report import HEADINGS, rows

    table(HEADINGS, rows(report))
    held = sum(one.held for one in report.checks)
    spent = ", ".join(f"{name} {seconds:.1f} с" for name, seconds in report.seconds.items())
    emit(f"\nПроверок: {held} из {len(report.checks)}. Время: {spent}. "
         f"Подготовка портала: {report.setup_writes} записей.")


@contextmanager
def _stage(data: Path | None, portal_port: int, port: int, *, poll_seconds: float) -> Iterator[Stage]:
    from b24flow import log
    from b24flow.demo.box import Box
    from b24flow.demo.stage import Stage
    from b24flow.errors import SettingsError
    from b24flow.sandbox.server import SandboxServer

    log.configure(json=False, level="WARNING")
    try:
        server = SandboxServer(portal_port)
    except OSError as error:
        raise SettingsError(f"Порт {portal_port} не открывается: {error.strerror}") from None
    say(f"Учебный портал: {server.url}/")
    with tempfile.TemporaryDirectory(prefix="b24flow-demo-") as folder, server:
        box = Box(server.url)
        try:
            with Stage(box, server.webhook_url, data or Path(folder), port=port,
                       poll_seconds=poll_seconds) as stage:
                say(f"Документооборот: {stage.url}/")
                yield stage
        finally:
            box.close()


def _write_calls(box: Box, place: Path | None) -> None:
    if place is None:
        return
    from b24flow.demo.report import calls_of

    found = calls_of(box.calls())
    place.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    say(f"Вызовы портала: {len(found)}, записаны в {place}")

