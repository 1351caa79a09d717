"""The addresses of the portal page; those of cards, tasks and profiles are the box's own."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page import (
    card,
    chat_view,
    company_view,
    disk_view,
    feed_view,
    files,
    knowledge_view,
    places,
    registry,
    tasks_view,
)
from b24flow.sandbox.page.crm_words import SECTIONS
from b24flow.sandbox.page.live import live_routes
from b24flow.sandbox.page.openlines import openline_routes
from b24flow.sandbox.page.people import people_routes
from b24flow.sandbox.page.places import place_routes
from b24flow.sandbox.page.session import View, employee_of, page, render


def page_routes(portal: Portal) -> list[BaseRoute]:
    """Return the routes of the page and of what people do on it."""
    table: list[tuple[str, View]] = [
        *_crm("/crm/type/{etid:int}"),
        *(row for name in SECTIONS.values() for row in _crm(f"/crm/{name}")),
        ("/crm/mail/", company_view.mail),
        ("/tasks/", tasks_view.tasks),
        ("/tasks/task/new/", tasks_view.new),
        ("/tasks/task/view/{task:int}/", tasks_view.task),
        ("/company/personal/user/{user:int}/", company_view.profile),
        ("/company/personal/user/{user:int}/tasks/", tasks_view.tasks),
        ("/company/personal/user/{user:int}/tasks/task/view/{task:int}/", tasks_view.task),
        ("/stream/", feed_view.feed),
        ("/online/", chat_view.chat),
        ("/notifications/", chat_view.notifications),
        ("/docs/", disk_view.disk),
        ("/docs/{object:int}/", disk_view.disk),
        ("/docs/{object:int}/download/", files.drive_file),
        ("/disk/downloadFile/{file:int}/", files.timeline_file),
        ("/company/", company_view.employees),
        ("/timeman/", company_view.absences),
        ("/workgroups/", company_view.groups),
        ("/workgroups/group/{group:int}/", company_view.group),
        ("/search/", company_view.search),
        ("/knowledge/", knowledge_view.bases),
        ("/knowledge/{path:path}", knowledge_view.article),
        ("/upload/landing/{file:int}/{name}", knowledge_view.picture),
        ("/marketplace/app/{app:int}/", places.app_page),
        ("/marketplace/view/{client}/", places.app_link),
    ]
    routes: list[BaseRoute] = [Route(path, page(portal, view)) for path, view in table]
    return [
        Route("/", _start(portal)),
        Route("/bitrix/tools/disk/uf.php", files.attached(portal)),
        *live_routes(portal),
        *place_routes(portal),
        *routes,
        *people_routes(portal),
        *openline_routes(portal),
    ]


def _crm(start: str) -> list[tuple[str, View]]:
    return [
        (f"{start}/", card.list_of_section),
        (f"{start}/list/", registry.as_list),
        (f"{start}/kanban/", registry.as_kanban),
        (f"{start}/details/{{item:int}}/", card.card),
        (f"{start}/details/{{item:int}}/file/{{file:int}}/", files.item_file),
    ]


def _start(portal: Portal) -> Callable[[Request], Response]:
    """Show the choice of an employee; who has chosen goes to the feed, unless he wants to change."""

    def endpoint(request: Request) -> Response:
        with portal.lock:
            if employee_of(portal, request) is None or "switch" in request.query_params:
                return render(portal, request, "choose.html", back="/stream/")
            return RedirectResponse("/stream/", status_code=302)

    return endpoint
