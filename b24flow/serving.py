"""Running an installation in one process: who may, how pages are served and letters go out meanwhile."""

from __future__ import annotations

import fcntl
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from b24flow.errors import SettingsError
from b24flow.settings import Settings

if TYPE_CHECKING:
    from b24flow.bootstrap import Container

_ALONE = "run"


def run_all(
    container: Container, stop: threading.Event, *, ready: Callable[[str], None] | None = None
) -> None:
    """Run web, worker and scheduler in this process until `stop` is set; ring `container.wake` too.

    `ready` is called with our address as soon as it answers. Raises SettingsError when another process
    does the same with this data folder, the portal is not prepared, or the port is taken.
    """
    with only_one(container.settings):
        worker = container.worker(_ALONE, alone=True)
        scheduler = container.scheduler(_ALONE)
        with served(container) as address, delivering(container, _ALONE, alone=True):
            scheduler.start()
            try:
                if ready is not None:
                    ready(address)
                worker.run(stop)
            finally:
                scheduler.stop()


@contextmanager
def delivering(container: Container, owner: str, *, alone: bool = False) -> Iterator[None]:
    """Carry letters from a thread of its own for the time of a `with` block, if there is a mail server."""
    from b24flow.worker import Postman  # noqa: PLC0415

    office = container.office
    if office.mailer is None:
        yield
        return
    wake, stop = container.wake.another(), threading.Event()
    postman = Postman(office, office.mailer, owner=f"{owner}:post", alone=alone, wake=wake,
                      poll_seconds=container.settings.poll_seconds)
    thread = threading.Thread(target=postman.run, args=(stop,), name="b24flow-post")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        wake.ring()
        thread.join()


@contextmanager
def served(container: Container) -> Iterator[str]:
    """Serve the web side from a thread of its own for the time of a `with` block; give its address."""
    import uvicorn  # noqa: PLC0415

    settings = container.settings
    app = container.web_app()
    with _listener(settings.host, settings.port) as listening:
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none",
                                timeout_graceful_shutdown=5, server_header=False, log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), name="b24flow-web")
        thread.start()
        try:
            while not server.started and thread.is_alive():
                thread.join(0.01)
            if not server.started:
                raise SettingsError(f"Веб-сервер не запустился на {settings.host}:{settings.port}")
            yield settings.public_url
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the data folder for this process; raises SettingsError while another one does."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.data_dir / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                f"b24flow run уже работает с папкой данных {settings.data_dir}") from None
        yield
    finally:
        os.close(descriptor)


def replica(role: str) -> str:
    """Return a name for leases that no other process has."""
    return f"{role}:{socket.gethostname()[:40]}:{os.getpid()}"


@contextmanager
def _listener(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise SettingsError(f"Адрес {host}:{port} не открывается: {error.strerror}") from None
    with listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
        except OSError as error:
            raise SettingsError(
                f"Адрес {host}:{port} занят или недоступен: {error.strerror}",
                hint="Задайте другой порт: B24FLOW_PORT") from None
        yield listening
