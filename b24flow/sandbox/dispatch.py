"""From an HTTP request to an answer: authorisation, method lookup, execution, recording.

Facts: error-codes.md, settings/how-to-call-rest-api/**; statuses are those of the box (401 for
authorisation errors where the documentation says 403).
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import b24flow.sandbox.rest  # noqa: F401 - registers the methods
from b24flow.sandbox.admission import Request, admit, caller_id
from b24flow.sandbox.agenda import Agenda
from b24flow.sandbox.batch import Outcome, run_batch
from b24flow.sandbox.batch_v3 import run_batch_v3
from b24flow.sandbox.faults import LOST, EventFaultPlan, Fault, FaultPlan
from b24flow.sandbox.journal import CallJournal
from b24flow.sandbox.model.handlers import settle
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.registry import APP_ONLY, METHODS, METHODS_V3, Call, Caller, Method, Page, method
from b24flow.sandbox.wire import Json, Params, RestError, RestV3Error, as_int, missing, php

_RESERVED = {"auth", "access_token", "auth_connector"}


@method(
    "batch",
    scope="",
    doc="api-reference/rest-v3.md",
    api="v3",
    partial="Имена ответов, ссылки на них и остановка на первом отказе — по коду коробки: на странице их нет",
)
@method("batch", scope="", doc="settings/how-to-call-rest-api/batch.md", params="halt cmd")
def _nested_batch(_: Call) -> Json:
    """Refuse: `batch` is executed by the gateway, and only as the outermost call."""
    raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back: an HTTP status and a JSON body."""

    status: int
    body: Json


@dataclass(slots=True, kw_only=True)
class Gateway:
    """The REST entrance of one portal."""

    portal: Portal
    journal: CallJournal = field(default_factory=CallJournal)
    faults: FaultPlan = field(default_factory=FaultPlan)
    event_faults: EventFaultPlan = field(default_factory=EventFaultPlan)
    agenda: Agenda = field(init=False)

    def __post_init__(self) -> None:
        """Plan by the portal's present clock and hand on what its hits raise."""
        self.portal.settle = settle
        self.agenda = Agenda(lambda: self.portal.clock)

    def arrive(self, request: Request) -> tuple[Request, int, Fault | None]:
        """Number the HTTP request and find the fault that hits it; it may bend the request."""
        with self.portal.lock:
            fault = self.faults.hit(request.methods(), request.caller_key)
            taken = self.faults.revoked(request.caller_key)
            if taken:
                request = replace(request, taken=tuple(sorted(taken)))
            if fault is not None and fault.action == "ignore_filter":
                request = replace(request, unfiltered=fault.method.lower())
            return request, self.journal.next_http(), fault

    def record_unexecuted(self, request: Request, http_seq: int, fault: Fault) -> None:
        """Record a request that a fault kept from being executed."""
        status = fault.answer()[0] or None
        with self.portal.lock:
            self._record(request.method, request.params, http_seq, caller_id(self.portal, request),
                         status=status, fault=fault.action, executed=False)  # fmt: skip

    def handle(self, request: Request, http_seq: int, fault: Fault | None = None) -> Answer:
        """Execute a request and record it."""
        started = time.time()
        with self.portal.deed("rest", request.plain(), reading=self._reads(request)):
            first = self.portal.clock.now()
            row = self._record(request.method, request.params, http_seq, caller_id(self.portal, request),
                               fault=fault.action if fault else None)  # fmt: skip
            status = 200
            try:
                result, beside = self._execute(request, http_seq, row)
                body = {"result": result, **beside, "time": _timing(started, first, self.portal)}
            except RestError as error:
                status, body = error.status, error.body()
                row["error"] = error.code
            row["status"] = None if fault is not None and fault.action in LOST else status
            return Answer(status=status, body=php(body))

    def repeat(self, request: Request) -> None:
        """Execute a kept request again, to the same effect and for nobody."""
        row = {"seq": 0}
        with contextlib.suppress(RestError):
            self._execute(request, 0, row)
        self.journal.clear()

    def _reads(self, request: Request) -> bool:
        table = METHODS if request.api == "v2" else METHODS_V3
        names = request.methods()
        if names[0] == "batch":
            names = names[1:]
        return all(name not in table or table[name].reads for name in names)

    def record(self, request: Request, params: Params, http_seq: int, fault: Fault | None) -> dict[str, Any]:
        """Record a request that is answered outside the method table (files)."""
        action = fault.action if fault else None
        return self._record(request.method, params, http_seq, caller_id(self.portal, request), fault=action)

    def open_call(self, request: Request) -> Call:
        """Authorise a request and return its call without running a method."""
        return Call(
            portal=self.portal,
            caller=admit(self.portal, request),
            method=request.method,
            params=request.params,
            base_url=request.base_url,
        )

    def _record(
        self,
        name: str,
        params: Params,
        http_seq: int,
        caller: int | None,
        *,
        status: int | None = None,
        fault: str | None = None,
        executed: bool = True,
        batch: int | None = None,
    ) -> dict[str, Any]:
        return self.journal.add(
            http_seq=http_seq,
            method=name,
            params=params,
            caller=caller,
            status=status,
            error=None,
            time=self.portal.clock.now().isoformat(),
            batch=batch,
            fault=fault,
            executed=executed,
        )

    def _execute(self, request: Request, http_seq: int, row: dict[str, Any]) -> Outcome:
        caller = admit(self.portal, request)
        if request.bad_json:
            raise RestV3Error("INVALIDJSONEXCEPTION", "Invalid JSON in request body")

        def run(name: str, params: Params) -> Outcome:
            inner = self._record(name, params, http_seq, caller.user.id, batch=row["seq"])
            inner["status"] = 200
            started, first = time.time(), self.portal.clock.now()
            try:
                answer = self._call(request, caller, name=name, params=params, seq=inner["seq"])
            except RestError as error:
                inner["error"] = error.code
                raise
            return answer[0], answer[1] | {"time": _timing(started, first, self.portal)}

        if request.method.lower() == "batch" and request.api == "v2":
            given = {key.lower(): value for key, value in request.params.items()}
            self._note_parameters(given, {"halt", "cmd"}, "batch", row["seq"])
            return run_batch(request.params, run), {}
        if request.method.lower() == "batch":
            return run_batch_v3(request.params, lambda name, params: run(name, params)[0]), {}
        return self._call(request, caller, name=request.method, params=request.params, seq=row["seq"])

    def _call(
        self,
        request: Request,
        caller: Caller,
        *,
        name: str,
        params: Params,
        seq: int,
    ) -> Outcome:
        found = self._find(request.api, name, caller, seq)
        if not found.granted(caller.scopes):
            raise _narrow(found, caller)
        if found.app_only and caller.app is None:
            raise _wrong_type()
        given = _given(found, params)
        if request.unfiltered in ("*", name.lower()):
            given = {key: value for key, value in given.items() if key.lower() != "filter"}
        known = found.params | {"start"}
        known = frozenset(key.upper() for key in known) if found.upper else known
        self._note_parameters(given, known, found.name, seq)
        start = as_int(given.pop("START" if found.upper else "start", 0))
        for key in found.required:
            if given.get(key) is None:
                raise _absent(found, key)
        call = Call(
            portal=self.portal,
            caller=caller,
            method=found.name,
            params=given,
            base_url=request.base_url,
            start=start,
        )
        try:
            result = found.handler(call)
        finally:
            self._keep(call, seq)
        return _outcome(result)

    def _find(self, api: str, name: str, caller: Caller, seq: int) -> Method:
        table = METHODS if api == "v2" else METHODS_V3
        found = table.get(name.lower())
        if found is not None:
            return found
        self._note("unknown_method", name, name, seq)
        if api == "v2" and name.lower() in APP_ONLY and caller.app is None:
            raise _wrong_type()
        raise RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)

    def _note_parameters(self, given: Params, known: set[str] | frozenset[str], name: str, seq: int) -> None:
        for key in given:
            if key not in known and key not in _RESERVED:
                self._note("unknown_parameter", name, key, seq)

    def _keep(self, call: Call, seq: int) -> None:
        for note in call.noted:
            self._note(note["kind"], call.method, note["name"], seq)

    def _note(self, kind: str, name: str, what: str, seq: int) -> None:
        self.portal.unhandled.append({"kind": kind, "method": name, "name": what, "seq": seq})


