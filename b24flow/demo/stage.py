"""The whole service running in this process against a portal: what `b24flow run` runs, on a free port.

The demonstration knows how to start it and where it answers; everything else goes through HTTP.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
from pydantic import SecretStr

from b24flow import bootstrap, serving
from b24flow.demo.box import POLL, Box
from b24flow.errors import B24FlowError, SettingsError
from b24flow.settings import Settings

_PATIENCE_S = 60.0
_NO_ENVIRONMENT = "B24FLOW-DEMO-"
"""No shell can set variables with such a name: whoever has a real installation configured in his
environment must never see the demonstration in its database."""

_LOOK_S = 0.02
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Everything here is plain HTTP on loopback; without this every client, one for each person of the staff,
would read the system's certificates anew. It trusts nobody."""
_OVER = frozenset({"completed", "discarded", "cancelled"})


SETTLE_S = 2.0
"""The sandbox executes a request at once or never; a real box may take minutes after we gave up."""


class Stage:
    """A prepared portal and b24flow beside it; a context manager. `url` is where the pages are."""

    def __init__(
        self, box: Box, webhook: str, data: Path, *, port: int = 0, poll_seconds: float = 0.1,
        report: Callable[[str], None] = lambda _: None, processes: Path | None = None,
    ) -> None:
        self.box = box
        self.settings = Settings(
            _env_prefix=_NO_ENVIRONMENT, webhook_url=SecretStr(webhook), data_dir=data,
            port=port or free_port(), poll_seconds=poll_seconds, settle_seconds=SETTLE_S,
            install="demo", processes_dir=processes,
        )
        self.url = self.settings.public_url
        self.setup_writes = 0
        self._seen = 0
        self._quiet = False
        self._report = report
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._ended = threading.Event()
        self._failure: B24FlowError | None = None
        self._thread: threading.Thread | None = None
        self._http = httpx.Client(base_url=self.url, timeout=30, verify=PLAIN)

    def __enter__(self) -> Stage:
        """Prepare the portal, read its staff and start the service; raises B24FlowError."""
        self._container = bootstrap.build(self.settings)
        try:
            self.setup_writes = self._container.apply_portal(self._report)
            self._container.sync_people()
            self._thread = threading.Thread(target=self._run, name="b24flow-demo")
            self._thread.start()
            self._ready.wait()
            self._raise_failure()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the service and wait for what it is doing."""
        self._close()

    def applied_again(self) -> int:
        """Prepare the portal once more and return how many writes that took."""
        return self._container.apply_portal(lambda _: None)

    def hired(self, surnames: Sequence[str]) -> None:
        """Let the portal's administrator enter new employees, and read the staff anew."""
        for number, surname in enumerate(surnames, start=1):
            self._administer("user.add", {
                "LAST_NAME": surname, "NAME": "Яков", "EMAIL": f"new{number}@profsoyuz.example",
                "WORK_POSITION": "Специалист", "UF_DEPARTMENT": [1]})
        self._container.sync_people()

    def dismissed(self, person: int) -> None:
        """Let the portal's administrator dismiss somebody, and read the staff anew."""
        self._administer("user.update", {"ID": person, "ACTIVE": False})
        self._container.sync_people()

    def _administer(self, method: str, params: Mapping[str, Any]) -> None:
        hook = self.settings.webhook_url
        assert hook is not None, "a stage has its portal"
        httpx.post(f"{hook.get_secret_value()}{method}", json=params, trust_env=False,
                   verify=PLAIN).raise_for_status()

    def busy(self) -> int:
        """Return how many messages and projections wait to be sent."""
        counts = self._http.get("/readyz").json()["outbox"]
        return sum(int(count) for state, count in counts.items() if state not in _OVER)

    def incidents(self) -> int:
        """Return how many incidents wait for a person."""
        return int(self._http.get("/readyz").json()["incidents"])

    def settle(self, *, touched: bool = False) -> None:
        """Wait until the portal is up to date: nothing to send before and after a whole quiet poll.

        `touched`: somebody just did something, perhaps in the portal, where only a poll will see it.

        Raises SettingsError when that takes longer than a minute.
        """
        def quiet() -> bool:
            since = self.mark()
            if self.busy():
                return False
            self.until(lambda: _polls(self.box.calls(since)) > 1, "портал больше не опрашивается")
            return not self.busy() and not requests_of(self.box.calls(since))

        if self._quiet and not touched and not self.busy() and not requests_of(self.box.calls(self._seen)):
            return
        self._quiet = True
        self.until(quiet, "обмен с порталом не заканчивается")

    def mark(self) -> int:
        """Return the number of the last call that the portal received."""
        calls = self.box.calls(self._seen)
        self._seen = int(calls[-1]["seq"]) if calls else self._seen
        return self._seen

    def until(self, reached: Callable[[], bool], otherwise: str) -> None:
        """Wait until something is so; raises SettingsError with `otherwise` after a minute."""
        end = time.monotonic() + _PATIENCE_S
        while not reached():
            self._raise_failure()
            if time.monotonic() > end:
                raise SettingsError(f"Демонстрация остановилась: {otherwise}")
            time.sleep(_LOOK_S)

    def wait(self) -> None:
        """Return when the service has ended, which it does only when it fails or is stopped."""
        # Not by joining: a join that Ctrl-C interrupts takes the thread for ended (Python before 3.13).
        while not self._ended.wait(0.5):
            pass
        self._raise_failure()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            serving.run_all(self._container, self._stop, ready=lambda _: self._ready.set())
        except B24FlowError as error:
            self._failure = error
        finally:
            self._ended.set()
            self._ready.set()

    def _close(self) -> None:
        self._stop.set()
        self._container.wake.ring()
        if self._thread is not None and self._thread.ident is not None:
            self._thread.join()
        self._http.close()
        self._container.close()


def free_port() -> int:
    """Return a port that nobody on this machine uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _polls(rows: list[dict[str, Any]]) -> int:
    return sum(1 for one in rows if one["method"].lower() == POLL)


def requests_of(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the HTTP requests among calls, each as its rows; polls are left out."""
    requests: dict[int, list[dict[str, Any]]] = {}
    for one in rows:
        requests.setdefault(int(one["http_seq"]), []).append(one)
    return [one for one in requests.values() if all(row["method"].lower() != POLL for row in one)]
