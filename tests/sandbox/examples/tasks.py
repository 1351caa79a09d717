"""Tasks of v2 and of REST 3.0."""

from __future__ import annotations

import base64
from typing import Any

from tests.sandbox.conftest import Box
from tests.sandbox.examples import Params, example

TITLE = {"TITLE": "Подготовить ответ", "RESPONSIBLE_ID": 9}


def task(box: Box, **fields: Any) -> int:
    """A task with people, a deadline and a checklist."""
    given = (
        TITLE | {"AUDITORS": [4, 5], "ACCOMPLICES": [15], "DEADLINE": "2031-05-12T18:00:00+03:00"} | fields
    )
    number = int(box.ok("tasks.task.add", {"fields": given})["task"]["id"])
    root = box.ok("task.checklistitem.add", {"TASKID": number, "FIELDS": {"TITLE": "Шаги", "PARENT_ID": 0}})
    box.ok("task.checklistitem.add", {"TASKID": number, "FIELDS": {"TITLE": "Изучить", "PARENT_ID": root}})
    return number


def bare(box: Box, **fields: Any) -> int:
    """A task with nothing but a title and an executor."""
    return int(box.ok("tasks.task.add", {"fields": TITLE | fields})["task"]["id"])


def item(box: Box, number: int, title: str = "Шаги") -> int:
    """A new checklist of a task."""
    given = {"TASKID": number, "FIELDS": {"TITLE": title, "PARENT_ID": 0, "MEMBERS": {"9": {"TYPE": "A"}}}}
    return int(box.ok("task.checklistitem.add", given))


def file(box: Box) -> int:
    """A file of the company's drive."""
    root = box.ok("disk.storage.getList", {"filter": {"ENTITY_TYPE": "common"}})[0]["ROOT_OBJECT_ID"]
    content = ["письмо.txt", base64.b64encode(b"1").decode()]
    given = {"id": root, "data": {"NAME": "письмо.txt"}, "fileContent": content}
    return int(box.ok("disk.folder.uploadFile", given)["ID"])


def message(box: Box, number: int) -> int:
    """A message of the task's chat."""
    chat = box.ok("tasks.task.get", {"taskId": number})["task"]["chatId"]
    return int(box.ok("im.message.add", {"DIALOG_ID": f"chat{chat}", "MESSAGE": "Ответ готов"}))


def result(box: Box, number: int) -> int:
    """A result of a task."""
    fields = {"taskId": number, "text": "Ответ готов"}
    return int(box.v3("tasks.task.result.add", {"fields": fields}).json()["result"]["item"]["id"])


@example("tasks.task.getFields")
@example("tasks.task.counters.get")
@example("task.checklistitem.getmanifest")
@example("tasks.task.field.list", api="v3")
@example("tasks.task.access.field.list", api="v3")
@example("tasks.task.chat.message.field.list", api="v3")
@example("tasks.task.file.field.list", api="v3")
def _(box: Box) -> Params:
    return {}


@example("tasks.task.field.get", api="v3")
@example("tasks.task.access.field.get", api="v3")
def _(box: Box) -> Params:
    return {"name": "id"}


@example("tasks.task.chat.message.field.get", api="v3")
@example("tasks.task.file.field.get", api="v3")
def _(box: Box) -> Params:
    return {"name": "taskId"}


@example("tasks.task.add")
def _(box: Box) -> Params:
    return {"fields": TITLE | {"DEADLINE": "2031-05-12T18:00:00+03:00"}}


@example("tasks.task.get")
def _(box: Box) -> Params:
    select = ["ID", "TITLE", "DESCRIPTION", "CREATED_BY", "RESPONSIBLE_ID", "DEADLINE", "UF_CRM_TASK",
              "UF_TASK_WEBDAV_FILES", "UF_MAIL_MESSAGE"]  # fmt: skip
    return {
        "taskId": task(box, UF_CRM_TASK=["L_1"], UF_TASK_WEBDAV_FILES=[f"n{file(box)}"]),
        "select": select,
    }


@example("tasks.task.start")
@example("tasks.task.defer")
@example("tasks.task.complete")
@example("tasks.task.startwatch")
@example("tasks.task.getaccess")
@example("tasks.task.favorite.add")
@example("tasks.task.favorite.remove")
@example("tasks.task.history.list")
@example("tasks.task.delete")
def _(box: Box) -> Params:
    return {"taskId": task(box)}


@example("tasks.task.stopwatch")
def _(box: Box) -> Params:
    return {"taskId": task(box, AUDITORS=[1, 5])}


@example("tasks.task.pin")
@example("tasks.task.unpin")
def _(box: Box) -> Params:
    return {"id": bare(box, DEADLINE="2031-05-12T18:00:00+03:00")}


@example("tasks.task.mute")
@example("tasks.task.unmute")
def _(box: Box) -> Params:
    return {"id": task(box)}


@example("tasks.task.update")
def _(box: Box) -> Params:
    return {"taskId": task(box), "fields": {"TITLE": "Подготовить ответ гражданину"}}


