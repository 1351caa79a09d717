"""Where letters are handed over and from whom they come: `B24FLOW_SMTP_URL` and `B24FLOW_MAIL_FROM` read."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from b24flow.core.addresses import AddressError, read_address

PORTS = {"smtp": 25, "starttls": 587, "smtps": 465}
"""Scheme → usual port; `smtp` never encrypts, `starttls` insists on it, `smtps` begins with it (RFC 8314)."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The mail server of the organisation; no `user`: it takes letters without a login."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who letters come from."""

    address: str
    name: str = ""


def server_of(url: str) -> MailServer:
    """Return the server that a URL names; raises ValueError with a Russian sentence that shows no secret."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("порт почтового сервера — число от 1 до 65535") from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise ValueError("адрес должен иметь вид starttls://логин:пароль@smtp.example.org:587; "
                         "вместо starttls бывает smtps и smtp")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("логин и пароль почтового сервера задаются вместе")
    if user and parts.scheme == "smtp" and parts.hostname not in _LOOPBACK:
        raise ValueError("пароль не передаётся открытым текстом: нужен starttls:// или smtps://")
    return MailServer(scheme=parts.scheme, host=parts.hostname, port=port or PORTS[parts.scheme], user=user,
                      password=password)


def sender_of(text: str, name: str = "") -> Sender:
    """Return the sender written as `адрес` or `Имя <адрес>`; raises ValueError in Russian."""
    said, bracket, _ = text.partition("<")
    try:
        address = read_address(text.strip())
    except AddressError as error:
        raise ValueError(str(error)) from None
    own = " ".join(said.replace('"', " ").split()) if bracket else ""
    return Sender(address=address, name=own or name)
