"""Builders of calls: the names of fields on the wire are written here and nowhere else.

A builder exists where it pays: for writes, and for the look-ups that must precede a repeat of one.
Fields are the documented ones; the page of each method stands in `b24flow.portal.methods`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from b24flow.portal.methods import UNCOUNTED, Call


def wire_time(moment: datetime) -> str:
    """Return an instant as the portal takes it: ISO-8601 with an offset, whole seconds.

    Raises:
        ValueError: the instant is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a portal instant needs an offset")
    return moment.isoformat(timespec="seconds")


def crm_item_add(entity_type_id: int, *, xml_id: str, fields: Mapping[str, Any]) -> Call:
    """Build the creation of a registry item with our key; `fields` as in crm.item.fields."""
    return Call(
        "crm.item.add", {"entityTypeId": entity_type_id, "fields": {**fields, "xmlId": xml_id}}
    )


def crm_item_update(entity_type_id: int, item_id: int, fields: Mapping[str, Any]) -> Call:
    """Build a change of a registry item; only the given fields change."""
    return Call(
        "crm.item.update", {"entityTypeId": entity_type_id, "id": item_id, "fields": dict(fields)}
    )


def crm_item_list(
    entity_type_id: int,
    *,
    select: Sequence[str],
    filters: Mapping[str, Any],
    after_id: int = 0,
) -> Call:
    """Build one keyset page: items with a greater id, by id, without counting.

    Offset paging skips items that move meanwhile (settings/performance/huge-data.md).
    """
    return Call(
        "crm.item.list",
        {
            "entityTypeId": entity_type_id,
            "select": list(select),
            "filter": {**filters, ">id": after_id},
            "order": {"id": "ASC"},
            "start": UNCOUNTED,
        },
    )


def crm_item_find(entity_type_id: int, xml_id: str, *, select: Sequence[str]) -> Call:
    """Build the look-up of our item by its key; compare `xmlId` of what comes once more."""
    return crm_item_list(entity_type_id, select=[*select, "xmlId"], filters={"=xmlId": xml_id})


def comment_add(entity_type_id: int, item_id: int, text: str) -> Call:
    """Build a comment in the timeline of a registry item; its author is the webhook's user."""
    return Call(
        "crm.timeline.comment.add",
        {"fields": {**_timeline(entity_type_id, item_id), "COMMENT": text}},
    )


def comment_list(entity_type_id: int, item_id: int) -> Call:
    """Build the reading of the newest page of comments of a registry item."""
    return Call(
        "crm.timeline.comment.list",
        {
            "filter": _timeline(entity_type_id, item_id),
            "select": ["ID", "CREATED", "AUTHOR_ID", "COMMENT"],
            "order": {"ID": "DESC"},
        },
    )


def _timeline(entity_type_id: int, item_id: int) -> dict[str, Any]:
    return {"ENTITY_ID": item_id, "ENTITY_TYPE": f"dynamic_{entity_type_id}"}


def crm_binding(entity_type_id: int, item_id: int) -> str:
    """Return the value of `UF_CRM_TASK` that ties a task to an item of a smart process.

    >>> crm_binding(177, 29)
    'Tb1_29'
    """
    return f"T{entity_type_id:x}_{item_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFields:
    """Fields of a task; None leaves a field out, so an update does not touch it.

    `files` are ids of Disk objects. `result_required` forbids to complete without a result
    (api-reference/tasks/fields.md, tasks-task-add.md).
    """

    title: str | None = None
    description: str | None = None
    responsible: int | None = None
    creator: int | None = None
    accomplices: Sequence[int] | None = None
    auditors: Sequence[int] | None = None
    deadline: datetime | None = None
    xml_id: str | None = None
    bindings: Sequence[str] | None = None
    files: Sequence[int] | None = None
    tags: Sequence[str] | None = None
    controlled: bool | None = None
    may_move_deadline: bool | None = None
    result_required: bool | None = None

    def wire(self) -> dict[str, Any]:
        """Return the fields as the method takes them."""
        fields: dict[str, Any] = {
            "TITLE": self.title,
            "DESCRIPTION": self.description,
            "RESPONSIBLE_ID": self.responsible,
            "CREATED_BY": self.creator,
            "ACCOMPLICES": _list(self.accomplices),
            "AUDITORS": _list(self.auditors),
            "DEADLINE": None if self.deadline is None else wire_time(self.deadline),
            "XML_ID": self.xml_id,
            "UF_CRM_TASK": _list(self.bindings),
            "UF_TASK_WEBDAV_FILES": None if self.files is None else [f"n{i}" for i in self.files],
            "TAGS": _list(self.tags),
            "TASK_CONTROL": _flag(self.controlled),
            "ALLOW_CHANGE_DEADLINE": _flag(self.may_move_deadline),
        }
        if self.result_required is not None:
            fields["SE_PARAMETER"] = [{"CODE": 3, "VALUE": _flag(self.result_required)}]
        return {name: value for name, value in fields.items() if value is not None}


