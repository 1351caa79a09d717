"""The long-running commands: everything in one process, or one role of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated

import typer

from b24flow.cli.output import say
from b24flow.cli.session import opened
from b24flow.cli.words import Commands


def register(app: Commands) -> None:
    """Add the commands to the root."""
    app.verb("run", "Запустить всё сразу: страницы, обмен с порталом и расписание.",
             "B24FLOW_WEBHOOK_URL=https://портал/rest/1/код/ b24flow run --apply")(run)
    app.verb("serve", "Запустить только страницы и API.", "b24flow serve")(serve)
    app.verb("worker", "Запустить только обмен с порталом.", "b24flow worker")(worker)
    app.verb("scheduler", "Запустить только расписание.", "b24flow scheduler")(scheduler)


def run(
    apply: Annotated[bool, typer.Option(
        "--apply", help="Сначала подготовить портал (portal apply) и справочник сотрудников.")] = False,
) -> None:
    """Run web, worker and scheduler until SIGTERM or SIGINT."""
    with opened("INFO") as container:
        from b24flow.serving import run_all

        if apply:
            container.apply_portal(say)
            container.sync_people()
        with _until_stopped(container.wake.ring) as stop:
            run_all(container, stop, ready=lambda url: say(f"Готово: {url}"))
    say("Остановлено.")


def serve() -> None:
    """Run the web side alone."""
    with opened("INFO") as container:
        from b24flow.serving import served

        with _until_stopped() as stop, served(container) as url:
            say(f"Готово: {url}")
            stop.wait()
    say("Остановлено.")


def worker() -> None:
    """Run the exchange with the portal alone."""
    with opened("INFO") as container:
        from b24flow.serving import delivering, replica

        owner = replica("worker")
        loop = container.worker(owner)
        with _until_stopped(container.wake.ring) as stop, delivering(container, owner):
            say("Готово: обмен с порталом")
            loop.run(stop)
    say("Остановлено.")


def scheduler() -> None:
    """Run the clockwork alone."""
    with opened("INFO") as container:
        from b24flow.serving import replica

        clockwork = container.scheduler(replica("scheduler"))
        with _until_stopped() as stop:
            clockwork.start()
            say("Готово: расписание")
            try:
                stop.wait()
            finally:
                clockwork.stop()
    say("Остановлено.")


@contextmanager
def _until_stopped(ring: Callable[[], None] = lambda: None) -> Iterator[threading.Event]:
    """Give an event that SIGTERM and SIGINT set; a second signal ends the process at once."""
    stop = threading.Event()

    def hear(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()
        ring()

    before = {one: signal.signal(one, hear) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
