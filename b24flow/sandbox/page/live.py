"""What the page loads beside itself: its style and scripts, and the number that says it has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from b24flow.sandbox.model.portal import Portal

_KINDS = {"portal.css": "text/css", "portal.js": "text/javascript", "frame.js": "text/javascript"}


def live_routes(portal: Portal) -> list[BaseRoute]:
    """Return the addresses of the page's own files and of the counter of changes."""
    folder = Path(__file__).parent / "assets"
    files = [Route(f"/_page/{name}", _file(folder / name, kind)) for name, kind in _KINDS.items()]
    return [Route("/_page/changes", _changes(portal)), *files]


def _file(path: Path, kind: str) -> Callable[[Request], Response]:
    content = path.read_bytes()

    def endpoint(_: Request) -> Response:
        return Response(content, media_type=kind, headers={"Cache-Control": "no-cache"})

    return endpoint


def _changes(portal: Portal) -> Callable[[Request], Response]:
    def endpoint(_: Request) -> Response:
        # Not under the portal's lock: a number is read whole, and an old one is read again soon.
        return PlainTextResponse(str(portal.changes), headers={"Cache-Control": "no-store"})

    return endpoint
