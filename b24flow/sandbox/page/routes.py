"""The addresses of the portal page; those of cards and tasks are the box's own."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page import files, registry, views
from b24flow.sandbox.page.people import people_routes
from b24flow.sandbox.page.session import View, page


def page_routes(portal: Portal) -> list[BaseRoute]:
    """Return the routes of the page and of what people do on it."""
    table: list[tuple[str, View]] = [
        ("/crm/type/{etid:int}/list/", registry.as_list),
        ("/crm/type/{etid:int}/kanban/", registry.as_kanban),
        ("/crm/type/{etid:int}/details/{item:int}/", registry.card),
        ("/crm/type/{etid:int}/details/{item:int}/file/{file:int}/", files.item_file),
        ("/tasks/", views.tasks),
        ("/tasks/task/view/{task:int}/", views.task),
        ("/company/personal/user/{user:int}/tasks/", views.tasks),
        ("/company/personal/user/{user:int}/tasks/task/view/{task:int}/", views.task),
        ("/online/", views.chat),
        ("/docs/", views.disk),
        ("/docs/{object:int}/", views.disk),
        ("/docs/{object:int}/download/", files.drive_file),
        ("/disk/downloadFile/{file:int}/", files.timeline_file),
        ("/company/", views.employees),
    ]
    routes: list[BaseRoute] = [Route(path, page(portal, view)) for path, view in table]
    return [
        Route("/", views.start(portal)),
        Route("/bitrix/tools/disk/uf.php", files.attached(portal)),
        *routes,
        *people_routes(portal),
    ]
