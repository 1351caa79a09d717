"""Handing a letter over to the mail server (RFC 5321), so that afterwards it is known what is certain.

`smtplib` has one method for the whole of DATA, after whose failure nobody can tell whether the letter was
taken. Here its end, the line with the dot, is sent by itself: without it a server must forget the letter
(§4.1.1.10), after it only its answer tells (§4.2.5, §6.1).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from b24flow.core.addresses import wire
from b24flow.core.ports import Mail, MailEnding, MailOutcome
from b24flow.mail.message import compose
from b24flow.mail.server import MailServer, Sender

_NEEDS_LOGIN = frozenset({530, 534, 535, 538})  # RFC 4954 §6: answers about the login, not about the letter
_NO_ANSWER = 0
_TEXT_LIMIT = 300


class _NotTakenError(Exception):
    """The letter was surely not taken; `blocked`: it will not be until somebody mends the settings."""

    def __init__(self, text: str, *, blocked: bool = False) -> None:
        super().__init__(text)
        self.blocked = blocked


class SmtpMailer:
    """The way out through one mail server. `timeout`: of a step, seconds; `last`: of the answer to the dot.

    The answer to the dot is worth waiting for (§4.5.3.2.6 asks for ten minutes): whoever gives up earlier
    makes doubts. Longer than two minutes and the service could not be stopped in reasonable time.
    """

    def __init__(
        self, server: MailServer, sender: Sender, *, timeout: float = 30.0, last: float = 120.0,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._sender = sender
        self._timeout = timeout
        self._last = last
        self._trust = trust

    def send(self, mail: Mail) -> MailOutcome:
        """Hand a letter over; see `core.ports.MailEnding` for what is certain afterwards."""
        content = compose(mail, self._sender)
        try:
            with self._session() as smtp:
                return self._deliver(smtp, mail.recipients, content)
        except _NotTakenError as error:
            ending = MailEnding.BLOCKED if error.blocked else MailEnding.UNAVAILABLE
            return MailOutcome(ending=ending, text=str(error))

    def check(self) -> str:
        """Connect, encrypt, log in, leave; say what failed."""
        try:
            with self._session():
                return ""
        except _NotTakenError as error:
            return str(error)

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """Give a session ready for MAIL; whatever the network does inside means: surely not taken."""
        where = f"{self._server.host}:{self._server.port}"
        try:
            smtp = self._connected()
            try:
                self._greet(smtp)
                yield smtp
                _leave(smtp)
            finally:
                smtp.close()
        except ssl.SSLCertVerificationError as error:
            said = f"сертификат почтового сервера {where} не проходит проверку: {error.verify_message}"
            raise _NotTakenError(said, blocked=True) from error
        except smtplib.SMTPResponseException as error:
            said = f"почтовый сервер {where} отказал: {_words(error.smtp_code, error.smtp_error)}"
            raise _NotTakenError(said, blocked=error.smtp_code >= 500) from error
        except smtplib.SMTPServerDisconnected as error:
            raise _NotTakenError(f"почтовый сервер {where} прервал связь: {error}") from error
        except smtplib.SMTPException as error:
            said = f"почтовый сервер {where} не умеет того, что требуют настройки: {error}"
            raise _NotTakenError(said, blocked=True) from error
        except OSError as error:  # smtplib's own errors are of this family, so it comes last
            raise _NotTakenError(f"нет связи с почтовым сервером {where}: {error}") from error

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        # Without a name smtplib looks its own one up in the DNS, which may take as long as the letter.
        own = wire(self._sender.address).rpartition("@")[2]
        if server.scheme == "smtps":
            return smtplib.SMTP_SSL(server.host, server.port, own, timeout=self._timeout, context=self._tls())
        return smtplib.SMTP(server.host, server.port, own, timeout=self._timeout)

    def _tls(self) -> ssl.SSLContext:
        return self._trust or ssl.create_default_context()

    def _greet(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self._server.scheme == "starttls":
            smtp.starttls(context=self._tls())
            smtp.ehlo()
        if self._server.user:
            smtp.login(self._server.user, self._server.password)

    def _deliver(self, smtp: smtplib.SMTP, recipients: Sequence[str], content: bytes) -> MailOutcome:
        limit = smtp.esmtp_features.get("size", "")
        if limit.isdigit() and 0 < int(limit) < len(content):
            said = (f"письмо с файлами больше, чем принимает почтовый сервер "
                    f"({len(content) >> 20} МБ из {int(limit) >> 20} МБ)")
            return _answered(refused=dict.fromkeys(recipients, said))
        options = [f"SIZE={len(content)}"] if "size" in smtp.esmtp_features else []
        code, reply = smtp.mail(wire(self._sender.address), options)
        if code in _NEEDS_LOGIN:
            raise smtplib.SMTPResponseException(code, reply)
        if code >= 500:
            return _answered(refused=dict.fromkeys(recipients, _words(code, reply)))
        if code != 250:
            raise _NotTakenError(_words(code, reply))
        taken, refused, deferred = self._envelope(smtp, recipients)
        if not taken:
            return _answered(refused=refused, text=deferred)
        return self._data(smtp, taken, refused, deferred, content)

    @staticmethod
    def _envelope(
        smtp: smtplib.SMTP, recipients: Sequence[str]
    ) -> tuple[list[str], dict[str, str], str]:
        """Name the recipients; return whom the server takes, whom it refuses, why others must wait."""
        taken: list[str] = []
        refused: dict[str, str] = {}
        deferred = ""
        for one in recipients:
            code, reply = smtp.rcpt(wire(one))
            if code in {250, 251, 252}:
                taken.append(one)
            elif code == 421:
                raise _NotTakenError(_words(code, reply))
            elif code >= 500:
                refused[one] = _words(code, reply)
            else:
                deferred = f"{one}: {_words(code, reply)}"
        return taken, refused, deferred

    def _data(
        self, smtp: smtplib.SMTP, taken: Sequence[str], refused: dict[str, str], deferred: str,
        content: bytes,
    ) -> MailOutcome:
        code, reply = smtp.docmd("DATA")
        if code == 354:
            smtp.send(re.sub(rb"(?m)^\.", b"..", content))
            code, reply = self._end(smtp)
        if 400 <= code < 500:
            return _answered(refused=refused, text=_words(code, reply))
        said = dict.fromkeys(taken, _words(code, reply))
        if code == 250:
            return _answered(accepted=said, refused=refused, text=deferred)
        if 500 <= code < 600:
            return _answered(refused={**refused, **said}, text=deferred)
        return _answered(refused=refused, doubtful=said, text=deferred)

    def _end(self, smtp: smtplib.SMTP) -> tuple[int, bytes]:
        """Send the dot and return the answer; code 0 when there was none, -1 when it is unreadable."""
        assert smtp.sock is not None, "the session is open"
        smtp.sock.settimeout(self._last)
        smtp.send(b".\r\n")  # a failure here still means that the line was not sent whole
        try:
            return smtp.getreply()
        except (OSError, smtplib.SMTPException):
            return _NO_ANSWER, "связь с почтовым сервером прервалась до его ответа".encode()


def _leave(smtp: smtplib.SMTP) -> None:
    """Say goodbye; how it is taken changes nothing."""
    try:
        smtp.quit()
    except (OSError, smtplib.SMTPException):
        return


def _answered(**said: Any) -> MailOutcome:
    return MailOutcome(ending=MailEnding.ANSWERED, **said)


def _words(code: int, reply: bytes | str) -> str:
    """Return a server's answer as one line of printable text."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    printable = "".join(char if char.isprintable() else " " for char in text)
    said = " ".join(printable.split())
    return (f"{code} {said}" if code > 0 else said)[:_TEXT_LIMIT]
