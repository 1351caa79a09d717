"""Incoming webhooks and what becomes of them when their owner is dismissed.

Facts: local-integrations/{local-webhooks,developers-area}.md, settings/system-user.md. Everybody
may have webhooks; a foreign one is edited by taking it over, which changes its code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from b24flow.sandbox.model.entities import Employee, Webhook
from b24flow.sandbox.model.secrets import secret
from b24flow.sandbox.wire import RestError

if TYPE_CHECKING:
    from b24flow.sandbox.model.portal import Portal


def add(portal: Portal, user: Employee, scopes: Iterable[str], *, title: str = "", code: str = "") -> Webhook:
    """Create a webhook of a user; its code is computed unless it is given."""
    made = Webhook(
        id=portal.state.next_id("webhook"),
        user_id=user.id,
        code=code or secret(portal.state, "webhook", 16),
        scopes=tuple(scopes),
        title=title,
    )
    portal.state.webhooks.append(made)
    return made


def find(portal: Portal, number: int) -> Webhook | None:
    """Return a webhook by its number."""
    return next((hook for hook in portal.state.webhooks if hook.id == number), None)


def edit(portal: Portal, user: Employee, hook: Webhook, scopes: Iterable[str], *, title: str) -> None:
    """Change a webhook. Whoever edits a foreign one becomes its owner, and its code is new.

    An administrator may edit any; one that works on behalf of a system user goes to any employee
    who edits it.
    """
    foreign = hook.system_user != 0 or hook.user_id != user.id
    if foreign and not user.admin and not hook.system_user:
        raise RestError("ACCESS_DENIED", "Доступ запрещен.", 403)
    hook.scopes, hook.title = tuple(scopes), title
    if foreign:
        hook.user_id, hook.system_user = user.id, 0
        hook.code = secret(portal.state, "webhook", 16)


def remove(portal: Portal, user: Employee, hook: Webhook) -> None:
    """Delete a webhook; its owner and administrators may."""
    if not user.admin and user.id != hook.user_id:
        raise RestError("ACCESS_DENIED", "Доступ запрещен.", 403)
    portal.state.webhooks.remove(hook)


def dismiss(portal: Portal, by: Employee, user: Employee, *, preserve: bool) -> None:
    """Dismiss an employee. With `preserve` the webhooks go on, executed by a system user.

    Local applications are not handed over: tokens of the dismissed are refused.
    """
    portal.require_admin(by)
    user.active = False
    own = [hook for hook in portal.state.webhooks if hook.user_id == user.id and not hook.system_user]
    if preserve and own:
        system = replace(
            user,
            id=portal.state.next_id("user"),
            active=True,
            system=True,
            departments=list(user.departments),
        )
        portal.state.users[system.id] = system
        for hook in own:
            hook.system_user = system.id