def _wrong_type() -> RestError:
    text = "Current authorization type is denied for this method"
    return RestError("WRONG_AUTH_TYPE", text, 403)


def _narrow(found: Method, caller: Caller) -> RestError:
    if found.api == "v3":
        return RestV3Error("INSUFFICIENTSCOPEEXCEPTION", "Required scope is missing", 403)
    means = "access token" if caller.app is not None else "webhook token"
    text = f"The request requires higher privileges than provided by the {means}"
    return RestError("insufficient_scope", text, 401)


def _given(found: Method, params: Params) -> Params:
    reserved = _RESERVED - found.params
    given = {key: value for key, value in params.items() if key not in reserved}
    return {key.upper(): value for key, value in given.items()} if found.upper else given


def _absent(found: Method, key: str) -> RestError:
    if found.api == "v3":
        detail = [{"field": key, "message": f"Required field `{key}` is not specified"}]
        return RestV3Error("VALIDATION_REQUESTVALIDATIONEXCEPTION", "Request validation error",
                           validation=detail)  # fmt: skip
    return missing(key)


def _outcome(result: Json) -> Outcome:
    if not isinstance(result, Page):
        return result, {}
    beside = {"total": result.total, "next": result.next}
    return result.result, {key: value for key, value in beside.items() if value is not None}


def _timing(started: float, first: datetime, portal: Portal) -> Json:
    finished = time.time()
    spent = finished - started
    return {
        "start": started,
        "finish": finished,
        "duration": spent,
        "processing": spent,
        "date_start": first.isoformat(),
        "date_finish": portal.clock.now().isoformat(),
    }
