"""What an employee does on the portal: every action goes through the same model as REST.

Each address takes a form post. The employee is the one chosen in the browser, or the form's `as`
(so a test needs no cookie). A program that sends `Accept: application/json` gets
`{"ok": true, …}` or `{"ok": false, "error": …}` with status 400, 403 or 404; a browser is sent
back to `back` or to the page of the thing it changed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.model import chats, crm
from b24flow.sandbox.model import tasks as model
from b24flow.sandbox.model.entities import Chat, Employee, Task
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page import developers
from b24flow.sandbox.page.registry import may_change
from b24flow.sandbox.page.session import COOKIE, RefusedError, employee_of, refuse, wants_json
from b24flow.sandbox.wire import RestError, as_int

Form = dict[str, Any]
Act = Callable[[Portal, Employee, Form], tuple[str, Form]]


def people_routes(portal: Portal) -> list[BaseRoute]:
    """Return the addresses of people's actions."""
    routes = [Route(f"/as/{path}", _endpoint(portal, path), methods=["POST"]) for path in _acts()]
    return [Route("/as/login", _login(portal), methods=["POST"]), *routes]


def _acts() -> dict[str, Act]:
    acts: dict[str, Act] = {
        "press": _press,
        "write": _write,
        "task/result": _task_result,
        "task/complete": _task_complete,
        "task/delegate": _task_delegate,
        "task/deadline": _task_deadline,
        "task/delete": _task_delete,
        "item/field": _item_field,
        "item/stage": _item_stage,
        "item/delete": _item_delete,
        "item/comment": _item_comment,
        **developers.ACTS,
    }
    for name in ("start", "pause", "defer", "renew", "approve", "disapprove"):
        acts[f"task/{name}"] = _task_action(name)
    return acts


def _endpoint(portal: Portal, name: str) -> Callable[[Request], Any]:
    act = _acts()[name]

    async def endpoint(request: Request) -> Response:
        async with request.form() as posted:
            form: Form = {key: value for key, value in posted.multi_items() if isinstance(value, str)}

        def run() -> Response:
            kept = {"as": request.cookies.get(COOKIE, ""), **form}
            with portal.deed("person", {"act": name, "form": kept}):
                return _run(portal, request, act, form)

        return await run_in_threadpool(run)

    return endpoint


def repeat_act(portal: Portal, name: str, form: Form) -> None:
    """Do again what a person did, to the same effect; a refusal is a refusal again."""
    user = portal.active_user(as_int(form["as"]))
    if user is not None:
        with contextlib.suppress(RestError, RefusedError):
            _acts()[name](portal, user, form)


def _run(portal: Portal, request: Request, act: Act, form: Form) -> Response:
    try:
        user = _person(portal, request, form)
        try:
            address, shown = act(portal, user, form)
        except RestError as error:
            raise RefusedError(error.text.replace("<br>", ""), 403) from error
    except RefusedError as error:
        return refuse(portal, request, error)
    if wants_json(request):
        return JSONResponse({"ok": True, **shown})
    back = str(form.get("back") or address)
    return RedirectResponse(back if back.startswith("/") else "/", status_code=303)


def _person(portal: Portal, request: Request, form: Form) -> Employee:
    named = portal.active_user(as_int(form["as"])) if "as" in form else None
    user = named if "as" in form else employee_of(portal, request)
    if user is None:
        raise RefusedError("Выберите действующего сотрудника")
    return user


def _login(portal: Portal) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        async with request.form() as form:
            user = portal.active_user(as_int(form.get("user")))
        if user is None:
            return refuse(portal, request, RefusedError("Такого сотрудника нет", 404))
        back = str(form.get("back") or "/")
        if not back.startswith("/") or back.startswith("//"):
            back = "/"
        answer = RedirectResponse(back, status_code=303)
        answer.set_cookie(COOKIE, str(user.id), httponly=True, samesite="lax")
        return answer

    return endpoint


