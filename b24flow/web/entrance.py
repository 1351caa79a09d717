"""How an employee gets in and out: a personal link, or a login that he confirms in the chat with the bot.

The login page has no list of employees: whoever is outside learns nothing about who works here.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from b24flow.core.russian import forbidden_characters
from b24flow.services import login
from b24flow.services.login import LoginState
from b24flow.web import identity
from b24flow.web.identity import NotSignedIn, check_origin, local_path, see_other
from b24flow.web.received import BadBody, Body
from b24flow.web.site import site_of

router = APIRouter()
_WAIT_SECONDS = int(login.LIFE.total_seconds())
_MAX_WHO = 254
_OLD_LINK = "Ссылка устарела или повреждена: войдите ещё раз."


@router.get("/login")
def ask(request: Request) -> Response:
    """Ask who is entering."""
    text = _OLD_LINK if request.query_params.get("old") == "1" else ""
    return _login_page(request, to=local_path(request.query_params.get("to", "/")), notice=text)


@router.post("/login")
def send(request: Request, body: Body) -> Response:
    """Send the question «Это вы?» to the person's chat and wait for the answer."""
    check_origin(request)
    site = site_of(request)
    to = local_path(body.one("to") or "/")
    who = body.one("who").strip()
    if body.uploads or set(body.values) - {"who", "to"}:
        raise BadBody("Форма прислана повреждённой: обновите страницу и повторите.")
    if not who or len(who) > _MAX_WHO or forbidden_characters(who):
        return _login_page(request, to=to, who=who, status=422,
                           error="Введите адрес электронной почты или фамилию, имя и отчество.")
    started = login.request_login(site.office, who, _address(request))
    response = RedirectResponse(f"/login/wait?{urlencode({'to': to})}", status_code=303)
    identity.set_cookie(site, response, "login", started.token, _WAIT_SECONDS)
    return response


@router.get("/login/wait")
def wait(request: Request) -> Response:
    """Wait for the answer from the chat: the page asks again by itself, without scripts."""
    site = site_of(request)
    to = local_path(request.query_params.get("to", "/"))
    token = request.cookies.get(identity.cookie_name(site, "login"), "")
    state = login.login_state(site.office, token) if token else LoginState.UNKNOWN
    user = login.finish_login(site.office, token) if state is LoginState.CONFIRMED else None
    if user is not None:
        response = see_other(to)
        identity.begin_session(site, response, user)
        identity.drop_cookie(site, response, "login")
        return response
    return site.page("wait.html", waiting=state is LoginState.WAITING,
                     denied=state is LoginState.DENIED, answer=login.ANSWER, to=to)


@router.get("/enter")
def enter(request: Request) -> Response:
    """Begin a session by a personal link and go to a page of this site."""
    site = site_of(request)
    user = identity.link_user(site, request.query_params.get("k", ""))
    if user is None:
        raise NotSignedIn(_OLD_LINK)
    response = see_other(request.query_params.get("to", "/"))
    identity.begin_session(site, response, user)
    return response


@router.post("/logout")
def leave(request: Request) -> Response:
    """End the session of this browser."""
    check_origin(request)
    response = see_other("/login")
    identity.drop_cookie(site_of(request), response, "session")
    return response


def _login_page(request: Request, *, status: int = 200, **values: Any) -> Response:
    site = site_of(request)
    return site.page("login.html", status=status, **{"who": "", "error": "", "notice": "", **values})


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""
