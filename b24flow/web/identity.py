"""Who is asking: session cookie, personal links, form tickets, and where a POST came from.

No password of ours exists: a session begins with a link that only its person received, or with a login
that the person confirmed in the chat with the bot. A ticket proves a name only; that the person still
works here and may do a thing is asked again at every request.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from b24flow.core.russian import forbidden_characters
from b24flow.errors import NotAllowed, Refused
from b24flow.web.site import Site, origin_of, site_of

SESSION_LIFE = timedelta(hours=12)
FLASH_SECONDS = 60
_SESSION, _FORM, _LINK, _API = "session", "form", "link", "api"
_MAX_TICKET = 100
_MAX_PATH = 500
_TRUSTED_FETCH = frozenset({"same-origin", "none"})


class NotSignedIn(Refused):
    """Nobody is known by the request: the person must enter first."""

    code = "refused.not_signed_in"


class GoTo(Exception):
    """The page is elsewhere; `user` begins a session on the way."""

    def __init__(self, url: str, user: int | None = None) -> None:
        super().__init__(url)
        self.url = url
        self.user = user


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """A message that the next page shows once; `kind` is ok or warn."""

    text: str
    kind: str = "ok"


def cookie_name(site: Site, what: str) -> str:
    """Return a cookie's name; over https browsers hold the prefixed ones to this host alone."""
    return f"__Host-b24flow-{what}" if site.secure_cookies else f"b24flow-{what}"


def set_cookie(site: Site, response: Response, what: str, value: str, seconds: int) -> None:
    """Set a cookie that scripts cannot read and that foreign sites cannot send with a POST."""
    response.set_cookie(
        cookie_name(site, what), value, max_age=seconds, path="/", httponly=True,
        samesite="lax", secure=site.secure_cookies,
    )


def drop_cookie(site: Site, response: Response, what: str) -> None:
    """Delete a cookie."""
    response.delete_cookie(
        cookie_name(site, what), path="/", httponly=True, samesite="lax",
        secure=site.secure_cookies,
    )


def begin_session(site: Site, response: Response, user: int) -> None:
    """Let the browser in as `user` for twelve hours."""
    expires = site.office.clock.now() + SESSION_LIFE
    ticket = site.office.tickets.issue(_SESSION, user, expires)
    set_cookie(site, response, "session", ticket, int(SESSION_LIFE.total_seconds()))


def signed_in(request: Request) -> int:
    """Return the user of a page's session; raises NotSignedIn, NotAllowed, GoTo.

    A GET with `?k=<personal link>` begins a session and goes on to the address without the ticket.
    """
    site = site_of(request)
    user = _session_user(request, site)
    if request.method == "GET" and "k" in request.query_params:
        linked = link_user(site, request.query_params["k"])
        if linked is None and user is None:
            raise NotSignedIn("Ссылка устарела или повреждена: войдите ещё раз.")
        raise GoTo(_without_ticket(request), linked)
    if user is None:
        raise NotSignedIn("Сначала войдите.")
    _check_active(site, user)
    return user


User = Annotated[int, Depends(signed_in)]


def api_user(request: Request) -> int:
    """Return the user of an API call: `Authorization: Bearer <ticket>`, or the session of a page.

    A session's POST must come from our own page; raises NotSignedIn, NotAllowed.
    """
    site = site_of(request)
    scheme, _, ticket = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        user = _ticket_user(site, ticket.strip(), (_API, _SESSION, _LINK))
    else:
        user = _session_user(request, site)
        if user is not None and request.method != "GET" and not _from_here(request, strict=True):
            raise NotAllowed("Запрос пришёл с чужого сайта и не выполнен.")
    if user is None:
        raise NotSignedIn("Нужен вход: заголовок Authorization или сессия.")
    _check_active(site, user)
    return user


ApiUser = Annotated[int, Depends(api_user)]


def link_user(site: Site, ticket: str) -> int | None:
    """Return whose personal link this is, None when it is forged or out of date."""
    return _ticket_user(site, ticket, (_LINK,))


