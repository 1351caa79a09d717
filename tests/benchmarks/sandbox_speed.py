"""How fast the sandbox is and what it weighs: prints figures, judges nothing.

    python tests/benchmarks/sandbox_speed.py [--items 100000] [--calls 10000]

The sandbox runs in a process of its own, so its processor time and memory are its alone; calls go
one after another over one kept connection, and `per core` counts the server's own processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import sys
from b24flow.sandbox.server import SandboxServer
with SandboxServer() as server:
    print(server.webhook_url, flush=True)
    sys.stdin.read()
"""
ETID = 1046


class Line:
    """One kept connection to the sandbox; as little work per call as a client can have."""

    def __init__(self, webhook_url: str) -> None:
        host, _, path = webhook_url.removeprefix("http://").partition("/")
        name, _, port = host.partition(":")
        self._path = f"/{path}"
        self._socket = socket.create_connection((name, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def call(self, method: str, params: Any) -> bytes:
        """Return the body of the answer."""
        body = json.dumps(params).encode()
        head = (
            f"POST {self._path}{method} HTTP/1.1\r\nHost: box\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + body)
        status, length = self._file.readline(), 0
        while line := self._file.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        answer = self._file.read(length)
        if b" 200 " not in status:
            raise RuntimeError(answer.decode())
        return answer

    def result(self, method: str, params: Any) -> Any:
        """Return the result of the answer."""
        return json.loads(self.call(method, params))["result"]


@contextmanager
def running() -> Iterator[tuple[int, Line]]:
    """Run a sandbox; give its process id and a line to it."""
    command = [sys.executable, "-c", SERVER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:  # type: ignore[call-overload]
        yield process.pid, Line(process.stdout.readline().strip())
        process.stdin.close()


def processor_seconds(pid: int) -> float:
    """Return the processor time a process has used, seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Return the resident memory of a process, MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


def fill(line: Line, items: int) -> None:
    """Make a smart process with `items` elements by batches of 50."""
    flags = {"isStagesEnabled": "Y"}
    line.result("crm.type.add", {"fields": {"title": "Скорость", "entityTypeId": ETID, **flags}})
    for first in range(0, items, 50):
        commands = [
            f"crm.item.add?entityTypeId={ETID}&fields[title]=Документ {n}&fields[xmlId]=x{n}"
            for n in range(first, min(first + 50, items))
        ]
        line.result("batch", {"halt": 1, "cmd": commands})


def rate(line: Line, pid: int, name: str, calls: list[tuple[str, Any]]) -> None:
    """Print calls per second by the clock and by the server's processor time."""
    began, used = time.perf_counter(), processor_seconds(pid)
    for method, params in calls:
        line.call(method, params)
    spent, used = time.perf_counter() - began, processor_seconds(pid) - used
    each = 1000 * spent / len(calls)
    per_core = len(calls) / used if used else float("inf")
    print(f"{name:44} {len(calls) / spent:9.0f}/s {per_core:9.0f}/s per core {each:8.2f} ms")


def page_after(field: str, value: Any) -> tuple[str, Any]:
    """Return a keyset page of items."""
    params = {"entityTypeId": ETID, "filter": {f">{field}": value}, "order": {field: "ASC"},
              "start": -1}  # fmt: skip
    return "crm.item.list", params


def measure(items: int, calls: int) -> None:
    """Run the whole benchmark."""
    with running() as (pid, line):
        print(f"memory of an empty sandbox: {memory(pid)} MB")
        rate(line, pid, "server.time", [("server.time", {})] * calls)
        began = time.perf_counter()
        fill(line, items)
        spent = time.perf_counter() - began
        print(f"{items} items in {spent:.1f} s by batches, memory {memory(pid)} MB")
        rate(line, pid, "crm.item.get", [("crm.item.get", {"entityTypeId": ETID, "id": items})] * calls)
        new = {"entityTypeId": ETID, "fields": {"title": "ещё один"}}
        rate(line, pid, "crm.item.add", [("crm.item.add", new)] * (calls // 2))
        for name, position in (("start", 0), ("middle", items // 2), ("end", items - 60)):
            rate(line, pid, f"page >id at the {name}", [page_after("id", position)] * 100)
        counted = page_after("id", items - 60)[1] | {"start": 0}
        rate(line, pid, "page >id at the end, with total", [("crm.item.list", counted)] * 100)
        by_code = {"entityTypeId": ETID, "filter": {"=xmlId": f"x{items - 1}"}, "start": -1}
        rate(line, pid, "items by xmlId", [("crm.item.list", by_code)] * 100)
        rate(line, pid, "page >updatedTime (nothing new)", [page_after("updatedTime", "2099-01-01")] * 100)
        print(f"memory at the end: {memory(pid)} MB")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=10_000)
    given = parser.parse_args()
    measure(given.items, given.calls)


if __name__ == "__main__":
    main()
