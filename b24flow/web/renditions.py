"""Print forms for download: what a document offers, the registration journal, the control list.

A download is only ever a file: nothing is stored and nothing changes, so all of it is GET. Whether PDF is
offered depends on the machine; where LibreOffice is not installed the page says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response

from b24flow.core.definition import Rendered
from b24flow.errors import NotFound
from b24flow.services import journals, render
from b24flow.services.render import FORMS, Printed
from b24flow.web.identity import User
from b24flow.web.pages import known_uuid
from b24flow.web.site import Site, site_of
from b24flow.web.uploads import safe_name

router = APIRouter()


def install(app: FastAPI, site: Site) -> None:
    """Add the addresses, and what pages need in order to show the buttons."""
    app.include_router(router)
    office = site.office

    def print_forms(uuid: str) -> Sequence[Rendered]:
        return render.print_forms(office, uuid) if office.renderer is not None else ()

    site.templates.globals.update(
        print_forms=print_forms, pdf_ready=lambda: office.renderer is not None and office.renderer.pdf_ready,
        prints_journals=office.renderer is not None,
    )


@router.get("/documents/{uuid}/print/{code}")
def print_form(request: Request, uuid: str, code: str, _: User) -> Response:
    """Send a print form of a document."""
    points = frozenset(request.query_params.getlist("point"))
    return _download(render.printed(site_of(request).office, known_uuid(uuid), code, _form(request), points))


@router.get("/registry/journal")
def journal(request: Request, _: User) -> Response:
    """Send the registration journal of a process for a period."""
    office, asked = site_of(request).office, request.query_params
    since, until = journals.period(asked.get("since", ""), asked.get("until", ""), render.today(office))
    return _download(journals.journal(office, asked.get("process", ""), since, until, _form(request)))


@router.get("/registry/control")
def control(request: Request, _: User) -> Response:
    """Send the control list of one process or of all."""
    process = request.query_params.get("process", "") or None
    return _download(journals.control_list(site_of(request).office, process, _form(request)))


def _form(request: Request) -> str:
    form = request.query_params.get("format", FORMS[0])
    if form not in FORMS:
        raise NotFound("Такого формата нет: есть docx и pdf.")
    return form


def _download(made: Printed) -> Response:
    name = quote(safe_name(made.name), safe="")
    return Response(made.content, media_type=made.mime, headers={
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}"})
