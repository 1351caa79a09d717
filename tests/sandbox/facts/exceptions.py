"""Where the sandbox follows the box and not a page of its documentation, and why.

Whoever adds a line writes the reason: the note that knows better, or what is wrong with the page.
A line that no longer excuses anything fails the suite.
"""

from __future__ import annotations

from typing import Final

_LANGUAGES = "the portal's languages are Russian and English, the page's another pair"
_IN_RESULT = "a brace of the example is misplaced: the time stands beside the result"
_LABELS = ("languageId", "editFormLabel", "listColumnLabel", "listFilterLabel", "errorMessage", "helpMessage")
_FALSE = "false in the sample stands for an event without it, as of an agent; notes, 3.5"
_TEXT_ONLY = "refused in words with an empty code, the page's table has a status for a code"

_SOME_USER = "the page shows some fields of a user; chat-bots-v2/entities.md has them all"
_SOME_FILE = "the page shows some fields of a file; chat-bots-v2/entities.md has them all"
_WHOLE_USER = "chat-bots-v2/entities.md counts it among the fields of a user"

SHAPE: Final[dict[str, dict[str, str]]] = {
    "im.dialog.messages.get": {
        "result.messages[].params.FILE_ID": "how a message names its files; `fileId` of imopenlines history",
    },
    "im.notify.schema.get": {
        "result.im": "the keys are the portal's modules",
        "result.rest": "the keys are the portal's modules",
    },
    "imbot.v2.Bot.get": {"result.users[].*": _SOME_USER},
    "imbot.v2.Bot.list": {"result.users[].*": _SOME_USER},
    "imbot.v2.Bot.register": {f"result.users[].{name}": _WHOLE_USER for name in ("email", "website")},
    "imbot.v2.Bot.update": {"result.users[].*": _SOME_USER},
    "imbot.v2.Chat.add": {f"result.users[].{name}": _WHOLE_USER for name in ("email", "website")},
    "imbot.v2.Chat.Message.get": {
        "result.message.unread": "chat-bots-v2/entities.md: answers have it, events do not",
        "result.message.viewed": "chat-bots-v2/entities.md: answers have it, events do not",
        "result.user.*": _SOME_USER,
    },
    "imbot.v2.Chat.Message.getContext": {
        "result.messages[].unread": "chat-bots-v2/entities.md: answers have it, events do not",
        "result.messages[].viewed": "chat-bots-v2/entities.md: answers have it, events do not",
        "result.users[].*": _SOME_USER,
    },
    "imbot.v2.Chat.User.list": {f"result[].{name}": _WHOLE_USER for name in ("email", "website")},
    "imbot.v2.File.upload": {"result.file.*": _SOME_FILE},
    "imopenlines.session.history.get": {"result.usersMessage.*": "the key is the number of the chat"},
    "crm.activity.configurable.add": {"result.time": _IN_RESULT},
    "crm.activity.configurable.update": {"result.time": _IN_RESULT},
    "crm.item.fields": {
        "result.fields.contacts": "another name of contactIds, which no answer with an item has",
        "result.fields.utm*": "object-fields.md counts them among the fields of every entity",
    },
    "crm.timeline.logmessage.list": {
        "result": "the box's code answers `logMessages` by tens; notes, contradiction 21",
        "total": "the box's code does not count; notes, contradiction 21",
    },
    "event.offline.get": {f"result.events[].EVENT_{one}": _FALSE for one in ("DATA", "ADDITIONAL")},
    "event.offline.list": {f"result[].EVENT_{one}": _FALSE for one in ("DATA", "ADDITIONAL")},
    "userfieldconfig.add": {"result.field.editFormLabel.*": _LANGUAGES},
    "userfieldconfig.get": {f"result.field.{name}.*": _LANGUAGES for name in _LABELS},
    "userfieldconfig.getTypes": {"result.types.rest_219_test": "a type some application has registered"},
    "userfieldconfig.list": {f"result.fields[].{name}.*": _LANGUAGES for name in _LABELS[:2]},
    "userfieldconfig.update": {f"result.field.{name}.*": _LANGUAGES for name in _LABELS},
    "landing.block.getcontent": {
        "result.manifest*": "the page shows two keys of a manifest; moveblock and getmanifest show the rest",
        "result.js": "the library's blocks have no scripts of their own",
    },
    "landing.block.getrepository": {"result.items*": "the keys are codes of blocks: the library is another"},
    "landing.site.fullExport": {"result.items.myfirstsite2026.items*": "the keys are ids of blocks"},
}
"""Method → path (with a closing `*` for all below) → reason."""

REQUIRED: Final[dict[str, dict[str, str]]] = {
    "im.chat.get": {
        "ENTITY_ID": "the page itself: the answer is null without it",
        "ENTITY_TYPE": "the page itself: the answer is null without it",
    },
    "im.chat.user.add": {
        "USERS": "refused with WRONG_REQUEST, which only the page of imopenlines.crm.chat.user.add names"
    },
    "crm.activity.configurable.update": {
        "fields": "the box's code changes what is given; notes, contradiction 36",
        "layout": "the box's code changes what is given; notes, contradiction 36",
    },
    "crm.activity.update": {
        f"fields.{name}": "the page of `add` has letters completed by an update of that flag alone"
        for name in ("COMMUNICATIONS", "OWNER_ID", "OWNER_TYPE_ID", "RESPONSIBLE_ID", "TYPE_ID")
    },
    "crm.status.delete": {"id": _TEXT_ONLY},
    "crm.status.entity.items": {"entityId": _TEXT_ONLY},
    "crm.status.get": {"id": _TEXT_ONLY},
    "crm.status.update": {"fields": _TEXT_ONLY, "id": _TEXT_ONLY},
    "landing.landing.add": {
        "fields.TITLE": "refused by BX_EMPTY_REQUIRED, which only addFolder's page names"
    },
    "landing.landing.copy": {"lid": "refused by MISSING_PARAMS as everywhere, this page leaves it out"},
    "landing.site.add": {
        "fields": "refused by MISSING_PARAMS as everywhere, this page leaves it out",
        "fields.CODE": "refused by BX_EMPTY_REQUIRED, which only addFolder's page names",
        "fields.TITLE": "refused by BX_EMPTY_REQUIRED, which only addFolder's page names",
    },
    "landing.site.addFolder": {
        "fields": "refused by MISSING_PARAMS as everywhere, this page leaves it out",
        "siteId": "refused by MISSING_PARAMS as everywhere, this page leaves it out",
    },
    "log.blogpost.add": {"UF_": "the asterisk belongs to the mask UF_*"},
    "log.blogpost.update": {"UF_": "the asterisk belongs to the mask UF_*"},
}
"""Method → parameter that the page marks as required and the box does not demand → reason."""

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
