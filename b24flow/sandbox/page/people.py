"""What an employee does on the portal: every action goes through the same model as REST.

Each address takes a form post. The employee is the one chosen in the browser, or the form's `as`
(so a test needs no cookie). A program that sends `Accept: application/json` gets
`{"ok": true, …}` or `{"ok": false, "error": …}` with status 400, 403 or 404; a browser is sent
back to `back` or to the page of the thing it changed. A field whose name ends with `[]` is a list.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from b24flow.sandbox.model import users
from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page import (
    acts_chat,
    acts_company,
    acts_crm,
    acts_disk,
    acts_tasks,
    checks,
    developers,
    feed_view,
    places,
)
from b24flow.sandbox.page.acts import Act, Form
from b24flow.sandbox.page.session import COOKIE, RefusedError, employee_of, refuse, wants_json
from b24flow.sandbox.page.words import human
from b24flow.sandbox.wire import RestError, as_int

_ACTS: dict[str, Act] = {
    **acts_chat.ACTS,
    **acts_company.ACTS,
    **acts_crm.ACTS,
    **acts_disk.ACTS,
    **acts_tasks.ACTS,
    **checks.ACTS,
    **developers.ACTS,
    **feed_view.ACTS,
    **places.ACTS,
}


def people_routes(portal: Portal) -> list[BaseRoute]:
    """Return the addresses of people's actions."""
    routes = [Route(f"/as/{path}", _endpoint(portal, path), methods=["POST"]) for path in _ACTS]
    return [Route("/as/login", _login(portal), methods=["POST"]), *routes]


def _endpoint(portal: Portal, name: str) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        async with request.form() as posted:
            form = await read_form(posted)

        def run() -> Response:
            kept = {"as": request.cookies.get(COOKIE, ""), **form}
            with portal.deed("person", {"act": name, "form": kept}):
                return _run(portal, request, _ACTS[name], form)

        return await run_in_threadpool(run)

    return endpoint


async def read_form(posted: FormData) -> Form:
    """Return a form as plain values: texts, lists of `name[]`, files as lists of name and content."""
    form: Form = {}
    for key, value in posted.multi_items():
        if not isinstance(value, str):
            row = {
                "name": (value.filename or "").replace("\\", "/").rpartition("/")[2],
                "content": await value.read(),
            }
            form.setdefault(key, []).append(row)
        elif key.endswith("[]"):
            form.setdefault(key, []).append(value)
        else:
            form[key] = value
    return form


def repeat_act(portal: Portal, name: str, form: Form) -> None:
    """Do again what a person did, to the same effect; a refusal is a refusal again."""
    user = portal.active_user(as_int(form["as"]))
    if user is not None:
        with contextlib.suppress(RestError, RefusedError):
            _ACTS[name](portal, user, form)


def _run(portal: Portal, request: Request, act: Act, form: Form) -> Response:
    try:
        user = person_of(portal, request, form)
        try:
            address, shown = act(portal, user, form)
        except RestError as error:
            raise RefusedError(human(error), 403) from error
    except RefusedError as error:
        return refuse(portal, request, error)
    if wants_json(request):
        return JSONResponse({"ok": True, "address": address, **shown})
    return RedirectResponse(_back(request, form, address), status_code=303)


def _back(request: Request, form: Form, address: str) -> str:
    back = local_path(str(form.get("back") or address))
    if "IFRAME=Y" not in urlsplit(request.headers.get("referer", "")).query or "IFRAME=Y" in back:
        return back
    path, hash_, anchor = back.partition("#")  # a page in a slider stays one
    return f"{path}{'&' if '?' in path else '?'}IFRAME=Y{hash_}{anchor}"


def local_path(address: str) -> str:
    """Return an address of this portal, or its start for any other."""
    return address if address.startswith("/") and address[1:2] not in ("/", "\\") else "/"


def person_of(portal: Portal, request: Request, form: Form) -> Employee:
    """Return who acts: the form's `as`, else the employee chosen in the browser."""
    named = portal.active_user(as_int(form["as"])) if "as" in form else None
    user = named if "as" in form else employee_of(portal, request)
    if user is None:
        raise RefusedError("Выберите действующего сотрудника")
    return user


def _login(portal: Portal) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        async with request.form() as form:
            user = portal.active_user(as_int(form.get("user")))
        if user is None:
            return refuse(portal, request, RefusedError("Такого сотрудника нет", 404))

        def enter() -> None:
            with portal.deed("person", {"act": "enter", "form": {"as": str(user.id)}}):
                users.enter(portal, user)

        await run_in_threadpool(enter)
        answer = RedirectResponse(local_path(str(form.get("back") or "/")), status_code=303)
        answer.set_cookie(COOKIE, str(user.id), httponly=True, samesite="lax")
        return answer

    return endpoint
