"""Applications on the page: their own page, what they put into menus, and how a frame is opened.

Facts: api-reference/widgets/**, sdk/bx24-js-sdk/**. The browser asks for an opening when the person
comes to the place, so every opening has fresh tokens; then it posts the form itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from b24flow.sandbox.model import apps, placements
from b24flow.sandbox.model.apps import LANGUAGE
from b24flow.sandbox.model.entities import App, Employee, PlacementBinding
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.acts import Act, Form
from b24flow.sandbox.page.session import RefusedError, employee_of, refuse, render
from b24flow.sandbox.placements import MAIN_PAGE, placement_post, repeat_open
from b24flow.sandbox.wire import as_int, as_map, parse_query

_RELOADED = re.compile(r"CRM_\w+_(DETAIL_TAB|DETAIL_ACTIVITY|LIST_MENU)")


def place_routes(portal: Portal) -> list[BaseRoute]:
    """Return the addresses the page's script calls to open a frame and to keep it going."""
    return [
        Route("/as/app/open", _asked(portal, _open), methods=["POST"]),
        Route("/as/app/refresh", _asked(portal, _refresh), methods=["POST"]),
    ]


def _asked(portal: Portal, do: Callable[[Portal, Employee, Form, str], Form]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        async with request.form() as posted:
            form = {key: str(value) for key, value in posted.multi_items()}
        base_url = portal.public_url or str(request.base_url).rstrip("/")

        def run() -> Response:
            with portal.lock:
                try:
                    return JSONResponse({"ok": True, **do(portal, _viewer(portal, request), form, base_url)})
                except RefusedError as error:
                    return refuse(portal, request, error)

        return await run_in_threadpool(run)

    return endpoint


def _viewer(portal: Portal, request: Request) -> Employee:
    me = employee_of(portal, request)
    if me is None:
        raise RefusedError("Выберите действующего сотрудника")
    return me


def _app(portal: Portal, me: Employee, number: int) -> App:
    app = portal.state.apps.get(number)
    if app is None:
        raise RefusedError("Приложение не найдено: возможно, его удалили", 404)
    if not apps.may_open(app, me):
        raise RefusedError("У вас нет доступа к этому приложению")
    return app


def _binding(portal: Portal, me: Employee, number: int) -> PlacementBinding:
    row = portal.state.placements.get(number)
    if row is None or row not in placements.shown(portal, me, row.placement):
        raise RefusedError("Приложение больше не показывается в этом месте", 404)
    return row


def _open(portal: Portal, me: Employee, form: Form, base_url: str) -> Form:
    """`binding`, or `app` with `placement`; `options` as JSON, `uri` of the page, `install`."""
    options = _options(form)
    row = _binding(portal, me, as_int(form["binding"])) if form.get("binding") else None
    app = _app(portal, me, row.app_id if row else as_int(form.get("app")))
    place = row.placement if row else MAIN_PAGE
    if form.get("uri", "").startswith("/"):
        options["URI"] = form["uri"]
    if not (row or app.handler_url or (app.install_url and not app.installed)):
        raise RefusedError("У приложения нет своей страницы", 400)
    url, fields = placement_post(
        portal, app, me, place, options, base_url, handler=row.handler if row else ""
    )
    installing = not app.installed
    return {
        "app": app.id,
        "url": url,
        "fields": fields,
        "sid": parse_qs(urlsplit(url).query)["APP_SID"][0],
        "title": placements.title_of(portal, row) if row else app.title,
        "commands": ["reloadData"] if _RELOADED.fullmatch(place) else [],
        "init": _init(me, app, fields, base_url) | {"INSTALL": installing, "FIRST_RUN": installing},
    }


def _options(form: Form) -> Form:
    try:
        return as_map(json.loads(form.get("options") or "{}"))
    except ValueError as error:
        raise RefusedError("Параметры приложения не читаются", 400) from error


def _init(me: Employee, app: App, fields: dict[str, str], base_url: str) -> Form:
    parts = urlsplit(base_url)
    return {
        "LANG": LANGUAGE,
        "DOMAIN": parts.netloc,
        "PROTOCOL": int(parts.scheme == "https"),
        "PATH": "/rest",
        "AUTH_ID": fields["AUTH_ID"],
        "AUTH_EXPIRES": fields["AUTH_EXPIRES"],
        "REFRESH_ID": fields["REFRESH_ID"],
        "MEMBER_ID": fields["member_id"],
        "IS_ADMIN": me.admin,
        "USER_OPTIONS": app.user_options.get(me.id, {}),
        "APP_OPTIONS": app.options,
        "PLACEMENT": fields["PLACEMENT"],
        "PLACEMENT_OPTIONS": fields.get("PLACEMENT_OPTIONS", ""),
    }


def _refresh(portal: Portal, me: Employee, form: Form, _: str) -> Form:
    """`app`: gives the frame new tokens of the user who looks at it."""
    app = _app(portal, me, as_int(form.get("app")))
    body = {"app": app.id, "user": me.id}
    with portal.deed("open", body):
        token, _session = repeat_open(portal, body)
    left = int((token.expires - portal.clock.now()).total_seconds())
    return {"auth": {"AUTH_ID": token.access, "REFRESH_ID": token.refresh, "AUTH_EXPIRES": str(left)}}


def _option(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`app`, `kind` (`app` or `user`), `name`, `value` as JSON: `BX24.appOption.set`, `userOption.set`."""
    app, name = _app(portal, user, as_int(form.get("app"))), str(form.get("name", ""))
    try:
        value = json.loads(str(form.get("value", "null")))
    except ValueError as error:
        raise RefusedError("Значение настройки не читается", 400) from error
    if form.get("kind") == "app" and not user.admin:
        raise RefusedError("Общие настройки приложения меняет администратор")
    kept = app.options if form.get("kind") == "app" else app.user_options.setdefault(user.id, {})
    kept[name] = value
    return f"/marketplace/app/{app.id}/", {"options": kept}


ACTS: dict[str, Act] = {"app/option": _option}


def app_page(portal: Portal, request: Request, me: Employee) -> Response:
    """Show an application's own page, its installation page, or what it put into the left menu."""
    app = _app(portal, me, int(request.path_params["app"]))
    wanted = as_int(request.query_params.get("placement"))
    row = _binding(portal, me, wanted) if wanted else None
    title = placements.title_of(portal, row) if row else app.title
    return render(portal, request, "app.html", app=app, row=row, title=title, options={})


def app_link(portal: Portal, request: Request, me: Employee) -> Response:
    """Open an application by a deep link; what is inside `params` reaches it."""
    code = str(request.path_params["client"])
    found = apps.by_client(portal.state, code)
    app = _app(portal, me, found.id if found else 0)
    options = as_map(parse_query(request.url.query).get("params"))
    bound = placements.shown(portal, me, placements.APP_URI)
    row = next((one for one in bound if one.app_id == app.id), None)
    return render(portal, request, "app.html", app=app, row=row, title=app.title, options=options)
