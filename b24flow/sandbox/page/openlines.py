"""The outside of open lines: the public page where a client, who is no employee, writes.

`POST /contact_center/{line}/write` takes a form with `client` (any code by which he is known
again), `name`, `text`, and optionally `connector` and `crm` (`CONTACT|5`: as whom the CRM knows
him). A program that accepts JSON gets `{"ok": true, "message_id", "chat_id", "session_id"}`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from b24flow.sandbox.model import chats, openlines
from b24flow.sandbox.model.openlines_rows import Line
from b24flow.sandbox.model.openlines_said import session_of
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page import bbcode
from b24flow.sandbox.page.session import POLICY, RefusedError, show_moment, wants_json

_PATH = "/contact_center/{line:int}/"
_GUEST = "guest"
_LIMIT = 100
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
_PAGES.filters |= {"moment": show_moment, "bb": bbcode.render}


def openline_routes(portal: Portal) -> list[BaseRoute]:
    """Return the public addresses of open lines."""
    return [
        Route(_PATH, _page(portal)),
        Route(_PATH + "write", _write(portal), methods=["POST"]),
    ]


def repeat_openline(portal: Portal, body: dict[str, Any]) -> None:
    """Say again what a client said, to the same effect; a refusal is a refusal again."""
    with contextlib.suppress(RefusedError):
        say(portal, body)


def say(portal: Portal, form: dict[str, Any]) -> dict[str, Any]:
    """Bring a client's words into a line; refuse without a line or without words."""
    line, text = _line(portal, int(form["line"])), str(form.get("text", "")).strip()
    if not text:
        raise RefusedError("Напишите сообщение", 400)
    connector = str(form.get("connector") or "livechat")
    if connector not in openlines.CONNECTORS:
        raise RefusedError("Такого канала у линии нет", 400)
    message = openlines.write(
        portal,
        line,
        code=str(form.get("client") or _GUEST)[:_LIMIT],
        name=str(form.get("name") or "")[:_LIMIT],
        text=text,
        connector=connector,
        crm_code=str(form.get("crm") or ""),
    )
    session = session_of(portal, message.chat_id)
    return {
        "message_id": message.id,
        "chat_id": message.chat_id,
        "session_id": session.id if session else 0,
    }


def _line(portal: Portal, number: int) -> Line:
    line = portal.state.lines.get(number)
    if line is None or line.settings["ACTIVE"] != "Y":
        raise RefusedError("Такой открытой линии нет", 404)
    return line


def _write(portal: Portal) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        async with request.form() as posted:
            form = {key: value for key, value in posted.multi_items() if isinstance(value, str)}
        form["line"] = str(request.path_params["line"])

        def run() -> Response:
            try:
                with portal.deed("openline", form):
                    shown = say(portal, form)
            except RefusedError as error:
                return JSONResponse({"ok": False, "error": str(error)}, status_code=error.status)
            if wants_json(request):
                return JSONResponse({"ok": True, **shown})
            client = quote(form.get("client") or _GUEST)
            return RedirectResponse(f"/contact_center/{form['line']}/?client={client}", status_code=303)

        return await run_in_threadpool(run)

    return endpoint


def _page(portal: Portal) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        code = request.query_params.get("client", _GUEST)
        with portal.lock:
            try:
                line = _line(portal, int(request.path_params["line"]))
            except RefusedError as error:
                return HTMLResponse(f"<h1>404</h1><p>{error}</p>", status_code=error.status)
            rows = _talk(portal, line, code)
        template = _PAGES.get_template("openline.html")
        text = template.render(line=line, title=line.settings["LINE_NAME"], client=code, rows=rows)
        return HTMLResponse(text, headers={"Content-Security-Policy": POLICY})

    return endpoint


def _talk(portal: Portal, line: Line, code: str) -> list[dict[str, Any]]:
    """Return what a client sees of his conversation."""
    client = next((row for row in portal.state.line_clients.values() if row.code == code), None)
    if client is None:
        return []
    entity = f"{client.connector}|{line.id}|{client.outer_chat}|{client.id}"
    chat = openlines.chat_by_code(portal, entity)
    rows = chats.messages_of(portal, chat) if chat else []
    return [
        {
            "mine": row.author_id == client.id,
            "who": "" if row.system else portal.person_name(row.author_id),
            "text": row.text,
            "at": row.created,
        }
        for row in rows
    ]
