"""Places in the portal's pages and types of user fields; the caller is an application."""

from __future__ import annotations

from typing import Any

from tests.sandbox.examples import Params, example

URL = "https://app.example/place/"
TEXTS = {"de": {"TITLE": "Dokument", "DESCRIPTION": "Karte", "GROUP_NAME": "Vorgang"}}
PLACE: Params = {"PLACEMENT": "CRM_DEAL_DETAIL_TAB", "HANDLER": URL, "TITLE": "Документ", "LANG_ALL": TEXTS}
TYPE: Params = {"USER_TYPE_ID": "cloud", "HANDLER": URL, "TITLE": "Облако", "DESCRIPTION": "Файл в облаке"}


@example("placement.bind", app=True)
def _(_: Any) -> Params:
    return PLACE


@example("placement.get", app=True)
def _(app: Any) -> Params:
    app.ok("placement.bind", PLACE)
    return {}


@example("placement.unbind", app=True)
def _(app: Any) -> Params:
    app.ok("placement.bind", PLACE)
    return {"PLACEMENT": PLACE["PLACEMENT"], "HANDLER": URL}


@example("placement.list", app=True)
def _(_: Any) -> Params:
    return {"SCOPE": "crm"}


@example("userfieldtype.add", app=True)
def _(_: Any) -> Params:
    return TYPE


@example("userfieldtype.update", app=True)
@example("userfieldtype.delete", app=True)
@example("userfieldtype.list", app=True)
def _(app: Any) -> Params:
    app.ok("userfieldtype.add", TYPE)
    return TYPE