@example("tasks.task.list")
def _(box: Box) -> Params:
    task(box, TAGS=["ответы"])
    select = ["ID", "TITLE", "DESCRIPTION", "DEADLINE", "CREATED_DATE", "RESPONSIBLE_ID", "PRIORITY",
              "MARK", "STATUS", "AUDITORS", "ACCOMPLICES", "TAGS"]  # fmt: skip
    asked = {"WITH_TIMER_INFO": True, "WITH_RESULT_INFO": True, "WITH_PARSED_DESCRIPTION": True}
    return {
        "filter": {"RESPONSIBLE_ID": 9},
        "order": {"DEADLINE": "asc"},
        "select": [*select, "COUNTERS"],
        "params": asked,
    }


@example("tasks.task.delegate")
def _(box: Box) -> Params:
    return {"taskId": task(box), "userId": 10}


@example("tasks.task.pause")
def _(box: Box) -> Params:
    number = task(box)
    box.ok("tasks.task.start", {"taskId": number})
    return {"taskId": number}


@example("tasks.task.renew")
def _(box: Box) -> Params:
    number = task(box)
    box.ok("tasks.task.complete", {"taskId": number})
    return {"taskId": number}


@example("tasks.task.approve")
@example("tasks.task.disapprove")
def _(box: Box) -> Params:
    number = task(box, TASK_CONTROL="Y", CREATED_BY=3)
    box.ok("tasks.task.complete", {"taskId": number})
    return {"taskId": number}


@example("tasks.task.files.attach")
def _(box: Box) -> Params:
    return {"taskId": bare(box), "fileId": file(box)}


@example("tasks.task.result.list")
def _(box: Box) -> Params:
    number = bare(box)
    result(box, number)
    return {"taskId": number}


@example("task.commentitem.add")
def _(box: Box) -> Params:
    return {"TASKID": bare(box), "FIELDS": {"POST_MESSAGE": "Прошу ускорить"}}


@example("task.checklistitem.add")
def _(box: Box) -> Params:
    return {"TASKID": bare(box), "FIELDS": {"TITLE": "Изучить обращение"}}


@example("task.checklistitem.getlist")
def _(box: Box) -> Params:
    number = bare(box)
    item(box, number)
    return {"TASKID": number}


@example("task.checklistitem.get")
def _(box: Box) -> Params:
    number = bare(box)
    fields = {"TITLE": "Изучить", "PARENT_ID": item(box, number), "MEMBERS": {"9": {"TYPE": "U"}}}
    return {
        "TASKID": number,
        "ITEMID": box.ok("task.checklistitem.add", {"TASKID": number, "FIELDS": fields}),
    }


@example("task.checklistitem.complete")
@example("task.checklistitem.renew")
@example("task.checklistitem.delete")
def _(box: Box) -> Params:
    number = bare(box)
    return {"TASKID": number, "ITEMID": item(box, number)}


@example("task.checklistitem.update")
def _(box: Box) -> Params:
    number = bare(box)
    return {"TASKID": number, "ITEMID": item(box, number), "FIELDS": {"TITLE": "Порядок работы"}}


@example("task.checklistitem.moveafteritem")
def _(box: Box) -> Params:
    number = bare(box)
    return {"TASKID": number, "ITEMID": item(box, number), "AFTERITEMID": item(box, number, "Второй")}


@example("task.checklistitem.isactionallowed")
def _(box: Box) -> Params:
    number = bare(box)
    return {"TASKID": number, "ITEMID": item(box, number), "ACTIONID": 1}


@example("tasks.task.add", api="v3")
def _(box: Box) -> Params:
    fields = {"title": "Подготовить ответ", "creatorId": 1, "responsibleId": 9}
    return {"fields": fields | {"deadline": "2031-05-12T18:00:00+03:00", "crmItemIds": ["L_1"]}}


@example("tasks.task.get", api="v3")
def _(box: Box) -> Params:
    return {"id": task(box, UF_CRM_TASK=["L_1"]), "select": ["responsible.name", "responsible.email"]}


@example("tasks.task.list", api="v3")
def _(box: Box) -> Params:
    task(box)
    return {"select": ["id", "title", "responsibleId", "deadline", "status"]}


@example("tasks.task.update", api="v3")
def _(box: Box) -> Params:
    return {"id": bare(box), "fields": {"title": "Подготовить ответ гражданину"}}


@example("tasks.task.delete", api="v3")
@example("tasks.task.access.get", api="v3")
def _(box: Box) -> Params:
    return {"id": bare(box)}


@example("tasks.task.file.attach", api="v3")
def _(box: Box) -> Params:
    return {"taskId": bare(box), "fileIds": [file(box)]}


@example("tasks.task.chat.message.send", api="v3")
def _(box: Box) -> Params:
    return {"fields": {"taskId": bare(box), "text": "Прошу ускорить"}}


@example("tasks.task.result.add", api="v3")
def _(box: Box) -> Params:
    return {"fields": {"taskId": bare(box), "text": "Ответ готов"}}


@example("tasks.task.result.update", api="v3")
def _(box: Box) -> Params:
    return {"id": result(box, bare(box)), "fields": {"text": "Ответ отправлен"}}


@example("tasks.task.result.delete", api="v3")
def _(box: Box) -> Params:
    return {"id": result(box, bare(box))}


@example("tasks.task.result.addfromchatmessage", api="v3")
def _(box: Box) -> Params:
    return {"fields": {"messageId": message(box, bare(box))}}


@example("tasks.task.result.list", api="v3")
def _(box: Box) -> Params:
    number = bare(box)
    result(box, number)
    select = ["id", "taskId", "text", "authorId", "createdAt", "status", "messageId"]
    return {"filter": [["taskId", number]], "select": select}
