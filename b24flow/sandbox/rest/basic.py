"""Methods about REST itself (api-reference/common/**)."""

from __future__ import annotations

from b24flow.sandbox.clock import iso
from b24flow.sandbox.registry import METHODS, METHODS_V3, Call, method
from b24flow.sandbox.wire import Json

_SYSTEM = "api-reference/common/system/"


@method("scope", scope="", doc=_SYSTEM + "scope.md", params="full")
def scope(call: Call) -> Json:
    """List the scopes granted to the webhook."""
    return list(call.caller.scopes)


@method("method.get", scope="", doc=_SYSTEM + "method-get.md", params="name*")
def method_get(call: Call) -> Json:
    """Say whether a method exists and is inside the granted scopes."""
    found = METHODS.get(call.text("name").lower())
    allowed = found is not None and call.allows(found.scopes)
    return {"isExisting": found is not None, "isAvailable": allowed}


@method("methods", scope="", doc=_SYSTEM + "methods.md", params="full scope")
def methods(call: Call) -> Json:
    """List the available methods, names in lower case."""
    rows = METHODS.items()
    if call.text("scope"):
        return [name for name, row in rows if call.text("scope") in row.scopes]
    return [name for name, row in rows if call.allows(row.scopes)]


@method("server.time", scope="", doc=_SYSTEM + "server-time.md")
def server_time(call: Call) -> Json:
    """Return the portal's present time."""
    return iso(call.portal.clock.now())


@method("app.info", scope="", doc=_SYSTEM + "app-info.md")
def app_info(call: Call) -> Json:
    """Answer a webhook as the box does: scopes and licence only."""
    return {"SCOPE": list(call.caller.scopes), "LICENSE": "ru_selfhosted"}


@method("feature.get", scope="", doc=_SYSTEM + "feature-get.md", params="CODE*")
def feature_get(call: Call) -> Json:
    """Return the licence string, which is what a box answers for every code."""
    return {"value": "ru_selfhosted"}


@method("profile", scope="", doc="api-reference/common/users/profile.md")
def profile(call: Call) -> Json:
    """Describe the caller."""
    return {
        "ID": str(call.user.id),
        "ADMIN": call.user.admin,
        "NAME": call.user.name,
        "LAST_NAME": call.user.last_name,
        "PERSONAL_GENDER": call.user.gender,
        "TIME_ZONE": "",
    }


@method("rest.scope.list", scope="", doc="api-reference/rest-v3.md", api="v3")
def rest_scope_list(call: Call) -> Json:
    """Map the modules of REST 3.0 to their methods and scopes."""
    items: dict[str, dict[str, list[str]]] = {}
    for row in METHODS_V3.values():
        module = row.name.partition(".")[0]
        items.setdefault(module, {})[row.name] = list(row.scopes)
    return {"items": items}
