"""What people do in the «Developer resources» section: local applications and webhooks.

Facts: local-integrations/**. Every action goes through the same model as the control interface.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from b24flow.sandbox.model import apps
from b24flow.sandbox.model.entities import App, Employee
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.session import RefusedError
from b24flow.sandbox.wire import as_int, is_yes

Form = dict[str, Any]
_HOME = "/devops/list/"


def _words(form: Form, name: str) -> list[str]:
    """Read `name=a,b` and the ticked boxes `name_a=on&name_b=on` of a form."""
    listed = [word.strip() for word in str(form.get(name, "")).split(",") if word.strip()]
    ticked = [key.removeprefix(f"{name}_") for key in form if key.startswith(f"{name}_")]
    return list(dict.fromkeys([*listed, *ticked]))


def _app(portal: Portal, form: Form) -> App:
    app = portal.state.apps.get(as_int(form.get("app")))
    if app is None:
        raise RefusedError("Приложение не найдено", 404)
    return app


def shown_app(app: App) -> Form:
    """Return what the card of an application shows to its administrator."""
    return {
        "id": app.id,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "application_token": app.application_token,
        "installed": app.installed,
    }


def _add_app(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`title`, `scope`, `handler_url`, `install_url`, `api_only`, `users`."""
    given = {name: str(form.get(name, "")) for name in ("title", "handler_url", "install_url")}
    listed = {
        "scopes": _words(form, "scope"),
        "users": [as_int(word) for word in _words(form, "users")],
        "api_only": is_yes(form.get("api_only")) or form.get("api_only") == "on",
    }
    app = apps.register(portal, user, given | listed)
    return _HOME, {"app": shown_app(app)}


def _install_finish(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`app`: its number; the portal page says this when the frame says `setInstallFinish`."""
    app = _app(portal, form)
    apps.finish_install(portal, user, app)
    return f"/marketplace/app/{app.id}/", {"app": shown_app(app)}


ACTS: dict[str, Callable[[Portal, Employee, Form], tuple[str, Form]]] = {
    "dev/app/add": _add_app,
    "app/install_finish": _install_finish,
}
