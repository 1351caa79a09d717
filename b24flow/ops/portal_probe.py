"""The self-check at start: can this webhook do what the product needs, and if not, who does what.

It only reads. What it needs is taken from the table of methods, so a method added there is checked
here without another line.
"""

from __future__ import annotations

from collections.abc import Mapping

from b24flow.errors import PortalBlocked, PortalError
from b24flow.ops.portal_reading import Problem
from b24flow.portal.classify import Answer
from b24flow.portal.client import PortalClient
from b24flow.portal.methods import METHODS, Call
from b24flow.portal.wire import BATCH_LIMIT, chunk

_BASIC = "basic"
_UNKNOWN_WEBHOOK = frozenset({"NO_AUTH_FOUND", "INVALID_CREDENTIALS", "AUTHORIZATION_ERROR"})
_NO_HTTPS = "INVALID_REQUEST"


def probe(client: PortalClient) -> list[Problem]:
    """Return what keeps the product from working with this portal; empty when nothing does.

    Never raises a PortalError: a portal that does not answer is a finding too.
    """
    try:
        shown = client.call(Call("scope", {})).result
        granted = set(map(str, shown)) if isinstance(shown, list) else set()
        return [*_profile(client), *_scopes(granted), *_methods(client, granted)]
    except PortalError as error:
        return [_unusable(error)]


def _unusable(error: PortalError) -> Problem:
    code = error.error.upper()
    if code in _UNKNOWN_WEBHOOK:
        return Problem(
            kind="webhook",
            text="Портал не узнаёт вебхук: он удалён, его код неверен или владелец уволен",
            hint="Создайте входящий вебхук от имени технического администратора"
            " (Разработчикам → Другое → Входящий вебхук) и укажите его адрес в настройках",
        )
    if code == _NO_HTTPS:
        return Problem(
            kind="webhook",
            text="Портал принимает вебхуки только по https",
            hint="Укажите адрес вебхука, который начинается с https://",
        )
    kind = "webhook" if isinstance(error, PortalBlocked) else "portal"
    hint = error.hint or "Проверьте адрес вебхука и доступность портала с этого сервера"
    return Problem(kind=kind, text=error.text, hint=hint)


def _profile(client: PortalClient) -> list[Problem]:
    profile = client.call(Call("profile", {})).result
    if isinstance(profile, Mapping) and profile.get("ADMIN") is True:
        return []
    return [
        Problem(
            kind="administrator",
            text="Владелец вебхука не администратор портала",
            hint="Вебхук должен принадлежать техническому администратору: иначе нельзя создать"
            " реестр и ставить задачи от имени сотрудников",
        )
    ]


def _scopes(granted: set[str]) -> list[Problem]:
    missing = sorted({fact.scope for fact in METHODS.values()} - granted - {_BASIC})
    if not missing:
        return []
    return [
        Problem(
            kind="scope",
            text=f"Вебхуку не хватает прав: {', '.join(missing)}",
            hint="Отметьте эти права в настройках вебхука и сохраните его",
        )
    ]


def _methods(client: PortalClient, granted: set[str]) -> list[Problem]:
    """Find methods this box does not have; those of missing scopes are told by the scopes."""
    names = [name for name, fact in METHODS.items() if fact.scope in granted and fact.scope != _BASIC]
    calls = {f"m{number}": Call("method.get", {"name": name.lower()}) for number, name in enumerate(names)}
    outcomes: dict[str, Answer | PortalError] = {}
    for group in chunk(calls, BATCH_LIMIT):
        outcomes |= client.batch(group)
    missing = sorted(
        name for name, outcome in zip(names, outcomes.values(), strict=True) if not _there(outcome)
    )
    if not missing:
        return []
    return [
        Problem(
            kind="method",
            text=f"На портале нет нужных методов REST: {', '.join(missing)}",
            hint="Обновите коробку: модули rest, crm, tasks, disk, im, imbot",
        )
    ]


def _there(outcome: Answer | PortalError) -> bool:
    if isinstance(outcome, PortalError):
        raise outcome
    return isinstance(outcome.result, Mapping) and bool(outcome.result.get("isAvailable"))
