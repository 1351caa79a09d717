"""Local applications: registration, installation, change, removal.

Facts: local-integrations/**, settings/app-installation/**, settings/app-uninstallation.md,
api-reference/common/events/**.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24flow.sandbox.model.bots_removal import forget
from b24flow.sandbox.model.entities import App, Employee, EventBinding
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.hit import Letter
from b24flow.sandbox.model.secrets import digest, secret
from b24flow.sandbox.model.state import State
from b24flow.sandbox.model.tokens import auth_block, portal_block, retire
from b24flow.sandbox.wire import RestError

if TYPE_CHECKING:
    from b24flow.sandbox.model.portal import Portal

__all__ = ["auth_block", "by_client", "edit", "finish_install", "may_open", "register", "remove", "update"]
LANGUAGE = "ru"
_TEXTS = ("title", "handler_url", "install_url")


def make(state: State, given: dict[str, Any]) -> App:
    """Put a local application into the portal's memory.

    `given`: `title`, `scopes`, `handler_url`, `install_url`, `api_only`, `users`, and for those who
    need them known beforehand `client_id`, `client_secret`, `application_token`. An application
    without an installation page is installed at once.
    """
    number = state.next_id("app")
    tail = int(digest(state, f"client:{number}")[:8], 16) % 10**8
    api_only = bool(given.get("api_only"))
    app = App(
        id=number,
        client_id=str(given.get("client_id") or f"local.{secret(state, 'client', 14)}.{tail:08d}"),
        client_secret=str(given.get("client_secret") or secret(state, "client-secret", 50)),
        title=str(given.get("title", "")),
        scopes=tuple(given.get("scopes", ())),
        handler_url=str(given.get("handler_url", "")),
        install_url=str(given.get("install_url", "")),
        api_only=api_only,
        installed=api_only or not given.get("install_url"),
        application_token=str(given.get("application_token") or secret(state, "application", 32)),
        created_by=int(given.get("created_by", 0)),
        users=list(given.get("users", ())),
    )
    state.apps[app.id] = app
    return app


def register(portal: Portal, user: Employee, given: dict[str, Any]) -> App:
    """Register a local application; only an administrator may.

    The installation address of one that uses API only becomes its handler of ONAPPINSTALL and gets
    the first tokens at once.
    """
    _administrator(user)
    app = make(portal.state, {**given, "created_by": user.id})
    if app.api_only and app.install_url:
        number = portal.state.next_id("event_binding")
        portal.state.event_bindings[number] = EventBinding(
            id=number, app_id=app.id, event="ONAPPINSTALL", handler=app.install_url
        )
        _tell_installed(portal, user, app)
    return app


def edit(portal: Portal, user: Employee, app: App, given: dict[str, Any]) -> None:
    """Change the card of an application; tokens given out before keep their scopes."""
    _administrator(user)
    for name in _TEXTS:
        if name in given:
            setattr(app, name, str(given[name]))
    if "scopes" in given:
        app.scopes = tuple(given["scopes"])
    if "users" in given:
        app.users = list(given["users"])


def update(portal: Portal, user: Employee, app: App, version: int) -> None:
    """Install a new version: the application gets a new `application_token` with ONAPPUPDATE.

    Local applications have no versions on a box; this is for those who write for the market.
    """
    _administrator(user)
    data = {
        "VERSION": str(version),
        "PREVIOUS_VERSION": str(app.version),
        "LANGUAGE_ID": LANGUAGE,
    }
    app.version = version
    app.application_token = secret(portal.state, "application", 32)
    raise_event(portal, "ONAPPUPDATE", data, user_id=user.id, only_app=app.id)


def _administrator(user: Employee) -> None:
    if not user.admin:
        raise RestError("ACCESS_DENIED", "Доступ запрещен.", 403)


def by_client(state: State, client_id: str) -> App | None:
    """Return the application with this `client_id`."""
    return next((app for app in state.apps.values() if app.client_id == client_id), None)


def may_open(app: App, user: Employee) -> bool:
    """Say whether a user is in the application's list of access; administrators always are."""
    return user.admin or (app.installed and (not app.users or user.id in app.users))


def _tell_installed(portal: Portal, user: Employee, app: App) -> None:
    data = {"VERSION": str(app.version), "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": LANGUAGE}
    raise_event(portal, "ONAPPINSTALL", data, user_id=user.id, only_app=app.id)


def finish_install(portal: Portal, user: Employee, app: App) -> None:
    """Let the placements be shown and the events be sent (`BX24.installFinish`); once."""
    _administrator(user)
    if not app.installed:
        app.installed = True
        _tell_installed(portal, user, app)


def remove(portal: Portal, user: Employee, app: App) -> None:
    """Delete an application with all it registered; its creator and administrators may.

    Handlers of ONAPPUNINSTALL are told; the tokens are good for nothing from now on.
    """
    if not user.admin and user.id != app.created_by:
        raise RestError("ACCESS_DENIED", "Доступ запрещен.", 403)
    state = portal.state
    _say_goodbye(portal, app)
    for table in (state.event_bindings, state.offline_events, state.placements):
        for number in [row.id for row in table.values() if row.app_id == app.id]:
            del table[number]
    for bot in [bot for bot in state.bots.values() if bot.app_id == app.id]:
        forget(state, bot)
    for token in state.tokens.values():
        if token.app_id == app.id:
            retire(portal, token)
    for code in [row.code for row in state.auth_codes.values() if row.app_id == app.id]:
        del state.auth_codes[code]
    del state.apps[app.id]


def _say_goodbye(portal: Portal, app: App) -> None:
    if not app.installed:
        return
    auth = portal_block(portal, app)
    del auth["status"]
    for row in portal.state.event_bindings.values():
        if row.app_id == app.id and row.event == "ONAPPUNINSTALL" and not row.offline:
            fields = {
                "event": row.event,
                "event_handler_id": row.id,
                "data": {"LANGUAGE_ID": LANGUAGE, "CLEAN": 1},
                "ts": int(portal.clock.now().timestamp()),
                "auth": auth,
            }
            portal.hit.letters.append(Letter(url=row.handler, fields=fields))
