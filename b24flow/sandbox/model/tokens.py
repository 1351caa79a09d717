"""OAuth: one-time codes, pairs of tokens, their terms and what is told about them.

Facts: settings/oauth/**. A code lives 30 seconds, an access token one hour, a refresh token 180
days; a refresh token is good for one exchange, the access token of its pair keeps its own hour.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from b24flow.sandbox.model.entities import App, AuthCode, Employee, Token
from b24flow.sandbox.model.secrets import member_id, secret

if TYPE_CHECKING:
    from b24flow.sandbox.model.portal import Portal

CODE_LIVES = timedelta(seconds=30)
ACCESS_LIVES = timedelta(hours=1)
REFRESH_LIVES = timedelta(days=180)
LOCAL = "L"
_SWEEP = 100  # tokens given out between two looks for dead ones


def domain(base_url: str) -> str:
    """Return the host of an address, with the port when it is not the usual one."""
    return urlsplit(base_url).netloc


def make_code(portal: Portal, app: App, user: Employee) -> AuthCode:
    """Return a new authorisation code, good for one exchange."""
    now = portal.clock.now()
    codes = portal.state.auth_codes
    for old in [row.code for row in codes.values() if row.expires < now]:
        del codes[old]
    code = secret(portal.state, "code", 70)
    made = AuthCode(code=code, app_id=app.id, user_id=user.id, expires=now + CODE_LIVES)
    codes[code] = made
    return made


def take_code(portal: Portal, app: App, code: str) -> Employee | None:
    """Use a code up and return whose it was; None for a foreign, used or stale one."""
    row = portal.state.auth_codes.get(code)
    if row is None or row.app_id != app.id:
        return None
    del portal.state.auth_codes[code]
    return portal.active_user(row.user_id) if portal.clock.now() < row.expires else None


def issue(portal: Portal, app: App, user: Employee, *, refresh: bool = True) -> Token:
    """Return a new pair of tokens of a user in an application, or an access token alone."""
    now, state = portal.clock.now(), portal.state
    if state.counters.get("secret:access", 0) % _SWEEP == _SWEEP - 1:
        _sweep(portal)
    made = Token(
        access=secret(state, "access", 70),
        refresh=secret(state, "refresh", 70) if refresh else "",
        app_id=app.id,
        user_id=user.id,
        scopes=app.scopes,
        expires=now + ACCESS_LIVES,
        refresh_expires=now + (REFRESH_LIVES if refresh else 2 * ACCESS_LIVES),
    )
    state.tokens[made.access] = made
    return made


def _sweep(portal: Portal) -> None:
    now, tokens = portal.clock.now(), portal.state.tokens
    for old in [row.access for row in tokens.values() if row.refresh_expires < now]:
        del tokens[old]


def renew(portal: Portal, app: App, refresh: str) -> Token | None:
    """Exchange a refresh token for a new pair and let it die; None for one that is no good."""
    rows = portal.state.tokens.values()
    old = next((row for row in rows if refresh and row.refresh == refresh), None)
    if old is None or old.app_id != app.id or portal.clock.now() >= old.refresh_expires:
        return None
    user = portal.active_user(old.user_id)
    if user is None:
        return None
    retire(portal, old)
    return issue(portal, app, user)


def retire(portal: Portal, token: Token) -> None:
    """Let a refresh token die; its access token is remembered for the rest of its hour."""
    token.refresh = ""
    token.refresh_expires = max(token.expires, portal.clock.now()) + ACCESS_LIVES


def token_block(portal: Portal, token: Token, server: str, client: str) -> dict[str, Any]:
    """Return what the authorisation server says about a pair of tokens.

    `server` is the address at which the server was asked, `client` the portal's.
    """
    left = token.expires - portal.clock.now()
    return {
        "access_token": token.access,
        "expires": int(token.expires.timestamp()),
        "expires_in": int(left.total_seconds()),
        "scope": ",".join(token.scopes),
        "domain": domain(server),
        "server_endpoint": f"{server}/rest/",
        "status": LOCAL,
        "client_endpoint": f"{client}/rest/",
        "member_id": member_id(portal.state),
        "user_id": token.user_id,
        "refresh_token": token.refresh,
    }


def portal_block(portal: Portal, app: App) -> dict[str, Any]:
    """Return the `auth` of a letter without a user: where it comes from and the proof of that."""
    rest = f"{portal.address}/rest/"
    return {
        "domain": domain(portal.address),
        "server_endpoint": rest,
        "status": LOCAL,
        "client_endpoint": rest,
        "member_id": member_id(portal.state),
        "application_token": app.application_token,
    }


def auth_block(portal: Portal, app: App, user_id: int | None, *, refresh: bool = False) -> dict[str, Any]:
    """Return the `auth` of an event for an application.

    Without a user there are no tokens in it; `refresh` adds the refresh token, which only some
    events carry.
    """
    user = portal.active_user(user_id) if user_id else None
    block = portal_block(portal, app)
    if user is None:
        return block
    token = issue(portal, app, user, refresh=refresh)
    token.hops = portal.hit.hops + 1
    full = token_block(portal, token, portal.address, portal.address)
    if not refresh:
        del full["refresh_token"]
    return full | block
