"""The same use cases as JSON, for programs: what a page shows, what a button does.

Errors are `{"error": code, "text": Russian, "fields": {field: what is wrong}}`. A POST may repeat its
`command_id`: the second has no effect and answers with `repeated: true`. Rows of a form are lists: points
`{"text", "executor", "term"}`, a route `{"group", "who"}`, `who` being a person's id or a role's code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from b24flow.errors import InvalidForm
from b24flow.services.act import Acted
from b24flow.services.views import DocumentView, document_view, my_work
from b24flow.web import listing
from b24flow.web.actions import Asked, asked_new, asked_of, command_of, execute, receive
from b24flow.web.identity import ApiUser
from b24flow.web.pages import known_uuid
from b24flow.web.received import BadBody, Body, Posted, read_json
from b24flow.web.site import site_of

router = APIRouter(prefix="/api")
_KEYS = frozenset({"process", "action", "target", "command_id", "form"})


@router.get("/work")
def work(request: Request, user: ApiUser) -> Response:
    """Return what waits for the caller."""
    rows = my_work(site_of(request).office, user)
    return _json({"work": [asdict(one) for one in rows]})


@router.get("/documents")
def find(request: Request, user: ApiUser) -> Response:
    """Return a page of the registry; `before` of the next page is `after` of this one."""
    site = site_of(request)
    query = {key: request.query_params[key] for key in request.query_params}
    today = site.office.clock.now().astimezone(site.office.zone).date()
    wanted = listing.read_filter(query, site.office, today)
    page = listing.registry_page(site.office, wanted, listing.read_before(query.get("before", "")))
    return _json({"documents": [asdict(one) for one in page.rows], "after": page.after})


@router.get("/documents/{uuid}")
def read(request: Request, uuid: str, user: ApiUser) -> Response:
    """Return a document as the caller sees it, with the actions that are his now."""
    return _json(_document(document_view(site_of(request).office, known_uuid(uuid), user)))


@router.post("/documents")
def begin(request: Request, user: ApiUser, body: Body) -> Response:
    """Begin a document: `process`, `action`, `form`, `command_id`; files as parts of a multipart form."""
    said = _said(body)
    asked = asked_new(site_of(request), said["process"], said["action"], user)
    return _acted(_execute(asked, said, body), 201)


@router.post("/documents/{uuid}/actions/{code}")
def do(request: Request, uuid: str, code: str, user: ApiUser, body: Body) -> Response:
    """Do an action on a document: `target`, `form`, `command_id`."""
    said = _said(body)
    asked = asked_of(site_of(request), uuid, code, said["target"], user)
    return _acted(_execute(asked, said, body), 200)


def _said(body: Posted) -> dict[str, Any]:
    """Return the call's arguments, from a JSON body or from the parts of a form; raises BadBody."""
    data: Mapping[str, Any] = body.data if body.data is not None else _from_parts(body)
    unknown = [key for key in data if key not in _KEYS]
    if unknown:
        raise BadBody(f"Неизвестный параметр; есть: {', '.join(sorted(_KEYS))}.")
    said = {key: data.get(key) or "" for key in _KEYS - {"form"}}
    if not all(isinstance(value, str) for value in said.values()):
        raise BadBody("process, action, target и command_id — строки.")
    return {**said, "form": _form(data.get("form") or {})}


def _from_parts(body: Posted) -> dict[str, Any]:
    found: dict[str, Any] = {key: body.one(key) for key in body.values if key != "form"}
    return {**found, "form": read_json(body.one("form") or "{}")}


def _row(value: object) -> str:
    """Return one of several values; a row of points or of a route as the core reads it."""
    if not isinstance(value, dict):
        return _text(value)
    said = {str(key): _text(one) for key, one in value.items()}
    if said.keys() <= {"group", "who"} and "who" in said:
        return f"{said.get('group') or '1'}:{said['who']}"
    if said.keys() <= {"text", "executor", "term"}:
        return json.dumps(said, ensure_ascii=False)
    raise BadBody("Строка пунктов — объект с text, executor и term; строка маршрута — с group и who.")


def _form(form: object) -> dict[str, str | tuple[str, ...]]:
    if not isinstance(form, dict):
        raise BadBody("Параметр form — JSON-объект.")
    values: dict[str, str | tuple[str, ...]] = {}
    for code, value in form.items():
        if isinstance(value, list):
            values[code] = tuple(_row(one) for one in value)
        else:
            values[code] = _text(value)
    return values


def _text(value: object) -> str:
    """Return a scalar as the form of a page would send it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, str | int):
        return str(value)
    raise BadBody("Значения формы — строки, числа, да/нет или списки из них и из строк пунктов и маршрута.")


def _execute(asked: Asked, said: Mapping[str, Any], body: Posted) -> Acted:
    form: Mapping[str, str | tuple[str, ...]] = said["form"]
    raw_id = command_of(said["command_id"])
    values = {code: value if isinstance(value, tuple) else (value,) for code, value in form.items()}
    stored, errors = receive(asked, Posted(values=values, uploads=body.uploads), raw_id)
    if errors:
        raise InvalidForm(errors)
    return execute(asked, raw_id, form, stored)


def _acted(acted: Acted, status: int) -> Response:
    return _json(asdict(acted), 200 if acted.repeated else status)


def _document(view: DocumentView) -> dict[str, Any]:
    """Return a view without the definition, its states as codes and labels."""
    return {
        "uuid": view.uuid, "process": view.process, "number": view.number, "title": view.title,
        "state": {"code": view.state.code, "label": view.state.label, "final": view.state.final},
        "version": view.version, "registered_on": view.registered_on, "term": view.term,
        "term_note": view.term_note, "changed_term": view.changed_term, "control": view.control,
        "card": dict(view.card), "corrected": dict(view.corrected),
        "holders": [asdict(one) for one in view.holders],
        "branches": [asdict(one) for one in view.branches],
        "history": [asdict(one) for one in view.history],
        "steps": asdict(view.steps),
        "files": [asdict(one) for one in view.files],
        "links": [{"kind": kind, "uuid": uuid, "text": text} for kind, uuid, text in view.links],
        "actions": [
            {"code": one.action.code, "label": one.action.label, "target": one.target,
             "acting_for": one.acting_for,
             "form": [{"code": each.field.code, "label": each.field.label,
                       "type": each.field.type.value, "required": each.required}
                      for each in one.action.form]}
            for one in view.offers
        ],
    }


def _json(data: object, status: int = 200) -> Response:
    return JSONResponse(_plain(data), status_code=status)


def _plain(value: object) -> Any:
    """Return a value as JSON has it: days and moments in ISO 8601, moments in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
