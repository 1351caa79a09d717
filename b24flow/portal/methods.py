"""Every REST method the product uses, as documented.

`METHODS` is the contract: a method or a top-level parameter that is not in it cannot be sent. Each
row names its page in the repository bitrix24/b24restdocs. Method names are written as documented;
the portal compares them without regard to case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

PAGE = 50
"""Rows of one page of every list method; not configurable
(settings/how-to-call-rest-api/list-methods-pecularities.md)."""

UNCOUNTED = -1
"""`start` that switches counting off: neither `total` nor `next` comes
(settings/performance/huge-data.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodFact:
    """What is known of one method; `rows` is the key of its result that holds the rows of a list.

    `write` means that a repeat could do harm. `rows=""` says that the result itself is the list.
    """

    name: str
    page: str
    scope: str
    write: bool
    batchable: bool
    params: frozenset[str]
    rows: str | None


def _fact(
    name: str,
    page: str,
    scope: str,
    params: str = "",
    *,
    write: bool = False,
    batchable: bool = True,
    rows: str | None = None,
) -> MethodFact:
    return MethodFact(
        name=name,
        page=page,
        scope=scope,
        write=write,
        batchable=batchable,
        params=frozenset(params.split()),
        rows=rows,
    )


_API = "api-reference"
_CRM = f"{_API}/crm/universal"
_TYPE = f"{_CRM}/user-defined-object-types"
_UF = f"{_CRM}/userfieldconfig"
_TASK = f"{_API}/tasks"
_DISK = f"{_API}/disk"
_BOT = f"{_API}/chat-bots/chat-bots-v2/imbot.v2"
_COMMENT = f"{_API}/crm/timeline/comments"
_LISTING = "select filter order start"

# fmt: off
# ruff: noqa: E501 - a table is read by its rows
_FACTS = (
    # a batch may carry writes, so a batch of unknown content counts as one
    _fact("batch", "settings/how-to-call-rest-api/batch.md", "basic", "halt cmd", write=True, batchable=False),
    _fact("scope", f"{_API}/common/system/scope.md", "basic", "full"),
    _fact("server.time", f"{_API}/common/system/server-time.md", "basic"),
    _fact("method.get", f"{_API}/common/system/method-get.md", "basic", "name"),
    _fact("profile", f"{_API}/common/users/profile.md", "basic"),
    _fact("user.get", f"{_API}/user/user-get.md", "user", "sort order FILTER ADMIN_MODE select start", rows=""),
    _fact("department.get", f"{_API}/departments/department-get.md", "department", "sort order ID NAME SORT PARENT UF_HEAD START", rows=""),
    _fact("crm.type.list", f"{_TYPE}/crm-type-list.md", "crm", "order filter start", rows="types"),
    _fact("crm.type.add", f"{_TYPE}/crm-type-add.md", "crm", "fields", write=True),
    _fact("crm.type.update", f"{_TYPE}/crm-type-update.md", "crm", "id fields", write=True),
    _fact("crm.type.get", f"{_TYPE}/crm-type-get.md", "crm", "id"),
    _fact("crm.category.list", f"{_CRM}/category/crm-category-list.md", "crm", "entityTypeId", rows="categories"),
    _fact("crm.status.list", f"{_API}/crm/status/crm-status-list.md", "crm", "order filter", rows=""),
    _fact("crm.status.add", f"{_API}/crm/status/crm-status-add.md", "crm", "fields", write=True),
    _fact("crm.status.update", f"{_API}/crm/status/crm-status-update.md", "crm", "id fields", write=True),
    _fact("crm.status.delete", f"{_API}/crm/status/crm-status-delete.md", "crm", "id params", write=True),
    _fact("userfieldconfig.list", f"{_UF}/userfieldconfig-list.md", "userfieldconfig", f"moduleId {_LISTING}", rows="fields"),
    _fact("userfieldconfig.add", f"{_UF}/userfieldconfig-add.md", "userfieldconfig", "moduleId field", write=True),
    _fact("userfieldconfig.update", f"{_UF}/userfieldconfig-update.md", "userfieldconfig", "moduleId id field", write=True),
    _fact("crm.item.fields", f"{_CRM}/crm-item-fields.md", "crm", "entityTypeId"),
    _fact("crm.item.list", f"{_CRM}/crm-item-list.md", "crm", f"entityTypeId {_LISTING}", rows="items"),
    _fact("crm.item.add", f"{_CRM}/crm-item-add.md", "crm", "entityTypeId fields", write=True),
    _fact("crm.item.update", f"{_CRM}/crm-item-update.md", "crm", "entityTypeId id fields", write=True),
    _fact("crm.item.get", f"{_CRM}/crm-item-get.md", "crm", "entityTypeId id"),
    _fact("crm.timeline.comment.add", f"{_COMMENT}/crm-timeline-comment-add.md", "crm", "fields", write=True),
    _fact("crm.timeline.comment.list", f"{_COMMENT}/crm-timeline-comment-list.md", "crm", _LISTING, rows=""),
    _fact("tasks.task.add", f"{_TASK}/tasks-task-add.md", "task", "fields", write=True),
    _fact("tasks.task.list", f"{_TASK}/tasks-task-list.md", "task", f"{_LISTING} params", rows="tasks"),
    _fact("tasks.task.get", f"{_TASK}/tasks-task-get.md", "task", "taskId select"),
    _fact("tasks.task.update", f"{_TASK}/tasks-task-update.md", "task", "taskId fields", write=True),
    _fact("tasks.task.complete", f"{_TASK}/status/tasks-task-complete.md", "task", "taskId", write=True),
    _fact("tasks.task.renew", f"{_TASK}/status/tasks-task-renew.md", "task", "taskId", write=True),
    _fact("tasks.task.history.list", f"{_TASK}/tasks-task-history-list.md", "task", "taskId filter order", rows="list"),
    _fact("tasks.task.result.list", f"{_TASK}/result/tasks-task-result-list.md", "task", "taskId", rows=""),
    _fact("disk.storage.getList", f"{_DISK}/storage/disk-storage-get-list.md", "disk", "filter order start", rows=""),
    _fact("disk.storage.getChildren", f"{_DISK}/storage/disk-storage-get-children.md", "disk", "id filter order start", rows=""),
    _fact("disk.storage.addFolder", f"{_DISK}/storage/disk-storage-add-folder.md", "disk", "id data rights", write=True),
    _fact("disk.folder.getChildren", f"{_DISK}/folder/disk-folder-get-children.md", "disk", "id filter order start", rows=""),
    _fact("disk.folder.addSubFolder", f"{_DISK}/folder/disk-folder-add-subfolder.md", "disk", "id data", write=True),
    # methods that carry files are refused inside a batch
    _fact("disk.folder.uploadFile", f"{_DISK}/folder/disk-folder-upload-file.md", "disk", "id data fileContent rights generateUniqueName", write=True, batchable=False),
    _fact("disk.file.get", f"{_DISK}/file/disk-file-get.md", "disk", "id"),
    _fact("disk.attachedObject.get", f"{_DISK}/attached-object/disk-attached-object-get.md", "disk", "id"),
    _fact("calendar.accessibility.get", f"{_API}/calendar/calendar-event/calendar-accessibility-get.md", "calendar", "users from to"),
    _fact("imbot.v2.Bot.register", f"{_BOT}/bots/bot-register.md", "imbot", "fields", write=True),
    _fact("imbot.v2.Bot.list", f"{_BOT}/bots/bot-list.md", "imbot", "botToken filter limit offset", rows="bots"),
    _fact("imbot.v2.Bot.update", f"{_BOT}/bots/bot-update.md", "imbot", "botId botToken fields", write=True),
    _fact("imbot.v2.Command.register", f"{_BOT}/commands/command-register.md", "imbot", "botId botToken fields", write=True),
    _fact("imbot.v2.Command.update", f"{_BOT}/commands/command-update.md", "imbot", "botId botToken commandId fields", write=True),
    _fact("imbot.v2.Command.list", f"{_BOT}/commands/command-list.md", "imbot", "botId botToken", rows="commands"),
    _fact("imbot.v2.Chat.Message.send", f"{_BOT}/messages/chat-message-send.md", "imbot", "botId botToken dialogId fields", write=True),
    _fact("imbot.v2.Chat.Message.update", f"{_BOT}/messages/chat-message-update.md", "imbot", "botId botToken messageId fields", write=True),
    # the offset acknowledges events below it; sending the same offset again changes nothing
    _fact("imbot.v2.Event.get", f"{_BOT}/events/event-get.md", "imbot", "botId botToken offset limit", rows="events"),
)
# fmt: on

METHODS: Mapping[str, MethodFact] = MappingProxyType({fact.name: fact for fact in _FACTS})


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method of `METHODS` with documented parameters.

    Raises:
        ValueError: the method, or a top-level parameter, is not in `METHODS`.
    """

    method: str
    params: Mapping[str, Any]

    def __post_init__(self) -> None:
        fact = METHODS.get(self.method)
        if fact is None:
            raise ValueError(f"not a method of the product: {self.method}")
        unknown = sorted(set(self.params) - fact.params)
        if unknown:
            raise ValueError(f"{self.method} has no documented parameter {', '.join(unknown)}")

    @property
    def fact(self) -> MethodFact:
        """What is known of the method."""
        return METHODS[self.method]


def rows(method: str, result: object) -> list[dict[str, Any]]:
    """Return the rows in the result of a list method; an empty PHP object counts as no rows.

    Raises:
        ValueError: the method has no rows, or the result has another shape.
    """
    key = METHODS[method].rows
    if key is None:
        raise ValueError(f"{method} does not return rows")
    found = result.get(key, []) if key and isinstance(result, dict) else result
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ValueError(f"{method} returned no list of rows")
    return found
