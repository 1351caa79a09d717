"""Who is looking at the page, and how a page is rendered for him."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page import bbcode, words
from b24flow.sandbox.page.menu import menu_of
from b24flow.sandbox.wire import as_int

COOKIE = "sandbox_employee"
# Forms and frames may go to applications anywhere; nothing else leaves the page, no script is inline.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-src *; "
    "form-action *; frame-ancestors 'self'; base-uri 'none'; object-src 'none'"
)


class RefusedError(Exception):
    """The portal says no to a person; the text is shown to him."""

    def __init__(self, text: str, status: int = 403) -> None:
        super().__init__(text)
        self.status = status


def show_moment(value: datetime | None) -> str:
    """Write a moment for people."""
    return value.strftime("%d.%m.%Y %H:%M") if value else "—"


def show_day(value: date | None) -> str:
    """Write a day for people."""
    return value.strftime("%d.%m.%Y") if value else "—"


def _environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    env = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    env.filters |= {
        "moment": show_moment,
        "day": show_day,
        "bb": bbcode.render,
        "plain": bbcode.plain,
        "size": words.size,
        "count": words.count,
        "color": words.color,
        "initials": lambda user: (user.name[:1] + user.last_name[:1]).upper() or "?",
    }
    return env


_ENV = _environment()


def employee_of(portal: Portal, request: Request) -> Employee | None:
    """Return the employee chosen in this browser."""
    return portal.active_user(as_int(request.cookies.get(COOKIE)))


def is_inner(request: Request) -> bool:
    """Say whether the page is shown inside a slider, without menu and header."""
    shown_in = request.headers.get("referer", "") if request.method == "POST" else ""
    return request.query_params.get("IFRAME") == "Y" or "IFRAME=Y" in shown_in


def render(portal: Portal, request: Request, name: str, *, status: int = 200, **values: Any) -> Response:
    """Render a template with what every page shows: the menu and the employees to choose from."""
    me = employee_of(portal, request)
    here = str(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
    people = [u for u in portal.state.users.values() if u.active and not (u.is_bot or u.system)]
    html = _ENV.get_template(name).render(
        me=me,
        people=sorted(people, key=lambda u: (u.last_name, u.name, u.id)),
        menu=menu_of(portal, me, here) if me else [],
        bell=_unread_notices(portal, me) if me else 0,
        inner=is_inner(request),
        changes=portal.changes,
        now=portal.clock.now(),
        path=request.url.path,
        here=here,
        name_of=portal.person_name,
        user_of=portal.state.users.get,
        people_json=lambda: _people_json(people),
        **values,
    )
    return HTMLResponse(html, status_code=status, headers={"Content-Security-Policy": POLICY})


def _people_json(people: list[Employee]) -> Markup:
    rows = [{"id": one.id, "name": one.full_name, "position": one.position} for one in people]
    text = json.dumps(rows, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    return Markup(text)  # noqa: S704 - JSON without a character that could end the element


def _unread_notices(portal: Portal, me: Employee) -> int:
    return sum(row.to == me.id and not row.read for row in portal.state.notices.values())


def refuse(portal: Portal, request: Request, error: RefusedError) -> Response:
    """Show a refusal, as JSON to a program that asks for it."""
    if wants_json(request):
        return JSONResponse({"ok": False, "error": str(error)}, status_code=error.status)
    back = request.headers.get("referer", "/")
    return render(portal, request, "refused.html", status=error.status, text=str(error), back=back)


def wants_json(request: Request) -> bool:
    """Say whether the client asks for JSON."""
    return "application/json" in request.headers.get("accept", "")


View = Callable[[Portal, Request, Employee], Response]


def page(portal: Portal, view: View) -> Callable[[Request], Response]:
    """Make an endpoint of a view: a chosen employee is required, refusals become pages."""

    def endpoint(request: Request) -> Response:
        with portal.lock:
            me = employee_of(portal, request)
            if me is None:
                return render(portal, request, "choose.html", back=str(request.url.path))
            try:
                return view(portal, request, me)
            except RefusedError as error:
                return refuse(portal, request, error)

    return endpoint
