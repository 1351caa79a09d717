"""How an application's page is opened in a frame: the address and the form that is posted to it.

Facts: api-reference/widgets/_includes/widget_data.md, settings/oauth/simple-way.md.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from b24flow.sandbox.model import tokens
from b24flow.sandbox.model.apps import LANGUAGE
from b24flow.sandbox.model.entities import App, Employee, Token
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.secrets import member_id, secret

MAIN_PAGE = "DEFAULT"


def placement_post(
    portal: Portal,
    app: App,
    user: Employee,
    placement: str,
    options: dict[str, Any] | None,
    base_url: str,
    *,
    handler: str = "",
) -> tuple[str, dict[str, str]]:
    """Return the address with its query string and the fields of the form to post to it.

    `handler` is the address of the placement's binding; without it the application's own page is
    opened, or its installation page while it is not installed. `options` are what the placement
    tells about its place; None for a page that has none. Every opening gives new tokens of the user
    and a new `APP_SID`.
    """
    body = {"app": app.id, "user": user.id}
    with portal.deed("open", body):
        token, session = repeat_open(portal, body)
    page = app.handler_url if app.installed else app.install_url
    fields = _fields(portal, app, token, base_url) | {"PLACEMENT": placement}
    if options is not None:
        fields["PLACEMENT_OPTIONS"] = json.dumps(options)
    return _address(handler or page, base_url, session), fields


def repeat_open(portal: Portal, body: dict[str, Any]) -> tuple[Token, str]:
    """Give out what an opening needs; again when a kept portal is read back."""
    app, user = portal.state.apps[body["app"]], portal.state.users[body["user"]]
    return tokens.issue(portal, app, user), secret(portal.state, "session", 32)


def _address(page: str, base_url: str, session: str) -> str:
    query = {
        "DOMAIN": tokens.domain(base_url),
        "PROTOCOL": "1" if base_url.startswith("https:") else "0",
        "LANG": LANGUAGE,
        "APP_SID": session,
    }
    return page + ("&" if "?" in page else "?") + urlencode(query)


def _fields(portal: Portal, app: App, token: Token, base_url: str) -> dict[str, str]:
    left = token.expires - portal.clock.now()
    return {
        "AUTH_ID": token.access,
        "AUTH_EXPIRES": str(int(left.total_seconds())),
        "REFRESH_ID": token.refresh,
        "SERVER_ENDPOINT": f"{base_url}/rest/",
        "APPLICATION_TOKEN": app.application_token,
        "APPLICATION_SCOPE": ",".join(app.scopes),
        "member_id": member_id(portal.state),
        "status": tokens.LOCAL,
    }
