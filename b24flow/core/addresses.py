"""E-mail addresses as people type them: strictly checked, doubles merged, safe in any header.

Decided: the part before the @ is ASCII (RFC 5321 dot-string, no quotes): one in Cyrillic needs SMTPUTF8
(RFC 6531) at every server on the way, and most refuse it. The domain may be in any script; it is kept as
people read it, `wire` gives its form for the protocol (punycode). Letter case never tells two boxes apart.
"""

from __future__ import annotations

import re

MAX_ADDRESSES = 20
"""More is a mailing, not a letter: mail servers count it against the sender."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NAMED = re.compile(r"[^<>@]*<([^<>]*)>")
_MAX_LOCAL, _MAX_ADDRESS = 64, 254  # RFC 5321 §4.5.3.1.1, and §4.5.3.1.3 less the angle brackets


class AddressError(Exception):
    """The text is no list of addresses; it says in Russian which part is wrong and why."""


def read_addresses(text: str) -> tuple[str, ...]:
    """Return the addresses of a text, one per line or after a comma or semicolon; `Имя <адрес>` is read too.

    Raises AddressError with everything that is wrong at once.
    """
    said = [one.strip() for one in re.split(r"[,;\n]", text) if one.strip()]
    found: dict[str, str] = {}
    wrong: list[str] = []
    for one in said:
        try:
            address = read_address(one)
        except AddressError as error:
            wrong.append(str(error))
        else:
            found.setdefault(address.casefold(), address)
    if wrong:
        raise AddressError("; ".join(dict.fromkeys(wrong[:5])))
    if len(found) > MAX_ADDRESSES:
        raise AddressError(f"не больше {MAX_ADDRESSES} получателей в одном письме, сейчас {len(found)}")
    return tuple(found.values())


def read_address(text: str) -> str:
    """Return one address with its domain in lower case; raises AddressError."""
    named = _NAMED.fullmatch(text)
    address = (named[1] if named else text).strip()
    local, at, domain = address.rpartition("@")
    shown = f"«{text[:60]}»"
    if not at or not local or not domain:
        raise AddressError(f"{shown} — это не адрес электронной почты, пример: office@example.ru")
    if not local.isascii():
        raise AddressError(f"{shown}: до знака @ должны быть латинские буквы и цифры, "
                           "ящики с кириллицей почтовые серверы не принимают")
    if len(local) > _MAX_LOCAL or not _LOCAL.fullmatch(local):
        raise AddressError(f"{shown}: проверьте часть адреса до знака @")
    domain = domain.lower()
    if not _proper(domain) or len(wire(f"{local}@{domain}")) > _MAX_ADDRESS:
        raise AddressError(f"{shown}: проверьте часть адреса после знака @")
    return f"{local}@{domain}"


def wire(address: str) -> str:
    """Return a checked address in ASCII, its domain in punycode (RFC 5891)."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def _proper(domain: str) -> bool:
    """Tell whether a domain has a name's form: two labels at least, the last one no number."""
    try:
        labels = domain.encode("idna").decode("ascii").lower().split(".")
    except UnicodeError:
        return False
    return len(labels) > 1 and not labels[-1].isdigit() and all(_LABEL.fullmatch(one) for one in labels)
