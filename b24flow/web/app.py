"""The web application: pages and API for employees, and the two addresses that a watchman asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles

from b24flow.errors import B24FlowError
from b24flow.services.office import Office
from b24flow.store import people
from b24flow.web import actions, api, compare, entrance, failures, pages, renditions, reserved, substitutes
from b24flow.web.headers import SecurityHeaders
from b24flow.web.site import HERE, Site, build_site, site_of

Health = Callable[[], Mapping[str, Any]]


def create_app(
    office: Office, *, portal_url: str, secure_cookies: bool, health: Health | None = None
) -> FastAPI:
    """Return the web side of an office.

    `portal_url`: whose pages may show ours in a frame. `secure_cookies`: the site is reached by https.
    `health` tells `/readyz` what the other loops are doing; its key `ok`, when false, makes the answer
    503. The server that runs the application must not log addresses: links hold personal tickets.
    """
    app = FastAPI(title="b24flow", docs_url=None, redoc_url=None, openapi_url=None)
    site = build_site(office, portal_url=portal_url, secure_cookies=secure_cookies)
    app.state.site = site
    app.state.health = health
    failures.install(app)
    app.add_middleware(SecurityHeaders, portal_origin=site.portal_origin)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.add_api_route("/livez", _alive, methods=["GET"])
    app.add_api_route("/readyz", _ready, methods=["GET"])
    renditions.install(app, site)
    # «/documents/new/…» must be tried before a document's own address.
    for router in (api.router, entrance.router, actions.router, compare.router,
                   substitutes.router, reserved.router, pages.router):
        app.include_router(router)
    return app


def _alive() -> Response:
    """Answer that the process serves requests."""
    return JSONResponse({"ok": True})


def _ready(request: Request) -> Response:
    """Answer whether work can be done: the database reads, and what else the service reports."""
    site: Site = site_of(request)
    health: Health | None = request.app.state.health
    try:
        with site.office.database.reading() as unit:
            people.substitutions(unit)
        report = dict(health()) if health is not None else {}
    except B24FlowError as error:
        return JSONResponse({"ok": False, "error": error.code}, status_code=503)
    body = {"ok": True, **report}
    return JSONResponse(body, status_code=200 if body["ok"] else 503)