def _press(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`message_id`, `button`: the index or the exact text of a command button."""
    message = portal.state.messages.get(as_int(form.get("message_id")))
    if message is None or message.deleted:
        raise RefusedError("Сообщение не найдено", 404)
    chat = portal.state.chats[message.chat_id]
    if not chats.may_write(portal, chat, user):
        raise RefusedError("Этот чат вам недоступен")
    wanted = str(form.get("button", ""))
    for index, button in enumerate(chats.buttons_of(message)):
        if button.get("COMMAND") and wanted in (str(index), str(button.get("TEXT"))):
            if not chats.press(portal, user, message, button):
                raise RefusedError("Бот не знает этой команды", 400)
            return _dialog_address(chat, user), {"message_id": message.id}
    raise RefusedError("В сообщении нет такой кнопки", 404)


def _dialog_address(chat: Chat, user: Employee) -> str:
    return f"/online/?IM_DIALOG={chats.dialog_of(chat, user.id)}#last"


def _write(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`dialog_id` (a user's or bot's id, or `chat{id}`), `text`."""
    chat = chats.find_chat(portal, str(form.get("dialog_id", "")), user.id)
    text = str(form.get("text", "")).strip()
    if chat is None or not chats.may_write(portal, chat, user):
        raise RefusedError("Этот чат вам недоступен")
    if not text:
        raise RefusedError("Напишите сообщение", 400)
    message = chats.write_as_person(portal, user, chat, text)
    return _dialog_address(chat, user), {"message_id": message.id}


def _task(portal: Portal, user: Employee, form: Form) -> Task:
    task = model.find(portal, user, as_int(form.get("task_id")))
    if task is None:
        raise RefusedError("Задача не найдена или доступ закрыт", 404)
    return task


def _task_answer(task: Task) -> tuple[str, Form]:
    return f"/tasks/task/view/{task.id}/", {"task_id": task.id, "status": task.status}


def _task_result(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`, `text`."""
    task, text = _task(portal, user, form), str(form.get("text", "")).strip()
    if not text:
        raise RefusedError("Напишите результат", 400)
    result = model.add_result(portal, user, task, text)
    address, shown = _task_answer(task)
    return address, shown | {"result_id": result.id}


def _task_complete(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`; a required result must be there."""
    task = _task(portal, user, form)
    model.complete(portal, user, task, by_person=True)
    return _task_answer(task)


def _task_action(action: str) -> Act:
    def act(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
        task = _task(portal, user, form)
        model.act(portal, user, task, action)
        return _task_answer(task)

    return act


def _task_delegate(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`, `to`: the new executor."""
    task = _task(portal, user, form)
    model.delegate(portal, user, task, as_int(form.get("to")))
    return _task_answer(task)


def _task_deadline(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`, `deadline`: a moment in the portal's time zone, empty to remove it."""
    task = _task(portal, user, form)
    text = str(form.get("deadline", "")).strip()
    if text and parse_moment(text, portal.clock.zone) is None:
        raise RefusedError("Срок не похож на дату", 400)
    model.update(portal, user, task, {"DEADLINE": text}, [])
    return _task_answer(task)


def _task_delete(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`task_id`."""
    task = _task(portal, user, form)
    model.delete(portal, user, task)
    return "/tasks/", {"task_id": task.id}


def _item(portal: Portal, user: Employee, form: Form, right: str) -> tuple[Any, Any, str]:
    spa = crm.require_type(portal, as_int(form.get("entity_type_id")))
    item = crm.require_item(portal, spa.entity_type_id, as_int(form.get("item_id")))
    if not may_change(portal, user, right):
        raise RefusedError("Ваша роль в CRM не позволяет этого")
    return spa, item, f"/crm/type/{spa.entity_type_id}/details/{item.id}/"


def _change(portal: Portal, user: Employee, form: Form, fields: Form) -> tuple[str, Form]:
    spa, item, address = _item(portal, user, form, "edit")
    ignored: list[str] = []
    changed = crm.update_item(portal, spa, user, item, fields, ignored=ignored)
    if ignored:
        raise RefusedError(f"Не удалось прочитать значение поля: {', '.join(ignored)}", 400)
    return address, {"item_id": item.id, "changed": changed}


def _item_field(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`entity_type_id`, `item_id`, `name` (as in REST), `value`."""
    name, value = str(form.get("name", "")), str(form.get("value", ""))
    return _change(portal, user, form, {name: value})


def _item_stage(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`entity_type_id`, `item_id`, `stage_id`."""
    return _change(portal, user, form, {"stageId": str(form.get("stage_id", ""))})


def _item_delete(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`entity_type_id`, `item_id`."""
    spa, item, _ = _item(portal, user, form, "delete")
    crm.delete_item(portal, item)
    return f"/crm/type/{spa.entity_type_id}/list/", {"item_id": item.id}


def _item_comment(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`entity_type_id`, `item_id`, `text`."""
    spa, item, address = _item(portal, user, form, "edit")
    text = str(form.get("text", "")).strip()
    if not text:
        raise RefusedError("Напишите комментарий", 400)
    owner = f"dynamic_{spa.entity_type_id}"
    row = crm.add_record(portal, "comment", owner, item.id, user.id, text=text)
    return address, {"comment_id": row.id}
