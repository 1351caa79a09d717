"""What people see and do on the portal page."""

from __future__ import annotations

from typing import Any

import pytest

from b24flow.sandbox.page.bbcode import render
from tests.sandbox.conftest import SPA, Box, add_item, add_task

HOSTILE = "<script>alert(1)</script>\"'[B]жирный[/B]"


def test_an_employee_is_chosen_before_anything_is_shown(box: Box) -> None:
    page = box.http.get("/tasks/").text
    assert "Кем посмотреть портал" in page
    assert "Берёзов Аркадий" in page
    answer = box.http.post("/as/login", data={"user": 9, "back": "/tasks/"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/tasks/")
    assert "Тополев" in box.http.get("/tasks/").text
    away = box.http.post("/as/login", data={"user": 9, "back": "//evil.example/"})
    assert away.headers["location"] == "/"


@pytest.mark.parametrize("path", [
    f"/crm/type/{SPA}/list/", f"/crm/type/{SPA}/kanban/", f"/crm/type/{SPA}/details/1/", "/tasks/",
    "/tasks/task/view/3701/", "/company/personal/user/9/tasks/task/view/3701/", "/online/",
    "/online/?IM_DIALOG=1", "/online/?IM_DIALOG=chat5", "/docs/", "/company/",
])  # fmt: skip
def test_pages_escape_what_people_write(box: Box, spa: int, path: str) -> None:
    item = add_item(box, title=HOSTILE, **{f"ufCrm{spa}DocNumber": HOSTILE})
    owner = {"ENTITY_TYPE": f"dynamic_{SPA}", "ENTITY_ID": item["id"]}
    box.ok("crm.timeline.comment.add", {"fields": {**owner, "COMMENT": HOSTILE}})
    add_task(box, TITLE=HOSTILE, DESCRIPTION=HOSTILE, UF_CRM_TASK=[f"T{SPA:x}_1"])
    attach = [{"MESSAGE": HOSTILE}, {"GRID": [{"NAME": HOSTILE, "VALUE": HOSTILE}]},
              {"LINK": {"NAME": HOSTILE, "LINK": "javascript:alert(1)"}}]  # fmt: skip
    keys = {"BUTTONS": [{"TEXT": HOSTILE, "LINK": "javascript:alert(1)"}]}
    message = {"DIALOG_ID": "9", "MESSAGE": HOSTILE, "ATTACH": attach, "KEYBOARD": keys}
    box.ok("im.message.add", message)
    box.person(9, "write", dialog_id="chat5", text=HOSTILE)
    page = box.page(9, path)
    assert "<script>" not in page
    assert "javascript:" not in page


@pytest.mark.parametrize(("text", "html"), [
    ("[B]а[/B] [i]б[/i]", "<b>а</b> <i>б</i>"),
    ("[URL=/crm/1/]карта[/URL]", '<a href="/crm/1/">карта</a>'),
    ("[URL=javascript:alert(1)]x[/URL]", "x"),
    ("[URL=//evil.example]x[/URL]", "x"),
    ("а[BR]б#BR#в\nг", "а<br>б<br>в<br>г"),
    ("[USER=5]Имя[/USER]", '<a class="mention" href="/company/#user5">Имя</a>'),
    ("[B]не закрыт", "[B]не закрыт"),
    ("[/B]лишний", "[/B]лишний"),
    ('[URL=https://x.example/" onclick="y]z[/URL]',
     '<a href="https://x.example/&quot; onclick=&quot;y" target="_blank" '
     'rel="noopener noreferrer">z</a>'),
    ("[SEND=/x]<b>[/SEND]", '<span class="bb-action" title="/x">&lt;b&gt;</span>'),
])  # fmt: skip
def test_bb_code_becomes_safe_html(text: str, html: str) -> None:
    assert str(render(text)) == html


def test_the_keyboard_shows_links_and_commands(box: Box) -> None:
    fields = {"code": "b", "botToken": "t", "properties": {"name": "Бот"}}
    bot = box.ok("imbot.v2.Bot.register", {"fields": fields})["bot"]["id"]
    auth = {"botId": bot, "botToken": "t"}
    box.ok("imbot.v2.Command.register", {**auth, "fields": {"command": "act", "hidden": True}})
    buttons = [{"TEXT": "Да", "COMMAND": "act", "BLOCK": "Y"}, {"TEXT": "Открыть", "LINK": "/docs/"}]
    message = {"message": "Решите", "keyboard": {"BOT_ID": bot, "BUTTONS": buttons}}
    number = box.ok("imbot.v2.Chat.Message.send", {**auth, "dialogId": "9", "fields": message})["id"]
    page = box.page(9, f"/online/?IM_DIALOG={bot}")
    assert 'href="/docs/"' in page
    assert 'name="button" value="0">Да' in page
    box.person(9, "press", message_id=number, button=0)
    assert 'name="button" value="0" disabled>Да' in box.page(9, f"/online/?IM_DIALOG={bot}")
    assert box.person(9, "press", message_id=number, button=0).status_code == 200  # another device


def test_a_person_needs_the_required_result(box: Box) -> None:
    number = add_task(box, SE_PARAMETER=[{"CODE": 3, "VALUE": "Y"}])["id"]
    refused = box.person(9, "task/complete", task_id=number)
    assert refused.status_code == 403
    assert "результат" in refused.json()["error"]
    assert box.person(9, "task/result", task_id=number, text="Готово").json()["ok"] is True
    assert box.person(9, "task/complete", task_id=number).json()["status"] == 5
    history = box.ok("tasks.task.history.list", {"taskId": number})["list"]
    assert (history[0]["field"], history[0]["user"]["id"]) == ("STATUS", 9)
    assert box.person(9, "task/complete", task_id=number).status_code == 403


def test_the_executor_moves_the_deadline_only_where_it_is_allowed(box: Box) -> None:
    fixed, free = add_task(box), add_task(box, ALLOW_CHANGE_DEADLINE="Y")
    form: dict[str, Any] = {"deadline": "2026-12-01T18:00"}
    assert box.person(9, "task/deadline", task_id=fixed["id"], **form).status_code == 403
    assert box.person(9, "task/deadline", task_id=free["id"], **form).status_code == 200
    assert box.person(3, "task/deadline", task_id=fixed["id"], **form).status_code == 200
    shown = box.ok("tasks.task.get", {"taskId": fixed["id"]})["task"]
    assert (shown["deadline"], shown["changedBy"]) == ("2026-12-01T18:00:00+03:00", "3")


def test_the_history_of_a_task_is_readable(box: Box) -> None:
    number = add_task(box)["id"]
    change = {"DEADLINE": "2026-12-01T18:00:00+03:00", "RESPONSIBLE_ID": 15}
    box.ok("tasks.task.update", {"taskId": number, "fields": change})
    box.person(15, "task/start", task_id=number)
    page = box.page(15, f"/tasks/task/view/{number}/")
    assert "Крайний срок: — → 01.12.2026 18:00" in page
    assert "Исполнитель: Кирилл Тополев → Семён Хвощёв" in page
    assert "Статус: Ждёт выполнения → Выполняется" in page


def test_strangers_neither_see_nor_touch_a_task(box: Box) -> None:
    number = add_task(box)["id"]
    assert box.person(16, "task/complete", task_id=number).status_code == 404
    assert box.person(9, "task/delete", task_id=number).status_code == 403
    assert box.person(9, "task/delegate", task_id=number, to=15).json()["ok"] is True
    assert box.person(3, "task/delete", task_id=number).json()["ok"] is True
    assert box.ok("tasks.task.get", {"taskId": number}) == []


def test_a_person_edits_moves_and_deletes_an_item(box: Box, spa: int) -> None:
    number = add_item(box, title="Письмо")["id"]
    form = {"entity_type_id": SPA, "item_id": number}
    box.person(6, "item/field", name=f"ufCrm{spa}Term", value="2026-08-20", **form)
    box.person(6, "item/stage", stage_id=f"DT{SPA}_10:CLIENT", **form)
    item = box.ok("crm.item.get", {"entityTypeId": SPA, "id": number})["item"]
    assert item[f"ufCrm{spa}Term"][:10] == "2026-08-20"
    assert (item["stageId"], item["updatedBy"], item["movedBy"]) == (f"DT{SPA}_10:CLIENT", 6, 6)
    assert box.person(6, "item/field", name="nothing", value="x", **form).status_code == 400
    assert box.person(6, "item/delete", **form).json()["ok"] is True
    assert box.look("state/items") == []


def test_crm_roles_of_the_seed_are_kept(box: Box, spa: int) -> None:
    seed = box.server._seed | {"crm_rights": {"edit": [5], "delete": []}}
    box.control("reset", {"seed": seed})
    box.ok("crm.type.add", {"fields": {"title": "Т", "entityTypeId": SPA}})
    number = add_item(box)["id"]
    form = {"entity_type_id": SPA, "item_id": number, "name": "title", "value": "x"}
    assert box.person(6, "item/field", **form).status_code == 403
    assert box.person(5, "item/field", **form).status_code == 200
    assert box.person(5, "item/delete", **form).status_code == 403


def test_a_dismissed_employee_cannot_act(box: Box) -> None:
    number = add_task(box)["id"]
    box.ok("user.update", {"ID": 9, "ACTIVE": "N"})
    assert box.person(9, "task/complete", task_id=number).status_code == 403


def test_browsers_are_sent_back_and_refusals_are_pages(box: Box) -> None:
    number = add_task(box)["id"]
    cookie = {"Cookie": "sandbox_employee=9"}
    done = box.http.post("/as/task/start", data={"task_id": number}, headers=cookie)
    assert (done.status_code, done.headers["location"]) == (303, f"/tasks/task/view/{number}/")
    no = box.http.post("/as/task/delete", data={"task_id": number}, headers=cookie)
    assert no.status_code == 403
    assert "Не получилось" in no.text