def _session_user(request: Request, site: Site) -> int | None:
    ticket = request.cookies.get(cookie_name(site, "session"), "")
    return _ticket_user(site, ticket, (_SESSION,))


def _ticket_user(site: Site, ticket: str, purposes: tuple[str, ...]) -> int | None:
    if len(ticket) > _MAX_TICKET:
        return None
    now = site.office.clock.now()
    checked = (site.office.tickets.check(ticket, one, now) for one in purposes)
    return next((user for user in checked if user is not None), None)


def _check_active(site: Site, user: int) -> None:
    with site.office.database.reading() as unit:
        active = site.office.people.directory(unit).active(user)
    if not active:
        raise NotAllowed("Ваша учётная запись закрыта: обратитесь к администратору портала.")


def _without_ticket(request: Request) -> str:
    pairs = [
        (key, value) for key, value in parse_qsl(request.url.query, keep_blank_values=True)
        if key != "k"
    ]
    path = local_path(quote(request.url.path, safe="/"))
    return f"{path}?{urlencode(pairs)}" if pairs else path


def form_ticket(site: Site, user: int) -> str:
    """Return the hidden value that proves a form was opened by `user`."""
    return site.office.tickets.issue(_FORM, user, site.office.clock.now() + SESSION_LIFE)


def check_form(request: Request, user: int, ticket: str) -> None:
    """Refuse a form that our own page, opened by the same person, did not send; raises NotAllowed."""
    check_origin(request)
    site = site_of(request)
    if _ticket_user(site, ticket, (_FORM,)) != user:
        raise NotAllowed(
            "Форма устарела или открыта другим сотрудником: вернитесь, обновите страницу и повторите."
        )


def check_origin(request: Request) -> None:
    """Refuse a form that a page of another site sent; raises NotAllowed."""
    if not _from_here(request, strict=False):
        raise NotAllowed("Форма пришла с чужого сайта и не выполнена.")


def _from_here(request: Request, *, strict: bool) -> bool:
    """Tell whether a POST came from our own page.

    Pages are sent with `Referrer-Policy: no-referrer`, for which browsers write `Origin: null` into
    their form posts (WHATWG Fetch, «append a request Origin header»): then Sec-Fetch-Site decides,
    and the form's ticket where a browser is too old to send it; `strict` does not trust such a one.
    """
    fetch = request.headers.get("sec-fetch-site")
    if fetch is not None and fetch not in _TRUSTED_FETCH:
        return False
    origin = request.headers.get("origin")
    if origin is not None and origin != "null":
        own = origin_of(site_of(request).office.base_url)
        return origin in {own, f"{request.url.scheme}://{request.headers.get('host', '')}"}
    return fetch is not None or not strict


def local_path(text: str) -> str:
    """Return an address inside this site: «/…» as it is, anything else becomes «/»."""
    if (
        not text.startswith("/") or text[1:2] in {"/", "\\"} or "\\" in text
        or len(text) > _MAX_PATH or forbidden_characters(text) or not text.isprintable()
    ):
        return "/"
    return text


def see_other(url: str) -> RedirectResponse:
    """Return «done, now look there»: the answer to every accepted form."""
    return RedirectResponse(local_path(url), status_code=303)


def put_flash(site: Site, response: Response, user: int, flash: Flash) -> None:
    """Make the next page of this person show a message."""
    text = base64.urlsafe_b64encode(f"{flash.kind}:{flash.text}".encode()).decode()
    proof = site.office.tickets.nonce("flash", user, text)
    set_cookie(site, response, "flash", f"{proof}.{text}", FLASH_SECONDS)


def read_flash(request: Request, user: int) -> Flash | None:
    """Return the message for this page, if we wrote one for this person."""
    site = site_of(request)
    proof, _, text = request.cookies.get(cookie_name(site, "flash"), "").partition(".")
    if not text or proof != site.office.tickets.nonce("flash", user, text):
        return None
    try:
        kind, _, message = base64.urlsafe_b64decode(text).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Flash(text=message, kind=kind)


def now_of(site: Site) -> datetime:
    """Return the present moment of the site's clock."""
    return site.office.clock.now()
