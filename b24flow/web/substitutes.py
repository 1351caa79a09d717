"""«Замещения»: who acts for whom and in what; everybody arranges his own, a head those of his people.

What the portal's absences suggest stands first, with a form of one press: the same command as any other.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response

from b24flow.core.people import SCOPE_WORDS
from b24flow.errors import InvalidForm, NotFound
from b24flow.services.absences import suggestions
from b24flow.services.substitutes import arrange, end, may_arrange, substitution_views
from b24flow.web import identity
from b24flow.web.fields import people_groups
from b24flow.web.identity import Flash, User, see_other
from b24flow.web.pages import shown
from b24flow.web.received import Body
from b24flow.web.site import site_of

router = APIRouter()
FIELDS = ("principal", "substitute", "since", "until", "scope", "process")
_MAX_ID = 9


@router.get("/substitutes")
def substitutes(request: Request, user: User) -> Response:
    """Show the substitutions that concern a person, and the form of a new one."""
    return _page(request, user, {**dict.fromkeys(FIELDS, ""), "principal": str(user), "scope": "all"}, {})


@router.post("/substitutes")
def add(request: Request, user: User, body: Body) -> Response:
    """Arrange a substitution."""
    identity.check_form(request, user, body.one("form_ticket"))
    said = {code: body.one(code) for code in FIELDS}
    try:
        arrange(site_of(request).office, user, said)
    except InvalidForm as error:
        return _page(request, user, said, error.fields)
    return _back(request, user, "Замещение назначено.")


@router.post("/substitutes/{row}/end")
def finish(request: Request, row: str, user: User, body: Body) -> Response:
    """End a substitution at once."""
    identity.check_form(request, user, body.one("form_ticket"))
    if not (row.isascii() and row.isdigit() and len(row) <= _MAX_ID):
        raise NotFound("Такого замещения нет: возможно, его уже отменили.")
    end(site_of(request).office, user, int(row))
    return _back(request, user, "Замещение отменено.")


def _back(request: Request, user: int, text: str) -> Response:
    response = see_other("/substitutes")
    identity.put_flash(site_of(request), response, user, Flash(text=text, kind="ok"))
    return response


def _page(
    request: Request, user: int, said: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    site = site_of(request)
    with site.office.database.reading() as unit:
        context = site.office.context(unit)
    groups = tuple(people_groups(context, user))
    mine = [one for group in groups for one in group.people
            if may_arrange(context.directory, user, int(one.id))]
    return shown(
        request, "substitutes.html", user, 422 if errors else 200, here="substitutes", said=said,
        errors=errors, groups=groups, mine=mine, rows=substitution_views(site.office, user),
        suggested=suggestions(site.office, user),
        scopes=[(one.value, text) for one, text in SCOPE_WORDS.items()], today=context.today,
        processes=list(site.office.definitions.processes().values()),
        form_ticket=identity.form_ticket(site, user),
    )
