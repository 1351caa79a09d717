"""The authorisation server, which for this portal is the portal itself.

Facts: settings/oauth/**. The authorisation page belongs to the portal, the token address to the
server; here both answer on one port. A client that insists on the vendor's servers may resolve
their names to the sandbox: a request that names one of them is answered as the server, whose
`app.info` is not the portal's.

The documentation gives no HTTP statuses of the server's refusals; those here, 400 and 403, are what
the vendor's own client (b24pysdk) expects.
"""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from b24flow.sandbox.model import apps, tokens
from b24flow.sandbox.model.entities import App, Employee, Token
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.secrets import member_id, same
from b24flow.sandbox.page.session import RefusedError, employee_of, refuse, render
from b24flow.sandbox.wire import RestError, parse_query

Params = dict[str, Any]
SERVERS = ("oauth.bitrix.info", "oauth.bitrix24.tech")


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
        with portal.lock:
            user = employee_of(portal, request)
            if user is None:
                back = f"{request.url.path}?{request.url.query}"
                return render(portal, request, "choose.html", back=back)
            try:
                app = _permitted(portal, given.get("client_id", ""), user)
            except RefusedError as error:
                return refuse(portal, request, error)
            body = {"app": app.id, "user": user.id}
            with portal.deed("code", body):
                code = repeat_code(portal, body)
        return RedirectResponse(_back(portal, app, code, given.get("state")), status_code=302)

    return endpoint


def repeat_code(portal: Portal, body: Params) -> str:
    """Make a code for a user in an application; again when a kept portal is read back."""
    app, user = portal.state.apps[body["app"]], portal.state.users[body["user"]]
    return tokens.make_code(portal, app, user).code


def _permitted(portal: Portal, client_id: str, user: Employee) -> App:
    app = apps.by_client(portal.state, client_id)
    if app is None or not app.installed:
        raise RefusedError("Приложение не установлено на этом портале", 400)
    if not apps.may_open(app, user):
        raise RefusedError("У вас нет доступа к этому приложению")
    if not app.handler_url:
        raise RefusedError("В карточке приложения не указан адрес, на который вернуться", 400)
    return app


def _back(portal: Portal, app: App, code: str, state: str | None) -> str:
    host = tokens.domain(portal.address)
    given = {
        "code": code,
        "state": state,
        "domain": host,
        "member_id": member_id(portal.state),
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
        server = str(request.base_url).rstrip("/") if at_server(request) else portal.address
        with portal.deed("token", given):  # a refusal is an answer too: it may use a code up
            try:
                token = exchange(portal, given)
                return JSONResponse(tokens.token_block(portal, token, server, portal.address))
            except RestError as error:
                return JSONResponse(error.body(), status_code=error.status)

    return endpoint


def repeat_token(portal: Portal, body: Params) -> None:
    """Do an exchange again when a kept portal is read back; what was refused is refused again."""
    with contextlib.suppress(RestError):
        exchange(portal, body)


def exchange(portal: Portal, given: Params) -> Token:
    """Give a pair of tokens for a code or for a refresh token; raises what the server refuses."""
    kind = str(given.get("grant_type", ""))
    what = {"authorization_code": "code", "refresh_token": "refresh_token"}.get(kind)
    if what is None:
        raise RestError("invalid_request", "Invalid grant_type parameter or parameter missing")
    for name in ("client_id", "client_secret", what):
        if not isinstance(given.get(name), str) or not given[name]:
            raise RestError("invalid_request", f'No "{name}" parameter found')
    app = apps.by_client(portal.state, given["client_id"])
    if app is None or not same(app.client_secret, given["client_secret"]):
        raise RestError("invalid_client", "The client credentials are invalid")
    _check_scope(app, given.get("scope"))
    if what == "refresh_token":
        token = tokens.renew(portal, app, given[what])
    else:
        user = tokens.take_code(portal, app, given[what])
        token = tokens.issue(portal, app, user) if user else None
    if token is None:
        raise RestError("invalid_grant", f"Invalid {what.replace('_', ' ')}")
    return token


def _check_scope(app: App, asked: Any) -> None:
    """Refuse a `scope` (RFC 6749, section 3.3) wider than the application's card."""
    if isinstance(asked, str) and not set(asked.replace(",", " ").split()) <= set(app.scopes):
        text = "Given scope exceeds permissions associated with given grant"
        raise RestError("invalid_scope", text, 403)


def at_server(request: Request) -> bool:
    """Say whether a request was meant for one of the vendor's authorisation servers."""
    return request.url.hostname in SERVERS


def server_app_info(portal: Portal, access: str) -> Response:
    """Answer `app.info` as the authorisation server: whose the token is and what is installed."""
    with portal.lock:
        token = portal.state.tokens.get(access)
        app = portal.state.apps.get(token.app_id) if token else None
        if token is None or app is None:
            error = RestError("invalid_client", "The client credentials are invalid")
        elif portal.clock.now() >= token.expires:
            error = RestError("expired_token", "The access token provided has expired", 401)
        else:
            return JSONResponse(_installed(portal, app, token))
    return JSONResponse(error.body(), status_code=error.status)


def _installed(portal: Portal, app: App, token: Token) -> Params:
    now = portal.clock.now()
    install = {
        "installed": app.installed,
        "version": app.version,
        "status": tokens.LOCAL,
        "scope": ",".join(app.scopes),
        "domain": tokens.domain(portal.address),
        "uri": app.handler_url,
        "client_endpoint": f"{portal.address}/rest/",
        "member_id": member_id(portal.state),
        "member_type": "server",
    }
    result = {
        "client_id": app.client_id,
        "scope": ",".join(token.scopes),
        "expires": token.expires.isoformat(),
        "install": install,
        "user_id": token.user_id,
    }
    moment = {"start": now.timestamp(), "finish": now.timestamp(), "duration": 0.0, "processing": 0.0}
    dates = {"date_start": now.isoformat(), "date_finish": now.isoformat()}
    return {"result": result, "time": moment | dates}
