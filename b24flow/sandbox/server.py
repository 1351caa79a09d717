"""Running the sandbox on a port: in a thread for tests, in the foreground for people."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn

from b24flow.sandbox.app import create_app
from b24flow.sandbox.seed import demo_organisation


def _config(app: Any, level: str) -> uvicorn.Config:
    return uvicorn.Config(app, log_level=level, proxy_headers=False, lifespan="off", ws="none")


class SandboxServer:
    """A sandbox on 127.0.0.1 in a thread of its own; a context manager.

    `url` has no trailing slash; `webhook_url` is the first webhook of the seed and ends with one.
    """

    def __init__(
        self, port: int = 0, seed: dict[str, Any] | None = None, *, data: Path | None = None
    ) -> None:
        self._seed = seed if seed is not None else demo_organisation()
        self._app = create_app(self._seed, data=data)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = uvicorn.Server(_config(self._app, "error"))
        self._thread = threading.Thread(target=self._run, name="b24flow-sandbox", daemon=True)

    @property
    def webhook_url(self) -> str:
        """The address of the seed's first webhook."""
        hook = self._seed["webhooks"][0]
        return f"{self.url}/rest/{hook['user_id']}/{hook['code']}/"

    def start(self) -> SandboxServer:
        """Start serving; returns when the port answers."""
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """Stop serving and close the port."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(timeout=10)
        self._socket.close()
        self._app.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> SandboxServer:
        """Start serving."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving."""
        self.stop()


def serve(
    host: str,
    port: int,
    seed: dict[str, Any] | None = None,
    *,
    data: Path | None = None,
    ready: Callable[[str, str], None] | None = None,
) -> None:
    """Run a sandbox in the foreground until it is interrupted.

    With `data` it is kept in that file; raises DataFileError for a file that cannot be used. `ready`
    is told the portal's address and that of its first webhook ("" without one) when the port is open.
    """
    app = create_app(seed, data=data)
    server = uvicorn.Server(_config(app, "warning"))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        if ready is not None:
            url = f"http://{host}:{listener.getsockname()[1]}"
            ready(url, app.webhook(url))
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how a person stops it
            server.run(sockets=[listener])
    app.close()
