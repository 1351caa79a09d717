"""Applications, webhooks and dismissals in one call each, for tests in any language.

The control interface offers these deeds at `/_sandbox/…`; a person reaches the same model from
the «Developer resources» page.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from b24flow.sandbox.model import apps, tokens, webhooks
from b24flow.sandbox.model.entities import App, Employee, Webhook
from b24flow.sandbox.model.portal import ALL_SCOPES, Portal
from b24flow.sandbox.model.secrets import member_id
from b24flow.sandbox.wire import RestError, as_int

Body = dict[str, Any]
_CHANGES: dict[str, Callable[[Portal, Body], Any]] = {}


def change(portal: Portal, name: str, body: Body) -> Any:
    """Do a deed as the portal's administrator and keep it. Raises RestError, ValueError, TypeError."""
    refusal: Exception | None = None
    with portal.deed("access", {"name": name, "body": body}):
        try:
            return _CHANGES[name](portal, body)
        except (RestError, ValueError, TypeError) as error:
            refusal = error  # let out after the deed: refusals are no failures of the portal
    raise refusal


def repeat_change(portal: Portal, body: Body) -> None:
    """Do a deed again when a kept portal is read back."""
    with contextlib.suppress(RestError, ValueError, TypeError):
        _CHANGES[body["name"]](portal, body["body"])


def list_apps(portal: Portal) -> list[Body]:
    """Return every local application with its secrets."""
    return [_shown_app(portal, app) for app in portal.state.apps.values()]


def list_webhooks(portal: Portal) -> list[Body]:
    """Return every incoming webhook with its code and its address."""
    return [_shown_hook(portal, hook) for hook in portal.state.webhooks]


def _change(name: str) -> Callable[[Callable[[Portal, Body], Any]], Callable[[Portal, Body], Any]]:
    def register(deed: Callable[[Portal, Body], Any]) -> Callable[[Portal, Body], Any]:
        _CHANGES[name] = deed
        return deed

    return register


def _scopes(given: Any) -> tuple[str, ...]:
    names = given.split(",") if isinstance(given, str) else list(given)
    wrong = [name for name in names if name not in ALL_SCOPES]
    if wrong:
        raise ValueError(f"no such scopes: {wrong}")
    return tuple(names)


def _card(body: Body) -> Body:
    """Read what a card is given; everything may be asked for by default."""
    card = dict(body)
    if "scopes" in body:
        card["scopes"] = _scopes(body["scopes"])
    if "users" in body:
        card["users"] = [as_int(number) for number in body["users"]]
    return card


def _user(portal: Portal, number: Any) -> Employee:
    user = portal.active_user(as_int(number))
    if user is None:
        raise ValueError(f"no active user {number!r}")
    return user


def _admin(portal: Portal) -> Employee:
    rows = portal.state.users.values()
    found = next((user for user in rows if user.admin and user.active and not user.is_bot), None)
    if found is None:
        raise ValueError("the portal has no administrator")
    return found


def _app(portal: Portal, body: Body) -> App:
    app = portal.state.apps.get(as_int(body.get("id")))
    if app is None:
        raise ValueError(f"no application {body.get('id')!r}")
    return app


def _hook(portal: Portal, body: Body) -> Webhook:
    hook = webhooks.find(portal, as_int(body.get("id")))
    if hook is None:
        raise ValueError(f"no webhook {body.get('id')!r}")
    return hook


def _shown_app(portal: Portal, app: App) -> Body:
    shown = asdict(app)
    del shown["options"], shown["user_options"]
    return shown | {"member_id": member_id(portal.state)}


def _shown_hook(portal: Portal, hook: Webhook) -> Body:
    return asdict(hook) | {"url": f"{portal.address}/rest/{hook.user_id}/{hook.code}/"}


@_change("app.add")
def _add_app(portal: Portal, body: Body) -> Body:
    """Register an application; `installed: true` finishes the installation at once.

    `users_authorised` lists users who get a pair of tokens, returned under `tokens`.
    """
    people = [_user(portal, number) for number in body.get("users_authorised", ())]
    app = apps.register(portal, _admin(portal), {"scopes": ALL_SCOPES, **_card(body)})
    if body.get("installed"):
        apps.finish_install(portal, _admin(portal), app)
    pairs = {str(user.id): _pair(portal, app, user) for user in people}
    return _shown_app(portal, app) | {"tokens": pairs}


def _pair(portal: Portal, app: App, user: Employee) -> Body:
    token = tokens.issue(portal, app, user)
    return tokens.token_block(portal, token, portal.address, portal.address)


@_change("app.edit")
def _edit_app(portal: Portal, body: Body) -> Body:
    """Change the card; `installed: true` finishes the installation, `version` installs another."""
    app = _app(portal, body)
    apps.edit(portal, _admin(portal), app, _card(body))
    if "version" in body:
        apps.update(portal, _admin(portal), app, as_int(body["version"]))
    if body.get("installed"):
        apps.finish_install(portal, _admin(portal), app)
    return _shown_app(portal, app)


@_change("app.remove")
def _remove_app(portal: Portal, body: Body) -> Body:
    apps.remove(portal, _admin(portal), _app(portal, body))
    return {"ok": True}


@_change("token.add")
def _add_token(portal: Portal, body: Body) -> Body:
    """Give a pair of tokens of `user` in the application `id`, without the authorisation page."""
    return _pair(portal, _app(portal, body), _user(portal, body.get("user")))


@_change("webhook.add")
def _add_hook(portal: Portal, body: Body) -> Body:
    user, scopes = _user(portal, body.get("user", 1)), _scopes(body.get("scopes", ALL_SCOPES))
    made = webhooks.add(
        portal, user, scopes, title=str(body.get("title", "")), code=str(body.get("code", ""))
    )
    return _shown_hook(portal, made)


@_change("webhook.edit")
def _edit_hook(portal: Portal, body: Body) -> Body:
    """Edit as `by`, by default as the owner: anybody else takes the webhook over."""
    hook = _hook(portal, body)
    by = _user(portal, body.get("by", hook.user_id))
    scopes, title = _scopes(body.get("scopes", hook.scopes)), str(body.get("title", hook.title))
    webhooks.edit(portal, by, hook, scopes, title=title)
    return _shown_hook(portal, hook)


@_change("webhook.remove")
def _remove_hook(portal: Portal, body: Body) -> Body:
    webhooks.remove(portal, _admin(portal), _hook(portal, body))
    return {"ok": True}


@_change("employee.dismiss")
def _dismiss(portal: Portal, body: Body) -> Body:
    """Dismiss `user`; `preserve` hands the webhooks over to a system user."""
    user = _user(portal, body.get("user"))
    webhooks.dismiss(portal, _admin(portal), user, preserve=bool(body.get("preserve")))
    return {"ok": True}