def _list(values: Iterable[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)


def _flag(value: bool | None) -> str | None:
    return None if value is None else "Y" if value else "N"


def task_add(fields: TaskFields) -> Call:
    """Build the creation of a task with our key in `XML_ID`.

    The method may answer with an error or an empty result although the task was created: look it
    up by `task_find` before an incident is made of it.

    Raises:
        ValueError: a title, a responsible person or the key is missing.
    """
    if not (fields.title and fields.responsible and fields.xml_id):
        raise ValueError("a task needs a title, a responsible person and a key")
    return Call("tasks.task.add", {"fields": fields.wire()})


def task_update(task_id: int, fields: TaskFields) -> Call:
    """Build a change of the given fields of a task."""
    return Call("tasks.task.update", {"taskId": task_id, "fields": fields.wire()})


def task_list(
    *,
    filters: Mapping[str, Any],
    select: Sequence[str],
    order: Mapping[str, Literal["asc", "desc"]],
    start: int = UNCOUNTED,
) -> Call:
    """Build the reading of a page of tasks; the portal ignores a filter key it does not know."""
    return Call(
        "tasks.task.list",
        {"filter": dict(filters), "select": list(select), "order": dict(order), "start": start},
    )


def task_find(xml_id: str, *, select: Sequence[str]) -> Call:
    """Build the look-up of our task by its key, the oldest first.

    The documentation does not list the filter `XML_ID`: compare `xmlId` of what comes once more,
    because an ignored filter returns all tasks.
    """
    return task_list(
        filters={"XML_ID": xml_id}, select=["ID", "XML_ID", *select], order={"ID": "asc"}
    )


def task_complete(task_id: int) -> Call:
    """Build the completion of a task."""
    return Call("tasks.task.complete", {"taskId": task_id})


def task_renew(task_id: int) -> Call:
    """Build the return of a completed task to work."""
    return Call("tasks.task.renew", {"taskId": task_id})


def message_send(
    bot_id: int,
    bot_token: str,
    dialog_id: str,
    *,
    text: str,
    template_id: str,
    keyboard: Sequence[Mapping[str, Any]] = (),
) -> Call:
    """Build a message of the bot; a repeat with the same `template_id` sends nothing more.

    `dialog_id` is a user's id as a string, or `chat<id>`. `template_id` is of the form of a
    lower-case UUIDv4: with another form the portal does not recognise a repeat.
    """
    fields: dict[str, Any] = {"message": text, "templateId": template_id}
    if keyboard:
        fields["keyboard"] = _keyboard(bot_id, keyboard)
    return Call(
        "imbot.v2.Chat.Message.send",
        {"botId": bot_id, "botToken": bot_token, "dialogId": dialog_id, "fields": fields},
    )


def message_update(
    bot_id: int,
    bot_token: str,
    message_id: int,
    *,
    text: str,
    keyboard: Sequence[Mapping[str, Any]] = (),
) -> Call:
    """Build a change of the bot's own message; without buttons the old ones are taken away.

    Raises:
        ValueError: the text is empty, which would delete the message.
    """
    if not text:
        raise ValueError("an empty text deletes the message")
    keys: object = _keyboard(bot_id, keyboard) if keyboard else "N"
    return Call(
        "imbot.v2.Chat.Message.update",
        {
            "botId": bot_id,
            "botToken": bot_token,
            "messageId": message_id,
            "fields": {"message": text, "keyboard": keys},
        },
    )


def command_button(text: str, command: str, params: str, *, colour: str = "") -> dict[str, Any]:
    """Return a button that sends a command to the bot and blocks after the press.

    Fields: api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/message-keyboards.md.
    """
    button = {"TEXT": text, "COMMAND": command, "COMMAND_PARAMS": params, "BLOCK": "Y"}
    return {**button, "DISPLAY": "LINE", **({"BG_COLOR_TOKEN": colour} if colour else {})}


def link_button(text: str, url: str) -> dict[str, Any]:
    """Return a button that opens a page: http(s) or relative to the portal."""
    return {"TEXT": text, "LINK": url, "DISPLAY": "LINE"}


def new_line() -> dict[str, Any]:
    """Return the mark after which buttons stand on a new line."""
    return {"TYPE": "NEWLINE"}


def _keyboard(bot_id: int, buttons: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"BOT_ID": bot_id, "BUTTONS": [dict(button) for button in buttons]}


def bot_events(bot_id: int, bot_token: str, *, offset: int | None, limit: int = 100) -> Call:
    """Build the reading of the bot's events; an `offset` acknowledges all events below it."""
    params: dict[str, Any] = {"botId": bot_id, "botToken": bot_token, "limit": limit}
    if offset is not None:
        params["offset"] = offset
    return Call("imbot.v2.Event.get", params)


def root_folder_add(storage_id: int, name: str) -> Call:
    """Build the creation of a folder in the root of a storage; a used name is `DISK_OBJ_22000`."""
    return Call("disk.storage.addFolder", {"id": storage_id, "data": {"NAME": name}})


def folder_add(folder_id: int, name: str) -> Call:
    """Build the creation of a subfolder; a used name is refused with `DISK_OBJ_22000`."""
    return Call("disk.folder.addSubFolder", {"id": folder_id, "data": {"NAME": name}})


def folder_children(folder_id: int, *, name: str | None = None, start: int = 0) -> Call:
    """Build the reading of a page of a folder, or of the one object of that name in it."""
    params: dict[str, Any] = {"id": folder_id, "order": {"ID": "ASC"}, "start": start}
    if name is not None:
        params["filter"] = {"=NAME": name}
    return Call("disk.folder.getChildren", params)


def file_upload(folder_id: int, name: str, content: bytes) -> Call:
    """Build the upload of a file under exactly this name; a used name is `DISK_OBJ_22000`.

    `generateUniqueName` stays at its default "no": the name is our key.
    """
    return Call(
        "disk.folder.uploadFile",
        {
            "id": folder_id,
            "data": {"NAME": name},
            "fileContent": [name, base64.b64encode(content).decode("ascii")],
        },
    )
