"""«Резерв номеров»: what was set aside, for whom and until when; a number is released with a reason."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from b24flow.errors import InvalidForm, NotFound
from b24flow.services.numbers import name_of
from b24flow.services.reserved import RELEASED, held_views, release
from b24flow.web import identity
from b24flow.web.identity import Flash, User, see_other
from b24flow.web.pages import shown
from b24flow.web.received import Body
from b24flow.web.site import site_of

router = APIRouter()
_MAX_ID = 9


@router.get("/reserved")
def reserved(request: Request, user: User) -> Response:
    """Show the numbers in reserve."""
    return _page(request, user)


@router.post("/reserved/{row}/release")
def released(request: Request, row: str, user: User, body: Body) -> Response:
    """Release one of them."""
    site = site_of(request)
    identity.check_form(request, user, body.one("form_ticket"))
    if not (row.isascii() and row.isdigit() and len(row) <= _MAX_ID):
        raise NotFound("Такого номера в резерве нет.")
    try:
        one = release(site.office, int(row), body.one("reason"), user)
    except InvalidForm as error:
        return _page(request, user, wrong=int(row), error=error.fields["reason"], said=body.one("reason"))
    response = see_other("/reserved")
    said = f"Номер {name_of(one)} {RELEASED[one.state]}."
    identity.put_flash(site, response, user, Flash(text=said, kind="ok"))
    return response


def _page(request: Request, user: int, *, wrong: int = 0, error: str = "", said: str = "") -> Response:
    site = site_of(request)
    return shown(
        request, "reserved.html", user, 422 if error else 200, here="registry", wrong=wrong, error=error,
        said=said, rows=held_views(site.office, user), form_ticket=identity.form_ticket(site, user),
    )
