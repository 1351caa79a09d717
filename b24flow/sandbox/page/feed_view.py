"""The live feed: posts an employee sees, and what he does with them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from b24flow.sandbox.model import feed as model
from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.feed_rows import FeedPost
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.acts import Act, Form, files_of, text_of
from b24flow.sandbox.page.session import RefusedError, render
from b24flow.sandbox.wire import as_int

PAGE = 20


def feed(portal: Portal, request: Request, me: Employee) -> Response:
    """Show the feed, the important posts one has not read yet first."""
    rows = model.feed_of(portal, me)
    first = min(max(as_int(request.query_params.get("start")), 0), len(rows))
    unread = [row for row in rows if _waits(portal, me, row)]
    ordered = [*unread, *(row for row in rows if row not in unread)]
    shown = [_shown(portal, me, row) for row in ordered[first : first + PAGE]]
    return render(
        portal,
        request,
        "feed.html",
        rows=shown,
        total=len(rows),
        start=first,
        size=PAGE,
        departments=sorted(portal.state.departments.values(), key=lambda row: (row.sort, row.id)),
    )


def _waits(portal: Portal, me: Employee, row: FeedPost) -> bool:
    return model.is_important_now(portal, row) and me.id not in row.read_by and row.author_id != me.id


def _shown(portal: Portal, me: Employee, row: FeedPost) -> dict[str, Any]:
    attached = [portal.state.attached[one] for one in row.attached if one in portal.state.attached]
    return {
        "row": row,
        "important": model.is_important_now(portal, row),
        "read": me.id in row.read_by,
        "to": ", ".join(_name(portal, code) for code in row.dest),
        "files": [
            (one, portal.state.objects[one.object_id])
            for one in attached
            if one.object_id in portal.state.objects
        ],
        "mine": model.may_edit(me, row),
        "readers": [(portal.person_name(one), at) for one, at in row.read_by.items()],
    }


def _name(portal: Portal, code: str) -> str:
    if code == "UA":
        return "всем сотрудникам"
    number = as_int(code.lstrip("UDRSG"))
    if code.startswith("DR"):
        department = portal.state.departments.get(number)
        return department.name if department else "удалённый отдел"
    if code.startswith("SG"):
        group = portal.state.groups.get(number)
        return group.name if group else "удалённая группа"
    return portal.person_name(number)


def _post(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`text`, `title`, `to[]` (access codes, all employees if none), `important`, `file`."""
    text = text_of(form, "text", "Напишите сообщение")
    codes = model.known_codes(portal, [str(one) for one in form.get("to[]") or ["UA"]])
    if not codes:
        raise RefusedError("Выберите, кому адресовано сообщение", 400)
    if not model.may_address(portal, user, codes):
        raise RefusedError("В группу пишут её участники")
    post = model.add_post(portal, user, text, str(form.get("title", "")), codes)
    model.mark_important(post, important=bool(form.get("important")), until=None)
    for name, content in files_of(form):
        model.upload(portal, user, post, name, content)
    return "/stream/", {"post_id": post.id}


def _find(portal: Portal, user: Employee, form: Form) -> FeedPost:
    post = portal.state.posts.get(as_int(form.get("post_id")))
    if post is None or not model.sees(portal, user, post):
        raise RefusedError("Сообщение не найдено: возможно, его удалили", 404)
    return post


def _read(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`post_id`: an important post was read, the button «Ознакомлен»."""
    post = _find(portal, user, form)
    if not post.important:
        raise RefusedError("Это сообщение не требует ознакомления", 400)
    return "/stream/", {"post_id": post.id, "read": model.mark_read(portal, user, post)}


def _delete(portal: Portal, user: Employee, form: Form) -> tuple[str, Form]:
    """`post_id`."""
    post = _find(portal, user, form)
    if not model.may_edit(user, post):
        raise RefusedError("Удалить сообщение может его автор")
    model.delete_post(portal, user, post)
    return "/stream/", {"post_id": post.id}


ACTS: dict[str, Act] = {"feed/post": _post, "feed/read": _read, "feed/delete": _delete}
