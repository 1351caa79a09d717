"""Data that an application keeps on the portal (api-reference/common/settings/**).

Contradictions resolved to the box: a webhook gets ACCESS_DENIED, and an empty `options` gets
ERROR_ARGUMENT from `app.option.set` and 100 from `user.option.set` (the pages name the classes of
the exceptions instead of their codes).
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model.entities import App
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.wire import Json, Params, RestError, as_map

_SETTINGS = "api-reference/common/settings/"
_EMPTY = "Argument 'options' is null or empty"


def _context(call: Call) -> App:
    if call.caller.app is None:
        raise _denied("Application context required")
    return call.caller.app


def _denied(why: str) -> RestError:
    return RestError("ACCESS_DENIED", f"Access denied! {why}", 403)


def _given(call: Call) -> Params:
    """Return `options`, or all the parameters of a call without it."""
    return as_map(call.params["options"]) if "options" in call.params else call.params


def _read(call: Call, kept: dict[str, Any]) -> Json:
    return kept.get(call.text("option")) if "option" in call.params else dict(kept)


@method("app.option.get", scope="", doc=_SETTINGS + "app-option-get.md", params="option")
def app_option_get(call: Call) -> Json:
    """Return one of the application's values, null for an unknown key, or all of them."""
    return _read(call, _context(call).options)


@method("app.option.set", scope="", doc=_SETTINGS + "app-option-set.md", params="options")
def app_option_set(call: Call) -> Json:
    """Keep values of the application beside those kept before; only an administrator may."""
    app, given = _context(call), _given(call)
    if not given:
        raise RestError("ERROR_ARGUMENT", _EMPTY, argument="options")
    if not call.user.admin:
        raise _denied("Administrator authorization required")
    app.options |= given
    return True


@method("user.option.get", scope="", doc=_SETTINGS + "user-option-get.md", params="option")
def user_option_get(call: Call) -> Json:
    """Return one of the user's values in the application, null for an unknown key, or all."""
    return _read(call, _context(call).user_options.get(call.user.id, {}))


@method("user.option.set", scope="", doc=_SETTINGS + "user-option-set.md", params="options")
def user_option_set(call: Call) -> Json:
    """Keep values of the user in the application beside those kept before."""
    app, given = _context(call), _given(call)
    if not given:
        raise RestError("100", _EMPTY)
    app.user_options.setdefault(call.user.id, {}).update(given)
    return True
