"""The check of a handler's address, the same for events, placements and field types.

Facts: settings/cloud-and-on-premise/network-access.md. A box looks at the text only: the scheme and
a dot in the host; whether anybody answers there is not asked.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from b24flow.sandbox.wire import RestError


def check_handler(url: str) -> None:
    """Refuse an address that is not http(s) or whose host has no dot (`localhost`)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise _wrong() from error
    if parts.scheme not in ("http", "https"):
        raise RestError("ERROR_UNSUPPORTED_PROTOCOL", "Unsupported event handler protocol")
    if "." not in host.strip(".") and ":" not in host:
        raise _wrong()


def _wrong() -> RestError:
    return RestError("ERROR_WRONG_HANDLER_URL", "Wrong handler URL")


def no_argument(name: str) -> RestError:
    """Build the answer to an absent argument of the methods older than the controllers."""
    return RestError("ERROR_ARGUMENT", f"Argument '{name}' is null or empty", argument=name)
