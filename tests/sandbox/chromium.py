"""A tab of a headless Chromium, driven through its debugging socket with nothing but the standard library."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_S = 60
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-port=0", "--window-size=1280,900",
]  # fmt: skip

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("TEST_REQUIRE_CHROMIUM"),
    reason="no Chromium on this machine; TEST_REQUIRE_CHROMIUM=1 makes this a failure",
)


class Tab:
    """One page: goes to addresses, evaluates JavaScript, waits until something is true."""

    def __init__(self, port: int, path: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        key = base64.b64encode(os.urandom(16)).decode()
        hello = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self._socket.sendall(hello.encode())
        self._stream = self._socket.makefile("rb")
        while self._stream.readline() not in (b"\r\n", b""):
            pass
        self._number = 0
        self.errors: list[str] = []
        self._ask("Runtime.enable")

    def go(self, address: str) -> None:
        self._ask("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && location.protocol === 'http:'")

    def run(self, script: str) -> Any:
        """Evaluate an expression; a promise is waited for."""
        told = self._ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, (script, told["exceptionDetails"])
        return told["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE_S
        while not self.run(f"Boolean({condition})"):
            assert time.monotonic() < end, f"never true: {condition}"

    def close(self) -> None:
        self._stream.close()
        self._socket.close()

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        self._send(json.dumps({"id": self._number, "method": method, "params": params}).encode())
        while True:
            told = self._receive()
            if told.get("method") == "Runtime.exceptionThrown":
                self.errors.append(json.dumps(told["params"]["exceptionDetails"]))
            if told.get("id") == self._number:
                assert "error" not in told, told
                result: dict[str, Any] = told["result"]
                return result

    def _send(self, body: bytes) -> None:
        mask, size = os.urandom(4), len(body)
        head = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
        if size > 0xFFFF:
            head = b"\xff" + struct.pack(">Q", size)
        masked = bytes(one ^ mask[place % 4] for place, one in enumerate(body))
        self._socket.sendall(b"\x81" + head + mask + masked)

    def _receive(self) -> dict[str, Any]:
        size = self._stream.read(2)[1] & 127
        if size == 126:
            size = struct.unpack(">H", self._stream.read(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self._stream.read(8))[0]
        told: dict[str, Any] = json.loads(self._stream.read(size))
        return told


@contextmanager
def tab(profile: Path) -> Iterator[Tab]:
    """Run a browser with a profile of its own until the block ends."""
    assert CHROMIUM is not None, "TEST_REQUIRE_CHROMIUM is set, but there is no Chromium"
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = _port(profile / "DevToolsActivePort")
        with urlopen(f"http://127.0.0.1:{port}/json") as told:
            pages = [one for one in json.load(told) if one["type"] == "page"]
        made = Tab(port, pages[0]["webSocketDebuggerUrl"].split(str(port), 1)[1])
        yield made
        made.close()
    finally:
        run.terminate()
        run.wait(PATIENCE_S)


def _port(file: Path) -> int:
    end = time.monotonic() + PATIENCE_S
    while not (file.exists() and "\n" in file.read_text()):
        assert time.monotonic() < end, "Chromium did not start"
        time.sleep(0.05)
    return int(file.read_text().split("\n")[0])
