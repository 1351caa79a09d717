"""Pages that only show: my documents, the registry, where a document is, the document, its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from markupsafe import Markup

from b24flow.core.access import offers
from b24flow.core.decide import opened
from b24flow.core.definition import Action, ActionKind, ProcessDefinition
from b24flow.definitions.graph import svg
from b24flow.errors import InvalidForm, NotFound
from b24flow.services.compare import previous
from b24flow.services.reserved import keeps_numbers
from b24flow.services.views import DocumentView, document_view, my_work
from b24flow.web import identity, listing
from b24flow.web.buttons import buttons, my_orders
from b24flow.web.fields import Group, people_groups
from b24flow.web.identity import User
from b24flow.web.site import PROCESSES_WORDS, Site, site_of
from b24flow.web.uploads import TYPES, UNKNOWN_TYPE, safe_name

router = APIRouter()
STARTING = frozenset({
    ActionKind.REGISTER, ActionKind.FORWARD, ActionKind.SUBMIT, ActionKind.MOVE, ActionKind.FILL,
})
"""Actions of a draft by which a document may be begun."""
DECIDING = frozenset({ActionKind.APPROVE, ActionKind.SIGN})
"""Whoever may do these must see what is new in the draft."""
_FILTERS = ("process", "state", "q", "overdue", "open", "since", "until", "executor")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewButton:
    """A button that begins a document; `main` stands by itself, the others in a menu."""

    label: str
    url: str
    main: bool = False


def known_uuid(text: str) -> str:
    """Return an address's uuid; raises NotFound for what cannot be one."""
    if not _UUID.fullmatch(text):
        raise NotFound("Такого документа нет. Возможно, адрес скопирован не целиком.")
    return text


def starting_actions(site: Site, definition: ProcessDefinition, user: int) -> list[Action]:
    """Return the actions with which this person may begin a document of a process."""
    with site.office.database.reading() as unit:
        context = site.office.context(unit)
    draft = opened(definition, uuid="", actor=user, context=context).document
    return [
        one.action for one in offers(definition, draft, context, user)
        if one.action.kind in STARTING and one.action.work
    ]


def _new_buttons(site: Site, user: int) -> list[NewButton]:
    return [
        NewButton(label=PROCESSES_WORDS.get(one.code, one.label), url=f"/documents/new/{one.code}",
                  main=one.code in PROCESSES_WORDS)
        for one in site.office.definitions.processes().values()
        if starting_actions(site, one, user)
    ]


def shown(request: Request, name: str, user: int, status: int = 200, **values: Any) -> Response:
    """Return a page of a signed-in person, with the message left for it, if there is one."""
    site = site_of(request)
    flash = identity.read_flash(request, user)
    response = site.page(name, status=status, user=user, flash=flash, **values)
    if flash is not None:
        identity.drop_cookie(site, response, "flash")
    return response


@router.get("/")
def mine(request: Request, user: User) -> Response:
    """Show «Мои документы»: what waits for this person, the most urgent first."""
    site = site_of(request)
    rows = my_work(site.office, user)
    return shown(request, "mine.html", user, rows=rows, new=_new_buttons(site, user), here="mine")


@router.get("/registry")
def registry(request: Request, user: User) -> Response:
    """Show the registry with its filters, page by page."""
    site = site_of(request)
    query = {key: request.query_params[key] for key in request.query_params}
    errors: Mapping[str, str] = {}
    page = listing.ListPage(rows=(), after=None)
    try:
        wanted = listing.read_filter(query, site.office, _today(site))
        page = listing.registry_page(site.office, wanted, listing.read_before(query.get("before", "")))
    except InvalidForm as error:
        errors = error.fields
    asked = {key: query.get(key, "") for key in _FILTERS}
    kept = {key: value for key, value in asked.items() if value}
    more = f"/registry?{urlencode({**kept, 'before': page.after})}" if page.after else ""
    return shown(
        request, "registry.html", user, 422 if errors else 200, page=page, query=asked, more=more,
        first="" if not query.get("before") else f"/registry?{urlencode(kept)}",
        errors=errors, here="registry", new=_new_buttons(site, user), people=_people(site, user),
        processes=list(site.office.definitions.processes().values()),
        states=_states(site, query.get("process", "")), keeps_numbers=_keeps_numbers(site, user),
    )


def _people(site: Site, user: int) -> list[Group]:
    with site.office.database.reading() as unit:
        return list(people_groups(site.office.context(unit), user))


def _keeps_numbers(site: Site, user: int) -> bool:
    with site.office.database.reading() as unit:
        return keeps_numbers(site.office.people.directory(unit), user)


def _states(site: Site, process: str) -> dict[str, str]:
    processes = site.office.definitions.processes()
    chosen = [processes[process]] if process in processes else list(processes.values())
    return {one.code: one.label for each in chosen for one in each.states}


@router.get("/where")
def where(request: Request, user: User) -> Response:
    """Show «Где документ»: its step, with whom it is and for how long, what comes next."""
    site = site_of(request)
    text = request.query_params.get("q", "")
    errors: Mapping[str, str] = {}
    rows: tuple[listing.Listed, ...] = ()
    try:
        text = listing.search_text(text)
        rows = listing.where(site.office, text)
    except InvalidForm as error:
        errors = error.fields
    return shown(request, "where.html", user, 422 if errors else 200, rows=rows, text=text,
                 errors=errors, here="where")


@router.get("/documents/{uuid}")
def document(request: Request, uuid: str, user: User) -> Response:
    """Show a document: where it is, my buttons, its card, route, resolutions, files and history."""
    site = site_of(request)
    view = document_view(site.office, known_uuid(uuid), user)
    pairs = ((one.id, previous(view.files, one)) for one in view.files)
    before = {code: older.id for code, older in pairs if older is not None}
    deciding = view.steps.draft_file in before and any(one.action.kind in DECIDING for one in view.offers)
    return shown(
        request, "document.html", user, view=view, buttons=buttons(view), orders=my_orders(view),
        before=before, deciding=deciding,
        picture=_picture(view), here="",
    )


def _picture(view: DocumentView) -> Markup:
    # The drawing escapes every text of the definition itself.
    return Markup(svg(view.definition, view.state.code, view.states))  # noqa: S704


@router.get("/documents/{uuid}/files/{file_id}")
def download(request: Request, uuid: str, file_id: str, user: User) -> Response:
    """Send an edition of a file as a download, never to be shown inside the site."""
    site = site_of(request)
    view = document_view(site.office, known_uuid(uuid), user)
    found = next((one for one in view.files if one.id == file_id), None)
    if found is None:
        raise NotFound("Такого файла в документе нет.")
    kind = found.mime if found.mime in TYPES.values() else UNKNOWN_TYPE
    return FileResponse(
        site.office.content.path(found.sha256), media_type=kind, filename=safe_name(found.name),
        content_disposition_type="attachment",
    )


def _today(site: Site) -> Any:
    return site.office.clock.now().astimezone(site.office.zone).date()
