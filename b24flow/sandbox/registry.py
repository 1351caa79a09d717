"""The table of emulated methods: who may call them, with which parameters, by which page.

Everything said about a method once stands here, so the coverage table, the scope check and the
recorder of unknown parameters come from one place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from b24flow.sandbox.model.entities import App, Employee
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.model.state import State
from b24flow.sandbox.wire import Json, Params, as_int, as_list, as_map, missing

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: a user through an incoming webhook or through an application.

    `path` is what a webhook has between `/rest/` and the method (`1/code/`); `token` is the access
    token of an application's caller. One of them is empty.
    """

    user: Employee
    scopes: tuple[str, ...]
    path: str = ""
    token: str = ""
    app: App | None = None


@dataclass(slots=True, kw_only=True)
class Call:
    """One call of one method: the portal, the caller, the parameters and the address."""

    portal: Portal
    caller: Caller
    method: str
    params: Params
    base_url: str = ""
    start: int = 0
    noted: list[dict[str, str]] = field(default_factory=list)

    @property
    def state(self) -> State:
        """The portal's state."""
        return self.portal.state

    @property
    def user(self) -> Employee:
        """The user with whose rights the call is executed."""
        return self.caller.user

    def allows(self, scopes: tuple[str, ...]) -> bool:
        """Say whether the caller was granted every one of these scopes."""
        return set(scopes) <= set(self.caller.scopes)

    def note(self, kind: str, name: str) -> None:
        """Record something the box ignores silently and a client probably did not intend."""
        self.noted.append({"kind": kind, "name": name})

    def note_unknown(self, kind: str, given: Params, known: set[str] | frozenset[str]) -> None:
        """Record every key of `given` outside `known`."""
        for name in given:
            if name not in known:
                self.note(kind, name)

    def mapping(self, name: str) -> Params:
        """Return a required map parameter."""
        if name not in self.params:
            raise missing(name)
        return as_map(self.params[name])

    def optional_map(self, name: str) -> Params:
        """Return a map parameter, empty when absent."""
        return as_map(self.params.get(name))

    def number(self, name: str, default: int = 0) -> int:
        """Return an integer parameter."""
        return as_int(self.params.get(name), default)

    def required_number(self, name: str) -> int:
        """Return a required integer parameter."""
        if self.params.get(name) in (None, ""):
            raise missing(name)
        return as_int(self.params[name])

    def text(self, name: str) -> str:
        """Return a text parameter, empty when absent."""
        value = self.params.get(name)
        return "" if value is None or isinstance(value, dict | list) else str(value)

    def values(self, name: str) -> list[Json]:
        """Return a list parameter."""
        return as_list(self.params.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a list answer: `total` and `next` go beside `result`."""

    result: Json
    total: int | None = None
    next: int | None = None


_READING = frozenset(
    ["get", "list", "fields", "getfields", "gettypes", "getlist", "getchildren", "getversions",
     "getbyentitytypeid", "scope", "methods", "profile", "info", "time", "current", "search"]
)  # fmt: skip

Handler = Callable[[Call], Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A row of the table."""

    name: str
    scopes: tuple[str, ...]
    params: frozenset[str]
    required: tuple[str, ...]
    doc: str
    api: str
    upper: bool
    handler: Handler
    partial: str
    reads: bool
    app_only: bool
    instead: tuple[str, ...] = ()

    def granted(self, scopes: tuple[str, ...]) -> bool:
        """Say whether these scopes are enough: all of the method's, or one of those taken instead."""
        return set(self.scopes) <= set(scopes) or any(one in scopes for one in self.instead)


METHODS: dict[str, Method] = {}
METHODS_V3: dict[str, Method] = {}

APP_ONLY = frozenset(
    [
        "event.bind",
        "event.unbind",
        "event.get",
        "event.offline.get",
        "event.offline.list",
        "event.offline.clear",
        "event.offline.error",
        "placement.bind",
        "placement.unbind",
        "placement.get",
        "placement.list",
        "userfieldtype.add",
        "userfieldtype.update",
        "userfieldtype.list",
        "userfieldtype.delete",
        "bizproc.robot.add",
        "bizproc.robot.update",
        "bizproc.robot.list",
        "bizproc.robot.delete",
        "bizproc.activity.add",
        "bizproc.activity.update",
        "bizproc.activity.list",
        "bizproc.activity.delete",
        "crm.automation.trigger.add",
        "crm.automation.trigger.list",
        "crm.automation.trigger.execute",
        "crm.automation.trigger.delete",
        "crm.activity.configurable.add",
        "crm.activity.configurable.update",
        "disk.storage.getforapp",
    ]
)


def method(
    name: str,
    *,
    scope: str,
    doc: str,
    params: str = "",
    api: str = "v2",
    upper: bool = False,
    partial: str = "",
    reads: bool | None = None,
    app_only: bool = False,
    instead: str = "",
) -> Callable[[Handler], Handler]:
    """Register a handler.

    `params` lists the documented parameters; `*` marks those whose absence the controller answers
    with error 100. `upper` says that the module reads parameter names in any case. `partial` says
    in Russian what is not as on a box; empty means everything is. `reads` says that a call changes
    nothing, by default when it is called so (`…get`, `…list`). `app_only` refuses webhooks.
    `instead` lists narrower scopes of which one is enough.
    """
    words = params.split()
    silent = name.rpartition(".")[2].lower() in _READING if reads is None else reads

    def register(handler: Handler) -> Handler:
        table = METHODS if api == "v2" else METHODS_V3
        table[name.lower()] = Method(
            name=name,
            scopes=tuple(scope.split()),
            params=frozenset(word.rstrip("*") for word in words),
            required=tuple(word.rstrip("*") for word in words if word.endswith("*")),
            doc=doc,
            api=api,
            upper=upper,
            handler=handler,
            partial=partial,
            reads=silent,
            app_only=app_only,
            instead=tuple(instead.split()),
        )
        return handler

    return register


def coverage() -> list[dict[str, Any]]:
    """Return one row per emulated method, sorted by name: name, api, scopes, params, doc."""
    rows = [*METHODS.values(), *METHODS_V3.values()]
    return [
        {
            "method": row.name,
            "api": row.api,
            "scope": list(row.scopes),
            "params": sorted(row.params),
            "doc": row.doc,
            "partial": row.partial,
        }
        for row in sorted(rows, key=lambda row: (row.name.lower(), row.api))
    ]


def offset_of(call: Call, *, by_page: bool = True) -> int:
    """Return the place of the first row of a page."""
    offset = max(call.start, 0)
    return offset - offset % PAGE_SIZE if by_page else offset


def paginate(call: Call, rows: list[Json], *, wrap: str = "", by_page: bool = True) -> Page:
    """Cut 50 rows out at `start`; `start=-1` gives the first page without `total` and `next`.

    `by_page` is the habit of the newer controllers to round `start` down to whole pages
    (api-reference rest manager); older methods take it as an offset.
    """
    counted = call.start >= 0
    offset = offset_of(call, by_page=by_page)
    chunk = rows[offset : offset + PAGE_SIZE]
    more = offset + PAGE_SIZE < len(rows)
    return Page(
        result={wrap: chunk} if wrap else chunk,
        total=len(rows) if counted else None,
        next=offset + PAGE_SIZE if counted and more else None,
    )
