"""Where the sandbox follows the box and not a page of its documentation, and why.

Whoever adds a line writes the reason: the note that knows better, or what is wrong with the page.
A line that no longer excuses anything fails the suite.
"""

from __future__ import annotations

from typing import Final

_FALSE = "false in the sample stands for an event without it, as of an agent; notes, 3.5"
_TEXT_ONLY = "refused in words with an empty code, the page's table has a status for a code"

SHAPE: Final[dict[str, dict[str, str]]] = {
    "im.disk.file.commit": {
        "result.FILES.*": "the keys carry the numbers of the files",
        "result.FILE_MODELS.*": "the keys carry the numbers of the files",
    },
    "app.info": {
        f"result.LICENSE_{one}": "kinds of licences are the cloud's; notes, 1.9" for one in ("FAMILY", "TYPE")
    },
    "batch": {"result.*": "the keys are the caller's own names of commands"},
    "im.dialog.messages.get": {
        "result.messages[].params.FILE_ID": "how a message names its files; `fileId` of imopenlines history",
    },
    "im.notify.schema.get": {
        "result.im": "the keys are the portal's modules",
        "result.rest": "the keys are the portal's modules",
    },
    "crm.item.fields": {
        "result.fields.contacts": "another name of contactIds, which no answer with an item has",
    },
    "crm.timeline.logmessage.list": {
        "result": "the box's code answers `logMessages` by tens; notes, contradiction 21",
        "total": "the box's code does not count; notes, contradiction 21",
    },
    "tasks.task.getFields": {"result.fields.UF_NEW_TASKS_FIELD": "a custom field somebody has added"},
    "tasks.task.result.list": {"result[].files": "files of a result cannot be given by REST"},
    "event.offline.get": {f"result.events[].EVENT_{one}": _FALSE for one in ("DATA", "ADDITIONAL")},
    "event.offline.list": {f"result[].EVENT_{one}": _FALSE for one in ("DATA", "ADDITIONAL")},
    "userfieldconfig.getTypes": {"result.types.rest_219_test": "a type some application has registered"},
    "landing.block.getcontent": {
        "result.js": "the library's blocks have no scripts of their own",
    },
    "landing.block.getrepository": {"result.items*": "the keys are codes of blocks: the library is another"},
    "landing.site.fullExport": {"result.items.myfirstsite2026.items*": "the keys are ids of blocks"},
}
"""Method → path (with a closing `*` for all below) → reason."""

REQUIRED: Final[dict[str, dict[str, str]]] = {
    "im.disk.file.commit": {
        "DIALOG_ID": "the page itself: either it or CHAT_ID",
        "FILE_ID": "the page itself: either it or UPLOAD_ID",
    },
    "im.disk.folder.get": {"DIALOG_ID": "the page itself: either it or CHAT_ID"},
    "access.name": {"ACCESS": "the page itself: the answer is false without it"},
    "user.access": {"ACCESS": "the box's code compares nothing and answers false; true to an administrator"},
    "batch": {"cmd": "a batch without commands is answered by five empty maps"},
    "im.chat.get": {
        "ENTITY_ID": "the page itself: the answer is null without it",
        "ENTITY_TYPE": "the page itself: the answer is null without it",
    },
    "crm.activity.configurable.update": {
        "fields": "the box's code changes what is given; notes, contradiction 36",
        "layout": "the box's code changes what is given; notes, contradiction 36",
    },
    "crm.activity.update": {
        f"fields.{name}": "the page of `add` has letters completed by an update of that flag alone"
        for name in ("COMMUNICATIONS", "OWNER_ID", "OWNER_TYPE_ID", "RESPONSIBLE_ID", "TYPE_ID")
    },
}
"""Method → parameter that the page marks as required and the box does not demand → reason."""

REFUSED: Final[dict[str, dict[str, str]]] = {
    "crm.status.delete": {"": _TEXT_ONLY},
    "crm.status.entity.items": {"": _TEXT_ONLY},
    "crm.status.get": {"": _TEXT_ONLY},
    "crm.status.update": {"": _TEXT_ONLY},
    "im.chat.user.add": {"WRONG_REQUEST": "only the page of imopenlines.crm.chat.user.add names it"},
}
"""Method → code of its refusal that no page of its area names → reason."""

CODES: Final[dict[str, str]] = {
    "100": "the controllers' own refusal of an absent parameter; pages name it in their texts only",
    "APPLICATION_NOT_FOUND": "rest module: the application of a token is gone; notes of errors",
    "ERROR_ARGUMENT": "rest module: an absent argument of the older methods; notes of errors",
    "BOT_TOKEN_INVALID_LENGTH": "imbot: named in the prose of bot-register.md",
    "CRM_FIELD_ERROR_REQUIRED": "crm: an empty required field; example of crm-item-batch-import.md",
    "ERROR_METHOD_NOT_FOUND": "rest module: an unknown method; named in the prose of rest-v3.md",
    "ERROR_PLACEMENT_NOT_FOUND": "rest module: no such placement; prose of the pages of widgets",
    "ERROR_TASK_CREATE_ACCESS_DENIED": "tasks module: rights of a new task; notes of tasks",
    "ERROR_UNSUPPORTED_PROTOCOL": "rest module: the check of a handler's address; pages of robots",
    "ERROR_WRONG_HANDLER_URL": "rest module: the check of a handler's address; pages of robots",
    "INVALID_ERROR_CONTEXT": "mobileapp module: an option of a placement; prose of mobile-app.md",
    "WRONG_AUTH_TYPE": "rest module: a webhook calls what is an application's; pages of older methods",
    "authorization_error": "rest module: nobody stands behind a token; notes of errors",
    "invalid_token": "rest module: no such token; notes of errors",
}
"""Code that no table of errors names → who raises it on a box."""
