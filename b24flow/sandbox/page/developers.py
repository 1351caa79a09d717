"""The «Developer resources» section: local applications and incoming webhooks.

Facts: local-integrations/**. Everybody has webhooks of his own; applications are an
administrator's. Nobody is shown the code of another's webhook.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from b24flow.sandbox.model import apps, webhooks
from b24flow.sandbox.model.entities import App, Employee, Webhook
from b24flow.sandbox.model.portal import ALL_SCOPES, Portal
from b24flow.sandbox.model.secrets import member_id
from b24flow.sandbox.page.acts import Act, Form, numbers_of, text_of
from b24flow.sandbox.page.session import RefusedError, View, render
from b24flow.sandbox.page.words_scopes import SCOPES
from b24flow.sandbox.wire import as_int, is_yes

HOME = "/devops/list/"


def home(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the applications and webhooks an employee may see, and the forms for new ones."""
    hooks = [hook for hook in portal.state.webhooks if me.admin or hook.user_id == me.id]
    found = list(portal.state.apps.values()) if me.admin else []
    return render(portal, request, "developers.html", apps=found, hooks=hooks, **_common(portal, request))


def app_card(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the card of an application with its keys to an administrator."""
    if not me.admin:
        raise RefusedError("Карточку приложения видит администратор")
    app = _app(portal, dict(request.path_params))
    rows = portal.state
    values: dict[str, Any] = {
        "app": app,
        "events": [row for row in rows.event_bindings.values() if row.app_id == app.id],
        "places": [row for row in rows.placements.values() if row.app_id == app.id],
        "member_id": member_id(portal.state),
    }
    return render(portal, request, "developer_app.html", **values, **_common(portal, request))


def webhook_card(portal: Portal, request: Request, me: Employee) -> Response:
    """Show a webhook to its owner with its code, to an administrator without."""
    hook = _hook(portal, dict(request.path_params))
    mine = hook.user_id == me.id and not hook.system_user
    if not (mine or me.admin or hook.system_user):
        raise RefusedError("Чужой вебхук видит только администратор")
    return render(portal, request, "developer_webhook.html", hook=hook, mine=mine, **_common(portal, request))


PAGES: list[tuple[str, View]] = [
    (HOME, home),
    ("/devops/app/{app:int}/", app_card),
    ("/devops/webhook/{webhook:int}/", webhook_card),
]


def _common(portal: Portal, request: Request) -> dict[str, Any]:
    address = portal.public_url or str(request.base_url).rstrip("/")
    named = sorted(((code, SCOPES.get(code, code)) for code in ALL_SCOPES), key=lambda row: row[1].lower())
    return {"scopes": named, "address": address}


def _words(form: Form, name: str) -> list[str]:
    listed = form.get(f"{name}[]") or str(form.get(name, "")).split(",")
    return list(dict.fromkeys(word.strip() for word in listed if word.strip()))


def _app(portal: Portal, form: Form) -> App:
    app = portal.state.apps.get(as_int(form.get("app")))
    if app is None:
        raise RefusedError("Приложение не найдено", 404)
    return app


def _hook(portal: Portal, form: Form) -> Webhook:
    hook = webhooks.find(portal, as_int(form.get("webhook")))
    if hook is None:
        raise RefusedError("Вебхук не найден", 404)
    return hook


def shown_app(app: App) -> Form:
    """Return what the card of an application tells its administrator."""
    return {
        "id": app.id,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "application_token": app.application_token,
        "installed": app.installed,
    }


def _card_of(form: Form) -> dict[str, Any]:
    if not _words(form, "scope"):
        raise RefusedError("Выберите хотя бы одно право доступа", 400)
    return {
        "title": text_of(form, "title", "Назовите приложение"),
        "handler_url": _address(form, "handler_url"),
        "install_url": _address(form, "install_url"),
        "scopes": _words(form, "scope"),
        "users": numbers_of(form, "users"),
    }


def _address(form: Form, name: str) -> str:
    address = str(form.get(name, "")).strip()
    if address and not address.startswith(("http://", "https://")):
        raise RefusedError("Адрес обработчика начинается с http:// или https://", 400)
    return address


def _add_app(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`title`, `scope`, `handler_url`, `install_url`, `api_only`, `users`."""
    app = apps.register(portal, user, _card_of(form) | {"api_only": is_yes(form.get("api_only"))})
    return f"/devops/app/{app.id}/", {"app": shown_app(app)}


def _edit_app(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`app` and what `dev/app/add` takes, without `api_only`."""
    app = _app(portal, form)
    apps.edit(portal, user, app, _card_of(form))
    return f"/devops/app/{app.id}/", {"app": shown_app(app)}


def _delete_app(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`app`."""
    apps.remove(portal, user, _app(portal, form))
    return HOME, {}


def _install_finish(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`app`; the portal page says this when the frame says `setInstallFinish`."""
    app = _app(portal, form)
    apps.finish_install(portal, user, app)
    return f"/marketplace/app/{app.id}/", {"app": shown_app(app)}


def _shown_hook(hook: Webhook) -> Form:
    return {"id": hook.id, "path": f"/rest/{hook.user_id}/{hook.code}/"}


def _add_webhook(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`title`, `scope`; the webhook is the person's own."""
    scopes = _words(form, "scope")
    if not scopes:
        raise RefusedError("Выберите хотя бы одно право доступа", 400)
    hook = webhooks.add(portal, user, scopes, title=str(form.get("title", "")).strip())
    return f"/devops/webhook/{hook.id}/", {"webhook": _shown_hook(hook)}


def _edit_webhook(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`webhook`, `title`, `scope`; a foreign one becomes the person's own and its code changes."""
    hook, scopes = _hook(portal, form), _words(form, "scope")
    if not scopes:
        raise RefusedError("Выберите хотя бы одно право доступа", 400)
    webhooks.edit(portal, user, hook, scopes, title=str(form.get("title", "")).strip())
    return f"/devops/webhook/{hook.id}/", {"webhook": _shown_hook(hook)}


def _delete_webhook(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`webhook`."""
    webhooks.remove(portal, user, _hook(portal, form))
    return HOME, {}


def _dismiss(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`user`, `preserve` (the webhooks are handed over to a system user)."""
    whose = portal.active_user(as_int(form.get("user")))
    if whose is None:
        raise RefusedError("Такого сотрудника нет", 404)
    webhooks.dismiss(portal, user, whose, preserve=is_yes(form.get("preserve")))
    return "/company/", {}


ACTS: dict[str, Act] = {
    "dev/app/add": _add_app,
    "dev/app/edit": _edit_app,
    "dev/app/delete": _delete_app,
    "app/install_finish": _install_finish,
    "dev/webhook/add": _add_webhook,
    "dev/webhook/edit": _edit_webhook,
    "dev/webhook/delete": _delete_webhook,
    "employee/dismiss": _dismiss,
}
