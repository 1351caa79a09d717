"""What a person sees when something is refused or breaks: the reason in Russian, never a traceback."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from b24flow.errors import (
    AlreadyDone,
    B24FlowError,
    CommitUnknown,
    Conflict,
    InvalidForm,
    NotAllowed,
    NotFound,
    Refused,
)
from b24flow.ids import new_id
from b24flow.log import get_logger
from b24flow.web import identity
from b24flow.web.headers import put_headers
from b24flow.web.identity import GoTo, NotSignedIn
from b24flow.web.received import BadBody
from b24flow.web.site import site_of

_STATUS: Mapping[type[B24FlowError], int] = MappingProxyType({
    NotSignedIn: 401, NotAllowed: 403, NotFound: 404, AlreadyDone: 409, InvalidForm: 422,
    Refused: 422, Conflict: 503, CommitUnknown: 503,
})
_TITLES: Mapping[int, str] = MappingProxyType({
    400: "Запрос не понят", 401: "Нужен вход", 403: "Действие недоступно", 404: "Не найдено",
    405: "Так эту страницу не открывают", 409: "Уже выполнено", 413: "Слишком много данных",
    415: "Неизвестный вид данных", 422: "Данные не приняты", 500: "Внутренняя ошибка",
    503: "Сервис занят",
})
_TEXTS: Mapping[int, str] = MappingProxyType({
    404: "Такой страницы нет. Возможно, адрес скопирован не целиком.",
    405: "Вернитесь к документу и нажмите нужную кнопку.",
    422: "Проверьте адрес страницы.",
    503: "База данных сейчас занята. Ничего не потеряно: повторите через несколько секунд.",
})
_log = get_logger("b24flow.web")


def answer(request: Request, status: int, text: str, *, code: str = "", back: str = "",
           fields: Mapping[str, str] | None = None) -> Response:
    """Return a refusal as a page, or as JSON for the API."""
    if request.url.path.startswith("/api/") or request.url.path == "/api":
        body = {"error": code or f"http.{status}", "text": text, "fields": dict(fields or {})}
        return JSONResponse(body, status_code=status)
    return site_of(request).page(
        "message.html", status=status, title=_TITLES.get(status, "Ошибка"), text=text, back=back,
    )


def status_of(error: B24FlowError) -> int:
    """Return the HTTP status of an error, by the nearest class that has one."""
    if isinstance(error, BadBody):
        return error.status
    return next((_STATUS[one] for one in type(error).__mro__ if one in _STATUS), 500)


def install(app: FastAPI) -> None:
    """Make the application answer every failure with ours."""
    app.add_exception_handler(GoTo, _go_to)
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(B24FlowError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _broken)


def _go_to(request: Request, error: Exception) -> Response:
    assert isinstance(error, GoTo)
    response = RedirectResponse(error.url, status_code=303)
    if error.user is not None:
        identity.begin_session(site_of(request), response, error.user)
    return response


def _not_signed_in(request: Request, error: Exception) -> Response:
    """A page is found again after the login; a form or a call only says what is missing."""
    assert isinstance(error, NotSignedIn)
    if request.method != "GET" or request.url.path.startswith("/api/"):
        return answer(request, 401, error.text, code=error.code, back="/login")
    query = f"?{request.url.query}" if request.url.query and "k" not in request.query_params else ""
    wanted = {"to": identity.local_path(request.url.path + query)}
    if "k" in request.query_params:
        wanted["old"] = "1"
    return RedirectResponse(f"/login?{urlencode(wanted)}", status_code=303)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, B24FlowError)
    status = status_of(error)
    if status == 500:
        return _broken(request, error)
    fields = error.fields if isinstance(error, InvalidForm) else None
    text = _TEXTS[503] if status == 503 else error.text
    uuid = request.path_params.get("uuid", "")
    back = f"/documents/{uuid}" if uuid and status in {403, 409} else ""
    response = answer(request, status, text, code=error.code, back=back, fields=fields)
    if status == 503:
        response.headers["Retry-After"] = "3"
    return response


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = _TEXTS.get(error.status_code, "Запрос не выполнен.")
    response = answer(request, error.status_code, text)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def _invalid(request: Request, error: Exception) -> Response:
    return answer(request, 422, _TEXTS[422], code="refused.bad_request")


def _broken(request: Request, error: Exception) -> Response:
    """Our own mistake: the log has the cause, the page only a number to find it by."""
    incident = new_id()[:8]
    route = request.scope.get("route")
    _log.error("web_request_failed", incident=incident, method=request.method,
               route=getattr(route, "path", ""), exc_info=error)
    text = ("Действие не выполнено из-за ошибки в программе. Сообщите администратору номер "
            f"{incident} — по нему найдут причину.")
    response = answer(request, 500, text, code="internal")
    # The server closes the connection after a failure; a client that is not told would use it again.
    response.headers["Connection"] = "close"
    put_headers(response.headers, request.url.path, site_of(request).portal_origin)
    return response
