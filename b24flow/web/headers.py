"""The security headers of every answer, error pages included.

Nothing here runs scripts or loads anything from elsewhere, so the policy forbids both. Addresses may
hold a personal ticket, so no referrer is ever sent. Personal pages are not kept by any cache.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STATIC = "/static/"


def put_headers(headers: MutableHeaders, path: str, portal_origin: str) -> None:
    """Add the security headers to an answer; only our style sheet may be cached."""
    ancestors = " ".join(part for part in ("'self'", portal_origin) if part)
    headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {ancestors}"
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if path.startswith(_STATIC):
        headers["Cache-Control"] = "public, max-age=86400"
    else:
        headers["Cache-Control"] = "no-store"


class SecurityHeaders:
    """Middleware that adds the headers as an answer begins."""

    def __init__(self, app: ASGIApp, portal_origin: str) -> None:
        self._app = app
        self._portal_origin = portal_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, the answer with its headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                put_headers(MutableHeaders(scope=message), scope["path"], self._portal_origin)
            await send(message)

        await self._app(scope, receive, sending)
