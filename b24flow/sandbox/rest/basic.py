"""Methods about REST itself (api-reference/common/{system,users}/**).

Contradictions resolved to the box: `app.info` answers a webhook with its scopes (the page says
ACCESS_DENIED); `feature.get` answers with the licence; the kinds of the licence are the cloud's.
"""

from __future__ import annotations

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model.apps import LANGUAGE
from b24flow.sandbox.model.portal import ALL_SCOPES
from b24flow.sandbox.model.tokens import LOCAL
from b24flow.sandbox.registry import METHODS, METHODS_V3, Call, method
from b24flow.sandbox.wire import Json, RestError, as_int, as_list, is_yes

_SYSTEM = "api-reference/common/system/"
_USERS = "api-reference/common/users/"
_CODES = {"G2": "Все посетители", "AU": "Все авторизованные пользователи"}
_LICENCE = f"{LANGUAGE}_selfhosted"


@method("scope", scope="", doc=_SYSTEM + "scope.md", params="full", upper=True)
def scope(call: Call) -> Json:
    """List the scopes granted to the caller, or all there are."""
    return list(ALL_SCOPES if is_yes(call.params.get("FULL")) else call.caller.scopes)


@method("method.get", scope="", doc=_SYSTEM + "method-get.md", params="name")
def method_get(call: Call) -> Json:
    """Say whether a method exists and is inside the granted scopes."""
    found = METHODS.get(call.text("name").lower())
    allowed = found is not None and found.granted(call.caller.scopes)
    return {"isExisting": found is not None, "isAvailable": allowed}


@method("methods", scope="", doc=_SYSTEM + "methods.md", params="full scope", upper=True)
def methods(call: Call) -> Json:
    """List methods, names in lower case: of one scope, all, or those of the caller's scopes."""
    rows = METHODS.items()
    if "SCOPE" in call.params:
        wanted = call.text("SCOPE")
        own = [(name, (*row.scopes, *row.instead)) for name, row in rows]
        return [name for name, scopes in own if (wanted in scopes if wanted else not scopes)]
    if is_yes(call.params.get("FULL")):
        return list(METHODS)
    return [name for name, row in rows if row.granted(call.caller.scopes)]


@method("server.time", scope="", doc=_SYSTEM + "server-time.md")
def server_time(call: Call) -> Json:
    """Return the portal's present time."""
    return iso(call.portal.clock.now())


@method("app.info", scope="", doc=_SYSTEM + "app-info.md")
def app_info(call: Call) -> Json:
    """Describe the calling application; a webhook learns its scopes and the licence."""
    app = call.caller.app
    if app is None:
        return {"SCOPE": list(call.caller.scopes), "LICENSE": _LICENCE}
    return {
        "ID": app.id,
        "CODE": app.client_id,
        "VERSION": app.version,
        "STATUS": LOCAL,
        "INSTALLED": app.installed,
        "PAYMENT_EXPIRED": "N",
        "DAYS": None,
        "LANGUAGE_ID": LANGUAGE,
        "LICENSE": _LICENCE,
    }


@method("feature.get", scope="", doc=_SYSTEM + "feature-get.md", params="CODE", upper=True)
def feature_get(call: Call) -> Json:
    """Return the licence string, which is what a box answers for every code."""
    if not call.text("CODE"):
        raise RestError("CODE_EMPTY", "CODE can't be empty")
    return {"value": _LICENCE}


@method("profile", scope="", doc=_USERS + "profile.md")
def profile(call: Call) -> Json:
    """Describe the user with whose rights the call is executed."""
    user = call.user
    return {
        "ID": str(user.id),
        "ADMIN": user.admin,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "PERSONAL_GENDER": user.gender,
        "TIME_ZONE": str(user.profile.get("TIME_ZONE", "")),
    }


@method("user.admin", scope="", doc=_USERS + "user-admin.md", reads=True)
def user_admin(call: Call) -> Json:
    """Say whether the user may manage applications."""
    return call.user.admin


@method("user.access", scope="", doc=_USERS + "user-access.md", params="ACCESS", upper=True, reads=True)
def user_access(call: Call) -> Json:
    """Say whether the user has one of the access codes; an administrator has them all."""
    own = {f"U{call.user.id}", "AU", "G2"}
    return call.user.admin or any(str(code) in own for code in call.values("ACCESS"))


@method("access.name", scope="", doc=_SYSTEM + "access-name.md", params="ACCESS", upper=True, reads=True,
        partial="Название поставщика у кодов U… на странице метода не приведено")  # fmt: skip
def access_name(call: Call) -> Json:
    """Name access codes; codes that mean nothing here are left out."""
    given = call.params.get("ACCESS")
    codes = [str(code) for code in as_list(given)] if isinstance(given, dict | list) else []
    if not codes:
        return False
    return {code: row for code in codes if (row := _access_code(call, code)) is not None}


def _access_code(call: Call, code: str) -> Json:
    if code in _CODES:
        return {"provider": "", "name": _CODES[code], "provider_id": "other"}
    user = call.state.users.get(as_int(code[1:])) if code.startswith("U") else None
    if user is None:
        return None
    return {"provider": "Пользователи", "name": user.full_name, "provider_id": "user"}


@method("rest.scope.list", scope="", doc="api-reference/rest-v3.md", api="v3",
        partial="Форма ответа в документации не приведена")  # fmt: skip
def rest_scope_list(call: Call) -> Json:
    """Map the modules of REST 3.0 to their methods and scopes."""
    items: dict[str, dict[str, list[str]]] = {}
    for row in METHODS_V3.values():
        module = row.name.partition(".")[0]
        items.setdefault(module, {})[row.name] = list(row.scopes)
    return {"items": items}
