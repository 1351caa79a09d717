"""A loopback server that answers as told, or breaks the connection; and PHP's parse_str."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

import pytest


@dataclass
class Request:
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def method(self) -> str:
        return self.target.partition("?")[0].rsplit("/", 1)[-1]

    @property
    def json(self) -> dict:
        return json.loads(self.body)


def http(
    status: int, body: bytes, *, kind: str = "application/json", extra: str = "", length: int = -1
) -> bytes:
    size = len(body) if length < 0 else length
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n{extra}\r\n"
    return head.encode() + body


def answer(payload: object, status: int = 200) -> bytes:
    return http(status, json.dumps(payload).encode())


Reply = bytes | Callable[[Request], bytes] | None


@dataclass
class Server:
    """Replies by `reply`: bytes, a function of the request, or None to hang until the test ends."""

    reply: Reply = b""
    requests: list[Request] = field(default_factory=list)
    in_flight: int = 0
    peak: int = 0

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.arrived = threading.Semaphore(0)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads: list[threading.Thread] = []
        self.acceptor = threading.Thread(target=self._accept)
        self.acceptor.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/rest/1/s3cr3t-marker/"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self.threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            request = self._read(stream)
            if request is None:
                return
            with self.lock:
                self.requests.append(request)
                self.in_flight += 1
                self.peak = max(self.peak, self.in_flight)
            self.arrived.release()
            reply = self.reply(request) if callable(self.reply) else self.reply
            with self.lock:
                self.in_flight -= 1
            if reply is None:
                self.ended.wait(30)
            elif reply == b"RESET":
                linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            else:
                # one request per connection, and said so: a reuse would race with our closing
                status, mark, rest = reply.partition(b"\r\n")
                close = b"Connection: close\r\n" if status.startswith(b"HTTP/") else b""
                connection.sendall(status + mark + close + rest)

    @staticmethod
    def _read(stream) -> Request | None:  # type: ignore[no-untyped-def]
        first = stream.readline().decode("latin-1").split()
        if len(first) < 2:
            return None
        headers = {}
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        return Request(first[1], headers, body)

    def close(self) -> None:
        if self.ended.is_set():
            return
        self.ended.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.acceptor.join(10)
        for thread in self.threads:
            thread.join(10)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture(scope="session")
def reply() -> Callable[..., bytes]:
    return answer


@pytest.fixture(scope="session")
def raw_reply() -> Callable[..., bytes]:
    return http


@pytest.fixture(scope="session")
def parse_str() -> Callable[[str], dict]:
    return php_parse_str


def php_parse_str(query: str) -> dict:
    """PHP's parse_str, written from its manual: bracket names, numeric keys, the last one wins."""
    parsed: dict = {}
    for pair in query.split("&") if query else []:
        raw_name, _, raw_value = pair.partition("=")
        name, value = unquote_plus(raw_name).lstrip(" "), unquote_plus(raw_value)
        head, bracket, rest = name.partition("[")
        path: list[str] = [re.sub(r"[. ]", "_", head)]
        while bracket and "]" in rest:
            part, _, rest = rest.partition("]")
            path.append(part)
            bracket, rest = rest[:1], rest[1:]
            if bracket != "[":
                break
        node = parsed
        for step, part in enumerate(path):
            key = str(len(node)) if part == "" else part
            if step == len(path) - 1:
                node[key] = value
            else:
                child = node.get(key)
                node = node.setdefault(key, {}) if isinstance(child, dict | None) else node
    return parsed
