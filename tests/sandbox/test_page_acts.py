"""What people do on the page: each action changes what REST tells, and is done again on replay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from b24flow.sandbox.server import SandboxServer
from tests.sandbox.conftest import SPA, Box, add_item, add_task
from tests.sandbox.handler import flush, listening, subscribe


def done(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body["ok"] is True
    return body


def refused(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["error"])


def upload(box: Box, who: int, path: str, *files: tuple[str, bytes], **form: Any) -> dict[str, Any]:
    posted = [("file", (name, content)) for name, content in files]
    headers = {"Accept": "application/json"}
    return done(box.http.post(f"/as/{path}", data={"as": who, **form}, files=posted, headers=headers))


def folder_of(box: Box) -> str:
    rows = box.ok("disk.storage.getlist", {"filter": {"ENTITY_TYPE": "common"}})
    return str(rows[0]["ROOT_OBJECT_ID"])


def test_a_task_is_set_with_people_files_and_an_item(box: Box, spa: int) -> None:
    add_item(box, title="Письмо")
    form = {"title": "Ответить", "description": "[B]Скорее[/B]", "responsible": 9,
            "deadline": "2026-12-01T18:00", "accomplices[]": [15, 16], "auditors[]": [5],
            "control": "Y", "need_result": "Y", "crm": f"T{SPA:x}_1"}  # fmt: skip
    number = upload(box, 3, "task/new", ("скан.pdf", b"%PDF"), ("план.txt", b"1"), **form)["task_id"]
    select = ["*", "UF_CRM_TASK", "UF_TASK_WEBDAV_FILES"]
    task = box.ok("tasks.task.get", {"taskId": number, "select": select})["task"]
    assert (task["title"], task["createdBy"], task["responsibleId"]) == ("Ответить", "3", "9")
    assert task["deadline"] == "2026-12-01T18:00:00+03:00"
    assert (task["accomplices"], task["auditors"]) == (["15", "16"], ["5"])
    assert (task["taskControl"], task["ufCrmTask"]) == ("Y", [f"T{SPA:x}_1"])
    names = [box.ok("disk.attachedObject.get", {"id": one})["NAME"] for one in task["ufTaskWebdavFiles"]]
    assert names == ["скан.pdf", "план.txt"]
    assert "результат" in refused(box.person(9, "task/complete", task_id=number), 403)
    assert "название" in refused(box.person(3, "task/new", title=" "), 400)


def test_a_task_is_renamed_gets_a_file_and_an_observer(box: Box) -> None:
    number = add_task(box)["id"]
    done(box.person(3, "task/edit", task_id=number, title="Иначе", description="Текст"))
    upload(box, 3, "task/file", ("а.txt", b"1"), task_id=number)
    upload(box, 3, "task/file", ("б.txt", b"2"), task_id=number)
    refused(box.person(9, "task/edit", task_id=number, title="Нельзя"), 403)
    done(box.person(9, "task/watch", task_id=number))
    task = box.ok("tasks.task.get", {"taskId": number, "select": ["*", "UF_TASK_WEBDAV_FILES"]})["task"]
    assert (task["title"], task["description"], task["auditors"]) == ("Иначе", "Текст", ["9"])
    assert len(task["ufTaskWebdavFiles"]) == 2
    done(box.person(9, "task/watch", task_id=number, off=1))
    assert box.ok("tasks.task.get", {"taskId": number})["task"]["auditors"] == []


def test_a_checklist_is_written_and_ticked_off(box: Box) -> None:
    number = add_task(box)["id"]
    first = done(box.person(3, "check/add", task_id=number, title="Собрать"))["check_id"]
    done(box.person(9, "check/add", task_id=number, title="Написать"))
    assert done(box.person(9, "check/complete", task_id=number, check_id=first))["done"] is True
    rows = box.ok("task.checklistitem.getlist", {"TASKID": number})
    shown = {row["TITLE"]: row["IS_COMPLETE"] for row in rows}
    assert (shown["Собрать"], shown["Написать"]) == ("Y", "N")
    page = box.page(9, f"/tasks/task/view/{number}/")
    assert "1 из 2" in page
    assert "Отмечен пункт чек-листа: Собрать" in page
    assert done(box.person(9, "check/renew", task_id=number, check_id=first))["done"] is False
    refused(box.person(16, "check/add", task_id=number, title="Чужой"), 404)
    other = add_task(box)["id"]
    refused(box.person(9, "check/complete", task_id=other, check_id=first), 404)
    done(box.person(3, "check/delete", task_id=number, check_id=first))
    assert "Собрать" not in {r["TITLE"] for r in box.ok("task.checklistitem.getlist", {"TASKID": number})}


def test_messages_are_changed_liked_deleted_and_carry_files(box: Box) -> None:
    sent = upload(box, 5, "write", ("Проект.docx", b"docx"), dialog_id="9", text="Смотрите")["message_id"]
    page = box.page(9, "/online/?IM_DIALOG=5")
    link = page.split('class="file" href="')[1].split('"')[0]
    got = box.http.get(link, headers={"Cookie": "sandbox_employee=9"})
    assert (got.content, "docx" in got.headers["content-disposition"]) == (b"docx", True)
    assert box.http.get(link, headers={"Cookie": "sandbox_employee=16"}).status_code == 403
    done(box.person(5, "message/edit", message_id=sent, text="Смотрите же"))
    assert done(box.person(9, "message/like", message_id=sent))["liked"] is True
    assert done(box.person(9, "message/like", message_id=sent))["liked"] is False
    assert "своё" in refused(box.person(9, "message/delete", message_id=sent), 403)
    refused(box.person(16, "message/like", message_id=sent), 403)
    assert "Смотрите же" in box.page(9, "/online/?IM_DIALOG=5")
    done(box.person(5, "message/delete", message_id=sent))
    assert "Смотрите же" not in box.page(9, "/online/?IM_DIALOG=5")
    assert "Напишите" in refused(box.person(5, "write", dialog_id="9", text=" "), 400)


def test_what_was_looked_at_is_read(box: Box) -> None:
    box.person(5, "write", dialog_id="9", text="раз")
    box.person(5, "write", dialog_id="9", text="два")
    count = '<span class="count">2</span>'
    assert count in box.page(9, "/tasks/")
    assert "два" in box.page(9, "/online/?IM_DIALOG=5")
    assert count not in box.page(9, "/tasks/")
    assert done(box.person(9, "chat/read", dialog_id="5"))["read"] == 0


def test_a_group_chat_is_made_and_its_members_are_in(box: Box) -> None:
    made = done(box.person(6, "chat/new", title="Президиум", **{"users[]": ["9", "5"]}))
    assert box.person(9, "write", dialog_id=made["dialog_id"], text="Я здесь").status_code == 200
    refused(box.person(16, "write", dialog_id=made["dialog_id"], text="И я"), 403)
    assert "Президиум" in box.page(5, "/online/")
    assert "Президиум" not in box.page(16, "/online/")


def test_the_bell_counts_until_it_is_read(box: Box) -> None:
    box.ok("im.notify.personal.add", {"USER_ID": 9, "MESSAGE": "[B]Важно[/B] <i>"})
    assert '<b class="count">1</b>' in box.page(9, "/tasks/")
    page = box.page(9, "/notifications/")
    assert "<b>Важно</b> &lt;i&gt;" in page
    assert "новое" in page
    assert done(box.person(9, "notices/read"))["read"] == 1
    assert '<b class="count">1</b>' not in box.page(9, "/notifications/")


def test_files_are_uploaded_renamed_versioned_and_thrown_away(box: Box) -> None:
    root = folder_of(box)
    folder = done(box.person(6, "disk/folder", object_id=root, name="Приказы"))["object_id"]
    assert "уже" in refused(box.person(6, "disk/folder", object_id=root, name="Приказы"), 403)
    file = upload(box, 6, "disk/upload", ("п.txt", b"one"), object_id=folder)["files"][0]
    box.control("clock", {"advance": 400})
    assert upload(box, 6, "disk/version", ("п.txt", b"two"), object_id=file)["versions"] == 2
    assert upload(box, 6, "disk/version", ("п.txt", b"three"), object_id=file)["versions"] == 2  # joined
    page = box.page(9, f"/docs/{file}/")
    assert "№ 3" in page
    assert "№ 1" in page
    first = page.split("?version=")[-1].split('"')[0]
    cookie = {"Cookie": "sandbox_employee=9"}
    assert box.http.get(f"/docs/{file}/download/?version={first}", headers=cookie).content == b"one"
    done(box.person(6, "disk/restore", object_id=file, version=first))
    assert box.http.get(f"/docs/{file}/download/", headers=cookie).content == b"one"
    done(box.person(6, "disk/rename", object_id=file, name="Приказ.txt"))
    assert "Приказ.txt" in box.page(9, f"/docs/{folder}/")
    done(box.person(6, "disk/delete", object_id=file))
    assert "Приказ.txt" not in box.page(9, f"/docs/{folder}/")
    assert "диск" in refused(box.person(6, "disk/delete", object_id=root), 403).lower()


def test_a_private_drive_is_closed_to_others(box: Box) -> None:
    rows = box.ok("disk.storage.getlist", {"filter": {"ENTITY_TYPE": "user", "ENTITY_ID": "9"}})
    own = rows[0]["ROOT_OBJECT_ID"]
    file = upload(box, 9, "disk/upload", ("личное.txt", b"x"), object_id=own)["files"][0]
    refused(box.person(5, "disk/upload", object_id=own), 403)
    for path in (f"/docs/{own}/", f"/docs/{file}/", f"/docs/{file}/download/"):
        answer = box.http.get(path, headers={"Cookie": "sandbox_employee=5"})
        assert answer.status_code == 403
        assert "личное" not in answer.text


def test_an_important_post_is_acknowledged(box: Box) -> None:
    post = done(box.person(2, "feed/post", title="Приказ", text="Прочтите", important="Y"))["post_id"]
    assert "Ознакомлен</button>" in box.page(9, "/stream/")
    assert done(box.person(9, "feed/read", post_id=post))["read"] is True
    assert done(box.person(9, "feed/read", post_id=post))["read"] is False
    assert "вы ознакомлены" in box.page(9, "/stream/")
    assert box.ok("log.blogpost.getusers.important", {"POST_ID": post}) == ["9"]
    plain = done(box.person(2, "feed/post", text="Просто так", **{"to[]": "DR4"}))["post_id"]
    assert "Просто так" not in box.page(16, "/stream/")
    refused(box.person(16, "feed/read", post_id=plain), 404)
    assert "не требует" in refused(box.person(9, "feed/read", post_id=plain), 400)
    refused(box.person(9, "feed/delete", post_id=plain), 403)
    done(box.person(2, "feed/delete", post_id=plain))
    assert "Просто так" not in box.page(9, "/stream/")


def test_an_absence_is_seen_in_the_chart_and_by_rest(box: Box) -> None:
    box.control("clock", {"now": "2026-05-12T09:00:00+03:00"})
    form = {"user": 15, "from": "2026-05-11", "to": "2026-05-15", "name": "Больничный"}
    assert "руководитель" in refused(box.person(16, "absence/add", **form), 403)
    made = done(box.person(9, "absence/add", **form))["absence_id"]  # the head of his department
    assert 'title="Больничный: 11.05.2026 — 15.05.2026"' in box.page(16, "/timeman/?month=2026-05")
    assert "Больничный:" not in box.page(16, "/timeman/?month=2026-06")
    assert "отсутствует" in box.page(16, "/company/personal/user/15/")
    asked = {"users": [15], "from": "2026-05-01", "to": "2026-05-31"}
    assert len(box.ok("calendar.accessibility.get", asked)["15"]) == 1
    assert "раньше" in refused(box.person(15, "absence/add", **form | {"to": "2026-05-01"}), 400)
    refused(box.person(16, "absence/delete", absence_id=made), 403)
    done(box.person(15, "absence/delete", absence_id=made))
    assert box.ok("calendar.accessibility.get", asked)["15"] == []


def test_an_item_is_added_with_its_files_and_its_fields_change(box: Box, spa: int) -> None:
    name = f"ufCrm{spa}"
    cookie = {"Accept": "application/json"}
    form = {"as": 6, "entity_type_id": SPA, "f_title": "Новое", f"f_{name}DocNumber": "7",
            f"f_{name}Urgent": "Y", f"f_{name}Term": "2026-06-01", "f_assignedById": "5"}  # fmt: skip
    files = {f"f_{name}Scan": ("скан.pdf", b"%PDF")}
    made = done(box.http.post("/as/item/new", data=form, files=files, headers=cookie))
    item = box.ok("crm.item.get", {"entityTypeId": SPA, "id": made["item_id"]})["item"]
    assert (item["title"], item[f"{name}DocNumber"], item["createdBy"]) == ("Новое", "7", 6)
    assert (item["assignedById"], item[f"{name}Urgent"]) == (5, "Y")
    keys = {"entity_type_id": SPA, "item_id": made["item_id"]}
    page = box.page(6, made["address"])
    assert "скан.pdf" in page
    upload(box, 6, "item/field", ("другой.pdf", b"%PDF2"), name=f"{name}Scan", **keys)
    link = box.page(6, made["address"]).split("/file/")[1].split("/")[0]
    got = box.http.get(f"{made['address']}file/{link}/", headers={"Cookie": "sandbox_employee=6"})
    assert got.content == b"%PDF2"
    done(box.person(6, "item/field", name=f"{name}Scan", value="", **keys))
    assert box.ok("crm.item.get", {"entityTypeId": SPA, "id": made["item_id"]})["item"][f"{name}Scan"] is None


def test_multiple_values_are_kept_added_and_removed(box: Box, spa: int) -> None:
    for code, kind in (("COPIES", "file"), ("WORDS", "string")):
        field = {
            "entityId": f"CRM_{spa}",
            "fieldName": f"UF_CRM_{spa}_{code}",
            "userTypeId": kind,
            "multiple": "Y",
        }
        box.ok("userfieldconfig.add", {"moduleId": "crm", "field": field})
    number = add_item(box)["id"]
    keys = {"entity_type_id": SPA, "item_id": number}
    upload(box, 6, "item/field", ("1.txt", b"1"), ("2.txt", b"2"), name=f"ufCrm{spa}Copies", **keys)
    upload(box, 6, "item/field", ("3.txt", b"3"), name=f"ufCrm{spa}Copies", **keys)
    page = box.page(6, f"/crm/type/{SPA}/details/{number}/")
    assert all(f"{one}.txt" in page for one in "123")
    kept = page.split('name="keep[]" value="')[2].split('"')[0]
    done(box.person(6, "item/field", name=f"ufCrm{spa}Copies", **keys, **{"keep[]": ["0", kept]}))
    files = box.ok("crm.item.get", {"entityTypeId": SPA, "id": number})["item"][f"ufCrm{spa}Copies"]
    assert [str(one["id"]) for one in files] == [kept]
    done(box.person(6, "item/field", name=f"ufCrm{spa}Words", value="раз\n два \n\n", **keys))
    item = box.ok("crm.item.get", {"entityTypeId": SPA, "id": number})["item"]
    assert item[f"ufCrm{spa}Words"] == ["раз", "два"]


def test_things_to_do_are_planned_and_ticked_off(box: Box, spa: int) -> None:
    number = add_item(box)["id"]
    keys = {"entity_type_id": SPA, "item_id": number}
    form = {"text": "Позвонить", "deadline": "2026-12-01T10:00"}
    made = done(box.person(6, "activity/todo", **form, **keys))["activity_id"]
    assert "Срок: 01.12.2026 10:00" in box.page(6, f"/crm/type/{SPA}/details/{number}/")
    assert box.ok("crm.activity.get", {"id": made})["COMPLETED"] == "N"
    done(box.person(9, "activity/complete", activity_id=made))
    assert box.ok("crm.activity.get", {"id": made})["COMPLETED"] == "Y"
    assert "срок" in refused(box.person(6, "activity/todo", text="x", **keys), 400)
    refused(box.person(6, "activity/complete", activity_id=9999), 404)


def test_a_button_of_an_activity_tells_its_application(box: Box, spa: int) -> None:
    number = add_item(box)["id"]
    app = box.install_app()
    button = {"title": "Согласовать", "type": "primary",
              "action": {"type": "restEvent", "id": "approve", "actionParams": {"step": "17"}}}  # fmt: skip
    link = {
        "title": "Открыть",
        "type": "secondary",
        "action": {"type": "redirect", "uri": "javascript:alert(1)"},
    }
    layout = {
        "icon": {"code": "document"},
        "header": {"title": "Лист № 5"},
        "body": {
            "logo": {"code": "document"},
            "blocks": {"who": {"type": "text", "properties": {"value": "Клёнова В. И."}}},
        },
        "footer": {"buttons": {"ok": button, "open": link}},
    }
    asked = {"ownerTypeId": SPA, "ownerId": number, "fields": {}, "layout": layout}
    made = app.ok("crm.activity.configurable.add", asked)["activity"]["id"]
    page = box.page(9, f"/crm/type/{SPA}/details/{number}/")
    assert "Лист № 5" in page
    assert "Клёнова В. И." in page
    assert "javascript:" not in page
    with listening() as listener:
        subscribe(app, listener, "ONCRMTIMELINEITEMACTION")
        done(box.person(9, "activity/press", activity_id=made, element="footer/buttons/ok"))
        flush(box)
        data = listener.posted[0].form["data"]
        assert (data["id"], data["step"], data["activityId"]) == ("approve", "17", str(made))
        assert listener.posted[0].form["auth"]["user_id"] == "9"
    refused(box.person(9, "activity/press", activity_id=made, element="footer/buttons/no"), 403)


def test_people_raise_the_events_rest_raises(box: Box, spa: int) -> None:
    app = box.install_app()
    names = ["ONCRMDYNAMICITEMADD", "ONCRMDYNAMICITEMUPDATE", "ONCRMDYNAMICITEMDELETE", "ONTASKADD",
             "ONTASKUPDATE", "ONTASKDELETE", "ONCRMTIMELINECOMMENTADD", "ONLIVEFEEDPOSTADD"]  # fmt: skip
    with listening() as listener:
        subscribe(app, listener, *names)
        item = done(box.person(6, "item/new", entity_type_id=SPA, f_title="Письмо"))["item_id"]
        keys = {"entity_type_id": SPA, "item_id": item}
        done(box.person(6, "item/field", name="title", value="Иное", **keys))
        done(box.person(6, "item/comment", text="Текст", **keys))
        done(box.person(6, "item/delete", **keys))
        task = done(box.person(3, "task/new", title="Дело", responsible=9))["task_id"]
        done(box.person(9, "task/start", task_id=task))
        done(box.person(3, "task/delete", task_id=task))
        done(box.person(3, "feed/post", text="Всем"))
        flush(box)
        assert set(listener.events()) >= set(names)
        users = {one.event: one.form["auth"]["user_id"] for one in listener.posted}
    assert (users["ONCRMDYNAMICITEMADD"], users["ONTASKUPDATE"], users["ONTASKDELETE"]) == ("6", "9", "3")


def test_refusals_are_in_russian(box: Box, spa: int) -> None:
    number = add_task(box)["id"]
    words = [
        refused(box.person(9, "task/delete", task_id=number), 403),
        refused(box.person(9, "task/approve", task_id=number), 403),
        refused(box.person(6, "disk/rename", object_id=9999, name="x"), 403),
        refused(box.person(6, "item/stage", entity_type_id=SPA, item_id=1, stage_id="x"), 403),
        refused(box.person(6, "item/field", entity_type_id=77, item_id=1, name="title", value="x"), 403),
    ]
    for text in words:
        assert text == text.encode("cp1251").decode("cp1251")
        assert not any("a" <= one <= "z" for one in text.lower()), text


@pytest.mark.parametrize("compact_after", [1, 50_000])
def test_deeds_of_people_are_done_again_when_the_file_is_read(
    tmp_path: Path, compact_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from b24flow.sandbox.datafile import DataFile

    monkeypatch.setattr(DataFile.__init__, "__defaults__", (compact_after,))
    pages = ["/stream/", "/tasks/?role=set", "/tasks/task/view/3701/", "/timeman/", "/company/", "/docs/",
             "/online/?IM_DIALOG=5", f"/crm/type/{SPA}/list/", f"/crm/type/{SPA}/details/1/"]  # fmt: skip
    with SandboxServer(data=tmp_path / "portal") as server:
        box = Box(server)
        box.control("clock", {"now": "2026-05-12T09:00:00+03:00"})
        _do_everything(box)
        before = [_seen(box, path) for path in pages]
        box.http.close()
    with SandboxServer(data=tmp_path / "portal") as server:
        box = Box(server)
        assert [_seen(box, path) for path in pages] == before
        box.http.close()


def _seen(box: Box, path: str) -> str:
    return box.page(9, path).partition("<main")[2]


def _do_everything(box: Box) -> None:
    box.ok("crm.type.add", {"fields": {"title": "Входящие", "entityTypeId": SPA, "isStagesEnabled": "Y"}})
    done(box.person(6, "item/new", entity_type_id=SPA, f_title="Письмо"))
    keys = {"entity_type_id": SPA, "item_id": 1}
    done(box.person(6, "item/comment", text="Текст", **keys))
    done(box.person(6, "activity/todo", text="Дело", deadline="2026-06-01", **keys))
    upload(box, 9, "task/new", ("план.txt", b"\x00\xff"), title="Задача", responsible=9)
    done(box.person(9, "check/add", task_id=3701, title="Пункт"))
    upload(box, 9, "disk/upload", ("ф.txt", b"\x00\xff"), object_id=folder_of(box))
    upload(box, 5, "write", ("письмо.txt", b"1"), dialog_id="9", text="Вот")
    done(box.person(9, "feed/post", text="Всем", important="Y"))
    done(box.person(9, "absence/add", user=9, **{"from": "2026-05-13", "to": "2026-05-14"}))
    box.page(9, "/online/?IM_DIALOG=5")
    by_cookie = {"Cookie": "sandbox_employee=9"}
    assert box.http.post("/as/feed/post", data={"text": "Из браузера"}, headers=by_cookie).status_code == 303
