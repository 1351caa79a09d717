"""«Что изменилось»: two editions of a file side by side."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from b24flow.errors import NotFound, Refused
from b24flow.rendering.reading import lines_of
from b24flow.services.compare import Comparison, compare, default_pair
from b24flow.services.views import document_view
from b24flow.web.identity import User
from b24flow.web.pages import known_uuid, shown
from b24flow.web.site import site_of

router = APIRouter()


@router.get("/documents/{uuid}/compare")
def compared(request: Request, uuid: str, user: User) -> Response:
    """Show what changed between two editions; without a choice, in the last one."""
    site = site_of(request)
    view = document_view(site.office, known_uuid(uuid), user)
    pair = default_pair(view.files)
    said = [request.query_params.get(name, "") for name in ("one", "two")]
    chosen = said if any(said) else [one.id for one in pair or ()]
    found: Comparison | None = None
    trouble = ""
    if len(chosen) == 2:  # the older one and the newer one
        try:
            found = compare(site.office, view.files, chosen[0], chosen[1], lines_of)
        except NotFound:
            raise
        except Refused as error:
            trouble = error.text
    return shown(request, "compare.html", user, 422 if trouble else 200, view=view, found=found,
                 trouble=trouble, chosen=chosen or ["", ""], here="")
