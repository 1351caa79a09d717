"""After every accepted change whoever sends to the portal looks at once, not at the next poll."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class Waking:
    """Middleware: whatever was posted may have left something to be sent, so it rings afterwards."""

    def __init__(self, app: ASGIApp, ring: Callable[[], None]) -> None:
        self._app = app
        self._ring = ring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, then ring."""
        try:
            await self._app(scope, receive, send)
        finally:
            if scope["type"] == "http" and scope["method"] == "POST":
                self._ring()
