"""The authorisation server, which for this portal is the portal itself.

Facts: settings/oauth/**. The authorisation page belongs to the portal, the token address to the
server; here both answer on one port. The documentation gives no HTTP statuses of refusals: 400,
and 401 for `invalid_client`, are those of RFC 6749, which the server follows otherwise.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from b24flow.sandbox.model import apps
from b24flow.sandbox.model.entities import App, Employee, Token
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.session import RefusedError, employee_of, refuse, render
from b24flow.sandbox.wire import RestError, parse_query

Params = dict[str, Any]


def oauth_routes(portal: Portal) -> list[BaseRoute]:
    """Return the addresses of the portal's authorisation page and of the token server."""
    table = [("authorize", _authorize), ("token", _token)]
    return [
        Route(f"/oauth/{name}{slash}", make(portal), methods=["GET", "POST"])
        for name, make in table
        for slash in ("", "/")
    ]


def _authorize(portal: Portal) -> Any:
    async def endpoint(request: Request) -> Response:
        given = {key: str(value) for key, value in request.query_params.items()}
        base_url = portal.public_url or str(request.base_url).rstrip("/")
        with portal.lock:
            user = employee_of(portal, request)
            if user is None:
                return render(portal, request, "choose.html", back=f"{request.url.path}?{request.url.query}")
            try:
                app = _permitted(portal, given.get("client_id", ""), user)
                body = {"app": app.id, "user": user.id}
                with portal.deed("code", body):
                    code = repeat_code(portal, body)
            except RefusedError as error:
                return refuse(portal, request, error)
        return RedirectResponse(_back(portal, app, code, given.get("state"), base_url), status_code=302)

    return endpoint


def repeat_code(portal: Portal, body: Params) -> str:
    """Make a code for a user in an application; again when a kept portal is read."""
    app, user = portal.state.apps[body["app"]], portal.state.users[body["user"]]
    return apps.make_code(portal, app, user).code


def _permitted(portal: Portal, client_id: str, user: Employee) -> App:
    app = apps.by_client(portal, client_id)
    if app is None or not app.installed:
        raise RefusedError("Приложение не установлено на этом портале", 400)
    if not apps.may_open(app, user):
        raise RefusedError("У вас нет доступа к этому приложению")
    if not app.handler_url:
        raise RefusedError("В карточке приложения не указан адрес возврата", 400)
    return app


def _back(portal: Portal, app: App, code: str, state: str | None, base_url: str) -> str:
    host = apps.domain(base_url)
    given = {
        "code": code,
        "state": state,
        "domain": host,
        "member_id": apps.member_id(portal),
        "scope": ",".join(app.scopes),
        "server_domain": host,
    }
    query = urlencode({key: value for key, value in given.items() if value is not None})
    return app.handler_url + ("&" if "?" in app.handler_url else "?") + query


def _token(portal: Portal) -> Any:
    async def endpoint(request: Request) -> Response:
        given = parse_query(request.url.query)
        if request.method == "POST":
            given |= parse_query((await request.body()).decode(errors="replace"))
        base_url = portal.public_url or str(request.base_url).rstrip("/")
        try:
            with portal.deed("token", given):
                app, token = _exchange(portal, given)
                return JSONResponse(apps.token_block(portal, app, token, base_url))
        except RestError as error:
            return JSONResponse(error.body(), status_code=error.status)

    return endpoint


def repeat_token(portal: Portal, body: Params) -> None:
    """Do an exchange again when a kept portal is read; what was refused is refused again."""
    try:
        _exchange(portal, body)
    except RestError:
        return


def _exchange(portal: Portal, given: Params) -> tuple[App, Token]:
    kind = given.get("grant_type")
    what = {"authorization_code": "code", "refresh_token": "refresh_token"}.get(str(kind), "")
    if not what or not isinstance(given.get(what), str):
        raise RestError("invalid_request", "Invalid authorization request")
    app = apps.by_client(portal, str(given.get("client_id", "")))
    if app is None or not apps.same(app.client_secret, str(given.get("client_secret", ""))):
        raise RestError("invalid_client", "Invalid client data", 401)
    if what == "refresh_token":
        token = apps.renew(portal, app, given[what])
    else:
        user = apps.take_code(portal, app, given[what])
        token = apps.issue(portal, app, user) if user else None
    if token is None:
        raise RestError("invalid_grant", "Invalid grant")
    return app, token
