"""Who makes a request: the owner of a webhook or a user of an application.

Facts: error-codes.md, settings/how-to-call-rest-api/authorization.md, settings/oauth/**; statuses
are those of the box.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, fields, replace
from typing import Any

from b24flow.sandbox.batch import commands_of
from b24flow.sandbox.batch_v3 import steps_of
from b24flow.sandbox.model.apps import may_open
from b24flow.sandbox.model.entities import App, Employee, Token
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.registry import Caller
from b24flow.sandbox.wire import Params, RestError, as_int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A REST request after its address and body were read.

    `uid` and `code` are what a webhook has in its address; an application has `token` instead.
    `session` is the user whose portal session the client carries in a cookie. `taken` and
    `unfiltered` are what ordered faults do to it: rights the caller lacks, and the method (`*` for
    all) whose filter is not seen.
    """

    uid: str
    code: str
    method: str
    params: Params
    api: str = "v2"
    token: str = ""
    base_url: str = ""
    bad_json: bool = False
    taken: tuple[str, ...] = ()
    unfiltered: str = ""
    session: int = 0

    @property
    def caller_key(self) -> str:
        """Return what tells one caller from another."""
        return self.token or f"{self.uid}/{self.code}"

    def plain(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def methods(self) -> list[str]:
        """Return the lower-case method and, of a batch, the commands in it."""
        name = self.method.lower()
        if name != "batch":
            return [name]
        rows = steps_of(self.params) if self.api == "v3" else commands_of(self.params)
        return [name, *(row.method for row in rows)]


def caller_id(portal: Portal, request: Request) -> int | None:
    """Return the user a request claims to be made by, for the record of calls."""
    if request.token:
        token = portal.state.tokens.get(request.token)
        return token.user_id if token else None
    return as_int(request.uid) if request.uid.isdigit() else None


def admit(portal: Portal, request: Request) -> Caller:
    """Return the caller of a request, less what ordered faults took from him; raises refusals.

    The present hit learns which application makes it.
    """
    caller = _application(portal, request) if request.token else _webhook(portal, request)
    if not request.taken:
        return caller
    if "auth" in request.taken:
        raise RestError("INVALID_CREDENTIALS", "Invalid request credentials", 401)
    user = replace(caller.user, admin=caller.user.admin and "admin" not in request.taken)
    left = tuple(one for one in caller.scopes if one not in request.taken)
    return replace(caller, user=user, scopes=left)


def _webhook(portal: Portal, request: Request) -> Caller:
    if not request.uid.isdigit():
        raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
    for hook in portal.state.webhooks:
        same = hmac.compare_digest(hook.code.encode(), request.code.encode())
        if same and hook.user_id == as_int(request.uid):
            user = portal.active_user(hook.system_user or hook.user_id)
            if user is not None:
                return Caller(user=user, scopes=hook.scopes, path=f"{hook.user_id}/{hook.code}/")
    raise RestError("INVALID_CREDENTIALS", "Invalid request credentials", 401)


def _application(portal: Portal, request: Request) -> Caller:
    token = portal.state.tokens.get(request.token)
    if token is None:
        raise RestError("invalid_token", "Unable to get application by token", 401)
    app = portal.state.apps.get(token.app_id)
    if app is None:
        raise RestError("APPLICATION_NOT_FOUND", "Application not found", 401)
    if portal.clock.now() >= token.expires:
        raise RestError("expired_token", "The access token provided has expired", 401)
    user = _user(portal, request, app, token)
    hit = portal.hit
    hit.app_id, hit.connector = app.id, str(request.params.get("auth_connector", ""))
    hit.hops = token.hops
    return Caller(user=user, scopes=token.scopes, token=token.access, app=app)


def _user(portal: Portal, request: Request, app: App, token: Token) -> Employee:
    if request.session not in (0, token.user_id):
        raise RestError("authorization_error", "Вы вошли на портал под другим именем", 401)
    user = portal.active_user(token.user_id)
    if user is None:
        raise RestError("authorization_error", "Unable to authorize user", 401)
    if not may_open(app, user):
        text = "The user does not have access to the application."
        raise RestError("user_access_error", text, 401)
    return user
