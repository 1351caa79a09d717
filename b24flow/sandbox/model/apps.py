"""Local applications: registration, OAuth tokens, installation, removal.

Facts: local-integrations/**, settings/oauth/**, settings/app-installation/**. Secrets are computed
from the seed and a counter, so equal histories give equal secrets.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from b24flow.sandbox.model.entities import App, AuthCode, Employee, Token
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import RestError

CODE_LIVES = timedelta(seconds=30)
ACCESS_LIVES = timedelta(hours=1)
REFRESH_LIVES = timedelta(days=180)
LOCAL = "L"


def secret(portal: Portal, kind: str, length: int) -> str:
    """Return a new hexadecimal secret; `kind` keeps the counters of different secrets apart."""
    number = portal.state.next_id(f"secret:{kind}")
    return _digest(portal, f"{kind}:{number}")[:length]


def _digest(portal: Portal, text: str) -> str:
    return hashlib.sha512(f"{portal.state.salt}:{text}".encode()).hexdigest()


def member_id(portal: Portal) -> str:
    """Return the portal's unique identifier; it does not change with the address."""
    return _digest(portal, "member")[:32]


def domain(base_url: str) -> str:
    """Return the portal's host, with the port when it is not the usual one."""
    return urlsplit(base_url).netloc


def register(portal: Portal, user: Employee, given: dict[str, Any]) -> App:
    """Register a local application; only an administrator may.

    `given`: `title`, `scopes`, `handler_url`, `install_url`, `api_only`, `users`. An application
    without pages of its own (`api_only`) is installed at once.
    """
    if not user.admin:
        raise RestError("ACCESS_DENIED", "Доступ запрещен.", 403)
    number = portal.state.next_id("app")
    tail = int(_digest(portal, f"client:{number}")[:8], 16) % 10**8
    api_only = bool(given.get("api_only"))
    app = App(
        id=number,
        client_id=f"local.{secret(portal, 'client', 14)}.{tail:08d}",
        client_secret=secret(portal, "client-secret", 50),
        title=str(given.get("title", "")),
        scopes=tuple(given.get("scopes", ())),
        handler_url=str(given.get("handler_url", "")),
        install_url=str(given.get("install_url", "")),
        api_only=api_only,
        installed=api_only or not given.get("install_url"),
        application_token=secret(portal, "application", 32),
        created_by=user.id,
        users=list(given.get("users", ())),
    )
    portal.state.apps[app.id] = app
    return app


def by_client(portal: Portal, client_id: str) -> App | None:
    """Return the application with this `client_id`."""
    return next((app for app in portal.state.apps.values() if app.client_id == client_id), None)


def same(one: str, other: str) -> bool:
    """Compare two secrets in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def may_open(app: App, user: Employee) -> bool:
    """Say whether a user is in the application's list of access."""
    return not app.users or user.id in app.users or user.admin


def make_code(portal: Portal, app: App, user: Employee) -> AuthCode:
    """Return a new authorisation code: it lives 30 seconds and is good for one exchange."""
    now = portal.clock.now()
    codes = portal.state.auth_codes
    for old in [row.code for row in codes.values() if row.expires < now]:
        del codes[old]
    made = AuthCode(code=secret(portal, "code", 70), app_id=app.id, user_id=user.id, expires=now + CODE_LIVES)
    codes[made.code] = made
    return made


def take_code(portal: Portal, app: App, code: str) -> Employee | None:
    """Use a code up and return whose it was; None for a foreign, used or stale one."""
    row = portal.state.auth_codes.get(code)
    if row is None or row.app_id != app.id:
        return None
    del portal.state.auth_codes[code]
    if portal.clock.now() >= row.expires:
        return None
    return portal.active_user(row.user_id)


def issue(portal: Portal, app: App, user: Employee) -> Token:
    """Return a new pair of tokens of a user in an application."""
    now = portal.clock.now()
    tokens = portal.state.tokens
    for old in [row.access for row in tokens.values() if row.refresh_expires < now]:
        del tokens[old]
    made = Token(
        access=secret(portal, "access", 70),
        refresh=secret(portal, "refresh", 70),
        app_id=app.id,
        user_id=user.id,
        scopes=app.scopes,
        expires=now + ACCESS_LIVES,
        refresh_expires=now + REFRESH_LIVES,
    )
    tokens[made.access] = made
    return made


def renew(portal: Portal, app: App, refresh: str) -> Token | None:
    """Exchange a refresh token for a new pair and let it die; None for one that is no good.

    The access token of the old pair keeps its own hour.
    """
    rows = portal.state.tokens.values()
    old = next((row for row in rows if refresh and row.refresh == refresh), None)
    if old is None or old.app_id != app.id or portal.clock.now() >= old.refresh_expires:
        return None
    user = portal.active_user(old.user_id)
    if user is None:
        return None
    old.refresh = ""
    return issue(portal, app, user)


def token_block(portal: Portal, app: App, token: Token, base_url: str) -> dict[str, Any]:
    """Return the authorisation server's answer about a pair of tokens."""
    rest = f"{base_url}/rest/"
    left = token.expires - portal.clock.now()
    return {
        "access_token": token.access,
        "expires": int(token.expires.timestamp()),
        "expires_in": int(left.total_seconds()),
        "scope": ",".join(token.scopes),
        "domain": domain(base_url),
        "server_endpoint": rest,
        "status": LOCAL,
        "client_endpoint": rest,
        "member_id": member_id(portal),
        "user_id": token.user_id,
        "refresh_token": token.refresh,
    }


def auth_block(portal: Portal, app: App, user_id: int | None, *, refresh: bool = False) -> dict[str, Any]:
    """Return the `auth` of an event for an application.

    Without a user there are no tokens in it; `refresh` adds the refresh token, which only some
    events carry.
    """
    rest = f"{portal.address}/rest/"
    block: dict[str, Any] = {
        "domain": domain(portal.address),
        "server_endpoint": rest,
        "status": LOCAL,
        "client_endpoint": rest,
        "member_id": member_id(portal),
        "application_token": app.application_token,
    }
    user = portal.active_user(user_id) if user_id else None
    if user is None:
        return block
    token = issue(portal, app, user)
    full = token_block(portal, app, token, portal.address)
    if not refresh:
        token.refresh = ""
        del full["refresh_token"]
    return full | block


def finish_install(portal: Portal, app: App) -> None:
    """Let the application's placements be shown and its events be sent (`BX24.installFinish`)."""
    app.installed = True
