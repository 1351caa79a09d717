"""A mail server on the loopback that keeps what it was given and fails at the place it is told to.

Own and tiny, because the faults are about single bytes of the dialogue: a connection that goes right before
the dot or right after it, an answer that never comes.
"""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any


@dataclass(frozen=True)
class Delivered:
    """A letter that was taken: from whom, for whom, and as it came."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.content, policy=default)
        assert isinstance(found, EmailMessage)
        return found


@dataclass
class MailBox:
    """The server as a test sees it; `answers` are by command, recipients' by `RCPT <address>`."""

    port: int = 0
    letters: list[Delivered] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    drop: str = ""
    features: tuple[str, ...] = ("SIZE 30000000", "8BITMIME")
    sessions: int = 0
    logins: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    hold: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def heal(self) -> None:
        self.answers.clear()
        self.drop = ""


class _Session(socketserver.StreamRequestHandler):
    timeout = 30

    @property
    def box(self) -> MailBox:
        return self.server.box  # type: ignore[attr-defined, no-any-return]

    def setup(self) -> None:
        if self.box.implicit:
            assert self.box.tls is not None
            self.request = self.box.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def handle(self) -> None:
        box = self.box
        box.sessions += 1
        self.sender, self.recipients = "", []
        if box.drop == "greeting":
            return
        self.say(box.answers.get("greeting", "220 mail.test ready"))
        while raw := self.rfile.readline():  # STARTTLS puts another file in its place
            if not self.step(raw.decode("ascii").rstrip("\r\n")):
                return

    def say(self, text: str) -> None:
        self.wfile.write(text.encode("utf-8") + b"\r\n")

    def step(self, line: str) -> bool:
        """Answer one command; False ends the session."""
        word = line.split(":", 1)[0].split(" ", 1)[0].upper()
        box = self.box
        if word == box.drop:
            return False
        if word == "EHLO":
            self.say("\r\n".join(f"250-{one}" for one in ("mail.test", *box.features)) + "\r\n250 HELP")
        elif word == "STARTTLS":
            self.say("220 go ahead")
            assert box.tls is not None
            self.request = box.tls.wrap_socket(self.connection, server_side=True)
            self.rfile.close()
            super().setup()
        elif word == "AUTH":
            box.logins.append(line)
            self.say(box.answers.get("AUTH", "235 welcome"))
        elif word == "RCPT":
            self.recipient(line)
        elif word == "DATA":
            return self.data()
        elif word == "QUIT":
            self.say("221 bye")
            return False
        else:
            if word == "MAIL":
                self.sender, self.recipients = line.partition("<")[2].partition(">")[0], []
            self.say(box.answers.get(word, "250 ok"))
        return True

    def recipient(self, line: str) -> None:
        address = line.partition("<")[2].partition(">")[0]
        answer = self.box.answers.get(f"RCPT {address}", "250 ok")
        if answer.startswith("2"):
            self.recipients.append(address)
        self.say(answer)

    def data(self) -> bool:
        box = self.box
        first = box.answers.get("DATA", "354 go on")
        self.say(first)
        if not first.startswith("354"):
            return True
        lines: list[bytes] = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            lines.append(raw[1:] if raw.startswith(b"..") else raw)
            if box.drop == "before the dot":
                return False
        else:
            return False
        answer = box.answers.get("dot", "250 queued as 42")
        if answer.startswith("2"):
            box.letters.append(Delivered(self.sender, tuple(self.recipients), b"".join(lines)))
        box.reached.set()
        if box.drop == "slow":
            box.hold.wait(30)
        if box.drop in {"after the dot", "slow"}:
            return False
        self.say(answer)
        return True


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = False
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what these tests are about."""


@contextmanager
def mail_box(**more: Any) -> Iterator[MailBox]:
    """Serve until the end of the block."""
    box = MailBox(**more)
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.box = box  # type: ignore[attr-defined]
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield box
        finally:
            box.hold.set()
            server.shutdown()
            thread.join()
