"""Knowledge bases as they are published: the list, the tree of pages, a page."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from b24flow.sandbox.files import attachment
from b24flow.sandbox.model import landing_dom
from b24flow.sandbox.model import landing_view as model
from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.landing_pages import page_path, site_of
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.session import RefusedError, render


def bases(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the knowledge bases an employee may read."""
    rows = [(site, _pages(model.tree(portal, me, site))) for site in model.knowledge_bases(portal, me)]
    return render(portal, request, "knowledge.html", rows=rows)


def _pages(tree: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for entry in tree:
        found += _pages(entry["items"]) if "items" in entry else [entry]
    return found


def article(portal: Portal, request: Request, me: Employee) -> Response:
    """Show a published page beside the tree of its knowledge base."""
    found = model.find_published(portal, me, request.url.path)
    if found is None:
        raise RefusedError("Такой страницы в базе знаний нет, или она не опубликована", 404)
    site = site_of(portal, found)
    # Written again from a parsed tree: whatever a block left open ends inside the page's own box.
    html = landing_dom.write(landing_dom.parse(model.published_html(portal, found)))
    return render(
        portal,
        request,
        "article.html",
        site=site,
        page=found,
        tree=model.tree(portal, me, site),
        address=page_path(portal, found),
        html=Markup(html),  # noqa: S704 - sanitised by the model, and the policy runs no inline script
    )


def picture(portal: Portal, request: Request, me: Employee) -> Response:
    """Give out a picture of a page."""
    file = model.picture(portal, int(request.path_params["file"]))
    if file is None:
        raise RefusedError("Картинка не найдена", 404)
    return attachment(file.name, file.content)
